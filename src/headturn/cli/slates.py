"""The verbs of slates and rigs: slate, sync, drift."""
