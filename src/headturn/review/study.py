"""Study: what a finished film says of itself: its cuts, what was turning where it was cut, how long it holds.

Motion never runs across a cut: turns are found in each segment by itself. A cut falls in a turn where the head turns up
to it, or on from it. The counts are lower bounds: what a film hides well no detector finds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from headturn.head import motion as heads
from headturn.head import turns as head_turns
from headturn.head.flow import Flow
from headturn.head.motion import Motion
from headturn.head.turns import Turn, TurnOptions
from headturn.review.shown import Shown
from headturn.rotation import Floats

Kind = Literal["hard", "black", "given"]
"""hard: from one frame to the next; black: the picture goes dark and comes back; given: by a list."""

SCORE = 10.0
"""Of FFmpeg's scdet, its own default, from which on a change that the image motion cannot follow is a cut."""
LOW_SCORE, LOST = 5.0, 0.12
"""A smaller change is one where hardly anything can be followed across it; turns of real takes that change as much are
followed by more."""
FOLLOWED = 0.3
"""Agreement of the image motion from which on a change of the picture is a fast turn and no cut, unless it jumps."""
JUMP_RAD_S = float(np.radians(240.0))
"""By so much a step is faster than the steps on both its sides where the picture jumps to another view of one place."""
FLASH_SHARE = 0.5
"""Of a change: a picture that comes back this near to one of two to four frames ago was a flash's, not cut away."""
FLASH_FRAMES = 4
BLACK_LUMA, BLACK_SLOPE = 14.0, 0.6
"""Mean grey level, and mean slope in levels a pixel, below which a picture is called black; sensor noise makes less."""
BLACK_FRAMES = 2
TOUCHES_S = 0.12
"""A turn that ends or begins within this of a cut runs into it: three frames at 25 a second."""
HALF_ANGLE_DEG = 7.5
"""Of a turn that a cut halves as much is enough as is half of what counts as a turn elsewhere."""
LEAST_FRAMES = 3
"""Segments of fewer have no motion of their own."""


@dataclass(frozen=True)
class FilmCut:
    """A cut. frame: the first one after it, counted among those that were seen; time_s: of that frame

    score: of the detector; before, after: whether the head turns up to it, and on from it
    """

    frame: int
    time_s: float
    kind: Kind
    score: float
    before: bool = False
    after: bool = False

    @property
    def in_turn(self) -> bool:
        """Whether it falls in a turn, of either side."""
        return self.before or self.after


@dataclass(frozen=True, eq=False)
class Study:
    """What a film says. edges_s (k + 1,): its segments' borders, with its beginning and end; turns: of all segments"""

    cuts: tuple[FilmCut, ...]
    edges_s: Floats
    turns: tuple[Turn, ...]
    shown: Shown

    @property
    def lengths_s(self) -> Floats:
        """Of its segments (k,)."""
        return np.diff(self.edges_s)

    @property
    def in_turns(self) -> int:
        """How many of its cuts fall in turns."""
        return sum(cut.in_turn for cut in self.cuts)


def detected(scores: Floats, returned: Floats, flow: Flow) -> tuple[FilmCut, ...]:
    """The cuts that the picture tells: scores and `returned` (n,) as `camera.media.CutScorer` gives them."""
    jumped = jumps(flow) > JUMP_RAD_S
    hard = (scores >= SCORE) & ((flow.agreement < FOLLOWED) | jumped)
    hard |= (scores >= LOW_SCORE) & ((flow.agreement < LOST) | jumped)
    hard &= ~flow.repeated
    for ended in np.flatnonzero(hard & (returned < FLASH_SHARE * scores)):
        hard[max(0, ended - FLASH_FRAMES) : ended + 1] = False
    cuts: dict[int, FilmCut] = {}
    for start, stop in _black(flow):
        hard[max(0, start - BLACK_FRAMES) : stop + BLACK_FRAMES] = False
        if start > 0 and stop < len(scores):
            cuts[stop] = FilmCut(stop, float(flow.times_s[stop]), "black", float(scores[start : stop + 1].max()))
    for frame in np.flatnonzero(hard):
        if frame > 0:
            cuts[int(frame)] = FilmCut(int(frame), float(flow.times_s[frame]), "hard", float(scores[frame]))
    return tuple(cuts[frame] for frame in sorted(cuts))


def jumps(flow: Flow) -> Floats:
    """By how much (n,) each step is faster than those before and after it, rad/s; repeated frames take no part."""
    fresh = np.flatnonzero(~flow.repeated)
    found = np.zeros(len(flow.times_s))
    if len(fresh) < 4:
        return found
    speed = np.linalg.norm(flow.steps_rad[fresh[1:]], axis=1) / np.diff(flow.times_s[fresh])
    beside = np.maximum(np.append(0.0, speed[:-1]), np.append(speed[1:], 0.0))
    found[fresh[1:]] = speed - beside
    return found


def given(times_s: Sequence[float], scores: Floats, flow: Flow) -> tuple[FilmCut, ...]:
    """The cuts of a list, each at the frame that is shown at its time; two at one frame are one."""
    frames = np.unique(_nearest(flow.times_s, np.asarray(times_s, dtype=np.float64)))
    return tuple(FilmCut(int(k), float(flow.times_s[k]), "given", float(scores[k])) for k in frames if k > 0)


def recalled(listed: Sequence[FilmCut], found: Sequence[FilmCut], within: int = 1) -> int:
    """How many cuts of a list a detector found, within a frame or so."""
    frames = np.array([cut.frame for cut in found])
    return sum(bool(len(frames)) and int(np.abs(frames - cut.frame).min()) <= within for cut in listed)


def studied(
    flow: Flow, cuts: Sequence[FilmCut], end_s: float, focal_width: float, options: TurnOptions | None = None
) -> Study:
    """What the image motion of a film says, with these cuts.

    end_s: when its last frame ends; focal_width: focal length over the picture's width
    """
    borders = [0, *(cut.frame for cut in cuts), len(flow.times_s)]
    motions = [_moved(_part(flow, a, b)) for a, b in pairwise(borders)]
    edges = np.array([float(flow.times_s[0]), *(cut.time_s for cut in cuts), end_s])
    turns = tuple(
        _turns(moved, index > 0, index < len(motions) - 1, edges[index : index + 2], options or TurnOptions())
        for index, moved in enumerate(motions)
    )
    marked = tuple(
        replace(cut, before=_reaches(turns[i], cut.time_s), after=_reaches(turns[i + 1], cut.time_s))
        for i, cut in enumerate(cuts)
    )
    shown = _shown(flow, motions, focal_width)
    return Study(marked, edges, tuple(turn for each in turns for turn in each), shown)


def _black(flow: Flow) -> list[tuple[int, int]]:
    """Runs (start, stop) of black frames."""
    dark = (flow.luma < BLACK_LUMA) & (flow.sharpness < BLACK_SLOPE)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], dark, [False]]).astype(int))).reshape(-1, 2)
    return [(int(a), int(b)) for a, b in edges if b - a >= BLACK_FRAMES]


def _nearest(times_s: Floats, wanted_s: Floats) -> NDArray[np.int64]:
    after = np.searchsorted(times_s, wanted_s).clip(0, len(times_s) - 1)
    before = (after - 1).clip(0)
    return np.where(wanted_s - times_s[before] < times_s[after] - wanted_s, before, after)


def _part(flow: Flow, start: int, stop: int) -> Flow:
    """A stretch of the flow, as if the film began with it: the step into it is none."""
    at = slice(start, stop)
    steps, agreement, repeated = flow.steps_rad[at].copy(), flow.agreement[at].copy(), flow.repeated[at].copy()
    drift = None if flow.drift is None else flow.drift[at].copy()
    if stop > start:
        steps[0], agreement[0], repeated[0] = 0.0, 1.0, False
        if drift is not None:
            drift[0] = 0.0
    return Flow(
        flow.times_s[at], steps, agreement, flow.residual_rad[at], repeated, flow.luma[at], flow.sharpness[at],
        flow.assumed, drift,
    )  # fmt: skip


def _moved(flow: Flow) -> Motion:
    see = (lambda start_s, stop_s: flow) if len(flow.times_s) >= LEAST_FRAMES else None
    return heads.image_motion(None, flow.times_s, see)


def _turns(moved: Motion, cut_before: bool, cut_after: bool, edges_s: Floats, options: TurnOptions) -> tuple[Turn, ...]:
    """The turns of one segment; halves that a cut left count from a smaller angle on."""
    if len(moved.times_s) < LEAST_FRAMES:
        return ()
    found = head_turns.find(moved, replace(options, least_angle_deg=min(HALF_ANGLE_DEG, options.least_angle_deg)))
    return tuple(
        turn
        for turn in found
        if turn.angle_rad >= np.radians(options.least_angle_deg)
        or (cut_before and turn.onset_s - edges_s[0] <= TOUCHES_S)
        or (cut_after and edges_s[1] - turn.settle_s <= TOUCHES_S)
    )


def _reaches(turns: Sequence[Turn], time_s: float) -> bool:
    return any(turn.onset_s - TOUCHES_S <= time_s <= turn.settle_s + TOUCHES_S for turn in turns)


def _shown(flow: Flow, motions: Sequence[Motion], focal_width: float) -> Shown:
    """What viewers are shown; segments too short for a motion of their own have none."""
    rates = [np.where(np.full((len(m.times_s), 1), len(m.times_s) >= LEAST_FRAMES), m.rates_rad_s, np.nan)
             for m in motions]  # fmt: skip
    going = [np.full(len(m.times_s), np.nan) if m.speed_over_depth is None else m.speed_over_depth for m in motions]
    count = len(flow.times_s)
    notes = ["A film's tilt is not known: nothing in it tells where up is."]
    notes += [flow.assumed] if flow.assumed else []
    return Shown(
        flow.times_s, np.concatenate(rates), np.full((count, 3), np.nan), np.concatenate(going),
        np.full(count, focal_width), tuple(notes),
    )  # fmt: skip
