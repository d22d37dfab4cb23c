"""The verbs of the growing cut: watch, assemble, lock, unlock, render."""

import sys
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
