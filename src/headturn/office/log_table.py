"""The log as a table: written for other programs, and what was written elsewhere taken in, line by line."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, get_args

from headturn.camera import slate as slates
from headturn.camera.take import Mark
from headturn.errors import BadOption, HeadturnError
from headturn.office.arrivals import named
from headturn.office.catalogue import Catalogue
from headturn.office.log import Decision, Entry, Log, Why, of_clip
from headturn.office.logbook import deciding, known, span
from headturn.office.store import Store

COLUMNS = ("file", "slate", "performer", "rig", "camera", "mark", "bin", "in", "out", "note")
MILLISECOND = Fraction(1, 1000)
"""Times in the table are written to milliseconds; read back, they are no new decision."""
NOTES = " / "
"""Between the notes of a take."""


@dataclass(frozen=True)
class Taken:
    """What was taken in from a table: lines read, decisions made of them, and what is wrong, a sentence a line."""

    lines: int
    decisions: tuple[Decision, ...]
    wrong: tuple[str, ...]


def read_table(store: Store, path: Path, by: str) -> Taken:
    """Take in a log kept elsewhere: what differs from what stands becomes decisions; wrong lines are told.

    Raises:
        BadOption: no table, or columns that it does not know.
    """
    rows = _rows(path)
    decisions: list[Decision] = []
    wrong: list[str] = []
    with deciding(store, by) as (catalogue, _):
        for number, row in rows:
            try:
                decisions += _taken_in(catalogue, row)
            except HeadturnError as error:
                wrong.append(f"{path.name}, line {number}: {error}")
    return Taken(len(rows), tuple(decisions), tuple(wrong))


def _taken_in(catalogue: Catalogue, row: Mapping[str, str]) -> Iterator[Decision]:
    """The decisions that a line of a table asks for, where what stands differs."""
    entry = named(catalogue.log(look=False), row["file"])
    clip = entry.footage.id
    said = {
        key: row.get(column, "") for key, column in (("performer", "performer"), ("rig", "rig"), ("unit", "camera"))
    }
    stood = {"performer": entry.performer, "rig": entry.rig, "unit": entry.unit}
    changed: dict[str, Any] = {key: what for key, what in said.items() if what and what != stood[key]}
    wanted = slates.written(row.get("slate", ""))
    if wanted and wanted != entry.slate:
        changed |= {"slate": row["slate"], "how": "table"}
    marks: dict[str, Any] = {}
    if row.get("mark") and row["mark"] != entry.mark:
        marks["mark"] = known(row["mark"], get_args(Mark), "mark")
    if row.get("in") or row.get("out"):
        marked = span(entry, row.get("in", ""), row.get("out", ""))
        if not _stands(entry, marked):
            marks["span"] = marked
    if row.get("note") and row["note"] not in (*entry.notes, NOTES.join(entry.notes)):
        marks["note"] = row["note"]
    why = known(row["bin"], get_args(Why), "reason") if row.get("bin") else None
    if changed:
        yield catalogue.decide("slate", of_clip(clip), changed)
        entry = named(catalogue.log(look=False), clip)
    if marks:
        yield catalogue.decide("mark", entry.subject, {"clip": clip, **marks})
    if why and why != entry.binned:
        yield catalogue.decide("bin", entry.subject, {"clip": clip, "why": why})


def _stands(entry: Entry, wanted: list[str]) -> bool:
    """Whether a span is marked already."""
    if entry.marked is None:
        return False
    ends = zip((entry.marked.start, entry.marked.end), map(Fraction, wanted), strict=True)
    return all(abs(stood - said) < MILLISECOND for stood, said in ends)


def table(log: Log) -> str:
    """The log as a table, one line a recording."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for each in log.entries:
        span = tuple(f"{float(time):.3f}" for time in (each.marked.start, each.marked.end)) if each.marked else ("", "")
        slate = each.slate or ""
        about = (each.performer, each.rig, each.unit, each.mark or "", each.binned or "")
        writer.writerow([f"{each.footage.roll}/{each.footage.files[0]}", slate, *about, *span, NOTES.join(each.notes)])
    return out.getvalue()


def _rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        first = text.split("\n", 1)[0]
        reader = csv.DictReader(io.StringIO(text), delimiter=";" if first.count(";") > first.count(",") else ",")
        names = [name.strip().lower() for name in reader.fieldnames or ()]
        rows = [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadOption(f"{path}: cannot be read as a table ({error}); save it as CSV in UTF-8.") from None
    unknown = sorted(set(names) - {*COLUMNS, ""})
    if "file" not in names or unknown:
        what = f"unknown column {', '.join(unknown)}" if unknown else "no column 'file'"
        raise BadOption(f"{path}: {what}; the columns are {', '.join(COLUMNS)}.")
    plain = [
        (number, {str(key).strip().lower(): str(what or "").strip() for key, what in row.items()})
        for number, row in rows
    ]
    return [(number, row) for number, row in plain if row["file"]]
