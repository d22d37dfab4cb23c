"""One set and one small camera for all tests of the backlot."""

from math import radians

import pytest

from headturn.backlot import scripts
from headturn.backlot.performers import Performance, Performer
from headturn.backlot.shoot import Camera
from headturn.backlot.world import World, build
from headturn.camera.lens import rectilinear


@pytest.fixture(scope="session")
def world() -> World:
    return build(3)


@pytest.fixture(scope="session")
def camera() -> Camera:
    return Camera(rectilinear(320, 180, horizontal_fov_rad=radians(80)), seed=5)


@pytest.fixture(scope="session")
def performance(world: World) -> Performance:
    return Performer().play(scripts.looking_about(world, "room 0", 2, 4), 11)
