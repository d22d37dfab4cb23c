"""Loops: short films of one moment, small enough for a page, to be seen again and again."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from headturn.camera import media
from headturn.camera.take import Take
from headturn.clock import Span
from headturn.edit import assemble
from headturn.edit.assemble import Brief, Choice
from headturn.edit.cut import Cut, Segment
from headturn.edit.joins import Join
from headturn.head.rush import Rush
from headturn.office.dailies import prevailing_rate, prevailing_size
from headturn.picture import render
from headturn.review import steadied
from headturn.review.ride import Ride

WIDTH_PX = 640
"""Half a laptop's screen, a whole phone's: two stand side by side."""
CRF = 21
"""At 640 pixels a second of a turn takes about 150 kB, and blocks are not what one sees."""


@dataclass(frozen=True, eq=False)
class Loop:
    """An MP4 file (H.264, no sound) with its size as shown and its length."""

    mp4: bytes
    width_px: int
    height_px: int
    seconds: Fraction


def meeting_cut(a: Rush, b: Rush, join: Join, brief: Brief, most_rate: float = math.inf) -> Cut:
    """The film that two takes make with one join: all of A up to it, all of B from it.

    most_rate: frames a second that it has at most: else every second of the takes' frames, or third
    """
    takes = [replace(each.take, mark=None, marked=None) for each in (a, b)]
    rate = prevailing_rate(takes)
    return assemble.cut(
        [Choice(takes[0], None), Choice(takes[1], join)],
        title=f"{a.take.name} → {b.take.name}",
        rate=rate / max(1, math.ceil(float(rate) / most_rate)),
        size=prevailing_size(takes),
        brief=brief,
    )


def uncut(rush: Rush, start: Fraction, window: range, like: Cut) -> Cut:
    """A stretch of one take without a splice, at the rate and size of another cut, steadied like its film frames.

    Raises:
        ValueError: the take has no such stretch.
    """
    frames = len(window)
    source = Span(start, start + frames / like.rate)
    if source.start < rush.times.span.start or source.end > rush.times.span.end:
        raise ValueError(f"{rush.take.name} does not last from {float(source.start)} to {float(source.end)} s")
    segment = Segment(rush.take.id, rush.take.name, source, 0, frames)
    steadying = like.steadying and like.steadying.within(window)
    return replace(like, segments=(segment,), splices=(), steadying=steadying)


def written(film: Cut, planned: Ride, takes: Mapping[str, Take], frames: range, out: Path, crf: float = CRF) -> Loop:
    """Render film frames into an MP4 file and hand back what is in it; every frame but the first needs those before.

    Raises:
        CannotRead: a take cannot be decoded. CannotWrite: no space or no permission.
    """
    with media.PictureWriter(out, film.width, film.height, film.rate, crf=crf) as writer:
        for pixels in render.film_pixels(film, planned, takes, frames, "yuv420"):
            writer.write(pixels)
    return Loop(out.read_bytes(), film.width, film.height, len(frames) / film.rate)


def looped(film: Cut, rushes: Mapping[str, Rush], out: Path, crf: float = CRF) -> Loop:
    """The whole of a short film as a loop; `out` is where its file is written."""
    takes = {id: rush.take for id, rush in rushes.items()}
    return written(film, steadied.plan(film, rushes), takes, range(film.frames), out, crf)
