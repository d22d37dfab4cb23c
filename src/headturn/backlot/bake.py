# mypy: disable-error-code="no-untyped-def"
# ruff: noqa: ANN001, ANN201, ANN202, PLR0913 (kernels take plain numbers and are inlined)
"""Light baked into a set before the camera comes: lamps, windows, sun and sky, and what walls throw back."""

import math

from headturn.backlot.raycast import BOX, FAR_M, NOTHING, SKY, _compiled, ambient, lit, place, skylight, trace

_GOLDEN = (0.7548776662466927, 0.5698402909980532, 0.8191725133961645)
"""Steps of the R2 and R1 low-discrepancy sequences (Roberts, 2018)."""
_FAINT = 0.004
"""Lamps that light less than this (radiance of a white wall) are left out."""
_INSIDE_M = 0.004
"""A ray that meets something closer than this started within it: the sample lies under furniture."""


@_compiled
def _free(s, room, p, dx, dy, dz, limit):
    """Whether nothing stands between a point and `limit` metres along a direction."""
    return trace(s, room, p[0], p[1], p[2], dx, dy, dz, s.solid_all, s.solid_first, limit)[0] >= limit


@_compiled
def _from_lamp(s, room, p, n, lamps, k, samples, phase):
    """Share of lamp k's power that falls on a surface at p, sampled over its ball."""
    lx, ly, lz = lamps[k, 0] - p[0], lamps[k, 1] - p[1], lamps[k, 2] - p[2]
    if lamps[k, 4] < _FAINT * (lx * lx + ly * ly + lz * lz):
        return 0.0
    r = lamps[k, 3] * 1.3
    total = 0.0
    for i in range(samples):
        a = (phase + i * _GOLDEN[0]) % 1.0 * 2 * math.pi
        b = ((phase * 7 + i * _GOLDEN[1]) % 1.0) * 2 - 1
        w = math.sqrt(1 - b * b) * r
        qx, qy, qz = lx + w * math.cos(a), ly + w * math.sin(a), lz + b * r
        distance = math.sqrt(qx * qx + qy * qy + qz * qz)
        dx, dy, dz = qx / distance, qy / distance, qz / distance
        dot = dx * n[0] + dy * n[1] + dz * n[2]
        if dot > 0 and _free(s, room, p, dx, dy, dz, distance - lamps[k, 3] * 2.2):
            total += dot / (distance * distance)
    return total / samples


@_compiled
def _from_pane(s, room, p, n, panes, k, samples, phase):
    """Share of pane k's radiance that falls on a surface at p, sampled over its rectangle."""
    ux, uy, uz, vx, vy, vz = panes[k, 3], panes[k, 4], panes[k, 5], panes[k, 6], panes[k, 7], panes[k, 8]
    cx, cy, cz = panes[k, 0] - p[0], panes[k, 1] - p[1], panes[k, 2] - p[2]
    fx, fy, fz = panes[k, 9], panes[k, 10], panes[k, 11]
    if cx * fx + cy * fy + cz * fz >= -0.01:
        return 0.0
    area = 4 * math.sqrt(ux * ux + uy * uy + uz * uz) * math.sqrt(vx * vx + vy * vy + vz * vz)
    total = 0.0
    for i in range(samples):
        a = (phase + i * _GOLDEN[0]) % 1.0 * 2 - 1
        b = (phase * 7 + i * _GOLDEN[1]) % 1.0 * 2 - 1
        qx, qy, qz = cx + a * ux + b * vx, cy + a * uy + b * vy, cz + a * uz + b * vz
        distance = math.sqrt(qx * qx + qy * qy + qz * qz)
        dx, dy, dz = qx / distance, qy / distance, qz / distance
        dot = dx * n[0] + dy * n[1] + dz * n[2]
        form = -dot * (dx * fx + dy * fy + dz * fz) * area / (math.pi * distance * distance)
        if dot > 0 and form > 0.0005 and _free(s, room, p, dx, dy, dz, distance - 0.05):
            total += min(form, 1.0)
    return total / samples


@_compiled
def _from_sun(s, room, p, n, samples, phase):
    """Share of the sun's light that falls on a surface at p."""
    sun = n[0] * s.sky[2] + n[1] * s.sky[3] + n[2] * s.sky[4]
    if sun <= 0 or s.sky[5] <= 0:
        return 0.0
    seen = 0
    for i in range(samples):
        a = ((phase + i * _GOLDEN[0]) % 1.0 - 0.5) * 0.02
        b = ((phase * 7 + i * _GOLDEN[1]) % 1.0 - 0.5) * 0.02
        dx, dy, dz = s.sky[2] + a, s.sky[3] + b, s.sky[4] - a
        if trace(s, room, p[0], p[1], p[2], dx, dy, dz, s.solid_all, s.solid_first, FAR_M)[2] == SKY:
            seen += 1
    return sun * seen / samples


@_compiled
def direct(s, points, normals, rooms, near, lamps, panes, samples, start, stop, out):
    """Irradiance / pi from lamps (l, 8), panes (w, 16) and the sun at points (m, 3), into out (m, 3).

    The last column of lamps and panes is their room; near (r, r): which rooms' light is worth following into which.
    """
    for m in range(start, stop):
        room = rooms[m]
        if room < 0:
            continue
        p = (points[m, 0], points[m, 1], points[m, 2])
        n = (normals[m, 0], normals[m, 1], normals[m, 2])
        phase = (m * 0.6180339887) % 1.0
        for k in range(len(lamps)):
            if near[room, int(lamps[k, 7])]:
                share = _from_lamp(s, room, p, n, lamps, k, samples, phase)
                for c in range(3):
                    out[m, c] += share * lamps[k, 4 + c]
        for k in range(len(panes)):
            if near[room, int(panes[k, 15])]:
                share = _from_pane(s, room, p, n, panes, k, samples + 4, phase)
                for c in range(3):
                    out[m, c] += share * panes[k, 12 + c]
        share = _from_sun(s, room, p, n, samples, phase)
        for c in range(3):
            out[m, c] += share * s.sky[5 + c]


@_compiled
def gather(s, points, normals, rooms, listed, first, count, start, stop, out):
    """Irradiance / pi thrown back by all surfaces (lit by s.light) and the sky, at points (m, 3), into out (m, 3).

    listed, first: the solids that are large enough to matter. Indoors, what lies outdoors is left out: the panes
    stand for it.
    """
    for m in range(start, stop):
        room = rooms[m]
        p = (points[m, 0], points[m, 1], points[m, 2])
        n = (normals[m, 0], normals[m, 1], normals[m, 2])
        if room < 0:
            continue
        if abs(n[2]) < 0.9:
            tx, ty, tz = n[1], -n[0], 0.0
        else:
            tx, ty, tz = 0.0, n[2], -n[1]
        size = 1 / math.sqrt(tx * tx + ty * ty + tz * tz)
        tx, ty, tz = tx * size, ty * size, tz * size
        bx, by, bz = n[1] * tz - n[2] * ty, n[2] * tx - n[0] * tz, n[0] * ty - n[1] * tx
        phase = (m * 0.6180339887) % 1.0
        for i in range(count):
            a = (phase + i * _GOLDEN[0]) % 1.0 * 2 * math.pi
            square = (i + 0.5) / count
            r, h = math.sqrt(square), math.sqrt(1 - square)
            u, v = r * math.cos(a), r * math.sin(a)
            dx, dy, dz = u * tx + v * bx + h * n[0], u * ty + v * by + h * n[1], u * tz + v * bz + h * n[2]
            t, met, solid, face = trace(s, room, p[0], p[1], p[2], dx, dy, dz, listed, first, FAR_M)
            if t < _INSIDE_M or (s.room_outdoor[met] and not s.room_outdoor[room]):
                continue
            if solid == SKY:
                red, green, blue = skylight(s, dx, dy, dz, 0.3)
                out[m, 0] += red / count
                out[m, 1] += green / count
                out[m, 2] += blue / count
                continue
            x, y, z = p[0] + t * dx, p[1] + t * dy, p[2] + t * dz
            slot, nx, ny, nz, across, down = place(s, met, solid, face, x, y, z)
            if s.slot[slot, 3] > 0:
                continue
            if solid == NOTHING or s.solid_kind[solid] == BOX:
                red, green, blue = lit(s, slot, across, down)
            else:
                red, green, blue = ambient(s, met, x, y, z, nx, ny, nz)
            out[m, 0] += red * s.slot_mean[slot, 0] / count
            out[m, 1] += green * s.slot_mean[slot, 1] / count
            out[m, 2] += blue * s.slot_mean[slot, 2] / count
