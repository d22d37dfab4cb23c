"""The verbs of the production log: new, takes, circle, mark, bin, undo."""
