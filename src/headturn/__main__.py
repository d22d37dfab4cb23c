"""`python -m headturn` is the command line."""

from headturn.cli import main

main()
