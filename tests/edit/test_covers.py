"""Covers: what fills the image, darkness and flashes are found; blur, shadows and windows are none."""

import numpy as np
import pytest

from headturn.camera import media
from headturn.camera.card import ingest
from headturn.edit import covers
from headturn.edit.covers import Measure
from makers import lens, looking, panorama, view

THROUGH = lens(160, 90, 90)
CIRCLE = lens(160, 160, 120, circle_px=78)
WORLD = panorama(1)
CLEAR, COVERED = Measure(0.1, 1.0, 0.0), Measure(0.95, 1.0, 0.0)
DARK, WHITE = Measure(1.0, 0.0, 0.0), Measure(0.9, 1.0, 0.8)
TIMES = np.arange(40) / 30


def gray(image):
    return np.asarray(image, np.uint8)


def wall(through, level=120.0, slope=0.3):
    """A wall with the fall-off of a lamp and a camera's noise."""
    y, x = np.mgrid[: through.height, : through.width]
    noise = np.random.default_rng(0).normal(0, 2, x.shape)
    return gray(np.clip(level + slope * (x - 80) + 0.1 * y + noise, 0, 255))


@pytest.mark.parametrize("through", [THROUGH, CIRCLE])
def test_a_wall_is_covered_and_a_world_is_not(through):
    assert covers.measured(wall(through), through).flat > 0.95
    seen = view(WORLD, through, looking(0.3)[0])[..., 1]
    assert covers.measured(np.ascontiguousarray(seen), through).flat < 0.3


def test_whip_blur_is_no_wall():
    seen = view(WORLD, THROUGH, looking(0.3)[0])[..., 1].astype(float)
    blurred = np.mean([np.roll(seen, shift, axis=1) for shift in range(24)], axis=0)
    assert covers.measured(gray(blurred), THROUGH).flat < 0.6


def test_only_what_the_lens_shows_counts():
    """The black corners of a circular image are neither dark nor flat."""
    bright = np.where(np.hypot(*(np.mgrid[:160, :160] - 79.5)) < 78, 250, 0)
    measure = covers.measured(gray(bright), CIRCLE)
    assert measure.lit == 1.0
    assert measure.white > 0.97


def test_darkness_is_told_by_light_not_by_its_noise():
    noise = np.random.default_rng(1).integers(0, 12, (90, 160))
    assert covers.measured(gray(noise), THROUGH).lit == 0
    assert covers.measured(gray(np.full((90, 160), 40)), THROUGH).lit == 1


@pytest.mark.parametrize(("kind", "measure"), [("occluder", COVERED), ("darkness", DARK), ("flash", WHITE)])
def test_each_kind_is_found_where_it_is(kind, measure):
    frames = [(k, measure if 10 <= k < 13 else CLEAR) for k in range(40)]
    (cover,) = covers.found(frames, TIMES)
    assert (cover.kind, cover.first, cover.stop) == (kind, 10, 13)
    assert 10 <= cover.best < 13


def test_what_is_white_for_long_is_a_window():
    assert not covers.found([(k, WHITE if 10 <= k < 20 else CLEAR) for k in range(40)], TIMES)
    assert not covers.found([(k, WHITE) for k in range(3)], TIMES), "nobody knows what came before"


def test_a_frame_that_is_missing_ends_a_cover():
    found = covers.found([(k, DARK) for k in range(20) if k != 9], TIMES)
    assert [(cover.first, cover.stop) for cover in found] == [(0, 9), (10, 20)]


def test_the_surest_frame_is_the_best():
    (cover,) = covers.found([(0, COVERED), (1, Measure(0.99, 1.0, 0.0)), (2, COVERED)], TIMES)
    assert cover.best == 1


def test_nothing_has_no_covers():
    assert covers.found([], TIMES) == ()


@pytest.mark.footage
@pytest.mark.parametrize(
    ("name", "around_s"), [("kaust_1", [(4.3, 4.5)]), ("data_sample_20_full_window", [(0, 0.2), (3.1, 3.3)])]
)
def test_walls_and_doors_of_real_takes_are_found(footage, name, around_s):
    (clip,) = [clip for clip in ingest(footage / "single").clips if clip.files[0].stem == name]
    times = media.frame_times(clip).seconds
    height = round(clip.image.height * 160 / clip.image.width)
    through = clip.lens.resized(160, height)
    frames = media.frames(clip)
    found = covers.found(((f.index, covers.measured(f.pixels("gray", 160, height), through)) for f in frames), times)
    assert {cover.kind for cover in found} == {"occluder"}
    for cover in found:
        assert any(start <= times[cover.best] <= stop for start, stop in around_s)
    assert all(any(start <= times[cover.best] <= stop for cover in found) for start, stop in around_s)
