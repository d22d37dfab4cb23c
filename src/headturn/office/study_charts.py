"""Charts of a studied film: its course in time, and how long it holds."""

from itertools import pairwise

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from headturn.clock import clock_name
from headturn.office.charts import CHART_STYLE, INK, PALE, QUIET, TAKE_A, TURN, Chart, drawn, thinned
from headturn.office.study import Studied
from headturn.rotation import Floats

COURSE_PX, LENGTHS_PX = (1200, 300), (560, 220)
CUT_IN_TURN, CUT_BESIDE = "#b4552d", INK
BINS_S: Floats = np.array([0, 0.5, 1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 256, 512])
LEAST_NOW = 20.0
"""The curve of `now` is drawn to this at least, so that calm films look calm."""


def course_chart(film: Studied) -> Chart:
    """Cuts and turns above the speed of turning, and `now` below, over the film's time."""
    width, height = COURSE_PX
    with mpl.rc_context(CHART_STYLE):
        figure = Figure(figsize=(width / 72, height / 72))
        speed = _panel(figure, film, 24, 130)
        now = _panel(figure, film, 186, 76)
        _draw_speed(speed, film)
        _draw_now(now, film)
        speed.tick_params(labelbottom=False)
        now.set_xlabel("film time (min:s)")
        return drawn(figure, width, height)


def _panel(figure: Figure, film: Studied, top_px: int, height_px: int) -> Axes:
    width, height = COURSE_PX
    left, right = 64, 16
    bottom = 1 - (top_px + height_px) / height
    axes = figure.add_axes((left / width, bottom, (width - left - right) / width, height_px / height))
    axes.set_xlim(float(film.study.edges_s[0]), max(float(film.study.edges_s[-1]), float(film.study.edges_s[0]) + 0.1))
    axes.xaxis.set_major_locator(MaxNLocator(nbins=12, steps=[1, 2, 3, 5, 6, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda seconds, _: clock_name(max(0.0, seconds))))
    return axes


def _draw_speed(axes: Axes, film: Studied) -> None:
    shown = film.study.shown
    speed = np.degrees(np.linalg.norm(np.nan_to_num(shown.rates_rad_s), axis=1))
    thin = thinned(speed, COURSE_PX[0])
    axes.fill_between(shown.times_s[thin], speed[thin], color="#9db2c8", alpha=0.55, lw=0)
    axes.plot(shown.times_s[thin], speed[thin], color="#3c5470", lw=1)
    axes.set_ylim(0, max(20.0, 1.08 * float(speed.max(initial=0.0))))
    axes.set_ylabel("speed (°/s)")
    for turn in film.study.turns:
        axes.axvspan(turn.onset_s, turn.settle_s, color=TURN, alpha=0.28, lw=0)
    for cut in film.study.cuts:
        colour, line = (CUT_IN_TURN, "-") if cut.in_turn else (CUT_BESIDE, (0, (2, 2)))
        axes.axvline(cut.time_s, color=colour, ls=line, lw=1.2)
        axes.plot(cut.time_s, 1.06, "D" if cut.in_turn else "|", ms=6, color=colour, clip_on=False,
                  transform=axes.get_xaxis_transform())  # fmt: skip


def _draw_now(axes: Axes, film: Studied) -> None:
    axes.set_ylabel("now")
    if film.felt is None:
        axes.set_yticks([])
        axes.text(0.5, 0.4, "not known", ha="center", color=QUIET, transform=axes.transAxes)
        return
    felt = film.felt
    axes.fill_between(felt.times_s, felt.now_low, felt.now_high, color=TAKE_A, alpha=0.18, lw=0)
    axes.plot(felt.times_s, felt.now, color=TAKE_A, lw=1.6)
    axes.set_ylim(0, max(LEAST_NOW, min(100.0, 1.05 * float(felt.now_high.max()))))
    for cut in film.study.cuts:
        axes.axvline(cut.time_s, color=PALE, lw=1, zorder=0)


def lengths_chart(film: Studied) -> Chart | None:
    """How many segments last how long; None for a film of one."""
    lengths = film.study.lengths_s
    if len(lengths) < 2:
        return None
    stop = int(np.searchsorted(BINS_S, lengths.max(), side="right")) + 1
    start = max(0, int(np.searchsorted(BINS_S, lengths.min(), side="right")) - 1)
    bins = BINS_S[start:stop] if stop <= len(BINS_S) else np.append(BINS_S[start:], lengths.max())
    counts, _ = np.histogram(lengths, bins)
    width, height = LENGTHS_PX
    with mpl.rc_context(CHART_STYLE):
        figure = Figure(figsize=(width / 72, height / 72), layout="constrained")
        axes = figure.add_subplot()
        axes.bar(np.arange(len(counts)), counts, width=0.86, color="#9db2c8")
        names = [f"{a:g}–{b:g}" for a, b in pairwise(bins.tolist())]
        axes.set_xticks(np.arange(len(counts)), names, fontsize=10, rotation=0 if len(names) < 9 else 45)
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel("seconds between cuts")
        axes.set_ylabel("segments")
        return drawn(figure, width, height)
