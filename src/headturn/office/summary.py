"""What `make` says at the end: a short table for people, the same as plain values for scripts."""

from dataclasses import asdict
from functools import partial
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from headturn.clock import clock_name, rate_name
from headturn.office.made import Made
from headturn.office.steadying import Steadied
from headturn.office.words import STYLE

WIDE = 64
"""Columns from which a terminal has room for the times in each take; the report has them in any case."""


def show(made: Made) -> None:
    """Print the summary to the terminal."""
    console = Console(highlight=False, emoji=False)
    say = partial(console.print, soft_wrap=True)  # a path or a file's name is not broken in two
    cut = made.cut
    table = Table(box=None, pad_edge=False, header_style="bold")
    wide = console.width >= WIDE
    for heading in ("film", "take", *(["from the take"] if wide else []), "splice", "why"):
        table.add_column(heading, overflow="fold", no_wrap=heading in ("film", "splice"))
    for index, segment in enumerate(cut.segments):
        verdict, why = "", ""
        if index:
            splice = cut.splices[index - 1]
            verdict = f"[{STYLE[splice.verdict]}]{splice.verdict}[/]"
            why = escape(splice.reasons[0]) if splice.reasons else ""
        source = [f"{clock_name(segment.source.start)} to {clock_name(segment.source.end)}"] if wide else []
        table.add_row(clock_name(segment.start / cut.rate), escape(segment.name), *source, verdict, why)
    console.print(table)
    say(
        f"\n{escape(cut.title)}: {clock_name(cut.duration)}, {cut.width}x{cut.height}, "
        f"{rate_name(cut.rate)} frames a second; {escape(made.order.how)}"
    )
    if made.judges.calibration.answers:
        say(f"Splices are judged by {made.judges}.")
    for line in made.steadied.lines if made.steadied else ():
        say(escape(line))
    for note in made.order.notes:
        say(f"Note: {escape(note)}")
    for each in made.unused:
        say(f"Not used: {escape(str(each))}")
    say(f"\nFilm:   {escape(str(made.store.film))}\nReport: {escape(str(made.store.report))}")


def as_json(made: Made) -> dict[str, Any]:
    """The summary as plain values; times in seconds, exact ones as rationals."""
    cut = made.cut
    return {
        "film": str(made.store.film),
        "report": str(made.store.report),
        "cut": str(made.store.cut),
        "title": cut.title,
        "running_time_s": float(cut.duration),
        "rate": str(cut.rate),
        "size": [cut.width, cut.height],
        "order": made.order.how,
        "takes": [segment.name for segment in cut.segments],
        "splices": [
            {
                "time_s": float(splice.frame / cut.rate),
                "frame": splice.frame,
                "verdict": splice.verdict,
                "detectability": splice.detectability,
                "cost": round(splice.cost, 3),
                "hiding": splice.seam.hiding,
                "reasons": list(splice.reasons),
            }
            for splice in cut.splices
        ],
        "steadied": None if made.steadied is None else _steadied_json(made.steadied),
        "judged_by": {"answers": made.judges.calibration.answers, "viewers": made.judges.viewers},
        "unused": [{"name": each.name, "why": each.why} for each in made.unused],
        "notes": list(made.order.notes),
    }


def _steadied_json(came: Steadied) -> dict[str, Any]:
    return {
        "max_now": came.steadying.max_now,
        "max_build_up": came.max_build_up or None,
        "screen": came.steadying.screen,
        "viewer": came.steadying.viewer,
        "met": not came.unmet if came.budgets else None,
        "unmet": [asdict(each) for each in came.unmet],
        "now_before": list(came.before),
        "now_after": list(came.after),
        "mean_crop": round(came.mean_crop, 4),
        "most_crop": round(came.most_crop, 4),
        "notes": list(came.notes),
    }
