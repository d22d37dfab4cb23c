"""The course of discomfort over a film: how the drive of its seconds adds up in a viewer, and how it heals.

Two states that are never merged. The first answers within half a minute: F' = gain * (V P)^exponent - F / tau; it is
`now`. The second is nausea's dose (Oman's two paths, the fast one sensitised by the slow one):

    h = (V P)^2 + TILT * conflict,  S = h / (slow s + 1)^2,  R = (S + fast_gain * h * S / (fast s + 1)^2) ^ power

and `build_up` is its scale times R. Both end in the FMS scale of 0 to 20, where they saturate.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.signal import lfilter

from headturn.review.provocation import BETA, TRANSLATION, UNKNOWN_TRANSLATION_SD, Drive
from headturn.rotation import Floats

FMS_MOST = 20.0
"""Fast motion sickness scale: 0 none at all, 20 frank sickness."""
STEP_S = 1.0
"""Of the drive."""
UNKNOWN_MOTION_LOG_SD = 1.0
"""Spread of the drive of a second of which nothing is known but the film it is from."""


@dataclass(frozen=True)
class Constants:
    """What turns drive into ratings; `DEFAULTS` is the typical viewer's.

    gain, tau_s, exponent: of the one-state course, refitted to this project's drive on the shared ride (72 viewers,
        `python -m benchmarks comfort`); the reference's, for another drive, were 0.088, 22 s and 1.4
    beta, translation: see `provocation`
    vection: factor on the screen's vection; 1
    fast_s, slow_s, power: Irmak et al. 2022
    fast_gain: how much the fast path adds, as a share of the slow one, for each unit of h: both are equal at the drive
        of the median rated clip. Assumed
    tilt: what full conflict of verticals counts beside (V P)^2: as much as that clip. Assumed
    scale: of `build_up`: that clip held for seventeen minutes gives the mean rating of a game of that length (iv4xr,
        22 people), whose motion is not known. Nothing ties it to films
    calibrated: whether viewers of a screening have corrected `build_up`
    """

    gain: float = 0.149
    tau_s: float = 16.9
    exponent: float = 1.60
    beta: float = BETA
    translation: float = TRANSLATION
    vection: float = 1.0
    fast_s: float = 66.2
    slow_s: float = 502.0
    power: float = 0.4
    fast_gain: float = 0.29
    tilt: float = 3.5
    scale: float = 2.8
    calibrated: bool = False


DEFAULTS = Constants()

SPREADS: dict[str, float] = {
    "gain": 0.5, "tau_s": 0.5, "translation": 0.5, "vection": 0.5, "beta": 0.25,
    "scale": 1.0, "fast_s": 0.9, "slow_s": 1.0, "power": 0.4, "fast_gain": 1.0, "tilt": 1.0,
}  # fmt: skip
"""One standard deviation of each constant: of its natural logarithm (for beta of itself). Priors of the reference
(section 8); fast_s, slow_s from the scatter in Irmak et al. 2022 (79 and 838 s); scale, fast_gain and tilt are guesses
within a factor of three."""
OF_NOW = ("gain", "tau_s", "translation", "vection", "beta")
OF_BUILD_UP = ("scale", "fast_s", "slow_s", "power", "fast_gain", "tilt", "translation", "vection", "beta")


@dataclass(frozen=True)
class Doubt:
    """How far what is not known is off, in standard deviations: translation and motion where they are unknown."""

    translation: float = 0.0
    motion: float = 0.0


SURE = Doubt()


def provoked(drive: Drive, constants: Constants = DEFAULTS, doubt: Doubt = SURE) -> Floats:
    """V P of each second (n,), for constants that may differ from those the drive was made with."""
    zoom = drive.magnification ** (constants.beta - drive.beta)
    guessed = np.exp(UNKNOWN_TRANSLATION_SD * doubt.translation * ~drive.translation_known)
    rotation = np.log1p(np.expm1(drive.rotation) * zoom)
    translation = np.log1p(np.expm1(drive.translation) * zoom) * guessed
    missing = np.exp(UNKNOWN_MOTION_LOG_SD * doubt.motion * ~drive.known)
    vection = np.minimum(drive.screen.vection * constants.vection, 1.0)
    worse = 1 + drive.form.tilt * drive.tilt
    return np.asarray(vection * (rotation + constants.translation * translation) * worse * missing)


def now_latent(provoked: Floats, constants: Constants = DEFAULTS) -> Floats:
    """F at the end of each second (n,), not yet on a scale, of a viewer of gain 1, from V P (n,) or (k, n)."""
    return _lagged(constants.gain * constants.tau_s * provoked**constants.exponent, constants.tau_s)


def build_up_latent(provoked: Floats, conflict: Floats, constants: Constants = DEFAULTS) -> Floats:
    """Scale times R at the end of each second, not yet on a scale, of a viewer of gain 1."""
    h = provoked**2 + constants.tilt * conflict
    slow = _lagged(_lagged(h, constants.slow_s), constants.slow_s)
    fast = _lagged(_lagged(constants.fast_gain * h * slow, constants.fast_s), constants.fast_s)
    return np.asarray(constants.scale * (slow + fast) ** constants.power)


def on_scale(latent: Floats, most: float = FMS_MOST) -> Floats:
    """On a scale that ends at `most`: alike at first, then saturating."""
    return np.asarray(most * -np.expm1(-latent / FMS_MOST))


def _lagged(values: Floats, tau_s: float) -> Floats:
    """Values through a first-order lag, exact for values that hold for a second; from 0."""
    stays = float(np.exp(-STEP_S / tau_s))
    return np.asarray(lfilter([1 - stays], [1, -stays], values, axis=-1))


def now_doubt(drive: Drive, constants: Constants) -> Floats:
    """Standard deviation (n,) of the logarithm of F: by the constants' spreads and by what is not known."""
    sides = [
        [now_latent(provoked(drive, each, doubt), each) for each, doubt in pair] for pair in _shifted(constants, OF_NOW)
    ]
    return _spread(sides)


def build_up_doubt(drive: Drive, constants: Constants) -> Floats:
    """Standard deviation (n,) of the logarithm of `build_up_latent`."""
    sides = [
        [build_up_latent(provoked(drive, each, doubt), drive.conflict, each) for each, doubt in pair]
        for pair in _shifted(constants, OF_BUILD_UP)
    ]
    return _spread(sides)


def _shifted(constants: Constants, names: tuple[str, ...]) -> list[list[tuple[Constants, Doubt]]]:
    """Below and above by a standard deviation, one constant or unknown at a time."""
    pairs = [[(_shifted_one(constants, name, side), SURE) for side in (-1, 1)] for name in names]
    pairs.append([(constants, Doubt(translation=side)) for side in (-1, 1)])
    pairs.append([(constants, Doubt(motion=side)) for side in (-1, 1)])
    return pairs


def _shifted_one(constants: Constants, name: str, side: int) -> Constants:
    value, spread = getattr(constants, name), SPREADS[name]
    shifted: Any = value + side * spread if name == "beta" else value * float(np.exp(side * spread))
    return replace(constants, **{name: shifted})


def _spread(sides: list[list[Floats]]) -> Floats:
    least = 1e-12  # where nothing has been felt yet there is nothing to be unsure of
    halves = [(np.log(high + least) - np.log(low + least)) / 2 for low, high in sides]
    return np.asarray(np.sqrt(np.sum(np.square(halves), axis=0)))
