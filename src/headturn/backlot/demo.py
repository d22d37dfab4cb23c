"""The demo's takes: one sequence of four shots, played by one performer, one or two rival takes each."""

from collections.abc import Callable
from fractions import Fraction
from math import radians
from pathlib import Path

from headturn.backlot import scripts
from headturn.backlot.performers import Performer
from headturn.backlot.shoot import Camera, Gyro, shoot
from headturn.backlot.world import build
from headturn.camera.lens import rectilinear
from headturn.errors import CannotWrite

SEED = 7
SCENE = 12
TAKES = (2, 2, 2, 1)
"""Rival takes of each shot: enough to choose from, few enough to be shot in two minutes."""
SIZE = (960, 540)
FIELD_DEG = 86.0
"""An action camera's Linear field of view."""
RATE = Fraction(24000, 1001)

Progress = Callable[[str, float], None]


def demo_takes(folder: Path, on_progress: Progress | None = None) -> tuple[Path, ...]:
    """Shoot the demo's takes into `folder`, with gyro logs and truths; the paths of the films, by slate.

    A take that is there already is not shot again. on_progress: told what is being done and the share that is done.

    Raises:
        CannotWrite: no space or no permission.
    """
    names = [(shot, take) for shot, count in enumerate(TAKES) for take in range(1, count + 1)]
    paths = [folder / f"{SCENE}{'ABCD'[shot]}-{take}.mp4" for shot, take in names]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotWrite(folder, f"cannot be made ({error.strerror})", "choose another folder") from None
    missing = [index for index, path in enumerate(paths) if not path.exists()]
    if not missing:
        return tuple(paths)
    if on_progress:
        on_progress("building the set", 0.0)
    world = build(SEED, light="day")
    script, shots = scripts.tour(world)
    lens = rectilinear(*SIZE, horizontal_fov_rad=radians(FIELD_DEG))
    for done, index in enumerate(missing):
        (shot, take), path = names[index], paths[index]
        seed = 100 * shot + take
        performance = Performer().play(script.window(*shots[shot]), seed)
        camera = Camera(lens, rate=RATE, gyro=Gyro(lag_s=0.004 * (take - 2))).as_found(seed)

        def tell(frame: int, frames: int, path: Path = path, done: int = done) -> None:
            if on_progress:
                on_progress(f"shooting {path.name}", (done + frame / frames) / len(missing))

        shoot(world, performance, camera, path, keep_truth=True, on_frame=tell)
    return tuple(paths)
