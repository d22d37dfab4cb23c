"""From shots, their takes and the joins between them to the film: one global choice.

Dynamic programming over all takes of each shot and all candidate joins. A state is a take entered by a join; from
there every join may be taken that leaves the take late enough. The cheapest way through all shots is the film.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from headturn.camera.take import Take
from headturn.clock import Span
from headturn.edit.cut import Cut, Seam, Segment, Splice
from headturn.edit.joins import Join
from headturn.edit.reasons import reasons

CIRCLED_BONUS = 0.5
"""What a circled take is ahead of one without a mark: half the way from seamless to workable."""
LEFT_OUT_COST = 0.5
"""Cost of leaving out a whole take's length: of two equal joins, the one that shows more of the takes wins."""
COVERED_OVERLAP_S = 1 / 15
"""A mix of two frames at 30 a second within what fills the image: a stretch of near darkness is often no longer."""


@dataclass(frozen=True)
class Brief:
    """What the film has to keep.

    min_share: the least share of an unmarked take that must be in the film, 0 to 1
    turn_ramp_s, colour_ramp_s: time on each side of a splice over which rotation, and exposure and colour, go over.
        0.27 s are the trial's 8 frames at 30 a second; over 0.4 s one take is turned far off where the other is not
        seen yet, and to hide that a picture was enlarged by up to 13 % within two frames. Its 15 frames of colour made
        the light of things change visibly faster than in uncut turns: by 0.22 of a logarithm on 32 splices; at 1.5 s by
        0.09 and at 5 s by 0.00 on 66.
    overlap_s: time in which both takes are seen; six frames at 30 a second in the trial
    sound_s: time over which the sound is crossed
    """

    min_share: float = 0.6
    turn_ramp_s: float = 0.27
    colour_ramp_s: float = 5.0
    overlap_s: float = 0.2
    sound_s: float = 0.12


@dataclass(frozen=True)
class Choice:
    """One take in the film: entered by a join (None for the first), left by the next choice's join."""

    take: Take
    entered: Join | None


@dataclass(frozen=True)
class _State:
    cost: float
    take: Take
    entered: Join | None
    before: "_State | None" = field(default=None, repr=False)


def exit_span(take: Take, brief: Brief) -> Span:
    """Where a take may be left at the earliest, were it entered at its start."""
    if take.marked:
        return Span(take.marked.end, take.span.end)
    return Span(take.span.start + _share(take, brief), take.span.end)


def entry_span(take: Take, brief: Brief) -> Span:
    """Where a take may be entered at the latest, were it left at its end."""
    if take.marked:
        return Span(take.span.start, take.marked.start)
    return Span(take.span.start, take.span.end - _share(take, brief))


def choose(
    shots: Sequence[Sequence[Take]], joins: Mapping[tuple[str, str], Sequence[Join]], brief: Brief
) -> tuple[Choice, ...]:
    """The cheapest way through all shots.

    joins: by take ids (outgoing, incoming); each pair of takes of neighbouring shots needs at least the join from end
    to start, so that a way exists. The order of the takes within a shot does not matter.

    Raises:
        ValueError: no way through the shots.
    """
    first, *rest = (sorted(shot, key=lambda take: take.id) for shot in shots)
    states = [_State(_take_cost(take), take, None) for take in first]
    for shot in rest:
        states = [
            _State(best.cost + join.cost + _lost(best, join.out_time) + _take_cost(take), take, join, best)
            for take in shot
            for join, best in _entries(states, take, joins, brief)
        ]
    states = [state for state in states if _keeps_enough(state, _left_at(state.take), brief)]
    if not states:
        raise ValueError("no way through the shots keeps enough of each take")
    end = min(states, key=lambda state: state.cost + _lost(state, _left_at(state.take)))
    chain: list[Choice] = []
    state: _State | None = end
    while state is not None:
        chain.append(Choice(state.take, state.entered))
        state = state.before
    return tuple(reversed(chain))


def _entries(
    states: Sequence[_State], take: Take, joins: Mapping[tuple[str, str], Sequence[Join]], brief: Brief
) -> list[tuple[Join, _State]]:
    """For each join into a take, the cheapest state before it that the join may follow."""
    entries = []
    for before in dict.fromkeys(state.take.id for state in states):
        for join in joins.get((before, take.id), ()):
            able = [s for s in states if s.take.id == before and _keeps_enough(s, join.out_time, brief)]
            if able:
                entries.append((join, min(able, key=lambda state: state.cost + _lost(state, join.out_time))))
    return entries


def _keeps_enough(state: _State, left: Fraction, brief: Brief) -> bool:
    entered, marked = _entered_at(state.take, state.entered), state.take.marked
    if marked:
        return entered <= marked.start and left >= marked.end
    return left > entered and left - entered >= _share(state.take, brief)


def _entered_at(take: Take, entered: Join | None) -> Fraction:
    if entered is not None:
        return entered.in_time
    return take.marked.start if take.marked else take.span.start


def _left_at(take: Take) -> Fraction:
    return take.marked.end if take.marked else take.span.end


def _share(take: Take, brief: Brief) -> Fraction:
    return take.span.duration * Fraction(brief.min_share).limit_denominator(1000)


def _take_cost(take: Take) -> float:
    return -CIRCLED_BONUS if take.mark == "circled" else 0.0


def _lost(state: _State, left: Fraction) -> float:
    """What it costs to leave out the parts of a take before it is entered and after it is left."""
    used = left - _entered_at(state.take, state.entered)
    return LEFT_OUT_COST * float(1 - min(Fraction(1), used / state.take.span.duration))


def cut(choices: Sequence[Choice], *, title: str, rate: Fraction, size: tuple[int, int], brief: Brief) -> Cut:
    """The chosen takes as a cut in whole film frames.

    Each segment starts on the exact time of its in frame; its end is rounded to whole film frames, but never to before
    the end of what is marked.
    """
    segments: list[Segment] = []
    splices: list[Splice] = []
    start = 0
    for index, choice in enumerate(choices):
        entered = _entered_at(choice.take, choice.entered)
        following = choices[index + 1].entered if index + 1 < len(choices) else None
        left = following.out_time if following else _left_at(choice.take)
        frames = max(1, round((left - entered) * rate))
        if choice.take.marked and entered + frames / rate < choice.take.marked.end:
            frames += 1
        source = Span(entered, entered + frames / rate)
        segments.append(Segment(choice.take.id, choice.take.name, source, start, frames))
        start += frames
    for index, choice in enumerate(choices[1:], start=1):
        assert choice.entered is not None
        room = min(segments[index - 1].frames, segments[index].frames) // 2
        seam = seam_of(choice.entered, rate, brief, room)
        splices.append(
            Splice(
                segments[index].start,
                seam,
                choice.entered.verdict,
                choice.entered.cost,
                reasons(choice.entered),
                choice.entered.detectability,
                choice.entered.terms,
            )
        )
    return Cut(title, rate, *size, tuple(segments), tuple(splices))


def seam_of(join: Join, rate: Fraction, brief: Brief, room: int) -> Seam:
    """How a join is rendered: film frames from seconds, and but for light at most `room` frames on each side."""

    def frames(seconds: float) -> int:
        return min(room, max(1, round(seconds * rate)))

    if join.hiding == "nothing":
        # Two places: nothing can be aligned, and a morph or a dissolve would only show that something is hidden. In
        # two like turns the rotation still goes over from one to the other.
        turning = frames(brief.turn_ramp_s) if join.turn_a is not None else 0
        return Seam("nothing", turn_frames=turning, sound_frames=2 * frames(brief.sound_s / 2))
    if join.hiding in ("occluder", "darkness", "flash"):
        # What fills the image hides the change; behind it nothing of either place is turned or graded into the other.
        return Seam(
            join.hiding,
            overlap_frames=2 * frames(COVERED_OVERLAP_S / 2),
            sound_frames=2 * frames(brief.sound_s / 2),
            blend="dissolve",
        )
    return Seam(
        join.hiding,
        a_from_b=join.a_from_b,
        gain=join.gain,
        turn_frames=frames(brief.turn_ramp_s),
        colour_frames=round(brief.colour_ramp_s * rate),
        overlap_frames=2 * frames(brief.overlap_s / 2),
        sound_frames=2 * frames(brief.sound_s / 2),
        blend="wipe",
    )
