"""The verb `watch`: cards and files are taken in as they arrive, and each new take is held against the shot before.

Nothing is lost when it is killed: recordings and slates lie in the catalogue. Which takes were told of lies in a
file that may be lost, which only means that they are told of again.
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from headturn.errors import DecidedMeanwhile, HeadturnError, NothingToDo
from headturn.office import arrivals, assembly, match, offload, settings
from headturn.office.arrivals import Arrived
from headturn.office.assembly import Assembled
from headturn.office.catalogue import opened
from headturn.office.dailies import Progress
from headturn.office.match import Match
from headturn.office.offload import Offloaded
from headturn.office.store import Store

SETTLED_S = 3.0
"""A file whose size and time stood this long is whole: cameras and copying programs write at least once a second."""

Stamp = tuple[int, int]
Event = Arrived | Offloaded | Match | Assembled | str


@dataclass(frozen=True)
class Watched:
    """What is watched. disks: where new cards are copied to; every_s: how often is looked; once: only what is there."""

    folder: Path
    disks: tuple[Path, ...] = ()
    every_s: float = 1.0
    once: bool = False


def watch(store: Store, watched: Watched, on_progress: Progress, sleep: Callable[[float], None]) -> Iterator[Event]:
    """What happens, as it happens; ends by itself only with `once`. Troubles are told as sentences, once each."""
    seen: dict[str, dict[Path, Stamp]] = {}
    settled_since: dict[str, float] = {}
    done: dict[str, dict[Path, Stamp]] = {}
    told: set[str] = set()
    while True:
        try:
            cards = _cards(watched.folder)
            told.discard(f"{watched.folder} is not there; waiting for it.")
        except OSError:
            cards = {}
            yield from _once(f"{watched.folder} is not there; waiting for it.", told)
        for roll, root in cards.items():
            stamps = _stamps(root, watched.folder)
            if stamps != seen.get(roll):
                seen[roll], settled_since[roll] = stamps, time.monotonic()
            whole = watched.once or time.monotonic() - settled_since[roll] >= SETTLED_S
            if stamps and whole and stamps != done.get(roll):
                yield from _arrived(store, watched, roll, root, on_progress, told)
                done[roll] = stamps
        if watched.once:
            return
        sleep(watched.every_s)


def _arrived(
    store: Store, watched: Watched, roll: str, root: Path, on_progress: Progress, told: set[str]
) -> Iterator[Event]:
    """A card or folder whose files are whole: taken in, matched, and the cut solved again."""
    try:
        if watched.disks and root != watched.folder:
            copied = offload.offload(store, root, roll, watched.disks, False, on_progress)
            yield copied
            yield from (line for trouble in copied.troubles for line in _once(trouble, told))
            arrived = copied.arrived
        else:
            with opened(store) as catalogue:
                arrived = arrivals.take_in(catalogue, roll, root, settings.read(store.settings), on_progress)
    except HeadturnError as error:
        yield from _once(str(error), told)
        return
    if arrived is None:
        return
    yield arrived
    news = _untold(store, arrived)
    for name, id in news.items():
        try:
            yield match.in_film(store, id, None, {}, on_progress)
        except (HeadturnError, DecidedMeanwhile) as error:
            yield from _once(f"{name}: {error}" if isinstance(error, NothingToDo) else str(error), told)
        _tell(store, id)
    if news:
        try:
            yield assembly.assemble(store, {}, on_progress)
        except HeadturnError as error:
            yield from _once(str(error), told)


def _once(sentence: str, told: set[str]) -> Iterator[str]:
    if sentence not in told:
        told.add(sentence)
        yield sentence


def _cards(folder: Path) -> dict[str, Path]:
    """What is watched: each folder in it is a card, and the files that lie in it directly are one too."""
    found = {entry.name: entry for entry in sorted(folder.iterdir()) if entry.is_dir() and not _hidden(entry)}
    return found or {folder.resolve().name: folder}


def _hidden(path: Path) -> bool:
    return path.name.startswith(".")


def _stamps(root: Path, watched: Path) -> dict[Path, Stamp]:
    """Size and time of every file of a card; a file that vanishes while it is looked at is not there."""
    found: dict[Path, Stamp] = {}
    for path in sorted(root.rglob("*") if root != watched else root.iterdir()):
        try:
            if path.is_file() and not _hidden(path):
                about = path.stat()
                found[path] = (about.st_size, about.st_mtime_ns)
        except OSError:
            continue
    return found


def _untold(store: Store, arrived: Arrived) -> dict[str, str]:
    """The pictures with a slate whose match nobody was told of yet: the id of each by its name."""
    known = set(_told_of(store))
    ids = {each.id for each in arrived.footage if each.kind == "image"} - known
    with opened(store) as catalogue:
        log = catalogue.log(look=False)
    return {entry.name: entry.footage.id for entry in log.entries if entry.slate and entry.footage.id in ids}


def _memory(store: Store) -> Path:
    return store.folder / ".headturn" / "watched.json"


def _told_of(store: Store) -> Sequence[str]:
    try:
        told = json.loads(_memory(store).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return told if isinstance(told, list) else []


def _tell(store: Store, id: str) -> None:
    store.write_json(_memory(store), [*_told_of(store), id])
