"""Is the image a circle in black corners? Looked for in a handful of key frames."""

import math

import numpy as np
from numpy.typing import NDArray

from headturn.camera.media.frames import key_frames
from headturn.camera.take import Clip

_KEY_FRAMES = 5
_SIDE_PX = 240
"""The short side of the image that is looked at: a circle is found to about half a pixel of it."""
_BLACK = 24
"""Luma (of 255) below which a corner is black: codec noise stays under it, the darkest rooms do not fill corners."""
_LIT = 40
"""Luma that some of the image must reach, or all is night and nothing can be said."""
_DIRECTIONS = 360
_EVEN = 0.03
"""Share of the radius by which half the directions may differ: a circle is even, a dark scene is not."""
_MOST_OF_CORNER = 0.96
"""A circle that reaches this share of the half diagonal leaves no corner worth the name."""
_LEAST = 0.35
"""Share of the short side below which a bright patch is a lamp and no image circle."""
_FEWEST_DIRECTIONS = 40
"""Of 360: that many must end in black within the frame for a circle to be believed."""


def image_circle(clip: Clip) -> float | None:
    """The radius of the image circle in pixels of the upright image, or None where the image fills its corners.

    Decodes up to five key frames spread over the clip, at a small size.

    Raises:
        CannotRead: the file can no longer be opened.
    """
    width, height = clip.image.width, clip.image.height
    scale = min(1.0, _SIDE_PX / min(width, height))
    size = max(2, round(width * scale)), max(2, round(height * scale))
    brightest: NDArray[np.uint8] | None = None
    for frame in key_frames(clip, _KEY_FRAMES):
        luma = frame.pixels("gray", *size)
        brightest = luma if brightest is None else np.maximum(brightest, luma)
    if brightest is None:
        return None
    radius = _radius(brightest)
    return None if radius is None else radius / scale


def _radius(luma: NDArray[np.uint8]) -> float | None:
    """Radius in pixels of the lit disc about the middle of (h, w) luma."""
    height, width = luma.shape
    middle = np.array([(width - 1) / 2, (height - 1) / 2])
    corner = math.hypot(*middle)
    if np.percentile(luma, 90) < _LIT or not _corners_black(luma):
        return None
    angles = np.arange(_DIRECTIONS) * (2 * math.pi / _DIRECTIONS)
    steps = np.arange(0, corner, 0.5)
    x = middle[0] + np.cos(angles)[:, None] * steps
    y = middle[1] + np.sin(angles)[:, None] * steps
    inside = (x >= -0.5) & (x < width - 0.5) & (y >= -0.5) & (y < height - 0.5)
    lit = inside & (
        luma[np.clip(np.rint(y), 0, height - 1).astype(int), np.clip(np.rint(x), 0, width - 1).astype(int)] > _BLACK
    )
    last_lit = np.where(lit.any(axis=1), lit.shape[1] - 1 - np.argmax(lit[:, ::-1], axis=1), 0)
    last_inside = inside.sum(axis=1) - 1
    ends_black = last_lit < last_inside - 3
    if ends_black.sum() < _FEWEST_DIRECTIONS:
        return None
    radii = steps[last_lit[ends_black]]
    radius = float(np.median(radii))
    even = float(np.percentile(np.abs(radii - radius), 50)) <= _EVEN * radius
    believable = _LEAST * min(width, height) <= radius <= _MOST_OF_CORNER * corner
    return radius if even and believable else None


def _corners_black(luma: NDArray[np.uint8]) -> bool:
    """Whether at least three of the four corners are black (the fourth may hold a burnt-in clock)."""
    side = max(2, min(luma.shape) // 24)
    corners = (luma[:side, :side], luma[:side, -side:], luma[-side:, :side], luma[-side:, -side:])
    return sum(float(np.median(corner)) < _BLACK for corner in corners) >= 3
