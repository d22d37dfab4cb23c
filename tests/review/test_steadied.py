"""The steadied ride: one correction and one crop over the whole cut, no border, and nothing where nothing is asked."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from films import border_misses_px, film, rate_of, turn
from headturn import rotation
from headturn.edit.cut import Seam, Steadying
from headturn.review import borders, ride, steadied
from headturn.rotation import IDENTITY
from makers import lens, looking, rush, take


def shaky(id, frames=150, *, size_deg=0.8, hz=2.7, lens=None, level=False, roll_deg=0.0, seed=0):
    """A rush whose head sways, and shakes."""
    through = {} if lens is None else {"lens": lens, "size": (lens.width, lens.height)}
    made = take(id, frames, **through)
    times = np.arange(frames) / float(made.clip.image.rate)
    shake = np.radians(size_deg) * np.sin(2 * np.pi * hz * times[:, None] + np.array([0, 2, 4]) + seed)
    upright = rotation.from_matrix(np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]]))
    path = rotation.compose(upright, looking(0.1 * np.sin(times + seed), *shake.T[:2] + np.radians([[0], [roll_deg]])))
    shot = rush(made, path)
    return replace(shot, motion=replace(shot.motion, level=level))


def shake_of(planned, inside=slice(20, -20)):
    """Rms degrees a second of what a running mean of half a second leaves."""
    rates = np.degrees(planned.rates_rad_s)
    slow = np.stack([np.convolve(axis, np.ones(15) / 15, mode="same") for axis in rates.T], axis=1)
    return float(np.sqrt(np.mean(np.sum((rates - slow)[inside] ** 2, axis=1))))


def joined(steadying, apart_deg=(1.0, 2.0, 0.5), through=None, **seam):
    """Two shaky takes that meet in a seam, steadied."""
    a, b = shaky("a", lens=through), shaky("b", lens=through, seed=1)
    size = (through.width, through.height) if through else (320, 180)
    cut, rushes = film([(a, 10, 60), (b, 40, 70)], [turn(apart_deg, **seam)], size)
    return replace(cut, steadying=steadying), rushes


@pytest.mark.parametrize("steadying", [None, Steadying(()), Steadying(((0, 0.0),), max_crop=0.2)])
def test_where_nothing_is_asked_the_ride_is_as_filmed(steadying):
    cut, rushes = joined(steadying)
    filmed, planned = ride.plan(cut, rushes), steadied.plan(cut, rushes)
    for before, after in zip(filmed.layers, planned.layers, strict=True):
        for name in ("film_from_image", "zoom", "gain", "presence", "source"):
            np.testing.assert_array_equal(getattr(before, name), getattr(after, name))
    np.testing.assert_allclose(planned.rates_rad_s, filmed.rates_rad_s, atol=1e-9)


def test_shake_is_taken_out_and_the_frames_that_are_not_steadied_pass_through():
    cut, rushes = film([(shaky("a", 400), 0, 400)], [])
    late = replace(cut, steadying=Steadying(((250, 0.0), (280, 1.0))))
    planned = steadied.plan(late, rushes)
    assert shake_of(planned, slice(320, 380)) < 0.1 * shake_of(ride.plan(cut, rushes), slice(320, 380))
    assert all(planned.layers[0].untouched(frame) for frame in range(150))
    assert not planned.layers[0].untouched(300)


sizes = st.sampled_from([lens(320, 180), lens(320, 180, 60), lens(240, 240, 120, circle_px=118)])


@given(
    sizes, st.tuples(*[st.floats(-5, 5)] * 3), st.integers(0, 6), st.floats(0.3, 1), st.floats(0.02, 0.25),
    st.sampled_from(["wipe", "morph", "cut"]),
)  # fmt: skip
@settings(max_examples=12, deadline=None)
def test_no_border_is_ever_seen(through, apart_deg, overlap, strength, max_crop, blend):
    asked = Steadying(((0, strength), (40, 0.0), (80, strength)), max_crop=max_crop)
    cut, rushes = joined(asked, apart_deg, through, overlap_frames=2 * overlap, blend=blend)
    planned = steadied.plan(cut, rushes)
    if through.circle_px is not None:  # the rim is not turned
        through = replace(through, circle_px=through.circle_px * (1 - borders.CIRCLE_RIM))
    assert border_misses_px(cut, planned, through) < 0.6


@given(st.floats(0.02, 0.2))
@settings(max_examples=8, deadline=None)
def test_outside_seams_the_crop_stays_within_its_limit(max_crop):
    cut, rushes = film([(shaky("a", size_deg=3.0), 0, 150)], [])
    planned = steadied.plan(replace(cut, steadying=Steadying(max_crop=max_crop)), rushes)
    zoom = planned.layers[0].zoom
    assert 1 - 1 / zoom.max() <= max_crop * 1.01 + 1e-3
    assert 1 - 1 / zoom.max() > max_crop * 0.8 - 0.005, "what may be used is used"


def test_correction_and_crop_go_through_a_seam_as_one_path():
    cut, rushes = joined(Steadying(max_crop=0.15))
    filmed, planned = ride.plan(cut, rushes), steadied.plan(cut, rushes)
    own = [
        rotation.compose(after.film_from_image, rotation.inverse(before.film_from_image))
        for before, after in zip(filmed.layers, planned.layers, strict=True)
    ]
    a, b = planned.layers
    both = range(b.start, a.stop)
    assert len(both) > 3
    for frame in both:
        assert own[0][frame - a.start] == pytest.approx(own[1][frame - b.start], abs=1e-9)
        assert a.zoom[frame - a.start] == b.zoom[frame - b.start]
    path = np.concatenate([own[0], own[1][a.stop - b.start :]])
    steps = np.degrees(rotation.angle(rotation.compose(rotation.inverse(path[:-1]), path[1:])))
    assert steps[50:70].max() < 1.5 * np.median(steps) + 0.2
    zoom = np.concatenate([a.zoom, b.zoom[a.stop - b.start :]])
    assert np.abs(np.diff(zoom)).max() < 0.15 / (1.5 * 30)
    assert shake_of(planned) < 0.35 * shake_of(filmed)


def test_the_jump_between_headings_adds_nothing():
    still = [rush(take(id, 60), looking(np.full(60, yaw))) for id, yaw in (("a", 0.0), ("b", 3.0))]
    cut, rushes = film([(still[0], 0, 30), (still[1], 0, 30)], [Seam("nothing")])
    planned = steadied.plan(replace(cut, steadying=Steadying()), rushes)
    assert np.abs(planned.rates_rad_s).max() < 1e-9
    assert all((layer.film_from_image == IDENTITY).all() and (layer.zoom == 1).all() for layer in planned.layers)


def test_rates_are_those_of_what_is_shown():
    cut, rushes = film([(shaky("a"), 0, 150)], [])
    cut = replace(cut, steadying=Steadying(max_crop=0.2))
    planned = steadied.plan(cut, rushes)
    layer, motion = planned.layers[0], rushes["a"].motion
    path = rotation.compose(motion.world_from_body[layer.source], rotation.inverse(layer.film_from_image))
    steps = rotation.to_vector(rotation.compose(rotation.inverse(path[:-1]), path[1:])) * 30
    np.testing.assert_allclose(planned.rates_rad_s[1:], steps, atol=1e-6)


def test_the_horizon_is_levelled_where_gravity_is_known():
    level, unknown = shaky("a", level=True, roll_deg=4.0), shaky("b", roll_deg=4.0)
    cut, rushes = film([(level, 0, 90), (unknown, 0, 90)], [Seam("nothing")])
    cut = replace(cut, steadying=Steadying(level=1.0, max_crop=0.25))
    told = steadied.shown(cut, steadied.plan(cut, rushes), rushes)
    tilt = np.degrees(np.arctan2(told.up[:90, 0], -told.up[:90, 1]))
    assert np.abs(tilt[:60]).max() < 1.0
    assert np.isnan(told.up[90:]).all()
    assert [note for note in told.notes if "tilt" in note] == [
        "b.mp4: nothing tells where up is; its tilt does not count."
    ]


def test_shown_says_what_comfort_needs_and_what_is_not_known():
    seen, gyro = shaky("a", lens=replace(lens(), assumed="Assumed 90 degrees.")), shaky("b")
    seen = replace(seen, motion=replace(seen.motion, speed_over_depth=np.linspace(0, 1, 150)))
    cut, rushes = film([(seen, 0, 60), (gyro, 0, 60)], [Seam("nothing")])
    told = steadied.shown(cut, ride.plan(cut, rushes), rushes)
    np.testing.assert_allclose(told.speed_over_depth[:60], np.linspace(0, 1, 150)[:60])
    assert np.isnan(told.speed_over_depth[60:]).all()
    assert told.focal_widths == pytest.approx(0.5)
    assert told.times_s == pytest.approx(np.arange(120) / 30)
    assert "a.mp4: assumed 90 degrees." in told.notes
    assert any(note.startswith("b.mp4: how fast it passes things is not known") for note in told.notes)
    cropped = replace(cut, steadying=Steadying(max_crop=0.1))
    zoomed = steadied.shown(cropped, steadied.plan(cropped, rushes), rushes)
    assert 0.5 < zoomed.focal_widths.max() < 0.56


def test_a_turn_stays_a_turn():
    made = take("a", 120)
    whip = rush(made, rate_of((0, 0, 0))(np.arange(120) / 30))
    cut, rushes = film([(whip, 0, 120)], [])
    planned = steadied.plan(replace(cut, steadying=Steadying()), rushes)
    assert np.linalg.norm(planned.rates_rad_s, axis=1) == pytest.approx(2.6, rel=0.15)
