"""headturn as a user runs it: in this process where that suffices, in one of its own where signals or rights matter."""

import contextlib
import io
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from unittest import mock

from headturn import cli

NOBODY = 65534


@dataclass(frozen=True)
class Said:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """The one line of an error.

        Raises:
            AssertionError: more than one, none, or a traceback.
        """
        lines = self.err.strip().splitlines()
        assert len(lines) == 1, self.err
        assert lines[0].startswith("headturn: "), self.err
        return lines[0]


def headturn(*arguments: object, columns: int = 120) -> Said:
    """The command line in this process, its output not a terminal."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    with (
        mock.patch.object(sys, "argv", ["headturn", *map(str, arguments)]),
        mock.patch.dict(os.environ, {"COLUMNS": str(columns)}),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            cli.main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
    return Said(code, out.getvalue(), err.getvalue())


def command(*arguments: object) -> list[str]:
    """The command line as a process of its own."""
    return [sys.executable, "-m", "headturn", *map(str, arguments)]


def spawned(*arguments: object, before: Sequence[str] = (), **options: object) -> Said:
    """The command line run in a process of its own, after the words `before`."""
    done = subprocess.run([*before, *command(*arguments)], capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]
    return Said(done.returncode, done.stdout, done.stderr)


@cache
def unprivileged() -> list[str]:
    """Words before a command that take away root's right to read everything; none where tests do not run as root.

    As nobody, where nobody may read the interpreter; where it lies in root's home, as root without any capability: to
    both the kernel refuses what the file's mode refuses.

    Raises:
        AssertionError: neither works here.
    """
    if os.geteuid():
        return []
    ways = (
        ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"],
        ["setpriv", "--inh-caps=-all", "--bounding-set=-all"],
    )
    for way in ways:
        tried = subprocess.run([*way, sys.executable, "-c", "import headturn.cli"], capture_output=True, check=False)
        if not tried.returncode:
            return way
    raise AssertionError("no way to run headturn without root's rights: setpriv (util-linux) is needed")
