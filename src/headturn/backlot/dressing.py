"""Set dressing: furniture and street things, put together from boxes, balls, rods and drums.

A thing is built in its own frame, its front towards -y, and stands at a place of the set turned by a yaw.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from headturn.backlot.plan import Finish, Plan

Paints = Mapping[str, Finish]


@dataclass(frozen=True)
class Stand:
    """Where a thing stands: room, place on the floor, height, yaw (radians, before mirroring)."""

    plan: Plan
    room: int
    x: float
    y: float
    yaw: float = 0.0
    z: float = 0.0

    def at(self, x: float, y: float, z: float) -> tuple[float, float, float]:
        """A point of the thing's own frame, in the room."""
        c, s = math.cos(self.yaw), math.sin(self.yaw)
        return self.x + c * x - s * y, self.y + s * x + c * y, self.z + z

    def box(self, low: tuple[float, float, float], high: tuple[float, float, float], *faces: Finish) -> None:
        """A box by its corners in the thing's own frame."""
        middle = self.at((low[0] + high[0]) / 2, (low[1] + high[1]) / 2, (low[2] + high[2]) / 2)
        half = [(b - a) / 2 for a, b in zip(low, high, strict=True)]
        corners = [[m + sign * h for m, h in zip(middle, half, strict=True)] for sign in (-1, 1)]
        self.plan.add_box(self.room, corners[0], corners[1], *faces, yaw_rad=self.yaw)

    def front(
        self, low: tuple[float, float, float], high: tuple[float, float, float], face: Finish, rest: Finish
    ) -> None:
        """A box whose front (-y) is finished differently."""
        self.box(low, high, rest, rest, face, rest, rest, rest)

    def ball(self, x: float, y: float, z: float, radius: float, finish: Finish) -> None:
        """A ball."""
        self.plan.add_ball(self.room, self.at(x, y, z), radius, finish)

    def leaves(self, x: float, y: float, z: float, radius: float, finish: Finish) -> None:
        """A bunch of leaves: a ball with gaps."""
        self.plan.add_ball(self.room, self.at(x, y, z), radius, finish, leafy=True)

    def rod(self, a: tuple[float, float, float], b: tuple[float, float, float], radius: float, finish: Finish) -> None:
        """A rod from a to b."""
        self.plan.add_rod(self.room, self.at(*a), self.at(*b), radius, finish)

    def drum(self, x: float, y: float, low: float, high: float, radius: float, finish: Finish) -> None:
        """An upright cylinder."""
        self.plan.add_drum(self.room, self.at(x, y, (low + high) / 2), radius, (high - low) / 2, finish)


def table(s: Stand, paints: Paints, length: float, depth: float, height: float = 0.75) -> None:
    """Four legs and a top."""
    wood = paints["dark wood"]
    s.box((-length / 2, -depth / 2, height - 0.04), (length / 2, depth / 2, height), wood)
    for x in (-length / 2 + 0.07, length / 2 - 0.07):
        for y in (-depth / 2 + 0.07, depth / 2 - 0.07):
            s.box((x - 0.03, y - 0.03, 0), (x + 0.03, y + 0.03, height - 0.04), wood)


def chair(s: Stand, paints: Paints) -> None:
    """A dining chair; its back is at +y."""
    wood, seat = paints["dark wood"], paints["cloth two"]
    s.box((-0.22, -0.22, 0.43), (0.22, 0.22, 0.48), seat)
    s.box((-0.22, 0.19, 0.62), (0.22, 0.225, 0.95), wood)
    for x in (-0.2, 0.2):
        s.box((x - 0.02, -0.21, 0), (x + 0.02, -0.17, 0.43), wood)
        s.box((x - 0.02, 0.18, 0), (x + 0.02, 0.22, 0.95), wood)


def sofa(s: Stand, paints: Paints, length: float = 2.0) -> None:
    """A sofa with arms, two seats and cushions."""
    cloth, cushion = paints["cloth one"], paints["cloth two"]
    half = length / 2
    s.box((-half, -0.42, 0.08), (half, 0.42, 0.30), cloth)
    for x in (-half + 0.17, 0.01):
        s.box((x, -0.45, 0.30), (x + half - 0.18, 0.2, 0.45), cloth)
    s.box((-half + 0.15, 0.17, 0.30), (half - 0.15, 0.42, 0.86), cloth)
    for x in (-half, half - 0.17):
        s.box((x, -0.44, 0.08), (x + 0.17, 0.42, 0.62), cloth)
    for x, yaw in ((-half + 0.42, 0.25), (half - 0.5, -0.2)):
        pillow = Stand(s.plan, s.room, *s.at(x, 0.08, 0)[:2], s.yaw + yaw, s.z)
        pillow.box((-0.2, -0.06, 0.46), (0.2, 0.06, 0.82), cushion)


def bookcase(s: Stand, paints: Paints, length: float, rows: int = 5, height: float = 2.1) -> None:
    """Shelves full of books; its back is at +y = 0."""
    wood = paints["dark wood"]
    s.box((-length / 2, -0.02, 0), (length / 2, 0.0, height), wood)
    for x in (-length / 2, length / 2 - 0.035):
        s.box((x, -0.32, 0), (x + 0.035, 0, height), wood)
    step = (height - 0.09) / rows
    for row in range(rows + 1):
        z = 0.06 + row * step if row < rows else height - 0.03
        s.box((-length / 2, -0.32, z - 0.03), (length / 2, 0, z), wood)
        if row < rows:
            s.front(
                (-length / 2 + 0.04, -0.25, z),
                (length / 2 - 0.04, -0.02, z + step * 0.92),
                paints[f"books {row % 3}"],
                paints["shadow"],
            )


def cupboard(s: Stand, paints: Paints, length: float, height: float, depth: float = 0.5) -> None:
    """A cupboard with panelled doors; its back is at +y = 0."""
    wood = paints["dark wood"]
    s.front((-length / 2, -depth, 0.08), (length / 2, 0, height), paints["cupboard"], wood)
    s.box((-length / 2 - 0.03, -depth - 0.03, height), (length / 2 + 0.03, 0, height + 0.04), wood)
    s.box((-length / 2 + 0.03, -depth + 0.04, 0), (length / 2 - 0.03, 0, 0.08), paints["shadow"])


def kitchen_row(s: Stand, paints: Paints, length: float) -> None:
    """Counter with doors, worktop, splashback, wall cupboards, a cooker and a fridge; back at +y = 0."""
    doors = int(length / 0.6)
    for i in range(doors):
        x = -length / 2 + i * length / doors
        front = paints["oven"] if i == doors // 2 else paints["kitchen door"]
        s.front((x, -0.58, 0.1), (x + length / doors, 0, 0.86), front, paints["white paint"])
        if i not in (doors // 2, 0):
            s.front((x, -0.34, 1.45), (x + length / doors, 0, 2.15), paints["kitchen door"], paints["white paint"])
    s.box((-length / 2, -0.62, 0.86), (length / 2, 0, 0.90), paints["stone"])
    s.box((-length / 2, -0.02, 0.90), (length / 2, 0, 1.45), paints["wall tiles"])
    middle = -length / 2 + (doors // 2 + 0.5) * length / doors
    s.drum(middle - 0.1, -0.3, 0.9, 1.06, 0.11, paints["steel"])
    s.drum(-length / 2 + 0.5, -0.25, 0.9, 1.12, 0.05, paints["ceramic"])
    s.drum(length / 2 - 0.4, -0.28, 0.9, 1.14, 0.07, paints["ceramic"])
    end = -length / 2
    s.box((end - 0.64, -0.64, 0.03), (end - 0.03, 0, 1.85), paints["white paint"])
    s.box((end - 0.10, -0.68, 1.1), (end - 0.07, -0.64, 1.6), paints["steel"])


def bed(s: Stand, paints: Paints) -> None:
    """A bed with its head at +y."""
    wood = paints["dark wood"]
    s.box((-0.82, 0.96, 0), (0.82, 1.02, 1.1), wood)
    s.box((-0.8, -1.02, 0.12), (0.8, 0.98, 0.32), wood)
    s.box((-0.78, -1.0, 0.32), (0.78, 0.96, 0.52), paints["linen"])
    s.box((-0.81, -1.03, 0.36), (0.81, 0.35, 0.56), paints["cloth one"])
    for x in (-0.4, 0.4):
        s.box((x - 0.3, 0.48, 0.52), (x + 0.3, 0.9, 0.66), paints["linen"])


def picture(s: Stand, finish: Finish, frame: Finish, width: float, height: float, z: float = 1.55) -> None:
    """A picture on a wall behind it; its back is at +y = 0."""
    s.front((-width / 2, -0.035, z - height / 2), (width / 2, -0.002, z + height / 2), finish, frame)


def floor_lamp(s: Stand, paints: Paints, power: float, height: float = 1.6) -> None:
    """A standing lamp with a lit shade."""
    s.drum(0, 0, 0, 0.03, 0.14, paints["iron"])
    s.rod((0, 0, 0.02), (0, 0, height - 0.1), 0.012, paints["iron"])
    s.drum(0, 0, height - 0.1, height + 0.2, 0.19, paints["lampshade"])
    if power:
        s.plan.add_lamp(s.at(0, 0, height + 0.05), 0.22, (power, power * 0.80, power * 0.56))


def pendant(s: Stand, paints: Paints, power: float, ceiling: float, drop: float = 0.75) -> None:
    """A hanging lamp with a lit globe."""
    s.rod((0, 0, ceiling - drop), (0, 0, ceiling), 0.008, paints["iron"])
    s.drum(0, 0, ceiling - 0.04, ceiling, 0.06, paints["iron"])
    s.ball(0, 0, ceiling - drop - 0.1, 0.14, paints["globe"])
    if power:
        s.plan.add_lamp(s.at(0, 0, ceiling - drop - 0.1), 0.15, (power, power * 0.84, power * 0.63))


def plant(s: Stand, paints: Paints, rng: np.random.Generator, size: float = 1.0) -> None:
    """A plant in a pot: stems with bunches of leaves."""
    s.drum(0, 0, 0, 0.32 * size, 0.17 * size, paints["terracotta"])
    s.drum(0, 0, 0.30 * size, 0.335 * size, 0.19 * size, paints["terracotta"])
    for _ in range(16):
        a, r, z = rng.uniform(0, 6.28), rng.uniform(0.05, 0.30) * size, rng.uniform(0.5, 1.2) * size
        bend = (0.5 * r * math.cos(a), 0.5 * r * math.sin(a), z * 0.8)
        tip = (1.25 * r * math.cos(a), 1.25 * r * math.sin(a), z)
        s.rod((0, 0, 0.3 * size), bend, 0.009, paints["leaves"])
        s.rod(bend, tip, rng.uniform(0.02, 0.035) * size, paints["leaves"])


def tree(s: Stand, paints: Paints, rng: np.random.Generator, height: float = 4.5) -> None:
    """A street tree in a bed of soil."""
    s.box((-0.6, -0.6, 0), (0.6, 0.6, 0.04), paints["soil"])
    s.rod((0, 0, 0), (0.1, 0.05, height * 0.6), 0.13, paints["bark"])
    for _ in range(30):
        a, up = rng.uniform(0, 6.28), rng.uniform(-0.9, 1.0)
        r = 1.15 * math.sqrt(1 - up * up) * rng.uniform(0.5, 1.0)
        at = (r * math.cos(a), r * math.sin(a), height * (0.74 + 0.20 * up))
        s.leaves(*at, rng.uniform(0.3, 0.55), paints["leaves"])
    for a in (0.4, 2.5, 4.4):
        s.rod((0.08, 0.04, height * 0.5), (0.7 * math.cos(a), 0.7 * math.sin(a), height * 0.75), 0.05, paints["bark"])


def bench(s: Stand, paints: Paints) -> None:
    """A slatted bench; its back is at +y."""
    for y in (-0.2, -0.06, 0.08):
        s.box((-0.8, y, 0.43), (0.8, y + 0.11, 0.46), paints["weathered"])
    for z in (0.58, 0.74):
        s.box((-0.8, 0.22, z), (0.8, 0.25, z + 0.11), paints["weathered"])
    for x in (-0.68, 0.64):
        s.box((x, -0.2, 0), (x + 0.05, 0.24, 0.43), paints["iron"])
        s.box((x, 0.2, 0.43), (x + 0.05, 0.22, 0.85), paints["iron"])


def van(s: Stand, paints: Paints) -> None:
    """A delivery van, nose towards +x."""
    body, glass, rubber = paints["van"], paints["glass"], paints["rubber"]
    s.box(
        (-2.2, -0.95, 0.32),
        (1.3, 0.95, 2.25),
        paints["van side"],
        paints["van side"],
        paints["van side"],
        paints["van side"],
        body,
        body,
    )
    s.box((1.3, -0.93, 0.32), (2.2, 0.93, 1.15), body)
    s.box((1.3, -0.9, 1.15), (1.75, 0.9, 2.0), glass, glass, glass, glass, body, body)
    s.box((2.2, -0.9, 0.35), (2.28, 0.9, 0.55), paints["iron"])
    for y in (-0.65, 0.65):
        s.ball(2.16, y, 0.85, 0.12, paints["globe off"])
    for x in (-1.5, 1.45):
        for y in (-0.9, 0.78):
            s.rod((x, y, 0.34), (x, y + 0.12, 0.34), 0.33, rubber)
            s.rod((x, y - 0.08, 0.34), (x, y + 0.2, 0.34), 0.16, paints["steel"])


def street_lamp(s: Stand, paints: Paints, power: float) -> None:
    """A lamp post with a lantern."""
    s.drum(0, 0, 0, 0.5, 0.1, paints["iron"])
    s.rod((0, 0, 0.4), (0, 0, 3.1), 0.045, paints["iron"])
    s.box((-0.14, -0.14, 3.15), (0.14, 0.14, 3.55), paints["globe" if power else "globe off"])
    s.box((-0.2, -0.2, 3.55), (0.2, 0.2, 3.62), paints["iron"])
    if power:
        s.plan.add_lamp(s.at(0, 0, 3.3), 0.32, (power, power * 0.72, power * 0.4))


def crates(s: Stand, paints: Paints) -> None:
    """A stack of wooden crates and two bins."""
    for x, y, z, yaw in ((0, 0, 0, 0.1), (0.75, 0.05, 0, -0.2), (0.3, 0.02, 0.6, 0.4)):
        crate = Stand(s.plan, s.room, *s.at(x, y, 0)[:2], s.yaw + yaw, s.z + z)
        crate.box((-0.3, -0.3, 0), (0.3, 0.3, 0.6), paints["crate"])
    s.drum(-0.8, 0.1, 0, 0.85, 0.27, paints["iron"])
    s.drum(-0.8, 0.1, 0.85, 0.9, 0.3, paints["steel"])


def radiator(s: Stand, paints: Paints, length: float = 1.1) -> None:
    """A ribbed radiator; the wall is at +y = 0."""
    s.front((-length / 2, -0.11, 0.12), (length / 2, -0.03, 0.66), paints["ribs"], paints["white paint"])


def curtains(s: Stand, paints: Paints, width: float, top: float, closed: bool = False) -> None:
    """Curtains beside a window (or across it), on a rail; the wall is at +y = 0."""
    s.rod((-width / 2 - 0.4, -0.1, top), (width / 2 + 0.4, -0.1, top), 0.016, paints["iron"])
    inner = 0.01 if closed else width / 2 - 0.05
    for sign in (-1, 1):
        x0, x1 = sorted((sign * inner, sign * (width / 2 + 0.32)))
        s.box((x0, -0.14, 0.06), (x1, -0.06, top - 0.01), paints["curtain"])
