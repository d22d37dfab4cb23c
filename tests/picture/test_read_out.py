"""What a rolling shutter bent is straightened in one warp with the rest, and no border shows for it."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from films import film
from headturn import rotation
from headturn.camera.lens import rectilinear
from headturn.edit.cut import Steadying
from headturn.picture import render, seams
from headturn.review import steadied
from headturn.rotation import IDENTITY
from makers import look_over, looking, rush, take

LENS = rectilinear(320, 180, horizontal_fov_rad=np.radians(86))


def read(swept):
    """A place (180, 320, 3) in linear light, by a camera that turns by `swept` from its first line to its last."""
    columns, rows = np.meshgrid(np.arange(320.0), np.arange(180.0))
    rays = LENS.rays(np.stack([columns, rows], axis=-1).reshape(-1, 2))
    late = rows.reshape(-1, 1) / 179 - 0.5
    world = rotation.apply(rotation.from_vector(late * np.asarray(swept)), rays)
    along, up = np.arctan2(world[:, 0], world[:, 2]), np.arctan2(world[:, 1], np.hypot(world[:, 0], world[:, 2]))
    lights = 0.5 + 0.2 * np.sin(40 * along) + 0.2 * np.sin(31 * up + 9 * along)
    return np.repeat(lights.reshape(180, 320, 1), 3, axis=2).astype(np.float32)


@pytest.mark.parametrize("swept_deg", [(0, 3, 0), (2, 0, 0), (-1, -2, 3)])
def test_lines_come_to_lie_where_the_middle_line_saw_them(swept_deg):
    swept = np.radians(swept_deg)
    shot = seams.Shot(read(swept), LENS, IDENTITY, 1.0, np.ones(3), swept=tuple(swept))
    straight, within = seams.seen(shot)[0], (slice(25, -25), slice(25, -25))
    bent = np.abs(shot.picture - read((0, 0, 0)))[within].mean()
    assert np.abs(straight - read((0, 0, 0)))[within].mean() < 0.06 * bent


def test_turn_and_sweep_are_one_warp():
    swept, turn = np.radians([0, 2.5, 0]), rotation.from_vector(np.radians([1.0, -1.5, 2.0]))
    both = seams.seen(seams.Shot(read(swept), LENS, turn, 1.1, np.ones(3), swept=tuple(swept)))[0]
    straight = seams.seen(seams.Shot(read((0, 0, 0)), LENS, turn, 1.1, np.ones(3)))[0]
    assert np.abs(both - straight)[30:-30, 30:-30].mean() < 0.004
    assert cv2.norm(both - straight, cv2.NORM_INF) < 1


def walked(readout_s):
    times = np.arange(150) / 30
    shake = np.radians(0.8) * np.sin(2 * np.pi * 3.1 * times)
    part = rush(take("a", len(times)), looking(look_over(times, 2.5, 0.5, 90), shake, shake / 2))
    part = replace(part, readout_s=readout_s)
    return film([(part, 0, len(times))], [])


@pytest.mark.parametrize("max_crop", [0.03, 0.1])
@pytest.mark.parametrize("strength", [(((0, 1.0),)), (((0, 0.0), (60, 0.0), (90, 0.8)))])
def test_no_border_shows_and_the_crop_stays_below_its_limit(max_crop, strength):
    cut, rushes = walked(0.016)
    planned = steadied.plan(replace(cut, steadying=Steadying(strength, max_crop=max_crop)), rushes)
    (layer,) = planned.layers
    assert layer.swept.any()
    assert 1 - 1 / layer.zoom.max() <= max_crop + 1e-3
    picture = np.ones((layer.lens.height, layer.lens.width, 3), np.float32)
    for frame in range(0, cut.frames, 3):
        within = seams.seen(render.shot(layer, frame, picture))[1]
        assert np.mean(within < 0.5) < 6e-3, "less than a row: half a pixel of slack"


def test_what_is_not_steadied_or_not_known_stays_as_it_is():
    cut, rushes = walked(0.016)
    strength = ((0, 0.0), (60, 0.0), (90, 0.8))
    (layer,) = steadied.plan(replace(cut, steadying=Steadying(strength)), rushes).layers
    assert layer.swept[75:].any() and not layer.swept[:60].any()
    cut, rushes = walked(None)
    cut = replace(cut, steadying=Steadying())
    planned = steadied.plan(cut, rushes)
    assert not planned.layers[0].swept.any()
    assert any("how fast its sensor is read" in note for note in steadied.shown(cut, planned, rushes).notes)
