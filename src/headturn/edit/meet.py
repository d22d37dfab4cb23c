"""Where two takes can meet by their motion alone: turns that go the same way at a like speed.

Nothing is looked at here. A rotation between two frames that was found by looking is carried to others by image motion.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from headturn import rotation
from headturn.clock import Span
from headturn.edit.join import JoinOptions
from headturn.head.rush import Rush
from headturn.head.turns import Turn
from headturn.rotation import Floats

Indices = NDArray[np.intp]

RATE_FLOOR_RAD_S = np.radians(40.0)
"""Slower rotations are compared as if they were this fast: what differs by less than half of it does not show."""
HEADING_RAD = np.radians(12.0)
"""Up to here the trial measured no loss from turning one take to the other; a degree costs a twelfth."""
APART_S = 1 / 15
"""Joins of one pair of turns lie at least this far apart: nearer ones are one join to a director."""
TAPS = ((-1 / 15, 0.25), (0.0, 0.5), (1 / 15, 0.25))
"""Seconds around the splice at which the rotation is compared, with weights; the trial's two frames at 30 a second."""


@dataclass(frozen=True, eq=False)
class Meeting:
    """A turn of A and a turn of B: candidate frames of both, and what motion says of each pair.

    rate_cost: (n, m), infinite where both turn in different directions
    """

    turn_a: Turn
    turn_b: Turn
    frames_a: Indices
    frames_b: Indices
    rate_cost: Floats


def usable(rush: Rush, span: Span, before_s: float, after_s: float) -> range:
    """Frames within the span that leave so much of the clip before and after them; at least one frame."""
    times = rush.times.seconds
    start = max(float(span.start), float(times[0]) + before_s)
    end = min(float(span.end), float(rush.times.span.end) - after_s)
    first = min(int(np.searchsorted(times, start - 1e-9)), len(times) - 1)
    return range(first, max(int(np.searchsorted(times, end - 1e-9)), first + 1))


def frame_at(rush: Rush, time_s: float) -> int:
    """The frame shown at a time, or the first or last one."""
    return int(np.clip(np.searchsorted(rush.times.seconds, time_s + 1e-9, side="right") - 1, 0, len(rush.times) - 1))


def meetings(a: Rush, b: Rush, exits: range, entries: range, options: JoinOptions) -> list[Meeting]:
    """All pairs of turns that can meet within the allowed frames, most alike first."""
    found = [
        meeting
        for turn_a in a.turns
        for turn_b in b.turns
        if (meeting := meet(a, b, turn_a, turn_b, exits, entries, options)) is not None
    ]
    return sorted(found, key=lambda meeting: float(meeting.rate_cost.min()))


def meet(
    a: Rush, b: Rush, turn_a: Turn, turn_b: Turn, exits: range, entries: range, options: JoinOptions
) -> Meeting | None:
    """What motion alone says of two turns, or None where they cannot meet."""
    frames_a, frames_b = fast(a, turn_a, exits, options), fast(b, turn_b, entries, options)
    if not len(frames_a) or not len(frames_b):
        return None
    here, there = a.motion.rates_rad_s[frames_a], b.motion.rates_rad_s[frames_b]
    speeds = np.linalg.norm(here, axis=1)[:, None] * np.linalg.norm(there, axis=1)
    astray = here @ there.T / np.maximum(speeds, 1e-9) < np.cos(np.radians(options.direction_deg))
    if astray.all():
        return None
    cost = rate_difference(a, b, frames_a, frames_b)
    cost[astray] = np.inf
    return Meeting(turn_a, turn_b, frames_a, frames_b, cost)


def within(meeting: Meeting, frames_a: Indices, frames_b: Indices) -> Meeting:
    """The meeting with only those of its frames that are among these."""
    rows, columns = np.isin(meeting.frames_a, frames_a), np.isin(meeting.frames_b, frames_b)
    cost = meeting.rate_cost[np.ix_(rows, columns)]
    return replace(meeting, frames_a=meeting.frames_a[rows], frames_b=meeting.frames_b[columns], rate_cost=cost)


def fast(rush: Rush, turn: Turn, allowed: range, options: JoinOptions) -> Indices:
    """The allowed frames of a turn that are fast enough for a splice."""
    first, last = np.searchsorted(rush.times.seconds, [turn.onset_s, turn.settle_s])
    frames = np.arange(max(first, allowed.start), min(last + 1, allowed.stop))
    speed = np.linalg.norm(rush.motion.rates_rad_s[frames], axis=1)
    floor = max(np.radians(options.turn_speed_deg_s), options.turn_speed_share * turn.peak_rad_s)
    return np.asarray(frames[speed >= floor])


def rate_difference(a: Rush, b: Rush, frames_a: Indices, frames_b: Indices) -> Floats:
    """How different both rotations are around each pair of frames, (n, m), as a share of half their speed.

    Angular velocity vectors (not yaw alone) are compared at three moments.
    """
    difference = np.zeros((len(frames_a), len(frames_b)))
    speed = np.zeros_like(difference)
    for later_s, weight in TAPS:
        here = rates_at(a, a.times.seconds[frames_a] + later_s)
        there = rates_at(b, b.times.seconds[frames_b] + later_s)
        difference += weight * np.linalg.norm(here[:, None] - there[None], axis=2)
        speed += weight * np.linalg.norm(here[:, None] + there[None], axis=2) / 2
    return difference / np.maximum(RATE_FLOOR_RAD_S, speed / 2)


def rates_at(rush: Rush, times_s: Floats) -> Floats:
    """Angular velocity of a take's image (n, 3) at times (n,); held before the first and after the last frame."""
    motion = rush.motion
    return np.stack([np.interp(times_s, motion.times_s, motion.rates_rad_s[:, i]) for i in range(3)], axis=1)


@dataclass(frozen=True, eq=False)
class Bridge:
    """One alignment of two takes, carried to other frames by image motion.

    world_a_from_b: from the world of B's motion to that of A's (4,)
    """

    a: Rush
    b: Rush
    world_a_from_b: Floats

    def headings(self, frames_a: Indices, frames_b: Indices) -> Floats:
        """How far apart (n, m) the images of all pairs of frames look, in radians."""
        there = rotation.compose(self.world_a_from_b, self.b.motion.world_from_body[frames_b])
        likeness = np.abs(self.a.motion.world_from_body[frames_a] @ np.atleast_2d(there).T)
        return np.asarray(2 * np.arccos(np.minimum(likeness, 1.0)))

    def a_from_b(self, frame_a: int, frame_b: int) -> Floats:
        """The rotation (4,) from B's image to A's at a pair of frames."""
        here, there = self.a.motion.world_from_body[frame_a], self.b.motion.world_from_body[frame_b]
        return rotation.compose(rotation.inverse(here), self.world_a_from_b, there)


def bridged(a: Rush, b: Rush, frame_a: int, frame_b: int, a_from_b: Sequence[float] | Floats) -> Bridge:
    """The bridge that stands on one alignment: at these frames, this rotation from B's image to A's."""
    here, there = a.motion.world_from_body[frame_a], b.motion.world_from_body[frame_b]
    return Bridge(a, b, rotation.compose(here, np.asarray(a_from_b), rotation.inverse(there)))


def distinct_minima(cost: Floats, most: int, apart: float) -> list[tuple[int, int]]:
    """The best column of each row, best rows first, rows at least `apart` from each other."""
    columns = cost.argmin(axis=1)
    best = cost[np.arange(len(cost)), columns]
    chosen: list[int] = []
    for row in np.argsort(best, kind="stable"):
        if np.isfinite(best[row]) and all(abs(row - other) >= apart - 0.5 for other in chosen):
            chosen.append(int(row))
        if len(chosen) == most:
            break
    return [(row, int(columns[row])) for row in chosen]


def nearest(
    bridge: Bridge, frames_a: Indices, frames_b: Indices, rate_cost: Floats, most: int, options: JoinOptions
) -> list[tuple[int, int]]:
    """The pairs of frames that look the same way and move alike, best first; none that look too far apart."""
    apart = bridge.headings(frames_a, frames_b)
    cost = 0.6 * rate_cost + apart / HEADING_RAD
    cost[apart > np.radians(options.heading_deg)] = np.inf
    best = distinct_minima(cost, most, APART_S * float(bridge.a.take.clip.image.rate))
    return [(int(frames_a[row]), int(frames_b[column])) for row, column in best]
