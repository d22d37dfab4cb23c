"""The residual: nothing where motion explains all, much where a picture changes."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headturn.picture import residual
from makers import lens, looking, panorama, view

WORLD, OTHER = panorama(3, 256), panorama(4, 256)


def pan(world, first_deg=0.0, frames=8, step_deg=2.0, through=None):
    """A head that turns evenly in a world."""
    yaws = np.radians(first_deg + step_deg * np.arange(frames))
    return [view(world, through or lens(), orientation) for orientation in looking(yaws)]


def test_a_pan_is_explained_by_motion_and_a_cut_is_not():
    uncut = residual.steps(pan(WORLD))
    cut = residual.steps(pan(WORLD)[:4] + pan(OTHER)[4:])
    assert uncut.shape == cut.shape == (7,)
    assert cut.argmax() == 3, "the step into the other world"
    assert cut[3] > 4 * uncut.max()
    np.testing.assert_allclose(np.delete(cut, 3)[:3], uncut[:3])


def test_a_step_of_exposure_is_a_change():
    darker = [cv2.convertScaleAbs(frame, alpha=0.8) for frame in pan(WORLD)]
    steps = residual.steps(pan(WORLD)[:4] + darker[4:])
    assert steps.argmax() == 3
    assert steps[3] > 1.5 * np.median(steps)


def test_frames_that_stay_the_same_leave_nothing():
    frame = pan(WORLD, frames=1)[0]
    np.testing.assert_array_equal(residual.steps([frame] * 3), 0)
    np.testing.assert_array_equal(residual.steps([np.zeros((90, 160), np.uint8)] * 3), 0)


def test_depth_and_size_do_not_matter_much():
    """16 bits and a larger frame are the same picture."""
    small = pan(WORLD)
    wide = [frame.astype(np.uint16) * 257 for frame in small]
    np.testing.assert_allclose(residual.steps(wide), residual.steps(small), rtol=0.06)
    large = pan(WORLD, through=lens(640, 360))
    np.testing.assert_allclose(residual.steps(large).mean(), residual.steps(small).mean(), rtol=0.4)


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_frames_have_no_steps(count):
    assert residual.steps(pan(WORLD, frames=count)).shape == (0,)


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32))
@settings(max_examples=30, deadline=None)
def test_any_frames_give_finite_steps(width, height, seed):
    frames = list(np.random.default_rng(seed).integers(0, 256, (3, height, width, 3), np.uint8))
    assert np.isfinite(residual.steps(frames)).all()
    assert np.isfinite(residual.sharpness(frames)).all()


def test_a_blurred_frame_is_softer():
    frame = pan(WORLD, frames=1)[0]
    sharp, soft = residual.sharpness([frame, cv2.GaussianBlur(frame, (0, 0), 1.5)])
    assert soft < sharp - 0.15
