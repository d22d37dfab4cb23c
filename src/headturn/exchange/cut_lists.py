"""Lists of cuts, as editing systems and cut detectors write them: EDL (CMX 3600) and CSV.

An EDL gives the record timecodes of its events: a cut lies where an event of the picture begins, a dissolve or wipe in
its middle, both counted from the first event's beginning, as the film was. A CSV has a heading with a column of
seconds ("time"), of timecodes, or of frames counted from 0; a list without one is read where its values tell.
"""

import csv
import re
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Literal

from headturn.clock import FrameTimes, Timecode
from headturn.errors import BadOption, CannotRead

Unit = Literal["seconds", "timecode", "frame"]

LARGEST_BYTES = 20_000_000
"""A list of cuts is text; an hour-long film's has less than a megabyte."""
_TIMECODE = r"\d\d:\d\d:\d\d[:;.,]\d{2,3}"
_EVENT = re.compile(
    rf"^\s*(?P<number>\d+)\s+(?P<reel>\S+)\s+(?P<track>\S+)\s+(?P<kind>C|D|W\d+|K\S*)\s+(?:[BO]\s+)?(?:(?P<lasts>\d+)\s+)?"
    rf"{_TIMECODE}\s+{_TIMECODE}\s+(?P<start>{_TIMECODE})\s+(?P<stop>{_TIMECODE})\s*$"
)
_CLOCK = re.compile(r"^(?:(\d+):)?(\d{1,2}):(\d{1,2}(?:[.,]\d+)?)$")
_CURE = "give an EDL (CMX 3600), or a CSV with a column headed time, timecode or frame"


def read(path: Path, times: FrameTimes) -> tuple[Fraction, ...]:
    """When the cuts of a film are, in seconds from its first frame, growing; its beginning is no cut.

    times: of the film's frames, for its rate and its end

    Raises:
        CannotRead: no such file, no list of cuts.
        BadOption: a time that makes no sense or lies beyond the film's end.
    """
    text = _text(path)
    lines = text.splitlines()
    events = any(_EVENT.match(line) for line in lines)
    found = _of_edl(path, lines, times.rate) if events else _of_csv(path, lines, times)
    cuts = tuple(sorted({time for time in found if time > 0}))
    if cuts and cuts[-1] >= times.span.end:
        raise BadOption(
            f"{path.name}: there is a cut at {float(cuts[-1]):.2f} s, but the film ends at "
            f"{float(times.span.end):.2f} s; give the list of this film, counted from its first frame."
        )
    return cuts


def _text(path: Path) -> str:
    try:
        if path.is_file() and path.stat().st_size > LARGEST_BYTES:
            raise CannotRead(path, "is too large for a list of cuts", _CURE)
        data = path.read_bytes()
    except OSError as error:
        raise CannotRead(path, f"cannot be read ({error.strerror})", _CURE) from None
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    if "\0" in text or not text.strip():
        raise CannotRead(path, "is no list of cuts" if text.strip() else "is empty", _CURE)
    return text


def _of_edl(path: Path, lines: Sequence[str], rate: Fraction) -> list[Fraction]:
    """Beginnings of the events of the picture, on the record side; audio events and black at the end do not count."""
    drop: bool | None = None
    starts: list[tuple[Fraction, Fraction]] = []
    for line in lines:
        if line.strip().upper().startswith("FCM:"):
            drop = "NON" not in line.upper()
        event = _EVENT.match(line)
        if not event or not event["track"].upper().startswith(("V", "B", "AA/V", "A/V", "A2/V")):
            continue
        start, stop = (_timecode(path, event[side], rate, drop).seconds for side in ("start", "stop"))
        if stop > start:  # of a dissolve the first line is the outgoing shot, of no length
            half = Fraction(int(event["lasts"] or 0), 2) / rate if event["kind"] != "C" else Fraction(0)
            starts.append((start, start + half))
    if not starts:
        raise CannotRead(path, "has no event of the picture", _CURE)
    first = min(start for start, _ in starts)
    return [cut - first for start, cut in starts if start > first]


def _timecode(path: Path, text: str, rate: Fraction, drop: bool | None = None) -> Timecode:
    try:
        return Timecode.parse(text, rate, drop)
    except BadOption as error:
        raise BadOption(f"{path.name}: {error}") from None


def _of_csv(path: Path, lines: Sequence[str], times: FrameTimes) -> list[Fraction]:
    sample = "\n".join(lines[:20])
    separator = ";" if sample.count(";") > sample.count(",") and not re.search(_TIMECODE, sample) else ","
    separator = "\t" if "\t" in sample else separator
    rows = [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=separator)]
    rows = [row for row in rows if any(row) and not row[0].startswith("#")]
    # PySceneDetect writes a line "Timecode List:" above its heading
    heading = max((number for number, row in enumerate(rows[:3]) if _column(row)), default=None)
    if heading is None:
        column, unit, body = 0, _unit(path, [row[0] for row in rows]), rows
    else:
        (column, unit), body = _column(rows[heading]) or (0, "seconds"), rows[heading + 1 :]
    cells = [row[column] for row in body if len(row) > column and row[column]]
    if not cells:
        raise CannotRead(path, "has no cut in it", _CURE)
    return [_moment(path, cell, unit, times) for cell in cells]


def _column(heading: Sequence[str]) -> tuple[int, Unit] | None:
    """The column that tells when, and in what: seconds before timecodes before frames; the first of its kind."""
    names = [name.lower() for name in heading]
    kinds: tuple[tuple[Unit, tuple[str, ...]], ...] = (
        ("seconds", ("time_s", "second", "start_s", "cut_s")),
        ("timecode", ("timecode", "tc")),
        ("frame", ("frame",)),
        ("seconds", ("time", "cut", "start")),
    )
    for unit, words in kinds:
        for number, name in enumerate(names):
            if any(word in name if len(word) > 2 else word == name for word in words):
                return number, unit
    return None


def _unit(path: Path, cells: Sequence[str]) -> Unit:
    """What values without a heading are; whole numbers alone could be frames or seconds."""
    if all(re.fullmatch(_TIMECODE, cell) and cell[8] in ":;" for cell in cells):
        return "timecode"
    if any(re.search(r"[.,:]", cell) for cell in cells) and re.match(r"^[\d.,:]+$", cells[0]):
        return "seconds"
    raise CannotRead(path, "is no list of cuts that can be read without doubt", _CURE)


def _moment(path: Path, cell: str, unit: Unit, times: FrameTimes) -> Fraction:
    try:
        if unit == "timecode" and re.fullmatch(r"\d\d:\d\d:\d\d[:;]\d{2,3}", cell):
            return _timecode(path, cell, times.rate).seconds
        if unit == "frame":
            frame = int(cell)
            if not 0 <= frame < len(times):
                raise BadOption(f"{path.name}: there is a cut at frame {frame}, but the film has {len(times)} frames.")
            return times[frame] - times[0]
        clock = _CLOCK.match(cell)
        if clock:
            hours, minutes, seconds = (Fraction((part or "0").replace(",", ".")) for part in clock.groups())
            return hours * 3600 + minutes * 60 + seconds
        moment = Fraction(cell.replace(",", "."))
    except (ValueError, ZeroDivisionError):
        raise BadOption(f"{path.name}: '{cell}' is no {unit if unit != 'seconds' else 'time in seconds'}.") from None
    if moment < 0:
        raise BadOption(f"{path.name}: a cut at {cell} s lies before the film begins.")
    return moment
