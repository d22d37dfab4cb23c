"""Do two frames match? One place or two, how far apart they look, and how different they are once aligned.

Images are handed in as arrays; nothing here opens a file. Rotations are `a_from_b`: they turn rays of image B into
rays of image A (camera axes, see `headturn.rotation`).
"""

from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from headturn import rotation
from headturn.camera import light
from headturn.camera.lens import Lens
from headturn.edit import mover
from headturn.edit.mover import STILL, Mover
from headturn.rotation import Floats

GLANCE_WIDTH_PX = 480
"""Width at which frames are matched: enough for SIFT to find 100 to 400 points in a room (measured on `house`)."""
COMPARE_WIDTH_PX = 240
"""Width at which aligned frames are compared: the blur of a turn leaves nothing finer."""
FEATURES = 700
RATIO = 0.82
"""Lowe's ratio test; looser than his 0.7 because the geometry check that follows is strict."""
PARALLAX_RAD = np.radians(2.0)
"""How far a point may be off a pure rotation: 10 cm of parallax at 3 m."""
RANSAC_ROUNDS = 300
SAME_PLACE_POINTS = 10
"""Points that must agree on one rotation. On 2,592 pairs of frames of different real places chance reached 5."""
SAME_PLACE_CELLS = 5
"""Cells of a 6 by 6 grid that those points must cover, so that a burnt-in clock or a worn badge is no place."""
GRID_CELLS = 6
LOW_CONTRAST_CODES = 100
"""Codes of 255 between the darkest and the brightest hundredth, below which an image is stretched before features are
sought. Of 24 real pairs of frames 18 align as they are; 4.6 stops darker 6, stretched 17; in smoke (a tenth of the
light, on grey) 4, stretched 17. Frames of different places agree on 4 points at most either way."""
LEAST_CONTRAST_CODES = 12
"""Less is a camera's noise, which would be stretched to a pattern."""
LEAST_OVERLAP = 0.1
"""Share of the picture below which nothing is compared."""
NOISE_LIGHT = 0.01
"""Linear light in which a camera's noise and black level drown differences: a screen in a lit room shows none."""
LEAST_FLOW_PX = 12
"""Images narrower than this have no flow (OpenCV's DIS refuses them); nobody films such, but files may claim to."""


@dataclass(frozen=True, eq=False)
class Glance:
    """One frame, small, as it is compared.

    image: (h, w, 3) uint8 display RGB, GLANCE_WIDTH_PX wide or less; lens: for these pixels
    """

    image: NDArray[np.uint8]
    lens: Lens

    @cached_property
    def gray(self) -> NDArray[np.uint8]:
        """Luma, (h, w) uint8."""
        return np.asarray(cv2.cvtColor(self.image, cv2.COLOR_RGB2GRAY), dtype=np.uint8)

    @cached_property
    def small(self) -> NDArray[np.float32]:
        """Linear light (h, w, 3) float32 at COMPARE_WIDTH_PX."""
        image = cv2.resize(self.image, self._small_size, interpolation=cv2.INTER_AREA)
        return light.linear_from_video(image.astype(np.float32) / 255)

    @cached_property
    def small_lens(self) -> Lens:
        """The lens for the pixels of `small`."""
        return self.lens.resized(*self._small_size)

    @property
    def _small_size(self) -> tuple[int, int]:
        height, width = self.image.shape[:2]
        scale = min(1.0, COMPARE_WIDTH_PX / width)
        return round(width * scale), round(height * scale)

    @cached_property
    def features(self) -> tuple[Floats, Floats, NDArray[np.float32]]:
        """Points (n, 2) in pixels, their bearings (n, 3), and descriptors (n, 128) (RootSIFT, Arandjelović 2012)."""
        mask = None
        if self.lens.circle_px is not None:
            mask = np.zeros(self.gray.shape, np.uint8)
            centre = tuple(round(c) for c in self.lens.centre_px)
            cv2.circle(mask, centre, round(self.lens.circle_px * 0.96), 255, -1)
        sift = cv2.SIFT.create(nfeatures=FEATURES, contrastThreshold=0.015)
        points, descriptors = sift.detectAndCompute(_stretched(self.gray), mask)
        if descriptors is None or not len(points):
            return np.empty((0, 2)), np.empty((0, 3)), np.empty((0, 128), np.float32)
        xy = np.array([point.pt for point in points], dtype=np.float64)
        root = np.sqrt(descriptors / np.maximum(descriptors.sum(axis=1, keepdims=True), 1e-6))
        bearings = self.lens.rays(xy)
        seen = np.isfinite(bearings).all(axis=1)
        return xy[seen], bearings[seen], root[seen].astype(np.float32)


def _stretched(gray: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A dark or hazy image stretched to the full scale, others as they are: SIFT overlooks what has little contrast."""
    low, high = (float(code) for code in np.quantile(gray, (0.01, 0.99)))
    if high - low >= LOW_CONTRAST_CODES:
        return gray
    scale = 255 / max(high - low, LEAST_CONTRAST_CODES)
    return np.asarray(np.clip((gray - np.float32(low)) * np.float32(scale), 0, 255), dtype=np.uint8)


@dataclass(frozen=True)
class Alignment:
    """What two frames have in common: the rotation between them and how much supports it; and what disagrees.

    a_from_b: quaternion; points: how many matched points agree on it; share: of all matched points;
    cells: of a 6 by 6 grid over the image, how many hold an agreeing point; mover: what moved by itself
    """

    a_from_b: tuple[float, float, float, float]
    points: int
    share: float
    cells: int
    mover: Mover = STILL

    @property
    def angle_rad(self) -> float:
        """How far apart both frames look."""
        return float(rotation.angle(np.array(self.a_from_b)))

    @property
    def same_place(self) -> bool:
        """Whether so many bearings agree, over so much of the image, that both frames show one place."""
        return self.points >= SAME_PLACE_POINTS and self.cells >= SAME_PLACE_CELLS


NOT_ALIGNED = Alignment((1.0, 0.0, 0.0, 0.0), 0, 0.0, 0)


def align(a: Glance, b: Glance) -> Alignment:
    """The rotation between two frames from matched bearings (two-point RANSAC, then least squares).

    Source of the least-squares rotation: Kabsch 1976, doi:10.1107/S0567739476001873.
    """
    pixels_a, bearings_a, descriptors_a = a.features
    _, bearings_b, descriptors_b = b.features
    if len(bearings_a) < SAME_PLACE_POINTS or len(bearings_b) < SAME_PLACE_POINTS:
        return NOT_ALIGNED
    pairs = _matches(descriptors_a, descriptors_b)
    if len(pairs) < 3:
        return NOT_ALIGNED
    rays_a, rays_b = bearings_a[pairs[:, 0]], bearings_b[pairs[:, 1]]
    agree = _consensus(rays_a, rays_b)
    if agree.sum() < 3:
        return NOT_ALIGNED
    for _ in range(3):
        turn = _kabsch(rays_a[agree], rays_b[agree])
        again = _angles(rays_a, rotation.apply(turn, rays_b)) < PARALLAX_RAD
        if again.sum() < 3:
            break
        agree = again
    size = np.array([a.lens.width, a.lens.height])
    cells = np.unique((pixels_a[pairs[agree, 0]] / size * GRID_CELLS).astype(int), axis=0)
    w, x, y, z = (float(q) for q in turn)
    return Alignment((w, x, y, z), int(agree.sum()), float(agree.mean()), len(cells))


def _matches(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.intp]:
    """Mutual nearest neighbours that pass the ratio test: index pairs (n, 2)."""
    likeness = a @ b.T
    best_b, best_a = likeness.argmax(axis=1), likeness.argmax(axis=0)
    mutual = best_a[best_b] == np.arange(len(a))
    top = np.partition(likeness, -2, axis=1)[:, -2:]
    distances = np.sqrt(np.maximum(0, 2 - 2 * top))
    clear = distances[:, 1] < RATIO * distances[:, 0]
    chosen = np.flatnonzero(mutual & clear)
    return np.stack([chosen, best_b[chosen]], axis=1)


def _consensus(rays_a: Floats, rays_b: Floats) -> NDArray[np.bool_]:
    """The points that agree with the best rotation given by two of them."""
    random = np.random.default_rng(0)
    picks = random.integers(0, len(rays_a), (RANSAC_ROUNDS, 2))
    picks = picks[picks[:, 0] != picks[:, 1]]
    turns = np.einsum("nij,nkj->nik", _frames(rays_a[picks]), _frames(rays_b[picks]))
    cosines = np.einsum("nij,kj,ki->nk", turns, rays_b, rays_a)
    agree = cosines > np.cos(PARALLAX_RAD)
    return np.asarray(agree[agree.sum(axis=1).argmax()])


def _frames(pairs: Floats) -> Floats:
    """An orthonormal frame (n, 3, 3) from each pair of rays (n, 2, 3), along their sum and their cross product."""
    first = pairs[:, 0] + pairs[:, 1]
    third = np.cross(pairs[:, 0], pairs[:, 1])
    first = first / np.maximum(np.linalg.norm(first, axis=1, keepdims=True), 1e-9)
    third = third / np.maximum(np.linalg.norm(third, axis=1, keepdims=True), 1e-9)
    return np.stack([first, np.cross(third, first), third], axis=2)


def _kabsch(rays_a: Floats, rays_b: Floats) -> Floats:
    u, _, vt = np.linalg.svd(rays_a.T @ rays_b)
    flip = np.diag([1.0, 1.0, np.linalg.det(u @ vt)])
    return rotation.from_matrix(u @ flip @ vt)


def _angles(a: Floats, b: Floats) -> Floats:
    return np.asarray(np.arccos(np.clip(np.einsum("ni,ni->n", a, b), -1, 1)))


@dataclass(frozen=True)
class Comparison:
    """How two frames differ once B is turned into A's view.

    likeness: normalised cross-correlation of local contrast over the shared picture, -1 to 1
    flow_left: median displacement that the rotation leaves, as a share of the picture's width
    gain: factors (r, g, b) in linear light that bring B to A
    blur_ratio: sharpness of A over sharpness of B (after both are brought to one exposure)
    overlap: share of the picture that both frames see
    tone_left: difference of brightness that the gain leaves, in log light, rms over the tones from dark to bright
    mover: what moved by itself
    """

    likeness: float
    flow_left: float
    gain: tuple[float, float, float]
    blur_ratio: float
    overlap: float
    tone_left: float = 0.0
    mover: Mover = STILL


@dataclass(frozen=True, eq=False)
class _Overlaid:
    """A, and B turned into its view and brought to its light; where B has no picture, it is A.

    a, b: display grey (h, w) uint8; seen: (h, w), where both have a picture; lens: for these pixels
    """

    a: NDArray[np.uint8]
    b: NDArray[np.uint8]
    seen: NDArray[np.bool_]
    gain: tuple[float, float, float]
    lens: Lens

    @cached_property
    def flow(self) -> NDArray[np.float32]:
        """From A to B, (h, w, 2) pixels."""
        return _flow(self.a, self.b)

    @cached_property
    def overlap(self) -> float:
        """Share of the picture that both see."""
        return float(self.seen.mean())


def _overlaid(a: Glance, b: Glance, a_from_b: Floats) -> _Overlaid:
    picture_a = a.small
    picture_b, inside = turned(b.small, b.small_lens, a.small_lens, a_from_b)
    seen = inside & _within_circle(a.small_lens, picture_a.shape[:2])
    gain = _gain(picture_a, picture_b, seen)
    display_a = _display_gray(picture_a)
    display_b = _display_gray(picture_b * np.array(gain, np.float32))
    display_b[~seen] = display_a[~seen]
    return _Overlaid(display_a, display_b, seen, gain, a.small_lens)


def compare(a: Glance, b: Glance, a_from_b: Floats) -> Comparison:
    """What remains different between two frames after rotation; `a_from_b` is a quaternion (4,)."""
    pair = _overlaid(a, b, a_from_b)
    return replace(_compared(pair), mover=_mover(pair))


def _compared(pair: _Overlaid) -> Comparison:
    """All but the mover."""
    if pair.overlap < LEAST_OVERLAP:
        return Comparison(-1.0, 1.0, (1.0, 1.0, 1.0), 1.0, pair.overlap)
    left = np.hypot(pair.flow[..., 0], pair.flow[..., 1])[pair.seen]
    return Comparison(
        likeness=_correlation(pair.a, pair.b, pair.seen),
        flow_left=float(np.median(left)) / pair.a.shape[1],
        gain=pair.gain,
        blur_ratio=_sharpness(pair.a, pair.seen) / _sharpness(pair.b, pair.seen),
        overlap=pair.overlap,
        tone_left=_tone_left(pair.a, pair.b, pair.seen),
    )


def refined(a: Glance, b: Glance, a_from_b: Floats) -> tuple[Floats, Comparison]:
    """The rotation improved by the flow it leaves, where that makes both frames more alike, and the comparison.

    Bridging by motion leaves a degree or so; the flow between A and the turned B says which way.
    """
    first = _overlaid(a, b, a_from_b)
    before = _compared(first)
    if before.overlap < 0.3:
        return a_from_b, replace(before, mover=_mover(first))
    better = rotation.compose(_turn_left(first), a_from_b)
    second = _overlaid(a, b, better)
    after = _compared(second)
    if after.likeness > before.likeness:
        return better, replace(after, mover=_mover(second))
    return a_from_b, replace(before, mover=_mover(first))


def _turn_left(pair: _Overlaid) -> Floats:
    """The rotation that most of the flow agrees on."""
    y, x = np.nonzero(pair.seen)
    y, x = y[::7], x[::7]
    points = np.stack([x, y], axis=1).astype(np.float64)
    rays_a, rays_b = pair.lens.rays(points), pair.lens.rays(points + pair.flow[y, x])
    known = np.isfinite(rays_b).all(axis=1)
    rays_a, rays_b = rays_a[known], rays_b[known]
    turn = _kabsch(rays_a, rays_b)
    for _ in range(3):
        off = _angles(rays_a, rotation.apply(turn, rays_b))
        agree = off <= np.quantile(off, 0.6)
        turn = _kabsch(rays_a[agree], rays_b[agree])
    return turn


def _mover(pair: _Overlaid) -> Mover:
    if pair.overlap < LEAST_OVERLAP or min(pair.a.shape) < LEAST_FLOW_PX:
        return STILL
    return mover.largest(pair.a, pair.b, pair.flow, _flow(pair.b, pair.a), pair.seen, pair.lens)


def turned(
    picture: NDArray[np.float32], lens: Lens, into: Lens, into_from_picture: Floats
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """A picture seen through another lens after a rotation, and where (h, w) it holds real pixels."""
    grid_x, grid_y = np.meshgrid(np.arange(into.width), np.arange(into.height))
    rays = into.rays(np.stack([grid_x.ravel(), grid_y.ravel()], axis=1).astype(np.float64))
    source = lens.pixels(rotation.apply(rotation.inverse(into_from_picture), rays))
    source = source.reshape(into.height, into.width, 2)
    # Rays that the lens cannot see are NaN, and no comparison holds for NaN.
    inside = ((source >= 0) & (source <= [lens.width - 1, lens.height - 1])).all(axis=2)
    if lens.circle_px is not None:
        inside = inside & (np.linalg.norm(source - lens.centre_px, axis=2) < lens.circle_px)
    maps = np.nan_to_num(source, nan=-1.0).astype(np.float32)
    warped = cv2.remap(picture, maps[..., 0], maps[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(warped, dtype=np.float32), np.asarray(inside)


def _within_circle(lens: Lens, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    if lens.circle_px is None:
        return np.ones(shape, dtype=bool)
    y, x = np.mgrid[: shape[0], : shape[1]]
    return np.asarray(np.hypot(x - lens.centre_px[0], y - lens.centre_px[1]) < lens.circle_px * 0.97)


def _gain(a: NDArray[np.float32], b: NDArray[np.float32], seen: NDArray[np.bool_]) -> tuple[float, float, float]:
    """Median ratio of A to B in each channel, over pixels that are neither black nor clipped in either."""
    gains = []
    for channel in range(3):
        one, other = a[..., channel], b[..., channel]
        usable = seen & (one > 0.004) & (other > 0.004) & (one < 0.85) & (other < 0.85)
        # Blur and leftover parallax move edges, not the middle of the distribution: compare the quantiles.
        if usable.sum() < 200:
            gains.append(1.0)
            continue
        levels = np.linspace(0.2, 0.8, 13)
        ratio = np.log(np.quantile(one[usable], levels)) - np.log(np.quantile(other[usable], levels))
        gains.append(float(np.clip(np.exp(np.median(ratio)), 0.25, 4.0)))
    return gains[0], gains[1], gains[2]


def _tone_left(a: NDArray[np.uint8], b: NDArray[np.uint8], seen: NDArray[np.bool_]) -> float:
    """Of two images after the gain: what another curve, clipping or haze leaves, by the quantiles of both."""
    levels = np.linspace(0.1, 0.9, 9)
    tones = [light.linear_from_video(np.quantile(image[seen], levels).astype(np.float32) / 255) for image in (a, b)]
    return float(np.sqrt(np.mean((np.log(tones[0] + NOISE_LIGHT) - np.log(tones[1] + NOISE_LIGHT)) ** 2)))


def _display_gray(picture: NDArray[np.float32]) -> NDArray[np.uint8]:
    coded = light.codes_from_linear(picture)
    return np.asarray(cv2.cvtColor(coded, cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def _flow(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> NDArray[np.float32]:
    if min(a.shape) < LEAST_FLOW_PX:
        return np.zeros((*a.shape, 2), np.float32)
    dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    return np.asarray(dis.calc(a, b, np.zeros((*a.shape, 2), np.float32)), dtype=np.float32)


def _correlation(a: NDArray[np.uint8], b: NDArray[np.uint8], seen: NDArray[np.bool_]) -> float:
    """Correlation of both images without their slow shading, over what both see."""
    details = []
    for image in (a, b):
        picture = cv2.GaussianBlur(image.astype(np.float32), (0, 0), 2)
        details.append((picture - cv2.GaussianBlur(picture, (0, 0), 12))[seen])
    spread = details[0].std() * details[1].std()
    return float(np.mean((details[0] - details[0].mean()) * (details[1] - details[1].mean())) / max(spread, 1e-3))


def streaks(view: Glance, rates_rad_s: Floats) -> float:
    """How sharp a frame is along the way it streams, as a share of its sharpness across: blur makes it less than 1.

    From the gradients in the middle of the image; `rates_rad_s` (3,) is its angular velocity. 1 where the image turns
    about its own middle. Measured: 0.24 to 0.39 in the whip turns of `shop` (above 250 degrees a second), 0.66 to 1.3
    in equally fast turns of `house` and `lap`, whose shutters are short.
    """
    along = np.array([-rates_rad_s[1], rates_rad_s[0]])
    size = float(np.linalg.norm(along))
    if size < 0.5 * float(np.linalg.norm(rates_rad_s)) or size < 1e-6:
        return 1.0
    height, width = view.gray.shape
    middle = view.gray[height // 6 : height - height // 6, width // 6 : width - width // 6]
    soft = cv2.GaussianBlur(middle, (0, 0), 1.0)
    right, down = cv2.Sobel(soft, cv2.CV_32F, 1, 0), cv2.Sobel(soft, cv2.CV_32F, 0, 1)
    x, y = along / size
    streaming, across = right * x + down * y, down * x - right * y
    return float(np.sqrt(np.mean(streaming**2) + 1.0) / np.sqrt(np.mean(across**2) + 1.0))


def step(a: Glance, b: Glance) -> tuple[float, tuple[float, float, float]]:
    """How large a step it is from one frame to another that shows no world, and the gain that makes it least.

    The mean difference of the two images, coarse, as a share of full video scale; the gain brings B to A in linear
    light, by half a stop at most, for more would itself be seen.
    """
    size = (16, 9)
    coarse = [cv2.resize(view.small, size, interpolation=cv2.INTER_AREA) for view in (a, b)]
    means = [image.mean(axis=(0, 1)) + NOISE_LIGHT for image in coarse]
    gain = np.clip(means[0] / means[1], 0.5**0.5, 2**0.5)
    here, there = (light.video_from_linear(np.asarray(image, np.float32)) for image in (coarse[0], coarse[1] * gain))
    red, green, blue = (float(share) for share in gain)
    return float(np.mean(np.abs(here - there))), (red, green, blue)


def _sharpness(image: NDArray[np.uint8], seen: NDArray[np.bool_]) -> float:
    gradient = np.hypot(cv2.Sobel(image, cv2.CV_32F, 1, 0), cv2.Sobel(image, cv2.CV_32F, 0, 1))
    return float(np.sqrt(np.mean(gradient[seen] ** 2)) + 1.0)
