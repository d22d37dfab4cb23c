"""Performances: exact at any time, and as different from each other as people are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headturn.backlot.performers import GRAVITY_M_S2, Look, Performer, Script, Walk
from headturn.rotation import angle, compose, integrate, inverse

TURN = np.radians(90)
SCRIPT = Script(
    duration_s=8.0,
    walk=Walk((0.0, 3.0, 6.0, 8.0), ((0.0, 0.0), (0.0, 0.0), (3.5, 0.0), (3.5, 0.0))),
    heading_rad=0.3,
    pitch_rad=0.0,
    looks=(Look(1.0, 0.3 - TURN, 0.0, 0.6), Look(5.0, 0.3, -0.1, 0.5)),
)
STEADY = Performer(timing_s=0, amplitude=0, duration=0, start_m=0, heading_rad=0, jitter_rad=0, bob_m=0, sway_m=0)


def heading(performance, time):
    return performance.spline(time)[3]


def test_a_performer_without_habits_plays_the_script():
    played = STEADY.play(SCRIPT, 1)
    assert heading(played, 0.9) == pytest.approx(0.3, abs=2e-3)
    assert heading(played, 1.3) == pytest.approx(0.3 - TURN / 2, abs=2e-3)
    assert heading(played, 2.5) == pytest.approx(0.3 - TURN, abs=2e-3)
    assert played.matrices(np.array([7.9]))[0][0, :2] == pytest.approx((3.5, 0.0), abs=0.02)
    peak = played.angular_velocity(np.linspace(1.0, 1.6, 601))
    assert np.abs(peak[:, 1]).max() == pytest.approx(1.875 * TURN / 0.6, rel=0.02)
    assert peak[300, 1] > 0  # the heading falls: a turn to the right, positive about y (down)


def test_takes_differ_as_much_as_they_should():
    takes = [Performer(jitter_rad=0).play(SCRIPT, seed) for seed in range(150)]
    clock = np.linspace(0, 8, 4001)
    yaw = np.array([take.spline(clock)[:, 3] for take in takes])
    starts, first = yaw[:, 100], yaw[:, 1250]
    middle = [clock[np.argmax(np.abs(np.gradient(row[:1500])))] for row in yaw]
    later = [clock[2000 + np.argmax(np.abs(np.gradient(row[2000:3500])))] for row in yaw]
    places = np.array([take.matrices(np.array([0.0]))[0][0] for take in takes])
    assert np.std(places[:, :2]) == pytest.approx(0.10, rel=0.25)
    assert np.std(middle) == pytest.approx(0.13, rel=0.25)
    assert np.std(np.subtract(later, middle)) == pytest.approx(0.13, rel=0.3)
    assert np.std(first - starts) == pytest.approx(np.hypot(0.06 * TURN, np.radians(2)), rel=0.25)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), time=st.floats(0.0, 8.0))
def test_orientations_are_rotations_and_motion_is_continuous(seed, time):
    played = Performer().play(SCRIPT, seed)
    positions, turns = played.matrices(np.array([time, time + 1e-3]))
    assert np.allclose(turns @ turns.transpose(0, 2, 1), np.eye(3), atol=1e-9)
    assert np.linalg.det(turns[0]) == pytest.approx(1.0)
    assert np.linalg.norm(positions[1] - positions[0]) < 0.01
    quaternions = played.pose(np.array([time, time + 1e-3]))[1]
    assert angle(compose(inverse(quaternions[:1]), quaternions[1:]))[0] < np.radians(1.2)


def test_angular_velocity_integrates_to_the_orientation():
    played = Performer().play(SCRIPT, 3)
    times = np.arange(0, 8, 1 / 500)
    real = played.pose(times)[1]
    followed = compose(real[:1].repeat(len(times), 0), integrate(times, played.angular_velocity(times)))
    assert angle(compose(inverse(real), followed)).max() < np.radians(0.05)


def test_at_rest_the_accelerometer_feels_gravity_upwards():
    force = STEADY.play(SCRIPT, 1).specific_force(np.array([0.5]))[0]
    assert force == pytest.approx((0.0, -GRAVITY_M_S2, 0.0), abs=0.3)


def test_steps_fall_only_while_walking_and_the_head_bobs_with_them():
    played = Performer(jitter_rad=0).play(SCRIPT, 8)
    assert len(played.steps_s) >= 4
    assert played.steps_s.min() > 2.2 and played.steps_s.max() < 7.6
    walking = np.arange(4.0, 5.6, 0.01)
    bob = np.ptp(played.matrices(walking)[0][:, 2])
    assert 0.025 < bob < 0.08
    assert np.ptp(played.matrices(np.arange(0.2, 1.5, 0.01))[0][:, 2]) < 0.4 * bob
    assert np.median(np.diff(played.steps_s)) == pytest.approx(1 / 1.87, rel=0.12)


def test_a_window_of_a_script_is_the_same_action_sooner():
    whole, part = STEADY.play(SCRIPT, 1), STEADY.play(SCRIPT.window(3.0, 7.0), 1)
    times = np.linspace(0.3, 3.9, 30)
    assert part.duration_s == 4.0
    assert np.allclose(
        part.spline(times)[:, 3], whole.spline(times + 3.0)[:, 3], atol=0.025
    )  # the gait's phase differs
    assert np.allclose(part.matrices(times)[0][:, :2], whole.matrices(times + 3.0)[0][:, :2], atol=0.05)
