"""Assembly: the cheapest way through all shots, against all ways; what may never be lost; the cut it makes."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headturn.clock import NTSC
from headturn.edit import assemble
from headturn.edit.assemble import CIRCLED_BONUS, LEFT_OUT_COST, Brief
from headturn.edit.joins import Join
from headturn.edit.look import NOT_ALIGNED
from makers import take

RATE = Fraction(30)
FRAMES = 60
STILL = (1.0, 0.0, 0.0, 0.0)


def join(a, b, out_frame, in_frame, cost=1.0, hiding="turn"):
    """A join of two takes at frames of both."""
    rate_a, rate_b = a.clip.image.rate, b.clip.image.rate
    times = Fraction(out_frame) / rate_a, Fraction(in_frame) / rate_b
    return Join(a.id, b.id, out_frame, in_frame, *times, hiding, STILL, (1.0, 1.0, 1.0), (("cost", cost),), NOT_ALIGNED)


def end_to_start(a, b, cost=5.0):
    """The join that every pair has: all of A, then all of B."""
    last = replace(join(a, b, 0, 0, cost, "nothing"), out_time=a.span.end, in_time=b.span.start)
    return replace(last, out_frame=round(a.span.end * a.clip.image.rate))


marks = st.one_of(
    st.none(),
    st.tuples(st.integers(0, FRAMES), st.integers(0, FRAMES)).filter(lambda ab: ab[0] != ab[1]).map(sorted),
)


@st.composite
def problems(draw):
    """Up to four shots of up to three takes, some marked, with a few joins between each two of neighbouring shots."""
    shots = []
    for number in range(draw(st.integers(1, 4))):
        shot = []
        for rival in range(draw(st.integers(1, 3))):
            marked = draw(marks)
            circled = draw(st.sampled_from([None, None, "circled"]))
            marked = marked and [frame / RATE for frame in marked]
            shot.append(take(f"{number}{rival}", FRAMES, mark=circled, marked=marked))
        shots.append(shot)
    frame, cost = st.integers(0, FRAMES - 1), st.floats(0, 4)
    joins = {}
    for before, after in pairwise(shots):
        for a, b in product(before, after):
            found = [join(a, b, *drawn) for drawn in draw(st.lists(st.tuples(frame, frame, cost), max_size=3))]
            joins[a.id, b.id] = (*sorted(found, key=lambda j: j.cost), end_to_start(a, b))
    return shots, joins, Brief(min_share=draw(st.sampled_from([0.0, 0.3, 0.6, 1.0])))


def stretch(made, entered, left):
    """From when to when a take is in the film, given the joins before and after it."""
    start = entered.in_time if entered else made.marked.start if made.marked else made.span.start
    return start, left.out_time if left else made.marked.end if made.marked else made.span.end


def kept(made, entered, left, brief):
    """Whether as much of a take is in the film as must be."""
    start, end = stretch(made, entered, left)
    if made.marked:
        return start <= made.marked.start and end >= made.marked.end
    return end > start and (end - start) / made.span.duration >= Fraction(str(brief.min_share))


def price(takes, used, brief):
    """What one way through the shots costs; None where it loses too much of a take."""
    total = sum(each.cost for each in used)
    for made, entered, left in zip(takes, (None, *used), (*used, None), strict=True):
        if not kept(made, entered, left, brief):
            return None
        start, end = stretch(made, entered, left)
        total += LEFT_OUT_COST * float(1 - (end - start) / made.span.duration)
        total -= CIRCLED_BONUS if made.mark == "circled" else 0
    return total


def all_prices(shots, joins, brief):
    for takes in product(*shots):
        for used in product(*(joins[a.id, b.id] for a, b in pairwise(takes))):
            yield price(takes, used, brief)


@given(problems())
@settings(max_examples=150)
def test_no_way_through_the_shots_is_cheaper(problem):
    shots, joins, brief = problem
    choices = assemble.choose(shots, joins, brief)
    assert [choice.take in shot for choice, shot in zip(choices, shots, strict=True)] == [True] * len(shots)
    chosen = price([c.take for c in choices], [c.entered for c in choices[1:]], brief)
    assert chosen is not None, "too much of a take is lost"
    assert chosen == pytest.approx(min(p for p in all_prices(*problem) if p is not None))


@given(problems(), st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_the_order_of_the_takes_in_a_shot_changes_nothing(problem, random):
    shots, joins, brief = problem
    shuffled = [random.sample(shot, len(shot)) for shot in shots]
    pairs = list(joins.items())
    random.shuffle(pairs)
    assert assemble.choose(shuffled, dict(pairs), brief) == assemble.choose(shots, joins, brief)


def locked(shots, joins, choices, last):
    """The same problem with the first shots decided: only their chosen takes, entered only as they were."""
    left = [[choice.take] for choice in choices[:last]] + shots[last:]
    fixed = {(a.take.id, b.take.id): (b.entered,) for a, b in pairwise(choices[:last])}
    return left, {**joins, **fixed}


@given(problems(), st.data())
@settings(max_examples=150)
def test_what_is_locked_stands_whatever_comes_in_after_it(problem, data):
    shots, joins, brief = problem
    try:
        before = assemble.choose(shots, joins, brief)
    except ValueError:
        return  # marks of neighbours leave no way
    last = data.draw(st.integers(1, len(shots)))
    fixed_shots, fixed_joins = locked(shots, joins, before, last)
    assert assemble.choose(fixed_shots, fixed_joins, brief) == before, "locking what was chosen changes nothing"
    grown, frame = [list(shot) for shot in fixed_shots], st.integers(0, FRAMES - 1)
    if last < len(shots):
        at = data.draw(st.integers(last, len(shots) - 1))
        neighbours = [*grown[at - 1], *(grown[at + 1] if at + 1 < len(grown) else [])]
        new = take("new", FRAMES, mark=data.draw(st.sampled_from([None, "circled"])))
    else:
        at, neighbours, new = last, grown[-1], take("new", FRAMES)
        grown.append([])
    for other in neighbours:
        pair = (other, new) if other in grown[at - 1] else (new, other)
        found = [join(*pair, *drawn) for drawn in data.draw(st.lists(st.tuples(frame, frame, st.floats(0, 4))))]
        fixed_joins[pair[0].id, pair[1].id] = (*found, end_to_start(*pair))
    grown[at].append(new)
    try:
        after = assemble.choose(grown, fixed_joins, brief)
    except ValueError:
        assert last == len(shots), "the way that was there is still there"
        return  # the new shot cannot be reached from what is locked
    assert after[:last] == before[:last]


def test_equal_takes_are_chosen_by_their_id_and_not_by_chance():
    rivals = [take(id) for id in "cba"]
    after = take("z")
    joins = {(each.id, "z"): (end_to_start(each, after),) for each in rivals}
    assert assemble.choose([rivals, [after]], joins, Brief())[0].take.id == "a"


def test_a_circled_take_wins_over_a_slightly_better_join_and_not_over_a_much_better_one():
    plain, circled, after = take("p"), take("q", mark="circled"), take("z")
    for ahead, wins in ((CIRCLED_BONUS - 0.1, circled), (CIRCLED_BONUS + 0.1, plain)):
        joins = {
            ("p", "z"): (end_to_start(plain, after, 1.0),),
            ("q", "z"): (end_to_start(circled, after, 1.0 + ahead),),
        }
        assert assemble.choose([[plain, circled], [after]], joins, Brief())[0].take is wins


def test_of_equal_joins_the_one_that_shows_more_wins_on_both_sides():
    a, b = take("a", FRAMES), take("b", FRAMES)
    joins = [join(a, b, out, into, 0.5) for out, into in ((40, 20), (56, 20), (40, 2), (56, 2))]
    chosen = assemble.choose([[a], [b]], {("a", "b"): tuple(joins)}, Brief())[1].entered
    assert (chosen.out_frame, chosen.in_frame) == (56, 2)


def test_the_last_take_keeps_its_share_too():
    """A join may lie outside what was asked for, where a take is too short to leave handles."""
    a, b = take("a", FRAMES), take("b", FRAMES, marked=(0, 1))
    late = join(a, b, 50, 40, 0.0)
    chosen = assemble.choose([[a], [b]], {("a", "b"): (late, end_to_start(a, b))}, Brief())
    assert chosen[1].entered.in_time == 0
    with pytest.raises(ValueError, match="no way"):
        assemble.choose([[a], [b]], {("a", "b"): (late,)}, Brief())


@pytest.mark.parametrize("marked", [None, (0, 2), (0, 1), (1, 2), (Fraction(1, 3), Fraction(5, 3))])
@pytest.mark.parametrize("min_share", [0.0, 0.6, 1.0])
def test_all_of_one_then_all_of_the_next_is_always_a_way(marked, min_share):
    takes = [take(id, FRAMES, marked=marked) for id in "abc"]
    brief = Brief(min_share=min_share)
    joins = {(a.id, b.id): (end_to_start(a, b),) for a, b in pairwise(takes)}
    for made in takes:
        out, into = assemble.exit_span(made, brief), assemble.entry_span(made, brief)
        assert out.end == made.span.end
        assert into.start == made.span.start
    choices = assemble.choose([[made] for made in takes], joins, brief)
    film = assemble.cut(choices, title="film", rate=RATE, size=(64, 36), brief=brief)
    must = takes[0].marked or takes[0].span
    assert film.segments[1].source == takes[1].span
    assert film.segments[0].source.start == must.start
    assert film.segments[2].source.end == must.end


@given(st.integers(0, FRAMES - 1), st.integers(1, FRAMES), st.sampled_from([0.0, 0.25, 0.6, 1.0]))
def test_leaving_or_entering_within_the_spans_keeps_what_must_be_kept(start, end, min_share):
    brief = Brief(min_share=min_share)
    marked = (start / RATE, end / RATE) if start < end else None
    made, other = take("a", FRAMES, marked=marked), take("b", FRAMES)
    out, into = assemble.exit_span(made, brief), assemble.entry_span(made, brief)
    left = replace(end_to_start(made, other), out_time=out.start)
    entered = replace(end_to_start(other, made), in_time=into.end)
    assert kept(made, end_to_start(other, made), left, brief) or out.start == made.span.start
    assert kept(made, entered, end_to_start(made, other), brief) or into.end == made.span.end


def test_one_shot_of_one_take_is_a_film():
    only = take("a", FRAMES)
    choices = assemble.choose([[only]], {}, Brief(min_share=1.0))
    film = assemble.cut(choices, title="film", rate=RATE, size=(64, 36), brief=Brief())
    assert film.frames == FRAMES
    assert not film.splices


# The cut of the choices


@given(problems(), st.sampled_from([RATE, Fraction(25), 24 * NTSC, 60 * NTSC]))
@settings(max_examples=100)
def test_the_cut_shows_what_was_chosen(problem, rate):
    shots, joins, brief = problem
    choices = assemble.choose(shots, joins, brief)
    film = assemble.cut(choices, title="film", rate=rate, size=(64, 36), brief=brief)
    lefts = [*(choice.entered for choice in choices[1:]), None]
    for segment, choice, left in zip(film.segments, choices, lefts, strict=True):
        start, end = stretch(choice.take, choice.entered, left)
        assert segment.source.start == start
        assert abs(segment.source.end - end) < 1 / rate
        if choice.take.marked:
            assert segment.source.end >= choice.take.marked.end
    for splice, choice in zip(film.splices, choices[1:], strict=True):
        assert splice.verdict == choice.entered.verdict
        assert splice.reasons
        assert splice.seam.hiding == choice.entered.hiding


def test_a_seam_lasts_as_long_at_any_rate_and_never_longer_than_its_takes():
    a, b = take("a", FRAMES), take("b", FRAMES)
    brief = Brief(turn_ramp_s=0.25, colour_ramp_s=0.5, overlap_s=0.2, sound_s=0.1)
    for rate in (25, 50):
        seam = assemble.seam_of(join(a, b, 30, 30), Fraction(rate), brief, 1000)
        assert seam.turn_frames == pytest.approx(rate * 0.25, abs=0.5)
        assert seam.colour_frames == pytest.approx(rate * 0.5, abs=0.5)
        assert seam.overlap_frames == pytest.approx(rate * 0.2, abs=1)
    tight = assemble.seam_of(join(a, b, 30, 30), Fraction(25), brief, 1)
    assert tight.reach == 1
    assert assemble.seam_of(join(a, b, 30, 30), Fraction(25), brief, 0).reach == 0


def test_what_cannot_be_aligned_is_neither_morphed_nor_graded():
    a, b = take("a", FRAMES), take("b", FRAMES)
    seam = assemble.seam_of(join(a, b, 30, 30, hiding="nothing"), RATE, Brief(), 100)
    assert (seam.turn_frames, seam.colour_frames, seam.overlap_frames, seam.gain) == (0, 0, 0, (1.0, 1.0, 1.0))
    assert seam.sound_frames > 0


@pytest.mark.parametrize("hiding", ["occluder", "darkness", "flash"])
def test_behind_what_fills_the_image_nothing_is_turned_or_graded(hiding):
    found = replace(join(take("a", FRAMES), take("b", FRAMES), 30, 30, hiding=hiding), gain=(2.0, 1.0, 1.0))
    seam = assemble.seam_of(found, RATE, Brief(), 100)
    assert (seam.hiding, seam.blend) == (hiding, "dissolve")
    assert seam.a_from_b == (1.0, 0.0, 0.0, 0.0)
    assert seam.gain == (1.0, 1.0, 1.0)
    assert seam.reach == seam.overlap_frames // 2 == 1
    assert seam.sound_frames > 0
