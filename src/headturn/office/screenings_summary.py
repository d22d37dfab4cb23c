"""What `screening` says: how well viewers are predicted now, and what could not be told from them."""

from functools import partial
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from headturn.office.screenings import Screened


def show(found: Screened) -> None:
    """Print each viewer, and what was learnt."""
    console = Console(highlight=False, emoji=False)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading, justify in (("viewer", "left"), ("ratings", "right"), ("off before", "right"), ("off now", "right")):
        table.add_column(heading, justify=justify, overflow="fold")  # type: ignore[arg-type]
    for fit in found.fits:
        table.add_row(escape(fit.viewer), str(fit.ratings), f"{fit.before:.1f}", f"{fit.after:.1f}")
    console.print(table)
    say = partial(console.print, soft_wrap=True)
    learnt, screen = found.book.profile, found.showing.drive.screen.name
    say("[dim]off: root mean square, in FMS (0 to 20), of what is predicted of the viewer, before and after[/]")
    say(f"\nShown on {escape(screen)}. The profile rests on {learnt.viewers} viewers and {learnt.ratings} ratings.")
    for note in learnt.notes:
        say(f"Note: {escape(note)}")
    say("It says how these viewers take this film; of other films it says less; how much less is assumed.")
    say(f"\nScreening: {escape(str(found.path))}")


def as_json(found: Screened) -> dict[str, Any]:
    """The same as plain values."""
    learnt = found.book.profile
    return {
        "schema": "headturn.screened.1",
        "screen": found.showing.drive.screen.name,
        "viewers": [
            {"viewer": fit.viewer, "ratings": fit.ratings, "rmse_before": fit.before, "rmse_after": fit.after}
            for fit in found.fits
        ],
        "rests_on": {"viewers": learnt.viewers, "ratings": learnt.ratings, "films": learnt.films},
        "notes": list(learnt.notes),
        "kept": str(found.path),
    }
