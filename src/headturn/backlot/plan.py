"""What a set is built of: rooms joined by openings, solids that stand in them, lamps. Metres, z up.

A face is named by the axis and sign of its normal, `2 * axis + (normal positive)`: the wall on a room's low x side
looks towards +x and is face 1; the east side of a cupboard is face 1 too.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from headturn.backlot.textures import Image

Point = tuple[float, float, float]
Maker = Callable[[np.random.Generator], Image]
FLOOR, CEILING = 5, 4
WALL_M = 0.22
"""Thickness of the walls: half a brick with plaster on both sides."""


@dataclass(frozen=True)
class Finish:
    """What a face is covered with.

    texture: index of the texture; size_m: across and down one repeat of it, None to fill the face
    gloss: 0 dull to 1 polished; emission: radiance of a white texel, 0 for what does not shine
    """

    texture: int
    size_m: tuple[float, float] | None = None
    gloss: float = 0.0
    emission: float = 0.0


@dataclass(frozen=True)
class Room:
    """A box of air. Faces are seen from within; above `sky_above_m` a face is open to the sky."""

    name: str
    low: Point
    high: Point
    faces: tuple[Finish, ...]
    outdoor: bool = False
    sky_above_m: tuple[float, ...] = (np.inf,) * 6


@dataclass(frozen=True)
class Hole:
    """A rectangle of a room's face through which one sees and walks into another room."""

    room: int
    face: int
    low: Point
    high: Point
    into: int


@dataclass(frozen=True)
class Solid:
    """Something in a room. `at` is the centre; a rod runs from `at` to `to`.

    half: half sizes of a box; (radius, radius, half height) of a drum; (radius, 0, 0) of a ball, rod or bunch of leaves
    """

    room: int
    kind: Literal["box", "ball", "rod", "drum", "leaves"]
    at: Point
    half: Point
    faces: tuple[Finish, ...]
    yaw_rad: float = 0.0
    to: Point = (0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Lamp:
    """A ball of light. `power`: radiance of a white wall one metre away, per colour."""

    at: Point
    radius_m: float
    power: Point


@dataclass(frozen=True)
class Pane:
    """A shining rectangle: centre, half edges, the direction it shines to, radiance per colour."""

    at: Point
    half_u: Point
    half_v: Point
    normal: Point
    radiance: Point


@dataclass
class Plan:
    """A set as it is put together. `mirror` builds it with east and west exchanged."""

    mirror: bool = False
    textures: list[Callable[[], Image]] = field(default_factory=list)
    rooms: list[Room] = field(default_factory=list)
    holes: list[Hole] = field(default_factory=list)
    solids: list[Solid] = field(default_factory=list)
    lamps: list[Lamp] = field(default_factory=list)
    panes: list[Pane] = field(default_factory=list)
    spots: dict[str, tuple[float, float]] = field(default_factory=dict)

    def paint(self, maker: Maker, rng: np.random.Generator) -> int:
        """Order a texture, to be made later from a generator of its own; its index."""
        seed = int(rng.integers(2**62))
        self.textures.append(lambda: maker(np.random.default_rng(seed)))
        return len(self.textures) - 1

    def point(self, at: Sequence[float]) -> Point:
        """A point as built: mirrored where the set is."""
        x, y, z = (float(value) for value in at)
        return (-x if self.mirror else x, y, z)

    def span(self, low: Sequence[float], high: Sequence[float]) -> tuple[Point, Point]:
        """A box as built."""
        (x0, y0, z0), (x1, y1, z1) = self.point(low), self.point(high)
        return (min(x0, x1), y0, z0), (max(x0, x1), y1, z1)

    def face(self, face: int) -> int:
        """A face's name as built."""
        return 1 - face if self.mirror and face < 2 else face

    def faces(self, faces: Sequence[Finish]) -> tuple[Finish, ...]:
        """Six finishes as built; one stands for all."""
        six = list(faces) if len(faces) == 6 else [faces[0]] * 6
        return (six[1], six[0], *six[2:]) if self.mirror else tuple(six)

    def add_room(self, name: str, low: Point, high: Point, faces: Sequence[Finish], **outdoor: object) -> int:
        """A room; its index. `outdoor`: see Room (sky heights are given for the unmirrored faces)."""
        sky = outdoor.pop("sky_above_m", (np.inf,) * 6)
        heights = tuple(sky[self.face(face)] for face in range(6))  # type: ignore[index]
        built = self.span(low, high)
        self.rooms.append(Room(name, *built, self.faces(faces), bool(outdoor.get("outdoor", False)), heights))
        return len(self.rooms) - 1

    def add_hole(self, room: int, face: int, low: Point, high: Point, into: int) -> None:
        """An opening in one face of a room (seen from one side; the other room needs its own)."""
        self.holes.append(Hole(room, self.face(face), *self.span(low, high), into))

    def add_box(
        self, room: int, low: Sequence[float], high: Sequence[float], *faces: Finish, yaw_rad: float = 0.0
    ) -> None:
        """A box by its corners before it is turned by `yaw_rad` about its upright middle."""
        a, b = self.span(low, high)
        at = tuple((p + q) / 2 for p, q in zip(a, b, strict=True))
        half = tuple((q - p) / 2 for p, q in zip(a, b, strict=True))
        yaw = -yaw_rad if self.mirror else yaw_rad
        self.solids.append(Solid(room, "box", at, half, self.faces(faces), yaw))  # type: ignore[arg-type]

    def add_ball(self, room: int, at: Sequence[float], radius: float, finish: Finish, *, leafy: bool = False) -> None:
        """A ball; a leafy one has gaps."""
        self.solids.append(Solid(room, "leaves" if leafy else "ball", self.point(at), (radius, 0.0, 0.0), (finish,)))

    def add_rod(self, room: int, at: Sequence[float], to: Sequence[float], radius: float, finish: Finish) -> None:
        """A rod with round ends."""
        self.solids.append(Solid(room, "rod", self.point(at), (radius, 0.0, 0.0), (finish,), to=self.point(to)))

    def add_drum(self, room: int, at: Sequence[float], radius: float, half: float, finish: Finish) -> None:
        """An upright cylinder."""
        self.solids.append(Solid(room, "drum", self.point(at), (radius, radius, half), (finish,)))

    def add_lamp(self, at: Sequence[float], radius: float, power: Point) -> None:
        """Light from a small ball."""
        self.lamps.append(Lamp(self.point(at), radius, power))

    def add_pane(self, low: Point, high: Point, face: int, radiance: Point) -> None:
        """Light from a window: a flat box whose thin axis is the one of `face`."""
        a, b = (np.array(corner) for corner in self.span(low, high))
        axis, sign = divmod(self.face(face), 2)
        normal = np.zeros(3)
        normal[axis] = 2 * sign - 1
        edges = [np.eye(3)[k] * (b - a)[k] / 2 for k in range(3) if k != axis]
        middle = (a + b) / 2 + 0.03 * normal
        at, half_u, half_v, towards = (tuple(map(float, vector)) for vector in (middle, *edges, normal))
        self.panes.append(Pane(at, half_u, half_v, towards, radiance))  # type: ignore[arg-type]

    def join(
        self, near: int, far: int, axis: int, low: Sequence[float], high: Sequence[float], faces: Sequence[Finish]
    ) -> int:
        """A doorway or window between two rooms: a room of its own, as deep as the wall. Its index.

        `low`, `high` span the gap between the walls; `near` lies on the low side along `axis`.
        """
        gap = self.add_room("", tuple(low), tuple(high), faces)  # type: ignore[arg-type]
        inner, outer = 2 * axis, 2 * axis + 1
        for room, face, into in ((near, inner, gap), (gap, outer, near), (gap, inner, far), (far, outer, gap)):
            if room >= 0 and into >= 0:
                self.add_hole(room, face, tuple(low), tuple(high), into)  # type: ignore[arg-type]
        return gap
