"""Pixels across a seam: images turned, enlarged and graded, and one giving way to the other, in linear light.

Pictures are (h, w, 3) float32 in linear light, 0 to 1, at the film's size. Each image is sampled once, whatever is done
to it: two samplings in a row would soften what a viewer compares with the sharp frames beside it.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from headturn import rotation
from headturn.camera import light
from headturn.camera.lens import Lens
from headturn.edit.cut import Blend
from headturn.picture import held, smear
from headturn.review.borders import CIRCLE_RIM, places_read
from headturn.review.ride import smooth_step
from headturn.rotation import IDENTITY, Floats

Picture = NDArray[np.float32]
Share = NDArray[np.float32]
Field = NDArray[np.float32]
"""Displacements (h, w, 2) in pixels, or places."""

GRID_PX = 16
"""Spacing at which the warp is computed exactly; between, it is interpolated: off by under 0.02 px at 1080p."""
CIRCLE_FEATHER = 0.02
"""Width of the soft edge between an image circle and its rim, as a share of its radius."""
Feather = tuple[float, float]
"""Width over which a picture goes over into the one that fills its bared border: at most as a share of the picture's
width, and as so many times what is bared."""
SOFT: Feather = 0.08, 3.0
"""Of two takes. A fiftieth of the width showed as a frame within the frame where parallax is strong."""
NARROW: Feather = SOFT[0] / SOFT[1], 1.0
"""Of one take, which goes on in itself: an edge as wide as what is bared will do."""
FLOW_WIDTH_PX = 480
"""Width at which the flow of a morph is found; what the rotation leaves is smooth and small."""
LEAST_FLOW_PX = 16
"""Smaller images have no flow (OpenCV's DIS refuses them)."""
CONSISTENT_SHARE = 0.01
"""Forward and backward flow may disagree by this share of the width before the morph fades to a dissolve there."""
SURE, FIT_STEP_PX = 0.9, 4
"""Trust from which flow has a say in the affine map for the rest, and how far apart it is asked, in its own pixels."""
LEAST_SURE, LEAST_AGREEING = 0.1, 0.4
"""Share of the picture that must be sure, and share of that which must agree on one affine map, for there to be one."""
SMOOTH_SHARE, STRAY_SHARE, SMOOTHINGS = 0.04, 0.0026, 3
"""Of the width: how far around flow is asked what departs from that map, and how far off a departure counts for half.
Flow that was not smoothed made edges of doors ragged and stripes of wallpaper waver for two frames; on 33 splices of
the backlot the residual was the same with it and without (0.03 over the uncut takes)."""
LEAST_WEIGHT = np.float32(0.02)
"""Trust with which the map alone speaks where nothing around is sure."""
EDGE_RAD = np.radians(20.0)
"""Width of a wipe's soft edge: within it two pictures are mixed, and softer than either. On 55 splices of the backlot a
small adversary told wipes of 8 frames from uncut turns with 0.55 at 8 degrees, 0.56 at 20 and 0.60 at 40; at 8 what
parallax leaves shows as an edge."""
SHOULDER = 2
"""How sharply a camera bends light towards white (power p in `exposed`). On 24 splices of the backlot whose takes were
exposed about as 0.69 to 1, pixels of light 0.45, 0.55, 0.65, 0.75, 0.85, 0.93 in the brighter one showed 0.94, 0.86,
0.70, 0.52, 0.20, 0.07 of that (in logarithms); p = 2 gives 0.85, 0.77, 0.66, 0.53, 0.36, 0.19, and p = 3 0.94, 0.89,
0.82, 0.70, 0.52, 0.30. A plain gain turned clipped windows grey: on 20 splices the mean histogram step around the
splice was 0.087, with p = 3 and p = 2 0.063, of the same takes uncut 0.060."""
LEVEL_AXIS = np.array([0.0, 1.0, 0.0])


@dataclass(frozen=True, eq=False)
class Shot:
    """One take's image in a seam, and how the film shows it.

    picture: at the film's size; lens: for its pixels
    film_from_image: quaternion (4,) that turns it; zoom: enlargement about its centre; gain (3,): factors in its light
    held: what is not turned with the world, as a seam keeps it (see `picture.held`); empty where there is nothing
    film_lens, lens_share: another lens, and how far the image is brought into it
    smear (2,): how far it is smeared, in pixels across and down, where it is not held
    swept (3,): how the camera turned from its first line to its last, which is taken out (see `review.ride.Layer`)
    made_of: the frame that the picture is made of, where it lies between two frames of the take
    """

    picture: Picture
    lens: Lens
    film_from_image: Floats
    zoom: float
    gain: Floats
    held: str = ""
    film_lens: Lens | None = None
    lens_share: float = 0.0
    smear: tuple[float, float] = (0.0, 0.0)
    swept: tuple[float, ...] = (0.0, 0.0, 0.0)
    made_of: Picture | None = None

    @property
    def filmed(self) -> Picture:
        """The picture with the detail that it is to have."""
        return self.picture if self.made_of is None else self.made_of

    @property
    def still(self) -> bool:
        """Whether it is shown where it is."""
        return (
            self.zoom == 1
            and not self.lens_share
            and not any(self.smear)
            and not any(self.swept)
            and bool((self.film_from_image == IDENTITY).all())
        )

    def resized(self, width: int, height: int) -> "Shot":
        """The same shot at another size."""
        picture = np.asarray(cv2.resize(self.picture, (width, height), interpolation=cv2.INTER_AREA), dtype=np.float32)
        other = self.film_lens.resized(width, height) if self.film_lens else None
        (right, down), scale = self.smear, width / self.picture.shape[1]
        smear = right * scale, down * scale
        lens = self.lens.resized(width, height)
        return replace(self, picture=picture, lens=lens, film_lens=other, smear=smear, made_of=None)


# One image -------------------------------------------------------------------------------------------


def seen(
    shot: Shot, displaced: Field | None = None, sampling: int = cv2.INTER_LANCZOS4, feather: Feather = SOFT
) -> tuple[Picture, Share]:
    """The shot as the film shows it, and where (h, w, 1) it has something to show: 1 inside, to 0 at its border.

    sampling: OpenCV's interpolation; Lanczos keeps most detail, and takes most of the time
    feather: of a border that is bared; an image circle has its own
    displaced (h, w, 2): how far each point shown has moved, in film pixels, on top of turn and zoom. Where the lens
    draws a circle, its rim and black corners stay where they are, and what a turn bares beside them stays too: another
    take's rim there would be an arc.
    """
    height, width = shot.picture.shape[:2]
    gain = shot.gain.astype(np.float32)
    if shot.still and displaced is None:
        return exposed(shot.picture, gain), np.ones((height, width, 1), np.float32)
    grid = _source_grid(shot)
    source = _between(grid, _places(width, height, displaced))
    if shot.held:
        still = held.share(shot.held, width, height)[..., None]
        source = source * (1 - still) + _places(width, height) * still
    warped = cv2.remap(shot.picture, source[..., 0], source[..., 1], sampling, borderMode=cv2.BORDER_REPLICATE)
    picture = np.maximum(np.asarray(warped, dtype=np.float32), 0.0)  # it rings below black
    if any(shot.smear):
        sharp, picture = picture, smear.smeared(picture, np.array(shot.smear))
        picture = picture * (1 - still) + sharp * still if shot.held else picture
    inside = _inside(shot.lens, source, feather)
    if shot.lens.circle_px is not None:
        own = inside * _circle(shot.lens)[..., None]
        picture, inside = picture * own + shot.picture * (1 - own), np.ones_like(inside)
    return exposed(picture, gain), inside


def exposed(picture: Picture, gain: NDArray[np.float32]) -> Picture:
    """The picture as the camera would have taken it with so many times (3,) the exposure: what is white stays white.

    Light x before the shoulder is shown as x / (1 + x ** p) ** (1 / p) (Tumblin and Rushmeier's family of tone curves,
    after Naka and Rushton 1966, with p = SHOULDER): one gain after another is their product, and 1 changes nothing.
    """
    if (gain == 1).all():
        return picture
    light = np.clip(picture, 0, 1)
    return np.asarray(gain * light / np.sqrt(1 + (gain**SHOULDER - 1) * light**SHOULDER), dtype=np.float32)


def graded(codes: light.Codes, gain: Floats, step: float) -> light.Codes:
    """Display codes (h, w, 3) of 16 bits with so many times (3,) the exposure: `exposed`, by a table a channel.

    step: between two codes of the file, which stand for all that is between them, and are spread over it: graded as
    they are they would leave codes of the film empty and fill others twice, and smooth walls would show bands.
    """
    spread, reach = _spread(*codes.shape[:2], step)
    every = light.linear_from_video(np.arange(2**16, dtype=np.uint16))
    tables = light.codes_from_linear(exposed(every[:, None], gain.astype(np.float32)), bits=16)
    padded = np.pad(tables, ((reach, reach), (0, 0)), "edge")
    return np.stack([padded[codes[..., channel] + spread, channel] for channel in range(3)], axis=-1)


@lru_cache(maxsize=2)
def _spread(height: int, width: int, step: float) -> tuple[NDArray[np.int32], int]:
    """How far off its code each pixel (h, w) is taken to lie, evenly within half a step, and the reach of that.

    Counted from minus that reach. The same for every frame, so that it does not crawl.
    """
    reach = int(np.ceil(step / 2))
    noise = np.random.default_rng(0).random((height, width), np.float32) - np.float32(0.5)
    return (np.rint(noise * np.float32(step)) + reach).astype(np.int32), reach


def exposure(picture: Picture) -> Picture:
    """What `exposed` multiplies by the gain: light before the shoulder, without bound as the picture goes to white."""
    light = np.clip(picture, 0, 1)
    return np.asarray(light / np.sqrt(np.maximum(1 - light**SHOULDER, 1e-6)), dtype=np.float32)


def _places(width: int, height: int, displaced: Field | None = None) -> Field:
    """Where each film pixel (h, w, 2) is taken from before the turn."""
    places = np.stack(np.meshgrid(np.arange(width), np.arange(height)), axis=-1).astype(np.float32)
    return places if displaced is None else places - displaced


def _source_grid(shot: Shot) -> Field:
    """Where every GRID_PX-th film pixel lies in the image, (rows, columns, 2), and one beyond each edge."""
    lens = shot.lens
    columns = np.arange(-GRID_PX, lens.width + 2 * GRID_PX, GRID_PX)
    rows = np.arange(-GRID_PX, lens.height + 2 * GRID_PX, GRID_PX)
    grid = np.stack(np.meshgrid(columns, rows), axis=-1).reshape(-1, 2).astype(np.float64)
    centre = np.array(lens.centre_px)
    points = (grid - centre) / shot.zoom + centre
    rays = lens.rays(points)
    if shot.film_lens is not None and shot.lens_share:
        rays = (1 - shot.lens_share) * rays + shot.lens_share * shot.film_lens.rays(points)
    source = places_read(lens, rotation.apply(rotation.inverse(shot.film_from_image), rays), np.array(shot.swept))
    return np.nan_to_num(source, nan=-1e4).reshape(len(rows), len(columns), 2).astype(np.float32)


def _between(grid: NDArray[np.float32], places: Field) -> NDArray[np.float32]:
    """Values at places in pixels, bilinear between those of a grid that starts GRID_PX before the picture."""
    at = np.asarray(places / np.float32(GRID_PX) + 1, dtype=np.float32)
    values = cv2.remap(grid, at[..., 0], at[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(values, dtype=np.float32)


def _inside(lens: Lens, source: Field, feather: Feather) -> Share:
    """Where there is image at source places, (h, w, 1): 1 inside, falling to 0 at a border that is bared.

    With nothing bared nothing is given up.
    """
    x, y = source[..., 0], source[..., 1]
    if lens.circle_px is not None:
        rim = np.float32(lens.circle_px * (1 - CIRCLE_RIM))
        inside = rim - np.hypot(x - np.float32(lens.centre_px[0]), y - np.float32(lens.centre_px[1]))
        feather = CIRCLE_FEATHER, 1.0  # beyond it the take itself is seen, not turned: as little as can be
    else:
        right, low = np.float32(lens.width - 1), np.float32(lens.height - 1)
        inside = np.minimum(np.minimum(x, right - x), np.minimum(y, low - y))
    most, times = feather
    width = np.clip(-times * inside.min(), 1e-3, most * lens.width)
    return np.asarray(np.clip(inside / width + (width <= 1e-3), 0, 1)[..., None], dtype=np.float32)


def _circle(lens: Lens) -> Share:
    """1 within the image circle, 0 outside, with a soft edge just inside it."""
    assert lens.circle_px is not None
    y, x = np.mgrid[: lens.height, : lens.width].astype(np.float32)
    radius = np.hypot(x - lens.centre_px[0], y - lens.centre_px[1])
    soft = lens.circle_px * CIRCLE_FEATHER
    return np.asarray(np.clip((lens.circle_px * (1 - CIRCLE_RIM) - radius) / soft, 0, 1), dtype=np.float32)


# Two images ------------------------------------------------------------------------------------------


def blended(
    a: Shot, b: Shot, share: float, blend: Blend, streams: Floats = LEVEL_AXIS, between: "Flows | None" = None
) -> Picture:
    """Between A (share 0) and B (share 1). Each fills the border that the other's turn bares.

    blend: a morph moves both along the flow between them, all over the picture at once, and mixes them; a wipe does so
        too, and shows B behind a soft edge that crosses the picture the way it streams; a dissolve mixes; a cut shows A
        below a half, B from there on
    streams (3,): angular velocity of the camera, for the wipe; its length does not matter
    between: what `flows` gives for these two, where it is known already
    """
    if blend == "cut":
        return mixed(*seen(a), *seen(b), np.float32(share >= 0.5))
    height, width = a.picture.shape[:2]
    shares: Share = (
        _wiped(a.lens, share, streams) if blend == "wipe" else np.full((height, width, 1), share, np.float32)
    )
    if blend == "dissolve":
        return mixed(*seen(a), *seen(b), shares)
    # What parallax leaves goes over in the whole time that both are seen, not in the two frames of an edge's passing.
    gone = float(smooth_step(np.array(share))) if blend == "wipe" else share  # a wipe's share goes at one speed
    flow = flow_at(between or flows(a, b), gone, (width, height))
    return mixed(*seen(a, flow * np.float32(gone)), *seen(b, flow * np.float32(gone - 1)), shares)


def mixed(a: Picture, shown_a: Share, b: Picture, shown_b: Share, share: Share | np.float32) -> Picture:
    """Both pictures by share, each giving way to the other where it has nothing to show."""
    weight_a, weight_b = shown_a * (1 - share * shown_b) + np.float32(1e-9), shown_b * (1 - (1 - share) * shown_a)
    return np.asarray((a * weight_a + b * weight_b) / (weight_a + weight_b), dtype=np.float32)


def _wiped(lens: Lens, share: float, streams: Floats) -> Share:
    """B's share (h, w, 1) of each pixel: it enters where the turning head's view enters, and its edge crosses the view.

    The edge is a meridian about the axis of rotation, so that it is carried as the picture is.
    """
    axis = np.array([streams[0], streams[1], 0.0])
    axis = axis / np.linalg.norm(axis) if np.linalg.norm(axis) > 1e-6 else LEVEL_AXIS
    rows, columns = (
        np.arange(-GRID_PX, lens.height + 2 * GRID_PX, GRID_PX),
        np.arange(-GRID_PX, lens.width + 2 * GRID_PX, GRID_PX),
    )
    grid = np.stack(np.meshgrid(columns, rows), axis=-1).reshape(-1, 2).astype(np.float64)
    rays = np.nan_to_num(lens.rays(grid))
    angle = np.arctan2(rays @ np.cross(axis, [0.0, 0.0, 1.0]), rays[:, 2]).reshape(len(rows), len(columns))
    low, high = float(angle.min()), float(angle.max())
    edge = high + EDGE_RAD / 2 - share * (high - low + EDGE_RAD)
    full = _between(angle.astype(np.float32), _places(lens.width, lens.height))
    t = np.clip((full - np.float32(edge)) / np.float32(EDGE_RAD) + np.float32(0.5), 0, 1)
    return np.asarray((t * t * (3 - 2 * t))[..., None], dtype=np.float32)


# Flow ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Flows:
    """Flow between two shots as the film shows them, at most FLOW_WIDTH_PX wide.

    forward, backward (h, w, 2): displacement in pixels from A to B at each pixel of A, and from B to A at each of B;
        smooth, and as one affine map has it where nothing around is trusted
    trust_a, trust_b (h, w, 1): 1 where one leads back along the other, 0 where something is in one picture only
    """

    forward: Field
    backward: Field
    trust_a: Share
    trust_b: Share


def flows(a: Shot, b: Shot, *, calmed: bool = True) -> Flows:
    """The flow between two shots.

    calmed: as smooth as what two takes need, that differ in more than place; not between frames of one take
    """
    height, width = a.picture.shape[:2]
    scale = min(1.0, FLOW_WIDTH_PX / width)
    size = max(LEAST_FLOW_PX, round(width * scale)), max(LEAST_FLOW_PX, round(height * scale))
    grey_a, grey_b = (_display_grey(seen(shot.resized(*size))[0]) for shot in (a, b))
    forward, backward = _flow(grey_a, grey_b), _flow(grey_b, grey_a)
    trust_a, trust_b = _consistency(forward, backward), _consistency(backward, forward)
    forward, backward = _filled(forward, trust_a, calmed), _filled(backward, trust_b, calmed)
    return Flows(forward, backward, trust_a, trust_b)


def _filled(flow: Field, trust: Share, calmed: bool) -> Field:
    """The flow, which gives way to one affine map of the whole picture where it is not trusted; calmed: see `_calmed`.

    What is hidden in one picture moves with what is around it; a nearer camera shows all of it larger.
    """
    places = _places(flow.shape[1], flow.shape[0])
    affine = _affine(flow, trust)
    whole = np.zeros_like(flow) if affine is None else places @ affine[:, :2].T + affine[:, 2] - places
    departs = flow - whole
    return np.asarray(whole + (_calmed(departs, trust) if calmed else departs * trust), dtype=np.float32)


def _calmed(departs: Field, trust: Share) -> Field:
    """What of the departures from the map their neighbours agree on; without any, none.

    What departs from its neighbours, though it leads there and back, is mostly wrong: stripes taken for others, edges
    of unlike blur.
    """
    height, width = departs.shape[:2]
    size = max(2, width // FIT_STEP_PX), max(2, height // FIT_STEP_PX)  # what is so smooth can be found coarsely
    coarse, sure = (cv2.resize(values, size, interpolation=cv2.INTER_AREA) for values in (departs, trust))
    sure = sure[..., None]
    smooth, weight = np.zeros_like(coarse), sure
    sigma, stray = SMOOTH_SHARE * size[0], np.float32(STRAY_SHARE * width)
    for _ in range(SMOOTHINGS):
        around = cv2.GaussianBlur(weight, (0, 0), sigma)[..., None] + LEAST_WEIGHT
        smooth = cv2.GaussianBlur(coarse * weight, (0, 0), sigma) / around
        off = np.linalg.norm(coarse - smooth, axis=2, keepdims=True)
        weight = sure / (1 + (off / stray) ** 2)
    return np.asarray(cv2.resize(smooth, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.float32)


def _affine(flow: Field, trust: Share) -> NDArray[np.float32] | None:
    """The affine map (2, 3) on which most of the trusted flow agrees, if there is one."""
    y, x = (values[::FIT_STEP_PX, ::FIT_STEP_PX].ravel() for values in np.mgrid[: flow.shape[0], : flow.shape[1]])
    sure = trust[y, x, 0] > SURE
    if sure.mean() < LEAST_SURE:
        return None
    at = np.stack([x[sure], y[sure]], axis=1).astype(np.float32)
    reach = 2 * CONSISTENT_SHARE * flow.shape[1]
    affine, agree = cv2.estimateAffine2D(at, at + flow[y[sure], x[sure]], ransacReprojThreshold=reach)
    return None if affine is None or agree.mean() < LEAST_AGREEING else affine.astype(np.float32)


def flow_at(found: Flows, gone: float, size: tuple[int, int]) -> Field:
    """Displacement (h, w, 2) from A to B of what is at each pixel of the picture between them.

    gone: how far that picture is on the way from A (0) to B (1); size: its width and height
    """
    here = np.float32(gone)
    from_a = moved(found.forward, found.forward * here)
    from_b = moved(found.backward, found.backward * (1 - here))
    flow = (from_a * (1 - here) - from_b * here) * np.float32(size[0] / found.forward.shape[1])
    return np.asarray(cv2.resize(flow, size, interpolation=cv2.INTER_LINEAR), dtype=np.float32)


def moved(values: Field, displaced: Field) -> Field:
    """Values (h, w, n) carried along a displacement (backward lookup)."""
    height, width = values.shape[:2]
    places = _places(width, height, displaced)
    moved = cv2.remap(values, places[..., 0], places[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, dtype=np.float32)


def _display_grey(picture: Picture) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(light.codes_from_linear(picture), cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def _flow(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> Field:
    """Displacement (h, w, 2) in pixels from small grey A to B."""
    dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    return np.asarray(dis.calc(a, b, np.zeros((*a.shape, 2), np.float32)), dtype=np.float32)


def _consistency(flow: Field, back: Field) -> Share:
    """1 where going along the flow and back returns to the start, falling to 0 (h, w, 1)."""
    width = flow.shape[1]
    returned = moved(back, -flow)
    off = np.linalg.norm(flow + returned, axis=2) / (CONSISTENT_SHARE * width)
    soft = cv2.GaussianBlur(np.clip(2 - off, 0, 1).astype(np.float32), (0, 0), width / 160)
    return np.asarray(soft[..., None], dtype=np.float32)
