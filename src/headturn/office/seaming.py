"""The verb `seam`: one meeting of two takes rendered. Apart from `meeting`, since what renders is slow to load."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from headturn.camera import media
from headturn.edit import cut
from headturn.edit.cut import Cut
from headturn.edit.joins import Join
from headturn.errors import BadOption, CannotWrite, NothingToDo
from headturn.office import loops, meeting, vault
from headturn.office.dailies import Progress
from headturn.office.meeting import Meeting
from headturn.office.store import Store
from headturn.picture import render, treatment
from headturn.review import ride

AROUND_S = 3.0
CODEC: Final[dict[str, media.Codec]] = {".mp4": "h264", ".mov": "prores"}


@dataclass(frozen=True, eq=False)
class Seamed:
    """A splice that was rendered to a file."""

    out: Path
    film: Cut
    join: Join
    meeting: Meeting


def seam(
    file_a: Path,
    file_b: Path,
    number: int,
    out: Path,
    around_s: float | None,
    changes: Mapping[str, Any],
    on_progress: Progress,
) -> Seamed:
    """Render a join of two takes, by its rank in `between`, with its sound.

    around_s: seconds before and after the splice, or None for all of A before it and all of B after it

    Raises:
        BadOption: no join of that number, a file name that is neither .mp4 nor .mov. CannotRead: a take cannot be
        read. CannotWrite: no space, no permission, or `out` is a file that this verb did not write.
    """
    if out.suffix.lower() not in CODEC:
        raise BadOption(f"{out.name}: a seam is written as .mp4, or as .mov for ProRes; give it such a name.")
    desk = meeting.desk_here(changes)
    kept = desk.store
    _spare(out, kept)
    met = meeting.at_desk(file_a, file_b, desk, on_progress)
    join = _numbered(met, number)
    rushes = {rush.take.id: rush for rush in (met.a, met.b)}
    film = loops.meeting_cut(met.a, met.b, join, desk.chosen.assemble)
    if around_s is not None:
        film = cut.around(film, 0, round(around_s * film.rate))
    film = treatment.chosen(film, rushes, partial(on_progress, "Trying seams"), vault.seams(film, rushes, kept))
    reels = out.with_name(f".{out.stem}.reels")
    options = replace(desk.chosen.render, codec=CODEC[out.suffix.lower()])
    takes = {id: rush.take for id, rush in rushes.items()}
    on_frame = partial(on_progress, "Rendering the seam")
    render.render(film, ride.plan(film, rushes), takes, reels, out, options, on_frame)
    _remove(reels)
    kept.own(out)
    return Seamed(out, film, join, met)


def _numbered(met: Meeting, number: int) -> Join:
    names = f"{met.a.take.name} and {met.b.take.name}"
    if not met.joins:
        raise NothingToDo(f"no join of {names}: {'; '.join(met.without_join)}.")
    if not 1 <= number <= len(met.joins):
        there = "there is 1" if len(met.joins) == 1 else f"there are 1 to {len(met.joins)}"
        raise BadOption(f"there is no join {number} of {names}; {there}, see headturn joins.")
    return met.joins[number - 1]


def _spare(out: Path, kept: Store) -> None:
    """Raises CannotWrite where a film would take the place of a folder or of a file that headturn did not write."""
    if out.is_dir():
        raise CannotWrite(out, "is a folder", "give the film's own name, like seam.mp4")
    if not out.parent.is_dir():
        raise CannotWrite(out, "there is no such folder to write to", "make it or choose another")
    if out.exists() and not kept.is_own(out):
        raise CannotWrite(out, "is there and is not headturn's own", "choose another name with -o")


def _remove(reels: Path) -> None:
    for part in reels.iterdir():
        part.unlink()
    reels.rmdir()
