"""Do two frames match: the rotation between them, what is left after it, and what is no place at all."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headturn import rotation
from headturn.camera import light
from headturn.edit import look
from headturn.edit.look import NOT_ALIGNED, Glance
from headturn.rotation import IDENTITY
from makers import lens, looking, panorama, view

STRAIGHT, CIRCLE = lens(400, 226, 95), lens(300, 300, 120, circle_px=146)
WORLD, ELSEWHERE = panorama(1), panorama(2)


def glance(through=STRAIGHT, yaw_deg=0.0, pitch_deg=0.0, roll_deg=0.0, world=WORLD, stops=0.0):
    """What is seen looking somewhere; `stops` brighter or darker."""
    seen = view(world, through, looking(*np.radians([yaw_deg, pitch_deg, roll_deg]))[0])
    if stops:
        seen = light.codes_from_linear(light.linear_from_video(seen) * np.float32(2**stops))
    return Glance(seen, through)


@cache
def at_rest(through):
    return glance(through)


def off_deg(found, a, b):
    """How far a found a_from_b is from the truth, with both views given as (yaw, pitch, roll) in degrees."""
    truth = rotation.compose(rotation.inverse(looking(*np.radians(a))[0]), looking(*np.radians(b))[0])
    return float(np.degrees(rotation.angle(rotation.compose(rotation.inverse(np.array(found)), truth))))


@given(st.sampled_from([STRAIGHT, CIRCLE]), st.floats(-18, 18), st.floats(-10, 10), st.floats(-15, 15))
@settings(max_examples=10, deadline=None)
def test_the_rotation_between_two_views_is_found(through, yaw, pitch, roll):
    found = look.align(at_rest(through), glance(through, yaw, pitch, roll))
    assert found.same_place
    assert off_deg(found.a_from_b, (0, 0, 0), (yaw, pitch, roll)) < 0.3


def test_alignment_is_the_other_way_round_from_the_other_side():
    a, b = at_rest(STRAIGHT), glance(yaw_deg=8, roll_deg=5)
    there, back = (np.array(look.align(*pair).a_from_b) for pair in ((a, b), (b, a)))
    assert np.degrees(rotation.angle(rotation.compose(there, back))) < 0.3
    assert look.align(a, b) == look.align(a, b), "chance has no say"


def test_views_of_two_worlds_are_two_places():
    found = [look.align(at_rest(STRAIGHT), glance(yaw_deg=yaw, world=ELSEWHERE)) for yaw in (0, 90, 180)]
    assert not any(each.same_place for each in found)


def test_a_burnt_in_clock_is_no_place():
    """The same small thing at the same pixels of both: plenty of points, in a corner of the image."""
    clock = np.random.default_rng(0).integers(0, 255, (6, 24, 3)).astype(np.uint8).repeat(6, 0).repeat(6, 1)
    glances = []
    for world in (WORLD, ELSEWHERE):
        image = at_rest(STRAIGHT).image.copy() if world is WORLD else glance(world=ELSEWHERE).image.copy()
        image[4:40, 4:148] = clock
        glances.append(Glance(image, STRAIGHT))
    found = look.align(*glances)
    assert found.points >= 3, "the clock is recognised"
    assert not found.same_place


BLANKS = {
    "black": np.zeros((226, 400, 3), np.uint8),
    "white": np.full((226, 400, 3), 255, np.uint8),
    "grey": np.full((226, 400, 3), 90, np.uint8),
    "noise": np.random.default_rng(0).integers(0, 255, (226, 400, 3)).astype(np.uint8),
    "one light": np.pad(np.full((20, 20, 3), 255, np.uint8), ((80, 126), (160, 220), (0, 0))),
}


@pytest.mark.parametrize("name", BLANKS)
def test_what_shows_nothing_aligns_with_nothing(name):
    blank = Glance(BLANKS[name], STRAIGHT)
    for a, b in ((blank, at_rest(STRAIGHT)), (at_rest(STRAIGHT), blank)):
        assert not look.align(a, b).same_place
        turn, seen = look.refined(a, b, IDENTITY)
        assert np.isfinite([*turn, seen.likeness, seen.flow_left, *seen.gain, seen.blur_ratio]).all()
        assert seen.likeness < 0.5
    if name not in ("noise", "one light"):
        assert look.align(blank, blank) == NOT_ALIGNED


@pytest.mark.parametrize("size", [(16, 16), (64, 36), (2, 2), (480, 2)])
def test_tiny_images_are_no_trouble(size):
    tiny = Glance(np.zeros((*size[::-1], 3), np.uint8), lens(*size))
    assert look.align(tiny, tiny) == NOT_ALIGNED
    assert look.compare(tiny, tiny, IDENTITY).likeness < 0.5


# What is left after the rotation


@pytest.mark.parametrize("through", [STRAIGHT, CIRCLE])
def test_one_view_differs_from_itself_by_nothing(through):
    seen = look.compare(at_rest(through), at_rest(through), IDENTITY)
    assert seen.likeness > 0.99
    assert seen.flow_left < 0.001
    assert seen.gain == pytest.approx((1, 1, 1), abs=0.01)
    assert seen.blur_ratio == pytest.approx(1, abs=0.01)
    assert seen.overlap > 0.65, "a circle fills two thirds of its square"


@pytest.mark.parametrize("through", [STRAIGHT, CIRCLE])
@pytest.mark.parametrize("stops", [-0.5, 0.5])
def test_exposure_is_measured_in_light(through, stops):
    """B at +0.5 stop needs 0.71 times its light to look like A."""
    b = glance(through, 6, 2, 0, stops=stops)
    truth = rotation.compose(rotation.inverse(looking(0)[0]), looking(*np.radians([6, 2, 0]))[0])
    seen = look.compare(at_rest(through), b, truth)
    assert seen.gain == pytest.approx([2.0**-stops] * 3, rel=0.04)
    assert seen.likeness > 0.9
    assert seen.flow_left < 0.004


def test_colour_is_measured_channel_by_channel():
    tint = np.array([0.9, 1.0, 1.12], np.float32)
    warm = light.codes_from_linear(light.linear_from_video(at_rest(STRAIGHT).image) * tint)
    seen = look.compare(at_rest(STRAIGHT), Glance(warm, STRAIGHT), IDENTITY)
    assert seen.gain == pytest.approx(1 / tint, rel=0.04)


def test_blur_and_another_place_are_told_apart():
    import cv2

    a = at_rest(STRAIGHT)
    soft = look.compare(a, Glance(cv2.GaussianBlur(a.image, (0, 0), 4), STRAIGHT), IDENTITY)
    other = look.compare(a, glance(world=ELSEWHERE), IDENTITY)
    assert soft.blur_ratio > 1.3
    assert soft.likeness > 0.7 > 0.3 > other.likeness
    assert other.flow_left > 4 * soft.flow_left


@given(st.floats(-2.5, 2.5), st.floats(-2, 2), st.floats(-2, 2))
@settings(max_examples=6, deadline=None)
def test_flow_takes_away_the_error_that_bridging_left(yaw, pitch, roll):
    """B looks 8 degrees away; the rotation handed in is wrong by a degree or two."""
    b, truth = glance(yaw_deg=8), (8, 0, 0)
    wrong = rotation.compose(rotation.from_vector(np.radians([pitch, yaw, roll])), looking(np.radians(8))[0])
    better, seen = look.refined(at_rest(STRAIGHT), b, wrong)
    before = off_deg(wrong, (0, 0, 0), truth)
    assert off_deg(better, (0, 0, 0), truth) < max(0.25, 0.5 * before)
    assert seen.likeness >= look.compare(at_rest(STRAIGHT), b, wrong).likeness


def test_views_that_hardly_overlap_are_said_to_be_unlike():
    opposite = looking(np.pi)[0]
    seen = look.compare(at_rest(STRAIGHT), glance(yaw_deg=180), opposite)
    assert (seen.likeness, seen.overlap) == (-1.0, 0.0)


def test_a_picture_seen_through_another_lens_is_the_one_that_lens_sees():
    into = lens(240, 135, 60)
    b = glance(yaw_deg=5)
    seen, inside = look.turned(b.image.astype(np.float32), STRAIGHT, into, looking(np.radians(5))[0])
    there = view(WORLD, into, looking(0)[0]).astype(np.float32)
    assert inside.all()
    assert np.abs(seen - there).mean() < 4
