"""The verbs of the growing cut: watch, assemble, lock, unlock, render."""

import json
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from headturn.cli.app import UNMET, AsJson, Film, Set, app, progress, told
from headturn.cli.log import By

Shot = Annotated[str, typer.Argument(metavar="SHOT", help="Like 42A.")]


@app.command(epilog="Examples:\n\n  headturn assemble\n\n  headturn assemble --set assemble.min_share=0.4 --json")
def assemble(film: Film = None, settings: Set = None, as_json: AsJson = False) -> None:
    """The cut as it grows: the best way through all takes around what is locked. Writes cut.json and film.otio."""
    from headturn.office import assembly as office
    from headturn.office import assembly_summary as summary
    from headturn.office import settings as tables
    from headturn.office.store import film_at

    with progress(quiet=as_json) as on_progress:
        found = office.assemble(film_at(film), tables.pairs(settings or []), on_progress)
    told(as_json, lambda: summary.as_json(found, None), lambda: summary.show(found, None))


@app.command(epilog="Examples:\n\n  headturn lock 42A\n\n  headturn lock 42A --only --by anna")
def lock(
    shot: Shot,
    only: Annotated[bool, typer.Option("--only", help="Not the shots before it.")] = False,
    by: By = "",
    film: Film = None,
    as_json: AsJson = False,
) -> None:
    """Decided: this shot and all before it stay as they stand in the cut, take for take and frame for frame."""
    from headturn.office import assembly as office
    from headturn.office import assembly_summary as summary
    from headturn.office.store import film_at

    with progress(quiet=as_json) as on_progress:
        made = office.lock(film_at(film), shot.upper(), only, by, on_progress)
    nothing = f"{shot.upper()} is locked already."
    told(as_json, lambda: summary.decisions_json(made), lambda: summary.show_decisions(made, nothing))


@app.command(epilog="Examples:\n\n  headturn unlock 42A")
def unlock(shot: Shot, by: By = "", film: Film = None, as_json: AsJson = False) -> None:
    """Open a locked shot again; the lock stays in the log."""
    from headturn.office import assembly as office
    from headturn.office import assembly_summary as summary
    from headturn.office.store import film_at

    made = office.unlock(film_at(film), shot.upper(), by)
    told(as_json, lambda: summary.decisions_json(made), lambda: summary.show_decisions(made, ""))


@app.command(epilog="Examples:\n\n  headturn render\n\n  headturn render --master prores")
def render(
    master: Annotated[Literal["prores", "dnxhr"] | None, typer.Option(help="Also write a 10-bit intermediate.")] = None,
    film: Film = None,
    settings: Set = None,
    as_json: AsJson = False,
) -> None:
    """Render the cut as it grows: film.mp4 and its report. Only what is new is rendered."""
    from headturn.office import assembly as office
    from headturn.office import assembly_summary as summary
    from headturn.office import settings as tables
    from headturn.office.store import film_at

    kept = film_at(film)
    with progress(quiet=as_json) as on_progress:
        found = office.render(kept, tables.pairs(settings or []), master, on_progress)
    told(as_json, lambda: summary.as_json(found, kept.film), lambda: summary.show(found, kept.film))
    if found.made.steadied and found.made.steadied.refusal:
        print(f"headturn: {found.made.steadied.refusal}", file=sys.stderr)
        raise typer.Exit(UNMET)


@app.command(
    epilog="Examples:\n\n  headturn watch /media/crew/cards\n\n"
    "  headturn watch /media/crew/cards --to /media/SSD1 --to /media/SSD2\n\n  headturn watch takes/ --once --json"
)
def watch(
    folder: Annotated[Path, typer.Argument(readable=False, help="Where cards or files arrive; only read.")],
    to: Annotated[
        list[Path] | None, typer.Option("--to", readable=False, help="Copy each new card to this disk; give two.")
    ] = None,
    every: Annotated[float, typer.Option(min=0.1, help="Seconds between two looks.")] = 1.0,
    once: Annotated[bool, typer.Option("--once", help="Take in what is there now, and end.")] = False,
    film: Film = None,
    as_json: AsJson = False,
) -> None:
    """All of it as cards or files arrive: copied, taken in, slated, each take matched, the cut solved again.

    A folder in FOLDER is a card and its name the roll's; without folders the files are taken in where they lie. Files
    are left alone until they have not grown for three seconds, no program has them open for writing, and recordings are
    as long as they say. Ctrl-C ends it; started again it goes on.
    """
    import time

    from headturn.office import arriving, watch_summary
    from headturn.office.store import film_at

    watched = arriving.Watched(folder, tuple(to or ()), every, once)
    if not once and not as_json:
        typer.echo(f"Watching {folder}; Ctrl-C ends it.")
    with progress(quiet=as_json) as on_progress:
        for event in arriving.watch(film_at(film), watched, on_progress, time.sleep):
            if as_json:
                typer.echo(json.dumps(watch_summary.as_json(event), ensure_ascii=False))
            else:
                watch_summary.show(event)
