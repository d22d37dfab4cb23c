"""What `days` says: a table for people, plain values for scripts, a row a day for a spreadsheet."""

import csv
import io
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from headturn.office.daybook import Daybook
from headturn.office.days import Day, Part, Tally
from headturn.office.pace import Interval
from headturn.office.words import percent

SCHEMA = "headturn.days.1"
NOTHING = "–"


def minutes(seconds: Any) -> str:  # noqa: ANN401  # a Fraction or a float
    """Seconds as minutes: "12.5"."""
    return f"{float(seconds) / 60:.1f}"


def share(value: float | None) -> str:
    """A share, or a dash where there is nothing to share."""
    return NOTHING if value is None else percent(value)


def reasons(tally: Tally) -> str:
    """Why takes are in the bin, the most frequent first."""
    ranked = sorted(tally.binned.items(), key=lambda each: (-each[1], each[0]))
    return ", ".join(f"{why} {count}" for why, count in ranked)


def show(book: Daybook, written: Sequence[Path] = ()) -> None:
    """Print days, blocks and sequences, pace and forecast."""
    console = Console(highlight=False, emoji=False)
    say = partial(console.print, soft_wrap=True)
    found = book.found
    counts = ((len(found.days), "shooting day"), (len(found.blocks), "block"))
    told = ", ".join(f"{count} {what}{'' if count == 1 else 's'}" for count, what in counts)
    say(f"[bold]{escape(book.title)}[/]: {told}\n")
    if found.days:
        parts: list[tuple[str, Tally]] = [(f"{day.number} · {day.date}", day.tally) for day in found.days]
        console.print(_table("day", parts, found.total))
        for heading, whole in (("block", found.blocks), ("sequence", found.sequences)):
            say("")
            console.print(_table(heading, [(_named(part), part.tally) for part in whole]))
        say(f"\nPace:     {book.pace.sentence if book.pace else 'no shot is matched yet'}")
    else:
        say("Nothing was shot yet: headturn takes --add FOLDER, offload or watch.")
    say(f"Forecast: {book.wrap}")
    if found.missing:
        say(f"Missing:  {escape(', '.join(each.shot for each in found.missing))}")
    for note in found.notes:
        say(f"Note: {escape(note)}")
    for path in written:
        say(f"Written:  {escape(str(path))}")


def _named(part: Part) -> str:
    length = len(part.days)
    return f"{part.name} ({length} {'day' if length == 1 else 'days'})"


def _table(heading: str, parts: Sequence[tuple[str, Tally]], total: Tally | None = None) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", show_footer=total is not None)
    last = _cells(total) if total else [""] * 9
    heads = ("shots", "matched", "takes", "circled", "reh.", "minutes", "in cut", "bin", "why")
    table.add_column(heading, footer="all")
    for name, foot in zip(heads, last, strict=True):
        table.add_column(name, footer=foot, justify="left" if name == "why" else "right", no_wrap=name != "why")
    for name, tally in parts:
        table.add_row(escape(name), *map(escape, _cells(tally)))
    return table


def _cells(tally: Tally) -> list[str]:
    return [
        str(len(tally.shots)), str(len(tally.matched)), str(tally.takes), str(tally.circled), str(tally.rehearsals),
        minutes(tally.shot_s), share(tally.used_share), share(tally.bin_share), reasons(tally),
    ]  # fmt: skip


# Plain values ---------------------------------------------------------------------------------------------------


def as_json(book: Daybook, written: Sequence[Path] = ()) -> dict[str, Any]:
    """All figures; seconds, and shares from 0 to 1, null where there is nothing to share."""
    found, told, ahead = book.found, book.pace, book.forecast
    return {
        "schema": SCHEMA,
        "title": book.title,
        "days": [_day(day) for day in found.days],
        "blocks": [_part(part) for part in found.blocks],
        "sequences": [_part(part) for part in found.sequences],
        "total": tally_json(found.total),
        "missing": None if found.missing is None else [each.shot for each in found.missing],
        "pace": told and {
            "matched_a_day": [int(each) for each in told.counts],
            "curve": [float(each) for each in told.mean],
            "next_day": _limits(told.today),
            "weekly": told.weekly and _limits(told.weekly),
            "sentence": told.sentence,
        },
        "forecast": ahead and {"remaining": ahead.remaining, "days": _limits(ahead.days)},
        "wrap": book.wrap,
        "notes": list(found.notes),
        "written": [str(path) for path in written],
    }  # fmt: skip


def _limits(told: Interval) -> dict[str, float | None]:
    return {name: value if value < float("inf") else None for name, value in vars(told).items()}


def _day(day: Day) -> dict[str, Any]:
    return {
        "day": day.number,
        "date": day.date.isoformat(),
        "block": day.block,
        "first": day.first and day.first.isoformat(),
        "last": day.last and day.last.isoformat(),
        "locked": list(day.locked),
    } | tally_json(day.tally)


def _part(part: Part) -> dict[str, Any]:
    return {
        "name": part.name, "days": list(part.days), "missing": [each.shot for each in part.missing]
    } | tally_json(part.tally)  # fmt: skip


def tally_json(tally: Tally) -> dict[str, Any]:
    """A tally as plain values."""
    return {
        "takes": tally.takes,
        "rehearsals": tally.rehearsals,
        "circled": tally.circled,
        "shots": list(tally.shots),
        "matched": list(tally.matched),
        "takes_a_match": tally.takes_a_match,
        "binned": dict(tally.binned),
        "bin_share": tally.bin_share,
        "bin_share_of_minutes": tally.bin_share_s,
        "binned_s": {why: float(seconds) for why, seconds in tally.binned_s.items()},
        "shot_s": float(tally.shot_s),
        "rehearsal_s": float(tally.rehearsal_s),
        "used_s": float(tally.used_s),
        "used_share": tally.used_share,
        "screen_s": float(tally.screen_s),
        "cameras_s": {camera: float(seconds) for camera, seconds in tally.camera_s.items()},
        "sounds": tally.sounds,
        "sound_s": float(tally.sound_s),
    }


def as_csv(book: Daybook) -> str:
    """A row a day; lists within a cell are parted by spaces."""
    out = io.StringIO()
    rows = [_flat(_day(day)) for day in book.found.days]
    empty = {"day": 0, "date": "", "block": "", "first": "", "last": "", "locked": []} | tally_json(Tally())
    writer = csv.DictWriter(out, list(_flat(empty)), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _flat(values: dict[str, Any]) -> dict[str, Any]:
    def cell(value: Any) -> Any:  # noqa: ANN401
        if isinstance(value, dict):
            return "; ".join(f"{key}: {each:g}" for key, each in value.items())
        if isinstance(value, list):
            return " ".join(value)
        return "" if value is None else value

    return {key: cell(value) for key, value in values.items()}
