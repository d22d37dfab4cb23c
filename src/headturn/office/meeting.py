"""The verb `joins`: where takes can meet. Loads, calls and stores."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from headturn.camera import card, slate
from headturn.camera.take import Clip, Take
from headturn.clock import Span
from headturn.edit import reasons, scout
from headturn.edit.join import judged_by
from headturn.edit.joins import Join
from headturn.errors import BadOption, NothingToDo
from headturn.head.rush import Rush
from headturn.office import lab, order, settings, store
from headturn.office.answers import Judges, judges
from headturn.office.dailies import Progress, developed, joins_between, through_lens
from headturn.office.lab import Glancer
from headturn.office.order import Unused
from headturn.office.settings import Settings
from headturn.office.smaller import Small
from headturn.office.store import Store
from headturn.office.vault import Vault

ONE_JOIN_S = 0.5
"""Joins that leave A and enter B within this of a better one are the same join to an editor."""
MOST_JOINS = 9
"""Ranked joins told of two takes."""


Search = Callable[[Rush, Rush, tuple[Span, Span], Glancer, Store, Settings], tuple[Join, ...]]


@dataclass(frozen=True)
class Desk:
    """Where results are kept, the settings that count, and who judges."""

    store: Store
    chosen: Settings
    judges: Judges


@dataclass(frozen=True, eq=False)
class Meeting:
    """Two takes and where they can meet.

    joins: those that something hides, best first, no two in one place; without_join: why there is none, where there is
        none; notes: what is odd about the takes
    """

    a: Rush
    b: Rush
    joins: tuple[Join, ...]
    without_join: tuple[str, ...]
    notes: tuple[str, ...]
    desk: Desk


@dataclass(frozen=True, eq=False)
class JoinMap:
    """Which take of a folder can follow which. joins: the best of each ordered pair that has one, best first."""

    folder: Path
    takes: tuple[Rush, ...]
    joins: tuple[Join, ...]
    unused: tuple[Unused, ...]
    notes: tuple[str, ...]
    desk: Desk

    @property
    def rushes(self) -> dict[str, Rush]:
        """By take id."""
        return {rush.take.id: rush for rush in self.takes}


def between(file_a: Path, file_b: Path, changes: Mapping[str, Any], on_progress: Progress) -> Meeting:
    """Where one take can hand over to another.

    Raises:
        CannotRead: a file is no recording. BadOption: both are one recording, or a setting makes no sense.
    """
    return at_desk(file_a, file_b, desk_here(changes), on_progress)


def at_desk(file_a: Path, file_b: Path, desk: Desk, on_progress: Progress) -> Meeting:
    """The same, at a desk. Raises as `between`; NothingToDo where one of them cannot be decoded."""
    on_progress("Reading the takes", 0, 2)
    clips = through_lens([card.recording(file) for file in (file_a, file_b)], desk.chosen, desk.store)
    if clips[0].id == clips[1].id:
        raise BadOption(f"{file_a.name} and {file_b.name} are one recording; give two takes.")
    a, b = (whole(clip) for clip in clips)
    rushes = rushes_of(a, b, {}, desk, on_progress)
    glancer = lab.glancer(rushes, desk.store)
    found = searched(*rushes, (a.span, b.span), glancer, desk, joins_between, on_progress)
    return replace(found, notes=noted(rushes, {}))


def rushes_of(
    a: Take,
    b: Take,
    windows: Mapping[str, Span],
    desk: Desk,
    on_progress: Progress,
    small: Small = lambda clip: None,
) -> tuple[Rush, Rush]:
    """Both takes developed.

    windows: by take id, what is analysed where there is no motion data

    Raises:
        NothingToDo: one of them cannot be decoded.
    """
    rushes, failed = developed([a, b], desk.store, desk.chosen, on_progress, windows, small)
    if failed:
        raise NothingToDo(str(failed[0]))
    return rushes[a.id], rushes[b.id]


def searched(
    here: Rush,
    there: Rush,
    spans: tuple[Span, Span],
    glancer: Glancer,
    desk: Desk,
    search: Search,
    on_progress: Progress,
) -> Meeting:
    """Where A can hand over to B, as far as a search goes: `dailies.joins_between` or `dailies.first_joins_between`.

    Without notes of what is odd about the takes, see `noted`.
    """
    on_progress("Finding joins", 0, 1)
    found = search(here, there, spans, glancer, desk.store, desk.chosen)
    found = judged_by(found, desk.judges.calibration)
    on_progress("Finding joins", 1, 1)
    joins = distinct(found)
    why = () if joins else _why_none(here, there, found)
    return Meeting(here, there, joins, why, (), desk)


def among(folder: Path, changes: Mapping[str, Any], on_progress: Progress) -> JoinMap:
    """Which take of a folder can follow which.

    Raises:
        CannotRead: no such folder. NothingToDo: less than two usable takes. BadOption: settings make no sense.
    """
    desk = desk_here(changes)
    kept, chosen = desk.store, desk.chosen
    found = card.ingest(folder, lambda done, total, _: on_progress("Reading the card", done, total))
    rows = order.read_rows(folder / "film.csv") if (folder / "film.csv").exists() else ()
    arranged = order.arrange(through_lens(found.clips, chosen, kept), rows, folder)
    rushes, failed = developed(arranged.takes, kept, chosen, on_progress)
    unused = (*(Unused(each.path.name, each.reason) for each in found.rejected), *arranged.unused, *failed)
    takes = tuple(rushes[take.id] for take in arranged.takes if take.id in rushes)
    if len(takes) < 2:
        few = f"only {takes[0].take.name} can be used" if takes else "not one take can be used"
        why = f" ({unused[0]})" if unused else ""
        raise NothingToDo(f"{folder}: {few}, and a join needs two{why}; give the folder with the camera's files.")
    glancer = lab.glancer(takes, kept)
    told, keep = partial(on_progress, "Finding joins"), Vault(kept, chosen.joins)
    joins = scout.meetings(takes, glancer, chosen.joins, told, glancer.aids, keep)
    notes = (*arranged.notes, *(note for rush in takes for note in _notes(rush)))
    return JoinMap(folder, takes, judged_by(joins, desk.judges.calibration), unused, notes, desk)


def distinct(found: Sequence[Join]) -> tuple[Join, ...]:
    """The joins that something hides and that leave something of A, best first, none where a better one lies."""
    kept: list[Join] = []
    for join in found:
        near = any(
            max(abs(join.out_time - other.out_time), abs(join.in_time - other.in_time)) < ONE_JOIN_S for other in kept
        )
        if join.hiding != "nothing" and join.out_frame > 0 and not near:
            kept.append(join)
    return tuple(kept[:MOST_JOINS])


def desk_of(kept: Store, chosen: Settings) -> Desk:
    """What counts in a film: its folder opened, its settings, its viewers."""
    kept.open()
    return Desk(kept, chosen, judges(kept))


def desk_here(changes: Mapping[str, Any]) -> Desk:
    """What counts here: the store, the settings and the viewers of the film whose folder this is, if it is one's."""
    kept = store.at_hand(Path())
    chosen = settings.changed(settings.read(kept.settings), changes, "the command line")
    return desk_of(kept, chosen)


def whole(clip: Clip) -> Take:
    """All of a recording as a take, slated by its name."""
    named = slate.parse(clip.name)
    return Take(clip, clip.span, named.shot if named else "", named)


def partly(rush: Rush, window: Span) -> bool:
    """Whether a take was analysed within a window only: it has no motion data, and was not analysed whole before."""
    return rush.motion.source == lab.IMAGE and window != rush.take.span and not rush.motion.confidence.all()


def noted(rushes: Sequence[Rush], windows: Mapping[str, Span]) -> tuple[str, ...]:
    """What is odd about takes. windows: by take id, what of them was analysed where there is no motion data"""
    found = [(rush, partly(rush, windows.get(rush.take.id, rush.take.span))) for rush in rushes]
    return tuple(note for rush, part in found for note in _notes(rush, part))


def _notes(rush: Rush, part: bool = False) -> list[str]:
    """What is odd about a take. part: whether only a part of it was analysed"""
    name = rush.take.name
    said = list(rush.take.clip.damage)
    if rush.lost:
        said.append(f"{name}: {rush.lost} of its frames cannot be decoded.")
    if not rush.turns:
        said.append(f"{name}: there is no head turn in {'what was searched of it' if part else 'it'}.")
    return said


def _why_none(a: Rush, b: Rush, found: Sequence[Join]) -> tuple[str, ...]:
    """Why no join is told: what the least bad way from A to B would show."""
    if not found:
        return (f"{a.take.name} and {b.take.name} do not meet anywhere",)
    return tuple(reason.removeprefix("no join: ") for reason in reasons.reasons(found[0]))
