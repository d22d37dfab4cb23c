"""What `slate` says: what was decided, the code to be filmed, what codes said."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.text import Text

from headturn.camera import code
from headturn.camera.code import Said
from headturn.office.slating import Read, Shown, Slated


def _console() -> Console:
    return Console(highlight=False, emoji=False)


def show_slated(slated: Slated) -> None:
    """Print what was decided."""
    say = partial(_console().print, soft_wrap=True)
    say(escape(_decided(slated)))
    for note in slated.notes:
        say(f"Note: {escape(note)}")


def _decided(slated: Slated) -> str:
    told = {key: value for key, value in slated.value.items() if key != "slate"}
    said = ", ".join(f"{'camera' if key == 'unit' else key} {value}" for key, value in told.items())
    return f"{slated.file} is {slated.name}{f', {said}' if said else ''}. (decision {slated.number})"


def slated_json(slated: Slated) -> dict[str, Any]:
    """For scripts."""
    return {
        "file": slated.file,
        "name": slated.name,
        "decision": slated.number,
        **{"camera" if key == "unit" else key: value for key, value in slated.value.items()},
        "notes": list(slated.notes),
    }


def show_code(shown: Shown) -> None:
    """Print the code, light on dark whatever the terminal's colours, or say where it is."""
    console = _console()
    if shown.out is None:
        drawn = Text(code.drawn(shown.said, "text").decode().rstrip("\n"), style="rgb(255,255,255) on rgb(0,0,0)")
        console.print(drawn, no_wrap=True, crop=False, overflow="ignore")
    said = shown.said
    about = " · ".join(filter(None, (str(said.slate), said.unit and f"camera {said.unit}", said.performer, said.film)))
    console.print(escape(about), soft_wrap=True)
    if shown.out is not None:
        console.print(f"Code: {escape(str(shown.out))}", soft_wrap=True)


def code_json(shown: Shown) -> dict[str, Any]:
    """For scripts: what the code says, and its text."""
    return {**_said_json(shown.said), "text": str(shown.said), "file": str(shown.out) if shown.out else None}


def _said_json(said: Said) -> dict[str, str]:
    return {"film": said.film, "slate": str(said.slate), "performer": said.performer, "camera": said.unit}


def show_read(read: Sequence[Read]) -> None:
    """Print what was found, a line for each file."""
    say = partial(_console().print, soft_wrap=True)
    if not read:
        say("Every take has a slate.")
    for each in read:
        if each.failed:
            say(f"{escape(each.file.name)}: not taken: {escape(each.failed)}")
        elif each.slated:
            say(escape(_decided(each.slated)))
        elif each.said:
            said = each.said
            parts = (said.slate, said.unit and f"camera {said.unit}", said.performer, said.film and f"film {said.film}")
            say(f"{escape(each.file.name)}: {escape(', '.join(str(part) for part in parts if part))}")
        else:
            say(f"{escape(each.file.name)}: no code in its first and last {code.WINDOW_S:g} seconds")


def read_json(read: Sequence[Read]) -> dict[str, Any]:
    """For scripts."""
    return {
        "files": [
            {
                "file": str(each.file),
                "said": _said_json(each.said) if each.said else None,
                "decision": each.slated.number if each.slated else None,
                "failed": each.failed or None,
            }
            for each in read
        ]
    }
