"""Between two frames: what the camera would have seen at the moment, sharper and nearer than either frame."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headturn import rotation
from headturn.camera import light
from headturn.picture import between
from makers import lens, looking, panorama, view

WORLD = panorama(5, 256)
LENSES = {"rectilinear": lens(320, 180), "circle": lens(200, 200, 120, circle_px=96)}


def seen(through, world_from_camera):
    return light.linear_from_video(view(WORLD, through, world_from_camera))


def looked_into(through, here, there, share):
    """The picture between two views, and what is to be seen there."""
    turned = rotation.compose(rotation.inverse(here), there)
    moment = rotation.compose(here, rotation.power(turned, share))
    turns = np.stack([rotation.compose(rotation.inverse(moment), world) for world in (here, there)])[:, 0]
    made = between.pictured(seen(through, here), seen(through, there), through, turns, share)
    return made, seen(through, moment)


def off(a, b):
    return float(np.abs(light.video_from_linear(a) - light.video_from_linear(b)).mean())


@pytest.mark.parametrize("through", LENSES.values(), ids=LENSES)
@given(st.floats(-0.15, 0.15), st.floats(-0.1, 0.1), st.floats(0.05, 0.5))
@settings(max_examples=12, deadline=None)
def test_a_turning_head_is_shown_where_it_was(through, yaw, pitch, share):
    here, there = looking(0.2, 0.1), looking(0.2 + yaw, 0.1 + pitch)
    made, true = looked_into(through, here, there, share)
    assert np.isfinite(made).all()
    assert (made >= 0).all()
    assert off(made, true) < max(0.012, 0.5 * off(seen(through, here), true))


def test_its_border_is_filled_by_the_other_frame():
    """Eight degrees from frame to frame: half of that is bared at one side, and the other frame has seen it."""
    made, true = looked_into(LENSES["rectilinear"], looking(0.0), looking(np.radians(8)), 0.5)
    side = np.s_[:, -14:]
    assert off(made[side], true[side]) < 0.03


def test_what_turning_does_not_explain_goes_its_share_of_the_way():
    """Something near streams by while the head is still."""
    through = LENSES["rectilinear"]
    world = seen(through, looking(0.0))
    near = cv2.resize(np.random.default_rng(1).uniform(0.1, 0.8, (10, 10, 3)).astype(np.float32), (60, 60))
    pictures = []
    for left in (120, 123, 126):
        picture = world.copy()
        picture[60:120, left : left + 60] = near
        pictures.append(picture)
    still = np.tile(rotation.IDENTITY, (2, 1))
    made = between.pictured(pictures[0], pictures[2], through, still, 0.5)
    body = np.s_[66:114, 132:174]
    assert off(made[body], pictures[1][body]) < 0.3 * off(pictures[0][body], pictures[1][body])
    away = np.s_[:, 230:]
    assert off(made[away], world[away]) < 0.002
