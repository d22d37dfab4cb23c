"""A card copied to several disks at once: planned, carried over, read back, and named in a manifest on each disk.

DISK/ROLL holds the card's tree as it is, and the ASC MHL history in DISK/ROLL/ascmhl. What the catalogue knows of each
copy is recorded as the work goes on; killed at any moment, the same command goes on from there.
"""

import fcntl
import os
import re
import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty, SimpleQueue

from headturn.errors import BadOption, CannotRead, CannotWrite, HeadturnError, NothingToDo
from headturn.exchange import mhl
from headturn.office import disks as machine
from headturn.office import seen, settings
from headturn.office.arrivals import Arrived, take_in
from headturn.office.catalogue import Catalogue, Copy, here, opened
from headturn.office.copying import BATCH_BYTES, BATCH_FILES, SMALL_BYTES, Done, Lane, Read, Small, read_once, running
from headturn.office.listing import LEFT_OUT, UNFINISHED, Found, Listing, listed
from headturn.office.planning import Plan, planned
from headturn.office.safe import Standing, remember, standing
from headturn.office.store import Store, writing

OnProgress = Callable[[str, int, int], None]
RECORD_EVERY_S = 1.0
"""A killed run has to read again at most what it copied in that time and its last batch."""
RECORD_AT_ONCE = 512
"""Facts recorded in one go: one transaction of SQLite costs as much as some hundred rows."""


@dataclass(frozen=True)
class OnDisk:
    """What an offload left on one disk. states: how many of the card's files are in each; trouble: a sentence or ""."""

    disk: Path
    root: Path
    states: Mapping[str, int]
    manifest: Path | None
    trouble: str


@dataclass(frozen=True)
class Offloaded:
    """What an offload did.

    read: files read from the card now; stood: files that were on every disk already, and are verified there
    troubles: a sentence for everything that did not go as asked; notes: what else is good to know
    arrived: the takes found on it, or None where they could not be looked at
    standing: what of the card is verified where, after it
    """

    roll: str
    card: Path
    files: int
    size: int
    read: int
    stood: int
    disks: tuple[OnDisk, ...]
    left_out: tuple[str, ...]
    troubles: tuple[str, ...]
    notes: tuple[str, ...]
    arrived: Arrived | None
    standing: Standing


class _CardGone(Exception):
    """The card was pulled out."""


@dataclass
class _Work:
    """What is shared while a card is carried over."""

    catalogue: Catalogue
    roll: str
    card: Path
    listing: Listing
    lanes: list[Lane]
    plan: Plan
    on_progress: OnProgress
    results: SimpleQueue[Done]
    devices: Mapping[Path, str]
    card_device: int
    to_read: int
    to_read_back: Mapping[Path, int]
    troubles: list[str] = field(default_factory=list)
    hashed: dict[str, mhl.Hashed] = field(default_factory=dict)
    waiting: dict[tuple[Path, str], Copy] = field(default_factory=dict)
    recorded_s: float = 0.0
    read_bytes: int = 0
    read_files: int = 0


def offload(
    store: Store,
    card: Path,
    roll: str,
    disks: Sequence[Path],
    same_disk: bool,
    on_progress: OnProgress,
) -> Offloaded:
    """Copy a card to disks, verified; only what is not there yet.

    Raises:
        BadOption: a roll or disks that make no sense, a card that was offloaded before, another card than this roll's.
        CannotRead: the card cannot be read.
        CannotWrite: not one disk can take it, or other files lie where it would go.
        NothingToDo: there is no file on the card.
    """
    card, where = card.resolve(), [disk.resolve() for disk in disks]
    _check_roll(roll)
    listing = _listing(card)
    machine.check_apart(card, where, same_disk)
    with opened(store) as catalogue, ExitStack() as held:
        facts = catalogue.copies()
        notes = seen.check(card, listing, roll, facts)
        known = [each for each in facts if each.roll == roll]
        results: SimpleQueue[Done] = SimpleQueue()
        stop = threading.Event()
        lanes, refused = _lanes(where, roll, listing, known, held, results, stop)
        remember(store, roll, card)
        plan = planned(listing, [lane.root for lane in lanes], known)
        if plan.collisions and not known:
            raise CannotWrite(*plan.collisions[0])
        work = _Work(
            catalogue, roll, card, listing, lanes, plan, on_progress, results,
            {lane.root: machine.device(lane.root) for lane in lanes}, card.stat().st_dev,
            plan.read_bytes, {lane.root: plan.back_bytes(lane.root) for lane in lanes},
        )  # fmt: skip
        work.troubles += [
            *listing.unreadable,
            *refused.values(),
            *(str(CannotWrite(*each)) for each in plan.collisions),
        ]
        _carry(work)
        manifests = _manifests(work, LEFT_OUT)
        work.troubles += [lane.trouble for lane in lanes if lane.trouble]
        notes += [
            f"{disk} lies in memory: what is there is gone when this machine stops."
            for disk in where
            if machine.in_memory(disk)
        ]
        arrived = _take_in(store, work)
        after = standing(catalogue, roll, card)
    return Offloaded(
        roll, card, len(listing.files), listing.size, work.read_files, len(plan.stands),
        tuple(_on_disk(disk, roll, after, manifests, refused, lanes) for disk in where),
        listing.left_out, tuple(dict.fromkeys(work.troubles)), tuple(notes), arrived, after,
    )  # fmt: skip


def _check_roll(roll: str) -> None:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", roll) or roll.endswith("."):
        raise BadOption(f"'{roll}' is no name of a roll; use letters, figures, - and _, like A012.")


def _listing(card: Path) -> Listing:
    try:
        listing = listed(card)
    except NotADirectoryError:
        raise CannotRead(card, "is a file, not a card", "give the folder that the card is mounted at") from None
    except OSError as error:
        raise CannotRead(card, f"the card cannot be read ({error.strerror})", "put it in again") from None
    if not listing.files:
        raise NothingToDo(f"{card}: there is no file on this card.")
    return listing


def _lanes(
    disks: Sequence[Path],
    roll: str,
    listing: Listing,
    known: Sequence[Copy],
    held: ExitStack,
    results: SimpleQueue[Done],
    stop: threading.Event,
) -> tuple[list[Lane], dict[Path, str]]:
    """The disks that can take the card, each opened for it, and for the others a sentence why not."""
    lanes: list[Lane] = []
    refused: dict[Path, str] = {}
    errors: list[HeadturnError] = []
    for disk in disks:
        root = disk / roll
        try:
            held.enter_context(_held(root, roll))
            plan = planned(listing, [root], known)
            wanted = {file for file, _ in plan.missing}
            machine.check_room(disk, [each.size for each in listing.files if each.file in wanted])
            _make_folders(root, listing)
        except CannotWrite as error:
            refused[disk] = str(error)
            errors.append(error)
        else:
            lanes.append(Lane(root, machine.kind(root), results, stop))
    if not lanes:
        raise errors[0]
    return lanes, refused


@contextmanager
def _held(root: Path, roll: str) -> Iterator[None]:
    """A roll's folder on a disk, for this run alone; what a killed run left unfinished is cleared away."""
    with writing(root):
        root.mkdir(exist_ok=True)
        folder = os.open(root, os.O_RDONLY | os.O_CLOEXEC)
    unfinished = root / UNFINISHED
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BadOption(f"{roll} is being offloaded to {root.parent} by another run; wait for it.") from None
        except OSError:  # some shares have no locks
            pass
        with writing(root):
            if unfinished.exists():
                shutil.rmtree(unfinished)
            unfinished.mkdir()
        try:
            yield
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    finally:
        os.close(folder)
        with suppress(OSError):
            root.rmdir()  # only where nothing came to lie there


def _make_folders(root: Path, listing: Listing) -> None:
    with writing(root):
        for folder in listing.folders:
            (root / folder).mkdir(parents=True, exist_ok=True)
        for folder in ("", *listing.folders):
            mhl.synced(root / folder)
        mhl.synced(root.parent)


def _carry(work: _Work) -> None:
    """Read what has to be read, write it where it has to be written, read back what is not verified yet."""

    def while_waiting() -> None:
        _tell(work)
        _drain(work)

    try:
        with running(work.lanes, while_waiting):
            lanes = {lane.root: lane for lane in work.lanes}
            for fact_of, found in work.plan.to_check:
                lanes[Path(fact_of.root)].check(found, fact_of.hash, own=True)
            try:
                _read_card(work, lanes)
            except _CardGone as gone:
                work.troubles.append(str(gone))
            for lane in work.lanes:
                lane.commit()
    finally:
        _drain(work, flush=True)


def _read_card(work: _Work, lanes: Mapping[Path, Lane]) -> None:
    batch_bytes = batch_files = 0
    for index, (found, roots) in enumerate(work.plan.to_read):
        into = [lanes[root] for root in roots if not lanes[root].trouble]
        if not into:
            continue
        try:
            _one(work, found, into)
        except OSError as error:
            _card_trouble(work, found, index, error)
        batch_bytes, batch_files = batch_bytes + found.size, batch_files + 1
        if batch_bytes >= BATCH_BYTES or batch_files >= BATCH_FILES:
            batch_bytes = batch_files = 0
            for lane in work.lanes:
                lane.commit()
            _drain(work)
        _tell(work)


def _one(work: _Work, found: Found, into: Sequence[Lane]) -> None:
    """Read one file and hand it to the disks that lack it; what it turned out to be decides what they do with it."""
    writers = [lane for lane in into if (found.file, lane.root) in work.plan.missing]
    small = found.size <= SMALL_BYTES  # handed over whole, once it is known to be good
    held: list[bytes] = []
    read = _read(work, found, [held.append]) if small else _streamed(work, found, writers)
    if read is None:
        return
    work.read_files += 1
    work.hashed[found.file] = mhl.Hashed(found.file, found.size, found.changed_ns, read.hash, datetime.now(UTC))
    for lane in into:
        if lane not in writers:
            lane.check(found, read.hash, own=(found.file, lane.root) in work.plan.own)
        elif small:
            replaces = (found.file, lane.root) in work.plan.replaces
            lane.take(Small(found, replaces, b"".join(held), read.hash))
        else:
            lane.finish(read.hash)


def _streamed(work: _Work, found: Found, writers: Sequence[Lane]) -> Read | None:
    """Read a file and hand on each part as it comes; the disks discard what turns out not to be good."""
    for lane in writers:
        lane.begin(found, replaces=(found.file, lane.root) in work.plan.replaces)
    read = None
    try:
        read = _read(work, found, [lane.feed for lane in writers])
    finally:
        for lane in writers if read is None else ():
            lane.discard()
    return read


def _read(work: _Work, found: Found, sinks: Sequence[Callable[[bytes], None]]) -> Read | None:
    """Read a file for these sinks; None, and told, where what was read cannot be trusted."""

    def sink(chunk: bytes) -> None:
        for each in sinks:
            each(chunk)
        work.read_bytes += len(chunk)
        _tell(work)

    read = read_once(work.card / found.file, found, sink)
    trouble = _misread(work, found, read)
    if trouble:
        work.troubles.append(trouble)
        return None
    return read


def _misread(work: _Work, found: Found, read: Read) -> str:
    """Why what was read cannot be trusted, or ""."""
    if not read.steady:
        return (
            f"{found.file} changed while it was copied and is not kept: let the camera finish, then run the same"
            " command again, it goes on."
        )
    known = work.plan.hashes.get(found.file)
    if known and read.hash not in known:
        return (
            f"{found.file} reads otherwise than when it was offloaded first, at the same size; nothing was overwritten:"
            " keep this card and compare both."
        )
    return ""


def _card_trouble(work: _Work, found: Found, index: int, error: OSError) -> None:
    """Note a file that cannot be read.

    Raises:
        _CardGone: the whole card cannot.
    """
    try:
        there = work.card.stat().st_dev == work.card_device and any(work.card.iterdir())
    except OSError:
        there = False
    if not there:
        raise _CardGone(
            f"The card was pulled out: {index} of {len(work.plan.to_read)} files were read, and these stay; put it in"
            " again and run the same command, it goes on."
        ) from None
    work.troubles.append(f"{found.file} cannot be read from the card ({error.strerror}); the others went on.")


def _tell(work: _Work) -> None:
    if work.to_read:
        work.on_progress("Copying", work.read_bytes, work.to_read)
    for lane in work.lanes:
        if lane.checked:
            work.on_progress(f"Reading back {lane.root.parent}", lane.checked, work.to_read_back[lane.root])


def _drain(work: _Work, flush: bool = False) -> None:
    """Record what the disks have done so far."""
    while True:
        try:
            done = work.results.get_nowait()
        except Empty:
            break
        if done.state == "bad" and not done.own:
            work.troubles.append(
                str(CannotWrite(done.root / done.file, "another file of that name lies there", _ELSEWHERE))
            )
            continue
        if done.state in ("bad", "missing"):
            why = f" ({done.why})" if done.why else ""
            work.troubles.append(
                f"{done.root / done.file} reads back otherwise than it was written{why}; run the same command again, it"
                " is copied anew, and do not trust this disk."
            )
        now = datetime.now(UTC)
        where, disk = str(done.root), work.devices[done.root]
        copy = Copy(work.roll, done.file, done.size, done.hash, where, disk, done.state, now)
        work.waiting[done.root, done.file] = copy  # what was copied and read back since is one fact
    due = time.monotonic() - work.recorded_s >= RECORD_EVERY_S or len(work.waiting) >= RECORD_AT_ONCE
    if work.waiting and (flush or due):
        work.catalogue.record(list(work.waiting.values()))
        work.waiting = {}
        work.recorded_s = time.monotonic()


_ELSEWHERE = "nothing was overwritten; give this card another --roll, or move what lies there"


def _manifests(work: _Work, ignored: frozenset[str]) -> dict[Path, Path]:
    """Write a manifest on each disk for what it has now; by roll's folder."""
    written: dict[Path, Path] = {}
    facts = [each for each in work.catalogue.copies(work.roll) if each.state not in ("bad", "missing")]
    for lane in work.lanes:
        there = listed(lane.root).by_file
        files = [
            work.hashed.get(each.file)
            or mhl.Hashed(each.file, each.size, there[each.file].changed_ns, each.hash, each.at)
            for each in facts
            if each.root == str(lane.root) and each.file in there
        ]
        try:
            with writing(lane.root):
                made = mhl.add(
                    lane.root, files, work.listing.folders, ignored, here().who,
                    lane.root / UNFINISHED,
                )  # fmt: skip
        except HeadturnError as error:
            work.troubles.append(f"No manifest could be written: {error}")
            continue
        if made:
            written[lane.root] = made
    return written


def _take_in(store: Store, work: _Work) -> Arrived | None:
    """Let the takes on the card be known to the film, read from the first disk; all disks are where they lie."""
    roots = [lane.root for lane in work.lanes if machine.at_hand(lane.root)]
    try:
        chosen = settings.read(store.settings)
        arrived = take_in(work.catalogue, work.roll, roots[0], chosen, store, work.on_progress)
        for root in roots[1:]:
            work.catalogue.came_in(arrived.footage, root)
    except HeadturnError as error:
        work.troubles.append(f"The takes could not be looked at: {error} The copies are not touched by that.")
        return None
    return arrived


def _on_disk(
    disk: Path,
    roll: str,
    after: Standing,
    manifests: Mapping[Path, Path],
    refused: Mapping[Path, str],
    lanes: Sequence[Lane],
) -> OnDisk:
    root = disk / roll
    place = next((each for each in after.places if each.root == root), None)
    trouble = refused.get(disk, "") or next((lane.trouble for lane in lanes if lane.root == root), "")
    return OnDisk(disk, root, place.states if place else Counter(), manifests.get(root), trouble)
