"""From a cut to a picture file. Frames that no seam touches pass through as they are; everything is streamed.

The film is rendered in reels, each kept under a key of all that it shows: an interrupted render goes on with the reels
that are missing, and a changed splice renders only the reels it lies in.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from headturn import __version__
from headturn.camera import light, media
from headturn.camera.take import Clip, Take
from headturn.edit.cut import Cut
from headturn.errors import CannotRead, CannotWrite
from headturn.picture import between, detail, seams, sound
from headturn.review.ride import Layer, Ride

LAYOUT: dict[media.Codec, media.Layout] = {"h264": "yuv420", "prores": "yuv422p10", "dnxhr": "yuv422p10"}
SUFFIX: dict[media.Codec, str] = {"h264": ".mp4", "prores": ".mov", "dnxhr": ".mov"}
REEL_S = 10
"""What an interruption may cost, in seconds of film."""
SOUND_RATE_HZ = 48000

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class RenderOptions:
    """How the picture is written. crf: constant rate factor of the viewing copy, lower is better and larger."""

    codec: media.Codec = "h264"
    crf: int = 18


def render(
    cut: Cut,
    ride: Ride,
    takes: Mapping[str, Take],
    reels: Path,
    out: Path,
    options: RenderOptions,
    on_progress: Progress = lambda done, total: None,
) -> None:
    """Write the film to `out`; `reels` is a folder that keeps what is done, `takes` are by id.

    Reels of this codec that the film no longer needs are removed once it stands.

    Raises:
        CannotRead: a take that the cut names cannot be read any more.
        CannotWrite: no space or no permission; nothing half-written remains under a final name.
    """
    try:
        reels.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotWrite(reels, f"cannot be made ({error.strerror})", "choose another folder for the film") from None
    parts = []
    for frames in reel_ranges(cut):
        part = reels / f"{_key(cut, ride, frames, options)}{SUFFIX[options.codec]}"
        if not part.exists():
            _render_reel(cut, ride, takes, frames, part, options, on_progress)
        parts.append(part)
        on_progress(frames.stop, cut.frames)
    media.join_parts(parts, out, _sound(cut, takes), SOUND_RATE_HZ)
    for part in set(reels.glob(f"*{SUFFIX[options.codec]}")) - set(parts):
        part.unlink(missing_ok=True)


def film_key(cut: Cut, ride: Ride, options: RenderOptions) -> str:
    """A name for all that decides the picture file: two films of one key are the same."""
    reels = [_key(cut, ride, frames, options) for frames in reel_ranges(cut)]
    sounds = [
        (segment.take, segment.source, splice)
        for segment, splice in zip(cut.segments, (*cut.splices, None), strict=True)
    ]
    return hashlib.sha256(repr((reels, sounds)).encode()).hexdigest()


def reel_ranges(cut: Cut) -> tuple[range, ...]:
    """The film in runs of about REEL_S seconds, none ending where a seam turns or mixes."""
    length = round(REEL_S * cut.rate)
    bounds = [0]
    for wanted in range(length, cut.frames - length // 2, length):
        bound = wanted
        for seam in cut.seam_frames():
            bound = seam.stop if seam.start < bound < seam.stop else bound
        if bounds[-1] < bound < cut.frames:
            bounds.append(bound)
    return tuple(range(start, stop) for start, stop in zip(bounds, [*bounds[1:], cut.frames], strict=True))


def _key(cut: Cut, ride: Ride, frames: range, options: RenderOptions) -> str:
    """A name for all that decides the pixels of a reel."""
    key = hashlib.sha256(repr((__version__, options, cut.rate, cut.width, cut.height)).encode())
    for layer in ride.layers:
        start, stop = max(layer.start, frames.start), min(layer.stop, frames.stop)
        if start >= stop:
            continue
        key.update(repr((cut.segments[layer.segment].take, layer.lens, start, stop)).encode())
        at = slice(start - layer.start, stop - layer.start)
        shown = (
            layer.film_from_image,
            layer.zoom,
            layer.gain,
            layer.presence,
            layer.lens_share,
            layer.smear,
            layer.swept,
        )
        looked = layer.moments
        for values in (looked.source, looked.beyond, looked.share, looked.turns, *shown):
            key.update(np.ascontiguousarray(values[at]).tobytes())
        if ((layer.presence[at] > 0) & (layer.presence[at] < 1)).any():
            key.update(repr((layer.blend, layer.streams.tolist())).encode())
        for run in (*layer.held, *layer.film_lens):
            if run[0] < stop and start < run[1]:
                key.update(repr(run[2]).encode())
    return key.hexdigest()[:24]


def _render_reel(
    cut: Cut,
    ride: Ride,
    takes: Mapping[str, Take],
    frames: range,
    part: Path,
    options: RenderOptions,
    on_progress: Progress,
) -> None:
    with media.PictureWriter(part, cut.width, cut.height, cut.rate, options.codec, crf=options.crf) as writer:
        for frame, pixels in zip(frames, film_pixels(cut, ride, takes, frames, LAYOUT[options.codec]), strict=True):
            writer.write(pixels)
            on_progress(frame, cut.frames)


def film_pixels(
    cut: Cut, ride: Ride, takes: Mapping[str, Take], frames: range, layout: media.Layout
) -> Iterator[media.Pixels]:
    """The film's frames: untouched ones in `layout`, those of seams as "rgb48"."""
    layers = [layer for layer in ride.layers if layer.start < frames.stop and frames.start < layer.stop]
    readers: dict[int, _Reader] = {}
    for frame in frames:
        seen = [
            layer for layer in layers if layer.start <= frame < layer.stop and layer.presence[frame - layer.start] > 0
        ]
        for layer in seen:
            if layer.segment not in readers:
                clip = takes[cut.segments[layer.segment].take].clip
                readers[layer.segment] = _Reader(clip, layer, max(frame, layer.start), min(frames.stop, layer.stop))
        for segment in [s for s in readers if all(layer.segment != s for layer in seen)]:
            readers.pop(segment).close()
        if len(seen) == 1 and seen[0].in_place(frame):
            (layer,) = seen
            source = readers[layer.segment].at(int(layer.source[frame - layer.start]))
            if layer.untouched(frame):
                yield source.pixels(layout, cut.width, cut.height)
            else:
                codes = np.asarray(source.pixels("rgb48", cut.width, cut.height), np.uint16)
                colour = takes[cut.segments[layer.segment].take].clip.image.colour
                yield seams.graded(codes, layer.gain[frame - layer.start], colour.luma_step)
        else:
            yield _seam_pixels(cut, [(layer, readers[layer.segment]) for layer in seen], frame)
    for reader in readers.values():
        reader.close()


class _Reader:
    """Frames of one clip in the order that the film shows them; a frame shown twice is decoded once."""

    def __init__(self, clip: Clip, layer: Layer, start: int, stop: int) -> None:
        self._clip = clip
        at = slice(start - layer.start, stop - layer.start)
        wanted = np.concatenate([layer.moments.source[at], layer.moments.beyond[at]])
        self._frames = media.frames(clip, int(wanted.min()), int(wanted.max()) + 1)
        self._kept: list[media.Frame] = []

    def at(self, index: int) -> media.Frame:
        """The frame of that index; where it cannot be decoded the next one that can, at the end the last.

        Once a frame has been asked for, only it, the one before it and later ones can be had.
        """
        while not self._kept or self._kept[-1].index < index:
            following = next(self._frames, None)
            if following is None:
                break
            self._kept = [*self._kept[-1:], following]
        if not self._kept:
            raise CannotRead(
                self._clip.files[0], f"frame {index} cannot be decoded", "copy the file from the card again"
            )
        return next((frame for frame in self._kept if frame.index >= index), self._kept[-1])

    def pictured(self, layer: Layer, frame: int, width: int, height: int) -> tuple[seams.Picture, seams.Picture]:
        """What the film frame shows of the take, before the ride turns it, and the frame of it that this is made of.

        They are the same but between two frames.
        """
        looked, i = layer.moments, frame - layer.start
        share = float(looked.share[i])
        wanted = (int(looked.source[i]), int(looked.beyond[i])) if share else (int(looked.source[i]),)
        found = {index: self.at(index) for index in sorted(wanted)}
        near, *others = (
            light.linear_from_video(found[index].pixels("rgb48", width, height))
            for index in wanted
            if found[index].index == index or index == wanted[0]
        )
        return (between.pictured(near, others[0], layer.lens, looked.turns[i], share) if others else near), near

    def close(self) -> None:
        """Let go of the file."""
        self._frames.close()


def _seam_pixels(cut: Cut, shown: list[tuple[Layer, _Reader]], frame: int) -> media.Pixels:
    """One film frame that is not as filmed, (h, w, 3) display RGB, 16 bits."""
    seen = [shot(layer, frame, *reader.pictured(layer, frame, cut.width, cut.height)) for layer, reader in shown]
    if len(seen) == 1:
        return finished(seams.seen(seen[0])[0], seen, (1.0,))
    incoming = shown[1][0]
    share = float(incoming.presence[frame - incoming.start])
    picture = seams.blended(seen[0], seen[1], share, incoming.blend, incoming.streams)
    return finished(picture, seen, (1 - share, share))


def finished(picture: seams.Picture, shots: Sequence[seams.Shot], shares: Sequence[float]) -> light.Codes:
    """A picture of a seam as the film shows it, 16 bits: with the detail that its shots had before they were turned.

    shares: of each shot in the picture. What is smeared is to be soft, and stays so.
    """
    codes = light.codes_from_linear(picture, bits=16)
    if any(any(shot.smear) for shot in shots):
        return codes
    had = [
        detail.amount(light.codes_from_linear(seams.exposed(s.filmed, s.gain.astype(np.float32)), bits=16))
        for s in shots
    ]
    return detail.given_back(codes, sum(share * each for share, each in zip(shares, had, strict=True)))


def shot(layer: Layer, frame: int, picture: seams.Picture, made_of: seams.Picture | None = None) -> seams.Shot:
    """A layer's picture in linear light, with all that the ride does to it in a film frame.

    made_of: the frame that the picture is made of, where it lies between two
    """
    at = frame - layer.start
    return seams.Shot(
        picture,
        layer.lens,
        layer.film_from_image[at],
        float(layer.zoom[at]),
        layer.gain[at],
        layer.held_at(frame),
        layer.lens_at(frame),
        float(layer.lens_share[at]),
        (float(layer.smear[at, 0]), float(layer.smear[at, 1])),
        tuple(layer.swept[at].tolist()),
        made_of,
    )


def _sound(cut: Cut, takes: Mapping[str, Take]) -> Iterator[NDArray[np.float32]] | None:
    """The film's sound, or None where no take in it has any."""
    if not any(takes[segment.take].clip.sound for segment in cut.segments):
        return None
    return sound.mix(cut, lambda take, start, stop: media.sound(takes[take].clip, start, stop), SOUND_RATE_HZ)
