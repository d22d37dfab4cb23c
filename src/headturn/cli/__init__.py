"""The verbs of headturn in a terminal: thin, over the office's functions."""

from headturn.cli.program import main as main
