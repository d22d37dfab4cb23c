"""How far a turn smears detail along the way the picture streams, in one take and the other, and what is lacking.

A shutter that is open for longer smears a turn further. Where two such takes meet the picture would go soft, or sharp,
at once: the sharper one is smeared along its own stream as if its shutter had been open for as long as the other's.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from headturn.rotation import Floats

Picture = NDArray[np.float32]

LONGEST_PX = 24
"""Longest smear looked for at the trial's width: a shutter of 1/30 s in a turn of 270 degrees a second through a lens
of 90 degrees."""
STEP_PX = 0.5
LEAST_SLOPE = 0.002
"""Mean slope of linear light across the stream below which there is no detail to tell by."""
LEAST_FRAMES = 3
CERTAIN = 2.0
"""The middle of what the frames say must be this many times as large as they are apart (half of the middle half)."""


def smeared(picture: Picture, way: Floats) -> Picture:
    """The picture (h, w, 3) smeared evenly along a way (2,), in pixels across and down, centred on where it was."""
    kernel = _line(way)
    if kernel is None:
        return picture
    blurred = cv2.filter2D(picture, -1, kernel, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(
        np.maximum(blurred, 0), dtype=np.float32
    )  # a long line goes by way of Fourier, and rounds below 0


def lacking_s(a: Sequence[Picture], b: Sequence[Picture], streams: Floats) -> float:
    """The smear that A lacks beside B, as seconds of its stream (below 0: B lacks it); 0 where it is not clear.

    For shutters open for s and t seconds about the root of t**2 - s**2: one even smear after another.

    a, b: the same frames of both takes, turned so that they show the same, small and in linear light
    streams (n, 2): how the picture streams in each, in pixels a second

    A softer lens or a softer codec is soft along and across the stream; only the difference of both counts.
    """
    found = []
    for one, other, stream in zip(a, b, streams, strict=True):
        lacking = _lacking_px(_grey(one), _grey(other), stream)
        if lacking is not None:
            found.append(lacking / float(np.linalg.norm(stream)))
    if len(found) < LEAST_FRAMES:
        return 0.0
    low, middle, high = np.quantile(found, (0.25, 0.5, 0.75))
    return float(middle) if abs(middle) > CERTAIN * (high - low) / 2 else 0.0


def _lacking_px(a: NDArray[np.float32], b: NDArray[np.float32], stream: Floats) -> float | None:
    """How far A must be smeared to be as B is along the stream; below 0 if B must; None where nothing tells."""
    way = stream / max(float(np.linalg.norm(stream)), 1e-9)
    sizes = [_smearing(each, way) for each in (a, b)]
    if None in sizes:
        return None
    smear_a, smear_b = (float(size or 0.0) for size in sizes)
    sharper, wanted, sign = (a, smear_b, 1) if smear_a < smear_b else (b, smear_a, -1)
    lengths = np.arange(0.0, LONGEST_PX + STEP_PX, STEP_PX)
    curve = [min(smear_a, smear_b)]
    for length in lengths[1:]:
        size = _smearing(smeared(sharper, length * way), way)
        if size is None:
            break
        curve.append(max(size, curve[-1]))
        if curve[-1] >= wanted:
            break
    return sign * float(np.interp(wanted, curve, lengths[: len(curve)]))


def _smearing(grey: NDArray[np.float32], way: Floats) -> float | None:
    """Logarithm of how much more detail lies across the way than along it; None where there is none across."""
    right, down = (cv2.Scharr(grey, cv2.CV_32F, *axis) / 32 for axis in ((1, 0), (0, 1)))
    along = float(np.abs(way[0] * right + way[1] * down).mean())
    across = float(np.abs(way[0] * down - way[1] * right).mean())
    return float(np.log(across / max(along, 1e-9))) if across > LEAST_SLOPE else None


def _grey(picture: Picture) -> NDArray[np.float32]:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), dtype=np.float32)


def _line(way: Floats) -> NDArray[np.float32] | None:
    """An even line (k, k) along a way, drawn with the weights that bilinear sampling gives; None below a tenth."""
    length = float(np.hypot(*way))
    if length < 0.1:
        return None
    reach = int(np.ceil(length / 2)) + 1
    count = max(8, int(8 * length))
    points = ((np.arange(count) + 0.5) / count - 0.5)[:, None] * np.asarray(way) + reach
    low = np.floor(points).astype(int)
    part = points - low
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
    for right, down in ((0, 0), (1, 0), (0, 1), (1, 1)):
        weight = np.abs(1 - right - part[:, 0]) * np.abs(1 - down - part[:, 1])
        np.add.at(kernel, (low[:, 1] + down, low[:, 0] + right), weight)
    return np.asarray(kernel / kernel.sum(), dtype=np.float32)
