"""What `drift` and `compare` say."""

from functools import partial
from typing import Any

import numpy as np
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from headturn.clock import clock_name
from headturn.head.drift import Change, Rest
from headturn.head.rehearsal import Pair
from headturn.head.turns import Turn, describe
from headturn.office.mounts import Compared, Drifted, Mount

NAMED_RAD = float(np.radians(1.0))
"""A tilt or a lean of less is not named beside the other."""
LATER_S = 0.3
"""A look that comes this much later or sooner is worth a word: performers are off by 0.13 s."""
OTHERWISE = 1.25
"""... and one that is so many times as wide or as fast."""


def show(found: Drifted) -> None:
    """Print each mount: its takes, and since when it lies otherwise."""
    console = Console(highlight=False, emoji=False)
    say = partial(console.print, soft_wrap=True)
    for mount in found.mounts:
        if mount.name:
            say(f"[bold]{escape(mount.name)}[/]")
        console.print(_table(mount))
        for line in sentences(mount):
            say(escape(line))
    for each in found.unread:
        say(f"Not used: {escape(str(each))}")


def sentences(mount: Mount) -> list[str]:
    """What became of a mount, in words."""
    if not mount.told:
        return ["Not one take tells how the camera lies: there is no motion data in them."]
    told = []
    for change in mount.changes:
        may_be = ", its shot's first: it may be how that is played" if mount.began_with_shot(change) else ""
        alone = " (that take alone)" if change.takes == 1 else ""
        told.append(f"{_lies(change).capitalize()} since take {mount.told[change.index].name}{alone}{may_be}.")
    if not told:
        count = len(mount.told)
        told.append("One take: nothing to compare." if count == 1 else f"It lies as it did, in all {count} takes.")
    if mount.meant_rad is not None and mount.off_rad is not None:
        off, meant = float(np.degrees(mount.off_rad)), float(np.degrees(mount.meant_rad))
        now = f"{abs(off):.0f}° {'up' if off > 0 else 'down'} from that" if abs(off) >= 1 else "as meant"
        told.append(f"Meant to lie at {meant:+.0f}°; the last takes lie {now}.")
    return told


def _lies(change: Change) -> str:
    tilt, roll = change.tilt_rad, change.roll_rad
    parts = []
    if abs(tilt) >= NAMED_RAD or abs(tilt) >= abs(roll):
        parts.append(f"tilted {abs(np.degrees(tilt)):.0f}° {'up' if tilt > 0 else 'down'}")
    if abs(roll) >= NAMED_RAD or abs(roll) > abs(tilt):
        parts.append(f"leaning {abs(np.degrees(roll)):.0f}° to the {'right' if roll > 0 else 'left'}")
    return " and ".join(parts)


def _table(mount: Mount) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("take", "tilt", "lean", ""):
        table.add_column(heading, justify="left" if heading in ("take", "") else "right")
    starts = {change.index: change for change in mount.changes}
    number = 0
    for take in mount.takes:
        if take.rest is None:
            table.add_row(escape(take.name), "–", "–", f"[dim]{escape(take.why)}[/]")
            continue
        tilt, roll = np.degrees([take.rest.tilt_rad, take.rest.roll_rad])
        said = f"◆ {_lies(starts[number])}" if number in starts else ""
        table.add_row(escape(take.name), f"{tilt:+.1f}°", f"{roll:+.1f}°", said)
        number += 1
    return table


def as_json(found: Drifted) -> dict[str, Any]:
    """For scripts: degrees, up and to the right."""

    def rest(each: Rest | None) -> dict[str, float] | None:
        if each is None:
            return None
        tilt, roll, spread = (float(np.degrees(one)) for one in (each.tilt_rad, each.roll_rad, each.spread_rad))
        return {"tilt_deg": tilt, "roll_deg": roll, "spread_deg": spread, "calm_s": each.calm_s}

    def degrees(radians: float | None) -> float | None:
        return None if radians is None else float(np.degrees(radians))

    return {
        "schema": "headturn.drift.1",
        "rigs": [
            {
                "rig": mount.name,
                "takes": [
                    {"name": each.name, "rest": rest(each.rest), "why": each.why or None} for each in mount.takes
                ],
                "changes": [
                    {
                        "since": mount.told[change.index].name,
                        "tilt_deg": degrees(change.tilt_rad),
                        "roll_deg": degrees(change.roll_rad),
                        "error_deg": degrees(change.error_rad),
                        "takes": change.takes,
                        "with_new_shot": mount.began_with_shot(change),
                    }
                    for change in mount.changes
                ],
                "meant_deg": degrees(mount.meant_rad),
                "off_deg": degrees(mount.off_rad),
                "words": sentences(mount),
            }
            for mount in found.mounts
        ],
        "unread": [{"name": each.name, "why": each.why} for each in found.unread],
    }


# Rehearsals -----------------------------------------------------------------------------------------------------


def show_compared(compared: Compared) -> None:
    """Print what is otherwise than it was rehearsed."""
    say = partial(Console(highlight=False, emoji=False).print, soft_wrap=True)
    say(f"[bold]{escape(compared.take)}[/] beside its rehearsal {escape(compared.rehearsal)}:\n")
    for line in differences(compared):
        say(f"– {escape(line)}")
    for note in compared.notes:
        say(f"[dim]Note: {escape(note)}[/]")


def differences(compared: Compared) -> list[str]:
    """What a director is told, in order of time."""
    found = compared.found
    count = len(found.pairs) + len(found.missing)
    if not count and not found.added:
        return ["No head turns in either."]
    lines: list[tuple[float, str]] = [
        (turn.peak_s + found.shift_s, f"missing: {_turn(turn, 'the rehearsal')}") for turn in found.missing
    ]
    lines += [(turn.peak_s, f"not rehearsed: {_turn(turn, 'the take')}") for turn in found.added]
    lines += [(pair.take.peak_s, said) for pair in found.pairs if (said := _otherwise(pair))]
    told = [said for _, said in sorted(lines)]
    head = f"{len(found.pairs)} of {count} rehearsed turns are there"
    if found.pairs:
        way = "later" if found.shift_s > 0 else "sooner"
        head += f"; the action runs {abs(found.shift_s):.1f} s {way} on the take's clock"
    return [head, *(told or ["as rehearsed"])]


def _turn(turn: Turn, where: str) -> str:
    return f"{describe(turn)} ({clock_name(turn.peak_s)} in {where})"


def _otherwise(pair: Pair) -> str:
    said = []
    if abs(pair.later_s) >= LATER_S:
        said.append(f"{abs(pair.later_s):.1f} s {'later' if pair.later_s > 0 else 'sooner'}")
    for ratio, more, less in ((pair.faster, "faster", "slower"), (pair.wider, "wider", "less wide")):
        if ratio >= OTHERWISE or ratio <= 1 / OTHERWISE:
            said.append(f"{abs(ratio - 1) * 100:.0f} % {more if ratio > 1 else less}")
    return f"{_turn(pair.take, 'the take')}: {', '.join(said)}" if said else ""


def compared_json(compared: Compared) -> dict[str, Any]:
    """For scripts."""

    def turn(each: Turn) -> dict[str, Any]:
        angle, peak = np.degrees([each.angle_rad, each.peak_rad_s])
        return {"peak_s": each.peak_s, "angle_deg": float(angle), "peak_deg_s": float(peak), "words": describe(each)}

    found = compared.found
    return {
        "schema": "headturn.compare.1",
        "take": compared.take,
        "rehearsal": compared.rehearsal,
        "shift_s": found.shift_s,
        "pairs": [
            {
                "take": turn(pair.take),
                "rehearsal": turn(pair.rehearsal),
                "later_s": pair.later_s,
                "wider": pair.wider,
                "faster": pair.faster,
            }
            for pair in found.pairs
        ],
        "missing": [turn(each) for each in found.missing],
        "added": [turn(each) for each in found.added],
        "words": differences(compared),
        "notes": list(compared.notes),
    }
