"""What is held before the camera is found by standing still while the world streams, and is not turned with it."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headturn.camera import light
from headturn.picture import held, seams
from headturn.picture.seams import Shot
from headturn.rotation import from_vector
from makers import lens, looking, panorama, view

LENS = lens(240, 136)
WORLDS = [panorama(seed, 256) for seed in (3, 4)]
PROP = np.array([[150, 135], [172, 78], [186, 82], [192, 135]], np.int32)


def with_prop(frame):
    """A tool with an edge and a stripe, held low on the right."""
    frame = cv2.fillPoly(frame.copy(), [PROP], 60)
    return cv2.line(frame, (160, 134), (178, 86), 200, 2)


def turn(world, step_deg=4.0, frames=16, axis=1):
    """Grey frames of a head that turns, and how far the picture streamed in all."""
    path = looking(*(np.radians(step_deg * np.arange(frames)) * (k == axis) for k in (1, 0)))
    greys = [cv2.cvtColor(view(world, LENS, orientation), cv2.COLOR_RGB2GRAY) for orientation in path]
    stream = np.radians(step_deg * frames) * LENS.focal_mean_px * np.array([-1.0, 0.0] if axis else [0.0, 1.0])
    return greys, stream


def cells_of(prop):
    return cv2.resize((prop > 0).astype(np.float32), (32, 18), interpolation=cv2.INTER_AREA)


@pytest.mark.parametrize("world", WORLDS)
def test_a_prop_is_found_and_nothing_else(world):
    frames, stream = turn(world)
    cells = held.standing_still([with_prop(frame) for frame in frames], stream)
    truth = cells_of(cv2.fillPoly(np.zeros((136, 240), np.uint8), [PROP], 1))
    assert cells is not None
    assert cells[truth > 0.9].mean() > 0.9
    assert not cells[cv2.dilate(truth, np.ones((3, 3))) == 0].any()


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("axis", [0, 1])
def test_the_world_is_not_held(world, axis):
    assert held.standing_still(*turn(world, axis=axis)) is None


def test_exposure_that_follows_the_turn_hides_no_prop():
    frames, stream = turn(WORLDS[0])
    dimmed = [cv2.convertScaleAbs(with_prop(f), alpha=1 - 0.02 * k) for k, f in enumerate(frames)]
    assert held.standing_still(dimmed, stream) is not None


def test_where_nothing_streams_nothing_is_said():
    frames, _ = turn(WORLDS[0])
    still = [with_prop(frames[0])] * 16
    assert held.standing_still(still, np.array([3.0, 0.0])) is None
    assert held.standing_still(still[:2], np.array([-300.0, 0.0])) is None


def test_black_frames_hold_nothing():
    assert held.standing_still([np.zeros((136, 240), np.uint8)] * 16, np.array([-200.0, 0.0])) is None


@given(st.lists(st.integers(0, 575), max_size=80))
def test_cells_are_kept_in_digits(chosen):
    cells = np.zeros(held.GRID, np.bool_)
    cells.ravel()[chosen] = True
    share = held.share(held.packed(cells), 320, 180)
    middles = share[5::10, 5::10]
    assert (middles[cells] > 0.5).all()
    assert share.min() >= 0
    assert (share.max() <= 0) == (not chosen)


@pytest.mark.parametrize("digits", ["", "00", "zz" * 72, "0" * 146])
def test_other_digits_are_refused(digits):
    with pytest.raises(ValueError, match=r"digits|hexadecimal"):
        held.share(digits, 64, 36)


def test_what_is_held_stays_while_the_world_is_turned():
    rgb = cv2.fillPoly(view(WORLDS[0], LENS, looking(0.2)[0]), [PROP], (200, 60, 60))
    picture = light.linear_from_video(rgb)
    cells = cells_of(cv2.fillPoly(np.zeros((136, 240), np.uint8), [PROP], 1)) > 0.25
    turned = from_vector(np.radians([0.0, 2.0, 0.0]))
    stays = seams.seen(Shot(picture, LENS, turned, 1.05, np.ones(3), held.packed(cells)))[0]
    goes = seams.seen(Shot(picture, LENS, turned, 1.05, np.ones(3)))[0]
    inside = cv2.fillPoly(np.zeros((136, 240), np.uint8), [PROP], 1) > 0
    assert np.abs(stays - picture)[inside].mean() < 0.1 * np.abs(goes - picture)[inside].mean()
    np.testing.assert_allclose(stays[:, :90], goes[:, :90], atol=1e-6)
