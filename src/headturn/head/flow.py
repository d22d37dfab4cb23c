"""Rotation seen in the image: how far the camera turned between one frame and the next.

Corners are followed from a small grey image to the next by pyramidal Lucas-Kanade, there and back, made into rays by
the lens, and one rotation is fitted to all rays: first by the vote of many two-point rotations, so that what most of
the picture agrees on wins, then by least squares with robust weights. Near things seen from a walking head also move by
parallax, people walk, hands reach: the vote keeps them out. What does not move at all while the rest does (burnt-in
clocks, the wearer's own body) is learnt, cell by cell, and loses its vote.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from headturn import rotation
from headturn.camera.lens import Lens
from headturn.head import parallax
from headturn.rotation import Floats

Grey = NDArray[np.uint8]
Points = NDArray[np.float32]
Bools = NDArray[np.bool_]

PYRAMID_LEVELS = 3
"""Halvings below the working image. With a window of 19 px corners are followed over some 80 px from where they are
expected, which is 28 degrees in a view of 90: what a whip turn makes at 15 frames a second."""
STOP = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 10, 0.03)
"""Lucas-Kanade's end: ten rounds, or a change below 0.03 px."""
RETURN_PX = 1.0
"""A corner followed there and back must come home this closely. Across a scene cut hardly any does."""
TOLERANCE_PX = 0.9
"""Error of a corner that still agrees: on blurred and compressed pixels tracking is good to about half a pixel."""
TOLERANCE_SHARE = 0.03
"""... and this share of the step more: an assumed focal length and a rolling shutter bend a fast turn."""
AGREES = 2.0
"""A corner agrees within this many tolerances."""
FITS = 4
"""Rounds of robust least squares, from a vote that is close already."""
LEAST_CORNERS = 8
"""Fewer cannot vote."""
LEAST_FOUND = 0.25
"""Of the corners in view at least this share should be followed; where fewer are, agreement falls in proportion."""
LEAST_AGREEMENT = 0.12
"""Below this no rotation is reported: random motion reaches 0.08 with as many corners."""
SECOND_LOOK = 0.4
"""Below this agreement a second start is tried, from where the middle of the image went."""
UNLIKE = 0.7
"""Mean difference of a patch from what it became, as a share of its own contrast, above which it became something
else: two pictures of noise differ by 1.13 (2 / sqrt(pi))."""
LEAST_CORNER = 2e-6
"""Smallest eigenvalue (OpenCV's scale for 8-bit images) of a corner: noise of half a grey level makes about as much."""
REPEATED_GREY = 0.3
"""Mean change in grey levels below which a frame repeats the one before; sensor noise makes more, even reduced."""
REPEATED_SHARE = 0.1
"""... or below this share of the last true change: repeats are re-encoded, and so not quite the same."""
STILL_PX = 0.35
"""A corner that moved less than this did not move."""
MOVED_PX = 2.0
"""A step that shifts the middle of the image by more than this shows which corners do not move with it."""
OVERLAY_MEMORY = 0.1
"""How fast a cell is learnt to be an overlay: about ten moving frames."""
SURE = 0.3
"""Agreement from which on a step may teach what is an overlay."""
MOVING_SHARE, MOVING_SPREAD = 0.3, 0.75
"""Corners at rest lose the vote to a rotation that most others share, where those others are this share of all and are
spread as wide as this share of all: a crowd of them all over the image is no passer-by."""


@dataclass(frozen=True)
class FlowOptions:
    """How rotation is looked for.

    width_px: images are made this wide first; finer ones cost more and gain nothing measurable
    corners: how many are followed at most, one in each square cell of the image
    window_px: side of the patch that is followed; the blur of a fast turn needs a large one
    pairs: how many two-point rotations are put to the vote: 100 find a majority of 30 % all but surely (1 - 0.91^100)
    """

    width_px: int = 320
    corners: int = 300
    window_px: int = 19
    pairs: int = 100


@dataclass(frozen=True, eq=False)
class Flow:
    """Rotation seen between the successive frames of one clip.

    times_s: (n,) when each frame is shown
    steps_rad: (n, 3) rotation vector of each frame relative to the one before, in camera axes (x right, y down,
        z forward; turning right is +y): `world_from_image[k] = compose(world_from_image[k-1], from_vector(steps[k]))`.
        Zero for the first frame, for repeated frames, and where nothing could be agreed on (a scene cut, darkness).
    agreement: (n,) share of the corners followed, 0 to 1, that moved as this rotation says
    residual_rad: (n,) rms error of the corners that agree
    repeated: (n,) whether a frame only shows the one before again (footage conformed from a lower rate)
    luma: (n,) mean grey level, 0 to 255
    sharpness: (n,) mean size of the gradient, grey levels per pixel at the working width; motion blur lowers it
    assumed: what was assumed of the lens, as a sentence; empty where it is known
    drift: (n, 3) mean parallax of each step, in the axes of its image: how far the camera went, in units of its mean
        distance to what it sees. Shrunk towards none where depths hardly differ (see `head.parallax.Trust`). Zero where
        there is no step; NaN where nothing could be agreed on. None where nobody looked.
    """

    times_s: Floats
    steps_rad: Floats
    agreement: Floats
    residual_rad: Floats
    repeated: Bools
    luma: Floats
    sharpness: Floats
    assumed: str = ""
    drift: Floats | None = None

    @cached_property
    def first_from_image(self) -> Floats:
        """Orientation (n, 4) of each image in the axes of the first."""
        return chained(self.steps_rad)


def chained(steps_rad: Floats) -> Floats:
    """Orientations (n, 4) from rotation vectors (n, 3), each relative to the one before; the first is from identity.

    All prefixes of the product are made by doubling (Hillis and Steele 1986), so that an hour takes a second.
    """
    result = rotation.from_vector(steps_rad) if len(steps_rad) else np.empty((0, 4))
    reach = 1
    while reach < len(result):
        result[reach:] = rotation.compose(result[:-reach], result[reach:])
        reach *= 2
    return result


def rotation_seen(images: Iterable[tuple[float, Grey]], lens: Lens, options: FlowOptions | None = None) -> Flow:
    """Rotation between successive images.

    images: times in seconds and grey images (h, w) of one shape; read once, two small ones are held at a time
    lens: the lens of these images, at any size
    """
    seer: _Seer | None = None
    options = options or FlowOptions()
    times: list[float] = []
    seen: list[tuple[_Step, bool, float, float]] = []
    for time_s, image in images:
        small = _shrunk(image, options.width_px)
        if seer is None:
            seer, step, repeated = _Seer(lens, small, options), _Step(agreement=1.0, drift=np.zeros(3)), False
        else:
            step, repeated = seer.see(small)
        times.append(time_s)
        seen.append((step, repeated, cv2.mean(small)[0], seer.sharpness))
    return Flow(
        times_s=np.array(times, dtype=np.float64),
        steps_rad=np.array([step.vector for step, *_ in seen]).reshape(-1, 3),
        agreement=np.array([step.agreement for step, *_ in seen]),
        residual_rad=np.array([step.residual_rad for step, *_ in seen]),
        repeated=np.array([repeated for _, repeated, *_ in seen], dtype=np.bool_),
        luma=np.array([luma for *_, luma, _ in seen]),
        sharpness=np.array([sharpness for *_, sharpness in seen]),
        assumed=lens.assumed,
        drift=np.array([step.drift for step, *_ in seen]).reshape(-1, 3),
    )


def _shrunk(image: Grey, width_px: int) -> Grey:
    height, width = image.shape
    if width <= width_px:
        return image
    size = (width_px, max(1, round(height * width_px / width)))
    return cast(Grey, cv2.resize(image, size, interpolation=cv2.INTER_AREA))


class _Step(NamedTuple):
    """Rotation vector (3,), how much agrees and how well; drift (3,): mean parallax, in the axes of the new image."""

    vector: Floats = np.zeros(3)
    agreement: float = 0.0
    residual_rad: float = 0.0
    drift: Floats = np.full(3, np.nan)


class _Followed(NamedTuple):
    """Corners that were followed: their rays before and after (n, 3), the products of these (n, 9), what they weigh
    (n,), where they were (n, 2), their cells (n,) and whether they stayed where they were (n,)."""

    before: Floats
    after: Floats
    products: Floats
    weights: Floats
    points: Points
    cells: NDArray[np.int64]
    still: Bools


class _Seer:
    """What is kept from frame to frame: the last small image with its corners, the last step, what is an overlay."""

    def __init__(self, lens: Lens, first: Grey, options: FlowOptions) -> None:
        height, width = first.shape
        self.lens = lens.resized(width, height)
        self.options = options
        rows, columns = np.indices((height, width))
        pixels = np.column_stack([columns.ravel(), rows.ravel()]).astype(np.float64)
        rays = self.lens.rays(pixels)
        visible = (self.lens.shows(pixels) & np.isfinite(rays).all(axis=1)).reshape(height, width)
        patch = np.ones((options.window_px + 2,) * 2, np.uint8)  # the rim of an image circle does not move
        self.visible = cv2.erode(visible.astype(np.uint8), patch, borderValue=1) > 0
        self.ray_of = np.nan_to_num(rays).reshape(height, width, 3)
        self.pixel_rad = 1 / self.lens.focal_mean_px
        self.side = max(4, round((width * height / options.corners) ** 0.5))
        self.overlay = np.zeros((height // self.side) * (width // self.side))
        self.random = np.random.default_rng(0)  # fixed, so that the same frames give the same motion
        self.last = np.zeros(3)
        self.change = 0.0
        self.drift = np.zeros(3)
        self.trust = parallax.ASSUMED_LENS if lens.assumed else parallax.KNOWN_LENS
        self._keep(first)

    def see(self, image: Grey) -> tuple[_Step, bool]:
        """The step from the image before to this one, and whether this one only repeats it."""
        change = cv2.norm(self.image, image, cv2.NORM_L1) / image.size
        if change < max(REPEATED_GREY, REPEATED_SHARE * self.change):
            return _Step(agreement=1.0, drift=np.zeros(3)), True
        step = self._step(image, self.last)
        if step.agreement < SECOND_LOOK:
            step = max(step, self._step(image, self._shift(image)), key=lambda one: one.agreement)
        self.change, self.last, self.drift = change, step.vector, np.nan_to_num(step.drift)
        self._keep(image)
        return step, False

    def _keep(self, image: Grey) -> None:
        """Make this the image before: find its corners, the best (x, y) of each cell that has one."""
        self.image = image
        edges = cv2.Sobel(image, cv2.CV_16S, 1, 0), cv2.Sobel(image, cv2.CV_16S, 0, 1)
        self.sharpness = sum(cv2.norm(edge, cv2.NORM_L1) for edge in edges) / (8 * image.size)
        side = self.side
        rows, columns = image.shape[0] // side, image.shape[1] // side
        strength = np.where(self.visible, cv2.cornerMinEigenVal(image, 3), 0)[: rows * side, : columns * side]
        cells = strength.reshape(rows, side, columns, side).swapaxes(1, 2).reshape(rows * columns, side * side)
        best = cells.argmax(axis=1)
        good = np.flatnonzero(cells[np.arange(len(cells)), best] > LEAST_CORNER)
        x = good % max(columns, 1) * side + best[good] % side
        y = good // max(columns, 1) * side + best[good] // side
        self.corners, self.cells = np.column_stack([x, y]).astype(np.float32), good
        self.contrast = _contrast(image, x, y, self.options.window_px)

    def _shift(self, image: Grey) -> Floats:
        """A rough step: where the middle of the last image is found in this one, at a fifth of the size."""
        size = (max(8, image.shape[1] // 5), max(8, image.shape[0] // 5))
        before, after = (cv2.resize(i, size, interpolation=cv2.INTER_AREA) for i in (self.image, image))
        left, top = size[0] // 4, size[1] // 4
        likeness = cv2.matchTemplate(after, before[top:-top, left:-left], cv2.TM_CCOEFF_NORMED)
        x, y = cv2.minMaxLoc(likeness)[3]
        across, down = (x - left) * image.shape[1] / size[0], (y - top) * image.shape[0] / size[1]
        return np.array([down, -across, 0.0]) * self.pixel_rad

    def _step(self, image: Grey, guess: Floats) -> _Step:
        if len(self.corners) < LEAST_CORNERS:
            return _Step()
        followed, found = self._follow(image, guess)
        if len(followed.before) < LEAST_CORNERS:
            return _Step()
        matrix = self._vote(followed)
        for _ in range(FITS):
            error = _errors(matrix, followed) / self._tolerance(matrix)
            matrix = _fitted(followed, followed.weights / (1 + error**2) ** 2)
        error = _errors(matrix, followed)
        agrees = error < AGREES * self._tolerance(matrix)
        in_view = found | self._within(self.lens.pixels(self._rays(self.corners) @ matrix))
        weights = 1 - self.overlay[self.cells]
        asked = max(followed.weights.sum(), LEAST_FOUND * weights[in_view].sum(), 1e-9)
        agreement = float(followed.weights[agrees].sum() / asked)
        if not np.any(agrees) or agreement < LEAST_AGREEMENT:
            return _Step(agreement=agreement)
        drift = np.full(3, np.nan)
        if agreement > SURE:
            rays = followed.before, followed.after, followed.weights
            matrix, drift = parallax.told_apart(*rays, matrix, self.drift, self.pixel_rad, self.trust)
        vector = np.asarray(cv2.Rodrigues(matrix)[0][:, 0], dtype=np.float64)
        if agreement > SURE and np.linalg.norm(vector) > MOVED_PX * self.pixel_rad:
            seen = followed.cells
            self.overlay[seen] += OVERLAY_MEMORY * (followed.still - self.overlay[seen])
        return _Step(vector, agreement, float(np.sqrt(np.mean(error[agrees] ** 2))), drift @ matrix)

    def _follow(self, image: Grey, guess: Floats) -> tuple[_Followed, Bools]:
        """The corners that got to the new image and back, and which of all corners (m,) these are."""
        before = self.corners
        expected = self.lens.pixels(self._rays(before) @ _matrix(guess)).astype(np.float32)
        expected = np.where(np.isfinite(expected), expected, before)
        settings: dict[str, Any] = {
            "winSize": (self.options.window_px,) * 2,
            "criteria": STOP,
            "flags": cv2.OPTFLOW_USE_INITIAL_FLOW,
        }
        after, there, unlike = cv2.calcOpticalFlowPyrLK(
            self.image, image, before, expected, maxLevel=PYRAMID_LEVELS, **settings
        )
        home, back, _ = cv2.calcOpticalFlowPyrLK(image, self.image, after, before.copy(), maxLevel=0, **settings)
        returned = np.abs(home - before).max(axis=1) < RETURN_PX
        found = (there[:, 0] == 1) & (back[:, 0] == 1) & returned & self._within(after)
        found[found] = unlike[found, 0] < UNLIKE * self.contrast[found]
        cells = self.cells[found]
        still = np.abs(after - before).max(axis=1)[found] < STILL_PX
        b, a = self._rays(before[found]), self._rays(after[found])
        products = (b[:, :, None] * a[:, None, :]).reshape(-1, 9)
        return _Followed(b, a, products, 1 - self.overlay[cells], before[found], cells, still), found

    def _vote(self, followed: _Followed) -> Floats:
        """The rotation matrix (before_from_after) that most corners agree with."""
        i, j = self.random.integers(0, len(followed.before), (2, self.options.pairs))
        pairs = _bases(followed.before[i], followed.before[j]) @ np.swapaxes(
            _bases(followed.after[i], followed.after[j]), 1, 2
        )
        ballot = np.concatenate([np.eye(3)[None], _matrix(self.last)[None], pairs])
        reach = AGREES * self._tolerance(ballot)[:, None]
        votes = np.clip(1 - (_errors(ballot, followed) / reach) ** 2, 0, None) * followed.weights
        best = int(votes.sum(axis=1).argmax())
        moving = ~followed.still
        if moving.mean() < MOVING_SHARE or votes[best][followed.still].sum() < votes[best][moving].sum():
            return cast(Floats, ballot[best])
        rival = int(votes[:, moving].sum(axis=1).argmax())
        with_it = moving & (votes[rival] > 0)
        spread = np.std(followed.points[with_it], axis=0) if with_it.any() else np.zeros(2)
        crowd = with_it.sum() > moving.sum() / 2 and with_it.mean() > MOVING_SHARE
        wide = np.all(spread > MOVING_SPREAD * np.std(followed.points, axis=0))
        return cast(Floats, ballot[rival if crowd and wide else best])

    def _tolerance(self, matrices: Floats) -> Floats:
        cosine = (np.trace(matrices, axis1=-2, axis2=-1) - 1) / 2
        return self.pixel_rad * TOLERANCE_PX + TOLERANCE_SHARE * np.arccos(np.clip(cosine, -1, 1))

    def _within(self, points: NDArray[Any]) -> Bools:
        """Whether the lens shows something at the points (m, 2), with a margin."""
        height, width = self.image.shape
        beyond = max(height, width)
        x, y = np.nan_to_num(np.clip(np.round(points), -1, beyond), nan=-1).astype(np.int64).T
        inside = (x >= 0) & (y >= 0) & (x < width) & (y < height)
        return cast(Bools, inside & self.visible[np.where(inside, y, 0), np.where(inside, x, 0)])

    def _rays(self, points: Points) -> Floats:
        """Rays (m, 3) of points, interpolated between those of the pixels: to a thousandth of a pixel, and cheap."""
        height, width = self.image.shape
        held = np.clip(points.astype(np.float64), 0, (width - 1.001, height - 1.001))
        x, y = held.astype(np.int64).T
        right, down = (held % 1).T[..., None]
        upper = self.ray_of[y, x] * (1 - right) + self.ray_of[y, x + 1] * right
        lower = self.ray_of[y + 1, x] * (1 - right) + self.ray_of[y + 1, x + 1] * right
        return cast(Floats, upper * (1 - down) + lower * down)


def _contrast(image: Grey, x: NDArray[np.int64], y: NDArray[np.int64], window_px: int) -> Floats:
    """Standard deviation (m,) of the grey levels in the windows around pixels."""
    height, width = image.shape
    left, right = np.maximum(x - window_px // 2, 0), np.minimum(x + window_px // 2 + 1, width)
    top, bottom = np.maximum(y - window_px // 2, 0), np.minimum(y + window_px // 2 + 1, height)
    area = (right - left) * (bottom - top)
    mean, square = (
        (sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]) / area
        for sums in cv2.integral2(image)
    )
    return cast(Floats, np.sqrt(np.maximum(square - mean * mean, 0)))


def _matrix(vector: Floats) -> Floats:
    return cast(Floats, cv2.Rodrigues(vector)[0])


def _errors(matrices: Floats, followed: _Followed) -> Floats:
    """Angles (..., n) in radians between each ray before and its ray after, turned by matrices (..., 3, 3)."""
    along = matrices.reshape(*matrices.shape[:-2], 9) @ followed.products.T
    lengths = (followed.before**2).sum(axis=1) + (followed.after**2).sum(axis=1)
    return cast(Floats, np.sqrt(np.maximum(lengths - 2 * along, 0)))


def _fitted(followed: _Followed, weights: Floats) -> Floats:
    """The rotation of least squares between weighted rays (Kabsch 1976)."""
    left, _, right = np.linalg.svd((weights @ followed.products).reshape(3, 3))
    return cast(Floats, (left * (1.0, 1.0, np.linalg.det(left @ right))) @ right)


def _bases(first: Floats, second: Floats) -> Floats:
    """Orthonormal bases (k, 3, 3), in columns, on pairs of rays: two of them make a rotation (TRIAD, Black 1964)."""
    x = first + second
    z = np.cross(first, second)
    x, z = (v / np.maximum(np.linalg.norm(v, axis=1, keepdims=True), 1e-12) for v in (x, z))
    return np.stack([x, np.cross(z, x), z], axis=2)
