"""What `study` says in the terminal, in the table of its page, and as JSON."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from headturn.clock import clock_name
from headturn.office.study import RECALL, Studied

SHORT_S = 10.0
"""Below this length a number of turns a minute says little, and is not told."""


def rows(films: Sequence[Studied]) -> list[tuple[str, list[str]]]:
    """The films side by side: what is compared, and a cell for each film."""
    asked = (
        ("length", lambda film: clock_name(film.length_s)),
        ("cuts", _cuts),
        ("in head turns", _in_turns),
        ("segment, median", lambda film: _seconds(float(np.median(film.study.lengths_s)))),
        ("segment, longest", lambda film: _seconds(float(film.study.lengths_s.max()))),
        ("head turns", lambda film: str(len(film.study.turns))),
        ("turns a minute", _turns_a_minute),
        ("turn, median speed", lambda film: _median(film, lambda turn: turn.peak_rad_s, "°/s")),
        ("turn, median angle", lambda film: _median(film, lambda turn: turn.angle_rad, "°")),
        ("discomfort now, mean", lambda film: _now(film, np.mean)),
        ("discomfort now, most", lambda film: _now(film, np.max)),
        ("flashes", _flashes),
    )
    return [(name, [tell(film) for film in films]) for name, tell in asked]


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 100 else clock_name(seconds)


def _cuts(film: Studied) -> str:
    count = len(film.study.cuts)
    return f"{count} (given)" if film.listed else f"at least {count}" if count else "none found"


def _in_turns(film: Studied) -> str:
    count, of = film.study.in_turns, len(film.study.cuts)
    if not of:
        return "–"
    return f"{'' if film.listed else 'at least '}{count} of {of}"


def _turns_a_minute(film: Studied) -> str:
    return "–" if film.length_s < SHORT_S else f"{60 * len(film.study.turns) / film.length_s:.1f}"


def _median(film: Studied, of: Any, unit: str) -> str:  # noqa: ANN401
    turns = film.study.turns
    return f"{np.degrees(np.median([of(turn) for turn in turns])):.0f}{unit}" if turns else "–"


def _now(film: Studied, of: Any) -> str:  # noqa: ANN401
    return "not known" if film.felt is None else f"{of(film.felt.now):.1f}"


def _flashes(film: Studied) -> str:
    if not film.reel.flashes:
        return "not checked"
    failed = [report["standard"] for report in film.reel.flashes if not report["passes"]]
    return f"fails {', '.join(failed)}" if failed else "none found"


def show(films: Sequence[Studied], out: Path) -> None:
    """Print the table, what was not known, and where the page is."""
    console = Console(highlight=False, soft_wrap=True)
    table = Table(box=None, pad_edge=False, show_header=True, header_style="bold")
    table.add_column("")
    for film in films:
        table.add_column(escape(film.name), overflow="fold")
    for name, cells in rows(films):
        table.add_row(name, *(escape(cell) for cell in cells))
    console.print(table)
    for film in films:
        for note in film.notes:
            console.print(f"[dim]{escape(film.name)}: {escape(note)}[/dim]")
    if any(not film.listed for film in films):
        console.print(f"[dim]{escape(RECALL)}[/dim]")
    console.print(f"\nPage: {escape(str(out))}")


def as_json(films: Sequence[Studied], out: Path | None) -> dict[str, Any]:
    """The same as plain values; times in seconds from a film's first frame, angles in radians."""
    return {
        "page": str(out) if out else None,
        "recall": RECALL,
        "films": [_film_json(film) for film in films],
    }


def _film_json(film: Studied) -> dict[str, Any]:
    study, felt = film.study, film.felt
    return {
        "file": str(film.reel.clip.files[0]),
        "length_s": film.length_s,
        "rate": str(film.reel.times.rate),
        "cuts_given": film.listed,
        "detector_found": len(film.found),
        "cuts": [
            {
                "time_s": cut.time_s,
                "frame": int(film.reel.frames[cut.frame]),
                "kind": cut.kind,
                "score": round(cut.score, 2),
                "turn_before": cut.before,
                "turn_after": cut.after,
            }
            for cut in study.cuts
        ],
        "cuts_in_turns": study.in_turns,
        "segments_s": [round(float(length), 4) for length in study.lengths_s],
        "segment_median_s": float(np.median(study.lengths_s)),
        "turns": [
            {
                "onset_s": turn.onset_s,
                "peak_s": turn.peak_s,
                "settle_s": turn.settle_s,
                "direction": turn.direction,
                "angle_rad": turn.angle_rad,
                "peak_rad_s": turn.peak_rad_s,
            }
            for turn in study.turns
        ],
        "comfort": None
        if felt is None
        else {
            "screen": felt.screen.name,
            "viewer": felt.viewer.name,
            "times_s": felt.times_s.tolist(),
            "now": felt.now.round(3).tolist(),
            "now_low": felt.now_low.round(3).tolist(),
            "now_high": felt.now_high.round(3).tolist(),
            "worst": [
                {"start_s": moment.start_s, "end_s": moment.end_s, "cause": moment.cause, "gain": moment.gain}
                for moment in film.moments
            ],
        },
        "flashes": list(film.reel.flashes) or None,
        "notes": list(film.notes),
    }
