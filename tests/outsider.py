"""A film's folder, read as somebody reads it who knows nothing of headturn: cut.json, film.mp4 and the sources."""

import json
from bisect import bisect_left
from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from pathlib import Path

import av
import cv2
import numpy as np

WIDTH_PX = 160
"""Pictures are compared at this width."""
ALIKE_GREYS = 9.0
"""Rms difference that conversion, scaling and encoding may make, in grey levels; another place makes 30 and more."""
APART_GREYS = 1.0
"""Source frames that differ by less than this cannot be told apart in the film."""
CLOSER_GREYS = 0.3
"""A neighbour must be closer by this to count: a real source's key frames are of another quality than those around."""
EVEN, AT_A_FRAME = 0.005, 0.02
"""Rates so near a whole multiple are shown frame for frame; so near to a frame (of its interval) a moment is at it."""


@dataclass(frozen=True)
class Reel:
    """Decoded pictures (n, h, w) of a file, grey, as float32, and the time of each, the first at 0."""

    times: tuple[Fraction, ...]
    images: np.ndarray

    def nearest(self, time: Fraction) -> int:
        """The picture whose time is nearest; of two the earlier."""
        later = bisect_left(self.times, time)
        near = [index for index in (later - 1, later) if 0 <= index < len(self.times)]
        return min(near, key=lambda index: (abs(self.times[index] - time), index))


@lru_cache(maxsize=16)
def reel(path: Path, shape: tuple[int, int], stamp: int) -> Reel:
    """A file read from front to back; each picture upright and cropped to `shape` (h, w) about its middle."""
    times, images = [], []
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        aspect = float(stream.sample_aspect_ratio or 1)
        for frame in container.decode(stream):
            times.append(frame.pts * stream.time_base)
            grey = np.rot90(frame.to_ndarray(format="gray"), frame.rotation // 90)
            images.append(_covered(grey, aspect, *shape))
    return Reel(tuple(time - times[0] for time in times), np.array(images))


def _covered(grey: np.ndarray, aspect: float, height: int, width: int) -> np.ndarray:
    scale = max(width / (grey.shape[1] * aspect), height / grey.shape[0])
    size = max(width, round(grey.shape[1] * aspect * scale)), max(height, round(grey.shape[0] * scale))
    scaled = cv2.resize(grey, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    left, top = (size[0] - width) // 2, (size[1] - height) // 2
    return scaled[top : top + height, left : left + width]


@dataclass(frozen=True)
class Film:
    """A film's folder."""

    folder: Path

    @cached_property
    def cut(self) -> dict:
        return json.loads((self.folder / "cut.json").read_text(encoding="utf-8"))

    @property
    def rate(self) -> Fraction:
        return Fraction(self.cut["rate"])

    @property
    def shape(self) -> tuple[int, int]:
        return round(WIDTH_PX * self.cut["height"] / self.cut["width"]), WIDTH_PX

    def reel(self, name: str = "film.mp4") -> Reel:
        """A picture file of the folder, or a source named from it."""
        path = (self.folder / name).resolve()
        return reel(path, self.shape, path.stat().st_mtime_ns)

    def source(self, take: str) -> Reel:
        """All pictures of a take's recording."""
        parts = [self.reel(file) for file in self.cut["takes"][take]["files"]]
        assert len(parts) == 1, "chapters are not read here"
        return parts[0]

    def untouched(self) -> set[int]:
        """Film frames of which no seam may change more than the light."""
        seams = [range(*splice["seam"]["mixed"]) for splice in self.cut["splices"]]
        return set(range(self.cut["frames"])).difference(*seams)

    def named(self, of: Collection[str] = ()) -> dict[int, tuple[str, int]]:
        """For each untouched film frame the take and the number of the source frame that cut.json names.

        Of takes of another rate only the film frames that fall on one of theirs; what is between is made.
        """
        return {frame: (take, number) for frame, (take, number, share) in self._shown(of).items() if not share}

    def between(self, of: Collection[str] = ()) -> dict[int, tuple[str, int, int]]:
        """For each other film frame that no seam may change the take and the two source frames it is between."""
        found = {}
        for frame, (take, number, share) in self._shown(of).items():
            beyond = number + (1 if share > 0 else -1)
            if share and 0 <= beyond < len(self.source(take).times):
                found[frame] = take, number, beyond
        return found

    def _shown(self, of: Collection[str]) -> dict[int, tuple[str, int, float]]:
        """Take, nearest frame, and how far on (in frames) the moment is; 0 where the take is shown frame for frame."""
        found = {}
        untouched = self.untouched()
        for segment in self.cut["segments"]:
            if of and segment["name"] not in of:
                continue
            source = self.source(segment["take"])
            apart = float(np.median(np.diff(np.array(source.times, float)))) if len(source.times) > 1 else 0.0
            quotient = 1 / (apart * float(self.rate)) if apart else 1.0
            for frame in untouched.intersection(range(segment["start"], segment["start"] + segment["frames"])):
                time = Fraction(segment["in"]) + (frame - segment["start"]) / self.rate
                number = source.nearest(time)
                off = float(time - source.times[number]) / apart if apart else 0.0
                even = (round(quotient) and abs(quotient / round(quotient) - 1) < EVEN) or abs(off) < AT_A_FRAME
                found[frame] = segment["take"], number, 0.0 if even else off
        return found

    def wrong(self, name: str = "film.mp4", of: Collection[str] = ()) -> tuple[list[str], float]:
        """What is wrong with the untouched frames of a picture file, and the share that could be told from neighbours.

        Each must look like the source frame that is named, and not more like one of its neighbours. `of` names the
        takes that are looked at, instead of all.
        """
        film, said, told = self.reel(name), [], 0
        named = self.named(of)
        for frame, (take, number) in named.items():
            source = self.source(take).images
            near = range(max(0, number - 2), min(len(source), number + 3))
            off = {index: difference(film.images[frame], source[index]) for index in near}
            rivals = [i for i in near if i != number and difference(source[i], source[number]) > APART_GREYS]
            told += bool(rivals)
            best = min([number, *rivals], key=lambda index: off[index])
            if off[number] > ALIKE_GREYS or off[number] > off[best] + CLOSER_GREYS:
                said.append(f"frame {frame} is {off[number]:.1f} off frame {number}, {off[best]:.1f} off frame {best}")
        for frame, (take, number, beyond) in self.between(of).items():
            source = self.source(take).images
            apart = difference(source[number], source[beyond])
            nearest = min(difference(film.images[frame], source[each]) for each in (number, beyond))
            if nearest > apart + ALIKE_GREYS:
                said.append(f"frame {frame} is {nearest:.1f} off frames {number} and {beyond}, they {apart:.1f}")
        return said, told / max(1, len(named))


def difference(one: np.ndarray, other: np.ndarray) -> float:
    """Rms difference in grey levels, but for brightness and contrast (colours may be converted)."""
    a, b = one - one.mean(), other - other.mean()
    gain = float(np.clip((a * b).sum() / max(float((b * b).sum()), 1e-6), 0.8, 1.25))
    return float(np.sqrt(np.mean((a - gain * b) ** 2)))


def heard(path: Path) -> tuple[np.ndarray, int]:
    """The sound of a file (n, channels) and its rate; no samples where it has none."""
    with av.open(str(path)) as container:
        if not container.streams.audio:
            return np.zeros((0, 2), np.float32), 0
        resampler = av.AudioResampler(format="flt", layout="stereo", rate=48000)
        blocks = [
            part.to_ndarray().reshape(-1, 2)
            for frame in container.decode(audio=0)
            for part in resampler.resample(frame)
        ]
    return np.concatenate(blocks), 48000


def whole(path: Path) -> int:
    """How many frames a picture file shows, decoded from front to back without a single error."""
    with av.open(str(path)) as container:
        container.streams.video[0].codec_context.thread_count = 1
        return sum(1 for _ in container.decode(video=0))
