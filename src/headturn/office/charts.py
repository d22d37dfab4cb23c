"""Charts of a film's motion, as SVG within a page. Degrees stand here because people read it."""

import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from headturn.clock import clock_name
from headturn.edit.cut import Verdict
from headturn.office.page import data_uri
from headturn.rotation import Floats

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


@dataclass(frozen=True)
class Chart:
    """A drawing for the page: an image's data URI and its size in px."""

    uri: Markup
    width_px: int
    height_px: int


def drawn(figure: Figure, width_px: int, height_px: int) -> Chart:
    """A figure as a chart for a page."""
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # the browser has the fonts, Matplotlib not
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None})
    return Chart(data_uri("image/svg+xml", file.getvalue()), width_px, height_px)


def motion_chart(track: MotionTrack) -> Chart:
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
        thin = thinned(track.yaw_deg_s, width), thinned(track.pitch_deg_s, width)
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
        return drawn(figure, width, CHART_HEIGHT_PX)


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
    thin = thinned(track.speed_deg_s, round(1 / s_a_px * float(track.times_s[-1])) if len(track.times_s) else 1)
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


def curves_chart(curves: RateCurves, verdict: Verdict) -> Chart | None:
    """Speed of A, B and the film around a splice."""
    if not len(curves.times_s):
        return None
    width, height = CURVE_SIZE_PX
    with mpl.rc_context(CHART_STYLE):
        figure = Figure(figsize=(width / 72, height / 72), layout="constrained")
        axes = figure.add_subplot()
        axes.axvline(0, color=VERDICT_INK[verdict], ls=VERDICT_LINE[verdict], lw=1.5)
        axes.plot(curves.times_s, curves.a_deg_s, color=TAKE_A, lw=2, label="A")
        axes.plot(curves.times_s, curves.b_deg_s, color=TAKE_B, lw=2, ls=(0, (5, 2)), label="B")
        if curves.rendered_deg_s is not None:
            axes.plot(curves.times_s, curves.rendered_deg_s, color=FILM, lw=7, zorder=1, label="film")
        axes.set_ylim(bottom=0)
        axes.margins(x=0)
        axes.set_xlabel("seconds from the splice")
        axes.set_ylabel("speed (°/s)")
        axes.legend(frameon=False, loc="best")
        return drawn(figure, width, height)


def _write(axes: Axes, x: float, y: float, text: str, **style: Any) -> None:  # noqa: ANN401 - Matplotlib's own words
    """Text in the middle at film time x and height y of the axes; never read as a formula."""
    plain = "".join(sign if sign.isprintable() and not "\ud800" <= sign <= "\udfff" else "�" for sign in text)
    axes.text(x, y, plain, ha="center", transform=axes.get_xaxis_transform(), parse_math=False, **style)


def _shortened(text: str, letters: int) -> str:
    return text if len(text) <= letters else f"{text[: letters - 1]}…" if letters > 3 else ""


def thinned(values: Floats, width_px: int) -> NDArray[np.int64]:
    """Indices that draw the same line at this width: the lowest and the highest sample of each stretch."""
    stretches = np.array_split(np.arange(len(values)), max(1, width_px * POINTS_A_PX // 2))
    if len(values) <= 2 * len(stretches):
        return np.arange(len(values))
    filled = np.nan_to_num(values)
    extremes = [(part[np.argmin(filled[part])], part[np.argmax(filled[part])]) for part in stretches]
    return np.unique(np.array(extremes))
