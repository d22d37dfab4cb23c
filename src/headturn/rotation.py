"""Arrays of unit quaternions, (n, 4) in the order w x y z, and rotation vectors, (n, 3) in radians.

`b_from_a` names a rotation that takes coordinates in frame a to coordinates in frame b. Composition reads like the
names: `compose(c_from_b, b_from_a)` is `c_from_a`. The algebra is scipy's; this module fixes the order of the
components and the frames of reference, and adds what scipy lacks.

Frames of reference used throughout:
    camera, head   x right, y down, z forward (as OpenCV has it). Turning right is +y, looking up is +x,
                   tilting the head to the right shoulder is +z, in rad/s of angular velocity.
    world          x and y level, z up (against gravity). Its heading is arbitrary.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation, Slerp

Floats = NDArray[np.float64]

IDENTITY: Floats = np.array([1.0, 0.0, 0.0, 0.0])


def _rotation(quaternions: Floats) -> Rotation:
    return Rotation.from_quat(quaternions, scalar_first=True)


def _array(rotation: Rotation) -> Floats:
    return rotation.as_quat(scalar_first=True)


def compose(*rotations: Floats) -> Floats:
    """The product of rotations, leftmost applied last; shapes (4,) and (n, 4) mix."""
    result = _rotation(rotations[0])
    for rotation in rotations[1:]:
        result = result * _rotation(rotation)
    return _array(result)


def inverse(rotation: Floats) -> Floats:
    """The opposite rotation: `inverse(b_from_a)` is `a_from_b`."""
    return _array(_rotation(rotation).inv())


def apply(rotation: Floats, vectors: Floats) -> Floats:
    """Rotate vectors (n, 3) or (3,) by rotations (n, 4) or (4,)."""
    return _rotation(rotation).apply(vectors)


def from_vector(vectors: Floats) -> Floats:
    """Quaternions from rotation vectors (axis times angle in radians), (3,) or (n, 3)."""
    return _array(Rotation.from_rotvec(vectors))


def to_vector(rotation: Floats) -> Floats:
    """Rotation vectors in radians, of length at most pi, from quaternions."""
    return _rotation(rotation).as_rotvec()


def to_matrix(rotation: Floats) -> Floats:
    """Rotation matrices (3, 3) or (n, 3, 3) from quaternions."""
    return _rotation(rotation).as_matrix()


def from_matrix(matrix: Floats) -> Floats:
    """Quaternions from rotation matrices; the nearest rotation is taken where a matrix is not exact."""
    return _array(Rotation.from_matrix(matrix))


def angle(rotation: Floats) -> Floats:
    """Size of each rotation in radians, 0 to pi."""
    return np.asarray(_rotation(rotation).magnitude(), dtype=np.float64)


def power(rotation: Floats, share: Floats | float) -> Floats:
    """A share of each rotation along its own axis: 0 is none, 1 is all, 0.5 is halfway."""
    vectors = to_vector(rotation)
    return from_vector(vectors * (np.asarray(share)[..., None] if np.ndim(share) else share))


def interpolate(times_s: Floats, rotations: Floats, at_s: Floats) -> Floats:
    """Rotations (m, 4) at times (m,) by spherical interpolation; before the first and after the last it holds.

    `times_s` (n,) must increase.
    """
    if len(times_s) == 1:
        return np.repeat(rotations, len(at_s), axis=0)
    held = np.clip(at_s, times_s[0], times_s[-1])
    return _array(Slerp(times_s, _rotation(rotations))(held))


def angular_velocity(times_s: Floats, world_from_body: Floats) -> Floats:
    """Angular velocity (n, 3) in rad/s in the body's own frame, at each time, from orientations (n, 4).

    Central differences inside, one-sided at both ends; zero where there is a single sample.
    """
    if len(times_s) < 2:
        return np.zeros((len(times_s), 3))
    steps = to_vector(compose(inverse(world_from_body[:-1]), world_from_body[1:]))
    lasting = np.diff(times_s)[:, None]
    rates = steps / lasting  # in the middle of each interval
    inside = (rates[:-1] * lasting[1:] + rates[1:] * lasting[:-1]) / (lasting[:-1] + lasting[1:])
    return np.concatenate([rates[:1], inside, rates[-1:]])


def integrate(times_s: Floats, rates_rad_s: Floats) -> Floats:
    """Orientations (n, 4) from angular velocity (n, 3) in the body's frame; the first is the identity.

    Each step turns by the mean of the rates at its two ends (second order).
    """
    steps = from_vector((rates_rad_s[:-1] + rates_rad_s[1:]) / 2 * np.diff(times_s)[:, None])
    result = np.empty((len(times_s), 4))
    result[0] = IDENTITY
    current = Rotation.identity()
    for index, step in enumerate(_rotation(steps) if len(steps) else ()):
        current = current * step
        result[index + 1] = _array(current)
    return result
