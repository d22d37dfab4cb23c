"""The days as a picture: what was shot and what became of it, shots matched against the plan, and the pace."""

import io
import warnings
from itertools import groupby

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from headturn.office.charts import CHART_STYLE, INK, QUIET
from headturn.office.daybook import Daybook

WIDE_IN, HIGH_IN, DPI = 11.0, 8.5, 144
IN_CUT, KEPT, BIN = "#2f6f8f", "#a9c4d4", "#d9a08c"
PACE = "#b4552d"
KINDS = ("png", "svg", "pdf")
MOST_LABELS = 16
"""Days that are named below the axis; of more only some are."""


def picture(book: Daybook, kind: str = "png") -> bytes:
    """Three panels over the shooting days, as a file of one of `KINDS`.

    Raises:
        ValueError: another kind.
    """
    if kind not in KINDS:
        raise ValueError(kind)
    with mpl.rc_context({**CHART_STYLE, "svg.hashsalt": "headturn"}):
        figure = Figure(figsize=(WIDE_IN, HIGH_IN), layout="constrained")
        minutes, matched, pace = figure.subplots(3, 1, height_ratios=(5, 5, 4))
        figure.suptitle(book.title, x=0.01, ha="left", fontsize=16, fontweight="bold", color=INK)
        until = _until(book)
        for axes in (minutes, matched, pace):
            _blocks(axes, book, named=axes is minutes)
            axes.set_xlim(0.4, until + 0.6)
            axes.xaxis.set_major_locator(MaxNLocator(MOST_LABELS, integer=True))
        _minutes(minutes, book)
        _matched(matched, book)
        _pace(pace, book)
        pace.set_xlabel("shooting day")
        file = io.BytesIO()
        nothing = {"png": {}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}[kind]
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Glyph", UserWarning)  # of a title in a script that the font has not
            figure.savefig(file, format=kind, dpi=DPI, metadata=nothing)
        return file.getvalue()


def _until(book: Daybook) -> int:
    """The last day shown: of the shoot, or with a forecast the middle of its wrap."""
    days = len(book.found.days)
    ahead = book.forecast
    if ahead is None or not np.isfinite(ahead.days.middle):
        return max(days, 1)
    return days + int(min(ahead.days.middle * 1.25 + 1, 3 * max(days, 4)))


def _blocks(axes: Axes, book: Daybook, named: bool) -> None:
    """Each second block is shaded."""
    for number, (block, days) in enumerate(groupby(book.found.days, key=lambda day: day.block)):
        numbers = [day.number for day in days]
        if number % 2:
            axes.axvspan(numbers[0] - 0.5, numbers[-1] + 0.5, color=QUIET, alpha=0.09, lw=0)
        if named:
            axes.text(numbers[0] - 0.4, 1.02, f"block {block}", transform=axes.get_xaxis_transform(),
                      color=QUIET, fontsize=9)  # fmt: skip


def _minutes(axes: Axes, book: Daybook) -> None:
    tallies = [day.tally for day in book.found.days]
    numbers = [day.number for day in book.found.days]
    used = np.array([float(each.used_s) for each in tallies]) / 60
    binned = np.array([float(sum(each.binned_s.values())) for each in tallies]) / 60
    shot = np.array([float(each.shot_s) for each in tallies]) / 60
    base = np.zeros(len(numbers))
    for values, colour, name in (
        (used, IN_CUT, "in the cut"),
        (np.maximum(shot - used - binned, 0), KEPT, "kept"),
        (binned, BIN, "bin"),
    ):
        axes.bar(numbers, values, bottom=base, color=colour, width=0.72, label=name, lw=0)
        base = base + values
    axes.set_ylabel("minutes shot")
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)


def _matched(axes: Axes, book: Daybook) -> None:
    found, ahead = book.found, book.forecast
    numbers = [0, *(day.number for day in found.days)]
    done = np.cumsum([0, *(len(day.tally.matched) for day in found.days)])
    axes.plot(numbers, done, color=IN_CUT, lw=2, marker="o", ms=4, label="matched")
    if found.missing is not None:
        planned = int(done[-1]) + len(found.missing)
        axes.axhline(planned, color=QUIET, lw=1, ls=(0, (4, 3)), label=f"planned: {planned}")
    if ahead is not None and len(ahead.ahead):
        days = numbers[-1] + np.arange(len(ahead.ahead) + 1)
        low, middle, high = (np.concatenate([[0], each]) + done[-1] for each in (ahead.low, ahead.ahead, ahead.high))
        axes.fill_between(days, low, high, color=PACE, alpha=0.18, lw=0, label="8 in 10")
        axes.plot(days, middle, color=PACE, lw=1.5, ls=(0, (4, 2)), label="forecast")
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.set_ylabel("shots matched")
    axes.set_title(book.wrap, loc="left", fontsize=10, color=INK)
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)


def _pace(axes: Axes, book: Daybook) -> None:
    axes.set_ylabel("matched a day")
    if book.pace is None:
        axes.set_title("no shot is matched yet", loc="left", fontsize=10, color=INK)
        return
    numbers = [day.number for day in book.found.days if day.takes]
    axes.bar(numbers, book.pace.counts, width=0.72, color=IN_CUT, alpha=0.35, lw=0)
    axes.fill_between(numbers, book.pace.low, book.pace.high, color=PACE, alpha=0.18, lw=0, label="95 %")
    axes.plot(numbers, book.pace.mean, color=PACE, lw=2, label="pace")
    axes.set_ylim(0, max(1.5 * float(book.pace.counts.max()), 1.2 * float(book.pace.mean.max()), 1))
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.set_title(book.pace.sentence, loc="left", fontsize=10, color=INK)
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
