"""Rests: where two takes happen to look the same way, without a turn to hide the splice.

Moments spread over both takes are described, and the most alike are aligned. From the best of these the search walks
to the pair of frames at which least is left that an eye would notice: a hand or a door is for some frames only where it
was.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from headturn import rotation
from headturn.edit import look, meet, place
from headturn.edit.cost import Pair, judged
from headturn.edit.join import NOTHING_CHEAP, Cheap, Glances, Join, JoinOptions
from headturn.edit.look import Alignment
from headturn.edit.meet import Bridge, Indices
from headturn.head.rush import Rush
from headturn.rotation import Floats

EVERY_S, MOST = 0.4, 40
"""How far apart the moments of a take lie that are looked at, and how many there are at most. On `fridge` the cost is
within 1 of its least for a quarter of a second each way; of seven moments a take, as before, none came near it."""
A_MOMENT, LOOKS = 2, 24
"""Of each moment of A the most alike of B that count, and how many pairs of them, most alike first, are aligned."""
PLACES = 6
"""Aligned pairs, those with most points in common, from which frames are compared."""
WALKS = 3
"""Of these the cheapest, from which the search walks."""
PROMISING = 4.0
"""What the pair of frames may cost from which a walk begins: on `fridge` walks of a third of a second gained up to 1.5,
and below 2.2 a join is workable."""
REACH_S, STRIDE_S = 0.4, 1 / 30
"""How far a walk may go, and its least step."""
STEPS = 4, 2, 1
"""A walk's steps, in strides, widest first."""

BY_MOTION = 2
"""Pairs of frames that move most alike around an alignment, from which a walk may begin, too."""

Anchor = tuple[Alignment, int, int]
"""An alignment, and the frames of A and B that it is of."""
Where = tuple[int, int]
"""A row and a column of a ground."""


def joins(
    a: Rush,
    b: Rush,
    exits: range,
    entries: range,
    glances: Glances,
    options: JoinOptions,
    cheap: Callable[[str], Cheap] | None = None,
) -> list[Join]:
    """Joins where both takes look the same way at rest, or moving alike; a few at most, each at a place of its own.

    exits, entries: frames at which A may be left and B entered; cheap: which frames are looked at for little
    """
    of_a, of_b = (cheap(rush.take.id) if cheap else NOTHING_CHEAP for rush in (a, b))
    anchors = _aligned(a, b, _moments(a, exits, of_a), _moments(b, entries, of_b), glances)
    begun: list[tuple[_Ground, Where]] = []
    for alignment, frame_a, frame_b in _apart(anchors, a, b):
        frames = _around(a, frame_a, exits, of_a), _around(b, frame_b, entries, of_b)
        bridge = meet.bridged(a, b, frame_a, frame_b, alignment.a_from_b)
        ground = _Ground(bridge, alignment, *frames, glances, options)
        start = ground.start(frame_a, frame_b)
        if start is not None:
            begun.append((ground, start))
    begun.sort(key=lambda each: each[0].cost(each[1]))
    ends = [ground.join(ground.walked(start)) for ground, start in begun[:WALKS]]
    return list({(join.out_frame, join.in_frame): join for join in ends if join}.values())


def _moments(rush: Rush, allowed: range, cheap: Cheap) -> list[int]:
    """Frames spread over those allowed; where frames are dear, the key frames next to them."""
    length_s = len(allowed) / float(rush.take.clip.image.rate)
    count = int(np.clip(np.ceil(length_s / EVERY_S), 2, MOST))
    wanted = np.linspace(allowed.start, allowed.stop - 1, count).astype(int)
    known = cheap.keys if cheap.shown is None else cheap.shown
    known = known[(known >= allowed.start) & (known < allowed.stop)]
    if len(known) and (np.isfinite(cheap.reach_s) or cheap.shown is not None):
        wanted = known[np.abs(known[None] - wanted[:, None]).argmin(axis=1)]
    return sorted({int(frame) for frame in wanted})


def _aligned(a: Rush, b: Rush, moments_a: Sequence[int], moments_b: Sequence[int], glances: Glances) -> list[Anchor]:
    """Alignments of the pairs of moments whose views are most alike, those with most points in common first."""
    views_a, views_b = glances(a.take.id, moments_a), glances(b.take.id, moments_b)
    if not views_a or not views_b:
        return []
    words = place.learnt([*views_a.values(), *views_b.values()])
    here, there = (np.stack([words.description(view) for view in views.values()]) for views in (views_a, views_b))
    alike = here @ there.T
    frames_a, frames_b = list(views_a), list(views_b)
    pairs = [(row, int(column)) for row in range(len(here)) for column in np.argsort(-alike[row])[:A_MOMENT]]
    pairs.sort(key=lambda pair: -float(alike[pair]))
    found = [
        (alignment, frames_a[row], frames_b[column])
        for row, column in pairs[:LOOKS]
        if (alignment := look.align(views_a[frames_a[row]], views_b[frames_b[column]])).same_place
    ]
    return sorted(found, key=lambda each: -each[0].points)


def _apart(anchors: Sequence[Anchor], a: Rush, b: Rush) -> list[Anchor]:
    """The best of them, without those from which a walk would come to where a better one begins."""
    chosen: list[Anchor] = []
    moments: list[Floats] = []
    for anchor in anchors:
        moment = np.array([a.times.seconds[anchor[1]], b.times.seconds[anchor[2]]])
        if all(np.abs(moment - other).max() > REACH_S for other in moments):
            chosen.append(anchor)
            moments.append(moment)
    return chosen[:PLACES]


def _around(rush: Rush, frame: int, allowed: range, cheap: Cheap) -> Indices:
    """The frames of a walk around one of them, one stride from each other."""
    rate = float(rush.take.clip.image.rate)
    stride, reach = max(1, round(STRIDE_S * rate)), round(REACH_S * rate)
    frames = np.arange(frame - reach // stride * stride, frame + reach + 1, stride)
    frames = frames[(frames >= allowed.start) & (frames < allowed.stop)]
    shown = frames if cheap.shown is None else np.intersect1d(frames, cheap.shown)
    return np.asarray(shown if len(shown) else [frame], dtype=np.intp)


@dataclass(frozen=True, eq=False)
class _Ground:
    """Pairs of frames around an alignment, by row of `frames_a` (n,) and column of `frames_b` (m,), and their joins."""

    bridge: Bridge
    alignment: Alignment
    frames_a: Indices
    frames_b: Indices
    glances: Glances
    options: JoinOptions
    _known: dict[Where, Join | None] = field(default_factory=dict)

    def start(self, frame_a: int, frame_b: int) -> Where | None:
        """The cheapest of the pair that was aligned and those that move most alike; None if no walk is worth it."""
        rate_cost = meet.rate_difference(self.bridge.a, self.bridge.b, self.frames_a, self.frames_b)
        alike = meet.nearest(self.bridge, self.frames_a, self.frames_b, rate_cost, BY_MOTION, self.options)
        pairs = [
            (int(np.searchsorted(self.frames_a, i)), int(np.searchsorted(self.frames_b, j)))
            for i, j in ((frame_a, frame_b), *alike)
        ]
        rows, columns = zip(*pairs, strict=True)
        self._see(self.frames_a[list(rows)], self.frames_b[list(columns)])
        best = min(pairs, key=self.cost)
        return best if self.cost(best) < PROMISING else None

    def join(self, where: Where) -> Join | None:
        """The join there; None where both look too far apart, or a frame cannot be decoded."""
        if where not in self._known:
            bridge, (row, column) = self.bridge, where
            pair = Pair(bridge.a, bridge.b, int(self.frames_a[row]), int(self.frames_b[column]))
            a_from_b = bridge.a_from_b(pair.out_frame, pair.in_frame)
            far = rotation.angle(a_from_b) > np.radians(self.options.heading_deg)
            self._known[where] = None if far else judged(pair, a_from_b, self.alignment, self.glances)
        return self._known[where]

    def cost(self, where: Where) -> float:
        """Of the join there, infinite where there is none."""
        join = self.join(where)
        return join.cost if join else float("inf")

    def walked(self, where: Where) -> Where:
        """Where ever cheaper pairs lead from a pair."""
        self._see(self.frames_a, self.frames_b)
        for step in STEPS:
            while self.cost(nearer := min(self._beside(where, step), key=self.cost)) < self.cost(where):
                where = nearer
        return where

    def _see(self, frames_a: Indices, frames_b: Indices) -> None:
        """Ask for frames at once: each stretch of a take is decoded one time."""
        for rush, frames in ((self.bridge.a, frames_a), (self.bridge.b, frames_b)):
            self.glances(rush.take.id, sorted(set(frames.tolist())))

    def _beside(self, where: Where, step: int) -> list[Where]:
        rows, columns = (
            [place for place in (here - step, here, here + step) if 0 <= place < len(frames)]
            for here, frames in zip(where, (self.frames_a, self.frames_b), strict=True)
        )
        return [(row, column) for row in rows for column in columns]
