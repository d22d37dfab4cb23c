"""The footage of a simulated shoot: the script's takes, shot on the backlot, as they lie on a camera's cards.

One place with three rooms, one for each block. In each the hero strolls and looks about for as long as the block's
shots last; a shot is a stretch of it that shares a turn with the one before and one with the one after. Takes are shot
once into a folder and found again there.
"""

import hashlib
import os
import shutil
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from math import radians
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks import codes
from benchmarks.codes import TABLET_M, Held
from benchmarks.shoot_script import CODE_S, PERFORMER, TITLE, Kind, Recording, Shoot, Take
from headturn.backlot import scripts, sound
from headturn.backlot.performers import Look, Performance, Performer, Script, Walk
from headturn.backlot.sensor import AutoExposure, Optics, WhiteBalance
from headturn.backlot.shoot import Camera, frame_count, pictures_of, write_log
from headturn.backlot.world import World, build
from headturn.camera import media
from headturn.camera.code import Said
from headturn.camera.lens import Lens, rectilinear
from headturn.camera.take import Slate

SIZE = (320, 180)
FIELD_DEG = 86.0
ROOMS = ("room 0", "room 1", "corridor")
WORLD = 7
TURNS = 3
"""From the turn that a shot shares with the one before to the one that it shares with the one after."""
LEAD_S = 0.8
"""What a shot has before the turn that it shares with the one before."""
CODE_M, CODE_AWAY_S = 0.22, 0.25
"""How far from the lens a tablet shows the code, and how long it takes to put it down."""
B_MOUNT_RAD, B_MOUNT_M = (0.0, radians(14), 0.0), (0.06, 0.0, 0.0)
"""Of the second camera: beside the first and turned to the right."""
MOVIE_EPOCH = datetime(1904, 1, 1, tzinfo=UTC)

Shooting = Callable[[Recording, Path], None]
"""Shoots a recording to a path (.mp4), with its gyro log beside it (.gcsv)."""


@dataclass(frozen=True)
class Backlot:
    """Where the script is shot. size: of the image; the code of a slate has to be read in it"""

    shoot: Shoot
    size: tuple[int, int] = SIZE

    @cached_property
    def world(self) -> World:
        """The place, built when the first take is shot."""
        return build(WORLD)

    @cached_property
    def actions(self) -> tuple[Script, ...]:
        """What happens in each room, all of a block's shots long."""
        blocks = [sum(1 for place in {take.place for take in self.shoot.takes if take.block == block})
                  for block in range(len(ROOMS))]  # fmt: skip
        return tuple(
            scripts.looking_about(self.world, room, TURNS * (max(blocks) + 2), 10 * self.shoot.seed + n)
            for n, room in enumerate(ROOMS)
        )

    def __call__(self, recording: Recording, path: Path) -> None:
        """Shoot a recording."""
        take = recording.take
        performance = self.played(take)
        camera = _camera(recording, rectilinear(*self.size, horizontal_fov_rad=radians(FIELD_DEG)))
        assert frame_count(performance, camera) == recording.frames
        part = path.with_name(f".{path.stem}.picture.mp4")
        slate = _Slate(recording, camera.lens)
        with media.PictureWriter(part, *self.size, camera.rate, crf=camera.crf, preset=camera.preset) as writer:
            for number, picture in enumerate(self.seen(performance, camera)):
                writer.write(slate.before(picture, number))
        write_log(performance, camera, path.with_suffix(".gcsv"))
        media.join_parts([part], path, self.heard(performance, camera))
        part.unlink()

    def seen(self, performance: Performance, camera: Camera) -> Iterator[NDArray[np.uint8]]:
        """The pictures (h, w, 3) of a performance."""
        return (picture for picture, _ in pictures_of(self.world, performance, camera))

    def heard(self, performance: Performance, camera: Camera) -> Iterator[NDArray[np.float32]] | None:
        """Its sound."""
        lasts_s = float(frame_count(performance, camera) / camera.rate)
        return sound.ambience(self.world, performance, camera.start_s, lasts_s, camera.seed)

    def played(self, take: Take) -> Performance:
        """What the hero does in a take; both cameras see it."""
        elsewhere = take.kind == "match" and take.variant % 2
        action = self.actions[(take.block + bool(elsewhere)) % len(ROOMS)]
        first = min(each.place for each in self.shoot.takes if each.block == take.block)
        start = action.looks[TURNS * (take.place - first) + 1].at_s - LEAD_S
        script = standing(action, start, start + take.seconds)
        if take.kind == "match" and not elsewhere:
            script = mirrored(script)
        if take.kind == "performance":
            script = listless(script)
        return _PERFORMERS.get(take.kind, Performer()).play(waiting(script, take), _seed(take))


_PERFORMERS: dict[Kind, Performer] = {"comfort": Performer(bob_m=0.07, sway_m=0.05, jitter_rad=radians(1.6))}


def standing(action: Script, start_s: float, stop_s: float) -> Script:
    """A stretch of what happens, as if it began from rest."""
    script = action.window(start_s, stop_s)
    done = [look for look in script.looks if look.at_s < 0]
    heading, pitch = (done[-1].heading_rad, done[-1].pitch_rad) if done else (script.heading_rad, script.pitch_rad)
    times = np.array(script.walk.times_s)
    points = np.array(script.walk.points_m)
    here = [float(np.interp(0.0, times, points[:, axis])) for axis in (0, 1)]
    later = times > 0
    walk = Walk((0.0, *map(float, times[later])), ((here[0], here[1]), *map(tuple, points[later].tolist())))
    looks = tuple(look for look in script.looks if look.at_s >= 0)
    return replace(script, walk=walk, looks=looks, heading_rad=heading, pitch_rad=pitch)


def mirrored(script: Script) -> Script:
    """Every turn goes the other way."""
    looks = (replace(look, heading_rad=2 * script.heading_rad - look.heading_rad) for look in script.looks)
    return replace(script, looks=tuple(looks))


def listless(script: Script) -> Script:
    """Turns are half as wide and take twice as long."""
    looks = [Look(each.at_s, each.heading_rad, each.pitch_rad, 2 * each.duration_s) for each in script.looks]
    narrow = (replace(each, heading_rad=(each.heading_rad + script.heading_rad) / 2) for each in looks)
    return replace(script, looks=tuple(narrow))


def waiting(script: Script, take: Take) -> Script:
    """The same, with the hero waiting at its head for the code to be filmed, where it is filmed there."""
    wait_s = CODE_S if take.code == "head" else 0.0
    looks = tuple(replace(look, at_s=look.at_s + wait_s) for look in script.looks)
    return replace(script, duration_s=take.seconds, walk=script.walk.shifted(wait_s), looks=looks)


def _seed(take: Take) -> int:
    return 100 * take.place + take.number


def _camera(recording: Recording, lens: Lens) -> Camera:
    """The camera as it is found on a take, with what is wrong with the take."""
    take, seed = recording.take, 2 * _seed(recording.take) + (recording.camera == "B")
    camera = Camera(
        lens,
        rate=recording.rate,
        start_s=recording.late_s,
        subframes=(2, 8),
        mount_rad=B_MOUNT_RAD if recording.camera == "B" else (0.0, 0.0, 0.0),
        mount_m=B_MOUNT_M if recording.camera == "B" else (0.0, 0.0, 0.0),
    ).as_found(seed)
    if take.kind == "look":
        stops = 1.8 if take.variant % 2 else -1.8
        return replace(camera, exposure=AutoExposure(bias_stops=stops), balance=WhiteBalance(0.3, -0.2))
    if take.kind == "technical" and not take.variant % 2:
        return replace(camera, optics=Optics(dirt=0.9))
    return camera


class _Slate:
    """The code as the camera sees it."""

    def __init__(self, recording: Recording, lens: Lens) -> None:
        take = recording.take
        self.recording, self.lens = recording, lens
        said = Said(TITLE, Slate(take.shot, take.number), PERFORMER, recording.camera)
        self.shown = codes.screen(said) if take.code else None
        rng = np.random.default_rng([_seed(take), 7])
        self.held = Held(CODE_M, TABLET_M).varied(rng)
        self.gaze = codes.shaken(radians(8), int(CODE_S * recording.rate) + 2, rng)

    def before(self, picture: NDArray[np.uint8], number: int) -> NDArray[np.uint8]:
        """A picture with the code in front of what is seen, where it is held there then."""
        time_s = number / float(self.recording.rate)
        until_s = CODE_S - self.recording.late_s
        if self.recording.take.code == "tail":
            time_s, until_s = float(self.recording.duration) - time_s, CODE_S
        if self.shown is None or time_s >= until_s:
            return picture
        down = max(0.0, 1 - (until_s - time_s) / CODE_AWAY_S)
        held = replace(self.held, off_rad=(self.held.off_rad[0], self.held.off_rad[1] - radians(60) * down))
        at = number % (len(self.gaze) // codes.MOMENTS)
        seen = picture.astype(np.float32)
        codes.hold(seen, self.lens, self.shown, held, self.gaze[at * codes.MOMENTS : (at + 1) * codes.MOMENTS])
        return np.clip(seen, 0, 255).astype(np.uint8)


# Cards ----------------------------------------------------------------------------------------------------------


def kept(recording: Recording, folder: Path, shooting: Shooting) -> Path:
    """A recording, shot where it is not there yet. What it is called tells all that it was shot from."""
    said = repr((replace(recording, roll="", number=0), SIZE, WORLD, TITLE))
    path = folder / f"{recording.name}-{hashlib.sha256(said.encode()).hexdigest()[:10]}.mp4"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        shot = path.with_name(f"shot-{path.name}")
        shooting(recording, shot)
        dated(shot, recording.begins)
        shot.with_suffix(".gcsv").replace(path.with_suffix(".gcsv"))
        shot.replace(path)
    return path


def card(recordings: Sequence[Recording], root: Path, footage: Path, shooting: Shooting) -> Path:
    """The card of a roll as it comes out of the camera."""
    media_folder = root / "DCIM" / "100GOPRO"
    media_folder.mkdir(parents=True, exist_ok=True)
    for each in recordings:
        path = kept(each, footage, shooting)
        for suffix in (".MP4", ".gcsv"):
            there = (media_folder / each.file).with_suffix(suffix)
            shutil.copyfile(path.with_suffix(suffix.lower()), there)
            os.utime(there, (each.begins.timestamp(), each.begins.timestamp()))
    return root


def dated(path: Path, begins: datetime) -> None:
    """Set the clock of an MP4 file's header, as a camera does: local time in the field for UTC."""
    data = bytearray(path.read_bytes())
    at = data.index(b"mvhd") + 4
    assert data[at] == 0, "a header of version 0"
    seconds = int((begins.replace(tzinfo=UTC) - MOVIE_EPOCH).total_seconds())
    data[at + 4 : at + 12] = struct.pack(">II", seconds, seconds)
    path.write_bytes(data)
