"""Where two recordings of one moment lie on each other: cameras of one rig by their gyros, anything by its sound.

An offset is the time on A's clock at which B's clock reads 0: `t_a = t_b + offset_s`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import fft
from scipy.signal import butter, sosfiltfilt
from scipy.spatial.transform import Rotation

from headturn import rotation
from headturn.head.motion import RESTLESS_RAD_S, Motion
from headturn.rotation import Floats

Samples = NDArray[np.floating]
Listen = Callable[[float, float], Samples]
"""The sound (n,) between two times of a recording's clock, in seconds, at `SOUND_HZ`."""

GYRO_HZ = 200.0
"""Rate at which gyros are compared; cameras record 200 to 400 samples a second."""
HEAD_HZ = 12.0
"""Above it each camera shakes in its own mount, and below it the rig turns as one body."""
LEAST_TOGETHER_S = 2.0
LEAST_TOGETHER = 0.3
"""Overlap, at least in seconds and as a share of the shorter recording: a shorter one agrees by chance."""
WINDOW_S = 0.5
"""Agreement is that of such windows, so that one wide turn, which looks like any other, does not speak for all."""
STIR_RAD_S = float(np.radians(10.0))
"""A window counts by its motion up to this (rms): a turn counts no more than steps do."""
CANDIDATES = 8
"""Best offsets by speed alone, which are then tried with the rotation between the cameras solved."""
LEAST_AGREEMENT = 0.9
"""Correlation of the angular velocities in windows. On the backlot two cameras on one rig reach 0.988 to 0.996 (10
takes), takes that are not of one moment 0.38 to 0.80 (45 pairs)."""
LEAST_LEAD = 0.05
"""By which the best offset must agree better than any other one further than `APART_S` away: steps repeat."""
APART_S = 0.25
SOUND_HZ = 16000
"""Speech and footsteps lie below 8 kHz."""
ENVELOPE_HZ = 100
"""Rate at which loudness is compared first."""
PIECES, PIECE_S = 24, (1.0, 4.0)
"""The sound that is compared to the sample: so many pieces of it, the longer the more both heard."""
REACH_S = 0.06
"""How far a piece may lie from where loudness put it: some samples of the envelope, and ten minutes of bad clocks."""
PIECE_PEAK = 5.0
"""A piece counts where its peak stands so many times above the rms of its correlation; noise alone reaches 4."""
SILENT = 1e-5
"""Of full scale."""
AGREE_S = 0.0025
"""Pieces agree within this, after the drift of the clocks: 0.9 m of way in the air."""
LEAST_PIECES = 4
LEAST_SHARE = 0.5
"""Of the pieces that count, so many agree; else the offset is refused."""
PROBES, PROBE_S, BLOCK_S = 3, 8.0, 48.0
"""Where loudness does not tell, so many long pieces of B are looked for in all of A, read in blocks."""
PROBE_PEAK = 7.0
"""As `PIECE_PEAK`, among a hundred times more places."""
HEARD_HZ = (150.0, 6000.0)
"""Below it there is handling and wind, above it little."""
DRIFT_OVER_S = 20.0
"""Over less no drift of clocks shows: 50 parts in a million make 1 ms."""
DRIFT_PIECES = 8
WORST_DRIFT = 1e-4
"""Crystals of cheap cameras and recorders are up to 50 parts in a million off, either way."""


@dataclass(frozen=True)
class Aligned:
    """How B lies on A.

    offset_s: the time on A's clock at which B's clock reads 0, in the middle of what they share
    agreement: 0 to 1: correlation of the angular velocities, or share of the pieces of sound that agree
    together_s: how long they last together
    drift_ppm: how much faster B's clock runs, in parts in a million, where what they share is long enough to tell
    a_from_b: rotation vector from B's camera axes to A's, by gyros
    """

    offset_s: float
    agreement: float
    together_s: float
    drift_ppm: float | None = None
    a_from_b: tuple[float, float, float] | None = None


@dataclass(frozen=True)
class Refused:
    """Why two recordings cannot be laid on each other, as the end of a sentence."""

    why: str


def by_gyros(a: Motion, b: Motion) -> Aligned | Refused:
    """How camera B of a rig lies on camera A, by the motion of their bodies (`head_motion`).

    The speed of rotation is the same in any axes and gives candidates; for each of them the rotation between the
    cameras is solved (Kabsch 1976), and the correlation of the angular velocities judges.
    """
    turned_a, turned_b = _slow_rates(a), _slow_rates(b)
    least = _least(len(turned_a), len(turned_b), GYRO_HZ)
    for name, rates in (("A", turned_a), ("B", turned_b)):
        if len(rates) < LEAST_TOGETHER_S * GYRO_HZ:
            return Refused(f"{name} is shorter than {LEAST_TOGETHER_S:g} s")
        if float(np.sqrt((rates**2).sum(axis=1).mean())) < RESTLESS_RAD_S:
            return Refused(f"{name} is not moved: there is nothing to compare")
    refined = (_refined(turned_a, turned_b, lag) for lag in _lags(turned_a, turned_b, least))
    tried = [each for each in refined if each is not None]
    if not tried:
        return Refused("they share too little")
    agreement, lag, turn = max(tried, key=lambda each: each[0])
    rival = max((each[0] for each in tried if abs(each[1] - lag) > APART_S * GYRO_HZ), default=0.0)
    if agreement < LEAST_AGREEMENT:
        return Refused(f"they do not move as one (agreement {agreement:.2f})")
    if agreement - rival < LEAST_LEAD:
        return Refused("they agree at several moments alike: the motion repeats itself")
    together = _overlap(len(turned_a), len(turned_b), round(lag))
    x, y, z = (float(part) for part in rotation.to_vector(turn))
    offset = a.times_s[0] + lag / GYRO_HZ - b.times_s[0]
    return Aligned(float(offset), agreement, (together[1] - together[0]) / GYRO_HZ, None, (x, y, z))


def _slow_rates(motion: Motion) -> Floats:
    """Angular velocity (n, 3) at `GYRO_HZ` from the first sample on, without what shakes in the mount."""
    times = np.arange(motion.times_s[0], motion.times_s[-1], 1 / GYRO_HZ)
    rates = np.column_stack([np.interp(times, motion.times_s, column) for column in motion.rates_rad_s.T])
    if len(rates) < 60:
        return rates
    return np.asarray(sosfiltfilt(butter(2, HEAD_HZ, fs=GYRO_HZ, output="sos"), rates, axis=0))


def _least(a: int, b: int, rate_hz: float) -> float:
    """Samples that two recordings of so many must share."""
    return max(LEAST_TOGETHER_S * rate_hz, LEAST_TOGETHER * min(a, b))


def _lags(a: Floats, b: Floats, least: float) -> list[int]:
    """Lags in samples at which the speeds agree best: b[k] with a[k + lag]."""
    agreement, lags = _correlation(np.linalg.norm(a, axis=1), np.linalg.norm(b, axis=1), least)
    found: list[int] = []
    agreement = agreement.copy()
    while len(found) < CANDIDATES and np.isfinite(agreement).any():
        best = int(np.nanargmax(agreement))
        found.append(int(lags[best]))
        agreement[np.abs(lags - lags[best]) < APART_S * GYRO_HZ] = np.nan
    return found


def _correlation(a: Floats, b: Floats, least: float) -> tuple[Floats, NDArray[np.int64]]:
    """Pearson's correlation of what overlaps at each lag (b[k] with a[k + lag]), NaN where less than `least` does."""
    size = fft.next_fast_len(len(a) + len(b) - 1, real=True)
    lags = np.arange(-(len(b) - 1), len(a))

    def crossed(x: Floats, y: Floats) -> Floats:
        product = fft.irfft(fft.rfft(x, size) * np.conj(fft.rfft(y, size)), size)
        return np.asarray(product[lags % size])

    one_a, one_b = np.ones_like(a), np.ones_like(b)
    a, b = a - a.mean(), b - b.mean()
    count = np.maximum(np.round(crossed(one_a, one_b)), 1)
    sum_a, sum_b = crossed(a, one_b), crossed(one_a, b)
    spread_a = crossed(a * a, one_b) - sum_a**2 / count
    spread_b = crossed(one_a, b * b) - sum_b**2 / count
    floor = 1e-9 * max(float(a @ a), float(b @ b), 1e-12)
    result = (crossed(a, b) - sum_a * sum_b / count) / np.sqrt(np.maximum(spread_a * spread_b, floor**2))
    # A short overlap agrees by chance: what counts is the agreement that so many seconds make sure of.
    result = np.where(count >= least, result, np.nan)
    return np.asarray(result * np.sqrt(count / (count + least))), lags


def _refined(a: Floats, b: Floats, lag: int) -> tuple[float, float, Floats] | None:
    """Agreement, lag to a fraction of a sample, and a_from_b at the best lag near a given one."""
    near = range(lag - round(APART_S * GYRO_HZ / 2), lag + round(APART_S * GYRO_HZ / 2) + 1)
    turn = _turned(a, b, lag)
    if turn is None:
        return None
    for _ in range(2):
        scores = np.array([_agreement(a, b, each, turn) for each in near])
        best = int(scores.argmax())
        turn = _turned(a, b, near[best])
        if turn is None:
            return None
    scores = np.array([_agreement(a, b, each, turn) for each in near])
    best = int(scores.argmax())
    if not 0 < best < len(scores) - 1:
        return None
    below, top, above = scores[best - 1 : best + 2]
    bend = below - 2 * top + above
    shift = float((below - above) / (2 * bend)) if bend < 0 else 0.0
    return float(top), near[best] + shift, turn


def _overlap(a: int, b: int, lag: int) -> tuple[int, int]:
    """First and last place of A's samples that B has too."""
    return max(0, lag), min(a, b + lag)


def _pieces(a: Floats, b: Floats, lag: int) -> tuple[Floats, Floats] | None:
    first, stop = _overlap(len(a), len(b), lag)
    return (a[first:stop], b[first - lag : stop - lag]) if stop - first >= LEAST_TOGETHER_S * GYRO_HZ else None


def _turned(a: Floats, b: Floats, lag: int) -> Floats | None:
    """The rotation a_from_b that brings B's angular velocities onto A's."""
    pieces = _pieces(a, b, lag)
    if pieces is None:
        return None
    u, _, v = np.linalg.svd(pieces[0].T @ pieces[1])
    return rotation.from_matrix(u @ np.diag([1.0, 1.0, np.sign(np.linalg.det(u @ v))]) @ v)


def _agreement(a: Floats, b: Floats, lag: int, turn: Floats) -> float:
    pieces = _pieces(a, b, lag)
    if pieces is None:
        return -1.0
    first, second = pieces[0], Rotation.from_quat(turn, scalar_first=True).apply(pieces[1])
    starts = np.arange(0, len(first) - 1, round(WINDOW_S * GYRO_HZ))
    power = [np.add.reduceat((x * y).sum(axis=1), starts) for x, y in ((first, first), (second, second))]
    weight = np.minimum(np.sqrt(np.minimum(*power) / (WINDOW_S * GYRO_HZ)), STIR_RAD_S)
    alike = np.add.reduceat((first * second).sum(axis=1), starts) / np.maximum(np.sqrt(power[0] * power[1]), 1e-12)
    return float((weight * alike).sum() / max(weight.sum(), 1e-12))


# Sound ----------------------------------------------------------------------------------------------------------


def envelope(samples: Samples) -> Floats:
    """How the loudness of sound (n,) at `SOUND_HZ` changes, at `ENVELOPE_HZ`: differences of its logarithm."""
    step = SOUND_HZ // ENVELOPE_HZ
    whole = np.asarray(samples[: len(samples) // step * step], np.float64).reshape(-1, step)
    # Handling and wind live low down and are each microphone's own.
    bright = np.diff(whole, axis=1, prepend=whole[:, :1])
    loud = np.log(np.sqrt((bright**2).mean(axis=1)) + 1e-5)
    return np.clip(np.diff(loud, prepend=loud[:1]), -2, 2)


def by_sound(a: Floats, b: Floats, listen_a: Listen, listen_b: Listen) -> Aligned | Refused:
    """How recording B lies on recording A by what both heard: by loudness first, then piece by piece to the sample.

    a, b: the envelopes of the whole recordings, from time 0 of their clocks on
    """
    least = _least(len(a), len(b), ENVELOPE_HZ)
    if min(len(a), len(b)) < max(least, LEAST_PIECES * PIECE_S[0] * ENVELOPE_HZ):
        return Refused(f"one of them is shorter than {LEAST_PIECES * PIECE_S[0]:g} s")
    agreement, lags = _correlation(a, b, least)
    for _ in range(CANDIDATES):
        if not np.isfinite(agreement).any():
            break
        top = int(np.nanargmax(agreement))
        found = _by_pieces(float(lags[top]) / ENVELOPE_HZ, len(a), len(b), listen_a, listen_b)
        if found:
            return found
        agreement[np.abs(lags - lags[top]) < APART_S * ENVELOPE_HZ] = np.nan
    for about_s in _searched(len(a) / ENVELOPE_HZ, len(b) / ENVELOPE_HZ, listen_a, listen_b):
        found = _by_pieces(about_s, len(a), len(b), listen_a, listen_b)
        if found:
            return found
    return Refused("they did not hear the same")


def _searched(a_s: float, b_s: float, listen_a: Listen, listen_b: Listen) -> list[float]:
    """Offsets at which long pieces of B are heard in A."""
    length = min(PROBE_S, a_s / 2, b_s / 2)
    starts = np.linspace(0.15 * b_s, max(0.15 * b_s, 0.85 * b_s - length), PROBES)
    probes = [np.asarray(listen_b(float(start), float(start) + length), np.float64) for start in starts]
    best = [(0.0, 0.0)] * PROBES
    for begin in np.arange(-length / 2, a_s - length / 2, BLOCK_S - length):
        block = np.asarray(listen_a(float(begin), float(begin) + BLOCK_S), np.float64)
        for number, (start, probe) in enumerate(zip(starts, probes, strict=True)):
            height, place = _peak(block, probe)
            best[number] = max(best[number], (height, float(begin) + place - float(start)))
    return [offset for height, offset in best if height >= PROBE_PEAK]


def _by_pieces(about_s: float, a: int, b: int, listen_a: Listen, listen_b: Listen) -> Aligned | None:
    first, stop = (each / ENVELOPE_HZ for each in _overlap(a, b, round(about_s * ENVELOPE_HZ)))
    length = float(np.clip((stop - first) / PIECES, *PIECE_S))
    starts = np.linspace(first, max(first, stop - length), min(PIECES, int((stop - first) / length)))
    offsets, at = [], []
    for start in starts:
        found = _piece(float(start), length, about_s, listen_a, listen_b)
        if found is not None:
            offsets.append(found)
            at.append(float(start) + length / 2)
    if len(offsets) < LEAST_PIECES:
        return None
    times, values = np.array(at), np.array(offsets)
    long = stop - first >= DRIFT_OVER_S and len(times) >= DRIFT_PIECES
    slope = _slope(times, values) if long else 0.0
    rest = values - slope * (times - (first + stop) / 2)
    agree = np.abs(rest - np.median(rest)) < AGREE_S + (0.0 if long else WORST_DRIFT * (stop - first) / 2)
    if agree.sum() < LEAST_PIECES or float(agree.mean()) < LEAST_SHARE:
        return None
    # An offset that grows with time on A's clock: B counts fewer seconds, its clock runs slow.
    drift_ppm = -slope * 1e6 if long and agree.sum() >= DRIFT_PIECES else None
    return Aligned(float(rest[agree].mean()), float(agree.mean()), stop - first, drift_ppm)


def _slope(times: Floats, values: Floats) -> float:
    """The middle of the slopes between all pairs (Theil and Sen): a few wrong pieces do not turn it."""
    first, second = np.triu_indices(len(times), 1)
    return float(np.median((values[second] - values[first]) / (times[second] - times[first])))


def _piece(start_s: float, length_s: float, about_s: float, listen_a: Listen, listen_b: Listen) -> float | None:
    """The offset by one piece; None where it does not tell."""
    a = np.asarray(listen_a(start_s - REACH_S, start_s + length_s + REACH_S), np.float64)
    b = np.asarray(listen_b(start_s - about_s, start_s - about_s + length_s), np.float64)
    height, place = _peak(a, b)
    return about_s - REACH_S + place if height >= PIECE_PEAK else None


def _peak(a: Floats, b: Floats) -> tuple[float, float]:
    """Where in `a` (n,) the shorter `b` (m,) is heard, in seconds, and how far that stands out, in rms of all places.

    Generalised cross-correlation, half whitened (between plain and the phase transform; Knapp and Carter 1976).
    """
    if len(b) > len(a) or not len(b) or min(float(np.abs(a).max()), float(np.abs(b).max())) < SILENT:
        return 0.0, 0.0
    size = fft.next_fast_len(len(a) + len(b), real=True)
    cross = fft.rfft(a, size) * np.conj(fft.rfft(b * np.hanning(len(b)), size))
    hz = fft.rfftfreq(size, 1 / SOUND_HZ)
    heard = (hz > HEARD_HZ[0]) & (hz < HEARD_HZ[1])
    found = np.abs(fft.irfft(np.where(heard, cross / np.sqrt(np.abs(cross) + 1e-12), 0), size)[: len(a) - len(b) + 1])
    best = int(found.argmax())
    return float(found[best] / max(float(np.sqrt((found**2).mean())), 1e-12)), best / SOUND_HZ
