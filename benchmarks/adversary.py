"""The adversary: what is trained to tell splices from uncut turns, on detector scores and motion-compensated residuals.

It knows where the splice is said to be: features stand relative to the middle of the window. Two models, chosen before
any result was seen: shrunk linear discriminant and boosted shallow trees; the adversary's score is the mean of their
ranks. A splice is judged only by what was learnt at other places.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import rankdata

from benchmarks import figures
from benchmarks.detectors import DEFAULTS, Judge
from benchmarks.figures import Figure, Floats
from benchmarks.windows import CONTEXT, HALF, JUDGED

PROFILE = 7
"""Steps on each side of the middle whose residual is a feature of its own."""
HARD_AUC, COLOUR_AUC = 0.95, 0.65
"""What it must reach on hard cuts, and on colour-matched ones without morph, for its figure to count."""

Measured = Mapping[str, Any]
"""Of a window: "scores" by detector and frame, "steps" residuals from each frame to the next."""


def features(measured: Measured) -> Floats:
    """What the adversary knows of a window (k,)."""
    found: list[float] = []
    for name in DEFAULTS:
        values = np.log(np.asarray(measured["scores"][name]) + 1e-3)
        found += _shape(values)
    steps = np.log(np.maximum(np.concatenate([[np.nan], measured["steps"]]), 1e-4))
    steps[0] = steps[1]
    found += _shape(steps)
    middle = float(np.median(steps[CONTEXT:-CONTEXT]))
    found += [float(value) - middle for value in steps[HALF - PROFILE : HALF + PROFILE + 1]]
    return np.array(found)


def _shape(values: Floats) -> list[float]:
    """The loudest of a window and at its middle, against what is usual in it, beside it, and right next to it."""
    judged = values[CONTEXT + 1 : HALF + JUDGED]
    usual = float(np.median(judged))
    middle = float(values[HALF - 2 : HALF + 3].max())
    beside = float(np.median(np.concatenate([values[HALF - 8 : HALF - 3], values[HALF + 4 : HALF + 9]])))
    at = float(values[HALF - 1 : HALF + 2].max())
    peak = float(values[HALF] - max(values[HALF - 1], values[HALF + 1]))
    bump = float(values[HALF] - np.median(values[HALF - 3 : HALF + 4]))
    return [float(judged.max()), middle, float(judged.max()) - usual, middle - beside, at - beside, usual, peak, bump]


@dataclass(frozen=True, eq=False)
class Verdicts:
    """What the adversary says of held-out windows.

    splices (n,), uncut (m,): its scores; auc: with its interval; alone: of each model by itself
    """

    splices: Floats
    uncut: Floats
    auc: Figure
    alone: dict[str, float]

    def caught(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Which splices (n,) score above the threshold that 5 % of uncut turns pass."""
        return np.asarray(self.splices > figures.threshold(self.uncut))


def tried(
    splices: Sequence[Measured],
    places: Sequence[str],
    uncut: Sequence[Measured],
    uncut_places: Sequence[str],
    judge: Judge,
) -> Verdicts:
    """Train and judge, leaving one place out at a time."""
    x = np.stack([features(window) for window in (*splices, *uncut)])
    y = np.array([1] * len(splices) + [0] * len(uncut))
    everywhere = np.array([*places, *uncut_places])
    scores = judge.learn(x=x, y=y, place=everywhere, query=x, query_place=everywhere)
    mixed = np.mean([rankdata(values) for values in scores.values()], axis=0)
    area = figures.over_places(everywhere.tolist(), lambda rows: figures.auc(mixed[rows], y[rows]))
    alone = {name: figures.auc(values, y) for name, values in scores.items()}
    return Verdicts(mixed[: len(splices)], mixed[len(splices) :], area, alone)
