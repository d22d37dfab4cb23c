"""kill -9 at random moments of `assemble` and `watch`: what `benchmarks.killed` runs beside offload.

Three shots with rival takes, one shot locked, one take circled, one binned. After every kill all that the log said
before still stands and all that lies in the film's folder can be read; after a run that was let end the cut is byte for
byte that of a film whose programs were never killed.
"""

import json
import random
import shutil
import signal
from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Literal

import numpy as np

from benchmarks.killed import ROUND, Set, lasting_s, starter, wrong
from headturn.backlot.performers import Look, Performer, Script, Walk
from headturn.backlot.shoot import Camera, write_log
from headturn.camera import media
from headturn.camera.lens import rectilinear
from headturn.errors import CannotRead
from headturn.office import arriving, assembly, logbook
from headturn.office.catalogue import opened
from headturn.office.logbook import Marking
from headturn.office.reopening import read_cut
from headturn.office.store import Store

Verb = Literal["assemble", "watch"]
RATE, SIZE = Fraction(30), (160, 90)
PROGRAM = """
import os, sys
from pathlib import Path
from headturn.office import arriving, assembly, match
from headturn.office.store import Store
film, takes = map(Path, sys.argv[1:3])
def nothing(*_): pass
def work():
    if "{verb}" == "assemble":
        assembly.assemble(Store(film), {{}}, nothing)
    else:
        for _ in arriving.watch(Store(film), arriving.Watched(takes, once=True), nothing, nothing): pass
print("ready", flush=True)
for line in sys.stdin:
    child = os.fork()
    if not child:
        work()
        os._exit(0)
    print(child, flush=True)
    print(os.waitpid(child, 0)[1], flush=True)
"""


def nothing(*_: object) -> None:
    """No progress is told."""


def shot(folder: Path, takes: int) -> Path:
    """Takes with gyro logs, two of each shot."""
    folder.mkdir()
    looks = tuple(Look(0.6 + 1.3 * n, heading, -0.1, 0.5) for n, heading in enumerate((0.9, 0.1, -1.2)))
    script = Script(4.0, Walk((0.0, 1.5, 4.0), ((0, 0), (0, 0), (3, 0))), 0.0, -0.1, looks)
    camera = Camera(rectilinear(*SIZE, horizontal_fov_rad=1.4))
    for number in range(takes):
        path = folder / f"{42 + number // 2}-{1 + number % 2}.mp4"
        performance = Performer().play(script, number)
        blocks = np.random.default_rng(number).integers(0, 255, (9, 16), dtype=np.uint8)
        wall = np.kron(blocks, np.ones((10, 10), np.uint8))
        with media.PictureWriter(path, *SIZE, RATE, crf=28) as writer:
            for frame in range(int(performance.duration_s * RATE)):
                writer.write(np.repeat(np.roll(wall, 3 * frame, 1)[..., None], 3, axis=2))
        write_log(performance, camera, path.with_suffix(".gcsv"))
    return folder


def begun(folder: Path, takes: Path) -> Set:
    """A film with these takes, one circled, one binned, the first shot locked, and nothing kept but its log."""
    logbook.begin(folder, "Killed", "30", "")
    store = Store(folder)
    logbook.add(store, takes, "", nothing)
    logbook.mark(folder, "42-2", Marking("circled"), "")
    logbook.discard(folder, "42-1", "look", "", "")
    assembly.assemble(store, {}, nothing)
    assembly.lock(store, "42", False, "", nothing)
    return Set(store, takes, ())


def placed(folder: Path, begun_film: Set, verb: Verb) -> Set:
    """A film to be killed: a copy of the log of the one that was begun, or for `watch` a film with an empty log."""
    if verb == "watch":
        logbook.begin(folder, "Killed", "30", "")
    else:
        shutil.copytree(
            begun_film.store.folder, folder, ignore=shutil.ignore_patterns(".headturn", "cut.json", "film.otio")
        )
    return Set(Store(folder), begun_film.card, ())


def counted(
    folder: Path, verb: Verb, moments: int, chance: random.Random, takes: int = 6
) -> tuple[Counter[str], float]:
    """Kill so many times, and compare; what was found, and how long a run takes that nobody kills."""
    folder.mkdir(parents=True)
    film = begun(folder / "begun", shot(folder / "takes", takes))
    program = PROGRAM.format(verb=verb)
    whole = placed(folder / "whole", film, verb)
    window_s = lasting_s(whole, program)
    found, number = Counter[str](), 0
    while found["moments"] < moments and number < 4 * moments:
        here = placed(folder / f"round {number}", film, verb)
        number += 1
        delays_s = [chance.uniform(0, window_s) for _ in range(min(ROUND, moments - found["moments"]))]
        found += killed(here, whole, delays_s, program)
        shutil.rmtree(here.store.folder)
        print(f"{verb}: {found['moments']} moments: {wrong(found) or 'nothing wrong'}", flush=True)
    return found, window_s


def killed(here: Set, whole: Set, delays_s: list[float], program: str) -> Counter[str]:
    """Kill after each of these times, then let a run end; what was found on the way and at the end."""
    found = Counter[str]()
    known: set[str] = said(here.store)
    with starter(here, program) as run:
        for delay_s in delays_s:
            status = run(delay_s)
            found["moments"] += status == signal.SIGKILL
            found["not finished"] += status not in (0, signal.SIGKILL)
            now = said(here.store)
            found["lost"] += len(known - now)
            known = now
            found += looked_at(here.store)
            if status == 0:
                break
        found["not finished"] += run(None) != 0
    found["lost"] += len(known - said(here.store))
    return found + looked_at(here.store) + at_the_end(here.store, whole.store)


def said(store: Store) -> set[str]:
    """All that a log holds: every recording and every decision, as text."""
    with opened(store) as catalogue:
        log = catalogue.log(look=False)
    footage = {json.dumps([e.footage.id, e.footage.name, str(e.footage.came_in)]) for e in log.entries}
    return footage | {f"{each.number} {each.at} {each.subject} {each.verb} {each.value}" for each in log.decisions}


def looked_at(store: Store) -> Counter[str]:
    """What is wrong at any moment: files torn under their own names, recordings and slates that are there twice."""
    found = Counter[str]()
    for path in store.folder.rglob("*"):
        if path.name.startswith(".") or not path.is_file():
            continue
        try:
            if path.suffix in (".json", ".otio"):
                json.loads(path.read_text())
            if path.suffix == ".npz":
                with np.load(path, allow_pickle=False) as archive:
                    dict(archive)
            if path == store.cut:
                read_cut(path)
        except (OSError, ValueError, EOFError, CannotRead):
            found["torn"] += 1
    with opened(store) as catalogue:
        log = catalogue.log(look=False)
    names = Counter(each.footage.name for each in log.entries)
    slates = Counter(each.subject for each in log.decisions if each.verb == "slate")
    found["doubled"] += sum(count > 1 for count in [*names.values(), *slates.values()])
    return +found


def at_the_end(store: Store, whole: Store) -> Counter[str]:
    """What is wrong after a run that was let end, against a film whose run was never killed."""
    found = Counter[str]()
    for mine, other in ((store.cut, whole.cut), (store.timeline, whole.timeline)):
        found["another cut"] += mine.read_bytes() != other.read_bytes()
    shots = [segment.take for segment in read_cut(store.cut)[0].segments]
    found["doubled"] += len(shots) - len(set(shots))
    found["doubled"] += sum("unfinished" in path.name for path in store.folder.rglob("*"))
    stands, wanted = state(store), state(whole)
    found["lost"] += len(wanted - stands)
    found["doubled"] += len(stands - wanted)
    return +found


def state(store: Store) -> set[tuple[object, ...]]:
    """What stands of each recording, and what is told."""
    with opened(store) as catalogue:
        log = catalogue.log(look=False)
    entries = {(e.footage.id, e.name, e.mark, e.binned, e.footage.roll) for e in log.entries}
    locks = {("lock", shot, lock.take, str(lock.entered)) for shot, lock in log.locks.items()}
    return entries | locks | {(what, id) for what, ids in arriving.remembered(store).items() for id in ids}
