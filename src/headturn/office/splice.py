"""A splice as pages show it: what is said of it, and the frames around it from take A, as rendered, from take B."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from headturn.edit.cut import Verdict
from headturn.office.charts import Chart, RateCurves, curves_chart
from headturn.office.loops import Loop
from headturn.office.page import Still

STILL_WIDTH_PX = 480
"""Sharp at the size a still has on the page, also on a phone's dense screen; about 20 kB each."""
JPEG_QUALITY = 82
SAME_FRAME_S = 0.002
"""Film times that differ by less are one frame's: half a frame at 250 frames a second."""


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
