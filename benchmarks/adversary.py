"""The adversary: what is trained to tell splices from uncut turns.

It knows where the splice is said to be, and gets the whole course of what was measured around that frame: what each
detector says of each frame, and the residuals that motion leaves, in detail, in the worst part of the view, in light
and in tint. A harder one gets what `apart/eyes.py` sees beside, too (motion of the view and its jerks, torn flow,
levels of light and tint, sharpness, noise, histograms). Uncut turns have the very frame in their middle at which the
splice leaves or enters them, so that where it lies tells nothing. Three models judge, and the mean of their ranks
counts; features and models were chosen on hard cuts and on colour-matched ones, never by what they say of headturn's
seams. A splice is judged only by what was learnt at other places.

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

FLOORS = {"content": 1.0, "adaptive": 0.1, "histogram": 0.01, "scdet": 0.1}
"""Of detectors: below these a score is as good as none."""
NEAR, FAR = 3, 9
"""Steps from the splice that count one by one, and in pairs."""
LEFT = ("left", "worst")
BESIDE = ("apart", "torn", "histogram")
MOVES = ("pan", "tilt", "roll", "zoom")
SHIFTS = ("flash", "red_step", "blue_step")
LEVELS = ("light", "red", "blue", "sharp", "edges", "upright", "noise", "contrast")
SIDES = (3, 8)
"""Frames before and after the splice whose levels are compared."""
HARD_AUC, COLOUR_AUC = 0.95, 0.65
"""What it must reach on hard cuts, and on colour-matched ones without morph, for its figure to count."""

Measured = Mapping[str, Any]
"""Of a window: "scores" by detector and frame, "steps" residuals from each frame to the next, "seen" by frame."""


def features(measured: Measured, *, beside: bool) -> Floats:
    """What the adversary knows of a window (k,).

    beside: the harder one, that knows more than detectors and residuals
    """
    seen = {name: np.asarray(values, np.float64) for name, values in measured["seen"].items()}
    steps = np.log(np.maximum(np.array([measured["steps"][0], *measured["steps"]]), 1e-4))
    found: list[float] = []
    courses = LEFT + BESIDE if beside else LEFT
    for values in (*(_score(name, measured["scores"][name]) for name in DEFAULTS), steps, *(seen[n] for n in courses)):
        found += _course(values) + _shape(values)
    moves = np.stack([_jerk(seen[name]) for name in MOVES])
    jerks = (np.hypot(*moves[:2]), *moves) if beside else ()
    for values in (*jerks, *(seen[name] for name in SHIFTS)):
        loud = np.log(np.abs(values) + 1e-4)
        found += _course(loud)[FAR - 2 : FAR + 1] + _shape(loud)
    for name in LEVELS if beside else ():
        found += _level(seen[name])
    return np.array(found)


def halves(before: Measured, after: Measured) -> Measured:
    """One uncut window up to its middle, and from there on another: a splice with nothing of a seam in it.

    Steps alone, as the adversary of detectors and residuals knows them: what it tells of these is the choice of frames.
    """

    def series(name: str, at: int) -> dict[str, list[float]]:
        return {key: [*before[name][key][:at], *after[name][key][at:]] for key in before[name]}

    steps = [*before["steps"][: HALF - 1], *after["steps"][HALF - 1 :]]
    return {"scores": series("scores", HALF), "seen": series("seen", HALF), "steps": steps}


def _score(name: str, values: Sequence[float]) -> Floats:
    """A detector's scores (n,) on a scale on which differences mean the same everywhere."""
    scores = np.asarray(values, np.float64)
    if name in FLOORS:
        return np.asarray(np.log(scores + FLOORS[name]))
    return np.asarray(np.log(scores + 1e-4) - np.log(1 - scores + 1e-4))


def _jerk(values: Floats) -> Floats:
    """How far each step (n,) lies from the middle of its neighbours."""
    found = np.zeros(len(values))
    found[2:-1] = values[2:-1] - (values[1:-2] + values[3:]) / 2
    return found


def _course(values: Floats) -> list[float]:
    """The steps around the splice, against what is usual in the window; further away in pairs."""
    off = values - np.median(values[CONTEXT + 1 : HALF + JUDGED])
    pairs = [(off[HALF + side * at], off[HALF + side * (at + 1)]) for side in (-1, 1) for at in range(NEAR + 1, FAR, 2)]
    return [*(float(np.mean(pair)) for pair in pairs), *(float(v) for v in off[HALF - NEAR : HALF + NEAR + 1])]


def _shape(values: Floats) -> list[float]:
    """The loudest of a window and at its middle, against what is usual in it, beside it, and right next to it."""
    judged = values[CONTEXT + 1 : HALF + JUDGED]
    usual = float(np.median(judged))
    middle = float(values[HALF - 2 : HALF + 3].max())
    beside = float(np.median(np.concatenate([values[HALF - 8 : HALF - 3], values[HALF + 4 : HALF + 9]])))
    at = float(values[HALF - 1 : HALF + 2].max())
    peak = float(values[HALF] - max(values[HALF - 1], values[HALF + 1]))
    bump = float(values[HALF] - np.median(values[HALF - 3 : HALF + 4]))
    wide = float(values[HALF - 6 : HALF + 7].mean() - np.concatenate([values[2 : HALF - 6], values[HALF + 7 :]]).mean())
    return [
        float(judged.max()),
        middle,
        float(judged.max()) - usual,
        middle - beside,
        at - beside,
        usual,
        peak,
        bump,
        wide,
    ]


def _level(values: Floats) -> list[float]:
    """How a level differs on both sides of the splice and in its middle, and how suddenly."""
    steps = np.abs(np.diff(values))
    usual = float(np.median(steps)) + 1e-3
    found = [
        float(np.log(steps[HALF - 1] + 1e-3)),
        float(steps[HALF - 1] / usual),
        float(steps[HALF - 4 : HALF + 3].max() / usual),
    ]
    for reach in SIDES:
        before, after = values[HALF - reach : HALF].mean(), values[HALF : HALF + reach].mean()
        found += [float(np.log(abs(after - before) + 1e-3)), float(abs(after - before) / usual)]
    outside = (values[HALF - 11 : HALF - 5].mean() + values[HALF + 5 : HALF + 11].mean()) / 2
    return [*found, float(values[HALF - 3 : HALF + 3].mean() - outside)]


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
    *,
    beside: bool,
) -> Verdicts:
    """Train and judge, leaving one place out at a time; beside: see `features`."""
    x = np.stack([features(window, beside=beside) for window in (*splices, *uncut)])
    y = np.array([1] * len(splices) + [0] * len(uncut))
    everywhere = np.array([*places, *uncut_places])
    scores = judge.learn(x=x, y=y, place=everywhere, query=x, query_place=everywhere)
    mixed = np.mean([rankdata(values) for values in scores.values()], axis=0)
    area = figures.over_places(everywhere.tolist(), lambda rows: figures.auc(mixed[rows], y[rows]))
    alone = {name: figures.auc(values, y) for name, values in scores.items()}
    return Verdicts(mixed[: len(splices)], mixed[len(splices) :], area, alone)
