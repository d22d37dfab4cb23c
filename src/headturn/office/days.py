"""The days of a production: what was shot, what went in the bin, what reached the cut, what is missing. Values only.

A take is what one slate names on one day; its B camera adds minutes, no take. Rehearsals are counted apart, sound too.
In the bin is what was binned, and what is marked no good or false start. A shot is matched when it is locked, or is in
the cut and not entered by a visible splice; its day is that of the take that stands for it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from headturn.camera.slate import sort_key
from headturn.clock import Span
from headturn.edit.cut import Cut
from headturn.errors import BadOption
from headturn.office.log import Entry, Log, locked_by
from headturn.office.order import FIRST_YEAR
from headturn.office.plan import Plan, Planned

RESET_YEARS = range(2010, 2021)
"""Action cameras without a set clock start on 1 January of a year of their making (2015 and 2016 are common)."""
RESET_DAYS = 2
"""A clock that was reset counts on; with batteries changed on set it does not come far."""
LONG_AFTER = timedelta(days=365)
"""Footage of a true 1 January comes in within a year."""
NO_SEQUENCE = "without a slate"


@dataclass(frozen=True)
class DaysOptions:
    """How days and blocks are told apart.

    starts_hour: hour by the camera's clock at which a shooting day begins; a night's shoot stays one day
    block_gap_days: days without a take after which a new block begins, where the plan names none
    week_days: shooting days of a week, for the pace
    zone: where it is shot, like "Europe/Paris", for takes dated by when they came in; empty means UTC
    """

    starts_hour: int = 6
    block_gap_days: int = 7
    week_days: int = 5
    zone: str = ""

    def check(self) -> ZoneInfo:
        """The time zone.

        Raises:
            BadOption: an hour beyond 23, no days in a gap or a week, or a zone that nobody knows.
        """
        if not 0 <= self.starts_hour <= 23 or self.block_gap_days < 1 or self.week_days < 1:
            raise BadOption("starts_hour goes from 0 to 23; block_gap_days and week_days are 1 or more.")
        try:
            return ZoneInfo(self.zone or "UTC")
        except (ValueError, OSError, LookupError):
            raise BadOption(f"'{self.zone}' is no time zone; write it like Europe/Paris.") from None


@dataclass(frozen=True)
class DayTake:
    """A take with the recordings of all its cameras, the first of them the A camera's.

    at: by the camera's clock, or when it came in; dated: whether the clock was believed
    used_s: source seconds in the cut; screen_s: film seconds, which count what is shown twice twice
    """

    entries: tuple[Entry, ...]
    at: datetime
    dated: bool
    date: date
    used_s: Fraction = Fraction(0)
    screen_s: Fraction = Fraction(0)

    @property
    def name(self) -> str:
        """What people call it."""
        return self.entries[0].name

    @property
    def shot(self) -> str:
        """Its shot, or "" where it has no slate."""
        slate = self.entries[0].slate
        return slate.shot if slate else ""

    @property
    def rehearsal(self) -> bool:
        """Whether nobody meant it for the film."""
        return self.entries[0].mark == "rehearsal"

    @property
    def circled(self) -> bool:
        """Whether any of its cameras is circled and not in the bin."""
        return any(entry.mark == "circled" and not reason(entry) for entry in self.entries)

    @property
    def binned(self) -> str:
        """Why it is in the bin with all its cameras, or "" where it is not."""
        reasons = [reason(entry) for entry in self.entries]
        return reasons[0] if all(reasons) else ""

    @property
    def duration_s(self) -> Fraction:
        """Of its longest recording."""
        return max(entry.footage.duration for entry in self.entries)


@dataclass(frozen=True)
class Tally:
    """What some takes add up to; rehearsals stand apart in `rehearsals` and `rehearsal_s` and count nowhere else.

    shots, matched: by name; shot_s: seconds of all cameras, of which binned_s (by reason) and used_s are parts
    screen_s: seconds of the film; camera_s: by camera; matched_takes: takes of the matched shots on any day
    """

    takes: int = 0
    rehearsals: int = 0
    circled: int = 0
    shots: tuple[str, ...] = ()
    matched: tuple[str, ...] = ()
    matched_takes: int = 0
    binned: Mapping[str, int] = field(default_factory=dict)
    shot_s: Fraction = Fraction(0)
    rehearsal_s: Fraction = Fraction(0)
    binned_s: Mapping[str, Fraction] = field(default_factory=dict)
    used_s: Fraction = Fraction(0)
    screen_s: Fraction = Fraction(0)
    camera_s: Mapping[str, Fraction] = field(default_factory=dict)
    sounds: int = 0
    sound_s: Fraction = Fraction(0)

    @property
    def bin_share(self) -> float | None:
        """Share of the takes in the bin."""
        return sum(self.binned.values()) / self.takes if self.takes else None

    @property
    def bin_share_s(self) -> float | None:
        """Share of the minutes in the bin."""
        return float(sum(self.binned_s.values()) / self.shot_s) if self.shot_s else None

    @property
    def used_share(self) -> float | None:
        """Share of the minutes that reached the cut."""
        return float(self.used_s / self.shot_s) if self.shot_s else None

    @property
    def takes_a_match(self) -> float | None:
        """Takes for each matched shot."""
        return self.matched_takes / len(self.matched) if self.matched else None


@dataclass(frozen=True)
class Day:
    """A shooting day. number: counts from 1; block: its name; first, last: when its first and last takes began.

    locked: the shots that stood locked when it ended, as the log was then; all else is as the log and the cut are now
    """

    number: int
    date: date
    block: str
    takes: tuple[DayTake, ...]
    sounds: tuple[Entry, ...]
    tally: Tally
    first: datetime | None
    last: datetime | None
    locked: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    """A block or a sequence: its days by number, what was shot, and what the plan still misses of it."""

    name: str
    days: tuple[int, ...]
    tally: Tally
    missing: tuple[Planned, ...] = ()


@dataclass(frozen=True)
class Days:
    """The production so far. missing: what is planned and not matched, or None where there is no plan."""

    days: tuple[Day, ...]
    blocks: tuple[Part, ...]
    sequences: tuple[Part, ...]
    total: Tally
    missing: tuple[Planned, ...] | None
    notes: tuple[str, ...]


def reason(entry: Entry) -> str:
    """Why a recording is in the bin: look, match ..., or the mark no good or false start; "" where it is not."""
    if entry.binned:
        return entry.binned
    return entry.mark if entry.mark in ("no good", "false start") else ""


def scene(shot: str) -> str:
    """The scene of a shot: 42 of 42A, A42 of A42B; the shot itself where its name is none of that kind."""
    found = re.match(r"[A-Za-z]{0,2}\d+", shot)
    return found[0].upper() if found else shot


def of(log: Log, cut: Cut | None, options: DaysOptions, plan: Plan | None = None) -> Days:
    """The days of a log. plan: what is to be shot, with its sequences and blocks."""
    zone = options.check()
    notes: list[str] = []
    shown = _shown(cut)
    images = [each for each in log.entries if each.footage.kind == "image"]
    takes = sorted(_takes(images, shown, options, zone), key=lambda each: (each.at, each.entries[0].footage.id))
    sounds = [(_dated(each, options, zone)[2], each) for each in log.entries if each.footage.kind == "sound"]
    matched = _matched(log, cut, takes)
    notes += _notes(takes, shown)
    dates = sorted({each.date for each in takes} | {day for day, _ in sounds})
    blocks = _blocks(dates, takes, options, plan)
    counter = _Counter(takes, matched)
    days = []
    for number, when in enumerate(dates, start=1):
        own = tuple(each for each in takes if each.date == when)
        heard = tuple(sorted((e for day, e in sounds if day == when), key=lambda e: e.footage.id))
        times = [each.at for each in own]
        tally = counter.tally(own, heard)
        ends = datetime.combine(when + timedelta(days=1), time(options.starts_hour), zone)
        first, last = min(times, default=None), max(times, default=None)
        locked = locked_by(log.decisions, ends)
        days.append(Day(number, when, blocks[when], own, heard, tally, first, last, locked))
    missing = None if plan is None else tuple(each for each in plan.shots if each.shot not in matched)
    all_sounds = [each for _, each in sounds]
    return Days(
        tuple(days), _block_parts(days, counter, plan, missing or ()),
        _sequence_parts(days, counter, plan, missing or ()), counter.tally(takes, all_sounds), missing, tuple(notes),
    )  # fmt: skip


# Dates ----------------------------------------------------------------------------------------------------------


def _dated(entry: Entry, options: DaysOptions, zone: ZoneInfo) -> tuple[datetime, bool, date]:
    """When it was shot, whether the camera's clock was believed, and on which shooting day."""
    footage = entry.footage
    came_in = footage.came_in.astimezone(zone).replace(tzinfo=None)
    believed = footage.shot_at is not None and _plausible(footage.shot_at.replace(tzinfo=None), came_in)
    at = footage.shot_at.replace(tzinfo=None) if believed and footage.shot_at else came_in
    return at, believed, (at - timedelta(hours=options.starts_hour)).date()


def _plausible(shot_at: datetime, came_in: datetime) -> bool:
    if shot_at.year < FIRST_YEAR or shot_at > came_in + timedelta(days=1):
        return False
    reset = shot_at.year in RESET_YEARS and shot_at.timetuple().tm_yday <= RESET_DAYS
    return not (reset and came_in - shot_at > LONG_AFTER)


def _blocks(
    dates: Sequence[date], takes: Sequence[DayTake], options: DaysOptions, plan: Plan | None
) -> dict[date, str]:
    """The block of each day: that of most of its takes in the plan, else counted by gaps."""
    planned = {each.shot: each.block for each in plan.shots if each.block} if plan else {}
    found: dict[date, str] = {}
    number, block = 1, ""
    for index, when in enumerate(dates):
        if index and (when - dates[index - 1]).days > options.block_gap_days:
            number += 1
        named = Counter(planned[each.shot] for each in takes if each.date == when and each.shot in planned)
        if planned:
            block = min(named, key=lambda name: (-named[name], name)) if named else block
            found[when] = block or min(planned.values())
        else:
            found[when] = str(number)
    return found


# Takes and what became of them ----------------------------------------------------------------------------------


def _takes(
    images: Sequence[Entry], shown: Mapping[str, tuple[Fraction, Fraction]], options: DaysOptions, zone: ZoneInfo
) -> Iterable[DayTake]:
    together: dict[object, list[Entry]] = {}
    for entry in sorted(images, key=lambda each: (_dated(each, options, zone)[0], each.footage.id)):
        together.setdefault(entry.slate or entry.footage.id, []).append(entry)
    for rivals in together.values():
        units = Counter(_camera(each) for each in rivals)
        groups: dict[object, list[Entry]] = {}
        nth: Counter[object] = Counter()
        for entry in rivals:
            # A slate that was given twice (a reshoot) names two takes: those of one day and count belong together.
            day = _dated(entry, options, zone)[2] if max(units.values()) > 1 else None
            key = (day, nth[day, _camera(entry)])
            nth[day, _camera(entry)] += 1
            groups.setdefault(key, []).append(entry)
        for group in groups.values():
            group.sort(key=lambda each: (_camera(each), each.footage.id))
            believed = [each for each in group if _dated(each, options, zone)[1]]
            at, dated, when = _dated((believed or group)[0], options, zone)
            live = [shown[e.footage.id] for e in group if e.footage.id in shown and not reason(e)]
            used, screen = (sum((pair[i] for pair in live), Fraction(0)) for i in (0, 1))
            yield DayTake(tuple(group), at, dated, when, used, screen)


def _camera(entry: Entry) -> str:
    return entry.unit or "A"


def _shown(cut: Cut | None) -> dict[str, tuple[Fraction, Fraction]]:
    """Source seconds and film seconds of each recording in the cut."""
    spans: dict[str, list[Span]] = {}
    for segment in cut.segments if cut else ():
        spans.setdefault(segment.clip, []).append(segment.source)
    found = {}
    for clip, stretches in spans.items():
        union, end = Fraction(0), None
        for each in sorted(stretches):
            start = each.start if end is None else max(each.start, end)
            union += max(Fraction(0), each.end - start)
            end = each.end if end is None else max(each.end, end)
        found[clip] = (union, sum((each.duration for each in stretches), Fraction(0)))
    return found


def _matched(log: Log, cut: Cut | None, takes: Sequence[DayTake]) -> dict[str, date]:
    """The shots that are matched, and the day of the take that stands for each."""
    of_clip = {entry.footage.id: take for take in takes for entry in take.entries}
    found: dict[str, date] = {}
    before = ""
    for index, segment in enumerate(cut.segments if cut else ()):
        take = of_clip.get(segment.clip)
        shot = take.shot if take else ""
        joined = not index or (cut is not None and cut.splices[index - 1].verdict != "visible")
        if take and shot and shot != before and joined and not take.binned and not take.rehearsal:
            found[shot] = max(found.get(shot, take.date), take.date)
        before = shot
    for shot, lock in log.locks.items():
        take = of_clip.get(lock.take)
        if take:
            found[shot] = take.date
    return found


def _notes(takes: Sequence[DayTake], shown: Mapping[str, object]) -> list[str]:
    notes = []
    undated = [each.name for each in takes if not each.dated]
    if undated:
        verb = "is" if len(undated) == 1 else "are"
        notes.append(
            f"{_some(undated)} {verb} dated by when the card came in: the camera's clock says nothing that can be true"
        )
    out = [e.name for each in takes for e in each.entries if e.footage.id in shown and (reason(e) or each.rehearsal)]
    if out:
        notes.append(f"{_some(out)}: in the cut, but out of the film by the log since; assemble again")
    return notes


def _some(names: Sequence[str], most: int = 5) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


# Sums -----------------------------------------------------------------------------------------------------------


class _Counter:
    """Adds up takes; knows all of them, because a shot that was matched today may have takes of yesterday."""

    def __init__(self, takes: Sequence[DayTake], matched: Mapping[str, date]) -> None:
        self.matched = matched
        self.takes_of = Counter(each.shot for each in takes if not each.rehearsal)

    def tally(self, takes: Sequence[DayTake], sounds: Sequence[Entry] = ()) -> Tally:
        meant = [each for each in takes if not each.rehearsal]
        binned = Counter(each.binned for each in meant if each.binned)
        binned_s: dict[str, Fraction] = {}
        camera_s: dict[str, Fraction] = {}
        for entry in (entry for take in meant for entry in take.entries):
            camera_s[_camera(entry)] = camera_s.get(_camera(entry), Fraction(0)) + entry.footage.duration
            if why := reason(entry):
                binned_s[why] = binned_s.get(why, Fraction(0)) + entry.footage.duration
        matched = sorted({e.shot for e in meant if self.matched.get(e.shot) == e.date}, key=sort_key)
        return Tally(
            takes=len(meant),
            rehearsals=len(takes) - len(meant),
            circled=sum(each.circled for each in meant),
            shots=tuple(sorted({each.shot for each in meant if each.shot}, key=sort_key)),
            matched=tuple(matched),
            matched_takes=sum(self.takes_of[shot] for shot in matched),
            binned=dict(sorted(binned.items())),
            shot_s=sum(camera_s.values(), Fraction(0)),
            rehearsal_s=_total(e.footage.duration for take in takes if take.rehearsal for e in take.entries),
            binned_s=dict(sorted(binned_s.items())),
            used_s=_total(min(each.used_s, _total(e.footage.duration for e in each.entries)) for each in meant),
            screen_s=_total(each.screen_s for each in meant),
            camera_s=dict(sorted(camera_s.items())),
            sounds=len(sounds),
            sound_s=_total(each.footage.duration for each in sounds),
        )


def _total(parts: Iterable[Fraction]) -> Fraction:
    return sum(parts, Fraction(0))


def _block_parts(
    days: Sequence[Day], counter: _Counter, plan: Plan | None, missing: Sequence[Planned]
) -> tuple[Part, ...]:
    names = dict.fromkeys(each.block for each in days)
    names |= dict.fromkeys(each.block for each in (plan.shots if plan else ()) if each.block)
    parts = []
    for name in names:
        own = [each for each in days if each.block == name]
        takes = [take for each in own for take in each.takes]
        sounds = [sound for each in own for sound in each.sounds]
        lacking = tuple(each for each in missing if each.block == name)
        parts.append(Part(name, tuple(each.number for each in own), counter.tally(takes, sounds), lacking))
    return tuple(parts)


def _sequence_parts(
    days: Sequence[Day], counter: _Counter, plan: Plan | None, missing: Sequence[Planned]
) -> tuple[Part, ...]:
    planned = {each.shot: each.sequence or scene(each.shot) for each in (plan.shots if plan else ())}
    takes: dict[str, list[tuple[int, DayTake]]] = {}
    for day in days:
        for take in day.takes:
            name = planned.get(take.shot) or (scene(take.shot) if take.shot else NO_SEQUENCE)
            takes.setdefault(name, []).append((day.number, take))

    def order(name: str) -> Any:  # noqa: ANN401  # a sort key
        shots = [shot for shot, of in planned.items() if of == name]
        shots += [take.shot for _, take in takes.get(name, []) if take.shot]
        return (0, min(map(sort_key, shots)), name) if shots else (1, (), name)

    return tuple(
        Part(
            name,
            tuple(sorted({number for number, _ in takes.get(name, [])})),
            counter.tally([take for _, take in takes.get(name, [])]),
            tuple(each for each in missing if planned[each.shot] == name),
        )
        for name in sorted({*takes, *planned.values()}, key=order)
    )


def day_named(found: Days, text: str) -> Day:
    """The day that people mean by "12", "2026-03-04" or "last".

    Raises:
        BadOption: nothing was shot on it.
    """
    wanted = text.strip().lower()
    if wanted == "last" and found.days:
        return found.days[-1]
    for day in found.days:
        if wanted in (str(day.number), day.date.isoformat()):
            return day
    shot = f"days 1 to {len(found.days)}" if found.days else "none yet"
    raise BadOption(f"'{text}' is no shooting day; there are {shot}. Write it like 12, 2026-03-04 or last.")
