# mypy: disable-error-code="no-untyped-def"
# ruff: noqa: ANN001, ANN201, ANN202, PLR0913 (kernels take plain numbers and are inlined)
"""Kernels that make pictures: shading of what a ray meets, and a band of an image from many sub-frames."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from headturn.backlot.raycast import (
    ACTOR,
    BOX,
    FAR_M,
    NOTHING,
    SKY,
    TILE_H,
    TILE_W,
    _compiled,
    _inlined,
    ambient,
    hit_rod,
    lit,
    place,
    skylight,
    texel,
    trace,
)

_GLOSS_FLOOR = 0.012
"""Reflections weaker than this are not followed: below one code value of an 8-bit picture."""
_WIDE_COSINE = 0.25
"""Tiles whose half angle is wider than this, or that the lens fills only in part, try every solid."""
_SMOKE_REACH_M, _SMOKE_TOP_M = 25.0, 2.5
"""Smoke rises: it thickens up to the height of a ceiling."""


class Shot(NamedTuple):
    """One exposure: pixel rays, and where the camera and the passer-by are in each of n sub-frames.

    rays (j, h, w, 3): in camera axes, for j jittered grids; turn (n, h, 3, 3): world_from_camera; eye (n, h, 3) and
    rooms (n, h): on each line; rods (n, k, 11) and bounds (n, 4): see `world.Limbs`; pixel_rad: angle of a pixel;
    smoke: extinction a metre at the height of a hand
    """

    rays: NDArray[np.float32]
    turn: NDArray[np.float64]
    eye: NDArray[np.float64]
    rooms: NDArray[np.int32]
    rods: NDArray[np.float64]
    bounds: NDArray[np.float64]
    pixel_rad: float
    smoke: float


class Lists(NamedTuple):
    """Space for the solids that a tile's rays can meet, by room, and for those its floor can reflect."""

    listed: NDArray[np.uint32]
    first: NDArray[np.int32]
    mirrored: NDArray[np.uint32]
    mirrored_first: NDArray[np.int32]


@_compiled
def hit_actor(rods, bounds, n, ox, oy, oz, dx, dy, dz, limit):
    """Nearest limb of the passer-by in sub-frame n: distance and index."""
    cx, cy, cz = ox - bounds[n, 0], oy - bounds[n, 1], oz - bounds[n, 2]
    b = cx * dx + cy * dy + cz * dz
    best, which = limit, -1
    if b * b - (cx * cx + cy * cy + cz * cz) + bounds[n, 3] * bounds[n, 3] > 0:
        for k in range(rods.shape[1]):
            t = hit_rod(
                ox - rods[n, k, 0],
                oy - rods[n, k, 1],
                oz - rods[n, k, 2],
                dx,
                dy,
                dz,
                rods[n, k, 3],
                rods[n, k, 4],
                rods[n, k, 5],
                rods[n, k, 6],
            )
            if 0.02 < t < best:
                best, which = t, k
    return best, which


@_compiled
def shade_actor(s, room, rods, n, k, x, y, z):
    """Radiance of a limb of the passer-by."""
    bx, by, bz = rods[n, k, 3], rods[n, k, 4], rods[n, k, 5]
    cx, cy, cz = x - rods[n, k, 0], y - rods[n, k, 1], z - rods[n, k, 2]
    share = min(max((cx * bx + cy * by + cz * bz) / (bx * bx + by * by + bz * bz), 0.0), 1.0)
    nx, ny, nz = cx - share * bx, cy - share * by, cz - share * bz
    size = 1.0 / (math.sqrt(nx * nx + ny * ny + nz * nz) + 1e-9)
    nx, ny, nz = nx * size, ny * size, nz * size
    length = math.sqrt(bx * bx + by * by + bz * bz)
    red, green, blue = texel(s, int(rods[n, k, 7]), math.atan2(ny, nx) * 0.6, share * length * 3.0, 0.01)
    r, g, b = ambient(s, room, x, y, z, nx, ny, nz)
    return red * r * rods[n, k, 8], green * g * rods[n, k, 9], blue * b * rods[n, k, 10]


@_inlined
def look(s, shot, n, room, ox, oy, oz, dx, dy, dz, listed, first, pixel_rad, before):
    """What a ray meets: radiance, distance, room, solid, normal, gloss. before: metres the ray has already come."""
    t, met, solid, face = trace(s, room, ox, oy, oz, dx, dy, dz, listed, first, FAR_M)
    if shot.bounds[n, 3] > 0:
        nearer, limb = hit_actor(shot.rods, shot.bounds, n, ox, oy, oz, dx, dy, dz, t)
        if limb >= 0:
            t, solid, face = nearer, ACTOR, limb
    x, y, z = ox + t * dx, oy + t * dy, oz + t * dz
    if solid == SKY:
        red, green, blue = skylight(s, dx, dy, dz, pixel_rad)
        return red, green, blue, FAR_M, met, solid, 0.0, 0.0, 0.0, 0.0
    if solid == ACTOR:
        red, green, blue = shade_actor(s, met, shot.rods, n, face, x, y, z)
        return red, green, blue, t, met, solid, 0.0, 0.0, 0.0, 0.0
    slot, nx, ny, nz, u, v = place(s, met, solid, face, x, y, z)
    cosine = abs(dx * nx + dy * ny + dz * nz)
    repeats = s.slot[slot, 0]
    wide = (before + t) * pixel_rad / math.sqrt(cosine + 0.02) * repeats
    red, green, blue = texel(s, s.slot_texture[slot], u * repeats, v * s.slot[slot, 1], wide)
    emission = s.slot[slot, 3]
    if emission > 0:
        return red * emission, green * emission, blue * emission, t, met, solid, 0.0, 0.0, 0.0, 0.0
    if solid == NOTHING or s.solid_kind[solid] == BOX:
        r, g, b = lit(s, slot, u, v)
    else:
        r, g, b = ambient(s, met, x, y, z, nx, ny, nz)
    if shot.bounds[n, 3] > 0 and nz > 0.9:
        away = (x - shot.bounds[n, 0]) ** 2 + (y - shot.bounds[n, 1]) ** 2
        if away < 1.5:
            dark = 1.0 - 0.55 * math.exp(-away / 0.07) - 0.15 * math.exp(-away / 0.4)
            r, g, b = r * dark, g * dark, b * dark
    return red * r, green * g, blue * b, t, met, solid, nx, ny, nz, s.slot[slot, 2]


@_compiled
def look_again(s, shot, lists, n, room, ox, oy, oz, dx, dy, dz, before):
    """Radiance along a ray that a floor reflected, without further reflections."""
    red, green, blue, _, _, _, _, _, _, _ = look(
        s, shot, n, room, ox, oy, oz, dx, dy, dz, lists.mirrored, lists.mirrored_first, shot.pixel_rad * 6, before
    )
    return red, green, blue


@_inlined
def see(s, shot, lists, n, room, ox, oy, oz, dx, dy, dz):
    """Radiance that arrives at o from direction d in sub-frame n, with reflections and smoke.

    Floors reflect the room; other polished things only shine.
    """
    red, green, blue, t, met, solid, nx, ny, nz, gloss = look(
        s, shot, n, room, ox, oy, oz, dx, dy, dz, lists.listed, lists.first, shot.pixel_rad, 0.0
    )
    if gloss > 0:
        along = dx * nx + dy * ny + dz * nz
        grazing = 1.0 - abs(along)
        share = gloss * (0.05 + 0.75 * grazing * grazing * grazing * grazing)
        if share > _GLOSS_FLOOR:
            x, y, z = ox + t * dx, oy + t * dy, oz + t * dz
            rx, ry, rz = dx - 2 * along * nx, dy - 2 * along * ny, dz - 2 * along * nz
            if solid == NOTHING and nz > 0.5:
                r, g, b = look_again(s, shot, lists, n, met, x, y, z + 0.002, rx, ry, rz, t)
            else:
                r, g, b = ambient(s, met, x, y, z, rx, ry, rz)
            red, green, blue = red + share * (r - red), green + share * (g - green), blue + share * (b - blue)
    if shot.smoke > 0:
        way = min(t, _SMOKE_REACH_M)
        density = shot.smoke * (0.35 + 0.45 * min(max(oz + 0.5 * way * dz, 0.0), _SMOKE_TOP_M))
        through = math.exp(-density * way)
        fog = 0.5 * (1 - through)
        red = red * through + fog * (s.room_fog[met, 0] + s.room_fog[room, 0])
        green = green * through + fog * (s.room_fog[met, 1] + s.room_fog[room, 1])
        blue = blue * through + fog * (s.room_fog[met, 2] + s.room_fog[room, 2])
    return red, green, blue


@_inlined
def _meets(ax, ay, az, sine, cosine, cx, cy, cz, radius):
    """Whether a ball about c can be seen from the origin within a cone about a."""
    along = ax * cx + ay * cy + az * cz
    square = cx * cx + cy * cy + cz * cz
    if square <= radius * radius or cosine < 0.0:
        return True
    across = math.sqrt(max(square - along * along, 0.0))
    return across * cosine - along * sine < radius and along > -radius


@_compiled
def cull(s, ox, oy, oz, ax, ay, az, sine, cosine, listed, first):
    """List, by room, the solids that a cone of rays from o about a can meet."""
    count = 0
    for room in range(len(s.room_box)):
        first[room] = count
        ex, ey, ez = s.room_box[room, 3], s.room_box[room, 4], s.room_box[room, 5]
        wx, wy, wz = s.room_box[room, 0], s.room_box[room, 1], s.room_box[room, 2]
        radius = 0.5 * math.sqrt((ex - wx) ** 2 + (ey - wy) ** 2 + (ez - wz) ** 2)
        if not _meets(ax, ay, az, sine, cosine, (wx + ex) / 2 - ox, (wy + ey) / 2 - oy, (wz + ez) / 2 - oz, radius):
            continue
        for k in range(s.solid_first[room], s.solid_first[room + 1]):
            cx, cy, cz = s.solid[k, 0] - ox, s.solid[k, 1] - oy, s.solid[k, 2] - oz
            if _meets(ax, ay, az, sine, cosine, cx, cy, cz, s.solid[k, 8] + 0.02):
                listed[count] = k
                count += 1
    first[len(s.room_box)] = count


@_inlined
def _to_world(shot, n, grid, row, column):
    """A pixel's ray in world axes, on one line of one sub-frame."""
    a, b, c = shot.rays[grid, row, column, 0], shot.rays[grid, row, column, 1], shot.rays[grid, row, column, 2]
    return (
        shot.turn[n, row, 0, 0] * a + shot.turn[n, row, 0, 1] * b + shot.turn[n, row, 0, 2] * c,
        shot.turn[n, row, 1, 0] * a + shot.turn[n, row, 1, 1] * b + shot.turn[n, row, 1, 2] * c,
        shot.turn[n, row, 2, 0] * a + shot.turn[n, row, 2, 1] * b + shot.turn[n, row, 2, 2] * c,
    )


@_compiled
def _aim(shot, n, grid, top, low, left, right):
    """The cone of a tile's rays: axis and cosine of its half angle (NaN where the lens shows nothing)."""
    mid = (top + low) // 2
    ax, ay, az = _to_world(shot, n, grid, mid, (left + right) // 2)
    cosine = 1.0
    for q in range(4):
        row, column = (top if q < 2 else low - 1), (left if q % 2 == 0 else right - 1)
        cx, cy, cz = _to_world(shot, n, grid, row, column)
        dot = ax * cx + ay * cy + az * cz
        if dot != dot:
            return ax, ay, az, math.nan
        cosine = min(cosine, dot)
    return ax, ay, az, cosine


@_compiled
def _list_candidates(s, shot, lists, n, grid, top, low, left, right):
    """Fill the lists with what the rays of a tile, and their reflections in the floor, can meet."""
    mid = (top + low) // 2
    ax, ay, az, cosine = _aim(shot, n, grid, top, low, left, right)
    wide = not cosine > _WIDE_COSINE
    angle = math.pi if wide else math.acos(min(cosine, 1.0)) + 1.5 * shot.pixel_rad
    sine, cosine = math.sin(angle), math.cos(angle)
    ox, oy, oz = shot.eye[n, mid, 0], shot.eye[n, mid, 1], shot.eye[n, mid, 2]
    cull(s, ox, oy, oz, ax, ay, az, sine, cosine, lists.listed, lists.first)
    if wide or az < sine:
        cull(s, ox, oy, -oz, ax, ay, -az, sine, cosine, lists.mirrored, lists.mirrored_first)


@_compiled
def render_band(s, shot, lists, split, row0, row1, out):
    """Mean radiance over sub-frames for the rows row0 to row1 of `out` (h, w, 3).

    split: 1, or 2 where the pixels of a chequerboard's fields take every other sub-frame (a blur hides the pattern)
    """
    subframes, width = shot.turn.shape[0], out.shape[1]
    share = np.float32(split / subframes)
    for top in range(row0, row1, TILE_H):
        low = min(top + TILE_H, row1)
        for left in range(0, width, TILE_W):
            right = min(left + TILE_W, width)
            out[top:low, left:right] = 0.0
            for n in range(subframes):
                grid = n % len(shot.rays)
                _list_candidates(s, shot, lists, n, grid, top, low, left, right)
                for row in range(top, low):
                    ox, oy, oz, room = shot.eye[n, row, 0], shot.eye[n, row, 1], shot.eye[n, row, 2], shot.rooms[n, row]
                    if room < 0:
                        continue
                    for column in range(left + ((n + row) & 1 if split == 2 else 0), right, split):
                        dx, dy, dz = _to_world(shot, n, grid, row, column)
                        if dx != dx:
                            continue
                        red, green, blue = see(s, shot, lists, n, room, ox, oy, oz, dx, dy, dz)
                        out[row, column, 0] += red * share
                        out[row, column, 1] += green * share
                        out[row, column, 2] += blue * share


@_compiled
def distances(s, origins, directions, rooms, out):
    """Metres to what each ray (n, 3) from (n, 3) in its room meets; infinite for the sky, NaN outside all rooms."""
    for i in range(len(origins)):
        out[i] = np.nan
        dx, dy, dz = directions[i, 0], directions[i, 1], directions[i, 2]
        if rooms[i] >= 0 and dx == dx:
            t, _, solid, _ = trace(
                s, rooms[i], origins[i, 0], origins[i, 1], origins[i, 2], dx, dy, dz, s.solid_all, s.solid_first, FAR_M
            )
            out[i] = np.inf if solid == SKY else t
