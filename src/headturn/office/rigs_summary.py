"""What `rigs` says: each criterion in a row, the rigs beside each other, and what that means in a line."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from headturn.office.rigs import Rig
from headturn.office.words import percent

NOTHING = "–"
CLEAR = 1.15
"""Two rigs differ where one figure is so many times the other; less is the difference between two performances."""
EDGES = (("top", slice(0, 6), slice(None)), ("bottom", slice(12, 18), slice(None)),
         ("left", slice(None), slice(0, 10)), ("right", slice(None), slice(22, 32)))  # fmt: skip
"""Thirds of the grid of 18 rows and 32 columns."""
NAMED = 0.34
"""Share of what is held that lies in a third which is named."""


@dataclass(frozen=True)
class Row:
    """A criterion: one cell for each rig, and a line that says what it means, or nothing."""

    name: str
    cells: tuple[str, ...]
    verdict: str = ""


def rows(rigs: Sequence[Rig]) -> tuple[Row, ...]:
    """All criteria; none adds up to a winner."""
    return (
        _measured("highest discomfort now", rigs, lambda rig: float(rig.felt.now.max()) if rig.felt else None,
                  "{:.0f}", "is the easiest to watch", "is the hardest"),
        _measured("shake outside turns, above 1 Hz", rigs, lambda rig: _degrees(rig.figures.shake_rad_s),
                  "{:.1f}°/s", "is the steadiest", "shakes most"),
        _measured("steps: bob of the picture", rigs,
                  lambda rig: _degrees(rig.figures.steps.bob_rad) if rig.figures.steps else None,
                  "{:.2f}°", "shows steps least", "shows them most"),
        Row("steps a second", tuple(f"{r.figures.steps.rate_hz:.1f}" if r.figures.steps else NOTHING for r in rigs)),
        Row("head turns", tuple(str(rig.figures.turns) for rig in rigs)),
        _measured("turn speed, the middle one", rigs, lambda rig: _degrees(rig.figures.peak_rad_s[0]) or None,
                  "{:.0f}°/s", "turns slowest", "turns fastest"),
        _measured("widest turn", rigs, lambda rig: _degrees(rig.figures.reach_rad) or None,
                  "{:.0f}°", "reaches least", "reaches furthest"),
        Row("lies at rest", tuple(_bearing(rig) for rig in rigs), _level(rigs)),
        Row("of the body in frame", tuple(_body(rig) for rig in rigs)),
    )  # fmt: skip


def _degrees(radians: float) -> float | None:
    return None if isnan(radians) else float(np.degrees(radians))


def _measured(
    name: str, rigs: Sequence[Rig], of: Callable[[Rig], float | None], form: str, least: str, most: str
) -> Row:
    values = [of(rig) for rig in rigs]
    cells = tuple(NOTHING if value is None else form.format(value) for value in values)
    known = [(value, rig.name) for value, rig in zip(values, rigs, strict=True) if value is not None]
    if len(known) < 2:
        return Row(name, cells)
    (low, low_name), (high, high_name) = min(known), max(known)
    if high < CLEAR * low:
        return Row(name, cells, "much the same")
    return Row(name, cells, f"{low_name} {least}, {high_name} {most}")


def _bearing(rig: Rig) -> str:
    lies = rig.figures.bearing
    if lies is None:
        return "not known" if not rig.rush.motion.level else "never at rest"
    tilt, roll, spread = (float(np.degrees(each)) for each in (lies.tilt_rad, lies.roll_rad, lies.spread_rad))
    ways = "up" if tilt > 0 else "down", "right" if roll > 0 else "left"
    return f"{abs(tilt):.0f}° {ways[0]}, {abs(roll):.0f}° {ways[1]} (± {spread:.0f}°)"


def _level(rigs: Sequence[Rig]) -> str:
    unknown = [rig.name for rig in rigs if not rig.rush.motion.level]
    return f"nothing tells where up is in {', '.join(unknown)}" if unknown else ""


def _body(rig: Rig) -> str:
    if not rig.figures.turns:
        return "not known"
    if rig.held is None:
        return "nothing that stands still"
    where = [word for word, down, across in EDGES if rig.held[down, across].sum() >= NAMED * rig.held.sum()]
    return f"{percent(float(rig.held.mean()))} of the picture{', ' + ' and '.join(where[:2]) if where else ''}"


def show(rigs: Sequence[Rig], out: Path) -> None:
    """Print the rows."""
    console = Console(highlight=False, emoji=False)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("", *(escape(rig.name) for rig in rigs), ""):
        table.add_column(heading, overflow="fold")
    for row in rows(rigs):
        table.add_row(row.name, *map(escape, row.cells), f"[dim]{escape(row.verdict)}[/]")
    console.print(table)
    for rig in rigs:
        for note in rig.notes:
            console.print(f"Note: {escape(rig.name)}: {escape(note)}", soft_wrap=True)
    console.print(f"\nPage: {escape(str(out))}", soft_wrap=True)


def as_json(rigs: Sequence[Rig], out: Path) -> dict[str, Any]:
    """The figures as plain values: degrees, degrees a second; null where not known."""

    def told(rig: Rig) -> dict[str, Any]:
        found, lies, steps = rig.figures, rig.figures.bearing, rig.figures.steps
        return {
            "name": rig.name,
            "now_max": float(rig.felt.now.max()) if rig.felt else None,
            "now_mean": float(rig.felt.now.mean()) if rig.felt else None,
            "shake_deg_s": _degrees(found.shake_rad_s),
            "turns": found.turns,
            "turn_speed_deg_s": [float(np.degrees(speed)) for speed in found.peak_rad_s],
            "reach_deg": float(np.degrees(found.reach_rad)),
            "tilt_deg": float(np.degrees(lies.tilt_rad)) if lies else None,
            "roll_deg": float(np.degrees(lies.roll_rad)) if lies else None,
            "steps_hz": steps.rate_hz if steps else None,
            "bob_deg": float(np.degrees(steps.bob_rad)) if steps else None,
            "held_share": float(rig.held.mean()) if rig.held is not None else 0.0 if found.turns else None,
            "notes": list(rig.notes),
        }

    return {"schema": "headturn.rigs.1", "rigs": [told(rig) for rig in rigs], "page": str(out)}
