# mypy: disable-error-code="no-untyped-def"
# ruff: noqa: ANN001, ANN201, ANN202, PLR0913 (kernels take plain numbers and are inlined)
"""Kernels that make pictures: shading of what a ray meets, and a band of an image from many sub-frames."""

import math

import numpy as np

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
_SMOKE_REACH_M = 30.0


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
def look(s, room, ox, oy, oz, dx, dy, dz, listed, first, rods, bounds, n, pixel_rad, before):
    """What a ray meets: radiance, distance, room, solid, normal, gloss. before: metres the ray has already come."""
    t, met, solid, face = trace(s, room, ox, oy, oz, dx, dy, dz, listed, first, FAR_M)
    if bounds[n, 3] > 0:
        nearer, limb = hit_actor(rods, bounds, n, ox, oy, oz, dx, dy, dz, t)
        if limb >= 0:
            t, solid, face = nearer, ACTOR, limb
    x, y, z = ox + t * dx, oy + t * dy, oz + t * dz
    if solid == SKY:
        red, green, blue = skylight(s, dx, dy, dz, pixel_rad)
        return red, green, blue, FAR_M, met, solid, 0.0, 0.0, 0.0, 0.0
    if solid == ACTOR:
        red, green, blue = shade_actor(s, met, rods, n, face, x, y, z)
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
    if bounds[n, 3] > 0 and nz > 0.9:
        away = (x - bounds[n, 0]) ** 2 + (y - bounds[n, 1]) ** 2
        if away < 1.5:
            dark = 1.0 - 0.55 * math.exp(-away / 0.07) - 0.15 * math.exp(-away / 0.4)
            r, g, b = r * dark, g * dark, b * dark
    return red * r, green * g, blue * b, t, met, solid, nx, ny, nz, s.slot[slot, 2]


@_compiled
def look_again(s, room, ox, oy, oz, dx, dy, dz, listed, first, rods, bounds, n, pixel_rad, before):
    """Radiance along a reflected ray, without further reflections."""
    red, green, blue, _, _, _, _, _, _, _ = look(
        s, room, ox, oy, oz, dx, dy, dz, listed, first, rods, bounds, n, pixel_rad, before
    )
    return red, green, blue


@_inlined
def see(s, room, ox, oy, oz, dx, dy, dz, listed, first, mirrored, mirrored_first, rods, bounds, n, pixel_rad, smoke):
    """Radiance that arrives at o from direction d, with reflections and smoke.

    mirrored, mirrored_first: candidates for what a floor reflects. Other polished things only shine.
    """
    red, green, blue, t, met, solid, nx, ny, nz, gloss = look(
        s, room, ox, oy, oz, dx, dy, dz, listed, first, rods, bounds, n, pixel_rad, 0.0
    )
    if gloss > 0:
        along = dx * nx + dy * ny + dz * nz
        grazing = 1.0 - abs(along)
        share = gloss * (0.05 + 0.75 * grazing * grazing * grazing * grazing)
        if share > _GLOSS_FLOOR:
            x, y, z = ox + t * dx, oy + t * dy, oz + t * dz
            dx, dy, dw = dx - 2 * along * nx, dy - 2 * along * ny, dz - 2 * along * nz
            if solid == NOTHING and nz > 0.5:
                r, g, b = look_again(
                    s, met, x, y, z + 0.002, dx, dy, dw, mirrored, mirrored_first, rods, bounds, n, pixel_rad * 6, t
                )
            else:
                r, g, b = ambient(s, met, x, y, z, dx, dy, dw)
            red, green, blue = red + share * (r - red), green + share * (g - green), blue + share * (b - blue)
    if smoke > 0 and t < FAR_M:
        density = smoke * (0.35 + 0.45 * max(oz + 0.5 * t * dz, 0.0))
        through = math.exp(-density * min(t, _SMOKE_REACH_M))
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
def _to_world(turn, n, row, rays, g, y, x):
    """A pixel's ray in world axes, on one line of one sub-frame."""
    a, b, c = rays[g, y, x, 0], rays[g, y, x, 1], rays[g, y, x, 2]
    return (
        turn[n, row, 0, 0] * a + turn[n, row, 0, 1] * b + turn[n, row, 0, 2] * c,
        turn[n, row, 1, 0] * a + turn[n, row, 1, 1] * b + turn[n, row, 1, 2] * c,
        turn[n, row, 2, 0] * a + turn[n, row, 2, 1] * b + turn[n, row, 2, 2] * c,
    )


@_compiled
def _aim(turn, eye, n, rays, g, top, low, left, right):
    """The cone of a tile's rays: axis and cosine of its half angle (NaN where the lens shows nothing)."""
    mid = (top + low) // 2
    ax, ay, az = _to_world(turn, n, mid, rays, g, mid, (left + right) // 2)
    cosine = 1.0
    for q in range(4):
        row, column = (top if q < 2 else low - 1), (left if q % 2 == 0 else right - 1)
        cx, cy, cz = _to_world(turn, n, row, rays, g, row, column)
        dot = ax * cx + ay * cy + az * cz
        if dot != dot:
            return ax, ay, az, math.nan
        cosine = min(cosine, dot)
    return ax, ay, az, cosine


@_compiled
def render_band(
    s,
    rays,
    turn,
    eye,
    rooms,
    rods,
    bounds,
    pixel_rad,
    smoke,
    split,
    row0,
    row1,
    listed,
    first,
    mirrored,
    mirrored_first,
    out,
):
    """Mean radiance over sub-frames for the rows row0 to row1 of `out` (h, w, 3).

    rays (j, h, w, 3): pixel rays in camera axes for j jittered grids; turn (n, h, 3, 3) world_from_camera and
    eye (n, h, 3) for each sub-frame and line; rooms (n, h); rods (n, k, 11) the passer-by, bounds (n, 4).
    split: 1, or 2 where the pixels of a chequerboard's fields take every other sub-frame (a blur hides the pattern)
    listed, first, mirrored, mirrored_first: room for lists of candidates.
    """
    subframes, width = turn.shape[0], out.shape[1]
    share = np.float32(split / subframes)
    for top in range(row0, row1, TILE_H):
        low = min(top + TILE_H, row1)
        mid = (top + low) // 2
        for left in range(0, width, TILE_W):
            right = min(left + TILE_W, width)
            out[top:low, left:right] = 0.0
            for n in range(subframes):
                g = n % len(rays)
                ax, ay, az, cosine = _aim(turn, eye, n, rays, g, top, low, left, right)
                wide = not cosine > _WIDE_COSINE
                angle = math.pi if wide else math.acos(min(cosine, 1.0)) + 1.5 * pixel_rad
                sine, cosine = math.sin(angle), math.cos(angle)
                ox, oy, oz = eye[n, mid, 0], eye[n, mid, 1], eye[n, mid, 2]
                cull(s, ox, oy, oz, ax, ay, az, sine, cosine, listed, first)
                if wide or az < sine:
                    cull(s, ox, oy, -oz, ax, ay, -az, sine, cosine, mirrored, mirrored_first)
                for row in range(top, low):
                    ox, oy, oz, room = eye[n, row, 0], eye[n, row, 1], eye[n, row, 2], rooms[n, row]
                    if room < 0:
                        continue
                    for column in range(left + ((n + row) & 1 if split == 2 else 0), right, split):
                        dx, dy, dz = _to_world(turn, n, row, rays, g, row, column)
                        if dx != dx:
                            continue
                        red, green, blue = see(
                            s,
                            room,
                            ox,
                            oy,
                            oz,
                            dx,
                            dy,
                            dz,
                            listed,
                            first,
                            mirrored,
                            mirrored_first,
                            rods,
                            bounds,
                            n,
                            pixel_rad,
                            smoke,
                        )
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
