"""The steadied ride: what the viewer is carried through once shake is taken out and the picture cropped for it.

The correction is one rotation for each film frame over the whole cut, the same for both takes where they meet, and so
is the crop: neither pops at a seam. The jump between two takes' headings at a splice does not exist for it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from headturn import rotation
from headturn.edit.cut import Cut, Steadying
from headturn.head import steady
from headturn.head.flow import chained
from headturn.head.rush import Rush
from headturn.review import ride
from headturn.review.borders import cover_zooms
from headturn.review.ride import Layer, Ride
from headturn.review.shown import Shown
from headturn.rotation import IDENTITY, Floats

NAMES_TOLD = 4
PASSING = "how fast it passes things is not known; its motion is not taken from the image."
LEVEL = "nothing tells where up is; its tilt does not count."
READ_OUT = "how fast its sensor is read is not known; what its rolling shutter bends stays bent."
UP = np.array([0.0, 0.0, 1.0])
FRAMES_AT_ONCE = 2000
"""Frames whose borders are looked at in one go: some 50 MB, however long the film is."""
READ_CROP = 0.25
"""Share of the crop that straightening may take; the rest is for the shake."""
CLEAR_OF_LIMIT = 0.995
"""Share of the limit that is aimed at: the crop is not quite in proportion to the correction."""


def plan(cut: Cut, rushes: Mapping[str, Rush]) -> Ride:
    """The ride of a cut, steadied as the cut says; `rushes` by take id."""
    filmed = ride.plan(cut, rushes)
    return filmed if cut.steadying is None else steadied(cut, filmed, rushes, cut.steadying)


def steadied(cut: Cut, filmed: Ride, rushes: Mapping[str, Rush], steadying: Steadying) -> Ride:
    """A ride with shake taken out, the horizon levelled, and the crop that hides what that bares."""
    corrections = corrected(cut, filmed, rushes, steadying)
    filmed = _read_at_once(cut, filmed, rushes, steadying)
    limit, turned = steadying.max_crop * CLEAR_OF_LIMIT, (corrections != IDENTITY).any(axis=1)
    needed = _needed_crop(filmed, corrections)
    over = np.where(_in_seams(cut), 0.0, np.maximum(0.0, 1 - limit / np.maximum(needed, 1e-9)))
    if over.any():
        share = 1 - steady.eased(over, float(cut.rate), steady.TURN_REACH_S)
        corrections = np.where(turned[:, None], rotation.power(corrections, share), IDENTITY)
        less = (replace(each, swept=each.swept * share[each.start : each.stop, None]) for each in filmed.layers)
        filmed = replace(filmed, layers=tuple(less))
        needed = _needed_crop(filmed, corrections)
    zoom = 1 / (1 - steady.eased(needed, float(cut.rate)))
    layers = tuple(_turned(layer, corrections, zoom) for layer in filmed.layers)
    return Ride(layers, filmed.times_s, rates(filmed, corrections, float(cut.rate)))


def _in_seams(cut: Cut) -> NDArray[np.bool_]:
    return np.isin(np.arange(cut.frames), [frame for seam in cut.seam_frames() for frame in seam])


def _read_at_once(cut: Cut, filmed: Ride, rushes: Mapping[str, Rush], steadying: Steadying) -> Ride:
    """A ride with what rolling shutters bent straightened, where the film is steadied and the read-out time is known.

    Not at seams: there both takes are bent alike, by one turn and by what the seam does. Of a fast turn as much as its
    share of the crop allows.
    """
    beside = 1 - steady.eased(_in_seams(cut).astype(np.float64), float(cut.rate), steady.TURN_REACH_S)
    share = steadying.strength_at(range(cut.frames)) * beside
    layers = []
    for layer in filmed.layers:
        rush = rushes[cut.segments[layer.segment].take]
        swept = rush.motion.rates_rad_s[layer.source] * (rush.readout_s or 0.0)
        if swept.any():
            border = steady.border(layer.lens, steadying.max_crop)
            crop = np.maximum(border.crop(swept / 2), border.crop(-swept / 2))
            most = np.maximum(crop / max(steadying.max_crop * READ_CROP, 1e-9), 1e-9)
            swept = swept * (np.tanh(most) / most * share[layer.start : layer.stop])[:, None]
        layers.append(replace(layer, swept=layer.swept + swept))
    return replace(filmed, layers=tuple(layers))


def corrected(cut: Cut, filmed: Ride, rushes: Mapping[str, Rush], steadying: Steadying) -> Floats:
    """The rotation (n, 4), film_from_image, that steadies each film frame, on top of what its seams do."""
    rate = float(cut.rate)
    asked = steady.Asked(
        steadying.strength_at(range(cut.frames)), np.full(cut.frames, steadying.level), steadying.max_crop
    )
    crop = border_crop(cut, filmed, steadying.max_crop)
    path = chained(filmed.rates_rad_s / rate)
    return steady.corrections(path, up_shown(cut, filmed, rushes), rate, asked, crop)


def border_crop(cut: Cut, filmed: Ride, near_crop: float) -> Callable[[Floats], Floats]:
    """The crop (n,) that film frames need when turned by rotation vectors (n, 3), each by its take's lens."""
    runs = [
        (slice(segment.start, segment.stop), steady.border(layer.lens, near_crop))
        for segment, layer in zip(cut.segments, filmed.layers, strict=True)
    ]

    def crop(turns: Floats) -> Floats:
        return np.concatenate([border.crop(turns[frames]) for frames, border in runs])

    return crop


def up_shown(cut: Cut, shown: Ride, rushes: Mapping[str, Rush]) -> Floats:
    """Up (n, 3) against gravity in the axes of what each film frame shows; NaN in takes that do not know gravity."""
    up = np.full((cut.frames, 3), np.nan)
    for segment, layer in zip(cut.segments, shown.layers, strict=True):
        motion = rushes[segment.take].motion
        if motion.level:
            at = slice(segment.start - layer.start, segment.stop - layer.start)
            up[segment.start : segment.stop] = rotation.apply(rotation.inverse(layer.world_from_film[at]), UP)
    return up


def _needed_crop(filmed: Ride, corrections: Floats) -> Floats:
    """The crop (n,) that hides every border in the frames that are corrected; 0 in the others."""
    needed = np.zeros(len(corrections))
    turned = (corrections != IDENTITY).any(axis=1)
    for frames, layers in _runs(filmed, len(corrections)):
        for first in range(frames.start, frames.stop, FRAMES_AT_ONCE):
            at = np.arange(first, min(first + FRAMES_AT_ONCE, frames.stop))
            bent = np.any([layer.swept[at - layer.start].any(axis=1) for layer in layers], axis=0)
            at = at[turned[at] | bent]
            if len(at):
                images = [
                    (layer.lens, rotation.compose(corrections[at], layer.film_from_image[at - layer.start]), at >= 0)
                    for layer in layers
                ]
                swept = [layer.swept[at - layer.start] for layer in layers]
                needed[at] = 1 - 1 / cover_zooms(images, swept)
    return needed


def _runs(filmed: Ride, count: int) -> Iterator[tuple[range, tuple[Layer, ...]]]:
    """Runs of film frames that show the same layers, and these."""
    seen = np.zeros((len(filmed.layers), count), dtype=np.bool_)
    for row, layer in zip(seen, filmed.layers, strict=True):
        row[layer.start : layer.stop] = layer.presence > 0
    changes = np.flatnonzero((seen[:, 1:] != seen[:, :-1]).any(axis=0)) + 1
    for start, stop in pairwise([0, *changes.tolist(), count]):
        yield range(start, stop), tuple(filmed.layers[i] for i in np.flatnonzero(seen[:, start]))


def _turned(layer: Layer, corrections: Floats, zoom: Floats) -> Layer:
    """A layer with the film's corrections and crop; frames that have neither stay exactly as they are."""
    frames = slice(layer.start, layer.stop)
    own, turns = corrections[frames], layer.film_from_image
    moved = (own != IDENTITY).any(axis=1)[:, None]
    turns = np.where(moved, rotation.compose(own, turns), turns)
    return replace(layer, film_from_image=turns, zoom=np.maximum(layer.zoom, zoom[frames]))


def rates(filmed: Ride, corrections: Floats, rate_hz: float) -> Floats:
    """Angular velocity (n, 3) of a ride under corrections (n, 4), from one frame to the next."""
    film = rotation.compose(chained(filmed.rates_rad_s / rate_hz), rotation.inverse(corrections))
    steps = rotation.to_vector(rotation.compose(rotation.inverse(film[:-1]), film[1:])) * rate_hz
    return np.concatenate([steps[:1] if len(steps) else np.zeros((1, 3)), steps])


def turned_up(up: Floats, corrections: Floats) -> Floats:
    """Up (n, 3) in the axes of what is shown, under corrections (n, 4); NaN stays."""
    known = np.isfinite(up).all(axis=1)
    turned = np.full_like(up, np.nan)
    if known.any():
        turned[known] = rotation.apply(corrections[known], up[known])
    return turned


def shown(cut: Cut, planned: Ride, rushes: Mapping[str, Rush]) -> Shown:
    """The motion that a cut shows its viewers, as comfort reads it; `planned` is its ride, steadied or not."""
    going, focal = np.full(cut.frames, np.nan), np.empty(cut.frames)
    unknown: dict[str, dict[str, None]] = {}
    for segment, layer in zip(cut.segments, planned.layers, strict=True):
        frames = slice(segment.start, segment.stop)
        at = slice(segment.start - layer.start, segment.stop - layer.start)
        motion = rushes[segment.take].motion
        if motion.speed_over_depth is not None:
            going[frames] = motion.speed_over_depth[layer.source[at]]
        else:
            unknown.setdefault(PASSING, {})[segment.name] = None
        if not motion.level:
            unknown.setdefault(LEVEL, {})[segment.name] = None
        steadying = cut.steadying or Steadying(())
        if steadying.strength_at(range(segment.start, segment.stop)).any() and rushes[segment.take].readout_s is None:
            unknown.setdefault(READ_OUT, {})[segment.name] = None
        if layer.lens.assumed:
            lens = f"{layer.lens.assumed[0].lower()}{layer.lens.assumed[1:]}"
            unknown.setdefault(lens, {})[segment.name] = None
        focal[frames] = layer.zoom[at] * layer.lens.focal_mean_px / layer.lens.width
    up = up_shown(cut, planned, rushes)
    notes = tuple(f"{_told(list(takes))}: {what}" for what, takes in unknown.items())
    return Shown(planned.times_s, planned.rates_rad_s, up, going, focal, notes)


def _told(names: Sequence[str]) -> str:
    """Names in a row; of many, how many more there are."""
    more = len(names) - NAMES_TOLD
    return ", ".join(names) if more <= 0 else f"{', '.join(names[:NAMES_TOLD])} and {more} more"
