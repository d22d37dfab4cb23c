"""Arrays of unit quaternions, (n, 4) in the order w x y z, and rotation vectors, (n, 3) in radians.

`b_from_a` names a rotation that takes coordinates in frame a to coordinates in frame b. Composition reads like the
names: `compose(c_from_b, b_from_a)` is `c_from_a`. The algebra is written out, and tested against scipy's: loading
scipy's would cost every command, even one that only says that a take matches, as much time as loading all the rest.

Frames of reference used throughout:
    camera, head   x right, y down, z forward (as OpenCV has it). Turning right is +y, looking up is +x,
                   tilting the head to the right shoulder is +z, in rad/s of angular velocity.
    world          x and y level, z up (against gravity). Its heading is arbitrary.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

IDENTITY: Floats = np.array([1.0, 0.0, 0.0, 0.0])
_CONJUGATE: Floats = np.array([1.0, -1.0, -1.0, -1.0])


def _unit(quaternions: Floats) -> Floats:
    return np.asarray(quaternions / np.linalg.norm(quaternions, axis=-1, keepdims=True))


def compose(*rotations: Floats) -> Floats:
    """The product of rotations, leftmost applied last; shapes (4,) and (n, 4) mix."""
    result = np.asarray(rotations[0], dtype=np.float64)
    for rotation in rotations[1:]:
        w, x, y, z = np.moveaxis(result, -1, 0)
        a, b, c, d = np.moveaxis(np.asarray(rotation), -1, 0)
        result = np.stack(
            [
                w * a - x * b - y * c - z * d,
                w * b + x * a + y * d - z * c,
                w * c + y * a + z * b - x * d,
                w * d + z * a + x * c - y * b,
            ],
            axis=-1,
        )
    return _unit(result)


def inverse(rotation: Floats) -> Floats:
    """The opposite rotation: `inverse(b_from_a)` is `a_from_b`."""
    return _unit(np.asarray(rotation) * _CONJUGATE)


def apply(rotation: Floats, vectors: Floats) -> Floats:
    """Rotate vectors (n, 3) or (3,) by rotations (n, 4) or (4,)."""
    matrix = to_matrix(rotation)
    if matrix.ndim == 2:
        return np.asarray(vectors @ np.ascontiguousarray(matrix.T))  # a transposed view is ten times slower for many
    return np.asarray(np.einsum("...ij,...j->...i", matrix, vectors))


def from_vector(vectors: Floats) -> Floats:
    """Quaternions from rotation vectors (axis times angle in radians), (3,) or (n, 3)."""
    vectors = np.asarray(vectors, dtype=np.float64)
    half = np.linalg.norm(vectors, axis=-1, keepdims=True) / 2
    return np.concatenate([np.cos(half), vectors / 2 * np.sinc(half / np.pi)], axis=-1)


def to_vector(rotation: Floats) -> Floats:
    """Rotation vectors in radians, of length at most pi, from quaternions."""
    unit = _unit(rotation)
    forward = np.where(unit[..., :1] < 0, -unit, unit)
    half = np.arctan2(np.linalg.norm(forward[..., 1:], axis=-1, keepdims=True), forward[..., :1])
    return np.asarray(2 * forward[..., 1:] / np.sinc(half / np.pi))


def to_matrix(rotation: Floats) -> Floats:
    """Rotation matrices (3, 3) or (n, 3, 3) from quaternions."""
    w, x, y, z = np.moveaxis(_unit(rotation), -1, 0)
    rows = (
        (w * w + x * x - y * y - z * z, 2 * (x * y - w * z), 2 * (x * z + w * y)),
        (2 * (x * y + w * z), w * w - x * x + y * y - z * z, 2 * (y * z - w * x)),
        (2 * (x * z - w * y), 2 * (y * z + w * x), w * w - x * x - y * y + z * z),
    )
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def from_matrix(matrix: Floats) -> Floats:
    """Quaternions from rotation matrices; the nearest rotation is taken where a matrix is not exact."""
    u, _, vt = np.linalg.svd(np.asarray(matrix, dtype=np.float64))
    u[..., :, 2] *= np.linalg.det(u @ vt)[..., None]
    m = u @ vt
    xx, yy, zz = (m[..., i, i] for i in range(3))
    vx, vy, vz = (m[..., i, j] - m[..., j, i] for i, j in ((2, 1), (0, 2), (1, 0)))
    xy, xz, yz = (m[..., i, j] + m[..., j, i] for i, j in ((0, 1), (0, 2), (1, 2)))
    rows = (  # four times the quaternion's outer product with itself: any row of it is the quaternion, the largest best
        (1 + xx + yy + zz, vx, vy, vz),
        (vx, 1 + xx - yy - zz, xy, xz),
        (vy, xy, 1 - xx + yy - zz, yz),
        (vz, xz, yz, 1 - xx - yy + zz),
    )
    product = np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)
    largest = np.argmax(np.diagonal(product, axis1=-2, axis2=-1), axis=-1)
    return _unit(np.take_along_axis(product, largest[..., None, None], axis=-2)[..., 0, :])


def angle(rotation: Floats) -> Floats:
    """Size of each rotation in radians, 0 to pi."""
    rotation = np.asarray(rotation)
    return np.asarray(2 * np.arctan2(np.linalg.norm(rotation[..., 1:], axis=-1), np.abs(rotation[..., 0])))


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
    before = np.clip(np.searchsorted(times_s, held, side="right") - 1, 0, len(times_s) - 2)
    share = (held - times_s[before]) / (times_s[before + 1] - times_s[before])
    start = rotations[before]
    return compose(start, power(compose(inverse(start), rotations[before + 1]), share))


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
    for index, step in enumerate(steps):
        result[index + 1] = compose(result[index], step)
    return result
