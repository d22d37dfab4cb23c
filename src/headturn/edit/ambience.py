"""Ambience: how loud a take sounds around a moment, and how its sound is spread over low and high tones."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from headturn.rotation import Floats

AROUND_S = 0.4
"""Listened to on each side of a moment: longer than a step or a word, which are no ambience."""
BLOCK_S = 0.05
BANDS_HZ = (80, 160, 320, 640, 1280, 2560, 5120, 10240)
"""Octaves from the rumble of a room to the hiss of a street."""
QUIET_SHARE = 0.3
"""Ambience is what remains in the quieter blocks: steps and voices come and go."""
SILENCE_DB = -80.0


@dataclass(frozen=True)
class Ambience:
    """Level in dB below full scale in each octave between BANDS_HZ, in the quieter moments."""

    levels_db: tuple[float, ...]


Hear = Callable[[str, Fraction], Ambience | None]
"""Handed in by the caller: a take's id and a time on its clip to the ambience there; None where it has no sound."""


def heard(samples: NDArray[np.float32], rate_hz: int) -> Ambience | None:
    """The ambience of samples (n, channels), full scale at -1 and 1; None for less than two blocks, or silence."""
    block = round(BLOCK_S * rate_hz)
    count = len(samples) // block
    if count < 2 or not np.any(samples):
        return None
    mono = samples[: count * block].mean(axis=1).reshape(count, block)
    powers = np.abs(np.fft.rfft(mono * np.hanning(block), axis=1)) ** 2 / (block * np.sum(np.hanning(block) ** 2))
    bins = np.fft.rfftfreq(block, 1 / rate_hz)
    bands = [powers[:, (bins >= low) & (bins < high)].sum(axis=1) for low, high in pairwise(BANDS_HZ)]
    quiet = np.quantile(np.stack(bands, axis=1), QUIET_SHARE, axis=0)
    levels = np.maximum(10 * np.log10(np.maximum(quiet, 1e-12)), SILENCE_DB)
    return Ambience(tuple(float(level) for level in levels))


def difference(a: Ambience | None, b: Ambience | None) -> float | None:
    """How different two ambiences sound in dB: the mean over the octaves; None where one is not known."""
    if a is None or b is None:
        return None
    apart: Floats = np.abs(np.array(a.levels_db) - np.array(b.levels_db))
    return float(apart.mean())
