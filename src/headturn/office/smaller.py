"""A camera's low-resolution recording in place of the one it belongs to: whether it fits is found out once and kept."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from headturn.camera import media, proxy
from headturn.camera.proxy import Proxy
from headturn.camera.take import Clip
from headturn.clock import FrameTimes, nearest_in
from headturn.errors import CannotRead
from headturn.head.rush import Rush
from headturn.office.store import Store
from headturn.rotation import Floats

Small = Callable[[Clip], Proxy | None]
"""The low-resolution recording of a clip that is seen through in its place, if there is one."""


def of_clip(clip: Clip, store: Store, speed: Floats | None = None) -> tuple[Proxy | None, str]:
    """The low-resolution recording that a camera made of a clip, where it fits, and a sentence on it.

    The sentence is empty where there is none. speed (n,): of the image at each frame, in any unit, where it is known
    """
    try:
        small = proxy.beside(clip)
        if small is None:
            return None, ""
        said = store.kept_json("proxies", (clip.id, _stamps(small)), lambda: proxy.lags(clip, small, speed))
    except CannotRead as error:
        return None, f"{error} The recording itself is looked at."
    if isinstance(said, str):
        return None, f"{_named(small)} {said}: the recording itself is looked at."
    return proxy.fitted(clip, small, said), f"{clip.name} is looked at in {_named(small)}{_apart(said)}."


def _stamps(small: Clip) -> list[tuple[Any, ...]]:
    return [(path.resolve(), path.stat().st_size, path.stat().st_mtime_ns) for path in small.files]


def _named(small: Clip) -> str:
    more = len(small.files) - 1
    return small.name + (f" and {more} more" if more else "")


def _apart(lags_s: Sequence[float]) -> str:
    most = max(lags_s, key=abs)
    return f", which runs {abs(most) * 1000:.0f} ms {'behind' if most > 0 else 'ahead'}" if abs(most) > 1e-3 else ""


def rush(large: Rush, small: Proxy | None) -> Rush:
    """A take as its low-resolution recording shows it, on the take's own clock; the take itself where there is none.

    Its frames are those of the low-resolution recording; one that shows no frame of the take stands for the nearest.
    """
    if small is None or len(set(small.lags_s)) > 1:
        return large
    times = media.frame_times(small.clip)
    later = round(Fraction(small.lags_s[0]) / times.base)
    own = FrameTimes(times.ticks - later, times.base, times.end - later)
    shown = nearest_in(large.times.seconds, own.seconds)
    clip, motion, stops = large.take.clip, large.motion, large.exposure_stops
    lens = clip.lens.resized(small.clip.image.width, small.clip.image.height)
    low = replace(
        clip, files=small.clip.files, chapter_starts=small.clip.chapter_starts, image=small.clip.image, lens=lens
    )
    going = motion.speed_over_depth
    moved = replace(
        motion,
        times_s=own.seconds,
        world_from_body=motion.world_from_body[shown],
        rates_rad_s=motion.rates_rad_s[shown],
        confidence=motion.confidence[shown],
        speed_over_depth=None if going is None else going[shown],
        repeated=None if motion.repeated is None else motion.repeated[shown],
    )
    take = replace(large.take, clip=low)
    return replace(large, take=take, times=own, motion=moved, exposure_stops=None if stops is None else stops[shown])


def frames_at(clip: Clip, wanted: Sequence[int], small: Proxy | None) -> Iterator[tuple[int, media.Frame]]:
    """Frames of a clip by number, out of its low-resolution recording where that shows them; see `media.frames_at`."""
    left = set(wanted)
    if small is not None:
        copies = {int(small.frames[index]): index for index in wanted if small.frames[index] >= 0}
        for frame in media.frames_at(small.clip, list(copies)):
            left.discard(copies[frame.index])
            yield copies[frame.index], frame
    for frame in media.frames_at(clip, sorted(left)):
        yield frame.index, frame


def frames(clip: Clip, first: int, stop: int, small: Proxy | None) -> Iterator[tuple[int, media.Frame]]:
    """A stretch of a clip, out of its low-resolution recording but for what that lacks at its ends; see `media.frames`.

    Where it lacks others, too, all come from the recording: what lasts over frames is looked for in one or the other.
    """
    known = np.flatnonzero(small.frames[first:stop] >= 0) + first if small is not None else np.empty(0, np.int64)
    if small is None or not len(known) or np.any(np.diff(small.frames[known]) != 1) or np.any(np.diff(known) != 1):
        yield from ((frame.index, frame) for frame in media.frames(clip, first, stop))
        return
    start, end, later = int(known[0]), int(known[-1]) + 1, int(known[0] - small.frames[known[0]])
    yield from ((frame.index, frame) for frame in media.frames(clip, first, start))
    yield from ((frame.index + later, frame) for frame in media.frames(small.clip, start - later, end - later))
    yield from ((frame.index, frame) for frame in media.frames(clip, end, stop))
