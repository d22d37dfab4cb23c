"""What a recording is, from its headers, its index and its first frame."""

from collections.abc import Sequence
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import av
import av.audio
import av.container
import av.video

from headturn.camera.gpmf import read_payload
from headturn.camera.lens import assumed_lens
from headturn.camera.media.colour import conversion, describe
from headturn.camera.media.container import SOUND_DEMUXERS, MediaError, exact, image_stream, opened
from headturn.camera.media.times import chapter_times, joined_times
from headturn.camera.mp4 import Movie, read_movie
from headturn.camera.take import Clip, ImageTrack, SoundTrack
from headturn.clock import FrameTimes, Timecode
from headturn.errors import BadOption, CannotRead

_PACKETS_TO_FIRST_FRAME = 120
"""A stream that shows nothing within these is damaged: at worst a decoder waits for the next key frame."""
_GOPRO_FIRMWARE = {
    "HD4": "HERO4",
    "HD5": "HERO5",
    "HD6": "HERO6",
    "HD7": "HERO7",
    "HD8": "HERO8",
    "HD9": "HERO9",
    "H21": "HERO10",
    "H22": "HERO11",
    "H23": "HERO12",
    "H24": "HERO13",
    "H19": "GoPro MAX",
    "FS1": "Fusion",
}
"""Model by the first letters of a GoPro's firmware, for files that do not name it otherwise."""
_MODEL_KEYS = ("com.apple.quicktime.model", "com.android.model", "model", "©mod")


def probe(
    files: Sequence[Path], identity: str = "", *, proxies: Sequence[Path] = (), notes: Sequence[str] = ()
) -> Clip:
    """One recording, made of its chapters in order. Reads headers and indexes, and decodes one frame.

    identity: see `camera.card.identity`; proxies: handed on to the clip; notes: too, as damage (chapters missing)

    Raises:
        CannotRead: empty, cut off, damaged, not permitted, no recording, without a single frame, colour that cannot be
            converted, or chapters that are not of one recording.
        NoImage: no video track, or telemetry only.
    """
    files = tuple(files)
    with opened(files[0]) as container:
        stream = image_stream(container, files[0])
        first = _first_frame(container, stream, files[0])
        times, firsts = joined_times(files)
        image = _image(stream, first, times, files[0])
        sound = _sound(container, files)
        metadata = {**container.metadata, **stream.metadata}
    for path in files[1:]:
        _same_kind(path, image)
    movie = _movie(files[0])
    camera = _camera(movie, metadata)
    damage = (*notes, *_cut_off(files))
    return Clip(
        id=identity,
        files=files,
        span=times.span,
        chapter_starts=tuple(times[index] for index in firsts),
        image=image,
        sound=sound,
        lens=assumed_lens(image.width, image.height, camera=camera),
        timecode=_timecode(movie, metadata, image.rate),
        created=movie.created if movie and movie.created else _created(metadata),
        camera=camera,
        proxies=tuple(proxies),
        notes=(*damage, *_notes(image, _setting(movie, "PTCL"))),
        damage=damage,
    )


def probe_sound(path: Path) -> tuple[SoundTrack, dict[str, str]]:
    """The sound of a sound recorder's file (WAV, BWF, RF64, W64), and what its header says, in FFmpeg's words.

    Raises:
        CannotRead: missing, not permitted, empty, damaged, no such file, or without a sample.
    """
    with opened(path, SOUND_DEMUXERS) as container:
        stream = next(iter(container.streams.audio), None)
        if stream is None or stream.codec_context is None or not stream.rate or not stream.channels:
            raise CannotRead(
                path, "holds no sound that can be read", "copy it again from the recorder, or leave it out"
            )
        duration = (stream.duration or 0) * exact(stream.time_base)
        if not duration and container.duration:
            duration = Fraction(container.duration, av.time_base)
        if duration <= 0:
            raise CannotRead(path, "holds not a single sample", "leave it out")
        track = SoundTrack(stream.codec_context.name, stream.rate, stream.channels, Fraction(0), duration)
        return track, {**container.metadata, **stream.metadata}


def _first_frame(container: av.container.InputContainer, stream: av.video.VideoStream, path: Path) -> av.VideoFrame:
    stream.codec_context.thread_count = 1
    try:
        for count, packet in enumerate(container.demux(stream)):
            try:
                decoded = packet.decode()
            except MediaError:
                continue
            if decoded:
                return decoded[0]
            if count > _PACKETS_TO_FIRST_FRAME:
                break
    except MediaError:
        pass
    raise CannotRead(path, "not a single frame of it can be decoded", "copy it again from the card, or leave it out")


def _image(stream: av.video.VideoStream, frame: av.VideoFrame, times: FrameTimes, path: Path) -> ImageTrack:
    aspect = exact(stream.sample_aspect_ratio or stream.codec_context.sample_aspect_ratio)
    width, height = max(1, round(frame.width * aspect)), frame.height
    rotation = -round(frame.rotation / 90) * 90 % 360
    if rotation % 180:
        width, height = height, width
    return ImageTrack(
        codec=stream.codec_context.name,
        coded_width=frame.width,
        coded_height=frame.height,
        width=width,
        height=height,
        rotation_deg=rotation,
        pixel_aspect=aspect,
        rate=times.rate,
        variable_rate=times.variable,
        frames=len(times),
        colour=describe(frame, path),
    )


def _same_kind(path: Path, image: ImageTrack) -> None:
    with opened(path) as container:
        context = image_stream(container, path).codec_context
        found = (context.name, context.width, context.height)
    expected = (image.codec, image.coded_width, image.coded_height)
    if found != expected:
        raise CannotRead(
            path,
            f"is no chapter of the same recording ({' '.join(map(str, found))}, not {' '.join(map(str, expected))})",
            "put it into a folder of its own",
        )


def _sound(container: av.container.InputContainer, files: tuple[Path, ...]) -> SoundTrack | None:
    stream = next(iter(container.streams.audio), None)
    if stream is None or stream.codec_context is None or not stream.rate:
        return None
    ours = chapter_times(files[0])
    base = exact(stream.time_base)
    start = (stream.start_time or 0) * base - int(ours.ticks[0]) * ours.base
    duration = (stream.duration or 0) * base
    if not duration and container.duration:
        duration = Fraction(container.duration, av.time_base)
    if len(files) > 1:
        duration = max(duration, joined_times(files)[0].span.end - start)
    return SoundTrack(stream.codec_context.name, stream.rate, stream.channels, start, duration)


def _movie(path: Path) -> Movie | None:
    try:
        return read_movie(path)
    except CannotRead:
        return None


def _camera(movie: Movie | None, metadata: dict[str, str]) -> str:
    named = _setting(movie, "MINF") or next((metadata[key] for key in _MODEL_KEYS if metadata.get(key)), "")
    if named.isprintable() and named:
        return named
    return _GOPRO_FIRMWARE.get(metadata.get("firmware", "")[:3], "")


def _setting(movie: Movie | None, key: str) -> str:
    """A setting in GoPro's metadata of the whole file (MINF model, PTCL colour profile); "" where it has none."""
    devices = read_payload(movie.gpmf).devices if movie else ()
    found = next((item.text for device in devices if (item := device.find(key))), "")
    return found if found.isprintable() else ""


def _timecode(movie: Movie | None, metadata: dict[str, str], rate: Fraction) -> Timecode | None:
    """The timecode of the first frame: of the timecode track, else as the container writes it."""
    track = movie.track(codec="tmcd") if movie else None
    if track and track.timecode:
        start = track.timecode
        return Timecode(start.frames, start.rate, start.drop)
    try:
        return Timecode.parse(metadata["timecode"], rate)
    except (KeyError, BadOption):
        return None


def _created(metadata: dict[str, str]) -> datetime | None:
    try:
        date = datetime.fromisoformat(metadata["creation_time"])
    except (KeyError, ValueError):
        return None
    return (date if date.tzinfo else date.replace(tzinfo=UTC)) if date.year > 1970 else None


def _cut_off(files: tuple[Path, ...]) -> list[str]:
    lost = [(path.name, chapter_times(path).lost) for path in files]
    return [
        f"{name} was cut off: its last {count} frames are missing, the rest is used." for name, count in lost if count
    ]


def _notes(image: ImageTrack, profile: str) -> list[str]:
    notes = [image.colour.assumed, conversion(image.colour)]
    if "FLAT" in profile.upper() or "LOG" in profile.upper():
        notes.append(f"The camera recorded the flat colour profile {profile}; it is used as it is, ungraded.")
    if image.variable_rate:
        notes.append("The frame rate varies; each frame is used at its own time.")
    if image.rotation_deg:
        notes.append(f"The image is turned upright by {image.rotation_deg}°, as the file asks.")
    return [note for note in notes if note]
