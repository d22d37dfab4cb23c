"""How much brighter one take is, from what both show; and how that goes on over the overlap."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headturn.camera import light
from headturn.picture import colour, seams
from headturn.picture.seams import Shot
from headturn.rotation import IDENTITY
from makers import lens, looking, panorama, view

WORLD = panorama(3, 256)


def shot(yaw=0.0, factors=(1, 1, 1), world=WORLD):
    """A view in which each channel is exposed so many times as long."""
    picture = light.linear_from_video(view(world, lens(), looking(yaw)[0])) * 0.6
    picture = seams.exposed(picture, np.array(factors, np.float32)) if any(factors) else np.zeros_like(picture)
    return Shot(picture, lens(), IDENTITY, 1.0, np.ones(3))


@pytest.mark.parametrize("factors", [(1, 1, 1), (0.7, 0.75, 0.9), (1.3, 1.2, 1.0), (2.0, 1.9, 1.8)])
def test_the_ratio_is_that_of_the_light_whatever_parallax_is_left(factors):
    a, b = shot(), shot(0.03, factors)
    found = colour.ratio(a, b, seams.flows(a, b))
    np.testing.assert_allclose(found, -np.log(factors), atol=0.02)


def test_black_takes_say_nothing():
    black = shot(factors=(0, 0, 0))
    assert colour.ratio(black, black, seams.flows(black, black)) is None


slopes = st.tuples(*[st.floats(-0.019, 0.019)] * 3)
levels = st.tuples(*[st.floats(-1, 1)] * 3)


@given(levels, slopes, st.integers(3, 14), st.sampled_from([24, 30]))
def test_a_drift_is_found(level, slope, count, rate):
    offsets = np.arange(count) - count / 2 + 0.5
    ratios = {float(offset): np.array(level) + offset * np.array(slope) for offset in offsets}
    at_splice, drift = colour.path(ratios, rate)
    np.testing.assert_allclose(at_splice, level, atol=1e-9)
    np.testing.assert_allclose(drift, slope, atol=1e-9)


def test_one_odd_frame_does_not_tilt_it():
    ratios = {offset + 0.5: np.zeros(3) for offset in range(-6, 6)}
    ratios[4.5] = np.full(3, 2.0)
    at_splice, drift = colour.path(ratios, 30)
    np.testing.assert_allclose(at_splice, 0, atol=1e-12)
    np.testing.assert_allclose(drift, 0, atol=1e-12)


def test_a_lamp_that_is_switched_on_is_no_drift():
    ratios = {offset + 0.5: np.full(3, float(offset >= 0)) for offset in range(-6, 6)}
    assert (np.abs(colour.path(ratios, 30)[1]) <= colour.MOST_DRIFT_S / 30).all()
