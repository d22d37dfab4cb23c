"""A camera's low-resolution recording beside the one it belongs to: looked at in its place, where it fits.

GoPro writes an LRV for each chapter: the same moments, through the same lens, in a tenth of the pixels. It is not
trusted to be that. It must have the shape and the length of its recording; and a few key frames of the recording, where
the image moves, are sought in it: each must be found, and all by the same distance. That distance (real ones may be off
by a frame or so, or show every second frame) maps the frames exactly. A lens counts in shares of the image, so that of
the recording serves both.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from headturn.camera import card, media
from headturn.camera.take import Clip
from headturn.clock import nearest_in
from headturn.rotation import Floats

SHAPE_SLACK = 0.01
"""Of width over height: a low resolution rounds its sides to 2, 8 or 16 pixels."""
LENGTH_SLACK_S = 0.15
"""A recording and its LRV are closed one after the other: some frames may be missing in one of both."""
MOMENTS = 3
"""Of each chapter that are compared; where nobody knows when the image moves, twice as many."""
APART_S = 0.25
"""How far apart in time a frame is sought in the low-resolution recording: eight frames at 30 a second."""
WIDTH_PX = 192
"""Width at which frames are compared: at 60 degrees a second the image moves by 5 pixels from frame to frame."""
SAME_LIKENESS = 0.8
"""Correlation of local contrast at which two frames are one: of a frame and its low-resolution copy it is above 0.9, of
two frames of different places below 0.3."""
TELLING = 0.02
"""By so much a frame must be more like its copy than the copies next to it, to tell how far they are apart."""
NEAR_SHARE = 0.25
"""Of the recording's frame interval: nearer in time than that, two frames are one."""


@dataclass(frozen=True, eq=False)
class Proxy:
    """A low-resolution recording that fits.

    clip: all its chapters; lags_s: of each chapter, how much later on its clock the same image is shown
    frames (n,): the frame that shows the same as each frame of the recording, -1 where none does
    """

    clip: Clip
    lags_s: tuple[float, ...]
    frames: NDArray[np.int64]

    @property
    def keys(self) -> NDArray[np.int64]:
        """The frames of the recording whose copies are key frames."""
        return np.flatnonzero(np.isin(self.frames, media.key_numbers(self.clip)))


class _UnfitError(Exception):
    """Why a low-resolution recording does not fit, as the end of a sentence that begins with its name."""


def beside(clip: Clip) -> Clip | None:
    """The low-resolution recording of a clip; None where not every chapter has one.

    Raises:
        CannotRead: one of them is damaged.
    """
    files = card.previews(clip)
    return media.probe(files) if files else None


def lags(clip: Clip, small: Clip, speed: Floats | None = None) -> tuple[float, ...] | str:
    """How much later each chapter of the low-resolution recording shows what the clip shows, in seconds.

    Or why it does not fit, as the end of a sentence that begins with its name.

    speed (n,): of the image at each frame, where it is known: frames are compared where it moves

    Raises:
        CannotRead: a file is gone.
    """
    try:
        _same_shape(clip, small)
        return tuple(_lag(clip, small, chapter, speed) for chapter in range(len(clip.files)))
    except _UnfitError as unfit:
        return str(unfit)


def fitted(clip: Clip, small: Clip, lags_s: Sequence[float]) -> Proxy:
    """The low-resolution recording with its frames mapped by lags that were found."""
    frames = np.full(clip.image.frames, -1, np.int64)
    for chapter, lag_s in enumerate(lags_s):
        own, other = _chapter(clip, chapter), _chapter(small, chapter)
        wanted = own.times_s + lag_s
        nearest = nearest_in(other.times_s, wanted)
        near = np.abs(other.times_s[nearest] - wanted) <= NEAR_SHARE / float(clip.image.rate)
        frames[own.first : own.first + len(wanted)] = np.where(near, other.first + nearest, -1)
    return Proxy(small, tuple(lags_s), frames)


class _Found(NamedTuple):
    """A frame and its copy: when it is shown, how much later the copy, how alike they are (-1 to 1), and whether the
    copies next to it are less alike."""

    at_s: float
    lag_s: float
    likeness: float
    sure: bool


@dataclass(frozen=True, eq=False)
class _Chapter:
    """One file of a clip: number of its first frame, times of its frames on its own clock (k,), and its length."""

    first: int
    times_s: Floats
    length: Fraction


def _chapter(clip: Clip, number: int) -> _Chapter:
    times, starts = media.frame_times(clip), (*clip.chapter_starts, clip.span.end)
    first, stop = np.searchsorted(times.seconds, [float(starts[number]) - 1e-6, float(starts[number + 1]) - 1e-6])
    own = times.seconds[first:stop] - float(starts[number])
    return _Chapter(int(first), own, starts[number + 1] - starts[number])


def _same_shape(clip: Clip, small: Clip) -> None:
    if len(small.files) != len(clip.files):
        raise _UnfitError("has not the chapters of the recording")
    here, there = clip.image, small.image
    shapes = here.width / here.height, there.width / there.height
    if abs(shapes[1] / shapes[0] - 1) > SHAPE_SLACK:
        raise _UnfitError(f"has another shape ({there.width}x{there.height}, {here.width}x{here.height})")


def _lag(clip: Clip, small: Clip, chapter: int, speed: Floats | None) -> float:
    own, other = _chapter(clip, chapter), _chapter(small, chapter)
    if abs(other.length - own.length) > LENGTH_SLACK_S:
        raise _UnfitError(f"lasts {float(other.length):.1f} s, the recording {float(own.length):.1f} s")
    found = [_sought(clip, small, own, other, frame) for frame in _moments(clip, own, speed)]
    for each in found:
        if each.likeness < SAME_LIKENESS:
            raise _UnfitError(f"does not show the same at {each.at_s:.1f} s (likeness {max(each.likeness, 0):.2f})")
    sure = [each for each in found if each.sure]
    if not sure:
        return 0.0  # nothing moves, so that no frame is told from the next
    first, last = min(sure, key=lambda each: each.lag_s), max(sure, key=lambda each: each.lag_s)
    if last.lag_s - first.lag_s > NEAR_SHARE / float(clip.image.rate):
        off = [f"{each.lag_s * 1000:.0f} ms at {each.at_s:.1f} s" for each in sorted((first, last))]
        raise _UnfitError(f"does not keep step: it is off by {off[0]} and {off[1]}")
    return float(np.median([each.lag_s for each in sure]))


def _moments(clip: Clip, own: _Chapter, speed: Floats | None) -> list[int]:
    """Frames to compare, key frames where there are some: of each stretch, the one where the image moves most.

    None so near to the chapter's ends that its copy might lie beyond.
    """
    inside = (own.times_s >= APART_S) & (own.times_s <= own.times_s[-1] - APART_S)
    inside = inside if inside.any() else np.ones(len(own.times_s), np.bool_)
    frames = own.first + np.flatnonzero(inside)
    keys = np.intersect1d(frames, media.key_numbers(clip))
    frames = keys if len(keys) > MOMENTS else frames
    stretches = np.array_split(frames, min(len(frames), MOMENTS if speed is not None else 2 * MOMENTS))
    if speed is None:
        return [int(stretch[len(stretch) // 2]) for stretch in stretches]
    return [int(stretch[np.argmax(speed[stretch])]) for stretch in stretches]


def _sought(clip: Clip, small: Clip, own: _Chapter, other: _Chapter, frame: int) -> _Found:
    """A frame of the recording in the low-resolution one.

    Where that has fewer frames, those after it are sought too: one of them has a copy.
    """
    each = max(1, round(clip.image.rate / small.image.rate))
    at_s = float(own.times_s[frame - own.first])
    start, stop = np.searchsorted(other.times_s, [at_s - APART_S, at_s + APART_S])
    height = max(8, round(clip.image.height * WIDTH_PX / clip.image.width))
    copies = dict(_details(small, range(other.first + int(start), other.first + int(stop)), height))
    best = _Found(at_s, 0.0, -1.0, False)
    for number, detail in _details(clip, range(frame, min(frame + each, own.first + len(own.times_s))), height):
        alike = {copy: float(np.mean(detail * seen)) for copy, seen in copies.items()}
        copy = max(alike, key=lambda which: alike[which], default=-1)
        if copy >= 0 and alike[copy] > best.likeness:
            shown_s, copied_s = own.times_s[number - own.first], other.times_s[copy - other.first]
            beside_it = max(alike.get(copy + step, -1.0) for step in (-1, 1))
            best = _Found(at_s, float(copied_s - shown_s), alike[copy], alike[copy] - beside_it >= TELLING)
    return best


def _details(clip: Clip, frames: range, height: int) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Frames at one small size, without their slow shading, of mean 0 and deviation 1; with their numbers."""
    for frame in media.frames_at(clip, frames):
        gray = frame.pixels("gray", WIDTH_PX, height).astype(np.float32)
        detail = gray - cv2.GaussianBlur(gray, (0, 0), 12)
        detail -= detail.mean()
        yield frame.index, np.asarray(detail / max(float(detail.std()), 1e-3), np.float32)
