"""Rhythm: where in a step a walker is, and that those who stand are in none."""

import numpy as np
import pytest

from headturn.edit import rhythm
from makers import looking, motion

TIMES = np.arange(300) / 60


def walk(hertz=1.9, late_s=0.0, nod_deg=0.5, turn_deg=0.0, seed=0):
    random = np.random.default_rng(seed)
    pitch = np.radians(nod_deg) * np.sin(2 * np.pi * hertz * (TIMES - late_s)) + random.normal(0, 2e-4, len(TIMES))
    yaw = np.radians(turn_deg) / (1 + np.exp(-12 * (TIMES - 2.5)))
    return motion(TIMES, looking(yaw, pitch, 0.0 * TIMES))


@pytest.mark.parametrize("turn_deg", [0, 90])
@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 0.75])
def test_walkers_are_apart_by_their_delay(share, turn_deg):
    a, b = (rhythm.phase(walk(late_s=late, turn_deg=turn_deg), 2.5) for late in (0.0, share / 1.9))
    assert rhythm.apart(a, b) == pytest.approx(min(share, 1 - share) * 2, abs=0.12)


def test_a_walker_is_in_step_with_himself():
    a = walk()
    assert rhythm.apart(rhythm.phase(a, 2.5), rhythm.phase(a, 2.5 + 1 / 1.9)) < 0.05


@pytest.mark.parametrize("standing", [walk(nod_deg=0.0), walk(nod_deg=0.02), walk(hertz=0.4)])
def test_who_stands_is_in_no_step(standing):
    assert rhythm.phase(standing, 2.5) is None
    assert rhythm.apart(None, 1.0) == 0


def test_noise_is_no_step():
    random = np.random.default_rng(3)
    found = []
    for _ in range(30):
        pitch = np.cumsum(random.normal(0, 2e-3, len(TIMES)))
        found.append(rhythm.phase(motion(TIMES, looking(0 * TIMES, pitch, 0 * TIMES)), 2.5))
    assert sum(phase is not None for phase in found) <= 3


def test_a_take_of_a_few_frames_has_no_rhythm():
    few = motion(TIMES[:3], looking(TIMES[:3]))
    assert rhythm.phase(few, 0.0) is None
