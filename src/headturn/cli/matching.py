"""The verbs of the set: match, next."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from headturn.cli.app import AsJson, Film, Set, app, progress, told
from headturn.cli.log import By


@app.command(
    epilog="Examples:\n\n  headturn match 42B-2\n\n  headturn match 42B-2 --after 42A-3 --json\n\n"
    "  headturn match B.mp4 --after A.mp4 --no-loops"
)
def match(  # noqa: PLR0913  # every parameter is an option of the command
    take: Annotated[str, typer.Argument(metavar="TAKE", help="The new take: its slate, or a file.")],
    after: Annotated[
        str, typer.Option(help="The take before it; else that of the shot before: locked, circled, kept or latest.")
    ] = "",
    window: Annotated[
        float | None, typer.Option(help="Without motion data, seconds of each take that are searched (15).")
    ] = None,
    out: Annotated[Path, typer.Option("-o", "--out", readable=False, help="The page of loops.")] = Path("match.html"),
    loops: Annotated[bool, typer.Option(help="Then render the best three joins as loops, on one page.")] = True,
    film: Film = None,
    settings: Set = None,
    as_json: AsJson = False,
) -> None:
    """Does the take join the shot before it? The verdict, where, why, and what to do differently when it does not.

    The verdict comes first; the loops follow. Where the first look at the turns finds no seamless join, it is told, and
    the rest of both takes is looked at.
    """
    from headturn.office import match as office
    from headturn.office import match_summary as summary
    from headturn.office import settings as tables
    from headturn.office.store import film_at

    if loops:
        from headturn.office import page

        page.spare_others(out)
    changes: dict[str, Any] = dict(tables.pairs(settings or []))
    changes |= {"match.window_s": window} if window is not None else {}
    with progress(quiet=as_json) as on_progress:
        if after and Path(take).is_file() and Path(after).is_file():
            answers = office.of_files(Path(take), Path(after), changes, on_progress)
        else:
            answers = office.in_film(film_at(film), take, after or None, changes, on_progress)
        for found in answers:
            if not as_json:
                on_progress.aside(partial(summary.show, found))
    shown = out if loops and found.joins else None
    told(as_json, lambda: summary.as_json(found, shown), lambda: None)  # people were told as it was found
    if shown:
        from headturn.office import joins_page  # only now: loading it takes longer than the verdict may

        with progress(quiet=as_json) as on_progress:
            best = replace(found.meeting, joins=found.joins)
            joins_page.write_previews(best, found.seen_in, shown, on_progress)
        if not as_json:
            typer.echo(f"Loops: {shown}")


@app.command(
    "next",
    epilog="Examples:\n\n  headturn next 42B\n\n  headturn next 42B -o 42B.png\n\n"
    '  headturn next 42B --hands "torch in the left" --overlay monitor.png',
)
def next_(  # noqa: PLR0913  # every parameter is an option of the command
    shot: Annotated[str, typer.Argument(metavar="SHOT", help="The shot that is shot next.")],
    after: Annotated[
        str, typer.Option(help="The take before it; else that of the shot before: locked, circled, kept or latest.")
    ] = "",
    hands: Annotated[str, typer.Option(help="Note what is in the hands when the take before ends.")] = "",
    out: Annotated[
        Path, typer.Option("-o", "--out", readable=False, help="The card: .html, or .png for a phone.")
    ] = Path("next.html"),
    overlay: Annotated[
        Path | None, typer.Option(readable=False, help="Write the out frame, seen through, as a .png for a monitor.")
    ] = None,
    opacity: Annotated[float, typer.Option(help="How much of the overlay is seen, above 0 and up to 1.")] = 0.5,
    by: By = "",
    film: Film = None,
    as_json: AsJson = False,
) -> None:
    """What the next take must start with: the last out frame, the turn, tilt and horizon, light, hands, scene time.

    The page lies over a phone's own camera where the browser lets a page have it.
    """
    from headturn.office import next_card as office
    from headturn.office import next_page as card_page
    from headturn.office import next_summary as summary
    from headturn.office.store import film_at

    written = [path for path in (out, overlay) if path]
    for path in written:
        card_page.spare(path)
    store = film_at(film)
    if hands:
        office.say_hands(store, shot, after, hands, by)
    with progress(quiet=as_json) as on_progress:
        card = office.card(store, shot, after, {}, on_progress)
    card_page.write(card, out)
    if overlay:
        card_page.write_overlay(card, overlay, opacity)
    told(as_json, lambda: summary.as_json(card, written), lambda: summary.show(card, written))
