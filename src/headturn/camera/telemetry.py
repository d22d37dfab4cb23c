"""Telemetry of a clip: what the camera's sensors recorded, on the clip's clock and in camera axes.

The front door. GoPro's own track is read by `mp4`, `gpmf` and `gopro`: only the index and the payloads are touched,
so an hour of 4K costs a few megabytes. Sidecar gyro logs are read by `gcsv`; other makes through the
`telemetry-parser` package, where it is installed.

Corruption: values beyond a sensor's range, impossible jumps, gaps and counts that do not fit are reported in
`Telemetry.warnings`. A flipped bit that leaves a plausible value cannot be seen here, only a checksum made when the
card was copied can tell.
"""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from headturn.camera import mp4
from headturn.camera.gcsv import read_gcsv
from headturn.camera.gopro import STREAM_KEYS, Chapter, field_of_view, telemetry
from headturn.camera.gpmf import Device, Payload, read_payload, split_payloads
from headturn.camera.other_makes import read_other
from headturn.camera.sensors import Stream, Telemetry, joined
from headturn.errors import CannotRead

__all__ = ["Stream", "Telemetry", "field_of_view_of", "read", "read_raw"]

RAW_PAYLOAD_S = 1.001
"""GoPro cuts its payloads at this length (30 frames at 30000/1001); assumed where no container says."""
MAX_RAW_BYTES = 1 << 30
"""A raw file beyond this is none: an hour of payloads has 25 MB."""


def read(files: Sequence[Path], chapter_starts: Sequence[Fraction]) -> Telemetry | None:
    """The telemetry of one clip, or None where it has none.

    `files` are its chapters and `chapter_starts` where each one's first frame lies on the clip's clock (first frame
    of the clip at 0). A `.gcsv` beside a file is read where the file itself holds nothing. What is broken ends up
    in `warnings`; nothing is raised for it.
    """
    found = _read_gopro(files, chapter_starts)
    if found is not None:
        return found
    logs = [(log, start) for file, start in zip(files, chapter_starts, strict=True) if (log := _sidecar(file))]
    if logs:
        return _read_logs(logs)
    return read_other(files[0]) if len(files) == 1 else None


def field_of_view_of(file: Path) -> tuple[str, float | None]:
    """The field of view as the camera named it, "" where it did not, and across the diagonal in radians or None."""
    try:
        return field_of_view(read_payload(mp4.read_movie(file).gpmf).devices)
    except CannotRead:
        return "", None


def read_raw(path: Path) -> Telemetry:
    """Telemetry from a file of GPMF payloads without a container: there is no image to it.

    Its clock starts with the first payload.

    Raises:
        CannotRead: no such file, or not one payload in it.
    """
    cure = "give the recording itself"
    try:
        if path.stat().st_size > MAX_RAW_BYTES:
            raise CannotRead(path, "is too long to be raw telemetry", cure)
        data = path.read_bytes()
    except OSError as error:
        raise CannotRead(path, f"cannot be read ({error.strerror})", cure) from None
    payloads = [read_payload(part, STREAM_KEYS) for part in split_payloads(data)]
    if not any(payload.devices for payload in payloads):
        raise CannotRead(path, "holds no telemetry", cure)
    return telemetry([Chapter(payloads, None, np.full(len(payloads), RAW_PAYLOAD_S))])


def _read_gopro(files: Sequence[Path], chapter_starts: Sequence[Fraction]) -> Telemetry | None:
    chapters: list[Chapter] = []
    settings: tuple[Device, ...] = ()
    firmware, lost = "", 0
    for file, start in zip(files, chapter_starts, strict=True):
        try:
            movie = mp4.read_movie(file)
            chapter = _chapter(movie, start)
        except CannotRead:
            continue
        settings = settings or read_payload(movie.gpmf).devices
        firmware = firmware or movie.strings.get("FIRM", "")
        if chapter is not None:
            chapters.append(chapter)
            lost += sum(not payload.devices for payload in chapter.payloads)
    if not chapters:
        return None
    result = telemetry(chapters, settings, firmware)
    said = (f"{lost} payloads of the telemetry hold nothing or lie beyond the end of the file.",) if lost else ()
    return replace(result, warnings=(*said, *result.warnings))


def _chapter(movie: mp4.Movie, start: Fraction) -> Chapter | None:
    """The payloads of one file on the clip's clock; None where it has no GPMF track."""
    track = movie.track(codec="gpmd")
    if track is None or not len(track.samples):
        return None
    payloads: list[Payload] = [read_payload(data, STREAM_KEYS) for data in mp4.sample_bytes(movie.path, track)]
    shown = (track.samples.decode_ticks + track.samples.shifts + mp4.edit_shift(track)) / track.timescale
    times = shown - _first_frame_s(movie) + float(start)
    return Chapter(payloads, times, track.samples.durations / track.timescale)


def _first_frame_s(movie: mp4.Movie) -> float:
    """When the first frame is shown on the file's own clock; 0 where its index cannot say."""
    image = movie.track(handler="vide")
    if image is None:
        return 0.0
    try:
        ticks, _ = mp4.presentation_ticks(image)
    except CannotRead:
        return 0.0
    return int(ticks[0]) / image.timescale if len(ticks) else 0.0


def _sidecar(file: Path) -> Path | None:
    """The gyro log of the same name, if there is one."""
    return next((log for log in (file.with_suffix(".gcsv"), file.with_suffix(".GCSV")) if log.is_file()), None)


def _read_logs(logs: Sequence[tuple[Path, Fraction]]) -> Telemetry:
    """The gyro logs of a clip's chapters as one."""
    read_ones: list[tuple[Telemetry, float]] = []
    warnings: list[str] = []
    for log, start in logs:
        try:
            read_ones.append((read_gcsv(log), float(start)))
        except CannotRead as error:
            warnings.append(str(error))
    if not read_ones:
        return Telemetry("gcsv", warnings=tuple(warnings))

    def chain(streams: Sequence[tuple[Stream | None, float]]) -> Stream | None:
        pieces = [(stream.times_s + start, stream.values) for stream, start in streams if stream is not None]
        return Stream(*joined(pieces)) if pieces else None

    first = read_ones[0][0]
    return replace(
        first,
        gyro=chain([(one.gyro, start) for one, start in read_ones]),
        accelerometer=chain([(one.accelerometer, start) for one, start in read_ones]),
        warnings=(*warnings, *(said for one, _ in read_ones for said in one.warnings)),
    )
