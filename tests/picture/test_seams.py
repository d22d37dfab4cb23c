"""Pixels of a seam: turned where the lens says, filled, blended; never out of range."""

from dataclasses import replace
from typing import get_args

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headturn import rotation
from headturn.camera import light
from headturn.edit.cut import Blend
from headturn.picture import seams
from headturn.picture.seams import Shot
from headturn.rotation import IDENTITY
from makers import lens, looking, panorama, view

WORLD = panorama(3, 256)
STRAIGHT, CIRCLE = lens(320, 180), lens(200, 200, 120, circle_px=96)


def seen(through, world_from_camera=IDENTITY, world=WORLD):
    """What a camera sees, in linear light."""
    return light.linear_from_video(view(world, through, world_from_camera))


def turn(*degrees):
    """A rotation vector in degrees as a quaternion."""
    return rotation.from_vector(np.radians(np.array(degrees, float)))


def shot(picture, through, film_from_image=IDENTITY, zoom=1.0, gain=(1, 1, 1)):
    return Shot(picture, through, film_from_image, zoom, np.array(gain, float))


def turned(picture, through, film_from_image, zoom=1.0):
    """The picture as the film shows it, and where it has something to show."""
    shown, inside = seams.seen(shot(picture, through, film_from_image, zoom))
    return shown, inside[..., 0]


def apart(a, b):
    """Mean difference of two pictures."""
    return float(np.mean(np.abs(a - b)))


gains = st.floats(0.3, 3.0)


@given(gains, gains)
def test_one_exposure_after_another_is_their_product(one, other):
    ramp = np.repeat(np.linspace(0, 1, 256, dtype=np.float32)[None, :, None], 3, axis=2)
    one, other = (np.full(3, gain, np.float32) for gain in (one, other))
    twice = seams.exposed(seams.exposed(ramp, one), other)
    np.testing.assert_allclose(twice, seams.exposed(ramp, one * other), atol=2e-4)
    below = ramp[:, 1:40]  # away from white, where `exposure` ends
    ratio = seams.exposure(seams.exposed(below, one)) / seams.exposure(below)
    np.testing.assert_allclose(ratio, np.broadcast_to(one, below.shape), rtol=1e-3)


@given(gains)
def test_white_stays_white_black_black_and_nothing_changes_places(gain):
    ramp = np.repeat(np.linspace(0, 1, 256, dtype=np.float32)[None, :, None], 3, axis=2)
    shown = seams.exposed(ramp, np.full(3, gain, np.float32))
    np.testing.assert_allclose(shown[:, 0], 0)
    np.testing.assert_allclose(shown[:, -1], 1, atol=1e-6)
    assert (np.diff(shown, axis=1) > 0).all()
    np.testing.assert_array_equal(seams.exposed(ramp, np.ones(3, np.float32)), ramp)


def wall(step=257):
    """A smooth wall in codes of 16 bits, as a file has it that knows every `step`-th of them; grey."""
    codes = np.linspace(60 * 257, 120 * 257, 320)[None].repeat(180, axis=0)
    return (np.round(codes / step) * step).astype(np.uint16)[..., None].repeat(3, axis=2)


def test_codes_are_graded_as_light_is():
    gain = np.array([1.3, 0.8, 1.0])
    plain = light.codes_from_linear(seams.exposed(light.linear_from_video(wall()), gain.astype(np.float32)), bits=16)
    np.testing.assert_array_equal(seams.graded(wall(), gain, 0.0), plain)


@pytest.mark.parametrize("gain", [0.7, 1.4, 2.0])
def test_a_smooth_wall_that_is_graded_shows_no_bands(gain):
    """Of the film's 8 bits none is left empty, and the wall is as bright as it would be with bands."""
    banded, smooth = (seams.graded(wall(), np.full(3, gain), step).astype(float) / 257 for step in (0, 257))
    low, high = (round(float(value)) for value in np.quantile(smooth, (0.02, 0.98)))
    used = [np.bincount(np.round(codes).astype(int).ravel(), minlength=256)[low:high] for codes in (banded, smooth)]
    assert used[1].min() > 0.4 * used[1].mean()
    assert (used[0] == 0).any() == (gain > 1)
    assert abs(smooth.mean() - banded.mean()) < 0.05


@pytest.mark.parametrize("through", [STRAIGHT, CIRCLE])
def test_no_turn_and_no_zoom_is_the_picture(through):
    picture = seen(through)
    same, _ = turned(picture, through, turn(0, 1e-7, 0))
    np.testing.assert_allclose(same, picture, atol=2e-3)


@pytest.mark.parametrize("through", [STRAIGHT, CIRCLE])
@pytest.mark.parametrize("vector", [(0, 6, 0), (5, 0, 0), (0, 0, 8), (-3, 4, 2)])
def test_a_turned_picture_is_what_the_turned_camera_sees(through, vector):
    """film_from_image turns the image's rays into the film's, so the film looks along its inverse."""
    at = looking(0.4)[0]
    picture, there = seen(through, at), seen(through, rotation.compose(at, rotation.inverse(turn(*vector))))
    right, inside = turned(picture, through, turn(*vector))
    inside = inside > 0.99
    if through is CIRCLE:
        y, x = np.mgrid[:200, :200]
        inside &= np.hypot(x - 99.5, y - 99.5) < 85
    wrong, _ = turned(picture, through, rotation.inverse(turn(*vector)))
    assert apart(right[inside], there[inside]) < 0.02
    assert apart(right[inside], there[inside]) < apart(wrong[inside], there[inside]) / 4


@given(st.tuples(*[st.floats(-6, 6)] * 3), st.floats(1, 1.18), st.floats(60, 260), st.floats(50, 130), st.booleans())
@settings(max_examples=30, deadline=None)
def test_a_point_goes_where_the_lens_says(vector, zoom, x, y, wide):
    through = lens(320, 180, 110, circle_px=400) if wide else lens(320, 180, 80)
    picture = np.zeros((180, 320, 3), np.float32)
    cv2.circle(picture, (round(x), round(y)), 3, (1, 1, 1), -1, cv2.LINE_AA)
    there = through.pixels(rotation.apply(turn(*vector), through.rays([(round(x), round(y))])))[0]
    centre = np.array(through.centre_px)
    expected = (there - centre) * zoom + centre
    weight = turned(picture, through, turn(*vector), zoom)[0][..., 0]
    if not (10 < expected[0] < 310 and 10 < expected[1] < 170):
        return
    rows, columns = np.mgrid[:180, :320]
    found = np.array([(columns * weight).sum(), (rows * weight).sum()]) / weight.sum()
    np.testing.assert_allclose(found, expected, atol=0.35)


def test_the_circle_of_a_lens_stays_where_it_is():
    picture = seen(CIRCLE) + 0.1
    y, x = np.mgrid[:200, :200]
    radius = np.hypot(x - 99.5, y - 99.5)
    picture[radius > 96] = 0
    shown, _ = turned(picture, CIRCLE, turn(0, 7, 3), 1.1)
    assert (shown[radius > 97] == 0).all()
    assert shown[radius < 88].min() > 0.05


def test_each_picture_fills_the_border_that_the_other_bares():
    a, b = np.full((180, 320, 3), 0.2, np.float32), np.full((180, 320, 3), 0.6, np.float32)
    shots = shot(a, STRAIGHT, turn(0, 5, 0)), shot(b, STRAIGHT, turn(0, -5, 0))
    first, last = (seams.blended(*shots, share, "cut") for share in (0.0, 1.0))
    assert first[90, 1, 0] == pytest.approx(0.6), "a turn to the right bares the left border"
    assert first[90, 160, 0] == pytest.approx(0.2)
    assert last[90, 160, 0] == pytest.approx(0.6)
    assert last[90, -2, 0] == pytest.approx(0.2)


# One gives way to the other


def morphed(a, b, share, through=STRAIGHT):
    return seams.blended(shot(a, through), shot(b, through), share, "morph")


def shifted(picture, pixels):
    return np.roll(picture, pixels, axis=1)


def test_a_morph_begins_with_a_and_ends_with_b():
    a, b = seen(STRAIGHT), seen(STRAIGHT, looking(0.05)[0])
    np.testing.assert_allclose(morphed(a, b, 0.0), a, atol=1e-6)
    np.testing.assert_allclose(morphed(a, b, 1.0), b, atol=1e-6)


@pytest.mark.parametrize("share", [0.25, 0.5, 0.75])
def test_a_morph_of_two_shifted_pictures_lies_between_them(share):
    a = seen(STRAIGHT)
    b = shifted(a, 8)
    middle = slice(20, 160), slice(40, 280)
    between = morphed(a, b, share)[middle]
    wanted = shifted(a, round(8 * share))[middle]
    dissolve = (a * (1 - share) + b * share)[middle]
    assert apart(between, wanted) < 0.35 * apart(dissolve, wanted), "moved, not mixed"


@pytest.mark.parametrize("streams", [(0, 1, 0), (0, -1, 0), (1, 0, 0)])
def test_a_wipe_moves_all_of_the_picture_at_once(streams):
    """Where its edge is has no say in where things are: a step of parallax is spread over all its frames."""
    a = seen(STRAIGHT)
    b = shifted(a, 8)
    middle = slice(20, 160), slice(40, 280)
    for share, gone in ((0.3, 1.3), (0.5, 4.0), (0.7, 6.7)):
        between = seams.blended(shot(a, STRAIGHT), shot(b, STRAIGHT), share, "wipe", np.array(streams, float))[middle]
        off = {pixels: apart(between, shifted(a, pixels)[middle]) for pixels in range(9)}
        assert abs(min(off, key=off.__getitem__) - gone) < 1


def test_what_is_hidden_in_one_picture_moves_with_what_is_around_it():
    """A step towards what is seen: all of it is larger, and a thing that only one take shows moves along."""
    a = seen(STRAIGHT)
    nearer, _ = turned(a, STRAIGHT, IDENTITY, zoom=1.08)
    only_b = nearer.copy()
    only_b[60:120, 230:290] = np.random.default_rng(1).random((60, 60, 3), np.float32)
    found = seams.flows(shot(a, STRAIGHT), shot(only_b, STRAIGHT))
    there = slice(70, 105), slice(225, 265)
    assert found.trust_a[there].mean() < 0.5, "it is not trusted"
    x = np.arange(320, dtype=np.float32)[there[1]] - 159.5
    np.testing.assert_allclose(found.forward[there][..., 0].mean(axis=0), 0.08 * x, atol=1.5)


def test_what_is_in_one_picture_only_is_mixed_and_not_moved():
    a, b = seen(STRAIGHT), seen(STRAIGHT, looking(2.0)[0])
    mixed = morphed(a, b, 0.5)
    assert apart(mixed, (a + b) / 2) < 0.5 * min(apart(mixed, a), apart(mixed, b))


def mirrored(vector):
    """The turn, or angular velocity, that a mirror shows: axial vectors keep what lies along the mirrored axis."""
    return np.asarray(vector) * [1, -1, -1]


@pytest.mark.parametrize("blend", get_args(Blend))
@pytest.mark.parametrize("through", [STRAIGHT, CIRCLE])
def test_mirrored_takes_mirror_the_picture(blend, through):
    a, b = seen(through), seen(through, looking(0.04, 0.02)[0])
    vector, streams = np.array([1.0, -3.0, 0.5]), np.array([0.4, 1.0, 0.2])
    plain = shot(a, through, turn(*vector)), shot(b, through, turn(*-vector))
    flipped = [
        shot(np.ascontiguousarray(each[:, ::-1]), through, turn(*mirrored(sign * vector)))
        for each, sign in ((a, 1), (b, -1))
    ]
    here = seams.blended(*plain, 0.4, blend, streams)
    there = seams.blended(*flipped, 0.4, blend, mirrored(streams))[:, ::-1]
    assert apart(here, there) < 0.1 * apart(a, b), "but for what flow does at its borders"


@pytest.mark.parametrize(("streams", "enters"), [((0, 2, 0), "right"), ((0, -2, 0), "left"), ((2, 0, 0), "top")])
def test_a_wipe_enters_where_the_view_enters(streams, enters):
    """Turning right brings in what is on the right; looking up what is above."""
    shots = [shot(np.full((180, 320, 3), value, np.float32), STRAIGHT) for value in (0.2, 0.6)]
    for share in (0.25, 0.75):
        picture = seams.blended(*shots, share, "wipe", np.array(streams, float))[..., 0]
        sides = {"right": picture[:, -1], "left": picture[:, 0], "top": picture[0], "foot": picture[-1]}
        opposite = {"right": "left", "left": "right", "top": "foot"}[enters]
        assert sides[enters].mean() > 0.45 or share < 0.5
        assert sides[enters].mean() > sides[opposite].mean() + 0.1
    first, last = (seams.blended(*shots, share, "wipe", np.array(streams, float)) for share in (0.0, 1.0))
    np.testing.assert_allclose(first, 0.2, atol=1e-6)
    np.testing.assert_allclose(last, 0.6, atol=1e-6)


def test_what_a_turn_bares_beside_a_rim_stays():
    """An arc of another take's rim would show."""
    picture = seen(CIRCLE)
    y, x = np.mgrid[:200, :200]
    radius = np.hypot(x - 99.5, y - 99.5)
    picture[radius > 94] = 0  # a dark rim, as cameras have it, within the circle's radius of 96
    moved, inside = turned(picture, CIRCLE, turn(0, 6, 0))
    ring = (radius > 84) & (radius < 90)
    assert np.percentile(moved[ring].mean(axis=1), 2) > 0.5 * np.percentile(picture[ring].mean(axis=1), 2)
    assert (inside == 1).all()


@pytest.mark.parametrize("wide", [lens(320, 180, 110), lens(320, 180, 150, circle_px=195)])
def test_a_wider_take_comes_into_the_lens_of_the_narrower(wide):
    """Then both show one thing at one place and size."""
    at = looking(0.3)[0]
    a, b = seen(wide, at), seen(STRAIGHT, at)
    brought = seams.seen(replace(shot(a, wide), film_lens=STRAIGHT, lens_share=1.0))[0]
    inside = np.s_[10:-10, 10:-10]
    assert apart(brought[inside], b[inside]) < 0.25 * apart(a[inside], b[inside])
    halfway = seams.seen(replace(shot(a, wide), film_lens=STRAIGHT, lens_share=0.5))[0]
    assert apart(halfway, a) > 0.3 * apart(brought, a)


noise = st.integers(0, 2**32).map(lambda seed: np.random.default_rng(seed).random((36, 64, 3), np.float32))
blends = st.sampled_from(get_args(Blend))
pictures = st.one_of(noise, st.floats(0, 1).map(lambda value: np.full((36, 64, 3), value, np.float32)))


@given(
    pictures, pictures, st.floats(0, 1), st.tuples(*[st.floats(-30, 30)] * 3), st.floats(1, 1.2), st.booleans(), blends
)
@settings(max_examples=40, deadline=None)
def test_any_pictures_give_pictures(a, b, share, vector, zoom, round_, blend):
    through = lens(64, 36, 130, circle_px=17) if round_ else lens(64, 36)
    shots = [shot(picture, through, turn(*vector), zoom) for picture in (a, b)]
    for picture in (seams.seen(shots[0])[0], seams.blended(*shots, share, blend, np.array([0.3, 1, 0]))):
        assert picture.dtype == np.float32
        assert np.isfinite(picture).all()
        assert picture.min() >= 0
        assert picture.max() <= 1.5, "cubic interpolation rings by no more than this"
