"""The verb days: what was shot, what went in the bin, what is missing, and when it will be done."""

from pathlib import Path
from typing import Annotated

import typer

from headturn.cli.app import AsJson, Film, app, told


@app.command(
    epilog="Examples:\n\n  headturn days\n\n  headturn days --picture days.png --csv days.csv\n\n"
    "  headturn days --report day4.html --pdf day4.pdf --day 4\n\n  headturn days --json"
)
def days(
    table: Annotated[Path | None, typer.Option("--csv", readable=False, help="A row a day, for a spreadsheet.")] = None,
    picture: Annotated[
        Path | None, typer.Option(readable=False, help="The days as a picture: .png, .svg or .pdf.")
    ] = None,
    report: Annotated[Path | None, typer.Option(readable=False, help="The daily progress report, .html.")] = None,
    pdf: Annotated[Path | None, typer.Option(readable=False, help="The daily progress report, .pdf.")] = None,
    day: Annotated[str, typer.Option(help="Which day is reported: its number or date; else the latest.")] = "",
    film: Film = None,
    as_json: AsJson = False,
) -> None:
    """What was shot, what went in the bin, what is missing, is the crew getting faster, and when it will be done.

    Shooting days go by the camera's clock; [days] in film.toml says when they begin. plan.csv in the film's folder,
    with the columns shot, sequence, block, seconds, says what is to be shot.
    """
    from headturn.office import daybook, days_files, days_summary  # slow to import
    from headturn.office.store import film_at

    store = film_at(film)
    wanted = days_files.Wanted(table, picture, report, pdf, day)
    wanted.check()
    book = daybook.kept(store)
    written = days_files.write(store, book, wanted)
    told(as_json, lambda: days_summary.as_json(book, written), lambda: days_summary.show(book, written))
