# mypy: disable-error-code="no-untyped-def"
# ruff: noqa: ANN001, ANN201, ANN202, PLR0912, PLR0913, C901 (kernels take plain numbers and are inlined)
"""The ray caster: compiled kernels that follow a ray from room to room, and shade what it meets.

A ray crosses its room to the wall or the nearest solid; through an opening it goes on in the next room. Light is
looked up in light maps (walls, boxes) and probes (round things), both baked beforehand. Rays of a tile of the image
share a short list of the solids that its cone can meet. Kernels release the GIL; bands of the image run in threads.
"""

import hashlib
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, cast

import numba
import numpy as np
from numpy.typing import NDArray

Floats32 = NDArray[np.float32]
Ints32 = NDArray[np.int32]
_Kernel = Callable[..., Any]

BOX, BALL, ROD, DRUM, LEAVES = range(5)
NOTHING = -1
SKY = -2
ACTOR = -3
FAR_M = 1e9
_UNIT = np.float32(1.0 / 65025.0)
TILE_W, TILE_H = 16, 8
_KERNEL_FILES = ("raycast.py", "render.py", "bake.py", "sensor.py")
_MOST_ROOMS = 16
"""Rooms a ray may cross; a set has fewer in a row."""


class Scene(NamedTuple):
    """A set as arrays (see `world`). Rooms R, solids S, slots (finished faces) F, light samples M."""

    room_box: NDArray[np.float64]  # (R, 6) low xyz, high xyz
    room_sky: Floats32  # (R, 6) height above which a face is sky
    room_outdoor: Ints32  # (R,)
    room_slot: Ints32  # (R,) slot of face 0
    room_probe: Ints32  # (R, 4) first light sample of the probes, and their count along x, y, z
    room_fog: Floats32  # (R, 3) radiance of lit smoke
    hole_first: Ints32  # (R * 6 + 1,)
    hole_box: NDArray[np.float64]  # (H, 6)
    hole_into: Ints32  # (H,)
    solid_first: Ints32  # (R + 1,) solids are sorted by room
    solid_all: NDArray[np.uint32]  # (S,) 0, 1, 2 ...: the list of candidates that leaves nothing out
    solid_kind: Ints32  # (S,)
    solid: NDArray[np.float64]  # (S, 12) centre, half sizes, cos, sin, bounding radius, end of a rod (3)
    solid_slot: Ints32  # (S,)
    slot_texture: Ints32  # (F,)
    slot: Floats32  # (F, 8) repeats a metre across and down, gloss, emission, face extent u, v, mean luminance, -
    slot_mean: Floats32  # (F, 3) mean linear colour
    slot_light: Ints32  # (F, 3) first light sample, columns, rows
    light: Floats32  # (M, 3) irradiance / pi
    texels: NDArray[
        np.uint32
    ]  # (N,) red, green, blue from the lowest byte: square roots of linear values; mip pyramids
    texture: NDArray[np.int64]  # (T, 2) first texel, size
    sky: Floats32  # (8,) texture, gain, sun direction (3), sun radiance rgb


def _cache_folder() -> str:
    """Where compiled kernels are kept: by the contents of all kernels, since one that changes is part of others.

    numba looks only at the file of each function; where this folder cannot be written it falls back to its own.
    """
    here = Path(__file__).parent
    digest = hashlib.sha256(b"".join((here / name).read_bytes() for name in _KERNEL_FILES)).hexdigest()[:16]
    return str(here / "__pycache__" / f"kernels-{digest}")


def _jit(function: _Kernel, inline: bool) -> _Kernel:
    options: dict[str, Any] = {
        "nogil": True,
        "fastmath": {"nsz", "arcp", "contract", "afn"},
        "error_model": "numpy",
        "forceinline": inline,
        "_nrt": False,  # no reference counting: it took two thirds of the time; kernels allocate nothing
    }
    settings: Any = numba.config
    compiler: Any = numba.njit
    before, settings.CACHE_DIR = settings.CACHE_DIR, _CACHE_FOLDER
    try:
        return cast(_Kernel, compiler(cache=True, **options)(function))
    except RuntimeError:  # no writable place for the cache
        return cast(_Kernel, compiler(**options)(function))
    finally:
        settings.CACHE_DIR = before


_CACHE_FOLDER = _cache_folder()


def _compiled(function: _Kernel) -> _Kernel:
    """A compiled kernel, kept on disk where there is a place to keep it."""
    return _jit(function, False)


def _inlined(function: _Kernel) -> _Kernel:
    """A kernel copied into its callers: handing a Scene to a call costs more than the work of a small one."""
    return _jit(function, True)


@_compiled
def hit_rod(cx, cy, cz, dx, dy, dz, bx, by, bz, radius):
    """Distance to a rod from the origin to b, seen from c along d, or FAR_M."""
    bb = bx * bx + by * by + bz * bz
    bd = bx * dx + by * dy + bz * dz
    bc = bx * cx + by * cy + bz * cz
    dc = dx * cx + dy * cy + dz * cz
    cc = cx * cx + cy * cy + cz * cz
    a = bb - bd * bd
    b = bb * dc - bc * bd
    disc = b * b - a * (bb * cc - bc * bc - radius * radius * bb)
    if disc >= 0 and a > 1e-12:
        t = (-b - math.sqrt(disc)) / a
        y = bc + t * bd
        if 0 < y < bb:
            return t
    best = FAR_M
    for end in range(2):
        ex, ey, ez = cx - end * bx, cy - end * by, cz - end * bz
        b = ex * dx + ey * dy + ez * dz
        disc = b * b - (ex * ex + ey * ey + ez * ez) + radius * radius
        if disc > 0:
            t = -b - math.sqrt(disc)
            if 0 < t < best:
                best = t
    return best


@_inlined
def _leaf(x, y, z):
    """Whether there is a leaf at a point of a tree, not a gap: a lattice of waves, about six centimetres wide."""
    a = math.sin(31 * x + 9 * z) + math.sin(37 * y - 11 * x) + math.sin(33 * z + 13 * y)
    return a + 0.8 * math.sin(71 * x + 67 * y + 59 * z) > 0.55


@_compiled
def hit_odd(solid, kind, k, ox, oy, oz, dx, dy, dz, near):
    """Distance to a solid that is no upright box along the axes, or FAR_M."""
    cx, cy, cz = ox - solid[k, 0], oy - solid[k, 1], oz - solid[k, 2]
    hx, hy, hz = solid[k, 3], solid[k, 4], solid[k, 5]
    if kind == BOX:
        c, q = solid[k, 6], solid[k, 7]
        x, y = c * cx + q * cy, c * cy - q * cx
        u, v = c * dx + q * dy, c * dy - q * dx
        ix = 1.0 / u if u != 0.0 else FAR_M
        iy = 1.0 / v if v != 0.0 else FAR_M
        iz = 1.0 / dz if dz != 0.0 else FAR_M
        ax, ay, az = abs(ix) * hx, abs(iy) * hy, abs(iz) * hz
        enter = max(-x * ix - ax, -y * iy - ay, -cz * iz - az)
        leave = min(-x * ix + ax, -y * iy + ay, -cz * iz + az)
        return max(enter, near) if enter <= leave and leave > near else FAR_M
    if kind == BALL:
        b = cx * dx + cy * dy + cz * dz
        disc = b * b - (cx * cx + cy * cy + cz * cz) + hx * hx
        t = -b - math.sqrt(disc) if disc > 0 else -1.0
        return t if t > near else FAR_M
    if kind == LEAVES:
        b = cx * dx + cy * dy + cz * dz
        disc = b * b - (cx * cx + cy * cy + cz * cz) + hx * hx
        if disc <= 0:
            return FAR_M
        root = math.sqrt(disc)
        for t in (-b - root, -b - 0.45 * root, -b + 0.6 * root):
            if t > near and _leaf(ox + t * dx, oy + t * dy, oz + t * dz):
                return t
        return FAR_M
    if kind == ROD:
        t = hit_rod(cx, cy, cz, dx, dy, dz, solid[k, 9], solid[k, 10], solid[k, 11], hx)
        return t if t > near else FAR_M
    a = dx * dx + dy * dy
    b = cx * dx + cy * dy
    disc = b * b - a * (cx * cx + cy * cy - hx * hx)
    if disc <= 0:
        return FAR_M
    if a > 1e-12:
        t = (-b - math.sqrt(disc)) / a
        if t > near and abs(cz + t * dz) < hz:
            return t
    t = (-math.copysign(hz, dz) - cz) / dz if dz != 0.0 else -1.0
    x, y = cx + t * dx, cy + t * dy
    return t if t > near and x * x + y * y < hx * hx else FAR_M


@_compiled
def face_of(solid, kind, k, x, y, z):
    """The face of solid k that a point of its surface lies on (of a drum: its ends, or 0)."""
    cx, cy, cz = x - solid[k, 0], y - solid[k, 1], z - solid[k, 2]
    hx, hy, hz = solid[k, 3], solid[k, 4], solid[k, 5]
    up = 5 if cz > 0 else 4
    if kind == DRUM:
        return up if abs(cz) > hz - 1e-6 else 0
    if kind != BOX:
        return 0
    c, q = solid[k, 6], solid[k, 7]
    x, y = c * cx + q * cy, c * cy - q * cx
    gx, gy, gz = hx - abs(x), hy - abs(y), hz - abs(cz)
    if gx < gy and gx < gz:
        return 1 if x > 0 else 0
    if gy < gz:
        return 3 if y > 0 else 2
    return up


@_inlined
def trace(s, room, ox, oy, oz, dx, dy, dz, listed, first, limit):
    """The first thing a ray meets: distance, room, solid (or NOTHING for the room itself, SKY), face.

    listed, first: candidate solids of each room; `limit`: distance at which to give up (shadow rays). A ray that
    starts within a box meets it at once. A ray along a wall leaves by the low side, infinitely far away.
    """
    ix = 1.0 / dx if dx != 0.0 else -FAR_M
    iy = 1.0 / dy if dy != 0.0 else -FAR_M
    iz = 1.0 / dz if dz != 0.0 else -FAR_M
    jx, jy, jz = abs(ix), abs(iy), abs(iz)
    ex, ey, ez = 3 if dx > 0 else 0, 4 if dy > 0 else 1, 5 if dz > 0 else 2
    entered = 1e-4
    best, wall, solid = FAR_M, 0, NOTHING
    for _ in range(_MOST_ROOMS):
        tx = (s.room_box[room, ex] - ox) * ix
        ty = (s.room_box[room, ey] - oy) * iy
        tz = (s.room_box[room, ez] - oz) * iz
        best = min(tx, ty, tz)
        leave = best
        for i in range(first[room], first[room + 1]):
            k = listed[i]
            if s.solid_kind[k] == BOX and s.solid[k, 7] == 0.0:
                cx, cy, cz = (s.solid[k, 0] - ox) * ix, (s.solid[k, 1] - oy) * iy, (s.solid[k, 2] - oz) * iz
                hx, hy, hz = s.solid[k, 3] * jx, s.solid[k, 4] * jy, s.solid[k, 5] * jz
                enter = max(cx - hx, cy - hy, cz - hz, entered)
                if enter < best and enter <= min(cx + hx, cy + hy, cz + hz):
                    best, solid = enter, k
            else:
                t = hit_odd(s.solid, s.solid_kind[k], k, ox, oy, oz, dx, dy, dz, entered)
                if t < best:
                    best, solid = t, k
        if best > limit:
            break
        x, y, z = ox + best * dx, oy + best * dy, oz + best * dz
        if best < leave:
            return best, room, solid, face_of(s.solid, s.solid_kind[solid], solid, x, y, z)
        if tx <= ty and tx <= tz:
            wall = 0 if dx > 0 else 1
        elif ty <= tz:
            wall = 2 if dy > 0 else 3
        else:
            wall = 4 if dz > 0 else 5
        onward = -1
        for h in range(s.hole_first[room * 6 + wall], s.hole_first[room * 6 + wall + 1]):
            if (
                (wall < 2 or s.hole_box[h, 0] < x < s.hole_box[h, 3])
                and (wall == 2 or wall == 3 or s.hole_box[h, 1] < y < s.hole_box[h, 4])
                and (wall > 3 or s.hole_box[h, 2] < z < s.hole_box[h, 5])
            ):
                onward = s.hole_into[h]
                break
        if onward < 0:
            return best, room, SKY if z > s.room_sky[room, wall] else NOTHING, wall
        room, entered = onward, best
    return best, room, NOTHING, wall


@_inlined
def texel(s, texture, u, v, footprint):
    """Linear colour of a texture at (u, v) in repeats; `footprint`: repeats that one pixel covers."""
    first, size = s.texture[texture, 0], s.texture[texture, 1]
    wide = footprint * size
    while wide > 1.4 and size > 1:
        first += size * size
        size >>= 1
        wide *= 0.5
    x, y = (u - math.floor(u)) * size + (size - 0.5), (v - math.floor(v)) * size + (size - 0.5)
    i, j = int(x), int(y)
    fx, fy = np.float32(x - i), np.float32(y - j)
    mask = size - 1
    i0, i1 = i & mask, (i + 1) & mask
    j0, j1 = first + (j & mask) * size, first + ((j + 1) & mask) * size
    w11 = fx * fy
    w10, w01 = fy - w11, fx - w11
    w00 = np.float32(1.0) - fx - fy + w11
    a, b = s.texels[np.uint64(j0 + i0)], s.texels[np.uint64(j0 + i1)]
    c, d = s.texels[np.uint64(j1 + i0)], s.texels[np.uint64(j1 + i1)]
    red = w00 * np.float32(a & 255) + w01 * np.float32(b & 255) + w10 * np.float32(c & 255) + w11 * np.float32(d & 255)
    green = (
        w00 * np.float32((a >> 8) & 255)
        + w01 * np.float32((b >> 8) & 255)
        + w10 * np.float32((c >> 8) & 255)
        + w11 * np.float32((d >> 8) & 255)
    )
    blue = (
        w00 * np.float32((a >> 16) & 255)
        + w01 * np.float32((b >> 16) & 255)
        + w10 * np.float32((c >> 16) & 255)
        + w11 * np.float32((d >> 16) & 255)
    )
    return red * red * _UNIT, green * green * _UNIT, blue * blue * _UNIT


@_inlined
def lit(s, slot, u, v):
    """Irradiance / pi on a flat face at (u, v) metres, from its light map."""
    first, columns, rows = s.slot_light[slot, 0], s.slot_light[slot, 1], s.slot_light[slot, 2]
    x = min(max(u / s.slot[slot, 4], 0.0), 1.0) * (columns - 1)
    y = min(max(v / s.slot[slot, 5], 0.0), 1.0) * (rows - 1)
    i, j = min(int(x), columns - 2), min(int(y), rows - 2)
    fx, fy = np.float32(x - i), np.float32(y - j)
    a = np.uint64(first + j * columns + i)
    b = a + np.uint64(columns)
    w11 = fx * fy
    w10, w01 = fy - w11, fx - w11
    w00 = np.float32(1.0) - fx - fy + w11
    return (
        w00 * s.light[a, 0]
        + w01 * s.light[a + np.uint64(1), 0]
        + w10 * s.light[b, 0]
        + w11 * s.light[b + np.uint64(1), 0],
        w00 * s.light[a, 1]
        + w01 * s.light[a + np.uint64(1), 1]
        + w10 * s.light[b, 1]
        + w11 * s.light[b + np.uint64(1), 1],
        w00 * s.light[a, 2]
        + w01 * s.light[a + np.uint64(1), 2]
        + w10 * s.light[b, 2]
        + w11 * s.light[b + np.uint64(1), 2],
    )


@_compiled
def ambient(s, room, x, y, z, nx, ny, nz):
    """Irradiance / pi at a point in the air for a surface that looks along n, from the room's probes."""
    first, nu, nv, nw = s.room_probe[room, 0], s.room_probe[room, 1], s.room_probe[room, 2], s.room_probe[room, 3]
    px = (x - s.room_box[room, 0]) / (s.room_box[room, 3] - s.room_box[room, 0]) * nu - 0.5
    py = (y - s.room_box[room, 1]) / (s.room_box[room, 4] - s.room_box[room, 1]) * nv - 0.5
    pz = (z - s.room_box[room, 2]) / (s.room_box[room, 5] - s.room_box[room, 2]) * nw - 0.5
    px, py, pz = min(max(px, 0.0), nu - 1.0), min(max(py, 0.0), nv - 1.0), min(max(pz, 0.0), nw - 1.0)
    i0, j0, k0 = int(px), int(py), int(pz)
    fx, fy, fz = px - i0, py - j0, pz - k0
    ax, ay, az = nx * nx, ny * ny, nz * nz
    sx, sy, sz = 1 if nx > 0 else 0, 3 if ny > 0 else 2, 5 if nz > 0 else 4
    red = green = blue = 0.0
    total = 1e-6
    for corner in range(8):
        i, j, k = corner & 1, (corner >> 1) & 1, corner >> 2
        w = (fx if i else 1 - fx) * (fy if j else 1 - fy) * (fz if k else 1 - fz)
        p = first + 6 * ((min(k0 + k, nw - 1) * nv + min(j0 + j, nv - 1)) * nu + min(i0 + i, nu - 1))
        if w < 1e-3 or s.light[p + 5, 0] + s.light[p, 0] + s.light[p + 1, 0] < 1e-5:
            continue
        total += w
        red += w * (ax * s.light[p + sx, 0] + ay * s.light[p + sy, 0] + az * s.light[p + sz, 0])
        green += w * (ax * s.light[p + sx, 1] + ay * s.light[p + sy, 1] + az * s.light[p + sz, 1])
        blue += w * (ax * s.light[p + sx, 2] + ay * s.light[p + sy, 2] + az * s.light[p + sz, 2])
    return red / total, green / total, blue / total


@_inlined
def place(s, room, solid, face, x, y, z):
    """Where on a surface a point lies: its slot, the normal there, (u, v) in metres on the face."""
    if solid == NOTHING:
        px, py, pz = x - s.room_box[room, 0], y - s.room_box[room, 1], z - s.room_box[room, 2]
        slot = s.room_slot[room] + face
        c, q = 1.0, 0.0
    else:
        cx, cy, cz = x - s.solid[solid, 0], y - s.solid[solid, 1], z - s.solid[solid, 2]
        hx, hy, hz = s.solid[solid, 3], s.solid[solid, 4], s.solid[solid, 5]
        kind = s.solid_kind[solid]
        slot = s.solid_slot[solid]
        if kind != BOX:
            nx, ny, nz = cx / hx, cy / hx, 0.0
            if kind in (BALL, LEAVES):
                nz = cz / hx
                if abs(nz) > 0.6:
                    return slot, nx, ny, nz, x, y
                return slot, nx, ny, nz, x if abs(ny) > abs(nx) else y, -z
            elif kind == ROD:
                bx, by, bz = s.solid[solid, 9], s.solid[solid, 10], s.solid[solid, 11]
                share = (cx * bx + cy * by + cz * bz) / (bx * bx + by * by + bz * bz)
                share = min(max(share, 0.0), 1.0)
                nx, ny, nz = (cx - share * bx) / hx, (cy - share * by) / hx, (cz - share * bz) / hx
            elif face >= 4:
                nx, ny, nz = 0.0, 0.0, 1.0 if face == 5 else -1.0
                return slot, nx, ny, nz, cx, cy
            return slot, nx, ny, nz, math.atan2(ny, nx) * hx, -cz
        c, q = s.solid[solid, 6], s.solid[solid, 7]
        px, py, pz = c * cx + q * cy + hx, c * cy - q * cx + hy, cz + hz
        slot += face
    across, down = s.slot[slot, 4], s.slot[slot, 5]
    if face < 2:
        sign = 2.0 * face - 1.0
        return slot, sign * c, sign * q, 0.0, py if face == 1 else across - py, down - pz
    if face < 4:
        sign = 2.0 * face - 5.0
        return slot, -sign * q, sign * c, 0.0, across - px if face == 3 else px, down - pz
    return slot, 0.0, 0.0, 2.0 * face - 9.0, px, down - py if face == 5 else py


@_compiled
def skylight(s, dx, dy, dz, pixel_rad):
    """Radiance of the sky along a direction."""
    u = math.atan2(dy, dx) * (0.5 / math.pi)
    v = 1.0 - math.asin(min(max(dz, 0.002), 0.999)) * (2 / math.pi)
    red, green, blue = texel(s, int(s.sky[0]), u, v, pixel_rad * 0.4)
    near_sun = dx * s.sky[2] + dy * s.sky[3] + dz * s.sky[4]
    glow = 0.0
    if near_sun > 0.5:
        glow = 0.18 * near_sun**40 + (3.0 if near_sun > 0.9995 else 0.0) + 0.6 * near_sun**600
    gain = s.sky[1]
    return red * gain + glow * s.sky[5], green * gain + glow * s.sky[6], blue * gain + glow * s.sky[7]
