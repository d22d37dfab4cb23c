"""Offload beside cp: the same card to the same two disks, copied by cp at once, flushed, and read back by hashing.

A card of a few large files and one of 10,000 small ones. The disks may be given; else all lies in one temporary folder,
where reading and writing share one disk. cp reads the card twice and neither hashes what it read nor records anything.
"""

import argparse
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import xxhash

from benchmarks.ledger import cpu_s, table
from headturn.office import offload
from headturn.office.store import Store

LARGE_BYTES, LARGE_FILES = 256 << 20, 4
SMALL_FILES, SMALL_BYTES = 10_000, 4000
ROUNDS = 3
"""The cheapest of so many is told: other programs on the machine only make it dearer."""


def main(arguments: Sequence[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks offload", description=__doc__)
    parser.add_argument("--to", type=Path, action="append", help="a disk; twice")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args(arguments)
    rows = []
    with TemporaryDirectory() as folder:
        here = Path(folder)
        disks = options.to or [here / "one", here / "two"]
        for name, count, size in (("large", LARGE_FILES, LARGE_BYTES), ("small", SMALL_FILES, SMALL_BYTES)):
            card = shot(here / name, count, size)
            work: dict[str, Callable[[Path, list[Path]], None]] = {
                "bare read": bare, "cp, read back": copied, "offload": offloaded,
            }  # fmt: skip
            took = {each: best(do, card, disks, options.rounds) for each, do in work.items()}
            beside = took["cp, read back"]
            for each, (wall_s, used_s) in took.items():
                ratios = f"{wall_s / beside[0]:.2f}", f"{used_s / beside[1]:.2f}"
                speed = count * size / wall_s / 1e6
                rows.append((f"{count} files of {size / 1e6:g} MB: {each}", f"{wall_s:.2f}", f"{used_s:.2f}",
                             f"{speed:.0f}", *ratios))  # fmt: skip
            shutil.rmtree(card)
    print(table(("card", "wall s", "CPU s", "MB/s of card", "wall / cp", "CPU / cp"), rows))
    return 0


def shot(card: Path, count: int, size: int) -> Path:
    """A card of random files, a hundred in a folder."""
    noise = np.random.default_rng(3)
    for number in range(count):
        path = card / f"{number // 100:03d}" / f"{number % 100:02d}.WAV"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            for begun in range(0, size, 1 << 24):
                file.write(noise.bytes(min(1 << 24, size - begun)))
    os.sync()
    return card


def best(do: Callable[[Path, list[Path]], None], card: Path, disks: Sequence[Path], rounds: int) -> tuple[float, float]:
    """Wall and CPU seconds of the cheapest round, each from a card that is not in the cache, to empty folders."""
    found = []
    for _ in range(rounds):
        folders = [disk / "headturn-benchmark" for disk in disks]
        for folder in folders:
            folder.mkdir(parents=True)
        forgotten(card)
        wall, used = time.perf_counter(), cpu_s()
        do(card, folders)
        found.append((time.perf_counter() - wall, cpu_s() - used))
        for folder in folders:
            shutil.rmtree(folder)
    return min(found)


def forgotten(folder: Path) -> None:
    """Let no page of these files stay in memory."""
    for path in folder.rglob("*"):
        if path.is_file():
            file = os.open(path, os.O_RDONLY)
            os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(file)


def bare(card: Path, _: list[Path]) -> None:
    """Read and hash the card, nothing else."""
    for path in card.rglob("*"):
        if path.is_file():
            sum_of = xxhash.xxh128()
            with path.open("rb", buffering=0) as file:
                while chunk := file.read(4 << 20):
                    sum_of.update(chunk)


def copied(card: Path, disks: list[Path]) -> None:
    """To both disks by cp at once, flushed, forgotten, and read back."""
    started = [subprocess.Popen(["cp", "-a", str(card), str(disk)]) for disk in disks]
    assert not any(each.wait() for each in started)
    for disk in disks:
        subprocess.run(["sync", "-f", str(disk)], check=True)
    for disk in disks:
        forgotten(disk)
        bare(disk, [])


def offloaded(card: Path, disks: list[Path]) -> None:
    """By offload, with its catalogue and manifests."""
    with TemporaryDirectory() as film:
        (Path(film) / "film.toml").write_text("")
        made = offload.offload(Store(Path(film)), card, "A012", disks, True, lambda *_: None)
        assert not made.troubles, made.troubles
