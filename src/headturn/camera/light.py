"""Light: from BT.709-coded video values to scene-linear light and back.

Exposure and colour add and multiply in light, not in video values. The curve is the opto-electronic transfer
function of Recommendation ITU-R BT.709-6, item 1.2, on values of 0 (black) to 1 (nominal white), and its inverse:

    V = 4.5 L                      for L < 0.018
    V = 1.099 L^0.45 - 0.099       otherwise

with the constants of Recommendation ITU-R BT.2020-2, table 4, which are the same ones written to more places, so that
both parts of the curve meet.
"""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Light = NDArray[np.float32]
Codes = NDArray[np.uint8] | NDArray[np.uint16]

_ALPHA = np.float32(1.09929682680944)
_KNEE_LIGHT = np.float32(0.018053968510807)
_KNEE_VIDEO = np.float32(4.5 * 0.018053968510807)
_TABLE_STEPS = 65535
"""Light is looked up in this many steps: at the steepest part of the curve (4.5) a step is 0.02 of an 8-bit code."""


def linear_from_video(values: NDArray[Any]) -> Light:
    """Scene-linear light, float32 of the same shape, 0 to 1, from video values.

    values: float 0 to 1 (values above 1 are followed, below 0 give 0), or full-range uint8 or uint16 codes, which
    are looked up in a table.
    """
    if values.dtype in (np.uint8, np.uint16):
        return np.asarray(_decoding(np.iinfo(values.dtype).max)[values], dtype=np.float32)
    video = np.maximum(values, 0).astype(np.float32, copy=False)
    return _light(video)


def video_from_linear(values: Light) -> Light:
    """Video values, float32 of the same shape, from scene-linear light; values above 1 are followed, below 0 give 0."""
    light = np.maximum(values, 0).astype(np.float32, copy=False)
    curve = _ALPHA * light ** np.float32(0.45) - (_ALPHA - 1)
    return np.where(light < _KNEE_LIGHT, np.float32(4.5) * light, curve)


def codes_from_linear(values: Light, bits: int = 8) -> Codes:
    """Full-range codes (uint8 for 8 bits, uint16 for 16) from scene-linear light, clipped to 0..1; by table, fast.

    Raises:
        ValueError: neither 8 nor 16 bits.
    """
    if bits not in (8, 16):
        raise ValueError(f"codes have 8 or 16 bits, not {bits}")
    steps = np.clip(values, 0, 1) * np.float32(_TABLE_STEPS) + np.float32(0.5)
    return _encoding(bits)[steps.astype(np.uint16)]


def _light(video: Light) -> Light:
    curve = ((video + (_ALPHA - 1)) / _ALPHA) ** np.float32(1 / 0.45)
    return np.where(video < _KNEE_VIDEO, video / np.float32(4.5), curve)


@cache
def _decoding(top: int) -> Light:
    table = _light(np.linspace(0, 1, top + 1, dtype=np.float32))
    table.flags.writeable = False
    return table


@cache
def _encoding(bits: int) -> Codes:
    video = video_from_linear(np.linspace(0, 1, _TABLE_STEPS + 1, dtype=np.float32))
    codes = np.round(np.clip(video, 0, 1) * (2**bits - 1))
    table: Codes = codes.astype(np.uint8) if bits == 8 else codes.astype(np.uint16)
    table.flags.writeable = False
    return table
