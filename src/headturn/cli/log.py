"""The verbs of the production log: new, takes, circle, mark, bin, undo."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from headturn.cli.app import AsJson, Film, app, progress, told

By = Annotated[str, typer.Option("--by", help="Who decides; else HEADTURN_WHO or the name that was logged in with.")]
Named = Annotated[str, typer.Argument(metavar="TAKE", help="Slate like 42A-3, name of its file, or start of its hash.")]


@app.command(
    epilog='Examples:\n\n  headturn new FILM --title "Henry" --fps 24000/1001\n\n  headturn new FILM --fps 29.97df'
)
def new(
    folder: Annotated[Path, typer.Argument(metavar="FILM", readable=False, help="The film's folder; made by this.")],
    title: Annotated[str, typer.Option(help="The film's title; else its folder's name.")] = "",
    fps: Annotated[str, typer.Option(help="Film rate: 24000/1001, 23.976, 24, 25, 29.97df ...")] = "",
    catalogue: Annotated[str, typer.Option(help="A PostgreSQL database for several stations; else film.db.")] = "",
    as_json: AsJson = False,
) -> None:
    """Begin a film: its folder, settings and catalogue. All other verbs of the set are then run in that folder."""
    from headturn.office import log_summary as summary
    from headturn.office import logbook as office

    begun = office.begin(folder, title, fps, catalogue)
    told(as_json, lambda: summary.begun_json(begun), lambda: summary.show_begun(begun))


@app.command(
    epilog="Examples:\n\n  headturn takes\n\n  headturn takes --add card/\n\n  headturn takes --csv log.csv\n\n"
    "  headturn takes --read log.csv --by anna\n\n  headturn takes --history 42A"
)
def takes(  # noqa: PLR0913  # every parameter is an option of the command
    film: Film = None,
    add: Annotated[
        Path | None, typer.Option(readable=False, help="Take in the recordings of a folder, where they lie.")
    ] = None,
    roll: Annotated[str, typer.Option(help="The roll's name, with --add; else the folder's.")] = "",
    table: Annotated[Path | None, typer.Option("--csv", help="Write the log as a table.")] = None,
    given: Annotated[
        Path | None, typer.Option("--read", readable=False, help="Take in a log kept elsewhere (CSV).")
    ] = None,
    history: Annotated[
        str | None, typer.Option(help="All decisions about a shot or take, undone ones too; 'film' for all.")
    ] = None,
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """The log: every take with its slate, mark, bin and notes, shot by shot.

    Columns of tables in and out: file, slate, performer, rig, camera, mark, bin, in, out, note.
    """
    from headturn.office import log_summary as summary
    from headturn.office import log_table
    from headturn.office import logbook as office
    from headturn.office.store import Store, film_at

    store = film_at(film)
    if history is not None:
        lines = office.history(store, history)
        told(as_json, lambda: summary.history_json(lines), lambda: summary.show_history(lines))
        return
    if add:
        with progress(quiet=as_json) as on_progress:
            arrived = office.add(store, add, roll, on_progress)
        told(as_json, lambda: summary.arrived_json(arrived), lambda: summary.show_arrived(arrived))
        return
    if given:
        taken = log_table.read_table(store, given, by)
        told(as_json, lambda: summary.read_json(taken), lambda: summary.show_read(taken))
        if taken.wrong:
            raise typer.Exit(1)
        return
    log = office.standing(store)
    if table:
        Store(table.parent).write(table, log_table.table(log))
        if not as_json:
            return _said(f"{table}: {len(log.entries)} lines.")
    told(as_json, lambda: summary.log_json(log), lambda: summary.show_log(log))


@app.command(epilog="Examples:\n\n  headturn circle 42A-3\n\n  headturn circle 42A-3 --note 'the one' --by anna")
def circle(
    take: Named,
    note: Annotated[str, typer.Option(help="A note for the log.")] = "",
    by: By = "",
    film: Film = None,
) -> None:
    """This is the take: it comes before the others of its shot, unless the cut joins much better with one of them."""
    from headturn.office import logbook as office

    _said(office.mark(film, take, office.Marking("circled", note=note), by))


@app.command(
    epilog="Examples:\n\n  headturn mark 42A-3 --in 1.2s --out 58s --note 'hand in frame'\n\n"
    "  headturn mark 42A-3 --as rehearsal\n\n  headturn mark 42A-3 --clear"
)
def mark(  # noqa: PLR0913  # every parameter is an option of the command
    take: Named,
    inside: Annotated[str, typer.Option("--in", help="What must be in the film begins: 1.2s, 0:58 or timecode.")] = "",
    outside: Annotated[str, typer.Option("--out", help="... and ends.")] = "",
    as_: Annotated[str, typer.Option("--as", help="circled, keep, no good, false start or rehearsal.")] = "",
    note: Annotated[str, typer.Option(help="A note for the log.")] = "",
    clear: Annotated[bool, typer.Option("--clear", help="Take mark and span away; notes stay.")] = False,
    by: By = "",
    film: Film = None,
) -> None:
    """Mark a take, or the part of it that must be in the film."""
    from headturn.office import logbook as office

    _said(office.mark(film, take, office.Marking(as_, inside, outside, note, clear), by))


@app.command("bin", epilog="Examples:\n\n  headturn bin 42A-2 --why match --note 'looks left before the door'")
def bin_(
    take: Named,
    why: Annotated[str, typer.Option(help="look, match, performance, technical or comfort.")],
    note: Annotated[str, typer.Option(help="A note for the log.")] = "",
    by: By = "",
    film: Film = None,
) -> None:
    """Out of the film, and why. Nothing is deleted; headturn undo or a new mark brings it back."""
    from headturn.office import logbook as office

    _said(office.discard(film, take, why, note, by))


@app.command(epilog="Examples:\n\n  headturn undo\n\n  headturn undo 17 --by anna")
def undo(
    number: Annotated[int | None, typer.Argument(help="Of the decision; else this station's last.")] = None,
    by: By = "",
    film: Film = None,
) -> None:
    """Take a decision back; it stays in the log as undone. An undo can be undone."""
    from headturn.office import logbook as office

    _said(office.undo(film, number, by))


def _said(sentence: str) -> None:
    print(sentence, file=sys.stdout)
