"""A take is compared with its rehearsal turn by turn."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headturn.head.rehearsal import compared
from headturn.head.turns import Turn


def turn(at_s: float, right: bool = True, angle_rad: float = 1.0, peak_rad_s: float = 4.0) -> Turn:
    return Turn(at_s - 0.2, at_s, at_s + 0.2, (0.0, 1.0 if right else -1.0, 0.0), angle_rad, peak_rad_s)


REHEARSED = (turn(2), turn(5, False), turn(9), turn(12, False, 2.0))


def later(turns, by_s):
    return tuple(replace(each, onset_s=each.onset_s + by_s, peak_s=each.peak_s + by_s, settle_s=each.settle_s + by_s)
                 for each in turns)  # fmt: skip


@given(st.floats(-30, 30))
def test_the_same_action_later_is_the_same(by_s):
    found = compared(later(REHEARSED, by_s), REHEARSED)
    assert found.shift_s == pytest.approx(by_s, abs=1e-6)
    assert [pair.rehearsal for pair in found.pairs] == list(REHEARSED)
    assert all(abs(pair.later_s) < 1e-6 and pair.wider == 1 for pair in found.pairs)
    assert not found.missing and not found.added


@given(st.integers(0, 3), st.floats(-5, 5))
def test_a_turn_left_out_is_missing_and_one_too_many_is_added(number, by_s):
    fewer = REHEARSED[:number] + REHEARSED[number + 1 :]
    assert compared(later(fewer, by_s), REHEARSED).missing == (REHEARSED[number],)
    assert compared(REHEARSED, later(fewer, by_s)).added == (REHEARSED[number],)


def test_a_turn_that_comes_late_and_fast_is_told():
    take = (*REHEARSED[:2], turn(9.8, angle_rad=1.2, peak_rad_s=6.0), REHEARSED[3])
    pair = compared(take, REHEARSED).pairs[2]
    assert pair.later_s == pytest.approx(0.8)
    assert (pair.wider, pair.faster) == (pytest.approx(1.2), pytest.approx(1.5))


def test_a_turn_the_other_way_is_another_turn():
    found = compared((turn(2), turn(5), turn(9)), REHEARSED[:3])
    assert found.missing == (REHEARSED[1],) and len(found.added) == 1


@given(st.lists(st.tuples(st.floats(0, 60), st.booleans(), st.floats(0.3, 3)), max_size=8), st.data())
def test_every_turn_is_told_once(drawn, data):
    turns = tuple(sorted((turn(*each) for each in drawn), key=lambda each: each.peak_s))
    other = tuple(data.draw(st.lists(st.sampled_from(turns), unique=True))) if turns else ()
    other = tuple(sorted(other, key=lambda each: each.peak_s))
    found = compared(turns, other)
    assert len(found.pairs) + len(found.added) == len(turns)
    assert len(found.pairs) + len(found.missing) == len(other)


def test_nothing_beside_nothing():
    assert compared((), ()).pairs == ()
    assert compared((), REHEARSED).missing == REHEARSED
