"""What is held before the camera and moves with it: a hand on a tool, a rifle, the brim of a hat, a burnt-in clock.

It stands still in the image while the world streams past, and must not be turned with the world.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from headturn.rotation import Floats

GRID = (18, 32)
"""Rows and columns of the mask: with the soft edge that a warp needs, finer would not be seen."""
LEAST_SWEEP = 0.2
"""Share of the width that the world must stream past, or nothing is said: what stands still then may be the world."""
LEAST_FRAMES = 8
STEADY = 0.75
"""Share of a detail's slope that must survive in the mean of all frames. The world's own averages out."""
LEAST_SLOPE = 3.0
"""Codes a pixel below which there is no detail to go by."""
STILL = 5.0
"""Standard deviation over time, in codes, up to which what joins on to steady detail belongs to it."""
LEAST_AREA = 0.003
"""Share of the picture: less is noise, or a lamp that the eye does not follow."""


def standing_still(frames: Sequence[NDArray[np.uint8]], stream: Floats) -> NDArray[np.bool_] | None:
    """Which cells (18, 32) of the picture stand still while the world streams; None where none do, or nothing streams.

    frames: small grey frames (h, w) of one take through a turn
    stream (2,): how far the picture streamed in all, in pixels across and down; only detail that lies across it counts,
        for along it the world's edges stand still too
    """
    sweep = float(np.linalg.norm(stream))
    if len(frames) < LEAST_FRAMES or sweep < LEAST_SWEEP * frames[0].shape[1]:
        return None
    stack = np.stack(frames).astype(np.float32)
    mean = stack.mean(axis=0)
    # Exposure follows the turn, and what is held with it; a burnt-in clock does not.
    level = stack.mean() - stack.mean(axis=(1, 2), keepdims=True)
    spread = np.minimum(stack.std(axis=0), (stack + level).std(axis=0))
    slope = np.mean([_slope(frame, stream / sweep) for frame in stack], axis=0)
    around = 0.01 * mean.shape[1]
    slope, steady = (cv2.GaussianBlur(each, (0, 0), around) for each in (slope, _slope(mean, stream / sweep)))
    certain = (steady > STEADY * slope) & (slope > LEAST_SLOPE) & (spread < 2 * STILL)
    grown = _grown(certain, certain | (spread < STILL))
    if grown.mean() < LEAST_AREA:
        return None
    cells = cv2.resize(grown.astype(np.float32), GRID[::-1], interpolation=cv2.INTER_AREA) > 0.25
    return np.asarray(cells, dtype=np.bool_) if cells.any() else None


def packed(cells: NDArray[np.bool_]) -> str:
    """The cells row by row as hexadecimal digits, as a seam keeps them."""
    return np.packbits(cells).tobytes().hex()


def share(packed_cells: str, width: int, height: int) -> NDArray[np.float32]:
    """How much each pixel (h, w) is held: 1 in the cells that were packed, falling to 0 over two cells around them.

    Raises:
        ValueError: not such digits.
    """
    bits = np.frombuffer(bytes.fromhex(packed_cells), np.uint8)
    if bits.size * 8 != GRID[0] * GRID[1]:
        raise ValueError(f"a mask of what is held has {GRID[0] * GRID[1] // 4} digits")
    cells = np.unpackbits(bits).reshape(GRID).astype(np.float32)
    wider = cv2.GaussianBlur(cv2.dilate(cells, np.ones((3, 3), np.uint8)), (3, 3), 0)
    return np.asarray(cv2.resize(wider, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.float32)


def _slope(frame: NDArray[np.float32], along: Floats) -> NDArray[np.float32]:
    across, down = (cv2.Sobel(frame, cv2.CV_32F, dx, 1 - dx, scale=0.125) for dx in (1, 0))
    return np.abs(np.float32(along[0]) * across + np.float32(along[1]) * down)


def _grown(certain: NDArray[np.bool_], possible: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The connected parts of what is possible of which a fair part is certain: an even wall joins nothing."""
    count, labels = cv2.connectedComponents(possible.astype(np.uint8))
    area = np.bincount(labels.ravel(), minlength=count)
    sure = np.bincount(labels[certain].ravel(), minlength=count)
    kept = (sure > 0.1 * area) & (sure > 0.2 * LEAST_AREA * labels.size)
    kept[0] = False
    return np.asarray(kept[labels])
