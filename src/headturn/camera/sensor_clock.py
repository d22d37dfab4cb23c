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
_RIDGE = 1e-9


@dataclass(frozen=True, eq=False)
class Clock:
    """An even count turned into seconds: it runs straight between knots, `counts` (k,) and `seconds` (k,), k >= 2.

    residuals_s: how far the stamps it was fitted to are off.
    """

    counts: Floats
    seconds: Floats
    residuals_s: Floats

    def at(self, counts: Floats) -> Floats:
        """Seconds (n,) at counts (n,); before the first and after the last knot the rate holds."""
        rates = np.diff(self.seconds) / np.diff(self.counts)
        before = np.minimum(counts - self.counts[0], 0) * rates[0]
        after = np.maximum(counts - self.counts[-1], 0) * rates[-1]
        return np.asarray(np.interp(counts, self.counts, self.seconds) + before + after, dtype=np.float64)


def fit_clock(counts: Floats, stamps_s: Floats, period_s: float) -> Clock:
    """The clock that most stamps (k,) at increasing counts (k,) agree on; a single stamp runs at `period_s` a count.

    Robust: starts from the median rate, then reweights by Cauchy's function, so that a late flush or a damaged stamp
    counts for little. A fit that would run backwards somewhere is replaced by the median rate.
    """
    if len(counts) < 2:
        return Clock(np.array([counts[0], counts[0] + 1]), np.array([0, period_s]) + stamps_s[0], np.zeros(1))
    rate = float(np.median(np.diff(stamps_s) / np.diff(counts)))
    offset = float(np.median(stamps_s - rate * counts))
    span = abs(rate) * float(counts[-1] - counts[0])
    pieces = max(1, min(int(span / KNOT_S), len(counts) // STAMPS_A_KNOT))
    knots = counts[np.linspace(0, len(counts) - 1, pieces + 1).astype(np.intp)]
    straight = offset + rate * knots
    seconds = straight
    for _ in range(_ROUNDS if len(counts) > 2 else 0):
        off = stamps_s - np.interp(counts, knots, seconds)
        spread = max(1.4826 * float(np.median(np.abs(off))), _LEAST_SCALE_S)
        seconds = seconds + _correction(counts, knots, off, 1 / (1 + (off / (2 * spread)) ** 2))
    if not np.all(np.isfinite(seconds)) or np.any(np.diff(seconds) <= 0):
        seconds = straight
    return Clock(knots, seconds, stamps_s - np.interp(counts, knots, seconds))


def _correction(counts: Floats, knots: Floats, off: Floats, weights: Floats) -> Floats:
    """What to add at each knot (k,) so that the line between them best fits `off`, by weighted least squares."""
    left = np.clip(np.searchsorted(knots, counts, side="right") - 1, 0, len(knots) - 2)
    share = (counts - knots[left]) / (knots[left + 1] - knots[left])
    normal = np.eye(len(knots)) * _RIDGE
    np.add.at(normal, (left, left), weights * (1 - share) ** 2)
    np.add.at(normal, (left + 1, left + 1), weights * share**2)
    np.add.at(normal, (left, left + 1), weights * share * (1 - share))
    np.add.at(normal, (left + 1, left), weights * share * (1 - share))
    pull = np.zeros(len(knots))
    np.add.at(pull, left, weights * (1 - share) * off)
    np.add.at(pull, left + 1, weights * share * off)
    return np.asarray(np.linalg.solve(normal, pull), dtype=np.float64)
