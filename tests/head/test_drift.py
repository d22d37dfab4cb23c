"""A mount that slips is noticed, by how much and since when; takes that differ as takes do are not."""

from dataclasses import replace
from math import radians
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headturn.backlot.performers import Look, Performer, Script, Walk
from headturn.backlot.shoot import Camera, write_log
from headturn.camera.gcsv import read_gcsv
from headturn.camera.lens import rectilinear
from headturn.head import drift
from headturn.head.drift import Rest
from headturn.head.motion import head_motion

LOOKS = tuple(Look(0.8 + 1.6 * n, heading, -0.1, 0.6) for n, heading in enumerate((0.9, 0.1, -1.2)))
SCRIPT = Script(5.0, Walk((0.0, 2.0, 5.0), ((0, 0), (0, 0), (3, 0))), 0.0, -0.1, LOOKS)
CAMERA = Camera(rectilinear(320, 180, horizontal_fov_rad=radians(80)))


def shot(seed: int, folder: Path, mount_deg: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> Rest:
    """A take on the backlot: a performance of its own, as its gyro log tells it."""
    log = folder / f"{seed}.gcsv"
    camera = replace(CAMERA, seed=seed, mount_rad=tuple(float(each) for each in np.radians(mount_deg)))
    write_log(Performer().play(SCRIPT, seed), camera, log)
    found = drift.rest(head_motion(read_gcsv(log)))
    assert found is not None
    return found


def test_the_rest_pose_is_that_of_the_mount(tmp_path):
    plain = shot(1, tmp_path)
    up, right = shot(1, tmp_path, (8, 0, 0)), shot(1, tmp_path, (0, 0, 5))
    assert np.degrees(up.tilt_rad - plain.tilt_rad) == pytest.approx(8, abs=0.3)
    assert np.degrees(right.roll_rad - plain.roll_rad) == pytest.approx(5, abs=0.3)
    assert plain.tilt_rad == pytest.approx(-0.1, abs=radians(2))


@pytest.mark.parametrize("since", [3, 6, 9])
def test_a_mount_that_slips_is_told_since_the_take_it_did(tmp_path, since):
    rests = [shot(seed, tmp_path, (-4.0 if seed >= since else 0.0, 0, 0)) for seed in range(10)]
    (change,) = drift.changes(rests)
    assert change.index == since
    assert np.degrees(change.tilt_rad) == pytest.approx(-4, abs=1)
    assert change.takes == 10 - since


def test_a_mount_that_does_not_slip_is_left_alone(tmp_path):
    assert drift.changes([shot(seed, tmp_path) for seed in range(10)]) == ()


def test_it_may_slip_twice_and_be_put_right(tmp_path):
    rests = [shot(seed, tmp_path, (-6.0 if 4 <= seed < 8 else 0.0, 0, 0)) for seed in range(12)]
    down, up = drift.changes(rests)
    assert (down.index, up.index) == (4, 8)
    assert down.tilt_rad < 0 < up.tilt_rad


@given(st.lists(st.floats(-radians(0.6), radians(0.6)), max_size=20))
def test_less_than_takes_differ_by_is_never_told(tilts):
    assert drift.changes([Rest(tilt, 0.0, 0.0, 1.0) for tilt in tilts]) == ()


def test_nothing_is_told_without_gravity_or_rest(tmp_path):
    write_log(Performer().play(SCRIPT, 1), CAMERA, tmp_path / "log.gcsv")
    motion = head_motion(read_gcsv(tmp_path / "log.gcsv"))
    assert drift.rest(replace(motion, level=False)) is None
    assert drift.rest(replace(motion, rates_rad_s=motion.rates_rad_s + 3)) is None
