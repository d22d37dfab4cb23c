"""People's ratings beside the project: clips rated in a headset (VDVR) and viewers of one ride (RoF)."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.ledger import PROJECT
from headturn import rotation
from headturn.review.provocation import Bools
from headturn.review.shown import Shown
from headturn.review.viewing import HEADSET
from headturn.rotation import Floats

FOLDER = PROJECT.parent / "shared" / "comfort"
CLIP_FPS = 30
LENS = HEADSET.distance_m / HEADSET.width_m
"""Focal widths that a headset shows unmagnified."""


@dataclass(frozen=True, eq=False)
class Clip:
    """A rated clip, high ratings for comfortable ones.

    velocity (n, 3): of the camera over the scene's mean depth, 1/s, in the scene's axes
    rating: the mean over viewers; ratings (viewers,): each viewer's, NaN where one did not rate it
    """

    name: str
    scene: str
    shown: Shown
    velocity: Floats
    rating: float
    ratings: Floats


def clips(folder: Path) -> list[Clip]:
    """The clips of a folder with `clips.csv` and `poses/`."""
    with (folder / "clips.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    viewers = [name for name in rows[0] if name.startswith("viewer_")]
    return [_clip(folder, row, viewers) for row in rows]


def _clip(folder: Path, row: dict[str, str], viewers: list[str]) -> Clip:
    poses = np.genfromtxt(folder / "poses" / f"{int(row['clip']):03d}.csv", delimiter=",", skip_header=1)
    times_s = np.arange(len(poses)) / CLIP_FPS
    world_from_camera = orientations(poses[:, 3:])
    velocity = np.gradient(poses[:, :3], 1 / CLIP_FPS, axis=0) / float(row["mean_depth"])
    shown = Shown(
        times_s,
        rotation.angular_velocity(times_s, world_from_camera),
        rotation.apply(rotation.inverse(world_from_camera), np.tile([0.0, 0.0, 1.0], (len(poses), 1))),
        np.linalg.norm(velocity, axis=1),
        np.full(len(poses), LENS),
    )
    ratings = np.array([float(row[name] or "nan") for name in viewers])
    return Clip(row["clip"], row["scene"], shown, velocity, float(row["mos_z"]), ratings)


def orientations(euler_deg: Floats) -> Floats:
    """`world_from_camera` (n, 4) in headturn's axes, from Blender's XYZ angles (n, 3).

    Those turn about the fixed x, then y, then z axis a camera that looks along its negative z with y up.
    """
    about = [rotation.from_vector(np.radians(euler_deg[:, [axis]]) * np.eye(3)[axis]) for axis in range(3)]
    flip = rotation.from_vector(np.array([np.pi, 0.0, 0.0]))
    return rotation.compose(about[2], about[1], about[0], flip)


@dataclass(frozen=True, eq=False)
class Ridden:
    """One ride and its viewers: what it shows, and FMS (viewers, seconds) at the end of each second of it."""

    shown: Shown
    fms: Floats


RIDE_S = 210
"""Of the ride that all viewers have rated (the data set's own advice: the first 420 rows)."""


def ride(folder: Path) -> Ridden:
    """The shared ride, its motion the median over sessions; sessions of one viewer are averaged.

    Translation is unknown: acceleration was logged, the distance of what is seen was not. So is the level.
    """
    with (folder / "sessions.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    times_s = np.arange(0, RIDE_S + 0.5, 0.5)
    ends_s = np.arange(1.0, RIDE_S + 1)
    rates, viewers = [], dict[tuple[str, ...], list[Floats]]()
    for row in rows:
        log = np.genfromtxt(folder / "sessions" / f"{int(row['session']):03d}.csv", delimiter=",", skip_header=1)
        rates.append([np.interp(times_s, log[:, 0], np.radians(log[:, column])) for column in (5, 6, 7)])
        viewer = tuple(row[name] for name in ("person", "sex", "age", "mssq_raw"))
        viewers.setdefault(viewer, []).append(np.interp(ends_s, log[:, 0], log[:, 1]))
    nothing = np.full(len(times_s), np.nan)
    motion = np.median(np.array(rates), axis=0).T
    shown = Shown(times_s, motion, np.full((len(times_s), 3), np.nan), nothing, np.full(len(times_s), LENS))
    return Ridden(shown, np.array([np.mean(sessions, axis=0) for sessions in viewers.values()]))


def held_out(groups: list[str]) -> Iterator[tuple[Bools, str]]:
    """Which items (n,) are outside each group, and the group."""
    for group in sorted(set(groups)):
        yield np.array([each != group for each in groups]), group
