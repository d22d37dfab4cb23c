"""By what order the takes stand: slates, the order file film.csv, or the clock."""

import csv
import io
import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import get_args

from headturn.camera import slate as slates
from headturn.camera.take import REJECTED, Clip, Mark, Take
from headturn.clock import Span, Timecode
from headturn.errors import BadOption, HeadturnError

COLUMNS = ("file", "slate", "performer", "mark", "in", "out")
SHORTEST_TAKE_S = Fraction(1, 2)
"""A quick look takes 0.3 s; a take must hold a turn and something of what it turns to."""
FIRST_YEAR = 2005
"""No camera that writes these files is older; clocks without a battery start in 1904, 1970 or 2000."""
CLOCKS_APART = timedelta(minutes=10)
"""GoPro's container time lies within about a minute of its timecode (41 to 69 s on real clips)."""
DAY_S = 86400
OVERLAP_S = Fraction(1)
"""Timecodes of one camera do not overlap at all; a second allows for their drift."""


@dataclass(frozen=True)
class Row:
    """One line of film.csv. `inside` and `outside` are its in and out as written."""

    file: str
    slate: str = ""
    performer: str = ""
    mark: str = ""
    inside: str = ""
    outside: str = ""


@dataclass(frozen=True)
class Unused:
    """A recording or take that the film does without, and why."""

    name: str
    why: str

    def __str__(self) -> str:
        # What the camera department says already begins with the file's name.
        return self.why if self.why.startswith(f"{self.name}: ") else f"{self.name}: {self.why}"


@dataclass(frozen=True)
class Order:
    """The shots in film order, each with the takes that compete for it.

    how: by what they stand, as a sentence; notes: what is odd about clocks and names
    aside: takes that a mark, their length or a longer one at the same time keeps out, each with a mark that keeps it
        out of the next film too until people say otherwise; unused: why
    """

    shots: tuple[tuple[Take, ...], ...]
    how: str
    unused: tuple[Unused, ...]
    notes: tuple[str, ...]
    aside: tuple[Take, ...] = ()

    @property
    def takes(self) -> tuple[Take, ...]:
        """All takes that may be used, in order."""
        return tuple(take for shot in self.shots for take in shot)


def read_rows(path: Path) -> tuple[Row, ...]:
    """The lines of an order file.

    Raises:
        BadOption: not a table with the columns file, slate, performer, mark, in, out (file is required).
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadOption(f"{path}: cannot be read as a table ({error}); save it as CSV in UTF-8.") from None
    lines = text.splitlines()
    delimiter = ";" if lines and lines[0].count(";") > lines[0].count(",") else ","
    table = csv.DictReader(io.StringIO(text), delimiter=delimiter)
    try:
        names, lines_read = [name.strip().lower() for name in table.fieldnames or ()], list(table)
    except csv.Error as error:
        raise BadOption(f"{path}: cannot be read as a table ({error}); save it as CSV in UTF-8.") from None
    unknown = sorted(set(names) - {*COLUMNS, ""})  # spreadsheets leave empty columns at the end
    if "file" not in names or unknown:
        what = f"unknown column {', '.join(unknown)}" if unknown else "no column 'file'"
        raise BadOption(f"{path}: {what}; the columns are {', '.join(COLUMNS)}.")
    rows = []
    for values in lines_read:
        by_name = {str(k).strip().lower(): (v or "").strip() for k, v in values.items() if isinstance(v, str)}
        if by_name.get("file"):
            by_name["mark"] = by_name.get("mark", "").lower()
            row = Row(*(by_name.get(column, "") for column in COLUMNS))
            if row.mark and row.mark not in get_args(Mark):
                raise BadOption(
                    f"{path}, {row.file}: '{row.mark}' is no mark; use {', '.join(get_args(Mark))} or leave it empty."
                )
            rows.append(row)
    return tuple(rows)


def table(takes: Iterable[Take], folder: Path) -> str:
    """film.csv for these takes, in this order; files are named from `folder`."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for take in takes:
        inside, outside = (
            (f"{float(take.marked.start):.3f}s", f"{float(take.marked.end):.3f}s") if take.marked else ("", "")
        )
        file = os.path.relpath(take.clip.files[0], folder)
        writer.writerow([file, take.slate or "", take.performer, take.mark or "", inside, outside])
    return out.getvalue()


def arrange(clips: Sequence[Clip], rows: Sequence[Row], rows_folder: Path, now: datetime | None = None) -> Order:
    """Takes in shots in film order, out of clips and what the order file says.

    A slate in the name comes first, then the order file, then the clock (see `_by_clock`). Recordings without a slate
    are successive shots. A slate that only the order file gives makes takes rivals; where their shot stands is where
    the order file names its first take. `rows_folder` is where that lies; its file names are relative to it.
    """
    now = now or datetime.now(UTC)
    notes: list[str] = []
    unused: list[Unused] = []
    by_clip = _rows_of_clips(clips, rows, rows_folder, notes)
    takes = []
    for clip in clips:
        try:
            takes.append(_take(clip, by_clip.get(clip.id), notes))
        except HeadturnError as error:
            unused.append(Unused(clip.name, str(error)))
    able, turned_down = _usable(takes)
    unused += turned_down
    listed = {id: number for number, id in enumerate(by_clip)}
    slated = [take for take in able if slates.parse(take.clip.name)]
    ordered = [take for take in able if take not in slated and take.clip.id in listed]
    rest = [take for take in able if take not in slated and take.clip.id not in listed]
    notes += [note for take in rest for note in _odd_clock(take.clip, now)]
    rest, clock, overlapping = _by_clock(rest, now)
    unused += overlapping
    slated.sort(key=_slate_key)
    ordered.sort(key=lambda take: listed[take.clip.id])
    how = [
        f"{len(part)} {'take' if len(part) == 1 else 'takes'} by {words}"
        for part, words in ((slated, "slate"), (ordered, "film.csv"), (rest, clock))
        if part
    ]
    used = [*slated, *ordered, *rest]
    aside = tuple(
        take if take.mark in REJECTED else replace(take, mark="no good") for take in takes if take not in used
    )
    return Order(_shots(used), ", then ".join(how), tuple(unused), tuple(notes), aside)


def _shots(takes: Sequence[Take]) -> tuple[tuple[Take, ...], ...]:
    """Takes of one shot together, shots in the order of their first take; takes without a shot stand alone."""
    shots: dict[str, list[Take]] = {}
    for take in takes:
        shots.setdefault(take.shot or take.id, []).append(take)
    return tuple(tuple(shot) for shot in shots.values())


def _slate_key(take: Take) -> tuple[object, ...]:
    assert take.slate is not None
    return slates.sort_key(take.slate.shot), take.slate, take.clip.name


# What is said of each clip --------------------------------------------------------------------------------------


def _rows_of_clips(clips: Sequence[Clip], rows: Sequence[Row], folder: Path, notes: list[str]) -> dict[str, Row]:
    """The order file's line of each clip, by clip id, in the file's order."""
    found: dict[str, Row] = {}
    for row in rows:
        path = (folder / row.file).resolve()
        match = next((c for c in clips if path in {file.resolve() for file in c.files}), None)
        match = match or next((c for c in clips if Path(row.file).name in {file.name for file in c.files}), None)
        if match is None:
            notes.append(f"film.csv names {row.file}, which is not among the recordings")
        elif match.id in found:
            notes.append(f"film.csv names {row.file} twice; the first line counts")
        else:
            found[match.id] = row
    return found


def _take(clip: Clip, row: Row | None, notes: list[str]) -> Take:
    named = slates.parse(clip.name)
    take = Take(clip, clip.span, shot=named.shot if named else "", slate=named)
    if row is None:
        return take
    written = slates.written(row.slate)
    if named and written and written != named:
        notes.append(
            f"{clip.name}: film.csv says {written}; the slate in the name stands, rename the file to change it"
        )
    slate = named or written
    mark = next((mark for mark in get_args(Mark) if mark == row.mark), None)
    marked = _marked(clip, row)
    shot = slate.shot if slate else ""
    return replace(take, slate=slate, shot=shot, performer=row.performer, mark=mark, marked=marked)


def _marked(clip: Clip, row: Row) -> Span | None:
    if not row.inside and not row.outside:
        return None
    start = _time(clip, row.inside) if row.inside else clip.span.start
    end = _time(clip, row.outside) if row.outside else clip.span.end
    if not clip.span.start <= start < end <= clip.span.end + Fraction(1, 10):
        length = f"{float(clip.span.duration):.3f}s"
        raise BadOption(
            f"{clip.name}: in {row.inside or 'start'} and out {row.outside or 'end'} do not lie within the take "
            f"(0s to {length}); correct them in film.csv"
        )
    return Span(start, min(end, clip.span.end))


def _time(clip: Clip, text: str) -> Fraction:
    return moment(text, clip.name, clip.timecode, clip.image.rate)


def moment(text: str, name: str, timecode: Timecode | None, rate: Fraction) -> Fraction:
    """A time on a clip's clock from "7.5s", "7.5", "1:07.5" or, with frames, the source's timecode.

    name: of the clip, for errors; timecode: of its first frame; rate: frames a second of a clip without

    Raises:
        BadOption: the text is none of them.
    """
    plain = text.strip().removesuffix("s")
    if re.fullmatch(r"\d\d:\d\d:\d\d[:;]\d\d", plain):
        start = timecode or Timecode(0, rate)
        return Timecode.parse(plain, start.rate, start.drop if timecode else None).seconds - start.seconds
    if not re.fullmatch(r"(\d{1,6}:){0,2}\d{1,6}([.,]\d{1,9})?", plain):
        raise BadOption(f"{name}: '{text}' is no time; write it like 7.5s, 1:07.5 or as source timecode")
    parts = [Fraction(part) for part in plain.replace(",", ".").split(":")]
    return sum((part * 60**power for power, part in enumerate(reversed(parts))), Fraction(0))


def _usable(takes: Sequence[Take]) -> tuple[list[Take], list[Unused]]:
    kept, unused = [], []
    for take in takes:
        if take.mark in REJECTED:
            unused.append(Unused(take.name, f"marked {take.mark}"))
        elif take.span.duration < SHORTEST_TAKE_S:
            length = f"{float(take.span.duration):.2f} s"
            unused.append(Unused(take.name, f"{length} long, shorter than a head turn and what it turns to"))
        else:
            kept.append(take)
    return kept, unused


# The clock ------------------------------------------------------------------------------------------------------


def _by_clock(takes: list[Take], now: datetime) -> tuple[list[Take], str, list[Unused]]:
    """Takes by the best clock that all of them have, what it is called, and those that overlap another in time."""
    clocks: tuple[tuple[str, Callable[[Clip], Fraction | None]], ...] = (
        ("timecode and date", lambda clip: _timecode_clock(clip, now)),
        ("creation time", lambda clip: _seconds(clip.created) if _plausible(clip.created, now) else None),
    )
    for exact, (words, clock) in zip((True, False), clocks, strict=True):
        starts = {take.clip.id: clock(take.clip) for take in takes}
        known = {id: start for id, start in starts.items() if start is not None}
        if takes and len(known) == len(takes):
            ordered = sorted(takes, key=lambda take: (known[take.clip.id], take.clip.name))
            kept, unused = _one_at_a_time(ordered, known) if exact else (ordered, [])
            return kept, words, unused
    numbers = [_camera_number(take.clip.name) for take in takes]
    if takes and all(numbers):
        return sorted(takes, key=lambda take: (_camera_number(take.clip.name), take.clip.name)), "camera number", []
    return sorted(takes, key=lambda take: slates.sort_key(take.clip.name)), "name", []


def _timecode_clock(clip: Clip, now: datetime) -> Fraction | None:
    """Date and timecode as seconds; None where either is missing or the date cannot be true.

    The date is that of the creation time, which may lie on the other side of midnight: the nearest is meant.
    """
    if clip.timecode is None or not _plausible(clip.created, now):
        return None
    created = _seconds(clip.created)
    days = round((created - clip.timecode.seconds) / DAY_S)
    return days * DAY_S + clip.timecode.seconds


def _seconds(moment: datetime | None) -> Fraction:
    assert moment is not None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return Fraction(round(aware.timestamp() * 1000), 1000)


def _plausible(created: datetime | None, now: datetime) -> bool:
    if created is None or created.year < FIRST_YEAR:
        return False
    return (created if created.tzinfo else created.replace(tzinfo=UTC)) <= now + timedelta(days=1)


def _one_at_a_time(ordered: list[Take], starts: dict[str, Fraction]) -> tuple[list[Take], list[Unused]]:
    """Of recordings that run at the same time the longest is kept: two cameras saw one performance."""
    kept: list[Take] = []
    unused: list[Unused] = []
    for take in ordered:
        last = kept[-1] if kept else None
        if last is None or starts[take.clip.id] >= starts[last.clip.id] + last.span.duration - OVERLAP_S:
            kept.append(take)
            continue
        longer, shorter = (take, last) if take.span.duration > last.span.duration else (last, take)
        kept[-1] = longer
        unused.append(Unused(shorter.name, f"runs at the same time as {longer.name}, which is longer and is used"))
    return kept, unused


def _odd_clock(clip: Clip, now: datetime) -> list[str]:
    if clip.created is None:
        return []
    if not _plausible(clip.created, now):
        return [f"{clip.name}: its clock says {clip.created:%Y-%m-%d}, which cannot be true"]
    if clip.timecode is None:
        return []
    of_day = timedelta(hours=clip.created.hour, minutes=clip.created.minute, seconds=clip.created.second)
    apart = abs(of_day - timedelta(seconds=float(clip.timecode.seconds)))
    apart = min(apart, timedelta(days=1) - apart)
    if apart > CLOCKS_APART:
        return [f"{clip.name}: timecode {clip.timecode} and creation time {clip.created:%H:%M:%S} are far apart"]
    return []


def _camera_number(name: str) -> tuple[int, int] | None:
    """Recording number and chapter in a camera's name: GX020123 is recording 123, chapter 2."""
    match = re.match(r"G[HXLPS](\d\d)(\d{4})|GOPR(\d{4})|[A-Z]{3,4}[-_]?(\d{3,})", name, re.IGNORECASE)
    if not match:
        return None
    if match[1]:
        return int(match[2]), int(match[1])
    return int(match[3] or match[4]), 0
