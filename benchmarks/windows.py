"""Windows of film: the frames around a splice as it is rendered, and like stretches of uncut takes.

Frames are encoded as the film is, and decoded again: what detectors see is what people get. Frames that no seam touches
come in the film's limited range of 8 bits, those of a seam in 16 bits of RGB; compared as they leave the render they
differ in their histograms by that alone.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from headturn import rotation
from headturn.camera import media
from headturn.clock import Span
from headturn.edit import assemble
from headturn.edit.assemble import Brief, Choice
from headturn.edit.cut import Cut, Seam, Segment
from headturn.edit.joins import Join
from headturn.head.rush import Rush
from headturn.picture import render, treatment
from headturn.review import ride

Frames = NDArray[np.uint8]

JUDGED = 14
"""Film frames on each side of a splice in which a detector may fire, as in the trial."""
CONTEXT = 4
"""Frames beyond, which adaptive detectors compare with."""
HALF = JUDGED + CONTEXT
WIDTH_PX = 384
"""Windows are judged at most so wide: detectors scale down to 256 and 48 themselves."""
FILM_WIDTH_PX = 640
AROUND_S = 10.0
"""What of each take goes into the film of a splice: more than any seam reaches."""
FROM_ENDS_S = 1.6
"""How far from the ends of a take a naive cut lies."""


def size_of(rush: Rush) -> tuple[int, int]:
    """The film's size for a take: its own, at most FILM_WIDTH_PX wide, even."""
    image = rush.take.clip.image
    scale = min(1.0, FILM_WIDTH_PX / image.width)
    return round(image.width * scale / 2) * 2, round(image.height * scale / 2) * 2


def _part(rush: Rush, start: Fraction, end: Fraction) -> Rush:
    span = Span(max(start, rush.times.span.start), min(end, rush.times.span.end))
    return replace(rush, take=replace(rush.take, span=span))


class Film:
    """A film of two takes with one splice."""

    def __init__(self, cut: Cut, rushes: Mapping[str, Rush]) -> None:
        self.cut, self.rushes = cut, rushes

    @classmethod
    def joined(cls, a: Rush, b: Rush, join: Join) -> "Film | None":
        """A and B around a join, as `make` would cut them; None where a take is too short on its side."""
        around = Fraction(AROUND_S)
        rate = a.take.clip.image.rate
        here = _part(a, join.out_time - around, join.out_time + Fraction(1, 2))
        there = _part(b, join.in_time - Fraction(1, 2), join.in_time + around)
        choices = [Choice(here.take, None), Choice(there.take, join)]
        if min(join.out_time - here.take.span.start, there.take.span.end - join.in_time) * rate <= HALF:
            return None
        cut = assemble.cut(choices, title="splice", rate=rate, size=size_of(a), brief=Brief())
        return cls(cut, {here.take.id: here, there.take.id: there})

    @classmethod
    def uncut(cls, rush: Rush, frame: int, rate: Fraction, size: tuple[int, int]) -> "Film | None":
        """A stretch of one take around a frame of it, in a film of that rate and size; None too near its ends."""
        start = rush.times[frame] - HALF / rate
        span = Span(start, start + 2 * HALF / rate)
        if span.start < rush.times.span.start or span.end > rush.times.span.end:
            return None
        segment = Segment(rush.take.id, rush.take.name, span, 0, 2 * HALF)
        return cls(Cut("uncut", rate, *size, (segment,), ()), {rush.take.id: rush})

    def treated(self) -> "Film":
        """With the treatment that `make` chooses."""
        return Film(treatment.chosen(self.cut, self.rushes), self.rushes)

    def with_seam(self, seam: Seam) -> "Film":
        """With another seam."""
        splice = replace(self.cut.splices[0], seam=seam)
        return Film(replace(self.cut, splices=(splice,)), self.rushes)

    @property
    def seam(self) -> Seam:
        """Its one seam."""
        return self.cut.splices[0].seam

    def encoded(self, path: Path) -> Path:
        """Write the frames around the splice, or all of an uncut film, encoded as the film is; the path."""
        at = self.cut.splices[0].frame if self.cut.splices else HALF
        planned = ride.plan(self.cut, self.rushes)
        takes = {name: rush.take for name, rush in self.rushes.items()}
        film = render.RenderOptions()
        frames = render.film_pixels(self.cut, planned, takes, range(at - HALF, at + HALF), render.LAYOUT[film.codec])
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{os.getpid()}-{path.name}")
        size = self.cut.width, self.cut.height
        with media.PictureWriter(part, *size, self.cut.rate, film.codec, crf=film.crf) as writer:
            for frame in frames:
                writer.write(frame)
        return part.replace(path)

    def window(self) -> Frames:
        """Frames around the splice, or all of an uncut film: (2 * HALF, h, w, 3) at the film's size."""
        with TemporaryDirectory() as folder:
            return read(self.encoded(Path(folder) / "window.mp4"))


def read(path: Path) -> Frames:
    """The frames (n, h, w, 3) of a window."""
    with av.open(str(path)) as container:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)])


def small(frames: Iterable[Frames]) -> Frames:
    """Frames as they are judged, at most WIDTH_PX wide."""
    scaled = []
    for frame in frames:
        height, width = frame.shape[:2]
        size = (width, height)
        if width > WIDTH_PX:
            size = WIDTH_PX, round(height * WIDTH_PX / width / 2) * 2
            frame = np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), np.uint8)
        scaled.append(frame)
    return np.stack(scaled)


# Baselines ----------------------------------------------------------------------------------------------------------


def moved(join: Join, a: Rush, b: Rush, out_frame: int, in_frame: int) -> Join:
    """The same join at other frames of the same takes, its alignment carried there by image motion."""
    here, there = a.motion.world_from_body, b.motion.world_from_body
    a_from_b = rotation.compose(
        rotation.inverse(here[out_frame]),
        here[join.out_frame],
        np.array(join.a_from_b),
        rotation.inverse(there[join.in_frame]),
        there[in_frame],
    )
    w, x, y, z = (float(q) for q in a_from_b)
    return replace(
        join,
        out_frame=out_frame,
        in_frame=in_frame,
        out_time=a.times[out_frame],
        in_time=b.times[in_frame],
        a_from_b=(w, x, y, z),
    )


def random_pick(join: Join, a: Rush, b: Rush, rng: np.random.Generator) -> Join:
    """Any two frames of the join's turns, as fast as a join may lie."""
    frames = []
    for rush, turn in ((a, join.turn_a), (b, join.turn_b)):
        assert turn is not None
        inside = (rush.times.seconds >= turn.onset_s) & (rush.times.seconds <= turn.settle_s)
        fast = np.linalg.norm(rush.motion.rates_rad_s, axis=1) > 0.35 * turn.peak_rad_s
        found = np.flatnonzero(inside & fast)
        frames.append(int(rng.choice(found)) if len(found) else int(rush.times.nearest(Fraction(turn.peak_s))))
    return moved(join, a, b, frames[0], frames[1])


def naive_pick(join: Join, a: Rush, b: Rush, rng: np.random.Generator) -> Join:
    """Any two frames of both takes at which no turn hides anything."""
    frames = []
    for rush in (a, b):
        speed = np.linalg.norm(rush.motion.rates_rad_s, axis=1)
        inside = np.arange(len(speed))
        margin = int(FROM_ENDS_S * float(rush.take.clip.image.rate))
        still = np.flatnonzero((inside > margin) & (inside < len(speed) - margin) & (speed < np.radians(25)))
        slow = still if len(still) else np.argsort(speed[margin:-margin])[:5] + margin
        frames.append(int(rng.choice(slow)))
    return moved(join, a, b, frames[0], frames[1])
