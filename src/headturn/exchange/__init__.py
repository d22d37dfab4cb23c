"""Who takes over: one module for each foreign format."""
