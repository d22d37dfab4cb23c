"""A first look: joins in turns for an answer on set, from as few frames as tell it.

`edit.joins` aligns every pair of turns that go alike, at the sharpest frames, and looks on until nothing is left. Here
two takes are aligned at key frames beside their turns, which need no others to be decoded. From the first turns that
show one place, image motion tells how far apart all others look, so that the most promising come next; and looking ends
with as many seamless joins as are told. They are compared as there, frame by frame.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from headturn.clock import Span
from headturn.edit import look, meet
from headturn.edit.cost import Pair, gathered
from headturn.edit.detectability import WORKABLE_CHANCE
from headturn.edit.detectability import chance as chance_of
from headturn.edit.join import NO_AIDS, NOTHING_CHEAP, Aids, Cheap, Glances, Join, JoinOptions
from headturn.edit.joins import CERTAIN_POINTS, HOPEFUL_POINTS, compared, elsewhere, nearest_pairs, rank, with_sound
from headturn.edit.look import Alignment
from headturn.edit.meet import HEADING_RAD, Bridge, Meeting
from headturn.edit.place import ANCHOR_S
from headturn.head.rush import Rush
from headturn.head.turns import Turn

ENOUGH = 3
"""Seamless joins, each in turns of its own, with which looking ends: as many are told."""
BESIDE_S = 5 / 30, 0.7
"""From the peak of a turn to a key frame that stands for what is seen before or after it: at least what `joins` tries,
at most a little more than it takes cameras to their next key frame (half a second)."""
BLURRED_SHARE = 0.5
"""Of the turn's peak speed: a frame that turns faster is not taken for its view."""
BRIDGED_RAD = np.radians(6.0)
"""How far off the heading of turns may be that another pair of turns tells: they are up to half a minute away, a gyro
drifts by some degrees a minute, and a walker sees near things from elsewhere."""
Aligned = tuple[Meeting, Bridge, Alignment]


def find(
    a: Rush,
    b: Rush,
    out_span: Span,
    in_span: Span,
    glances: Glances,
    options: JoinOptions,
    aids: Aids = NO_AIDS,
) -> tuple[Join, ...]:
    """The best join of each pair of turns that was looked at, best first; none where no turns go alike.

    out_span, in_span: where A may be left and B entered, as for `joins.find`, whose verdicts these are. Turns that show
    two places are told as no join, however fast they are.
    """
    exits = meet.usable(a, out_span, 0.0, options.handle_s)
    entries = meet.usable(b, in_span, options.handle_s, 0.0)
    cheap = {rush.take.id: aids.cheap(rush.take.id) if aids.cheap else NOTHING_CHEAP for rush in (a, b)}
    met = [
        _of_shown(meeting, cheap[a.take.id], cheap[b.take.id])
        for meeting in meet.meetings(a, b, exits, entries, options)
    ]
    search = _Search([meeting for meeting in met if meeting], glances, cheap, options)
    found: list[Join] = []
    while missing := ENOUGH - sum(join.verdict == "seamless" for join in found):
        meetings = [meeting for _ in range(missing) if (meeting := search.next_aligned(a, b))]
        if not meetings:
            break
        found += search.looked_at(meetings)
    found += [elsewhere(a, b, meeting, lambda take, frames: {}) for meeting in search.elsewhere]
    heard = found if aids.hear is None else [with_sound(join, aids.hear) for join in found]
    return tuple(sorted(heard, key=rank))


class _Search:
    """The pairs of turns that wait to be looked at, and what is known from those that were."""

    def __init__(
        self, waiting: list[Meeting], glances: Glances, cheap: Mapping[str, Cheap], options: JoinOptions
    ) -> None:
        self.waiting, self.glances, self.cheap, self.options = waiting, glances, cheap, options
        self.elsewhere: list[Meeting] = []
        self.tries = options.turn_pairs
        self.known: Bridge | None = None
        self.points = 0

    def next_aligned(self, a: Rush, b: Rush) -> Aligned | None:
        """The most promising pair of turns that shows one place; None where no other promises anything."""
        while self.waiting and self.tries:
            hopes = [self._least_cost(meeting) for meeting in self.waiting]
            best = int(np.argmin(hopes))
            if chance_of((("", hopes[best]),)) >= WORKABLE_CHANCE:
                return None
            self.tries -= 1
            meeting = self.waiting.pop(best)
            found = self._aligned(a, b, meeting)
            if found is None:
                self.elsewhere.append(meeting)
                continue
            bridge, alignment = found
            if alignment.points > self.points:
                self.known, self.points = bridge, alignment.points
            return meeting, bridge, alignment
        return None

    def _least_cost(self, meeting: Meeting) -> float:
        """What the best pair of frames of two turns costs at least, as far as motion tells."""
        cost = 0.6 * meeting.rate_cost
        if self.known is not None:
            apart = self.known.headings(meeting.frames_a, meeting.frames_b)
            cost = cost + np.maximum(apart - BRIDGED_RAD, 0) / HEADING_RAD
        return float(cost.min())

    def _aligned(self, a: Rush, b: Rush, meeting: Meeting) -> tuple[Bridge, Alignment] | None:
        """The visual alignment of two turns by what is seen after or before them. None: not the same place.

        Where hardly anything agrees on one side, the other is not tried: of 84 pairs of takes of `lap`, `house`, `shop`
        and `fridge` that changed no answer.
        """
        best: tuple[Bridge, Alignment] | None = None
        for side in (1, -1):
            frame_a, frame_b = (
                _beside(rush, turn, side, self.cheap[rush.take.id].keys)
                for rush, turn in ((a, meeting.turn_a), (b, meeting.turn_b))
            )
            views_a, views_b = self.glances(a.take.id, [frame_a]), self.glances(b.take.id, [frame_b])
            if frame_a not in views_a or frame_b not in views_b:
                continue
            alignment = look.align(views_a[frame_a], views_b[frame_b])
            if alignment.same_place and (best is None or alignment.points > best[1].points):
                best = meet.bridged(a, b, frame_a, frame_b, alignment.a_from_b), alignment
            if alignment.points >= CERTAIN_POINTS or alignment.points < HOPEFUL_POINTS:
                break
        return best

    def looked_at(self, meetings: Sequence[Aligned]) -> list[Join]:
        """The best join of each pair of turns; their frames are decoded in one go."""
        pairs = [self._on_the_way(nearest_pairs(meeting, bridge, self.options)) for meeting, bridge, _ in meetings]
        views = gathered([pair for each in pairs for pair in each], self.glances)
        found = [
            compared(each, bridge, alignment, views)
            for each, (_, bridge, alignment) in zip(pairs, meetings, strict=True)
        ]
        return [min(joins, key=rank) for joins in found if joins]

    def _on_the_way(self, pairs: Sequence[Pair]) -> list[Pair]:
        """The best pair of frames, and those that cost little more, in either take."""

        def near(rush: Rush, frame: int, best: int) -> bool:
            cheap, times_s = self.cheap[rush.take.id], rush.times.seconds
            if np.isinf(cheap.reach_s):
                return True
            between = (cheap.keys > min(frame, best)) & (cheap.keys <= max(frame, best))
            return bool(times_s[frame] - times_s[best] <= cheap.reach_s) and not between.any()

        return [
            pair
            for pair in pairs
            if near(pair.a, pair.out_frame, pairs[0].out_frame) and near(pair.b, pair.in_frame, pairs[0].in_frame)
        ]


def _of_shown(meeting: Meeting, cheap_a: Cheap, cheap_b: Cheap) -> Meeting | None:
    """Two turns with only the frames that are looked at for little; None where nothing is left of them."""
    if cheap_a.shown is None and cheap_b.shown is None:
        return meeting
    frames_a, frames_b = (
        frames if cheap.shown is None else cheap.shown
        for frames, cheap in ((meeting.frames_a, cheap_a), (meeting.frames_b, cheap_b))
    )
    left = meet.within(meeting, frames_a, frames_b)
    return left if left.rate_cost.size and np.isfinite(left.rate_cost).any() else None


def _beside(rush: Rush, turn: Turn, side: int, keys: NDArray[np.int64]) -> int:
    """The frame that stands for what is seen before (-1) or after (1) a turn: a sharp key frame, where one is near."""
    wanted_s = turn.peak_s + side * ANCHOR_S
    off = side * (rush.times.seconds[keys] - turn.peak_s)
    speed = np.linalg.norm(rush.motion.rates_rad_s[keys], axis=1)
    fit = keys[(off >= BESIDE_S[0]) & (off <= BESIDE_S[1]) & (speed <= BLURRED_SHARE * turn.peak_rad_s)]
    if not len(fit):
        return meet.frame_at(rush, wanted_s)
    return int(fit[np.argmin(np.abs(rush.times.seconds[fit] - wanted_s))])
