"""The ride: one continuous path through each splice, borders covered, and nothing changed anywhere else."""

import itertools
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from films import RATE, border_misses_px, film, filmed, turn
from headturn import rotation
from headturn.edit.cut import Seam
from headturn.review import borders, ride
from headturn.review.ride import ZOOM_LIMIT
from headturn.rotation import IDENTITY
from makers import lens, looking, rush, take


def shown(cut, planned, rushes):
    """For each film frame, the orientations shown by its layers, all in the first take's world."""
    world = IDENTITY
    seen = [[] for _ in range(cut.frames)]
    for index, layer in enumerate(planned.layers):
        own = rushes[cut.segments[index].take].motion.world_from_body
        if index:
            before = rushes[cut.segments[index - 1].take]
            splice = cut.splices[index - 1]
            a = before.motion.world_from_body[before.times.nearest(cut.source_time(index - 1, splice.frame))]
            times = rushes[cut.segments[index].take].times
            b = own[times.nearest(cut.source_time(index, splice.frame))]
            world = rotation.compose(world, a, splice.seam.rotation, rotation.inverse(b))
        path = rotation.compose(world, layer.moments.world_from_image, rotation.inverse(layer.film_from_image))
        for k, orientation in enumerate(path):
            seen[layer.start + k].append(orientation)
    return seen


def degrees(a, b):
    return float(np.degrees(rotation.angle(rotation.compose(rotation.inverse(a), b))))


small = st.tuples(*[st.floats(-2.5, 2.5)] * 3)
slow = st.tuples(*[st.floats(-0.2, 0.2)] * 3)


@given(small, slow, st.integers(1, 12), st.integers(0, 20), st.integers(0, 5))
@settings(max_examples=30, deadline=None)
def test_what_is_shown_goes_on_through_a_seam_without_a_jerk(apart_deg, offset, turning, colour, morph):
    a, b = filmed("a"), filmed("b", offset=offset)
    seam = turn(apart_deg, turn_frames=turning, colour_frames=colour, overlap_frames=2 * morph)
    cut, rushes = film([(a, 10, 30), (b, 30, 40)], [seam])
    planned = ride.plan(cut, rushes)
    seen = shown(cut, planned, rushes)
    for orientations in seen:
        assert max(degrees(orientations[0], other) for other in orientations) < 0.01, "both takes look the same way"
    # The path goes over by the steepest step of a quintic, 1.875 times the mean; the takes' own steps come on top.
    own = max(np.linalg.norm(each.motion.rates_rad_s, axis=1).max() for each in (a, b)) / 30
    drift = np.linalg.norm(apart_deg) + np.degrees(np.linalg.norm(offset)) * (turning / 30) * 2
    most = np.degrees(own) * 1.01 + drift * 1.875 / (2 * turning) + 0.05
    steps = [degrees(p[0], q[0]) for p, q in itertools.pairwise(seen)]
    assert max(steps) < most
    speeds = np.degrees(np.linalg.norm(planned.rates_rad_s, axis=1)) / 30
    assert speeds.max() < most
    assert speeds.min() > 0


parts_of = st.lists(
    st.tuples(st.integers(0, 40), st.integers(2, 30), st.tuples(*[st.floats(-20, 20)] * 3), slow),
    min_size=1,
    max_size=4,
)


@given(parts_of, st.sampled_from([RATE, Fraction(25), Fraction(24000, 1001)]), st.data())
@settings(max_examples=30, deadline=None)
def test_every_frame_is_covered_once_and_nothing_changes_outside_seams(drawn, rate, data):
    """Any seams that fit, on segments of two frames and more, with and without handles.

    In a film of another rate what is between two frames of a take is no frame of it, and that is all that changes.
    """
    parts = [
        (filmed(f"take {k}", first + frames + data.draw(st.integers(0, 12)), offset), first, frames)
        for k, (first, frames, _, offset) in enumerate(drawn)
    ]
    seams = []
    for (_, _, before), (_, _, after), (*_, apart_deg, _) in zip(parts, parts[1:], drawn, strict=False):
        reach = st.integers(0, min(before, after) // 2)
        light = st.integers(0, 60)
        frames = {"turn_frames": reach, "colour_frames": light, "overlap_frames": reach.map(lambda n: 2 * n)}
        seams.append(turn(apart_deg, **{name: data.draw(each) for name, each in frames.items()}))
    cut, rushes = film(parts, seams, rate=rate)
    planned = ride.plan(cut, rushes)
    presence = np.zeros(cut.frames)
    changed = {frame for index in range(len(cut.splices)) for frame in cut.changed_frames(index)}
    for layer in planned.layers:
        assert layer.start >= 0
        assert layer.stop <= cut.frames
        presence[layer.start : layer.stop] += layer.presence
        times = rushes[cut.segments[layer.segment].take].times
        assert (layer.source >= 0).all()
        assert (layer.source < len(times)).all()
        assert (np.diff(layer.source) >= 0).all()
        assert (layer.zoom >= 1).all()
        assert (layer.zoom <= ZOOM_LIMIT).all()
        assert all(np.isfinite(values).all() for values in (layer.film_from_image, layer.gain, layer.presence))
        for frame in range(layer.start, layer.stop):
            if frame not in changed:
                assert layer.untouched(frame) == (layer.moments.share[frame - layer.start] == 0)
                assert (
                    layer.source[frame - layer.start]
                    == cut.source_frames(layer.segment, range(frame, frame + 1), times)[0]
                )
    np.testing.assert_allclose(presence, 1)
    assert planned.rates_rad_s.shape == (cut.frames, 3)
    assert np.isfinite(planned.rates_rad_s).all()


@pytest.mark.parametrize(
    ("through", "size"),
    [
        (lens(320, 180), (320, 180)),
        (lens(320, 240), (320, 180)),  # cropped above and below
        (lens(320, 180), (180, 180)),  # cropped left and right
        (lens(320, 180), (640, 360)),
        (lens(240, 240, 120, circle_px=118), (240, 240)),
    ],
)
@pytest.mark.parametrize("apart_deg", [(6, 0, 0), (0, 10, 0), (0, 0, 4), (4, -5, 3), (0, 2, 0)])
def test_the_zoom_hides_every_border_in_the_films_own_shape(through, size, apart_deg):
    a, b = (filmed(id, lens=through, size=(through.width, through.height)) for id in "ab")
    cut, rushes = film([(a, 10, 30), (b, 30, 40)], [turn(apart_deg)], size)
    planned = ride.plan(cut, rushes)
    assert border_misses_px(cut, planned, through.resized(*size)) < 0.6  # half a pixel is repeated at the edge
    a, b = planned.layers
    assert a.zoom.max() <= ZOOM_LIMIT
    np.testing.assert_array_less(np.abs(np.diff(a.zoom)), (a.zoom.max() - 1) * 0.5 + 1e-9)
    turned = degrees(IDENTITY, a.film_from_image[30 - a.start]) + degrees(IDENTITY, b.film_from_image[30 - b.start])
    assert turned == pytest.approx(np.linalg.norm(apart_deg), rel=1e-6), "the images meet"


wide = st.sampled_from([lens(320, 180), lens(320, 180, 60), lens(240, 240, 120, circle_px=118), lens(200, 300, 70)])


@given(wide, st.tuples(*[st.floats(-14, 14)] * 3), st.integers(0, 6), st.sampled_from(["wipe", "morph", "cut"]))
@settings(max_examples=40, deadline=None)
def test_no_border_is_ever_seen(through, apart_deg, overlap, blend):
    """Whatever the turn and the lens: some image covers each point of the film's border."""
    a, b = (filmed(id, lens=through, size=(through.width, through.height)) for id in "ab")
    seam = turn(apart_deg, overlap_frames=2 * overlap, blend=blend)
    cut, rushes = film([(a, 10, 30), (b, 30, 40)], [seam], (through.width, through.height))
    planned = ride.plan(cut, rushes)
    if through.circle_px is not None:  # the rim is not turned
        through = replace(through, circle_px=through.circle_px * (1 - borders.CIRCLE_RIM))
    assert border_misses_px(cut, planned, through) < 0.75


def test_a_wipe_goes_across_at_one_speed():
    cut, rushes = film([(filmed("a"), 10, 30), (filmed("b"), 30, 40)], [turn((0, 2, 0), blend="wipe")])
    a, b = ride.plan(cut, rushes).layers
    np.testing.assert_allclose(b.presence[:6], (np.arange(6) + 0.5) / 6)
    np.testing.assert_allclose(a.presence[-6:], 1 - b.presence[:6])
    assert b.blend == "wipe"
    assert b.streams[1] == pytest.approx(2.6, rel=0.05)


def test_a_gain_that_drifts_is_followed():
    drift = (0.01, 0.0, -0.005)
    cut, rushes = film([(filmed("a"), 10, 40), (filmed("b"), 30, 40)], [turn((0, 0, 0), gain_drift=drift)])
    a, b = ride.plan(cut, rushes).layers
    for frame in range(37, 43):
        ratio = np.log(b.gain[frame - b.start] / a.gain[frame - a.start])
        np.testing.assert_allclose(ratio, (frame - 40 + 0.5) * np.array(drift), atol=1e-9)
    np.testing.assert_allclose([a.gain[0], b.gain[-1]], 1)


def test_a_head_at_rest_is_not_moved_before_it_turns():
    """A look to the right in 0.3 s, the splice in its middle, of two takes that look 3 degrees apart."""
    times = np.arange(90) / float(RATE)
    yaw = np.radians(40) * ride.smooth_step((times - 1.35) / 0.3)
    takes = [rush(take(id, 90), looking(yaw, yaw * 0, yaw * 0)) for id in "ab"]
    cut, rushes = film([(takes[0], 0, 45), (takes[1], 45, 45)], [turn((3, 0, 0), turn_frames=10, overlap_frames=0)])
    a, b = ride.plan(cut, rushes).layers
    turned_a, turned_b = (np.degrees(rotation.angle(layer.film_from_image)) for layer in (a, b))
    assert not turned_a[35:41].any(), "it turns from frame 41 on"
    assert 0.8 < turned_a[44] < 1.5, "nearly half of it, half a frame before the splice"
    assert turned_b[45 - b.start] == pytest.approx(turned_a[44], abs=0.2)
    assert turned_b[50 - b.start : 55 - b.start].max() < 0.02, "to frame 49"
    assert a.zoom[40] == pytest.approx(1, abs=1e-3) and a.zoom[44] > 1.005


def red_gone_over(gain):
    """The share of red that has gone over at each frame (90,): a look to the right in 0.6 s, splice in its middle."""
    times = np.arange(90) / float(RATE)
    yaw = np.radians(90) * ride.smooth_step((times - 1.2) / 0.6)
    takes = [rush(take(id, 90), looking(yaw, yaw * 0, yaw * 0)) for id in "ab"]
    seam = turn((0, 0, 0), gain=gain, colour_frames=40)
    cut, rushes = film([(takes[0], 0, 45), (takes[1], 45, 45)], [seam])
    a, b = ride.plan(cut, rushes).layers
    red = np.log(gain[0])
    return np.concatenate([-np.log(a.gain[:45, 0]), red - np.log(b.gain[-45:, 0])]) / red


def test_light_goes_over_as_the_picture_streams():
    """At rest no more goes over than is calm."""
    gone = red_gone_over((2.0, 2.0, 2.0))
    assert (np.diff(gone) >= 0).all() and gone[0] == 0 and gone[-1] == 1
    assert gone[54] - gone[36] > 0.7, "in the turn"
    calm = ride.CALM_LIGHT_PER_S / float(RATE) / np.log(2)
    assert np.diff(gone)[6:30] == pytest.approx(calm), "at rest"
    assert abs(gone[44:46].mean() - 0.5) < 0.05


def test_little_light_goes_over_steadily():
    """A twentieth more light within 2.7 s is calm in a turn and at rest."""
    gone = red_gone_over((1.05, 1.0, 0.97))
    assert np.diff(gone)[6:-6] == pytest.approx(1 / 80)


@pytest.mark.parametrize("wider", ["a", "b"])
def test_the_wider_of_two_lenses_comes_into_the_narrower_one_and_goes_back(wider):
    fields = {"a": 80.0, "b": 80.0, wider: 100.0}
    a, b = (filmed(id, lens=lens(320, 180, fields[id])) for id in "ab")
    cut, rushes = film([(a, 10, 30), (b, 30, 40)], [turn((0, 2, 0))])
    layers = dict(zip("ab", ride.plan(cut, rushes).layers, strict=True))
    wide, narrow = layers.pop(wider), next(iter(layers.values()))
    assert not narrow.lens_share.any()
    assert not narrow.film_lens
    for frame in range(27, 33):
        assert wide.lens_share[frame - wide.start] == 1, "where both are seen"
        assert wide.lens_at(frame) == narrow.lens
    assert np.abs(np.diff(wide.lens_share)).max() < 0.5
    outside = 0 if wider == "a" else -1
    assert wide.lens_share[outside] == 0
    assert wide.untouched(wide.start if wider == "a" else wide.stop - 1)


def test_a_heading_that_no_zoom_can_hide_is_not_turned_all_the_way():
    cut, rushes = film([(filmed("a"), 10, 30), (filmed("b"), 30, 40)], [turn((0, 40, 0))])
    planned = ride.plan(cut, rushes)
    assert max(layer.zoom.max() for layer in planned.layers) <= ZOOM_LIMIT
    assert border_misses_px(cut, planned, lens()) < 0.6
    assert degrees(IDENTITY, planned.layers[0].film_from_image[29]) < 15


def test_exposure_goes_over_from_one_take_to_the_other():
    gain = (0.8, 0.9, 1.3)
    cut, rushes = film([(filmed("a"), 10, 40), (filmed("b"), 30, 40)], [turn((0, 0, 0), gain=gain)])
    a, b = ride.plan(cut, rushes).layers
    np.testing.assert_allclose(a.gain[0], 1)
    np.testing.assert_allclose(b.gain[-1], 1)
    at = 40  # the first film frame of B: both takes must look alike here and wherever both are seen
    both = range(at - 3, at + 3)
    for frame in both:
        np.testing.assert_allclose(b.gain[frame - b.start] / a.gain[frame - a.start], gain, rtol=1e-9)
    steps = np.abs(np.diff(np.log(a.gain), axis=0)).max(axis=0)
    assert (steps <= np.abs(np.log(gain)) * 1.875 / 30 + 1e-9).all()


def test_a_hard_cut_changes_nothing():
    seam = Seam("nothing", a_from_b=turn((0, 9, 0)).a_from_b, gain=(2.0, 2.0, 2.0))
    cut, rushes = film([(filmed("a"), 0, 30), (filmed("b"), 0, 40)], [seam])
    planned = ride.plan(cut, rushes)
    assert [(layer.start, layer.stop) for layer in planned.layers] == [(0, 30), (30, 70)]
    assert all(layer.untouched(frame) for layer in planned.layers for frame in range(layer.start, layer.stop))


def test_the_jump_of_a_hard_cut_is_no_motion():
    """Two takes at rest that look opposite ways: nobody's head turned."""
    still = [rush(take(id, 60), looking(np.full(60, yaw))) for id, yaw in (("a", 0.0), ("b", 3.0))]
    cut, rushes = film([(still[0], 0, 30), (still[1], 0, 30)], [Seam("nothing")])
    assert np.abs(ride.plan(cut, rushes).rates_rad_s).max() < 1e-9


def test_outside_seams_the_ride_is_the_takes_own_motion():
    a = filmed("a")
    cut, rushes = film([(a, 5, 60)], [])
    planned = ride.plan(cut, rushes)
    np.testing.assert_allclose(planned.rates_rad_s[1:-1], a.motion.rates_rad_s[6:64], atol=0.15)
    np.testing.assert_allclose(planned.times_s, np.arange(60) / 30)


def seamed_by_cameras(readout_a_s, readout_b_s, offset=(0, 0, 0)):
    """Two takes of one turn through two cameras, and how far each turns from line to line as the film shows it."""
    a = replace(filmed("a"), readout_s=readout_a_s)
    b = replace(filmed("b", offset=offset), readout_s=readout_b_s)
    cut, rushes = film([(a, 10, 30), (b, 40, 30)], [turn((0, 2, 0), overlap_frames=12, blend="wipe")])
    planned = ride.plan(cut, rushes)
    bent = [
        rushes[id].motion.rates_rad_s[layer.source] * (rushes[id].readout_s or 0.0) - layer.swept
        for id, layer in zip("ab", planned.layers, strict=True)
    ]
    return planned, bent


@pytest.mark.parametrize(("readouts", "offset"), [((0.016, 0.006), (0, 0, 0)), ((0.012, 0.012), (0, 0.6, 0))])
def test_where_both_are_seen_both_are_bent_alike(readouts, offset):
    planned, (bent_a, bent_b) = seamed_by_cameras(*readouts, offset)
    a, b = planned.layers
    for frame in range(b.start, a.stop):
        np.testing.assert_allclose(bent_a[frame - a.start], bent_b[frame - b.start], atol=1e-9)
    assert a.swept.any() and b.swept.any()
    assert a.untouched(0) and b.untouched(b.stop - 1)
    steps = [np.linalg.norm(np.diff(layer.swept, axis=0), axis=1).max() for layer in (a, b)]
    assert max(steps) < 0.4 * max(np.linalg.norm(layer.swept, axis=1).max() for layer in (a, b)), "nothing pops"


@pytest.mark.parametrize("readouts", [(0.016, None), (None, None), (0.012, 0.012)])
def test_unknown_cameras_and_one_camera_are_left_bent(readouts):
    planned, _ = seamed_by_cameras(*readouts)
    assert not any(layer.swept.any() for layer in planned.layers)
