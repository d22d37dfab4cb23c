"""The verb `watch`: cards and files are taken in as they arrive, and each new take is held against the shot before.

Nothing is lost when it is killed: recordings and slates lie in the catalogue. What was told already lies in a file that
may be lost, which only means that it is told again.
"""

import json
import time
from collections.abc import Callable, Collection, Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from headturn.errors import DecidedMeanwhile, HeadturnError, NothingToDo
from headturn.office import arrivals, assembly, match, offload, settings, settled
from headturn.office.arrivals import Arrived
from headturn.office.assembly import Assembled
from headturn.office.catalogue import opened
from headturn.office.dailies import Progress
from headturn.office.match import Match
from headturn.office.offload import Offloaded
from headturn.office.store import Store

SETTLED_S = 3.0
"""Cameras and copying programs write at least once a second; what stood this long is looked at."""
STALLED_S = 60.0
"""A recording shorter than it says is taken to be cut off for good once it stood this long: a copy over a network or to
a stick that pauses goes on before."""
AGAIN_S = 30.0
"""What failed is tried again after so long: a disk may have been connected or emptied meanwhile."""

Stamp = tuple[int, int]
Event = Arrived | Offloaded | Match | Assembled | str


@dataclass(frozen=True)
class Watched:
    """What is watched. disks: where new cards are copied to; every_s: how often is looked; once: only what is there."""

    folder: Path
    disks: tuple[Path, ...] = ()
    every_s: float = 1.0
    once: bool = False


@dataclass
class _Card:
    """A card that is there: its files as they were seen last, since when they stand, and as they were taken in."""

    stamps: dict[Path, Stamp] = field(default_factory=dict)
    since_s: float = 0.0
    taken_in: dict[Path, Stamp] = field(default_factory=dict)
    again_s: float = 0.0


def watch(store: Store, watched: Watched, on_progress: Progress, sleep: Callable[[float], None]) -> Iterator[Event]:
    """What happens, as it happens; ends by itself only with `once`. Troubles are told as sentences, once each."""
    cards: dict[str, _Card] = {}
    told: set[str] = set()
    while True:
        there = yield from _there(store, watched, told)
        cards = {roll: cards.get(roll) or _Card() for roll in there}  # one that was away is looked at anew
        for roll, card in cards.items():
            stamps, now_s = _stamps(there[roll], watched.folder), time.monotonic()
            if stamps != card.stamps:
                card.stamps, card.since_s, card.again_s = stamps, now_s, 0.0
            stood_s = float("inf") if watched.once else now_s - card.since_s
            if stamps and stood_s >= SETTLED_S and stamps != card.taken_in and now_s >= card.again_s:
                if (yield from _goes_on(card, stood_s, told)):
                    continue
                if (yield from _arrived(store, watched, roll, there[roll], on_progress, told)):
                    card.taken_in = stamps
                else:
                    card.again_s = time.monotonic() + AGAIN_S
        if watched.once:
            if there and not any(card.stamps for card in cards.values()):
                yield f"{watched.folder}: holds no file yet."
            return
        sleep(watched.every_s)


def _goes_on(card: _Card, stood_s: float, told: set[str]) -> Generator[Event, None, bool]:
    """Whether one of the new files of a card is still on its way, though it has not grown for so many seconds."""
    new = [path for path, stamp in card.stamps.items() if card.taken_in.get(path) != stamp]
    for path, program in settled.writers(new).items():
        yield from _once(f"{path.name}: {program} has it open for writing; it is taken in when that ends.", told)
        return True
    for path in settled.short(new) if stood_s < STALLED_S else ():
        yield from _once(
            f"{path.name}: is shorter than it says itself, a copy that has stopped; it is taken in when it is whole, or"
            f" as it is after {STALLED_S:.0f} s.",
            told,
        )
        return True
    return False


def _there(store: Store, watched: Watched, told: set[str]) -> Generator[Event, None, dict[str, Path]]:
    """The cards in the watched folder: each folder in it is one; where there is none, it is one itself."""
    folder = watched.folder
    gone = f"{folder} is not there; waiting for it."
    own = {path.resolve() for path in (store.folder, *watched.disks)}
    try:
        entries = [each for each in sorted(folder.iterdir()) if not _hidden(each) and each.resolve() not in own]
        folders = {each.name: each for each in entries if each.is_dir()}
        files = [each.name for each in entries if each.is_file()]
    except OSError as error:
        closed = f"{folder} may not be looked into ({error.strerror}); waiting for that."
        yield from _once(closed if isinstance(error, PermissionError) else gone, told)
        return {}
    told.discard(gone)
    if folders and files:
        beside = files[0] if len(files) == 1 else f"{files[0]} and {len(files) - 1} more"
        yield from _once(f"{folder}: each folder in it is a card; {beside} beside them is left alone.", told)
    return folders or {folder.resolve().name: folder}


def _arrived(
    store: Store, watched: Watched, roll: str, root: Path, on_progress: Progress, told: set[str]
) -> Generator[Event, None, bool]:
    """A card or folder whose files are whole: taken in, matched, and the cut solved again; whether all of it went."""
    try:
        if watched.disks and root != watched.folder:
            copied = offload.offload(store, root, roll, watched.disks, False, on_progress)
            news = [trouble for trouble in copied.troubles if trouble not in told]
            if news or not copied.troubles:
                yield copied
            yield from news
            told.update(news)
            arrived, whole = copied.arrived, not copied.troubles
        else:
            with opened(store) as catalogue:
                chosen = settings.read(store.settings)
                arrived, whole = arrivals.take_in(catalogue, roll, root, chosen, store, on_progress), True
    except HeadturnError as error:
        yield from _once(str(error), told)
        return False
    if arrived is not None:
        yield arrived
        yield from _held_against(store, arrived, on_progress, told)
    return whole


def _held_against(store: Store, arrived: Arrived, on_progress: Progress, told: set[str]) -> Iterator[Event]:
    """The match of each take that was not told yet, and the cut where one of them was not there to be chosen."""
    with opened(store) as catalogue:
        log = catalogue.log(look=False)
    ids = {each.id for each in arrived.footage if each.kind == "image"}
    takes = {entry.footage.id: entry.name for entry in log.entries if entry.slate and entry.footage.id in ids}
    for id, name in takes.items():
        if id in remembered(store)["matched"]:
            continue
        try:
            yield from match.in_film(store, id, None, {}, on_progress)
        except (HeadturnError, DecidedMeanwhile) as error:
            yield from _once(f"{name}: {error}" if isinstance(error, NothingToDo) else str(error), told)
        _remember(store, "matched", [id])
    if takes.keys() - set(remembered(store)["assembled"]):
        try:
            yield assembly.assemble(store, {}, on_progress)
        except HeadturnError as error:
            yield from _once(str(error), told)
        else:
            _remember(store, "assembled", takes)


def _once(sentence: str, told: set[str]) -> Iterator[str]:
    if sentence not in told:
        told.add(sentence)
        yield sentence


def _hidden(path: Path) -> bool:
    return path.name.startswith(".")


def _stamps(root: Path, watched: Path) -> dict[Path, Stamp]:
    """Size and time of every file of a card; nothing of one that is pulled out while it is looked at."""
    found: dict[Path, Stamp] = {}
    try:
        for path in sorted(root.rglob("*") if root != watched else root.iterdir()):
            if not _hidden(path) and path.is_file():
                about = path.stat()
                found[path] = (about.st_size, about.st_mtime_ns)
    except OSError:
        return {}
    return found


def remembered(store: Store) -> dict[str, list[str]]:
    """The recordings whose match was told, and those that were there when a cut was."""
    try:
        told = json.loads(store.watched.read_text(encoding="utf-8"))
        return {name: list(map(str, told[name])) for name in ("matched", "assembled")}
    except (OSError, ValueError, TypeError, KeyError):
        return {"matched": [], "assembled": []}


def _remember(store: Store, what: str, ids: Collection[str]) -> None:
    told = remembered(store)
    store.write_json(store.watched, told | {what: list(dict.fromkeys([*told[what], *ids]))})
