"""What the verbs of the log say."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from headturn.clock import clock_name
from headturn.office.arrivals import Arrived
from headturn.office.log import Entry, Log, set_back
from headturn.office.log_table import Taken
from headturn.office.logbook import Begun, Line, rate_words

SCHEMA = "headturn.log.1"
_MARKS = {"circled": "◉ circled", "keep": "○ keep", "no good": "✕ no good", "false start": "✕ false start",
          "rehearsal": "◌ rehearsal"}  # fmt: skip


def begun_json(begun: Begun) -> dict[str, Any]:
    """For scripts."""
    rate = str(begun.rate) if begun.rate else None
    folder = str(begun.store.folder)
    return {"film": folder, "title": begun.title, "fps": rate, "drop_frame": begun.drop, "catalogue": begun.kept_in}


def show_begun(begun: Begun) -> None:
    """For people."""
    _say(f"{begun.store.folder}: {begun.title}, {rate_words(begun)}. Its catalogue: {begun.kept_in}.")


def log_json(log: Log) -> dict[str, Any]:
    """For scripts: times in exact seconds."""
    locks = {shot: {"take": lock.take, "by": str(lock.decided)} for shot, lock in log.locks.items()}
    takes = [_entry_json(each) for each in log.entries]
    return {"schema": SCHEMA, "takes": takes, "locked": locks, "notes": list(set_back(log.decisions))}


def _entry_json(each: Entry) -> dict[str, Any]:
    footage = each.footage
    return {
        "id": footage.id,
        "name": each.name,
        "slate": str(each.slate) if each.slate else None,
        "file": footage.name,
        "roll": footage.roll,
        "kind": footage.kind,
        "performer": each.performer,
        "rig": each.rig,
        "camera": each.unit,
        "slated_by": each.how,
        "code": [str(each.code.start), str(each.code.end)] if each.code else None,
        "mark": each.mark,
        "bin": each.binned,
        "marked": [str(each.marked.start), str(each.marked.end)] if each.marked else None,
        "duration": str(footage.duration),
        "rate": str(footage.rate),
        "timecode": footage.timecode or None,
        "shot_at": footage.shot_at.isoformat() if footage.shot_at else None,
        "came_in": footage.came_in.isoformat(),
        "notes": list(each.notes),
    }


def show_log(log: Log) -> None:
    """For people: shot by shot."""
    if not log.entries:
        _say("No take came in yet: headturn offload, headturn watch or headturn takes --add FOLDER.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("take", "length", "mark", "performer", "roll", "file", "began", "notes"):
        table.add_column(name, justify="right" if name == "length" else "left", no_wrap=name in ("take", "mark"))
    shot: str | None = ""
    for each in log.entries:
        own = each.slate.shot if each.slate else None
        if own != shot:
            table.add_section()
            shot = own
        table.add_row(*map(escape, _cells(each, log)))
    Console().print(table)
    _say(_totals(log))
    for note in set_back(log.decisions):
        _say(f"Note: {note}")


def _cells(each: Entry, log: Log) -> tuple[str, ...]:
    footage = each.footage
    locked = each.slate is not None and each.slate.shot in log.locks and log.locks[each.slate.shot].take == footage.id
    mark = f"bin: {each.binned}" if each.binned else _MARKS.get(each.mark or "", "")
    name = (each.name if each.slate else "no slate") + (" ■ locked" if locked else "")
    when = f"{footage.shot_at:%m-%d %H:%M}" if footage.shot_at else ""
    notes = [f"{clock_name(each.marked.start)} to {clock_name(each.marked.end)}"] if each.marked else []
    notes += ["sound"] if footage.kind == "sound" else []
    said = "; ".join((*notes, *each.notes))
    return name, clock_name(footage.duration), mark, each.performer, footage.roll, footage.name, when, said


def _totals(log: Log) -> str:
    pictures = [each for each in log.entries if each.footage.kind == "image"]
    long = clock_name(sum(each.footage.duration for each in pictures))
    binned = sum(each.binned is not None for each in pictures)
    unslated = sum(each.slate is None for each in pictures)
    said = f"{len(log.shots)} shots, {len(pictures)} recordings, {long}; {binned} in the bin, {len(log.locks)} locked."
    return said + (f" {unslated} without a slate: headturn slate FILE 42A-3." if unslated else "")


def history_json(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """For scripts."""
    return [
        {**vars(each.decision), "at": each.decision.at.isoformat(), "value": dict(each.decision.value),
         "stands": each.stands, "about": each.about, "words": each.decision.words}
        for each in lines
    ]  # fmt: skip


def show_history(lines: Sequence[Line]) -> None:
    """For people: a line each, oldest first."""
    if not lines:
        _say("Nothing was decided about it yet.")
    for each in lines:
        said, undone = each.decision, "" if each.stands else " (undone)"
        who = f"{said.who} at {said.station}"
        _say(f"{said.number:5d}  {said.at:%Y-%m-%d %H:%M:%S} UTC  {who}  {each.about}: {said.words}{undone}")


def arrived_json(arrived: Arrived) -> dict[str, Any]:
    """For scripts."""
    return {
        "roll": arrived.roll,
        "recordings": len(arrived.footage),
        "new": [each.name for each in arrived.new],
        "slated": arrived.slated,
        "rejected": [str(each) for each in arrived.rejected],
        "notes": list(arrived.notes),
    }


def show_arrived(arrived: Arrived) -> None:
    """For people."""
    slated = f", {len(arrived.slated)} slated now" if arrived.slated else ""
    _say(f"{arrived.roll}: {len(arrived.footage)} recordings, {len(arrived.new)} of them new{slated}.")
    for line in (*map(str, arrived.rejected), *arrived.notes):
        _say(f"  {line}")


def read_json(taken: Taken) -> dict[str, Any]:
    """For scripts."""
    return {"lines": taken.lines, "decisions": len(taken.decisions), "wrong": list(taken.wrong)}


def show_read(taken: Taken) -> None:
    """For people."""
    _say(f"{taken.lines} lines read, {len(taken.decisions)} decisions made of them.")
    for line in taken.wrong:
        _say(f"  {line}")


def _say(text: str) -> None:
    Console(highlight=False, soft_wrap=True).print(escape(text))
