"""What a take says of its rig: how it lies, turns, bobs and shakes, from motions in which all of that is known."""

from dataclasses import replace

import numpy as np
import pytest

from headturn import rotation
from headturn.head import turns
from headturn.head.turns import TurnOptions
from headturn.review import rigs
from makers import look_over, looking, motion

Z_UP = rotation.from_vector(np.array([[-np.pi / 2, 0.0, 0.0]]))
"""From the makers' world, whose y points down, into one whose z points up."""
TIMES = np.arange(0, 12, 1 / 60)


def worn(yaw=0.0, pitch=0.0, roll=0.0, level=True):
    """A motion with angles in degrees over time."""
    count = len(TIMES)
    moved = motion(TIMES, looking(*(np.broadcast_to(np.radians(each), count) for each in (yaw, pitch, roll))))
    return replace(moved, world_from_body=rotation.compose(Z_UP, moved.world_from_body), level=level)


def figures(moved):
    return rigs.figures(moved, turns.find(moved, TurnOptions()))


@pytest.mark.parametrize(("tilt", "roll"), [(0, 0), (12, 0), (-20, 5), (3, -8)])
def test_a_rig_lies_as_it_was_mounted(tilt, roll):
    sway = 0.5 * np.sin(TIMES)
    found = figures(worn(sway, tilt, roll)).bearing
    other = figures(worn(sway, -tilt, -roll)).bearing
    assert found is not None and other is not None
    assert abs(np.degrees(found.tilt_rad)) == pytest.approx(abs(tilt), abs=0.5)
    assert abs(np.degrees(found.roll_rad)) == pytest.approx(abs(roll), abs=0.5)
    assert np.degrees(found.tilt_rad + other.tilt_rad) == pytest.approx(0, abs=0.5)


def test_who_looks_up_looks_up():
    up = rotation.from_vector(np.array([[np.radians(20.0), 0, 0]]))  # about x, right: the view rises
    lies = worn()
    raised = replace(lies, world_from_body=rotation.compose(lies.world_from_body, up))
    found = rigs.figures(raised, ()).bearing
    assert found is not None and np.degrees(found.tilt_rad) == pytest.approx(20, abs=0.1)


def test_without_gravity_nothing_is_said_of_it():
    assert figures(worn(0.5 * np.sin(TIMES), level=False)).bearing is None


@pytest.mark.parametrize("hz", [1.75, 2.0, 2.5])
def test_steps_are_counted_and_measured(hz):
    found = figures(worn(0.2 * np.sin(TIMES), 0.6 * np.sin(2 * np.pi * hz * TIMES))).steps
    assert found is not None
    assert found.rate_hz == pytest.approx(hz, abs=0.13)
    assert np.degrees(found.bob_rad) == pytest.approx(0.6 / np.sqrt(2), rel=0.2)


def test_who_stands_takes_no_steps():
    random = np.random.default_rng(3)
    assert figures(worn(0.02 * random.standard_normal(len(TIMES)).cumsum())).steps is None
    assert figures(worn(0.0, 0.05 * random.standard_normal(len(TIMES)))).steps is None


def test_turns_and_their_reach():
    found = figures(worn(np.degrees(look_over(TIMES, 5.0, 0.6, 80))))
    assert found.turns == 1
    assert np.degrees(found.reach_rad) == pytest.approx(80, abs=6)
    assert found.peak_rad_s[0] == found.peak_rad_s[1]
    assert np.degrees(found.peak_rad_s[1]) > 150


def test_shake_is_what_is_fast_and_no_turn():
    calm = figures(worn(np.degrees(look_over(TIMES, 5.0, 0.6, 80))))
    shaken = figures(worn(np.degrees(look_over(TIMES, 5.0, 0.6, 80)) + 0.2 * np.sin(2 * np.pi * 9 * TIMES)))
    assert np.degrees(calm.shake_rad_s) < 1
    assert np.degrees(shaken.shake_rad_s) == pytest.approx(0.2 * 2 * np.pi * 9 / np.sqrt(2), rel=0.15)


def test_very_short_takes_are_no_error():
    short = worn()
    for count in (1, 2, 3, 20):
        at = slice(0, count)
        cut = replace(
            short, times_s=short.times_s[at], world_from_body=short.world_from_body[at],
            rates_rad_s=short.rates_rad_s[at], confidence=short.confidence[at],
        )  # fmt: skip
        assert rigs.figures(cut, ()).steps is None
