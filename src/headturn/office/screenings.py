"""Screenings of a film: ratings come in, the prediction is corrected by them; both are kept with the film.

screening.json in the film's folder holds each showing with the drive of the film as it was then, so that a later cut
does not change what was seen, and the profile that all of them teach together, on top of what another film taught.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from headturn.errors import BadOption, CannotRead
from headturn.office import reopening
from headturn.office.dailies import Progress
from headturn.office.store import Store
from headturn.review import comfort, profile, ratings, screening, steadied, viewing
from headturn.review.profile import Profile
from headturn.review.provocation import Drive, Form
from headturn.review.ratings import Rated
from headturn.review.screening import Showing

SCHEMA = "headturn.screening.1"


class Kept(BaseModel):
    """One showing as it is kept. ratings: name of the file; drive: of the film as it was shown, by field."""

    model_config = ConfigDict(frozen=True)
    ratings: str
    drive: dict[str, Any]
    rated: tuple[Rated, ...]


class Book(BaseModel):
    """screening.json. prior: what another film's screenings had taught; profile: what all showings teach."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)
    format: Literal["headturn.screening.1"] = Field(default="headturn.screening.1", alias="schema")
    showings: Annotated[tuple[Kept, ...], Field(max_length=1000)] = ()
    prior: Profile | None = None
    profile: Profile = profile.PRIOR


@dataclass(frozen=True)
class Fit:
    """How far predictions are from what viewers rated: root mean square in FMS, before and after they were heard."""

    viewer: str
    ratings: int
    before: float
    after: float


@dataclass(frozen=True, eq=False)
class Screened:
    """What came of a screening. book: what is kept now, at `path`; fits: of the showing that came in, by viewer."""

    path: Path
    book: Book
    showing: Showing
    fits: tuple[Fit, ...]


def screened(
    file: Path, film: Path | None, screen: str, prior: Path | None, on_progress: Progress = lambda *_: None
) -> Screened:
    """Take in the ratings of one showing of a film; a file of the same name takes the place of an earlier one.

    screen: where it was shown; prior: a film's folder (or its screening.json) whose screenings are to be built on

    Raises:
        CannotRead: the film, the ratings or the prior. BadOption: no such screen. CannotWrite: no space or permission.
    """
    shown_on = viewing.screen(screen)
    opened = reopening.reopened(reopening.cut_file(film), on_progress)
    shown = steadied.shown(opened.cut, steadied.plan(opened.cut, opened.rushes), opened.rushes)
    rated = read_ratings(file, opened.cut.frames / float(opened.cut.rate))
    showing = Showing(comfort.drive(shown, shown_on), rated)
    book = read(opened.store)
    others = tuple(each for each in book.showings if each.ratings != file.name)
    built_on = profile_of(prior).for_next_film() if prior else book.prior
    kept = Kept(ratings=file.name, drive=plain(showing.drive), rated=rated)
    every = [*(Showing(drive_of(each.drive), each.rated) for each in others), showing]
    learnt = screening.calibrated(every, built_on)
    book = Book(showings=(*others, kept), prior=built_on, profile=learnt)
    opened.store.write(opened.store.screening, book.model_dump_json(by_alias=True, indent=1))
    return Screened(opened.store.screening, book, showing, tuple(_fits(showing, built_on or profile.PRIOR, learnt)))


def read(store: Store) -> Book:
    """What is kept with a film; an empty book where there was no screening.

    Raises:
        CannotRead: the file is damaged.
    """
    if not store.screening.exists():
        return Book()
    try:
        return Book.model_validate_json(store.screening.read_text(encoding="utf-8"))
    except (ValidationError, ValueError, OSError):
        raise CannotRead(
            store.screening, "is no book of screenings, or damaged", "move it away and take the ratings in again"
        ) from None


def profile_of(path: Path) -> Profile:
    """The profile that a film's screenings taught, by its folder or its screening.json.

    Raises:
        CannotRead: there is none.
    """
    file = Store(path).screening if path.is_dir() else path
    if not file.exists():
        raise CannotRead(file, "is not there", "give the folder of a film that was screened")
    return read(Store(file.parent)).profile


def read_ratings(file: Path, film_s: float) -> tuple[Rated, ...]:
    """The viewers of a CSV of ratings; see `review.ratings`.

    Raises:
        CannotRead: it cannot be read, or what it says makes no sense.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        why = "is not there" if isinstance(error, FileNotFoundError) else f"cannot be read ({error.strerror})"
        raise CannotRead(file, why, "check the path") from None
    except UnicodeDecodeError:
        raise CannotRead(file, "is no CSV", "save it as comma-separated text in UTF-8") from None
    return ratings.parsed(lines, film_s, file.name)


def plain(drive: Drive) -> dict[str, Any]:
    """A drive as JSON values, to five digits."""

    def value(each: Any) -> Any:  # noqa: ANN401  # arrays, mappings and values
        if isinstance(each, np.ndarray):
            return each.tolist() if each.dtype == np.bool_ else [float(f"{x:.5g}") for x in each]
        if isinstance(each, Mapping):
            return {name: value(part) for name, part in each.items()}
        if isinstance(each, viewing.Screen | Form):
            return value(asdict(each))
        return list(each) if isinstance(each, tuple) else each

    return {each.name: value(getattr(drive, each.name)) for each in fields(Drive)}


def drive_of(told: Mapping[str, Any]) -> Drive:
    """The drive that `plain` wrote.

    Raises:
        CannotRead: it is none.
    """
    try:
        values: dict[str, Any] = {
            name: np.array(value) if isinstance(value, list) and name != "notes" else value
            for name, value in told.items()
        }
        form = told["form"]
        return Drive(**values | {
            "screen": viewing.Screen(**told["screen"]),
            "form": Form(**form | {"axes": tuple(form["axes"])}),
            "parts": {name: np.array(part) for name, part in told["parts"].items()},
            "notes": tuple(told["notes"]),
        })  # fmt: skip
    except (LookupError, TypeError, ValueError, AttributeError, BadOption):
        raise CannotRead("screening.json", "holds a showing that makes no sense", "take the ratings in again") from None


def _fits(showing: Showing, before: Profile, after: Profile) -> list[Fit]:
    fits = []
    for rated in showing.rated:
        if rated.fms:
            fits.append(
                Fit(rated.viewer, len(rated.fms), *(_off(showing.drive, rated, each) for each in (before, after)))
            )
    return fits


def _off(drive: Drive, rated: Rated, known: Profile) -> float:
    """Root mean square (FMS) between a viewer's ratings and what a profile predicts of that viewer, or such a one."""
    named = any(viewer.name == rated.viewer for viewer in known.now.viewers)
    told = screening.predicted(known, drive, rated.viewer if named else None, [rated])
    band = told.viewer if named and told.viewer is not None else told.mean
    at = np.searchsorted(told.times_s, rated.times_s, side="right") - 1
    return float(np.sqrt(np.mean((band.middle[at.clip(0)] - np.array(rated.fms)) ** 2)))
