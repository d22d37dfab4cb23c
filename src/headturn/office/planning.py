"""What an offload has to do for each file and disk: nothing, read back, compare, copy, or refuse."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from headturn.office.catalogue import Copy
from headturn.office.disks import at_hand
from headturn.office.listing import Found, Listing, folded, listed, same_time


@dataclass(frozen=True)
class Plan:
    """What is to be done.

    to_read: files that must be read from the card, each with the rolls' folders that want it
    to_check: copies that are there and recorded, but not read back yet
    stands: files that are verified on every disk
    missing: (file, folder) to be written; own: (file, folder) that is there and recorded as ours
    replaces: (file, folder) that is there, ours, and known to be bad
    hashes: of each file, what the copies that stand say
    collisions: (path, why, cure) of each that cannot be written because something else lies there
    """

    to_read: tuple[tuple[Found, tuple[Path, ...]], ...]
    to_check: tuple[tuple[Copy, Found], ...]
    stands: frozenset[str]
    missing: frozenset[tuple[str, Path]]
    own: frozenset[tuple[str, Path]]
    replaces: frozenset[tuple[str, Path]]
    hashes: Mapping[str, frozenset[str]]
    collisions: tuple[tuple[Path, str, str], ...]

    @property
    def read_bytes(self) -> int:
        """What will be read from the card."""
        return sum(found.size for found, _ in self.to_read)

    def back_bytes(self, root: Path) -> int:
        """What will be read back from a roll's folder."""
        read = sum(found.size for found, roots in self.to_read if root in roots)
        return read + sum(found.size for fact, found in self.to_check if Path(fact.root) == root)


def planned(listing: Listing, roots: Sequence[Path], known: Sequence[Copy]) -> Plan:
    """What has to be done for a card. known: what the catalogue has of this roll."""
    hashes: dict[str, set[str]] = defaultdict(set)
    sizes = {each.file: each.size for each in listing.files}
    for each in known:
        if each.state not in ("bad", "missing") and each.size == sizes.get(each.file):
            hashes[each.file].add(each.hash)
    facts = {(each.file, Path(each.root)): each for each in known}
    does: dict[_Does, dict[tuple[str, Path], Found]] = defaultdict(dict)
    collisions = _alike(listing, roots)
    for root in roots:
        there, names = _lying_in(root)
        for found in listing.files:
            key, copy = (found.file, root), there.get(found.file)
            why = _in_the_way(found, copy, facts.get(key), names)
            if why:
                collisions.append((root / found.file, why, _CURE))
            does["refuse" if why else _what_to_do(found, copy, facts.get(key))][key] = found
    wanted: dict[str, list[Path]] = defaultdict(list)
    for file, root in (*does["copy"], *does["replace"], *does["compare with own"], *does["compare"]):
        wanted[file].append(root)
    unsettled = wanted.keys() | {file for file, _ in (*does["read back"], *does["refuse"])}
    return Plan(
        tuple((found, tuple(wanted[found.file])) for found in listing.files if found.file in wanted),
        tuple((facts[key], found) for key, found in does["read back"].items()),
        frozenset(sizes.keys() - unsettled),
        frozenset((*does["copy"], *does["replace"])),
        frozenset(does["compare with own"]),
        frozenset(does["replace"]),
        {file: frozenset(each) for file, each in hashes.items()},
        tuple(collisions),
    )


_Does = Literal["nothing", "read back", "compare with own", "compare", "copy", "replace", "refuse"]


def _what_to_do(found: Found, copy: Found | None, fact: Copy | None) -> _Does:
    """What a file needs in a folder where nothing is in its way. copy, fact: what lies there, what is recorded."""
    if copy is None:
        return "copy"
    if fact is None or fact.state == "missing" or (fact.state != "bad" and fact.size != found.size):
        return "compare"
    if fact.state == "bad":
        return "replace"
    if not same_time(found.changed_ns, copy.changed_ns):
        return "compare with own"
    return "nothing" if fact.state == "verified" else "read back"


_CURE = "nothing was overwritten; give this card another --roll, or move what lies there"


def _lying_in(root: Path) -> tuple[dict[str, Found], dict[str, str]]:
    """The files in a roll's folder by path, and all paths by how disks see them that do not tell capitals."""
    if not at_hand(root):
        return {}, {}
    there = listed(root)
    return there.by_file, {folded(path): path for path in (*there.folders, *there.by_file)}


def _in_the_way(found: Found, copy: Found | None, fact: Copy | None, names: Mapping[str, str]) -> str:
    if copy is None:
        parts = found.file.split("/")
        for end in range(1, len(parts) + 1):
            path = "/".join(parts[:end])
            other = names.get(folded(path))
            if other is not None and (other != path or end == len(parts)):
                return f"'{other}' lies there, and many disks cannot keep both names apart"
        return ""
    if copy.size != found.size and not (fact and fact.state == "bad"):
        return f"another file of that name lies there ({copy.size} bytes, on the card {found.size})"
    return ""


def _alike(listing: Listing, roots: Sequence[Path]) -> list[tuple[Path, str, str]]:
    """Files of the card itself whose names some disks cannot keep apart."""
    first: dict[str, str] = {}
    found = []
    for path in (*listing.folders, *(each.file for each in listing.files)):
        other = first.setdefault(folded(path), path)
        if other != path:
            found += [(root / path, f"'{other}' is on the card as well, and many disks cannot keep both apart", _CURE)
                      for root in roots]  # fmt: skip
    return found
