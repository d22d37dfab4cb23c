"""Ratings: what viewers said of a film while they saw it (FMS) and around it (SSQ, MSSQ), as values.

As CSV: one row for each rating, with the columns `viewer`, `time` (seconds of film, or minutes and seconds as 12:30, or
1:12:30) and `fms` (0 to 20). Further columns, on any row of a viewer: `mssq` (raw MSSQ-short, 0 to 54), `age`, `sex`
(f or m), `left` (when somebody walked out, a time as above) and, for each of the sixteen questions of the SSQ,
`before_1` to `before_16` and `after_1` to `after_16` (0 to 3).
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

from headturn.errors import BadOption, CannotRead
from headturn.review.course import FMS_MOST
from headturn.review.questionnaires import MSSQ_RAW_MOST, SSQ_ITEMS, ssq

NEEDED = ("viewer", "time", "fms")
ABOUT = ("mssq", "age", "sex", "left")
QUESTIONS = tuple(str(number) for number in range(1, len(SSQ_ITEMS) + 1))
BEFORE, AFTER = (tuple(f"{when}_{number}" for number in QUESTIONS) for when in ("before", "after"))
COLUMNS = (*NEEDED, *ABOUT, *BEFORE, *AFTER)
SEXES = {"f": True, "female": True, "m": False, "male": False}
AGE_MOST = 120.0
LATE_S = 5.0
"""A rating may come this long after the film's end, and counts as of its end: nobody stops a film to the second."""
MOST_ROWS = 1_000_000
"""A hundred viewers who rate every second of a film of two hours and a half; more is no screening."""


@dataclass(frozen=True)
class Rated:
    """One viewer of one film.

    times_s, fms: the ratings, 0 to 20, in order of film time
    mssq: raw MSSQ-short; ssq_more: total score of the SSQ after the film less that before it
    left_s: when the viewer walked out; all of these None where it is not known, or did not happen
    """

    viewer: str
    times_s: tuple[float, ...]
    fms: tuple[float, ...]
    mssq: float | None = None
    age: float | None = None
    female: bool | None = None
    ssq_more: float | None = None
    left_s: float | None = None

    def __post_init__(self) -> None:
        """Refuse what nobody can have said.

        Raises:
            BadOption: a rating is outside the scale, or there is another number of times.
        """
        if len(self.times_s) != len(self.fms):
            raise BadOption(f"Viewer {self.viewer}: {len(self.fms)} ratings at {len(self.times_s)} times.")
        for fms in self.fms:
            if not 0 <= fms <= FMS_MOST:
                raise BadOption(f"Viewer {self.viewer}: a rating of {fms:g} is outside 0 to {FMS_MOST:g}.")


def parsed(lines: Iterable[str], film_s: float, name: str = "ratings") -> tuple[Rated, ...]:
    """The viewers of a film from the lines of a CSV, by name; `film_s` is the film's length, `name` that of the file.

    The order of rows does not matter.

    Raises:
        CannotRead: a column is unknown or missing, a rating is outside its scale or the film, a row makes no sense,
            or there is none.
    """
    return tuple(_Sheet(name, film_s).viewers(lines))


class _Sheet:
    """A file of ratings, for the sentences that say what is wrong with it."""

    def __init__(self, name: str, film_s: float) -> None:
        self.name, self.film_s = name, film_s

    def wrong(self, why: str, cure: str) -> CannotRead:
        return CannotRead(self.name, why, cure)

    def viewers(self, lines: Iterable[str]) -> list[Rated]:
        rows: dict[str, list[tuple[int, Mapping[str, str]]]] = {}
        try:
            reader = csv.reader(lines, strict=True)
            columns = self._columns(next(reader, []))
            for cells in reader:
                if not any(cell.strip() for cell in cells):
                    continue
                if reader.line_num > MOST_ROWS:
                    raise self.wrong(f"it has more than {MOST_ROWS} rows", "thin out the ratings to one a second")
                if len(cells) != len(columns):
                    raise self.wrong(
                        f"line {reader.line_num} has {len(cells)} cells, its head has {len(columns)}",
                        "give each row a cell for each column, empty where there is nothing to say",
                    )
                row = {column: cell.strip() for column, cell in zip(columns, cells, strict=True)}
                if not row["viewer"]:
                    raise self.wrong(f"line {reader.line_num} names no viewer", "give each row a viewer")
                rows.setdefault(row["viewer"], []).append((reader.line_num, row))
        except (csv.Error, UnicodeDecodeError) as error:
            raise self.wrong(f"it is no CSV ({error})", "save it as comma-separated text in UTF-8") from error
        found = [self._viewer(viewer, rows[viewer]) for viewer in sorted(rows)]
        if not any(each.fms for each in found):
            raise self.wrong("it holds no ratings", "give rows with viewer, time and fms")
        return found

    def _columns(self, cells: Sequence[str]) -> list[str]:
        columns = [cell.strip().removeprefix("\ufeff").lower() for cell in cells]
        known = "the columns are viewer, time, fms and, if wanted, mssq, age, sex, left, before_1 ... after_16"
        for column in columns:
            if column not in COLUMNS:
                raise self.wrong(f"there is no column '{column}'", known)
            if columns.count(column) > 1:
                raise self.wrong(f"it has two columns '{column}'", "keep one of them")
        missing = [column for column in NEEDED if column not in columns]
        if missing:
            raise self.wrong(f"the column '{missing[0]}' is missing" if columns else "it is empty", known)
        return columns

    def _viewer(self, viewer: str, rows: Sequence[tuple[int, Mapping[str, str]]]) -> Rated:
        ratings = [self._rating(line, viewer, row) for line, row in rows if row["time"] or row["fms"]]
        ratings.sort()
        sex = self._one(viewer, rows, "sex")
        if sex and sex.lower() not in SEXES:
            raise self.wrong(f"the sex of viewer {viewer} is '{sex}'", "give f, m or nothing")
        left = self._one(viewer, rows, "left")
        return Rated(
            viewer,
            tuple(time_s for time_s, _ in ratings),
            tuple(fms for _, fms in ratings),
            self._about(viewer, rows, "mssq", MSSQ_RAW_MOST),
            self._about(viewer, rows, "age", AGE_MOST),
            SEXES[sex.lower()] if sex else None,
            self._ssq_more(viewer, rows),
            self._time(left, f"viewer {viewer} left at") if left else None,
        )

    def _rating(self, line: int, viewer: str, row: Mapping[str, str]) -> tuple[float, float]:
        where = f"line {line}, viewer {viewer}"
        fms = _number(row["fms"])
        if fms is None or not 0 <= fms <= FMS_MOST:
            raise self.wrong(
                f"{where}: a rating of '{row['fms']}' is outside the scale", f"rate from 0 to {FMS_MOST:g}"
            )
        return self._time(row["time"], f"{where}: the time is"), fms

    def _time(self, text: str, what: str) -> float:
        parts = [_number(part) for part in text.split(":")]
        if len(parts) > 3 or any(part is None or part < 0 for part in parts):
            raise self.wrong(f"{what} '{text}'", "give seconds of film, or minutes and seconds as 12:30")
        time_s = sum(part * 60**place for place, part in enumerate(reversed(parts)) if part is not None)
        if time_s > self.film_s + LATE_S:
            raise self.wrong(
                f"{what} '{text}', the film ends after {self.film_s:.0f} s",
                "give times in the film, or choose the film that these viewers saw",
            )
        return min(time_s, self.film_s)

    def _one(self, viewer: str, rows: Sequence[tuple[int, Mapping[str, str]]], column: str) -> str:
        given = {row[column] for _, row in rows if row.get(column)}
        if len(given) > 1:
            either = "' and '".join(sorted(given)[:2])
            raise self.wrong(f"for viewer {viewer} '{column}' is both '{either}'", "give one, or two viewers two names")
        return given.pop() if given else ""

    def _about(
        self, viewer: str, rows: Sequence[tuple[int, Mapping[str, str]]], column: str, most: float
    ) -> float | None:
        text = self._one(viewer, rows, column)
        if not text:
            return None
        value = _number(text)
        if value is None or not 0 <= value <= most:
            raise self.wrong(f"for viewer {viewer} '{column}' is '{text}'", f"give 0 to {most:g} or nothing")
        return value

    def _ssq_more(self, viewer: str, rows: Sequence[tuple[int, Mapping[str, str]]]) -> float | None:
        """Total score after less before; None unless both are filled in."""
        scores = []
        for when, columns in (("before", BEFORE), ("after", AFTER)):
            texts = [self._one(viewer, rows, column) for column in columns]
            given = [_number(text) for text in texts if text]
            if not given:
                continue
            if len(given) < len(columns) or any(value is None for value in given):
                raise self.wrong(
                    f"the SSQ of viewer {viewer} {when} the film is not filled in", "give all sixteen, or none"
                )
            try:
                scores.append(ssq([value for value in given if value is not None]).total)
            except BadOption as error:
                raise self.wrong(f"viewer {viewer}, {when} the film: {error}"[:-1], "correct the sheet") from error
        return scores[1] - scores[0] if len(scores) == 2 else None


def _number(text: str) -> float | None:
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        return None
    return value if isfinite(value) else None
