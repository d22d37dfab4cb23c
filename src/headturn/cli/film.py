"""The verbs that make a film: make, demo, joins, seam, blindtest."""

import sys
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from headturn.cli.app import UNMET, AsJson, Set, app, progress, told
from headturn.errors import BadOption


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
    with progress(quiet=as_json) as on_progress:
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

    with progress(quiet=as_json) as on_progress:
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
    with progress(quiet=as_json) as on_progress:
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
    told(as_json, plain, show)


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
    from headturn.office import seam_summary, seaming  # slow to import
    from headturn.office import settings as tables

    changes = tables.pairs(settings or [])
    with progress(quiet=as_json) as on_progress:
        made = seaming.seam(a, b, join, out, None if whole else around, changes, on_progress)
    told(as_json, lambda: seam_summary.seam_json(made), lambda: seam_summary.show_seam(made))


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
        with progress(quiet=as_json) as on_progress:
            made = office.make(cut, out, on_progress)
        plain, show = partial(summary.made_json, made), partial(summary.show_made, made)
    told(as_json, plain, show)


def _steadying(**given: Any) -> dict[str, Any]:  # noqa: ANN401  # values of several kinds
    """Changes to the table [steady]: a budget takes the place of a strength that was kept, and the other way round."""
    told = {name: value for name, value in given.items() if value is not None}
    if "strength" in told:
        told = {"max_now": 0.0, "max_build_up": 0.0, **told}
    elif told.get("max_now") or told.get("max_build_up"):
        told = {"strength": 0.0, **told}
    return {f"steady.{name}": value for name, value in told.items()}


def _tell(made: Any, as_json: bool) -> None:  # noqa: ANN401  # its type is slow to import
    from headturn.office import summary

    told(as_json, lambda: summary.as_json(made), lambda: summary.show(made))
