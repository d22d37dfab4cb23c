"""The least steadying that keeps discomfort below a budget, second by second.

Discomfort has a memory, so that a second may be cured by steadying those before it; and the crop spreads to its
neighbours. What comes of a strength is therefore tried as a whole, by a function that is handed in. First each second
is tried at every strength; then those that drive discomfort most are brought down to one level, the highest that does;
then strength is taken away wherever it is not missed, and moved to where it costs less.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import label

from headturn.rotation import Floats

STRENGTHS = np.linspace(0.0, 1.0, 11)
"""What each second is tried at."""
MEMORY_S = 45
"""A second is steadied for what is felt up to so long after it: `now` forgets all but a tenth in that time."""
HALVINGS = 9
"""Of the search for a level or a strength: to a five-hundredth."""
BLOCKS_S = (8, 4, 2, 1)
"""Strength is taken away from so many seconds at once."""
FACTORS = (0.0, 0.5, 0.8, 0.93)
"""... to these shares of it."""
RAISES = (1.0, 0.5, 0.25)
"""A block is raised by so much of what it has left, and the rest of its stretch lowered for it."""
LOWERINGS = 5
"""Halvings of how far the rest may be lowered."""
TOLERANCE = 0.05
"""A budget that is passed by this share is met."""
WORK_S = 300_000
"""Seconds of film that may be tried in all, as long as `LEAST_TRIES` are left: minutes for the longest film."""
LEAST_TRIES, MOST_TRIES = 40, 400
BEFORE_TRIES = len(STRENGTHS) + 2 * HALVINGS + 6
"""Trials of each strength, of the search for a level, and of what was found."""


@dataclass(frozen=True, eq=False)
class Tried:
    """What comes of a strength, for each second (n,): what drives discomfort, the discomfort, and the crop."""

    drive: Floats
    now: Floats
    crop: Floats


@dataclass(frozen=True, eq=False)
class Found:
    """The least strength found.

    strength (n,): for each second, 0 to 1; tried: what comes of it
    unmet (n,): the seconds in which the budget is passed whatever is done; none if it is met
    """

    strength: Floats
    tried: Tried
    unmet: NDArray[np.bool_]


Trial = Callable[[Floats], Tried]


def least(trial: Trial, seconds: int, budget: float, memory_s: int = MEMORY_S) -> Found:
    """The least strength (n,) at which `now` stays below the budget; the most that helps where it cannot.

    trial: what comes of a strength for each second (n,), from 0 to 1
    memory_s: for how long what a second does is felt
    """
    none = np.zeros(seconds)
    filmed = trial(none)
    if filmed.now.max(initial=0.0) <= budget:
        return Found(none, filmed, none > 0)
    search = _Search(trial, filmed, budget, memory_s)
    best = STRENGTHS[search.drives.argmin(axis=0)]
    helped = trial(best)
    unmet = helped.now > budget * (1 + TOLERANCE)
    search.wanted = np.maximum(budget, helped.now * (1 + 1e-9))
    strength = search.exchanged(search.taken_away(search.cheapest(best)), best)
    return Found(strength, trial(strength), unmet)


class _Search:
    """What is known of a film while the least strength is looked for.

    drives (k, n): of each second at each of STRENGTHS; wanted (n,): what `now` may come to
    span (n,): number of the stretch that a second belongs to, from 1; 0 where nothing has to be done
    """

    def __init__(self, trial: Trial, filmed: Tried, budget: float, memory_s: int) -> None:
        self.trial, self.budget, self.filmed = trial, budget, filmed
        count = len(filmed.now)
        tried = [filmed, *(trial(np.full(count, strength)) for strength in STRENGTHS[1:])]
        self.drives = np.stack([one.drive for one in tried])
        self.wanted = np.full(count, budget)
        passed = np.flatnonzero(filmed.now > budget)
        near = np.zeros(count, dtype=np.bool_)
        for second in passed:
            near[max(0, second - memory_s) : second + 1] = True
        runs, self.spans = label(near)
        self.span = np.asarray(runs, dtype=np.intp)
        self.tries = _tries(count)

    def met(self, tried: Tried) -> NDArray[np.bool_]:
        """Whether each stretch (spans + 1,) stays within what is wanted."""
        over = tried.now > self.wanted * (1 + 1e-6)
        return ~np.isin(np.arange(self.spans + 1), np.unique(self.span[over & (self.span > 0)]))

    def cost(self, tried: Tried) -> Floats:
        """The crop of each stretch (spans + 1,), what it spreads to its neighbours included."""
        nearest = _nearest_span(self.span)
        return np.asarray(np.bincount(nearest, weights=tried.crop, minlength=self.spans + 1), dtype=np.float64)

    def cheapest(self, best: Floats) -> Floats:
        """Of one level of drive and of one strength for each stretch the one with the smaller crop."""
        highest = float(self.drives[0].max())

        def levelled(share: Floats) -> Floats:
            low_enough = self.drives <= (highest * (1 - share))[self.span]
            strength = np.where(low_enough.any(axis=0), STRENGTHS[low_enough.argmax(axis=0)], best)
            between = self._between(strength, highest * (1 - share[self.span]))
            return np.where(self.span > 0, between, 0.0)

        def even(share: Floats) -> Floats:
            return np.where(self.span > 0, np.minimum(share[self.span], best), 0.0)

        found = [self._smallest(levelled), self._smallest(even)]
        costs = np.stack([self.cost(self.trial(one)) for one in found])
        return np.where(costs.argmin(axis=0)[self.span] == 0, *found)

    def _between(self, strength: Floats, level: Floats) -> Floats:
        """Strength between two that were tried, where the drive between them passes the level."""
        upper = np.searchsorted(STRENGTHS, strength).clip(1)
        at = np.arange(len(strength))
        above, below = self.drives[upper - 1, at], self.drives[upper, at]
        share = np.clip((above - level) / np.maximum(above - below, 1e-12), 0, 1)
        within = (strength > 0) & (below <= level)
        return np.where(within, STRENGTHS[upper - 1] + share * (STRENGTHS[upper] - STRENGTHS[upper - 1]), strength)

    def _smallest(self, strength_of: Callable[[Floats], Floats]) -> Floats:
        """The strength for the smallest shares (spans + 1,) at which every stretch is met, by halving."""
        low, high = np.zeros(self.spans + 1), np.ones(self.spans + 1)
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            met = self.met(self.trial(strength_of(middle)))
            low, high = np.where(met, low, middle), np.where(met, middle, high)
        return strength_of(high)

    def taken_away(self, strength: Floats) -> Floats:
        """A strength without what is not missed: less of it in block after block, all stretches at once."""
        cost = self.cost(self.trial(strength))
        for block in self._blocks():
            here = block & (strength > 0)
            for factor in FACTORS if here.any() else ():
                if self.tries <= 0:
                    return strength
                less = np.where(here, strength * factor, strength)
                met, costs = self._tried(less)
                better = met & (costs <= cost)
                strength, cost = np.where(better[self.span], less, strength), np.where(better, costs, cost)
                here &= ~better[self.span]
        return strength

    def exchanged(self, strength: Floats, best: Floats) -> Floats:
        """A strength with more in a block where that lets the rest of its stretch do with less, and less crop."""
        cost = self.cost(self.trial(strength))
        for here in self._blocks():
            before = strength
            for share in RAISES:
                raised = np.where(here, before + share * (best - before), before)
                low, high = np.zeros(self.spans + 1), np.ones(self.spans + 1)
                for _ in range(LOWERINGS):
                    if self.tries <= 0:
                        return strength
                    middle = (low + high) / 2
                    other = np.where(here, raised, raised * middle[self.span])
                    met, costs = self._tried(other)
                    low, high = np.where(met, low, middle), np.where(met, middle, high)
                    better = met & (costs < cost)
                    strength, cost = np.where(better[self.span], other, strength), np.where(better, costs, cost)
        return strength

    def _tried(self, strength: Floats) -> tuple[NDArray[np.bool_], Floats]:
        """Whether each stretch is met by it, and its crop; one try less."""
        self.tries -= 1
        tried = self.trial(strength)
        return self.met(tried), self.cost(tried)

    def _blocks(self) -> Iterator[NDArray[np.bool_]]:
        """Blocks of seconds (n,), the same of each stretch at once, the longest first."""
        first = np.array([np.flatnonzero(self.span == each)[0] for each in range(1, self.spans + 1)], dtype=int)
        place = np.arange(len(self.span)) - np.concatenate([[0], first])[self.span]
        for block_s in BLOCKS_S:
            for block in range(int(place[self.span > 0].max(initial=0)) // block_s + 1):
                yield (self.span > 0) & (place // block_s == block)


def trials(seconds: int) -> int:
    """How many trials `least` may make."""
    return _tries(seconds) + BEFORE_TRIES


def _tries(seconds: int) -> int:
    return int(np.clip(WORK_S / max(seconds, 1), LEAST_TRIES, MOST_TRIES))


def _nearest_span(span: NDArray[np.intp]) -> NDArray[np.intp]:
    """The stretch (n,) that each second belongs to or lies nearest to."""
    known = np.flatnonzero(span)
    places = np.searchsorted(known, np.arange(len(span))).clip(0, len(known) - 1)
    before = known[np.maximum(places - 1, 0)]
    after, at = known[places], np.arange(len(span))
    return np.asarray(span[np.where(np.abs(after - at) <= np.abs(at - before), after, before)], dtype=np.intp)
