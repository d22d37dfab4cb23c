"""Detectability: dearer joins are caught more, words are thresholds on it, and viewers' answers correct it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headturn.edit import detectability
from headturn.edit.detectability import MACHINES, Answers, calibrated, chance, verdict

costs = st.floats(0, 8)


@given(costs, costs)
def test_what_costs_more_is_caught_more(one, other):
    low, high = sorted([one, other])
    assert 0 < chance([("framing", low)]) <= chance([("framing", high)]) < 1


@given(st.floats(0, 1), st.floats(0, 1), st.sampled_from(["turn", "occluder", "darkness", "flash", "rest", "nothing"]))
def test_words_are_thresholds(one, other, hiding):
    order = ["seamless", "workable", "visible"]
    low, high = (order.index(verdict(each, hiding, True)) for each in sorted([one, other]))
    assert low <= high
    assert order.index(verdict(one, hiding, False)) >= order.index(verdict(one, hiding, True))


def answers(shift, scale, count, shown=20):
    """Viewers whose eyes differ from the machines' by a shift and a scale, on splices of all costs."""
    random = np.random.default_rng(0)
    said = []
    for cost in np.linspace(0.2, 4, count):
        right = 0.5 + 0.5 * detectability.Calibration(shift, scale).chance([("all", cost)])
        said.append(Answers((("all", float(cost)),), shown, int(random.binomial(shown, right))))
    return said


def test_without_answers_the_machines_decide():
    assert calibrated([]) == MACHINES
    assert calibrated([Answers((("all", 1.0),), 0, 0)]) == MACHINES


def test_many_answers_decide_and_are_counted():
    found = calibrated(answers(1.5, 1.2, 40))
    assert found.answers == 800
    terms = [("all", 1.0)]
    assert found.chance(terms) == pytest.approx(detectability.Calibration(1.5, 1.2).chance(terms), abs=0.1)


def test_eyes_that_tell_better_than_machines_are_believed():
    """They see nothing of a cost of 0.5, and half of the splices that cost 2."""
    found = calibrated(answers(-1.94 * 2 - detectability.BIAS, 1.94 / detectability.SLOPE, 40))
    assert found.chance([("all", 0.5)]) < 0.15
    assert found.chance([("all", 2.0)]) == pytest.approx(0.5, abs=0.12)
    assert found.chance([("all", 3.5)]) > 0.8


def test_a_few_answers_change_little():
    seen = calibrated([Answers((("all", 0.5),), 2, 2)])
    assert 0 < seen.chance([("all", 0.5)]) - chance([("all", 0.5)]) < 0.2


def test_viewers_who_only_guess_find_a_splice_harder_than_machines_do():
    assert calibrated([Answers((("all", 2.5),), 100, 50)]).chance([("all", 2.5)]) < 0.2 < chance([("all", 2.5)])


@pytest.mark.parametrize(("shown", "caught"), [(1, 2), (3, -1)])
def test_answers_that_cannot_be_are_refused(shown, caught):
    with pytest.raises(ValueError, match="more often"):
        calibrated([Answers((), shown, caught)])
