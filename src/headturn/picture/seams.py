"""Pixels across a seam: images turned, enlarged, graded and morphed, in linear light.

Pictures are (h, w, 3) float32 in linear light, 0 to 1, at the film's size.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from headturn import rotation
from headturn.camera import light
from headturn.camera.lens import Lens
from headturn.rotation import Floats

Picture = NDArray[np.float32]
Share = NDArray[np.float32]

GRID_PX = 16
"""Spacing at which the warp is computed exactly; between, it is interpolated: off by under 0.02 px at 1080p."""
CIRCLE_FEATHER = 0.02
"""Width of the soft edge of an image circle, as a share of its radius."""
BORDER_FEATHER = 0.02
"""Width over which a picture goes over into the one that fills its bared border, as a share of the picture's width."""
FLOW_WIDTH_PX = 480
"""Width at which the flow of a morph is found; what the rotation leaves is smooth and small."""
CONSISTENT_SHARE = 0.01
"""Forward and backward flow may disagree by this share of the width before the morph fades to a dissolve there."""


def turned(picture: Picture, lens: Lens, film_from_image: Floats, zoom: float) -> Picture:
    """The picture turned by a quaternion (4,) and enlarged about its centre.

    Where the lens draws a circle, its black corners stay where they are.
    """
    height, width = picture.shape[:2]
    maps = _source_map(lens, film_from_image, zoom, width, height)
    warped = cv2.remap(picture, maps[..., 0], maps[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    result = np.maximum(np.asarray(warped, dtype=np.float32), 0.0)  # cubic rings below black
    if lens.circle_px is None:
        return result
    inside = _circle(lens, width, height)[..., None]
    return np.asarray(result * inside + picture * (1 - inside), dtype=np.float32)


def _source_map(lens: Lens, film_from_image: Floats, zoom: float, width: int, height: int) -> NDArray[np.float32]:
    """Where each film pixel (h, w, 2) lies in the image: exact on a coarse grid, bilinear between."""
    return _between(_source_grid(lens, film_from_image, zoom, width, height), width, height)


def _source_grid(lens: Lens, film_from_image: Floats, zoom: float, width: int, height: int) -> NDArray[np.float32]:
    """Where every GRID_PX-th film pixel lies in the image, (rows, columns, 2), and one beyond each edge."""
    columns, rows = np.arange(0, width + GRID_PX, GRID_PX), np.arange(0, height + GRID_PX, GRID_PX)
    grid = np.stack(np.meshgrid(columns, rows), axis=-1).reshape(-1, 2).astype(np.float64)
    centre = np.array(lens.centre_px)
    rays = lens.rays((grid - centre) / zoom + centre)
    source = lens.pixels(rotation.apply(rotation.inverse(film_from_image), rays))
    return np.nan_to_num(source, nan=-1e4).reshape(len(rows), len(columns), 2).astype(np.float32)


def _between(grid: NDArray[np.float32], width: int, height: int) -> NDArray[np.float32]:
    """Values for each pixel, bilinear between those of the grid."""
    x, y = np.arange(width, dtype=np.float32) / GRID_PX, np.arange(height, dtype=np.float32) / GRID_PX
    return np.asarray(cv2.remap(grid, *np.meshgrid(x, y), cv2.INTER_LINEAR), dtype=np.float32)


def _circle(lens: Lens, width: int, height: int) -> NDArray[np.float32]:
    """1 within the image circle, 0 outside, with a soft edge just inside it."""
    assert lens.circle_px is not None
    y, x = np.mgrid[:height, :width].astype(np.float32)
    radius = np.hypot(x - lens.centre_px[0], y - lens.centre_px[1])
    soft = lens.circle_px * CIRCLE_FEATHER
    return np.asarray(np.clip((lens.circle_px * (1 - CIRCLE_FEATHER) - radius) / soft, 0, 1), dtype=np.float32)


def filled(a: Picture, b: Picture, shown_a: Share, shown_b: Share) -> tuple[Picture, Picture]:
    """Both pictures, each with the other where a turn bared its border; `shown` (h, w, 1) as `shown` gives it."""
    whole_a, whole_b = (bool((share == 1).all()) for share in (shown_a, shown_b))
    return a if whole_a else b + (a - b) * shown_a, b if whole_b else a + (b - a) * shown_b


def shown(lens: Lens, film_from_image: Floats, zoom: float) -> Share:
    """Where a turned and enlarged picture has something to show, (h, w, 1): 1 inside, falling to 0 at its border."""
    source = _source_grid(lens, film_from_image, zoom, lens.width, lens.height)
    if lens.circle_px is not None:
        inside = lens.circle_px - np.linalg.norm(source - np.array(lens.centre_px, np.float32), axis=2)
    else:
        inside = np.minimum(source, np.array([lens.width - 1, lens.height - 1], np.float32) - source).min(axis=2)
    share = _between((inside / (BORDER_FEATHER * lens.width)).astype(np.float32), lens.width, lens.height)
    return np.clip(share, 0, 1)[..., None]


def morphed(a: Picture, b: Picture, share: float) -> Picture:
    """Between A (share 0) and B (share 1): both moved along the flow between them, then mixed.

    Where forward and backward flow disagree (something is in one picture only) nothing is moved, only mixed.
    """
    small_a, small_b = _small_gray(a), _small_gray(b)
    forward, backward = _flow(small_a, small_b), _flow(small_b, small_a)
    moved_a = _moved(a, forward * _consistency(forward, backward), share)
    moved_b = _moved(b, backward * _consistency(backward, forward), 1 - share)
    return np.asarray(moved_a * np.float32(1 - share) + moved_b * np.float32(share), dtype=np.float32)


def _small_gray(picture: Picture) -> NDArray[np.uint8]:
    """The picture as flow is found on it: small, display grey."""
    height, width = picture.shape[:2]
    scale = min(1.0, FLOW_WIDTH_PX / width)
    size = max(16, round(width * scale)), max(16, round(height * scale))
    small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.float32)
    return np.asarray(cv2.cvtColor(light.codes_from_linear(small), cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def _flow(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Displacement (h, w, 2) in pixels from small grey A to B."""
    dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    return np.asarray(dis.calc(a, b, np.zeros((*a.shape, 2), np.float32)), dtype=np.float32)


def _consistency(flow: NDArray[np.float32], back: NDArray[np.float32]) -> NDArray[np.float32]:
    """1 where going along the flow and back returns to the start, falling to 0 (h, w, 1)."""
    height, width = flow.shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    returned = cv2.remap(back, x + flow[..., 0], y + flow[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    off = np.linalg.norm(flow + returned, axis=2) / (CONSISTENT_SHARE * width)
    soft = cv2.GaussianBlur(np.clip(2 - off, 0, 1).astype(np.float32), (0, 0), width / 160)
    return np.asarray(soft[..., None], dtype=np.float32)


def _moved(picture: Picture, flow: NDArray[np.float32], share: float) -> Picture:
    """The picture with each point carried a share of the way along a flow found on a smaller one (backward lookup)."""
    height, width = picture.shape[:2]
    scale = np.array([width / flow.shape[1], height / flow.shape[0]], np.float32)
    full = cv2.resize(flow * (scale * np.float32(share)), (width, height), interpolation=cv2.INTER_LINEAR)
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    at_x, at_y = x - full[..., 0], y - full[..., 1]
    moved = cv2.remap(picture, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, dtype=np.float32)
