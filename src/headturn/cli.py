"""The verbs of headturn in a terminal: thin, over `headturn.office.production`."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from headturn import __version__
from headturn.errors import BadOption, HeadturnError

INTERRUPTED = 130
"""Exit code of a program stopped by Ctrl-C, as shells have it."""
UNMET = 3
"""Exit code of `make` where the film was made but a comfort budget could not be met."""

app = typer.Typer(
    name="headturn",
    help="The film-making system for first-person films: from the camera card to a seamless cut, joined on head turns.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)

Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="TABLE.KEY=VALUE", help="Any key of film.toml, e.g. joins.looks=3; may be repeated."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON, for scripts.")]


@app.callback(invoke_without_command=True)
def _headturn(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        typer.echo(f"headturn {__version__}")
        raise typer.Exit


@app.command(
    epilog="Examples:\n\n  headturn make card/ -o film/\n\n"
    "  headturn make card/ -o film/ --fps 24000/1001 --size 1920x1080 --master prores\n\n"
    "  headturn make card/ -o film/ --set assemble.min_share=0.4\n\n"
    "  headturn make card/ -o film/ --max-now 40 --screen cinema:front --viewer sensitive",
)
def make(  # noqa: PLR0913  # every parameter is an option of the command
    folder: Annotated[
        Path, typer.Argument(readable=False, help="Folder of takes, as it came from the camera; only read.")
    ],
    out: Annotated[
        Path, typer.Option("-o", "--out", readable=False, help="The film's folder; made where it does not exist.")
    ],
    fps: Annotated[str, typer.Option(help="Film rate, like 24000/1001 or 25; else that of most takes.")] = "",
    size: Annotated[str, typer.Option(help="Film size, like 1920x1080; else that of most takes.")] = "",
    min_share: Annotated[
        float | None, typer.Option(help="Least share of an unmarked take that must be in the film (0.6).")
    ] = None,
    title: Annotated[str, typer.Option(help="The film's title; else its folder's name.")] = "",
    master: Annotated[Literal["prores", "dnxhr"] | None, typer.Option(help="Also write a 10-bit intermediate.")] = None,
    max_now: Annotated[
        float | None,
        typer.Option(help="Steady as little as keeps discomfort of the moment below this, to 100; 0: none."),
    ] = None,
    max_build_up: Annotated[
        float | None, typer.Option(help="Likewise for build-up, to 20; refused without --uncalibrated.")
    ] = None,
    uncalibrated: Annotated[
        bool, typer.Option("--uncalibrated", help="Take a budget on build-up though it is uncalibrated.")
    ] = False,
    screen: Annotated[str, typer.Option(help="For which screen and seat (cinema:middle).")] = "",
    viewer: Annotated[str, typer.Option(help="For whom: typical, sensitive, mssq=18.5.")] = "",
    max_crop: Annotated[
        float | None, typer.Option(help="Most percent of the picture's width and height lost to steadying (10).")
    ] = None,
    level: Annotated[float | None, typer.Option(help="Share of the horizon's tilt to take out, 0 to 1.")] = None,
    steady: Annotated[float | None, typer.Option(help="Steady by this strength, 0 to 1, without a budget.")] = None,
    settings: Set = None,
    as_json: AsJson = False,
) -> None:
    """A folder of takes in, a seamless film, its timeline and its report out.

    Writes film.mp4, film.otio, cut.json, report.html, film.csv and film.toml. Where a comfort budget cannot be met, the
    film is made all the same, steadied as far as that helps, and the exit code is 3.

    Run again after an interruption, it goes on from what was done.
    """
    from headturn.office import production  # slow to import
    from headturn.office import settings as tables

    changes: dict[str, Any] = dict(tables.pairs(settings or []))
    changes |= {"film.fps": fps} if fps else {}
    changes |= {"film.size": size} if size else {}
    changes |= {"film.title": title} if title else {}
    changes |= {"assemble.min_share": min_share} if min_share is not None else {}
    changes |= _steadying(
        max_now=max_now, max_build_up=max_build_up, uncalibrated=uncalibrated or None, screen=screen or None,
        viewer=viewer or None, max_crop=max_crop, level=level, strength=steady,
    )  # fmt: skip
    with _progress(quiet=as_json) as on_progress:
        made = production.make(folder, out, changes, master, on_progress)
    _tell(made, as_json)
    if made.steadied and made.steadied.refusal:
        print(f"headturn: {made.steadied.refusal}", file=sys.stderr)
        raise typer.Exit(UNMET)


@app.command(epilog="Example:\n\n  headturn demo -o demo")
def demo(
    out: Annotated[Path, typer.Option("-o", "--out", help="Where takes and film go.")] = Path("demo"),
    as_json: AsJson = False,
) -> None:
    """Shoot takes on the backlot and make a film of them; needs nothing downloaded.

    The takes go to OUT/takes, the film to OUT/film.
    """
    from headturn.backlot import demo as backlot  # compiles the ray caster
    from headturn.office import production

    with _progress(quiet=as_json) as on_progress:
        on_progress("Shooting on the backlot", 0, 1000)
        backlot.demo_takes(
            out / "takes", lambda _, share: on_progress("Shooting on the backlot", round(1000 * share), 1000)
        )
        made = production.make(out / "takes", out / "film", {"film.title": "A turn in the house"}, None, on_progress)
    _tell(made, as_json)


@app.command(
    epilog="Examples:\n\n  headturn joins A.mp4 B.mp4\n\n  headturn joins A.mp4 B.mp4 --json --no-loops\n\n"
    "  headturn joins card/ -o map.html",
)
def joins(
    takes: Annotated[
        list[Path],
        typer.Argument(metavar="A B | FOLDER", readable=False, help="Two takes, or a folder of takes; only read."),
    ],
    out: Annotated[
        Path | None, typer.Option("-o", "--out", readable=False, help="The page of loops (joins.html).")
    ] = None,
    loops: Annotated[bool, typer.Option(help="Render each of the best joins as a short loop, on one page.")] = True,
    settings: Set = None,
    as_json: AsJson = False,
) -> None:
    """Where takes can meet: ranked joins of two takes, or a map of a folder.

    A join says where the first take is left and the second entered, how likely its rendered splice is to be caught,
    and why. Kept results lie in the film's folder when run from one, else in the user's cache.
    """
    from headturn.office import joins_page, joins_summary, meeting, page  # slow to import
    from headturn.office import settings as tables

    if len(takes) > 2:
        raise BadOption(f"joins takes two takes or one folder, not {len(takes)} paths; for more give their folder.")
    if len(takes) == 1 and takes[0].is_file():
        raise BadOption(f"{takes[0].name} is one take; give a second one that may follow it, or a folder of takes.")
    wanted = out or (Path("joins.html") if loops else None)
    if wanted:
        page.spare_others(wanted)
    changes = tables.pairs(settings or [])
    with _progress(quiet=as_json) as on_progress:
        if len(takes) == 2:
            met = meeting.between(takes[0], takes[1], changes, on_progress)
            if wanted:
                joins_page.write_meeting(met, wanted, loops, on_progress)
            plain, show = (
                partial(joins_summary.meeting_json, met, wanted),
                partial(joins_summary.show_meeting, met, wanted),
            )
        else:
            found = meeting.among(takes[0], changes, on_progress)
            if wanted:
                joins_page.write_map(found, wanted, loops, on_progress)
            plain = partial(joins_summary.map_json, found, wanted)
            show = partial(joins_summary.show_map, found, wanted)
    if as_json:
        typer.echo(json.dumps(plain(), indent=2, ensure_ascii=False))
    else:
        show()


@app.command(
    epilog="Examples:\n\n  headturn seam A.mp4 B.mp4 --join 1 -o seam.mp4\n\n"
    "  headturn seam A.mp4 B.mp4 --join 2 -o both.mov --whole",
)
def seam(  # noqa: PLR0913  # every parameter is an option of the command
    a: Annotated[Path, typer.Argument(metavar="A", readable=False, help="The outgoing take; only read.")],
    b: Annotated[Path, typer.Argument(metavar="B", readable=False, help="The incoming take; only read.")],
    out: Annotated[
        Path, typer.Option("-o", "--out", readable=False, help="The film to write: .mp4, or .mov for ProRes.")
    ],
    join: Annotated[int, typer.Option(help="Which join, by its rank in headturn joins.")] = 1,
    around: Annotated[float, typer.Option(min=0.1, max=3600, help="Seconds before and after the splice.")] = 3.0,
    whole: Annotated[bool, typer.Option("--whole", help="All of A before the splice, all of B after it.")] = False,
    settings: Set = None,
    as_json: AsJson = False,
) -> None:
    """Render one join of two takes, seam and sound and all."""
    from headturn.office import joins_summary, meeting  # slow to import
    from headturn.office import settings as tables

    changes = tables.pairs(settings or [])
    with _progress(quiet=as_json) as on_progress:
        made = meeting.seam(a, b, join, out, None if whole else around, changes, on_progress)
    if as_json:
        typer.echo(json.dumps(joins_summary.seam_json(made), indent=2, ensure_ascii=False))
    else:
        joins_summary.show_seam(made)


@app.command(
    epilog="Examples:\n\n  headturn blindtest film/ -o blindtest.html\n\n"
    "  headturn blindtest film/cut.json --answers anna.json --answers ben.json",
)
def blindtest(
    cut: Annotated[
        Path | None,
        typer.Argument(readable=False, help="cut.json or the film's folder; the current folder if left out."),
    ] = None,
    out: Annotated[Path, typer.Option("-o", "--out", readable=False, help="The page to write.")] = Path(
        "blindtest.html"
    ),
    answers: Annotated[
        list[Path] | None,
        typer.Option(readable=False, help="Answers downloaded from the page, to be taken in; may be repeated."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Do people see the splices? A page of pairs of loops, one with a splice and one uncut; then, their answers.

    The page opens offline in any browser, on a phone too. Answers are kept in the film's folder, in blindtest.json.
    """
    from headturn.office import blindtest as office  # slow to import
    from headturn.office import blindtest_summary as summary

    if answers:
        judged = office.judge(cut, answers)
        plain, show = partial(summary.judged_json, judged), partial(summary.show_judged, judged)
    else:
        with _progress(quiet=as_json) as on_progress:
            made = office.make(cut, out, on_progress)
        plain, show = partial(summary.made_json, made), partial(summary.show_made, made)
    if as_json:
        typer.echo(json.dumps(plain(), indent=2, ensure_ascii=False))
    else:
        show()


def _steadying(**given: Any) -> dict[str, Any]:  # noqa: ANN401  # values of several kinds
    """Changes to the table [steady]: a budget takes the place of a strength that was kept, and the other way round."""
    told = {name: value for name, value in given.items() if value is not None}
    if "strength" in told:
        told = {"max_now": 0.0, "max_build_up": 0.0, **told}
    elif told.get("max_now") or told.get("max_build_up"):
        told = {"strength": 0.0, **told}
    return {f"steady.{name}": value for name, value in told.items()}


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
    with _progress(quiet=as_json) as on_progress:
        watched = watching.watched(path, screen, viewer, flashes, on_progress)
    watching_page.write(watched, out)
    if table:
        Store(table.parent).write(table, watching_summary.as_csv(watched))
    if as_json:
        typer.echo(json.dumps(watching_summary.as_json(watched, out), indent=2, ensure_ascii=False))
    else:
        watching_summary.show(watched, out)


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
    with _progress(quiet=as_json) as on_progress:
        studied = office.films(films, cuts or [], screen, viewer, flashes, on_progress)
    study_page.write(studied, screen, viewer, out)
    if as_json:
        typer.echo(json.dumps(study_summary.as_json(studied, out), indent=2, ensure_ascii=False))
    else:
        study_summary.show(studied, out)


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
    with _progress(quiet=as_json) as on_progress:
        found = office.compared(takes, screen, viewer, on_progress)
    rigs_page.write(found, screen, viewer, out)
    if as_json:
        typer.echo(json.dumps(rigs_summary.as_json(found, out), indent=2, ensure_ascii=False))
    else:
        rigs_summary.show(found, out)


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

    with _progress(quiet=as_json) as on_progress:
        found = screenings.screened(ratings, cut, screen, prior, on_progress)
    if as_json:
        typer.echo(json.dumps(screenings_summary.as_json(found), indent=2, ensure_ascii=False))
    else:
        screenings_summary.show(found)


def _tell(made: Any, as_json: bool) -> None:  # noqa: ANN401  # its type is slow to import
    from headturn.office import summary

    if as_json:
        typer.echo(json.dumps(summary.as_json(made), indent=2, ensure_ascii=False))
    else:
        summary.show(made)


@contextmanager
def _progress(quiet: bool) -> Iterator[Any]:
    """A progress bar for each stage on the error stream, gone when the work is done."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    with Progress(
        *columns, TimeRemainingColumn(), console=console, transient=True, disable=quiet or not console.is_terminal
    ) as bars:
        stages: dict[str, Any] = {}

        def on_progress(stage: str, done: int, total: int) -> None:
            if stage not in stages:
                stages[stage] = bars.add_task(stage, total=total)
            bars.update(stages[stage], completed=done, total=total or None)

        yield on_progress


def main() -> None:
    """Run the command line; every error of headturn is one sentence and exit code 1, bad options 2, Ctrl-C 130."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # names of files that the terminal cannot show
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # it would report a home that it cannot write to
    try:
        app(standalone_mode=True)
    except SystemExit as end:  # Ctrl-C at any moment ends here, while libraries are loaded as well
        if end.code == INTERRUPTED:
            print("headturn: interrupted; run the same command again, it goes on from what was done.", file=sys.stderr)
        raise
    except BadOption as error:
        print(f"headturn: {error}", file=sys.stderr)
        sys.exit(2)
    except HeadturnError as error:
        print(f"headturn: {error}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
