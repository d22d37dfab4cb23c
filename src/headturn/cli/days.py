"""The verb days: what was shot, what went in the bin, what is missing, and when it will be done."""

from pathlib import Path
from typing import Annotated

import typer

from headturn.cli.app import AsJson, Film, app, told


@app.command(epilog="Examples:\n\n  headturn days\n\n  headturn days --csv days.csv\n\n  headturn days --json")
def days(
    table: Annotated[Path | None, typer.Option("--csv", readable=False, help="A row a day, for a spreadsheet.")] = None,
    film: Film = None,
    as_json: AsJson = False,
) -> None:
    """What was shot, what went in the bin, what is missing, is the crew getting faster, and when it will be done.

    Shooting days go by the camera's clock; [days] in film.toml says when they begin. plan.csv in the film's folder,
    with the columns shot, sequence, block, seconds, says what is to be shot.
    """
    from headturn.office import daybook, days_summary  # slow to import
    from headturn.office.store import Store, film_at

    book = daybook.kept(film_at(film))
    if table:
        Store(table.parent).write(table, days_summary.as_csv(book))
    written = [path for path in (table,) if path]
    told(as_json, lambda: days_summary.as_json(book, written), lambda: days_summary.show(book, written))
