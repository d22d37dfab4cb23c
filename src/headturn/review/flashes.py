"""Flashes: whether a picture passes the standards on flashing images, where it fails, and for how long.

    analyser = Analyser(width, height)
    for frame in frames: analyser.see(frame.pixels("yuv420"), frame.time)
    for report in analyser.reports(): ...

Frame by frame, nothing is kept but the last seven changes of each pixel: memory does not grow with length. Standards
are judged side by side; see `flash_limits` for what they ask, `flash_changes` for what counts as a change.

It is an aid for the cutting room and no replacement for a broadcaster's certified test. It does not look for regular
patterns, pictures that reverse within 10 degrees (chequers) count as texture that moves, and high dynamic range is
read as if white were 200 cd/m2. A film that passes is never "safe".
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Final, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from headturn.clock import Span
from headturn.errors import HeadturnError
from headturn.review.flash_changes import CELLS, TICKS, Alternations, Met, SlowChanges, Steps, flashes
from headturn.review.flash_light import Codes, Light, Mask, Plane, codes, light, scaled
from headturn.review.flash_limits import CHANGES, SCREEN_CSS_PX, STANDARDS, Standard

Kind = Literal["luminance", "red", "nearly", "slow", "long"]
"""luminance, red: flashes. nearly: such flashes on an area just below the limit. slow: luminance flashes whose changes
are spread over more than 1/30 s each. long: two or three flashes a second, for more than four of five seconds."""

FILM_WIDTH_PX: Final = 480
"""Width at which a film is analysed at little cost. Of TRACE's 318 clips all are judged as at full size by ITU, Ofcom
and TRACE; by WCAG 13 of the 133 that fail, by areas within 8 % of the limit, are told as "nearly" instead."""
_NEARLY: Final = 0.8
"""Of the limit of area, from which on it is told."""
_LONG_CHANGES, _LONG_S, _LONG_WITHIN_S = 4, 4, 5
"""Ofcom calls more than 5 s of flashes a risk even where they pass; EA IRIS counts 4 s with 4 to 6 changes a second in
any 5 s."""
_DEGREES_PX: Final = 416
"""10 degrees in CSS pixels, the larger of the standards' two."""


@dataclass(frozen=True)
class Finding:
    """Flashes. span: from the first of the seven changes to the last change; area_share: of the screen or block of the
    standard, the largest; flashes_per_s: the fastest.
    """

    span: Span
    kind: Kind
    area_share: float
    flashes_per_s: float


@dataclass(frozen=True)
class Report:
    """What a standard says of all frames seen. failures: of kind luminance or red; amber: what passes, and is told
    nevertheless: of kind nearly, slow, long. Both in order of time.
    """

    standard: Standard
    passes: bool
    failures: tuple[Finding, ...]
    amber: tuple[Finding, ...]


class Analyser:
    """Sees the frames of one picture, one after the other; reports at any time."""

    def __init__(
        self,
        width: int,
        height: int,
        *,
        standards: tuple[Standard, ...] = STANDARDS,
        analysed_width_px: int | None = None,
        screen_css_px: tuple[int, int] = SCREEN_CSS_PX,
    ) -> None:
        """width, height: of the frames, which fill a screen of so many CSS pixels without distortion.
        analysed_width_px: to what width they are scaled first, where they are wider.

        Raises:
            HeadturnError: a size that is none.
        """
        if min(width, height, *screen_css_px) < 1 or (analysed_width_px is not None and analysed_width_px < 1):
            raise HeadturnError(f"Frames of {width} x {height} on a screen of {screen_css_px} cannot be analysed.")
        self._given = width, height
        scale = min(1.0, (analysed_width_px or width) / width)
        self._size = max(1, round(width * scale)), max(1, round(height * scale))
        css_px = min(screen_css_px[0] / self._size[0], screen_css_px[1] / self._size[1])
        self._grid = _parts(self._size, _DEGREES_PX / CELLS / css_px)
        self._fields = {each: _Field(each, self._size, (css_px, css_px)) for each in standards}
        cell_px = css_px * self._size[0] / self._grid[0], css_px * self._size[1] / self._grid[1]
        self._cells = {each: _Field(each, self._grid, cell_px) for each in standards}
        self._steps, self._slow = Steps(), SlowChanges(self._grid[0] * self._grid[1])
        self._pixels: dict[Kind, Alternations] = {}
        self._found = dict[tuple[Standard, Kind], list[Finding]]()
        self._long = {each: deque[tuple[Fraction, bool]]() for each in standards}
        self._second = deque[tuple[int, Fraction]]()
        self._last: tuple[Codes, Light] | None = None
        self._start: Fraction | None = None

    def see(self, frame: Codes, time: Fraction) -> None:
        """Take in the next frame, shown from `time` (seconds) on.

        frame: (h, w, 3) uint8 or uint16, full-range R'G'B' of BT.709; or (h * 3/2, w) uint8, limited-range Y'CbCr of
            BT.709, its planes Y, U, V one after the other with halved chroma: the layouts "rgb", "rgb48", "yuv420"

        Raises:
            ValueError: a frame of another size or shape, or not later than the one before.
        """
        width, height = self._given
        if frame.shape not in ((height, width, 3), (height * 3 // 2, width)):
            raise ValueError(f"a frame of {width} x {height} does not have the shape {frame.shape}")
        if self._second and time <= self._second[-1][1]:
            raise ValueError(f"a frame at {time} s does not follow one at {self._second[-1][1]} s")
        self._start = time if self._start is None else self._start
        now = round((time - self._start) * TICKS)
        while self._second and now - self._second[0][0] > TICKS:
            self._second.popleft()
        self._second.append((now, time))
        seen = self._light(frame)
        luminance, red = self._steps.see(seen, now)
        self._count("luminance", flashes(*luminance, self._grid), now)
        self._count("red", flashes(*red, self._grid), now)
        self._count_slow(scaled(seen.luminance, self._grid), now)

    def _light(self, frame: Codes) -> Light:
        """Its light; that of the frame before where nothing has changed, as in stills and in doubled frames."""
        shown = codes(frame, self._size)
        if self._last is None or not np.array_equal(shown, self._last[0]):
            self._last = shown, light(shown)
        return self._last[1]

    def _count(self, kind: Kind, changes: tuple[Mask, Mask], now: int) -> None:
        """Count changes pixel by pixel, and note where their flashes take more of a standard's area than it allows."""
        if not (changes[0].any() or changes[1].any()):
            return
        pixels = self._pixels.setdefault(kind, Alternations(self._size[0] * self._size[1]))
        met = pixels.see(*changes, now)
        if met is None:
            return
        flashing = pixels.flashing(now)
        for standard, field in self._fields.items():
            share = field.share(flashing)
            if share >= standard.area_share:
                self._note(standard, kind, share, met)
            elif share >= _NEARLY * standard.area_share:
                self._note(standard, "nearly", share, met)

    def _count_slow(self, cells: Plane, now: int) -> None:
        """Count changes of cells that may take their time, and for how long there are some every second."""
        met = self._slow.see(cells, now)
        counts = self._slow.alternations.counts(now)
        for standard, field in self._cells.items():
            if met is not None and (share := field.share(counts >= CHANGES)) >= standard.area_share:
                self._note(standard, "slow", share, met)
            share = field.share(counts >= _LONG_CHANGES)
            shown = self._long[standard]
            shown.append((self._second[-1][1], share >= standard.area_share))
            while shown[-1][0] - shown[0][0] > _LONG_WITHIN_S:
                shown.popleft()
            lasted = sum((after[0] - this[0] for this, after in pairwise(shown) if this[1]), Fraction(0))
            if shown[-1][1] and lasted >= _LONG_S:
                first = next(time for time, some in shown if some)
                self._join(standard, Finding(Span(first, shown[-1][0]), "long", share, _LONG_CHANGES / 2))

    def _note(self, standard: Standard, kind: Kind, share: float, met: Met) -> None:
        since = next(time for tick, time in self._second if tick >= met.since)
        self._join(standard, Finding(Span(since, self._second[-1][1]), kind, share, met.rate_hz))

    def _join(self, standard: Standard, new: Finding) -> None:
        """Keep a finding, as one with the last of its kind where they touch."""
        found = self._found.setdefault((standard, new.kind), [])
        if found and new.span.start <= found[-1].span.end:
            last = found.pop()
            span = Span(min(last.span.start, new.span.start), new.span.end)
            share, rate = max(last.area_share, new.area_share), max(last.flashes_per_s, new.flashes_per_s)
            new = Finding(span, new.kind, share, rate)
        found.append(new)

    def transitions(self) -> tuple[int, int]:
        """How many alternating changes of luminance, slow ones too, and of red a quarter of the screen had within the
        last second; no more than seven are told apart.
        """
        if not self._second:
            return 0, 0
        now = self._second[-1][0]
        red = self._pixels["red"].counts(now) if "red" in self._pixels else np.zeros(1, np.intp)
        quarters = [np.sort(each)[::-1][-(-len(each) // 4) - 1] for each in (self._slow.alternations.counts(now), red)]
        return int(quarters[0]), int(quarters[1])

    def reports(self) -> tuple[Report, ...]:
        """What each standard says of the frames seen so far.

        Raises:
            HeadturnError: no frame was seen.
        """
        if self._start is None:
            raise HeadturnError(
                "Not one frame was seen, so nothing can be said of flashes: give a picture that decodes."
            )
        return tuple(self._report(standard) for standard in self._fields)

    def _report(self, standard: Standard) -> Report:
        def of(*kinds: Kind) -> list[Finding]:
            found = [each for kind in kinds for each in self._found.get((standard, kind), [])]
            return sorted(found, key=lambda each: each.span.start)

        failures = of("luminance", "red")
        told = [each for each in of("nearly", "slow", "long") if each.kind == "long" or not _within(each, failures)]
        return Report(standard, not failures, tuple(failures), tuple(told))


def analyse(
    frames: Iterable[tuple[Codes, Fraction]], width: int, height: int, *, analysed_width_px: int | None = None
) -> tuple[Report, ...]:
    """What each standard says of a picture: its frames with their times, as `Analyser.see` takes them.

    Raises:
        HeadturnError: a size that is none, or not one frame.
        ValueError: a frame of another size or shape, or not later than the one before.
    """
    analyser = Analyser(width, height, analysed_width_px=analysed_width_px)
    for frame, time in frames:
        analyser.see(frame, time)
    return analyser.reports()


class _Field:
    """The area of a standard on an image or grid."""

    def __init__(self, standard: Standard, size: tuple[int, int], css_px: tuple[float, float]) -> None:
        """size: of the image; css_px: how many CSS pixels one of its pixels is wide and high."""
        self._size, self._least = size, _NEARLY * standard.area_share
        block = standard.block_px or (size[0] * css_px[0], size[1] * css_px[1])
        self._block = tuple(
            max(1, min(whole, round(side / px))) for whole, side, px in zip(size, block, css_px, strict=True)
        )

    def share(self, mask: NDArray[np.bool_]) -> float:
        """The largest share of a block, wherever it is laid, that a mask fills."""
        (width, height), (across, down) = self._size, self._block
        area = across * down
        if np.count_nonzero(mask) < self._least * area:
            return 0.0
        if self._block == self._size:
            return float(np.count_nonzero(mask)) / area
        sums = cv2.integral(mask.reshape(height, width).view(np.uint8))
        inside = sums[down:, across:] - sums[:-down, across:] - sums[down:, :-across] + sums[:-down, :-across]
        return float(inside.max()) / area


def _parts(size: tuple[int, int], side: float) -> tuple[int, int]:
    """How many parts of about this side an image has across and down."""
    return max(1, min(size[0], round(size[0] / side))), max(1, min(size[1], round(size[1] / side)))


def _within(finding: Finding, others: Iterable[Finding]) -> bool:
    """Whether it touches one of the others."""
    span = finding.span
    return any(each.span.start <= span.end and span.start <= each.span.end for each in others)
