"""Steadying: which rotation takes the shake out of a path of image orientations, and what it costs at the border.

The path is smoothed by an optimisation: of all paths, the one whose changes of angular velocity are least while it
stays near the path filmed. How near is said by a cutoff frequency that may differ from frame to frame; what is steadied
is one path over all frames whatever the cutoffs do, so nothing pops where they change. Three things move them: the
strength that is asked for, turns, which are to be followed, and the border, which must not show.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.linalg import solveh_banded
from scipy.ndimage import convolve1d, maximum_filter1d

from headturn import rotation
from headturn.camera.lens import Lens
from headturn.rotation import Floats

LOWEST_HZ = 0.2
"""Cutoff at full strength. Slower sway is where a film looks; taking it out asks for crop and gives no calm: discomfort
of the moment follows what is above 1 Hz (reference: r -0.86 with comfort, against -0.65 below)."""
HIGHEST_HZ = 1000.0
"""Cutoff at which a frame stays where it is: far above what frame rates can carry."""
STRENGTH_POWER = 2.5
"""Cutoff falls with this power of the strength: half of it leaves what is below 1.1 Hz, a quarter below 6 Hz."""
TURN_LAG_RAD = np.radians(1.5)
"""How far smoothing may hold the view behind a turn at its flanks, or let it go ahead."""
PAN_RAD_S, TURN_RAD_S = np.radians(20.0), np.radians(50.0)
"""A head that goes slower than the first pans and is steadied; from the second on it turns and is followed (turns are
found from 60 degrees a second on; in the band below they look slower)."""
TURN_BAND_HZ = 1.2
"""What is slower than this is where the head looks, what is faster is shake. Steps come at 1.8 to 3 Hz."""
TURN_REACH_S = 0.3
"""A turn is followed from so long before it to so long after it: the band above smears its ends by about this."""
TURN_ROUNDS = 2
"""The first, in the band above, sees how a turn swings; the second, in the band that this gives, how a snapped one
does: a look over 90 degrees in a quarter of a second keeps 0.9 of its speed, with one round 0.77."""
ROUNDS = 16
"""Of Gauss and Newton, each with a firmer hold where the border shows; the excess is below a hundredth after ten."""
HOLD_POWER = 2.0
"""A frame that is carried twice too far is held by this power of two more."""
CLEAR_OF_LIMIT = 0.97
"""Share of the crop limit that is aimed at: the border's straight-line law is off by some hundredths."""
LEVEL_CROP = 0.6
"""Share of the crop that levelling the horizon may take; the rest is for the shake."""
STILL_RAD = 2e-5
"""A correction below a fiftieth of a pixel in 1080p is none: such frames pass through as they are."""
CROP_EASE_S = 1.5
"""The crop comes and goes over twice this: a slow push in, slower than any that is noticed as a zoom."""
BORDER_POINTS = 16
"""Points on each side of the image at which the border is watched."""
LEAST_FRAMES = 3
"""Fewer have no change of speed."""
_NUDGE_RAD = 1e-4
SECOND_DIFFERENCE = (1.0, -2.0, 1.0)


@dataclass(frozen=True, eq=False)
class Border:
    """How fast an image's border comes into view as the image is turned.

    crop_per_rad (m, 3): for each point of the border, the crop it asks for by each radian that the image is turned
        about x, y, z (`film_from_image`). A crop is a share of width and height: 0.1 is an enlargement by 1 / 0.9.
    """

    crop_per_rad: Floats

    def crop(self, turns: Floats) -> Floats:
        """Crop (n,) that hides the border of images turned by rotation vectors (n, 3): exact for small turns."""
        if not len(self.crop_per_rad):
            return np.zeros(len(turns))
        return np.asarray(np.maximum((turns @ self.crop_per_rad.T).max(axis=1), 0.0))


def border(lens: Lens, crop: float = 0.0) -> Border:
    """The border of what a lens shows, cropped by so much: the frame, or the image circle within it.

    The law is exact where the crop is `crop`: a wide straight lens has more pixels a degree further out.
    """
    along = np.linspace(0, 1, BORDER_POINTS)
    right, low = lens.width - 1.0, lens.height - 1.0
    sides = [((along * right, along * 0), (0, -1)), ((along * right, along * 0 + low), (0, 1))]
    sides += [((along * 0, along * low), (-1, 0)), ((along * 0 + right, along * low), (1, 0))]
    points = np.concatenate([np.stack(side, axis=1) for side, _ in sides])
    outward = np.repeat(np.array([normal for _, normal in sides], dtype=np.float64), BORDER_POINTS, axis=0)
    away = points - lens.centre_px
    if lens.circle_px is not None:
        radius = np.linalg.norm(away, axis=1)
        round_ = radius > lens.circle_px
        radial = away / np.maximum(radius, 1e-9)[:, None]
        outward = np.where(round_[:, None], radial, outward)
        away = np.where(round_[:, None], radial * lens.circle_px, away)
    rays = lens.rays(away * (1 - crop) + lens.centre_px)
    reach = (away * outward).sum(axis=1)
    slopes = []
    for axis in np.eye(3):
        ahead, behind = (
            lens.pixels(rotation.apply(rotation.from_vector(-axis * n), rays)) for n in (_NUDGE_RAD, -_NUDGE_RAD)
        )
        slopes.append(((ahead - behind) * outward).sum(axis=1) / (2 * _NUDGE_RAD * reach))
    found = np.stack(slopes, axis=1)
    return Border(found[np.isfinite(found).all(axis=1)])


@dataclass(frozen=True, eq=False)
class Asked:
    """What is asked of the steadying of a path.

    strength (n,): 0 (as filmed) to 1 for each frame
    level (n,): share of the tilt against gravity that is taken out, 0 to 1
    max_crop: share of width and height that may be lost to hide the border
    """

    strength: Floats
    level: Floats
    max_crop: float


def corrections(
    world_from_image: Floats, up: Floats, rate_hz: float, asked: Asked, crop: Callable[[Floats], Floats]
) -> Floats:
    """Rotations (n, 4), film_from_image, that steady a path: identity where nothing is asked.

    world_from_image (n, 4): the path, its frames evenly spaced, `rate_hz` a second
    up (n, 3): against gravity, in the image's axes; NaN where gravity is not known, and nothing is levelled there
    crop: the share of width and height (n,) that images turned by rotation vectors (n, 3) lose (`Border.crop`); where
        it comes to more than `asked.max_crop`, less is corrected
    """
    if len(world_from_image) < LEAST_FRAMES or not (asked.strength.any() or asked.level.any()):
        return np.tile(rotation.IDENTITY, (len(world_from_image), 1))
    limit = asked.max_crop * CLEAR_OF_LIMIT
    upright = rotation.compose(world_from_image, rotation.from_vector(_leaning(up, asked.level, limit, crop)))
    hold = _hold(np.maximum(cutoff_hz(asked.strength), turn_hz(world_from_image, rate_hz)), rate_hz)
    held, film = hold, upright
    turns = np.zeros((len(film), 3))
    for _ in range(ROUNDS):
        film = _nearer(film, upright, held)
        turns = rotation.to_vector(rotation.compose(rotation.inverse(film), world_from_image))
        over = crop(turns) / limit
        held = np.maximum(hold, np.minimum(held * over**HOLD_POWER, _hold(np.array([HIGHEST_HZ]), rate_hz)))
    turns = turns * _within(crop(turns), asked.max_crop, rate_hz)[:, None]
    turns[np.linalg.norm(turns, axis=1) < STILL_RAD] = 0.0
    return rotation.from_vector(turns)


def cutoff_hz(strength: Floats) -> Floats:
    """The frequency above which motion is taken out, at each strength from 0 to 1."""
    least = (LOWEST_HZ / HIGHEST_HZ) ** (1 / STRENGTH_POWER)
    return np.asarray(LOWEST_HZ / np.maximum(strength, least) ** STRENGTH_POWER)


def turn_hz(world_from_image: Floats, rate_hz: float) -> Floats:
    """The cutoff (n,) that turns need so that the film follows them to within `TURN_LAG_RAD`.

    What is smoothed with a cutoff f lags by its acceleration over (2 pi f)^2.
    """
    cutoff = np.full(len(world_from_image), TURN_BAND_HZ)
    for _ in range(TURN_ROUNDS):
        slow = _nearer(world_from_image, world_from_image, _hold(np.maximum(cutoff, TURN_BAND_HZ), rate_hz))
        cutoff = _following_hz(slow, rate_hz)
    return cutoff


def _following_hz(slow: Floats, rate_hz: float) -> Floats:
    """The cutoff (n,) that the turns of a slow path need."""
    rates = np.diff(_unrolled(slow), axis=0) * rate_hz
    acceleration = np.pad(np.linalg.norm(np.diff(rates, axis=0), axis=1), 1, mode="edge") * rate_hz
    speed = maximum_filter1d(np.pad(np.linalg.norm(rates, axis=1), (0, 1), mode="edge"), 2, origin=0)
    fast = np.clip((speed - PAN_RAD_S) / (TURN_RAD_S - PAN_RAD_S), 0, 1)
    reach = max(1, round(TURN_REACH_S * rate_hz))
    widest = maximum_filter1d(acceleration, 2 * reach + 1, mode="nearest")
    return np.asarray(np.sqrt(widest / TURN_LAG_RAD) / (2 * np.pi) * eased(fast, rate_hz, TURN_REACH_S))


def _hold(cutoff: Floats, rate_hz: float) -> Floats:
    """How firmly a frame is held where it is, against the square of changes in speed: the filter's w^4 at its cutoff.

    A path smoothed so answers 1 / (1 + (f / cutoff)^4), which is a Butterworth filter of second order run both ways.
    """
    return np.asarray((2 * np.pi * cutoff / rate_hz) ** 4)


def _unrolled(path: Floats) -> Floats:
    """The steps of a path in world axes, summed: an ordinary curve (n, 3) that bends where the path changes speed."""
    steps = rotation.to_vector(rotation.compose(path[1:], rotation.inverse(path[:-1])))
    return np.concatenate([np.zeros((1, 3)), np.cumsum(steps, axis=0)])


def _nearer(film: Floats, aim: Floats, hold: Floats) -> Floats:
    """One step of Gauss and Newton from the path `film` to the smoothest one that stays by `aim`, as firmly as `hold`.

    Paths (n, 4), world_from_image. Least is the sum of hold * (rotation between film and aim)^2 and of the squared
    changes of the film's angular velocity, both in world axes.
    """
    n = len(film)
    apart = rotation.to_vector(rotation.compose(aim, rotation.inverse(film)))
    bends = np.diff(_unrolled(film), 2, axis=0)
    bands, pull = np.zeros((3, n)), -hold[:, None] * apart
    bands[2] = hold
    for i, left in enumerate(SECOND_DIFFERENCE):
        pull[i : n - 2 + i] += left * bends
        for j, right in enumerate(SECOND_DIFFERENCE[i:]):
            bands[2 - j, i + j : n - 2 + i + j] += left * right
    change = solveh_banded(bands, pull, check_finite=False)
    return rotation.compose(rotation.from_vector(-change), film)


def _leaning(up: Floats, share: Floats, limit: float, crop: Callable[[Floats], Floats]) -> Floats:
    """Rotation vectors (n, 3) in image axes that set each image upright, by a share, as far as the crop allows."""
    tilt = np.nan_to_num(np.arctan2(up[:, 0], -up[:, 1])) * share
    upright = np.nan_to_num(np.hypot(up[:, 0], up[:, 1])) ** 2  # looking straight up or down there is no horizon
    lean = np.stack([np.zeros(len(tilt))] * 2 + [tilt * upright], axis=1)
    most = np.maximum(crop(lean) / (limit * LEVEL_CROP), 1e-9)
    return np.asarray(lean * (np.tanh(most) / most)[:, None])


def _within(crop: Floats, limit: float, rate_hz: float) -> Floats:
    """Share (n,) of a correction that its crop allows; it changes as gently as the crop does."""
    share = np.minimum(1.0, limit / np.maximum(crop, 1e-9))
    return 1 - eased(1 - share, rate_hz, TURN_REACH_S)


def eased(values: Floats, rate_hz: float, ease_s: float = CROP_EASE_S) -> Floats:
    """The gentlest curve (n,) that comes up to `values` (n,) in time: it starts so long before and ends so long after.

    Never below the values. A maximum over `ease_s` either way, averaged by a raised cosine over the same reach.
    """
    reach = max(1, round(ease_s * rate_hz))
    bell = np.hanning(2 * reach + 3)[1:-1]
    highest = maximum_filter1d(values, 2 * reach + 1, mode="nearest")
    smooth = convolve1d(highest, bell / bell.sum(), mode="nearest")
    return np.asarray(np.maximum(smooth, values))
