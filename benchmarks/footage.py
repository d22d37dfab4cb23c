"""Real takes for `benchmarks.seams`: which files, and how long recordings are cut into takes."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import splices
from benchmarks.splices import BASELINE_EVERY, Bench
from headturn.camera import card
from headturn.head.rush import Rush
from headturn.office.store import Store

FOOTAGE = Path(__file__).resolve().parents[2] / "shared" / "footage"
"""Lies beside the project and is no part of it."""


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
    Group("house", (FOOTAGE / "house" / "demo2_blur_middle_grid_6.mp4",), 9.0),
    Group("fridge", tuple(FOOTAGE / "fridge" / f"milk_{way}_fridge.mp4" for way in ("from", "in"))),
    Group("shop", (FOOTAGE / "shop" / "fair_1.mp4",), 5.0),
    Group("path", tuple(FOOTAGE / "path" / f"{name}.mp4" for name in ("hero7", "max-heromode"))),
)

SAME_TURNS: dict[str, tuple[tuple[int, float, int, float], ...]] = {}
"""Turns that look the same way in the same place, found by eye: file, peak in seconds, of A and of B."""


def folder_group(folder: Path, piece_s: float) -> Group:
    """All recordings of a folder."""
    return Group(folder.name, tuple(clip.files[0] for clip in card.ingest(folder).clips), piece_s)


def measure(bench: Bench, store: Store, group: Group) -> list[Any]:
    """Measure the best join of each turn of a group; its records."""
    done = f"done-{group.name}"
    if done not in bench.records:
        for number, (name, case) in enumerate(splices.pair_cases(group.name, group.rushes(store))):
            if case is None:
                bench.refused(name, group.name, name)
            else:
                bench.of(case, baselines=number % BASELINE_EVERY < 2)
        bench.records.keep(done, {"group": ""})
        print(f"{group.name} is measured", flush=True)
    return [record for record in _values(bench) if record and record.get("group") == group.name]


def _values(bench: Bench) -> Iterable[Any]:
    return bench.records.values().values()
