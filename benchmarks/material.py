"""Recordings to measure with: a textured place seen by a head that looks about, in the formats of action cameras.

Each is written once into a cache folder. The picture carries fine texture, shapes of all sizes and sensor noise, at the
bit rates of cameras, so that decoders and encoders work as hard as on footage.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import av
import av.video
import cv2
import numpy as np
from numpy.typing import NDArray

from headturn import rotation
from headturn.camera import gcsv

ACROSS_DEG = 80.0
"""Field of view across: what headturn assumes of a lens it knows nothing of."""
PX_A_DEG = 24
"""Of the place's texture: as fine as a picture of 1920 pixels; a sharper one of 3840 is not what cameras deliver."""
PLACE_DEG = 300, 150
GYRO_HZ = 200.0
GYRO_NOISE_RAD_S = 0.003
TURN_DEG, TURN_S = 60.0, 0.5
NOISE_GREYS = 2.5
SOUND_HZ = 48000
GRID_PX = 16
"""Spacing at which directions are computed; between, they are interpolated."""


@dataclass(frozen=True)
class Format:
    """How a recording is stored, like those of a camera. options: of the encoder; bits_s: bit rate."""

    name: str
    width: int
    height: int
    rate: Fraction
    codec: str
    bits_s: int
    options: tuple[tuple[str, str], ...]


HD60 = Format("1080p60 H.264", 1920, 1080, Fraction(60), "libx264", 50_000_000, (("preset", "veryfast"), ("g", "30")))
UHD30 = Format(
    "4K30 HEVC",
    3840,
    2160,
    Fraction(30),
    "libx265",
    82_000_000,
    (("preset", "ultrafast"), ("x265-params", "keyint=15:log-level=none:pools=1:frame-threads=1")),
)
SMALL30 = Format("320x180", 320, 180, Fraction(30), "libx264", 600_000, (("preset", "veryfast"), ("g", "30")))


Gaze = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""Where a head looks: times (n,) in seconds to yaw, pitch and roll (n, 3) in radians."""


def gaze(times_s: NDArray[np.float64], seconds: float, phase: float) -> NDArray[np.float64]:
    """Yaw, pitch and roll (n, 3) in radians of a head that walks, and looks aside and back once every `seconds`."""
    within = times_s % seconds
    yaw_deg = 1.5 * np.sin(2 * np.pi * 0.4 * times_s + phase)
    for share, sign in ((0.2, 1), (0.5, -1), (0.75, 1), (0.95, -1)):
        done = np.clip((within - share * seconds) / TURN_S + 0.5, 0, 1)
        yaw_deg = yaw_deg + sign * TURN_DEG * done**3 * (10 - 15 * done + 6 * done**2)
    pitch_deg = 1.2 * np.sin(2 * np.pi * 1.8 * times_s + phase)
    roll_deg = 0.6 * np.sin(2 * np.pi * 0.9 * times_s + phase)
    return np.radians(np.stack([yaw_deg - TURN_DEG / 2, pitch_deg, roll_deg], axis=1))


def orientation(angles_rad: NDArray[np.float64]) -> NDArray[np.float64]:
    """Place from camera, quaternions (n, 4): yaw about the vertical (y, down), then pitch, then roll."""
    yaw, pitch, roll = (np.zeros((len(angles_rad), 3)) for _ in range(3))
    yaw[:, 1], pitch[:, 0], roll[:, 2] = angles_rad.T
    return rotation.compose(rotation.from_vector(yaw), rotation.from_vector(pitch), rotation.from_vector(roll))


def place(seed: int = 7) -> tuple[NDArray[np.uint8], ...]:
    """All that can be seen: planes Y, U, V by longitude and latitude; the colour planes have half the size."""
    random = np.random.default_rng(seed)
    width, height = (PX_A_DEG * degrees for degrees in PLACE_DEG)
    picture = np.full((height, width, 3), 120, np.uint8)
    for size in (700, 260, 100, 40, 14):
        for _ in range(round(width * height / size**2 / 3)):
            colour = tuple(int(c) for c in random.integers(30, 220, 3))
            x, y = int(random.integers(0, width)), int(random.integers(0, height))
            w, h = (int(c) for c in random.integers(size // 3, size, 2) + 2)
            cv2.rectangle(picture, (x, y), (x + w, y + h), colour, -1)
            cv2.line(picture, (x, y), (x + h, y + w), tuple(255 - c for c in colour), max(1, size // 20))
    fine = cv2.GaussianBlur(random.normal(0, 12, (height, width)).astype(np.float32), (0, 0), 1.0)
    textured = np.clip(cv2.GaussianBlur(picture, (0, 0), 0.7) + fine[..., None], 0, 255).astype(np.uint8)
    y, red, blue = cv2.split(cv2.cvtColor(textured, cv2.COLOR_RGB2YCrCb))
    half = width // 2, height // 2
    return y, *(np.asarray(cv2.resize(each, half, interpolation=cv2.INTER_AREA), np.uint8) for each in (blue, red))


class _Camera:
    """Turns orientations into pictures (h * 3/2, w) uint8, planes Y, U, V, at limited range."""

    def __init__(self, format: Format, planes: tuple[NDArray[np.uint8], ...]) -> None:
        self.width, self.height = format.width, format.height
        self.planes = [np.asarray(cv2.convertScaleAbs(plane, alpha=219 / 255, beta=16), np.uint8) for plane in planes]
        columns, rows = np.meshgrid(
            np.arange(0, format.width + GRID_PX, GRID_PX), np.arange(0, format.height + GRID_PX, GRID_PX)
        )
        focal = format.width / 2 / np.tan(np.radians(ACROSS_DEG / 2))
        across, down = (columns - (format.width - 1) / 2) / focal, (rows - (format.height - 1) / 2) / focal
        self.grid, self.rays = columns.shape, np.stack([across, down, np.ones_like(across)], axis=-1).reshape(-1, 3)
        random = np.random.default_rng(1)
        size = (format.height + 256, format.width + 256)
        self.noise = random.normal(0, NOISE_GREYS, size).round().astype(np.int16)
        self.random = random

    def picture(self, place_from_camera: NDArray[np.float64]) -> NDArray[np.uint8]:
        seen = rotation.apply(place_from_camera, self.rays)
        longitude = np.degrees(np.arctan2(seen[:, 0], seen[:, 2])) + PLACE_DEG[0] / 2
        latitude = np.degrees(np.arctan2(seen[:, 1], np.hypot(seen[:, 0], seen[:, 2]))) + PLACE_DEG[1] / 2
        coarse = (np.stack([longitude, latitude], axis=-1) * PX_A_DEG).astype(np.float32).reshape(*self.grid, 2)
        maps = _between(coarse, self.width, self.height)
        luma = cv2.remap(self.planes[0], maps[..., 0], maps[..., 1], cv2.INTER_LINEAR)
        x, y = (int(value) for value in self.random.integers(0, 256, 2))
        luma = cv2.add(luma, self.noise[y : y + self.height, x : x + self.width], dtype=cv2.CV_8U)
        halved = np.ascontiguousarray(maps[::2, ::2] / 2)
        colours = [cv2.remap(plane, halved[..., 0], halved[..., 1], cv2.INTER_LINEAR) for plane in self.planes[1:]]
        planes = np.concatenate([np.ravel(plane) for plane in (luma, *colours)])
        return np.asarray(planes, np.uint8).reshape(-1, self.width)


def _between(coarse: NDArray[np.float32], width: int, height: int) -> NDArray[np.float32]:
    x, y = np.arange(width, dtype=np.float32) / GRID_PX, np.arange(height, dtype=np.float32) / GRID_PX
    return np.asarray(cv2.remap(coarse, *np.meshgrid(x, y), cv2.INTER_LINEAR), np.float32)


def take(path: Path, format: Format, seconds: float, phase: float = 0.0, period_s: float | None = None) -> Path:
    """A recording with sound, written once; `period_s` is the time in which the head looks aside and back."""
    return filmed(path, format, seconds, partial(gaze, seconds=period_s or seconds, phase=phase))


def filmed(path: Path, format: Format, seconds: float, looking: Gaze, place_seed: int = 7) -> Path:
    """A recording of any head in a place, with sound, written once."""
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.stem}.unfinished{path.suffix}")
    with av.open(str(unfinished), "w", format="mp4") as container:
        image = container.add_stream(format.codec, rate=format.rate, options=dict(format.options))
        assert isinstance(image, av.video.VideoStream)
        image.width, image.height, image.pix_fmt, image.bit_rate = format.width, format.height, "yuv420p", format.bits_s
        image.codec_context.thread_count = 1
        if format.codec == "libx265":
            image.codec_context.codec_tag = "hvc1"
        voice = container.add_stream("aac", rate=SOUND_HZ, layout="stereo")
        for number, picture in enumerate(_pictures(format, seconds, looking, place_seed)):
            frame = av.VideoFrame.from_ndarray(picture, "yuv420p")
            frame.pts = number
            container.mux(image.encode(frame))
        container.mux(image.encode(None))
        _speak(container, voice, seconds)
    unfinished.replace(path)
    return path


def _pictures(format: Format, seconds: float, looking: Gaze, place_seed: int) -> Iterator[NDArray[np.uint8]]:
    camera = _Camera(format, place(place_seed))
    times_s = np.arange(round(seconds * format.rate)) / float(format.rate)
    for pose in orientation(looking(times_s)):
        yield camera.picture(pose)


def _speak(container: av.container.OutputContainer, voice: Any, seconds: float) -> None:  # noqa: ANN401
    random = np.random.default_rng(3)
    for at in range(0, round(seconds * SOUND_HZ), 1024):
        block = random.normal(0, 0.05, (1, 2048)).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(block, format="flt", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = SOUND_HZ, at, Fraction(1, SOUND_HZ)
        container.mux(voice.encode(frame))
    container.mux(voice.encode(None))


def repeated(path: Path, source: Path, times: int) -> Path:
    """The recording `source` again and again in one file, its packets copied; written once."""
    if path.exists():
        return path
    unfinished = path.with_name(f".{path.stem}.unfinished{path.suffix}")
    with av.open(str(unfinished), "w", format="mp4") as out, av.open(str(source)) as first:
        image = first.streams.video[0]
        seconds = Fraction(image.duration or 0) * Fraction(str(image.time_base))
        tracks = (image, *first.streams.audio)
        streams = {each.index: out.add_stream_from_template(each) for each in tracks}
        later = {each.index: round(seconds / Fraction(str(each.time_base))) for each in tracks}
        last = dict.fromkeys(later, -(1 << 62))
        for number in range(times):
            with av.open(str(source)) as container:
                for packet in container.demux():
                    index = packet.stream.index
                    if not packet.size or packet.pts is None or packet.dts is None:
                        continue
                    packet.pts, packet.dts = packet.pts + number * later[index], packet.dts + number * later[index]
                    if packet.dts > last[index]:  # a minute of sound is no whole number of blocks
                        last[index] = packet.dts
                        packet.stream = streams[index]
                        out.mux(packet)
    unfinished.replace(path)
    return path


def gyro_log(recording: Path, seconds: float, looking: Gaze) -> Path:
    """The `.gcsv` beside a recording: what its gyro and accelerometer would have said; written once."""
    path = recording.with_suffix(".gcsv")
    if path.exists():
        return path
    times_s = np.arange(round(seconds * GYRO_HZ)) / GYRO_HZ
    poses = orientation(looking(times_s))
    random = np.random.default_rng(5)
    rates = rotation.angular_velocity(times_s, poses) + random.normal(0, GYRO_NOISE_RAD_S, (len(times_s), 3))
    force = rotation.apply(rotation.inverse(poses), np.array([0.0, -gcsv.G_M_S2, 0.0]))
    unfinished = path.with_suffix(".unfinished")
    gcsv.write_gcsv(unfinished, times_s, rates, force + random.normal(0, 0.1, force.shape))
    unfinished.replace(path)
    return path


def linked(source: Path, folder: Path, name: str = "") -> Path:
    """The same recording in another folder, without its gyro log, by another name where one is given."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / (name or source.name)
    if not path.exists():
        os.link(source, path)
    return path


def two_takes(cache: Path, format: Format, seconds: float) -> tuple[Path, Path]:
    """Two takes of one scene in a format: a folder in which they have gyro logs, and one in which they have none."""
    short = format.name.split()[0].lower()
    told, bare = cache / f"{short}-{seconds:g}s-gyro", cache / f"{short}-{seconds:g}s"
    for setup, phase in (("A", 0.0), ("B", 0.9)):
        recording = take(told / f"1{setup}-1.mp4", format, seconds, phase)
        gyro_log(recording, seconds, partial(gaze, seconds=seconds, phase=phase))
        linked(recording, bare)
    return told, bare
