"""Lens: from a pixel to the ray that made it, and back.

Pixel centres lie at whole coordinates, as in OpenCV, so that the middle of a w x h image is
((w-1)/2, (h-1)/2). Rays are unit vectors in camera axes: x right, y down, z forward.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from headturn.errors import CannotRead

Floats = NDArray[np.float64]

ASSUMED_FOV_DEG = 80.0
"""Across the width, where nothing is known. Phones see 65 to 75 degrees, an action camera's Linear mode 87,
glasses 80 to 100: 80 keeps the error of the focal length of each within about a fifth."""

ASSUMED_CIRCLE_FOV_DEG = 130.0
"""Across a circular image, where nothing is known. The recording glasses whose circular images are published have a
focal length of 611 pixels in an image of 1408, which is 132 degrees by the equidistant law (a photographer's circular
fisheye shows 180, but nobody wears one)."""

GOPRO_FOV_DEG: dict[str, tuple[Literal["fisheye", "rectilinear"], float, str]] = {
    "W": ("fisheye", 118.2, "Wide"),
    "M": ("fisheye", 94.4, "Medium"),
    "N": ("fisheye", 64.4, "Narrow"),
    "L": ("rectilinear", 86.0, "Linear"),
}
"""Field of view letter (GPMF VFOV): projection, degrees across a 16:9 image, GoPro's name.
Source: GoPro's published field-of-view tables for HERO4 to HERO7; an equidistant lens fits their widths,
heights and diagonals within 3 degrees. SuperView stretches the image unevenly and fits no such model: it is
read as Wide, and said."""

_FOLD_MARGIN = 1e-9
_TABLE = 4096
_HALVINGS = 50
_WIDEST_RADIUS = 60.0
"""Tangent of 89 degrees: a rectilinear model is not asked about more."""
_NEWTON_STEPS = 8
_STRAIGHTEN_STEPS = 40
_STRAIGHTEN_DAMPING = 0.7
"""Share of a Newton step taken in the first half of them, so that strong barrels do not overshoot."""
_RESIDUAL = 1e-9
"""In units of the focal length: where the undistortion did not arrive, there is no ray."""


@dataclass(frozen=True)
class Lens:
    """A camera lens, as a model that can be inverted.

    kind: "rectilinear" (straight lines stay straight) or "fisheye" (radius grows with the angle)
    width, height: of the upright image it speaks of, in pixels
    focal_px: across and down; centre_px: the principal point
    distortion: OpenCV's k1, k2, k3, k4 for a fisheye, where none is the pure equidistant r = f * angle;
        OpenCV's k1, k2, p1, p2, k3 for a rectilinear lens
    circle_px: radius of the image circle about the centre, where the image is a circle in black corners
    assumed: a sentence on what was assumed; empty where the lens is known
    """

    kind: Literal["rectilinear", "fisheye"]
    width: int
    height: int
    focal_px: tuple[float, float]
    centre_px: tuple[float, float]
    distortion: tuple[float, ...] = ()
    circle_px: float | None = None
    assumed: str = ""

    def rays(self, points_px: ArrayLike) -> Floats:
        """Unit vectors (n, 3) in camera axes that made the pixels (n, 2); NaN where the model has no ray."""
        points = np.asarray(points_px, dtype=np.float64).reshape(-1, 2)
        plane = (points - self.centre_px) / self.focal_px
        return self._fisheye_rays(plane) if self.kind == "fisheye" else self._straight_rays(plane)

    def pixels(self, rays: ArrayLike) -> Floats:
        """Pixels (n, 2) that rays (n, 3) of any length fall on; NaN for those the model cannot see.

        A pixel may lie outside the image: `shows` tells.
        """
        directions = np.asarray(rays, dtype=np.float64).reshape(-1, 3)
        plane = self._fisheye_plane(directions) if self.kind == "fisheye" else self._straight_plane(directions)
        return np.asarray(plane * self.focal_px + np.asarray(self.centre_px), dtype=np.float64)

    def shows(self, points_px: ArrayLike) -> NDArray[np.bool_]:
        """Whether there is image at the pixels (n, 2): within the frame, and the image circle if any."""
        points = np.asarray(points_px, dtype=np.float64).reshape(-1, 2)
        within = np.all((points >= -0.5) & (points < (self.width - 0.5, self.height - 0.5)), axis=1)
        if self.circle_px is not None:
            within &= np.hypot(*(points - self.centre_px).T) <= self.circle_px
        return np.asarray(within, dtype=np.bool_)

    def resized(self, width: int, height: int) -> "Lens":
        """The lens of the same image at another size: scaled to cover it and cropped about the middle."""
        scale = max(width / self.width, height / self.height)
        margin = ((self.width * scale - width) / 2, (self.height * scale - height) / 2)
        x, y = ((centre + 0.5) * scale - 0.5 - cut for centre, cut in zip(self.centre_px, margin, strict=True))
        return replace(
            self,
            width=width,
            height=height,
            focal_px=(self.focal_px[0] * scale, self.focal_px[1] * scale),
            centre_px=(x, y),
            circle_px=None if self.circle_px is None else self.circle_px * scale,
        )

    @property
    def focal_mean_px(self) -> float:
        """Mean of the focal lengths across and down: pixels per radian in the middle of the image."""
        return (self.focal_px[0] + self.focal_px[1]) / 2

    @property
    def horizontal_fov_rad(self) -> float:
        """Angle between the left and the right edge of the image (of its circle, where it is one)."""
        x, y = self.centre_px
        left, right = -0.5, self.width - 0.5
        if self.circle_px is not None:
            left, right = max(left, x - self.circle_px), min(right, x + self.circle_px)
        angles = np.arctan2(*self.rays([(left, y), (right, y)])[:, [0, 2]].T)
        return float(np.sum(np.abs(np.where(np.isnan(angles), math.pi, angles))))

    @cached_property
    def _fold(self) -> float:
        """The angle (fisheye) or radius (rectilinear) at which the polynomial turns back: the model's end."""
        limit = math.pi if self.kind == "fisheye" else _WIDEST_RADIUS
        turned = np.flatnonzero(self._slope(np.linspace(0, limit, _TABLE)) <= 0)
        if not len(turned):
            return math.pi if self.kind == "fisheye" else math.inf
        low, high = (limit * index / (_TABLE - 1) for index in (turned[0] - 1, turned[0]))
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if self._slope(np.array([middle]))[0] > 0 else (low, middle)
        return float(low)

    def _slope(self, place: Floats) -> Floats:
        """How fast the distorted angle or radius grows."""
        if self.kind == "fisheye":
            return self._bent(place)[1]
        k1, k2, _, _, k3 = (*self.distortion, *(0.0,) * 5)[:5]
        square = place * place
        return np.asarray(1 + square * (3 * k1 + square * (5 * k2 + square * 7 * k3)), dtype=np.float64)

    def _bent(self, angle: Floats) -> tuple[Floats, Floats]:
        """Radius of an angle on the plane of a fisheye, and how fast it grows."""
        square = angle * angle
        radius, slope = np.ones_like(angle), np.ones_like(angle)
        for index, k in enumerate(self.distortion):
            term = k * square ** (index + 1)
            radius, slope = radius + term, slope + (2 * index + 3) * term
        return radius * angle, slope

    def _fisheye_rays(self, plane: Floats) -> Floats:
        radius = np.hypot(plane[:, 0], plane[:, 1])
        angle = radius
        if self.distortion:
            table = np.linspace(0, self._fold, _TABLE)
            angle = np.interp(radius, self._bent(table)[0], table)
            for _ in range(_NEWTON_STEPS):
                value, slope = self._bent(angle)
                angle = np.clip(angle - (value - radius) / np.maximum(slope, _FOLD_MARGIN), 0, self._fold)
        furthest = self._bent(np.array([self._fold]))[0][0]
        angle = np.where(radius <= furthest, angle, np.nan)
        sideways = np.divide(np.sin(angle), radius, out=np.ones_like(radius), where=radius > 0)
        return np.column_stack([plane * sideways[:, None], np.cos(angle)])

    def _fisheye_plane(self, rays: Floats) -> Floats:
        across = np.hypot(rays[:, 0], rays[:, 1])
        angle = np.arctan2(across, rays[:, 2])
        radius = np.where(angle <= self._fold, self._bent(angle)[0], np.nan)
        radius = np.where((across == 0) & (rays[:, 2] <= 0), np.nan, radius)
        share = np.divide(radius, across, out=np.where(np.isnan(radius), np.nan, 0.0), where=across > 0)
        return rays[:, :2] * share[:, None]

    def _straight_rays(self, plane: Floats) -> Floats:
        ideal = self._straightened(plane) if any(self.distortion) else plane
        rays = np.column_stack([ideal, np.ones(len(ideal))])
        return np.asarray(rays / np.linalg.norm(rays, axis=1)[:, None], dtype=np.float64)

    def _straight_plane(self, rays: Floats) -> Floats:
        ahead = rays[:, 2] > 0
        x, y = (np.divide(rays[:, axis], rays[:, 2], out=np.full(len(rays), np.nan), where=ahead) for axis in (0, 1))
        if any(self.distortion):
            square = x * x + y * y
            x, y = (np.where(square <= self._fold**2, value, np.nan) for value in self._distorted(x, y)[0])
        return np.column_stack([x, y])

    def _distorted(self, x: Floats, y: Floats) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats, Floats]]:
        """OpenCV's radial and tangential distortion, and its Jacobian (dx/dx, dx/dy = dy/dx, dy/dy)."""
        k1, k2, p1, p2, k3 = (*self.distortion, *(0.0,) * 5)[:5]
        square = x * x + y * y
        radial = 1 + square * (k1 + square * (k2 + square * k3))
        growth = 2 * (k1 + square * (2 * k2 + square * 3 * k3))
        bent = (
            x * radial + 2 * p1 * x * y + p2 * (square + 2 * x * x),
            y * radial + p1 * (square + 2 * y * y) + 2 * p2 * x * y,
        )
        slopes = (
            radial + growth * x * x + 2 * p1 * y + 6 * p2 * x,
            growth * x * y + 2 * p1 * x + 2 * p2 * y,
            radial + growth * y * y + 6 * p1 * y + 2 * p2 * x,
        )
        return bent, slopes

    def _straightened(self, plane: Floats) -> Floats:
        """Points (n, 2) without distortion, by damped Newton steps inside the fold; NaN where none is."""
        x, y = plane[:, 0].copy(), plane[:, 1].copy()
        with np.errstate(all="ignore"):
            for step in range(_STRAIGHTEN_STEPS):
                beyond = np.maximum(np.hypot(x, y) / (self._fold * (1 - _FOLD_MARGIN)), 1)
                x, y = x / beyond, y / beyond
                (bent_x, bent_y), (xx, xy, yy) = self._distorted(x, y)
                error_x, error_y = bent_x - plane[:, 0], bent_y - plane[:, 1]
                share = (_STRAIGHTEN_DAMPING if step < _STRAIGHTEN_STEPS / 2 else 1) / (xx * yy - xy * xy)
                x = x - share * (yy * error_x - xy * error_y)
                y = y - share * (xx * error_y - xy * error_x)
            bent = np.column_stack(self._distorted(x, y)[0])
            arrived = np.all(np.abs(bent - plane) < _RESIDUAL, axis=1) & (np.hypot(x, y) <= self._fold)
        return np.where(arrived[:, None], np.column_stack([x, y]), np.nan)


def rectilinear(width: int, height: int, *, horizontal_fov_rad: float, assumed: str = "") -> Lens:
    """A lens without distortion that keeps straight lines straight; `horizontal_fov_rad` is edge to edge."""
    focal = width / 2 / math.tan(horizontal_fov_rad / 2)
    return Lens("rectilinear", width, height, (focal, focal), _middle(width, height), assumed=assumed)


def fisheye(
    width: int, height: int, *, horizontal_fov_rad: float, circle_px: float | None = None, assumed: str = ""
) -> Lens:
    """An equidistant fisheye; `horizontal_fov_rad` is edge to edge of the frame, also beyond a circle."""
    focal = width / horizontal_fov_rad
    return Lens("fisheye", width, height, (focal, focal), _middle(width, height), circle_px=circle_px, assumed=assumed)


def assumed_lens(
    width: int,
    height: int,
    *,
    camera: str = "",
    fov: str = "",
    circle_px: float | None = None,
    fov_diagonal_rad: float | None = None,
) -> Lens:
    """The lens to work with where the file does not describe it; `assumed` says what was taken for granted.

    camera: model as the clip gives it; fov: GoPro's field of view letter (Telemetry.fov)
    fov_diagonal_rad: across the diagonal, where the camera recorded it (Telemetry.fov_diagonal_rad)
    circle_px: radius of a circular image
    """
    if circle_px is not None:
        text = f"{ASSUMED_CIRCLE_FOV_DEG:.0f} degrees across the image circle, equidistant fisheye"
        across = math.radians(ASSUMED_CIRCLE_FOV_DEG) * width / (2 * circle_px)
        return fisheye(width, height, horizontal_fov_rad=across, circle_px=circle_px, assumed=f"Assumed {text}.")
    letter = fov[:1].upper()
    kind, across_deg, name = GOPRO_FOV_DEG.get(letter, GOPRO_FOV_DEG["W"])
    if fov_diagonal_rad and 0 < fov_diagonal_rad < math.pi:
        return _from_diagonal(width, height, kind, fov_diagonal_rad, name if letter in GOPRO_FOV_DEG else fov)
    if letter:
        stretched = "" if letter in GOPRO_FOV_DEG else f", though the camera says '{fov}'"
        text = f"{across_deg:g} degrees across, GoPro's published {name} field of view{stretched}"
        make = fisheye if kind == "fisheye" else rectilinear
        return make(width, height, horizontal_fov_rad=math.radians(across_deg), assumed=f"Assumed {camera}: {text}.")
    text = f"a rectilinear lens, {ASSUMED_FOV_DEG:.0f} degrees across (nothing known of the lens)"
    return rectilinear(width, height, horizontal_fov_rad=math.radians(ASSUMED_FOV_DEG), assumed=f"Assumed {text}.")


def _from_diagonal(
    width: int, height: int, kind: Literal["fisheye", "rectilinear"], diagonal_rad: float, name: str
) -> Lens:
    half = math.hypot(width, height) / 2
    focal = half / (diagonal_rad / 2 if kind == "fisheye" else math.tan(diagonal_rad / 2))
    shape = "equidistant fisheye" if kind == "fisheye" else "rectilinear"
    said = f"{math.degrees(diagonal_rad):.0f} degrees corner to corner, as the camera says ({name or '?'})"
    return Lens(kind, width, height, (focal, focal), _middle(width, height), assumed=f"Assumed {shape} with {said}.")


def _middle(width: int, height: int) -> tuple[float, float]:
    return (width - 1) / 2, (height - 1) / 2


def read_gyroflow_profile(path: Path) -> Lens:
    """The lens of a Gyroflow lens profile (JSON), at its calibrated size; `resized` fits it to a clip.

    Raises:
        CannotRead: no such file, no lens profile, or a distortion model other than OpenCV's two.
    """
    cure = "use a lens profile exported by Gyroflow with the OpenCV fisheye or standard model"
    try:
        profile = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CannotRead(path, f"cannot be opened ({error.strerror})", cure) from None
    except (ValueError, RecursionError):
        raise CannotRead(path, "is no lens profile (not JSON)", cure) from None
    model = profile.get("distortion_model") or "opencv_fisheye" if isinstance(profile, dict) else ""
    if model not in ("opencv_fisheye", "opencv_standard"):
        raise CannotRead(path, f"has the distortion model '{model}', which headturn does not have", cure)
    if profile.get("digital_lens") or profile.get("input_horizontal_stretch", 1) not in (0, 1, None):
        raise CannotRead(path, "describes a stretched image (digital or anamorphic lens)", cure)
    try:
        return _from_profile(profile, "fisheye" if model == "opencv_fisheye" else "rectilinear")
    except (KeyError, TypeError, ValueError, IndexError, OverflowError):
        raise CannotRead(path, "lacks a usable calibration (calib_dimension, fisheye_params)", cure) from None


def _from_profile(profile: dict[str, Any], kind: Literal["fisheye", "rectilinear"]) -> Lens:
    width, height = (int(profile["calib_dimension"][key]) for key in ("w", "h"))
    parameters = profile["fisheye_params"]
    matrix: Sequence[Sequence[float]] = parameters["camera_matrix"]
    focal = (float(matrix[0][0]), float(matrix[1][1]))
    centre = (float(matrix[0][2]), float(matrix[1][2]))
    bends = tuple(float(k) for k in parameters.get("distortion_coeffs") or ())
    if kind == "rectilinear" and len(bends) > 5 and any(bends[5:]):
        raise ValueError("a rational model has more terms than ours")
    numbers = (*focal, *centre, *bends)
    if min(width, height, *focal) <= 0 or not all(math.isfinite(n) for n in numbers):
        raise ValueError("a calibration needs finite, positive sizes")
    return Lens(kind, width, height, focal, centre, bends[: 4 if kind == "fisheye" else 5])
