"""Recordings made for tests: each frame carries its number as a row of light and dark blocks."""

from fractions import Fraction

import av
import numpy as np

from headturn.camera.media import sound as hear

BITS = 9
NTSC = Fraction(30000, 1001)
VIDEOS = (".mp4", ".avi")
CLOSED = {"g": "12", "bf": "3", "preset": "veryfast"}
OPEN = {"x264-params": "open-gop=1:keyint=12:bframes=3:min-keyint=12:scenecut=0", "preset": "veryfast"}
WIDTH, HEIGHT = 192, 96


def numbered(number, width=WIDTH, height=HEIGHT):
    """A yuv420p picture (height * 3/2, width) that shows a number, on grey that slowly brightens."""
    picture = np.full((height * 3 // 2, width), 128, np.uint8)
    picture[:height] = 60 + number % 100
    for bit in range(BITS):
        left = 16 + bit * 16
        picture[32:64, left : left + 16] = 230 if number >> bit & 1 else 20
    return picture


def number_in(frame, layout="gray"):
    """The number that a frame shows."""
    luma = frame.pixels(layout)
    return sum(int(luma[48, 24 + bit * 16] > 128) << bit for bit in range(BITS))


def record(
    path,
    pictures=30,
    *,
    rate=Fraction(30),
    codec="libx264",
    options=None,
    pix_fmt="yuv420p",
    times=None,
    base=None,
    tags=None,
    aspect=None,
    sound=None,
    sound_codec="aac",
    sound_hz=48000,
    sound_from=Fraction(0),
    pace=1,
    container_options=None,
):
    """Writes a recording. pictures: how many numbered ones, or an iterable of frames or yuv420p arrays.

    times: ticks of `base` at which the frames are shown; tags: attributes of the codec and every frame;
    sound: float32 (n, channels), which begins at `sound_from` and whose clock runs `pace` times as fast.
    """
    if isinstance(pictures, int):
        pictures = (numbered(k) for k in range(pictures))
    with av.open(str(path), "w", container_options=container_options or {}) as container:
        stream = voice = None
        for k, picture in enumerate(pictures):
            frame = picture if isinstance(picture, av.VideoFrame) else av.VideoFrame.from_ndarray(picture, "yuv420p")
            if stream is None:
                stream = container.add_stream(codec, rate=rate, options=options or {})
                stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, pix_fmt
                stream.codec_context.time_base = stream.time_base = base or 1 / rate
                stream.codec_context.thread_count = 1
                if aspect:
                    stream.codec_context.sample_aspect_ratio = aspect
                for name, value in (tags or {}).items():
                    setattr(stream.codec_context, name, value)
                if sound is not None:
                    layout = {1: "mono", 2: "stereo", 6: "5.1"}[sound.shape[1]]
                    voice = container.add_stream(sound_codec, rate=sound_hz, layout=layout)
            for name, value in (tags or {}).items():
                setattr(frame, name, value)
            frame.pts, frame.time_base = (times[k] if times else k), stream.codec_context.time_base
            container.mux(stream.encode(frame))
        if voice is not None:
            speak(container, voice, sound, sound_hz, round(sound_from * sound_hz), pace)
        if stream is not None:
            container.mux(stream.encode(None))
    return path


def speak(container, voice, sound, hz, start, pace=1):
    """Encodes sound whose first sample is number `start`."""
    for at in range(0, len(sound), 1024):
        block = np.ascontiguousarray(sound[at : at + 1024], np.float32).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(block, format="flt", layout=voice.codec_context.layout.name)
        frame.sample_rate, frame.pts, frame.time_base = hz, round(at * pace) + start, Fraction(1, hz)
        container.mux(voice.encode(frame))
    container.mux(voice.encode(None))


def click(seconds, at_s, hz=48000, channels=2):
    """Silence with one short click that begins at a known time."""
    sound = np.zeros((round(seconds * hz), channels), np.float32)
    at = round(at_s * hz)
    sound[at : at + 4] = 0.9
    return sound


def videos(footage):
    return [path for path in sorted(footage.rglob("*")) if path.suffix in VIDEOS]


def heard(clip, start, stop, rate_hz=48000):
    return np.concatenate([np.zeros((0, 2), np.float32), *hear(clip, Fraction(start), Fraction(stop), rate_hz)])


def onset(samples, level=0.3):
    return int(np.argmax(np.abs(samples).max(axis=1) > level))


def patched(path, box, change):
    """Changes the first box of a kind in place."""
    data = bytearray(path.read_bytes())
    at = data.find(box) + 4
    assert at > 4
    change(data, at)
    path.write_bytes(data)
    return path


def seen(pixels, layout, height, width, y, x):
    """RGB 0..255 (luma for gray) of one pixel in any layout, by the formulae of BT.709."""
    if layout in ("rgb", "gray"):
        return pixels[y, x].astype(float)
    if layout == "rgb48":
        return pixels[y, x] / 257
    flat, scale = pixels.ravel().astype(float), 1 if layout == "yuv420" else 4
    down = 2 if layout == "yuv420" else 1
    at, size = height * width + (y // down) * (width // 2) + x // 2, (height // down) * (width // 2)
    luma, blue, red = (flat[y * width + x] / scale - 16) / 219, *(flat[[at, at + size]] / scale - 128) / 224
    r, b = luma + 1.5748 * red, luma + 1.8556 * blue
    return 255 * np.array([r, (luma - 0.2126 * r - 0.0722 * b) / 0.7152, b])
