"""Takes as they come onto a set, small: pictures of a made place, with a gyro log of a performance of its own."""

from dataclasses import replace
from math import radians
from pathlib import Path

from headturn.backlot.performers import Look, Performance, Performer, Script, Walk
from headturn.backlot.shoot import Camera, write_log
from headturn.camera.lens import rectilinear
from recordings import Shot, record

LOOKS = tuple(Look(0.6 + 1.3 * n, heading, -0.1, 0.5) for n, heading in enumerate((0.9, 0.1, -1.2)))
SCRIPT = Script(4.0, Walk((0.0, 1.5, 4.0), ((0, 0), (0, 0), (3, 0))), 0.0, -0.1, LOOKS)
CAMERA = Camera(rectilinear(160, 90, horizontal_fov_rad=radians(80)))


def performed(seed: int) -> Performance:
    """The script, as it is played once."""
    return Performer().play(SCRIPT, seed)


def take(path: Path, performance: Performance, camera: Camera = CAMERA, **shot) -> Path:
    """A recording with its gyro log beside it; `shot` says what else its file is like."""
    lasts = camera.duration_s or performance.duration_s - camera.start_s
    look = Shot(**({"seconds": lasts, "width": 160, "height": 90, "place": sum(path.name.encode())} | shot))
    record(path, look)
    write_log(performance, camera, path.with_suffix(".gcsv"))
    return path


def tilted(degrees_up: float, seed: int) -> Camera:
    """A camera whose mount was turned."""
    return replace(CAMERA, seed=seed, mount_rad=(radians(degrees_up), 0.0, 0.0))
