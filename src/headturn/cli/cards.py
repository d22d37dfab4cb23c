"""The verbs of the loader: offload, card."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from headturn.cli.app import UNMET, AsJson, Film, app, told
from headturn.errors import BadOption


@app.command(
    epilog="Examples:\n\n  headturn offload /media/GOPRO --roll A012 --to /media/SSD1 --to /media/SSD2\n\n"
    "  headturn offload /media/ZOOM --roll S003 --to /media/SSD1 --to /media/SSD2 --json"
)
def offload(
    card: Annotated[Path, typer.Argument(metavar="CARD", readable=False, help="Where the card is; only read.")],
    roll: Annotated[str, typer.Option(help="The roll's name; its folder on each disk.")],
    to: Annotated[
        list[Path] | None, typer.Option("--to", readable=False, help="A disk to copy to; give two on two devices.")
    ] = None,
    same_disk: Annotated[
        bool, typer.Option("--same-disk", help="Allow two folders on one device; they count as one.")
    ] = False,
    film: Film = None,
    as_json: AsJson = False,
) -> None:
    """Copy a card to disks, verified, with an ASC MHL manifest.

    The card is read once and hashed as it is read; every copy is read back from its disk and compared. Only what is
    not there yet is copied: run again after an interruption, it goes on. The card itself is never written to.

    Exit code 1 where something did not go as asked, 3 where a copy could only be read back through the cache.
    """
    from headturn.office import offload as office  # slow to import
    from headturn.office import offload_summary as summary
    from headturn.office import store

    if not to:
        raise BadOption("offload needs a disk to copy to: --to DISK1 --to DISK2.")
    with _bytes_progress(quiet=as_json) as on_progress:
        made = office.offload(store.film_at(film), card, roll, to, same_disk, on_progress)
    told(as_json, lambda: summary.offloaded_json(made), lambda: summary.show_offloaded(made))
    for trouble in made.troubles:
        print(f"headturn: {trouble}", file=sys.stderr)
    if made.troubles:
        raise typer.Exit(1)
    if any(each.states.get("verified", 0) < made.files for each in made.disks):
        raise typer.Exit(UNMET)


@app.command(
    epilog="Examples:\n\n  headturn card A012\n\n  headturn card A012 /media/GOPRO --hash\n\n"
    "  headturn card A012 --check"
)
def card(
    roll: Annotated[str, typer.Argument(metavar="ROLL", help="The roll's name, as it was offloaded.")],
    path: Annotated[
        Path | None, typer.Argument(metavar="CARD", readable=False, help="Where the card is; else where it was.")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Read all copies that are attached back again.")] = False,
    by_hash: Annotated[bool, typer.Option("--hash", help="Compare contents with the card, not size and time.")] = False,
    film: Film = None,
    as_json: AsJson = False,
) -> None:
    """What of a card is verified where; SAFE TO FORMAT, or not yet and why.

    Safe is a card of which every file that is on it now is verified on at least two devices. Exit code 3 where it is
    not.
    """
    from headturn.office import offload_summary as summary  # slow to import
    from headturn.office import safe, store

    with _bytes_progress(quiet=as_json) as on_progress:
        found = safe.card(store.film_at(film), roll, path, check, by_hash, on_progress)
    told(as_json, lambda: summary.standing_json(found), lambda: summary.show_standing(found))
    if not found.safe:
        raise typer.Exit(UNMET)


@contextmanager
def _bytes_progress(quiet: bool) -> Iterator[Any]:
    """As `app.progress`, with bytes and speed."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(
        *columns, TimeRemainingColumn(), console=console, transient=True, disable=quiet or not console.is_terminal
    ) as bars:
        stages: dict[str, Any] = {}

        def on_progress(stage: str, done: int, total: int) -> None:
            if stage not in stages:
                stages[stage] = bars.add_task(stage, total=total)
            bars.update(stages[stage], completed=done, total=total or None)

        yield on_progress
