"""Borders that turning an image bares, and the enlargement that hides them.

A frame's border is its edge; where the lens draws a circle, it is that circle's rim.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from headturn import rotation
from headturn.camera.lens import Lens
from headturn.rotation import Floats

READ_ROUNDS = 3
"""Of finding the line on which a point was read: off by a thousandth of the sweep after three."""
HIGHEST_ZOOM, ZOOM_HALVINGS = 1.6, 11
"""How far a zoom is searched, and how often that is halved: to three ten-thousandths, half a pixel in 1080p."""
STILL_RAD = 1e-6
CIRCLE_RIM = 0.03
"""Outermost share of an image circle's radius: dark and soft, it would show as an arc where a turn carries it inward
(seen on `house`). It stays where it is and fills nothing."""
BORDER_POINTS = 24
"""Points on each side of the image at which the border is checked; between two of them up to 0.6 of a pixel may be
bare, less than the scaling blends."""


def places_read(lens: Lens, rays: Floats, swept: Floats) -> Floats:
    """Where (n, 2) rays (n, 3) lie in an image that was read line by line as the camera turned.

    swept (3,) or (n, 3): rotation vector by which it turned from the first line to the last, in image axes; the rays
        are in the camera's axes at the middle line. NaN where the lens does not see.
    """
    places = lens.pixels(rays)
    for _ in range(READ_ROUNDS if np.any(swept) else 0):
        late = np.clip(places[:, 1:] / (lens.height - 1) - 0.5, -1, 1)
        places = lens.pixels(rotation.apply(rotation.from_vector(-late * swept), rays))
    return places


def cover_zooms(shown: Sequence[tuple[Lens, Floats, NDArray[np.bool_]]], swept: Sequence[Floats] = ()) -> Floats:
    """The least enlargement (n,) at which no border shows of turned images, each filling what the others bare.

    shown: for each image its lens, how it is turned (quaternions (n, 4)), and whether it is seen (n,)
    swept: for each image what is taken out of it (n, 3), see `Layer`; nothing is if left out
    """
    swept = swept or [np.zeros((len(turns), 3)) for _, turns, _ in shown]
    count = len(shown[0][1])

    def covered(zoom: Floats) -> NDArray[np.bool_]:
        filled = [
            _covers(lens, turns, zoom, rolled) & seen[:, None]
            for (lens, turns, seen), rolled in zip(shown, swept, strict=True)
        ]
        return np.asarray(np.any(filled, axis=0).all(axis=1))

    low, high = np.ones(count), np.full(count, HIGHEST_ZOOM)
    still = np.any(
        [
            seen & (rotation.angle(turns) < STILL_RAD) & ~rolled.any(axis=1)
            for (_, turns, seen), rolled in zip(shown, swept, strict=True)
        ],
        axis=0,
    )
    enough = still | covered(low)
    for _ in range(ZOOM_HALVINGS):
        zoom = (low + high) / 2
        hidden = covered(zoom)
        low, high = np.where(hidden, low, zoom), np.where(hidden, zoom, high)
    return np.where(enough, 1.0, high)


def _covers(lens: Lens, film_from_image: Floats, zoom: Floats, swept: Floats) -> NDArray[np.bool_]:
    """For turns (n, 4) and zooms (n,), whether the image has something to show at each point of its border (n, m)."""
    centre = np.array(lens.centre_px)
    points = (_border(lens) - centre) / zoom[:, None, None] + centre
    turns = np.repeat(rotation.inverse(film_from_image), points.shape[1], axis=0)
    rays = rotation.apply(turns, lens.rays(points))
    read = places_read(lens, rays, np.repeat(swept, points.shape[1], axis=0) if swept.any() else swept)
    return _inside(lens, read).reshape(points.shape[:2])


def _border(lens: Lens) -> Floats:
    """Points (n, 2) on the edge of what the lens shows: the frame, or the circle within it."""
    along = np.linspace(0, 1, BORDER_POINTS)
    right, low = lens.width - 1.0, lens.height - 1.0
    sides = [(along * right, along * 0), (along * right, along * 0 + low)]
    sides += [(along * 0, along * low), (along * 0 + right, along * low)]
    points = np.concatenate([np.stack(side, axis=1) for side in sides])
    if lens.circle_px is None:
        return points
    from_centre = points - lens.centre_px
    shrink = np.minimum(1.0, lens.circle_px * (1 - CIRCLE_RIM) / np.linalg.norm(from_centre, axis=1))
    return np.asarray(lens.centre_px + from_centre * shrink[:, None])


def _inside(lens: Lens, points: Floats) -> NDArray[np.bool_]:
    slack = 0.5
    # Rays that the lens cannot see are NaN, and no comparison holds for NaN.
    framed = ((points >= -slack) & (points <= np.array([lens.width, lens.height]) - 1 + slack)).all(axis=1)
    if lens.circle_px is None:
        return np.asarray(framed)
    from_centre = np.linalg.norm(points - lens.centre_px, axis=1)
    return np.asarray(framed & (from_centre <= lens.circle_px * (1 - CIRCLE_RIM) + slack))
