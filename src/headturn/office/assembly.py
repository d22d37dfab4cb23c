"""The cut as it grows: assembled around what is locked, shots locked and unlocked, rendered as it stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import TypeAdapter

from headturn.camera import slate
from headturn.camera.media import Codec
from headturn.camera.take import Take
from headturn.clock import clock_name
from headturn.edit.assemble import Choice
from headturn.edit.cut import Cut
from headturn.edit.joins import Join
from headturn.errors import BadOption, CannotRead, NothingToDo
from headturn.office import answers, arrivals, production, reopening, settings
from headturn.office.catalogue import Catalogue, opened
from headturn.office.dailies import Progress, developed
from headturn.office.log import Decision, Lock, Log, of_shot
from headturn.office.logbook import deciding
from headturn.office.made import Made
from headturn.office.order import Order, Unused
from headturn.office.settings import Settings
from headturn.office.store import Store

_JOIN: TypeAdapter[Join] = TypeAdapter(Join)
AGAIN = "run headturn assemble, look at the cut, and lock again"


@dataclass(frozen=True, eq=False)
class Assembled:
    """A cut that was assembled. made: with its takes; choices: which take of each shot, and the join into it

    locked: the shots that stood; missing: shots without a usable take; changed: what is new against the cut before
    passed_over: a sentence for each shot that has a circled take and is shown by another
    """

    made: Made
    choices: tuple[Choice, ...]
    locked: tuple[str, ...]
    missing: tuple[str, ...]
    changed: tuple[str, ...]
    passed_over: tuple[str, ...]


def assemble(store: Store, changes: Mapping[str, Any], on_progress: Progress) -> Assembled:
    """Solve what is not locked, and write the cut and its timeline. The same inputs give the same cut.

    Raises:
        NothingToDo: no shot has a usable take. BadOption: what is locked cannot be kept.
    """
    found = _solved(store, changes, on_progress, look=True)
    before = _cut_before(store)
    production.written(found.made)
    return replace(found, changed=differences(before, found.made.cut))


def render(store: Store, changes: Mapping[str, Any], master: Codec | None, on_progress: Progress) -> Assembled:
    """Assemble, and render the cut: only what is new is rendered. Raises as `assemble`, and CannotWrite."""
    found = _solved(store, changes, on_progress, look=True)
    before = _cut_before(store)
    made = production.rendered(found.made, master, on_progress)
    production.told(made, on_progress)
    return replace(found, made=made, changed=differences(before, made.cut))


def lock(store: Store, shot: str, only: bool, by: str, on_progress: Progress) -> tuple[Decision, ...]:
    """Lock a shot and all before it as they stand in the cut. only: not those before it

    Raises:
        BadOption: the cut has no such shot, or the log has changed since it was assembled. DecidedMeanwhile.
    """
    found = _solved(store, {}, on_progress, look=False)
    seen = _cut_before(store)
    shots = [choice.take.shot for choice in found.choices]
    if shot not in shots:
        raise BadOption(
            f"{shot} is not in the cut{' yet' if shot in found.missing else ''}; it has {', '.join(shots)}."
        )
    last = shots.index(shot)
    wanted = found.choices[last : last + 1] if only else found.choices[: last + 1]
    now = found.made.cut
    if seen is None or not _alike(seen, now, last):
        raise BadOption(f"what is known has changed since the cut was assembled; {AGAIN}.")
    decisions = []
    with deciding(store, by) as (catalogue, log):
        for choice in wanted:
            entered = _JOIN.dump_python(choice.entered, mode="json") if choice.entered else None
            value = {"take": choice.take.clip.id, "entered": entered}
            stands = log.locks.get(choice.take.shot)
            if stands is None or (stands.take, stands.entered) != (value["take"], entered):
                decisions.append(catalogue.decide("lock", of_shot(choice.take.shot), value))
    return tuple(decisions)


def unlock(store: Store, shot: str, by: str) -> tuple[Decision, ...]:
    """Unlock a shot; those after it stay locked.

    Raises:
        BadOption: it is not locked. DecidedMeanwhile.
    """
    with deciding(store, by) as (catalogue, log):
        if shot not in log.locks:
            locked = ", ".join(sorted(log.locks, key=slate.sort_key))
            raise BadOption(f"{shot} is not locked; locked {f'stand {locked}' if locked else 'is nothing'}.")
        return (catalogue.decide("unlock", of_shot(shot), {}),)


def _solved(store: Store, changes: Mapping[str, Any], on_progress: Progress, look: bool) -> Assembled:
    chosen = settings.changed(settings.read(store.settings), changes, "the command line")
    with opened(store) as catalogue:
        log = catalogue.log(look)
        shots, unused = _shots(catalogue, log, chosen, store)
    missing = tuple(shot for shot in log.shots if not any(take.shot == shot for takes in shots for take in takes))
    takes = [take for shot in shots for take in shot]
    if not takes:
        raise NothingToDo(f"{store.folder}: no shot has a usable take yet; headturn takes lists what came in.")
    store.open()
    rushes, failed = developed(takes, store, chosen, on_progress)
    kept = tuple(tuple(take for take in shot if take.id in rushes) for shot in shots)
    notes = tuple(note for rush in rushes.values() for note in rush.take.clip.damage)
    arranged = Order(tuple(shot for shot in kept if shot), "the log", (*unused, *failed), notes)
    judges = answers.judges(store)
    fixed = _fixed(log.locks, arranged)
    try:
        choices = production.solved(arranged, rushes, store, chosen, judges, on_progress, fixed)
    except ValueError as error:
        raise BadOption(f"what is locked cannot be kept ({error}): unlock the last locked shot.") from None
    film = production.cut_of(choices, arranged, rushes, store, chosen, on_progress)
    made = Made(store, film, arranged, arranged.unused, rushes, chosen, judges)
    locked = tuple(shot for shot in log.shots if shot in log.locks)
    return Assembled(made, choices, locked, missing, (), _passed_over(choices, arranged))


def _shots(
    catalogue: Catalogue, log: Log, chosen: Settings, store: Store
) -> tuple[tuple[tuple[Take, ...], ...], tuple[Unused, ...]]:
    """The takes of each shot that may be in the film, shots in film order; of a locked shot the one that was chosen."""
    locked = {lock.take for lock in log.locks.values()}
    takes, unread = arrivals.takes_of(catalogue, log, chosen, store, also=locked)
    lost = [shot for shot, lock in log.locks.items() if lock.take not in takes]
    if lost:
        why = next((str(each) for each in unread), "its take is not known any more")
        raise CannotRead(lost[0], f"is locked, but cannot be read: {why}", "connect its disk, or unlock the shot")
    shots = []
    for shot, entries in log.shots.items():
        here = log.locks.get(shot)
        ids = {here.take} if here else {each.footage.id for each in entries if each.usable}
        able = tuple(takes[id] for id in sorted(ids) if id in takes)
        shots += [able] if able else []
    return tuple(shots), unread


def _passed_over(choices: Sequence[Choice], arranged: Order) -> tuple[str, ...]:
    """The circled takes that the cut does without: a circle is a preference, which a much better join outweighs."""
    told = []
    for choice, rivals in zip(choices, arranged.shots, strict=True):
        circled = [take.name for take in rivals if take.mark == "circled"]
        if circled and choice.take.mark != "circled":
            name, other = circled[0], choice.take.name
            told.append(f"{other} is shown though {name} is circled: it joins much better; bin {other} to have {name}")
    return tuple(told)


def _fixed(locks: Mapping[str, Lock], arranged: Order) -> dict[tuple[str, str], Join]:
    """The joins that are decided: those into a locked shot from one that is locked to the take they leave."""
    fixed = {}
    for before, after in zip(arranged.shots, arranged.shots[1:], strict=False):
        lock = locks.get(after[0].shot)
        if lock and lock.entered and before[0].shot in locks:
            join = _JOIN.validate_python(lock.entered)
            if (join.a, join.b) == (before[0].id, after[0].id):
                fixed[join.a, join.b] = join
    return fixed


# What changed ---------------------------------------------------------------------------------------------------


def _cut_before(store: Store) -> Cut | None:
    try:
        return reopening.read_cut(store.cut)[0]
    except CannotRead:
        return None


def _alike(seen: Cut, now: Cut, last: int) -> bool:
    """Whether two cuts begin with the same segments and splices, as far as where a segment is entered."""
    pairs = list(zip(seen.segments, now.segments, strict=False))[: last + 1]
    if len(pairs) <= last:
        return False
    starts = all((a.take, a.source.start, a.start) == (b.take, b.source.start, b.start) for a, b in pairs)
    return starts and all(a.source == b.source for a, b in pairs[:-1])


def differences(before: Cut | None, now: Cut) -> tuple[str, ...]:
    """What is new in a cut against the one before, a sentence for each segment and one for the length."""
    if before is None:
        return ()
    told: list[str] = []
    old = {_shot(segment.name): segment for segment in before.segments}
    for segment in now.segments:
        was = old.pop(_shot(segment.name), None)
        if was is None:
            told.append(f"{segment.name} is new")
        elif was.take != segment.take:
            told.append(f"{segment.name} instead of {was.name}")
        elif was.source != segment.source:
            then, here = (f"{clock_name(s.source.start)} to {clock_name(s.source.end)}" for s in (was, segment))
            told.append(f"{segment.name} from {here} instead of {then}")
    told += [f"{was.name} is out" for was in old.values()]
    if before.duration != now.duration:
        told.append(f"the film is {clock_name(now.duration)} instead of {clock_name(before.duration)}")
    return tuple(told)


def _shot(name: str) -> str:
    said = slate.written(name)
    return said.shot if said else name
