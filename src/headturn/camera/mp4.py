"""The index of an MP4 or MOV file: which tracks it has, when each sample is shown and where its bytes lie.

Only the `moov` box is read, never the media itself: a take of an hour costs a few megabytes. Everything is
checked against its bounds, so that a broken file ends in `CannotRead` and nothing else. Files in fragments
(`moof`) are recognised and refused: their index is spread over the file, and demuxing is the way to read it.

Source: ISO/IEC 14496-12 (boxes), QuickTime File Format (timecode media, user data).
"""

import math
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

import numpy as np

from headturn.camera.sample_table import Samples, Ticks, expand
from headturn.errors import CannotRead

MAX_INDEX_BYTES = 1 << 30
"""A day of 4K at 120 frames a second has an index of 300 MB; more is a broken size."""
MAX_SAMPLE_BYTES = 1 << 26
"""Of one telemetry payload: GPMF's own limit for one value is 16.7 MB, real payloads have some 10 kB."""

_EPOCH = datetime(1904, 1, 1, tzinfo=UTC)
_FIRST_BOXES = frozenset(
    (
        b"ftyp",
        b"moov",
        b"mdat",
        b"free",
        b"skip",
        b"wide",
        b"pnot",
        b"uuid",
        b"styp",
        b"moof",
        b"sidx",
        b"prfl",
    )
)
_TEXT = ("FIRM", "LENS")
_HEX = ("CAME", "GUMI", "MUID")
_CURE = "copy it again from the card; if the camera can repair it, let it"
_DEMUX = "the index alone cannot say its frame times, so it has to be demuxed"


@dataclass(frozen=True)
class Edit:
    """One entry of an edit list: `duration` in movie ticks, `start` in media ticks (-1: nothing is shown)."""

    duration: int
    start: int


@dataclass(frozen=True)
class TimecodeStart:
    """What a timecode track says: frames since midnight at its first sample, and how to write them.

    The label count some cameras store beside it is wrong (29 at 30000/1001) and not read.
    """

    frames: int
    rate: Fraction
    drop: bool


@dataclass(frozen=True, eq=False)
class Track:
    """One track.

    handler: "vide", "soun", "tmcd", "meta" ...; codec: fourcc of its first sample description

    timescale: ticks a second of the media; movie_timescale: of the edit list's durations
    rotation_deg: clockwise turn that sets the stored image upright (0, 90, 180, 270)
    matrix: a b u, c d v, x y w as the track header has it
    width, height: of the track header, in pixels (0 for tracks without an image)
    timecode: for a timecode track, where it starts
    """

    path: Path
    id: int
    handler: str
    codec: str
    timescale: int
    movie_timescale: int
    edits: tuple[Edit, ...]
    matrix: tuple[float, ...]
    width: float
    height: float
    timecode: TimecodeStart | None = None
    file_bytes: int = 0
    tables: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    @property
    def rotation_deg(self) -> int:
        """Clockwise turn that sets the stored image upright, to the nearest quarter."""
        return round(math.degrees(math.atan2(self.matrix[1], self.matrix[0])) / 90) * 90 % 360

    @cached_property
    def samples(self) -> Samples:
        """The sample table, expanded when it is first asked for.

        Raises:
            CannotRead: the table contradicts itself.
        """
        try:
            return expand(self.tables, self.file_bytes)
        except (struct.error, ValueError, KeyError, IndexError, OverflowError) as error:
            raise CannotRead(self.path, f"its index is broken ({error})", _CURE) from None


@dataclass(frozen=True, eq=False)
class Movie:
    """What the index of a file says.

    created: UTC as the file claims it (cameras often write local time), None where it has none
    strings: user data by name: FIRM firmware, LENS lens serial number, CAME camera id, MUID and GUMI media
        ids (as hexadecimal), "©mod" and the like
    gpmf: GoPro's own metadata block of the whole file, or nothing
    """

    path: Path
    tracks: tuple[Track, ...]
    created: datetime | None
    strings: Mapping[str, str]
    gpmf: bytes

    def track(self, *, handler: str = "", codec: str = "") -> Track | None:
        """The first track with that handler and codec, where given."""
        fits = (t for t in self.tracks if handler in ("", t.handler) and codec in ("", t.codec))
        return next(fits, None)


def read_tracks(path: Path) -> tuple[Track, ...]:
    """The tracks of an MP4 or MOV file; see `read_movie`."""
    return read_movie(path).tracks


def read_movie(path: Path) -> Movie:
    """The index of an MP4 or MOV file.

    Raises:
        CannotRead: missing, not permitted, empty, no MP4 or MOV, without index, broken, in fragments.
    """
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            index = _find_index(path, file, size)
            try:
                return _parse(path, file, index, size)
            except (struct.error, ValueError, KeyError, IndexError, OverflowError) as error:
                raise CannotRead(path, f"its index is broken ({error})", _CURE) from None
    except OSError as error:
        raise CannotRead(path, f"cannot be read ({error.strerror})", "check the file and its permissions") from None


def ends_early(path: Path) -> bool:
    """Whether an MP4 or MOV file is shorter than its boxes say, or has no index yet: still being copied, or cut off.

    False for files of other kinds, and for such as cannot be read.
    """
    at, indexed = 0, False
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            while at + 8 <= size:
                kind, length, start = _head(file, at, size)
                if length < start or (at == 0 and kind not in _FIRST_BOXES):
                    return False
                indexed |= kind in (b"moov", b"moof")
                at += length
            return at > 0 and (at != size or not indexed)
    except (OSError, struct.error):
        return False


def presentation_ticks(track: Track) -> tuple[Ticks, int]:
    """When each frame is shown (n,), in that order, and when the last one ends, in the media timescale.

    The edit list is applied as FFmpeg applies it: an empty edit delays, the one media edit selects the
    samples whose time lies in it and sets the first of them to the end of the delay. Samples whose bytes
    are missing are dropped, and of several samples with one time all but the first.

    Raises:
        CannotRead: several media edits, or a broken table (a caller demuxes instead).
    """
    samples, order = track.samples, _presented(track)
    if not len(order):
        return np.empty(0, np.int64), 0
    ticks = samples.decode_ticks[order] + samples.shifts[order]
    last = int(ticks[-1] + max(1, samples.durations[order[-1]]))
    delay, media = _edit(track)
    start = delay - int(ticks[0]) if media is not None else 0
    return ticks + start, last + start


def key_frames(track: Track) -> Ticks:
    """Which of the frames, counted as `presentation_ticks` has them, can be decoded without those before them.

    Raises:
        CannotRead: as there.
    """
    return np.flatnonzero(track.samples.keys[_presented(track)])


def _presented(track: Track) -> Ticks:
    """The samples that are shown, in that order."""
    samples = track.samples
    shown = samples.decode_ticks + samples.shifts
    keep = samples.stored.copy()
    _, media = _edit(track)
    if media is not None:
        keep &= shown >= media.start
        if media.duration:
            keep &= shown < media.start + _rescaled(media.duration, track)
    order = np.flatnonzero(keep)[np.argsort(shown[keep], kind="stable")]
    return np.asarray(order[np.unique(shown[order], return_index=True)[1]], np.int64)


def edit_shift(track: Track) -> int:
    """Media ticks that the edit list adds to the time of every sample of a track without reordering.

    0 where the edit list is not an ordinary one (several media edits, or none).
    """
    try:
        delay, media = _edit(track)
    except CannotRead:
        return 0
    return delay - media.start if media is not None else 0


def sample_bytes(path: Path, track: Track) -> Iterator[bytes]:
    """The bytes of each sample of a track, in order; b"" for one that lies beyond the end of the file.

    Raises:
        CannotRead: the file can no longer be read, or its table is broken.
    """
    samples = track.samples
    try:
        with path.open("rb") as file:
            for offset, size, stored in zip(samples.offsets, samples.sizes, samples.stored, strict=True):
                if not stored or size > MAX_SAMPLE_BYTES:
                    yield b""
                    continue
                file.seek(int(offset))
                yield file.read(int(size))
    except OSError as error:
        raise CannotRead(path, f"cannot be read ({error.strerror})", "check the disk it lies on") from None


def _edit(track: Track) -> tuple[int, Edit | None]:
    """How long nothing is shown, in media ticks, and the one media edit."""
    delay, media = 0, None
    for edit in track.edits:
        if edit.start >= 0 and media is not None:
            raise CannotRead(track.path, "plays its media in several pieces (edit list)", _DEMUX)
        if edit.start >= 0:
            media = edit
        elif media is None:
            delay += _rescaled(edit.duration, track)
    return delay, media


def _rescaled(movie_ticks: int, track: Track) -> int:
    """Movie ticks in media ticks, half rounded up as FFmpeg's av_rescale does."""
    return (2 * movie_ticks * track.timescale + track.movie_timescale) // (2 * track.movie_timescale)


def _find_index(path: Path, file: BinaryIO, size: int) -> bytes:
    """The contents of the `moov` box."""
    if size == 0:
        raise CannotRead(path, "is empty", _CURE)
    at = 0
    while at + 8 <= size:
        kind, length, start = _head(file, at, size)
        if at == 0 and kind not in _FIRST_BOXES:
            raise CannotRead(path, "is no MP4 or MOV recording", "leave it out or convert it")
        if kind == b"moof":
            raise CannotRead(path, "is in fragments", _DEMUX)
        if kind == b"moov":
            if at + length > size or not start <= length <= MAX_INDEX_BYTES:
                raise CannotRead(path, "was cut off within its index (moov)", _CURE)
            file.seek(at + start)
            return file.read(length - start)
        if length < start:
            break
        at += length
    raise CannotRead(path, "has no index (moov): the recording was cut off or the file is damaged", _CURE)


def _head(file: BinaryIO, at: int, size: int) -> tuple[bytes, int, int]:
    """Type of the box at a place in a file of that size, its length, and where within it its contents begin."""
    file.seek(at)
    head = file.read(16)
    length, kind = struct.unpack_from(">I4s", head)
    if length == 1 and len(head) == 16:
        return kind, struct.unpack_from(">Q", head, 8)[0], 16
    return kind, length or size - at, 8


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Type and contents of each box in a container box.

    Raises:
        ValueError: a box reaches beyond its container.
    """
    at = 0
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        start = 8
        if length == 0:
            return
        if length == 1:
            length, start = struct.unpack_from(">Q", data, at + 8)[0], 16
        if length < start or at + length > len(data):
            raise ValueError(f"box {kind.decode('latin-1')!r} does not fit")
        yield kind, data[at + start : at + length]
        at += length


def _child(data: bytes, *kinds: bytes) -> bytes:
    """The contents of the first box down a path of types; nothing where there is none."""
    for kind in kinds:
        data = next((inside for name, inside in _boxes(data) if name == kind), b"")
    return data


def _parse(path: Path, file: BinaryIO, index: bytes, size: int) -> Movie:
    boxes = list(_boxes(index))
    if any(kind == b"mvex" for kind, _ in boxes):
        raise CannotRead(path, "is in fragments", _DEMUX)
    header = _child(index, b"mvhd")
    long = header[0] == 1
    seconds = struct.unpack_from(">Q" if long else ">I", header, 4)[0]
    (timescale,) = struct.unpack_from(">I", header, 20 if long else 12)
    tracks = (_parse_track(path, inside, timescale, size) for kind, inside in boxes if kind == b"trak")
    strings, gpmf = _user_data(_child(index, b"udta"))
    return Movie(
        path=path,
        tracks=tuple(_with_timecode(track, file) for track in tracks if track is not None),
        created=_date(seconds),
        strings=strings,
        gpmf=gpmf,
    )


def _date(seconds: int) -> datetime | None:
    """Seconds since 1904 as a date; nothing where the camera's clock was never set (before 1971)."""
    try:
        date = _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return None
    return date if date.year > 1970 else None


def _parse_track(path: Path, trak: bytes, movie_timescale: int, size: int) -> Track | None:
    """A track; nothing for one without media."""
    header, media = _child(trak, b"tkhd"), _child(trak, b"mdia")
    media_header = _child(media, b"mdhd")
    table = dict(_boxes(_child(media, b"minf", b"stbl")))
    if not header or not media_header or b"stsd" not in table:
        return None
    at = 8 if header[0] == 1 else 0
    (number,) = struct.unpack_from(">I", header, 12 + at)
    *matrix, width, height = struct.unpack_from(">9iII", header, 40 + at + (4 if at else 0))
    (timescale,) = struct.unpack_from(">I", media_header, 20 if media_header[0] == 1 else 12)
    if not timescale > 0 or not movie_timescale > 0:
        raise ValueError("a clock without ticks")
    return Track(
        path=path,
        id=number,
        handler=_child(media, b"hdlr")[8:12].decode("latin-1"),
        codec=table[b"stsd"][12:16].decode("latin-1"),
        timescale=timescale,
        movie_timescale=movie_timescale,
        edits=_edits(_child(trak, b"edts", b"elst")),
        matrix=tuple(value / (1 << (30 if place % 3 == 2 else 16)) for place, value in enumerate(matrix)),
        width=width / 65536,
        height=height / 65536,
        file_bytes=size,
        tables={kind.decode("latin-1"): inside for kind, inside in table.items()},
    )


def _edits(elst: bytes) -> tuple[Edit, ...]:
    if not elst:
        return ()
    form = ">Qqi" if elst[0] == 1 else ">Iii"
    (count,) = struct.unpack_from(">I", elst, 4)
    if 8 + count * struct.calcsize(form) > len(elst):
        raise ValueError("edit list cut off")
    entries = struct.iter_unpack(form, elst[8 : 8 + count * struct.calcsize(form)])
    return tuple(Edit(duration, start) for duration, start, _ in entries)


def _with_timecode(track: Track, file: BinaryIO) -> Track:
    """A timecode track with what its description and its first sample say."""
    if track.codec != "tmcd" or not len(track.samples) or not track.samples.stored[0]:
        return track
    flags, ticks, frame_ticks = struct.unpack_from(">III", track.tables["stsd"], 8 + 8 + 8 + 4)
    file.seek(int(track.samples.offsets[0]))
    count = file.read(4)
    if len(count) < 4 or not ticks or not frame_ticks:
        return track
    start = TimecodeStart(int.from_bytes(count, "big", signed=True), Fraction(ticks, frame_ticks), bool(flags & 1))
    return replace(track, timecode=start)


def _user_data(udta: bytes) -> tuple[dict[str, str], bytes]:
    """Strings and GoPro's block out of the user data; as far as it can be read, since nothing hangs on it."""
    strings: dict[str, str] = {}
    gpmf = b""
    try:
        for kind, inside in _boxes(udta):
            name = kind.decode("latin-1")
            if name == "GPMF":
                gpmf = inside
            elif name in _TEXT:
                strings[name] = _text(inside)
            elif name in _HEX and any(inside):
                strings[name] = inside.hex()
            elif name[0] == "©" and len(inside) > 4:
                strings[name] = _text(inside[4 : 4 + int.from_bytes(inside[:2], "big")])
    except (ValueError, struct.error):
        pass
    return {name: text for name, text in strings.items() if text}, gpmf


def _text(data: bytes) -> str:
    text = data.split(b"\0", 1)[0].decode("utf-8", errors="replace").strip()
    return text if text.isprintable() else ""
