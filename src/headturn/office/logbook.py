"""The verbs of the production log: a film begun, takes added, marked and binned, decisions undone."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, get_args

from headturn.camera.take import Mark
from headturn.clock import Span, Timecode, clock_name, rate_name
from headturn.errors import BadOption, CannotWrite, HeadturnError, NothingToDo
from headturn.office import arrivals, order, settings
from headturn.office.arrivals import Arrived, named
from headturn.office.catalogue import Catalogue, here, opened
from headturn.office.dailies import Progress
from headturn.office.log import Decision, Entry, Log, Why, of_clip, of_shot, standing_numbers
from headturn.office.store import Store, film_at


@dataclass(frozen=True)
class Begun:
    """A film that was begun. rate: frames a second or None where the takes decide; drop: of its timecode."""

    store: Store
    title: str
    rate: Fraction | None
    drop: bool
    kept_in: str


@dataclass(frozen=True)
class Marking:
    """What is to be said of a take, as people write it; empty is not said. clear: take mark and span away."""

    mark: str = ""
    inside: str = ""
    outside: str = ""
    note: str = ""
    clear: bool = False


@dataclass(frozen=True)
class Line:
    """A decision, whether it stands, and what it is about as people call it now: a take or a shot."""

    decision: Decision
    stands: bool
    about: str


def begin(folder: Path, title: str, fps: str, url: str) -> Begun:
    """Make a film's folder, settings and catalogue.

    Raises:
        BadOption: no frame rate or address. CannotWrite: a film is there already, no space or no permission.
    """
    store = Store(folder)
    if store.settings.exists():
        raise CannotWrite(store.settings, "a film was begun here already", "change its settings there")
    changes = {"film.title": title or folder.resolve().name, "film.fps": fps, "catalogue.url": url}
    changes = {key: value for key, value in changes.items() if value}
    chosen = settings.changed(settings.Settings(), changes, "the command line")
    store.open()
    store.write(store.settings, settings.written(store.settings, changes))
    try:
        with opened(store):
            pass
    except HeadturnError:
        store.settings.unlink()  # nothing was begun
        raise
    return Begun(store, changes["film.title"], chosen.film.rate, chosen.film.drop, url or store.catalogue.name)


def add(store: Store, folder: Path, roll: str, on_progress: Progress) -> Arrived:
    """Take in the recordings of a folder where they lie, as a roll; by default the folder's name is the roll's.

    Raises:
        CannotRead: no such folder. BadOption: another folder with other recordings is that roll.
    """
    with opened(store) as catalogue:
        name = roll or folder.resolve().name or "disk"
        return arrivals.take_in(catalogue, name, folder, settings.read(store.settings), store, on_progress)


def standing(store: Store) -> Log:
    """The log as it stands now."""
    with opened(store) as catalogue:
        return catalogue.log()


def history(store: Store, about: str) -> tuple[Line, ...]:
    """All decisions about a shot or a take, or "film" for all there are, in order."""
    log = standing(store)
    stands = standing_numbers(log.decisions)
    lines = tuple(Line(each, each.number in stands, _about(each, log)) for each in log.decisions)
    if about == "film":
        return lines
    subject, clip = of_shot(about.upper()), ""
    if about.upper() not in log.shots:
        entry = named(log, about)
        subject, clip = of_clip(entry.footage.id), entry.footage.id
    ids = {entry.footage.id for entry in log.shots.get(about.upper(), ())} | {clip}
    ids.discard("")
    numbers = {
        line.decision.number
        for line in lines
        if line.decision.subject == subject or {line.decision.value.get("clip"), line.decision.subject[5:]} & ids
    }
    return tuple(
        line for line in lines if line.decision.number in numbers or line.decision.value.get("undoes") in numbers
    )


def mark(film: Path | None, take: str, said: Marking, by: str) -> str:
    """Mark a take; what was decided, as a sentence.

    Raises:
        BadOption: no such take, mark or time. DecidedMeanwhile: see `Catalogue.decide`.
    """
    with deciding(film_at(film), by) as (catalogue, log):
        entry = named(log, take)
        value: dict[str, Any] = {"mark": "", "span": None} if said.clear else {}
        if said.mark:
            value["mark"] = known(said.mark, get_args(Mark), "mark")
        if said.inside or said.outside:
            value["span"] = span(entry, said.inside, said.outside)
        if said.note:
            value["note"] = said.note
        if not value:
            raise BadOption("nothing to mark: give --in and --out, --as, --note or --clear.")
        return _decided(catalogue, "mark", entry, value)


def discard(film: Path | None, take: str, why: str, note: str, by: str) -> str:
    """Put a take in the bin; what was decided, as a sentence."""
    with deciding(film_at(film), by) as (catalogue, log):
        entry = named(log, take)
        value = {"why": known(why, get_args(Why), "reason"), **({"note": note} if note else {})}
        return _decided(catalogue, "bin", entry, value)


def undo(film: Path | None, number: int | None, by: str) -> str:
    """Take back a decision, by default the last of this station that stands and is no undo itself.

    Raises:
        BadOption: no such decision, or it is undone. NothingToDo: nothing of this station stands.
    """
    with deciding(film_at(film), by) as (catalogue, log):
        stands = standing_numbers(log.decisions)
        if number is None:
            own = [d for d in log.decisions if d.station == catalogue.station.name and d.number in stands]
            own = [d for d in own if d.verb != "undo"]
            if not own:
                raise NothingToDo("this station has decided nothing that stands; see headturn takes --history film.")
            decision = own[-1]
        else:
            found = [each for each in log.decisions if each.number == number]
            if not found or number not in stands:
                why = "is undone already" if found else "is not in the log"
                raise BadOption(f"decision {number} {why}; see headturn takes --history film.")
            decision = found[0]
        catalogue.decide("undo", decision.subject, {"undoes": decision.number})
        who = f"{decision.who} at {decision.station}"
        return f"Undone: decision {decision.number} of {who}, {_about(decision, log)}: {decision.words}"


@contextmanager
def deciding(store: Store, by: str) -> Iterator[tuple[Catalogue, Log]]:
    """The catalogue of a film, opened by a person at this station, and the log as it was before anything is decided.

    Reading the log here does not count as having seen it: who only decides is shown nothing of what others decided.
    """
    with opened(store, replace(here(), who=by or here().who)) as catalogue:
        yield catalogue, catalogue.log(look=False)


def _decided(catalogue: Catalogue, verb: Any, entry: Entry, value: dict[str, Any]) -> str:  # noqa: ANN401
    decision = catalogue.decide(verb, entry.subject, {"clip": entry.footage.id, **value})
    return f"{entry.name}: {decision.words} (decision {decision.number})"


def _about(decision: Decision, log: Log) -> str:
    entry = log.of(decision.value.get("clip", "") or decision.subject.removeprefix("clip "))
    return entry.name if entry else decision.subject.removeprefix("shot ")


def known(word: str, words: Sequence[str], kind: str) -> str:
    """A word that is one of those there are, else BadOption."""
    if word not in words:
        raise BadOption(f"'{word}' is no {kind}; use {', '.join(words)}.")
    return word


def span(entry: Entry, inside: str, outside: str) -> list[str]:
    """In and out as exact seconds on the recording's clock; what is not said stays as marked, else is the take's end.

    Raises:
        BadOption: no times, or not within the take.
    """
    footage, marked = entry.footage, entry.marked or Span(Fraction(0), entry.footage.duration)
    timecode = Timecode.parse(footage.timecode, footage.rate) if footage.timecode else None
    start = order.moment(inside, footage.name, timecode, footage.rate) if inside else marked.start
    end = order.moment(outside, footage.name, timecode, footage.rate) if outside else marked.end
    if not 0 <= start < end <= footage.duration + Fraction(1, 10):
        raise BadOption(
            f"{footage.name}: in {inside or clock_name(start)} and out {outside or clock_name(end)} do not lie within "
            f"the take (0s to {float(footage.duration):.3f}s)."
        )
    return [str(start), str(min(end, footage.duration))]


def rate_words(begun: Begun) -> str:
    """A film's rate in words."""
    if begun.rate is None:
        return "the takes' own rate"
    return f"{rate_name(begun.rate)} frames a second ({begun.rate}){', drop-frame' if begun.drop else ''}"
