"""What moves by itself between two aligned images is found, measured and told from what only the camera does."""

from functools import cache

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headturn import rotation
from headturn.edit import look
from headturn.edit.cost import MOVER_FREE
from headturn.edit.look import Glance
from headturn.edit.mover import STILL
from headturn.rotation import IDENTITY
from makers import lens, looking, panorama, view

STRAIGHT, CIRCLE = lens(400, 226, 95), lens(300, 300, 120, circle_px=146)
WORLD = panorama(1)


@cache
def image(through, yaw_deg=0.0):
    seen = view(WORLD, through, looking(np.radians(yaw_deg))[0])
    seen.setflags(write=False)
    return seen


def ball(picture, x_share, y_share, radius_share=0.06):
    """The picture with a ball in it that far across and down, white before the dark, else black."""
    height, width = picture.shape[:2]
    centre, radius = (round(x_share * width), round(y_share * height)), max(1, round(radius_share * width))
    behind = cv2.circle(np.zeros((height, width), np.uint8), centre, radius, 1, -1) > 0
    shade = 10 if picture[behind].mean() > 128 else 245
    return cv2.circle(picture.copy(), centre, radius, (shade,) * 3, -1)


def mover(a, b, through=STRAIGHT, a_from_b=IDENTITY):
    return look.compare(Glance(a, through), Glance(b, through), a_from_b).mover


places = st.floats(0.2, 0.8)


@given(st.sampled_from([STRAIGHT, CIRCLE]), st.floats(-6, 6))
@settings(max_examples=8, deadline=None)
def test_where_only_the_camera_turns_nothing_moves(through, yaw_deg):
    found = mover(image(through), image(through, yaw_deg), through, looking(np.radians(yaw_deg))[0])
    assert found.size < MOVER_FREE


@given(places, st.floats(0.3, 0.7))
@settings(max_examples=8, deadline=None)
def test_a_ball_that_comes_from_nowhere_is_found_where_it_is(x, y):
    found = mover(image(STRAIGHT), ball(image(STRAIGHT), x, y))
    ray = STRAIGHT.rays(np.array([[x * 400, y * 226]]))[0]
    assert found.size > MOVER_FREE
    assert np.degrees(found.right_rad - np.arctan2(ray[0], ray[2])) == pytest.approx(0, abs=5)
    assert np.degrees(found.down_rad - np.arctan2(ray[1], np.hypot(ray[0], ray[2]))) == pytest.approx(0, abs=5)
    assert 3 < np.degrees(found.across_rad) < 25


def test_a_ball_in_two_places_is_more_than_one_that_is_carried_by_the_turn():
    a, b = ball(image(STRAIGHT), 0.3, 0.5), ball(image(STRAIGHT), 0.7, 0.5)
    assert mover(a, a) == STILL
    assert mover(a, b).size > 2 * MOVER_FREE


def test_what_is_larger_counts_for_more():
    sizes = [mover(image(STRAIGHT), ball(image(STRAIGHT), 0.5, 0.5, radius)).size for radius in (0.01, 0.05, 0.1, 0.2)]
    assert sizes == sorted(sizes)
    assert sizes[0] < MOVER_FREE < sizes[1]


@pytest.mark.parametrize("yaw_deg", [0, 5])
def test_the_order_of_both_images_makes_no_difference(yaw_deg):
    a, b = image(STRAIGHT), ball(image(STRAIGHT, yaw_deg), 0.4, 0.6, 0.1)
    turn = looking(np.radians(yaw_deg))[0]
    there, back = mover(a, b, a_from_b=turn), mover(b, a, a_from_b=rotation.inverse(turn))
    assert there.size == pytest.approx(back.size, rel=0.15)


def test_a_mirrored_pair_gives_the_mirrored_mover():
    a, b = image(STRAIGHT), ball(image(STRAIGHT), 0.3, 0.6, 0.1)
    found, mirrored = mover(a, b), mover(np.fliplr(a).copy(), np.fliplr(b).copy())
    assert mirrored.size == pytest.approx(found.size, rel=0.1)
    assert mirrored.right_rad == pytest.approx(-found.right_rad, abs=np.radians(2))
    assert mirrored.down_rad == pytest.approx(found.down_rad, abs=np.radians(2))


def test_parallax_that_flow_can_follow_is_no_mover():
    """A near half that stands 2 % of the width elsewhere: 10 cm at 2.5 m."""
    near = image(STRAIGHT).copy()
    near[120:] = np.roll(near[120:], 8, axis=1)
    jumped = mover(image(STRAIGHT), ball(image(STRAIGHT), 0.5, 0.5, 0.1)).size
    assert mover(image(STRAIGHT), near).size < jumped / 4


@pytest.mark.parametrize("value", [0, 128, 255])
def test_noise_on_an_even_wall_does_not_move(value):
    random = np.random.default_rng(0)
    a, b = (np.clip(value + random.normal(0, 2, (226, 400, 3)), 0, 255).astype(np.uint8) for _ in range(2))
    assert mover(a, b) == STILL


@pytest.mark.parametrize("size", [(16, 16), (8, 40), (2, 2), (480, 2)])
def test_tiny_images_hold_no_movers(size):
    random = np.random.default_rng(0)
    a, b = (random.integers(0, 255, (*size[::-1], 3)).astype(np.uint8) for _ in range(2))
    found = mover(a, b, lens(*size))
    assert np.isfinite([found.size, found.right_rad, found.down_rad, found.across_rad]).all()


def test_views_that_do_not_overlap_hold_no_mover():
    assert mover(image(STRAIGHT), image(STRAIGHT, 180), a_from_b=looking(np.pi)[0]) == STILL
