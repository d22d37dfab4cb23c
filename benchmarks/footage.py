"""Real takes for `benchmarks.seams`: which files, and how long recordings are cut into takes."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, permutations, product
from pathlib import Path

from benchmarks import splices
from benchmarks.splices import Bench
from headturn.camera import card
from headturn.head.rush import Rush
from headturn.office.store import Store

FOOTAGE = Path(__file__).resolve().parents[2] / "shared" / "footage"
"""Lies beside the project and is no part of it."""
HOUSE = FOOTAGE / "house" / "demo2_blur_middle_grid_6.mp4"


@dataclass(frozen=True)
class Group:
    """Recordings of one place. piece_s: into takes of what length they are cut; 0 is not at all."""

    name: str
    files: tuple[Path, ...]
    piece_s: float = 0.0

    def rushes(self, store: Store) -> list[Rush]:
        """Its takes, developed."""
        return [
            piece
            for path in self.files
            for piece in splices.pieces(splices.developed(path, store), self.piece_s, store)
        ]


GROUPS = (
    Group("lap", (FOOTAGE / "lap" / "basketball_aria.mp4",), 6.0),
    Group("house", (HOUSE,), 9.0),
    Group("fridge", tuple(FOOTAGE / "fridge" / f"milk_{way}_fridge.mp4" for way in ("from", "in"))),
    Group("shop", (FOOTAGE / "shop" / "fair_1.mp4",), 5.0),
    Group("path", tuple(FOOTAGE / "path" / f"{name}.mp4" for name in ("hero7", "max-heromode"))),
)

_LAP = (
    (4.51, 9.66, 15.06, 20.37, 25.31),  # left, past the basket
    (5.28, 10.44, 15.74, 21.36, 26.25),  # from the basket down to the far wall
    (11.88, 22.96, 27.53),  # right, along that wall
    (7.54, 12.82, 18.11, 23.41, 28.56),  # up and right, back to the basket
)
_HOUSE = (
    (21.27, 32.06),  # from the living room past the red fridge to the kitchen's window
    (40.60, 46.91),  # the same way, slowly
    (26.59, 36.43, 42.90),  # from the cooker over the dark corner to the living room
    (24.08, 35.43, 50.78),  # right, over the cooker
    (26.09, 52.73),  # and back
    (12.97, 18.88),  # from the red fridge to the living room
    (22.74, 33.29),  # at the window
    (21.77, 48.41),  # left, at the window
)
_ROOMS = {
    "kitchen": ((22.2, 26.2), (33.0, 36.2), (49.0, 59.4), (69.0, 71.2)),  # window, sink and cooker
    "living room": ((19.8, 21.2), (28.6, 30.8), (44.0, 45.6), (61.0, 65.4)),  # tables, chairs and screen
    "fridge": ((12.6, 18.6),),  # the corner beside the door, from near
}
"""Seconds of HOUSE that show one room and nothing of another, found by eye; but the living room shows the fridge."""
Moment = tuple[int, float | None]
"""A turn of a file by the time of its peak, in seconds; None is the whole recording."""
SAME_TURNS: dict[str, tuple[tuple[Moment, Moment], ...]] = {
    "lap": tuple(((0, a), (0, b)) for family in _LAP for a, b in combinations(family, 2)),
    "house": tuple(((0, a), (0, b)) for family in _HOUSE for a, b in combinations(family, 2)),
    "fridge": (((0, None), (1, None)), ((1, None), (0, None))),
}
"""Turns that look the same way at the same place, found by eye in the frames at their onset, peak and settle. `fridge`
has one turn, in one of its two takes: there any join counts."""


def house_rooms() -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    """Pairs of spans of HOUSE that show different rooms, both ways round."""
    if HOUSE.exists():
        for one, other in permutations(_ROOMS, 2):
            if {one, other} != {"living room", "fridge"}:
                yield from product(_ROOMS[one], _ROOMS[other])


def folder_group(folder: Path, piece_s: float) -> Group:
    """All recordings of a folder."""
    return Group(folder.name, tuple(clip.files[0] for clip in card.ingest(folder).clips), piece_s)


def measure(bench: Bench, store: Store, group: Group) -> int:
    """Measure the best join of each turn of a group; how many there are."""
    done = f"done-{group.name}"
    if done not in bench.records:
        for number, (name, case) in enumerate(splices.pair_cases(group.name, group.rushes(store), bench)):
            if case is None:
                bench.refused(name, group.name, name)
            else:
                bench.of(case, number)
        bench.records.keep(done, {"group": ""})
        print(f"{group.name} is measured", flush=True)
    mine = [r for r in bench.records.values().values() if r and r.get("group") == group.name]
    return sum(bool(record["verdict"]) for record in mine)
