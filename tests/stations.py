"""Stations of a crew as processes of their own, all writing to one film's catalogue.

They are forked off one process that has loaded the office already: loading it takes seconds of CPU each time.
"""

import multiprocessing
from contextlib import suppress
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

from headturn.errors import DecidedMeanwhile
from headturn.office.catalogue import Copy, Station, opened
from headturn.office.log import Footage, of_shot
from headturn.office.store import Store

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
SHOT = of_shot("42A")


def footage(name: str, **changes) -> Footage:
    """A minute-long recording without a file behind it."""
    values = {
        "id": f"hash of {name}", "roll": "A001", "files": (f"DCIM/{name}.MP4",), "duration": Fraction(60060, 1001),
        "rate": Fraction(24000, 1001), "width": 1920, "height": 1080, "camera": "HERO", "shot_at": None,
        "timecode": "07:12:04:09", "came_in": NOW,
    }  # fmt: skip
    return Footage(**{**values, **changes})


def copied(file: str, state: str, root: str = "/disk1/A001") -> Copy:
    """What is known of a large file on a disk."""
    return Copy("A001", file, 5_000_000_000, "ab" * 16, root, "disk 1", state, NOW)  # type: ignore[arg-type]


def at_work(folder: Path, number: int, times: int, told: Path) -> None:
    """Decide so many times about one shot, insisting where others came first; each turn taken is told in a file."""
    with opened(Store(folder), Station("crew", f"cart {number}")) as catalogue, told.open("w", buffering=1) as lines:
        for time in range(times):
            written = False
            while not written:
                with suppress(DecidedMeanwhile):
                    said = catalogue.decide("mark", SHOT, {"clip": "x", "note": f"{number}/{time}"})
                    written = True
            print(said.turn, file=lines)
            catalogue.came_in([footage("shared"), footage(f"{number}-{time}")], folder)
            catalogue.record([copied(f"{number}-{time}", "verified")])


def sent_to_work(store: Store, number: int, times: int) -> multiprocessing.process.BaseProcess:
    """A process `at_work`; what it tells lies in `turns(store, number)`."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["headturn.office.catalogue"])
    process = context.Process(target=at_work, args=(store.folder, number, times, _told(store, number)))
    process.start()
    return process


def turns(store: Store, number: int) -> list[int]:
    """The turns that a station was told to have taken."""
    told = _told(store, number)
    return [int(line) for line in told.read_text().split("\n")[:-1]] if told.exists() else []


def _told(store: Store, number: int) -> Path:
    return store.folder / f"told {number}"
