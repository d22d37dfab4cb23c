"""A splice as pages show it: what is said of it, and the frames around it from take A, as rendered, from take B."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import cv2
import numpy as np
from numpy.typing import NDArray

from headturn.camera import media
from headturn.camera.take import Clip, Take
from headturn.clock import clock_name
from headturn.edit.cut import Cut, Splice, Verdict
from headturn.head.rush import Rush
from headturn.office.charts import Chart, RateCurves, curves_chart
from headturn.office.loops import Loop
from headturn.office.page import Still
from headturn.office.words import HIDDEN_BY, blended

STILL_WIDTH_PX = 480
"""Sharp at the size a still has on the page, also on a phone's dense screen; about 20 kB each."""
JPEG_QUALITY = 82
SAME_FRAME_S = 0.002
"""Film times that differ by less are one frame's: half a frame at 250 frames a second."""


AROUND_SPLICE = (-12, -6, -3, -2, -1, 0, 1, 2, 5, 11)
"""Film frames shown around a splice: each one at the splice, wider steps where the seam begins and ends."""
CURVE_S = 1.0
"""Seconds of motion drawn before and after a splice: a turn and the rests beside it."""
STILL_PX = 320


@dataclass(frozen=True)
class Frames:
    """The same film frames around a splice, from take A, as rendered, from take B; None where there is no frame.

    All three are equally long, or empty.
    """

    a: tuple[Still | None, ...] = ()
    rendered: tuple[Still | None, ...] = ()
    b: tuple[Still | None, ...] = ()


@dataclass(frozen=True, eq=False)
class JoinPage:
    """One splice as the report shows it.

    out_text, in_text: where A is left and B entered, as people read it ("GX010123 at 10:02:11:05")
    splice_time_s: film time of the first frame that belongs to B
    hidden_by, blend: what hides the splice and how one take gives way to the other, in words
    detectability: chance (0 to 1) that it is caught, None where nobody said
    frames: around the splice
    """

    title: str
    verdict: Verdict
    cost: float
    reasons: tuple[str, ...]
    out_text: str
    in_text: str
    splice_time_s: float
    frames: Frames
    curves: RateCurves | None = None
    name_a: str = ""
    name_b: str = ""
    hidden_by: str = ""
    blend: str = ""
    detectability: float | None = None


@dataclass(frozen=True, eq=False)
class SpliceView:
    """What a page needs besides: (style, who, name, stills) of the rows A, film, B; index of the first column that
    belongs to B; the curves of speed; a loop of the splice as rendered; the name of the place on the page.
    """

    rows: Sequence[tuple[str, str, str, Sequence[Still | None]]]
    column: int
    curve: Chart | None
    loop: Loop | None = None
    anchor: str = ""


def view(join: JoinPage, loop: Loop | None = None, anchor: str = "") -> SpliceView:
    """How a splice is laid out on a page."""
    curve = curves_chart(join.curves, join.verdict) if join.curves is not None else None
    return SpliceView(_rows(join), _column(join), curve, loop, anchor)


def still(image: NDArray[np.uint8], film_time_s: float, caption: str = "", width_px: int = STILL_WIDTH_PX) -> Still:
    """A still of an image (height, width, 3), RGB, at most `width_px` wide."""
    height, width = image.shape[:2]
    if width > width_px:
        size = (width_px, max(1, round(height * width_px / width)))
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    _, jpeg = cv2.imencode(".jpg", np.ascontiguousarray(image[:, :, ::-1]), [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return Still(jpeg.tobytes(), film_time_s, caption)


class Stills:
    """Stills of a clip by frame index, each decoded once."""

    def __init__(self, clip: Clip) -> None:
        self._clip = clip

    def at(self, wanted: Sequence[int], times_s: Sequence[float]) -> tuple[Still | None, ...]:
        """One still for each frame, None where the clip has no such frame."""
        pixels = {frame.index: self._small(frame) for frame in media.frames_at(self._clip, wanted)}
        return tuple(
            still(pixels[index], time_s) if index in pixels else None
            for index, time_s in zip(wanted, times_s, strict=True)
        )

    def spread(self, count: int) -> tuple[Still, ...]:
        """Up to `count` stills spread evenly over the clip, where it has key frames."""
        return tuple(still(self._small(frame), float(frame.time)) for frame in media.key_frames(self._clip, count))

    def _small(self, frame: media.Frame) -> media.Pixels:
        image = self._clip.image
        width = min(STILL_PX, image.width)
        return frame.pixels("rgb", width, max(2, round(image.height * width / image.width)))


def frames_around(cut: Cut, index: int, rushes: Mapping[str, Rush], rendered: Stills) -> Frames:
    """The frames around a splice of a cut; `rendered` holds those of its film."""
    a, b = (rushes[cut.segments[i].take] for i in (index, index + 1))
    step = max(1, round(cut.rate / 30))
    frames = [cut.splices[index].frame + offset * step for offset in AROUND_SPLICE]
    times_s = [float(frame / cut.rate) for frame in frames]
    return Frames(
        _source_stills(cut, index, a, frames, times_s),
        rendered.at(frames, times_s),
        _source_stills(cut, index + 1, b, frames, times_s),
    )


def join_page(cut: Cut, index: int, rushes: Mapping[str, Rush], frames: Frames) -> JoinPage:
    """One splice of a cut, with the frames around it."""
    splice = cut.splices[index]
    a, b = (rushes[cut.segments[i].take] for i in (index, index + 1))
    return JoinPage(
        title=f"Splice {index + 1}",
        verdict=splice.verdict,
        cost=splice.cost,
        reasons=splice.reasons,
        out_text=_place(a.take, cut.segments[index].source.end),
        in_text=_place(b.take, cut.segments[index + 1].source.start),
        splice_time_s=float(splice.frame / cut.rate),
        frames=frames,
        curves=_curves(cut, splice, index, a, b),
        name_a=a.take.name,
        name_b=b.take.name,
        hidden_by=HIDDEN_BY[splice.seam.hiding],
        blend=blended(splice.seam),
        detectability=splice.detectability,
    )


def _source_stills(
    cut: Cut, segment: int, rush: Rush, frames: Sequence[int], times_s: Sequence[float]
) -> tuple[Still | None, ...]:
    times = [cut.source_time(segment, frame) for frame in frames]
    span = rush.times.span
    indices = [rush.times.nearest(time) if span.start <= time < span.end else -1 for time in times]
    return Stills(rush.take.clip).at(indices, times_s)


def _place(take: Take, time: Fraction) -> str:
    """A time in a take as people look it up: source timecode where there is one, and time from its start."""
    code = take.clip.timecode
    where = f"{code.plus(time)}, " if code else ""
    return f"{take.name} at {where}{clock_name(time)}"


def _curves(cut: Cut, splice: Splice, index: int, a: Rush, b: Rush) -> RateCurves:
    reach = round(CURVE_S * cut.rate)
    frames = np.arange(-reach, reach)
    speeds = []
    for segment, rush in ((index, a), (index + 1, b)):
        times_s = np.array([float(cut.source_time(segment, int(splice.frame + frame))) for frame in frames])
        speed = np.degrees(np.linalg.norm(rush.motion.rates_rad_s, axis=1))
        speeds.append(np.interp(times_s, rush.times.seconds, speed, left=np.nan, right=np.nan))
    return RateCurves(frames / float(cut.rate), *speeds)


def _rows(join: JoinPage) -> list[tuple[str, str, str, Sequence[Still | None]]]:
    """(style, who, name, stills) of the rows around a splice: A, the film, B."""
    rows: list[tuple[str, str, str, Sequence[Still | None]]] = [
        ("a", "A", join.name_a, join.frames.a),
        ("film", "Film", "", join.frames.rendered),
        ("b", "B", join.name_b, join.frames.b),
    ]
    return rows if any(stills for *_, stills in rows) else []


def _column(join: JoinPage) -> int:
    """Index of the first column that belongs to B."""
    columns = zip(join.frames.a, join.frames.rendered, join.frames.b, strict=True)
    times = [next((still.film_time_s for still in column if still), -np.inf) for column in columns]
    return sum(time < join.splice_time_s - SAME_FRAME_S for time in times)
