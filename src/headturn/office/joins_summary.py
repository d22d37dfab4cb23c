"""What `joins` says: tables for people, the same as plain values for scripts."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from headturn.camera.take import Clip, Take
from headturn.clock import clock_name
from headturn.edit.detectability import UNCUT_CHANCE
from headturn.edit.joins import Join
from headturn.edit.reasons import reasons
from headturn.head.rush import Rush
from headturn.head.turns import Turn, describe
from headturn.office.answers import Judges
from headturn.office.meeting import JoinMap, Meeting
from headturn.office.words import HIDDEN_BY, STYLE, VERDICT_SIGN, percent

SCHEMA = "headturn.joins.1"
MATRIX_TAKES = 12
"""Takes that a terminal shows as a matrix; of more it lists for each those that can follow it best."""
WIDE = 120
"""Columns from which a terminal has room for the reasons in the table; narrower ones have them below it."""
BEST_FOLLOWERS = 3
NO_JOIN_SIGN = "·"


def show_meeting(met: Meeting, page: Path | None) -> None:
    """Print the ranked joins of two takes, or why there is none."""
    console = Console(highlight=False, emoji=False)
    say = partial(console.print, soft_wrap=True)
    say(f"[bold]{escape(met.a.take.name)} → {escape(met.b.take.name)}[/]\n")
    if met.joins:
        table = Table(box=None, pad_edge=False, header_style="bold")
        wide = console.width >= WIDE
        for heading in ("", "verdict", "caught", "out of A", "into B", *(["why"] if wide else [])):
            table.add_column(heading, overflow="fold", no_wrap=heading in ("verdict", "caught"))
        for number, join in enumerate(met.joins, start=1):
            told = [why(join)] if wide else []
            table.add_row(str(number), signed(join), percent(join.detectability), *places(join, met), *told)
        console.print(table)
        for number, join in enumerate(met.joins if not wide else (), start=1):
            say(f"{number}: {why(join)}")
        say(f"\n[dim]{_caught(met.desk.judges)}[/]")
    else:
        say(f"[{STYLE['visible']}]{VERDICT_SIGN['visible']} no join[/]: {escape('; '.join(met.without_join))}.")
    _closing(say, met.notes, page)


def _caught(judges: Judges) -> str:
    """What the chance of being caught means, and who said it."""
    if judges.calibration.answers:
        return f"caught: chance that the rendered splice is noticed, by {judges}"
    return (
        "caught: chance that a detector, or one trained to find splices, catches the rendered splice"
        f" (an uncut turn: {percent(UNCUT_CHANCE)})"
    )


def judged_by(judges: Judges) -> dict[str, int]:
    """Whose eyes count: how many answers of how many viewers."""
    return {"answers": judges.calibration.answers, "viewers": judges.viewers}


def signed(join: Join) -> str:
    """The verdict with its sign, coloured for a terminal."""
    return f"[{STYLE[join.verdict]}]{VERDICT_SIGN[join.verdict]} {join.verdict}[/]"


def why(join: Join) -> str:
    """What a director needs to know of a join, in one paragraph."""
    return escape("; ".join(reasons(join)[:2]))


def places(join: Join, met: Meeting) -> tuple[str, str]:
    """Where A is left and B entered, as people look it up."""
    return place(met.a.take, join.out_time, join.out_frame), place(met.b.take, join.in_time, join.in_frame)


def place(take: Take, time: Fraction, frame: int) -> str:
    """A time in a take: running time, frame, and source timecode where there is one."""
    code = take.clip.timecode
    return f"{clock_name(time)} frame {frame}" + (f" {code.plus(time)}" if code else "")


def show_map(found: JoinMap, page: Path | None) -> None:
    """Print which take can follow which."""
    console = Console(highlight=False, emoji=False)
    say = partial(console.print, soft_wrap=True)
    best = {(join.a, join.b): join for join in found.joins}
    names = unlike([rush.take.name for rush in found.takes])
    matrix = len(found.takes) <= MATRIX_TAKES and _width(names) <= console.width
    if matrix:
        console.print(_matrix(found, best, names))
        signs = ", ".join(f"[{STYLE[word]}]{sign}[/] {word}" for word, sign in VERDICT_SIGN.items())
        say(f"\nA row is left for a column: {signs}, {NO_JOIN_SIGN} no join")
    console.print(_followers(found, names))
    if found.joins:
        say(f"\n[dim]{_caught(found.desk.judges)}[/]")
    for each in found.unused:
        say(f"Not used: {escape(str(each))}")
    _closing(say, found.notes, page)


def unlike(names: Sequence[str]) -> list[str]:
    """The names, with a number behind those that stand twice."""
    seen: dict[str, int] = {}
    told = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        told.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return told


def _width(names: Sequence[str]) -> int:
    return 2 * max(map(len, names)) + sum(max(3, len(name)) + 1 for name in names)


def _matrix(found: JoinMap, best: Mapping[tuple[str, str], Join], names: Sequence[str]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("", no_wrap=True)
    for name in names:
        table.add_column(escape(name), justify="center", no_wrap=True)
    for a, name in zip(found.takes, names, strict=True):
        cells = []
        for b in found.takes:
            join = best.get((a.take.id, b.take.id))
            sign = f"[{STYLE[join.verdict]}]{VERDICT_SIGN[join.verdict]}[/]" if join else NO_JOIN_SIGN
            cells.append(" " if a is b else sign)
        table.add_row(f"[bold]{escape(name)}[/]", *cells)
    return table


def _followers(found: JoinMap, names: Sequence[str]) -> Table:
    """For each take those that can follow it best, and where."""
    table = Table(box=None, pad_edge=False, header_style="bold", title_justify="left")
    for heading in ("after", "comes", "verdict", "caught", "out", "in"):
        table.add_column(heading, overflow="fold", no_wrap=heading in ("verdict", "caught"))
    called = {rush.take.id: name for rush, name in zip(found.takes, names, strict=True)}
    for rush in found.takes:
        following = [join for join in found.joins if join.a == rush.take.id]
        name = escape(called[rush.take.id])
        if not following:
            table.add_row(name, "[dim]nothing[/]", "", "", "", "")
        for number, join in enumerate(following[:BEST_FOLLOWERS]):
            b = found.rushes[join.b].take
            ends = place(rush.take, join.out_time, join.out_frame), place(b, join.in_time, join.in_frame)
            caught = percent(join.detectability)
            comes = escape(called[join.b]) + ("" if join.hiding == "turn" else f" [dim]({HIDDEN_BY[join.hiding]})[/]")
            table.add_row("" if number else name, comes, signed(join), caught, *ends)
    return table


def _closing(say: Any, notes: Sequence[str], page: Path | None) -> None:  # noqa: ANN401
    for note in notes:
        say(f"Note: {escape(note)}")
    if page is not None:
        say(f"\nLoops:  {escape(str(page))}")


# Plain values ---------------------------------------------------------------------------------------------------


def meeting_json(met: Meeting, page: Path | None) -> dict[str, Any]:
    """The joins of two takes; exact times in seconds as rationals "numerator/denominator"."""
    return {
        "schema": SCHEMA,
        "takes": [take_json(rush) for rush in (met.a, met.b)],
        "joins": [join_json(join, met.a, met.b) | {"rank": n} for n, join in enumerate(met.joins, start=1)],
        "no_join": list(met.without_join),
        "notes": list(met.notes),
        "judged_by": judged_by(met.desk.judges),
        "page": str(page) if page else None,
    }


def map_json(found: JoinMap, page: Path | None) -> dict[str, Any]:
    """The map of a folder, as `meeting_json` has it for two takes: the best join of each ordered pair, best first."""
    rushes = found.rushes
    return {
        "schema": SCHEMA,
        "takes": [take_json(rush) for rush in found.takes],
        "joins": [
            join_json(join, rushes[join.a], rushes[join.b]) | {"rank": n} for n, join in enumerate(found.joins, start=1)
        ],
        "unused": [{"name": each.name, "why": each.why} for each in found.unused],
        "notes": list(found.notes),
        "judged_by": judged_by(found.desk.judges),
        "page": str(page) if page else None,
    }


def take_json(rush: Rush) -> dict[str, Any]:
    """A take with its turns."""
    clip = rush.take.clip
    return {
        "id": rush.take.id,
        "name": rush.take.name,
        "files": [str(file) for file in clip.files],
        "rate": str(clip.image.rate),
        "frames": len(rush.times),
        "duration": str(clip.span.duration),
        "timecode": str(clip.timecode) if clip.timecode else None,
        "turns": [_turn(turn) for turn in rush.turns],
    }


def join_json(join: Join, a: Rush, b: Rush) -> dict[str, Any]:
    """Everything of a join. "out": the first frame of A that is not shown; "in": the first frame of B that is."""
    return {
        "a": join.a,
        "b": join.b,
        "verdict": join.verdict,
        "detectability": join.detectability,
        "cost": join.cost,
        "terms": dict(join.terms),
        "hiding": join.hiding,
        "reasons": list(reasons(join)),
        "out": _moment(a.take.clip, join.out_time, join.out_frame),
        "in": _moment(b.take.clip, join.in_time, join.in_frame),
        "turn_a": _turn(join.turn_a) if join.turn_a else None,
        "turn_b": _turn(join.turn_b) if join.turn_b else None,
        "speed_deg_s": float(np.degrees(join.speed_rad_s)),
        "a_from_b": list(join.a_from_b),
        "gain": list(join.gain),
        "stops": join.stops,
        "stops_known": join.stops_known,
        "same_place": join.alignment.same_place,
        "matched_points": join.alignment.points,
    }


def _moment(clip: Clip, time: Fraction, frame: int) -> dict[str, Any]:
    code = str(clip.timecode.plus(time)) if clip.timecode else None
    return {"time": str(time), "time_s": float(time), "frame": frame, "timecode": code}


def _turn(turn: Turn) -> dict[str, Any]:
    return {
        "onset_s": turn.onset_s,
        "peak_s": turn.peak_s,
        "settle_s": turn.settle_s,
        "angle_deg": float(np.degrees(turn.angle_rad)),
        "peak_deg_s": float(np.degrees(turn.peak_rad_s)),
        "words": describe(turn),
    }
