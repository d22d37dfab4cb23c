"""The program: all verbs put together, and what it says and returns when something is wrong."""

import io
import logging
import sys

from headturn.cli import cards, cutting, days, film, log, matching, slates, viewers  # noqa: F401  # their verbs
from headturn.cli.app import app
from headturn.errors import BadOption, HeadturnError

INTERRUPTED = 130
"""Exit code of a program stopped by Ctrl-C, as shells have it."""


def main() -> None:
    """Run the command line; every error of headturn is one sentence and exit code 1, bad options 2, Ctrl-C 130."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # names of files that the terminal cannot show
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # it would report a home that it cannot write to
    try:
        app(standalone_mode=True)
    except SystemExit as end:  # Ctrl-C at any moment ends here, while libraries are loaded as well
        if end.code == INTERRUPTED:
            print("headturn: interrupted; run the same command again, it goes on from what was done.", file=sys.stderr)
        raise
    except BadOption as error:
        print(f"headturn: {error}", file=sys.stderr)
        sys.exit(2)
    except HeadturnError as error:
        print(f"headturn: {error}", file=sys.stderr)
        sys.exit(1)
