"""The light of a frame on a display: relative luminance, and where it is saturated red.

What a display emits, not what the scene did: codes are decoded by the curve of sRGB (IEC 61966-2-1), as WCAG and TRACE
prescribe, and not by the camera's curve of `camera.light`. A broadcast monitor's curve (BT.1886, power 2.4) differs
from it by up to .025 of white.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from headturn.review.flash_limits import SATURATED

Codes = NDArray[np.uint8] | NDArray[np.uint16]
Plane = NDArray[np.float32]
Mask = NDArray[np.uint8]

_LUMINANCE: Final = np.array([[0.2126, 0.7152, 0.0722]], np.float32)
"""Of linear R, G, B: ITU-R BT.709-6, item 3.2, as in WCAG."""
_XYZ: Final = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
"""CIE XYZ of linear R, G, B with the primaries and the white of BT.709 and sRGB: IEC 61966-2-1."""
_WHITE_UV: Final = (0.1978, 0.4683)
"""u'v' of D65: what black is taken to be, so that red to black is a change."""
_DARKEST_RED: Final = 0.02
"""Of white (code 39 of 255); below, one code of noise moves the share of R by more than .01."""
_RGB_OF_YUV: Final = np.array(
    [
        [255 / 219, 0.0, 1.5748 * 255 / 224, -16 * 255 / 219 - 128 * 1.5748 * 255 / 224],
        [255 / 219, -0.18732 * 255 / 224, -0.46812 * 255 / 224, -16 * 255 / 219 + 128 * 0.65544 * 255 / 224],
        [255 / 219, 1.8556 * 255 / 224, 0.0, -16 * 255 / 219 - 128 * 1.8556 * 255 / 224],
    ],
    np.float32,
)
"""Full-range R'G'B' of limited-range Y'CbCr and 1: ITU-R BT.709-6, items 3.2 to 3.5."""


@dataclass(frozen=True, eq=False)
class Light:
    """luminance (h, w): 0 black to 1 white; linear (h, w, 3): R, G, B in linear light; red (h, w): 255 where saturated,
    else 0.
    """

    luminance: Plane
    linear: Plane
    red: Mask


def codes(frame: Codes, size: tuple[int, int]) -> Codes:
    """The codes of a frame (h, w, 3), full-range R'G'B', scaled to a size (width, height) by averaging; a new array.

    frame: (h, w, 3) uint8 or uint16, full-range R'G'B'; or (h * 3/2, w) uint8, limited-range Y'CbCr of BT.709, the
        planes Y, U, V one after the other with halved chroma: the layouts "rgb", "rgb48", "yuv420" of `camera.media`
    """
    if frame.ndim == 2:
        return _rgb_of_yuv(frame, size)
    shown = scaled(frame, size)
    return shown.copy() if shown is frame else shown


def light(rgb: Codes) -> Light:
    """What a display shows of codes (h, w, 3) uint8 or uint16, full-range R'G'B'."""
    linear = cv2.LUT(rgb, _decoding(255)) if rgb.dtype == np.uint8 else _decoding(65535)[rgb]
    r, others = linear[..., 0], linear[..., 1] + linear[..., 2]
    red = (r * (1 - SATURATED) >= others * SATURATED) & (r >= _DARKEST_RED)
    return Light(_plane(cv2.transform(linear, _LUMINANCE)), _plane(linear), mask(red))


def mask(where: NDArray[np.bool_]) -> Mask:
    """255 where it is true, else 0: what OpenCV takes for a mask."""
    return np.multiply(where, 255, dtype=np.uint8)


def chromaticity(linear: NDArray[Any]) -> NDArray[np.float64]:
    """u'v' (n, 2) in the CIE 1976 diagram, from linear R, G, B (n, 3); of black, those of white."""
    x, y, z = _XYZ @ np.asarray(linear, np.float64).T
    whole = x + 15 * y + 3 * z
    lit = whole > 0
    safe = np.where(lit, whole, 1)
    return np.stack([np.where(lit, 4 * x / safe, _WHITE_UV[0]), np.where(lit, 9 * y / safe, _WHITE_UV[1])], axis=-1)


def scaled(plane: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    """An image scaled to a size (width, height); smaller by averaging, halved as often as it goes, for that is fast."""
    while (plane.shape[1] % 2, plane.shape[0] % 2) == (0, 0) and (
        plane.shape[1] >= 2 * size[0] and plane.shape[0] >= 2 * size[1]
    ):
        plane = cv2.resize(plane, (plane.shape[1] // 2, plane.shape[0] // 2), interpolation=cv2.INTER_AREA)
    if plane.shape[1::-1] == size:
        return plane
    smaller = plane.shape[1] >= size[0] and plane.shape[0] >= size[1]
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR))


def _rgb_of_yuv(frame: Codes, size: tuple[int, int]) -> NDArray[np.uint8]:
    height, width = frame.shape[0] * 2 // 3, frame.shape[1]
    chroma = frame[height:].reshape(2, height // 2, width // 2)
    planes = [scaled(plane, size) for plane in (frame[:height], *chroma)]
    return np.asarray(cv2.transform(cv2.merge(planes), _RGB_OF_YUV), np.uint8)


@cache
def _decoding(top: int) -> Plane:
    """Linear light of the codes 0 to top: IEC 61966-2-1."""
    coded = np.arange(top + 1) / top
    table = np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4).astype(np.float32)
    table.flags.writeable = False
    return table


def _plane(values: Any) -> Plane:  # noqa: ANN401 - OpenCV's stubs know no element types
    return np.asarray(values, np.float32)
