"""Joins: where one take can hand over to another.

Motion first: pairs of turns that go the same way at a like speed. Then one visual alignment for each pair of turns,
bridged from frame to frame by image motion; only the few frame pairs that survive are looked at and compared.

The cost of a join adds what an eye notices in a turn. Its terms and first weights come from a trial on rendered and
real turns (Spearman correlation of each term with the residual at the seam); 0 is a take joined with itself.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from headturn import rotation
from headturn.clock import Span
from headturn.edit import look
from headturn.edit.cut import Hiding, Verdict
from headturn.edit.look import Alignment, Glance
from headturn.head.rush import Rush
from headturn.head.turns import Turn
from headturn.rotation import Floats

Indices = NDArray[np.intp]

Glances = Callable[[str, Sequence[int]], Mapping[int, Glance]]
"""Handed in by the caller: a take's id and frame indices to small images. Frames that cannot be read are missing."""


@dataclass(frozen=True)
class JoinOptions:
    """How joins are searched.

    turn_speed_deg_s, turn_speed_share: a splice lies only where the image turns at least this fast, and at least this
        share of the turn's peak. Slower than 60 degrees a second the eye follows and sees the change.
    direction_deg: how far the directions of both rotations may differ
    heading_deg: how far apart both images may look at the splice; the seam turns each by half of it. Up to 12 degrees
        the trial measured no loss, beyond 14 the overscan runs out.
    turn_pairs: pairs of turns that are looked at, for each pair of takes, best motion first
    looks: pairs of frames that are compared, for each pair of turns
    handle_frames: frames that each take must have beyond the splice, for the morph and the sound
    """

    turn_speed_deg_s: float = 60.0
    turn_speed_share: float = 0.35
    direction_deg: float = 30.0
    heading_deg: float = 14.0
    turn_pairs: int = 8
    looks: int = 5
    handle_frames: int = 4


SEAMLESS_COST = 1.2
"""Below it the rendered splices of the backlot and of `fridge`, `lap` and `house` could not be pointed at by eye."""
WORKABLE_COST = 2.2
"""Above it something jumps that one need not look for."""
REST_COST = 0.6
"""Added where no turn hides the splice: nothing blurs what is left."""
ELSEWHERE_COST = 4.0
"""Added where both takes do not show one place: nothing can be aligned."""
WHIP_RAD_S = np.radians(200.0)
"""In a slower turn a change of place is seen even by those who do not look for it (the trial's strips)."""
RATE_FLOOR_RAD_S = np.radians(40.0)
TAPS = ((-2, 0.25), (0, 0.5), (2, 0.25))
"""Frames around the splice at which the rotation is compared, with weights."""
ALIGN_OFFSETS = (8, -8, 5, -5, 11, -11, 0)
"""Frames from the peaks at which alignment is tried: off the peak the image is sharp."""
CERTAIN_POINTS = 60
"""So many agreeing points settle an alignment; further tries are spared."""


@dataclass(frozen=True)
class Join:
    """A possible meeting of two takes: A's last frame is the one before `out_frame`, B's first is `in_frame`.

    a, b: take ids; out_time, in_time: on each clip's own clock
    a_from_b: quaternion that turns rays of B's image at the splice into rays of A's
    gain: factors in linear light that bring B to A
    terms: what each part adds to the cost, by name
    turn_a, turn_b: the turns it lies in, or None for a join at rest
    alignment: what the two takes' images have in common around the splice
    """

    a: str
    b: str
    out_frame: int
    in_frame: int
    out_time: Fraction
    in_time: Fraction
    hiding: Hiding
    a_from_b: tuple[float, float, float, float]
    gain: tuple[float, float, float]
    terms: tuple[tuple[str, float], ...]
    alignment: Alignment
    turn_a: Turn | None = None
    turn_b: Turn | None = None
    speed_rad_s: float = 0.0
    stops: float = 0.0
    stops_known: bool = False

    @property
    def cost(self) -> float:
        """The sum of all terms; 0 is perfect."""
        return sum(cost for _, cost in self.terms)

    @property
    def verdict(self) -> Verdict:
        """What the cost means."""
        if self.hiding == "turn" and self.cost < SEAMLESS_COST:
            return "seamless"
        return "workable" if self.cost < WORKABLE_COST else "visible"


def find(a: Rush, b: Rush, out_span: Span, in_span: Span, glances: Glances, options: JoinOptions) -> tuple[Join, ...]:
    """Joins from take A to take B, best first; never empty.

    out_span, in_span: where A may be left and B entered, on their clips' clocks. Where no turn serves, matched rests
    are tried, and the last resort is the end of one and the start of the other, marked for what it is.
    """
    exits = _usable(a, out_span, (0, options.handle_frames))
    entries = _usable(b, in_span, (options.handle_frames, 0))
    found = _in_turns(a, b, exits, entries, glances, options)
    if not any(join.verdict == "seamless" for join in found):
        found += _at_rest(a, b, exits, entries, glances, options)
    found.append(_end_to_start(a, b, out_span, in_span, glances, options))
    return tuple(sorted(found, key=lambda join: (join.cost, join.out_frame, join.in_frame)))


def _usable(rush: Rush, span: Span, handles: tuple[int, int]) -> range:
    """Frames within the span that leave handles before and after; at least one frame."""
    first = max(int(np.searchsorted(rush.times.seconds, float(span.start) - 1e-9)), handles[0])
    last = min(int(np.searchsorted(rush.times.seconds, float(span.end) - 1e-9)), len(rush.times) - handles[1])
    first = min(first, len(rush.times) - 1)
    return range(first, max(last, first + 1))


# In turns --------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Meeting:
    """A turn of A and a turn of B: candidate frames of both and what motion says of each pair (n, m)."""

    turn_a: Turn
    turn_b: Turn
    frames_a: Indices
    frames_b: Indices
    rate_cost: Floats


def _in_turns(a: Rush, b: Rush, exits: range, entries: range, glances: Glances, options: JoinOptions) -> list[Join]:
    meetings = [
        meeting
        for turn_a in a.turns
        for turn_b in b.turns
        if (meeting := _meet(a, b, turn_a, turn_b, exits, entries, options)) is not None
    ]
    meetings.sort(key=lambda meeting: float(meeting.rate_cost.min()))
    joins: list[Join] = []
    for meeting in meetings[: options.turn_pairs]:
        joins += _look_closer(a, b, meeting, glances, options)
    return joins


def _meet(
    a: Rush, b: Rush, turn_a: Turn, turn_b: Turn, exits: range, entries: range, options: JoinOptions
) -> _Meeting | None:
    """What motion alone says of two turns, or None where they cannot meet."""
    frames_a, frames_b = _fast(a, turn_a, exits, options), _fast(b, turn_b, entries, options)
    if not len(frames_a) or not len(frames_b):
        return None
    cost = rate_difference(a, b, frames_a, frames_b)
    here, there = a.motion.rates_rad_s[frames_a], b.motion.rates_rad_s[frames_b]
    speeds = np.linalg.norm(here, axis=1)[:, None] * np.linalg.norm(there, axis=1)
    cosine = here @ there.T / np.maximum(speeds, 1e-9)
    cost[cosine < np.cos(np.radians(options.direction_deg))] = np.inf
    return _Meeting(turn_a, turn_b, frames_a, frames_b, cost) if np.isfinite(cost).any() else None


def _fast(rush: Rush, turn: Turn, allowed: range, options: JoinOptions) -> Indices:
    first, last = np.searchsorted(rush.times.seconds, [turn.onset_s, turn.settle_s])
    frames = np.arange(max(first, allowed.start), min(last + 1, allowed.stop))
    speed = np.linalg.norm(rush.motion.rates_rad_s[frames], axis=1)
    floor = max(np.radians(options.turn_speed_deg_s), options.turn_speed_share * turn.peak_rad_s)
    return np.asarray(frames[speed >= floor])


def rate_difference(a: Rush, b: Rush, frames_a: Indices, frames_b: Indices) -> Floats:
    """How different both rotations are around each pair of frames, (n, m), as a share of half their speed.

    Angular velocity vectors (not yaw alone) are compared at three taps two frames apart.
    """
    step = 1 / float(a.take.clip.image.rate)
    difference = np.zeros((len(frames_a), len(frames_b)))
    speed = np.zeros_like(difference)
    for frame, weight in TAPS:
        here = _rates(a, a.times.seconds[frames_a] + frame * step)
        there = _rates(b, b.times.seconds[frames_b] + frame * step)
        difference += weight * np.linalg.norm(here[:, None] - there[None], axis=2)
        speed += weight * np.linalg.norm(here[:, None] + there[None], axis=2) / 2
    return difference / np.maximum(RATE_FLOOR_RAD_S, speed / 2)


def _rates(rush: Rush, times_s: Floats) -> Floats:
    motion = rush.motion
    return np.stack([np.interp(times_s, motion.times_s, motion.rates_rad_s[:, i]) for i in range(3)], axis=1)


def _look_closer(a: Rush, b: Rush, meeting: _Meeting, glances: Glances, options: JoinOptions) -> list[Join]:
    """Align two turns once, bridge by motion, compare the few best frame pairs."""
    anchor = _align_turns(a, b, meeting, glances)
    if anchor is None:
        return [_elsewhere(a, b, meeting)]
    frame_a, frame_b, alignment = anchor
    headings = bridge(a, b, frame_a, frame_b, np.array(alignment.a_from_b), meeting.frames_a, meeting.frames_b)
    apart = rotation.angle(headings.reshape(-1, 4)).reshape(headings.shape[:2])
    cost = 0.6 * meeting.rate_cost + apart / np.radians(12)
    cost[apart > np.radians(options.heading_deg)] = np.inf
    best = _distinct_minima(cost, options.looks)
    pairs = [_Pair(a, b, int(meeting.frames_a[row]), int(meeting.frames_b[column]), meeting) for row, column in best]
    in_one_go = _gathered(pairs, glances)
    found = [_judged(pair, headings[at], alignment, in_one_go) for pair, at in zip(pairs, best, strict=True)]
    return [join for join in found if join is not None]


def _gathered(pairs: Sequence["_Pair"], glances: Glances) -> Glances:
    """Glances of the frames of all pairs, asked for at once: each stretch of a take is decoded one time."""
    wanted: dict[str, set[int]] = {}
    for pair in pairs:
        wanted.setdefault(pair.a.take.id, set()).add(pair.out_frame)
        wanted.setdefault(pair.b.take.id, set()).add(pair.in_frame)
    seen = {take: glances(take, sorted(frames)) for take, frames in wanted.items()}
    return lambda take, frames: {frame: seen[take][frame] for frame in frames if frame in seen[take]}


def _align_turns(a: Rush, b: Rush, meeting: _Meeting, glances: Glances) -> tuple[int, int, Alignment] | None:
    """The best visual alignment of two turns: frame of A, frame of B, rotation. None: not the same place."""
    peaks = (
        a.times.seconds.searchsorted(meeting.turn_a.peak_s),
        b.times.seconds.searchsorted(meeting.turn_b.peak_s),
    )
    scale = float(a.take.clip.image.rate) / 30
    tries = [
        tuple(
            int(np.clip(peak + round(offset * scale), 0, len(rush.times) - 1))
            for peak, rush in zip(peaks, (a, b), strict=True)
        )
        for offset in ALIGN_OFFSETS
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
    return best


def bridge(
    a: Rush, b: Rush, frame_a: int, frame_b: int, a_from_b: Floats, frames_a: Indices, frames_b: Indices
) -> Floats:
    """Carry one alignment to other frames by image motion: `a_from_b` (n, m, 4) for each pair of frames."""
    here, there = a.motion.world_from_body, b.motion.world_from_body
    worlds = rotation.compose(here[frame_a], a_from_b, rotation.inverse(there[frame_b]))
    turned = rotation.compose(worlds, there[frames_b])
    back = rotation.inverse(here[frames_a])
    return np.stack([rotation.compose(q, turned) for q in back])


def _distinct_minima(cost: Floats, most: int) -> list[tuple[int, int]]:
    """The best column of each row, best rows first, rows at least two apart."""
    columns = cost.argmin(axis=1)
    best = cost[np.arange(len(cost)), columns]
    chosen: list[int] = []
    for row in np.argsort(best, kind="stable"):
        if np.isfinite(best[row]) and all(abs(row - other) > 1 for other in chosen):
            chosen.append(int(row))
        if len(chosen) == most:
            break
    return [(row, int(columns[row])) for row in chosen]


# What a pair of frames costs -------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Pair:
    """A frame of A and a frame of B that may meet, in a pair of turns or at rest."""

    a: Rush
    b: Rush
    out_frame: int
    in_frame: int
    meeting: _Meeting | None = None

    def views(self, glances: Glances) -> tuple[Glance, Glance] | None:
        """Both images, or None where one cannot be decoded."""
        views_a, views_b = glances(self.a.take.id, [self.out_frame]), glances(self.b.take.id, [self.in_frame])
        if self.out_frame not in views_a or self.in_frame not in views_b:
            return None
        return views_a[self.out_frame], views_b[self.in_frame]


def _judged(pair: _Pair, a_from_b: Floats, alignment: Alignment, glances: Glances) -> Join | None:
    """Look at both frames, refine the alignment, and put a cost on the join."""
    views = pair.views(glances)
    if views is None:
        return None
    a_from_b, seen = look.refined(*views, a_from_b)
    rate_cost = float(rate_difference(pair.a, pair.b, np.array([pair.out_frame]), np.array([pair.in_frame]))[0, 0])
    terms = [
        ("framing", 1.5 * (1 - max(seen.likeness, 0.0))),
        ("parallax", 0.6 * seen.flow_left / 0.04),
        ("rotation", 0.6 * rate_cost),
        ("heading", float(rotation.angle(a_from_b)) / np.radians(12)),
        ("exposure", 0.3 * float(np.mean(np.abs(np.log(seen.gain))))),
        ("sharpness", 0.3 * abs(float(np.log(seen.blur_ratio)))),
    ]
    if pair.meeting is None:
        terms.append(("no turn", REST_COST))
    return _join(pair, "turn" if pair.meeting else "rest", tuple(terms), alignment, a_from_b, seen.gain)


def _join(
    pair: _Pair,
    hiding: Hiding,
    terms: tuple[tuple[str, float], ...],
    alignment: Alignment,
    a_from_b: Floats = rotation.IDENTITY,
    gain: tuple[float, float, float] = (1.0, 1.0, 1.0),
) -> Join:
    a, b, out_frame, in_frame = pair.a, pair.b, pair.out_frame, pair.in_frame
    speed = float(np.linalg.norm(a.motion.rates_rad_s[out_frame] + b.motion.rates_rad_s[in_frame])) / 2
    stops, known = -float(np.log2(np.mean(gain))), False
    if a.exposure_stops is not None and b.exposure_stops is not None:
        stops, known = float(b.exposure_stops[in_frame] - a.exposure_stops[out_frame]), True
    w, x, y, z = (float(q) for q in a_from_b)
    return Join(
        a=a.take.id,
        b=b.take.id,
        out_frame=out_frame,
        in_frame=in_frame,
        out_time=a.times[out_frame],
        in_time=b.times[in_frame],
        hiding=hiding,
        a_from_b=(w, x, y, z),
        gain=gain,
        terms=terms,
        alignment=alignment,
        turn_a=pair.meeting.turn_a if pair.meeting else None,
        turn_b=pair.meeting.turn_b if pair.meeting else None,
        speed_rad_s=speed,
        stops=stops,
        stops_known=known,
    )


def _elsewhere(a: Rush, b: Rush, meeting: _Meeting) -> Join:
    """A join in two like turns at places that do not match: the motion goes on, the place changes."""
    row, column = np.unravel_index(int(np.argmin(meeting.rate_cost)), meeting.rate_cost.shape)
    pair = _Pair(a, b, int(meeting.frames_a[row]), int(meeting.frames_b[column]), meeting)
    join = _join(pair, "nothing", (("other place", ELSEWHERE_COST),), look.NOT_ALIGNED)
    terms = [*join.terms, ("rotation", 1.5 * float(meeting.rate_cost[row, column]))]
    if join.speed_rad_s < WHIP_RAD_S:
        terms.append(("no turn", 2 * REST_COST))  # too slow to blur, it hides the change no better than no turn
    return replace(join, terms=tuple(terms))


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
        headings = bridge(a, b, frame_a, frame_b, np.array(alignment.a_from_b), frames_a, frames_b)
        apart = rotation.angle(headings.reshape(-1, 4)).reshape(headings.shape[:2])
        cost = 0.6 * rate_difference(a, b, frames_a, frames_b) + apart / np.radians(12)
        cost[apart > np.radians(options.heading_deg)] = np.inf
        for row, column in _distinct_minima(cost, 2):
            pair = _Pair(a, b, int(frames_a[row]), int(frames_b[column]))
            join = _judged(pair, headings[row, column], alignment, glances)
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
    pair = _Pair(a, b, last, first)
    views = pair.views(glances)
    alignment = look.align(*views) if views else look.NOT_ALIGNED
    join = None
    if alignment.same_place:
        a_from_b = np.array(alignment.a_from_b)
        if rotation.angle(a_from_b) < np.radians(options.heading_deg):
            join = _judged(pair, a_from_b, alignment, glances)
    if join is None:
        place = "far view" if alignment.same_place else "other place"
        join = _join(pair, "nothing", ((place, ELSEWHERE_COST), ("no turn", 2 * REST_COST)), alignment)
    return replace(join, out_frame=last + 1, out_time=out_span.end, in_time=in_span.start)
