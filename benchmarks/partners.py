"""Which takes headturn joins at all: none of different places, most of one place that share a turn; and yield.

Takes of different places are first brought to one size, field of view, bit rate and grading, without their gyro logs,
so that only what they show tells them apart.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from math import radians, tan
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks import figures, footage, scenes, splices, strips
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
NEIGHBOURS = 2
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


def wrong_pairs(bench: Bench, store: Store) -> Iterator[tuple[str, str, Rush, Rush]]:
    """Kind, name, and two takes of different places."""
    level = bench.folder / "levelled"
    shot = list(scenes.shot(bench.folder))
    first = {scene.place: scene for scene in reversed(shot)}
    rushes: dict[str, Rush] = {}

    def rush(source: Path, name: str) -> Rush:
        if name not in rushes:
            rushes[name] = splices.developed(levelled(source, level, name), store)
        return rushes[name]

    def of_scene(scene: scenes.Scene) -> Rush:
        path = scene.paths(bench.folder)[0]
        return rush(path, path.stem)

    real = [FOOTAGE / name for name in REAL if (FOOTAGE / name).exists()]
    for a in real:
        for b in real:
            if a != b:
                yield "real", f"{a.stem}-{b.stem}", rush(a, f"real-{a.stem}"), rush(b, f"real-{b.stem}")
    places = sorted(first)
    for number, place in enumerate(places):
        for step in range(1, NEIGHBOURS + 1):
            other = places[(number + step) % len(places)]
            yield "other house", f"{place}-{other}", of_scene(first[place]), of_scene(first[other])
    for one in shot:
        for other_room in shot:
            if one.place == other_room.place and one.room != other_room.room:
                yield "other room", f"{one.number}-{other_room.number}", of_scene(one), of_scene(other_room)


def _best(a: Rush, b: Rush) -> Join | None:
    """The best join of two takes that lies anywhere but at their ends."""
    glances = splices.glancer([a, b])
    found = joins.find(a, b, a.take.span, b.take.span, glances, JoinOptions(), glances.aids)
    return next((join for join in found if join.hiding != "nothing"), None)


def _pair_record(bench: Bench, kind: str, name: str, a: Rush, b: Rush) -> Any:  # noqa: ANN401
    join = _best(a, b)
    record: dict[str, Any] = {"group": "pairs", "kind": kind, "name": name, "verdict": join.verdict if join else None}
    if join is None:
        return record
    record |= {"hiding": join.hiding, "detectability": join.detectability, "points": join.alignment.points}
    if join.verdict == "seamless":
        film = Film.joined(a, b, join)
        if film is not None:
            strips.strip(film.treated().window(), bench.folder / "strips" / "wrong" / strips.file_of(f"{kind}-{name}"))
    return record


def told_places(bench: Bench, store: Store) -> bool:
    """Print wrong places and same places; whether none is called seamless and enough get a join."""
    for kind, name, a, b in wrong_pairs(bench, store):
        bench.records.of(f"wrong-{kind}-{name}", partial(_pair_record, bench, kind, name, a, b))
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
            print(f"    {record['name']}: {record['hiding']}, {record['points']} points, see strips/wrong")
    return _told_same_places(bench, store) and clean


def _told_same_places(bench: Bench, store: Store) -> bool:
    print("\n  Same places: of the pairs of takes that share a turn, those that get a join (to reach: 80 %)")
    enough = True
    for name, hits, of in (*_backlot_share(bench), *_real_shares(bench, store)):
        if of:
            share = figures.wilson(hits, of)
            enough &= share.value >= SAME_TO_REACH
            print(f"  {name:12} {hits} of {of}: {share.value:.0%} [{share.low:.0%}, {share.high:.0%}]")
    return enough


def _backlot_share(bench: Bench) -> Iterator[tuple[str, int, int]]:
    records = [r for r in bench.records.values().values() if r and r.get("group") == "backlot"]
    yield "backlot", sum(record["verdict"] in ("seamless", "workable") for record in records), len(records)


def _real_shares(bench: Bench, store: Store) -> Iterator[tuple[str, int, int]]:
    for group, pairs in footage.SAME_TURNS.items():
        (found,) = [each for each in footage.GROUPS if each.name == group]
        files = [splices.developed(path, store) for path in found.files]
        hits = 0
        for one, other in pairs:
            (a, b), key = (_around(files[file], peak_s) for file, peak_s in (one, other)), f"same-{group}-{one}-{other}"
            record = bench.records.of(key, partial(_same_record, a, b))
            hits += record["verdict"] in ("seamless", "workable")
        yield group, hits, len(pairs)


def _around(rush: Rush, peak_s: float | None) -> tuple[Rush, Span]:
    if peak_s is None:
        return rush, rush.take.span
    turn = min(rush.turns, key=lambda each: abs(each.peak_s - peak_s))
    return rush, splices.turn_span(turn, rush)


def _same_record(a: tuple[Rush, Span], b: tuple[Rush, Span]) -> Any:  # noqa: ANN401
    glances = splices.glancer([a[0], b[0]])
    found = joins.find(a[0], b[0], a[1], b[1], glances, JoinOptions(), glances.aids)
    join = next((each for each in found if each.hiding != "nothing"), None)
    return {"group": "same", "verdict": join.verdict if join else None, "hiding": join.hiding if join else None}


# Yield --------------------------------------------------------------------------------------------------------------


def told_yield(bench: Bench, store: Store, *, only_shot: bool) -> bool:
    """Print the share of turns that have a seamless partner in another take; whether it is enough."""
    print("\n6. Yield of a scene played twenty times: turns with a seamless partner (to reach: 80 %)", flush=True)
    reached: list[bool] = []
    for scene in scenes.yield_scenes():
        if not all(path.exists() for path in scene.paths(bench.folder)):
            if only_shot:
                continue
            scenes.shoot_scene(scene, bench.folder)
        key = f"yield-{scene.number}"
        before = sum(os.times()[:2])
        record = bench.records.of(key, partial(_yield_record, scene, bench, store))
        share = figures.wilson(record["seamless"], record["turns"])
        print(
            f"  {scene.room}, {scene.light}: {record['seamless']} of {record['turns']} turns {share.value:.0%} "
            f"[{share.low:.0%}, {share.high:.0%}], {record['workable']} more workable; "
            f"{record['tried'] / max(1, record['turns']):.1f} takes tried, {sum(os.times()[:2]) - before:.0f} CPU s",
            flush=True,
        )
        reached.append(share.value >= YIELD_TO_REACH)
    return bool(reached) and all(reached)


def _yield_record(scene: scenes.Scene, bench: Bench, store: Store) -> Any:  # noqa: ANN401
    takes = splices.scene_rushes(scene, bench.folder, store)
    rng = np.random.default_rng(scene.number)
    count = {"turns": 0, "seamless": 0, "workable": 0, "tried": 0}
    glances = splices.glancer([rush for rush, _ in takes])
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
    return {"group": "yield", "verdict": None, **count}
