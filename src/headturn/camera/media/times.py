"""When each frame of a clip is shown: from the index of the file where there is one, else from its packets."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import av.container
import av.video
import numpy as np
from numpy.typing import NDArray

from headturn.camera.media.container import MediaError, exact, image_stream, opened
from headturn.camera.mp4 import Track, key_frames, presentation_ticks, read_tracks
from headturn.camera.take import Clip
from headturn.clock import FrameTimes
from headturn.errors import CannotRead

_KEPT = 64
"""Clips and chapters whose times stay in memory: an hour at 60 frames a second takes 1.7 MB."""


@dataclass(frozen=True, eq=False)
class ChapterTimes:
    """Frame times of one file, as its stream counts them.

    ticks (n,) int64, strictly increasing, in `base` seconds: what the decoded frames carry as their time
    end: tick at which the last frame stops being shown
    lost: frames that the index names but whose bytes are missing
    indexed: whether they stand in an index; else the file had to be read through
    keys: numbers of the frames that can be decoded without those before them; nothing where no index tells
    """

    ticks: NDArray[np.int64]
    base: Fraction
    end: int
    lost: int = 0
    indexed: bool = False
    keys: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))


def frame_times(clip: Clip) -> FrameTimes:
    """The exact time of each frame of a clip, across its chapters; the first frame is at 0.

    Raises:
        CannotRead: a file of the clip is gone or has changed.
    """
    return joined_times(clip.files)[0]


def key_numbers(clip: Clip) -> NDArray[np.int64]:
    """Which frames of a clip can be decoded without those before them, rising; of files whose index tells, others none.

    Raises:
        CannotRead: a file of the clip is gone or has changed.
    """
    firsts = joined_times(clip.files)[1]
    return np.concatenate([chapter_times(path).keys + first for path, first in zip(clip.files, firsts, strict=True)])


def joined_times(files: Sequence[Path]) -> tuple[FrameTimes, tuple[int, ...]]:
    """Frame times over all chapters, and the index of each chapter's first frame.

    A chapter begins where the last frame of the one before it ends.

    Raises:
        CannotRead: a file cannot be read or holds no frame.
    """
    return _joined(tuple(_stamp(path) for path in files))


def chapter_times(path: Path) -> ChapterTimes:
    """Frame times of one file.

    Raises:
        CannotRead: the file cannot be read or holds no frame.
    """
    return _chapter(*_stamp(path))


def _stamp(path: Path) -> tuple[Path, int, int]:
    """A file with what changes when its contents do."""
    try:
        status = path.stat()
    except OSError as error:
        raise CannotRead(path, f"cannot be read ({error.strerror})", "check the path and the disk") from None
    return path, status.st_size, status.st_mtime_ns


@lru_cache(maxsize=_KEPT)
def _joined(stamps: tuple[tuple[Path, int, int], ...]) -> tuple[FrameTimes, tuple[int, ...]]:
    chapters = [_chapter(*stamp) for stamp in stamps]
    denominator = math.lcm(*(chapter.base.denominator for chapter in chapters))
    base = Fraction(math.gcd(*(int(chapter.base * denominator) for chapter in chapters)), denominator)
    ticks, firsts, start, count = [], [], 0, 0
    for chapter in chapters:
        factor = int(chapter.base / base)
        ticks.append((chapter.ticks - chapter.ticks[0]) * factor + start)
        firsts.append(count)
        start += (chapter.end - int(chapter.ticks[0])) * factor
        count += len(chapter.ticks)
    joined = np.concatenate(ticks)
    joined.flags.writeable = False
    return FrameTimes(joined, base, start), tuple(firsts)


@lru_cache(maxsize=_KEPT)
def _chapter(path: Path, size: int, changed_ns: int) -> ChapterTimes:
    tracks = _tracks(path)
    with opened(path, indexed=bool(tracks)) as container:
        stream = image_stream(container, path)
        times = _from_index(tracks, stream) or _from_packets(container, stream, path)
    if not len(times.ticks):
        raise CannotRead(path, "holds not a single frame", "copy it again from the card, or leave it out")
    return times


def _tracks(path: Path) -> Sequence[Track]:
    """What the index of an MP4 or MOV tells; nothing for other files."""
    try:
        return read_tracks(path)
    except CannotRead:
        return ()


def _from_index(tracks: Sequence[Track], stream: av.video.VideoStream) -> ChapterTimes | None:
    """Times from the sample table of an MP4 or MOV; None for indexes that do not suffice."""
    base = exact(stream.time_base)
    track = next((track for track in tracks if track.id == stream.id), None)
    if track is None or base != Fraction(1, track.timescale):
        return None
    try:
        ticks, end = presentation_ticks(track)
        return ChapterTimes(ticks, base, end, _lost(track), True, key_frames(track))
    except CannotRead:
        return None


def _lost(track: Track) -> int:
    return int(np.count_nonzero(~track.samples.stored))


def _from_packets(container: av.container.InputContainer, stream: av.video.VideoStream, path: Path) -> ChapterTimes:
    """Times from reading through the file; from decoding it where its packets do not say when they are shown."""
    times, length = [], 0
    try:
        for packet in container.demux(stream):
            if packet.size and not packet.is_discard:
                times.append(packet.pts)
                length = packet.duration or length
    except MediaError:
        pass  # the file breaks off here: what came before it counts
    if any(time is None for time in times):
        times = _decoded_times(path)
    known = np.unique(np.array([time for time in times if time is not None], dtype=np.int64))
    if not len(known):
        return ChapterTimes(known, Fraction(1), 0)
    if not length:
        length = int(np.median(np.diff(known))) if len(known) > 1 else 1
    return ChapterTimes(known, exact(stream.time_base), int(known[-1]) + length)


def _decoded_times(path: Path) -> list[int | None]:
    times: list[int | None] = []
    with opened(path) as container:
        stream = image_stream(container, path)
        stream.thread_type = "AUTO"
        for packet in container.demux(stream):
            try:
                times += [frame.pts for frame in packet.decode()]
            except MediaError:
                continue
    return times
