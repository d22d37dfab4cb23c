"""How much brighter one take is than the other where both are seen, measured on what both show of the same things."""

from collections.abc import Mapping

import cv2
import numpy as np

from headturn.picture import seams
from headturn.picture.seams import Flows, Picture, Shot
from headturn.rotation import Floats

DARKEST, BRIGHTEST = 0.004, 0.8
"""Linear light between which a ratio means something: above black and its noise, below clipping and the shoulder."""
TRUSTED = 0.9
"""Trust in the flow from which two pixels are taken to show one thing."""
LEAST_SHARE = 0.02
"""Share of the picture that must be usable, or nothing is said."""
BLUR_PX = 2.0
MOST_DRIFT_S = 0.6
"""Log-ratio a second; the backlot's auto-exposure, which follows a change in half a second, reached 0.24 at the 90th
percentile of 37 splices. More than this is a lamp, not a camera."""


def ratio(a: Shot, b: Shot, between: Flows) -> Floats | None:
    """Log (3,) of A's light over B's in each channel, as the film shows both; None where too little can be compared.

    Light is taken before the shoulder (`seams.exposure`), where a seam's gain acts; the median over pixels that the
    flow brings together, so that what is in one picture only has no say.
    """
    height, width = between.forward.shape[:2]
    seen_a, seen_b = (_light(shot, width, height) for shot in (a, b))
    seen_b = seams.moved(seen_b, -between.forward)
    same = between.trust_a > TRUSTED
    log_ratio = np.zeros(3)
    for channel in range(3):
        one, other = seen_a[..., channel : channel + 1], seen_b[..., channel : channel + 1]
        usable = same & (one > DARKEST) & (other > DARKEST) & (one < BRIGHTEST) & (other < BRIGHTEST)
        if usable.mean() < LEAST_SHARE:
            return None
        log_ratio[channel] = np.median(np.log(seams.exposure(one[usable]) / seams.exposure(other[usable])))
    return log_ratio


def _light(shot: Shot, width: int, height: int) -> Picture:
    return np.asarray(cv2.GaussianBlur(seams.seen(shot.resized(width, height))[0], (0, 0), BLUR_PX), dtype=np.float32)


def path(ratios: Mapping[float, Floats], rate_hz: float) -> tuple[Floats, Floats]:
    """The log-ratio (3,) at the splice and its change (3,) a frame, from those measured at offsets from the splice.

    rate_hz: film frames a second. Straight lines through the medians of three parts, so that one odd frame does not
    tilt them (Tukey 1971).
    """
    offsets = np.array(sorted(ratios))
    values = np.array([ratios[offset] for offset in offsets])
    if len(offsets) < 3:
        return np.mean(values, axis=0), np.zeros(3)
    first, _, last = np.array_split(np.arange(len(offsets)), 3)
    run = np.median(offsets[last]) - np.median(offsets[first])
    drift = (np.median(values[last], axis=0) - np.median(values[first], axis=0)) / run
    most = MOST_DRIFT_S / rate_hz
    drift = np.clip(drift, -most, most)
    return np.median(values - offsets[:, None] * drift, axis=0), drift
