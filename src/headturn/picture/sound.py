"""The film's sound: the takes' sound joined end to end and crossed at each splice, without a click.

Positions are counted in samples of the film, each rounded once from an exact time: nothing accumulates, and
sound and image stay together however long the film is.
"""

from collections.abc import Callable, Iterator
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from headturn.edit.cut import Cut

Samples = NDArray[np.float32]
"""Sound (n, 2): left and right, full scale at -1 and 1."""

Listen = Callable[[str, Fraction, Fraction], Iterator[Samples]]
"""(take id, start, stop) -> the take's sound between two times of its clip's clock, in blocks.

Exactly round((stop - start) * rate_hz) samples in all, zeros where the take has no sound.
"""

BLOCK = 8192
"""Samples handed on at a time: short enough for memory, long enough that arrays do the work."""
EASE_S = 0.005
"""Fade where sound starts or stops out of nothing. 5 ms is an editor's usual fade against clicks: too short
to be heard as a fade, long enough to take the edge off the step."""
SHORTEST_CROSSING_S = 0.02
"""No splice is harder than this, even where its seam asks for no crossing, so that nothing clicks."""
LEVEL_LIMIT = 2.0
"""The incoming take is raised or lowered by at most 6 dB; more is another sound, not another distance."""
LEVEL_RAMP_S = 2.0
"""Time in which the incoming take returns to its own level: at most 3 dB a second, a slow fader."""
AUDIBLE = 1e-3
"""RMS below which a take counts as silent (-60 dBFS): its level says nothing about the place."""


def mix(cut: Cut, listen: Listen, rate_hz: int = 48000) -> Iterator[Samples]:
    """The film's sound in blocks of (n, 2), round(duration * rate_hz) samples in all.

    At each splice both takes are heard for half the seam's `sound_frames` beyond it, crossed at even power.
    The incoming take starts at the level of the outgoing one and returns to its own within `LEVEL_RAMP_S`.
    Wherever sound comes out of nothing or ends in nothing it is faded over `EASE_S`.
    """
    edges = [round(part.start / cut.rate * rate_hz) for part in cut.segments]
    edges.append(round(cut.duration * rate_hz))
    reaches = [0, *_reaches(cut, edges, rate_hz), 0]
    outgoing: _Part | None = None
    for index, segment in enumerate(cut.segments):
        first, last = edges[index] - reaches[index], edges[index + 1] + reaches[index + 1]
        start = segment.source.start + Fraction(first, rate_hz) - segment.start / cut.rate
        sound = listen(segment.take, start, start + Fraction(last - first, rate_hz))
        ends = (outgoing is None, index == len(cut.segments) - 1)
        part = _Part(_eased(sound, round(EASE_S * rate_hz), *ends), rate_hz)
        if outgoing:
            yield _crossed(outgoing, part, 2 * reaches[index])
        yield from part.read(edges[index + 1] - reaches[index + 1] - edges[index] - reaches[index])
        outgoing = part


def _reaches(cut: Cut, edges: list[int], rate_hz: int) -> list[int]:
    """Samples each side of each splice that are crossed; in a short segment crossings meet in the middle."""
    reaches = []
    for index, splice in enumerate(cut.splices):
        wanted = max(splice.seam.sound_frames / cut.rate, Fraction(SHORTEST_CROSSING_S)) * rate_hz / 2
        before, after = edges[index + 1] - edges[index], edges[index + 2] - edges[index + 1]
        reaches.append(min(round(wanted), before // 2, after // 2))
    return reaches


class _Part:
    """The sound of one segment with its handles, read once from front to back, at the level it is given."""

    def __init__(self, sound: Iterator[Samples], rate_hz: int) -> None:
        self.sound, self.ramp = sound, round(LEVEL_RAMP_S * rate_hz)
        self.kept = np.zeros((0, 2), np.float32)
        self.level, self.heard = 1.0, 0

    def take(self, count: int) -> Samples:
        """The next samples (count, 2) as the take has them; zeros where it ends too early."""
        pieces, have = [self.kept], len(self.kept)
        while have < count:
            pieces.append(next(self.sound, np.zeros((count - have, 2), np.float32)))
            have += len(pieces[-1])
        joined = np.concatenate(pieces)
        self.kept = joined[count:]
        return joined[:count]

    def levelled(self, samples: Samples) -> Samples:
        """The samples on the way from the given level to the take's own; called once for each, in order."""
        if self.level == 1.0 or self.heard >= self.ramp:
            return samples
        left = np.maximum(0, 1 - (self.heard + np.arange(len(samples))) / self.ramp)
        self.heard += len(samples)
        return _scaled(samples, np.power(self.level, left))

    def read(self, count: int) -> Iterator[Samples]:
        """The next samples in blocks."""
        for done in range(0, count, BLOCK):
            yield self.levelled(self.take(min(BLOCK, count - done)))


def _crossed(outgoing: _Part, incoming: _Part, count: int) -> Samples:
    """The next `count` samples of both, crossed over the stretch in which both have sound."""
    a, b = outgoing.levelled(outgoing.take(count)), incoming.take(count)
    start, end = _both_sound(a, b)
    level_a, level_b = _rms(a[start:end]), _rms(b[start:end])
    if min(level_a, level_b) > AUDIBLE:
        incoming.level = float(np.clip(level_a / level_b, 1 / LEVEL_LIMIT, LEVEL_LIMIT))
    b = incoming.levelled(b)
    across = np.clip((np.arange(count) + 0.5 - start) / max(1, end - start), 0, 1) * (np.pi / 2)
    fade_out, fade_in = np.cos(across), np.sin(across)
    swell = np.sqrt(1 + 2 * _likeness(a[start:end], b[start:end]) * fade_out * fade_in)
    crossed: Samples = _scaled(a, fade_out / swell) + _scaled(b, fade_in / swell)
    return crossed


def _both_sound(a: Samples, b: Samples) -> tuple[int, int]:
    """From the incoming take's first sample to the outgoing one's last; where one is mute, to the end."""
    heard_a, heard_b = np.flatnonzero(a.any(axis=1)), np.flatnonzero(b.any(axis=1))
    start = int(heard_b[0]) if len(heard_b) else 0
    end = int(heard_a[-1]) + 1 if len(heard_a) else len(a)
    return start, max(start, end)


def _rms(samples: Samples) -> float:
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64)))) if len(samples) else 0.0


def _likeness(a: Samples, b: Samples) -> float:
    """Correlation of two sounds, 0 to 1. Unlike sounds add in power, like ones in amplitude (3 dB louder)."""
    together = np.sum(a * b, dtype=np.float64)
    power = np.sqrt(np.sum(np.square(a, dtype=np.float64)) * np.sum(np.square(b, dtype=np.float64)))
    return float(np.clip(together / power, 0, 1)) if power > 0 else 0.0


def _scaled(samples: Samples, gain: NDArray[np.float64]) -> Samples:
    """The samples (n, 2), each times its gain (n,)."""
    return samples * gain.astype(np.float32)[:, None]


def _eased(sound: Iterator[Samples], width: int, from_nothing: bool, into_nothing: bool) -> Iterator[Samples]:
    """The sound, faded over `width` samples wherever it borders on nothing: on that many zeros or more.

    from_nothing, into_nothing: whether nothing lies before and after; else the outermost samples go on there.
    """
    halo = 2 * width  # a fade is `width` long, and so is the shortest nothing it may border on
    held = np.zeros((0, 2), np.float32)
    for block in _with_ends(sound, halo, from_nothing, into_nothing):
        held = np.concatenate([held, block])
        if len(held) >= BLOCK + 2 * halo:
            yield _faded(held, width)[halo:-halo]
            held = held[-2 * halo :]
    if len(held) > 2 * halo:
        yield _faded(held, width)[halo:-halo]


def _with_ends(sound: Iterator[Samples], count: int, from_nothing: bool, into_nothing: bool) -> Iterator[Samples]:
    """The sound with `count` samples more at each end: zeros, or the outermost sample again."""
    last = None
    for block in sound:
        if len(block):
            if last is None:
                yield np.repeat(block[:1] * np.float32(not from_nothing), count, axis=0)
            last = block[-1:]
            yield block
    if last is not None:
        yield np.repeat(last * np.float32(not into_nothing), count, axis=0)


def _faded(samples: Samples, width: int) -> Samples:
    """The samples, each fading with its distance from the nearest run of at least `width` zeros."""
    heard = np.asarray(samples.any(axis=1))
    if heard.all():
        return samples
    since, until = _distances(heard)
    nothing = ~heard & (since + until - 1 >= width)
    distance = np.minimum(*_distances(nothing))
    return _scaled(samples, np.sin(np.clip(distance / width, 0, 1) * (np.pi / 2)) ** 2)


def _distances(where: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """How far each element lies after the last true one and before the next; 0 where it is true itself.

    Beyond the ends nothing is true.
    """
    far = 2 * len(where)
    here = np.arange(len(where))
    since = here - np.maximum.accumulate(np.where(where, here, -far))
    until = np.minimum.accumulate(np.where(where, here, far)[::-1])[::-1] - here
    return since, until
