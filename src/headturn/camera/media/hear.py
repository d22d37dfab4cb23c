"""Sound out of a clip, on the clip's clock, sample for sample."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import av.audio
import av.container
import numpy as np
from numpy.typing import NDArray

from headturn.camera.media.container import SOUND_DEMUXERS, MediaError, exact, opened
from headturn.camera.media.times import chapter_times, joined_times
from headturn.camera.take import Clip

Samples = NDArray[np.float32]

BLOCK: Final = 8192
"""Samples in a block of silence."""
_RUN_IN_S = Fraction(1, 5)
"""Decoded ahead of the first sample wanted, so that the codec's overlap (AAC: 2048 samples) and the resampler's filter
have settled."""
_GAP_SAMPLES = 64
"""Time stamps that differ from the running count by less are rounding (MKV and AVI count in milliseconds at best) or a
clock that runs a little fast or slow; from here on they are a gap or an overlap."""
_DRIFT_SHARE = 1 / 64
"""How much of a time stamp's difference is believed at once: rounding averages out, and a drifting clock (0.1
samples in each block of a real pair of glasses) is followed within a few samples."""


def sound(clip: Clip, start: Fraction, stop: Fraction, rate_hz: int = 48000) -> Iterator[Samples]:
    """The sound between two times of the clip's clock, in blocks (n, 2) float32, full scale at -1 and 1.

    Exactly round((stop - start) * rate_hz) samples in all; zeros where the clip has no sound. Mono is heard on both
    sides, more than two channels are mixed down. Files are closed when the generator is.

    Raises:
        CannotRead: a file of the clip is gone or can no longer be opened.
    """
    total = max(0, round((stop - start) * rate_hz))
    times, firsts = joined_times(clip.files)
    edges = [times[index] for index in firsts] + [None]
    given = 0
    for path, begins, ends in zip(clip.files, edges, edges[1:], strict=False):
        assert begins is not None
        until = total if ends is None else min(total, round((ends - start) * rate_hz))
        if clip.sound is None or until <= given:
            continue
        for at, block in _chapter_sound(path, start - begins, given, until, rate_hz):
            yield from _silence(at - given)
            yield block
            given = at + len(block)
    yield from _silence(total - given)


def recorded(path: Path, start: Fraction, stop: Fraction, rate_hz: int = 48000) -> Iterator[Samples]:
    """The sound of a sound recorder's file (WAV, BWF, RF64, W64) between two times on its own clock, as `sound` has it.

    Raises:
        CannotRead: no such file, or no sound.
    """
    total = max(0, round((stop - start) * rate_hz))
    given = 0
    with opened(path, SOUND_DEMUXERS) as container:
        for at, block in _stream_sound(container, start, 0, total, rate_hz):
            yield from _silence(at - given)
            yield block
            given = at + len(block)
    yield from _silence(total - given)


def _chapter_sound(path: Path, origin: Fraction, first: int, until: int, rate_hz: int) -> Iterator[tuple[int, Samples]]:
    """Blocks of one file with their places, all within `first` to `until`, in order and without overlap.

    origin: the time on the file's own clock (its first frame is at 0) of place 0.
    """
    times = chapter_times(path)
    origin += int(times.ticks[0]) * times.base
    with opened(path, indexed=times.indexed) as container:
        yield from _stream_sound(container, origin, first, until, rate_hz)


def _stream_sound(
    container: av.container.InputContainer, origin: Fraction, first: int, until: int, rate_hz: int
) -> Iterator[tuple[int, Samples]]:
    """Blocks of an open file's first sound track; origin: the time on the container's clock of place 0."""
    stream = next(iter(container.streams.audio), None)
    if stream is None or stream.codec_context is None:
        return
    begin = origin + Fraction(first, rate_hz) - _RUN_IN_S
    _seek(container, stream, begin)
    for place, block in _placed(_resampled(container, stream, rate_hz), origin, rate_hz):
        if place >= until:
            return
        skip, keep = max(0, first - place), until - place
        if skip < min(keep, len(block)):
            yield place + skip, block[skip:keep]
            first = place + min(keep, len(block))


def _seek(container: av.container.InputContainer, stream: av.audio.AudioStream, time: Fraction) -> None:
    base = exact(stream.time_base)
    if time <= (stream.start_time or 0) * base:
        return
    try:
        container.seek(int(time / base), stream=stream)
    except MediaError:
        container.seek(int(stream.start_time or 0), stream=stream)


def _resampled(
    container: av.container.InputContainer, stream: av.audio.AudioStream, rate_hz: int
) -> Iterator[tuple[Fraction | None, Samples]]:
    """Decoded sound at the wanted rate, with the time of each block's first sample where it is known."""
    layout = "mono" if stream.channels == 1 else "stereo"
    resampler = av.AudioResampler(format="flt", layout=layout, rate=rate_hz)

    def blocks(frame: av.AudioFrame | None) -> Iterator[tuple[Fraction | None, Samples]]:
        for out in resampler.resample(frame):
            values = np.asarray(out.to_ndarray(), dtype=np.float32).reshape(out.samples, -1)
            pair = np.repeat(values, 2, axis=1) if values.shape[1] == 1 else np.array(values)
            if out.pts is None:
                yield None, pair
            else:
                yield out.pts * exact(out.time_base), pair

    try:
        for packet in container.demux(stream):
            try:
                decoded = packet.decode()
            except MediaError:
                continue
            for frame in decoded:
                yield from blocks(frame)
        yield from blocks(None)
    except MediaError:
        return


def _placed(
    blocks: Iterator[tuple[Fraction | None, Samples]], origin: Fraction, rate_hz: int
) -> Iterator[tuple[int, Samples]]:
    """Blocks with the sample each begins at.

    Within rounding blocks follow on each other without a click, and a drifting clock is followed by making a block a
    sample longer or shorter now and then.
    """
    expected: int | None = None
    drift = 0.0
    for time, block in blocks:
        place = expected if time is None else round((time - origin) * rate_hz)
        if place is None:
            continue
        if expected is None or abs(place - expected) >= _GAP_SAMPLES:
            drift = 0.0
        else:
            drift += (place - expected - drift) * _DRIFT_SHARE
            block, drift = _stretched(block, int(drift)), drift - int(drift)
            place = expected
        yield place, block
        expected = place + len(block)


def _stretched(block: Samples, by: int) -> Samples:
    """A block made longer by some samples."""
    if not by or len(block) + by < 2:
        return block
    at = np.linspace(0, len(block) - 1, len(block) + by)
    places = np.arange(len(block))
    return np.stack([np.interp(at, places, side) for side in block.T], axis=1).astype(np.float32)


def _silence(samples: int) -> Iterator[Samples]:
    for done in range(0, samples, BLOCK):
        yield np.zeros((min(BLOCK, samples - done), 2), np.float32)
