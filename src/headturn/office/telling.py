"""What the report and the terminal tell of a finished film, gathered from its parts."""

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from headturn.camera import media
from headturn.camera.take import Take
from headturn.clock import clock_name, rate_name
from headturn.edit.cut import Cut
from headturn.head.moments import frame_for_frame
from headturn.head.rush import Rush
from headturn.head.turns import describe
from headturn.office import watching
from headturn.office.charts import MotionTrack, SegmentMark, SpliceMark, TurnMark
from headturn.office.made import Made
from headturn.office.page import Still
from headturn.office.report import FilmReport, TakeLine, UnusedLine
from headturn.office.splice import AROUND_SPLICE, JoinPage, Stills, frames_around, join_page
from headturn.review import steadied

STRIP_STILLS = 16
"""Frames of the film on its strip, beside those at the splices: enough to read a sequence, small enough to send. They
are key frames, one a second at most: any other costs the decoding of half a second."""


def take_table(cut: Cut, takes: Mapping[str, Take], folder: Path) -> dict[str, Any]:
    """The files behind the take ids of a cut, for people and other programs; the cut itself does not need it."""
    return {
        id: {
            "name": takes[id].name,
            "files": [
                Path(os.path.relpath(file.resolve(), folder.resolve())).as_posix() for file in takes[id].clip.files
            ],
            "rate": str(takes[id].clip.image.rate),
            "timecode": str(takes[id].clip.timecode) if takes[id].clip.timecode else None,
        }
        for id in dict.fromkeys(segment.take for segment in cut.segments)
    }


def film_report(made: Made) -> FilmReport:
    """Everything the report of a film says; reads the rendered film for its stills."""
    cut, takes = made.cut, {id: rush.take for id, rush in made.rushes.items()}
    rendered = Stills(media.probe([made.store.film]))
    joins = tuple(
        join_page(cut, index, made.rushes, frames_around(cut, index, made.rushes, rendered))
        for index in range(len(cut.splices))
    )
    return FilmReport(
        title=cut.title,
        created=datetime.now(UTC),
        order=made.order.how,
        running_time=cut.duration,
        rate=cut.rate,
        size=(cut.width, cut.height),
        strip=_strip(rendered, joins),
        motion_chart=motion_track(cut, made.rushes),
        joins=joins,
        takes=tuple(_take_line(take, cut, made.rushes[take.id]) for take in takes.values()),
        unused=tuple(UnusedLine(each.name, each.why) for each in made.unused),
        notes=made.order.notes,
        judged=f"judged by {made.judges}" if made.judges.calibration.answers else "",
        comfort=watching.of_film(
            cut, made.rushes, made.store, made.settings.steady.screen, made.settings.steady.viewer
        ),
        steadied=(*made.steadied.lines, *made.steadied.notes) if made.steadied else (),
    )


def _strip(rendered: Stills, joins: Sequence[JoinPage]) -> tuple[Still, ...]:
    """Stills spread over the film, and the first frame after each splice, in order."""
    at_splices = [page.frames.rendered[AROUND_SPLICE.index(0)] for page in joins]
    by_time = {each.film_time_s: each for each in (*rendered.spread(STRIP_STILLS), *at_splices) if each}
    return tuple(by_time[time_s] for time_s in sorted(by_time))


def motion_track(cut: Cut, rushes: Mapping[str, Rush]) -> MotionTrack:
    """The ride in degrees, with turns, splices and segments in film time."""
    planned = steadied.plan(cut, rushes)
    degrees = np.degrees(planned.rates_rad_s)
    turns = [
        TurnMark(later + turn.onset_s, later + turn.peak_s, later + turn.settle_s, describe(turn))
        for segment in cut.segments
        for later in [float(segment.start / cut.rate - segment.source.start)]
        for turn in rushes[segment.take].turns
        if float(segment.source.start) <= turn.peak_s < float(segment.source.end)
    ]
    return MotionTrack(
        times_s=planned.times_s,
        speed_deg_s=np.linalg.norm(degrees, axis=1),
        yaw_deg_s=degrees[:, 1],
        pitch_deg_s=degrees[:, 0],
        turns=tuple(turns),
        splices=tuple(
            SpliceMark(float(splice.frame / cut.rate), splice.verdict, f"{number}")
            for number, splice in enumerate(cut.splices, start=1)
        ),
        segments=tuple(SegmentMark(float(s.start / cut.rate), float(s.stop / cut.rate), s.name) for s in cut.segments),
    )


def _take_line(take: Take, cut: Cut, rush: Rush) -> TakeLine:
    clip, image = take.clip, take.clip.image
    used = [segment for segment in cut.segments if segment.take == take.id]
    words = ", ".join(f"{clock_name(s.source.start)} to {clock_name(s.source.end)}" for s in used)
    conform = []
    if image.rate != cut.rate or image.variable_rate:
        kind = "variable, about " if image.variable_rate else ""
        own, film = rate_name(image.rate), rate_name(cut.rate)
        how = "by nearest frame" if frame_for_frame(image.rate, cut.rate) else "between its frames"
        conform.append(f"{kind}{own} frames a second, shown at {film} {how}")
    if (image.width, image.height) != (cut.width, cut.height):
        conform.append(f"{image.width}x{image.height}, scaled to cover {cut.width}x{cut.height}")
    told = (f"motion from {rush.motion.source}", clip.lens.assumed, *rush.motion.notes, *clip.notes, *take.notes)
    return TakeLine(
        name=take.name,
        file=", ".join(file.name for file in clip.files),
        used=words or "not in the film",
        left_out=_left_out(take, cut),
        rate=rate_name(image.rate),
        size=f"{image.width}x{image.height}",
        conform=tuple(conform),
        colour=(image.colour.assumed,) if image.colour.assumed else (),
        camera=clip.camera,
        timecode=str(clip.timecode) if clip.timecode else "",
        sound=clip.sound is not None,
        notes=tuple(dict.fromkeys(each for each in told if each)),
    )


def _left_out(take: Take, cut: Cut) -> tuple[str, ...]:
    """What of a take is not in the film, and why, in words."""
    for index, segment in enumerate(cut.segments):
        if segment.take != take.id:
            continue
        words = []
        head, tail = segment.source.start - take.span.start, take.span.end - segment.source.end
        if head * cut.rate >= 1:
            why = f"the film enters it at splice {index}" if index else "before its marked in"
            words.append(f"the first {float(head):.1f} s: {why}")
        if tail * cut.rate >= 1:
            last = index == len(cut.segments) - 1
            why = "after its marked out" if last else f"the film leaves it at splice {index + 1}"
            words.append(f"the last {float(tail):.1f} s: {why}")
        return tuple(words)
    rivals = [s.name for s in cut.segments if s.name != take.name and _same_shot(s.name, take)]
    return (f"{', '.join(rivals) or 'another take'} joins its neighbours better",)


def _same_shot(name: str, take: Take) -> bool:
    return take.slate is not None and name.rpartition("-")[0] == take.slate.shot
