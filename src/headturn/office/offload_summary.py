"""What `offload` and `card` say: a table of disks for people, the same as plain values for scripts."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from headturn.office.disks import size_name
from headturn.office.offload import Offloaded
from headturn.office.safe import DEVICES, Standing

SCHEMA = "headturn.card.1"
SHOWN = 8
"""Lines of one kind that a terminal shows; JSON has all."""
_ORDER = ("verified", "read back through the cache", "copied", "changed", "bad", "missing")


def show_offloaded(made: Offloaded) -> None:
    """Print what an offload did."""
    say = partial(Console(highlight=False, emoji=False).print, soft_wrap=True)
    say(f"[bold]{escape(made.roll)}[/]: {made.files} files, {size_name(made.size)}, on {escape(str(made.card))}")
    if made.stood == made.files:
        say("All of it was verified on these disks before; nothing was copied.")
    elif made.stood:
        say(f"{made.read} {'file' if made.read == 1 else 'files'} read now, {made.stood} verified here before.")
    for path in _few(made.left_out):
        say(f"Left out: {escape(path)}")
    for line in (*made.notes, *_takes(made)):
        say(f"Note: {escape(line)}")
    _show_places(made.standing)
    for each in made.disks:
        if each.manifest:
            say(f"Manifest: {escape(str(each.manifest))}")
    _verdict(made.standing)


def _takes(made: Offloaded) -> list[str]:
    """What is to be told of the takes on a card."""
    if made.arrived is None:
        return []
    arrived = made.arrived
    slated = ", ".join(f"{slate} ({name})" for name, slate in arrived.slated.items())
    count = "1 recording is" if len(arrived.new) == 1 else f"{len(arrived.new)} recordings are"
    lines = [f"{count} new to the film" + (f"; slated: {slated}." if slated else ".")]
    return [*lines, *_few([str(each) for each in arrived.rejected]), *arrived.notes]


def _few(lines: Sequence[str]) -> list[str]:
    """The first of some lines, and how many there are besides."""
    more = len(lines) - SHOWN
    return [*lines[:SHOWN], f"and {more} more like these."] if more > 0 else list(lines)


def show_standing(found: Standing) -> None:
    """Print what of a card is verified where."""
    say = partial(Console(highlight=False, emoji=False).print, soft_wrap=True)
    if found.card:
        about = f"{found.files} files, {size_name(found.size)}, on {escape(str(found.card))}"
        say(f"[bold]{escape(found.roll)}[/]: {about}")
    else:
        say(f"[bold]{escape(found.roll)}[/]")
    _show_places(found)
    for note in _few(found.notes):
        say(f"Note: {escape(note)}")
    _verdict(found)


def _show_places(found: Standing) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("folder", overflow="fold")
    table.add_column("files", justify="right")
    table.add_column("size", justify="right", no_wrap=True)
    table.add_column("state", overflow="fold")
    for place in found.places:
        told = state_name(place.states)
        if not place.attached:
            told += f" (not attached; as of {place.at:%Y-%m-%d %H:%M} UTC)"
        table.add_row(escape(str(place.root)), str(place.files), size_name(place.size), escape(told))
    Console(highlight=False, emoji=False).print(table)


def _verdict(found: Standing) -> None:
    say = partial(Console(highlight=False, emoji=False).print, soft_wrap=True)
    if found.safe:
        say(f"\n[bold green]● SAFE TO FORMAT[/]: all {found.files} files are verified on {DEVICES} devices or more.")
        return
    say("\n[bold red]✕ NOT YET SAFE TO FORMAT[/]")
    for why in _few(found.why_not):
        say(f"  {escape(why)}")


def state_name(states: Mapping[str, int]) -> str:
    """How many files are in each state: "412 verified, 3 copied"."""
    return ", ".join(f"{states[each]} {each}" for each in _ORDER if states.get(each)) or "nothing"


def offloaded_json(made: Offloaded) -> dict[str, Any]:
    """What an offload did, as plain values; sizes in bytes."""
    return {
        "schema": "headturn.offload.1",
        "roll": made.roll,
        "card": str(made.card),
        "files": made.files,
        "bytes": made.size,
        "read": made.read,
        "stood": made.stood,
        "disks": [
            {
                "disk": str(each.disk),
                "folder": str(each.root),
                "states": dict(each.states),
                "manifest": str(each.manifest) if each.manifest else None,
                "trouble": each.trouble or None,
            }
            for each in made.disks
        ],
        "left_out": list(made.left_out),
        "troubles": list(made.troubles),
        "notes": list(made.notes),
        "takes": _takes_json(made),
        "safe_to_format": made.standing.safe,
        "why_not": list(made.standing.why_not),
    }


def _takes_json(made: Offloaded) -> dict[str, Any] | None:
    if made.arrived is None:
        return None
    return {
        "ids": [each.id for each in made.arrived.footage],
        "new": [each.id for each in made.arrived.new],
        "slated": made.arrived.slated,
        "rejected": [str(each) for each in made.arrived.rejected],
        "notes": list(made.arrived.notes),
    }


def standing_json(found: Standing) -> dict[str, Any]:
    """What of a card is verified where, as plain values; sizes in bytes."""
    return {
        "schema": SCHEMA,
        "roll": found.roll,
        "card": str(found.card) if found.card else None,
        "files": found.files,
        "bytes": found.size,
        "places": [
            {
                "folder": str(each.root),
                "device": each.device,
                "attached": each.attached,
                "files": each.files,
                "bytes": each.size,
                "states": dict(each.states),
                "at": each.at.isoformat(),
            }
            for each in found.places
        ],
        "safe_to_format": found.safe,
        "why_not": list(found.why_not),
        "notes": list(found.notes),
    }
