"""Covers: moments in which a take shows no world, so that another take can go on unseen.

Something fills the image (a wall, a door, a body, a hand), darkness falls, or a light flashes. Each frame is measured
by itself, small; what lasts over frames is a cover.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from headturn.camera import light
from headturn.camera.lens import Lens
from headturn.clock import Span
from headturn.edit.look import Glance
from headturn.rotation import Floats

Kind = Literal["occluder", "darkness", "flash"]

COARSE = (16, 9)
"""Columns and rows in which frames that show no world are compared."""
WIDTH_PX = 160
"""Width at which frames are measured: a cell is then a hand's breadth of a wall at arm's length."""
CELL_PX = 16
FLAT_CODES = 5.0
"""Standard deviation, in codes of 255, that a cell without structure stays below once its slope is taken off: a shadow
or the fall-off of a lamp is no structure."""
COVERED_SHARE = 0.9
"""Flat cells of the image when something fills it. The wall of `kaust_1` at 4.4 s has 0.91 to 0.97 and the door of
`data_sample_20` at 3.2 s 0.91; on 5,600 other frames of `lap`, `house`, `shop` and `fridge`, among them whip blur, the
highest is 0.85."""
DARK_LIGHT = 0.012
"""Linear light (1 is white) below which nothing can be made out on a screen in a lit room: four stops below a grey
card. Nearly all of a dark image (LIT_SHARE) is darker."""
LIT_SHARE = 0.03
WHITE_CODE = 235
FLASH_SHARE = 0.6
"""Share of the image that a flash burns out."""
FLASH_S = 0.12
"""A flash lasts three frames at most; what is white for longer is a window or the sky."""


@dataclass(frozen=True)
class Cover:
    """A stretch of a take in which no world is seen: frames `first` to before `stop`.

    best: the frame in which it covers most; level: its mean luma, 0 to 1; detail: the share of it that has structure,
        which is seen to change with it
    """

    kind: Kind
    first: int
    stop: int
    best: int
    level: float = 0.0
    detail: float = 0.0


Covers = Callable[[str, Span], tuple[Cover, ...]]
"""Handed in by the caller: a take's id and a stretch of its clip to the covers in it."""


@dataclass(frozen=True)
class Measure:
    """Of one frame: shares (0 to 1) of cells without structure, of pixels not dark, of those burnt out; mean luma."""

    flat: float
    lit: float
    white: float
    level: float = 0.0


def measured(gray: NDArray[np.uint8], lens: Lens) -> Measure:
    """What one small frame (h, w) uint8, video-coded luma at full range, shows of the world; `lens` is for its pixels.

    Only what lies within the lens's image circle counts.
    """
    seen, cells = _parts(lens, gray.shape[0], gray.shape[1])
    if not seen.any() or not cells.any():
        return Measure(0.0, 1.0, 0.0)
    rows, columns = cells.shape
    softened = cv2.GaussianBlur(gray.astype(np.float32), (0, 0), 1.0)[: rows * CELL_PX, : columns * CELL_PX]
    each = softened.reshape(rows, CELL_PX, columns, CELL_PX).swapaxes(1, 2)[cells].reshape(-1, CELL_PX**2)
    slopes = _slopes()
    rest = each - (each @ slopes) @ slopes.T
    return Measure(
        float(np.mean(rest.std(axis=1) < FLAT_CODES)),
        float(np.mean(gray[seen] > _dark_code())),
        float(np.mean(gray[seen] >= WHITE_CODE)),
        float(np.mean(gray[seen])) / 255,
    )


@lru_cache(maxsize=16)
def _parts(lens: Lens, height: int, width: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """The pixels (h, w) and the whole cells that the lens's image fills."""
    y, x = np.mgrid[:height, :width]
    seen = lens.shows(np.stack([x.ravel(), y.ravel()], axis=1)).reshape(height, width)
    rows, columns = height // CELL_PX, width // CELL_PX
    whole = seen[: rows * CELL_PX, : columns * CELL_PX].reshape(rows, CELL_PX, columns, CELL_PX)
    return seen, np.asarray(whole.all(axis=(1, 3)))


@lru_cache(maxsize=1)
def _slopes() -> NDArray[np.float32]:
    """An orthonormal basis (CELL_PX ** 2, 3) of a cell's mean and slopes."""
    y, x = np.mgrid[:CELL_PX, :CELL_PX] - (CELL_PX - 1) / 2
    return np.asarray(np.linalg.qr(np.stack([np.ones_like(x), x, y], axis=-1).reshape(-1, 3))[0], np.float32)


@lru_cache(maxsize=1)
def _dark_code() -> int:
    return int(light.codes_from_linear(np.array([DARK_LIGHT], np.float32))[0])


def step(a: Glance, b: Glance) -> float:
    """How large a step it is from one frame to another that shows no world: 0 to 1, a share of full video scale.

    The mean over the coarse image of the channel that differs most: a red coat and an ochre one are of like lightness,
    yet nobody takes one for the other. Nothing is graded behind a cover, so no gain is allowed for.
    """
    here, there = (
        light.video_from_linear(np.asarray(cv2.resize(view.small, COARSE, interpolation=cv2.INTER_AREA), np.float32))
        for view in (a, b)
    )
    return float(np.mean(np.abs(here - there).max(axis=2)))


def found(measures: Iterable[tuple[int, Measure]], times_s: Floats) -> tuple[Cover, ...]:
    """The covers in frames that were measured, in order; a frame that is missing ends a cover.

    times_s: of all frames of the clip, so that a flash can be told from a window
    """
    by_frame = dict(measures)
    covers: list[Cover] = []
    for kind in ("darkness", "flash", "occluder"):
        for first, stop in _runs(by_frame, kind):
            best = max(range(first, stop), key=lambda frame: _strength(by_frame[frame], kind))
            detail = 1 - by_frame[best].flat if kind == "occluder" else 0.0
            cover = Cover(kind, first, stop, best, by_frame[best].level, detail)
            if kind != "flash" or _is_brief(cover, by_frame, times_s):
                covers.append(cover)
    return tuple(sorted(covers, key=lambda cover: (cover.first, cover.kind)))


def _strength(measure: Measure, kind: Kind) -> float:
    """How surely a frame is covered; above 0 it is."""
    dark = LIT_SHARE - measure.lit
    if kind == "darkness":
        return dark
    white = measure.white - FLASH_SHARE
    if kind == "flash":
        return white
    return measure.flat - COVERED_SHARE if max(dark, white) <= 0 else -1.0


def _runs(by_frame: Mapping[int, Measure], kind: Kind) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for frame in sorted(by_frame):
        if _strength(by_frame[frame], kind) <= 0:
            continue
        if runs and runs[-1][1] == frame:
            runs[-1] = runs[-1][0], frame + 1
        else:
            runs.append((frame, frame + 1))
    return runs


def _is_brief(cover: Cover, by_frame: Mapping[int, Measure], times_s: Floats) -> bool:
    """Whether a white stretch is a flash: short, with a world before and after it."""
    known = cover.first - 1 in by_frame and cover.stop in by_frame
    return known and float(times_s[cover.stop] - times_s[cover.first]) <= FLASH_S
