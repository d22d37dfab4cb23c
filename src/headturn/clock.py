"""Exact time: rational seconds, half-open spans, SMPTE timecode.

A time is a `Fraction` of a second. Frame indices and seconds meet only here and in the frame times that
`camera.media` reads from a stream's time base; a frame's time is never computed from an index and a rounded rate.
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from headturn.errors import BadOption

NTSC = Fraction(1000, 1001)
"""The factor between a nominal rate (30) and its NTSC form (30000/1001). Source: SMPTE ST 12-1."""


def parse_rate(text: str) -> Fraction:
    """Frames per second as an exact rational, from "25", "24000/1001", "29.97" or "29.97df".

    The usual decimals mean their NTSC rational: 29.97 is 30000/1001.

    Raises:
        BadOption: the text is no rate, or not within 1 to 1000 frames a second.
    """
    plain = text.strip().lower().removesuffix("df").removesuffix("fps").strip()
    match = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)(?:/(\d{1,9}))?", plain)
    if not match or int(match[2] or 1) == 0:
        raise BadOption(f"'{text}' is no frame rate; write it like 24000/1001, 25 or 29.97.")
    rate = Fraction(match[1]) / int(match[2] or 1)
    if not 1 <= rate <= 1000:
        raise BadOption(f"a frame rate of {text} is outside 1 to 1000; write it like 24000/1001, 25 or 29.97.")
    near = (standard for standard in STANDARD_RATES if abs(rate / standard - 1) < RATE_SLACK)
    return next(near, rate) if "." in plain else rate


def rate_name(rate: Fraction) -> str:
    """A rate as people read it: "25", "29.97", "23.976"."""
    return f"{float(rate):.3f}".rstrip("0").rstrip(".")


def clock_name(seconds: Fraction | float) -> str:
    """Seconds as a running time: "0:07.5", "12:03.0", "1:02:03.0"."""
    tenths = round(seconds * 10)
    minutes, tenths = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    tail = f"{tenths // 10:02d}.{tenths % 10}"
    return f"{hours}:{minutes:02d}:{tail}" if hours else f"{minutes}:{tail}"


@dataclass(frozen=True, order=True)
class Span:
    """A half-open stretch of time in exact seconds: `start` belongs to it, `end` does not.

    Raises:
        ValueError: the end lies before the start.
    """

    start: Fraction
    end: Fraction

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"a span cannot end ({self.end}) before it starts ({self.start})")

    @property
    def duration(self) -> Fraction:
        """Length in seconds."""
        return self.end - self.start

    def __contains__(self, time: Fraction) -> bool:
        return self.start <= time < self.end

    def overlap(self, other: "Span") -> Fraction:
        """Seconds that two spans share; 0 when they only touch."""
        return max(Fraction(0), min(self.end, other.end) - max(self.start, other.start))

    def shifted(self, by: Fraction) -> "Span":
        """The same stretch, `by` seconds later."""
        return Span(self.start + by, self.end + by)


@dataclass(frozen=True)
class Timecode:
    """SMPTE timecode as a count of frames since 00:00:00:00 at a rate.

    `frames` counts real frames, so that times stay exact; drop-frame only changes how it is written.
    Source of the drop-frame count: SMPTE ST 12-1 (two labels dropped a minute, four at 60 frames a second,
    except each tenth minute).
    """

    frames: int
    rate: Fraction
    drop: bool = False

    @property
    def nominal(self) -> int:
        """Frame labels a second: 30 for 30000/1001."""
        return round(self.rate)

    @property
    def seconds(self) -> Fraction:
        """Exact seconds since 00:00:00:00, by the frame count."""
        return self.frames / self.rate

    @classmethod
    def parse(cls, text: str, rate: Fraction, drop: bool | None = None) -> "Timecode":
        """From "HH:MM:SS:FF" (drop-frame with ";" before FF, unless `drop` says otherwise).

        Raises:
            BadOption: no timecode, or a frame label the rate does not have.
        """
        match = re.fullmatch(r"(\d\d):(\d\d):(\d\d)([:;.,])(\d{2,3})", text.strip())
        if not match:
            raise BadOption(f"'{text}' is no timecode; write it like 01:02:03:04.")
        hours, minutes, seconds, frames = (int(match[i]) for i in (1, 2, 3, 5))
        nominal = round(rate)
        labels = _labels_dropped(nominal) if (match[4] in ";," if drop is None else drop) else 0
        missing = minutes % 10 and not seconds and frames < labels
        if minutes > 59 or seconds > 59 or frames >= nominal or missing:
            raise BadOption(f"'{text}' is no timecode at {rate_name(rate)} frames a second.")
        total_minutes = hours * 60 + minutes
        count = (total_minutes * 60 + seconds) * nominal + frames - labels * (total_minutes - total_minutes // 10)
        return cls(count, rate, labels > 0)

    def plus(self, seconds: Fraction) -> "Timecode":
        """The timecode of the frame shown `seconds` later (nearest frame)."""
        return Timecode(self.frames + round(seconds * self.rate), self.rate, self.drop)

    def __str__(self) -> str:
        count, nominal = self.frames, self.nominal
        if self.drop:
            per_minute = nominal * 60 - _labels_dropped(nominal)
            per_ten = per_minute * 10 + _labels_dropped(nominal)
            tens, rest = divmod(count, per_ten)
            count += _labels_dropped(nominal) * 9 * tens
            if rest >= nominal * 60:
                count += _labels_dropped(nominal) * (1 + (rest - nominal * 60) // per_minute)
        seconds, frames = divmod(count, nominal)
        minutes, seconds = divmod(seconds, 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours % 24:02d}:{minutes:02d}:{seconds:02d}{';' if self.drop else ':'}{frames:02d}"


def _labels_dropped(nominal: int) -> int:
    """Labels left out at the start of a minute; 0 for the rates that know no drop-frame."""
    return 0 if nominal % 30 else nominal // 15


def nearest_in(times_s: NDArray[np.float64], wanted_s: NDArray[np.float64]) -> NDArray[np.intp]:
    """Which of the rising times (n,) is nearest to each wanted one (m,); the later of two equally near."""
    after = np.clip(np.searchsorted(times_s, wanted_s), 0, len(times_s) - 1)
    before = np.maximum(after - 1, 0)
    return np.where(wanted_s - times_s[before] < times_s[after] - wanted_s, before, after)


@dataclass(frozen=True, eq=False)
class FrameTimes:
    """When each frame of a clip is shown, exactly, on the clip's own clock (its first frame is at 0).

    ticks (n,) int64, strictly increasing, counted in `base` seconds (the stream's time base); `end` is the tick at
    which the last frame stops being shown.
    """

    ticks: NDArray[np.int64]
    base: Fraction
    end: int

    def __len__(self) -> int:
        return len(self.ticks)

    def __getitem__(self, index: int) -> Fraction:
        """The exact time of one frame, in seconds."""
        return int(self.ticks[index]) * self.base

    @cached_property
    def seconds(self) -> NDArray[np.float64]:
        """All times (n,) as floats, for signal processing."""
        return self.ticks.astype(np.float64) * float(self.base)

    @property
    def span(self) -> Span:
        """From the first frame to the end of the last."""
        return Span(self[0], self.end * self.base)

    def nearest(self, time: Fraction) -> int:
        """Index of the frame whose time is nearest; the earlier of two equally near; clamped to the clip."""
        later = int(np.searchsorted(self.ticks, float(time / self.base)))
        candidates = range(max(0, later - 2), min(len(self.ticks), later + 2))
        return min(candidates, key=lambda index: (abs(self[index] - time), index))

    @cached_property
    def rate(self) -> Fraction:
        """The nominal frame rate: that of the commonest interval, or a standard one within `RATE_SLACK` of it.

        Coarse clocks round intervals, so their mean is asked first; those that a lost frame left are not in it.
        """
        if len(self.ticks) < 2:
            return Fraction(1) / ((self.end - int(self.ticks[0])) * self.base)
        intervals, counts = np.unique(np.diff(self.ticks), return_counts=True)
        usual = int(intervals[np.argmax(counts)])
        alike = (2 * intervals > usual) & (2 * intervals < 3 * usual)
        mean = Fraction(int(counts[alike].sum()), int(intervals[alike] @ counts[alike])) / self.base
        commonest = 1 / (usual * self.base)
        near = (r for exact in (mean, commonest) for r in STANDARD_RATES if abs(exact / r - 1) < RATE_SLACK)
        return next(near, commonest)

    @cached_property
    def variable(self) -> bool:
        """Whether some frame is off the even grid of the mean rate by more than half a frame."""
        if len(self.ticks) < 3:
            return False
        even = np.linspace(self.ticks[0], self.ticks[-1], len(self.ticks))
        return bool(np.max(np.abs(self.ticks - even)) * float(self.base * self.rate) > 0.5)


STANDARD_RATES = tuple(
    Fraction(rate) * factor for rate in (24, 25, 30, 48, 50, 60, 100, 120, 200, 240) for factor in (1, NTSC)
)
RATE_SLACK = Fraction(1, 2200)
"""Clocks of cheap cameras are off by parts in ten thousand; 30 and 30000/1001 differ by one in a thousand."""
