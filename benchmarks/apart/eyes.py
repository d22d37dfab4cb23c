"""What the adversary sees for itself: figures of every frame and step of a window, beside what the detectors say.

Nothing here comes from headturn, which chooses its seams by measures of its own.
"""

from itertools import pairwise
from typing import Any

import cv2
import numpy as np

WIDTH_PX = 192
"""At which motion is measured; the blur of a turn leaves little finer."""
BORDER_PX = 2
GRID_PX = 4
"""Of the flow, every so manyth vector is used for the motion of the whole view."""
CELLS = (6, 9)
"""Parts of the view, of which the one that fits worst is looked at too: somebody may jump in a corner of it."""
BINS = 48
DARK = 4.0
"""Codes added before logarithms of light."""
LIGHT_STRAY = 0.15
"""Logarithm beyond which a pixel's change is no change of light."""

Frames = Any
Floats = Any


def seen(frames: Frames) -> dict[str, list[float]]:
    """Series (n,) by name of frames (n, h, w, 3) uint8 RGB; those of a step stand at its later frame, the first is 0.

    Of a frame: light, red, blue (mean logarithms), sharp, edges (detail, gradients), noise (codes), contrast.
    Of a step: pan, tilt, roll, zoom (motion of the whole view, in widths and radians), apart (flow that these do not
    explain), torn (disagreement of flow there and back), left, worst (what moving one frame onto the other leaves,
    light matched: all over, and in the worst cell), flash, red_step, blue_step (light of the same things), histogram.
    """
    small = [_small(frame) for frame in frames]
    found = [{**_still(frame), **_tone(part)} for frame, part in zip(frames, small, strict=True)]
    steps = [_step(one, other) for one, other in pairwise(small)]
    series = {name: [frame[name] for frame in found] for name in found[0]}
    return {**series, **{name: [0.0, *(step[name] for step in steps)] for name in steps[0]}}


def _small(frame: Frames) -> Frames:
    height, width = frame.shape[:2]
    scale = min(1.0, WIDTH_PX / width)
    return cv2.resize(frame, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_AREA)


def _still(frame: Frames) -> dict[str, float]:
    """Detail and noise, at full size."""
    grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY).astype(np.float32)
    fine = cv2.filter2D(grey, -1, np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32))  # Immerkaer 1996
    x, y = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    return {
        "sharp": float(np.log(np.abs(cv2.Laplacian(grey, cv2.CV_32F)).mean() + 0.3)),
        "edges": float(np.log(np.percentile(np.hypot(x, y), 90) + 1)),
        "upright": float(np.log((np.abs(x).mean() + 0.3) / (np.abs(y).mean() + 0.3))),
        "noise": float(np.log(_calmest(np.abs(fine)) + 0.3)),
        "contrast": float(np.log(grey.std() + 1)),
    }


def _calmest(values: Floats) -> float:
    """The mean of the lower half: where there is nothing but noise."""
    ordered = np.partition(values.ravel(), values.size // 2)
    return float(ordered[: values.size // 2].mean())


def _tone(small: Frames) -> dict[str, float]:
    r, g, b = np.log(small.reshape(-1, 3).astype(np.float32) + DARK).mean(axis=0)
    return {"light": float(g), "red": float(r - g), "blue": float(b - g)}


def _step(before: Frames, after: Frames) -> dict[str, float]:
    one, other = (cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in (before, after))
    there, back = _flow(one, other), _flow(other, one)
    height, width = one.shape
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    at_x, at_y = x + there[..., 0], y + there[..., 1]
    known = (at_x >= 0) & (at_x <= width - 1) & (at_y >= 0) & (at_y <= height - 1)
    torn = np.hypot(*np.moveaxis(there + _moved(back, at_x, at_y), -1, 0))
    moved = _moved(after, at_x, at_y)
    if known.sum() < 64:
        known = np.ones_like(known)
    ratios = np.log(moved[known].astype(np.float32) + DARK) - np.log(before[known].astype(np.float32) + DARK)
    usual = np.median(ratios, axis=0)
    r, g, b = usual + np.clip(ratios - usual, -LIGHT_STRAY, LIGHT_STRAY).mean(axis=0)
    matched = _moved(other, at_x, at_y).astype(np.float32) * np.exp(-g)
    off = np.where(known, np.abs(matched - one), 0)
    worst = cv2.resize(off, CELLS[::-1], interpolation=cv2.INTER_AREA)
    codes = [np.histogram(frame, BINS, (0, 256))[0] / frame.size for frame in (one, other)]
    contrast = float(one.std()) + 3
    return {
        **_whole(there, known, width),
        "torn": float(np.log(np.mean(torn[known]) / width + 1e-4)),
        "left": float(np.log(off.sum() / known.sum() / contrast + 1e-3)),
        "worst": float(np.log(worst.max() / contrast + 1e-3)),
        "flash": float(g),
        "red_step": float(r - g),
        "blue_step": float(b - g),
        "histogram": float(np.log(np.abs(codes[0] - codes[1]).sum() + 1e-2)),
    }


def _flow(one: Frames, other: Frames) -> Floats:
    dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    return dis.calc(one, other, np.zeros((*one.shape, 2), np.float32))


def _moved(image: Frames, x: Floats, y: Floats) -> Floats:
    return cv2.remap(image, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _whole(flow: Floats, known: Floats, width: int) -> dict[str, float]:
    """The motion of the view as a whole: pan, tilt, roll and zoom that fit most of the flow, and what is left of it."""
    part = (slice(BORDER_PX, -BORDER_PX, GRID_PX), slice(BORDER_PX, -BORDER_PX, GRID_PX))
    y, x = (values[part].ravel() for values in np.mgrid[: flow.shape[0], : flow.shape[1]].astype(np.float64))
    u, v = flow[part].reshape(-1, 2).T
    weight = known[part].ravel().astype(np.float64)
    if weight.sum() < 16:
        weight[:] = 1.0
    x, y = (x - (flow.shape[1] - 1) / 2) / width, (y - (flow.shape[0] - 1) / 2) / width
    u, v = u / width, v / width
    zero, one = np.zeros_like(x), np.ones_like(x)
    rows = np.concatenate([np.stack([one, zero, -y, x], 1), np.stack([zero, one, x, y], 1)])
    wanted = np.concatenate([u, v])
    fit, left = np.zeros(4), np.zeros_like(x)
    for _ in range(4):  # reweighted, so that what moves by itself does not pull
        root = np.sqrt(np.concatenate([weight, weight]))
        fit = np.linalg.lstsq(rows * root[:, None], wanted * root, rcond=None)[0]
        du, dv = (wanted - rows @ fit).reshape(2, -1)
        left = np.hypot(du, dv)
        scale = np.median(left) + 1e-4
        weight = (weight > 0) / (1 + (left / (2 * scale)) ** 2)
    return {
        **{name: float(value) for name, value in zip(("pan", "tilt", "roll", "zoom"), fit, strict=True)},
        "apart": float(np.log(np.median(left) + 1e-4)),
    }
