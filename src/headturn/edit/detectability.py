"""Detectability: the chance that the rendered splice of a join is caught, calibrated on machines, then on people.

Caught means: by one of the detectors of `benchmarks.seams` at the threshold at which it fires on 5 % of uncut turns, or
by the trained adversary at 5 % false alarms. The model is a logistic of what the join costs, term by term.
"""

from collections.abc import Iterable

import numpy as np

Terms = Iterable[tuple[str, float]]
"""What each part of a join costs, by name; see `edit.cost`."""

SEAMLESS_CHANCE = 0.3
"""Below it a splice is called seamless."""
WORKABLE_CHANCE = 0.75
"""Below it, workable; above, something jumps that one need not look for."""
BIAS = -3.18
SLOPE = 1.94
"""The cost below which the splices of the backlot and of `fridge`, `lap` and `house` could not be pointed at by eye
(1.2) lies at SEAMLESS_CHANCE; that above which something jumped (2.2), at WORKABLE_CHANCE."""


def chance(terms: Terms) -> float:
    """Chance (0 to 1) that the rendered splice is caught."""
    logit = BIAS + SLOPE * sum(cost for _, cost in terms)
    return float(1 / (1 + np.exp(-np.clip(logit, -30, 30))))
