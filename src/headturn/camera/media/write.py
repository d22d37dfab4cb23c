"""Pictures written: one part of a film at a time, and the parts joined with the sound.

A part is a file of its own that is complete or absent, so that an interrupted render goes on with the parts that it
has. Joining copies packets; nothing is encoded twice.
"""

import errno
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Literal, Self

import av
import av.audio
import av.container
import av.error
import av.video
import numpy as np
from numpy.typing import NDArray

from headturn.camera.media.colour import BT709, FULL, LIMITED
from headturn.camera.media.container import exact, image_stream, opened
from headturn.camera.media.frames import ACCURATE, DEEP, Pixels, packed, rgb48_frame, rounded
from headturn.camera.media.times import chapter_times
from headturn.errors import CannotRead, CannotWrite

Codec = Literal["h264", "prores", "dnxhr"]

SUFFIX: Final[dict[Codec, str]] = {"h264": ".mp4", "prores": ".mov", "dnxhr": ".mov"}
"""What a file of each codec is called."""
_ENCODER: Final[dict[Codec, tuple[str, str, dict[str, str]]]] = {
    "h264": ("libx264", "yuv420p", {"profile": "high"}),
    "prores": ("prores_ks", "yuv422p10le", {"profile": "hq", "vendor": "apl0"}),
    "dnxhr": ("dnxhd", "yuv422p10le", {"profile": "dnxhr_hqx"}),
}
_DNXHR_LEAST = 256, 120
"""Smallest picture of DNxHR. Source: SMPTE ST 2019-1, as FFmpeg's encoder enforces it."""
_THREADS = 2
"""x264's output depends on how many threads encode it, so it is the same number on every machine."""
_SOUND_BITS_PER_S = 192_000
"""AAC at which two channels are held to be transparent for a viewing copy."""


class PictureWriter:
    """Writes frames of one size at one exact rate into a file without sound, for `join_parts`.

    Use it as a context manager: the file appears under its name when the block ends well, and not at all otherwise.
    Frame k is shown at k / rate. Tagged as limited-range BT.709 in the bitstream and the container; closed groups of
    pictures of at most a second.

    h264: crf is the quality (lower is better, 18 looks like the source), preset x264's effort; 4:2:0, 8 bits.
        "faster" makes what "fast" does (size within 2 %, PSNR within 0.5 dB) at 72 % of the cost;
        "veryfast" costs half but needs a quarter more space for the same quality
    prores: profile HQ; dnxhr: HQX; both 4:2:2, 10 bits

    Raises:
        ValueError: an odd size.
        CannotWrite: no space, no permission, or the encoder refuses.
    """

    def __init__(
        self,
        path: Path,
        width: int,
        height: int,
        rate: Fraction,
        codec: Codec = "h264",
        *,
        crf: float = 18,
        preset: str = "faster",
    ) -> None:
        if width % 2 or height % 2:
            raise ValueError(f"a film has an even size, not {width}x{height}")
        if codec == "dnxhr" and (width < _DNXHR_LEAST[0] or height < _DNXHR_LEAST[1]):
            why = f"DNxHR has at least {_DNXHR_LEAST[0]}x{_DNXHR_LEAST[1]} pixels and the film {width}x{height}"
            raise CannotWrite(path, why, "write a ProRes master or choose a larger size")
        self.path, self.width, self.height, self.rate, self.frames = path, width, height, rate, 0
        self._temporary = temporary_name(path)
        name, self._format, options = _ENCODER[codec]
        if codec == "h264":
            options = {**options, "preset": preset, "crf": f"{crf:g}"}
        with _writing(path, self._temporary):
            self._container = av.open(f"file:{self._temporary.absolute()}", "w", format=SUFFIX[codec][1:])
            stream = self._container.add_stream(name, rate=rate, options=options)
            assert isinstance(stream, av.video.VideoStream)
            stream.width, stream.height, stream.pix_fmt = width, height, self._format
            stream.time_base = 1 / rate
            context = stream.codec_context
            context.time_base, context.thread_count = 1 / rate, _THREADS
            context.gop_size = max(1, round(rate)) if codec == "h264" else 1
            context.color_range, context.colorspace = LIMITED, BT709
            context.color_primaries, context.color_trc = BT709, BT709
            self._container.start_encoding()
        self._stream = stream

    def write(self, pixels: Pixels) -> None:
        """Appends one frame in a layout of `Frame.pixels`: "rgb", "rgb48", "yuv420" or "yuv422p10", told by its shape.

        Raises:
            ValueError: not the size of this picture.
            CannotWrite: no space.
        """
        frame = _video_frame(pixels, self.width, self.height)
        if frame.format.name != self._format:
            rgb, deep = frame.format.name.startswith("rgb"), pixels.dtype == np.uint16 and self._format == "yuv420p"
            frame = frame.reformat(
                format=DEEP if deep else self._format,
                src_colorspace=BT709,
                dst_colorspace=BT709,
                src_color_range=FULL if rgb else LIMITED,
                dst_color_range=LIMITED,
                interpolation=ACCURATE,
                threads=1,
            )
            if deep:
                frame = av.VideoFrame.from_ndarray(packed(rounded(frame)), "yuv420p")
        frame.color_range, frame.colorspace = LIMITED, BT709
        frame.color_primaries, frame.color_trc = BT709, BT709
        frame.pts, frame.time_base = self.frames, 1 / self.rate
        with _writing(self.path, self._temporary):
            self._container.mux(self._stream.encode(frame))
        self.frames += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            with suppress(Exception):
                self._container.close()
            self._temporary.unlink(missing_ok=True)
            return
        with _writing(self.path, self._temporary):
            self._container.mux(self._stream.encode(None))
            self._container.close()
            _check(self._temporary, self.frames)
            _keep(self._temporary, self.path)


def join_parts(
    parts: Sequence[Path],
    out: Path,
    sound: Iterable[NDArray[np.float32]] | None,
    rate_hz: int = 48000,
    *,
    on_progress: Callable[[int], None] | None = None,
) -> None:
    """Joins parts that a `PictureWriter` wrote into one file, by copying packets, and adds the sound.

    Frame k of the film is shown at exactly k / rate. The sound, blocks (n, 2) float32, is encoded as AAC in .mp4 and as
    24-bit PCM in .mov, interleaved with the picture. The index stands in front, for browsers. The file appears under
    its name when it is complete; on any error nothing is left of it.

    on_progress: called with the number of frames that are in the film so far

    Raises:
        CannotRead: a part is missing or broken, or the parts differ in size, rate or encoding.
        CannotWrite: no space, no permission.
    """
    temporary = temporary_name(out)
    with _writing(out, temporary), opened(parts[0]) as first:
        template = image_stream(first, parts[0])
        container = av.open(
            f"file:{temporary.absolute()}",
            "w",
            format=out.suffix[1:],
            container_options={"movflags": "+faststart"},
        )
        try:
            video = container.add_stream_from_template(template)
            video.time_base = exact(template.time_base)
            tail = None if sound is None else _SoundTail(container, sound, rate_hz, out.suffix == ".mov")
            count = 0
            for packet, end in _joined_packets(parts, template):
                packet.stream = video
                if tail:
                    tail.encode_until(end)
                container.mux(packet)
                count += 1
                if on_progress:
                    on_progress(count)
            if tail:
                tail.encode_until(None)
            container.close()
        except BaseException:
            with suppress(Exception):
                container.close()
            raise
        _check(temporary, count)
        _keep(temporary, out)


class _SoundTail:
    """The sound track of a film being joined: encodes as much as the picture has reached."""

    def __init__(
        self,
        container: av.container.OutputContainer,
        blocks: Iterable[NDArray[np.float32]],
        rate_hz: int,
        uncompressed: bool,
    ) -> None:
        self._container, self._blocks, self._rate_hz, self._samples = container, iter(blocks), rate_hz, 0
        stream = container.add_stream("pcm_s24le" if uncompressed else "aac", rate=rate_hz, layout="stereo")
        assert isinstance(stream, av.audio.AudioStream)
        if not uncompressed:
            stream.bit_rate = _SOUND_BITS_PER_S
        self._stream = stream

    def encode_until(self, time: Fraction | None) -> None:
        """Encodes the blocks that begin before a time of the film; all that are left, and the end, without one."""
        while time is None or Fraction(self._samples, self._rate_hz) < time:
            block = next(self._blocks, None)
            if block is None:
                break
            if len(block):
                self._encode(block)
        if time is None:
            self._container.mux(self._stream.encode(None))

    def _encode(self, block: NDArray[np.float32]) -> None:
        values = np.clip(np.asarray(block, np.float32), -1, 1)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(values).reshape(1, -1), format="flt", layout="stereo")
        frame.sample_rate, frame.pts = self._rate_hz, self._samples
        frame.time_base = Fraction(1, self._rate_hz)
        self._samples += len(block)
        self._container.mux(self._stream.encode(frame))


def _joined_packets(
    parts: Sequence[Path], template: av.video.VideoStream
) -> Iterator[tuple["av.Packet[Any]", Fraction]]:
    """Packets of all parts on one clock, each with the time at which its frame is shown.

    Decoding times are counted anew: packet n is decoded at frame n less the depth to which the encoder reorders. Those
    of the parts do not follow on each other, since a part of one frame knows no reordering.
    """
    base, kind = exact(template.time_base), _kind(template)
    depth, length = template.codec_context.reorder_depth, _frame_ticks(parts[0])
    shown = decoded = 0
    for path in parts:
        begin = int(chapter_times(path).ticks[0])
        with opened(path) as container:
            stream = image_stream(container, path)
            if _kind(stream) != kind or exact(stream.time_base) != base or _frame_ticks(path) != length:
                raise CannotRead(path, "was not made with the settings of the other parts", "render it again")
            start = decoded
            for packet in container.demux(stream):
                if not packet.size:
                    continue
                if packet.pts is None:
                    raise CannotRead(path, "has packets without a time", "render it again")
                packet.pts += shown * length - begin
                packet.dts = (decoded - depth) * length
                packet.duration = length
                if packet.dts > packet.pts:
                    raise CannotRead(path, "reorders its frames further than it says", "render it again")
                decoded += 1
                yield packet, packet.pts * base
        shown += decoded - start


def _frame_ticks(path: Path) -> int:
    """How long each frame of a part is shown, in ticks of its clock."""
    times = chapter_times(path)
    return (times.end - int(times.ticks[0])) // len(times.ticks)


def _kind(stream: av.video.VideoStream) -> tuple[object, ...]:
    context = stream.codec_context
    return context.name, context.width, context.height, context.pix_fmt, context.extradata


def _video_frame(pixels: Pixels, width: int, height: int) -> av.VideoFrame:
    """A frame around pixels in one of the layouts, told by shape and type."""
    shape, wide = pixels.shape, pixels.dtype == np.uint16
    if shape == (height, width, 3):
        return rgb48_frame(pixels) if wide else av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), "rgb24")
    if shape == (height * 3 // 2, width) and not wide:
        return av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), "yuv420p")
    if shape == (height * 2, width) and wide:
        return _frame_422(pixels, width, height)
    raise ValueError(f"a frame of {pixels.dtype} {shape} is no picture of {width}x{height}")


def _frame_422(pixels: Pixels, width: int, height: int) -> av.VideoFrame:
    frame = av.VideoFrame(width, height, "yuv422p10le")
    flat, at = np.ravel(pixels), 0
    for plane, across in zip(frame.planes, (width, width // 2, width // 2), strict=True):
        rows = np.frombuffer(memoryview(plane), np.uint16).reshape(-1, plane.line_size // 2)
        rows[:height, :across] = flat[at : at + across * height].reshape(height, across)
        at += across * height
    return frame


def temporary_name(path: Path) -> Path:
    """Where a file is written until it is complete: hidden, in the same folder, with the same suffix."""
    return path.with_name(f".{path.stem}.unfinished{path.suffix}")


@contextmanager
def _writing(path: Path, temporary: Path) -> Iterator[None]:
    """Turns errors of writing into CannotWrite and takes the unfinished file away on any error."""
    try:
        yield
    except (av.error.FFmpegError, OSError) as error:
        temporary.unlink(missing_ok=True)
        number = getattr(error, "errno", None)
        if number == errno.ENOSPC:
            raise CannotWrite(path, "the disk is full", "free some space and run the same again") from error
        if number in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise CannotWrite(path, "may not be written", "choose a folder you may write to") from error
        why = getattr(error, "strerror", None) or str(error)
        raise CannotWrite(path, f"could not be written ({why})", "check the disk and run it again") from error
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _check(temporary: Path, frames: int) -> None:
    """Opens what was written: a full disk may show only as a file that ends too early.

    Raises:
        OSError: not all frames are in the file.
    """
    try:
        written = len(chapter_times(temporary).ticks)
    except CannotRead as error:
        raise OSError(errno.EIO, str(error)) from None
    if written != frames:
        raise OSError(errno.EIO, f"{written} of {frames} frames arrived")


def _keep(temporary: Path, path: Path) -> None:
    """Makes the finished file last and gives it its name."""
    with temporary.open("rb") as file:
        os.fsync(file.fileno())
    temporary.replace(path)
