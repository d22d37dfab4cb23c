"""Frames out of a clip, in order of presentation, each with its exact index and time."""

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, Literal

import av
import av.container
import av.video
import numpy as np
from av.video.reformatter import Interpolation, VideoReformatter
from numpy.typing import NDArray

from headturn.camera.media.colour import BT709, FULL, LIMITED, conversion, scaler_matrix, to_bt709
from headturn.camera.media.container import MediaError, exact, image_stream, opened
from headturn.camera.media.times import chapter_times, frame_times, joined_times
from headturn.camera.take import Clip, ImageTrack

Layout = Literal["gray", "rgb", "rgb48", "yuv420", "yuv422p10"]
Pixels = NDArray[Any]

FORMATS: Final[dict[Layout, str]] = {
    "gray": "gray",
    "rgb": "rgb24",
    "rgb48": "rgb48le",
    "yuv420": "yuv420p",
    "yuv422p10": "yuv422p10le",
}
"""FFmpeg's pixel format of each layout."""
DEEP: Final = "yuv420p16le"
"""What deeper pictures are made into before `rounded` makes them "yuv420": swscale would lay a pattern of dither over
them, eight pixels wide, whose grain told frames of a seam from those beside it (noise of a still wall 0.34 codes as
filmed, 2.7 so)."""
ACCURATE: Final = (
    Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT | Interpolation.FULL_CHR_H_INP
)
"""swscale's flags for pictures: colours within 1.5 codes of the formulae; its fast paths are off by 3."""
_LUMA_ALONE = 5
"""swscale takes a grey image to be BT.601: with that as matrix on both sides it hands luma through, with any other it
goes by way of RGB and comes back with another luma."""
_READ_ON = 12
"""Frames apart up to which decoding on costs less than seeking and decoding from a key frame again."""
_BACK_S = 2.0
"""How much further back to look when a seek did not land on a key frame before the one wanted; doubled each time."""


def covering(image: ImageTrack, width: int, height: int, *, step: int = 2) -> tuple[int, int]:
    """The size to which the upright image is scaled so that it covers `width` x `height`.

    What is more than that is cropped, half on each side; it is rounded to a multiple of `step` so that the crop
    falls on whole pixels (4 for subsampled colour).
    """
    scale = max(Fraction(width, image.width), Fraction(height, image.height))
    across, down = image.width * scale - width, image.height * scale - height
    return width + step * round(across / step), height + step * round(down / step)


class _Darkroom:
    """Turns decoded frames of one clip into upright pixels; keeps swscale's tables from frame to frame."""

    def __init__(self, image: ImageTrack) -> None:
        self.image = image
        self._scalers: dict[tuple[int, int, str], VideoReformatter] = {}
        self._wide = bool(conversion(image.colour))

    def develop(self, frame: av.VideoFrame, layout: Layout, width: int | None, height: int | None) -> Pixels:
        width, height = self._size(width, height)
        planar = layout in ("yuv420", "yuv422p10")
        if planar and (width % 2 or height % 2):
            raise ValueError(f"{layout} has even sizes, not {width}x{height}")
        turns = self.image.rotation_deg // 90
        if layout == "yuv422p10" and turns % 2:  # its chroma is narrower one way only, so it cannot be turned
            return subsampled(self.develop(frame, "rgb48", width, height))
        scaled = covering(self.image, width, height, step=4 if planar else 2)
        stored = scaled[::-1] if turns % 2 else scaled
        if layout == "yuv420" and self._deep(frame):
            planes = rounded(self._scaled(frame, DEEP, *stored))
        else:
            planes = _planes(self._scaled(frame, FORMATS[layout], *stored), layout)
        planes = [np.rot90(plane, -turns) for plane in planes]
        planes = [_cropped(plane, _plane_size(layout, number, width, height)) for number, plane in enumerate(planes)]
        if layout == "rgb48":
            return _to_full_scale(planes[0])
        if not planar:
            return np.array(planes[0], order="C")
        return packed(planes)

    def _deep(self, frame: av.VideoFrame) -> bool:
        return self._wide or any(component.bits > 8 for component in frame.format.components)

    def _size(self, width: int | None, height: int | None) -> tuple[int, int]:
        image = self.image
        if width is None and height is None:
            return image.width, image.height
        if width is None and height is not None:
            width = max(2, 2 * round(image.width * height / image.height / 2))
        if height is None and width is not None:
            height = max(2, 2 * round(image.height * width / image.width / 2))
        assert width is not None and height is not None
        return width, height

    def _scaled(self, frame: av.VideoFrame, form: str, width: int, height: int) -> av.VideoFrame:
        colour = self.image.colour
        matrix, full = scaler_matrix(colour), colour.full_range
        scaler = self._scalers.setdefault((width, height, form), VideoReformatter())
        if form == "gray":
            smaller = width < frame.width or height < frame.height
            return scaler.reformat(
                frame,
                width,
                height,
                form,
                src_colorspace=_LUMA_ALONE,
                dst_colorspace=_LUMA_ALONE,
                src_color_range=FULL if full else LIMITED,
                dst_color_range=FULL,
                interpolation="AREA" if smaller else "BILINEAR",
                threads=1,
            )
        if self._wide:
            frame, matrix, full = to_bt709(frame, colour), BT709, True
        return scaler.reformat(
            frame,
            width,
            height,
            form,
            src_colorspace=matrix,
            dst_colorspace=BT709,
            src_color_range=FULL if full else LIMITED,
            dst_color_range=FULL if form.startswith("rgb") else LIMITED,
            interpolation=ACCURATE,
            threads=1,
        )


@dataclass(frozen=True, eq=False)
class Frame:
    """One decoded frame. index: its number in the clip; time: when it is shown, in seconds on the clip's clock."""

    index: int
    time: Fraction
    _decoded: av.VideoFrame = field(repr=False)
    _darkroom: _Darkroom = field(repr=False)

    def pixels(self, layout: Layout, width: int | None = None, height: int | None = None) -> Pixels:
        """The image upright, with square pixels, scaled to cover `width` x `height` and cropped about its middle.

        Without sizes it has its own; with one of them the other follows from its shape.

        layout:
            "gray" (h, w) uint8: luma, full range, as the file has it: for vision, cheap
            "rgb" (h, w, 3) uint8, "rgb48" (h, w, 3) uint16: full-range BT.709
            "yuv420" (h * 3/2, w) uint8: limited-range BT.709, the planes Y, U, V one after the other
            "yuv422p10" (h * 2, w) uint16: the same with 10 bits and chroma of half width, full height

        Raises:
            ValueError: an odd size with one of the yuv layouts.
        """
        return self._darkroom.develop(self._decoded, layout, width, height)


def frames(clip: Clip, start: int = 0, stop: int | None = None, *, threads: int = 1) -> Generator[Frame]:
    """The frames `start` to `stop` (not included) of a clip, decoded, in order of presentation, across chapters.

    Indices are those of `frame_times`. A frame that cannot be decoded is absent, the rest goes on. Files are closed
    when the generator is. threads: of the decoder; 0 takes all processors.

    Raises:
        CannotRead: a file of the clip is gone or can no longer be opened.
    """
    count = len(frame_times(clip))
    yield from _in_chapters(clip, [(start, count if stop is None else min(stop, count))], threads)


def frames_at(clip: Clip, indices: Iterable[int]) -> Generator[Frame]:
    """The frames of these indices, each once, in order of presentation; those the clip does not have are absent.

    Each file is opened once, and decoded from the key frame before a wanted frame, or read on where the next one is
    near. Otherwise as `frames`.
    """
    wanted = sorted(set(indices))
    runs: list[tuple[int, int]] = []
    for index in wanted:
        if runs and index - runs[-1][1] < _READ_ON:
            runs[-1] = runs[-1][0], index + 1
        else:
            runs.append((index, index + 1))
    among = set(wanted)
    for frame in _in_chapters(clip, runs, 1):
        if frame.index in among:
            yield frame


def _in_chapters(clip: Clip, runs: Sequence[tuple[int, int]], threads: int) -> Generator[Frame]:
    """The frames of runs (start, stop) of indices, in order, without overlap."""
    times, firsts = frame_times(clip), joined_times(clip.files)[1]
    darkroom = _Darkroom(clip.image)
    ends = (*firsts[1:], len(times))
    for path, first, end in zip(clip.files, firsts, ends, strict=True):
        cut = [(max(start, first) - first, min(stop, end) - first) for start, stop in runs]
        for number, decoded in _decoded(path, [(low, high) for low, high in cut if low < high], threads):
            index = first + number
            yield Frame(index, times[index], decoded, darkroom)


def key_frames(clip: Clip, count: int) -> Iterator[Frame]:
    """Up to `count` key frames spread evenly over the clip, of which nothing but these is decoded."""
    times, firsts = frame_times(clip), joined_times(clip.files)[1]
    darkroom = _Darkroom(clip.image)
    wanted = sorted({(2 * k + 1) * len(times) // (2 * count) for k in range(count)})
    ends = (*firsts[1:], len(times))
    for path, first, end in zip(clip.files, firsts, ends, strict=True):
        for number, decoded in _decoded_keys(path, [index - first for index in wanted if first <= index < end]):
            yield Frame(first + number, times[first + number], decoded, darkroom)


def _decoded(path: Path, runs: Sequence[tuple[int, int]], threads: int) -> Iterator[tuple[int, av.VideoFrame]]:
    """The frames of runs (low, high) of one file, with their numbers."""
    if not runs:
        return
    times = chapter_times(path)
    ticks = times.ticks
    with opened(path, indexed=times.indexed) as container:
        stream = image_stream(container, path)
        stream.codec_context.thread_count = threads
        if threads != 1:
            stream.thread_type = "AUTO"
        for low, high in runs:
            last = low - 1
            for number, frame in _numbered(container, stream, ticks, low):
                if number >= high:
                    break
                if number > last:
                    last = number
                    yield number, frame
                if number == high - 1:  # not only at the next one, which would be decoded for nothing
                    break


def _decoded_keys(path: Path, wanted: Sequence[int]) -> Iterator[tuple[int, av.VideoFrame]]:
    """The key frame before each of the wanted frames of one file, each once, with their numbers."""
    if not wanted:
        return
    times = chapter_times(path)
    ticks = times.ticks
    with opened(path, indexed=times.indexed) as container:
        stream = image_stream(container, path)
        stream.codec_context.thread_count = 1
        stream.codec_context.skip_frame = "NONKEY"
        last = -1
        for index in wanted:
            packets = _packets(container, stream, int(ticks[0]), int(ticks[index]))
            number, frame = next(_known(_alone(packets, stream), ticks), (last, None))
            if frame is not None and number > last:
                last = number
                yield number, frame


def _numbered(
    container: av.container.InputContainer, stream: av.video.VideoStream, ticks: NDArray[np.int64], low: int
) -> Iterator[tuple[int, av.VideoFrame]]:
    """Frames from a key frame before number `low` on, with their numbers."""
    return _known(_frames_of(_packets(container, stream, int(ticks[0]), int(ticks[low]))), ticks)


def _known(frames: Iterator[av.VideoFrame], ticks: NDArray[np.int64]) -> Iterator[tuple[int, av.VideoFrame]]:
    """Frames with their numbers, up to the last one; those that the index lacks are left out."""
    for frame in frames:
        if frame.pts is None:
            continue
        number = int(np.searchsorted(ticks, frame.pts))
        if number < len(ticks) and ticks[number] == frame.pts:
            yield number, frame
        elif number == len(ticks):
            return


def _packets(
    container: av.container.InputContainer, stream: av.video.VideoStream, first: int, target: int
) -> "Iterator[av.Packet[Any]]":
    """Packets from a key frame that is shown no later than `target`; from the beginning where no seek finds one.

    Where a seek lands differs from container to container (some seek by decoding time), so it is looked at.
    """
    base = exact(stream.time_base)
    back = 0
    while target > first:
        try:
            container.seek(max(first, target - back), stream=stream)
            packets = container.demux(stream)
            head = next(packets, None)
        except MediaError:
            break
        time = None if head is None else head.dts if head.pts is None else head.pts
        if head is not None and time is not None and head.is_keyframe and time <= target:
            yield head
            with suppress(*MediaError):  # the file breaks off: what came before it counts
                yield from packets
            return
        if target - back <= first:
            break
        back = max(2 * back, int(_BACK_S / base))
    with suppress(*MediaError):
        if target > first:
            container.seek(first, stream=stream)
        yield from container.demux(stream)


def _frames_of(packets: "Iterator[av.Packet[Any]]") -> Iterator[av.VideoFrame]:
    """What can be decoded of the packets; damaged ones are passed over."""
    for packet in packets:
        try:
            yield from packet.decode()
        except MediaError:
            continue


def _alone(packets: "Iterator[av.Packet[Any]]", stream: av.video.VideoStream) -> Iterator[av.VideoFrame]:
    """The frames of key packets, each drained at once: a decoder that reorders would first ask for two more of them."""
    for packet in packets:
        if not packet.is_keyframe:
            continue
        try:
            decoded = [*packet.decode(), *stream.codec_context.decode(None)]
        except MediaError:
            decoded = []
        stream.codec_context.flush_buffers()
        yield from decoded


def rgb48_frame(pixels: Pixels) -> av.VideoFrame:
    """A frame for swscale around a picture (h, w, 3) uint16 whose white is 65535."""
    return av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels - (pixels >> 8)), "rgb48le")


def _to_full_scale(pixels: Pixels) -> Pixels:
    """swscale's 16-bit RGB, whose white is 255 * 256, with white at 65535."""
    clipped = np.minimum(pixels, 0xFF00)
    return np.ascontiguousarray(clipped + (clipped >> 8))


def subsampled(rgb48: Pixels) -> Pixels:
    """The layout "yuv422p10" of an upright picture (h, w, 3) in the layout "rgb48"."""
    frame = rgb48_frame(rgb48)
    made = frame.reformat(
        format="yuv422p10le",
        src_colorspace=BT709,
        dst_colorspace=BT709,
        src_color_range=FULL,
        dst_color_range=LIMITED,
        interpolation=ACCURATE,
        threads=1,
    )
    return packed(_planes(made, "yuv422p10"))


def packed(planes: Sequence[Pixels]) -> Pixels:
    """Planes one after the other, as wide as the first: the layouts "yuv420" and "yuv422p10"."""
    return np.concatenate([np.ravel(plane) for plane in planes]).reshape(-1, planes[0].shape[1])


def rounded(deep: av.VideoFrame) -> list[Pixels]:
    """The planes, 8 bits deep, of a frame in the format DEEP."""
    return [(np.minimum(plane, 0xFF7F) + np.uint16(0x80) >> 8).astype(np.uint8) for plane in _planes(deep, "deep")]


def _planes(frame: av.VideoFrame, layout: Layout | Literal["deep"]) -> list[Pixels]:
    """Views of the planes of a frame."""
    kind = np.uint16 if layout in ("rgb48", "yuv422p10", "deep") else np.uint8
    channels = 3 if "rgb" in layout else 1
    views = []
    for plane in frame.planes[: 1 if layout in ("gray", "rgb", "rgb48") else 3]:
        rows = np.frombuffer(memoryview(plane), kind).reshape(-1, plane.line_size // np.dtype(kind).itemsize)
        view = rows[: plane.height, : plane.width * channels]
        views.append(view.reshape(plane.height, plane.width, 3) if channels == 3 else view)
    return views


def _plane_size(layout: Layout, number: int, width: int, height: int) -> tuple[int, int]:
    if number == 0:
        return width, height
    return width // 2, height // 2 if layout == "yuv420" else height


def _cropped(plane: Pixels, size: tuple[int, int]) -> Pixels:
    left, top = (plane.shape[1] - size[0]) // 2, (plane.shape[0] - size[1]) // 2
    return plane[top : top + size[1], left : left + size[0]]
