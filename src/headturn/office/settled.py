"""Whether files that arrive are whole: nobody writes to them any more, and none is shorter than it says itself."""

import os
from collections.abc import Collection
from pathlib import Path

from headturn.camera import mp4, recorder

_PROCESSES = Path("/proc")


def writers(files: Collection[Path]) -> dict[Path, str]:
    """The files that a program has open for writing, and its name.

    Of programs that the system lets this one look into: all of the same user, to root all. None where there is no
    /proc to look into.
    """
    wanted = {file.resolve(): file for file in files}
    found: dict[Path, str] = {}
    for process in _PROCESSES.iterdir() if wanted and _PROCESSES.is_dir() else ():
        try:
            held = list((process / "fd").iterdir()) if process.name.isdecimal() else []
        except OSError:  # another user's, or it has ended
            continue
        for each in held:
            try:
                file = wanted.get(each.readlink())
                if file and _writes(process / "fdinfo" / each.name):
                    found[file] = (process / "comm").read_text().strip()
            except OSError:
                continue
    return found


def _writes(info: Path) -> bool:
    """Whether an open file may be written to, by what Linux says of it (proc(5): "flags" is octal)."""
    flags = next((line.split()[1] for line in info.read_text().splitlines() if line.startswith("flags:")), "0")
    return bool(int(flags, 8) & (os.O_WRONLY | os.O_RDWR))


def short(files: Collection[Path]) -> tuple[Path, ...]:
    """The recordings that end before their own index says: a copy that goes on, or one that was cut off for good."""
    return tuple(file for file in files if mp4.ends_early(file) or _sound_short(file))


def _sound_short(file: Path) -> bool:
    return file.suffix.lower() in recorder.SUFFIXES and recorder.cut_off(file)
