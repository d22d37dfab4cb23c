"""The sensor: exposure that lags, noise that grows in the dark, corners that darken."""

from concurrent.futures import ThreadPoolExecutor
from math import radians

import numpy as np
import pytest

from headturn.backlot.sensor import AutoExposure, Noise, Optics, Sensor, WhiteBalance
from headturn.camera.lens import rectilinear

LENS = rectilinear(160, 90, horizontal_fov_rad=radians(80))
QUIET, FLAT, NEUTRAL, AUTOMATIC = Noise(0.0, 0.0), Optics(vignetting_stops=0), WhiteBalance(), AutoExposure()
STEP_S = 1 / 30


@pytest.fixture(scope="module")
def threads():
    with ThreadPoolExecutor(1) as pool:
        yield pool


def sensor(threads, *, noise=QUIET, optics=FLAT, balance=NEUTRAL, exposure=AUTOMATIC, seed=1):
    return Sensor(LENS, exposure, balance, noise, optics, seed, threads)


def grey(level):
    return np.full((90, 160, 3), level, np.float32)


def test_exposure_follows_a_change_with_its_time_constant(threads):
    eye = sensor(threads, exposure=AutoExposure(lag_s=0.5))
    bright = eye.meter(grey(0.4), STEP_S)
    gains = [eye.meter(grey(0.1), STEP_S) for _ in range(90)]
    assert gains[0] < 1.2 * bright and gains[-1] == pytest.approx(4 * bright, rel=0.02)
    halfway = next(i for i, gain in enumerate(gains) if gain > 2 * bright)
    assert 0.2 < halfway * STEP_S < 0.5
    assert np.all(np.diff(gains) > -1e-9)


def test_the_bias_is_in_stops(threads):
    plain, over = (sensor(threads, exposure=AutoExposure(bias_stops=bias)) for bias in (0.0, 0.5))
    assert over.meter(grey(0.2), STEP_S) / plain.meter(grey(0.2), STEP_S) == pytest.approx(2**0.5)


def test_noise_grows_with_gain_and_never_repeats(threads):
    eye = sensor(threads, noise=Noise())
    spread = [float(eye.develop(grey(0.2 / gain), gain, 0.0, 3).std()) for gain in (1.0, 4.0, 16.0)]
    assert spread[0] < spread[1] < spread[2]
    one, two = (eye.develop(grey(0.2), 4.0, 0.0, number).copy() for number in (3, 4))
    assert not np.array_equal(one, two)
    assert np.array_equal(one, eye.develop(grey(0.2), 4.0, 0.0, 3))
    assert abs(np.corrcoef(one[:, 1:].ravel(), one[:, :-1].ravel())[0, 1]) < 0.05


def test_corners_darken_and_white_balance_drifts(threads):
    shaded = sensor(threads, optics=Optics(vignetting_stops=1.0)).develop(grey(0.3), 1.0, 0.0, 0)
    assert int(shaded[45, 80, 1]) > int(shaded[0, 0, 1]) + 20
    drifting = sensor(threads, balance=WhiteBalance(0.04, -0.04, 0.02, 0.0))
    first, later = (drifting.develop(grey(0.3), 1.0, time, 0)[45, 80].astype(int) for time in (0.0, 10.0))
    assert first[0] > first[1] > first[2] and later[0] > first[0] and later[2] == first[2]


def test_highlights_are_kept_apart(threads):
    eye = sensor(threads)
    levels = [int(eye.develop(grey(level), 1.0, 0.0, 0)[45, 80, 1]) for level in (0.5, 0.9, 1.4, 2.0)]
    assert levels == sorted(set(levels)) and levels[-1] <= 255


def test_a_dirty_lens_veils(threads):
    clean, dirty = (
        sensor(threads, optics=Optics(vignetting_stops=0, dirt=dirt)).develop(grey(0.3), 1.0, 0.0, 0).astype(float)
        for dirt in (0.0, 1.0)
    )
    assert clean.std() < 1 < dirty.std()
