"""Movers: what moves by itself between two aligned images, a person, a ball, a hand, and is seen twice or jumps.

Detectors of cuts do not see it, and means over the image lose it; people look at nothing else.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from headturn.camera.lens import Lens

CONTRAST = 0.4
"""Standard deviations of an image's codes by which a pixel differs that no flow explains. Of 50 splices of `lap`,
`house`, `shop` and `fridge`, looked at by eye, the largest such patch ranks those in which something is seen to jump
(16) above the others with 0.92 (at 0.25 of a deviation 0.88, at 0.15 0.89; in codes instead of deviations 0.85), the
cost without it with 0.72. Chosen on these very splices: others will be told less well."""
SLACK_PX = 1
"""How far flow may be off; at 2 pixels small things are lost in it (0.91)."""
EDGE_PX = 6
"""Along the edge flow has nothing to follow."""
SOFT_PX = 1.2
"""Blur that takes off noise and the grain of compression."""
LEAST_SPREAD_CODES = 6.0
"""Of an even wall or darkness: its noise is no movement."""


@dataclass(frozen=True)
class Mover:
    """What moved by itself: the largest patch of two aligned images that no flow from one to the other explains.

    Independently moving objects, as the field calls them: a person, a ball, hands; also what comes out from behind
    something near, which is much less.

    size: share of the picture, weighed by the difference in standard deviations of its codes; 0.025 is a ball that is
        seen in two places, 0.25 a second head; from one frame of a take to the next it is below 0.004
    right_rad, down_rad: where its middle lies from the middle of A's image
    across_rad: how large it is, as the side of a square
    """

    size: float = 0.0
    right_rad: float = 0.0
    down_rad: float = 0.0
    across_rad: float = 0.0


STILL = Mover()


def largest(
    a: NDArray[np.uint8],
    b: NDArray[np.uint8],
    b_from_a: NDArray[np.float32],
    a_from_b: NDArray[np.float32],
    seen: NDArray[np.bool_],
    lens: Lens,
) -> Mover:
    """The largest patch in which flow, from A to B and back, leaves one image unlike the other.

    a, b: display grey (h, w), aligned, of one exposure; b_from_a, a_from_b: flow (h, w, 2) in pixels from A to B and
    from B to A; seen: (h, w), where both have a picture; lens: for these pixels. What B lacks of A and what A lacks of
    B count by halves.
    """
    side = 2 * EDGE_PX + 1
    inner = cv2.erode(seen.astype(np.uint8), np.ones((side, side), np.uint8), borderValue=0)
    if not inner.any():
        return STILL
    soft_a, soft_b = _soft(a), _soft(b)
    spread = max(LEAST_SPREAD_CODES, float(min(soft_a[seen].std(), soft_b[seen].std())))
    unlike = (_unexplained(soft_a, soft_b, b_from_a) + _unexplained(soft_b, soft_a, a_from_b)) / (2 * spread)
    apart = ((unlike > CONTRAST) & (inner > 0)).astype(np.uint8)
    patches = cv2.dilate(cv2.morphologyEx(apart, cv2.MORPH_OPEN, np.ones((3, 3))), np.ones((5, 5)))
    count, labels = cv2.connectedComponents(patches)
    if count < 2:
        return STILL
    sizes = np.bincount(labels.ravel(), weights=unlike.ravel(), minlength=count)
    patch = labels == 1 + int(sizes[1:].argmax())
    return _told(patch, float(unlike[patch].sum() / inner.sum()), lens)


def _told(patch: NDArray[np.bool_], size: float, lens: Lens) -> Mover:
    y, x = np.nonzero(patch)
    # The pixel nearest the middle of the patch: a middle that the lens cannot see has no bearing, a pixel of it has.
    nearest = int(np.hypot(x - x.mean(), y - y.mean()).argmin())
    right, down, ahead = lens.rays(np.array([[x[nearest], y[nearest]]], dtype=np.float64))[0]
    return Mover(
        size=size,
        right_rad=float(np.arctan2(right, ahead)),
        down_rad=float(np.arctan2(down, np.hypot(right, ahead))),
        across_rad=float(np.sqrt(patch.sum()) / lens.focal_mean_px),
    )


def _soft(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(image.astype(np.float32), (0, 0), SOFT_PX), dtype=np.float32)


def _unexplained(
    here: NDArray[np.float32], there: NDArray[np.float32], flow: NDArray[np.float32]
) -> NDArray[np.float32]:
    """By how many codes each pixel lies outside what is there, where the flow leads and SLACK_PX around."""
    height, width = here.shape
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    moved = cv2.remap(there, x + flow[..., 0], y + flow[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    around = np.ones((2 * SLACK_PX + 1, 2 * SLACK_PX + 1), np.uint8)
    return np.maximum(np.maximum(here - cv2.dilate(moved, around), cv2.erode(moved, around) - here), 0)
