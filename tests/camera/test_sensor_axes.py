import itertools

import numpy as np
import pytest

from headturn.camera.gopro import DEFAULT_AXES, MODEL_AXES
from headturn.camera.sensor_axes import (
    CAMERA_FROM_GOPRO,
    CAMERA_FROM_GYROFLOW,
    gopro_axes,
    gopro_matrix,
    gyroflow_axes,
    is_proper,
)

ALL = [
    "".join(c) for order in itertools.permutations("XYZ") for c in itertools.product(*((a, a.lower()) for a in order))
]


def test_every_mapping_is_a_rotation_and_every_mirror_is_refused():
    assert is_proper(CAMERA_FROM_GOPRO) and is_proper(CAMERA_FROM_GYROFLOW)
    assert all(is_proper(gopro_axes(order)) for orders in (*MODEL_AXES.values(), DEFAULT_AXES) for order in orders)
    for read in (gopro_axes, gyroflow_axes):
        found = [read(letters) for letters in ALL]
        assert sum(axes is not None for axes in found) == 24
        assert all(is_proper(axes) for axes in found if axes is not None)


def test_gopro_names_what_a_channel_measures():
    axes = gopro_axes("ZXY")
    up, left, back = np.eye(3)
    assert (axes @ up).tolist() == [0, -1, 0]
    assert (axes @ left).tolist() == [-1, 0, 0]
    assert (axes @ back).tolist() == [0, 0, -1]


def test_gyroflow_names_what_makes_an_axis():
    """The log of a gyro in camera axes is "yxz": up is minus down, left minus right, back minus forward."""
    assert np.array_equal(gyroflow_axes("yxz"), np.eye(3))


@pytest.mark.parametrize(
    ("letters", "matrix"),
    [("XzY", [[0, -1, 0], [1, 0, 0], [0, 0, 1]]), ("YxZ", [[0, 0, 1], [0, -1, 0], [1, 0, 0]])],
)
def test_the_matrix_of_a_real_camera_says_what_its_letters_say(letters, matrix):
    assert np.array_equal(gopro_matrix(np.array(matrix, float), "ZXY"), gopro_axes(letters))


@pytest.mark.parametrize("letters", ["", "XY", "XYX", "ABC", "XYZW", "X Y"])
def test_letters_without_sense_are_no_axes(letters):
    assert gopro_axes(letters) is None and gyroflow_axes(letters) is None


def test_a_matrix_without_sense_is_no_axes():
    assert gopro_matrix(np.full((3, 3), np.nan), "ZXY") is None
    assert gopro_matrix(np.diag([1.0, 1, -1]), "ZXY") is None
    assert gopro_matrix(np.eye(3) * 2, "ZXY") is None
    assert gopro_matrix(np.eye(3), "what") is None
