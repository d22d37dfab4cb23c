"""The verbs of the growing cut: watch, assemble, lock, unlock, render."""
