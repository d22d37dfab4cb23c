"""The search for joins among many takes: what the index finds of what is there, and what it costs.

    python -m benchmarks search FOLDER [FOLDER ...] [--sizes 2 20 200 1000]

The turns of all takes in the folders are entered as `headturn joins FOLDER` enters them. Larger sets are made of them:
scenes of 20 takes that share their turns, each turn drawn from the real ones, its places turned about as a whole (so
that each scene is another place with real statistics), and each take varied as performances of one scene vary: 12 % in
speed, 5 degrees in direction, and in view as much as two real takes of one place are.

1. recall: for each turn, whether the best partner in another take that brute force finds is among those of the tree;
   and for each take, how many of the partners that brute force chooses the index chooses.
2. CPU seconds of each stage and memory, for each number of takes, and the growth.
"""

import argparse
import resource
import time
from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path
from tempfile import gettempdir
from threading import Event

import numpy as np
from numpy.typing import NDArray

from headturn.camera import card
from headturn.camera.take import Take
from headturn.edit import index, joins, meet, scout
from headturn.edit.index import Entries
from headturn.edit.joins import JoinOptions
from headturn.head.rush import Rush
from headturn.head.turns import TurnOptions
from headturn.office import lab
from headturn.office.store import Store

TURNS_A_TAKE = 30
"""Of a minute: wearer 6 of `house` turns 33 times a minute, `lap` 56 times, the backlot's heroes 20 times."""
TAKES_A_SCENE = 20
SPEED_SD, DIRECTION_SD_RAD = 0.12, np.radians(5.0)
ALIKE = 0.64
"""Median likeness of the descriptions of two aligned views of one place in different takes, as `entered` has them: of
456 aligned pairs of `house`, `lap` and `shop`; 0.43 and 0.76 at the quartiles, 0.10 for pairs that do not align."""
LOOKED_AT = 12
"""Pairs of takes that are looked at, to know what that costs."""


def main(arguments: Sequence[str]) -> int:
    """Enter, search, compare with brute force, and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks search", description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--sizes", type=int, nargs="+", default=[2, 20, 200, 1000])
    parser.add_argument("--takes", type=int, default=60, help="take so many at most from each folder")
    options = parser.parse_args(arguments)
    store = Store(Path(gettempdir()) / "headturn-benchmarks" / "search")
    store.open()
    rushes = developed(options.folders, options.takes, store)
    glances = lab.Glancer({rush.take.id: rush.take.clip for rush in rushes})
    begun = time.process_time()
    sights = cache(partial(scout.turn_sights, glances=glances, keep=scout.EveryTime()))
    _, entries = index.entered(rushes, sights)
    entering_s = (time.process_time() - begun) / max(len(entries), 1)
    print(f"{len(rushes)} real takes with {len(entries)} turns; describing a turn: {1000 * entering_s:.0f} CPU ms")
    print(f"looking at a pair of takes: {looking_s(rushes, entries, glances):.2f} CPU s")
    print("\n1. Recall against brute force")
    for name, each in (("real", entries), ("200 made of them", made(entries, 200, np.random.default_rng(1)))):
        tell_recall(name, each)
    print("\n2. Cost of the search, after analysis")
    before: tuple[int, float] | None = None
    for size in options.sizes:
        before = tell_cost(size, made(entries, size, np.random.default_rng(size)), entering_s, before)
    return 0


def developed(folders: Sequence[Path], most: int, store: Store) -> list[Rush]:
    """The rushes of all takes with turns, by take id."""
    found: dict[str, Rush] = {}
    for folder in folders:
        for clip in card.ingest(folder).clips[:most]:
            rush = lab.develop(Take(clip, clip.span, clip.name), store, TurnOptions(), Event())
            if rush.turns:
                found[rush.take.id] = rush
    return [found[id] for id in sorted(found)]


def looking_s(rushes: Sequence[Rush], entries: Entries, glances: lab.Glancer) -> float:
    """CPU seconds for looking at one pair of takes that the index returns."""
    likely = list(index.candidates(entries, JoinOptions()).items())
    sample = likely[:: max(1, len(likely) // LOOKED_AT)][:LOOKED_AT]
    options, begun = JoinOptions(), time.process_time()
    for (one, other), pairs in sample:
        a, b = rushes[one], rushes[other]
        exits, into = meet.usable(a, a.take.span, 0, options.handle_s), meet.usable(b, b.take.span, options.handle_s, 0)
        met = [meet.meet(a, b, a.turns[i], b.turns[j], exits, into, options) for i, j, _ in pairs]
        kept = [meeting for meeting in met if meeting is not None]
        joins.in_turns(a, b, kept[: options.turn_pairs], glances, options, True)
    return (time.process_time() - begun) / max(len(sample), 1)


def made(real: Entries, takes: int, rng: np.random.Generator) -> Entries:
    """Entries of many takes out of real ones; see above."""
    axes = real.views.shape[2]
    rates, views = [], []
    for first in range(0, takes, TAKES_A_SCENE):
        elsewhere = np.linalg.qr(rng.normal(size=(axes, axes)))[0].astype(np.float32)
        drawn = rng.integers(0, len(real), TURNS_A_TAKE)
        for _ in range(min(TAKES_A_SCENE, takes - first)):
            rates.append(varied_rates(real.rates[drawn], rng))
            views.append(varied_views(real.views[drawn] @ elsewhere, rng))
    take = np.repeat(np.arange(takes, dtype=np.int32), TURNS_A_TAKE)
    turn = np.tile(np.arange(TURNS_A_TAKE, dtype=np.int32), takes)
    return Entries(take, turn, np.concatenate(rates), np.concatenate(views))


def varied_rates(rates: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Rates (n, m, 3) as another performance has them."""
    speed = 1 + SPEED_SD * rng.normal(size=(len(rates), 1, 1))
    size = np.linalg.norm(rates, axis=2, keepdims=True)
    aside = DIRECTION_SD_RAD * rng.normal(size=(len(rates), 1, 3)) * size
    return np.asarray(rates * speed + aside, np.float32)


def varied_views(views: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Descriptions (n, 2, d) as another take of the place has them: as like each other as real ones are."""
    noise = rng.normal(size=views.shape)
    noise /= np.linalg.norm(noise, axis=2, keepdims=True)
    other = np.sqrt(ALIKE) * views + np.sqrt(1 - ALIKE) * noise
    return np.asarray(other / np.linalg.norm(other, axis=2, keepdims=True), np.float32)


def tell_recall(name: str, entries: Entries) -> None:
    """Print what the tree finds of what brute force finds."""
    best, partners = brute(entries)
    ones, others = index.near(entries)
    found = set(zip(ones.tolist(), others.tolist(), strict=True))
    hit = np.mean([(one, other) in found for one, other in best.items()]) if best else float("nan")
    few, index.FEW = index.FEW, 0
    likely = index.candidates(entries, JoinOptions())
    index.FEW = few
    shared = [pair in likely for pair in partners]
    print(f"  {name}: {len(entries)} turns; the best partner of a turn is found for {hit:.1%},", end=" ")
    print(f"of {len(shared)} pairs of takes that brute force would look at {np.mean(shared):.1%}")


def brute(entries: Entries) -> tuple[dict[int, int], set[tuple[int, int]]]:
    """Without an index: the best partner of each turn in another take, and the pairs of takes to look at."""
    best: dict[int, int] = {}
    cheapest: dict[tuple[int, int], float] = {}
    everyone = np.arange(len(entries))
    for one in everyone:
        turned, unlike = index.costs_between(entries, np.full(len(entries), one), everyone)
        cost = np.where(entries.take == entries.take[one], np.inf, turned + unlike)
        if cost.min() < index.HOPELESS:
            best[int(one)] = int(cost.argmin())
        for other in np.flatnonzero(cost < index.HOPELESS).tolist():
            pair = int(entries.take[one]), int(entries.take[other])
            cheapest[pair] = min(cheapest.get(pair, np.inf), float(cost[other]))
    chosen: set[tuple[int, int]] = set()
    for take in {pair[0] for pair in cheapest}:
        ranked = sorted((cost, pair) for pair, cost in cheapest.items() if pair[0] == take)
        chosen |= {pair for _, pair in ranked[: JoinOptions().partners]}
    return best, chosen


def tell_cost(size: int, entries: Entries, entering_s: float, before: tuple[int, float] | None) -> tuple[int, float]:
    """Print what a search among so many takes costs; returns size and CPU seconds, to tell the growth."""
    wall, begun = time.perf_counter(), time.process_time()
    likely = index.candidates(entries, JoinOptions())
    cpu_s, wall_s = time.process_time() - begun, time.perf_counter() - wall
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    kept = sum(each.nbytes for each in (entries.take, entries.turn, entries.rates, entries.views)) / 1e6
    growth = ""
    if before is not None and before[1] > 0.05:
        growth = f", grows as takes^{np.log(cpu_s / before[1]) / np.log(size / before[0]):.2f}"
    print(f"  {size:5} takes, {len(entries):6} turns: {cpu_s:6.2f} CPU s, {wall_s:6.2f} s{growth};", end=" ")
    print(f"index {kept:.1f} MB, peak {memory:.0f} MB; {len(likely)} pairs of takes to look at;", end=" ")
    print(f"describing them before: {entering_s * len(entries):.0f} CPU s")
    return size, cpu_s
