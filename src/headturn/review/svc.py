"""The subjective vertical conflict model of motion sickness in six degrees of freedom (6DoF-SVC, In1).

Wada's equations as in his published code (wachan459/6DoF-SVC_model-IN1_Vestibular, MIT): the inner ear's organs report
turning and force, an internal model of them expects; what they sense of the vertical and what is expected differ, and
that conflict, accumulated, gives the share of people who get sick (MSI, motion sickness incidence).

Frame of the head: z up, right-handed. Specific force in m/s2 (a head at rest: 0, 0, 9.81), angular velocity in rad/s.

`film_conflict` is this project's extension for a viewer who sits still and sees a world turn: sight adds to the turning
that is expected. The gains of Wada's own visual path were not found; only the slow-tilt part of `build_up` uses it.
"""

from collections.abc import Callable
from typing import TypeVar, cast

import numba
import numpy as np

from headturn.rotation import Floats

GRAVITY = 9.81
KA, KW, KWC, KAC, KVC = 0.1, 0.1, 10.0, 0.5, 5.0
CANAL_S, ADAPT_S = 7.0, 190.0
"""Time constants of the semicircular canals and of their adaptation."""
OTOLITH_S = 2.0
"""Time constant of the low-pass by which the vertical is told from acceleration."""
HALF = 0.5
"""Conflict (m/s2) at which its effect is half the most."""
MOST_PERCENT, INCIDENCE_S = 85.0, 720.0
KV = 10.0
"""Gain of what is seen, beside KWC of what is sensed (ours; the peak it gives, 0.2 Hz, is where Diels and Howarth 2013
found it for seen motion)."""
STEP_S = 0.01
"""Of Euler's method, as in the author's code; with half of it the incidence differs by 0.3 points."""

_Kernel = TypeVar("_Kernel", bound=Callable[..., object])


def _compiled(function: _Kernel) -> _Kernel:
    try:
        return cast(_Kernel, numba.njit(cache=True, nogil=True, error_model="numpy")(function))
    except RuntimeError:  # no writable place for the cache
        return cast(_Kernel, numba.njit(nogil=True, error_model="numpy")(function))


@_compiled
def _cross(a: Floats, b: Floats, out: Floats) -> None:
    out[0] = a[1] * b[2] - a[2] * b[1]
    out[1] = a[2] * b[0] - a[0] * b[2]
    out[2] = a[0] * b[1] - a[1] * b[0]


@_compiled
def _moved(force: Floats, rates: Floats, step_s: float) -> Floats:
    """Effect of the conflict, 0 to 1, at each step, of a head that is moved; it starts at rest, settled."""
    x, xd, xh = np.zeros(3), np.zeros(3), np.zeros(3)
    gravity = force[0] / np.sqrt((force[0] ** 2).sum()) * GRAVITY
    v, vh = gravity.copy(), gravity.copy()
    xv = gravity / KVC
    sway, expected_sway, turn = np.empty(3), np.empty(3), np.empty(3)
    effect = np.empty(len(force))
    for i in range(len(force)):
        f, w = force[i], rates[i]
        canals = (1 / CANAL_S + 1 / ADAPT_S) * xd + x / (CANAL_S * ADAPT_S) + w
        xdd = -canals
        expected_canals = (xh + KW * w + KWC * canals) / (1 + KWC)
        expected_force = (KA * (f - gravity) + KVC * xv + KAC * (f - v + vh)) / (1 + KAC)
        q = ((v - vh) ** 2).sum() / HALF**2
        effect[i] = q / (1 + q)
        _cross(canals, v, sway)
        _cross(expected_canals, vh, expected_sway)
        _cross(w, gravity, turn)
        dv = (f - v) / OTOLITH_S - sway
        dvh = (expected_force - vh) / OTOLITH_S - expected_sway
        dxh = -(xh + KW * w + KWC * (canals - expected_canals)) / CANAL_S
        xv = xv + (v - vh) * step_s
        x, xd = x + xd * step_s, xd + xdd * step_s
        v, vh, xh = v + dv * step_s, vh + dvh * step_s, xh + dxh * step_s
        gravity = gravity - turn * step_s
        gravity *= GRAVITY / np.sqrt((gravity**2).sum())
    return effect


@_compiled
def _seen(rates: Floats, step_s: float) -> Floats:
    """Effect of the conflict, 0 to 1, at each step, of a still head that sees itself turn."""
    xh = np.zeros(3)
    v = np.array([0.0, 0.0, GRAVITY])
    vh = v.copy()
    xv = v / KVC
    sway = np.empty(3)
    effect = np.empty(len(rates))
    for i in range(len(rates)):
        expected = (-KWC * xh + KV * rates[i]) / (1 + KWC + KV)
        expected_force = (KVC * xv + KAC * vh) / (1 + KAC)
        q = ((v - vh) ** 2).sum() / HALF**2
        effect[i] = q / (1 + q)
        _cross(xh + expected, vh, sway)
        dvh = (expected_force - vh) / OTOLITH_S - sway
        xv = xv + (v - vh) * step_s
        xh = xh - (xh + expected) / CANAL_S * step_s
        vh = vh + dvh * step_s
    return effect


@_compiled
def _accumulated(effect: Floats, step_s: float) -> Floats:
    m, md = 0.0, 0.0
    result = np.empty(len(effect))
    for i in range(len(effect)):
        mdd = (MOST_PERCENT * effect[i] - 2 * INCIDENCE_S * md - m) / INCIDENCE_S**2
        m, md = m + md * step_s, md + mdd * step_s
        result[i] = m
    return result


def conflict(force_m_s2: Floats, rates_rad_s: Floats, step_s: float = STEP_S) -> Floats:
    """Effect of the conflict (n,), 0 to 1, of a head that is moved.

    `force_m_s2` (n, 3) is gravity up plus acceleration, `rates_rad_s` (n, 3) angular velocity, at steps of `step_s`,
    in the head's axes. Before the first step it has been still for long.
    """
    return _moved(np.ascontiguousarray(force_m_s2, float), np.ascontiguousarray(rates_rad_s, float), step_s)


def film_conflict(rates_rad_s: Floats, step_s: float = STEP_S) -> Floats:
    """Effect of the conflict (n,), 0 to 1, of a viewer who sits still and sees the world turn as a film shows it.

    `rates_rad_s` (n, 3) is the angular velocity of the camera as it reaches the viewer (scaled by screen and vection),
    in camera axes (x right, y down, z forward).
    """
    shown = np.stack([rates_rad_s[:, 2], -rates_rad_s[:, 0], -rates_rad_s[:, 1]], axis=1)  # z up: forward, left, up
    return _seen(np.ascontiguousarray(shown, float), step_s)


def incidence(effect: Floats, step_s: float = STEP_S) -> Floats:
    """Share of people who get sick (n,), in percent, after each step of an effect (n,) from `conflict`."""
    return _accumulated(np.ascontiguousarray(effect, float), step_s)
