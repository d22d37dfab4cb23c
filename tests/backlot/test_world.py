"""The set: it is closed, measurable, the same for a seed and another for another, and lit."""

from dataclasses import replace
from math import radians

import numpy as np
import pytest

from headturn.backlot import house
from headturn.backlot.world import build, depth, distances, render, rooms_of, still
from headturn.camera.lens import fisheye, rectilinear
from headturn.rotation import from_matrix

LENS = rectilinear(160, 90, horizontal_fov_rad=radians(80))
LEVEL = {"north": (0.0, 1.0, 0.0), "south": (0.0, -1.0, 0.0), "east": (1.0, 0.0, 0.0), "west": (-1.0, 0.0, 0.0)}


def facing(forward):
    right = np.cross(forward, (0, 0, 1))
    right = right / np.linalg.norm(right)
    return from_matrix(np.stack([right, np.cross(forward, right), forward], axis=1))


def middle(world, room, height=1.6):
    low, high = world.bounds[room]
    return np.array([(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, height])


def test_every_place_of_the_tour_is_in_a_room(world):
    spots = np.array([(*spot, 1.0) for spot in world.spots.values()])
    assert (rooms_of(world, spots) >= 0).all()


def test_no_ray_leaves_the_set(world):
    rng = np.random.default_rng(1)
    directions = rng.standard_normal((4000, 3))
    directions /= np.linalg.norm(directions, axis=1)[:, None]
    for room in ("room 0", "room 1", "room 2", "corridor", "den"):
        low, high = world.bounds[room]
        metres = distances(world, np.tile(middle(world, room), (4000, 1)), directions)
        assert np.isfinite(metres[directions[:, 2] < 0]).all(), room
        assert (metres[np.isfinite(metres)] < 40).all()
        assert np.mean(metres < np.linalg.norm(np.subtract(high, low))) > 0.9
    assert np.isinf(distances(world, middle(world, "yard")[None], np.array([[0.0, 0.0, 1.0]]))).all()


def test_depth_is_measured_along_the_ray(world):
    eye = middle(world, "corridor", 1.5)
    down = from_matrix(np.array([[1.0, 0, 0], [0, -1, 0], [0, 0, -1]]))
    pixels = np.array([LENS.centre_px, (20.0, 70.0)])
    cosines = LENS.rays(pixels)[:, 2]
    rug = 0.01
    assert depth(world, eye, down, LENS, pixels)[0] == pytest.approx(1.5 - rug, abs=1e-4)
    assert depth(world, eye, down, LENS, pixels)[1] * cosines[1] == pytest.approx(1.5, abs=2 * rug)


def test_a_seed_gives_one_place_and_another_seed_another():
    one, again, other = (house.build(seed, "day")[0] for seed in (3, 3, 4))
    assert one.rooms == again.rooms and one.solids == again.solids and one.spots == again.spots
    assert all(np.array_equal(one.textures[i](), again.textures[i]()) for i in (0, 3, 40, -1))
    assert one.rooms != other.rooms and one.spots != other.spots


def test_pictures_have_detail_and_are_the_same_again(world):
    exposure = still(middle(world, "room 1"), facing(LEVEL["north"]))
    picture = render(world, exposure, LENS)
    assert np.array_equal(picture, render(world, exposure, LENS))
    assert np.isfinite(picture).all() and picture.min() >= 0
    grey = np.log(picture.mean(axis=2) + 1e-3)
    assert np.mean(np.abs(np.diff(grey, axis=1))) > 0.02


def test_the_den_is_dark_and_the_yard_is_bright(world):
    def light(room, towards):
        return float(np.median(render(world, still(middle(world, room), facing(LEVEL[towards])), LENS)))

    assert light("den", "south") < 0.2 * light("room 0", "north") < light("yard", "north")


def test_smoke_hides_what_is_far(world):
    exposure = still(middle(world, "corridor"), facing(LEVEL["east"]))
    clear, smoky = (render(place, exposure, LENS) for place in (world, replace(world, smoke=0.6)))
    far = np.s_[35:55, 70:90]
    assert clear[far].std() / clear[far].mean() > 2 * smoky[far].std() / smoky[far].mean()


def test_a_circular_fisheye_is_black_around_its_circle(world):
    lens = fisheye(128, 128, horizontal_fov_rad=radians(150), circle_px=60)
    picture = render(world, still(middle(world, "room 0"), facing(LEVEL["north"])), lens)
    assert (picture[0, 0] == 0).all() and picture[64, 64].max() > 0
    y, x = np.mgrid[:128, :128]
    assert (picture[np.hypot(x - 63.5, y - 63.5) > 61] == 0).all()


@pytest.mark.slow
def test_the_same_place_by_night(world):
    by_night = build(3, light="dark")
    assert by_night.spots == world.spots and by_night.bounds == world.bounds
    exposure = still(middle(world, "room 0"), facing(LEVEL["north"]))
    assert np.mean(render(by_night, exposure, LENS)) < 0.5 * np.mean(render(world, exposure, LENS))
