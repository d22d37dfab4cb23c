"""Detectability: the chance that the rendered splice of a join is caught, calibrated on machines, then on people.

Caught means: by one of the detectors of `benchmarks.seams` at the threshold at which it fires on 5 % of uncut turns, or
by the trained adversary at 5 % false alarms. Several detectors are asked, so that an uncut turn too is "caught" now and
then; the chance of the best join is not 0 but that. The model is a logistic of the terms of the cost.

    python -m benchmarks detectability TABLE

fits it to the table of the seams benchmark, on the even places, and tries it on the odd ones.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from headturn.edit.cut import Hiding, Verdict
from headturn.rotation import Floats

Terms = Iterable[tuple[str, float]]
"""What each part of a join costs, by name; see `edit.cost`."""

BIAS, SLOPE = -1.20, 0.34
"""Fitted to 304 splices of the even places of the backlot, with poorer ones that headturn would not choose. Tried on
296 of the odd places, of which 30 % were caught: said 0.25, 0.26, 0.28, 0.30, 0.40, caught 0.22, 0.25, 0.31, 0.31,
0.42; the Brier score is 0.208, by their mean alone 0.210, by the model before (-1.04, 0.36) 0.210. Of all 600, by
cost up to 0.3, 0.5, 0.8, 1.2, 1.8, 2.5, 4 and above: caught 0.18, 0.22, 0.29, 0.34, 0.45, 0.23, 0.39, 0.50. Machines
hardly tell good splices from poor ones any more; eyes do (a slope of about 1.9), and will say so in blind tests."""
UNCUT_CHANCE = 0.25
"""Share of uncut turns of the same takes that the same rule "catches": no splice can be expected below it."""
SEAMLESS_COST, WORKABLE_COST = 1.0, 2.2
"""Up to a cost of 1.2 splices of the backlot and of `fridge`, `lap` and `house` could not be pointed at by eye; above
2.2 something jumps that one need not look for."""
GUESSED = 0.5
"""Share of a viewer's answers that are right by chance, of two loops of which one has the splice."""
TRUST_SHIFT, TRUST_SCALE, MOST_SCALE = 1.0, 1.5, 12.0
"""How far people may be from the machines before they have answered: standard deviations, in logits and as a factor,
which is wide for what eyes tell better than machines; and the greatest factor that is looked for."""


@dataclass(frozen=True)
class Answers:
    """What viewers said of one splice: how often it was shown beside an uncut turn, and how often pointed at."""

    terms: tuple[tuple[str, float], ...]
    shown: int
    caught: int


@dataclass(frozen=True)
class Calibration:
    """How people's eyes relate to the machines': a cost counts `scale` times, and the logit is higher by `shift`.

    answers: how many this rests on; with none it is the machines' own
    """

    shift: float = 0.0
    scale: float = 1.0
    answers: int = 0

    def chance(self, terms: Terms) -> float:
        """Chance (0 to 1) that the splice of a join with these terms is caught."""
        return float(_caught(_cost(terms), self.shift, self.scale))


def _cost(terms: Terms) -> float:
    return sum(cost for _, cost in terms)


def _caught(costs: Floats | float, shift: float, scale: float) -> Floats:
    """Chance that splices of those costs are caught by eyes that differ from the machines' so."""
    return np.asarray(1 / (1 + np.exp(-np.clip(BIAS + shift + scale * SLOPE * costs, -30, 30))))


MACHINES = Calibration()
SEAMLESS_CHANCE, WORKABLE_CHANCE = (MACHINES.chance([("all", cost)]) for cost in (SEAMLESS_COST, WORKABLE_COST))
"""Below the first (0.30) a splice is called seamless: it is caught at most 5 times in 100 oftener than an uncut turn;
below the second (0.39), workable."""


def chance(terms: Terms) -> float:
    """Chance (0 to 1) that the rendered splice is caught, by the machines."""
    return MACHINES.chance(terms)


def verdict(chance: float, hiding: Hiding, same_place: bool) -> Verdict:
    """What a chance of being caught is called, given what hides the splice."""
    if hiding == "nothing" or chance >= WORKABLE_CHANCE:
        return "visible"
    # Nothing blurs what is left at rest; and a turn, however fast, does not make two places one.
    hidden = hiding != "rest" and (same_place or hiding != "turn")
    return "seamless" if hidden and chance < SEAMLESS_CHANCE else "workable"


def calibrated(answers: Sequence[Answers]) -> Calibration:
    """The machines' model corrected by what viewers answered in blind tests (two loops, one with a splice).

    The most probable shift and scale, with the machines' as the prior: a few answers change little, hundreds decide.
    A viewer who sees nothing still points at the right loop in half of all cases.

    Raises:
        ValueError: more caught than shown, or fewer than none.
    """
    if any(not 0 <= each.caught <= each.shown for each in answers):
        raise ValueError("a splice cannot be caught more often than it was shown")
    shown = np.array([each.shown for each in answers], dtype=np.float64)
    if not shown.sum():
        return MACHINES
    caught = np.array([each.caught for each in answers], dtype=np.float64)
    costs = np.array([_cost(each.terms) for each in answers], dtype=np.float64)

    def unlikely(values: Floats) -> float:
        right = GUESSED + (1 - GUESSED) * _caught(costs, *values)
        right = np.clip(right, 1e-9, 1 - 1e-9)
        said = caught @ np.log(right) + (shown - caught) @ np.log(1 - right)
        return float(-said + 0.5 * (values[0] / TRUST_SHIFT) ** 2 + 0.5 * ((values[1] - 1) / TRUST_SCALE) ** 2)

    from scipy.optimize import minimize  # slow to load, and only wanted once people have answered

    best = minimize(unlikely, np.array([0.0, 1.0]), bounds=[(-8, 8), (0.05, MOST_SCALE)]).x
    return Calibration(float(best[0]), float(best[1]), int(shown.sum()))
