"""The report of a film: one HTML file that opens offline, for a director on a laptop or a phone.

Values in, page out. Degrees stand here because people read it; text is taken as it comes and escaped on the page.
"""

import base64
import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import jinja2
import matplotlib as mpl
import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from headturn import __version__
from headturn.clock import clock_name, rate_name
from headturn.edit.cut import Verdict
from headturn.office.store import Store
from headturn.rotation import Floats

STILL_WIDTH_PX = 480
"""Sharp at the size a still has on the page, also on a phone's dense screen; about 20 kB each."""
JPEG_QUALITY = 82
SAME_FRAME_S = 0.002
"""Film times that differ by less are one frame's: half a frame at 250 frames a second."""

CHART_PX_A_SECOND = 24
CHART_WIDTH_PX = (1200, 7200)
"""A long film's chart is wide and scrolls; beyond five minutes time is drawn closer instead."""
CHART_HEIGHT_PX = 376
CURVE_SIZE_PX = (460, 220)
POINTS_A_PX = 2
"""Samples drawn a pixel: more only makes the file large. Peaks are kept."""
LETTER_PX = 7
"""Width of a letter in the charts, near enough to keep labels apart."""

INK, QUIET, PALE = "#1d232b", "#5d6875", "#dfe3e8"
TURN = "#e8a33d"
TAKE_TINTS = ("#d7e3ef", "#e6dfee")
TAKE_A, TAKE_B, FILM = "#2f6db0", "#b4552d", "#cfd6dd"
VERDICT_INK: dict[Verdict, str] = {"seamless": "#1a7f4b", "workable": "#a86a00", "visible": "#c2362b"}
VERDICT_SIGN: dict[Verdict, str] = {"seamless": "●", "workable": "◆", "visible": "✕"}
"""Beside the word, so that a verdict is known without its colour."""
VERDICT_MARK: dict[Verdict, str] = {"seamless": "o", "workable": "D", "visible": "X"}
VERDICT_LINE: dict[Verdict, str] = {"seamless": "-", "workable": "--", "visible": ":"}

CHART_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",  # text stays text, in the reader's own font
    "font.family": "sans-serif",
    "font.size": 12,
    "text.color": INK,
    "axes.labelcolor": QUIET,
    "axes.edgecolor": PALE,
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.labelsize": 11,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelsize": 11,
    "ytick.labelsize": 11,
    "legend.fontsize": 11,
}


@dataclass(frozen=True)
class Still:
    """A small picture: JPEG data, the film time it stands for, and words beneath it ("" for none)."""

    jpeg: bytes
    film_time_s: float
    caption: str = ""


@dataclass(frozen=True)
class TurnMark:
    """A head turn in film time, with a label such as "left 84°"."""

    onset_s: float
    peak_s: float
    settle_s: float
    label: str


@dataclass(frozen=True)
class SpliceMark:
    """A splice in film time."""

    time_s: float
    verdict: Verdict
    label: str


@dataclass(frozen=True)
class SegmentMark:
    """The stretch of film time in which one take is seen."""

    start_s: float
    stop_s: float
    name: str


@dataclass(frozen=True, eq=False)
class MotionTrack:
    """The motion the viewer is carried through, in film time.

    times_s (n,); speed_deg_s, yaw_deg_s, pitch_deg_s (n,): angular speed, and its part to the right and up
    """

    times_s: Floats
    speed_deg_s: Floats
    yaw_deg_s: Floats
    pitch_deg_s: Floats
    turns: tuple[TurnMark, ...] = ()
    splices: tuple[SpliceMark, ...] = ()
    segments: tuple[SegmentMark, ...] = ()


@dataclass(frozen=True, eq=False)
class RateCurves:
    """Angular speed of both takes around a splice: times_s (n,) from the splice on, speeds (n,); NaN where none."""

    times_s: Floats
    a_deg_s: Floats
    b_deg_s: Floats
    rendered_deg_s: Floats | None = None


@dataclass(frozen=True, eq=False)
class JoinPage:
    """One splice as the report shows it.

    out_text, in_text: where A is left and B entered, as people read it ("GX010123 at 10:02:11:05")
    splice_time_s: film time of the first frame that belongs to B
    frames_a, frames_rendered, frames_b: the same film frames from take A, as rendered, and from take B; None where
        a take has no frame there. All three are equally long, or empty.
    """

    title: str
    verdict: Verdict
    cost: float
    reasons: tuple[str, ...]
    out_text: str
    in_text: str
    splice_time_s: float
    frames_a: tuple[Still | None, ...]
    frames_rendered: tuple[Still | None, ...]
    frames_b: tuple[Still | None, ...]
    curves: RateCurves | None = None
    name_a: str = ""
    name_b: str = ""


@dataclass(frozen=True)
class TakeLine:
    """What became of one take.

    used: the stretch in the film; left_out: sentences on what was not used, and why
    rate: frames a second, "29.97"; size: "1920x1080"; conform, colour: what was done to fit the film
    """

    name: str
    file: str
    used: str
    left_out: tuple[str, ...]
    rate: str
    size: str
    conform: tuple[str, ...] = ()
    colour: tuple[str, ...] = ()
    camera: str = ""
    timecode: str = ""
    sound: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class UnusedLine:
    """A file that is not in the film, and why."""

    file: str
    reason: str


@dataclass(frozen=True, eq=False)
class FilmReport:
    """Everything the report says. order: the sentence by what order the takes stand; strip: frames of the film."""

    title: str
    created: datetime
    order: str
    running_time: Fraction
    rate: Fraction
    size: tuple[int, int]
    strip: tuple[Still, ...]
    motion_chart: MotionTrack | None
    joins: tuple[JoinPage, ...]
    takes: tuple[TakeLine, ...]
    unused: tuple[UnusedLine, ...] = ()
    notes: tuple[str, ...] = ()


def still(image: NDArray[np.uint8], film_time_s: float, caption: str = "", width_px: int = STILL_WIDTH_PX) -> Still:
    """A still of an image (height, width, 3), RGB, at most `width_px` wide."""
    height, width = image.shape[:2]
    if width > width_px:
        size = (width_px, max(1, round(height * width_px / width)))
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    _, jpeg = cv2.imencode(".jpg", np.ascontiguousarray(image[:, :, ::-1]), [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return Still(jpeg.tobytes(), film_time_s, caption)


def write_report(report: FilmReport, out: Path) -> None:
    """Write the report to `out`, which appears only when it is whole.

    Raises:
        CannotWrite: no space, no permission.
    """
    page = _page(report).encode("utf-8", "backslashreplace")  # file names may hold bytes that are no text
    Store(out.parent).write(out, page)


def _page(report: FilmReport) -> str:
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"clock": clock_name, "rate": rate_name, "jpeg": _jpeg_uri}
    template = Path(__file__).with_name("report.html.j2").read_text(encoding="utf-8")
    return environment.from_string(template).render(
        report=report,
        version=__version__,
        sign=VERDICT_SIGN,
        verdicts={verdict: sum(j.verdict == verdict for j in report.joins) for verdict in VERDICT_SIGN},
        motion=_motion_chart(report.motion_chart) if report.motion_chart else None,
        strip=[(still, _splice_at(still, report.joins)) for still in report.strip],
        rows=[_rows(join) for join in report.joins],
        curves=[_curves(join) for join in report.joins],
        column=[_splice_column(join) for join in report.joins],
    )


def _splice_at(still: Still, joins: Sequence[JoinPage]) -> JoinPage | None:
    """The splice whose first frame a still of the film is."""
    return next((j for j in joins if abs(j.splice_time_s - still.film_time_s) < SAME_FRAME_S), None)


def _rows(join: JoinPage) -> list[tuple[str, str, str, Sequence[Still | None]]]:
    """(style, who, name, stills) of the rows around a splice: A, the film, B."""
    rows: list[tuple[str, str, str, Sequence[Still | None]]] = [
        ("a", "A", join.name_a, join.frames_a),
        ("film", "Film", "", join.frames_rendered),
        ("b", "B", join.name_b, join.frames_b),
    ]
    return rows if any(stills for *_, stills in rows) else []


def _splice_column(join: JoinPage) -> int:
    """Index of the first column that belongs to B."""
    columns = zip(join.frames_a, join.frames_rendered, join.frames_b, strict=True)
    times = [next((still.film_time_s for still in column if still), -np.inf) for column in columns]
    return sum(time < join.splice_time_s - SAME_FRAME_S for time in times)


def _jpeg_uri(still: Still) -> Markup:
    return Markup("data:image/jpeg;base64," + base64.b64encode(still.jpeg).decode())


@dataclass(frozen=True)
class Chart:
    """A drawing for the page: an image's data URI and its size in px."""

    uri: Markup
    width_px: int
    height_px: int


def _drawn(figure: Figure, width_px: int, height_px: int) -> Chart:
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # the browser has the fonts, Matplotlib not
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None})
    return Chart(
        Markup("data:image/svg+xml;base64," + base64.b64encode(file.getvalue()).decode()),
        width_px,
        height_px,
    )


def _motion_chart(track: MotionTrack) -> Chart:
    """Speed above, its directions below, takes and splices across both, over film time."""
    length_s = max((float(track.times_s[-1]) if len(track.times_s) else 0.0), 0.1, *(s.stop_s for s in track.segments))
    width = round(np.clip(length_s * CHART_PX_A_SECOND, *CHART_WIDTH_PX))
    with mpl.rc_context(CHART_STYLE):
        figure = Figure(figsize=(width / 72, CHART_HEIGHT_PX / 72))
        takes = _panel(figure, width, 4, 24, length_s)
        speed = _panel(figure, width, 50, 170, length_s)
        sides = _panel(figure, width, 246, 84, length_s)
        _draw_takes(takes, track.segments, length_s / width)
        _draw_speed(speed, track, length_s / width)
        thin = _thinned(track.yaw_deg_s, width), _thinned(track.pitch_deg_s, width)
        sides.plot(track.times_s[thin[0]], track.yaw_deg_s[thin[0]], color=TAKE_A, lw=1, label="to the right")
        sides.plot(track.times_s[thin[1]], track.pitch_deg_s[thin[1]], color=TAKE_B, lw=1, label="up")
        sides.axhline(0, color=PALE, lw=1, zorder=0)
        sides.set_ylabel("parts (°/s)")
        sides.legend(loc="lower left", bbox_to_anchor=(0, 0.97), ncols=2, frameon=False, borderpad=0)
        for mark in track.splices:
            for panel in (takes, speed, sides):
                panel.axvline(mark.time_s, color=VERDICT_INK[mark.verdict], ls=VERDICT_LINE[mark.verdict], lw=1.5)
        takes.tick_params(bottom=False, labelbottom=False)
        speed.tick_params(labelbottom=False)
        sides.set_xlabel("film time (min:s)")
        return _drawn(figure, width, CHART_HEIGHT_PX)


def _panel(figure: Figure, width: int, top: int, height: int, length_s: float) -> Axes:
    """Axes over the whole film, placed in px from the figure's top."""
    left, right = 64, 16
    bottom = 1 - (top + height) / CHART_HEIGHT_PX
    axes = figure.add_axes((left / width, bottom, (width - left - right) / width, height / CHART_HEIGHT_PX))
    axes.set_xlim(0, length_s)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=max(4, width // 90), steps=[1, 2, 3, 5, 6, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda seconds, _: clock_name(max(0.0, seconds))))
    return axes


def _draw_takes(axes: Axes, segments: Sequence[SegmentMark], s_a_px: float) -> None:
    """A bar for each take, with as much of its name as fits."""
    for number, segment in enumerate(segments):
        axes.axvspan(segment.start_s, segment.stop_s, color=TAKE_TINTS[number % 2], lw=0)
        room = int((segment.stop_s - segment.start_s) / s_a_px / LETTER_PX) - 1
        _write(axes, (segment.start_s + segment.stop_s) / 2, 0.5, _shortened(segment.name, room), va="center")
    axes.set_yticks([])
    axes.spines[:].set_visible(False)


def _draw_speed(axes: Axes, track: MotionTrack, s_a_px: float) -> None:
    """The speed, the turns as bands with their labels above, and the splices' signs."""
    thin = _thinned(track.speed_deg_s, round(1 / s_a_px * float(track.times_s[-1])) if len(track.times_s) else 1)
    axes.fill_between(track.times_s[thin], track.speed_deg_s[thin], color="#9db2c8", alpha=0.55, lw=0)
    axes.plot(track.times_s[thin], track.speed_deg_s[thin], color="#3c5470", lw=1)
    axes.set_ylim(0, max(20.0, 1.08 * float(np.nanmax(track.speed_deg_s, initial=0.0))))
    axes.set_ylabel("speed (°/s)")
    free_from = -np.inf
    for turn in track.turns:
        axes.axvspan(turn.onset_s, turn.settle_s, color=TURN, alpha=0.28, lw=0)
        half = len(turn.label) * LETTER_PX * s_a_px / 2
        if turn.peak_s - half > free_from:
            _write(axes, turn.peak_s, 1.03, turn.label, va="bottom", color="#85560f")
            free_from = turn.peak_s + half
    for mark in track.splices:
        axes.plot(
            mark.time_s, 0.93, VERDICT_MARK[mark.verdict], ms=9, mec="white", color=VERDICT_INK[mark.verdict],
            transform=axes.get_xaxis_transform(),
        )  # fmt: skip


def _curves(join: JoinPage) -> Chart | None:
    """Speed of A, B and the film around a splice."""
    if join.curves is None or not len(join.curves.times_s):
        return None
    width, height = CURVE_SIZE_PX
    curves = join.curves
    with mpl.rc_context(CHART_STYLE):
        figure = Figure(figsize=(width / 72, height / 72), layout="constrained")
        axes = figure.add_subplot()
        axes.axvline(0, color=VERDICT_INK[join.verdict], ls=VERDICT_LINE[join.verdict], lw=1.5)
        axes.plot(curves.times_s, curves.a_deg_s, color=TAKE_A, lw=2, label="A")
        axes.plot(curves.times_s, curves.b_deg_s, color=TAKE_B, lw=2, ls=(0, (5, 2)), label="B")
        if curves.rendered_deg_s is not None:
            axes.plot(curves.times_s, curves.rendered_deg_s, color=FILM, lw=7, zorder=1, label="film")
        axes.set_ylim(bottom=0)
        axes.margins(x=0)
        axes.set_xlabel("seconds from the splice")
        axes.set_ylabel("speed (°/s)")
        axes.legend(frameon=False, loc="best")
        return _drawn(figure, width, height)


def _write(axes: Axes, x: float, y: float, text: str, **style: Any) -> None:  # noqa: ANN401 - Matplotlib's own words
    """Text in the middle at film time x and height y of the axes; never read as a formula."""
    plain = "".join(sign if sign.isprintable() and not "\ud800" <= sign <= "\udfff" else "�" for sign in text)
    axes.text(x, y, plain, ha="center", transform=axes.get_xaxis_transform(), parse_math=False, **style)


def _shortened(text: str, letters: int) -> str:
    return text if len(text) <= letters else f"{text[: letters - 1]}…" if letters > 3 else ""


def _thinned(values: Floats, width_px: int) -> NDArray[np.int64]:
    """Indices that draw the same line at this width: the lowest and the highest sample of each stretch."""
    stretches = np.array_split(np.arange(len(values)), max(1, width_px * POINTS_A_PX // 2))
    if len(values) <= 2 * len(stretches):
        return np.arange(len(values))
    filled = np.nan_to_num(values)
    extremes = [(part[np.argmin(filled[part])], part[np.argmax(filled[part])]) for part in stretches]
    return np.unique(np.array(extremes))
