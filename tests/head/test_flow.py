"""Rotation seen in the image, against a painted sphere whose rotation is known exactly."""

import math
from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from headturn import rotation
from headturn.camera.lens import Lens, fisheye, rectilinear
from headturn.head.flow import Flow, FlowOptions, chained, rotation_seen

FPS = 30
WIDE = rectilinear(240, 136, horizontal_fov_rad=math.radians(90))
ROUND = fisheye(220, 220, horizontal_fov_rad=math.radians(150), circle_px=108)


def painted(seed: int, width: int = 2048) -> np.ndarray:
    """A sphere to look at, as an equirectangular image: clouds of all sizes, and boxes with hard edges."""
    random = np.random.default_rng(seed)
    height = width // 2
    paint = np.zeros((height, width), np.float32)
    for cells, strength in ((24, 1.0), (64, 0.8), (192, 0.5), (600, 0.25)):
        noise = random.standard_normal((cells // 2, cells)).astype(np.float32)
        wrapped = np.concatenate([noise, noise[:, :2]], axis=1)
        paint += (
            strength
            * cv2.resize(wrapped, (width + 2 * width // cells, height), interpolation=cv2.INTER_CUBIC)[:, :width]
        )
    for _ in range(200):
        x, y = random.integers(0, width), random.integers(height // 6, height * 5 // 6)
        w, h = random.integers(20, 120, 2)
        paint[y : y + h, x : x + w] += random.normal() * 1.2
    return np.clip(118 + 48 * paint / paint.std(), 0, 255).astype(np.uint8)


def seen_through(lens: Lens, sphere: np.ndarray, first_from_image: np.ndarray) -> np.ndarray:
    rows, columns = np.indices((lens.height, lens.width))
    pixels = np.column_stack([columns.ravel(), rows.ravel()]).astype(float)
    rays = rotation.apply(first_from_image, np.nan_to_num(lens.rays(pixels)))
    height, width = sphere.shape
    x = (np.arctan2(rays[:, 0], rays[:, 2]) / (2 * np.pi) + 0.5) * width
    y = (np.arcsin(np.clip(rays[:, 1], -1, 1)) / np.pi + 0.5) * height - 0.5
    shape = (lens.height, lens.width)
    image = cv2.remap(
        sphere,
        x.reshape(shape).astype(np.float32),
        y.reshape(shape).astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_WRAP,
    )
    return np.where(lens.shows(pixels).reshape(shape), image, 0).astype(np.uint8)


def whips(peaks_deg_s: tuple[float, ...], axes: tuple[tuple[float, float, float], ...]) -> tuple[np.ndarray, ...]:
    """Fine times and orientations of a shaky head that whips round: bells of 90 ms (standard deviation)."""
    times = np.arange(0, 0.45 * (len(peaks_deg_s) + 1), 1 / 1200)
    rates = np.radians(5) * np.stack([np.sin(12 * times + phase) for phase in range(3)], axis=1)
    for number, (peak, axis) in enumerate(zip(peaks_deg_s, axes, strict=True)):
        bell = np.exp(-0.5 * ((times - 0.45 * (number + 1)) / 0.09) ** 2)
        rates += np.radians(peak) * bell[:, None] * np.array(axis) / np.linalg.norm(axis)
    return times, rotation.integrate(times, rates)


def filmed(
    lens: Lens, times: np.ndarray, orientations: np.ndarray, seed: int = 0, shutter: float = 0.5
) -> Iterator[tuple[float, np.ndarray]]:
    """Frames with motion blur (the shutter is open around the frame's time) and noise."""
    sphere, random = painted(seed), np.random.default_rng(seed)
    for time in np.arange(int(times[-1] * FPS)) / FPS:
        open_at = time + (np.arange(6) - 2.5) / 6 * shutter / FPS
        exposures = [seen_through(lens, sphere, q) for q in rotation.interpolate(times, orientations, open_at)]
        noisy = np.mean(exposures, axis=0) + random.normal(0, 2, exposures[0].shape)
        yield time, np.clip(noisy, 0, 255).astype(np.uint8)


def true_steps(flow: Flow, times: np.ndarray, orientations: np.ndarray) -> np.ndarray:
    at = rotation.interpolate(times, orientations, flow.times_s)
    steps = rotation.to_vector(rotation.compose(rotation.inverse(at[:-1]), at[1:]))
    return np.vstack([np.zeros(3), steps])


@pytest.mark.parametrize("lens", [WIDE, ROUND], ids=["rectilinear", "fisheye"])
def test_whip_turns_are_measured_to_a_degree_a_second(lens: Lens) -> None:
    motion = whips((250, 400, 400, 150), ((0.3, -1, 0.1), (0, 1, 0.2), (1, -1, 0), (0.2, 0.2, 1)))
    flow = rotation_seen(filmed(lens, *motion), lens)
    truth = true_steps(flow, *motion)
    for axis in range(3):
        seen, real = flow.steps_rad[1:, axis], truth[1:, axis]
        assert np.corrcoef(seen, real)[0, 1] > 0.999
        assert seen @ real / (real @ real) == pytest.approx(1, abs=0.01)
    error_deg_s = np.degrees(np.linalg.norm(flow.steps_rad - truth, axis=1)) * FPS
    assert np.sqrt(np.mean(error_deg_s**2)) < 2.0
    assert flow.agreement.min() > 0.6
    assert flow.residual_rad.max() * lens.focal_mean_px < 2


def test_a_whip_at_500_degrees_a_second_is_followed() -> None:
    motion = whips((500, 500), ((0, 1, 0), (0, -1, 0)))
    flow = rotation_seen(filmed(WIDE, *motion), WIDE)
    assert np.degrees(np.abs(flow.steps_rad - true_steps(flow, *motion))).max() < 0.3


def test_a_lens_of_another_size_is_fitted_to_the_images() -> None:
    motion = whips((150,), ((0, 1, 0),))
    large = rectilinear(1920, 1088, horizontal_fov_rad=math.radians(90))
    small = rotation_seen(filmed(WIDE, *motion), WIDE)
    assert rotation_seen(filmed(WIDE, *motion), large).steps_rad == pytest.approx(small.steps_rad, abs=1e-9)


def test_large_images_are_reduced_first() -> None:
    motion = whips((100,), ((0, 1, 0),))
    frames = [(time, cv2.resize(image, None, fx=3, fy=3)) for time, image in filmed(WIDE, *motion)][:20]
    flow = rotation_seen(frames, WIDE, FlowOptions(width_px=200))
    assert np.degrees(np.abs(flow.steps_rad - true_steps(flow, *motion))).max() < 0.15


def test_the_image_chain_is_the_orientation() -> None:
    steps = np.random.default_rng(1).normal(0, 0.2, (37, 3))
    one_by_one = [rotation.from_vector(steps[0])]
    for step in steps[1:]:
        one_by_one.append(rotation.compose(one_by_one[-1], rotation.from_vector(step)))
    assert rotation.angle(rotation.compose(rotation.inverse(np.array(one_by_one)), chained(steps))).max() < 1e-9
    assert chained(np.empty((0, 3))).shape == (0, 4)


def test_a_burnt_in_clock_and_the_wearers_body_lose_against_the_turning_world() -> None:
    motion = whips((200, 200), ((0, 1, 0), (0.3, -1, 0)))
    fixed = painted(9)[100:236, 100:340]
    covered = np.zeros_like(fixed, dtype=bool)
    covered[:20, 150:] = covered[85:, :] = True  # 43 % of the picture

    def dressed() -> Iterator[tuple[float, np.ndarray]]:
        random = np.random.default_rng(0)
        for time, image in filmed(WIDE, *motion):
            noise = random.normal(0, 1.5, fixed.shape)
            yield time, np.where(covered, np.clip(fixed + noise, 0, 255), image).astype(np.uint8)

    flow = rotation_seen(dressed(), WIDE)
    error_deg_s = np.degrees(np.linalg.norm(flow.steps_rad - true_steps(flow, *motion), axis=1)) * FPS
    assert np.percentile(error_deg_s, 95) < 5


def test_a_passer_by_does_not_turn_the_head() -> None:
    background = seen_through(WIDE, painted(0), rotation.IDENTITY)
    person = painted(5)[100:236, 100:180]
    random = np.random.default_rng(2)
    frames = []
    for number in range(24):
        image = background.copy()
        left = -80 + 12 * number
        inside = slice(max(left, 0), min(max(left + 80, 0), 240))
        image[:, inside] = person[:, inside.start - left : inside.stop - left]
        frames.append((number / FPS, np.clip(image + random.normal(0, 2, image.shape), 0, 255).astype(np.uint8)))
    flow = rotation_seen(frames, WIDE)
    assert np.degrees(np.linalg.norm(flow.steps_rad, axis=1)).max() * FPS < 3


def test_repeated_frames_stand_still_and_the_next_step_is_whole() -> None:
    motion = whips((200,), ((0, 1, 0),))
    random = np.random.default_rng(4)
    frames = list(filmed(WIDE, *motion))
    conformed = []
    for number, (time, _) in enumerate(frames):  # 15 pictures a second, shown 30 times a second, encoded again
        shown = frames[number // 2 * 2][1]
        again = np.clip(shown + random.integers(0, 2, shown.shape) * (number % 2), 0, 255).astype(np.uint8)
        conformed.append((time, again))
    flow = rotation_seen(conformed, WIDE)
    assert flow.repeated[3::2].all() and not flow.repeated[::2].any()
    assert not flow.steps_rad[3::2].any()
    at = rotation.interpolate(*motion, flow.times_s[::2])
    steps = rotation.to_vector(rotation.compose(rotation.inverse(at[:-1]), at[1:]))
    assert np.degrees(np.abs(flow.steps_rad[2::2] - steps)).max() < 0.3


def test_a_scene_cut_is_no_rotation() -> None:
    motion = whips((40,), ((0, 1, 0),))
    first, second = list(filmed(WIDE, *motion, seed=1))[:12], list(filmed(WIDE, *motion, seed=2))[12:24]
    flow = rotation_seen(first + second, WIDE)
    assert flow.agreement[12] < 0.12
    assert not flow.steps_rad[12].any()
    assert np.delete(flow.agreement, 12).min() > 0.8


def test_darkness_and_blank_walls_say_nothing() -> None:
    random = np.random.default_rng(0)
    dark = [(k / FPS, random.poisson(1.0, (136, 240)).astype(np.uint8)) for k in range(8)]
    blank = [(k / FPS, np.full((136, 240), 128, np.uint8)) for k in range(4)]
    for frames in (dark, blank):
        flow = rotation_seen(frames, WIDE)
        assert not flow.steps_rad.any()
    assert rotation_seen(dark, WIDE).agreement[1:].max() < 0.2
    assert rotation_seen(dark, WIDE).luma == pytest.approx(1.0, abs=0.1)


def test_blur_lowers_the_sharpness() -> None:
    motion = whips((400,), ((0, 1, 0),))
    flow = rotation_seen(filmed(WIDE, *motion), WIDE)
    fastest = int(np.argmax(np.linalg.norm(flow.steps_rad, axis=1)))
    assert flow.sharpness[fastest] < 0.7 * flow.sharpness[2]


@pytest.mark.parametrize("shape", [(2, 2), (9, 16), (200, 8), (8, 200)])
def test_tiny_images_are_no_error(shape: tuple[int, int]) -> None:
    random = np.random.default_rng(0)
    frames = [(k / FPS, random.integers(0, 255, shape).astype(np.uint8)) for k in range(3)]
    flow = rotation_seen(frames, rectilinear(*shape[::-1], horizontal_fov_rad=1.4))
    assert flow.steps_rad.shape == (3, 3)


def test_no_images_are_no_motion() -> None:
    flow = rotation_seen([], WIDE)
    assert flow.steps_rad.shape == (0, 3) and flow.first_from_image.shape == (0, 4)


def test_the_same_frames_give_the_same_motion() -> None:
    motion = whips((120,), ((0, 1, 0),))
    frames = list(filmed(WIDE, *motion))[:10]
    assert np.array_equal(rotation_seen(frames, WIDE).steps_rad, rotation_seen(frames, WIDE).steps_rad)
