"""What `match` says."""

from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from headturn.office.joins_summary import meeting_json, place, signed
from headturn.office.match import MOST_TOLD, Match, told
from headturn.office.words import STYLE, VERDICT_SIGN, percent


def show(found: Match) -> None:
    """The verdict for people: first the word, then why."""
    say = partial(Console(highlight=False, emoji=False, soft_wrap=True).print)
    a, b = found.meeting.a.take, found.meeting.b.take
    word = signed(found.joins[0]) if found.joins else f"[{STYLE['visible']}]{VERDICT_SIGN['visible']} no match[/]"
    so_far = "" if found.final else " so far"
    say(f"[bold]{escape(a.name)} → {escape(b.name)}[/]: {word}{so_far} ({escape(a.name)} is {found.chosen_by})")
    for line in told(found):
        say(f"  {escape(line)}")
    for number, join in enumerate(found.joins, start=1):
        out, into = place(a, join.out_time, join.out_frame), place(b, join.in_time, join.in_frame)
        say(f"  {number}. {signed(join)} {percent(join.detectability)}: out {out}, in {into}")
    for note in (*found.unsearched, *found.meeting.notes):
        say(f"[dim]{escape(note)}[/]")


def as_json(found: Match, page: Path | None) -> dict[str, Any]:
    """For scripts: as `joins --json` has it, with the verdict of the whole and the sentences."""
    meeting = meeting_json(found.meeting, page)
    return {
        "schema": "headturn.match.1",
        "verdict": found.verdict,
        "after": found.meeting.a.take.name,
        "after_is": found.chosen_by,
        "take": found.meeting.b.take.name,
        "told": list(told(found)),
        "final": found.final,
        "not_searched": list(found.unsearched),
        **{key: meeting[key] for key in ("takes", "no_join", "notes", "judged_by", "page")},
        "joins": meeting["joins"][:MOST_TOLD],
    }
