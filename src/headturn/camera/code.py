"""A slate as a code that is filmed: what it says, how it is drawn, and how it is found in a take.

An action camera has no slate. A phone that shows a QR code is held before it instead, at the head or the tail of the
take. The text in it is `HT1:film:slate:performer:unit`, each part with ":", "%" and control characters as %XX; in
capitals throughout it takes the smaller of QR's alphabets.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from html import escape
from typing import Any, Literal
from urllib.parse import unquote

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from headturn.camera import media, slate
from headturn.camera.lens import Lens
from headturn.camera.take import Clip, Slate
from headturn.clock import Span
from headturn.errors import BadOption, HeadturnError

Gray = NDArray[np.uint8]
Kind = Literal["svg", "png", "text"]

PREFIX = "HT1"
"""Of headturn's codes, with the version of what follows."""
_QR = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
MOST_BYTES = 150
"""Of the text: beyond it a code has more than 57 modules and a phone's screen shows it too fine to be filmed."""
WINDOW_S = 6.0
"""How much of head and tail is looked at: time to lift a phone before the camera and to take it away again."""
LOOKS_PER_S = 5
"""Frames looked at: a phone that is held still for half a second is seen twice at least."""
PLAIN_WIDTH_PX = 1920
"""Width at which frames are looked at first; a finer image only where that finds nothing."""
GONE_S = 1.0
"""A code that cannot be read for so long is no longer held there: a single look may be blurred."""
AWAY_S = 0.5
"""Time in which a phone is put away, or lifted, before the lens; it is in the picture then and cannot be read."""
HARD_LOOKS = 6
"""Frames of each end, the sharpest of their moment, that are looked at by all means."""
VIEW_FOV_RAD, VIEW_STEP_RAD = float(np.radians(76)), float(np.radians(38))
"""A fisheye image is looked at through flat windows of this angle, so far apart: each spot lies well inside one."""
MAP_STEP_PX = 16
"""Windows are mapped through the lens at every 16th pixel, and evenly between: off by less than 0.1 pixel."""
BORDER = 4
"""Modules of white around the code. Source: ISO/IEC 18004."""
_PNG_SCALE = 24
_LABEL_HEIGHT = 5
"""Modules below the code for the slate as people read it."""


@dataclass(frozen=True)
class Said:
    """What a code says. film: its title; unit: which camera of a rig, "A" or "B", "" where there is one only."""

    film: str
    slate: Slate
    performer: str = ""
    unit: str = ""

    def __str__(self) -> str:
        """As it stands in the code."""
        name = str(self.slate)
        capitals = name.upper() if slate.written(name.upper()) == self.slate else name
        parts = (self.film, capitals, self.performer, self.unit)
        return ":".join((PREFIX, *map(_escaped, parts)))


@dataclass(frozen=True)
class Filmed:
    """A code as it was filmed. span: of the clip, from its head or to its tail, in which it is in the picture."""

    said: Said
    span: Span


def understood(text: str) -> Said | None:
    """What the text of a code says; None where it is none of headturn's."""
    parts = text.split(":")
    if parts[0] != PREFIX or len(parts) != 5:
        return None
    film, name, performer, unit = (unquote(part, errors="strict") for part in parts[1:])
    said = slate.written(name)
    return Said(film, said, performer, unit) if said else None


def _escaped(part: str) -> str:
    return re.sub(r"[%:\x00-\x1f\x7f-\x9f]", lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), part)


def drawn(said: Said, kind: Kind) -> bytes:
    """The code with a white border: as SVG or PNG with the slate in letters below it, or as text for a terminal.

    The text (UTF-8) has two modules to a letter, and its blocks are what is light: right on a dark terminal.

    Raises:
        BadOption: film and performer have too long names.
    """
    modules = _modules(said)
    if kind == "text":
        return _as_text(modules).encode()
    label = f"{said.slate}{said.unit if said.unit != 'A' else ''}"
    return _as_svg(modules, label) if kind == "svg" else _as_png(modules, label)


def _modules(said: Said) -> NDArray[np.bool_]:
    """(n, n), true where it is dark, with its border."""
    text = str(said).encode("utf-8", "replace")
    if len(text) > MOST_BYTES:
        raise BadOption(f"a code of {len(text)} bytes is too fine to be filmed; shorten the film's title or the name.")
    import segno  # slow to load, and only wanted where a code is drawn

    # Given as text where it is plain, so that capitals get their own, smaller alphabet.
    code = segno.make_qr(text.decode() if text.isascii() else text, error="m", boost_error=True)
    return np.array([list(row) for row in code.matrix_iter(border=BORDER)], dtype=np.bool_)


def _as_text(modules: NDArray[np.bool_]) -> str:
    light = ~modules
    if len(light) % 2:
        light = np.vstack([light, np.zeros_like(light[:1])])
    blocks = np.array([[" ", "▄"], ["▀", "█"]])
    return "\n".join("".join(row) for row in blocks[light[::2].astype(int), light[1::2].astype(int)]) + "\n"


def _as_svg(modules: NDArray[np.bool_], label: str) -> bytes:
    side, height = len(modules), len(modules) + _LABEL_HEIGHT
    dark = "".join(f"M{x} {y}h1v1h-1z" for y, x in np.argwhere(modules))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {height}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{side}v{height}h-{side}z"/><path d="{dark}"/>'
        f'<text x="{side / 2}" y="{side + 2}" text-anchor="middle" font-family="sans-serif" font-weight="bold"'
        f' font-size="5">{escape(label)}</text></svg>\n'
    ).encode()


def _as_png(modules: NDArray[np.bool_], label: str) -> bytes:
    square = np.kron(np.where(modules, 0, 255).astype(np.uint8), np.ones((_PNG_SCALE, _PNG_SCALE), np.uint8))
    image = np.vstack([square, np.full((_LABEL_HEIGHT * _PNG_SCALE, square.shape[1]), 255, np.uint8)])
    font, thick = cv2.FONT_HERSHEY_DUPLEX, _PNG_SCALE // 4
    size = cv2.getFontScaleFromHeight(font, round(3.4 * _PNG_SCALE), thick)
    (width, _), _ = cv2.getTextSize(label, font, size, thick)
    place = ((image.shape[1] - width) // 2, len(square) + 2 * _PNG_SCALE)
    cv2.putText(image, label, place, font, size, 0, thick, cv2.LINE_AA)
    return bytes(cv2.imencode(".png", image)[1])


# Reading --------------------------------------------------------------------------------------------------------


def find(clip: Clip, window_s: float = WINDOW_S) -> Said | None:
    """What the code at the head or the tail of a take says, or None where none can be read; see `filmed`."""
    found = filmed(clip, window_s)
    return found.said if found else None


def filmed(clip: Clip, window_s: float = WINDOW_S) -> Filmed | None:
    """The code at the head or the tail of a take, or None where none can be read.

    Only the first and the last `window_s` are decoded, up to the last look that shows the first code that can be read;
    of the camera's own preview (LRV) first, where it has one. Codes that are not headturn's are passed over.

    Raises:
        CannotRead: a file of the clip is gone.
    """
    previews = _previews(clip)
    ends: tuple[list[tuple[Clip, bool]], ...] = (
        [(previews[0], True), (previews[-1], False)] if previews else [],
        [(clip, True), (clip, False)],
    )
    for shot, head in (each for both in ends for each in both):
        looks = _Looks(shot, head, window_s)
        seen = looks.first()
        if seen:
            return Filmed(seen[0], looks.lasting(*seen[1:]))
    return None


def _previews(clip: Clip) -> list[Clip]:
    """The camera's own small recordings of a clip, seen through its lens; none where one cannot be read."""
    found = []
    for path in clip.proxies:
        if path.suffix.lower() == ".lrv":
            try:
                small = media.probe([path])
            except HeadturnError:
                return []
            found.append(replace(small, lens=clip.lens.resized(small.image.width, small.image.height)))
    return found


class _Looks:
    """The looks taken at the head or the tail of a clip: so many a second, from `start` on, before `stop`."""

    def __init__(self, clip: Clip, head: bool, window_s: float) -> None:
        self.clip, self.times = clip, media.frame_times(clip)
        window, span = Fraction(window_s), self.times.span
        self.start, self.stop = 0, self.times.nearest(span.start + window) + 1
        if not head:
            self.start, self.stop = max(self.stop, self.times.nearest(span.end - window)), len(self.times)
        self.every = max(1, round(float(self.times.rate) / LOOKS_PER_S))

    def first(self) -> tuple[Said, int, bool] | None:
        """What the first code says that can be read, at which frame, and whether it had to be read by all means."""
        width = min(PLAIN_WIDTH_PX, self.clip.image.width)
        moments = max(1, -(-(self.stop - self.start) // HARD_LOOKS))
        sharpest: dict[int, tuple[float, media.Frame]] = {}
        for frame in _some(self.clip, self.start, self.stop, self.every):
            gray = frame.pixels("gray", width)
            said = read(gray)
            if said:
                return said, frame.index, False
            moment, sharpness = (frame.index - self.start) // moments, _sharpness(gray)
            if moment not in sharpest or sharpness > sharpest[moment][0]:
                sharpest[moment] = sharpness, frame
        for _, frame in sharpest.values():
            said = read_hard(frame.pixels("gray"), self.clip.lens)
            if said:
                return said, frame.index, True
        return None

    def lasting(self, index: int, hard: bool) -> Span:
        """The span of the clip in which the code is in the picture that was read at a frame, from its head or to its
        tail, whichever is nearer: the head of a short clip reaches to its tail."""
        span, step_s = self.times.span, self.every / self.times.rate
        around = step_s + Fraction(AWAY_S)
        if self.times[index] - span.start > span.end - self.times[index]:
            return Span(max(span.start, self.times[index] - around), span.end)
        last, width = index, min(PLAIN_WIDTH_PX, self.clip.image.width)
        for frame in _some(self.clip, index + self.every, self.stop, self.every):
            if read_hard(frame.pixels("gray"), self.clip.lens) if hard else read(frame.pixels("gray", width)):
                last = frame.index
            elif (frame.index - last) / self.times.rate > GONE_S:
                break
        return Span(span.start, min(span.end, self.times[last] + around))


def _some(clip: Clip, first: int, stop: int, every: int) -> Iterator[media.Frame]:
    frames = media.frames(clip, first, stop)
    try:
        for frame in frames:
            if not (frame.index - first) % every:
                yield frame
    finally:
        frames.close()


def _sharpness(gray: Gray) -> float:
    return float(cv2.Laplacian(cv2.resize(gray, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), cv2.CV_32F).std())


def read(gray: Gray) -> Said | None:
    """The code in an image (h, w) as it is; None where there is none of headturn's."""
    for found in zxingcpp.read_barcodes(gray, formats=_QR):
        try:
            said = understood(found.bytes.decode("utf-8"))
        except UnicodeDecodeError:
            continue
        if said:
            return said
    return None


def read_hard(gray: Gray, lens: Lens) -> Said | None:
    """The code in an image (h, w) through that lens by all means: flat windows onto a fisheye, sharpened, enlarged."""
    for view in _views(gray, lens):
        for image in _treated(view):
            said = read(image)
            if said:
                return said
    return None


def _treated(view: Gray) -> Iterator[Gray]:
    """An image as it is, sharpened against blur, twice as large for small codes, and smoothed against noise."""
    yield view
    for radius_px in (1.5, 3.0):
        yield _unsharp(view, radius_px)
    twice = cv2.resize(view, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    yield np.asarray(twice, np.uint8)
    yield _unsharp(np.asarray(twice, np.uint8), 3.0)


def _unsharp(gray: Gray, radius_px: float) -> Gray:
    return np.asarray(cv2.addWeighted(gray, 2.5, cv2.GaussianBlur(gray, (0, 0), radius_px), -1.5, 0), np.uint8)


def _views(gray: Gray, lens: Lens) -> Iterator[Gray]:
    """The image itself, and where the lens bends lines, flat windows onto it."""
    yield gray
    if lens.kind == "fisheye" or any(lens.distortion):
        height, width = gray.shape
        fitted = lens.resized(width, height)
        side = round(2 * fitted.focal_mean_px * np.tan(VIEW_FOV_RAD / 2))
        for coarse in _windows(fitted, side):
            across, down = _between(coarse[..., 0], side), _between(coarse[..., 1], side)
            yield np.asarray(cv2.remap(gray, across, down, cv2.INTER_LINEAR), np.uint8)


@lru_cache(maxsize=1)
def _windows(lens: Lens, side: int) -> list[NDArray[np.float32]]:
    """The pixels (n, n, 2) of the image that each window of so many pixels shows at every `MAP_STEP_PX`, from the
    middle outwards."""
    grid = (np.arange(0, side + MAP_STEP_PX, MAP_STEP_PX) - (side - 1) / 2) / lens.focal_mean_px
    across, down = np.meshgrid(grid, grid)
    rays = np.stack([across, down, np.ones_like(across)], axis=-1).reshape(-1, 3)
    turns = VIEW_STEP_RAD * np.arange(-3, 4)
    ways = sorted(((yaw, pitch) for yaw in turns for pitch in turns), key=lambda way: float(np.hypot(*way)))
    found = []
    for yaw, pitch in ways:
        turned = rays @ (_about(1, yaw) @ _about(0, pitch)).T
        if not lens.shows(lens.pixels(turned[len(turned) // 2]))[0]:
            continue
        pixels = np.nan_to_num(lens.pixels(turned), nan=-1e4).astype(np.float32).reshape(*across.shape, 2)
        found.append(pixels)
    return found


def _between(coarse: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    """A map given at every `MAP_STEP_PX` pixels, at every pixel (side, side)."""
    at = (np.arange(side) / MAP_STEP_PX).astype(np.float32)
    x, y = np.meshgrid(at, at)
    return np.asarray(cv2.remap(coarse, x, y, cv2.INTER_LINEAR), np.float32)


def _about(axis: int, angle_rad: float) -> Any:  # noqa: ANN401
    vector = np.zeros(3)
    vector[axis] = angle_rad
    return cv2.Rodrigues(vector)[0]
