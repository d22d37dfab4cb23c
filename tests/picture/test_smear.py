"""What a longer shutter smears: found where it is known, from two takes of one turn, and none where there is none."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headturn.picture.smear import lacking_s, smeared
from makers import lens, panorama, view

LENS = lens(240, 136)
RATE_PX_S = 400.0
LOOKS = [(1.0, 0.1 * k, 0.05 * k, 0.0) for k in range(6)]


@pytest.fixture(scope="module")
def looks():
    """What a place shows in a few directions, in linear light."""
    world = panorama(3, 512)
    turns = [np.array(look) / np.linalg.norm(look) for look in LOOKS]
    return [(view(world, LENS, turn) / np.float32(255)).astype(np.float32) ** np.float32(2.2) for turn in turns]


def noisy(pictures, seed, sigma=0.004):
    random = np.random.default_rng(seed)
    return [np.clip(each + random.normal(0, sigma, each.shape), 0, 1).astype(np.float32) for each in pictures]


def streams(looks, degrees):
    way = np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))])
    return np.tile(RATE_PX_S * way, (len(looks), 1))


@pytest.mark.parametrize("degrees", [0, 90, 30])
@pytest.mark.parametrize(("open_a_s", "open_b_s"), [(0.0, 0.02), (0.02, 0.0), (0.008, 0.02)])
def test_the_difference_of_two_shutters_is_found(looks, degrees, open_a_s, open_b_s):
    stream = streams(looks, degrees)
    a, b = ([smeared(each, stream[0] * open_s) for each in looks] for open_s in (open_a_s, open_b_s))
    found = lacking_s(noisy(a, 1), noisy(b, 2), stream)
    lacking = open_b_s**2 - open_a_s**2
    assert found == pytest.approx(np.sign(lacking) * np.sqrt(abs(lacking)), rel=0.25)


def test_a_softer_lens_or_another_exposure_is_no_longer_shutter(looks):
    soft = [cv2.GaussianBlur(each, (0, 0), 1.5) * np.float32(0.9) for each in looks]
    assert abs(lacking_s(noisy(looks, 1), noisy(soft, 2), streams(looks, 0))) < 0.004


def test_where_there_is_nothing_to_tell_by_there_is_no_difference():
    grey = [np.full((136, 240, 3), 0.2, np.float32)] * 6
    assert lacking_s(grey, grey, streams(grey, 0)) == 0
    assert lacking_s([], [], np.zeros((0, 2))) == 0


@given(st.tuples(*[st.floats(-30, 30)] * 2))
@settings(max_examples=40, deadline=None)
def test_a_smear_keeps_light_and_place(way):
    point = np.zeros((81, 81, 3), np.float32)
    point[40, 40] = 1
    line = smeared(point, np.array(way))
    y, x = np.mgrid[:81, :81]
    weight = line[..., 0] / line[..., 0].sum()
    assert line.min() >= 0
    assert line[..., 0].sum() == pytest.approx(1, abs=1e-3)
    assert (weight * x).sum() == pytest.approx(40, abs=0.02)
    assert (weight * y).sum() == pytest.approx(40, abs=0.02)
    length = np.hypot(*way)
    along = ((x - 40) * way[0] + (y - 40) * way[1]) / max(length, 1e-9)
    if length > 2:  # an even line of length L has the variance L**2 / 12; bilinear drawing adds up to a fifth
        assert (weight * along**2).sum() == pytest.approx(length**2 / 12, abs=0.6)


def test_no_way_is_no_change(looks):
    assert smeared(looks[0], np.zeros(2)) is looks[0]
