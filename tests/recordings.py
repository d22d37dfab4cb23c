"""Small recordings as a head camera makes them: a textured place seen through a lens while the head walks and turns.

Real files, written with PyAV. Every frame carries noise of its own and a burnt-in number, so that no two are alike and
a frame of a film can be told from its neighbours.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import av
import av.video
import cv2
import numpy as np

NTSC = Fraction(30000, 1001)
ACROSS_DEG = 80
NOISE_GREYS = 3.0
NUMBER_BITS = 10
SOUND_HZ = 48000


@dataclass(frozen=True)
class Look:
    """The head turns by `right_deg` within `lasts_s`, around the time `at_s`."""

    at_s: float
    right_deg: float
    lasts_s: float = 0.5


@dataclass(frozen=True)
class Shot:
    """What one recording shows and how it is stored.

    place: another number is another place; facing_deg: where the head looks at first, to the right
    phase: how the performer's steps lie; gain: exposure
    times_s: when each frame is shown, where that is not even; turned: 90 stores the image lying, with a flag
    tone_hz: of the sound; None has none
    """

    seconds: float = 3.0
    rate: Fraction = Fraction(30)
    width: int = 320
    height: int = 180
    looks: tuple[Look, ...] = (Look(0.5, 70), Look(2.5, 70))
    place: int = 1
    facing_deg: float = 0.0
    phase: float = 0.0
    gain: float = 1.0
    tone_hz: float | None = None
    turned: int = 0
    times_s: tuple[float, ...] = ()
    codec: str = "libx264"
    pix_fmt: str = "yuv420p"
    tags: tuple[tuple[str, str], ...] = ()
    movflags: str = ""


@lru_cache(maxsize=4)
def surroundings(place: int) -> np.ndarray:
    """All that can be seen from one spot, (512, 2048, 3) uint8, longitude by latitude: shapes of all sizes."""
    random = np.random.default_rng(place)
    walls = np.full((512, 2048, 3), 110, np.uint8)
    for size in (160, 60, 24, 10):
        for _ in range(round(12000 / size)):
            colour = tuple(int(c) for c in random.integers(30, 225, 3))
            x, y = (int(c) for c in random.integers((0, 60), (2048, 452)))
            w, h = (int(c) for c in random.integers(size // 3, size, 2) + 2)
            cv2.rectangle(walls, (x, y), (x + w, y + h), colour, -1)
            cv2.line(walls, (x, y), (x + h, y + w), tuple(255 - c for c in colour), max(1, size // 20))
    return cv2.GaussianBlur(walls, (0, 0), 0.8)


def gaze(shot: Shot, time_s: float) -> np.ndarray:
    """Where the head looks: a matrix that turns rays of the camera (x right, y down, z forward) into the place's."""
    yaw_deg = shot.facing_deg + 1.5 * np.sin(2 * np.pi * 0.4 * time_s + shot.phase)
    for look in shot.looks:
        done = np.clip((time_s - look.at_s) / look.lasts_s + 0.5, 0, 1)
        yaw_deg += look.right_deg * (10 * done**3 - 15 * done**4 + 6 * done**5)
    pitch_deg = 1.2 * np.sin(2 * np.pi * 1.8 * time_s + shot.phase)
    return cv2.Rodrigues(np.radians([0, yaw_deg, 0.0]))[0] @ cv2.Rodrigues(np.radians([pitch_deg, 0.0, 0]))[0]


@lru_cache(maxsize=8)
def _rays(width: int, height: int) -> np.ndarray:
    focal_px = max(width, height) / 2 / np.tan(np.radians(ACROSS_DEG / 2))
    rows, columns = np.indices((height, width), dtype=np.float32)
    across, down = (columns - (width - 1) / 2) / focal_px, (rows - (height - 1) / 2) / focal_px
    return np.stack([across, down, np.ones_like(across)], axis=-1)


def picture(shot: Shot, number: int, time_s: float) -> np.ndarray:
    """One upright frame (h, w, 3) uint8, with noise of its own and its number as a row of blocks."""
    walls = surroundings(shot.place)
    x, y, z = np.moveaxis(_rays(shot.width, shot.height) @ gaze(shot, time_s).T.astype(np.float32), -1, 0)
    columns = (cv2.phase(z, x) / (2 * np.pi) * walls.shape[1]).astype(np.float32)
    rows = ((cv2.phase(cv2.magnitude(x, z), y) + np.pi / 2) % (2 * np.pi) / np.pi * walls.shape[0]).astype(np.float32)
    seen = cv2.remap(walls, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    noise = np.random.default_rng((shot.place, number)).normal(0, NOISE_GREYS, seen.shape[:2]).astype(np.float32)
    seen = np.clip(seen * np.float32(shot.gain) + noise[..., None], 0, 255).astype(np.uint8)
    return _numbered(seen, number)


def _numbered(image: np.ndarray, number: int) -> np.ndarray:
    """The image with a number in binary in its lower middle, where no crop takes it away."""
    height, width = image.shape[:2]
    block, top = min(width, height) // 16, height * 3 // 4
    left = (width - NUMBER_BITS * block) // 2
    for bit in range(NUMBER_BITS):
        light = 235 if number >> bit & 1 else 20
        image[top : top + block, left + bit * block : left + (bit + 1) * block] = light
    return image


def record(path: Path, shot: Shot | None = None, pictures: list[np.ndarray] | None = None) -> Path:
    """Writes a recording; `pictures` (h, w, 3) uint8 take the place of what the shot would show."""
    shot = shot or Shot()
    times_s = shot.times_s or tuple(float(k / shot.rate) for k in range(round(shot.seconds * shot.rate)))
    path.parent.mkdir(parents=True, exist_ok=True)
    stored = shot.width, shot.height
    if shot.turned % 180:
        stored = stored[::-1]
    options = {"movflags": shot.movflags} if shot.movflags else {}
    with av.open(f"file:{path}", "w", format=_format(path), container_options=options) as container:
        container.metadata.update(dict(shot.tags))
        image = container.add_stream(shot.codec, rate=shot.rate, options=_quality(shot.codec))
        image.width, image.height = stored
        image.pix_fmt = shot.pix_fmt
        base = Fraction(1, 90000) if shot.times_s else 1 / shot.rate
        image.codec_context.time_base = image.time_base = base
        image.codec_context.thread_count = 1
        voice = _voice(container) if shot.tone_hz else None
        for number, time_s in enumerate(times_s):
            seen = pictures[number % len(pictures)] if pictures else picture(shot, number, time_s)
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(np.rot90(seen, shot.turned // 90)), "rgb24")
            frame.pts, frame.time_base = round(time_s / base), base
            container.mux(image.encode(frame))
        container.mux(image.encode(None))
        if voice is not None:
            _say(container, voice, shot.tone_hz or 0, times_s[-1] + float(1 / shot.rate))
    if shot.turned:
        _flag(path, shot.turned, *stored)
    return path


def _format(path: Path) -> str | None:
    return None if path.suffix.lower() != ".mp4" else "mp4"


def _quality(codec: str) -> dict[str, str]:
    return {"preset": "ultrafast", "crf": "12", "g": "15"} if codec == "libx264" else {}


def record_sound(path: Path, tone_hz: float, seconds: float) -> Path:
    """Writes a recording without an image."""
    with av.open(str(path), "w") as container:
        _say(container, _voice(container), tone_hz, seconds)
    return path


def _voice(container: av.container.OutputContainer) -> av.AudioStream:
    return container.add_stream("aac", rate=SOUND_HZ, layout="stereo")


def _say(container: av.container.OutputContainer, voice: av.AudioStream, tone_hz: float, seconds: float) -> None:
    """A steady tone at a quarter of full scale: whatever is not smooth in it is a click."""
    wave = 0.25 * np.sin(2 * np.pi * tone_hz / SOUND_HZ * np.arange(round(seconds * SOUND_HZ)))
    for at in range(0, len(wave), 1024):
        block = np.repeat(wave[at : at + 1024], 2).astype(np.float32)[None]
        frame = av.AudioFrame.from_ndarray(block, format="flt", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = SOUND_HZ, at, Fraction(1, SOUND_HZ)
        container.mux(voice.encode(frame))
    container.mux(voice.encode(None))


def _flag(path: Path, turned: int, width: int, height: int) -> None:
    """Writes the display matrix of a quarter turn into the track header: PyAV has no way to."""
    clockwise = {90: (0, 1, -1, 0, height, 0), 180: (-1, 0, 0, -1, width, height), 270: (0, -1, 1, 0, 0, width)}
    a, b, c, d, x, y = clockwise[turned]
    values = [a << 16, b << 16, 0, c << 16, d << 16, 0, x << 16, y << 16, 1 << 30]
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4 + 40  # version 0: 40 bytes stand before the matrix
    data[at : at + 36] = b"".join(value.to_bytes(4, "big", signed=True) for value in values)
    path.write_bytes(data)
