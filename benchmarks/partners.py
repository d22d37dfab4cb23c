"""Which takes headturn joins at all: none of different places, most of one place that share a turn; and yield.

Takes of different places are first brought to one size, field of view, bit rate and grading, without their gyro logs,
so that only what they show tells them apart.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache, partial
from itertools import combinations, permutations
from math import radians, tan
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks import figures, footage, scenes, splices, strips, windows
from benchmarks.crew import Task
from benchmarks.footage import FOOTAGE
from benchmarks.splices import Bench
from benchmarks.windows import Film, Frames
from headturn.camera import card, media
from headturn.camera.take import Clip
from headturn.clock import Span
from headturn.edit import joins
from headturn.edit.joins import Join, JoinOptions
from headturn.head.rush import Rush
from headturn.office.store import Store

SIZE = (384, 288)
FIELD_RAD = radians(66.0)
"""Across the levelled picture: what the narrowest lens here is sure to show."""
MEAN, SPREAD = 110.0, 52.0
"""Of the codes of each channel in a levelled recording."""
CRF = 25.0
LONGEST_S = 24
NEIGHBOURS = 1
"""Places of the backlot that each one is tried with."""
HIDING = ("occluder", "darkness", "flash")
"""Behind these a join of two places may be called seamless."""
YIELD_TO_REACH = SAME_TO_REACH = 0.8

REAL = (
    "lap/basketball_aria.mp4",
    "house/demo2_blur_middle_grid_6.mp4",
    "fridge/milk_from_fridge.mp4",
    "shop/fair_1.mp4",
    "path/hero7.mp4",
    "single/kaust_1.mp4",
    "single/losandes_1.mp4",
    "single/data_sample_1_full_window.mp4",
    "single/data_sample_20_full_window.mp4",
    "shaky/shaky.mp4",
)
"""One recording of each real place."""


A_TASK = 6
"""Pairs that one process measures at a time."""


@dataclass(frozen=True)
class _Part:
    """A recording as it is, or the span of it that shows one room (seconds); levelled where no span is named."""

    source: Path
    name: str
    span_s: tuple[float, float] | None = None


@dataclass(frozen=True)
class _Grade:
    gain: np.ndarray[Any, np.dtype[np.float64]]
    offset: np.ndarray[Any, np.dtype[np.float64]]

    def of(self, frame: Frames) -> Frames:
        return np.clip(frame * self.gain + self.offset, 0, 255).astype(np.uint8)


def levelled(source: Path, folder: Path, name: str) -> Path:
    """A recording brought to one size, field of view, bit rate and grading; made once, without sound or log."""
    path = folder / f"{name}.mp4"
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    clip = card.recording(source)
    last = min(clip.image.frames or 10**9, round(LONGEST_S * clip.image.rate))
    sample = np.stack([frame for i, frame in enumerate(_cropped(clip, last)) if i % 10 == 0]).reshape(-1, 3)
    gain = SPREAD / np.maximum(sample.std(axis=0), 8.0)
    grade = _Grade(gain, MEAN - gain * sample.mean(axis=0))
    part = path.with_name(f".{path.name}")
    with media.PictureWriter(part, *SIZE, clip.image.rate, crf=CRF) as writer:
        for frame in _cropped(clip, last):
            writer.write(grade.of(frame))
    part.replace(path)
    return path


def _cropped(clip: Clip, last: int) -> Iterator[Frames]:
    """The middle of each frame that FIELD_RAD shows, at SIZE."""
    lens = clip.lens
    wide = lens.focal_mean_px * (FIELD_RAD if lens.kind == "fisheye" else 2 * tan(FIELD_RAD / 2))
    width = min(round(wide), lens.width, lens.height * SIZE[0] // SIZE[1])
    height = width * SIZE[1] // SIZE[0]
    left, top = (lens.width - width) // 2, (lens.height - height) // 2
    for frame in media.frames(clip, 0, last):
        pixels = frame.pixels("rgb")[top : top + height, left : left + width]
        yield np.asarray(cv2.resize(pixels, SIZE, interpolation=cv2.INTER_AREA), np.uint8)


# Wrong places -------------------------------------------------------------------------------------------------------


def level_all(folder: Path, store: Store) -> None:
    """Make all levelled recordings and develop them: what need not wait for the joins."""
    sources = [(path, f"real-{path.stem}") for path in _real()]
    sources += [(path, path.stem) for scene in scenes.shot(folder) for path in scene.paths(folder)[:1]]
    for path, name in sources:
        splices.developed(levelled(path, folder / "levelled", name), store)
        print(f"{name} is levelled", flush=True)


def _real() -> list[Path]:
    return [FOOTAGE / name for name in REAL if (FOOTAGE / name).exists()]


def wrong_pairs(folder: Path) -> Iterator[tuple[str, str, _Part, _Part]]:
    """Kind, name, and two takes of different places; real ones first."""

    def of_scene(scene: scenes.Scene) -> _Part:
        path = scene.paths(folder)[0]
        return _Part(path, path.stem)

    for a, b in permutations(_real(), 2):
        yield "real", f"{a.stem}-{b.stem}", _Part(a, f"real-{a.stem}"), _Part(b, f"real-{b.stem}")
    for left, entered in footage.house_rooms():
        rooms = _Part(footage.HOUSE, "house", left), _Part(footage.HOUSE, "house", entered)
        yield "house room", f"{left[0]:.0f} s-{entered[0]:.0f} s", *rooms
    shot = list(scenes.shot(folder))
    first = {scene.place: scene for scene in reversed(shot)}
    places = sorted(first)
    for one, other in combinations(shot, 2):
        if one.place == other.place and one.room != other.room:
            yield "other room", f"{one.number}-{other.number}", of_scene(one), of_scene(other)
    for number, place in enumerate(places):
        for step in range(1, NEIGHBOURS + 1):
            near = places[(number + step) % len(places)]
            yield "other house", f"{place}-{near}", of_scene(first[place]), of_scene(first[near])


def _taken(part: _Part, folder: Path, store: Store) -> tuple[Rush, Span]:
    """A part developed, and where it may be joined."""
    if part.span_s is None:
        rush = splices.developed(levelled(part.source, folder / "levelled", part.name), store)
        return rush, rush.take.span
    start, end = (Fraction(value).limit_denominator(1000) for value in part.span_s)
    return splices.developed(part.source, store), Span(start, end)


def tasks(folder: Path) -> list[Task]:
    """All that is to be measured for `told_places`, in tasks of a few pairs each."""
    count = len(list(wrong_pairs(folder)))
    wrong: list[Task] = [partial(measure_pairs, start=start, stop=start + A_TASK) for start in range(0, count, A_TASK)]
    return [*wrong, *(partial(measure_same, group=group) for group in footage.SAME_TURNS)]


def measure_pairs(bench: Bench, store: Store, start: int, stop: int) -> int:
    """Measure some of the wrong pairs; how many."""
    taken = lru_cache(maxsize=8)(partial(_taken, folder=bench.folder, store=store))
    pairs = list(wrong_pairs(bench.folder))[start:stop]
    for kind, name, one, other in pairs:
        key = f"wrong-{kind}-{name}"
        if key not in bench.records:
            bench.records.keep(key, _pair_record(bench, kind, name, taken(one), taken(other)))
    return len(pairs)


def _best(bench: Bench, a: tuple[Rush, Span], b: tuple[Rush, Span]) -> Join | None:
    """The best join of two takes that lies anywhere but at their ends."""
    glances = splices.glancer([a[0], b[0]], bench.lab)
    found = joins.find(a[0], b[0], a[1], b[1], glances, JoinOptions(), glances.aids)
    return next((join for join in found if join.hiding != "nothing"), None)


def _pair_record(bench: Bench, kind: str, name: str, a: tuple[Rush, Span], b: tuple[Rush, Span]) -> Any:  # noqa: ANN401
    join = _best(bench, a, b)
    record: dict[str, Any] = {"group": "pairs", "kind": kind, "name": name, "verdict": join.verdict if join else None}
    if join is None:
        return record
    record |= {"hiding": join.hiding, "detectability": join.detectability, "points": join.alignment.points}
    film = Film.joined(a[0], b[0], join) if join.verdict != "visible" else None
    if film is not None:
        frames = windows.read(film.treated().encoded(bench.windows / f"{strips.file_of(f'{kind}-{name}')}.mp4"))
        strips.strip(frames, bench.folder / "strips-wrong" / f"{strips.file_of(f'{kind}-{name}')}.png")
    return record


def told_places(bench: Bench) -> bool:
    """Print wrong places and same places; whether none is called seamless and enough get a join."""
    records = [r for key, r in bench.records.values().items() if r and key.startswith("wrong-")]
    print("\n5. Wrong places, levelled (to reach: none seamless but behind occluder, darkness or flash)")
    clean = True
    for kind in dict.fromkeys(record["kind"] for record in records):
        own = [record for record in records if record["kind"] == kind]
        seamless = [record for record in own if record["verdict"] == "seamless"]
        bare = [record for record in seamless if record["hiding"] not in HIDING]
        clean &= not bare
        workable = sum(record["verdict"] == "workable" for record in own)
        print(
            f"  {kind:12} {len(own):4} pairs: {len(bare)} seamless, {len(seamless) - len(bare)} seamless behind "
            f"something named, {workable} workable; limit of the share {figures.wilson(len(bare), len(own)).high:.1%}"
        )
        for record in seamless:
            print(f"    {record['name']}: {record['hiding']}, {record['points']} points, see strips-wrong")
    return _told_same_places(bench) and clean


def _told_same_places(bench: Bench) -> bool:
    print("\n  Same places: of the pairs of takes that share a turn, those that get a join (to reach: 80 %)")
    enough = True
    for name, hits, of in (*_backlot_share(bench), *_real_shares(bench)):
        if of:
            share = figures.wilson(hits, of)
            enough &= share.value >= SAME_TO_REACH
            print(f"  {name:12} {hits} of {of}: {share.value:.0%} [{share.low:.0%}, {share.high:.0%}]")
    return enough


def _backlot_share(bench: Bench) -> Iterator[tuple[str, int, int]]:
    records = [r for r in bench.records.values().values() if r and r.get("group") == "backlot"]
    yield "backlot", sum(record["verdict"] in ("seamless", "workable") for record in records), len(records)


def _real_shares(bench: Bench) -> Iterator[tuple[str, int, int]]:
    for group in footage.SAME_TURNS:
        own = [r for key, r in bench.records.values().items() if key.startswith(f"same-{group}-")]
        yield group, sum(record["verdict"] in ("seamless", "workable") for record in own), len(own)


def measure_same(bench: Bench, store: Store, group: str) -> int:
    """Measure the pairs of turns of a group that look the same way at the same place; how many."""
    (found,) = [each for each in footage.GROUPS if each.name == group]
    files = [splices.developed(path, store) for path in found.files]
    for one, other in footage.SAME_TURNS[group]:
        a, b = (_around(files[file], peak_s) for file, peak_s in (one, other))
        bench.records.of(f"same-{group}-{one}-{other}", partial(_same_record, bench, a, b))
    return len(footage.SAME_TURNS[group])


def _around(rush: Rush, peak_s: float | None) -> tuple[Rush, Span]:
    if peak_s is None:
        return rush, rush.take.span
    turn = min(rush.turns, key=lambda each: abs(each.peak_s - peak_s))
    return rush, splices.turn_span(turn, rush)


def _same_record(bench: Bench, a: tuple[Rush, Span], b: tuple[Rush, Span]) -> Any:  # noqa: ANN401
    join = _best(bench, a, b)
    return {"group": "same", "verdict": join.verdict if join else None, "hiding": join.hiding if join else None}


# Yield --------------------------------------------------------------------------------------------------------------


def measure_yield(bench: Bench, store: Store, number: int) -> int:
    """Measure a scene played twenty times, shot first where it is not; how many turns it has."""
    scene = scenes.Scene(number, scenes.YIELD_TAKES)
    scenes.shoot_scene(scene, bench.folder)
    return int(bench.records.of(f"yield-{number}", partial(_yield_record, scene, bench, store))["turns"])


def told_yield(bench: Bench) -> bool:
    """Print the share of turns that have a seamless partner in another take; whether it is enough."""
    print("\n6. Yield of a scene played twenty times: turns with a seamless partner (to reach: 80 %)", flush=True)
    reached: list[bool] = []
    for scene in scenes.yield_scenes():
        record = bench.records.values().get(f"yield-{scene.number}")
        if record is None:
            continue
        share = figures.wilson(record["seamless"], record["turns"])
        print(
            f"  {scene.room}, {scene.light}: {record['seamless']} of {record['turns']} turns {share.value:.0%} "
            f"[{share.low:.0%}, {share.high:.0%}], {record['workable']} more workable; "
            f"{record['tried'] / max(1, record['turns']):.1f} takes tried, {record['cpu_s']:.0f} CPU s",
            flush=True,
        )
        reached.append(share.value >= YIELD_TO_REACH)
    return len(reached) == scenes.YIELD_SCENES and all(reached)


def _yield_record(scene: scenes.Scene, bench: Bench, store: Store) -> Any:  # noqa: ANN401
    takes = splices.scene_rushes(scene, bench.folder, store)
    rng = np.random.default_rng(scene.number)
    count = {"turns": 0, "seamless": 0, "workable": 0, "tried": 0}
    before = sum(os.times()[:2])
    glances = splices.glancer([rush for rush, _ in takes], bench.lab)
    for number, (a, truth_a) in enumerate(takes):
        others = [i for i in rng.permutation(len(takes)) if i != number]
        like = {i: dict(splices.same_turns(truth_a.turns, takes[i][1].turns)) for i in others}
        for turn in truth_a.turns:
            verdicts: list[str] = []
            for i in (i for i in others if turn in like[i]):
                found = splices.in_turns(a, takes[i][0], turn, like[i][turn], glances)
                verdicts += [found[0].verdict if found else "none"]
                if verdicts[-1] == "seamless":
                    break
            count["turns"] += 1
            count["tried"] += len(verdicts)
            count["seamless"] += "seamless" in verdicts
            count["workable"] += "seamless" not in verdicts and "workable" in verdicts
    return {"group": "yield", "verdict": None, **count, "cpu_s": sum(os.times()[:2]) - before}
