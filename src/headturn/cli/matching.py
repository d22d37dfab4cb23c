"""The verbs of the set: match, next."""
