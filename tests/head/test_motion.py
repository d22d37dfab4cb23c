"""Head motion and image motion, from sensors and images made of a motion that is known."""

import dataclasses
import math
from collections.abc import Callable

import numpy as np
import pytest

from headturn import rotation
from headturn.camera.sensors import Stream, Telemetry
from headturn.head.flow import Flow
from headturn.head.motion import UPRIGHT, Motion, MotionOptions, compare, head_motion, image_motion

FPS = 30
UP = np.array([0.0, 0.0, 1.0])


@dataclasses.dataclass(frozen=True)
class Scene:
    """A head that looks about: fine times, exact orientation (gravity up), and the frame times."""

    fine_s: np.ndarray
    world_from_head: np.ndarray
    times_s: np.ndarray

    def at(self, times_s: np.ndarray) -> np.ndarray:
        return rotation.interpolate(self.fine_s, self.world_from_head, times_s)

    def rates(self, times_s: np.ndarray) -> np.ndarray:
        exact = rotation.angular_velocity(self.fine_s, self.world_from_head)
        return np.column_stack([np.interp(times_s, self.fine_s, column) for column in exact.T])


def scene(seconds: float = 12.0, seed: int = 0) -> Scene:
    fine = np.arange(0, seconds, 1 / 1000)
    random = np.random.default_rng(seed)
    rates = np.radians(12) * np.stack([np.sin(6 * fine + p) for p in random.uniform(0, 6, 3)], axis=1)
    for number, middle in enumerate(np.arange(1.0, seconds - 1, 1.5)):
        axis = np.array([random.normal(0, 0.4), 1, random.normal(0, 0.3)]) * (-1) ** number
        rates += np.radians(220) * np.exp(-0.5 * ((fine - middle) / 0.1) ** 2)[:, None] * axis
    tilt = rotation.from_vector(np.array([0.2, 0.0, 0.1]))
    start = rotation.compose(UPRIGHT, tilt)
    return Scene(fine, rotation.compose(start, rotation.integrate(fine, rates)), np.arange(0, seconds - 0.05, 1 / FPS))


def sensors(real: Scene, *, lag_s: float = 0.0, bias_rad_s: float = 0.0, seed: int = 0) -> Telemetry:
    """Gyro at 397 Hz, accelerometer at 198 Hz and starting later: as HERO5 has them. The clock is `lag_s` ahead."""
    random = np.random.default_rng(seed)
    gyro_s = np.arange(0.003, real.fine_s[-1], 1 / 397)
    force_s = np.arange(0.041, real.fine_s[-1], 1 / 198)
    gyro = real.rates(gyro_s) + random.normal(0, 0.01, (len(gyro_s), 3)) + bias_rad_s
    force = 9.81 * rotation.apply(rotation.inverse(real.at(force_s)), UP) + random.normal(0, 0.3, (len(force_s), 3))
    return Telemetry("gcsv", gyro=Stream(gyro_s + lag_s, gyro), accelerometer=Stream(force_s + lag_s, force))


def flow_of(times: np.ndarray, orientations: np.ndarray, error_deg: float = 0.02, scale: float = 1.0) -> Flow:
    """The rotation that would be seen, with a little error."""
    steps = rotation.to_vector(rotation.compose(rotation.inverse(orientations[:-1]), orientations[1:])) * scale
    steps = np.vstack([np.zeros(3), steps]) + np.radians(np.random.default_rng(1).normal(0, error_deg, (len(times), 3)))
    steps[0] = 0
    ones = np.ones(len(times))
    return Flow(times, steps, 0.9 * ones, 0.001 * ones, np.zeros(len(times), bool), 100 * ones, 10 * ones, "Assumed.")


class Camera:
    """`see` for image motion; remembers what was looked at."""

    def __init__(
        self, times: np.ndarray, orientations: np.ndarray, change: Callable[[Flow], Flow] = lambda f: f
    ) -> None:
        self.times, self.orientations, self.change = times, orientations, change
        self.looks: list[tuple[float, float]] = []

    def __call__(self, start_s: float, stop_s: float) -> Flow:
        self.looks.append((start_s, stop_s))
        here = (self.times >= start_s) & (self.times < stop_s)
        return self.change(flow_of(self.times[here], self.orientations[here]))


def up_error_deg(motion: Motion, real: Scene) -> np.ndarray:
    """Angle between the up that motion knows and the true one."""
    told = rotation.apply(rotation.inverse(motion.world_from_body), UP)
    true = rotation.apply(rotation.inverse(real.at(motion.times_s)), UP)
    return np.degrees(np.arccos(np.clip(np.sum(told * true, axis=1), -1, 1)))


def test_head_motion_knows_gravity_and_the_turns() -> None:
    real = scene()
    motion = head_motion(sensors(real))
    assert motion is not None and motion.level and motion.source == "gyro"
    assert np.percentile(up_error_deg(motion, real), 95) < 1.0
    truth = Motion(real.fine_s, real.world_from_head, real.rates(real.fine_s), "truth", True, np.ones(len(real.fine_s)))
    agreement = compare(truth, motion)
    assert agreement.correlation.min() > 0.999
    assert agreement.slope == pytest.approx(np.ones(3), abs=0.005)


def test_without_an_accelerometer_the_gyro_still_turns_but_is_not_level() -> None:
    real = scene()
    motion = head_motion(dataclasses.replace(sensors(real), accelerometer=None))
    assert motion is not None and not motion.level
    turned = rotation.compose(rotation.inverse(motion.world_from_body[0]), motion.world_from_body[-1])
    at = real.at(motion.times_s[[0, -1]])
    true = rotation.compose(rotation.inverse(at[0]), at[1])
    assert math.degrees(float(rotation.angle(rotation.compose(rotation.inverse(turned), true)))) < 2


def test_the_cameras_own_orientation_serves_where_there_is_no_gyro() -> None:
    real = scene()
    start_from_camera = rotation.compose(rotation.inverse(real.at(real.times_s[:1])[0]), real.at(real.times_s))
    down = rotation.apply(rotation.inverse(real.at(real.times_s)), -UP)
    told = Telemetry(
        "GPMF",
        camera_orientation=Stream(real.times_s, start_from_camera),
        gravity=Stream(real.times_s, down),
    )
    motion = head_motion(told)
    assert motion is not None and motion.level and motion.source == "camera orientation"
    assert up_error_deg(motion, real).max() < 0.01
    assert head_motion(Telemetry("GPMF")) is None


def test_camera_and_image_orientation_make_the_image_motion_without_a_look() -> None:
    real = scene()
    world_from_camera = real.at(real.times_s)
    random = np.random.default_rng(3)
    wobble = np.radians(3) * np.sin(real.times_s[:, None] * 5 + random.uniform(0, 6, 3))
    camera_from_image = rotation.from_vector(wobble)
    start_from_camera = rotation.compose(rotation.inverse(world_from_camera[0]), world_from_camera)
    told = Telemetry(
        "GPMF",
        gyro=Stream(real.times_s, np.zeros((len(real.times_s), 3))),
        camera_orientation=Stream(real.times_s, start_from_camera),
        image_orientation=Stream(real.times_s, camera_from_image),
        gravity=Stream(real.times_s, rotation.apply(rotation.inverse(world_from_camera), -UP)),
        stabilised=True,
    )
    motion = image_motion(told, real.times_s, None)
    assert motion.source == "camera and image orientation" and motion.level
    truth = rotation.compose(world_from_camera, camera_from_image)
    told_up = rotation.apply(rotation.inverse(motion.world_from_body), UP)
    assert told_up == pytest.approx(rotation.apply(rotation.inverse(truth), UP), abs=1e-6)
    assert motion.rates_rad_s == pytest.approx(rotation.angular_velocity(real.times_s, truth), abs=1e-6)


def test_an_unstabilised_gopro_is_believed_without_a_look() -> None:
    real = scene()
    told = dataclasses.replace(sensors(real), source="GPMF", stabilised=False)
    camera = Camera(real.times_s, real.at(real.times_s))
    motion = image_motion(told, real.times_s, camera)
    assert motion.source == "gyro" and camera.looks == []
    assert np.array_equal(motion.times_s, real.times_s)
    assert motion.rates_rad_s == pytest.approx(
        rotation.angular_velocity(real.times_s, real.at(real.times_s)), abs=math.radians(2)
    )


@pytest.mark.parametrize("lag_s", [-0.06, -0.012, 0.0, 0.031, 0.08])
def test_a_sidecar_is_tried_on_five_seconds_and_its_lag_taken_out(lag_s: float) -> None:
    real = scene()
    camera = Camera(real.times_s, real.at(real.times_s), lambda f: dataclasses.replace(f, steps_rad=f.steps_rad * 0.85))
    motion = image_motion(sensors(real, lag_s=lag_s, bias_rad_s=0.02), real.times_s, camera)
    ((start_s, stop_s),) = camera.looks
    assert stop_s - start_s <= 5.0
    assert motion.source == "gyro" and "explains" in motion.notes[0]
    truth = rotation.angular_velocity(real.times_s, real.at(real.times_s))
    inner = slice(5, -5)
    fast = np.abs(truth[inner, 1]) > 1
    assert motion.rates_rad_s[inner][fast] == pytest.approx(truth[inner][fast], abs=math.radians(6))


def test_a_stabilised_image_is_noticed_and_seen_instead() -> None:
    real, other = scene(seed=0), scene(seed=5)
    calm = rotation.power(other.at(other.times_s), 0.2)
    told = dataclasses.replace(sensors(real), source="GPMF", stabilised=True)
    camera = Camera(real.times_s, calm)
    motion = image_motion(told, real.times_s, camera)
    assert motion.source == "image" and motion.level
    assert len(camera.looks) == 2 and camera.looks[1][1] > real.times_s[-1]
    assert motion.notes[0].startswith("the camera stabilised the image and does not say how (r ")
    assert "Assumed." in motion.notes
    truth = rotation.angular_velocity(real.times_s, calm)
    assert np.percentile(np.abs(motion.rates_rad_s - truth), 95) < math.radians(3)


def test_a_calm_gyro_does_not_explain_a_moving_image() -> None:
    real = scene()
    still = np.tile(UPRIGHT, (len(real.fine_s), 1))
    told = sensors(dataclasses.replace(real, world_from_head=still))
    assert image_motion(told, real.times_s, Camera(real.times_s, real.at(real.times_s))).source == "image"
    calm = Camera(real.times_s, np.tile(UPRIGHT, (len(real.times_s), 1)))
    assert image_motion(told, real.times_s, calm).source == "gyro"


def test_an_image_too_dark_to_tell_leaves_the_gyro_on_trust() -> None:
    real = scene()
    dark = Camera(
        real.times_s,
        real.at(real.times_s),
        lambda f: dataclasses.replace(f, agreement=np.zeros_like(f.agreement), steps_rad=np.zeros_like(f.steps_rad)),
    )
    motion = image_motion(sensors(real), real.times_s, dark)
    assert motion.source == "gyro" and "on trust" in motion.notes[0]
    stabilised = dataclasses.replace(sensors(real), stabilised=True)
    assert image_motion(stabilised, real.times_s, dark).source == "image"


def test_without_telemetry_the_image_is_upright_in_the_median() -> None:
    real = scene()
    motion = image_motion(None, real.times_s, Camera(real.times_s, real.at(real.times_s)))
    assert motion.source == "image" and not motion.level
    down = rotation.apply(motion.world_from_body, np.array([0.0, 1.0, 0.0]))
    assert np.median(down, axis=0)[:2] == pytest.approx([0, 0], abs=0.05)
    truth = rotation.angular_velocity(real.times_s, real.at(real.times_s))
    assert np.abs(motion.rates_rad_s - truth).max() < math.radians(5)
    assert motion.confidence == pytest.approx(0.9)


def test_an_accelerometer_keeps_the_image_level_against_drift() -> None:
    real = scene(40)
    told = dataclasses.replace(sensors(real), gyro=None)
    drift = rotation.from_vector(np.outer(real.times_s, np.radians([0.5, 0, 0.5])))
    camera = Camera(real.times_s, rotation.compose(drift, real.at(real.times_s)))
    motion = image_motion(told, real.times_s, camera)
    assert motion.level
    assert np.percentile(up_error_deg(motion, real), 95) < 3


def test_a_short_loss_is_bridged_and_a_long_one_is_still() -> None:
    real = scene()
    times, exact = real.times_s, real.at(real.times_s)
    middle = int(np.argmax(np.abs(rotation.angular_velocity(times, exact)[:, 1])))

    def losing(frames: slice) -> Callable[[Flow], Flow]:
        def lose(flow: Flow) -> Flow:
            steps, agreement = flow.steps_rad.copy(), flow.agreement.copy()
            steps[frames], agreement[frames] = 0, 0.02
            return dataclasses.replace(flow, steps_rad=steps, agreement=agreement)

        return lose

    truth = rotation.angular_velocity(times, exact)
    short = image_motion(None, times, Camera(times, exact, losing(slice(middle, middle + 2))))
    assert short.rates_rad_s[middle] == pytest.approx(truth[middle], abs=math.radians(40))
    long = image_motion(None, times, Camera(times, exact, losing(slice(middle - 6, middle + 7))))
    assert np.abs(long.rates_rad_s[middle]).max() < 1e-9
    assert long.confidence[middle] < 0.1


def test_repeated_frames_do_not_stutter_the_rates() -> None:
    real = scene()
    times = real.times_s[: len(real.times_s) // 2 * 2]
    held = real.at(np.repeat(times[::2], 2))

    def marked(flow: Flow) -> Flow:
        repeated = np.arange(len(flow.times_s)) % 2 == 1
        return dataclasses.replace(flow, repeated=repeated, steps_rad=np.where(repeated[:, None], 0, flow.steps_rad))

    motion = image_motion(None, times, Camera(times, held, marked))
    assert np.array_equal(motion.world_from_body[1::2], motion.world_from_body[::2])
    assert motion.repeated is not None and np.array_equal(motion.repeated, np.arange(len(times)) % 2 == 1)
    truth = rotation.angular_velocity(times, real.at(times))
    assert np.abs(motion.rates_rad_s - truth)[2:-2].max() < math.radians(35)
    assert np.sqrt(np.mean((motion.rates_rad_s - truth) ** 2)) < math.radians(8)


def test_nothing_known_is_said_to_be_still() -> None:
    motion = image_motion(None, np.arange(5) / FPS, None)
    assert not motion.rates_rad_s.any() and not motion.confidence.any() and not motion.level
    assert "taken to be still" in motion.notes[0]


def test_frames_beyond_what_the_sensor_recorded_are_not_known() -> None:
    real = scene()
    told = dataclasses.replace(sensors(real), source="GPMF", stabilised=False)
    assert told.gyro is not None
    early = dataclasses.replace(told, gyro=Stream(told.gyro.times_s[:2000], told.gyro.values[:2000]))
    motion = image_motion(early, real.times_s, None)
    last = told.gyro.times_s[1999]
    assert motion.confidence[real.times_s < last].min() == 1
    assert motion.confidence[real.times_s > last + 0.2].max() == 0


def test_options_bound_the_look() -> None:
    real = scene()
    camera = Camera(real.times_s, real.at(real.times_s))
    image_motion(sensors(real), real.times_s, camera, MotionOptions(sample_s=2.0))
    assert camera.looks[0][1] - camera.looks[0][0] <= 2.0


def test_agreement_tells_scale_from_likeness() -> None:
    real = scene()
    exact = real.at(real.times_s)
    rates = rotation.angular_velocity(real.times_s, exact)
    ones = np.ones(len(real.times_s))
    a = Motion(real.times_s, exact, rates, "image", True, ones)
    b = Motion(real.times_s, exact, rates * [0.8, 0.8, 1.0], "image", True, ones)
    agreement = compare(a, b)
    assert agreement.correlation == pytest.approx(np.ones(3))
    assert agreement.slope == pytest.approx([0.8, 0.8, 1.0])
    assert agreement.rms_rad_s[2] == pytest.approx(0, abs=1e-12)
    assert agreement.least_correlation == pytest.approx(1)
