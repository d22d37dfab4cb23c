"""What lies on a card, or in a roll's folder: every file with its size and time, and what is left out and why."""

import os
import stat
import unicodedata
from dataclasses import dataclass
from pathlib import Path

LEFT_OUT = frozenset({".DS_Store", "ascmhl", ".Trashes", ".Spotlight-V100"})
"""What computers, not cameras, put on a card, and the manifest's own folder."""
UNFINISHED = ".headturn-unfinished"
"""Where in a roll's folder files lie until they are whole."""
_STEPS_NS = (1, 100, 1_000, 1_000_000, 10_000_000, 1_000_000_000, 2_000_000_000)
"""How finely file systems keep a file's time: ext4 1 ns, NTFS 100 ns, exFAT 10 ms, FAT 2 s."""


@dataclass(frozen=True)
class Found:
    """A file. file: its path below the folder, forward slashes; changed_ns: when it was last written, by its disk."""

    file: str
    size: int
    changed_ns: int


@dataclass(frozen=True)
class Listing:
    """All that lies in a folder.

    files, folders: sorted by path; left_out: paths not taken, as they are called
    unreadable: a sentence for each file or folder that cannot be read or named
    """

    files: tuple[Found, ...]
    folders: tuple[str, ...]
    left_out: tuple[str, ...]
    unreadable: tuple[str, ...]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(each.size for each in self.files)

    @property
    def by_file(self) -> dict[str, Found]:
        """The files by their paths."""
        return {each.file: each for each in self.files}


def listed(folder: Path) -> Listing:
    """All that lies in a folder; links are not followed.

    Raises:
        OSError: the folder itself cannot be read.
    """
    files: list[Found] = []
    folders: list[str] = []
    left_out: list[str] = []
    unreadable: list[str] = []
    waiting = [""]
    while waiting:
        below = waiting.pop()
        try:
            with os.scandir(folder / below) as entries:
                for entry in entries:
                    path = f"{below}/{entry.name}" if below else entry.name
                    try:
                        _sort_in(entry, path, files, waiting, left_out, unreadable)
                    except OSError as error:
                        unreadable.append(f"{path}: cannot be read ({error.strerror})")
        except OSError as error:
            if not below:
                raise
            unreadable.append(f"{below}: cannot be read ({error.strerror})")
        if below:
            folders.append(below)
    files.sort(key=lambda each: each.file)
    return Listing(tuple(files), tuple(sorted(folders)), tuple(sorted(left_out)), tuple(sorted(unreadable)))


def _sort_in(
    entry: os.DirEntry[str],
    path: str,
    files: list[Found],
    folders: list[str],
    left_out: list[str],
    unreadable: list[str],
) -> None:
    if entry.name in LEFT_OUT or entry.name == UNFINISHED:
        left_out.append(path)
    elif not _is_text(entry.name):
        unreadable.append(f"{path!a}: its name is no plain text and cannot stand in a manifest; rename it")
    elif entry.is_symlink():
        left_out.append(f"{path} (a link)")
    elif entry.is_dir(follow_symlinks=False):
        folders.append(path)
    else:
        about = entry.stat(follow_symlinks=False)
        if stat.S_ISREG(about.st_mode):
            files.append(Found(path, about.st_size, about.st_mtime_ns))
        else:
            left_out.append(f"{path} (no file)")


def folded(path: str) -> str:
    """A path as disks see it that do not tell capitals from small letters, or one writing of an accent from another."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def same_time(original_ns: int, copy_ns: int) -> bool:
    """Whether a copy carries its original's time, as finely as its disk can keep it."""
    return any(original_ns // step * step == copy_ns for step in _STEPS_NS)


def _is_text(name: str) -> bool:
    """Whether a name can be written in XML and in a database, and be read back the same."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return len(name.splitlines()) == 1 and not any(
        unicodedata.category(letter) == "Cc" or letter in "\ufffe\uffff" for letter in name
    )
