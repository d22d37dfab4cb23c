"""The verbs `drift` and `compare`: does the camera still lie as it did, does the take do what was rehearsed?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import radians
from pathlib import Path
from threading import Event

from headturn.camera import card, telemetry
from headturn.camera.take import Clip
from headturn.errors import BadOption, HeadturnError
from headturn.head import drift, motion, rehearsal
from headturn.head.drift import Change, Rest
from headturn.head.rehearsal import Comparison
from headturn.head.rush import Rush
from headturn.office import lab, rig_book, settings
from headturn.office.arrivals import named, take_of
from headturn.office.catalogue import opened
from headturn.office.dailies import Progress
from headturn.office.log import Entry, Log
from headturn.office.order import Unused
from headturn.office.store import Store


@dataclass(frozen=True)
class Lies:
    """How the camera lies in one take. rest: None where it cannot be told, and why; shot: of its slate, or "" """

    name: str
    rest: Rest | None
    why: str = ""
    shot: str = ""


@dataclass(frozen=True)
class Mount:
    """One rig through its takes, in the order in which they were shot.

    name: of the rig and camera; meant_rad: the tilt that rigs.toml asks for, or None; off_rad: how far the last takes,
        those since the last change, look up from that; changes: indices count in `told`
    """

    name: str
    takes: tuple[Lies, ...]
    changes: tuple[Change, ...]
    meant_rad: float | None = None
    off_rad: float | None = None

    @property
    def told(self) -> tuple[Lies, ...]:
        """The takes that tell."""
        return tuple(each for each in self.takes if each.rest)

    def began_with_shot(self, change: Change) -> bool:
        """Whether a change came with a new shot: then it may be how that is played."""
        here, before = self.told[change.index].shot, self.told[change.index - 1].shot
        return bool(here) and here != before


@dataclass(frozen=True)
class Drifted:
    """All rigs, and the takes that cannot be read."""

    mounts: tuple[Mount, ...]
    unread: tuple[Unused, ...]


@dataclass(frozen=True)
class Compared:
    """A take beside its rehearsal."""

    take: str
    rehearsal: str
    found: Comparison
    notes: tuple[str, ...] = ()


def of_film(store: Store, rig: str, on_progress: Progress) -> Drifted:
    """The mounts of a film's takes; only those of one rig where it is named.

    Raises:
        BadOption: no such rig, or no take of it.
    """
    rigs = rig_book.read(store)
    lies: dict[str, list[Lies]] = {}
    meant: dict[str, float | None] = {}
    unread = []
    with opened(store) as catalogue:
        entries = [each for each in catalogue.log(look=False).entries if each.footage.kind == "image"]
        entries = sorted((each for each in entries if not rig or each.rig == rig), key=_shot_at)
        if not entries:
            raise BadOption(f"there is no take {f'on the rig {rig}' if rig else 'yet'}; headturn takes lists all.")
        for number, entry in enumerate(entries):
            on_progress("Reading gyros", number, len(entries))
            try:
                found = _lies(store, card.reopened(catalogue.files(entry.footage)), entry)
            except HeadturnError as error:
                unread.append(Unused(entry.name, str(error)))
                continue
            worn = " ".join(filter(None, (entry.rig or entry.footage.camera, entry.unit))) or "without a rig"
            lies.setdefault(worn, []).append(found)
            tilt = rigs[entry.rig].tilt_deg if entry.rig in rigs else None
            meant[worn] = None if tilt is None else radians(tilt)
        on_progress("Reading gyros", len(entries), len(entries))
    return Drifted(tuple(_mount(worn, takes, meant[worn]) for worn, takes in lies.items()), tuple(unread))


def of_files(files: Sequence[Path], kept: Store, on_progress: Progress) -> Drifted:
    """One mount through these recordings, in the order given.

    Raises:
        CannotRead: one of them cannot be read.
    """
    lies = []
    for number, file in enumerate(files):
        on_progress("Reading gyros", number, len(files))
        lies.append(_lies(kept, card.recording(file), None))
    on_progress("Reading gyros", len(files), len(files))
    return Drifted((_mount("", lies, None),), ())


def _shot_at(entry: Entry) -> tuple[datetime, str, tuple[str, ...]]:
    footage = entry.footage
    return footage.shot_at or footage.came_in.replace(tzinfo=None), footage.roll, footage.files


def _lies(kept: Store, clip: Clip, entry: Entry | None) -> Lies:
    """How the camera lies in a take, kept in the store."""
    found = kept.kept_json("rest", (clip.id,), lambda: _looked(clip))
    name, shot = (entry.name, entry.slate.shot if entry.slate else "") if entry else (clip.name, "")
    return Lies(name, Rest(*found["rest"]) if found["rest"] else None, found["why"], shot)


def _looked(clip: Clip) -> dict[str, object]:
    recorded = telemetry.read(clip.files, clip.chapter_starts)
    moved = motion.head_motion(recorded) if recorded else None
    if moved is None:
        return {"rest": None, "why": "it has no gyro"}
    if not moved.level:
        return {"rest": None, "why": "nothing tells where up is"}
    found = drift.rest(moved)
    if found is None:
        return {"rest": None, "why": "the head never rests"}
    return {"rest": [found.tilt_rad, found.roll_rad, found.spread_rad, found.calm_s], "why": ""}


def _mount(name: str, takes: Sequence[Lies], meant_rad: float | None) -> Mount:
    rests = [each.rest for each in takes if each.rest]
    changes = drift.changes(rests)
    off = None
    if meant_rad is not None and rests:
        last = sorted(each.tilt_rad for each in rests[changes[-1].index if changes else 0 :])
        off = last[len(last) // 2] - meant_rad
    return Mount(name, tuple(takes), changes, meant_rad, off)


# Rehearsals -----------------------------------------------------------------------------------------------------


def compared(store: Store, take: str, other: str) -> Compared:
    """A take beside its rehearsal; by default the last one of its shot that is marked as such.

    Raises:
        BadOption: no such take, or no rehearsal. CannotRead: one of them cannot be read.
    """
    chosen = settings.read(store.settings)
    with opened(store) as catalogue:
        log = catalogue.log(look=False)
        entry = named(log, take)
        rehearsed = named(log, other) if other else _rehearsal(log, entry)
        opened_takes = [take_of(catalogue, each, chosen, store) for each in (entry, rehearsed)]
    rushes: list[Rush] = [lab.develop(each, store, chosen.turns, Event()) for each in opened_takes]
    notes = [note for rush in rushes for note in rush.motion.notes if rush.motion.source == "image"]
    found = rehearsal.compared(rushes[0].turns, rushes[1].turns)
    return Compared(entry.name, rehearsed.name, found, tuple(dict.fromkeys(notes)))


def _rehearsal(log: Log, entry: Entry) -> Entry:
    if entry.slate is None:
        raise BadOption(f"{entry.name} has no slate; name the rehearsal too.")
    shot = [each for each in log.shots[entry.slate.shot] if each.footage.kind == "image"]
    marked = [each for each in shot if each.mark == "rehearsal" and each != entry]
    same = [each for each in marked if (each.unit or "A") == (entry.unit or "A")] or marked
    if not same:
        how = "mark one with headturn mark TAKE --as rehearsal, or name it"
        raise BadOption(f"no rehearsal of {entry.slate.shot} is marked; {how}.")
    return same[-1]
