"""The passer-by: a body of rods that walks, for the ray caster."""

import numpy as np

from headturn.backlot.performers import Walk
from headturn.backlot.world import Limbs
from headturn.rotation import Floats

_RODS = 21
_STRIDE_HZ = 0.92
_REACH_M = 1.05
_MIDDLE_M = 0.92
_SKIN, _HAIR = (0.62, 0.42, 0.32), (0.09, 0.06, 0.04)
_SHOES = (0.05, 0.045, 0.04)
_OUTFITS = (
    ((0.50, 0.10, 0.08), (0.07, 0.08, 0.13)),
    ((0.12, 0.20, 0.36), (0.22, 0.19, 0.15)),
    ((0.42, 0.34, 0.12), (0.06, 0.06, 0.06)),
)


def limbs(passers: tuple[Walk, ...], times_s: Floats, texture: int) -> Limbs:
    """The body at each time (n,): of whoever of `passers` is on his way then; nobody has no size."""
    rods = np.zeros((len(times_s), _RODS, 11))
    bounds = np.zeros((len(times_s), 4))
    for index, walk in enumerate(passers):
        there = (times_s >= walk.times_s[0]) & (times_s <= walk.times_s[-1])
        if not there.any():
            continue
        when = times_s[there]
        body = _body(walk, when, _OUTFITS[index % len(_OUTFITS)])
        body[:, :, 7] = texture
        rods[there] = body
        bounds[there, :2] = _along(walk, when)
        bounds[there, 2:] = _MIDDLE_M, _REACH_M
    return Limbs(rods, bounds)


def _along(walk: Walk, when: Floats) -> Floats:
    points = np.array(walk.points_m)
    return np.column_stack([np.interp(when, walk.times_s, points[:, axis]) for axis in (0, 1)])


def _body(walk: Walk, when: Floats, outfit: tuple[tuple[float, float, float], ...]) -> Floats:
    """Rods (n, 21, 11): start, run, radius, texture, colour."""
    jacket, trousers = outfit
    at = _along(walk, when)
    course = _along(walk, when + 0.15) - _along(walk, when - 0.15)
    length = np.linalg.norm(course, axis=1)
    going = np.clip(length / 0.3, 0, 1)
    points = np.array(walk.points_m)
    default = (points[-1] - points[0]) / (np.linalg.norm(points[-1] - points[0]) + 1e-9)
    ahead = np.where(length[:, None] > 1e-3, course / np.maximum(length, 1e-9)[:, None], default)
    swing = 2 * np.pi * _STRIDE_HZ * when
    rods = np.zeros((len(when), _RODS, 11))
    count = 0

    def point(forward: Floats | float, left: float, up: Floats | float) -> Floats:
        side = np.column_stack([-ahead[:, 1], ahead[:, 0]])
        flat = at + np.asarray(forward).reshape(-1, 1) * ahead + left * side
        return np.column_stack([flat, np.broadcast_to(up, len(when))])

    def rod(start: Floats, end: Floats, radius: float, colour: tuple[float, float, float]) -> None:
        nonlocal count
        rods[:, count, :3], rods[:, count, 3:6] = start, end - start + (0, 0, 1e-4)
        rods[:, count, 6], rods[:, count, 8:] = radius, colour
        count += 1

    bob = 0.022 * going * np.cos(2 * swing)
    hip, neck = 0.93 + bob, 1.44 + bob
    rod(point(0.0, 0, hip + 0.06), point(0.02, 0, neck - 0.12), 0.165, jacket)
    rod(point(0.02, 0.12, neck - 0.06), point(0.02, -0.12, neck - 0.06), 0.085, jacket)
    rod(point(0.0, 0.07, hip - 0.02), point(0.0, -0.07, hip - 0.02), 0.115, trousers)
    rod(point(0.02, 0, neck), point(0.03, 0, neck + 0.10), 0.055, _SKIN)
    rod(point(0.04, 0, neck + 0.17), point(0.045, 0, neck + 0.23), 0.088, _SKIN)
    rod(point(0.005, 0, neck + 0.23), point(0.015, 0, neck + 0.27), 0.092, _HAIR)
    rod(point(0.13, 0, neck + 0.185), point(0.135, 0, neck + 0.20), 0.018, _SKIN)
    for side in (-1, 1):
        eye = point(0.122, 0.034 * side, neck + 0.222)
        rod(eye, eye + np.array((0.0, 0.0, 0.004)), 0.0125, _HAIR)
    for side in (-1, 1):
        phase = swing + (np.pi if side > 0 else 0)
        thigh, knee = 0.45 * going * np.sin(phase), 0.55 * going * np.clip(np.cos(phase + 0.4), 0, 1)
        knee_at = point(0.44 * np.sin(thigh), 0.09 * side, hip - 0.44 * np.cos(thigh))
        shin = thigh - knee
        reach = 0.44 * np.sin(thigh) + 0.42 * np.sin(shin)
        ankle_z = np.maximum(hip - 0.44 * np.cos(thigh) - 0.42 * np.cos(shin), 0.07)
        ankle = point(reach, 0.09 * side, ankle_z)
        rod(point(0.0, 0.085 * side, hip), knee_at, 0.082, trousers)
        rod(knee_at, ankle, 0.062, trousers)
        rod(
            point(reach - 0.03, 0.09 * side, ankle_z - 0.02),
            point(reach + 0.16, 0.10 * side, ankle_z - 0.03),
            0.046,
            _SHOES,
        )
        arm = -0.40 * going * np.sin(phase)
        elbow = point(0.27 * np.sin(arm), 0.225 * side, neck - 0.07 - 0.27 * np.cos(arm))
        hand_forward = 0.27 * np.sin(arm) + 0.24 * np.sin(arm + 0.35)
        hand = point(hand_forward, 0.215 * side, neck - 0.07 - 0.27 * np.cos(arm) - 0.24 * np.cos(arm + 0.35))
        rod(point(0.01, 0.20 * side, neck - 0.07), elbow, 0.055, jacket)
        rod(elbow, hand, 0.045, jacket)
        rod(hand, hand - (0.0, 0.0, 0.05), 0.043, _SKIN)
    return rods
