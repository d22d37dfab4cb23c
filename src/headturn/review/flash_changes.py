"""Changes of light from frame to frame, pixel by pixel, and how many of them alternate within a second.

Every pixel is followed by itself: two areas that flash in turns do not add up to one that flashes twice as often.
What moves is told from what flashes by neighbours: where something textured passes, as many pixels grow brighter as
darker; where light flashes, nearly all change the same way.
"""

from collections import deque
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from headturn.review.flash_light import Light, Mask, Plane, chromaticity, mask, scaled
from headturn.review.flash_limits import BRIGHT, CHANGES, LEAST_CHANGE, LEAST_RED_CHANGE, SECOND_S, STEP_S

TICKS: Final = 10_000
"""Clock ticks in a second: whole numbers, so that no time is rounded away in an hour of film."""
SECOND: Final = round(SECOND_S * TICKS)
STEP: Final = round(STEP_S * TICKS)
CELLS: Final = 12
"""Cells across 10 degrees of the visual field, in which slow changes and neighbours are looked at."""
_LONG_AGO: Final = -(2**30)
_MOST_OPPOSED: Final = 0.5
"""Pixels that change the other way within 10 degrees, over those that change this way, at most. Without this rule 93,
74, 23 and 17 of 100 frames of the real takes `shop`, `fridge`, `house` and `lap` lie in a failure of WCAG; with it two
whip pans over the lamps of `shop` do, and none of the others."""

Times = NDArray[np.int32]


@dataclass(frozen=True)
class Met:
    """Pixels in which the seventh change within a second has just come. since: ticks of the earliest first of those
    seven; rate_hz: flashes a second, of the median pixel.
    """

    since: int
    rate_hz: float


class Alternations:
    """The last seven alternating changes of each of n pixels."""

    def __init__(self, pixels: int) -> None:
        self._way = np.zeros(pixels, np.int8)
        self._oldest = np.zeros(pixels, np.int8)
        self._times = np.full((CHANGES, pixels), _LONG_AGO, np.int32)
        self._until = np.full(pixels, _LONG_AGO, np.int32)

    def see(self, up: Mask, down: Mask, now: int) -> Met | None:
        """Count the changes of a frame, where they are not the way of the last one; what met the limit, if any did."""
        rises, falls = up.ravel() != 0, down.ravel() != 0
        risen = np.flatnonzero(rises & (self._way != 1))
        fallen = np.flatnonzero(falls & (self._way != -1) & ~(rises & (self._way == 0)))
        oldest = np.concatenate([self._push(risen, 1, now), self._push(fallen, -1, now)])
        oldest = oldest[now - oldest < SECOND]
        if not len(oldest):
            return None
        return Met(int(oldest.min()), (CHANGES - 1) / 2 * TICKS / max(float(now - np.median(oldest)), 1.0))

    def _push(self, pixels: NDArray[np.intp], way: int, now: int) -> Times:
        """The time of the oldest of the last seven changes of these pixels, this one included."""
        self._way[pixels] = way
        slot = self._oldest[pixels]
        self._times[slot, pixels] = now
        slot = (slot + 1) % CHANGES
        self._oldest[pixels] = slot
        oldest = self._times[slot, pixels]
        self._until[pixels] = oldest + SECOND
        return oldest

    def flashing(self, now: int) -> NDArray[np.bool_]:
        """The pixels with seven changes or more within the second that ends now."""
        return self._until > now

    def counts(self, now: int) -> NDArray[np.intp]:
        """How many changes each pixel had within the last second; no more than seven are told apart."""
        return np.count_nonzero(self._times > now - SECOND, axis=0)


class Steps:
    """Changes between a frame and those shown up to 1/30 s before it, or the one before it where frames are longer."""

    def __init__(self) -> None:
        self._past = deque[tuple[int, Light]]()

    def see(self, light: Light, now: int) -> tuple[tuple[Mask, Mask], tuple[Mask, Mask]]:
        """Masks (h, w), 255 and 0: where luminance rises and falls; where saturated red comes and goes."""
        while len(self._past) > 1 and now - self._past[0][0] > STEP:
            self._past.popleft()
        past = [each for _, each in self._past if each is not light]
        self._past.append((now, light))
        return _luminance_steps(light, past), _red_steps(light, past)


def _luminance_steps(light: Light, past: list[Light]) -> tuple[Mask, Mask]:
    bright = light.luminance
    if not past:  # the first frame, or one like it
        return np.zeros(bright.shape, np.uint8), np.zeros(bright.shape, np.uint8)
    low = high = past[0].luminance
    for each in past[1:]:
        low, high = _plane(cv2.min(low, each.luminance)), _plane(cv2.max(high, each.luminance))
    return _darker_below(low, bright), _darker_below(bright, high)


def _darker_below(dark: Plane, bright: Plane) -> Mask:
    """Where one image is brighter than another by a change that counts."""
    return mask((bright - dark >= LEAST_CHANGE) & (dark < BRIGHT))


def _red_steps(light: Light, past: list[Light]) -> tuple[Mask, Mask]:
    comes, goes = np.zeros(light.red.shape, np.uint8), np.zeros(light.red.shape, np.uint8)
    for each in past:
        for changed, red, other in ((comes, light, each), (goes, each, light)):
            if not red.red.any():
                continue
            at = np.flatnonzero((red.red & ~other.red) != 0)
            if len(at):
                apart = chromaticity(red.linear.reshape(-1, 3)[at]) - chromaticity(other.linear.reshape(-1, 3)[at])
                changed.ravel()[at[np.hypot(*apart.T) >= LEAST_RED_CHANGE]] = 255
    return comes, goes


def flashes(one_way: Mask, other_way: Mask, grid: tuple[int, int]) -> tuple[Mask, Mask]:
    """Of changes of both ways, those that are not a moving texture: nearly all within 10 degrees go their way.

    grid: the number of cells across and down; 12 of them are 10 degrees.
    """
    if not (one_way.any() and other_way.any()):
        return one_way, other_way
    shares = [
        cv2.blur(_plane(scaled(m, grid)), (CELLS, CELLS), borderType=cv2.BORDER_CONSTANT) for m in (one_way, other_way)
    ]
    size = one_way.shape[1::-1]
    kept = []
    for changed, mine, others in ((one_way, *shares), (other_way, *shares[::-1])):
        alike = cv2.resize(mask(others <= mine * _MOST_OPPOSED), size, interpolation=cv2.INTER_NEAREST)
        kept.append(changed & np.asarray(alike, np.uint8))
    return kept[0], kept[1]


class SlowChanges:
    """Changes of the mean luminance of cells, added up for as long as they go one way."""

    def __init__(self, cells: int) -> None:
        self._low, self._high = np.full(cells, np.inf), np.full(cells, -np.inf)
        self._way = np.zeros(cells, np.int8)
        self.alternations = Alternations(cells)

    def see(self, luminance: Plane, now: int) -> Met | None:
        """Count the changes that became whole with this frame; what met the limit, if any did."""
        mean = luminance.ravel().astype(np.float64)
        self._low, self._high = np.minimum(self._low, mean), np.maximum(self._high, mean)
        risen = (self._way != 1) & (mean - self._low >= LEAST_CHANGE) & (self._low < BRIGHT)
        fallen = (self._way != -1) & (self._high - mean >= LEAST_CHANGE) & (mean < BRIGHT) & ~risen
        self._way[risen], self._way[fallen] = 1, -1
        self._high[risen], self._low[fallen] = mean[risen], mean[fallen]
        ways = [mask(each).reshape(luminance.shape) for each in (risen, fallen)]
        return self.alternations.see(*flashes(ways[0], ways[1], luminance.shape[1::-1]), now)


def _plane(values: Any) -> Plane:  # noqa: ANN401 - OpenCV's stubs know no element types
    return np.asarray(values, np.float32)
