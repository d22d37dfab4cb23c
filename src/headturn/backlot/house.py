"""The set itself: a house of three rooms, a corridor and a den, and the yard before it. A seed varies all of it."""

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from headturn.backlot import dressing as d
from headturn.backlot import textures
from headturn.backlot.dressing import Stand
from headturn.backlot.paints import PAPERS, PLASTERS, WOODS, finishes, shuffled
from headturn.backlot.plan import WALL_M, Finish, Plan, Point

Light = Literal["day", "dark", "smoky"]

HEIGHT_M = 2.8
DOOR_M = (0.95, 2.1)
YARD_M = 11.0
EAVES_M = 3.5
TWO_WINDOWS_M = 5.2
"""Rooms wider than this have two windows to the north."""
SUN_TO: Point = (0.42, -0.62, 0.66)
"""Towards the sun: over the yard, so that it falls through the corridor's windows."""


@dataclass
class House:
    """The house while it is built: its plan, its finishes, the sizes that everything else refers to."""

    plan: Plan
    rng: np.random.Generator
    paints: dict[str, Finish]
    light: Light
    widths: tuple[float, float, float]
    depth: float
    corridor: float
    den: tuple[float, float]
    rooms: dict[str, int]

    @property
    def length(self) -> float:
        """From the west wall of the first room to the east wall of the third."""
        return sum(self.widths) + 2 * WALL_M

    def west(self, index: int) -> float:
        """Where the `index`th of the three rooms begins."""
        return sum(self.widths[:index]) + index * WALL_M

    @property
    def lamp_gain(self) -> float:
        """Lamps burn brighter at night, as people like it."""
        return {"day": 1.0, "dark": 0.55, "smoky": 0.9}[self.light]


def build(seed: int, light: Light) -> tuple[Plan, dict[str, Finish]]:
    """The set of a seed, and its finishes."""
    rng = np.random.default_rng([seed, 1947])
    plan = Plan(mirror=bool(rng.random() < 0.5))
    paints = finishes(plan, rng, light == "dark")
    house = House(
        plan,
        rng,
        paints,
        light,
        tuple(rng.uniform((5.0, 4.3, 4.4), (6.0, 5.0, 5.2))),
        rng.uniform(4.7, 5.3),
        rng.uniform(1.9, 2.2),
        (rng.uniform(4.2, 4.8), rng.uniform(4.0, 4.6)),
        {},
    )
    _rooms(house)
    _openings(house)
    roles = [_living, _study, _kitchen]
    for index, role in enumerate(rng.permutation(3)):
        roles[role](house, f"room {index}", house.west(index), house.widths[index])
    _corridor(house)
    _den(house)
    _yard(house)
    return plan, paints


def _wall(house: House, kind: int, panel_m: float) -> Finish:
    """A wall from floor to ceiling: 0 damask paper, 1 striped paper, 2 plaster; panelled up to `panel_m`."""
    rng = house.rng
    one, two = PAPERS[rng.integers(len(PAPERS))]
    paint = PLASTERS[rng.integers(len(PLASTERS))]
    trim = (0.86, 0.84, 0.79) if rng.random() < 0.6 else WOODS[rng.integers(len(WOODS))]

    def maker(r: np.random.Generator) -> textures.Image:
        papers = (textures.damask_paper, textures.striped_paper)
        upper = papers[kind](r, one, two) if kind < len(papers) else textures.plaster(r, paint, 1.3)
        return textures.scene_wall(r, upper, HEIGHT_M, trim, panel_m)

    return Finish(house.plan.paint(maker, rng), (HEIGHT_M, HEIGHT_M))


def _rooms(house: House) -> None:
    plan, paints, rng = house.plan, house.paints, house.rng
    floor, stone, ceiling = paints["floor"], paints["stone floor"], paints["ceiling"]
    kinds = list(rng.permutation(3))

    def inner(name: str, low: tuple[float, float], high: tuple[float, float], wall: Finish, ground: Finish) -> None:
        faces = (wall, wall, wall, wall, ceiling, ground)
        house.rooms[name] = plan.add_room(name, (*low, 0.0), (*high, HEIGHT_M), faces)

    for index in range(3):
        west = house.west(index)
        wall = _wall(house, kinds[index], 0.95 if rng.random() < 0.45 else 0.0)
        ground = stone if kinds[index] == 2 and rng.random() < 0.5 else floor
        inner(f"room {index}", (west, 0.0), (west + house.widths[index], house.depth), wall, ground)
    south = -WALL_M - house.corridor
    inner("corridor", (0.0, south), (house.length, -WALL_M), _wall(house, int(rng.integers(1, 3)), 1.0), stone)
    den = (house.den[0], south - WALL_M)
    inner("den", (0.0, den[1] - house.den[1]), den, _wall(house, 0, 0.95), floor)
    yard_faces = tuple(paints[name] for name in ("brick two", "brick", "brick", "brick", "sky", "cobbles"))
    top = den[1]
    house.rooms["yard"] = plan.add_room(
        "yard",
        (house.den[0] + WALL_M, top - YARD_M, 0.0),
        (house.length + 3.0, top, 9.5),
        yard_faces,
        outdoor=True,
        sky_above_m=(2.6, EAVES_M, EAVES_M, 2.4, 0.0, np.inf),
    )


def _doorway(house: House, name: str, rooms: tuple[str, str], axis: int, low: Point, high: Point) -> None:
    """A door opening with its lining and casings; `low` to `high` fills the wall between two rooms."""
    plan, trim = house.plan, house.paints["trim"]
    near, far = house.rooms[rooms[0]], house.rooms[rooms[1]]
    plan.join(near, far, axis, low, high, (trim, trim, trim, trim, trim, house.paints["dark wood"]))
    plan.spots[name] = plan.point(((low[0] + high[0]) / 2, (low[1] + high[1]) / 2, 0))[:2]
    across = 1 - axis
    for room, wall, step in ((near, low[axis], -0.022), (far, high[axis], 0.022)):
        for side in (-1, 1):
            edge = low[across] if side < 0 else high[across]
            a, b = [0.0, 0.0, 0.0], [0.0, 0.0, high[2] + 0.09]
            a[axis], b[axis] = sorted((wall, wall + step))
            a[across], b[across] = sorted((edge, edge + side * 0.09))
            plan.add_box(room, a, b, trim)
        a, b = [0.0, 0.0, high[2]], [0.0, 0.0, high[2] + 0.09]
        a[axis], b[axis] = sorted((wall, wall + step))
        a[across], b[across] = low[across], high[across]
        plan.add_box(room, a, b, trim)


def _openings(house: House) -> None:
    rng, length = house.rng, house.length
    wide, tall = DOOR_M
    south = -WALL_M - house.corridor
    for index, share in enumerate(rng.uniform((0.3, 0.35, 0.4), (0.6, 0.65, 0.7))):
        x = house.west(index) + share * (house.widths[index] - wide)
        _doorway(house, f"door {index}", ("corridor", f"room {index}"), 1, (x, -WALL_M, 0), (x + wide, 0, tall))
    for index, gap in ((0, 1.3), (1, wide)):
        x = house.west(index + 1)
        y = rng.uniform(0.75, 1.1)
        rooms = (f"room {index}", f"room {index + 1}")
        _doorway(house, f"arch {index}", rooms, 0, (x - WALL_M, y, 0), (x, y + gap, tall + 0.15))
    x = rng.uniform(0.35, 0.6) * (house.den[0] - wide)
    _doorway(house, "den door", ("den", "corridor"), 1, (x, south - WALL_M, 0), (x + wide, south, tall))
    x = house.den[0] + WALL_M + rng.uniform(2.2, 3.0)
    _doorway(house, "yard door", ("yard", "corridor"), 1, (x, south - WALL_M, 0), (x + 1.05, south, tall))
    _pane(house, (x, south - WALL_M, 0.0), (x + 1.05, south, tall), 3)
    windows = [(house.den[0] + WALL_M + 0.5, 1.2), (x + 1.9, 1.4), (x + 4.6, 1.4)]
    for at, width in windows:
        if at + width < length - 0.3:
            _yard_window(house, at, width, south)
    for index in range(3):
        west, across = house.west(index), house.widths[index]
        for share in (0.3, 0.72) if across > TWO_WINDOWS_M else (0.5,):
            _north_window(house, f"room {index}", west + share * across, 1.35)


def _pane(house: House, low: Point, high: Point, face: int) -> None:
    """Daylight from an opening, in the direction of `face`'s normal."""
    level = {"day": 2.3, "dark": 0.035, "smoky": 1.5}[house.light]
    middle = (low[1] + high[1]) / 2
    house.plan.add_pane(
        (low[0], middle, low[2]),
        (high[0], middle, high[2]),
        face,
        (0.86 * level, 0.97 * level, 1.12 * level),
    )


def _yard_window(house: House, x: float, width: float, south: float) -> None:
    plan, trim = house.plan, house.paints["trim"]
    low, high = (x, south - WALL_M, 0.95), (x + width, south, 2.2)
    gap = plan.join(house.rooms["yard"], house.rooms["corridor"], 1, low, high, (trim,) * 6)
    _pane(house, low, high, 3)
    y = south - 0.15
    for share in (0.0, 0.5, 1.0):
        at = x + share * width
        plan.add_box(gap, (at - 0.025, y, 0.95), (at + 0.025, y + 0.04, 2.2), trim)
    for z in (0.95, 1.75, 2.16):
        plan.add_box(gap, (x, y, z), (x + width, y + 0.04, z + 0.045), trim)
    sill = house.paints["stone"]
    plan.add_box(house.rooms["corridor"], (x - 0.06, south, 0.90), (x + width + 0.06, south + 0.07, 0.945), trim)
    plan.add_box(
        house.rooms["yard"], (x - 0.08, south - WALL_M - 0.07, 0.87), (x + width + 0.08, south - WALL_M, 0.945), sill
    )
    plan.add_box(
        house.rooms["yard"], (x - 0.1, south - WALL_M - 0.03, 2.2), (x + width + 0.1, south - WALL_M, 2.4), sill
    )


def _north_window(house: House, room: str, x: float, width: float) -> None:
    plan, paints = house.plan, house.paints
    trim, y = paints["trim"], house.depth
    low, high = (x - width / 2, y, 0.85), (x + width / 2, y + 0.2, 2.25)
    plan.join(house.rooms[room], -1, 1, low, high, (trim, trim, paints["view"], trim, trim, trim))
    level = {"day": 2.6, "dark": 0.03, "smoky": 1.5}[house.light]
    plan.add_pane((low[0], y + 0.1, low[2]), (high[0], y + 0.1, high[2]), 2, (0.82 * level, 0.95 * level, 1.15 * level))
    at = house.rooms[room]
    plan.add_box(at, (low[0] - 0.08, y - 0.1, 0.81), (high[0] + 0.08, y, 0.85), trim)
    for side in (low[0] - 0.08, high[0]):
        plan.add_box(at, (side, y - 0.02, 0.85), (side + 0.08, y, 2.33), trim)
    plan.add_box(at, (low[0], y - 0.02, 2.25), (high[0], y, 2.33), trim)
    stand = Stand(plan, at, x, y)
    d.curtains(stand, paints, width, 2.45)
    if house.rng.random() < 0.7:
        d.radiator(stand, paints)


def _hang(house: House, room: str, name: str, x: float, y: float, yaw: float, size: tuple[float, float]) -> None:
    """A picture on a wall; yaw 0 looks south, pi/2 east, -pi/2 west, pi north."""
    stand = Stand(house.plan, house.rooms[room], x, y, yaw)
    d.picture(stand, house.paints[name], house.paints["dark wood"], *size, z=1.6)


def _living(house: House, name: str, x: float, width: float) -> None:
    plan, paints, rng, room = house.plan, house.paints, house.rng, house.rooms[name]
    depth, middle = house.depth, x + width / 2
    plan.add_box(room, (middle - 1.3, depth - 2.75, 0), (middle + 1.3, depth - 0.85, 0.012), paints["rug"])
    d.sofa(Stand(plan, room, middle - 0.1, depth - 0.85), paints)
    d.table(Stand(plan, room, middle, depth - 1.9, 0.05), paints, 1.1, 0.6, 0.42)
    table = Stand(plan, room, middle, depth - 1.9, 0.3, 0.42)
    table.box((-0.3, -0.1, 0), (-0.05, 0.08, 0.035), paints["cloth two"])
    table.box((-0.28, -0.09, 0.035), (-0.06, 0.06, 0.06), paints["cloth one"])
    table.drum(0.25, 0.05, 0, 0.2, 0.06, paints["ceramic"])
    d.bookcase(Stand(plan, room, x, depth - 1.35, math.pi / 2), paints, 1.9)
    d.cupboard(Stand(plan, room, x + width, depth - 1.1, -math.pi / 2), paints, 1.5, 0.85, 0.42)
    d.floor_lamp(Stand(plan, room, x + width - 0.5, depth - 0.45), paints, 0.75 * house.lamp_gain)
    d.plant(Stand(plan, room, x + 0.45, depth - 0.4), paints, rng, 1.2)
    d.pendant(Stand(plan, room, middle, 2.2), paints, 0.8 * house.lamp_gain, HEIGHT_M)
    _hang(house, name, "landscape 0", x + width, depth - 1.1, -math.pi / 2, (1.1, 0.8))
    _hang(house, name, "abstract 0", x + width - 0.55, 0.0, math.pi, (0.6, 0.75))
    _hang(house, name, "landscape 1", x + 0.62, 0.0, math.pi, (0.75, 0.58))
    if width > TWO_WINDOWS_M:
        _hang(house, name, "poster 0", middle, depth, 0.0, (0.55, 0.75))


def _study(house: House, name: str, x: float, width: float) -> None:
    plan, paints, rng, room = house.plan, house.paints, house.rng, house.rooms[name]
    depth, middle = house.depth, x + width / 2
    plan.add_box(room, (middle - 0.95, depth - 2.9, 0), (middle + 0.95, depth - 1.2, 0.012), paints["rug two"])
    d.table(Stand(plan, room, middle, depth - 1.35, math.pi), paints, 1.5, 0.75)
    d.chair(Stand(plan, room, middle + 0.1, depth - 2.05, math.pi + 0.35), paints)
    desk = Stand(plan, room, middle, depth - 1.35, 0.0, 0.75)
    desk.front((-0.6, -0.05, 0.0), (-0.2, 0.02, 0.3), paints["abstract 1"], paints["iron"])
    for i in range(4):
        desk.box(
            (0.35 + 0.02 * i, -0.12, 0.045 * i),
            (0.6 - 0.015 * i, 0.1, 0.045 * i + 0.043),
            paints["cloth one" if i % 2 else "cloth two"],
        )
    desk.drum(0.1, 0.2, 0, 0.03, 0.08, paints["iron"])
    desk.rod((0.1, 0.2, 0.02), (0.1, 0.2, 0.34), 0.01, paints["iron"])
    desk.drum(0.1, 0.2, 0.3, 0.42, 0.11, paints["lampshade"])
    plan.add_lamp(desk.at(0.1, 0.2, 0.37), 0.14, tuple(house.lamp_gain * v for v in (0.35, 0.27, 0.16)))  # type: ignore[arg-type]
    d.bookcase(Stand(plan, room, x, depth - 1.15, math.pi / 2), paints, 1.9, 5, 2.3)
    d.bookcase(Stand(plan, room, x + width, depth - 1.15, -math.pi / 2), paints, 1.7, 5, 2.1)
    d.plant(Stand(plan, room, x + width - 0.45, 0.4), paints, rng, 1.0)
    d.pendant(Stand(plan, room, middle, 2.0), paints, 0.75 * house.lamp_gain, HEIGHT_M)
    _hang(house, name, "landscape 2", x + 0.6, 0.0, math.pi, (0.8, 0.6))
    _hang(house, name, "poster 1", x + width - 0.62, 0.0, math.pi, (0.6, 0.85))


def _kitchen(house: House, name: str, x: float, width: float) -> None:
    plan, paints, rng, room = house.plan, house.paints, house.rng, house.rooms[name]
    depth, middle = house.depth, x + width / 2
    east = x + width
    d.kitchen_row(Stand(plan, room, east, depth - 1.62, -math.pi / 2), paints, 1.8)
    d.table(Stand(plan, room, middle - 0.5, depth - 1.5, 0.08), paints, 1.3, 0.85)
    for dx, dy, yaw in ((-0.35, -0.62, math.pi), (0.35, -0.66, math.pi - 0.2), (-0.3, 0.6, 0.1), (0.4, 0.62, -0.15)):
        d.chair(Stand(plan, room, middle - 0.5 + dx, depth - 1.5 + dy, yaw), paints)
    bowl = Stand(plan, room, middle - 0.5, depth - 1.5, 0.0, 0.75)
    bowl.drum(0, 0, 0, 0.06, 0.16, paints["ceramic"])
    for i in range(5):
        bowl.ball(
            0.075 * math.cos(i * 1.26),
            0.075 * math.sin(i * 1.26),
            0.085,
            0.05,
            paints["terracotta" if i % 2 else "cloth two"],
        )
    d.cupboard(Stand(plan, room, x, depth - 0.9, math.pi / 2), paints, 1.2, 2.0, 0.45)
    d.pendant(Stand(plan, room, middle - 0.5, depth - 1.6), paints, 0.9 * house.lamp_gain, HEIGHT_M, 1.0)
    d.plant(Stand(plan, room, east - 0.4, 0.4), paints, rng, 0.9)
    _hang(house, name, "poster 2", x + 0.55, 0.0, math.pi, (0.55, 0.75))
    _hang(house, name, "abstract 2", east - 0.6, 0.0, math.pi, (0.5, 0.5))


def _corridor(house: House) -> None:
    plan, paints, rng, room = house.plan, house.paints, house.rng, house.rooms["corridor"]
    south, length = -WALL_M - house.corridor, house.length
    middle = (south - WALL_M) / 2
    plan.add_box(
        room, (1.2, middle - 0.5, 0), (length - 1.2, middle + 0.5, 0.01), replace(paints["rug two"], size_m=(1.55, 1.0))
    )
    for share in (0.14, 0.5, 0.86):
        d.pendant(Stand(plan, room, share * length, middle), paints, 0.55 * house.lamp_gain, HEIGHT_M, 0.45)
    doors = [abs(plan.spots[f"door {i}"][0]) for i in range(3)]
    names = shuffled(rng, tuple(f"{kind} {i}" for i in range(3) for kind in ("abstract", "landscape", "poster")))
    for number, at in enumerate(np.arange(0.6, length - 0.5, 1.3)):
        if all(abs(at - door) > 0.95 for door in doors):
            tall = 0.75 if names[number % 9].startswith("poster") else 0.5
            _hang(house, "corridor", names[number % 9], float(at), -WALL_M, 0.0, (0.55, tall))
    d.cupboard(Stand(plan, room, 0.0, middle, math.pi / 2), paints, 1.0, 0.85, 0.35)
    _hang(house, "corridor", "landscape 0", 0.0, middle, math.pi / 2, (0.9, 0.7))
    d.plant(Stand(plan, room, length - 0.4, middle), paints, rng, 1.3)
    _hang(house, "corridor", "abstract 1", length, middle, -math.pi / 2, (0.8, 0.9))


def _den(house: House) -> None:
    plan, paints, room = house.plan, house.paints, house.rooms["den"]
    width, depth = house.den
    north = -2 * WALL_M - house.corridor
    middle, south = width / 2, north - depth
    plan.spots["den"] = plan.point((middle, north - 1.6, 0))[:2]
    plan.add_box(room, (middle - 1.1, south + 0.6, 0), (middle + 1.1, south + 2.4, 0.012), paints["rug"])
    d.bed(Stand(plan, room, 0.95, south + 1.05, math.pi), paints)
    d.cupboard(Stand(plan, room, width, south + 1.3, -math.pi / 2), paints, 1.6, 2.15, 0.55)
    d.curtains(Stand(plan, room, middle + 0.6, south, math.pi), paints, 1.3, 2.4, closed=True)
    d.floor_lamp(Stand(plan, room, 0.4, south + 2.4), paints, 0.10, 1.2)
    d.chair(Stand(plan, room, width - 0.6, north - 0.5, 0.6), paints)
    _hang(house, "den", "landscape 1", 0.0, south + 2.0, math.pi / 2, (0.9, 0.65))
    _hang(house, "den", "poster 1", width, north - 1.0, -math.pi / 2, (0.6, 0.8))


def _yard(house: House) -> None:
    plan, paints, rng, room = house.plan, house.paints, house.rng, house.rooms["yard"]
    top = -2 * WALL_M - house.corridor
    west, east, south = house.den[0] + WALL_M, house.length + 3.0, top - YARD_M
    plan.add_box(room, (west, top - 1.4, 0), (east, top, 0.025), paints["paving"])
    plan.add_box(room, (west, top - 0.35, EAVES_M - 0.25), (east, top, EAVES_M), paints["dark wood"])
    plan.add_rod(room, (west, top - 0.4, EAVES_M - 0.1), (east, top - 0.4, EAVES_M - 0.1), 0.06, paints["iron"])
    x = west
    for i in range(4):
        width = float(rng.uniform(4.2, 5.4))
        tall = float(rng.uniform(6.2, 8.6))
        front = paints[f"front {i}"]
        plan.add_box(
            room,
            (x, south, 0),
            (min(x + width, east), south + 1.0, tall),
            front,
            front,
            front,
            front,
            paints["iron"],
            paints["dark wood"],
        )
        plan.add_box(
            room, (x - 0.1, south, tall), (min(x + width, east) + 0.1, south + 1.25, tall + 0.2), paints["stone"]
        )
        plan.add_box(room, (x + 1.3, south, tall + 0.2), (x + 2.0, south + 0.6, tall + 1.1), paints["brick"])
        stand = Stand(plan, room, x + width * 0.5, south + 1.0, math.pi)
        stand.front((-0.5, -0.04, 0), (0.5, 0, 2.2), paints["cupboard"], paints["stone"])
        x += width
        if x > east - 2:
            break
    plan.add_box(room, (west, south + 1.0, 0), (east, south + 2.3, 0.10), paints["paving"])
    lamp = {"day": 0.0, "dark": 4.0, "smoky": 2.0}[house.light]
    d.street_lamp(Stand(plan, room, west + 2.5, south + 2.0), paints, lamp)
    d.street_lamp(Stand(plan, room, east - 2.5, south + 2.0), paints, lamp)
    d.tree(Stand(plan, room, west + 2.2, top - 4.6), paints, rng, 4.6)
    d.tree(Stand(plan, room, east - 2.0, top - 3.4, 1.0), paints, rng, 4.0)
    d.van(Stand(plan, room, west + (east - west) * 0.55, south + 3.6, 0.06), paints)
    d.bench(Stand(plan, room, west + 0.5, top - 4.6, math.pi / 2), paints)
    d.crates(Stand(plan, room, east - 0.9, top - 0.8), paints)
    for i in range(3):
        plan.add_box(
            room, (east - 0.6, south + 2.6 + i * 1.6, 0), (east - 0.1, south + 4.0 + i * 1.6, 0.5), paints["terracotta"]
        )
        plan.add_box(
            room,
            (east - 0.55, south + 2.65 + i * 1.6, 0.5),
            (east - 0.12, south + 3.95 + i * 1.6, 1.15),
            paints["leaves"],
        )
    for i, name in enumerate(("poster 0", "poster 2", "poster 1")):
        _hang(house, "yard", name, west, top - 1.6 - 1.0 * i, math.pi / 2, (0.7, 0.95))
    plan.spots["yard"] = plan.point(((west + east) / 2, top - 4.0, 0))[:2]
