"""What of a card is verified where, and whether the card may be formatted."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from headturn.errors import BadOption, CannotRead, HeadturnError
from headturn.exchange import mhl
from headturn.office import disks as machine
from headturn.office.catalogue import Catalogue, Copy, opened
from headturn.office.copying import State, read_once
from headturn.office.listing import Found, Listing, listed, same_time
from headturn.office.readback import read_back
from headturn.office.store import Store

DEVICES = 2
"""On how many devices a file must be verified before the card may be formatted."""
RECORD_AT_ONCE = 512


@dataclass(frozen=True)
class Place:
    """A roll's folder on one disk. attached: whether it is there now; states: how many files are in each.

    at: when something of it was last recorded, UTC
    """

    root: Path
    device: str
    attached: bool
    files: int
    size: int
    states: Mapping[str, int]
    at: datetime


@dataclass(frozen=True)
class Standing:
    """What of a card is verified where. card: None where it is not at hand; why_not: sentences, empty where safe."""

    roll: str
    card: Path | None
    files: int
    size: int
    places: tuple[Place, ...]
    why_not: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def safe(self) -> bool:
        """Whether the card may be formatted."""
        return not self.why_not


def card(
    store: Store, roll: str, path: Path | None, check: bool, by_hash: bool, on_progress: Callable[[str, int, int], None]
) -> Standing:
    """What of a card is verified where.

    path: where the card is now; None means where it was when it was offloaded
    check: read all copies back that are at hand, and record what that showed
    by_hash: read the card too, and compare contents instead of times

    Raises:
        BadOption: the roll was never offloaded.
        CannotRead: a card was named that is not there.
    """
    with opened(store) as catalogue:
        if not catalogue.copies(roll):
            known = ", ".join(catalogue.rolls())
            raise BadOption(
                f"{roll} was never offloaded to this film; {f'there are {known}' if known else 'no card was'}."
            )
        if path is not None and not machine.at_hand(path):
            raise CannotRead(path, "there is no card", "put it in, or leave the path out")
        where = path.resolve() if path else _remembered(store, roll)
        notes = _checked(catalogue, roll, on_progress) if check else ()
        found = standing(catalogue, roll, where, by_hash, on_progress)
        return replace(found, notes=(*found.notes, *notes))


def standing(
    catalogue: Catalogue,
    roll: str,
    path: Path | None,
    by_hash: bool = False,
    on_progress: Callable[[str, int, int], None] = lambda *_: None,
) -> Standing:
    """The same, with an open catalogue and a card that may be missing."""
    copies = [_as_it_lies(each) for each in catalogue.copies(roll)]
    places = _places(copies)
    listing = None
    if path is not None and machine.at_hand(path):
        with suppress(OSError):
            listing = listed(path)
    if path is None or listing is None or not listing.files:
        where = f" ({path})" if path else ""
        lacks = "holds no file" if listing is not None else "is not at hand"
        why = f"the card{where} {lacks}: only a card that is there can be compared with its copies."
        return Standing(roll, None, 0, 0, places, (why,))
    why_not = _why_not(path, listing, copies, by_hash, on_progress)
    return Standing(roll, path, len(listing.files), listing.size, places, tuple(why_not))


def remember(store: Store, roll: str, path: Path) -> None:
    """Keep where a roll's card was mounted. May be lost without harm: the card's path is then asked for."""
    known = _memory(store) | {roll: str(path)}
    with suppress(HeadturnError):
        store.write_json(store.cards, known)


def _remembered(store: Store, roll: str) -> Path | None:
    path = _memory(store).get(roll)
    return Path(path) if path else None


def _memory(store: Store) -> dict[str, str]:
    try:
        known = json.loads(store.cards.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


@dataclass(frozen=True)
class _Lying:
    """A copy as it lies now. changed_ns: its time, or None where its disk is not at hand; state: also "changed"."""

    copy: Copy
    state: str
    changed_ns: int | None


def _as_it_lies(copy: Copy) -> _Lying:
    try:
        about = Path(f"{copy.root}/{copy.file}").stat()
    except OSError:
        return _Lying(copy, "missing" if machine.at_hand(Path(copy.root)) else copy.state, None)
    if about.st_size != copy.size:
        return _Lying(copy, "changed", about.st_mtime_ns)
    return _Lying(copy, copy.state, about.st_mtime_ns)


def _places(copies: Sequence[_Lying]) -> tuple[Place, ...]:
    by_root: dict[str, list[_Lying]] = defaultdict(list)
    for each in copies:
        by_root[each.copy.root].append(each)
    return tuple(
        Place(
            Path(root), every[0].copy.device, machine.at_hand(Path(root)), len(every),
            sum(each.copy.size for each in every), Counter(each.state for each in every),
            max(each.copy.at for each in every),
        )
        for root, every in sorted(by_root.items())
    )  # fmt: skip


def _why_not(
    path: Path,
    listing: Listing,
    copies: Sequence[_Lying],
    by_hash: bool,
    on_progress: Callable[[str, int, int], None],
) -> list[str]:
    of_file: dict[str, list[_Lying]] = defaultdict(list)
    for each in copies:
        of_file[each.copy.file].append(each)
    with_card = {str(each.root) for each in _places(copies) if each.attached and machine.goes_with(each.root, path)}
    found_wanting: dict[str, list[str]] = defaultdict(list)
    done = 0
    for found in listing.files:
        if by_hash:
            on_progress("Reading the card", done, listing.size)
            done += found.size
        why = _wanting(path, found, of_file.get(found.file, ()), with_card, by_hash)
        if why:
            found_wanting[why].append(found.file)
    why_not = list(listing.unreadable)
    for why, files in found_wanting.items():
        which = files[0] if len(files) == 1 else f"{len(files)} files, like {files[0]},"
        why_not.append(f"{which} {why.replace('(s)', '' if len(files) > 1 else 's')}.")
    if with_card:
        why_not.append(f"{', '.join(sorted(with_card))} lies on the card's own device and would go with it.")
    return why_not


def _wanting(path: Path, found: Found, copies: Sequence[_Lying], with_card: set[str], by_hash: bool) -> str:
    """What a file of the card lacks, or ""."""
    if not copies:
        return "on the card: never offloaded"
    same = [each for each in copies if each.copy.size == found.size]
    if not same:
        return "on the card: of another size than when offloaded"
    alike, why = _by_contents(path, found, same) if by_hash else _by_time(found, same)
    good = [each for each in alike if each.state == "verified" and each.copy.root not in with_card]
    devices = {each.copy.device for each in good}
    if why or len(devices) >= DEVICES:
        return why
    return "on the card: verified on one device only" if devices else "on the card: verified on no device"


def _by_contents(path: Path, found: Found, copies: Sequence[_Lying]) -> tuple[list[_Lying], str]:
    """The copies whose contents are those of the card's file, and why there is none."""
    try:
        read = read_once(path / found.file, found, lambda _: None)
    except OSError as error:
        return [], f"on the card: not readable ({error.strerror})"
    if not read.steady:
        return [], "on the card: changing while it is read"
    same = [each for each in copies if each.copy.hash == read.hash]
    return same, "" if same else "on the card: other contents than when offloaded"


def _by_time(found: Found, copies: Sequence[_Lying]) -> tuple[list[_Lying], str]:
    """The copies with the contents of one that carries the time of the card's file, and why there is none."""
    timed = [each for each in copies if each.changed_ns is not None]
    if not timed:
        return [], "on the card: no copy is at hand to compare it with; attach a disk, or read the card with --hash"
    matching = {each.copy.hash for each in timed if same_time(found.changed_ns, each.changed_ns or 0)}
    if not matching:
        return [], "on the card: of another time than its copies; compare the contents with --hash"
    return [each for each in copies if each.copy.hash in matching], ""


def _checked(catalogue: Catalogue, roll: str, on_progress: Callable[[str, int, int], None]) -> tuple[str, ...]:
    """Read back all copies of a roll that are at hand, and record what that showed; what is to be told."""
    at_hand = [each for each in catalogue.copies(roll) if machine.at_hand(Path(each.root))]
    total, done = sum(each.size for each in at_hand), 0
    facts: list[Copy] = []
    notes: list[str] = []
    disks = {each.root: (machine.kind(Path(each.root)), machine.device(Path(each.root))) for each in at_hand}
    for each in at_hand:
        kind, device = disks[each.root]
        state, why = _read_again(each, kind)
        if state in ("bad", "missing"):
            notes.append(f"{Path(each.root) / each.file}: {why}.")
        facts.append(replace(each, state=state, device=device, at=datetime.now(UTC)))
        done += each.size
        on_progress("Reading back", done, total)
        if len(facts) >= RECORD_AT_ONCE:
            catalogue.record(facts)
            facts = []
    if facts:
        catalogue.record(facts)
    for root in sorted({Path(each.root) for each in at_hand}):
        notes += _manifest_notes(root, {each.file: each.hash for each in at_hand if Path(each.root) == root})
    return tuple(notes)


def _read_again(copy: Copy, kind: str) -> tuple[State, str]:
    path = Path(copy.root) / copy.file
    try:
        came, size, past_cache = read_back(path, kind, lambda _: None)
    except FileNotFoundError:
        return "missing", "is missing"
    except OSError as error:
        return "bad", f"cannot be read ({error.strerror})"
    if (came, size) != (copy.hash, copy.size):
        return "bad", "has other contents than were read from the card"
    return ("verified" if past_cache else "read back through the cache"), ""


def _manifest_notes(root: Path, hashes: Mapping[str, str]) -> list[str]:
    """What the ASC MHL history of a roll's folder says otherwise than the catalogue."""
    try:
        named = mhl.read(root)
    except CannotRead as error:
        return [str(error)]
    wrong = [file for file, hash_of in hashes.items() if named.get(file) != hash_of]
    if not wrong:
        return []
    return [f"{root}: its manifest does not name {len(wrong)} files as the catalogue does, like {wrong[0]}."]
