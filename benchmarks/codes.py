"""Slates as codes: how often a code held before an action camera is read, over distance, angle, blur and light.

A phone that shows the code is a plane before a fisheye lens (GoPro's published Wide field of view, 118.2 degrees
across): each pixel's rays meet the plane, at several moments of the exposure while hand and head shake. The lens is
soft, out of focus near by (fixed focus: aperture 1 mm, focused at 0.7 m), the sensor noisy, the file H.264 as an
action camera writes it. What is read is the file. Real footage, in which there is no code, is read beside it: nothing
may be found there.

    python -m benchmarks codes --takes 10
    python -m benchmarks codes --tables distance --size 3840x2160
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import radians
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from headturn.camera import card, code, media
from headturn.camera.code import Said
from headturn.camera.lens import Lens, fisheye
from headturn.camera.media import PictureWriter
from headturn.camera.take import Clip, Slate
from headturn.errors import HeadturnError
from headturn.rotation import Floats, apply, from_vector, inverse, to_matrix

Image = NDArray[np.uint8]
SAID = Said("Second Floor", Slate("42A", 3), "Anna", "A")
WIDE_RAD = radians(118.2)
PHONE_M, TABLET_M = 0.065, 0.15
"""Width of the code with its white border on a phone's screen and on a tablet's."""
APERTURE_M, FOCUSED_M = 0.001, 0.7
SOFT_PX = 0.7
SUBPIXELS = 2
MOMENTS = 6
"""Of one exposure."""
RATE = Fraction(30000, 1001)
SHUTTER = 0.5
"""Share of a frame for which it is open."""
SHAKE_HZ = 3.0
"""Standard deviation of the frequencies in a hand's tremor."""


@dataclass(frozen=True)
class Held:
    """How a code is held before a camera.

    distance_m: to its middle; size_m: its width; off_rad: direction off the optical axis, to the right and up
    tilt_rad: how far the screen is turned away, about its own upright, level and normal axes
    shake_rad_s: rms angular speed of the code about the camera; noise: in code values (standard deviation)
    gain: of light
    """

    distance_m: float = 0.35
    size_m: float = PHONE_M
    off_rad: tuple[float, float] = (0.0, 0.0)
    tilt_rad: tuple[float, float, float] = (0.0, 0.0, 0.0)
    shake_rad_s: float = radians(10)
    noise: float = 4.0
    gain: float = 1.0

    def varied(self, rng: np.random.Generator) -> "Held":
        """As somebody else holds it: a few degrees and centimetres off."""
        off = self.off_rad[0] + radians(4) * rng.standard_normal(), self.off_rad[1] + radians(4) * rng.standard_normal()
        yaw, pitch, roll = self.tilt_rad + np.radians([5, 5, 8]) * rng.standard_normal(3)
        return replace(
            self,
            distance_m=self.distance_m * float(1 + 0.04 * rng.standard_normal()),
            off_rad=(float(off[0]), float(off[1])),
            tilt_rad=(float(yaw), float(pitch), float(roll)),
        )


def screen(said: Said) -> Image:
    """The code as a phone shows it: from its PNG."""
    image = cv2.imdecode(np.frombuffer(code.drawn(said, "png"), np.uint8), cv2.IMREAD_GRAYSCALE)
    return np.asarray(image, np.uint8)


def clutter(lens: Lens, seed: int) -> Image:
    """Something behind the code (h, w): boxes of all sizes and greys, out of focus."""
    rng = np.random.default_rng([seed, 4])
    wall = np.full((lens.height, lens.width), 110, np.uint8)
    for size in (500, 200, 80, 30):
        for _ in range(9000 // size):
            x, y = (int(v) for v in rng.integers((0, 0), (lens.width, lens.height)))
            w, h = (int(v) for v in rng.integers(size // 3, size, 2))
            cv2.rectangle(wall, (x, y), (x + w, y + h), int(rng.integers(20, 230)), -1)
    return np.asarray(cv2.GaussianBlur(wall, (0, 0), 1.5), np.uint8)


def pictures(lens: Lens, said: Said, held: Held, frames: int, seed: int) -> Iterator[Image]:
    """Frames (h, w) of a take in which the code is held before the lens all the time."""
    rng = np.random.default_rng([seed, 5])
    wall, shown = clutter(lens, seed), screen(said)
    gaze = shaken(held.shake_rad_s, frames, rng)
    for number in range(frames):
        picture = wall.astype(np.float32)
        hold(picture, lens, shown, held, gaze[number * MOMENTS : (number + 1) * MOMENTS])
        soft = cv2.GaussianBlur(picture * held.gain, (0, 0), SOFT_PX) + rng.normal(0, held.noise, picture.shape)
        yield np.clip(soft, 0, 255).astype(np.uint8)


def shaken(speed_rad_s: float, frames: int, rng: np.random.Generator) -> Floats:
    """camera_from_steady (n, 4) at each of the `MOMENTS` of each exposure, smooth, of the given rms speed."""
    step_s = SHUTTER / float(RATE) / MOMENTS
    times = (np.arange(frames)[:, None] / float(RATE) + np.arange(MOMENTS) * step_s).ravel()
    even = np.arange(-1.0, times[-1] + 1.0, 0.002)
    way = gaussian_filter1d(rng.standard_normal((len(even), 2)), 1 / (2 * np.pi * SHAKE_HZ * 0.002), axis=0)
    way /= max(float(np.sqrt((np.gradient(way, 0.002, axis=0) ** 2).sum(axis=1).mean())), 1e-9)
    at = np.column_stack([np.interp(times, even, column) for column in speed_rad_s * way.T])
    return from_vector(np.column_stack([at, np.zeros(len(at))]))


def hold(picture: NDArray[np.float32], lens: Lens, shown: Image, held: Held, gaze: Floats) -> None:
    """Draw the code into a picture (h, w) or (h, w, 3), where its rays meet the plane, in the mean over the moments."""
    away = from_vector(np.array([held.off_rad[1], held.off_rad[0], 0.0]))
    yaw, pitch, roll = held.tilt_rad
    facing = to_matrix(away) @ to_matrix(from_vector(np.array([pitch, yaw, roll])))
    middle = held.distance_m * apply(away, np.array([0.0, 0.0, 1.0]))
    tall_m = held.size_m * shown.shape[0] / shown.shape[1]
    u, v = facing[:, 0], facing[:, 1]
    corners = [middle + x * held.size_m * u + y * tall_m * v for x in (-0.55, 0.55) for y in (-0.55, 0.55)]
    place = lens.pixels(np.concatenate([apply(turn, np.array(corners)) for turn in gaze]))
    if not np.isfinite(place).all():
        return
    low = np.maximum(np.floor(place.min(axis=0)).astype(int) - 6, 0)
    high = np.minimum(np.ceil(place.max(axis=0)).astype(int) + 6, (lens.width - 1, lens.height - 1))
    if (high <= low + 1).any():
        return
    total, share = _met(lens, shown, held, (low, high), gaze, middle, facing)
    near = abs(1 / held.distance_m - 1 / FOCUSED_M) * APERTURE_M * lens.focal_mean_px
    if near > 1:  # a disc of this diameter in pixels is as wide as a bell of a quarter of it
        total, share = (np.asarray(cv2.GaussianBlur(each, (0, 0), near / 4), np.float32) for each in (total, share))
    part = picture[low[1] : high[1], low[0] : high[0]]
    part[:] = (part.T * (1 - share.T) + total.T).T


def _met(
    lens: Lens,
    shown: Image,
    held: Held,
    place: tuple[NDArray[np.int_], NDArray[np.int_]],
    gaze: Floats,
    middle: Floats,
    facing: Floats,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What the rays of a part of the picture meet: light, and the share of them that meet the screen."""
    low, high = place
    fine = (np.arange(SUBPIXELS) + 0.5) / SUBPIXELS - 0.5
    columns = (np.arange(low[0], high[0])[:, None] + fine).ravel()
    rows = (np.arange(low[1], high[1])[:, None] + fine).ravel()
    grid = np.stack(np.meshgrid(columns, rows), axis=-1)
    rays = lens.rays(grid.reshape(-1, 2))
    # Texels are made half as large as pixels, so that bilinear look-ups miss none.
    texel = shown.shape[1] / (held.size_m / held.distance_m * lens.focal_mean_px) / 2 / SUBPIXELS
    small = cv2.resize(shown, None, fx=min(1, 1 / texel), fy=min(1, 1 / texel), interpolation=cv2.INTER_AREA)
    light, met = np.zeros(len(rays), np.float32), np.zeros(len(rays), np.float32)
    for turn in gaze:
        steady = apply(inverse(turn), rays)
        ahead = steady @ facing[:, 2]
        with np.errstate(divide="ignore", invalid="ignore"):
            point = steady * ((middle @ facing[:, 2]) / ahead)[:, None] - middle
        x = (point @ facing[:, 0] / held.size_m + 0.5) * small.shape[1] - 0.5
        y = (point @ facing[:, 1] / held.size_m * small.shape[1]) + 0.5 * small.shape[0] - 0.5
        hit = (ahead > 0) & (np.abs(x - small.shape[1] / 2) < small.shape[1] * 0.55)
        hit &= np.abs(y - small.shape[0] / 2) < small.shape[0] * 0.55
        across, down = (np.nan_to_num(each).astype(np.float32).reshape(grid.shape[:2]) for each in (x, y))
        sampled = cv2.remap(small, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=12)
        light += np.where(hit, sampled.ravel(), 0) / np.float32(len(gaze))
        met += hit / np.float32(len(gaze))
    size = int(high[0] - low[0]), int(high[1] - low[1])
    shape = grid.shape[:2]
    return (
        np.asarray(cv2.resize(light.reshape(shape), size, interpolation=cv2.INTER_AREA), np.float32),
        np.asarray(cv2.resize(met.reshape(shape), size, interpolation=cv2.INTER_AREA), np.float32),
    )


def shoot(path: Path, lens: Lens, said: Said, held: Held, frames: int, seed: int) -> Path:
    """A take of the code as a file. Its quality is about an action camera's."""
    with PictureWriter(path, lens.width, lens.height, RATE, crf=22, preset="veryfast") as writer:
        for picture in pictures(lens, said, held, frames, seed):
            writer.write(np.repeat(picture[..., None], 3, axis=2))
    return path


def clip_of(path: Path, lens: Lens) -> Clip:
    """A take as it is read: through its lens."""
    return replace(media.probe([path]), lens=lens)


TABLES: dict[str, tuple[str, tuple[float, ...], Callable[[float], Held]]] = {
    "distance": ("phone, metres", (0.15, 0.25, 0.35, 0.5, 0.65, 0.8, 1.0), lambda x: Held(distance_m=x)),
    "tablet": ("tablet, metres", (0.5, 1.0, 1.5, 2.0, 2.5), lambda x: Held(distance_m=x, size_m=TABLET_M)),
    "off axis": ("degrees to the side", (0, 20, 35, 45, 52), lambda x: Held(off_rad=(radians(x), 0.0))),
    "tilt": ("degrees turned away", (0, 20, 35, 50, 60), lambda x: Held(tilt_rad=(radians(x), 0.0, 0.0))),
    "roll": ("degrees round", (0, 45, 90, 180), lambda x: Held(tilt_rad=(0.0, 0.0, radians(x)))),
    "shake": ("degrees a second, rms", (5, 15, 30, 60, 100), lambda x: Held(shake_rad_s=radians(x))),
    "light": ("share of full light", (1.0, 0.4, 0.2, 0.1), lambda x: Held(gain=x, noise=6.0)),
}
"""What is varied, in which unit, and how a code is held then."""


def main(arguments: Sequence[str]) -> int:
    """Shoot, read and print; 1 where a code is found where there is none."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks codes", description=__doc__)
    parser.add_argument("--takes", type=int, default=10, help="of each row (10)")
    parser.add_argument("--frames", type=int, default=45, help="of each take (45)")
    parser.add_argument("--size", default="1920x1080", help="of the image (1920x1080)")
    parser.add_argument("--tables", default=",".join(TABLES), help=f"some of {', '.join(TABLES)}")
    parser.add_argument("--footage", type=Path, help="folder of real footage without codes")
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    width, height = (int(side) for side in options.size.split("x"))
    lens = fisheye(width, height, horizontal_fov_rad=WIDE_RAD)
    for name in filter(None, options.tables.split(",")):
        unit, values, holding = TABLES[name]
        print(f"\n{name}, {options.size} ({unit}): takes read of {options.takes}, CPU seconds a take")
        for value in values:
            read, cpu_s = _table_row(lens, holding(value), options.takes, options.frames)
            print(f"  {value:6g}  {read:3d}  {cpu_s:5.2f}", flush=True)
    return _false_reads(options.footage) if options.footage else 0


def _table_row(lens: Lens, held: Held, takes: int, frames: int) -> tuple[int, float]:
    read, cpu_s = 0, 0.0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(takes):
            varied = held.varied(np.random.default_rng([seed, 6]))
            clip = clip_of(shoot(Path(folder) / "take.mp4", lens, SAID, varied, frames, seed), lens)
            start = time.process_time()
            found = code.find(clip)
            cpu_s += time.process_time() - start
            assert found in (None, SAID), found
            read += found == SAID
    return read, cpu_s / takes


def _false_reads(folder: Path) -> int:
    """Codes found where there is none."""
    wrong = looked = 0
    start = time.process_time()
    for path in sorted(folder.rglob("*.mp4")):
        try:
            found = code.find(card.recording(path))
        except HeadturnError as error:
            print(f"  {error}", file=sys.stderr)
            continue
        looked += 1
        wrong += found is not None
    print(f"\nfootage without codes: {wrong} found in {looked} clips, {time.process_time() - start:.0f} CPU s")
    return int(wrong > 0)
