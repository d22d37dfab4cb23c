"""Scenes for `benchmarks.seams`, shot on the backlot: one script in one place, played twice, or twenty times for yield.

Every scene is another place, lens, light, shutter, encoder; both takes of it are another performance, by a camera as it
is found on another take. Takes are shot once into a folder and found again there.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from math import radians
from pathlib import Path

import numpy as np

from headturn.backlot import scripts
from headturn.backlot.house import Light
from headturn.backlot.performers import Performer, Script, Walk
from headturn.backlot.sensor import AutoExposure, Optics
from headturn.backlot.shoot import Camera, Gyro, shoot
from headturn.backlot.world import World, build
from headturn.camera.lens import Lens, fisheye, rectilinear

SIZE = (384, 216)
SQUARE = (288, 288)
"""Of an image circle, as glasses record it."""
TURNS = 6
ROOMS = ("room 0", "room 1", "corridor")
"""Not the yard: strolling about there the hero walks into the van and sees nothing."""
SCENES_A_PLACE = 2
PLACES = 42
FIRST_SEED = 300
LIGHTS: tuple[Light, ...] = ("day", "day", "day", "smoky", "day", "day", "dark", "day")
RATES = (Fraction(30000, 1001), Fraction(24000, 1001), Fraction(25), Fraction(30000, 1001), Fraction(24))
SHUTTERS_DEG = (180.0, 180.0, 180.0, 90.0, 270.0, 45.0)
YIELD_TAKES = 20
YIELD_SCENES = 3
PASSER_PACE_M_S = 1.2


@lru_cache(maxsize=1)
def _built(seed: int, light: Light) -> World:
    """A world; one at a time is held, they are large and take ten seconds."""
    return build(seed, light=light)


@dataclass(frozen=True)
class Scene:
    """One script in one place. number: from 0; takes: how often it is played."""

    number: int
    takes: int = 2

    @property
    def place(self) -> int:
        """Which world it is shot in: windows of one world are not independent."""
        return self.number // SCENES_A_PLACE

    @property
    def light(self) -> Light:
        """Of the world."""
        return LIGHTS[self.place % len(LIGHTS)]

    @property
    def room(self) -> str:
        """Where in the world."""
        return ROOMS[(self.number + self.place) % len(ROOMS)]

    def world(self) -> World:
        """The place itself."""
        return _built(FIRST_SEED + self.place, self.light)

    def script(self, world: World) -> Script:
        """What happens; in every third scene somebody walks through it."""
        script = scripts.looking_about(world, self.room, TURNS, self.number)
        return (
            replace(script, passers=_passers(world, self.room, script, self.number)) if self.number % 3 == 0 else script
        )

    def paths(self, folder: Path) -> list[Path]:
        """The films of its takes."""
        name = "scene" if self.takes == 2 else "yield"
        return [folder / f"{name}{self.number:03d}-{take + 1}.mp4" for take in range(self.takes)]

    def is_shot(self, folder: Path) -> bool:
        """Whether all its takes are there."""
        return all(path.exists() for path in self.paths(folder))


def scenes() -> list[Scene]:
    """All scenes, in the order in which they are shot."""
    return [Scene(number) for number in range(PLACES * SCENES_A_PLACE)]


def yield_scenes() -> list[Scene]:
    """Scenes that are played twenty times, in places of their own and by day."""
    return [Scene(SCENES_A_PLACE * (PLACES + 1 + 8 * i), YIELD_TAKES) for i in range(YIELD_SCENES)]


def _passers(world: World, room: str, script: Script, seed: int) -> tuple[Walk, ...]:
    """Somebody who walks up and down along the far wall of the room for as long as the shot lasts."""
    rng = np.random.default_rng([seed, 91])
    (x0, y0, _), (x1, y1, _) = world.bounds[room]
    lane = float((y0 + y1) / 2 if room == "corridor" else y0 + 2.6)
    reach = min((x1 - x0) / 2 - 0.7, 2.2)
    ends = ((x0 + x1) / 2 - reach, (x0 + x1) / 2 + reach)
    leg_s = (ends[1] - ends[0]) / PASSER_PACE_M_S
    times = np.arange(-3.0 - leg_s * float(rng.random()), script.duration_s + 3 + leg_s, leg_s)
    return (Walk(tuple(float(t) for t in times), tuple((ends[i % 2], lane) for i in range(len(times)))),)


def camera(scene: Scene, take: int) -> Camera:
    """The scene's camera as it is found on one of its takes."""
    rng = np.random.default_rng([scene.number, 8])
    plain = Camera(
        _lens(scene.number),
        rate=RATES[scene.number % len(RATES)],
        shutter_deg=SHUTTERS_DEG[int(rng.integers(len(SHUTTERS_DEG)))],
        readout_s=float(rng.uniform(0.004, 0.018)),
        exposure=AutoExposure(lag_s=float(rng.choice([0.15, 0.45, 1.0]))),
        optics=Optics(dirt=0.5 if scene.number % 11 == 5 else 0.0),
        subframes=(2, 12),
        crf=float(rng.integers(20, 29)),
    )
    found = plain.as_found(50 * scene.number + take)
    lag_s = float(np.random.default_rng([scene.number, take, 9]).uniform(-0.012, 0.012))
    if scene.number % 10 == 4 and take % 2:
        found = replace(found, rate=RATES[(scene.number + 1) % len(RATES)])  # the other camera runs at another rate
    return replace(found, gyro=Gyro(lag_s=lag_s))


def has_gyro(scene: Scene) -> bool:
    """Whether its takes come with a log; a third of the scenes has to be read from the image alone."""
    return scene.number % 3 != 1


def _lens(number: int) -> Lens:
    if number % 8 == 2:
        across = radians(130) * SQUARE[0] / (SQUARE[0] - 8)
        return fisheye(*SQUARE, horizontal_fov_rad=across, circle_px=SQUARE[0] / 2 - 4)
    if number % 8 == 5:
        return fisheye(*SIZE, horizontal_fov_rad=radians(112))  # and nobody says so
    return rectilinear(*SIZE, horizontal_fov_rad=radians((86.0, 78.0, 94.0)[number % 3]))


def shoot_scene(scene: Scene, folder: Path) -> None:
    """Shoot what is missing of a scene."""
    missing = [take for take, path in enumerate(scene.paths(folder)) if not path.exists()]
    if not missing:
        return
    world = scene.world()
    script = scene.script(world)
    for take in missing:
        performance = Performer().play(script, 1000 * scene.number + take)
        path = scene.paths(folder)[take]
        shoot(world, performance, camera(scene, take), path, sidecar=has_gyro(scene), keep_truth=True)


def shot(folder: Path) -> Iterator[Scene]:
    """The two-take scenes that are there already, in order of their shooting."""
    return (scene for scene in scenes() if scene.is_shot(folder))


def shoot_all(folder: Path, places: int = PLACES) -> None:
    """Shoot all that is missing: the scenes of so many places, with the first yield scene early among them."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [scene for scene in scenes() if scene.place < places]
    first, *more = yield_scenes()
    for scene in (*wanted[:12], first, *wanted[12:], *more):
        shoot_scene(scene, folder)
        print(f"{scene.paths(folder)[0].stem} is shot", flush=True)
