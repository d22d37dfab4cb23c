"""Parallax: the part of what is seen moving that comes from walking, told apart from turning.

Walking past a wall two metres away moves the picture like a turn of forty degrees a second. The two differ in the
corners of the picture, and in that near things move more than far ones along one direction only. So rotation and the
mean parallax are fitted together, and what a corner's depth may change is doubted: errors along the direction of
parallax weigh little, errors across it, which no depth explains, weigh all.
"""

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np

from headturn.rotation import Floats

ROUNDS = 4
"""Of Gauss and Newton with robust weights."""
DEPTH_SPREAD = 0.7
"""How far parallax differs from its mean, as a share of it: in a room, things are seen at one to six metres."""
DEPTHS = (0.3, 3.0)
"""Nearness of a single corner, as a factor of the mean, is believed within these."""


LEAST_PX = 0.02
"""Followed corners are never better than this; it keeps an unmoving picture from dividing by nothing."""


@dataclass(frozen=True)
class Trust:
    """How far parallax is believed.

    noise: least error that a followed corner is taken to have, in pixels
    size: of the mean parallax of one frame (standard deviation), and change: of it from frame to frame, both as shares
        of what rotation alone leaves unexplained (median over the corners). Without differences of depth a sideways
        step looks like a turn; where rotation explains all, there is nothing to tell apart and it is a turn.

    A wrong focal length or an unknown distortion also leaves something unexplained. Measured, rms in degrees a second:
    walking and looking about in a rendered room, lens known, 24 without all this, 3.4 with the first, 15 with the
    second; GoPro's MAX clip, lens assumed, against its telemetry 1.3, 0.8, 0.4 (pitch, yaw, roll) without, 0.6, 0.9,
    0.3 with either. Other real clips seen forwards and backwards differ five times more with the first. On takes of the
    backlot, whose walls are flat, either changes little (yaw off by 19 degrees a second rms, mostly in a corridor);
    sizes of 3 would halve that, but read a drone's slow pan over a far landscape as a flight.
    """

    noise: float
    size: float
    change: float


KNOWN_LENS = Trust(noise=0.25, size=0.5, change=0.3)
ASSUMED_LENS = Trust(noise=0.25, size=0.3, change=0.3)


def told_apart(
    before: Floats, after: Floats, weights: Floats, matrix: Floats, drift: Floats, pixel_rad: float, trust: Trust
) -> tuple[Floats, Floats]:
    """Rotation without the leak of parallax, and the mean parallax.

    before, after: (n, 3) rays of corners in two frames; weights (n,)
    matrix (3, 3): before_from_after, a rotation to start from
    drift (3,): mean parallax of the step before, in the axes of `before`: how far the camera went, in units of its mean
        distance to what it sees. The new one is returned alike.
    """
    expected = drift
    unexplained = max(float(np.median(np.linalg.norm(before - after @ matrix.T, axis=1))), LEAST_PX * pixel_rad)
    for _ in range(ROUNDS):
        error = before - after @ matrix.T
        going = drift if np.linalg.norm(drift) > 1e-9 else np.array([1.0, 0.0, 0.0])
        along = going - before * (before @ going)[:, None]
        along /= np.maximum(np.linalg.norm(along, axis=1), 1e-9)[:, None]
        across = np.cross(before, along)
        mean = along @ drift
        seen, miss_across = (error * along).sum(axis=1), (error * across).sum(axis=1)
        miss_along = seen - mean
        noise = max(1.48 * float(np.median(np.abs(miss_across))), trust.noise * pixel_rad)
        doubt = np.hypot(noise, DEPTH_SPREAD * mean)
        robust = weights / (1 + (miss_across / noise) ** 2 + (miss_along / doubt) ** 2) ** 2
        nearness = np.clip(seen / np.maximum(mean, pixel_rad), *DEPTHS)[:, None]
        # Derivatives of the misses by a small rotation (3) and a change of the drift (3).
        slopes = np.concatenate([np.hstack([along, -nearness * across]), np.hstack([-across, -along])])
        misses = np.concatenate([miss_across, miss_along])
        pull = slopes * np.concatenate([robust / noise**2, robust / doubt**2])[:, None]
        normal, slope = pull.T @ slopes, pull.T @ misses
        small, steady = (1 / (unexplained * share) ** 2 for share in (trust.size, trust.change))
        normal[3:, 3:] += np.eye(3) * (small + steady)
        slope[3:] += small * drift + steady * (drift - expected)
        change = np.linalg.solve(normal + np.eye(6) * 1e-9 * np.trace(normal), -slope)
        matrix, drift = cast(Floats, cv2.Rodrigues(change[:3])[0]) @ matrix, drift + change[3:]
    return matrix, drift
