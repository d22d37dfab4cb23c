"""Joins: where one take can hand over to another.

Motion first: pairs of turns that go the same way at a like speed. Then one visual alignment for each pair of turns,
bridged from frame to frame by image motion; only the few frame pairs that survive are looked at and compared.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from headturn.clock import Span
from headturn.edit import ambience, look, meet, place, rests
from headturn.edit.ambience import Hear
from headturn.edit.cost import ELSEWHERE_COST, REST_COST, Pair, gathered, joined, judged
from headturn.edit.covers import Covers, step
from headturn.edit.join import NO_AIDS
from headturn.edit.join import Aids as Aids
from headturn.edit.join import Glances as Glances
from headturn.edit.join import Join as Join
from headturn.edit.join import JoinOptions as JoinOptions
from headturn.edit.look import Alignment
from headturn.edit.meet import Bridge, Meeting
from headturn.head.rush import Rush
from headturn.head.turns import Turn

WHIP_RAD_S = np.radians(200.0)
"""In a slower turn a change of place is seen even by those who do not look for it (the trial's strips)."""
WHIP_COST = 1.4
"""Of a change of place in a blurred whip turn: workable at best. Frame by frame it is a composite, and looks it."""
SPEED_BONUS = 0.3
"""What 200 degrees a second more are worth where the place changes (the trial's)."""
STEP_COST = 12.0
"""For a step of full scale. From one frame of a wall to the next it is below 0.01; 0.1 is seen as a flicker."""
WHIP_STEP_COST = 4.0
"""The same within a whip turn, where from one frame to the next 0.1 is usual."""
COVERED_RATE, FILLED_RATE = 0.2, 0.55
"""How much rotation counts where no world is seen to rotate: in darkness or a flash, and behind what fills the image.
The latter still shows a tenth of its cells move, and a wall seen through smoke its edges, too faint to be measured:
heads that turn opposite ways (2.0, the most) are workable at best. Of 40 such pairs on the backlot one was seamless."""
DETAIL_COST = 3.5
"""Of structure all over what fills the image: folds and seams of a coat jump where it becomes another. With less than
two sevenths of the image showing any, a join can still be seamless; not yet measured on people."""
SOUND_COST = 0.02
"""For each decibel by which level and timbre differ: the seam brings the level over, within 6 dB, and crosses both."""
ALIGN_OFFSETS_S = tuple(frames / 30 for frames in (8, -8, 5, -5, 11, -11, 0))
"""Off the peaks at which alignment is tried: there the image is sharp."""
CERTAIN_POINTS = 60
"""So many agreeing points settle an alignment; further tries are spared."""
MOTION_AHEAD = 4
"""Times as many pairs of turns as are looked at closely are weighed by what is seen before and after them."""
PLACE_WEIGHT = 4.0
"""How much like views count beside rotation: views of one place are 0.2 to 0.4 alike, others 0.1."""
FIRST_TRIES, HOPEFUL_POINTS = 2, 5
"""If not so many points agree in the first tries, before and after the peaks, the others are spared. Of 137 pairs of
turns of `house`, `lap` and `shop`, that ends 81 % of those that never align, and none of the 33 that do."""


def find(
    a: Rush,
    b: Rush,
    out_span: Span,
    in_span: Span,
    glances: Glances,
    options: JoinOptions,
    aids: Aids = NO_AIDS,
) -> tuple[Join, ...]:
    """Joins from take A to take B, best first; never empty.

    out_span, in_span: where A may be left and B entered, on their clips' clocks. Where no turn serves, covers
    (something that fills the image, darkness, a flash) and matched rests are tried, and the last resort is the end of
    one and the start of the other, marked for what it is.
    """
    exits = meet.usable(a, out_span, 0.0, options.handle_s)
    entries = meet.usable(b, in_span, options.handle_s, 0.0)
    found = in_turns(a, b, likely(a, b, exits, entries, glances, options), glances, options)
    if not any(join.verdict == "seamless" for join in found) and aids.covers is not None:
        found += _behind_covers(a, b, exits, entries, glances, aids.covers)
    if not any(join.verdict == "seamless" for join in found):
        found += rests.joins(a, b, exits, entries, glances, options, aids.cheap)
    found.append(_end_to_start(a, b, out_span, in_span, glances, options))
    if aids.hear is not None:
        found = [with_sound(join, aids.hear) for join in found]
    return tuple(sorted(found, key=rank))


def rank(join: Join) -> tuple[float, float, int, int]:
    """Best first: what is least likely to be caught."""
    return join.detectability, join.cost, join.out_frame, join.in_frame


# In turns --------------------------------------------------------------------------------------------


def likely(a: Rush, b: Rush, exits: range, entries: range, glances: Glances, options: JoinOptions) -> list[Meeting]:
    """The pairs of turns to look at, `options.turn_pairs` at most, most promising first.

    By motion; where more turns than that go alike, by what is seen before and after them, too.
    """
    met = meet.meetings(a, b, exits, entries, options)
    if len(met) <= options.turn_pairs:
        return met
    met = met[: MOTION_AHEAD * options.turn_pairs]
    seen_a = place.anchors(a, list(dict.fromkeys(meeting.turn_a for meeting in met)), glances)
    seen_b = place.anchors(b, list(dict.fromkeys(meeting.turn_b for meeting in met)), glances)
    words = place.learnt([view for pair in (*seen_a.values(), *seen_b.values()) for view in pair if view is not None])
    here, there = (
        {turn: np.stack([words.description(view) for view in pair]) for turn, pair in seen.items()}
        for seen in (seen_a, seen_b)
    )

    def unlikely(meeting: Meeting) -> float:
        alike = float(np.max(np.sum(here[meeting.turn_a] * there[meeting.turn_b], axis=1)))
        return 0.6 * float(meeting.rate_cost.min()) - PLACE_WEIGHT * alike

    return sorted(met, key=unlikely)[: options.turn_pairs]


def in_turns(
    a: Rush, b: Rush, found: Sequence[Meeting], glances: Glances, options: JoinOptions, first: bool = False
) -> list[Join]:
    """The joins of pairs of turns; those at two places are marked for what they are.

    first: stop at the first pair of turns that has a seamless one
    """
    joins: list[Join] = []
    for meeting in found:
        joins += _look_closer(a, b, meeting, glances, options)
        if first and any(join.verdict == "seamless" for join in joins):
            break
    return joins


def _look_closer(a: Rush, b: Rush, meeting: Meeting, glances: Glances, options: JoinOptions) -> list[Join]:
    """Align two turns once, bridge by motion, compare the few best frame pairs."""
    anchor = _align_turns(a, b, meeting.turn_a, meeting.turn_b, glances)
    if anchor is None:
        return [elsewhere(a, b, meeting, glances)]
    bridge, alignment = anchor
    pairs = nearest_pairs(meeting, bridge, options)
    return compared(pairs, bridge, alignment, gathered(pairs, glances))


def nearest_pairs(meeting: Meeting, bridge: Bridge, options: JoinOptions) -> list[Pair]:
    """The few pairs of frames of two turns that look the same way and move alike, best first by motion."""
    best = meet.nearest(bridge, meeting.frames_a, meeting.frames_b, meeting.rate_cost, options.looks, options)
    return [Pair(bridge.a, bridge.b, frame_a, frame_b, meeting) for frame_a, frame_b in best]


def compared(pairs: Sequence[Pair], bridge: Bridge, alignment: Alignment, glances: Glances) -> list[Join]:
    """The joins of some pairs of frames at one place; without those that cannot be decoded."""
    found = [judged(pair, bridge.a_from_b(pair.out_frame, pair.in_frame), alignment, glances) for pair in pairs]
    return [join for join in found if join is not None]


def _align_turns(a: Rush, b: Rush, turn_a: Turn, turn_b: Turn, glances: Glances) -> tuple[Bridge, Alignment] | None:
    """The best visual alignment of two turns, and the bridge that stands on it. None: not the same place."""
    tries = [
        (meet.frame_at(a, turn_a.peak_s + offset_s), meet.frame_at(b, turn_b.peak_s + offset_s))
        for offset_s in ALIGN_OFFSETS_S
    ]
    best: tuple[int, int, Alignment] | None = None
    most = 0
    for at_once in (tries[:FIRST_TRIES], tries[FIRST_TRIES:]):
        views_a = glances(a.take.id, sorted({frame for frame, _ in at_once}))
        views_b = glances(b.take.id, sorted({frame for _, frame in at_once}))
        for frame_a, frame_b in dict.fromkeys(at_once):
            if frame_a not in views_a or frame_b not in views_b or (best and best[2].points >= CERTAIN_POINTS):
                continue
            alignment = look.align(views_a[frame_a], views_b[frame_b])
            most = max(most, alignment.points)
            if alignment.same_place and (best is None or alignment.points > best[2].points):
                best = frame_a, frame_b, alignment
        if most < HOPEFUL_POINTS or most >= CERTAIN_POINTS:
            break
    if best is None:
        return None
    return meet.bridged(a, b, *best[:2], best[2].a_from_b), best[2]


def elsewhere(a: Rush, b: Rush, meeting: Meeting, glances: Glances) -> Join:
    """A join in two like turns at places that do not match: the motion goes on, the place changes.

    Only a fast turn that blurs both images hides that, and never well; else it is no join.
    """
    speeds = [
        np.linalg.norm(r.motion.rates_rad_s[f], axis=1) for r, f in ((a, meeting.frames_a), (b, meeting.frames_b))
    ]
    slow = -SPEED_BONUS * np.minimum(speeds[0][:, None], speeds[1]) / WHIP_RAD_S
    row, column = np.unravel_index(int(np.argmin(1.5 * meeting.rate_cost + slow)), meeting.rate_cost.shape)
    pair = Pair(a, b, int(meeting.frames_a[row]), int(meeting.frames_b[column]), meeting)
    rotation = ("rotation", 1.5 * float(meeting.rate_cost[row, column]))
    if pair.speed_rad_s < WHIP_RAD_S:
        return joined(pair, "nothing", (("other place", ELSEWHERE_COST), rotation, ("no turn", 2 * REST_COST)))
    views = pair.views(glances)
    if views is None or not pair.blurred(views):
        return joined(pair, "nothing", (("other place", ELSEWHERE_COST), rotation))
    jump, gain = look.step(*views)
    terms = (("other place", WHIP_COST), rotation, ("light", WHIP_STEP_COST * jump))
    whip = joined(pair, "turn", terms, gain=gain)
    return whip if whip.verdict != "visible" else joined(pair, "nothing", (("other place", ELSEWHERE_COST), rotation))


# Behind something ------------------------------------------------------------------------------------


def _behind_covers(a: Rush, b: Rush, exits: range, entries: range, glances: Glances, covers: Covers) -> list[Join]:
    """Joins where both takes show no world for a moment, for the same reason; the place may change there.

    A white wall does not hide a black door: where the step is seen, it is no join.
    """
    seen_a, seen_b = (
        [cover for cover in covers(rush.take.id, _span(rush, frames)) if cover.first < frames.stop]
        for rush, frames in ((a, exits), (b, entries))
    )
    found = []
    for one in seen_a:
        for other in seen_b:
            if one.kind != other.kind or one.best not in exits or other.best not in entries:
                continue
            pair = Pair(a, b, one.best, other.best)
            views = pair.views(glances)
            rate = FILLED_RATE if one.kind == "occluder" else COVERED_RATE
            if views is not None:
                terms = (
                    ("light", STEP_COST * step(*views)),
                    ("detail", DETAIL_COST * max(one.detail, other.detail)),
                    ("rotation", rate * min(pair.rate_cost, 2.0)),
                )
                found.append(joined(pair, one.kind, terms))
    return [join for join in found if join.verdict != "visible"]


def _span(rush: Rush, frames: range) -> Span:
    return Span(
        rush.times[frames.start], rush.times[frames.stop] if frames.stop < len(rush.times) else rush.times.span.end
    )


def with_sound(join: Join, hear: Hear) -> Join:
    """The join with what its sound costs; nothing where a take has none."""
    unlike = ambience.difference(hear(join.a, join.out_time), hear(join.b, join.in_time))
    return join if unlike is None else replace(join, terms=(*join.terms, ("sound", SOUND_COST * unlike)))


# The last resort ----------------------------------------------------------------------------------------


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
        why = "far view" if alignment.same_place else "other place"
        join = joined(pair, "nothing", ((why, ELSEWHERE_COST), ("no turn", 2 * REST_COST)), alignment)
    return replace(join, out_frame=last + 1, out_time=out_span.end, in_time=in_span.start)
