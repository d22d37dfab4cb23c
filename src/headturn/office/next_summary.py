"""What `next` says, in the order in which a crew sets it up."""

from math import degrees
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from headturn.clock import clock_name
from headturn.head.drift import Lean
from headturn.office.next_card import Handover, Light, NextCard

LEVEL_DEG = 1.0
"""A lean below this is called none: nobody puts a camera on a face any better."""
NEUTRAL_STOPS = 0.15
"""Red and blue that differ by less look neutral."""


def lines(card: NextCard) -> tuple[tuple[str, str], ...]:
    """The card as (what, how) in words."""
    at = f"{card.timecode}, " if card.timecode else ""
    rows = [
        ("After", f"{card.before}, {card.chosen_by}"),
        ("Out frame", f"{at}{clock_name(card.out)} into it, by {card.left_by}"),
        ("Turn", _turn(card.handover)),
        ("Camera", _camera(card.lean, card.at_rest)),
        ("Light", _light(card.light)),
        ("Hands", card.hands or "nobody said; headturn next " + card.shot + ' --hands "torch in the left"'),
        ("Scene time", f"{clock_name(card.elapsed_s)} ({card.elapsed_by})"),
    ]
    return tuple(rows)


def show(card: NextCard, written: list[Path]) -> None:
    """The card for people."""
    say = Console(highlight=False, emoji=False, soft_wrap=True).print
    say(f"[bold]{escape(card.shot)} begins where {escape(card.before)} ends[/]")
    for what, how in lines(card):
        say(f"  [dim]{what:<11}[/]{escape(how)}")
    for note in card.notes:
        say(f"[dim]{escape(note)}[/]")
    for path in written:
        say(f"Card: {escape(str(path))}")


def as_json(card: NextCard, written: list[Path]) -> dict[str, Any]:
    """For scripts: angles in degrees, times in seconds, exact ones as fractions in text."""
    turn = card.handover
    return {
        "schema": "headturn.next.1",
        "shot": card.shot,
        "after": card.before,
        "after_is": card.chosen_by,
        "out": {
            "time": str(card.out),
            "timecode": str(card.timecode) if card.timecode else None,
            "by": card.left_by,
        },
        "turn": turn
        and {
            "direction": turn.turn.direction,
            "peak_deg_s": degrees(turn.turn.peak_rad_s),
            "reach_deg": degrees(turn.turn.angle_rad),
            "after_out_deg": degrees(turn.after_rad),
            "at_out_deg_s": degrees(turn.speed_rad_s),
        },
        "camera": {"at_out": _degrees(card.lean), "at_rest": _degrees(card.at_rest)},
        "light": {
            "stops_below_white": card.light.below_white,
            "red_over_blue_stops": card.light.red_over_blue,
            "iso": card.light.iso,
            "shutter_s": card.light.shutter_s,
            "white_balance_k": card.light.white_balance_k,
        },
        "hands": card.hands,
        "scene_elapsed": {"s": float(card.elapsed_s), "by": card.elapsed_by},
        "notes": list(card.notes),
        "written": [str(path) for path in written],
    }


def _degrees(lean: Lean | None) -> dict[str, float] | None:
    return {"tilt_deg": degrees(lean.tilt_rad), "roll_deg": degrees(lean.roll_rad)} if lean else None


def _turn(said: Handover | None) -> str:
    if said is None:
        return "none to be seen: begin on a wall, a door, the dark, or the same rest"
    turn = said.turn
    whole = f"{turn.direction}, {degrees(turn.peak_rad_s):.0f}° a second, over {degrees(turn.angle_rad):.0f}°"
    if not said.speed_rad_s:
        return f"{whole}: that was its last; the take ends at rest"
    return f"begin turning {whole}; {degrees(said.after_rad):.0f}° of it come after the out frame"


def _camera(there: Lean | None, rest: Lean | None) -> str:
    if there is None:
        return "not known: the take has no gravity data"
    said = f"at the out frame {_lean(there)}"
    return f"{said}; at rest {_lean(rest)}" if rest else said


def _lean(lean: Lean) -> str:
    tilt, roll = degrees(lean.tilt_rad), degrees(lean.roll_rad)
    words = [
        f"looks {'up' if tilt > 0 else 'down'} {abs(tilt):.0f}°" if abs(tilt) >= LEVEL_DEG else "looks level",
        f"leans {'right' if roll > 0 else 'left'} {abs(roll):.0f}°" if abs(roll) >= LEVEL_DEG else "horizon level",
    ]
    return ", ".join(words)


def _light(said: Light) -> str:
    set_to = [
        f"ISO {said.iso:.0f}" if said.iso else "",
        f"1/{1 / said.shutter_s:.0f} s" if said.shutter_s else "",
        f"{said.white_balance_k:.0f} K" if said.white_balance_k else "",
    ]
    warmth = said.red_over_blue
    colour = (
        "neutral" if abs(warmth) < NEUTRAL_STOPS else f"{'warm' if warmth > 0 else 'cool'} by {abs(warmth):.1f} stop"
    )
    told = ", ".join(filter(None, set_to)) or "the camera kept no exposure or white balance"
    return f"{told}; the picture lies {said.below_white:.1f} stops below white, {colour}"
