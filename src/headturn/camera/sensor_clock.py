"""When each sample of a stream was taken, from a few stamps that may each be late or wrong.

Cameras stamp sensor data once a payload, when a task gets round to it: in one payload come 171 samples, in the next
216, of a sensor that ticks evenly. So the clock is fitted over the whole take, and no payload is believed alone.
"""

from dataclasses import dataclass

import numpy as np

from headturn.rotation import Floats

KNOT_S = 120.0
"""Sensor clocks drift with the temperature of the camera, over minutes; between these knots they run evenly."""
STAMPS_A_KNOT = 8
"""Fewer stamps than this between knots would follow the jitter instead of the drift."""
_ROUNDS = 30
_LEAST_SCALE_S = 2e-5


@dataclass(frozen=True, eq=False)
class Clock:
    """An even count turned into seconds, with slow changes of rate. `residuals_s` of the stamps it was fitted to."""

    knots: Floats
    origin: float
    scale: float
    weights: Floats
    residuals_s: Floats

    def at(self, counts: Floats) -> Floats:
        """Seconds (n,) at counts (n,); before the first and after the last stamp the rate holds."""
        return np.asarray(_basis((counts - self.origin) / self.scale, self.knots) @ self.weights, dtype=np.float64)


def fit_clock(counts: Floats, stamps_s: Floats, period_s: float) -> Clock:
    """The clock that most stamps (k,) at counts (k,) agree on; `period_s` is the rate where there is one stamp.

    Robust: starts from the median rate, then reweights by Cauchy's function, so that a late flush or a damaged stamp
    counts for nothing. Times increase: a fit that would run backwards is replaced by the median rate.
    """
    counts, stamps_s = np.asarray(counts, np.float64), np.asarray(stamps_s, np.float64)
    origin = float(counts[0])
    scale = float(counts[-1] - counts[0]) or 1.0
    if len(counts) < 2:
        return Clock(np.empty(0), origin, 1.0, np.array([stamps_s[0], period_s]), np.zeros(1))
    place = (counts - origin) / scale
    rate = float(np.median(np.diff(stamps_s) / np.diff(place)))
    straight = np.array([float(np.median(stamps_s - rate * place)), rate])
    span = abs(rate)
    pieces = max(1, min(int(span / KNOT_S), len(counts) // STAMPS_A_KNOT))
    knots = np.linspace(0, 1, pieces + 1)[1:-1]
    basis = _basis(place, knots)
    weights = np.concatenate([straight, np.zeros(len(knots))])
    if len(counts) > 2:
        for _ in range(_ROUNDS):
            off = stamps_s - basis @ weights
            spread = max(1.4826 * float(np.median(np.abs(off))), _LEAST_SCALE_S)
            root = 1 / np.sqrt(1 + (off / (2 * spread)) ** 2)
            weights = np.linalg.lstsq(basis * root[:, None], stamps_s * root, rcond=None)[0]
    rates = np.cumsum(weights[1:])
    if not np.all(np.isfinite(weights)) or np.any(rates <= 0):
        knots, weights = np.empty(0), straight
        basis = _basis(place, knots)
    return Clock(knots, origin, scale, weights, stamps_s - basis @ weights)


def _basis(place: Floats, knots: Floats) -> Floats:
    """A line, and a hinge at each knot."""
    return np.column_stack([np.ones_like(place), place, *(np.maximum(0, place - knot) for knot in knots)])
