"""What motion does not explain: how much stands out from one frame to the next, and at a seam against uncut motion.

Each frame is moved along the flow to the one before it; what is still different, as a share of the local contrast, is
the residual of that step. Detectors of cuts that look at thresholds miss what this shows: a trial separated hard cuts
within a turn from uncut turns by it (area under the curve 0.91) where two of five detectors saw nothing.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from headturn.rotation import Floats

WIDTH_PX = 240
"""Width at which steps are measured: 2 ms each, and the blur of a turn leaves nothing finer."""
LEAST_SIDE_PX = 16
"""Smaller frames have no flow (OpenCV's DIS refuses them)."""
CONTRAST_FLOOR = 6.0
"""Codes of contrast that an even wall is credited with: its noise, about 2 codes, is no change of picture."""
DETAIL_FLOOR = 0.3
"""Codes of detail that a frame of nothing is credited with, so that darkness has a logarithm."""
NEIGHBOURHOOD = 1 / 40
"""Radius over which contrast is measured, as a share of the width."""


def steps(frames: Sequence[NDArray[Any]]) -> Floats:
    """The residual (n - 1,) of each step from one frame to the next: 0 where motion explains all.

    frames: grey (h, w) or RGB (h, w, 3), uint8 or full-scale uint16, of one size; larger ones are made WIDTH_PX wide.
    """
    small = [grey(frame) for frame in frames]
    return np.array([_step(one, other) for one, other in pairwise(small)], dtype=np.float64)


def sharpness(frames: Sequence[NDArray[Any]]) -> Floats:
    """Logarithm (n,) of how much fine detail each frame has (mean size of the Laplacian); frames as for `steps`."""
    details = [float(np.abs(cv2.Laplacian(grey(frame), cv2.CV_32F)).mean()) for frame in frames]
    return np.log(np.array(details, dtype=np.float64) + DETAIL_FLOOR)


def grey(frame: NDArray[Any]) -> NDArray[np.uint8]:
    """A frame as steps are measured on it: grey, at most WIDTH_PX wide."""
    height, width = frame.shape[:2]
    scale = min(1.0, WIDTH_PX / width)
    size = max(LEAST_SIDE_PX, round(width * scale)), max(LEAST_SIDE_PX, round(height * scale))
    if size != (width, height):
        frame = cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
    if frame.dtype == np.uint16:
        frame = (frame >> 8).astype(np.uint8)
    return np.asarray(frame if frame.ndim == 2 else cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def _step(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> float:
    dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    flow = dis.calc(before, after, np.zeros((*before.shape, 2), np.float32))
    height, width = before.shape
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    at_x, at_y = x + flow[..., 0], y + flow[..., 1]
    moved = cv2.remap(after, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    # What streamed into or out of the frame has no counterpart, in an uncut turn as at a seam.
    known = (at_x >= 0) & (at_x <= width - 1) & (at_y >= 0) & (at_y <= height - 1)
    if not known.any():
        return 0.0
    return float((cv2.absdiff(before, moved)[known] / (_contrast(before)[known] + CONTRAST_FLOOR)).mean())


def _contrast(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Standard deviation of the codes around each pixel."""
    picture = image.astype(np.float32)
    sigma = max(1.0, NEIGHBOURHOOD * image.shape[1])
    mean = cv2.GaussianBlur(picture, (0, 0), sigma)
    square = cv2.GaussianBlur(picture * picture, (0, 0), sigma)
    return np.sqrt(np.maximum(square - mean * mean, 0))
