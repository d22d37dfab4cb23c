"""OpenTimelineIO: the cut as film.otio, for any editing system that reads it.

What is carried: one hard cut for each splice, every clip with the whole of its file as handles, splices as markers
on the timeline, and all that headturn knows in metadata["headturn"]. What cannot be carried is rendered only in the
picture: the rotation, colour and morph of a seam.
"""

import os
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote_to_bytes

import opentimelineio as otio
from opentimelineio.opentime import RationalTime, TimeRange

from headturn.camera.take import Take
from headturn.clock import FrameTimes, rate_name
from headturn.edit.cut import Cut, Segment, Splice, Verdict
from headturn.errors import CannotWrite

FIRST_HOUR_S = 3600
"""A film's own timecode starts at 01:00:00:00, the custom of editing rooms."""

COLOURS: dict[Verdict, str] = {"seamless": "GREEN", "workable": "YELLOW", "visible": "RED"}
"""Marker colours, from those that every host knows."""


@dataclass(frozen=True)
class _Part:
    """The stretch of a segment that lies in one file.

    chapter: index of the file; first: index of its first frame in the clip; until: index after its last frame
    start, stop: film frames; source: index in the clip of the frame shown at `start`
    """

    chapter: int
    first: int
    until: int
    start: int
    stop: int
    source: int


def timeline(
    cut: Cut, takes: Mapping[str, Take], times: Mapping[str, FrameTimes], folder: Path
) -> otio.schema.Timeline:
    """The cut as an OpenTimelineIO timeline that is to lie in `folder`.

    takes, times: the takes of the cut and their clips' frame times, by take id. A clip's source range counts frames
    of its file at the file's own rate, from the file's timecode where it has one, else from 0. Where a recording
    has chapters, each clip names the one file it lies in.
    """
    image = otio.schema.Track("V1", kind=otio.schema.TrackKind.Video)
    sound = otio.schema.Track("A1", kind=otio.schema.TrackKind.Audio)
    for index, segment in enumerate(cut.segments):
        take = takes[segment.take]
        for part in _parts(cut, index, take, times[segment.take]):
            clip = _clip(cut, segment, take, part, folder)
            image.append(clip)
            sound.append(clip.deepcopy() if take.clip.sound else otio.schema.Gap(source_range=clip.source_range))
    rate = float(cut.rate)
    film = otio.schema.Timeline(
        _text(cut.title),
        global_start_time=RationalTime(FIRST_HOUR_S * round(cut.rate), rate),
        metadata={"headturn": _film_facts(cut)},
    )
    film.tracks.append(image)
    if any(takes[segment.take].clip.sound for segment in cut.segments):
        film.tracks.append(sound)
    for number, splice in enumerate(cut.splices, 1):
        film.tracks.markers.append(_marker(splice, number, rate))
    return film


def write(film: otio.schema.Timeline, path: Path) -> None:
    """Write the timeline to `path`, which appears only when it is whole.

    Raises:
        CannotWrite: no space, no permission.
    """
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        with unfinished.open("w", encoding="utf-8") as file:
            file.write(film.to_json_string(indent=2))
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except BaseException as error:
        unfinished.unlink(missing_ok=True)
        if not isinstance(error, OSError):
            raise
        reason = (error.strerror or str(error)).lower()
        raise CannotWrite(path, reason, "make room or choose another folder") from error


def source_frame_of(clip: otio.schema.Clip) -> tuple[Path, int]:
    """The file a clip names, as its URL says it, and the index in that file of the first frame it shows."""
    reference = clip.media_reference
    start = clip.source_range.start_time - reference.available_range.start_time
    url = reference.target_url.removeprefix("file://")
    return Path(os.fsdecode(unquote_to_bytes(url))), round(start.value)


def _parts(cut: Cut, index: int, take: Take, times: FrameTimes) -> list[_Part]:
    """The segment, split where its take's recording goes on in the next file."""
    segment = cut.segments[index]

    def shown(frame: int) -> int:
        return times.nearest(cut.source_time(index, frame))

    firsts = [times.nearest(start) for start in take.clip.chapter_starts]
    parts = []
    for chapter, (first, until) in enumerate(zip(firsts, [*firsts[1:], len(times)], strict=True)):
        film = range(segment.start, segment.stop)
        start = film.start + bisect_left(film, first, key=shown) if chapter else film.start
        stop = film.start + bisect_left(film, until, key=shown) if until < len(times) else film.stop
        if start < stop:
            parts.append(_Part(chapter, first, until, start, stop, shown(start)))
    return parts


def _clip(cut: Cut, segment: Segment, take: Take, part: _Part, folder: Path) -> otio.schema.Clip:
    file, media_rate = take.clip.files[part.chapter], take.clip.image.rate
    rate = float(media_rate)
    timecode = round(take.clip.timecode.seconds * media_rate) if take.clip.timecode else 0
    length = (part.stop - part.start) * media_rate / cut.rate
    reference = otio.schema.ExternalReference(
        target_url=_url(file, folder),
        available_range=TimeRange(
            RationalTime(timecode + part.first, rate), RationalTime(part.until - part.first, rate)
        ),
        metadata={"headturn": {"clip": take.clip.id, "chapter": part.chapter + 1}},
    )
    reference.name = _text(file.name)
    return otio.schema.Clip(
        _text(file.name),  # hosts find the media by this name
        reference,
        TimeRange(RationalTime(timecode + part.source, rate), RationalTime(float(length), rate)),
        metadata={"headturn": _take_facts(cut, segment, take, part)},
    )


def _marker(splice: Splice, number: int, rate: float) -> otio.schema.Marker:
    """One splice on the film's own time; its name and comment repeat what hosts that drop metadata would lose."""
    return otio.schema.Marker(
        f"{_seam_id(number)} {splice.verdict} {splice.cost:.2f}",
        TimeRange(RationalTime(splice.frame, rate), RationalTime(1, rate)),
        COLOURS[splice.verdict],
        {
            "headturn": {
                "seam": _seam_id(number),
                "frame": splice.frame,
                "verdict": splice.verdict,
                "cost": splice.cost,
                "hiding": splice.seam.hiding,
                "reasons": [_text(reason) for reason in splice.reasons],
            }
        },
        f"{splice.verdict}: {_text('; '.join(splice.reasons))}" if splice.reasons else splice.verdict,
    )


def _seam_id(number: int) -> str:
    return f"S{number:03d}"


def _film_facts(cut: Cut) -> dict[str, Any]:
    return {"rate": str(cut.rate), "width": cut.width, "height": cut.height, "frames": cut.frames}


def _take_facts(cut: Cut, segment: Segment, take: Take, part: _Part) -> dict[str, Any]:
    at = segment.source.start - segment.start / cut.rate
    facts: dict[str, Any] = {
        "take": take.id,
        "name": _text(segment.name),
        "slate": _text(str(take.slate)) if take.slate else "",
        "performer": _text(take.performer),
        "in": str(at + part.start / cut.rate),
        "out": str(at + part.stop / cut.rate),
        "film_frame": part.start,
        "film_frames": part.stop - part.start,
    }
    if take.clip.timecode:
        facts["timecode"] = str(take.clip.timecode.plus(Fraction(part.source) / take.clip.image.rate))
    if take.clip.image.rate != cut.rate:
        facts["conform"] = _conform(take.clip.image.rate, cut.rate)
    if take.clip.image.variable_rate:
        facts["variable_rate"] = "the range counts the file's frames; their times are not even"
    return facts


def _conform(media: Fraction, film: Fraction) -> str:
    return f"{rate_name(media)} shown at {rate_name(film)} frames a second by nearest frame time"


def _url(file: Path, folder: Path) -> str:
    """Percent-encoded, relative to the folder where there is a way from it to the file, else a file: URL."""
    place = Path(os.path.realpath(file.parent)) / file.name
    try:
        return quote(os.fsencode(Path(os.path.relpath(place, os.path.realpath(folder))).as_posix()))
    except ValueError:  # another drive
        return place.as_uri()


def _text(text: str) -> str:
    """The text in valid UTF-8: a file name may hold bytes that are none."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
