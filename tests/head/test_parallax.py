"""Parallax told apart from turning, on points at known distances."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headturn import rotation
from headturn.head.parallax import ASSUMED_LENS, KNOWN_LENS, told_apart

PIXEL_RAD = 1 / 150


def corners(random: np.random.Generator, count: int = 250) -> np.ndarray:
    """Points (n, 3) in metres over a view of 95 x 62 degrees, one to six metres away."""
    x, y = random.uniform(-1.09, 1.09, count), random.uniform(-0.6, 0.6, count)
    rays = np.stack([x, y, np.ones(count)], axis=1)
    rays /= np.linalg.norm(rays, axis=1, keepdims=True)
    return rays * random.uniform(1, 6, (count, 1))


def seen_again(
    points: np.ndarray, step: np.ndarray, walked_m: np.ndarray, random: np.random.Generator, noise_px: float = 0.2
) -> tuple[np.ndarray, np.ndarray]:
    """Rays before, and rays after the camera turned by a rotation vector and went some way (in its axes before)."""
    after = rotation.apply(rotation.inverse(rotation.from_vector(step)), points - walked_m)
    before, after = (rays / np.linalg.norm(rays, axis=1, keepdims=True) for rays in (points, after))
    return before, after + random.normal(0, noise_px * PIXEL_RAD, after.shape)


def turned_only(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    left, _, right = np.linalg.svd(before.T @ after)
    return left @ np.diag([1, 1, np.linalg.det(left @ right)]) @ right


def walk(random: np.random.Generator, walked_m: np.ndarray, turn_rad: float, frames: int) -> list[tuple[float, float]]:
    """Errors in degrees of the last steps of a walk: of rotation alone, and with parallax told apart."""
    drift, errors = np.zeros(3), []
    for _ in range(frames):
        step = np.array([0.1, 1, 0.05]) * turn_rad
        before, after = seen_again(corners(random), step, walked_m, random)
        plain = turned_only(before, after)
        matrix, drift = told_apart(before, after, np.ones(len(before)), plain, drift, PIXEL_RAD, KNOWN_LENS)
        truth = rotation.to_matrix(rotation.from_vector(step))
        errors.append(
            tuple(math.degrees(float(rotation.angle(rotation.from_matrix(m @ truth.T)))) for m in (plain, matrix))
        )
        drift = drift @ matrix
        walked_m = walked_m @ truth
    return errors[-10:]


@pytest.mark.parametrize("turn_deg", [0.0, 1.0, 8.0])
def test_walking_sideways_past_near_things_is_no_turn(turn_deg: float) -> None:
    errors = walk(np.random.default_rng(1), np.array([0.047, 0.0, 0.0]), math.radians(turn_deg), 20)
    alone, apart = np.mean(errors, axis=0)
    assert alone > 0.3  # nine degrees a second at 30 frames a second
    assert apart < 0.7 * alone


def test_mean_parallax_points_where_the_camera_goes() -> None:
    random, drift = np.random.default_rng(2), np.zeros(3)
    for _ in range(15):
        before, after = seen_again(corners(random), np.zeros(3), np.array([0.04, 0.01, 0.01]), random)
        plain = turned_only(before, after)
        _, drift = told_apart(before, after, np.ones(len(before)), plain, drift, PIXEL_RAD, KNOWN_LENS)
    assert drift / np.linalg.norm(drift) == pytest.approx(np.array([0.943, 0.236, 0.236]), abs=0.2)
    assert (
        0.3 < np.linalg.norm(drift) / (0.0424 * 0.36) < 1.2
    )  # of the mean nearness of one to six metres; it is held back


@pytest.mark.parametrize("trust", [KNOWN_LENS, ASSUMED_LENS])
@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), degrees=st.floats(0, 15))
def test_turning_alone_stays_what_it_is(trust: object, seed: int, degrees: float) -> None:
    random = np.random.default_rng(seed)
    axis = random.normal(0, 1, 3)
    step = math.radians(degrees) * axis / np.linalg.norm(axis)
    before, after = seen_again(corners(random), step, np.zeros(3), random)
    plain = turned_only(before, after)
    matrix, drift = told_apart(before, after, np.ones(len(before)), plain, np.zeros(3), PIXEL_RAD, trust)
    truth = rotation.to_matrix(rotation.from_vector(step))
    assert np.linalg.det(matrix) == pytest.approx(1)
    assert rotation.angle(rotation.from_matrix(matrix @ truth.T)) < 0.35 * PIXEL_RAD
    assert np.linalg.norm(drift) < 0.5 * PIXEL_RAD


def test_a_few_points_far_off_do_not_matter() -> None:
    random = np.random.default_rng(3)
    before, after = seen_again(corners(random), np.array([0, 0.05, 0]), np.array([0.03, 0, 0]), random)
    wrong = after.copy()
    wrong[:40] = wrong[:40] @ rotation.to_matrix(rotation.from_vector(np.array([0.3, 0.2, 0])))
    ones, start = np.ones(len(before)), turned_only(before[40:], after[40:])
    clean, _ = told_apart(before[40:], after[40:], ones[40:], start, np.zeros(3), PIXEL_RAD, KNOWN_LENS)
    dirty, _ = told_apart(before, wrong, ones, start, np.zeros(3), PIXEL_RAD, KNOWN_LENS)
    assert rotation.angle(rotation.from_matrix(clean @ dirty.T)) < 0.15 * PIXEL_RAD
