"""Is this the card it is said to be: this roll's own, one that was offloaded under another name, or a swapped one?"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from headturn.errors import BadOption
from headturn.office.catalogue import Copy
from headturn.office.copying import read_once
from headturn.office.listing import Found, Listing, same_time


def check(card: Path, listing: Listing, roll: str, facts: Sequence[Copy]) -> list[str]:
    """See that a card was not offloaded under another name, and that a roll's name is not another card's; notes.

    Raises:
        BadOption: it was, or it is.
    """
    by_roll: dict[str, dict[str, list[Copy]]] = defaultdict(lambda: defaultdict(list))
    for each in facts:
        if each.state not in ("bad", "missing"):
            by_roll[each.roll][each.file].append(each)
    notes = []
    if roll in by_roll:
        notes += _same_card(listing, roll, by_roll[roll])
    else:
        for other, files in by_roll.items():
            shared = [found for found in listing.files if any(_same(found, copy) for copy in files.get(found.file, ()))]
            if len(shared) == len(listing.files) and _reads_alike(card, shared, files):
                where = ", ".join(sorted({str(Path(copy.root).parent) for each in files.values() for copy in each}))
                when = max(copy.at for each in files.values() for copy in each)
                raise BadOption(
                    f"{card} was offloaded before, as {other}, to {where} ({when:%Y-%m-%d %H:%M} UTC); nothing was"
                    f" copied. Offload it as {other} to go on, or look at it with headturn card {other} {card}."
                )
            if 2 * sum(found.size for found in shared) > listing.size:
                notes.append(f"{len(shared)} of {len(listing.files)} files were offloaded before, as {other}.")
    return notes


def _same_card(listing: Listing, roll: str, files: Mapping[str, Sequence[Copy]]) -> list[str]:
    """What to tell of a roll whose card is offloaded again.

    Raises:
        BadOption: less than half of what is known of the roll is on this card.
    """
    here = listing.by_file
    gone = [
        copies[0] for file, copies in files.items() if file not in here or not any(_same(here[file], c) for c in copies)
    ]
    known = sum(copies[0].size for copies in files.values())
    lost = sum(copy.size for copy in gone)
    if (2 * lost > known) if known else (2 * len(gone) > len(files)):
        raise BadOption(
            f"{roll} is another card: {len(gone)} of its {len(files)} files, like {gone[0].file}, are not on this one."
            " Give this card a --roll of its own."
        )
    away = [copy.file for copy in gone if copy.file not in here]
    return [f"{len(away)} files of {roll} are no more on the card, like {away[0]}; their copies stay."] if away else []


def _same(found: Found, copy: Copy) -> bool:
    """Whether a file of the card may be the one a copy was made of: by size, and by time where the copy is at hand."""
    if found.size != copy.size:
        return False
    try:
        return same_time(found.changed_ns, (Path(copy.root) / copy.file).stat().st_mtime_ns)
    except OSError:
        return True


def _reads_alike(card: Path, shared: Sequence[Found], files: Mapping[str, Sequence[Copy]]) -> bool:
    """Whether the smallest file with anything in it has the contents that are recorded: names and sizes may agree."""
    found = min((each for each in shared if each.size), key=lambda each: each.size, default=None)
    if found is None:
        return True
    try:
        read = read_once(card / found.file, found, lambda _: None)
    except OSError:
        return False
    return any(copy.hash == read.hash for copy in files[found.file])
