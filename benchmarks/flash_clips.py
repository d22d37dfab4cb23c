"""TRACE's test clips for `benchmarks.flashes`: their recipes, the frames, and what the recipes amount to.

A recipe lays spatial patterns over a background and gives each the colours of a list, frame by frame; every clip
begins with its first frame ten times more. Later patterns lie in front; a colour that is transparent shows what lies
behind. The files say that a pattern is wholly opaque or wholly transparent; those of 341 x 256 have soft edges, and
all that is not wholly transparent is coloured, for otherwise more of those that shall fail would not reach a quarter.

Verdicts err. A set's list speaks for the standards the set is made for, and of 338 such verdicts 7 contradict their
recipes; the clips' own files speak for all standards, and many say "pass" where nobody can have looked: all five
verdicts of each red clip made for broadcast are "pass", also of those listed to fail. One Ofcom verdict reads "pass -
small area" and is a pass; who counts the word "pass" alone finds 295 of 318, not 296.
"""

import ast
import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from headturn.review.flash_limits import BROADCAST, TRACE, WCAG, Standard

RATE = Fraction(30)
PADDING = 10
WRITTEN_AS = {
    BROADCAST: ("ofcom2017", "itu_r1702_4", "iso"),
    WCAG: ("wcag2_2",),
    TRACE: ("trace24",),
}
"""The names of a standard's verdicts; Ofcom's, the ITU's and ISO's are the same in all clips."""
MADE_FOR = {"broadcast": (BROADCAST,), "wcagc": (WCAG,), "trace24": (TRACE,), "30fps": (BROADCAST, WCAG, TRACE)}
"""Which standards a set is made for, by the beginning of its name; the sets of scene changes are made for none."""
CORRUPT = {("wcagc_30fps_area03/a004f021", WCAG)}
"""Verdicts that are no word: this one is "s". Its set's list says that it passes, for its area."""

Colours = NDArray[np.int64]
Rgb = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Recipe:
    """One clip. colours: of each pattern, (frames, 4) R, G, B, A; written: the verdicts in its own file; listed_fails:
    what its set's list says, for the standards the set is made for.
    """

    name: str
    patterns: tuple[Path, ...]
    colours: tuple[Colours, ...]
    background: tuple[int, int, int]
    written: dict[str, str]
    listed_fails: bool

    def fails_as_written(self, standard: Standard) -> bool | None:
        """The verdict in the clip's own file; None where it is corrupt."""
        words = {self.written[name].partition(" ")[0].partition("_")[0] for name in WRITTEN_AS[standard]}
        assert len(words) == 1, f"{self.name}: verdicts that were the same differ"
        return None if (self.name, standard) in CORRUPT else {"pass": False, "fail": True}[words.pop()]

    def fails_as_listed(self, standard: Standard) -> bool | None:
        """The verdict in the list of its set; None where the set is not made for that standard."""
        return self.listed_fails if standard in MADE_FOR.get(self.name.partition("_")[0], ()) else None

    @cached_property
    def labels(self) -> NDArray[np.uint8]:
        """Which patterns cover a pixel: bit n is set where pattern n does."""
        masks = [np.asarray(cv2.imread(str(path), cv2.IMREAD_UNCHANGED))[..., 3] > 0 for path in self.patterns]
        return np.asarray(sum(mask.astype(np.uint8) << n for n, mask in enumerate(masks)), np.uint8)

    def palettes(self) -> list[Rgb]:
        """For each frame, without the padding, the colour of each label."""
        length = max(len(each) for each in self.colours)
        palettes = np.empty((length, 2 ** len(self.patterns), 3), np.uint8)
        palettes[:] = self.background
        for label in range(palettes.shape[1]):
            for n, colours in enumerate(self.colours):
                held = np.concatenate([colours, np.repeat(colours[-1:], length - len(colours), axis=0)])
                shown = (held[:, 3] > 0) & bool(label >> n & 1)
                palettes[shown, label] = held[shown, :3]
        return list(palettes)

    def frames(self) -> Iterator[Rgb]:
        """All frames, the padding first, at 1920 x 1080."""
        palettes = self.palettes()
        for palette in [palettes[0]] * PADDING + palettes:
            yield palette[self.labels]


def recipes(folder: Path) -> list[Recipe]:
    """All recipes of TRACE's folder, by name."""
    found = []
    for path in sorted((folder / "video_creation").glob("*/*.json")):
        told = json.loads(path.read_text(encoding="utf-8"))
        assert told["framerate"] == RATE
        listed = {row["filename"]: row["dimension"] for row in _rows(next(path.parent.glob("*.csv")))}
        found.append(
            Recipe(
                f"{path.parent.name}/{path.stem}",
                tuple((path.parent / each["spatial"]).resolve() for each in told["pattern"]),
                tuple(_colours(path.parent / each["temporal_color"]) for each in told["pattern"]),
                ast.literal_eval(told["bgcolor"])[:3],
                told["expected_result"],
                listed[path.stem].lower().startswith("fail"),
            )
        )
    return found


def _colours(path: Path) -> Colours:
    return np.array([[int(row[channel]) for channel in "rgba"] for row in _rows(path)])


def _rows(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def write(recipe: Recipe, path: Path) -> None:
    """Write a clip without loss: FFV1, RGB, every frame by itself, so that equal frames are encoded once."""
    palettes = recipe.palettes()
    encoded = dict[bytes, bytes]()
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=RATE, options={"g": "1"})
        stream.height, stream.width = recipe.labels.shape
        stream.pix_fmt = "bgr0"
        stream.codec_context.thread_count = 1
        for n, palette in enumerate([palettes[0]] * PADDING + palettes):
            if palette.tobytes() not in encoded:
                frame = av.VideoFrame.from_ndarray(palette[recipe.labels], "rgb24")
                encoded[palette.tobytes()] = bytes(next(iter(stream.encode(frame))))
            packet: av.Packet[Any] = av.Packet(encoded[palette.tobytes()])
            packet.stream, packet.time_base = stream, 1 / RATE
            packet.pts = packet.dts = n
            packet.duration, packet.is_keyframe = 1, True
            container.mux(packet)


def read(path: Path) -> Iterator[Rgb]:
    """The decoded frames of a clip."""
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            yield np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)


def by_recipe(recipe: Recipe, standard: Standard, rates: dict[str, Fraction]) -> dict[str, float]:
    """On what share of a standard's area a recipe, played at these rates, has more than three flashes within a second;
    worked out from its colours and areas alone, in double precision, by other code than the analyser's.
    """
    palettes = np.array(recipe.palettes(), float) / 255
    linear = np.where(palettes <= 0.04045, palettes / 12.92, ((palettes + 0.055) / 1.055) ** 2.4)
    moments = [
        [each(linear[:, label]) for label in range(linear.shape[1])] for each in (_luminance_changes, _red_changes)
    ]
    areas = {(False,) * linear.shape[1]: 0.0}
    most = dict.fromkeys(rates, 0.0)
    for name, rate in rates.items():
        for labels in moments:
            for last in range(len(palettes)):
                seven = tuple(sum(last - each < rate and each <= last for each in times) > 6 for times in labels)
                if seven not in areas:
                    areas[seven] = _area(np.array(seven)[recipe.labels], standard.block_px)
                most[name] = max(most[name], areas[seven])
    return most


def _luminance_changes(linear: NDArray[np.float64]) -> list[int]:
    luminance = linear @ (0.2126, 0.7152, 0.0722)
    moments, way = [], 0.0
    for n in range(1, len(luminance)):
        change = luminance[n] - luminance[n - 1]
        if abs(change) >= 0.1 and min(luminance[n - 1 : n + 1]) < 0.8 and np.sign(change) != way:
            moments.append(n)
            way = np.sign(change)
    return moments


def _red_changes(linear: NDArray[np.float64]) -> list[int]:
    r, g, b = linear.T
    saturated = (r > 0) & (r / np.maximum(r + g + b, 1e-12) >= 0.8)
    x, y, z = (
        0.4124564 * r + 0.3575761 * g + 0.1804375 * b,
        0.2126729 * r + 0.7151522 * g + 0.0721750 * b,
        0.0193339 * r + 0.1191920 * g + 0.9503041 * b,
    )
    whole = np.maximum(x + 15 * y + 3 * z, 1e-12)
    u, v = 4 * x / whole, 9 * y / whole
    moments, was = [], 0
    for n in range(1, len(linear)):
        way = int(saturated[n]) - int(saturated[n - 1])
        if way and way != was and np.hypot(u[n] - u[n - 1], v[n] - v[n - 1]) >= 0.2:
            moments.append(n)
            was = way
    return moments


def _area(mask: NDArray[np.bool_], block: tuple[int, int] | None) -> float:
    if block is None:
        return float(mask.mean())
    sums = np.pad(mask, ((1, 0), (1, 0))).astype(np.int64).cumsum(axis=0).cumsum(axis=1)
    tall = sums[block[1] :] - sums[: -block[1]]
    return float((tall[:, block[0] :] - tall[:, : -block[0]]).max()) / (block[0] * block[1])
