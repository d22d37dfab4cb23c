"""What really happened in a take of the backlot, and how far two frames of two takes are apart by it."""

import io
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from headturn.backlot.performers import Performance
from headturn.backlot.world import World, distances
from headturn.camera.lens import Lens
from headturn.errors import CannotRead, CannotWrite
from headturn.head import turns as head_turns
from headturn.head.motion import Motion
from headturn.head.turns import Turn
from headturn.rotation import Floats, apply, compose, inverse

_MOTION_HZ = 400
_GRID = (16, 9)
"""Points across and down on which two frames are compared."""
_LEAST_SEEN = 0.25
"""Share of the points that the other frame must have before its lens; else the frames show different things."""


@dataclass(frozen=True, eq=False)
class Truth:
    """The truth of one take, at mid-exposure of the middle line of each frame.

    times_s (n,): on the clip's clock; performance_times_s (n,): on the performance's
    positions (n, 3): metres, z up; world_from_camera (n, 4); gains (n,): the exposure's, without white balance
    turns: as `head.turns.find` finds them on the exact motion of the camera, on the clip's clock
    readout_s: line y of h is exposed `readout_s * (y / (h - 1) - 1/2)` later than the middle
    """

    times_s: Floats
    performance_times_s: Floats
    positions: Floats
    world_from_camera: Floats
    lens: Lens
    gains: Floats
    turns: tuple[Turn, ...]
    readout_s: float

    def __len__(self) -> int:
        return len(self.times_s)

    def save(self, path: Path) -> None:
        """Write it as .npz, complete or not at all.

        Raises:
            CannotWrite: no space or no permission.
        """
        words = json.dumps(
            {"lens": asdict(self.lens), "turns": [asdict(turn) for turn in self.turns], "readout_s": self.readout_s}
        )
        data = io.BytesIO()
        arrays = {name: getattr(self, name) for name in _ARRAYS}
        np.savez_compressed(data, words=np.array(words), **arrays)
        temporary = path.with_name(f".{path.name}.part")
        try:
            temporary.write_bytes(data.getvalue())
            temporary.replace(path)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise CannotWrite(path, f"the truth cannot be written ({error.strerror})", "make room") from None

    @classmethod
    def load(cls, path: Path) -> "Truth":
        """Read what `save` wrote.

        Raises:
            CannotRead: missing or not a truth.
        """
        try:
            with np.load(path, allow_pickle=False) as file:
                words = json.loads(str(file["words"]))
                arrays = {name: file[name] for name in _ARRAYS}
        except (OSError, ValueError, KeyError) as error:
            raise CannotRead(path, f"is no truth of a backlot take ({error})", "shoot the take again") from None
        optics: dict[str, Any] = words["lens"]
        optics = {name: tuple(value) if isinstance(value, list) else value for name, value in optics.items()}
        lens = Lens(**optics)
        turns = tuple(Turn(**{**turn, "axis": tuple(turn["axis"])}) for turn in words["turns"])
        return cls(**arrays, lens=lens, turns=turns, readout_s=words["readout_s"])


_ARRAYS = ("times_s", "performance_times_s", "positions", "world_from_camera", "gains")


def exact_motion(performance: Performance, mount: Floats, start_s: float, duration_s: float) -> Motion:
    """The exact motion of a camera worn with `mount` (head_from_camera), on the clip's clock."""
    times = np.arange(round(duration_s * _MOTION_HZ) + 1) / _MOTION_HZ
    orientations = compose(performance.pose(start_s + times)[1], mount)
    rates = apply(inverse(mount), performance.angular_velocity(start_s + times))
    return Motion(times, orientations, rates, "truth", True, np.ones(len(times)))


def exact_turns(performance: Performance, mount: Floats, start_s: float, duration_s: float) -> tuple[Turn, ...]:
    """The turns of the exact motion."""
    return head_turns.find(exact_motion(performance, mount, start_s, duration_s))


def visible_points(truth: Truth, frame: int, world: World) -> tuple[Floats, Floats]:
    """World points (n, 3) seen on a grid of a frame, and their pixels (n, 2). The sky counts as 1 km away."""
    lens = truth.lens
    across, down = (
        np.linspace(size * 0.04, size * 0.96, count)
        for size, count in zip((lens.width, lens.height), _GRID, strict=True)
    )
    pixels = np.stack(np.meshgrid(across, down), axis=2).reshape(-1, 2)
    pixels = pixels[lens.shows(pixels)]
    directions = apply(truth.world_from_camera[frame], lens.rays(pixels))
    origin = truth.positions[frame]
    metres = distances(world, np.broadcast_to(origin, directions.shape), directions)
    metres = np.where(np.isinf(metres), 1e3, metres)
    known = np.isfinite(metres)
    return origin + directions[known] * metres[known, None], pixels[known]


def project(truth: Truth, frame: int, points: Floats) -> Floats:
    """Pixels (n, 2) of world points (n, 3) in a frame, NaN behind the lens."""
    return truth.lens.pixels(apply(inverse(truth.world_from_camera[frame]), points - truth.positions[frame]))


def mismatch_px(truth_a: Truth, frame_a: int, truth_b: Truth, frame_b: int, world: World) -> float:
    """How far the world jumps from frame a to frame b: rms displacement in pixels of the points seen in a.

    Infinite where b's lens has fewer than a quarter of them before it.
    """
    points, _ = visible_points(truth_a, frame_a, world)
    return _rms(_shift(truth_a, frame_a, truth_b, frame_b, points))


def splice_mismatch(truth_a: Truth, frame_a: int, truth_b: Truth, frame_b: int, world: World) -> float:
    """`mismatch_px` plus its change over the next frame: rms of how much each point's displacement changes (pixels).

    frame_a and frame_b are the frames that would stand in each other's place; both need a next frame.
    """
    points, _ = visible_points(truth_a, frame_a, world)
    now = _shift(truth_a, frame_a, truth_b, frame_b, points)
    after = _shift(truth_a, frame_a + 1, truth_b, frame_b + 1, points)
    return _rms(now) + _rms(after - now)


def _shift(truth_a: Truth, frame_a: int, truth_b: Truth, frame_b: int, points: Floats) -> Floats:
    return np.asarray(project(truth_b, frame_b, points) - project(truth_a, frame_a, points), np.float64)


def _rms(shift: Floats) -> float:
    seen = np.isfinite(shift).all(axis=1)
    if seen.mean() < _LEAST_SEEN:
        return float("inf")
    return float(np.sqrt(np.mean(np.sum(shift[seen] ** 2, axis=1))))
