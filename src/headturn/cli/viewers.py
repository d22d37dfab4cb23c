"""The verbs that ask how it feels: comfort, study, rigs, screening."""

from pathlib import Path
from typing import Annotated

import typer

from headturn.cli.app import AsJson, app, progress, told


@app.command(
    epilog="Examples:\n\n  headturn comfort film/ --screen cinema:front --viewer sensitive\n\n"
    "  headturn comfort 42A-3.MP4 --screen 1.4m@2.5m --viewer mssq=18.5 --csv curve.csv",
)
def comfort(
    path: Annotated[
        Path | None, typer.Argument(readable=False, help="A film's folder or cut, a take or any film; only read.")
    ] = None,
    screen: Annotated[str, typer.Option(help="Screen and seat, or width@distance in metres.")] = "cinema:middle",
    viewer: Annotated[
        str, typer.Option(help="typical, sensitive, mssq=18.5, or who rated a screening, by name.")
    ] = "typical",
    flashes: Annotated[bool, typer.Option(help="Also check the standards on flashes; sees the whole picture.")] = True,
    out: Annotated[Path, typer.Option("-o", "--out", readable=False, help="The page to write.")] = Path("comfort.html"),
    table: Annotated[Path | None, typer.Option("--csv", help="Also write the curves, a row a second.")] = None,
    as_json: AsJson = False,
) -> None:
    """Will the audience be able to watch it? Discomfort over the running time, its worst moments and their causes.

    Screens: phone, laptop, television, cinema:back, cinema:middle, cinema:front. Nothing here certifies anything: it
    predicts from people's ratings, and says how surely.
    """
    from headturn.office import page, watching, watching_page, watching_summary  # slow to import
    from headturn.office.store import Store

    page.spare_others(out)
    with progress(quiet=as_json) as on_progress:
        watched = watching.watched(path, screen, viewer, flashes, on_progress)
    watching_page.write(watched, out)
    if table:
        Store(table.parent).write(table, watching_summary.as_csv(watched))
    told(as_json, lambda: watching_summary.as_json(watched, out), lambda: watching_summary.show(watched, out))


@app.command(
    epilog="Examples:\n\n  headturn study FILM.mp4\n\n  headturn study A.mp4 B.mp4 --cuts A.edl -o study.html",
)
def study(
    films: Annotated[list[Path], typer.Argument(readable=False, help="Finished films; only read.")],
    cuts: Annotated[
        list[Path] | None,
        typer.Option(readable=False, help="Known cuts of the films, in their order: EDL or CSV; may be repeated."),
    ] = None,
    screen: Annotated[str, typer.Option(help="Screen and seat, or width@distance in metres.")] = "cinema:middle",
    viewer: Annotated[str, typer.Option(help="typical, sensitive, or mssq=18.5.")] = "typical",
    flashes: Annotated[bool, typer.Option(help="Also check the standards on flashes; takes longer.")] = True,
    out: Annotated[Path, typer.Option("-o", "--out", readable=False, help="The page to write.")] = Path("study.html"),
    as_json: AsJson = False,
) -> None:
    """What finished films say of themselves: cuts, head turns, lengths of segments, comfort; side by side."""
    from headturn.office import page, study_page, study_summary  # slow to import
    from headturn.office import study as office

    page.spare_others(out)
    with progress(quiet=as_json) as on_progress:
        studied = office.films(films, cuts or [], screen, viewer, flashes, on_progress)
    study_page.write(studied, screen, viewer, out)
    told(as_json, lambda: study_summary.as_json(studied, out), lambda: study_summary.show(studied, out))


@app.command(
    epilog="Examples:\n\n  headturn rigs mouth.MP4 helmet.MP4\n\n  headturn rigs A.mp4 B.mp4 --screen cinema:front",
)
def rigs(
    takes: Annotated[list[Path], typer.Argument(readable=False, help="Takes of one action on several mounts.")],
    screen: Annotated[str, typer.Option(help="Screen and seat, or width@distance in metres.")] = "cinema:middle",
    viewer: Annotated[str, typer.Option(help="typical, sensitive, or mssq=18.5.")] = "typical",
    out: Annotated[Path, typer.Option("-o", "--out", readable=False, help="The page to write.")] = Path("rigs.html"),
    as_json: AsJson = False,
) -> None:
    """Which mount? The same action on several, compared: comfort, shake, steps, turns, tilt, what of the body is seen.

    Each take's widest turn runs as a loop on the page. No figure stands for a winner.
    """
    from headturn.office import page, rigs_page, rigs_summary  # slow to import
    from headturn.office import rigs as office

    page.spare_others(out)
    with progress(quiet=as_json) as on_progress:
        found = office.compared(takes, screen, viewer, on_progress)
    rigs_page.write(found, screen, viewer, out)
    told(as_json, lambda: rigs_summary.as_json(found, out), lambda: rigs_summary.show(found, out))


@app.command(
    epilog="Examples:\n\n  headturn screening ratings.csv --screen cinema:front\n\n"
    "  headturn screening ratings.csv film2/ --prior film1/",
)
def screening(
    ratings: Annotated[Path, typer.Argument(readable=False, help="CSV of what viewers rated: viewer, time, fms ...")],
    cut: Annotated[
        Path | None, typer.Argument(readable=False, help="A film's folder or cut; else this folder's.")
    ] = None,
    screen: Annotated[str, typer.Option(help="Where it was shown: screen and seat.")] = "cinema:middle",
    prior: Annotated[
        Path | None, typer.Option(readable=False, help="A film whose screenings are to be built on; its folder.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Take in what viewers rated at a screening: discomfort is predicted by it from now on.

    Columns: viewer, time (seconds or 12:30), fms (0 to 20) and, if known, mssq, age, sex, left, before_1 ... after_16
    (SSQ). Showings add up in the film's folder, in screening.json; a file of the same name replaces its showing.
    """
    from headturn.office import screenings, screenings_summary  # slow to import

    with progress(quiet=as_json) as on_progress:
        found = screenings.screened(ratings, cut, screen, prior, on_progress)
    told(as_json, lambda: screenings_summary.as_json(found), lambda: screenings_summary.show(found))
