"""A take beside its rehearsal: which turns are missing, which come later or sooner, which are quicker or wider."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, log

import numpy as np

from headturn.head.turns import Turn

ALIKE = 0.7
"""Cosine between the axes of two turns from which they may be the same look: 45 degrees."""
WIDER = 2.5
"""A turn so many times as wide as another is another look."""
LATER_S = 3.0
"""A look that comes this much later or sooner than the rest of the action is another look."""
MISSING = 1.0
"""Price of a turn without a partner, where a pair that differs by all three limits at once costs 2."""


@dataclass(frozen=True)
class Pair:
    """The same look in both. later_s: than in the rehearsal, after the shift; the others are the take's over the
    rehearsal's: how wide, how fast at its peak."""

    take: Turn
    rehearsal: Turn
    later_s: float
    wider: float
    faster: float


@dataclass(frozen=True)
class Comparison:
    """A take beside its rehearsal.

    shift_s: how much later the action as a whole runs on the take's clock; pairs: in order of time
    missing: turns of the rehearsal that the take lacks; added: turns of the take that the rehearsal lacks
    """

    shift_s: float
    pairs: tuple[Pair, ...]
    missing: tuple[Turn, ...]
    added: tuple[Turn, ...]


def compared(take: Sequence[Turn], rehearsal: Sequence[Turn]) -> Comparison:
    """The turns of a take and of its rehearsal, paired in order: the pairing and the shift of least price.

    Every shift that brings two turns of like kind together is tried; for each, turns are paired in order by dynamic
    programming. The shift is then that of the middle pair.
    """
    shifts = sorted({a.peak_s - b.peak_s for a in take for b in rehearsal if _price(a, b, a.peak_s - b.peak_s) < inf})
    best = inf
    chosen: list[tuple[int, int]] = []
    for shift in shifts:
        price, paired = _paired(take, rehearsal, shift)
        if price < best:
            best, chosen = price, paired
    shift_s = float(np.median([take[i].peak_s - rehearsal[j].peak_s for i, j in chosen])) if chosen else 0.0
    pairs = tuple(_pair(take[i], rehearsal[j], shift_s) for i, j in chosen)
    ours, theirs = {i for i, _ in chosen}, {j for _, j in chosen}
    return Comparison(
        shift_s,
        pairs,
        tuple(turn for number, turn in enumerate(rehearsal) if number not in theirs),
        tuple(turn for number, turn in enumerate(take) if number not in ours),
    )


def _pair(take: Turn, rehearsal: Turn, shift_s: float) -> Pair:
    return Pair(
        take,
        rehearsal,
        take.peak_s - rehearsal.peak_s - shift_s,
        take.angle_rad / rehearsal.angle_rad,
        take.peak_rad_s / rehearsal.peak_rad_s,
    )


def _price(a: Turn, b: Turn, shift_s: float) -> float:
    """How unlike two turns are: 0 alike, 2 at all limits, infinite beyond one."""
    cosine = float(np.dot(a.axis, b.axis))
    late = abs(a.peak_s - b.peak_s - shift_s) / LATER_S
    wide = abs(log(a.angle_rad / b.angle_rad)) / log(WIDER)
    if cosine < ALIKE or late > 1 or wide > 1:
        return inf
    return (1 - cosine) / (1 - ALIKE) * 0.5 + late + wide * 0.5


def _paired(a: Sequence[Turn], b: Sequence[Turn], shift_s: float) -> tuple[float, list[tuple[int, int]]]:
    """The cheapest pairing that keeps the order (Needleman and Wunsch 1970)."""
    price = np.full((len(a) + 1, len(b) + 1), inf)
    price[:, 0], price[0] = MISSING * np.arange(len(a) + 1), MISSING * np.arange(len(b) + 1)
    costs = [[_price(x, y, shift_s) for y in b] for x in a]
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            skipped = min(price[i - 1, j], price[i, j - 1]) + MISSING
            price[i, j] = min(price[i - 1, j - 1] + costs[i - 1][j - 1], skipped)
    pairs, i, j = [], len(a), len(b)
    while i and j:
        if price[i, j] == price[i - 1, j - 1] + costs[i - 1][j - 1]:
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif price[i, j] == price[i - 1, j] + MISSING:
            i -= 1
        else:
            j -= 1
    return float(price[-1, -1]), pairs[::-1]
