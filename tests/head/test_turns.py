"""Turns found in motions whose turns are known."""

import math
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headturn import rotation
from headturn.clock import Span
from headturn.head.motion import Motion
from headturn.head.turns import Turn, TurnOptions, describe, find, rests

YAW = (0.0, 1.0, 0.0)


def bells(times: np.ndarray, turns: list[tuple[float, float, float, tuple[float, float, float]]]) -> np.ndarray:
    """Rates (n, 3) of turns (middle in s, degrees, duration in s, axis) with the speed of a minimum jerk."""
    rates = np.zeros((len(times), 3))
    for middle, degrees, duration, axis in turns:
        share = np.clip((times - middle) / duration + 0.5, 0, 1)
        unit = np.array(axis) / np.linalg.norm(axis)
        rates += math.radians(degrees) / duration * (30 * share**2 * (1 - share) ** 2)[:, None] * unit
    return rates


def moving(times: np.ndarray, rates: np.ndarray, confidence: float = 1.0) -> Motion:
    orientations = rotation.integrate(times, rates)
    return Motion(times, orientations, rates, "image", False, np.full(len(times), confidence))


def filmed(rates_of: list[tuple[float, float, float, tuple[float, float, float]]], fps: float, until: float) -> Motion:
    """The motion at frame times only, with the rates that image motion has: central differences of orientation."""
    fine = np.arange(0, until, 1 / 2000)
    exact = rotation.integrate(fine, bells(fine, rates_of))
    times = np.arange(0, until - 1 / fps, 1 / fps)
    orientations = rotation.interpolate(fine, exact, times)
    rates = rotation.angular_velocity(times, orientations)
    return Motion(times, orientations, rates, "gyro", False, np.ones(len(times)))


@pytest.mark.parametrize("fps", [24, 30, 60])
@pytest.mark.parametrize(("degrees", "duration"), [(90, 0.5), (-40, 0.3), (120, 0.8), (25, 0.25)])
def test_a_turn_sampled_at_frames_is_the_turn_of_the_exact_motion(fps: float, degrees: float, duration: float) -> None:
    fine = np.arange(0, 2, 1 / 2000)
    script = [(0.9871, degrees, duration, YAW)]
    (truth,) = find(moving(fine, bells(fine, script)))
    (turn,) = find(filmed(script, fps, 2))
    assert turn.onset_s == pytest.approx(truth.onset_s, abs=0.02)
    assert turn.peak_s == pytest.approx(truth.peak_s, abs=0.01)
    assert turn.settle_s == pytest.approx(truth.settle_s, abs=0.02)
    assert math.degrees(turn.angle_rad) == pytest.approx(math.degrees(truth.angle_rad), abs=1.0)
    assert turn.direction == ("right" if degrees > 0 else "left")
    assert math.degrees(truth.angle_rad) == pytest.approx(abs(degrees), rel=0.06)
    assert truth.peak_rad_s == pytest.approx(math.radians(abs(degrees)) / duration * 1.875, rel=1e-3)


def test_there_and_back_are_two_turns() -> None:
    there, back = find(filmed([(1.0, 60, 0.4, YAW), (1.35, -60, 0.4, YAW)], 30, 2.5))
    assert (there.direction, back.direction) == ("right", "left")
    assert there.settle_s <= back.onset_s


def test_a_rest_parts_a_turn_in_two_and_a_hesitation_does_not() -> None:
    assert len(find(filmed([(1.0, 60, 0.4, YAW), (1.6, 60, 0.4, YAW)], 30, 3))) == 2
    (one,) = find(filmed([(1.0, 60, 0.4, YAW), (1.36, 60, 0.4, YAW)], 30, 3))
    assert math.degrees(one.angle_rad) == pytest.approx(120, abs=6)


def test_a_turn_about_another_axis_follows_without_overlap() -> None:
    first, second = find(filmed([(1.0, 70, 0.4, YAW), (1.35, 50, 0.4, (-1, 0, 0))], 30, 2.5))
    assert (first.direction, second.direction) == ("right", "down")
    assert first.settle_s <= second.onset_s


def test_gait_slow_pans_and_noise_are_no_turns() -> None:
    times = np.arange(0, 10, 1 / 30)
    random = np.random.default_rng(0)
    running = np.radians(110) * np.sin(2 * np.pi * 2.8 * times)[:, None] * np.array([1, 0.2, 0.4])
    assert find(moving(times, running + random.normal(0, 0.05, (len(times), 3)))) == ()
    assert find(moving(times, bells(times, [(5.0, 170, 8.0, YAW)]))) == ()
    assert find(moving(times, random.normal(0, 0.3, (len(times), 3)))) == ()


def test_a_turn_while_walking_keeps_its_times() -> None:
    times = np.arange(0, 4, 1 / 60)
    bob = np.radians(15) * np.sin(2 * np.pi * 1.9 * times)[:, None] * np.array([1, 0.3, 0.5])
    clean = bells(times, [(2.0, 90, 0.5, YAW)])
    (walking,), (standing,) = find(moving(times, clean + bob)), find(moving(times, clean))
    assert walking.onset_s == pytest.approx(standing.onset_s, abs=0.02)
    assert walking.settle_s == pytest.approx(standing.settle_s, abs=0.02)


def test_what_nobody_can_see_is_no_turn() -> None:
    times = np.arange(0, 2, 1 / 30)
    rates = bells(times, [(1.0, 80, 0.4, YAW)])
    assert find(moving(times, rates, confidence=0.05)) == ()
    assert len(find(moving(times, rates, confidence=0.5))) == 1


def test_turns_at_the_ends_of_a_clip_are_cut_there() -> None:
    times = np.arange(0, 2, 1 / 30)
    first, last = find(moving(times, bells(times, [(0.0, 90, 0.6, YAW), (2.0, -90, 0.6, YAW)])))
    assert first.onset_s == 0.0
    assert last.settle_s == pytest.approx(times[-1])


def test_a_whole_spin_is_more_than_half_a_circle() -> None:
    (spin,) = find(filmed([(1.5, 340, 1.5, YAW)], 30, 3))
    assert math.degrees(spin.angle_rad) == pytest.approx(340, rel=0.05)


def test_thresholds_are_options() -> None:
    motion = filmed([(1.0, 20, 0.5, YAW)], 30, 2)
    assert len(find(motion)) == 1
    assert find(motion, TurnOptions(least_angle_deg=25)) == ()
    assert find(motion, TurnOptions(least_speed_deg_s=90)) == ()


@pytest.mark.parametrize("count", [0, 1, 2])
def test_hardly_any_samples_have_no_turns(count: int) -> None:
    times = np.arange(count) / 30
    still = np.tile(rotation.IDENTITY, (count, 1))
    assert find(Motion(times, still, np.zeros((count, 3)), "image", False, np.ones(count))) == ()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.2, 6), st.sampled_from([24.0, 30.0, 60.0]))
def test_turns_are_ordered_apart_and_as_large_as_asked(seed: int, strength: float, fps: float) -> None:
    random = np.random.default_rng(seed)
    times = np.arange(0, 6, 1 / fps)
    waves = sum(
        random.normal(0, 1, 3) * np.sin(random.uniform(0.5, 9) * times + random.uniform(0, 6))[:, None]
        for _ in range(4)
    )
    found = find(moving(times, strength * np.asarray(waves)))
    for turn in found:
        assert times[0] <= turn.onset_s <= turn.peak_s + 1 / fps and turn.peak_s - 1 / fps <= turn.settle_s <= times[-1]
        assert turn.onset_s < turn.settle_s
        assert turn.angle_rad >= math.radians(15) and turn.peak_rad_s >= math.radians(60) * 0.999
        assert np.linalg.norm(turn.axis) == pytest.approx(1)
    for before, after in pairwise(found):
        assert before.settle_s <= after.onset_s + 1e-9


def turn(axis: tuple[float, float, float], onset_s: float = 0.0, settle_s: float = 1.0) -> Turn:
    return Turn(onset_s, (onset_s + settle_s) / 2, settle_s, axis, math.radians(92), math.radians(310))


@pytest.mark.parametrize(
    ("axis", "direction"),
    [
        ((0, -1, 0), "left"),
        ((0, 1, 0), "right"),
        ((1, 0, 0), "up"),
        ((-1, 0, 0), "down"),
        ((0, 0, 1), "roll right"),
        ((0, 0, -1), "roll left"),
        ((-0.6, -0.8, 0), "left and down"),
        ((0.2, -0.97, 0.1), "left"),
        ((0.577, 0.578, -0.577), "right and up"),
    ],
)
def test_directions_have_words(axis: tuple[float, float, float], direction: str) -> None:
    assert turn(axis).direction == direction


def test_a_turn_reads_like_a_sentence() -> None:
    assert describe(turn((0, -1, 0))) == "left, 92 degrees, at 310 degrees a second"


def test_rests_are_what_lies_between_the_turns() -> None:
    turns = (turn((0, 1, 0), 1.0, 1.5), turn((0, 1, 0), 3.0, 3.5))
    assert rests(turns, Span(Fraction(0), Fraction(4))) == ((0.0, 1.0), (1.5, 3.0), (3.5, 4.0))
    assert rests(turns, Span(Fraction(5, 4), Fraction(3))) == ((1.5, 3.0),)
    assert rests((), Span(Fraction(0), Fraction(1))) == ((0.0, 1.0),)
