"""Which way a sensor's channels point: strings like "ZXY" or "yxz" into rotations to camera axes.

A mapping is always a proper rotation: a mirrored one would turn every turn of the head the wrong way.
"""

import numpy as np

from headturn.rotation import Floats

CAMERA_FROM_GOPRO: Floats = np.array([[-1.0, 0, 0], [0, 0, -1.0], [0, -1.0, 0]])
"""GoPro's body axes are X to the left of the image, Y back, Z up. Source: the picture in GoPro's description of the
format; established on HERO5 (gyro against the image, each axis with its sign) and MAX (gyro against CORI, GRAV)."""

CAMERA_FROM_GYROFLOW: Floats = np.array([[0, -1.0, 0], [-1.0, 0, 0], [0, 0, -1.0]])
"""Gyroflow's axes are x up, y left, z back: its integrators take (-y, x, z) as right, up, back."""

_PROPER = 1e-3


def gopro_axes(letters: str) -> Floats | None:
    """camera_from_channels (3, 3) from GoPro's ORIN: letter i names the body axis that channel i measures.

    A small letter means the opposite direction. None where the letters are no proper rotation.
    """
    return _proper(CAMERA_FROM_GOPRO @ _signed(letters).T)


def gyroflow_axes(letters: str) -> Floats | None:
    """camera_from_channels (3, 3) from Gyroflow's orientation: letter i names the channel that makes its axis i.

    A small letter means the opposite direction. None where the letters are no proper rotation.
    """
    return _proper(CAMERA_FROM_GYROFLOW @ _signed(letters))


def gopro_matrix(matrix: Floats, letters_out: str) -> Floats | None:
    """camera_from_channels (3, 3) from GoPro's MTRX, whose rows come in the order of ORIO; None if not proper."""
    if matrix.shape != (3, 3) or not np.all(np.isfinite(matrix)):
        return None
    return _proper(CAMERA_FROM_GOPRO @ _signed(letters_out).T @ matrix)


def is_proper(matrix: Floats) -> bool:
    """Whether a matrix is a rotation: orthogonal, and no mirror."""
    return bool(
        np.allclose(matrix @ matrix.T, np.eye(3), atol=_PROPER) and abs(float(np.linalg.det(matrix)) - 1) < _PROPER
    )


def _signed(letters: str) -> Floats:
    """Row i holds the sign of the axis that letter i names; zeros where the letters make no sense."""
    matrix = np.zeros((3, 3))
    if sorted(letters.upper()) == ["X", "Y", "Z"]:
        for row, letter in enumerate(letters):
            matrix[row, "XYZ".index(letter.upper())] = 1 if letter.isupper() else -1
    return matrix


def _proper(matrix: Floats) -> Floats | None:
    return matrix if is_proper(matrix) else None
