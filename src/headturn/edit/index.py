"""An index over the turns of all takes of a folder: which pairs of takes are worth looking at.

Each turn stands in it by its rotation and by what is seen before and after it. For each turn its nearest ones in other
takes are found, and of each take the partners that come up best.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headturn.edit import joins, meet, place
from headturn.edit.join import JoinOptions
from headturn.edit.place import AXES, Sights, Words
from headturn.head.rush import Rush
from headturn.rotation import Floats

Numbers = NDArray[np.intp]

MOMENTS_S = (-1 / 10, 0.0, 1 / 10)
"""Moments about the peak at which a turn stands in the index: a fast turn passes through the speeds of a slower one."""
PEAK = 1
ASTRAY_RAD = np.radians(30.0)
"""Half of how far the directions of two turns may differ at their peaks: within a turn the direction wanders."""
PLACE_WEIGHT = 1.5
"""How much an unlike view counts beside rotation."""
PLACE_AXES_SOUGHT = 8
"""Of the description's axes, those by which the tree is sought: more dimensions than about fifteen make it a list."""
NEAREST = 96
"""Neighbours sought for each view of each turn; then they are compared in full."""
APPROXIMATELY = 0.3
"""A neighbour may be passed over for one this share further away: the comparison in full is finer, and without it the
tree takes 1.7 times as long."""
HOPELESS = 2.6
"""Pairs of turns that promise less than this cost are not kept: a place quite unlike, and another speed, too."""
BLOCK = 1 << 18
"""Pairs that are compared at once: 130 MB."""
FEW = 2000
"""So many turns are all compared with each other: that takes a second and misses nothing."""
LEARNT_VIEWS = 300
"""Views, evenly spread over the takes, from which the words and axes of the places are learnt."""


@dataclass(frozen=True, eq=False)
class Entries:
    """All turns of all takes, as they stand in the index.

    take (n,): number of the take; turn (n,): number of the turn within it
    rates (n, m, 3): angular velocity at each of the MOMENTS_S
    views (n, 2, d): what is seen before and after the peak, unit length
    """

    take: NDArray[np.int32]
    turn: NDArray[np.int32]
    rates: NDArray[np.float32]
    views: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.take)


@dataclass(frozen=True, eq=False)
class Places:
    """The words of places and the principal axes (d, k * 128) of their descriptions; no axes where nothing is seen."""

    words: Words
    axes: NDArray[np.float32]

    def along(self, views: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        """Descriptions (n, d) of views given by their features, unit length; zero where nothing is seen."""
        if not self.axes.size:
            return np.zeros((len(views), 1), np.float32)
        short = np.stack([self.words.described(features) for features in views]) @ self.axes.T
        return np.asarray(short / np.maximum(np.linalg.norm(short, axis=1, keepdims=True), 1e-6), np.float32)


def entered(rushes: Sequence[Rush], sights: Callable[[Rush], Sights]) -> tuple[Places, Entries]:
    """The places and turns of all takes; `sights` are of two small images of each turn, those before its peak first.

    Each take's are asked for twice, and not held meanwhile.
    """
    known = [(number, turn) for number, rush in enumerate(rushes) for turn in range(len(rush.turns))]
    places = _learnt(rushes, len(known), sights)
    rates = np.zeros((len(known), len(MOMENTS_S), 3), np.float32)
    views = np.zeros((len(known), 2, len(places.axes) or 1), np.float32)
    row = 0
    for rush in rushes:
        seen = sights(rush)
        for number, turn in enumerate(rush.turns):
            rates[row] = meet.rates_at(rush, turn.peak_s + np.array(MOMENTS_S))
            views[row] = places.along([seen[2 * number], seen[2 * number + 1]])
            row += 1
    takes, turns = np.array(known, np.int32).reshape(-1, 2).T
    return places, Entries(takes, turns, rates, views)


def _learnt(rushes: Sequence[Rush], turns: int, sights: Callable[[Rush], Sights]) -> Places:
    """Places from the views of turns spread evenly over all takes."""
    step = max(1, 2 * turns // LEARNT_VIEWS)
    views: list[NDArray[np.float32]] = []
    passed = 0
    for rush in rushes:
        seen = sights(rush)
        sampled = range(-passed % step, len(rush.turns), step)
        views += [seen[2 * turn + side] for turn in sampled for side in range(2)]
        passed += len(rush.turns)
    return learnt(views)


def learnt(views: Sequence[NDArray[np.float32]]) -> Places:
    """Words and axes from views by their features, each (n, 128)."""
    views = [features for features in views if len(features)]
    words = place.learnt_from(views)
    if len(views) < 2:
        return Places(words, np.zeros((0, 0), np.float32))
    described = np.stack([words.described(features) for features in views])
    _, sizes, axes = np.linalg.svd(described - described.mean(axis=0), full_matrices=False)
    kept = min(AXES, int((sizes > 1e-3 * sizes[0]).sum()))
    return Places(words, np.asarray(axes[:kept] / np.sqrt(sizes[:kept, None] / max(sizes[0], 1e-9)), np.float32))


def candidates(entries: Entries, options: JoinOptions) -> dict[tuple[int, int], list[tuple[int, int, float]]]:
    """Pairs of takes (numbers, both ways) worth looking at.

    Each with pairs of turns (numbers), most promising first, and what their places add to the cost. For each take
    `options.partners` others at most, the most promising.
    """
    ones, others = near(entries) if len(entries) > FEW else _every(len(entries))
    turned, unlike = costs_between(entries, ones, others)
    cost = turned + unlike
    kept = np.flatnonzero((entries.take[ones] != entries.take[others]) & (cost < HOPELESS))
    takes = np.stack([entries.take[ones[kept]], entries.take[others[kept]]], axis=1).astype(np.int64)
    pairs, pair = np.unique(takes[:, 0] << 32 | takes[:, 1], return_inverse=True)
    order = np.lexsort((kept, cost[kept], pair))
    first = np.searchsorted(pair[order], np.arange(len(pairs)))
    chosen = best_of_each(pairs >> 32, cost[kept][order][first], options.partners)
    ends = np.append(first, len(order))
    most = joins.MOTION_AHEAD * options.turn_pairs
    best: dict[tuple[int, int], list[tuple[int, int, float]]] = {}
    for number in np.flatnonzero(chosen).tolist():
        rows = kept[order[ends[number] : ends[number + 1]][:most]]
        a, b, places = entries.turn[ones[rows]], entries.turn[others[rows]], unlike[rows]
        of_takes = int(pairs[number] >> 32), int(pairs[number] & 0xFFFFFFFF)
        best[of_takes] = list(zip(a.tolist(), b.tolist(), places.tolist(), strict=True))
    return best


def best_of_each(owner: NDArray[np.int64], cost: Floats, most: int) -> NDArray[np.bool_]:
    """Which of (n,) are among the `most` cheapest of their owner."""
    order = np.lexsort((cost, owner))
    ranked = np.arange(len(order)) - np.searchsorted(owner[order], owner[order])
    chosen = np.zeros(len(order), dtype=np.bool_)
    chosen[order] = ranked < most
    return chosen


def costs_between(entries: Entries, ones: Numbers, others: Numbers) -> tuple[Floats, Floats]:
    """How unpromising pairs of entries (n,) are, in rotation and in place, as far as is known without looking closer.

    Infinite where both turn in quite different directions at all moments.
    """
    turned, unlike = np.empty(len(ones)), np.empty(len(ones))
    rates = _eased(entries.rates)
    for start in range(0, len(ones), BLOCK):
        block = slice(start, start + BLOCK)
        turned[block] = _turned(rates[ones[block], PEAK], rates[others[block]])
        alike = np.einsum("nvd,nvd->nv", entries.views[ones[block]], entries.views[others[block]]).max(axis=1)
        unlike[block] = PLACE_WEIGHT * (1 - alike)
    return turned, unlike


def _turned(peaks: NDArray[np.float32], rates: NDArray[np.float32]) -> Floats:
    """How much peaks (n, 3) differ from the moments (n, m, 3) of other turns that are most like them."""
    along = np.einsum("ni,nmi->nm", peaks, rates)
    both = np.linalg.norm(peaks, axis=1)[:, None] * np.linalg.norm(rates, axis=2)
    apart = np.linalg.norm(peaks[:, None] - rates, axis=2)
    return np.asarray(0.6 * np.where(along < np.cos(2 * ASTRAY_RAD) * both, np.inf, apart).min(axis=1), np.float64)


def _every(count: int) -> tuple[Numbers, Numbers]:
    ones, others = np.divmod(np.arange(count * count), max(count, 1))
    return ones, others


def _eased(rates: NDArray[np.float32]) -> NDArray[np.float32]:
    """Angular velocities on a scale where equal steps are equally easy to see: a share of half the speed."""
    speed = np.linalg.norm(rates, axis=-1, keepdims=True)
    floor = 2 * meet.RATE_FLOOR_RAD_S
    return np.asarray(rates / np.maximum(speed, 1e-9) * 2 * np.log1p(speed / floor), np.float32)


def near(entries: Entries) -> tuple[Numbers, Numbers]:
    """Pairs of entries that are near each other in the tree, in both orders."""
    count = len(entries)
    rows, owner = _rows(entries, range(len(MOMENTS_S)))
    sought, _ = _rows(entries, range(PEAK, PEAK + 1))
    from scipy.spatial import cKDTree  # slow to load, and only wanted where turns are many

    _, found = cKDTree(rows).query(sought, k=min(NEAREST, len(rows)), eps=APPROXIMATELY, workers=-1)
    found = np.asarray(found).reshape(len(sought), -1)
    ones = np.repeat(np.tile(np.arange(count), len(sought) // count), found.shape[1])
    others = owner[found.ravel()]
    every = np.unique(np.concatenate([ones * count + others, others * count + ones]))
    return every // count, every % count


def _rows(entries: Entries, moments: range) -> tuple[NDArray[np.float32], Numbers]:
    """Points of the tree and the entry each belongs to: some moments of every turn, with either view."""
    rates = 0.6 * _eased(entries.rates)
    views = entries.views[..., :PLACE_AXES_SOUGHT] * np.sqrt(PLACE_WEIGHT / 2)
    rows = [np.concatenate([rates[:, moment], views[:, side]], axis=1) for moment in moments for side in range(2)]
    return np.concatenate(rows), np.tile(np.arange(len(entries)), len(rows))
