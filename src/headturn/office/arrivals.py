"""Arrivals: what lies in a folder becomes footage of the catalogue, slated as far as names and filmed codes tell."""

import difflib
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from headturn.camera import card, code, recorder, slate
from headturn.camera.code import Filmed
from headturn.camera.take import Clip, Take
from headturn.clock import Span, rate_name
from headturn.errors import BadOption, CannotRead, DecidedMeanwhile
from headturn.head.moments import frame_for_frame
from headturn.office import rig_book
from headturn.office.catalogue import Catalogue
from headturn.office.dailies import Progress, through_lens
from headturn.office.log import Entry, Footage, Log, of_clip
from headturn.office.order import SHORTEST_TAKE_S, Unused
from headturn.office.settings import Settings
from headturn.office.store import Store

_BESIDE = frozenset({".mp4", ".mov"})
"""A WAV beside a recording of the same name is that camera's own sound."""
_CLIP: TypeAdapter[Clip] = TypeAdapter(Clip)
SHORTEST_ID = 6
"""Characters of a recording's hash that are enough to name it."""


@dataclass(frozen=True)
class Arrived:
    """What a folder held.

    footage: all of it; new: what the catalogue did not know; slated: slate by name of those that got one now
    rejected: what cannot be used, and why; notes: what is odd, as sentences
    """

    roll: str
    footage: tuple[Footage, ...]
    new: tuple[Footage, ...]
    slated: dict[str, str]
    rejected: tuple[Unused, ...]
    notes: tuple[str, ...]


def take_in(
    catalogue: Catalogue, roll: str, root: Path, chosen: Settings, store: Store, on_progress: Progress
) -> Arrived:
    """Remember what lies in a roll's folder, and slate what is not slated yet. Doing it again adds nothing.

    Raises:
        CannotRead: no such folder.
    """
    found = card.ingest(root, lambda done, total, _: on_progress("Reading the takes", done, total))
    sounds, not_sounds = _sounds(root)
    heard = {sound.path for sound in sounds}
    rejected = [Unused(each.path.name, each.reason) for each in found.rejected if each.path not in heard]
    footage = [_of_clip(clip, roll, root) for clip in found.clips]
    footage += [_of_sound(sound, roll, root) for sound in sounds]
    new = catalogue.came_in(footage, root)
    slates = {each.id: said for each in found.clips if (said := _by_name(each.name))}
    slates |= {sound.id: said for sound in sounds if (said := _by_name(sound.path.name) or _typed(sound))}
    for clip in found.clips:
        _remember(clip, store)
    clips = {clip.id: clip for clip in through_lens(found.clips, chosen, store)}
    title = chosen.film.title or store.folder.resolve().name
    slated, notes = _slate(catalogue, clips, footage, slates, title, on_progress)
    notes += [note for clip in found.clips for note in (*clip.damage, *_odd_rate(clip, chosen))]
    notes += [note for sound in sounds for note in sound.notes]
    return Arrived(roll, tuple(footage), new, slated, (*rejected, *not_sounds), tuple(notes))


def takes_of(
    catalogue: Catalogue, log: Log, chosen: Settings, store: Store, also: Collection[str] = ()
) -> tuple[dict[str, Take], tuple[Unused, ...]]:
    """The takes that may be in the film, by the id of their recording, and those that cannot be read now.

    also: recordings that are wanted whatever their marks
    """
    takes: dict[str, Take] = {}
    unread: list[Unused] = []
    for entry in log.entries:
        if entry.slate and (entry.usable or entry.footage.id in also):
            try:
                takes[entry.footage.id] = take_of(catalogue, entry, chosen, store)
            except CannotRead as error:
                unread.append(Unused(entry.name, str(error)))
    return takes, tuple(unread)


def take_of(catalogue: Catalogue, entry: Entry, chosen: Settings, store: Store) -> Take:
    """One recording of the log as a take: opened where it can be read now, with what stands of it.

    Raises:
        CannotRead: its files are nowhere, or are not what they were.
    """
    files = catalogue.files(entry.footage)
    found = _as_found(files, store, lambda: card.reopened(files))
    (clip,) = through_lens([found], as_worn(entry, chosen, store), store)
    if not clip.id == entry.footage.id == card.identity(files):
        raise CannotRead(files[0], "is not what came in: its contents have changed", "copy it from the card again")
    take = Take(
        clip,
        _without_code(entry, clip.span),
        str(entry.slate.shot) if entry.slate else "",
        entry.slate,
        entry.performer,
    )
    return replace(take, mark=entry.mark, marked=entry.marked)


def _without_code(entry: Entry, span: Span) -> Span:
    """The part of a recording that the code of its slate is not in, unless people marked that too, or nothing is left.

    span: of the recording
    """
    shown, marked = entry.code, entry.marked
    if shown is None:
        return span
    start, end = (shown.end, span.end) if shown.start <= span.start else (span.start, shown.start)
    if marked:
        start, end = min(start, marked.start), max(end, marked.end)
    return Span(start, end) if end - start >= SHORTEST_TAKE_S else span


def _remember(clip: Clip, store: Store) -> None:
    """Keep how a recording was found, so that the verdict on it need not wait for a second look."""
    _as_found(clip.files, store, lambda: clip)


def _as_found(files: Sequence[Path], store: Store, find: Callable[[], Clip]) -> Clip:
    """A recording as it was found when these files were looked at first; `find` looks, and again once they change."""

    def plain() -> Any:  # noqa: ANN401
        return _CLIP.dump_python(replace(find(), files=(), proxies=()), mode="json")  # names of files need not be text

    try:
        stamps = [(path.resolve(), path.stat().st_size, path.stat().st_mtime_ns) for path in files]
    except OSError:
        return find()
    clip = _CLIP.validate_python(store.kept_json("clips", stamps, plain))
    return replace(clip, files=tuple(files), proxies=card.companions(files))


def as_worn(entry: Entry, chosen: Settings, store: Store) -> Settings:
    """The settings with the lens of a take's rig, where rigs.toml names one: it goes before the film's."""
    worn = rig_book.read(store).get(entry.rig) if entry.rig else None
    return replace(chosen, film=replace(chosen.film, lens=worn.lens)) if worn and worn.lens else chosen


def named(log: Log, name: str) -> Entry:
    """The recording that people mean: by slate ("42A-3", "42A-3B" for camera B), file name, or the start of its hash.

    Raises:
        BadOption: none, or several.
    """
    wanted = name.strip().casefold()
    by_name = [each for each in log.entries if wanted in _names(each)]
    stems = [each for each in log.entries if wanted == Path(each.footage.name).stem.casefold()]
    hashes = [each for each in log.entries if len(wanted) >= SHORTEST_ID and each.footage.id.startswith(wanted)]
    found = by_name or stems or hashes
    pictures = [each for each in found if each.footage.kind == "image"] or found
    if len(pictures) == 1:
        return pictures[0]
    if pictures:
        which = ", ".join(f"{each.footage.roll}/{each.footage.files[0]} ({each.footage.id[:8]})" for each in pictures)
        raise BadOption(f"{name} is the name of {len(pictures)} recordings: {which}; give one's hash.")
    names = [each.name for each in log.entries] + [each.footage.name for each in log.entries]
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    hint = f"; there is {', '.join(dict.fromkeys(near))}" if near else "; headturn takes lists what there is"
    raise BadOption(f"there is no take {name}{hint}.")


def _names(entry: Entry) -> tuple[str, ...]:
    footage = entry.footage
    slated = (entry.name, f"{entry.slate}{entry.unit}")
    return tuple(map(str.casefold, (*slated, footage.name, footage.files[0], f"{footage.roll}/{footage.files[0]}")))


def _slate(
    catalogue: Catalogue,
    clips: Mapping[str, Clip],
    footage: Sequence[Footage],
    named: Mapping[str, str],
    title: str,
    told: Progress,
) -> tuple[dict[str, str], list[str]]:
    """Decide the slates of what has none, by name or else by the code filmed at its head or tail; and what is odd."""
    log = catalogue.log(look=False)
    open_ = [each for each in footage if _unslated(log, each.id)]
    slated: dict[str, str] = {}
    notes: list[str] = []
    for number, each in enumerate(open_):
        told("Reading slates", number, len(open_))
        try:
            value = {"slate": named[each.id], "how": "name"} if each.id in named else _filmed(clips.get(each.id), title)
        except BadOption as error:
            notes.append(f"{each.name}: {error}")
            continue
        if value:
            with suppress(DecidedMeanwhile):  # another station slated it while this one read
                catalogue.decide("slate", of_clip(each.id), value)
                slated[each.name] = value["slate"]
    told("Reading slates", len(open_), len(open_))
    return slated, notes


def _unslated(log: Log, clip_id: str) -> bool:
    """Whether nobody ever said what a recording is; a slate that was taken away is not put back."""
    entry = log.of(clip_id)
    said = any(each.verb == "slate" and each.subject == of_clip(clip_id) for each in log.decisions)
    return entry is not None and entry.slate is None and not said


def _filmed(clip: Clip | None, title: str) -> dict[str, Any]:
    try:
        found = code.filmed(clip) if clip else None
    except CannotRead:
        return {}
    return of_code(found, title) if found else {}


def of_code(found: Filmed, title: str) -> dict[str, Any]:
    """What a filmed code decides about its take.

    Raises:
        BadOption: it is of another film than the one of this title.
    """
    said = found.said
    if said.film and said.film != title:
        raise BadOption(f"its code is of the film {said.film}, not of {title}; say what it is with headturn slate.")
    told = {"slate": str(said.slate), "performer": said.performer, "unit": said.unit}
    seen = [str(found.span.start), str(found.span.end)]
    return {key: value for key, value in told.items() if value} | {"how": "code", "code": seen}


def _by_name(name: str) -> str:
    said = slate.parse(name)
    return str(said) if said else ""


def _typed(sound: recorder.Recording) -> str:
    return str(sound.slate) if sound.slate else ""


def _sounds(root: Path) -> tuple[list[recorder.Recording], list[Unused]]:
    """The files of sound recorders; those that lie beside a recording of the same name are its own sound."""
    sounds, unread = [], []
    every = {path for path in root.rglob("*") if path.suffix.lower() in _BESIDE | recorder.SUFFIXES}
    beside = {(path.parent, path.stem) for path in every if path.suffix.lower() in _BESIDE}
    for path in sorted(every):
        its = path.suffix.lower() in recorder.SUFFIXES and (path.parent, path.stem) not in beside
        if not its or path.name.startswith(".") or not path.is_file():
            continue
        try:
            sounds.append(recorder.probe(path))
        except CannotRead as error:
            unread.append(Unused(path.name, str(error)))
    return sounds, unread


def _of_clip(clip: Clip, roll: str, root: Path) -> Footage:
    return Footage(
        id=clip.id,
        roll=roll,
        files=tuple(file.resolve().relative_to(root.resolve()).as_posix() for file in clip.files),
        duration=clip.span.duration,
        rate=clip.image.rate,
        width=clip.image.width,
        height=clip.image.height,
        camera=clip.camera,
        shot_at=clip.created.replace(tzinfo=None) if clip.created else None,
        timecode=str(clip.timecode) if clip.timecode else "",
        came_in=datetime.now(UTC),
    )


def _of_sound(sound: recorder.Recording, roll: str, root: Path) -> Footage:
    return Footage(
        id=sound.id,
        roll=roll,
        files=(sound.path.resolve().relative_to(root.resolve()).as_posix(),),
        duration=sound.sound.duration,
        rate=Fraction(sound.sound.rate_hz),
        width=0,
        height=0,
        camera="",
        shot_at=sound.created,
        timecode="",
        came_in=datetime.now(UTC),
        kind="sound",
    )


def _odd_rate(clip: Clip, chosen: Settings) -> list[str]:
    """What is to be said of a clip's frame rate while the camera can still be set: not steady, or not the film's."""
    said, film = rate_name(clip.image.rate), chosen.film.rate
    if clip.image.variable_rate:
        film_too = f", the film at {rate_name(film)}" if film else ""
        return [
            f"{clip.name}: was shot at a variable frame rate of about {said} frames a second{film_too}; each frame is"
            " shown at its own time, but set the camera to a constant rate before the next take."
        ]
    if film is None or clip.image.rate == film:
        return []
    rates = f"{said} frames a second, the film {rate_name(film)}"
    between = "" if frame_for_frame(clip.image.rate, film) else ", and is shown between its frames, slow to render"
    return [f"{clip.name}: was shot at {rates}{between}; set the camera before the next take."]
