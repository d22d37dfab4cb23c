"""What the verbs of the growing cut say."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from headturn.clock import clock_name
from headturn.office.assembly import Assembled
from headturn.office.log import Decision
from headturn.office.words import STYLE, VERDICT_SIGN, percent


def show(found: Assembled, film: Path | None) -> None:
    """For people: the shots in order, each splice with its verdict, what is missing and what is new."""
    say = partial(Console(highlight=False, emoji=False, soft_wrap=True).print)
    cut = found.made.cut
    locked = set(found.locked)
    say(f"[bold]{escape(cut.title)}[/]: {len(cut.segments)} shots, {clock_name(cut.duration)}, {len(locked)} locked")
    for number, (segment, choice) in enumerate(zip(cut.segments, found.choices, strict=True)):
        join = choice.entered
        sign = (
            f"[{STYLE[join.verdict]}]{VERDICT_SIGN[join.verdict]} {percent(join.detectability):>4}[/]"
            if join
            else 6 * " "
        )
        held = " ■ locked" if choice.take.shot in locked else ""
        at = clock_name(segment.start / cut.rate)
        say(f"  {number + 1:3d}  {at:>8}  {sign}  {escape(segment.name)}{held}")
    if found.missing:
        say(f"Missing: {escape(', '.join(found.missing))} (no take that may be used).")
    for line in (*map(str, found.made.unused), *found.passed_over, *found.changed):
        say(f"– {escape(line)}")
    say(f"\nCut:  {escape(str(film or found.made.store.cut))}")


def as_json(found: Assembled, film: Path | None) -> dict[str, Any]:
    """For scripts."""
    cut, store = found.made.cut, found.made.store
    shots = [
        {
            "shot": choice.take.shot,
            "take": segment.name,
            "id": segment.take,
            "start_frame": segment.start,
            "frames": segment.frames,
            "source": [str(segment.source.start), str(segment.source.end)],
            "verdict": choice.entered.verdict if choice.entered else None,
            "caught": choice.entered.detectability if choice.entered else None,
            "locked": choice.take.shot in found.locked,
        }
        for segment, choice in zip(cut.segments, found.choices, strict=True)
    ]
    return {
        "cut": str(store.cut),
        "film": str(film) if film else None,
        "frames": cut.frames,
        "rate": str(cut.rate),
        "shots": shots,
        "missing": list(found.missing),
        "unused": [{"name": each.name, "why": each.why} for each in found.made.unused],
        "changed": list(found.changed),
        "passed_over": list(found.passed_over),
    }


def show_decisions(decisions: Sequence[Decision], nothing: str) -> None:
    """For people: what was locked or unlocked."""
    say = partial(Console(highlight=False, emoji=False, soft_wrap=True).print)
    if not decisions:
        say(nothing)
    for each in decisions:
        say(f"{escape(each.subject.removeprefix('shot '))}: {each.verb}ed. (decision {each.number})")


def decisions_json(decisions: Sequence[Decision]) -> list[dict[str, Any]]:
    """For scripts."""
    return [
        {"number": each.number, "verb": each.verb, "shot": each.subject.removeprefix("shot "), "by": each.who}
        for each in decisions
    ]
