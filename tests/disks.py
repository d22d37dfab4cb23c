"""Disks and cards for tests: small file systems in memory, and cards with the tree of a real camera."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from headturn.office import offload as office
from headturn.office.offload import Offloaded
from headturn.office.store import Store

DAY_NS = 1_767_582_245_123_456_789
"""When the test's cards were shot."""
SCHEMAS = Path(__file__).resolve().parents[2] / "shared" / "exchange" / "mhl"


@contextmanager
def disk_in_memory(point: Path, size: str = "64m", options: str = "") -> Iterator[Path]:
    """A disk of a given size, a device of its own, mounted at a folder.

    Raises:
        CalledProcessError: this machine does not let the tests mount.
    """
    point.mkdir(parents=True, exist_ok=True)
    words = ["mount", "-t", "tmpfs", "-o", f"size={size}{options and ','}{options}", "headturn-test", str(point)]
    subprocess.run(words if os.geteuid() == 0 else ["sudo", "-n", *words], check=True, capture_output=True)
    try:
        yield point
    finally:
        unmount(point)


def unmount(point: Path) -> None:
    """Take a disk away, though files on it may still be open."""
    words = ["umount", "-l", str(point)]
    subprocess.run(words if os.geteuid() == 0 else ["sudo", "-n", *words], check=False, capture_output=True)


def card(folder: Path, clips: int = 3, size: int = 300_000, seed: int = 1) -> Path:
    """A card as an action camera leaves it; all contents differ by seed."""
    random = np.random.default_rng(seed)
    media = folder / "DCIM" / "100GOPRO"
    media.mkdir(parents=True)
    (folder / "MISC").mkdir()
    for number in range(1, clips + 1):
        (media / f"GX01{number:04d}.MP4").write_bytes(random.bytes(size + number))
        (media / f"GX01{number:04d}.THM").write_bytes(random.bytes(900 + number))
    (folder / "MISC" / "version.txt").write_text("HERO11 Black\n")
    (folder / ".hidden").write_bytes(random.bytes(10))
    (folder / "MISC" / "empty.bin").write_bytes(b"")
    aged(folder)
    return folder


def aged(folder: Path) -> None:
    """Give all files the time of a shooting day."""
    for path in folder.rglob("*"):
        if path.is_file():
            os.utime(path, ns=(DAY_NS, DAY_NS))


def film(folder: Path) -> Store:
    """A film without anything in it."""
    folder.mkdir(parents=True)
    (folder / "film.toml").write_text('[film]\ntitle = "Test"\nfps = "25"\n')
    return Store(folder)


def offloaded(store: Store, card: Path, roll: str, *disks: Path, same_disk: bool = False) -> Offloaded:
    """Offload without a word on the way."""
    return office.offload(store, card, roll, disks, same_disk, lambda *_: None)


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a tree but the manifests, by path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "ascmhl" not in path.parts
    }


def judged_by_ascmhl(root: Path, *options: str) -> int:
    """The exit code of the reference program's verifier: 0 good, 10 missing file, 11 changed byte, 21 new file."""
    program = Path(sys.executable).with_name("ascmhl-debug")
    done = subprocess.run([str(program), "verify", *options, str(root)], capture_output=True, check=False)
    return done.returncode
