"""Everything headturn raises on purpose.

    HeadturnError              one clear sentence: what, which file, what to do
    ├── CannotRead             a file that is missing, broken, not permitted or no recording
    │   └── NoImage            a readable recording without a video track
    ├── NoTelemetry            a recording without a motion track where one was asked for
    ├── BadOption              an option, film.toml or film.csv that makes no sense
    ├── NothingToDo            a folder without a single usable take
    ├── DecidedMeanwhile       another station decided about the same shot, and this one has not seen it
    └── CannotWrite            no space, no permission, a result that could not be finished

The library raises; only the command line and the web page catch and phrase.
"""

from pathlib import Path


class HeadturnError(Exception):
    """The root: `str(error)` is the sentence a user reads."""


class CannotRead(HeadturnError):
    """A file cannot be used. `path` is the file, `why` what is wrong, `cure` what to do."""

    def __init__(self, path: Path | str, why: str, cure: str) -> None:
        self.path, self.why, self.cure = Path(path), why, cure
        super().__init__(f"{self.path.name}: {why}; {cure}.")

    def __reduce__(self) -> tuple[type["CannotRead"], tuple[Path, str, str]]:
        return type(self), (self.path, self.why, self.cure)


class NoImage(CannotRead):
    """A recording without a video track."""


class NoTelemetry(HeadturnError):
    """A recording carries no motion data that can be read."""


class BadOption(HeadturnError):
    """An option or a settings file makes no sense."""


class NothingToDo(HeadturnError):
    """Not one usable take was found."""


class DecidedMeanwhile(HeadturnError):
    """Another station decided about the same shot before this one had seen it; nothing was written."""


class CannotWrite(HeadturnError):
    """A result could not be written. `path` is where, `why` what is wrong, `cure` what to do."""

    def __init__(self, path: Path | str, why: str, cure: str) -> None:
        self.path, self.why, self.cure = Path(path), why, cure
        super().__init__(f"{self.path}: {why}; {cure}.")

    def __reduce__(self) -> tuple[type["CannotWrite"], tuple[Path, str, str]]:
        return type(self), (self.path, self.why, self.cure)
