"""kill -9 at random moments of offload, assemble, watch: is anything lost, doubled, torn, or wrongly verified?

A card is offloaded to two disks by a process that is killed, again and again; each run goes on from what the one before
left. After every kill and at the end all that the catalogue says and all that lies on the disks is compared with the
card.
"""

import argparse
import itertools
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import numpy as np
import xxhash

from benchmarks.ledger import PROJECT, table
from headturn.camera import media
from headturn.exchange import mhl
from headturn.office import catalogue, offload
from headturn.office.listing import LEFT_OUT, UNFINISHED
from headturn.office.store import Store

Verb = Literal["offload", "assemble", "watch"]
VERBS: tuple[Verb, ...] = ("offload", "assemble", "watch")
MOMENTS, ROUND = 50, 3
"""Kills in all, and kills before a run may end and the next begins with empty disks."""
ROLL = "A012"
STARTER = """
import os, sys
from pathlib import Path
from headturn.office import offload
from headturn.office.store import Store
film, card, *disks = map(Path, sys.argv[1:])
print("ready", flush=True)
for line in sys.stdin:
    child = os.fork()
    if not child:
        offload.offload(Store(film), card, "A012", disks, True, lambda *_: None)
        os._exit(0)
    print(child, flush=True)
    print(os.waitpid(child, 0)[1], flush=True)
"""
"""Starts offloads, each in a process of its own, without loading the program anew for each."""


@dataclass(frozen=True)
class Set:
    """A film, a card and its disks."""

    store: Store
    card: Path
    disks: tuple[Path, ...]


def main(arguments: Sequence[str]) -> int:
    """Kill, look, and print what was found; 0 where nothing was lost, doubled, torn or wrongly verified."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks killed", description=__doc__)
    parser.add_argument("--moments", type=int, default=MOMENTS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=VERBS, help="one of them")
    options = parser.parse_args(arguments)
    from benchmarks import killed_cutting  # it stands on this module

    columns: dict[str, tuple[Counter[str], float]] = {}
    with TemporaryDirectory() as folder:
        for verb in [options.only] if options.only else VERBS:
            chance = random.Random(options.seed)
            if verb == "offload":
                columns[verb] = offloads(Path(folder) / verb, options.moments, chance)
            else:
                columns[verb] = killed_cutting.counted(Path(folder) / verb, verb, options.moments, chance)
    rows = [(name, *(str(counts[name]) for counts, _ in columns.values())) for name in ("moments", *WRONGS)]
    rows += [("a whole run, s", *(f"{lasts_s:.2f}" for _, lasts_s in columns.values()))]
    print("\n" + table(("killed", *columns), rows))
    return 1 if any(wrong(counts) for counts, _ in columns.values()) else 0


def offloads(folder: Path, moments: int, chance: random.Random) -> tuple[Counter[str], float]:
    """Kill offloads so many times, and compare; what was found, and how long one takes that nobody kills."""
    folder.mkdir()
    counts = Counter[str]()
    card = shot(folder / "card")
    window_s = lasting_s(placed(folder / "measured", card))
    for number_of_round in itertools.count():
        if counts["moments"] >= moments:
            break
        number = min(ROUND, moments - counts["moments"])
        here = placed(folder / f"round {number_of_round}", card)
        counts += killed(here, [chance.uniform(0, window_s) for _ in range(number)])
        print(f"{counts['moments']} moments: {wrong(counts) or 'nothing wrong'}", flush=True)
    return counts, window_s


WRONGS = "lost", "doubled", "torn", "wrongly verified", "another cut", "not finished"


def wrong(counts: Counter[str]) -> dict[str, int]:
    """Of all that was counted, what must not be."""
    return {name: counts[name] for name in WRONGS if counts[name]}


def shot(card: Path, clips: int = 6, small: int = 300) -> Path:
    """A card with two recordings, some large files that are none, and many small ones."""
    noise = np.random.default_rng(5)
    (card / "DCIM" / "100GOPRO").mkdir(parents=True)
    (card / "MISC").mkdir()
    for number in (1, 2):
        path = card / "DCIM" / "100GOPRO" / f"GX01000{number}.MP4"
        with media.PictureWriter(path, 64, 36, Fraction(25), crf=30) as writer:
            for _ in range(25):
                writer.write(noise.integers(0, 255, (54, 64), dtype=np.uint8))
    for number in range(clips):
        (card / "DCIM" / "100GOPRO" / f"GX01010{number}.360").write_bytes(noise.bytes(3_000_000 + number))
    for number in range(small):
        (card / "MISC" / f"{number:04d}.THM").write_bytes(noise.bytes(500 + number))
    return card


def placed(folder: Path, card: Path, disks: Sequence[Path] = ()) -> Set:
    """A new film, and two empty disks where none are given."""
    folder.mkdir()
    (folder / "film.toml").write_text('[film]\nfps = "25"\n')
    if not disks:
        disks = folder / "one", folder / "two"
        for disk in disks:
            disk.mkdir()
    return Set(Store(folder), card, tuple(disks))


def lasting_s(here: Set, program: str = STARTER) -> float:
    """How long a run takes that nobody kills; by default an offload."""
    with starter(here, program) as run:
        begun = time.perf_counter()
        assert run(None) == 0
        return time.perf_counter() - begun


@contextmanager
def starter(here: Set, program: str = STARTER) -> Iterator[Callable[[float | None], int]]:
    """Runs an offload or another program, kills it after some seconds or not at all; the status it ended with."""
    command = [sys.executable, "-c", program, str(here.store.folder), str(here.card), *map(str, here.disks)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=PROJECT) as process:
        assert process.stdin and process.stdout
        orders, answers = process.stdin, process.stdout
        assert answers.readline() == "ready\n"

        def run(delay_s: float | None) -> int:
            orders.write("start\n")
            orders.flush()
            child = int(answers.readline())
            if delay_s is not None:
                time.sleep(delay_s)
                with suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
            return int(answers.readline())

        yield run


def killed(here: Set, delays_s: Sequence[float]) -> Counter[str]:
    """Kill an offload after each of these times, then let it end; what was found on the way and at the end.

    Only those count as moments that found it at work.
    """
    found = Counter[str]()
    with starter(here) as run:
        for delay_s in delays_s:
            status = run(delay_s)
            found["moments"] += status == signal.SIGKILL
            found["not finished"] += status not in (0, signal.SIGKILL)
            found += looked_at(here)
            if status == 0:
                break
    made = offload.offload(here.store, here.card, ROLL, here.disks, True, lambda *_: None)
    found += looked_at(here) + at_the_end(here)
    found["not finished"] += len(made.troubles)
    return found


def looked_at(here: Set) -> Counter[str]:
    """What is wrong at any moment: files torn under their own names, or called verified and other than on the card."""
    found, whole = Counter[str](), hashes(here.card)
    for disk in here.disks:
        found["torn"] += sum(whole.get(file) != told for file, told in hashes(disk / ROLL).items())
    with catalogue.opened(here.store) as opened:
        lies = {str(disk / ROLL): hashes(disk / ROLL) for disk in here.disks}
        for copy in opened.copies(ROLL):
            same = copy.hash == whole[copy.file] == lies[copy.root].get(copy.file)
            found["wrongly verified"] += copy.state == "verified" and not same
    return +found


def at_the_end(here: Set) -> Counter[str]:
    """What is wrong after a run that was let end: files, facts, recordings, lines of manifests lost or doubled."""
    found, whole = Counter[str](), hashes(here.card)
    with catalogue.opened(here.store) as opened:
        verified = Counter(copy.file for copy in opened.copies(ROLL) if copy.state == "verified")
        names = Counter(each.footage.name for each in opened.log().entries)
    found["lost"] += sum(verified[file] < len(here.disks) for file in whole) + (len(names) < 2)
    found["doubled"] += sum(count > len(here.disks) for count in verified.values())
    found["doubled"] += sum(count > 1 for count in names.values())
    for disk in here.disks:
        there = hashes(disk / ROLL)
        found["lost"] += len(whole.keys() - there.keys())
        found["doubled"] += len(there.keys() - whole.keys()) + (disk / ROLL / UNFINISHED).exists()
        found["lost"] += mhl.read(disk / ROLL) != whole
        manifests = "".join(path.read_text() for path in (disk / ROLL / mhl.FOLDER).glob("*.mhl"))
        found["doubled"] += sum(manifests.count(f">{file}</path>") != 1 for file in whole)
    return +found


def hashes(root: Path) -> dict[str, str]:
    """The xxh128 of every file of a tree but what offload keeps there for itself, by path; rewritten ones read anew."""
    found = {}
    for path in root.rglob("*"):
        parts = path.relative_to(root).parts
        if path.is_file() and not {UNFINISHED, *LEFT_OUT} & {*parts}:
            about = path.stat()
            key = (str(path), about.st_ino, about.st_size, about.st_mtime_ns, about.st_ctime_ns)
            if key not in _KNOWN:
                _KNOWN[key] = xxhash.xxh128(path.read_bytes()).hexdigest()
            found["/".join(parts)] = _KNOWN[key]
    return found


_KNOWN: dict[tuple[object, ...], str] = {}
