"""Made for tests: takes, motions and rushes as values, and a textured world seen through a lens.

The world is a panorama: with no parallax, two views of it differ by a rotation alone, which is known exactly.
"""

from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from headturn import rotation
from headturn.camera.lens import Lens
from headturn.camera.take import Clip, Colour, ImageTrack, Slate, SoundTrack, Take
from headturn.clock import FrameTimes, Span
from headturn.edit.look import Glance
from headturn.head import turns
from headturn.head.motion import Motion
from headturn.head.rush import Rush

RATE = Fraction(30)
SIZE = (320, 180)


def lens(width=SIZE[0], height=SIZE[1], fov_deg=90.0, circle_px=None):
    """A rectilinear lens of a known width of view; with `circle_px`, an equidistant fisheye in black corners."""
    centre = ((width - 1) / 2, (height - 1) / 2)
    if circle_px is not None:
        focal = circle_px / np.radians(fov_deg / 2)
        return Lens("fisheye", width, height, (focal, focal), centre, circle_px=circle_px)
    focal = width / 2 / np.tan(np.radians(fov_deg / 2))
    return Lens("rectilinear", width, height, (focal, focal), centre)


LENS = lens()


def frame_times(frames, rate=RATE):
    """Times of a constant rate, exact."""
    return FrameTimes(np.arange(frames, dtype=np.int64), 1 / Fraction(rate), frames)


def clip(id="a", frames=120, *, name="", rate=RATE, size=SIZE, lens=None, sound=False, files=None, **rest):
    """A clip without a file behind it."""
    rate = Fraction(rate)
    span = Span(Fraction(0), frames / rate)
    colour = Colour("bt709", "bt709", "bt709", False, 8)
    image = ImageTrack("h264", *size, *size, 0, Fraction(1), rate, False, frames, colour)
    heard = SoundTrack("aac", 48000, 2, Fraction(0), span.duration) if sound else None
    files = files or (Path("card") / (name or f"{id}.mp4"),)
    through = lens or LENS
    return Clip(id, tuple(files), span, (Fraction(0),), image, heard, through, **rest)


def take(id="a", frames=120, *, shot="", number=None, mark=None, marked=None, span=None, **rest):
    """A take of a whole clip, or of a span (start, stop) of it in seconds; `marked` likewise."""
    made = clip(id, frames, **rest)
    return Take(
        made,
        Span(*map(Fraction, span)) if span else made.span,
        shot,
        Slate(shot, number) if number else None,
        mark=mark,
        marked=Span(*map(Fraction, marked)) if marked else None,
    )


def looking(yaw_rad, pitch_rad=0.0, roll_rad=0.0):
    """world_from_camera (n, 4) of a head that turns right by `yaw_rad`, then looks up, then leans to the right."""
    yaw, pitch, roll = np.broadcast_arrays(np.atleast_1d(yaw_rad), pitch_rad, roll_rad)
    turned = (rotation.from_vector(np.outer(angle, axis)) for angle, axis in zip((yaw, pitch, roll), AXES, strict=True))
    return rotation.compose(*turned)


AXES = np.eye(3)[[1, 0, 2]]


def look_over(times_s, at_s, lasting_s, angle_deg):
    """Yaw (n,) in radians of one head turn of `angle_deg` to the right: a raised cosine of speed around `at_s`."""
    phase = np.clip((times_s - at_s) / lasting_s + 0.5, 0, 1)
    return np.radians(angle_deg) * (phase - np.sin(2 * np.pi * phase) / (2 * np.pi))


def motion(times_s, world_from_body, source="image"):
    """A motion out of a known path."""
    rates = rotation.angular_velocity(times_s, world_from_body)
    return Motion(times_s, world_from_body, rates, source, False, np.ones(len(times_s)))


def rush(made, world_from_camera):
    """A take with its known path; its turns are found as ever."""
    times = frame_times(made.clip.image.frames, made.clip.image.rate)
    moved = motion(times.seconds, world_from_camera)
    span = made.span
    found = tuple(turn for turn in turns.find(moved) if float(span.start) <= turn.peak_s < float(span.end))
    return Rush(made, times, moved, found)


def panorama(seed=0, height=512):
    """A world (height, 2 * height, 3) uint8: noise of many sizes and a crowd of boxes, the same at both seams."""
    random = np.random.default_rng(seed)
    width = 2 * height
    world = np.full((height, width, 3), 110, np.float32)
    for cells, strength in ((8, 40), (32, 30), (128, 25)):
        coarse = random.normal(size=(cells // 2, cells, 3)).astype(np.float32)
        twice = cv2.resize(np.concatenate([coarse, coarse], axis=1), (2 * width, height))
        world += strength * twice[:, width // 2 : -width // 2]
    for _ in range(500):
        x, y = random.integers(0, width), random.integers(0, height)
        w, h = random.integers(4, 40, 2)
        world[y : y + h, np.arange(x, x + w) % width] = random.uniform(20, 220, 3)
    return cv2.GaussianBlur(np.clip(world, 5, 235), (0, 0), 0.8).astype(np.uint8)


def view(world, through, world_from_camera):
    """What a camera sees of a panorama: (h, w, 3) uint8, black outside the lens's circle."""
    x, y = np.meshgrid(np.arange(through.width), np.arange(through.height))
    points = np.stack([x.ravel(), y.ravel()], axis=1).astype(np.float64)
    rays = rotation.apply(world_from_camera, np.nan_to_num(through.rays(points)))
    height, width = world.shape[:2]
    across = (np.arctan2(rays[:, 0], rays[:, 2]) / (2 * np.pi) + 0.5) * width - 0.5
    down = (np.arcsin(np.clip(rays[:, 1], -1, 1)) / np.pi + 0.5) * height - 0.5
    wide = np.concatenate([world, world[:, :2]], axis=1)
    maps = [m.reshape(through.height, through.width).astype(np.float32) for m in (across % width, down)]
    seen = cv2.remap(wide, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return seen * through.shows(points).reshape(seen.shape[:2])[..., None].astype(np.uint8)


def thing(across):
    """A white thing before the world, of 2 % of a picture of 320x180, at a place that its frame's number gives."""

    def held(image, frame):
        middle = round(across(frame))
        return cv2.rectangle(image.copy(), (middle - 13, 98), (middle + 13, 142), (245, 240, 250), -1)

    return held


class Shoot:
    """Rushes of panoramas, and glances at their frames; keeps count of what was looked at."""

    def __init__(self):
        self.rushes, self.worlds, self.looked, self._kept = {}, {}, [], {}

    def shot(self, made, world, world_from_camera, develop=lambda image: image, props=lambda image, frame: image):
        """Film a take along a path; `develop` changes each image (exposure, mirror...), `props` one by its number."""
        self.rushes[made.id] = rush(made, world_from_camera)
        self.worlds[made.id] = world, develop, props
        return self.rushes[made.id]

    def __call__(self, id, frames):
        """Glances of a take's frames, as joins ask for them."""
        world, develop, props = self.worlds[id]
        through, path = self.rushes[id].take.clip.lens, self.rushes[id].motion.world_from_body
        self.looked += [(id, frame) for frame in frames]
        for frame in frames:
            if (id, frame) not in self._kept:
                self._kept[id, frame] = Glance(develop(props(view(world, through, path[frame]), frame)), through)
        return {frame: self._kept[id, frame] for frame in frames}
