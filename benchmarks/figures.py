"""Statistics of the seams benchmark: thresholds, paired excess, area under the curve; intervals over places."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata

Floats = NDArray[np.float64]

RESAMPLES = 2000
FALSE_ALARMS = 0.05
"""Share of uncut turns on which a detector may fire at its strict threshold."""


@dataclass(frozen=True)
class Figure:
    """A figure with the limits between which 95 % of its bootstraps lie."""

    value: float
    low: float
    high: float

    def percent(self) -> str:
        """As a share: "+1.3 % [-0.4, +3.1]"."""
        return f"{100 * self.value:+5.1f} [{100 * self.low:+.1f}, {100 * self.high:+.1f}]"

    def __str__(self) -> str:
        return f"{self.value:.2f} [{self.low:.2f}, {self.high:.2f}]"


def over_places(places: Sequence[str], figure: Callable[[NDArray[np.intp]], float], seed: int = 0) -> Figure:
    """A figure of rows, with its interval: places are drawn again, each with all its rows.

    places (n,): where each row comes from; figure: of the indices of rows, which may repeat
    """
    names = np.asarray(places)
    rows = [np.flatnonzero(names == place) for place in np.unique(names)]
    everything = figure(np.arange(len(names)))
    if not rows:
        return Figure(float("nan"), float("nan"), float("nan"))
    rng = np.random.default_rng(seed)
    drawn = [figure(np.concatenate([rows[i] for i in rng.integers(0, len(rows), len(rows))])) for _ in range(RESAMPLES)]
    low, high = np.nanquantile(drawn, (0.025, 0.975))
    return Figure(everything, float(low), float(high))


def threshold(uncut: ArrayLike, share: float = FALSE_ALARMS) -> float:
    """The least threshold above which at most a share of the uncut scores lie; a score fires above it, not at it."""
    scores = np.sort(np.asarray(uncut, np.float64))
    return float(scores[min(len(scores) - 1, int(np.ceil(len(scores) * (1 - share))) - 1)])


def excess(fired: ArrayLike, uncut_fired: ArrayLike, places: Sequence[str]) -> Figure:
    """How much more often splices fire than the uncut turns of their own takes.

    fired (n,): whether each splice does; uncut_fired (n,): share of the splice's own controls that do
    """
    difference = np.asarray(fired, np.float64) - np.asarray(uncut_fired, np.float64)
    return over_places(places, lambda rows: float(difference[rows].mean()) if len(rows) else float("nan"))


def auc(scores: ArrayLike, truth: ArrayLike) -> float:
    """Area under the curve: the chance that a splice scores above an uncut turn, ties half."""
    values, is_splice = np.asarray(scores, np.float64), np.asarray(truth, bool)
    splices, uncut = int(is_splice.sum()), int((~is_splice).sum())
    if not splices or not uncut:
        return float("nan")
    ranks = np.asarray(rankdata(values))
    return float((ranks[is_splice].sum() - splices * (splices + 1) / 2) / (splices * uncut))


def share(hits: ArrayLike, places: Sequence[str]) -> Figure:
    """A share with its interval over places."""
    values = np.asarray(hits, np.float64)
    return over_places(places, lambda rows: float(values[rows].mean()) if len(rows) else float("nan"))


def wilson(hits: int, of: int) -> Figure:
    """A share of few counts with its 95 % interval (Wilson 1927)."""
    if not of:
        return Figure(float("nan"), 0.0, 1.0)
    z, p = 1.959964, hits / of
    middle = (p + z * z / (2 * of)) / (1 + z * z / of)
    half = z * np.sqrt(p * (1 - p) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return Figure(p, max(0.0, float(middle - half)), min(1.0, float(middle + half)))
