"""What `comfort` says in the terminal, as JSON and as CSV."""

import csv
import io
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from headturn.clock import clock_name
from headturn.office.study_page import flash_sentences
from headturn.office.watching import Watched
from headturn.review.comfort import Comfort

MOMENTS_SAID = 5
"""In the terminal; the page has all."""


@dataclass(frozen=True)
class ScreenLine:
    """One screen in figures: highest and mean `now`, where that highest lies, and `build_up` at the end."""

    screen: str
    chosen: bool
    most: float
    at: str
    mean: float
    build_up: float


def screen_lines(watched: Watched) -> tuple[ScreenLine, ...]:
    """Every named screen, and the chosen one where it has no name."""
    felt = dict(watched.elsewhere)
    chosen = watched.felt.screen.name
    felt.setdefault(chosen, watched.felt)
    return tuple(_line(name, each, name == chosen) for name, each in felt.items())


def _line(name: str, felt: Comfort, chosen: bool) -> ScreenLine:
    at = clock_name(float(felt.times_s[felt.now.argmax()]))
    return ScreenLine(name, chosen, float(felt.now.max()), at, float(felt.now.mean()), float(felt.build_up[-1]))


def learnt(watched: Watched) -> str:
    """On what the prediction rests."""
    if watched.learnt_from:
        return f"Corrected by what {watched.learnt_from} viewers rated at screenings of this film."
    return (
        "A prediction from people's ratings of other clips: nobody has rated this. "
        "headturn screening takes in what viewers say."
    )


def show(watched: Watched, out: Path) -> None:
    """Print the screens, the worst moments, and what flashes."""
    console = Console(highlight=False, emoji=False)
    say = partial(console.print, soft_wrap=True)
    felt = watched.felt
    name, seen_on, person = (escape(text) for text in (watched.name, felt.screen.name, felt.viewer.name))
    say(f"{name}, {clock_name(watched.length_s)}, on {seen_on} for the viewer {person}\n")
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("screen", "highest now", "at", "mean now", "build-up at end"):
        table.add_column(heading, justify="left" if heading == "screen" else "right")
    for line in screen_lines(watched):
        figures = f"{line.most:.0f}", line.at, f"{line.mean:.0f}", f"{line.build_up:.1f}"
        table.add_row(escape(line.screen), *figures, style="bold" if line.chosen else None)
    console.print(table)
    say("[dim]now: discomfort of the moment, 0 to 100; build-up: predicted FMS, 0 to 20[/]")
    if watched.moments:
        say("\nWorst moments")
    for moment, _ in watched.moments[:MOMENTS_SAID]:
        span = f"{clock_name(moment.start_s)} to {clock_name(moment.end_s)}"
        say(f"  {span}  {escape(moment.words)}; cured, {moment.gain:.1f} points less there")
    say("\nFlashes" if watched.flashes is not None else "\nFlashes: not checked.")
    for told in flash_sentences(watched.flashes or ()):
        say(f"  {escape(told)}")
    say("")
    say(learnt(watched))
    for note in watched.notes:
        say(f"Note: {escape(note)}")
    say(f"\nPage: {escape(str(out))}")


def as_json(watched: Watched, out: Path) -> dict[str, Any]:
    """The same as plain values, with the curves."""
    felt = watched.felt
    return {
        "schema": "headturn.comfort.1",
        "name": watched.name,
        "screen": {"name": felt.screen.name, "width_m": felt.screen.width_m, "distance_m": felt.screen.distance_m},
        "viewer": {"name": felt.viewer.name, "gain": felt.viewer.gain},
        "calibrated": felt.constants.calibrated,
        "rests_on_viewers": watched.learnt_from,
        "curves": {
            "time_s": felt.times_s.tolist(),
            "now": _rounded(felt.now), "now_low": _rounded(felt.now_low), "now_high": _rounded(felt.now_high),
            "build_up": _rounded(felt.build_up), "build_up_low": _rounded(felt.build_up_low),
            "build_up_high": _rounded(felt.build_up_high),
        },
        "screens": [
            {"screen": line.screen, "now_max": line.most, "now_mean": line.mean, "build_up_end": line.build_up}
            for line in screen_lines(watched)
        ],
        "moments": [
            {
                "start_s": moment.start_s, "end_s": moment.end_s, "cause": moment.cause, "words": moment.words,
                "gain": moment.gain, "gain_of_most": moment.gain_of_most, "gain_at_end": moment.gain_at_end,
                "now_without": _rounded(moment.without),
            }
            for moment, _ in watched.moments
        ],
        "flashes": None if watched.flashes is None else list(watched.flashes),
        "splices": [{"time_s": splice.time_s, "verdict": splice.verdict} for splice in watched.splices],
        "notes": list(watched.notes),
        "page": str(out),
    }  # fmt: skip


def as_csv(watched: Watched) -> str:
    """One row for each second: the curves, and what drives them."""
    felt, text = watched.felt, io.StringIO()
    parts = dict(felt.drive.parts)
    curves = (felt.times_s, felt.now, felt.now_low, felt.now_high, felt.build_up, felt.build_up_low, felt.build_up_high)
    columns = ("time_s", "now", "now_low", "now_high", "build_up", "build_up_low", "build_up_high")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow((*columns, *(f"drive_{name.replace(' ', '_')}" for name in parts)))
    for row in zip(*curves, *parts.values(), strict=True):
        writer.writerow([f"{value:.5g}" for value in row])
    return text.getvalue()


def _rounded(values: np.ndarray[Any, np.dtype[np.float64]]) -> list[float]:
    return [round(float(value), 3) for value in values]
