"""Pace: matched shots a day, whether the crew is getting faster, and when it will be done. Values only.

Shots matched on shooting day n are counts with mean exp(a + c ln n): Wright's learning curve (T. P. Wright, "Factors
affecting the cost of airplanes", 1936), over the days of practice. They scatter more than Poisson counts, so they are
taken as negative binomial with variance m + k m² (J. M. Hilbe, "Negative Binomial Regression", 2011). With a few days
no likelihood has a peak worth the name: a, c and k are weighed on a grid by likelihood times a weak prior, and every
interval, the forecast's too, is that of this posterior. How often it holds: `python -m benchmarks forecast`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from headturn.rotation import Floats

LEARNING_SPREAD = 0.4
"""Prior standard deviation of c around 0. Industry's learning curves lie near 80 % a doubling, c = 0.32 (Wright)."""
SCATTER = np.geomspace(0.003, 2.0, 10)
"""Values of k that are weighed, alike on a scale of ratios: from as good as Poisson to twice the mean's square."""
LEVEL_STEPS, LEARNING_STEPS = 61, 41
LEAST_DAYS = 4
"""Days below which no trend is told: three points fit any curve."""
DRAWS = 4000
LONGEST = 1000
"""Shooting days after which a forecast is not worth telling: about nine such films as the interview tells of."""
SURE, LIKELY = (0.025, 0.975), (0.1, 0.9)


@dataclass(frozen=True)
class Interval:
    """A figure between its limits."""

    middle: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Pace:
    """The pace so far.

    counts (n,): matched shots of each day; days (n,): their numbers, from 1
    mean, low, high (n,): the learning curve with 95 % limits
    weekly: growth of the pace over the week to come as a share, with 95 % limits; None with too few days or shots
    today: matched shots a day to be expected on the next day
    level, learning, scatter (DRAWS,): draws of a, c and k
    """

    counts: NDArray[np.int64]
    mean: Floats
    low: Floats
    high: Floats
    weekly: Interval | None
    today: Interval
    level: Floats
    learning: Floats
    scatter: Floats

    @property
    def sentence(self) -> str:
        """Whether the crew is getting faster, as people say it."""
        if self.weekly is None:
            return f"no trend can be told yet: {LEAST_DAYS} shooting days and some matched shots are the least"
        low, middle, high = (100 * each for each in (self.weekly.low, self.weekly.middle, self.weekly.high))
        limits = f"[{low:+.0f}, {high:+.0f}]"
        if low > 0:
            return f"the crew is getting faster by {middle:.0f} % {limits} a week"
        if high < 0:
            return f"the crew is getting slower by {-middle:.0f} % {limits} a week"
        return f"no trend can be told yet: {middle:+.0f} % {limits} a week"


@dataclass(frozen=True, eq=False)
class Forecast:
    """Shooting days to wrap, with 80 % limits; `high` is inf where the pace does not tell.

    remaining: shots to be done; ahead, low, high (m,): shots done by the end of each day to come, for the fan
    """

    remaining: int
    days: Interval
    ahead: Floats
    low: Floats
    high: Floats


def fitted(counts: Sequence[int], week_days: int = 5, seed: int = 0) -> Pace | None:
    """The pace of days with these numbers of matched shots; None where none was matched."""
    shots = np.asarray(counts, np.int64)
    if not shots.sum():
        return None
    practice = np.log(np.arange(1, len(shots) + 1))
    level, learning, weights = _posterior(shots, practice)
    rng = np.random.default_rng(seed)
    drawn = rng.choice(weights.size, DRAWS, p=weights.ravel())
    i, j, k = np.unravel_index(drawn, weights.shape)
    # Between the points of the grid, so that draws are no steps.
    a = level[i] + rng.uniform(-0.5, 0.5, DRAWS) * (level[1] - level[0])
    c = learning[j] + rng.uniform(-0.5, 0.5, DRAWS) * (learning[1] - learning[0])
    a = a - c * practice.mean()  # the grid's level is that of the days' middle, where it is known best
    curves = np.exp(a[:, None] + c[:, None] * practice)
    low, mean, high = np.quantile(curves, (SURE[0], 0.5, SURE[1]), axis=0)
    n = len(shots)
    weekly = _interval(((n + week_days) / n) ** c - 1, SURE) if n >= LEAST_DAYS and shots.sum() > 2 else None
    today = _interval(np.exp(a + c * np.log(n + 1)), SURE)
    return Pace(shots, mean, low, high, weekly, today, a, c, SCATTER[k])


def _posterior(shots: NDArray[np.int64], practice: Floats) -> tuple[Floats, Floats, Floats]:
    """Values of the level at the days' middle (i,) and of c (j,), and their weights with k (i, j, k)."""
    centre = np.log(max(float(shots.mean()), 0.5 / len(shots)))
    reach = 4 * np.sqrt(1 / shots.sum() + SCATTER[-1] / len(shots))
    level = np.linspace(centre - reach, centre + reach, LEVEL_STEPS)
    learning = np.linspace(-3 * LEARNING_SPREAD, 3 * LEARNING_SPREAD, LEARNING_STEPS)
    mean = np.exp(level[:, None, None] + learning[None, :, None] * (practice - practice.mean()))
    weights = np.empty((LEVEL_STEPS, LEARNING_STEPS, len(SCATTER)))
    for index, scatter in enumerate(SCATTER):
        size = 1 / scatter
        share = np.log(mean) - np.log(mean + size)
        says = gammaln(shots + size) - gammaln(size) + size * np.log(size / (mean + size)) + shots * share
        weights[:, :, index] = says.sum(axis=2)
    weights -= 0.5 * (learning[None, :, None] / LEARNING_SPREAD) ** 2
    weights = np.exp(weights - weights.max())
    return level, learning, weights / weights.sum()


def forecast(pace: Pace, remaining: int, seed: int = 0) -> Forecast:
    """How many more shooting days the remaining shots take, simulated day by day from the fitted model."""
    rng = np.random.default_rng(seed)
    n, done = len(pace.counts), np.zeros(DRAWS)
    took = np.full(DRAWS, np.inf if remaining else 0.0)
    fan: list[Floats] = []
    for day in range(1, LONGEST + 1):
        if np.isfinite(took).mean() > LIKELY[1]:  # the limits are settled; what is slower still is beyond them
            break
        mean = np.exp(pace.level + pace.learning * np.log(n + day))
        rate = rng.gamma(1 / pace.scatter, pace.scatter * mean)  # Poisson of a gamma is negative binomial
        done += rng.poisson(np.minimum(rate, 1e6))
        took[(done >= remaining) & np.isinf(took)] = day
        fan.append(np.quantile(np.minimum(done, remaining), (LIKELY[0], 0.5, LIKELY[1])))
    low, ahead, high = np.array(fan).T if fan else np.empty((3, 0))
    return Forecast(remaining, _interval(took, LIKELY), ahead, low, high)


def _interval(draws: Floats, limits: tuple[float, float]) -> Interval:
    # Sorted draws, not interpolated: some may be infinite.
    low, middle, high = np.quantile(draws, (limits[0], 0.5, limits[1]), method="closest_observation")
    return Interval(float(middle), float(low), float(high))
