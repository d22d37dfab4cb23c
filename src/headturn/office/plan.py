"""The plan: plan.csv in the film's folder says which shots are to be made, in which sequence and block."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from headturn.errors import BadOption

FILE = "plan.csv"
COLUMNS = ("shot", "sequence", "block", "seconds")


@dataclass(frozen=True)
class Planned:
    """A shot to be made. seconds: on the screen, or None where the plan does not say."""

    shot: str
    sequence: str = ""
    block: str = ""
    seconds: float | None = None


@dataclass(frozen=True)
class Plan:
    """All shots to be made, in the plan's order, each once."""

    shots: tuple[Planned, ...]


def read(path: Path) -> Plan | None:
    """The plan in a file, or None where there is no such file.

    Raises:
        BadOption: not a table, a column it does not know, a shot without a name or twice, seconds that are none.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise BadOption(f"{path}: cannot be read as text ({error}); save it as CSV in UTF-8.") from None
    try:
        delimiter = ";" if ";" in text.partition("\n")[0] else ","
        rows = list(csv.reader(io.StringIO(text), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise BadOption(f"{path}: is no table ({error}); its columns are {', '.join(COLUMNS)}.") from None
    head = [name.strip().lower() for name in rows[0]] if rows else []
    unknown = [name for name in head if name not in COLUMNS]
    if "shot" not in head or unknown or len(set(head)) < len(head):
        odd = (
            f"'{unknown[0]}' is no column" if unknown else "its first line must name each column once, shot among them"
        )
        raise BadOption(f"{path}, line 1: {odd}; there are {', '.join(COLUMNS)}.")
    found: dict[str, Planned] = {}
    for number, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) > len(head):
            raise BadOption(f"{path}, line {number}: has {len(row)} cells, and there are {len(head)} columns.")
        cells = {name: cell.strip() for name, cell in zip(head, row, strict=False)}
        shot = cells.get("shot", "").upper()
        if not shot:
            raise BadOption(f"{path}, line {number}: names no shot.")
        if shot in found:
            raise BadOption(f"{path}, line {number}: shot {shot} is there already; take one of the two out.")
        where = f"{path}, line {number}"
        seconds = _seconds(cells.get("seconds", ""), where)
        found[shot] = Planned(shot, cells.get("sequence", ""), cells.get("block", ""), seconds)
    return Plan(tuple(found.values()))


def _seconds(text: str, where: str) -> float | None:
    if not text:
        return None
    try:
        seconds = float(text.replace(",", "."))
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < 86400:
        raise BadOption(f"{where}: '{text}' is no number of seconds; write it like 42.5.")
    return seconds
