"""What `match` says of takes that share a turn, and of wrong ones: other direction, other place, no shared turn.

To reach: no wrong take is called seamless, and in the same run 80 % of those that share a turn are joined. Takes are
cut as they would be shot: the shot before ends on a turn, the new take begins on one; `match` is asked as the command
line asks it, but for the catalogue. Backlot scenes are two performances of one script (`benchmarks.scenes`); those that
the benchmark of seams has shot are read there, the others shot here. Real takes are those of `lap`, `house` and
`fridge` whose turns look the same way (`benchmarks.footage`), and recordings of other places.

    python -m benchmarks matches --each 30 --folder CACHE --shot SEAMS

What was answered is kept by code; an interrupted run goes on.
"""

import argparse
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import binomtest

from benchmarks import footage, ledger, scenes, splices
from benchmarks.detectors import Kept
from benchmarks.footage import FOOTAGE, GROUPS, HOUSE, SAME_TURNS
from benchmarks.partners import REAL
from headturn.backlot.truth import Truth
from headturn.camera import card, media
from headturn.camera.take import Take
from headturn.clock import Span
from headturn.edit.assemble import Brief
from headturn.head.turns import Turn
from headturn.office import match, meeting
from headturn.office.settings import Settings
from headturn.office.store import Store

LEAD_S, TAIL_S = 6.0, 0.5
"""What a take shows on the far side of its turn, and on the near side, where it ends or begins."""
LIKE, UNLIKE = 0.8, 0.5
"""Axes of two turns that go the same way, and of two that do not: cosines. Between them neither is said."""
SHARED, DIRECTION, PLACE, NOTHING = "shares a turn", "other direction", "other place", "no shared turn"
WRONG = (DIRECTION, PLACE, NOTHING)
JOINED_TO_REACH = 0.8
EACH = 30
SCENES = 12
MIRROR_CRF = 14.0
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Piece:
    """A stretch of a recording, in seconds, as a take of its own; mirrored: as a mirror shows it, turning back."""

    path: Path
    start_s: float
    stop_s: float
    mirrored: bool = False


@dataclass(frozen=True)
class Pair:
    """Two takes and what is true of them. material: "backlot" or a group of real takes."""

    kind: str
    material: str
    name: str
    a: Piece
    b: Piece


@dataclass(frozen=True)
class Played:
    """A recording with its turns, true or found, and how long it is."""

    path: Path
    turns: tuple[Turn, ...]
    length_s: float

    def tail(self, turn: Turn) -> Piece:
        """The take that ends on a turn."""
        after = min((each.onset_s for each in self.turns if each.onset_s > turn.peak_s), default=self.length_s)
        return Piece(self.path, max(0.0, turn.onset_s - LEAD_S), min(turn.settle_s + TAIL_S, after, self.length_s))

    def head(self, turn: Turn) -> Piece:
        """The take that begins on a turn."""
        before = max((each.settle_s for each in self.turns if each.settle_s < turn.peak_s), default=0.0)
        return Piece(self.path, max(turn.onset_s - TAIL_S, before, 0.0), min(turn.settle_s + LEAD_S, self.length_s))

    def left(self, turn: Turn) -> Piece:
        """The take that ends before a turn."""
        return Piece(self.path, max(0.0, turn.onset_s - LEAD_S), turn.onset_s)

    def entered(self, turn: Turn) -> Piece:
        """The take that begins after a turn."""
        return Piece(self.path, turn.settle_s, min(turn.settle_s + LEAD_S, self.length_s))

    def within(self, piece: Piece, share: tuple[float, float]) -> list[Turn]:
        """The turns in a part of a piece of it, or near that, any of which might be joined."""
        low, high = (piece.start_s + part * (piece.stop_s - piece.start_s) for part in share)
        return [turn for turn in self.turns if turn.settle_s > low - TAIL_S and turn.onset_s < high + TAIL_S]

    def holds(self, piece: Piece, turn: Turn, share: tuple[float, float]) -> bool:
        """Whether that part holds the whole turn."""
        low, high = (piece.start_s + part * (piece.stop_s - piece.start_s) for part in share)
        return low <= turn.onset_s and turn.settle_s <= high


LEFT, ENTERED = (Brief().min_share, 1.0), (0.0, 1 - Brief().min_share)
"""Parts of the take before and of the new one in which `match` may leave and enter them."""


def _cosine(one: Turn, other: Turn) -> float:
    return float(np.dot(one.axis, other.axis))


def _unlike(a: Played, left: Piece, b: Played, entered: Piece) -> bool:
    """Whether no turn that might be left goes the way of one that might be entered."""
    ways = (_cosine(x, y) for x in a.within(left, LEFT) for y in b.within(entered, ENTERED))
    return all(way < UNLIKE for way in ways)


# The backlot --------------------------------------------------------------------------------------------------------


def backlot(folder: Path, shot: Path, count: int) -> Iterator[Pair]:
    """Pairs of takes of the first scenes of so many; those not shot yet are."""
    played = [(scene, _played(scene, folder, shot)) for scene in scenes.scenes()[:count]]
    for number, (scene, (first, second)) in enumerate(played):
        name = f"scene{scene.number:03d}"
        for turn, same in splices.same_turns(first.turns, second.turns):
            left, entered = first.tail(turn), second.head(same)
            if first.holds(left, turn, LEFT) and second.holds(entered, same, ENTERED):
                yield Pair(SHARED, "backlot", f"{name}@{turn.peak_s:.1f}", left, entered)
            cut_off = first.left(turn), second.entered(same)
            if all(_lasts(piece) for piece in cut_off) and _unlike(first, cut_off[0], second, cut_off[1]):
                yield Pair(NOTHING, "backlot", f"{name}@{turn.peak_s:.1f}", *cut_off)
        yield from _opposed("backlot", name, first, second)
        for other_scene, (_, other) in played[number + 1 : number + 3]:
            yield from _elsewhere(f"{name}-{other_scene.number:03d}", first, other)


def _lasts(piece: Piece) -> bool:
    return piece.stop_s - piece.start_s > 2 * TAIL_S


def _opposed(material: str, name: str, a: Played, b: Played) -> Iterator[Pair]:
    """The shot before ends on a turn one way, the take begins on one the other way."""
    for turn in a.turns:
        for other in b.turns:
            left, entered = a.tail(turn), b.head(other)
            if _cosine(turn, other) < 0 and _unlike(a, left, b, entered):
                yield Pair(DIRECTION, material, f"{name}@{turn.peak_s:.1f}/{other.peak_s:.1f}", left, entered)


def _elsewhere(name: str, a: Played, b: Played) -> Iterator[Pair]:
    """Turns that go the same way, at two places."""
    for turn in a.turns:
        like = [each for each in b.turns if _cosine(turn, each) > LIKE]
        if like:
            near = min(like, key=lambda each: abs(each.peak_rad_s - turn.peak_rad_s))
            yield Pair(PLACE, "backlot", f"{name}@{turn.peak_s:.1f}", a.tail(turn), b.head(near))


def _played(scene: scenes.Scene, folder: Path, shot: Path) -> tuple[Played, Played]:
    where = shot if scene.is_shot(shot) else folder
    scenes.shoot_scene(scene, where)
    takes = []
    for path in scene.paths(where):
        truth = Truth.load(path.with_suffix(".npz"))
        takes.append(Played(path, tuple(truth.turns), float(truth.times_s[-1])))
    return takes[0], takes[1]


# Real takes ---------------------------------------------------------------------------------------------------------


def real(store: Store) -> Iterator[Pair]:
    """Pairs of real takes."""
    for name, moments in SAME_TURNS.items():
        (group,) = [each for each in GROUPS if each.name == name]
        files = [_found(path, store) for path in group.files]
        for (file_a, at_a), (file_b, at_b) in moments:
            yield from _of_moments(name, (files[file_a], at_a), (files[file_b], at_b))
    for one, other in permutations([FOOTAGE / name for name in REAL], 2):
        left, entered = _whole(one), _whole(other)
        yield Pair(PLACE, "real", f"{one.stem}-{other.stem}", left, entered)
    for (start, stop), (from_s, to_s) in footage.house_rooms():
        yield Pair(
            PLACE, "house", f"{start:.0f} s-{from_s:.0f} s", Piece(HOUSE, start, stop), Piece(HOUSE, from_s, to_s)
        )


def _of_moments(name: str, a: tuple[Played, float | None], b: tuple[Played, float | None]) -> Iterator[Pair]:
    (first, at_a), (second, at_b) = a, b
    if at_a is None or at_b is None:
        yield Pair(SHARED, name, f"{first.path.stem}-{second.path.stem}", _whole(first.path), _whole(second.path))
        return
    turn, same = _nearest(first, at_a), _nearest(second, at_b)
    left, entered = first.tail(turn), second.head(same)
    label = f"{turn.peak_s:.1f}-{same.peak_s:.1f}"
    yield Pair(SHARED, name, label, left, entered)
    yield Pair(DIRECTION, name, f"{label}, mirrored", left, replace(entered, mirrored=True))
    cut_off = first.left(turn), second.entered(same)
    if all(_lasts(piece) for piece in cut_off) and _unlike(first, cut_off[0], second, cut_off[1]):
        yield Pair(NOTHING, name, label, *cut_off)


def _nearest(played: Played, peak_s: float) -> Turn:
    return min(played.turns, key=lambda each: abs(each.peak_s - peak_s))


def _found(path: Path, store: Store) -> Played:
    rush = splices.developed(path, store)
    return Played(path, rush.turns, float(rush.take.span.end))


def _whole(path: Path) -> Piece:
    return Piece(path, 0.0, float(card.recording(path).span.end))


# Asking -------------------------------------------------------------------------------------------------------------


def mirrored(path: Path, folder: Path) -> Path:
    """A recording as a mirror shows it, made once, without sound or log."""
    made = folder / f"mirrored-{path.name}"
    if not made.exists():
        clip = card.recording(path)
        part = made.with_name(f".{made.name}")
        with media.PictureWriter(part, clip.image.width, clip.image.height, clip.image.rate, crf=MIRROR_CRF) as writer:
            for frame in media.frames(clip):
                writer.write(np.ascontiguousarray(frame.pixels("rgb")[:, ::-1]))
        part.replace(made)
    return made


def taken(piece: Piece, unit: str, folder: Path) -> Take:
    """A piece as a take; two of one recording are two recordings to `match`, as they would have been to the camera."""
    clip = card.recording(mirrored(piece.path, folder) if piece.mirrored else piece.path)
    start, stop = (Fraction(value).limit_denominator(1000) for value in (piece.start_s, piece.stop_s))
    return Take(replace(clip, id=f"{clip.id}{unit}"), Span(start, min(stop, clip.span.end)), f"1{unit}")


def answer(pair: Pair, folder: Path, store: Store) -> dict[str, Any]:
    """What `match` says of a pair."""
    used = ledger.cpu_s()
    a, b = taken(pair.a, "A", folder), taken(pair.b, "B", folder)
    found = match.matched(a, b, "named", meeting.desk_of(store, Settings()), lambda *_: None)
    best = found.joins[0] if found.joins else None
    return {
        "verdict": found.verdict, "hiding": best.hiding if best else None,
        "chance": best.detectability if best else None, "points": best.alignment.points if best else None,
        "told": match.told(found)[:2], "cpu_s": ledger.cpu_s() - used,
    }  # fmt: skip


def picked(pairs: Iterable[Pair], each: int) -> list[Pair]:
    """So many of each kind, of the backlot and of real takes, spread evenly over what there is."""
    groups: dict[tuple[str, bool], list[Pair]] = {}
    for pair in pairs:
        groups.setdefault((pair.kind, pair.material == "backlot"), []).append(pair)
    return [
        group[int(index)]
        for group in groups.values()
        for index in np.unique(np.linspace(0, len(group) - 1, min(each, len(group))).round())
    ]


# Telling ------------------------------------------------------------------------------------------------------------


def told(answers: Sequence[tuple[Pair, dict[str, Any]]]) -> bool:
    """Print the counts and all that is wrong or missed; whether both aims are reached."""
    rows = []
    for kind in (SHARED, *WRONG):
        for material in dict.fromkeys(pair.material for pair, _ in answers if pair.kind == kind):
            rows.append(
                _row(f"{kind}, {material}", [a for p, a in answers if (p.kind, p.material) == (kind, material)])
            )
    shared = [a for pair, a in answers if pair.kind == SHARED]
    wrong = [a for pair, a in answers if pair.kind in WRONG]
    rows += [_row("all that share a turn", shared), _row("all wrong ones", wrong)]
    print(ledger.table(("takes", "pairs", "seamless", "workable", "visible", "no match", "seamless, limits in %",
                        "joined, limits in %"), rows))  # fmt: skip
    for pair, said in answers:
        if pair.kind in WRONG and said["verdict"] in ("seamless", "workable"):
            print(f"  {said['verdict']}: {pair.kind}, {pair.material} {pair.name}: {said['hiding']}, "
                  f"{said['chance']:.2f}, {said['points']} points; {'; '.join(said['told'])}")  # fmt: skip
    missed = [f"{pair.material} {pair.name}" for pair, a in answers if pair.kind == SHARED and not _joined(a)]
    print(f"\nshare a turn and are not joined: {', '.join(missed) or 'none'}")
    print(f"CPU s of a pair in the median: {np.median([a['cpu_s'] for _, a in answers]):.1f}")
    reached = not any(a["verdict"] == "seamless" for a in wrong)
    reached &= bool(shared) and sum(map(_joined, shared)) >= JOINED_TO_REACH * len(shared)
    print("reached" if reached else "NOT reached")
    return reached


def _joined(said: dict[str, Any]) -> bool:
    return said["verdict"] in ("seamless", "workable")


def _row(name: str, answers: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    counts = [sum(a["verdict"] == word for a in answers) for word in ("seamless", "workable", "visible", "no match")]
    joined = sum(counts[:2])
    return (name, str(len(answers)), *map(str, counts), limits(counts[0], len(answers)), limits(joined, len(answers)))


def limits(hits: int, of: int) -> str:
    """A share with its exact 95 % limits (Clopper and Pearson 1934), in percent."""
    if not of:
        return "-"
    exact = binomtest(hits, of).proportion_ci(CONFIDENCE, "exact")
    return f"{100 * hits / of:.0f} [{100 * exact.low:.1f}, {100 * exact.high:.1f}]"


def main(arguments: Sequence[str]) -> int:
    """Ask, and print what was said; 0 where both aims are reached."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks matches", description=__doc__)
    parser.add_argument("--each", type=int, default=EACH, help="pairs of a kind, on the backlot and real")
    parser.add_argument("--scenes", type=int, default=SCENES)
    parser.add_argument("--folder", type=Path, default=ledger.CACHE / "matches")
    parser.add_argument("--shot", type=Path, default=ledger.CACHE / "seams", help="where the seams benchmark shot")
    options = parser.parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    code = splices.code_key()
    store = Store(options.folder / f"film-{code}")
    store.open()
    pairs = list(backlot(options.folder, options.shot, options.scenes))
    pairs += real(store) if FOOTAGE.is_dir() else []
    kept = Kept(options.folder / f"matches-{code}.jsonl")
    answers = []
    for pair in picked(pairs, options.each):
        key = f"{pair.kind}/{pair.material}/{pair.name}"
        answers.append((pair, kept.of(key, partial(answer, pair, options.folder, store))))
    return 0 if told(answers) else 1
