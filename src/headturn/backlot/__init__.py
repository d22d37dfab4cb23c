"""Where it is tried: a generated world with exactly known motion and joins."""
