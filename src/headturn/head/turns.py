"""Head turns: when the head goes to look somewhere else, and comes to rest there.

A turn is found at a peak of the speed, and followed to both sides along its axis at the peak: it begins and ends where
the speed about that axis falls to a share of the peak and stays there for a moment. So a turn the other way, or about
another axis, ends it; a hesitation does not, a rest does.
"""

from dataclasses import dataclass

import numpy as np

from headturn.clock import Span
from headturn.head.motion import Motion
from headturn.rotation import Floats


@dataclass(frozen=True)
class Turn:
    """One head turn, on the clip's clock.

    onset_s, peak_s, settle_s: where the turn begins, is fastest, and has come to rest, in seconds
    axis: unit vector in camera axes (x right, y down, z forward) about which the image turns at the peak
    angle_rad: how far it turns from onset to settle
    peak_rad_s: its highest speed
    """

    onset_s: float
    peak_s: float
    settle_s: float
    axis: tuple[float, float, float]
    angle_rad: float
    peak_rad_s: float

    @property
    def direction(self) -> str:
        """Where the head turns: "left", "right", "up", "down", "roll left", "roll right", or two: "left and down"."""
        words = (("up", "down"), ("right", "left"), ("roll right", "roll left"))
        shares = sorted(zip(self.axis, words, strict=True), key=lambda pair: -abs(pair[0]))
        named = [pair[0 if share > 0 else 1] for share, pair in shares if abs(share) >= NAMED_SHARE]
        return " and ".join(named[:2])


@dataclass(frozen=True)
class TurnOptions:
    """What counts as a turn.

    least_speed_deg_s: a slower move of the head is a pan that the eye can follow; the blink of a snapped look is above
    least_angle_deg: walking and running bob the head by less than ten degrees, however fast
    end_share: of the peak speed: where a turn begins and ends
    rest_s: shorter slow moments within a turn are hesitations; longer ones part two turns
    least_confidence: mean over the turn, of the motion; darkness and flashes look like turns and are none
    """

    least_speed_deg_s: float = 60.0
    least_angle_deg: float = 15.0
    end_share: float = 0.2
    rest_s: float = 0.08
    least_confidence: float = 0.2


LONGEST_S = 4.0
"""A turn is followed so far from its peak at most; what lasts longer is a pan, and is cut there."""
NAMED_SHARE = 0.4
"""Share of the axis from which a direction is named beside the main one: about 24 degrees off it."""


def find(motion: Motion, options: TurnOptions | None = None) -> tuple[Turn, ...]:
    """The turns of a motion, in order of time; they do not overlap.

    Times are interpolated between samples: onset and settle where the speed about the axis crosses `end_share` of the
    peak, the peak by a parabola through the three fastest samples. The angle is the speed about the axis, integrated
    from onset to settle, and so may exceed half a circle.
    """
    options = options or TurnOptions()
    times, speed = motion.times_s, np.linalg.norm(motion.rates_rad_s, axis=1)
    # A peak at either end of the clip is one. (scipy.signal's find_peaks would cost every command a second to import.)
    around = np.pad(speed, 1)
    highest = (speed >= around[:-2]) & (speed >= around[2:])
    peaks = np.flatnonzero(highest & (speed >= np.radians(options.least_speed_deg_s)))
    taken = np.zeros(len(times), dtype=bool)
    found = []
    for peak in sorted(peaks, key=lambda index: -speed[index]):
        if taken[peak]:
            continue
        turn, inside = _followed(motion, speed, int(peak), taken, options)
        if turn.angle_rad < np.radians(options.least_angle_deg):
            continue
        taken[inside] = True
        if np.mean(motion.confidence[inside]) >= options.least_confidence:
            found.append(turn)
    return tuple(sorted(found, key=lambda turn: turn.peak_s))


def rests(turns: tuple[Turn, ...], span: Span) -> tuple[tuple[float, float], ...]:
    """The stretches of a span (start, stop in seconds) in which no turn runs, in order."""
    edges = [float(span.start)]
    for turn in sorted(turns, key=lambda turn: turn.onset_s):
        edges += [turn.onset_s, turn.settle_s]
    edges.append(float(span.end))
    held = np.maximum.accumulate(np.clip(edges, float(span.start), float(span.end)))
    return tuple((float(a), float(b)) for a, b in zip(held[::2], held[1::2], strict=True) if b > a)


def describe(turn: Turn) -> str:
    """A turn as people read it: "left, 92 degrees, at 310 degrees a second"."""
    angle_deg, peak_deg_s = np.degrees([turn.angle_rad, turn.peak_rad_s])
    return f"{turn.direction}, {angle_deg:.0f} degrees, at {peak_deg_s:.0f} degrees a second"


def _followed(
    motion: Motion, speed: Floats, peak: int, taken: np.ndarray[tuple[int], np.dtype[np.bool_]], options: TurnOptions
) -> tuple[Turn, slice]:
    """The turn around the sample `peak`, and the samples inside it; samples `taken` by other turns bound it."""
    times = motion.times_s
    axis = motion.rates_rad_s[peak] / speed[peak]
    first, last = np.searchsorted(times, [times[peak] - LONGEST_S, times[peak] + LONGEST_S])
    along = motion.rates_rad_s[first:last] @ axis
    along[taken[first:last]] = -np.inf
    middle, level = peak - first, options.end_share * speed[peak]
    onset_s, start = _end(times[first:last][middle::-1], along[middle::-1], level, options.rest_s)
    settle_s, stop = _end(times[first:last][middle:], along[middle:], level, options.rest_s)
    inside = slice(peak - start, peak + stop + 1)
    at = np.concatenate([[onset_s], times[inside], [settle_s]])
    about = np.concatenate([[level], motion.rates_rad_s[inside] @ axis, [level]])
    peak_s, peak_rad_s = _summit(times, speed, peak)
    angle_rad = float(np.trapezoid(about, at))
    return Turn(
        onset_s, peak_s, settle_s, (float(axis[0]), float(axis[1]), float(axis[2])), angle_rad, peak_rad_s
    ), inside


def _end(times: Floats, along: Floats, level: float, rest_s: float) -> tuple[float, int]:
    """Where a turn ends, going outwards from its peak (first sample): the time, and the last sample inside.

    That is where the speed falls below the level for `rest_s` at least, or turns to the other side.
    """
    last = 0
    for index in range(1, len(along)):
        if along[index] >= level:
            last = index
        elif along[index] < -level or abs(times[index] - times[last]) > rest_s:
            break
    if last + 1 >= len(along) or not np.isfinite(along[last + 1]):
        return float(times[last]), last
    share = (along[last] - level) / (along[last] - along[last + 1])
    return float(times[last] + share * (times[last + 1] - times[last])), last


def _summit(times: Floats, speed: Floats, peak: int) -> tuple[float, float]:
    """Time and height of the parabola through the peak and its neighbours."""
    if not 0 < peak < len(speed) - 1:
        return float(times[peak]), float(speed[peak])
    before, after = times[peak - 1] - times[peak], times[peak + 1] - times[peak]
    rise, fall = (speed[peak - 1] - speed[peak]) / before, (speed[peak + 1] - speed[peak]) / after
    bend = (fall - rise) / (after - before)
    if bend >= 0:
        return float(times[peak]), float(speed[peak])
    slope = rise - bend * before
    return float(times[peak] - slope / (2 * bend)), float(speed[peak] - slope**2 / (4 * bend))
