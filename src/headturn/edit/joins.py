"""Joins: where one take can hand over to another.

Motion first: pairs of turns that go the same way at a like speed. Then one visual alignment for each pair of turns,
bridged from frame to frame by image motion; only the few frame pairs that survive are looked at and compared.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from headturn.clock import Span
from headturn.edit import look, meet
from headturn.edit.cost import ELSEWHERE_COST, HEADING_RAD, REST_COST, Pair, gathered, joined, judged
from headturn.edit.join import Glances as Glances
from headturn.edit.join import Join as Join
from headturn.edit.join import JoinOptions as JoinOptions
from headturn.edit.look import Alignment
from headturn.edit.meet import Bridge, Indices, Meeting, rate_difference
from headturn.head.rush import Rush
from headturn.head.turns import Turn

WHIP_RAD_S = np.radians(200.0)
"""In a slower turn a change of place is seen even by those who do not look for it (the trial's strips)."""
ALIGN_OFFSETS_S = tuple(frames / 30 for frames in (8, -8, 5, -5, 11, -11, 0))
"""Off the peaks at which alignment is tried: there the image is sharp."""
CERTAIN_POINTS = 60
"""So many agreeing points settle an alignment; further tries are spared."""
APART_S = 1 / 15
"""Joins of one pair of turns lie at least this far apart: nearer ones are one join to a director."""


def find(a: Rush, b: Rush, out_span: Span, in_span: Span, glances: Glances, options: JoinOptions) -> tuple[Join, ...]:
    """Joins from take A to take B, best first; never empty.

    out_span, in_span: where A may be left and B entered, on their clips' clocks. Where no turn serves, matched rests
    are tried, and the last resort is the end of one and the start of the other, marked for what it is.
    """
    exits = meet.usable(a, out_span, 0.0, options.handle_s)
    entries = meet.usable(b, in_span, options.handle_s, 0.0)
    found = in_turns(a, b, meet.meetings(a, b, exits, entries, options)[: options.turn_pairs], glances, options)
    if not any(join.verdict == "seamless" for join in found):
        found += _at_rest(a, b, exits, entries, glances, options)
    found.append(_end_to_start(a, b, out_span, in_span, glances, options))
    return tuple(sorted(found, key=rank))


def rank(join: Join) -> tuple[float, float, int, int]:
    """Best first: what is least likely to be caught."""
    return join.detectability, join.cost, join.out_frame, join.in_frame


# In turns --------------------------------------------------------------------------------------------


def in_turns(a: Rush, b: Rush, found: Sequence[Meeting], glances: Glances, options: JoinOptions) -> list[Join]:
    """The joins of pairs of turns; those at two places are marked for what they are."""
    joins: list[Join] = []
    for meeting in found:
        joins += _look_closer(a, b, meeting, glances, options)
    return joins


def _look_closer(a: Rush, b: Rush, meeting: Meeting, glances: Glances, options: JoinOptions) -> list[Join]:
    """Align two turns once, bridge by motion, compare the few best frame pairs."""
    anchor = _align_turns(a, b, meeting.turn_a, meeting.turn_b, glances)
    if anchor is None:
        return [_elsewhere(a, b, meeting)]
    bridge, alignment = anchor
    apart = bridge.headings(meeting.frames_a, meeting.frames_b)
    cost = 0.6 * meeting.rate_cost + apart / HEADING_RAD
    cost[apart > np.radians(options.heading_deg)] = np.inf
    best = meet.distinct_minima(cost, options.looks, APART_S * float(a.take.clip.image.rate))
    pairs = [Pair(a, b, int(meeting.frames_a[row]), int(meeting.frames_b[column]), meeting) for row, column in best]
    in_one_go = gathered(pairs, glances)
    found = [judged(pair, bridge.a_from_b(pair.out_frame, pair.in_frame), alignment, in_one_go) for pair in pairs]
    return [join for join in found if join is not None]


def _align_turns(a: Rush, b: Rush, turn_a: Turn, turn_b: Turn, glances: Glances) -> tuple[Bridge, Alignment] | None:
    """The best visual alignment of two turns, and the bridge that stands on it. None: not the same place."""
    tries = [
        (_frame_at(a, turn_a.peak_s + offset_s), _frame_at(b, turn_b.peak_s + offset_s)) for offset_s in ALIGN_OFFSETS_S
    ]
    views_a = glances(a.take.id, sorted({frame for frame, _ in tries}))
    views_b = glances(b.take.id, sorted({frame for _, frame in tries}))
    best: tuple[int, int, Alignment] | None = None
    for frame_a, frame_b in dict.fromkeys(tries):
        if frame_a not in views_a or frame_b not in views_b:
            continue
        alignment = look.align(views_a[frame_a], views_b[frame_b])
        if alignment.same_place and (best is None or alignment.points > best[2].points):
            best = frame_a, frame_b, alignment
        if best is not None and best[2].points >= CERTAIN_POINTS:
            break
    if best is None:
        return None
    return meet.bridged(a, b, *best[:2], best[2].a_from_b), best[2]


def _frame_at(rush: Rush, time_s: float) -> int:
    """The frame shown at a time, or the first or last one."""
    return int(np.clip(np.searchsorted(rush.times.seconds, time_s + 1e-9, side="right") - 1, 0, len(rush.times) - 1))


def _elsewhere(a: Rush, b: Rush, meeting: Meeting) -> Join:
    """A join in two like turns at places that do not match: the motion goes on, the place changes."""
    row, column = np.unravel_index(int(np.argmin(meeting.rate_cost)), meeting.rate_cost.shape)
    pair = Pair(a, b, int(meeting.frames_a[row]), int(meeting.frames_b[column]), meeting)
    terms = [("other place", ELSEWHERE_COST), ("rotation", 1.5 * float(meeting.rate_cost[row, column]))]
    if pair.speed_rad_s < WHIP_RAD_S:
        terms.append(("no turn", 2 * REST_COST))  # too slow to blur, it hides the change no better than no turn
    return joined(pair, "nothing", tuple(terms))


# At rest, and the last resort ------------------------------------------------------------------------

REST_SAMPLES = 7
"""Moments of each take that are compared where no turn serves."""


def _at_rest(a: Rush, b: Rush, exits: range, entries: range, glances: Glances, options: JoinOptions) -> list[Join]:
    """Joins where both takes happen to look the same way, without a turn to hide them."""
    moments_a, moments_b = _spread(exits), _spread(entries)
    views_a, views_b = glances(a.take.id, moments_a), glances(b.take.id, moments_b)
    aligned = [
        (alignment, frame_a, frame_b)
        for frame_a, view_a in views_a.items()
        for frame_b, view_b in views_b.items()
        if (alignment := look.align(view_a, view_b)).same_place
    ]
    aligned.sort(key=lambda each: -each[0].points)
    joins = []
    for alignment, frame_a, frame_b in aligned[:2]:
        frames_a, frames_b = _around(frame_a, exits), _around(frame_b, entries)
        bridge = meet.bridged(a, b, frame_a, frame_b, alignment.a_from_b)
        apart = bridge.headings(frames_a, frames_b)
        cost = 0.6 * rate_difference(a, b, frames_a, frames_b) + apart / HEADING_RAD
        cost[apart > np.radians(options.heading_deg)] = np.inf
        for row, column in meet.distinct_minima(cost, 2, APART_S * float(a.take.clip.image.rate)):
            pair = Pair(a, b, int(frames_a[row]), int(frames_b[column]))
            join = judged(pair, bridge.a_from_b(pair.out_frame, pair.in_frame), alignment, glances)
            if join is not None:
                joins.append(join)
    return joins


def _spread(frames: range) -> list[int]:
    return sorted({int(frame) for frame in np.linspace(frames.start, frames.stop - 1, REST_SAMPLES)})


def _around(frame: int, allowed: range, reach: int = 15) -> Indices:
    return np.arange(max(frame - reach, allowed.start), min(frame + reach + 1, allowed.stop))


def _end_to_start(a: Rush, b: Rush, out_span: Span, in_span: Span, glances: Glances, options: JoinOptions) -> Join:
    """All of A, then all of B: what remains where nothing matches, and what any demand on the takes' length allows."""
    first = min(int(np.searchsorted(b.times.seconds, float(in_span.start) - 1e-9)), len(b.times) - 1)
    last = max(0, int(np.searchsorted(a.times.seconds, float(out_span.end) - 1e-9)) - 1)
    pair = Pair(a, b, last, first)
    views = pair.views(glances)
    alignment = look.align(*views) if views else look.NOT_ALIGNED
    join = None
    if alignment.same_place:
        a_from_b = np.array(alignment.a_from_b)
        if alignment.angle_rad < np.radians(options.heading_deg):
            join = judged(pair, a_from_b, alignment, glances)
    if join is None:
        place = "far view" if alignment.same_place else "other place"
        join = joined(pair, "nothing", ((place, ELSEWHERE_COST), ("no turn", 2 * REST_COST)), alignment)
    return replace(join, out_frame=last + 1, out_time=out_span.end, in_time=in_span.start)
