"""A film opened again: its cut, the takes behind it as they lie on the disk now, and the motion that was found."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from pydantic import BaseModel, ValidationError

from headturn.camera import card, slate
from headturn.camera.take import Take
from headturn.clock import Span
from headturn.edit import cut as cuts
from headturn.edit.cut import Cut
from headturn.errors import CannotRead
from headturn.head.rush import Rush
from headturn.office import rig_book, settings
from headturn.office.arrivals import as_worn
from headturn.office.catalogue import opened
from headturn.office.dailies import Progress, developed, through_lens
from headturn.office.log import Log
from headturn.office.settings import Settings
from headturn.office.store import Store

MAKE_AGAIN = "make the film again with headturn make"


class _TakeFiles(BaseModel):
    name: str
    files: list[str]


class _Takes(BaseModel):
    takes: dict[str, _TakeFiles]


@dataclass(frozen=True, eq=False)
class Film:
    """A film in its folder. rushes: by take id, those that the cut shows."""

    store: Store
    cut: Cut
    rushes: Mapping[str, Rush]
    chosen: Settings


def cut_file(given: Path | None) -> Path:
    """The cut.json that is meant by a file, by a film's folder, or by nothing: the current folder.

    Raises:
        CannotRead: there is none.
    """
    path = given or Path()
    if not path.is_dir():
        return path
    if not (path / "cut.json").exists():
        name = path if given else "this folder"
        raise CannotRead(path / "cut.json", f"is not there, so {name} holds no film", "give a film's folder or its cut")
    return path / "cut.json"


def reopened(file: Path, on_progress: Progress) -> Film:
    """A film by its cut.

    Raises:
        CannotRead: no cut, or a recording that it names is gone or is another one now. BadOption: film.toml.
    """
    film, files = read_cut(file)
    kept = Store(file.parent)
    chosen = settings.read(kept.settings)
    shown = list(dict.fromkeys(segment.take for segment in film.segments))
    log = _log(kept, chosen)
    takes = []
    for number, id in enumerate(shown):
        on_progress("Reading the takes", number, len(shown))
        if id not in files:
            raise CannotRead(file, f"does not say which files the take {id} is", MAKE_AGAIN)
        entry = log.of(id.partition("@")[0]) if log else None
        takes.append(_take(id, files[id], file, as_worn(entry, chosen, kept) if entry else chosen, kept))
    rushes, failed = developed(takes, kept, chosen, on_progress)
    if failed:
        raise CannotRead(failed[0].name, failed[0].why, "copy it from the card again")
    return Film(kept, film, rushes, chosen)


def read_cut(file: Path) -> tuple[Cut, dict[str, list[str]]]:
    """A cut, and the files behind its takes as it names them, by take id.

    Raises:
        CannotRead: it cannot be read or is no cut.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        why = "is not there" if isinstance(error, FileNotFoundError) else f"cannot be read ({error.strerror})"
        raise CannotRead(file, why, "check the path") from None
    except UnicodeDecodeError:
        raise CannotRead(file, "is no cut", "give the cut.json of a film") from None
    try:
        film = cuts.from_json(json.loads(text))
        takes = _Takes.model_validate_json(text).takes
    except (ValidationError, RecursionError):
        raise CannotRead(file, "is a cut without its takes, or damaged", MAKE_AGAIN) from None
    except ValueError:
        raise CannotRead(file, "is no cut, or a damaged one", "give the cut.json of a film") from None
    return film, {id: take.files for id, take in takes.items()}


def _log(kept: Store, chosen: Settings) -> Log | None:
    """The film's log, where it may say that a take was shot through another lens than the film's.

    A film of `headturn make` has none; and what no lens depends on need not wait for a server that is away.
    """
    if not (kept.catalogue.exists() or chosen.catalogue.url) or not any(
        rig.lens for rig in rig_book.read(kept).values()
    ):
        return None
    with opened(kept) as catalogue:
        return catalogue.log(look=False)


def _take(id: str, names: Sequence[str], file: Path, chosen: Settings, kept: Store) -> Take:
    files = [file.parent / name for name in names]
    for path in files:
        if not path.exists():
            raise CannotRead(
                path, f"is not at {path.parent}, where {file.name} looks for it", f"put it back there or {MAKE_AGAIN}"
            )
    if not files:
        raise CannotRead(file, f"names no file for the take {id}", MAKE_AGAIN)
    clip_id, _, part = id.partition("@")
    (clip,) = through_lens([card.reopened(files)], chosen, kept)
    if clip.id != clip_id:
        raise CannotRead(files[0], f"is not the recording that {file.name} was made of", MAKE_AGAIN)
    start, _, end = part.partition("-")
    try:
        span = Span(Fraction(start), Fraction(end)) if part else clip.span
    except (ValueError, ZeroDivisionError):
        raise CannotRead(file, f"'{id}' is no take", MAKE_AGAIN) from None
    named = slate.parse(clip.name)
    return Take(clip, span, named.shot if named else "", named)
