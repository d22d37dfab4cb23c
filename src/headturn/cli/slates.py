"""The verbs of slates and rigs: slate, sync, drift, compare."""

from pathlib import Path
from typing import Annotated

import typer

from headturn.cli.app import UNMET, AsJson, Film, app, progress, told
from headturn.cli.log import By
from headturn.errors import BadOption


@app.command(
    epilog="Examples:\n\n  headturn slate GX010123 42A-3 --performer Anna --rig mouth --camera B\n\n"
    "  headturn slate --show 42A-3\n\n  headturn slate 42A-3 --show -o slate.png\n\n"
    "  headturn slate GX*.MP4 --read\n\n  headturn slate",
)
def slate(  # noqa: PLR0913  # every parameter is an option of the command
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TAKE] [SLATE] | FILES", help="A take and its slate; nothing: all without a slate."),
    ] = None,
    performer: Annotated[str, typer.Option(help="Who wears the camera.")] = "",
    rig: Annotated[str, typer.Option(help="On which rig, of rigs.toml in the film's folder.")] = "",
    camera: Annotated[str, typer.Option(help="Which camera of a rig of several: A, B ...")] = "",
    show: Annotated[bool, typer.Option("--show", help="Make the slate's code, to be held before the camera.")] = False,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", readable=False, help="Write the code: .svg or .png; else it is shown.")
    ] = None,
    read: Annotated[bool, typer.Option("--read", help="Read the codes filmed in these files.")] = False,
    by: By = "",
    film: Film = None,
    as_json: AsJson = False,
) -> None:
    """Which take is this? Typed, or by a code that is filmed at its head or tail, since an action camera has no slate.

    Without arguments: look for codes in all takes of the film that have no slate yet.
    """
    from headturn.office import slating as office
    from headturn.office import slating_summary as summary
    from headturn.office.store import film_at

    names = names or []
    if out is not None and not show:
        raise BadOption("-o is where --show writes the code; give both.")
    if read:
        with progress(quiet=as_json) as on_progress:
            found = office.read_files([Path(name) for name in names], on_progress)
        told(as_json, lambda: summary.read_json(found), lambda: summary.show_read(found))
        raise typer.Exit(0 if all(each.said for each in found) else UNMET)
    store = film_at(film)
    if show:
        if len(names) != 1:
            raise BadOption("--show makes the code of one slate, like headturn slate --show 42A-3.")
        shown = office.shown(store, office.Typed(names[0], performer, rig, camera), out)
        told(as_json, lambda: summary.code_json(shown), lambda: summary.show_code(shown))
    elif names:
        if len(names) > 2:
            raise BadOption("slate takes one take and its slate; to read codes from files add --read.")
        said = office.Typed(names[1] if len(names) == 2 else "", performer, rig, camera)
        slated = office.typed(store, names[0], said, by)
        told(as_json, lambda: summary.slated_json(slated), lambda: summary.show_slated(slated))
    else:
        with progress(quiet=as_json) as on_progress:
            found = office.read_unslated(store, by, on_progress)
        told(as_json, lambda: summary.read_json(found), lambda: summary.show_read(found))


@app.command(
    epilog="Examples:\n\n  headturn sync A.MP4 B.MP4\n\n  headturn sync A.MP4 B.MP4 sound.wav --json\n\n"
    "  headturn sync 42A-3",
)
def sync(
    names: Annotated[
        list[str],
        typer.Argument(metavar="A B [C.wav] | TAKE", help="Recordings to be laid on the first; or a take of the film."),
    ],
    film: Film = None,
    as_json: AsJson = False,
) -> None:
    """Lay the cameras of one rig and the sound recorder on each other: by gyros, by timecode, by sound.

    Of a take of the film: all that has its slate, other cameras and sound. Where one cannot be laid on the first the
    exit code is 3.
    """
    from headturn.office import syncing as office
    from headturn.office import syncing_summary as summary

    with progress(quiet=as_json) as on_progress:
        found = office.synced(names, film, on_progress)
    told(as_json, lambda: summary.as_json(found), lambda: summary.show(found))
    if any(each.offset_s is None for each in found):
        raise typer.Exit(UNMET)


@app.command(
    epilog="Examples:\n\n  headturn drift\n\n  headturn drift --rig mouth\n\n  headturn drift 42A-1.MP4 42A-2.MP4",
)
def drift(
    files: Annotated[
        list[Path] | None, typer.Argument(readable=False, help="Recordings in the order shot; else the film's takes.")
    ] = None,
    rig: Annotated[str, typer.Option(help="Only takes on this rig.")] = "",
    film: Film = None,
    as_json: AsJson = False,
) -> None:
    """Does the camera still lie as it did? The rest pose of each take, and since when it is another."""
    from headturn.office import mounts as office
    from headturn.office import mounts_summary as summary
    from headturn.office.store import at_hand, film_at

    with progress(quiet=as_json) as on_progress:
        if files:
            found = office.of_files(files, at_hand(Path()), on_progress)
        else:
            found = office.of_film(film_at(film), rig, on_progress)
    told(as_json, lambda: summary.as_json(found), lambda: summary.show(found))


@app.command(epilog="Examples:\n\n  headturn compare 42A-3\n\n  headturn compare 42A-3 42A-1 --json")
def compare(
    take: Annotated[str, typer.Argument(metavar="TAKE", help="Slate like 42A-3, or name of its file.")],
    rehearsal: Annotated[
        str, typer.Argument(metavar="[REHEARSAL]", help="Another take; else the shot's last one marked as rehearsal.")
    ] = "",
    film: Film = None,
    as_json: AsJson = False,
) -> None:
    """A take beside its rehearsal: turns that are missing, that come later or sooner, that are faster or wider."""
    from headturn.office import mounts as office
    from headturn.office import mounts_summary as summary
    from headturn.office.store import film_at

    found = office.compared(film_at(film), take, rehearsal)
    told(as_json, lambda: summary.compared_json(found), lambda: summary.show_compared(found))
