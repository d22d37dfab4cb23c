"""What a take says of the rig it was worn on: how it lies, how it turns, how it bobs, how it shakes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.signal import welch

from headturn import rotation
from headturn.head.motion import Motion
from headturn.head.turns import Turn
from headturn.rotation import Floats

STEPS_HZ = (1.3, 3.2)
"""Steps of a slow walk to a run (preferred walking 1.8 to 2, running 2.6 to 3)."""
STEP_PEAK = 4.0
"""Somebody walks where the strongest frequency has so many times the power of the middle one of the band."""
LEAST_BOB_RAD = 1e-4
"""Less is nothing that anybody sees: a tenth of a pixel in 1080p."""
SHAKE_HZ = 1.0
CALM_RAD_S = float(np.radians(20.0))
"""At rest: slower than this the head looks, and the rig shows how it lies."""
LEAST_CALM_S = 0.5
WINDOW_S = 4.0


@dataclass(frozen=True)
class Bearing:
    """How a rig lies at rest against gravity, in radians.

    tilt: how far it looks up (below 0 down); roll: how far it leans to the right; spread: of both, rms around these
    """

    tilt_rad: float
    roll_rad: float
    spread_rad: float


@dataclass(frozen=True)
class Steps:
    """Steps that show in a take: how many a second, and by how much they pitch the image, rms in radians."""

    rate_hz: float
    bob_rad: float


@dataclass(frozen=True)
class RigFigures:
    """What is measured of a take.

    turns: how many; peak_rad_s: the middle of their highest speeds, and the highest; reach_rad: the widest of them
    shake_rad_s: rms of the rotation above 1 Hz outside of turns, NaN where it is never outside
    bearing: None where gravity is not known or the head never rests; steps: None where nobody walks
    """

    turns: int
    peak_rad_s: tuple[float, float]
    reach_rad: float
    shake_rad_s: float
    bearing: Bearing | None
    steps: Steps | None


def figures(motion: Motion, turns: Sequence[Turn]) -> RigFigures:
    """What the motion of a take says of its rig."""
    peaks = [turn.peak_rad_s for turn in turns]
    return RigFigures(
        turns=len(turns),
        peak_rad_s=(float(np.median(peaks)), max(peaks)) if peaks else (0.0, 0.0),
        reach_rad=max((turn.angle_rad for turn in turns), default=0.0),
        shake_rad_s=_shake(motion, turns),
        bearing=_bearing(motion),
        steps=_steps(motion),
    )


def _even(motion: Motion) -> tuple[Floats, float]:
    """The rates (n, 3) at even times, and how many a second: cameras' frame times are not always even."""
    times = motion.times_s
    count = len(times)
    rate = (count - 1) / float(times[-1] - times[0])
    even = np.linspace(times[0], times[-1], count)
    return np.stack([np.interp(even, times, column) for column in motion.rates_rad_s.T], axis=1), rate


def _shake(motion: Motion, turns: Sequence[Turn]) -> float:
    """By difference from the mean over a second, where no turn is near."""
    if len(motion.times_s) < 3:
        return float("nan")
    rates, rate = _even(motion)
    width = max(1, round(rate / SHAKE_HZ))
    kernel = np.ones(width) / width
    slow = np.stack([np.convolve(column, kernel, mode="same") for column in rates.T], axis=1)
    calm = np.ones(len(rates), dtype=np.bool_)
    for turn in turns:
        calm &= (motion.times_s < turn.onset_s - 0.5) | (motion.times_s > turn.settle_s + 0.5)
    calm[: width // 2], calm[len(calm) - width // 2 :] = False, False
    return float(np.sqrt(((rates - slow)[calm] ** 2).sum(axis=1).mean())) if calm.any() else float("nan")


def _bearing(motion: Motion) -> Bearing | None:
    if not motion.level or len(motion.times_s) < 2:
        return None
    calm = np.linalg.norm(motion.rates_rad_s, axis=1) < CALM_RAD_S
    if calm.sum() * float(np.median(np.diff(motion.times_s))) < LEAST_CALM_S:
        return None
    up = rotation.apply(rotation.inverse(motion.world_from_body[calm]), np.array([0.0, 0.0, 1.0]))
    # Camera axes: y down, z forward. A camera that looks up has what is up in front of it.
    tilt, roll = np.arcsin(np.clip(up[:, 2], -1, 1)), np.arctan2(-up[:, 0], -up[:, 1])
    middle = float(np.median(tilt)), float(np.median(roll))
    spread = float(np.sqrt(((tilt - middle[0]) ** 2 + (roll - middle[1]) ** 2).mean()))
    return Bearing(*middle, spread)


def _steps(motion: Motion) -> Steps | None:
    if len(motion.times_s) < 3:
        return None
    rates, rate = _even(motion)
    if len(rates) < WINDOW_S * rate or rate < 2 * STEPS_HZ[1]:
        return None
    hz, power = welch(rates[:, 0], rate, nperseg=round(WINDOW_S * rate))
    band = (hz >= STEPS_HZ[0]) & (hz <= STEPS_HZ[1])
    best = int(np.flatnonzero(band)[power[band].argmax()])
    if power[best] < STEP_PEAK * float(np.median(power[band])):
        return None
    near = slice(max(0, best - 1), best + 2)
    rms = np.sqrt(float(power[near].sum()) * float(hz[1] - hz[0]))
    bob_rad = float(rms / (2 * np.pi * hz[best]))
    return Steps(float(hz[best]), bob_rad) if bob_rad >= LEAST_BOB_RAD else None
