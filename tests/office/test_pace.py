"""The pace of a crew and the forecast to wrap, in productions drawn by chance."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from headturn.office import pace


def production(rng, days, level, learning, scatter):
    mean = level * np.arange(1, days + 1) ** learning
    return rng.poisson(rng.gamma(1 / scatter, scatter * mean))


def test_nothing_matched_has_no_pace():
    assert pace.fitted([]) is None and pace.fitted([0, 0]) is None


def test_few_days_tell_no_trend():
    told = pace.fitted([1, 2, 5])
    assert told.weekly is None and "no trend can be told yet" in told.sentence


def test_a_crew_that_gets_faster_is_told_so_and_one_that_slows_down():
    counts = np.round(4 * np.arange(1, 31) ** 0.5).astype(int)
    assert "getting faster" in pace.fitted(counts).sentence
    assert "getting slower" in pace.fitted(counts[::-1]).sentence
    assert "no trend" in pace.fitted([3, 4] * 15).sentence


def test_the_same_days_give_the_same_forecast():
    told = [pace.forecast(pace.fitted([1, 2, 3, 2, 4, 3]), 20) for _ in range(2)]
    assert told[0].days == told[1].days and told[0].days.low <= told[0].days.middle <= told[0].days.high


@settings(max_examples=10)
@given(st.lists(st.integers(0, 30), min_size=1, max_size=40), st.integers(0, 200))
def test_a_forecast_is_in_order(counts, remaining):
    told = pace.fitted(counts)
    if told is None:
        assert not sum(counts)
        return
    ahead = pace.forecast(told, remaining)
    assert 0 <= ahead.days.low <= ahead.days.middle <= ahead.days.high
    assert np.all(np.diff(ahead.ahead) >= 0) and np.all(ahead.low <= ahead.high)
    assert (told.low <= told.mean).all() and (told.mean <= told.high).all()


def test_the_interval_covers_about_what_it_says():
    """Crews whose learning and scatter are drawn as the method expects them: 80 % within, as far as 80 draws tell."""
    rng = np.random.default_rng(7)
    covered = asked = 0
    while asked < 80:
        learning, scatter = rng.normal(0, pace.LEARNING_SPREAD), rng.choice(pace.SCATTER)
        shots = production(rng, 600, rng.uniform(1, 5), learning, scatter)
        seen, remaining = 12, 40
        done = np.cumsum(shots[seen:])
        told = pace.fitted(shots[:seen])
        if told is None or done[-1] < remaining:
            continue
        truth = int(np.argmax(done >= remaining)) + 1
        days = pace.forecast(told, remaining).days
        asked += 1
        covered += days.low <= truth <= days.high
    assert 0.68 <= covered / asked <= 0.95  # four fifths, within three standard errors
