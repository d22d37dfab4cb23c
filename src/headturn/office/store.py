"""The only place that knows the paths in a film's folder.

FILM/
  film.toml        settings, written by people and by the command line
  film.csv         the takes in order: file, slate, performer, mark, in, out
  cut.json         the cut
  film.mp4         the viewing copy             film-master.mov  the 10-bit intermediate, on request
  film.otio        for editing systems
  report.html      for people
  blindtest.json   blind tests of the film and what their viewers answered
  film.db          the catalogue: what came in and every decision; never safe to delete
  rigs.toml        the rigs, written by people
  .headturn/       kept results, safe to delete: motion/, joins/, reels/, cards.json, watched.json
"""

import errno
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import platformdirs
from numpy.typing import NDArray

from headturn import __version__
from headturn.errors import BadOption, CannotRead, CannotWrite

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Store:
    """A film's folder."""

    folder: Path

    @property
    def settings(self) -> Path:
        """film.toml"""
        return self.folder / "film.toml"

    @property
    def order(self) -> Path:
        """film.csv"""
        return self.folder / "film.csv"

    @property
    def cut(self) -> Path:
        """cut.json"""
        return self.folder / "cut.json"

    @property
    def film(self) -> Path:
        """film.mp4"""
        return self.folder / "film.mp4"

    @property
    def master(self) -> Path:
        """film-master.mov"""
        return self.folder / "film-master.mov"

    @property
    def timeline(self) -> Path:
        """film.otio"""
        return self.folder / "film.otio"

    @property
    def report(self) -> Path:
        """report.html"""
        return self.folder / "report.html"

    @property
    def blindtest(self) -> Path:
        """blindtest.json"""
        return self.folder / "blindtest.json"

    @property
    def screening(self) -> Path:
        """screening.json, what viewers rated at screenings and what that taught"""
        return self.folder / "screening.json"

    @property
    def catalogue(self) -> Path:
        """film.db"""
        return self.folder / "film.db"

    @property
    def reels(self) -> Path:
        """Rendered parts of the film."""
        return self.folder / ".headturn" / "reels"

    @property
    def cards(self) -> Path:
        """.headturn/cards.json, where each roll's card was mounted"""
        return self.folder / ".headturn" / "cards.json"

    @property
    def watched(self) -> Path:
        """.headturn/watched.json, what `watch` told already"""
        return self.folder / ".headturn" / "watched.json"

    def open(self) -> None:
        """Make the folder.

        Raises:
            CannotWrite: no permission, no space, or a file of that name.
        """
        with writing(self.folder):
            (self.folder / ".headturn").mkdir(parents=True, exist_ok=True)

    def write(self, path: Path, content: str | bytes) -> None:
        """Write a file whole or not at all.

        Raises:
            CannotWrite: no permission or no space.
        """
        # Names of files need not be UTF-8; what is written is.
        data = content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            unfinished = _unfinished(path)
            try:
                with unfinished.open("wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                unfinished.replace(path)
            finally:
                unfinished.unlink(missing_ok=True)

    def write_json(self, path: Path, values: Any) -> None:  # noqa: ANN401
        """Write plain JSON values, readable by people."""
        self.write(path, json.dumps(values, indent=2, ensure_ascii=False) + "\n")

    def path_from(self, path: Path) -> str:
        """A path as it is written into this folder's files: relative, with forward slashes."""
        return Path(os.path.relpath(path.resolve(), self.folder.resolve())).as_posix()

    def own(self, path: Path, key: str = "") -> None:
        """Remember a file as headturn wrote it, with the key of what it was made from."""
        notes = self._ownership() | {self._known_as(path): [key, _fingerprint(path)]}
        self.write_json(self.folder / ".headturn" / "own.json", notes)

    def is_own(self, path: Path, key: str = "") -> bool:
        """Whether a file is still as headturn wrote it, from the same key; false once people have changed it."""
        return path.exists() and self._ownership().get(self._known_as(path)) == [key, _fingerprint(path)]

    def _known_as(self, path: Path) -> str:
        """By its name, where it lies in this folder."""
        whole = path.resolve()
        return whole.name if whole.parent == self.folder.resolve() else str(whole)

    def _ownership(self) -> dict[str, list[str]]:
        try:
            notes = json.loads((self.folder / ".headturn" / "own.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return notes if isinstance(notes, dict) else {}

    def kept_arrays(self, kind: str, inputs: object, make: Callable[[], Arrays]) -> Arrays:
        """Arrays made once for these inputs and this version, and read back after that."""
        path = self._kept(kind, inputs, ".npz")
        if path.exists():
            try:
                with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
                    return dict(archive)
            except (OSError, ValueError, EOFError, BadZipFile):
                path.unlink(missing_ok=True)  # a torn file is made again
        arrays = make()
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            unfinished = _unfinished(path)
            try:
                np.savez(unfinished, allow_pickle=False, **arrays)
                unfinished.replace(path)
            finally:
                unfinished.unlink(missing_ok=True)
        return arrays

    def keeps_arrays(self, kind: str, inputs: object) -> bool:
        """Whether `kept_arrays` has made them already."""
        return self._kept(kind, inputs, ".npz").exists()

    def kept_json(self, kind: str, inputs: object, make: Callable[[], Any]) -> Any:  # noqa: ANN401
        """Plain JSON values made once for these inputs and this version, and read back after that."""
        path = self._kept(kind, inputs, ".json")
        if path.exists():
            try:
                return json.loads(path.read_text(encoding="utf-8"))
            except (OSError, ValueError):
                path.unlink(missing_ok=True)
        values = make()
        self.write(path, json.dumps(values))
        return values

    def _kept(self, kind: str, inputs: object, suffix: str) -> Path:
        key = hashlib.sha256(repr((__version__, kind, inputs)).encode()).hexdigest()[:24]
        return self.folder / ".headturn" / kind / f"{key}{suffix}"


def at_hand(folder: Path) -> Store:
    """The store of the film whose folder this is, else one among the user's caches."""
    if any((folder / name).exists() for name in (".headturn", "cut.json", "film.toml")):
        return Store(folder)
    return Store(platformdirs.user_cache_path("headturn", appauthor=False))


def film_at(folder: Path | None = None) -> Store:
    """The store of the film that a folder belongs to: the folder's own, else that of the nearest folder above it.

    folder: None means the one that HEADTURN_FILM names, else the current one

    Raises:
        BadOption: neither it nor any folder above it is a film's. CannotRead: it may not be looked into.
    """
    start = (folder or Path(os.environ.get("HEADTURN_FILM") or ".")).resolve()
    for each in (start, *start.parents):
        try:
            if (each / "film.toml").is_file():
                return Store(each)
        except PermissionError:
            raise CannotRead(each, "you may not look into this folder", "ask for permission to read it") from None
    raise BadOption(f"{start}: is no film's folder; make one with headturn new, or name it with --film.")


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turns what the system says of a failed write into a sentence."""
    try:
        yield
    except OSError as error:
        why, cure = _WHY.get(error.errno or 0, (str(error.strerror or error), "choose another folder"))
        raise CannotWrite(path, why, cure) from None


_WHY = {
    errno.ENOSPC: ("no space is left on the disk", "free some space and run the same command again, it goes on"),
    errno.EDQUOT: ("the disk quota is used up", "free some space and run the same command again, it goes on"),
    errno.EACCES: ("you may not write there", "choose another folder or change its permissions"),
    errno.EROFS: ("the disk is read-only", "choose another folder"),
    errno.ENOTDIR: ("a part of this path is a file", "choose another folder"),
    errno.EEXIST: ("a file of that name is in the way", "choose another folder"),
}


def _fingerprint(path: Path) -> str:
    """Size and time of change for pictures, which are large; the contents for what people edit."""
    if path.suffix == ".csv":
        return hashlib.sha256(path.read_bytes()).hexdigest()
    about = path.stat()
    return f"{about.st_size}-{about.st_mtime_ns}"


def _unfinished(path: Path) -> Path:
    """Where a file is written until it is whole; always the same, so that what a killed run leaves is written over."""
    return path.with_name(f".unfinished-{path.name}")
