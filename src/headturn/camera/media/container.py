"""Opening files: one place where FFmpeg's errors become sentences."""

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.container
import av.error
import av.video
from av.rational import AVRational

from headturn.camera.mp4 import read_movie
from headturn.errors import CannotRead, NoImage

MediaError = (av.error.FFmpegError, OSError, ValueError)
"""What PyAV raises for a file it cannot follow."""

IMAGE_DEMUXERS = "mov,avi,matroska,webm,mpegts,mpeg,mxf,asf,flv,dv,ogg"
"""Recordings only: text (subtitles, playlists that name other files or the network) is never taken for one."""
SOUND_DEMUXERS = "wav,w64"
_LENIENT: dict[str, Any] = {"metadata_errors": "ignore"} if int(av.__version__.split(".")[0]) < 19 else {}
"""PyAV 18 refuses files with odd letters in their metadata unless told otherwise; 19 never does, nor has the option."""
_CURE = "copy it again from the card, or leave it out"
_HEAD_BYTES = 512


_INDEXED: dict[str, str] = {"probesize": "32"}
"""Nothing is decoded to learn what the index tells anyway: of a 1080p recording that takes as long as 6 frames."""


@contextmanager
def opened(
    path: Path, demuxers: str = IMAGE_DEMUXERS, *, indexed: bool = False
) -> Iterator[av.container.InputContainer]:
    """A recording, opened read-only and closed again.

    demuxers: of FFmpeg, what it may be; indexed: it is known to have an index (MP4, MOV) that tells of its tracks

    Raises:
        CannotRead: missing, not permitted, empty, cut off, damaged, or no recording at all.
        NoImage: telemetry without a container.
    """
    options = {"format_whitelist": demuxers, "protocol_whitelist": "file", **(_INDEXED if indexed else {})}
    try:
        container: av.container.InputContainer = av.open(
            f"file:{path.absolute()}", mode="r", container_options=options, **_LENIENT
        )
    except MediaError as error:
        raise _unreadable(path, error) from None
    with container:
        yield container


def image_stream(container: av.container.InputContainer, path: Path) -> av.video.VideoStream:
    """The first video track that is no cover picture.

    Raises:
        NoImage: there is none.
    """
    for stream in container.streams.video:
        if not stream.disposition & av.stream.Disposition.attached_pic and stream.codec_context is not None:
            return stream
    holds = ", ".join(sorted({str(stream.type) for stream in container.streams if stream.type}))
    raise NoImage(path, f"has no video track (it holds: {holds or 'nothing'})", "leave it out")


def exact(ratio: Fraction | AVRational | None) -> Fraction:
    """A ratio of PyAV (18 has fractions or None, 19 a type of its own) as a Fraction; 1 where it says nothing."""
    return Fraction(ratio.numerator, ratio.denominator) if ratio and ratio.denominator else Fraction(1)


def _unreadable(path: Path, error: BaseException) -> CannotRead:
    """What is wrong with a file that FFmpeg does not open, from its first bytes and its index."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except FileNotFoundError:
        return CannotRead(path, "is not there", "check the path")
    except PermissionError:
        return CannotRead(path, "may not be read (permission denied)", "ask for read permission")
    except OSError as problem:
        return CannotRead(path, f"cannot be read ({problem.strerror})", "check the disk it lies on")
    if not head:
        return CannotRead(path, "is empty", _CURE)
    if head[:4] == b"DEVC":
        return NoImage(path, "holds telemetry but no image", "give the recording it was taken from")
    if _is_text(head):
        return CannotRead(path, "is a text file, no recording", "leave it out")
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"):
        try:
            read_movie(path)
        except CannotRead as reason:
            return reason
    said = getattr(error, "strerror", None) or str(error)
    return CannotRead(path, f"is no recording, or is damaged ({said})", _CURE)


def _is_text(head: bytes) -> bool:
    try:
        text = head[: _HEAD_BYTES - 4].decode("utf-8")
    except UnicodeDecodeError:
        return False
    return all(letter.isprintable() or letter in "\r\n\t" for letter in text)
