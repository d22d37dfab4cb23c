"""Rhythm: where in a step somebody is who walks, from how the image nods.

The head nods once with each step, 1.5 to 2.5 times a second (walking to jogging). Both takes on the same part of a step
go on walking across a splice; else a step is too long or too short.
"""

import numpy as np

from headturn.head.motion import Motion
from headturn.rotation import Floats

AROUND_S = 1.5
"""On each side of the moment: five to six steps in all."""
STEPS_HZ: Floats = np.arange(1.5, 2.51, 0.05)
LEAST_NOD_RAD_S = np.radians(1.5)
"""A slighter nod is breathing or noise (the gait of the backlot's performers nods by 4 degrees a second)."""
LEAST_SHARE = 0.35
"""Of what the head does beside turning that the rhythm must explain; noise of this length explains 0.2 at most."""


def phase(motion: Motion, at_s: float) -> float | None:
    """Where in a step the walker is at a time, in radians; None where nobody walks, or the take is too short to tell.

    A sinusoid is fitted to the rate of pitch, whose slow part (turns, looks up and down) is taken off before; least
    squares at each frequency in question, weighted towards the moment.
    """
    around = np.flatnonzero(np.abs(motion.times_s - at_s) <= AROUND_S)
    if len(around) < 20 or motion.times_s[around[-1]] - motion.times_s[around[0]] < AROUND_S:
        return None
    times = motion.times_s[around] - at_s
    speed = np.linalg.norm(motion.rates_rad_s[around], axis=1)
    calm = speed < max(np.radians(60.0), 2 * float(np.median(speed)))
    weights = np.where(calm, np.exp(-0.5 * (times / (AROUND_S / 2)) ** 2), 0.0)
    if calm.mean() < 0.5:
        return None
    slow = np.stack([np.ones_like(times), times, times**2, times**3], axis=1)
    pitch = motion.rates_rad_s[around, 0]
    pitch = pitch - slow @ _fit(slow, pitch, weights)
    energy = float(np.sum(weights * pitch**2))
    best: tuple[float, float] | None = None
    for hertz in STEPS_HZ:
        waves = np.stack([np.cos(2 * np.pi * hertz * times), np.sin(2 * np.pi * hertz * times)], axis=1)
        there = _fit(waves, pitch, weights)
        share = 1 - float(np.sum(weights * (pitch - waves @ there) ** 2)) / max(energy, 1e-12)
        if share >= LEAST_SHARE and np.hypot(*there) >= LEAST_NOD_RAD_S and (best is None or share > best[0]):
            best = share, float(np.arctan2(-there[1], there[0]))
    return None if best is None else best[1]


def apart(a: float | None, b: float | None) -> float:
    """How far two phases are apart as a share of half a step, 0 to 1; 0 where one of both does not walk."""
    if a is None or b is None:
        return 0.0
    return float(abs((a - b + np.pi) % (2 * np.pi) - np.pi) / np.pi)


def _fit(columns: Floats, values: Floats, weights: Floats) -> Floats:
    root = np.sqrt(weights)
    return np.asarray(np.linalg.lstsq(columns * root[:, None], values * root, rcond=None)[0])
