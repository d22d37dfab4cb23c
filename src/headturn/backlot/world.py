"""The generated world: a set built from a seed, with its light baked, ready to be looked at.

world = build(7, light="day")
picture = render(world, (exposure,), lens)      # linear light, scene-referred
metres = depth(world, position, world_from_camera, lens, points_px)
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from headturn.backlot import bake, house, raycast
from headturn.backlot import render as kernels
from headturn.backlot.house import Light
from headturn.backlot.plan import CEILING, FLOOR, Finish, Plan, Room, Solid
from headturn.backlot.raycast import Scene
from headturn.camera.lens import Lens
from headturn.rotation import Floats, apply, to_matrix

Picture = NDArray[np.float32]

THREADS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

_KINDS = {"box": raycast.BOX, "ball": raycast.BALL, "rod": raycast.ROD, "drum": raycast.DRUM, "leaves": raycast.LEAVES}
_SAMPLE_M = 0.13
"""Spacing of light samples indoors: contact shadows under furniture need about a hand's breadth."""
_CEILING_SAMPLE_M = 0.22
_FLOOR_SAMPLE_M = 0.10
_SUNNY_SAMPLE_M = 0.07
"""On the corridor's floor, where the sun draws the windows."""
_YARD_SAMPLE_M = 0.25
_LARGE_M = 0.24
_BOUNCES = (32, 32)
"""Rays a sample for light thrown back once, and twice."""
_MOST_SAMPLES = 160
_PROBE_M = 1.3
_OFF_SURFACE_M = 0.012
_SMOKE_PER_M = 0.20
_SPLIT_FROM = 6
"""So many sub-frames make a blur in which neighbours may share them, half each."""
_CROSS = np.array([[0, 1, 0], [1, 4, 1], [0, 1, 0]], np.float32) / 8
_SUN = {"day": (8.2, 7.6, 6.6), "dark": (0.0, 0.0, 0.0), "smoky": (4.2, 3.6, 2.9)}
_SKY_GAIN = {"day": 3.4, "dark": 0.016, "smoky": 2.2}


@dataclass(frozen=True, eq=False)
class World:
    """A place. spots: named points of the floor (x, y) in metres; bounds: rooms by name, (low, high) corners.

    scene: the arrays that the kernels read; smoke: extinction a metre; jacket: texture of the passer-by.
    """

    seed: int
    light: Light
    scene: Scene
    spots: dict[str, tuple[float, float]]
    bounds: dict[str, tuple[tuple[float, float, float], tuple[float, float, float]]]
    smoke: float
    jacket: int


class Limbs(NamedTuple):
    """The passer-by in each sub-frame: rods (n, k, 11) start, run, radius, texture, colour; bounds (n, 4)."""

    rods: Floats
    bounds: Floats


NOBODY = Limbs(np.zeros((1, 0, 11)), np.zeros((1, 4)))


@dataclass(frozen=True, eq=False)
class Exposure:
    """Where the camera is in each sub-frame and on each line: positions (n, h, 3), turns (n, h, 3, 3).

    n sub-frames, h lines (1 where all lines are exposed at once); `limbs` the passer-by.
    """

    positions: Floats
    turns: Floats
    limbs: Limbs = field(default=NOBODY)


def still(position: Floats, world_from_camera: Floats, subframes: int = 4) -> Exposure:
    """A camera at rest: sub-frames only smooth the edges."""
    return Exposure(
        np.tile(np.asarray(position, np.float64), (subframes, 1, 1)),
        np.tile(to_matrix(np.asarray(world_from_camera, np.float64)), (subframes, 1, 1, 1)),
        Limbs(np.zeros((subframes, 0, 11)), np.zeros((subframes, 4))),
    )


def build(seed: int, *, light: Light = "day") -> World:
    """The place that a seed stands for. The same seed gives the same place, to the bit, on one machine."""
    plan, paints = house.build(seed, light)
    scene = _light(_arrange(plan, paints, light), plan)
    bounds = {room.name: (room.low, room.high) for room in plan.rooms if room.name}
    smoke = _SMOKE_PER_M if light == "smoky" else 0.0
    return World(seed, light, scene, dict(plan.spots), bounds, smoke, paints["jacket"].texture)


class Darkroom:
    """Renders pictures of one world through one lens; keeps the pixel rays and the threads between frames."""

    def __init__(self, world: World, lens: Lens, jitters: int = 4) -> None:
        self.world, self.lens = world, lens
        self.rays = _pixel_rays(lens, jitters)
        self.pixel_rad = 1.0 / lens.focal_mean_px
        self.threads = ThreadPoolExecutor(THREADS)
        self.picture = np.zeros((lens.height, lens.width, 3), np.float32)

    def shoot(self, exposure: Exposure) -> Picture:
        """The linear picture (h, w, 3) of one exposure; the array is used again for the next."""
        height = self.lens.height
        count = len(exposure.positions)
        eye = np.ascontiguousarray(np.broadcast_to(exposure.positions, (count, height, 3)))
        turn = np.ascontiguousarray(np.broadcast_to(exposure.turns, (count, height, 3, 3)))
        rooms = rooms_of(self.world, eye.reshape(-1, 3)).reshape(count, height)
        step = max(raycast.TILE_H, -(-height // (THREADS * 8) // raycast.TILE_H) * raycast.TILE_H)
        split = 2 if count >= _SPLIT_FROM and count % 2 == 0 else 1
        shot = kernels.Shot(
            self.rays, turn, eye, rooms, *exposure.limbs, pixel_rad=self.pixel_rad, smoke=self.world.smoke
        )
        solids, spaces = len(self.world.scene.solid_all), len(self.world.scene.room_box) + 1

        def band(top: int) -> None:
            two = [(np.empty(solids, np.uint32), np.empty(spaces, np.int32)) for _ in range(2)]
            lists = kernels.Lists(*two[0], *two[1])
            kernels.render_band(self.world.scene, shot, lists, split, top, min(top + step, height), self.picture)

        list(self.threads.map(band, range(0, height, step)))
        if split == 2:
            cv2.filter2D(self.picture, -1, _CROSS, dst=self.picture)
        return self.picture


def render(world: World, exposure: Exposure, lens: Lens) -> Picture:
    """One linear picture (h, w, 3) float32; 1 is about a white wall in a bright room. Black beyond the lens."""
    return Darkroom(world, lens).shoot(exposure).copy()


def depth(world: World, positions: Floats, world_from_camera: Floats, lens: Lens, points_px: Floats) -> Floats:
    """Metres (n,) along the ray from each position (3,) or (n, 3), orientation (4,) or (n, 4), through pixels (n, 2).

    Infinite for the sky, NaN where the lens has no ray. The passer-by is not part of it.
    """
    directions = apply(world_from_camera, lens.rays(points_px))
    return distances(world, np.broadcast_to(positions, directions.shape), directions)


def distances(world: World, origins: Floats, directions: Floats) -> Floats:
    """Metres (n,) to what each ray (n, 3) from (n, 3) meets; infinite for the sky."""
    out = np.empty(len(origins))
    rooms = rooms_of(world, origins)
    kernels.distances(world.scene, np.ascontiguousarray(origins), np.ascontiguousarray(directions), rooms, out)
    return out


def rooms_of(world: World, points: Floats) -> NDArray[np.int32]:
    """The room index of each point (n, 3), -1 for those outside all rooms."""
    return _room_index(world.scene, points)


def _room_index(scene: Scene, points: Floats) -> NDArray[np.int32]:
    box = scene.room_box
    inside = np.all((points[:, None] >= box[None, :, :3]) & (points[:, None] <= box[None, :, 3:]), axis=2)
    return np.where(inside.any(axis=1), inside.argmax(axis=1), -1).astype(np.int32)


def _pixel_rays(lens: Lens, jitters: int) -> NDArray[np.float32]:
    columns, rows = np.meshgrid(np.arange(lens.width), np.arange(lens.height))
    grid = np.column_stack([columns.ravel(), rows.ravel()]).astype(np.float64)
    offsets = (np.array([(0.125, 0.375), (-0.375, 0.125), (0.375, -0.125), (-0.125, -0.375)]))[:jitters]
    if jitters == 1:
        offsets = np.zeros((1, 2))
    shown = lens.shows(grid)
    rays = np.empty((len(offsets), lens.height, lens.width, 3), np.float32)
    for index, offset in enumerate(offsets):
        rays[index] = np.where(shown[:, None], lens.rays(grid + offset), np.nan).reshape(rays.shape[1:])
    return rays


def _pyramid(image: NDArray[np.float32]) -> tuple[NDArray[np.uint32], int]:
    """A texture and its halvings, one after another (texels,), as packed square roots of linear values; its size."""
    level: NDArray[Any] = np.asarray(image, np.float32) ** 2.2
    parts = []
    while True:
        size = level.shape[0]
        four = np.zeros((size * size, 4), np.uint8)
        four[:, :3] = (np.sqrt(np.clip(level, 0, 1)) * 255 + 0.5).reshape(-1, 3)
        parts.append(four.view("<u4").ravel())
        if size == 1:
            return np.concatenate(parts), len(image)
        level = cv2.resize(level, (size // 2, size // 2), interpolation=cv2.INTER_AREA).reshape(size // 2, size // 2, 3)


def _arrange(plan: Plan, paints: dict[str, Finish], light: Light) -> Scene:
    """A plan as arrays, without light."""
    with ThreadPoolExecutor(THREADS) as threads:
        made = list(threads.map(lambda make: _pyramid(make()), plan.textures))
    pyramids, sizes = [pyramid for pyramid, _ in made], [size for _, size in made]
    first = np.concatenate([[0], np.cumsum([len(p) for p in pyramids])[:-1]])
    means = np.array([(p[-1:].view(np.uint8)[:3].astype(np.float32) / 255) ** 2 for p in pyramids])
    solids = sorted(plan.solids, key=lambda solid: solid.room)
    slots: list[tuple[Finish, float, float]] = []
    room_slot, solid_slot = [], []
    for room in plan.rooms:
        room_slot.append(len(slots))
        slots += _faces(room.faces, np.subtract(room.high, room.low))
    for solid in solids:
        solid_slot.append(len(slots))
        slots += _faces(solid.faces, 2 * np.array(solid.half)) if solid.kind == "box" else [(solid.faces[0], 1, 1)]
    numbers = np.zeros((len(slots), 8), np.float32)
    for i, (finish, u, v) in enumerate(slots):
        across, down = finish.size_m or (u, v)
        numbers[i] = (1 / across, 1 / down, finish.gloss, finish.emission, u, v, 0, 0)
    texture = np.array([finish.texture for finish, _, _ in slots], np.int32)
    holes = sorted(plan.holes, key=lambda hole: hole.room * 6 + hole.face)
    keys = [hole.room * 6 + hole.face for hole in holes]
    return Scene(
        room_box=np.array([(*room.low, *room.high) for room in plan.rooms], np.float64),
        room_sky=np.array([np.minimum(room.sky_above_m, 1e6) for room in plan.rooms], np.float32),
        room_outdoor=np.array([room.outdoor for room in plan.rooms], np.int32),
        room_slot=np.array(room_slot, np.int32),
        room_probe=np.zeros((len(plan.rooms), 4), np.int32),
        room_fog=np.zeros((len(plan.rooms), 3), np.float32),
        hole_first=np.searchsorted(keys, np.arange(len(plan.rooms) * 6 + 1)).astype(np.int32),
        hole_box=np.array([(*hole.low, *hole.high) for hole in holes], np.float64),
        hole_into=np.array([hole.into for hole in holes], np.int32),
        solid_first=np.searchsorted([s.room for s in solids], np.arange(len(plan.rooms) + 1)).astype(np.int32),
        solid_all=np.arange(len(solids), dtype=np.uint32),
        solid_kind=np.array([_KINDS[solid.kind] for solid in solids], np.int32),
        solid=np.array([_solid(solid) for solid in solids], np.float64),
        solid_slot=np.array(solid_slot, np.int32),
        slot_texture=texture,
        slot=numbers,
        slot_mean=means[texture].astype(np.float32),
        slot_light=np.zeros((len(slots), 3), np.int32),
        light=np.zeros((1, 3), np.float32),
        texels=np.concatenate(pyramids),
        texture=np.column_stack([first, sizes]).astype(np.int64),
        sky=np.array([paints["sky"].texture, _SKY_GAIN[light], *_sun(plan), *_SUN[light]], np.float32),
    )


def _sun(plan: Plan) -> Floats:
    towards = np.array(plan.point(house.SUN_TO))
    return np.asarray(towards / np.linalg.norm(towards), np.float64)


def _faces(finishes: Sequence[Finish], size: Floats) -> list[tuple[Finish, float, float]]:
    """Finish and extent across and down of the six faces of a box."""
    x, y, z = (float(value) for value in size)
    return [(finish, *((y, z), (x, z), (x, y))[face // 2]) for face, finish in enumerate(finishes)]


def _solid(solid: Solid) -> tuple[float, ...]:
    turn = (np.cos(solid.yaw_rad), np.sin(solid.yaw_rad) if abs(solid.yaw_rad) > 1e-9 else 0.0)
    if solid.kind == "rod":
        run = np.subtract(solid.to, solid.at)
        bound = float(np.linalg.norm(run)) + solid.half[0]
        return (*solid.at, *solid.half, 1.0, 0.0, bound, *run)
    return (*solid.at, *solid.half, *turn, float(np.linalg.norm(solid.half)), 0.0, 0.0, 0.0)


class _Samples(NamedTuple):
    points: list[Floats]
    normals: list[Floats]
    rooms: list[NDArray[np.int32]]


def _light(scene: Scene, plan: Plan) -> Scene:
    """The same scene with its light maps and probes."""
    samples = _Samples([], [], [])
    shapes = _face_samples(scene, plan, samples)
    probes = _probe_samples(scene, samples, sum(len(points) for points in samples.points))
    points, normals = (np.ascontiguousarray(np.concatenate(part), np.float64) for part in samples[:2])
    rooms = np.concatenate(samples.rooms)
    scene = scene._replace(room_probe=probes, slot_light=shapes, light=np.zeros((len(points), 3), np.float32))
    lamps = np.array([(*lamp.at, lamp.radius_m, *lamp.power, 0) for lamp in plan.lamps]).reshape(-1, 8)
    panes = np.array([(*p.at, *p.half_u, *p.half_v, *p.normal, *p.radiance, 0) for p in plan.panes]).reshape(-1, 16)
    for lights in (lamps, panes):
        lights[:, -1] = _room_index(scene, lights[:, :3])
    near, large = _near(scene), _large(scene)
    first = np.zeros((len(points), 3))
    _threaded(len(points), lambda a, b: bake.direct(scene, points, normals, rooms, near, lamps, panes, 8, a, b, first))
    light = first
    for count in _BOUNCES:
        scene = scene._replace(light=light.astype(np.float32))
        thrown = np.zeros_like(first)
        lit = scene
        _threaded(len(points), lambda a, b: bake.gather(lit, points, normals, rooms, *large, count, a, b, thrown))  # noqa: B023
        _smooth(thrown, shapes)
        light = first + thrown
    scene = scene._replace(light=light.astype(np.float32))
    return scene._replace(room_fog=_fog(scene))


def _near(scene: Scene) -> NDArray[np.bool_]:
    """Which rooms (r, r) are at most one doorway apart: light from further on is left to what walls throw back."""
    count = len(scene.room_box)
    joined = np.eye(count, dtype=bool)
    joined[np.repeat(np.arange(count), np.diff(scene.hole_first[::6])), scene.hole_into] = True
    return np.asarray(joined @ joined, bool)


def _large(scene: Scene) -> tuple[NDArray[np.uint32], NDArray[np.int32]]:
    """The solids whose size matters for light thrown back, and where each room's begin."""
    kept = scene.solid[:, 8] >= _LARGE_M
    first = np.concatenate([[0], np.cumsum(kept)])[scene.solid_first]
    return scene.solid_all[kept], first.astype(np.int32)


def _threaded(count: int, work: Callable[[int, int], None]) -> None:
    step = max(1, -(-count // (THREADS * 6)))
    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(lambda start: work(start, min(start + step, count)), range(0, count, step)))


def _grid(extent: float, spacing: float) -> int:
    return int(np.clip(np.ceil(extent / spacing) + 1, 2, _MOST_SAMPLES))


def _face_samples(scene: Scene, plan: Plan, samples: _Samples) -> NDArray[np.int32]:
    """Light samples over every flat face; first sample, columns and rows of each slot."""
    shapes = np.zeros((len(scene.slot), 3), np.int32)
    shapes[:, 1:] = 2
    total = 0

    def add(  # noqa: PLR0913
        slot: int, face: int, room: int, low: Floats, size: Floats, inward: bool, frame: Floats, fine: float
    ) -> None:
        nonlocal total
        axis, sign = divmod(face, 2)
        columns, rows = _grid(scene.slot[slot, 4], fine), _grid(scene.slot[slot, 5], fine)
        u, v = (a.ravel() for a in np.meshgrid(np.linspace(0.01, 0.99, columns), np.linspace(0.01, 0.99, rows)))
        share = np.zeros((len(u), 3))
        if axis == 2:
            share[:, 0], share[:, 1] = u, (1 - v if sign else v)
        else:
            share[:, 1 - axis] = u if sign == (axis == 0) else 1 - u
            share[:, 2] = 1 - v
        share[:, axis] = 1 - sign if inward else sign
        normal = np.zeros(3)
        normal[axis] = 2 * sign - 1
        local = low + share * size + _OFF_SURFACE_M * normal
        box = scene.room_box[room]
        points = np.clip(local @ frame[:, :3].T + frame[:, 3], box[:3] + 0.008, box[3:] - 0.008)
        samples.points.append(points)
        samples.normals.append(np.tile(frame[:, :3] @ normal, (len(u), 1)))
        samples.rooms.append(np.full(len(u), room, np.int32))
        shapes[slot] = total, columns, rows
        total += len(u)

    for index, room in enumerate(plan.rooms):
        low, size = np.array(room.low), np.subtract(room.high, room.low)
        for face in range(6):
            spacing = _spacing(room, face)
            add(scene.room_slot[index] + face, face, index, low, size, True, np.eye(3, 4), spacing)
    for index, solid in enumerate(sorted(plan.solids, key=lambda solid: solid.room)):
        if solid.kind != "box":
            continue
        c, s = scene.solid[index, 6], scene.solid[index, 7]
        frame = np.array([(c, -s, 0, solid.at[0]), (s, c, 0, solid.at[1]), (0, 0, 1, solid.at[2])])
        spacing = _YARD_SAMPLE_M if plan.rooms[solid.room].outdoor else _SAMPLE_M
        half = np.array(solid.half)
        for face in range(6):
            hidden = face == 4 and solid.at[2] - half[2] < 0.03
            add(
                scene.solid_slot[index] + face,
                face,
                solid.room,
                -half,
                2 * half,
                False,
                frame,
                9.0 if hidden else spacing,
            )
    return shapes


def _spacing(room: Room, face: int) -> float:
    if room.outdoor:
        return _YARD_SAMPLE_M
    if face == FLOOR:
        return _SUNNY_SAMPLE_M if room.name == "corridor" else _FLOOR_SAMPLE_M
    return _CEILING_SAMPLE_M if face == CEILING else _SAMPLE_M


def _probe_samples(scene: Scene, samples: _Samples, total: int) -> NDArray[np.int32]:
    """Light samples in the air, six directions each; first sample and counts along x, y, z of each room."""
    probes = np.zeros((len(scene.room_box), 4), np.int32)
    normals = np.array([np.eye(3)[face // 2] * (2 * (face % 2) - 1) for face in range(6)])
    for room, box in enumerate(scene.room_box.astype(np.float64)):
        counts = np.maximum(1, np.round((box[3:] - box[:3]) / _PROBE_M)).astype(int)
        places = [box[k] + (np.arange(counts[k]) + 0.5) / counts[k] * (box[3 + k] - box[k]) for k in range(3)]
        z, y, x = (a.ravel() for a in np.meshgrid(places[2], places[1], places[0], indexing="ij"))
        samples.points.append(np.repeat(np.column_stack([x, y, z]), 6, axis=0))
        samples.normals.append(np.tile(normals, (len(x), 1)))
        samples.rooms.append(np.full(6 * len(x), room, np.int32))
        probes[room] = total, *counts
        total += 6 * len(x)
    return probes


def _smooth(light: Floats, shapes: NDArray[np.int32]) -> None:
    """Soften the grain of each light map, in place."""
    for first, columns, rows in shapes:
        if columns > 3 and rows > 3:
            patch = light[first : first + columns * rows].reshape(rows, columns, 3)
            patch[:] = cv2.blur(patch, (3, 3), borderType=cv2.BORDER_REPLICATE)


def _fog(scene: Scene) -> NDArray[np.float32]:
    """Radiance of smoke in each room: what its probes see, a little blue-grey."""
    fog = np.zeros((len(scene.room_box), 3), np.float32)
    for room, (first, *counts) in enumerate(scene.room_probe):
        fog[room] = scene.light[first : first + 6 * int(np.prod(counts))].mean(axis=0)
    return np.asarray(fog * np.array((0.82, 0.86, 0.92), np.float32), np.float32)
