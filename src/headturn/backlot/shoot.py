"""Shooting: a performance in a world, through a camera, becomes an ordinary MP4 file, a gyro log, and the truth."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from headturn.backlot import sound
from headturn.backlot.passerby import limbs
from headturn.backlot.performers import Performance
from headturn.backlot.sensor import AutoExposure, Noise, Optics, Sensor, WhiteBalance
from headturn.backlot.truth import Truth, exact_turns
from headturn.backlot.world import Darkroom, Exposure, World
from headturn.camera.gcsv import write_gcsv
from headturn.camera.lens import Lens
from headturn.camera.media import PictureWriter, join_parts
from headturn.rotation import Floats, apply, from_matrix, from_vector, inverse, to_matrix

_BLUR_STEP_PX = 5.0
"""Distance of the ghosts that sub-frames leave in a blur: below this they melt under the sensor's noise."""
_NEAR_M = 1.6
"""Distance at which walking is taken to blur, when sub-frames are counted."""
_QUEUE = 3


@dataclass(frozen=True)
class Gyro:
    """A motion sensor. lag_s: how much later than it happened motion is reported; biases and scale errors are drawn
    with these standard deviations from the camera's seed.
    """

    rate_hz: float = 200.0
    lag_s: float = 0.0
    noise_rad_s: float = 0.006
    bias_rad_s: float = 0.009
    scale_error: float = 0.004
    force_noise_m_s2: float = 0.06
    force_bias_m_s2: float = 0.05


@dataclass(frozen=True)
class Camera:
    """A camera as worn for one take.

    rate: frames a second; shutter_deg: 360 is open for the whole frame; readout_s: first to last line
    mount_rad: head_from_camera as a rotation vector; mount_m: place in the head, camera axes
    start_s: time of the performance at the clip's start; duration_s: None is to the performance's end
    subframes: least and most for one exposure; crf: H.264 quality, 23 is about an action camera's
    seed: of sensor noise, gyro and sound
    """

    lens: Lens
    rate: Fraction = Fraction(30000, 1001)
    shutter_deg: float = 180.0
    readout_s: float = 0.012
    exposure: AutoExposure = field(default_factory=AutoExposure)
    balance: WhiteBalance = field(default_factory=WhiteBalance)
    noise: Noise = field(default_factory=Noise)
    optics: Optics = field(default_factory=Optics)
    gyro: Gyro = field(default_factory=Gyro)
    mount_rad: tuple[float, float, float] = (0.0, 0.0, 0.0)
    mount_m: tuple[float, float, float] = (0.0, 0.0, 0.0)
    start_s: float = 0.0
    duration_s: float | None = None
    subframes: tuple[int, int] = (2, 14)
    crf: float = 22.0
    preset: str = "veryfast"
    seed: int = 0

    def as_found(self, seed: int) -> "Camera":
        """The same camera on another take: exposure off by up to half a stop, white balance by 4 % and drifting."""
        rng = np.random.default_rng([seed, 55])
        red, blue = 0.04 * rng.uniform(-1, 1, 2)
        drifts = 0.002 * rng.uniform(-1, 1, 2)
        return replace(
            self,
            seed=seed,
            exposure=replace(self.exposure, bias_stops=float(rng.uniform(-0.5, 0.5))),
            balance=WhiteBalance(float(red), float(blue), float(drifts[0]), float(drifts[1])),
        )

    def remounted(self, seed: int, *, turned_deg: float = 1.2, zoom: float = 1.02) -> "Camera":
        """The same camera put on again, to shoot one performance a second time as a take of its own.

        Turned (standard deviation on each axis), zoomed and cropped a little differently, with another exposure,
        balance, noise and coarser encoding, a start up to half a second later and a gyro clock off by up to 12 ms.
        """
        rng = np.random.default_rng([seed, 56])
        x, y, z = (float(np.radians(turned_deg)) * float(draw) for draw in rng.standard_normal(3))
        focal = self.lens.focal_px[0] * zoom, self.lens.focal_px[1] * zoom
        shift = 0.006 * self.lens.width * rng.standard_normal(2)
        centre = (self.lens.centre_px[0] + float(shift[0]), self.lens.centre_px[1] + float(shift[1]))
        return replace(
            self.as_found(seed),
            lens=replace(self.lens, focal_px=focal, centre_px=centre),
            mount_rad=(x, y, z),
            start_s=self.start_s + float(rng.uniform(0.1, 0.5)),
            gyro=replace(self.gyro, lag_s=float(rng.uniform(-0.012, 0.012))),
            crf=self.crf + 4,
        )

    @property
    def mount(self) -> Floats:
        """head_from_camera (4,)."""
        return from_vector(np.array(self.mount_rad))


def shoot(
    world: World,
    performance: Performance,
    camera: Camera,
    path: Path,
    *,
    sidecar: bool = True,
    keep_truth: bool = False,
    on_frame: Callable[[int, int], None] | None = None,
) -> Truth:
    """Shoot a take to `path` (.mp4), with its gyro log beside it (.gcsv) and on request the truth (.npz).

    The file appears when it is complete, after the log and the truth. on_frame: told frames done and frames in all.

    Raises:
        CannotWrite: no space or no permission.
    """
    frames = frame_count(performance, camera)
    part = path.with_name(f".{path.stem}.picture.mp4")
    gains = np.empty(frames)
    try:
        with (
            ThreadPoolExecutor(1) as lab,
            PictureWriter(
                part, camera.lens.width, camera.lens.height, camera.rate, crf=camera.crf, preset=camera.preset
            ) as writer,
        ):
            waiting: deque[Future[None]] = deque()
            for number, (codes, gain) in enumerate(pictures_of(world, performance, camera)):
                gains[number] = gain
                waiting.append(lab.submit(writer.write, codes.copy()))
                if len(waiting) > _QUEUE:
                    waiting.popleft().result()
                if on_frame:
                    on_frame(number + 1, frames)
            for done in waiting:
                done.result()
        truth = truth_of(performance, camera, gains)
        if sidecar:
            write_log(performance, camera, path.with_suffix(".gcsv"))
        if keep_truth:
            truth.save(path.with_suffix(".npz"))
        seconds = float(frames / camera.rate)
        join_parts([part], path, sound.ambience(world, performance, camera.start_s, seconds, camera.seed))
    finally:
        part.unlink(missing_ok=True)
    return truth


def frame_count(performance: Performance, camera: Camera) -> int:
    """How many frames a take has."""
    duration = performance.duration_s - camera.start_s if camera.duration_s is None else camera.duration_s
    return max(1, int(duration * camera.rate))


def truth_of(performance: Performance, camera: Camera, gains: Floats) -> Truth:
    """The truth of a take with an exposure gain for each frame (n,)."""
    times = np.arange(len(gains), dtype=np.float64) * (camera.rate.denominator / camera.rate.numerator)
    positions, orientations = _camera_pose(performance, camera, camera.start_s + times)
    turns = exact_turns(performance, camera.mount, camera.start_s, float(len(gains) / camera.rate))
    return Truth(
        times, camera.start_s + times, positions, from_matrix(orientations), camera.lens, gains, turns, camera.readout_s
    )


def write_log(performance: Performance, camera: Camera, path: Path) -> None:
    """The gyro log of a take: exact motion with noise, bias, scale error and lag."""
    gyro, rng = camera.gyro, np.random.default_rng([camera.seed, 77])
    duration = float(frame_count(performance, camera) / camera.rate)
    times = np.arange(round(duration * gyro.rate_hz) + 1) / gyro.rate_hz
    real = camera.start_s + times - gyro.lag_s
    back = inverse(camera.mount)
    rates = apply(back, performance.angular_velocity(real))
    force = apply(back, performance.specific_force(real))
    rates = rates * (1 + gyro.scale_error * rng.standard_normal(3)) + gyro.bias_rad_s * rng.standard_normal(3)
    force = force + gyro.force_bias_m_s2 * rng.standard_normal(3)
    rates = rates + gyro.noise_rad_s * rng.standard_normal(rates.shape)
    force = force + gyro.force_noise_m_s2 * rng.standard_normal(force.shape)
    temporary = path.with_name(f".{path.name}.part")
    write_gcsv(temporary, times, rates, force)
    temporary.replace(path)


def exposure_at(
    world: World, performance: Performance, camera: Camera, time_s: float, subframes: int | None = None
) -> Exposure:
    """Where the camera is while a frame of clip time `time_s` is exposed: each line at its own time."""
    height = camera.lens.height
    open_s = camera.shutter_deg / 360 / float(camera.rate)
    middle = camera.start_s + time_s
    count = subframes or _subframes(performance, camera, middle, open_s)
    parts = ((np.arange(count) + 0.5) / count - 0.5) * open_s
    lines = (np.arange(height) / max(height - 1, 1) - 0.5) * camera.readout_s
    positions, turns = _camera_pose(performance, camera, (middle + parts[:, None] + lines[None, :]).ravel())
    body = limbs(performance.passers, middle + parts, world.jacket)
    return Exposure(positions.reshape(count, height, 3), turns.reshape(count, height, 3, 3), body)


def pictures_of(world: World, performance: Performance, camera: Camera) -> Iterator[tuple[NDArray[np.uint8], float]]:
    """The 8-bit RGB pictures (h, w, 3) of a take and their exposure gains; each picture holds until the next."""
    room = Darkroom(world, camera.lens)
    sensor = Sensor(
        camera.lens, camera.exposure, camera.balance, camera.noise, camera.optics, camera.seed, room.threads
    )
    step = camera.rate.denominator / camera.rate.numerator
    for number in range(frame_count(performance, camera)):
        time = number * step
        picture = room.shoot(exposure_at(world, performance, camera, time))
        gain = sensor.meter(picture, step)
        yield sensor.develop(picture, gain, time, number), gain
    room.threads.shutdown()


def _subframes(performance: Performance, camera: Camera, time_s: float, open_s: float) -> int:
    ends = performance.matrices(np.array([time_s - open_s / 2, time_s + open_s / 2]))
    turned = float(np.arccos(np.clip((np.trace(ends[1][0].T @ ends[1][1]) - 1) / 2, -1, 1)))
    moved = float(np.linalg.norm(ends[0][1] - ends[0][0])) / _NEAR_M
    blur = (turned + moved) * camera.lens.focal_mean_px
    count = int(np.clip(1 + np.ceil(blur / _BLUR_STEP_PX), *camera.subframes))
    return count + count % 2 if count > 4 else count


def _camera_pose(performance: Performance, camera: Camera, times_s: Floats) -> tuple[Floats, Floats]:
    positions, turns = performance.matrices(times_s)
    if any(camera.mount_m):
        positions = positions + turns @ np.array(camera.mount_m)
    if any(camera.mount_rad):
        turns = turns @ to_matrix(camera.mount)
    return positions, turns
