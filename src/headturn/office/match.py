"""The verb `match`: does this take join the shot before it? Told while the take can still be shot again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import numpy as np

from headturn.camera import card
from headturn.camera.proxy import Proxy
from headturn.camera.take import Take
from headturn.clock import Span
from headturn.edit import assemble
from headturn.edit.cut import Verdict
from headturn.edit.joins import Join
from headturn.edit.reasons import reasons
from headturn.errors import BadOption, NothingToDo
from headturn.head.rush import Rush
from headturn.head.turns import Turn
from headturn.office import lab, meeting, settings, smaller, store
from headturn.office.arrivals import named, take_of
from headturn.office.catalogue import opened
from headturn.office.dailies import Progress, first_joins_between, joins_between, through_lens, with_less
from headturn.office.lab import Glancer
from headturn.office.log import Entry, Log
from headturn.office.meeting import Desk, Meeting
from headturn.office.store import Store

MOST_TOLD = 3
"""Joins that are told of a match: the crew waits."""
TURNS_ONLY = "So far only turns were looked at; what fills the image, darkness, flashes and rests are looked for now."
INTO_MARK_S = Fraction(1)
"""So much of the part that must be in the film is analysed too: a turn on its edge begins in it."""
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


@dataclass(frozen=True, eq=False)
class Match:
    """A take held against the shot before.

    chosen_by: why this take of the shot before stands for it; spans: where it may be left and the new take entered
    unsearched: what was not looked at, as sentences
    seen_in: both takes as they were looked at, some in their low-resolution recordings
    final: whether nothing better can be found; else it is what a first look at the turns says, and looking goes on
    """

    meeting: Meeting
    chosen_by: str
    spans: tuple[Span, Span]
    unsearched: tuple[str, ...]
    seen_in: tuple[Rush, Rush]
    final: bool = True

    @property
    def joins(self) -> tuple[Join, ...]:
        """The best three, best first."""
        return self.meeting.joins[:MOST_TOLD]

    @property
    def verdict(self) -> Verdict | Literal["no match"]:
        """That of the best join."""
        return self.joins[0].verdict if self.joins else "no match"


def in_film(
    kept: Store, take: str, after: str | None, changes: dict[str, Any], on_progress: Progress
) -> Iterator[Match]:
    """A take of the log against the shot before it, or against the take `after`; see `answers`.

    Raises:
        BadOption: no such take, or one without a slate. NothingToDo: there is no shot before. CannotRead: its disk is
        not connected, or it is damaged.
    """
    chosen = settings.changed(settings.read(kept.settings), changes, "the command line")
    with opened(kept) as catalogue:
        log = catalogue.log()
        entry = named(log, take)
        before, chosen_by = (named(log, after), "named") if after else before_of(log, entry)
        a, b = (take_of(catalogue, each, chosen, kept) for each in (before, entry))
    yield from answers(a, b, chosen_by, meeting.desk_of(kept, chosen), on_progress)


def of_files(file_b: Path, file_a: Path, changes: dict[str, Any], on_progress: Progress) -> Iterator[Match]:
    """Two recordings that no log knows: the new take, and the one before it; see `answers`.

    Raises:
        CannotRead: a file is no recording. BadOption: both are one recording.
    """
    kept = store.at_hand(Path())
    chosen = settings.changed(settings.read(kept.settings), changes, "the command line")
    a, b = (meeting.whole(clip) for clip in through_lens([card.recording(f) for f in (file_a, file_b)], chosen, kept))
    yield from answers(a, b, "named", meeting.desk_of(kept, chosen), on_progress)


def before_of(log: Log, entry: Entry) -> tuple[Entry, str]:
    """The take that stands for the shot before a take's, and why it does: locked, circled, kept, or the latest.

    Raises:
        BadOption: the take has no slate. NothingToDo: no shot before it has a usable take.
    """
    if entry.slate is None:
        raise BadOption(f"{entry.name} has no slate; headturn slate {entry.name} 42A-3, or say --after TAKE.")
    return standing_for(log, entry.slate.shot)


def standing_for(log: Log, shot: str) -> tuple[Entry, str]:
    """The take that stands for the shot before `shot`, which need not have a take itself; see `before_of`."""
    shots = list(order_with(log, shot))
    for earlier in reversed(shots[: shots.index(shot)]):
        lock = log.locks.get(earlier)
        locked = log.of(lock.take) if lock else None
        if locked:
            return locked, "locked"
        able = [each for each in log.shots[earlier] if each.usable]
        usable = sorted(able, key=lambda each: each.unit in ("", "A"))  # the last one counts: the A camera's, if any
        for mark in ("circled", "keep"):
            marked = [each for each in usable if each.mark == mark]
            if marked:
                return marked[-1], mark
        if usable:
            return usable[-1], "the latest"
    raise NothingToDo(f"no shot before {shot} has a take that may be used; say --after TAKE.")


def order_with(log: Log, shot: str) -> tuple[str, ...]:
    """The shots of the log in film order, with one more among them."""
    from headturn.camera import slate

    return tuple(sorted({*log.shots, shot}, key=slate.sort_key))


def matched(a: Take, b: Take, chosen_by: str, desk: Desk, on_progress: Progress) -> Match:
    """The last of the `answers`."""
    *_, last = answers(a, b, chosen_by, desk, on_progress)
    return last


def answers(a: Take, b: Take, chosen_by: str, desk: Desk, on_progress: Progress) -> Iterator[Match]:
    """Where the tail of A and the head of B meet, searched as far as the settings say.

    What a first look at the turns says; where that is not seamless, then what all of both takes says, which takes
    longer and stands.

    Raises:
        BadOption: both are one recording. NothingToDo: one of them cannot be decoded.
    """
    if a.clip.id == b.clip.id:
        raise BadOption(f"{a.name} and {b.name} are one recording; give two takes.")
    brief = desk.chosen.assemble
    spans = assemble.exit_span(a, brief), assemble.entry_span(b, brief)
    window = Fraction(desk.chosen.match.window_s).limit_denominator(1000)
    windows = {a.id: tail(a, window), b.id: head(b, window)}
    rushes = meeting.rushes_of(a, b, windows, desk, on_progress, lambda clip: smaller.of_clip(clip, desk.store)[0])
    glancer, said = through_small(rushes, desk)
    a_seen, b_seen = (smaller.rush(rush, glancer.proxies.get(rush.take.id)) for rush in rushes)
    notes = (*meeting.noted(rushes, windows), *said)
    partly = [(rush, windows[rush.take.id]) for rush in rushes if meeting.partly(rush, windows[rush.take.id])]
    unsearched = tuple(_unsearched(rush, window) for rush, window in partly)
    met = replace(meeting.searched(*rushes, spans, glancer, desk, first_joins_between, on_progress), notes=notes)
    first = Match(met, chosen_by, spans, (*unsearched, TURNS_ONLY), (a_seen, b_seen), final=False)
    if first.verdict == "seamless":
        yield replace(first, unsearched=unsearched, final=True)
        return
    yield first
    met = replace(meeting.searched(*rushes, spans, glancer, desk, joins_between, on_progress), notes=notes)
    if not partly and all(join.verdict == "visible" for join in met.joins):
        whole = a.span, b.span
        less = with_less(*rushes, whole, glancer, desk.store, desk.chosen, desk.judges.calibration)
        met = replace(met, notes=(*notes, less)) if less else met
    yield Match(met, chosen_by, spans, unsearched, (a_seen, b_seen))


def tail(take: Take, window: Fraction) -> Span:
    """So many seconds of a take in which it may be left: its end, or what follows on the part that must be in."""
    end = take.span.end
    if take.marked:
        end = min(end, take.marked.end + window - INTO_MARK_S)
    return Span(max(take.span.start, end - window), end)


def head(take: Take, window: Fraction) -> Span:
    """So many seconds of a take in which it may be entered: its start, or what lies before the part that must be in."""
    start = take.span.start
    if take.marked:
        start = max(start, take.marked.start - window + INTO_MARK_S)
    return Span(start, min(take.span.end, start + window))


def through_small(rushes: Sequence[Rush], desk: Desk) -> tuple[Glancer, list[str]]:
    """Looks at takes in the camera's low-resolution recordings, where some fit; and what is said of that."""
    proxies, notes = dict[str, Proxy](), list[str]()
    for rush in rushes:
        speed = np.linalg.norm(rush.motion.rates_rad_s, axis=1)
        small, said = smaller.of_clip(rush.take.clip, desk.store, speed)
        proxies |= {rush.take.id: small} if small else {}
        notes += [said] if said else []
    return lab.glancer(rushes, desk.store, proxies), notes


def _unsearched(rush: Rush, window: Span) -> str:
    start, end = float(window.start), float(window.end)
    return f"{rush.take.name} has no motion data: only {start:.1f} to {end:.1f} s of it were searched."


# What a director hears ------------------------------------------------------------------------------------------


def told(found: Match) -> tuple[str, ...]:
    """The answer in sentences, the best seam first; what to do differently where nothing matches."""
    if found.joins:
        best = found.joins[0]
        return (_place(best, found), *reasons(best))
    return (*contrast(found), *found.meeting.without_join)


def _place(join: Join, found: Match) -> str:
    """ "best seam at 07:12:04:09, 7.5 s into the take, on the second turn" """
    b = found.meeting.b
    code = b.take.clip.timecode
    at = f"{code.plus(join.in_time)}, " if code else ""
    into = float(join.in_time - b.take.clip.span.start)
    turn = ""
    if join.turn_b is not None and join.turn_b in b.turns:
        number = b.turns.index(join.turn_b)
        turn = f", on the {ORDINALS[number] if number < len(ORDINALS) else f'{number + 1}th'} turn"
    a = found.meeting.a.take
    left = float(a.clip.span.end - join.out_time)
    return f"best seam at {at}{into:.1f} s into the take{turn}; {a.name} is left {left:.1f} s before its end"


def contrast(found: Match) -> tuple[str, ...]:
    """How the last turn of the shot before and the first of this take differ, and which turn to begin with."""
    a, b = found.meeting.a, found.meeting.b
    tail, head = last_turn(a, found.spans[0]), first_turn(b, found.spans[1])
    if tail is None:
        return (f"{a.take.name} does not end on a turn: shoot an end that turns, or end on a wall, a door or the dark",)
    begin = f"begin the next take on {_as_told(tail)}"
    if head is None:
        return (f"the tail turns {_as_told(tail)}, this take starts without a turn: {begin}",)
    if tail.direction != head.direction:
        return (f"the tail turns {_as_told(tail)}, this take starts to the {head.direction}: {begin}",)
    return (f"the tail turns {_as_told(tail)}, this take starts {_as_told(head)}",)


def last_turn(rush: Rush, span: Span) -> Turn | None:
    """The last turn within a span."""
    return next((turn for turn in reversed(rush.turns) if float(span.start) <= turn.peak_s < float(span.end)), None)


def first_turn(rush: Rush, span: Span) -> Turn | None:
    """The first turn within a span."""
    return next((turn for turn in rush.turns if float(span.start) <= turn.peak_s < float(span.end)), None)


def _as_told(turn: Turn) -> str:
    return f"{turn.direction} at {np.degrees(turn.peak_rad_s):.0f} degrees a second"
