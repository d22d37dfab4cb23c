"""Quaternion arrays: the conventions their docstring states, and what must undo what."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.spatial.transform import Rotation, Slerp

from headturn import rotation

RIGHT, DOWN, AHEAD = np.eye(3)
vectors = hnp.arrays(np.float64, 3, elements=st.floats(-1.8, 1.8))
quaternions = vectors.map(rotation.from_vector)


def alike(a, b, within=1e-9):
    """Whether two rotations are one (q and -q are)."""
    return bool(np.all(rotation.angle(rotation.compose(rotation.inverse(a), b)) < within))


@pytest.mark.parametrize(
    ("axis", "what", "ends"),
    [
        (1, "the view ahead goes right", (AHEAD, RIGHT)),
        (0, "the view ahead goes up", (AHEAD, -DOWN)),
        (2, "the top of the head goes to the right shoulder", (-DOWN, RIGHT)),
    ],
)
def test_positive_turns_are_right_up_and_to_the_right_shoulder(axis, what, ends):
    quarter = rotation.from_vector(np.eye(3)[axis] * np.pi / 2)
    np.testing.assert_allclose(rotation.apply(quarter, ends[0]), ends[1], atol=1e-12, err_msg=what)


@given(quaternions, quaternions, vectors)
def test_composition_reads_like_its_names(c_from_b, b_from_a, in_a):
    c_from_a = rotation.compose(c_from_b, b_from_a)
    in_c = rotation.apply(c_from_b, rotation.apply(b_from_a, in_a))
    np.testing.assert_allclose(rotation.apply(c_from_a, in_a), in_c, atol=1e-12)
    np.testing.assert_allclose(rotation.apply(rotation.inverse(c_from_a), in_c), in_a, atol=1e-12)


def scipys(quaternions):
    return Rotation.from_quat(quaternions, scalar_first=True)


@given(hnp.arrays(np.float64, (5, 3), elements=st.floats(-6, 6)), vectors)
def test_the_algebra_is_scipys(turns, vector):
    q, theirs = rotation.from_vector(turns), Rotation.from_rotvec(turns)
    np.testing.assert_allclose(q, theirs.as_quat(scalar_first=True), atol=1e-12)
    np.testing.assert_allclose(rotation.to_matrix(q), theirs.as_matrix(), atol=1e-12)
    np.testing.assert_allclose(rotation.angle(q), theirs.magnitude(), atol=1e-9)
    np.testing.assert_allclose(rotation.apply(q, vector), theirs.apply(vector), atol=1e-12)
    assert (scipys(rotation.from_matrix(theirs.as_matrix())) * theirs.inv()).magnitude().max() < 1e-7
    assert (scipys(rotation.from_vector(rotation.to_vector(q))) * theirs.inv()).magnitude().max() < 1e-7
    whole = rotation.compose(q, rotation.inverse(q[::-1]), q[2])
    np.testing.assert_allclose(whole, (theirs * theirs[::-1].inv() * theirs[2]).as_quat(scalar_first=True), atol=1e-12)


@given(vectors, vectors, vectors)
def test_interpolation_is_scipys(first, second, third):
    path, times = rotation.from_vector(np.stack([first, second, third])), np.array([0.0, 0.3, 1.0])
    at = np.linspace(0, 1, 21)
    apart = scipys(rotation.interpolate(times, path, at)) * Slerp(times, scipys(path))(at).inv()
    assert apart.magnitude().max() < 1e-6


def test_an_inexact_matrix_gives_the_nearest_rotation():
    turn = Rotation.from_rotvec([0.3, -0.4, 0.2])
    stretched = turn.as_matrix() @ np.diag([1.01, 0.98, 1.03])
    np.testing.assert_allclose(rotation.to_matrix(rotation.from_matrix(stretched)), turn.as_matrix(), atol=1e-9)


@given(quaternions, quaternions)
def test_one_rotation_composes_with_many(one, other):
    many = np.stack([one, other, one])
    for row, q in zip(rotation.compose(many, other), many, strict=True):
        assert alike(row, rotation.compose(q, other))
    for row, q in zip(rotation.compose(other, many), many, strict=True):
        assert alike(row, rotation.compose(other, q))


@given(vectors.filter(lambda v: np.linalg.norm(v) < 3.1))
def test_vectors_and_matrices_come_back(vector):
    q = rotation.from_vector(vector)
    np.testing.assert_allclose(rotation.to_vector(q), vector, atol=1e-9)
    assert alike(rotation.from_matrix(rotation.to_matrix(q)), q, 1e-7)
    np.testing.assert_allclose(rotation.angle(q), np.linalg.norm(vector), atol=1e-9)
    np.testing.assert_allclose(np.linalg.norm(q), 1)


@given(vectors, st.floats(0, 1))
def test_shares_of_a_rotation_add_up_to_it(vector, share):
    q = rotation.from_vector(vector)
    assert alike(rotation.compose(rotation.power(q, share), rotation.power(q, 1 - share)), q, 1e-7)
    both = rotation.power(np.stack([q, q]), np.array([share, 1.0]))
    assert alike(both[0], rotation.power(q, share), 1e-7)
    assert alike(both[1], q, 1e-7)


def test_no_share_is_exactly_no_rotation():
    """The render passes frames through untouched where a seam's turn is this."""
    turns = rotation.from_vector(np.array([[0.3, -0.2, 0.1], [0.0, 0.4, 0.0]]))
    assert (rotation.power(turns, np.zeros(2)) == rotation.IDENTITY).all()
    assert (rotation.inverse(rotation.power(turns, np.zeros(2))) == rotation.IDENTITY).all()


def test_interpolation_goes_evenly_and_holds_at_the_ends():
    times, quarter = np.array([1.0, 2.0]), rotation.from_vector(np.array([[0.0, 0, 0], [0, 1.0, 0]]))
    found = rotation.interpolate(times, quarter, np.array([0.0, 1.25, 2.0, 9.0]))
    np.testing.assert_allclose(rotation.to_vector(found)[:, 1], [0, 0.25, 1, 1], atol=1e-12)
    single = rotation.interpolate(times[:1], quarter[1:], np.array([0.0, 5.0]))
    assert alike(single, quarter[1])


@given(st.integers(0, 2**32), st.integers(2, 60))
@settings(max_examples=40)
def test_angular_velocity_is_what_integrates_to_the_path(seed, n):
    random = np.random.default_rng(seed)
    times = np.cumsum(random.uniform(0.005, 0.02, n))
    phases, speeds = random.uniform(0, 6, 3), random.uniform(1, 4, 3)
    rates = np.sin(times[:, None] * speeds + phases) * 3
    path = rotation.integrate(times, rates)
    assert alike(path[0], rotation.IDENTITY)
    again = rotation.integrate(times, rotation.angular_velocity(times, path))
    assert rotation.angle(rotation.compose(rotation.inverse(again), path)).max() < 0.02
    np.testing.assert_allclose(rotation.angular_velocity(times, path)[1:-1], rates[1:-1], atol=0.02)


def test_angular_velocity_is_in_the_bodys_own_axes():
    """A head bent to the shoulder that turns about its own down axis turns about +y, whatever the world says."""
    times = np.linspace(0, 1, 11)
    spin = rotation.from_vector(np.outer(times, [0.0, 0.8, 0.0]))
    world_from_body = rotation.compose(rotation.from_vector(np.array([0.4, 0.1, 1.2])), spin)
    np.testing.assert_allclose(
        rotation.angular_velocity(times, world_from_body), np.tile([0, 0.8, 0], (11, 1)), atol=1e-9
    )


def test_one_sample_has_no_velocity_and_nowhere_to_go():
    assert (rotation.angular_velocity(np.zeros(1), rotation.IDENTITY[None]) == 0).all()
    assert (rotation.integrate(np.zeros(1), np.zeros((1, 3))) == rotation.IDENTITY).all()
