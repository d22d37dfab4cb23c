"""Films in motion only, for the tests of comfort."""

import numpy as np

from headturn.review.shown import Shown

LEVEL = np.array([0.0, -1.0, 0.0])


def film(rates_rad_s, fps=30.0, speed_over_depth=0.0, times_s=None, focal_widths=0.55):
    """What is shown of a camera that turns so; level unless said, and still unless a speed is given."""
    rates = np.asarray(rates_rad_s, dtype=float)
    n = len(rates)
    return Shown(
        np.arange(n) / fps if times_s is None else times_s,
        rates,
        np.tile(LEVEL, (n, 1)),
        np.broadcast_to(np.asarray(speed_over_depth, dtype=float), (n,)).copy(),
        np.full(n, focal_widths),
    )


def sines(seconds, waves, fps=30.0):
    """Rates (n, 3) of sines: (axis, hertz, highest degrees a second)."""
    times_s = np.arange(round(seconds * fps)) / fps
    rates = np.zeros((len(times_s), 3))
    for axis, hertz, degrees in waves:
        rates[:, axis] += np.radians(degrees) * np.sin(2 * np.pi * hertz * times_s + axis)
    return rates


def walk(seconds, seed=0, degrees=6.0, fps=30.0):
    """Rates (n, 3) of somebody who walks and looks about: steps, and slow turns at random."""
    random = np.random.default_rng(seed)
    waves = [(0, 1.9, degrees), (2, 0.95, degrees / 2)]
    waves += [(axis, random.uniform(0.05, 0.6), random.uniform(0.5, 3) * degrees) for axis in (0, 1, 1, 2)]
    return sines(seconds, waves, fps)
