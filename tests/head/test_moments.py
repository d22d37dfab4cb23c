"""Moments: a film looks into a take of another rate where the head was at the time, not where the nearest frame was."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headturn import rotation
from headturn.clock import FrameTimes
from headturn.head.moments import AT_A_FRAME, frame_for_frame, moments
from headturn.rotation import IDENTITY
from makers import look_over, looking, rush, take

NTSC = Fraction(1000, 1001)


@pytest.mark.parametrize(
    ("take_rate", "film_rate", "alike"),
    [
        (24, 24, True),
        (24 * NTSC, 24, True),
        (24, 24 * NTSC, True),
        (48, 24, True),
        (60 * NTSC, 30, True),
        (240, 24 * NTSC, True),
        (30, 24, False),
        (25, 24, False),
        (24, 25, False),
        (60, 24, False),
        (50, 30, False),
        (24, 48, False),
        (12, 30, False),
    ],
)
def test_which_rates_are_shown_frame_for_frame(take_rate, film_rate, alike):
    assert frame_for_frame(Fraction(take_rate), Fraction(film_rate)) is alike


def turning(rate, seconds=2.0):
    """A take whose head turns by 120 degrees, and its path as a function of time."""
    made = take("a", round(seconds * rate), rate=rate)
    return rush(made, path_at(np.arange(round(seconds * rate)) / float(rate)))


def path_at(times_s):
    return looking(look_over(times_s, 1.0, 0.8, 120), 0.1 * np.sin(3 * times_s))


rates = st.sampled_from([Fraction(rate) * by for rate in (24, 25, 30, 50, 60) for by in (1, NTSC)])


@given(rates, rates, st.fractions(0, 1, max_denominator=90000))
def test_the_head_is_where_it_was_at_the_moment(take_rate, film_rate, start):
    filmed = turning(take_rate)
    times = [time for time in (start + k / film_rate for k in range(20)) if time in filmed.times.span]
    found = moments(filmed, times, film_rate)
    worlds = filmed.motion.world_from_body
    for turns, index in ((found.turns[:, 0], found.source), (found.turns[:, 1], found.beyond)):
        np.testing.assert_allclose(
            rotation.angle(rotation.compose(rotation.inverse(worlds[index]), found.world_from_image, turns)),
            0,
            atol=1e-6,
        )
    if frame_for_frame(take_rate, film_rate):
        assert not found.share.any()
        assert (found.turns == IDENTITY).all()
        return
    true = path_at(np.array([float(time) for time in times]))
    inside = [filmed.times[0] <= time <= filmed.times[len(filmed.times) - 1] for time in times]
    off = rotation.angle(rotation.compose(rotation.inverse(true), found.world_from_image))[inside]
    nearest = rotation.angle(rotation.compose(rotation.inverse(true), worlds[found.source]))[inside]
    assert (off <= np.maximum(nearest, 1e-6) + 1e-3).all()
    assert off.max(initial=0) < np.radians(0.5)  # of 10 degrees from frame to frame
    assert ((found.share == 0) | ((found.share > AT_A_FRAME) & (found.share <= 0.5))).all()
    assert (np.abs(found.beyond - found.source) == (found.share > 0)).all()


def test_nothing_is_made_up_where_frames_were_lost():
    filmed = turning(Fraction(30))
    kept = np.r_[0:30, 40:60]
    ticks = filmed.times.ticks[kept]
    gap = rush(take("a", 50), path_at(ticks / 30))
    gap = type(gap)(gap.take, FrameTimes(ticks, Fraction(1, 30), 60), gap.motion, gap.turns)
    times = [Fraction(29, 30) + k / Fraction(24) for k in range(9)]
    found = moments(gap, times, Fraction(24))
    lost = [Fraction(29, 30) < time < Fraction(40, 30) for time in times]
    assert not found.share[lost].any()
    assert sum(lost) == 8


def test_a_take_of_one_frame_has_one_moment():
    found = moments(rush(take("a", 1), looking(np.zeros(1))), [Fraction(0), Fraction(1, 40)], Fraction(24))
    assert not found.share.any()
    assert (found.source == 0).all()
