"""Which take of a folder can follow which, without looking at every pair of them.

An index over all turns proposes partners; only these are looked at. Where no turn serves, takes that both show no world
for a moment, or one place at some moments, are.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol, TypeVar

import numpy as np

from headturn.edit import index, joins, meet, place
from headturn.edit.index import Places
from headturn.edit.join import NO_AIDS, Aids, Glances, Join, JoinOptions
from headturn.edit.meet import Meeting
from headturn.edit.place import Sights
from headturn.head.rush import Rush

Pair = tuple[int, int]
"""Numbers of two takes, the one that is left first."""
Progress = Callable[[int, int], None]
"""Told how many pairs of takes are done, and how many there are as far as is known."""
_Value = TypeVar("_Value")

ALIKE = 0.43
"""Likeness of descriptions from which two takes are looked at for a rest that they share: three quarters of 456 aligned
pairs of views of `house`, `lap` and `shop` are more alike; the median of pairs that do not align is 0.10."""


class Keep(Protocol):
    """Handed in by those who keep what was found before: stands between what is asked for and the work it takes."""

    def sights(self, rush: Rush, frames: Sequence[int], make: Callable[[], Sights]) -> Sights:
        """The features of some frames of a take."""

    def joins(self, a: Rush, b: Rush, where: object, make: Callable[[], Sequence[Join]]) -> Sequence[Join]:
        """The joins of two takes in one pair of turns or wherever else it says."""


class EveryTime:
    """Keeps nothing."""

    def sights(self, rush: Rush, frames: Sequence[int], make: Callable[[], Sights]) -> Sights:
        """Looks."""
        return make()

    def joins(self, a: Rush, b: Rush, where: object, make: Callable[[], Sequence[Join]]) -> Sequence[Join]:
        """Searches."""
        return make()


def meetings(
    rushes: Sequence[Rush],
    glances: Glances,
    options: JoinOptions,
    on_progress: Progress = lambda done, total: None,
    aids: Aids = NO_AIDS,
    keep: Keep = EveryTime(),  # noqa: B008  # holds nothing
) -> tuple[Join, ...]:
    """The best join for each ordered pair of takes that has one, best first.

    In turns; where a pair has no seamless one, behind what covers both, and where it has none worth the name, at rest.
    Only joins that hide something are told; a pair that is not told has none, or was not looked at because
    `options.partners` other takes were more promising. Where a turn is seamless, no others of the pair are looked at.
    """
    rushes = sorted(rushes, key=lambda rush: rush.take.id)
    search = _Search(rushes, glances, options, aids, keep)
    places, entries = index.entered(rushes, partial(turn_sights, glances=glances, keep=keep))
    likely = index.candidates(entries, options)
    found: dict[tuple[int, int], Join] = {}
    for number, (pair, turns) in enumerate(_side_by_side(likely)):
        on_progress(number, len(likely))
        search.add(found, pair, search.in_turns(pair, turns))
    others = _side_by_side(dict.fromkeys(search.otherwise(places, found)))
    for number, (pair, _) in enumerate(others, start=len(likely)):
        on_progress(number, len(likely) + len(others))
        search.add(found, pair, search.without_turns(pair))
    on_progress(len(likely) + len(others), len(likely) + len(others))
    return tuple(sorted(found.values(), key=joins.rank))


def _side_by_side(pairs: Mapping[Pair, _Value]) -> list[tuple[Pair, _Value]]:
    """Both ways of two takes one after the other: they look at the same images."""
    return sorted(pairs.items(), key=lambda each: (*sorted(each[0]), each[0]))


def turn_sights(rush: Rush, glances: Glances, keep: Keep) -> Sights:
    """What is seen before and after each turn of a take, turn by turn."""
    frames = [frame for turn in rush.turns for frame in place.anchor_frames(rush, turn)]
    return keep.sights(rush, frames, partial(place.sights, rush, frames, glances))


def _rest_sights(rush: Rush, glances: Glances, keep: Keep) -> Sights:
    frames = place.rest_frames(rush)
    return keep.sights(rush, frames, partial(place.sights, rush, frames, glances))


@dataclass(frozen=True, eq=False)
class _Search:
    """What every step of a search needs to ask of the takes."""

    rushes: Sequence[Rush]
    glances: Glances
    options: JoinOptions
    aids: Aids
    keep: Keep

    def add(self, found: dict[Pair, Join], pair: Pair, joined: Sequence[Join]) -> None:
        """Note the best that hides something, if it is better than what is known; it is listened to."""
        hidden = [join for join in joined if join.hiding != "nothing"]
        if hidden:
            best = min(hidden, key=joins.rank)
            if self.aids.hear is not None and not any(name == "sound" for name, _ in best.terms):
                best = joins.with_sound(best, self.aids.hear)
            found[pair] = min(best, found.get(pair, best), key=joins.rank)

    def in_turns(self, pair: Pair, turns: Sequence[tuple[int, int, float]]) -> list[Join]:
        """The joins in some pairs of turns, each with what its places add."""
        a, b = (self.rushes[number] for number in pair)
        exits = meet.usable(a, a.take.span, 0.0, self.options.handle_s)
        entries = meet.usable(b, b.take.span, self.options.handle_s, 0.0)
        met: list[tuple[float, int, Meeting]] = []
        for i, j, unlike in turns:
            meeting = meet.meet(a, b, a.turns[i], b.turns[j], exits, entries, self.options)
            if meeting is not None:
                met.append((0.6 * float(meeting.rate_cost.min()) + unlike, len(met), meeting))
        found: list[Join] = []
        for _, _, meeting in sorted(met)[: self.options.turn_pairs]:
            where = meeting.turn_a, meeting.turn_b
            looked = partial(joins.in_turns, a, b, [meeting], self.glances, self.options)
            found += self.keep.joins(a, b, where, looked)
            if any(join.verdict == "seamless" for join in found):
                break
        return found

    def without_turns(self, pair: Pair) -> list[Join]:
        """The joins behind covers and at rest that are worth the name, and leave something of A."""
        a, b = (self.rushes[number] for number in pair)
        calm = replace(self.options, turn_pairs=0)
        looked = partial(joins.find, a, b, a.take.span, b.take.span, self.glances, calm, self.aids)
        found = self.keep.joins(a, b, "without turns", looked)
        return [join for join in found if join.verdict != "visible" and join.out_frame > 0]

    def otherwise(self, places: Places, found: Mapping[Pair, Join]) -> list[Pair]:
        """The pairs of takes to look at where no turn serves."""
        count = range(len(self.rushes))
        poor = {(a, b) for a in count for b in count if a != b and _verdict(found, (a, b)) != "seamless"}
        none = {pair for pair in poor if _verdict(found, pair) != "workable"}
        return [*self._covered(poor), *self._alike(places, none)]

    def _covered(self, pairs: set[Pair]) -> list[Pair]:
        """Of some pairs those in which one kind of cover comes in both takes: of each take the most alike in light."""
        if self.aids.covers is None:
            return []
        wanted = sorted({number for pair in pairs for number in pair})
        takes = {number: self.rushes[number].take for number in wanted}
        seen = {number: self.aids.covers(take.id, take.span) for number, take in takes.items()}
        apart = {
            (a, b): min(
                (abs(one.level - other.level) for one in seen[a] for other in seen[b] if one.kind == other.kind),
                default=np.inf,
            )
            for a, b in pairs
        }
        return _nearest_of_each({pair: each for pair, each in apart.items() if np.isfinite(each)}, self.options)

    def _alike(self, places: Places, pairs: set[Pair]) -> list[Pair]:
        """Of some pairs those that show one place at some moments: of each take the most alike."""
        wanted = sorted({number for pair in pairs for number in pair})
        seen = [_rest_sights(self.rushes[number], self.glances, self.keep) for number in wanted]
        if not places.axes.size:  # not one turn in all the folder
            places = index.learnt([view for each in seen for view in each])
        if not pairs or not places.axes.size:
            return []
        views = np.stack([places.along(list(each)) for each in seen])
        row = {number: index for index, number in enumerate(wanted)}
        unlike = {(a, b): 1 - float((views[row[a]] @ views[row[b]].T).max()) for a, b in pairs}
        return _nearest_of_each({pair: each for pair, each in unlike.items() if each <= 1 - ALIKE}, self.options)


def _verdict(found: Mapping[Pair, Join], pair: Pair) -> str:
    return found[pair].verdict if pair in found else ""


def _nearest_of_each(apart: Mapping[Pair, float], options: JoinOptions) -> list[Pair]:
    """The pairs of each take with its `options.partners` nearest."""
    pairs = sorted(apart)
    owner = np.array([first for first, _ in pairs], np.int64)
    chosen = index.best_of_each(owner, np.array([apart[pair] for pair in pairs]), options.partners)
    return [pair for pair, kept in zip(pairs, chosen, strict=True) if kept]
