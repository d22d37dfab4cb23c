"""Charts of how something will be to watch: discomfort over its time, on every screen, and without a moment."""

from collections.abc import Mapping

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from headturn.clock import clock_name
from headturn.office.charts import (
    CHART_STYLE,
    INK,
    PALE,
    QUIET,
    TAKE_A,
    TAKE_B,
    VERDICT_INK,
    VERDICT_MARK,
    Chart,
    drawn,
)
from headturn.office.watching import Splice, Watched
from headturn.review.comfort import Comfort, Moment
from headturn.review.course import FMS_MOST
from headturn.rotation import Floats

COURSE_PX, SCREENS_PX, MOMENT_PX = (1200, 400), (1200, 250), (300, 96)
LEAST_NOW, LEAST_BUILD_UP = 20.0, 4.0
"""Curves are drawn to these at least, so that calm films look calm."""
LABEL_GAP = 0.055
"""Least distance of two labels at the end of the screens' curves, as a share of the chart's height."""


def course_chart(watched: Watched) -> Chart:
    """`now` with its band, splices and numbered moments; below it `build_up` with its band."""
    width, height = COURSE_PX
    with mpl.rc_context(CHART_STYLE):
        figure = Figure(figsize=(width / 72, height / 72))
        now = _panel(figure, watched.felt, 34, 190, height)
        build_up = _panel(figure, watched.felt, 262, 92, height)
        _draw_now(now, watched)
        felt = watched.felt
        _draw_band(build_up, felt.times_s, felt.build_up, felt.build_up_low, felt.build_up_high, TAKE_B)
        build_up.set_ylim(0, min(FMS_MOST, max(LEAST_BUILD_UP, 1.05 * float(felt.build_up_high.max()))))
        build_up.set_ylabel("build-up")
        build_up.set_xlabel("film time (min:s)")
        now.tick_params(labelbottom=False)
        return drawn(figure, width, height)


def screens_chart(felt: Mapping[str, Comfort]) -> Chart:
    """`now` on every screen, labelled at its end."""
    width, height = SCREENS_PX
    with mpl.rc_context(CHART_STYLE):
        figure = Figure(figsize=(width / 72, height / 72))
        any_felt = next(iter(felt.values()))
        axes = _panel(figure, any_felt, 16, 184, height, right_px=130)
        top = max(LEAST_NOW, 1.05 * max(float(each.now.max()) for each in felt.values()))
        axes.set_ylim(0, min(100.0, top))
        shades = np.linspace(0.25, 1.0, len(felt))
        for (name, each), shade, at in zip(
            felt.items(), shades, _apart([f.now[-1] for f in felt.values()], top), strict=True
        ):
            axes.plot(each.times_s, each.now, color=TAKE_A, alpha=float(shade), lw=1.5)
            axes.annotate(name, (1.0, at), (6, 0), xycoords=("axes fraction", "data"), textcoords="offset points",
                          va="center", fontsize=11, color=INK)  # fmt: skip
        axes.set_ylabel("now")
        axes.set_xlabel("film time (min:s)")
        return drawn(figure, width, height)


def moment_chart(felt: Comfort, moment: Moment) -> Chart:
    """`now` around a moment, as it is and as it would be without it."""
    width, height = MOMENT_PX
    near = (felt.times_s > moment.start_s - 20) & (felt.times_s < moment.end_s + 45)
    with mpl.rc_context(CHART_STYLE):
        figure = Figure(figsize=(width / 72, height / 72))
        axes = figure.add_axes((0.09, 0.2, 0.88, 0.74))
        axes.axvspan(moment.start_s, moment.end_s, color=PALE, lw=0)
        axes.plot(felt.times_s[near], moment.without[near], color=TAKE_A, lw=1.3, ls=(0, (3, 2)))
        axes.plot(felt.times_s[near], felt.now[near], color=TAKE_A, lw=1.6)
        axes.set_ylim(0, max(LEAST_NOW, 1.05 * float(felt.now.max())))
        axes.xaxis.set_major_locator(MaxNLocator(nbins=4))
        axes.yaxis.set_major_locator(MaxNLocator(nbins=2))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda seconds, _: clock_name(max(0.0, seconds))))
        return drawn(figure, width, height)


def _panel(figure: Figure, felt: Comfort, top_px: int, height_px: int, of_px: int, right_px: int = 16) -> Axes:
    left, width = 64, COURSE_PX[0]
    axes = figure.add_axes(
        (left / width, 1 - (top_px + height_px) / of_px, (width - left - right_px) / width, height_px / of_px)
    )
    axes.set_xlim(0, max(float(felt.times_s[-1]), 1.0))
    axes.xaxis.set_major_locator(MaxNLocator(nbins=12, steps=[1, 2, 3, 5, 6, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda seconds, _: clock_name(max(0.0, seconds))))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4))
    axes.grid(axis="y", color=PALE, lw=0.8)
    axes.set_axisbelow(True)
    return axes


def _draw_now(axes: Axes, watched: Watched) -> None:
    felt = watched.felt
    top = min(100.0, max(LEAST_NOW, 1.05 * float(felt.now_high.max())))
    axes.set_ylim(0, top)
    for number, (moment, _) in enumerate(watched.moments, start=1):
        axes.axvspan(moment.start_s, moment.end_s, color="#f5d9ae", alpha=0.7, lw=0)
        axes.text((moment.start_s + moment.end_s) / 2, 0.97 * top, str(number), ha="center", va="top", fontsize=11)
    _draw_band(axes, felt.times_s, felt.now, felt.now_low, felt.now_high, TAKE_A)
    axes.set_ylabel("now")
    for splice in watched.splices:
        _draw_splice(axes, splice)


def _draw_band(axes: Axes, times_s: Floats, middle: Floats, low: Floats, high: Floats, colour: str) -> None:
    axes.fill_between(times_s, low, high, color=colour, alpha=0.18, lw=0)
    axes.plot(times_s, middle, color=colour, lw=1.7)


def _draw_splice(axes: Axes, splice: Splice) -> None:
    axes.axvline(splice.time_s, color=QUIET, lw=0.7, zorder=0.5)
    axes.plot(splice.time_s, 1.05, VERDICT_MARK[splice.verdict], ms=6, color=VERDICT_INK[splice.verdict], clip_on=False,
              transform=axes.get_xaxis_transform())  # fmt: skip


def _apart(values: list[float], top: float) -> list[float]:
    """Heights near the values, none nearer to another than a label is high."""
    placed = np.empty(len(values))
    below = -np.inf
    for index in np.argsort(values):
        below = max(float(values[index]), below + LABEL_GAP * 1.4 * top)
        placed[index] = below
    over = max(0.0, float(placed.max()) - top)
    return [float(each) for each in placed - over]
