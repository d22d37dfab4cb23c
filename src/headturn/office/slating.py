"""The verb `slate`: takes are told apart. Typed, shown as a code to be filmed, and read from what was filmed."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headturn.camera import card, code, slate
from headturn.camera.code import Kind, Said
from headturn.camera.take import Slate
from headturn.errors import BadOption, DecidedMeanwhile, HeadturnError
from headturn.office import rig_book, settings
from headturn.office.arrivals import named, of_code
from headturn.office.dailies import Progress, through_lens
from headturn.office.log import Entry, Log, of_clip
from headturn.office.logbook import deciding
from headturn.office.store import Store

UNITS = ("A", "B", "C", "D")


@dataclass(frozen=True)
class Typed:
    """What is said of a take; what is empty is not said."""

    slate: str = ""
    performer: str = ""
    rig: str = ""
    unit: str = ""


@dataclass(frozen=True)
class Slated:
    """A take that was slated. number: of the decision; notes: what does not fit, as sentences"""

    file: str
    name: str
    number: int
    value: dict[str, Any]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Read:
    """A file whose head and tail were looked at. said: the code in it, or None; failed: why it could not be looked at
    or the code not be taken; slated: what was decided, where it is a take of the film"""

    file: Path
    said: Said | None = None
    failed: str = ""
    slated: Slated | None = None


@dataclass(frozen=True)
class Shown:
    """A code to be filmed, and the file it was written to, if any."""

    said: Said
    out: Path | None


def typed(store: Store, take: str, said: Typed, by: str) -> Slated:
    """Say what a take is.

    Raises:
        BadOption: no such take, no slate, no such rig, nothing said, or another take has that slate.
        DecidedMeanwhile: see `Catalogue.decide`.
    """
    value: dict[str, str] = {}
    if said.slate:
        value["slate"] = str(_slate(said.slate))
    if said.performer:
        value["performer"] = said.performer
    rig = rig_book.rig(store, said.rig) if said.rig else None
    if rig:
        value["rig"] = rig.name
    unit = said.unit.upper() or (rig.unit if rig else "")
    if unit:
        value["unit"] = _unit(unit)
    if not value:
        raise BadOption(f"nothing is said of {take}: give its slate, --performer, --rig or --camera.")
    with deciding(store, by) as (catalogue, log):
        entry = named(log, take)
        _free(log, entry, value)
        decision = catalogue.decide("slate", of_clip(entry.footage.id), {**value, "how": "typed"})
    notes = [] if slate.numbered(said.slate) else [_UNNUMBERED.format(value["slate"])]
    if rig and rig.camera and entry.footage.camera and rig.camera.casefold() not in entry.footage.camera.casefold():
        notes.append(f"{entry.footage.name} was shot on {entry.footage.camera}; the rig {rig.name} has {rig.camera}.")
    return Slated(entry.footage.name, value.get("slate") or entry.name, decision.number, value, tuple(notes))


_UNNUMBERED = "no take number was typed, so it is {}; take 3 of shot 42A is written 42A-3. headturn undo takes it back."


def _slate(text: str) -> Slate:
    said = slate.written(text)
    if said is None:
        raise BadOption(f"'{text}' is no slate; write it like 42A-3.")
    return said


def _unit(text: str) -> str:
    if text not in UNITS:
        raise BadOption(f"'{text}' is no camera of a rig; use {', '.join(UNITS)}.")
    return text


def _free(log: Log, entry: Entry, value: dict[str, Any]) -> None:
    """Hold that no other recording of the same camera has the slate."""
    wanted = _slate(value["slate"]) if "slate" in value else entry.slate
    unit = value.get("unit", entry.unit) or UNITS[0]
    for other in log.entries if wanted else ():
        same = other.slate == wanted and (other.unit or UNITS[0]) == unit
        if same and other.footage.kind == entry.footage.kind and other.footage.id != entry.footage.id:
            raise BadOption(
                f"{wanted} is {other.footage.name} already; give another take number, or --camera where it is "
                "another camera of the same take."
            )


def shown(store: Store, said: Typed, out: Path | None) -> Shown:
    """The code of a slate, to be held before the camera; written to a file where one is named.

    Raises:
        BadOption: no slate, neither .svg nor .png, or what it says is too long. CannotWrite: no space, no permission.
    """
    film = settings.read(store.settings).film.title or store.folder.resolve().name
    unit = said.unit.upper() or (rig_book.rig(store, said.rig).unit if said.rig else "")
    told = Said(film, _slate(said.slate), said.performer, _unit(unit) if unit else "")
    kinds: dict[str, Kind] = {".svg": "svg", ".png": "png"}
    if out is not None:
        if out.suffix.lower() not in kinds:
            raise BadOption(f"{out.name}: a code is written as .svg or .png.")
        Store(out.parent).write(out, code.drawn(told, kinds[out.suffix.lower()]))
    return Shown(told, out)


def read_files(files: Sequence[Path], on_progress: Progress) -> tuple[Read, ...]:
    """The codes filmed at the head or tail of recordings; nothing is decided."""
    found = []
    for number, file in enumerate(files):
        on_progress("Reading codes", number, len(files))
        try:
            found.append(Read(file, code.find(card.recording(file))))
        except HeadturnError as error:
            found.append(Read(file, failed=str(error)))
    on_progress("Reading codes", len(files), len(files))
    return tuple(found)


def read_unslated(store: Store, by: str, on_progress: Progress) -> tuple[Read, ...]:
    """Look for codes in all takes of the film that have no slate, and slate those that have one.

    What a code of another film says is not taken; nor is a slate that another take has.
    """
    chosen = settings.read(store.settings)
    film = chosen.film.title or store.folder.resolve().name
    found = []
    with deciding(store, by) as (catalogue, log):
        wanted = [each for each in log.entries if each.slate is None and each.footage.kind == "image"]
        for number, entry in enumerate(wanted):
            on_progress("Reading codes", number, len(wanted))
            file = Path(entry.footage.name)
            try:
                (clip,) = through_lens([card.reopened(catalogue.files(entry.footage))], chosen, store)
                shown = code.filmed(clip)
                slated = None
                if shown:
                    value = of_code(shown, film)
                    _free(catalogue.log(look=False), entry, value)
                    decision = catalogue.decide("slate", of_clip(entry.footage.id), value)
                    slated = Slated(entry.footage.name, value["slate"], decision.number, value)
                found.append(Read(clip.files[0], shown.said if shown else None, slated=slated))
            except (HeadturnError, DecidedMeanwhile) as error:
                found.append(Read(file, failed=str(error)))
        on_progress("Reading codes", len(wanted), len(wanted))
    return tuple(found)
