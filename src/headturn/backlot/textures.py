"""Procedural textures: square images of floats 0 to 1 in display (gamma) values, each repeating without a seam.

Every maker takes a random generator first, so that a seed gives one look. `fit` textures (books, pictures, doors)
are drawn to fill one face; the others repeat.
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

Image = NDArray[Any]
Colour = tuple[float, float, float]

SIZE = 512
FINE = 1024


def fbm(rng: np.random.Generator, size: int = SIZE, grid: tuple[int, int] = (4, 4), octaves: int = 6) -> Image:
    """Fractal noise (size, size), mean 0, standard deviation 1; `grid` is the coarsest cells (down, across)."""
    total = rng.standard_normal(grid, dtype=np.float32)
    for octave in range(1, octaves):
        rows, columns = (min(cells << octave, size) for cells in grid)
        total = _enlarged(total, rows, columns)
        total += np.float32(0.55**octave) * rng.standard_normal((rows, columns), dtype=np.float32)
    total = _enlarged(total, size, size)
    return np.asarray((total - total.mean()) / (total.std() + 1e-6), np.float32)


def _enlarged(image: Image, rows: int, columns: int) -> Image:
    """A repeating image at a multiple of its size, smoothly."""
    if image.shape == (rows, columns):
        return image
    scale_y, scale_x = rows // image.shape[0], columns // image.shape[1]
    padded = np.pad(image, 2, mode="wrap")
    size = (padded.shape[1] * scale_x, padded.shape[0] * scale_y)
    large = cv2.resize(padded, size, interpolation=cv2.INTER_CUBIC if rows <= SIZE // 2 else cv2.INTER_LINEAR)
    return np.asarray(large[2 * scale_y : 2 * scale_y + rows, 2 * scale_x : 2 * scale_x + columns], np.float32)


def ink(colour: ArrayLike) -> Image:
    """A colour as an array that mixes with pictures."""
    return np.asarray(colour, np.float32)


def tinted(level: Image, colour: Colour) -> Image:
    """A grey picture (size, size) as shades of one colour (size, size, 3)."""
    picture = np.asarray(level, np.float32)[..., None] * np.array(colour, np.float32)
    return np.clip(picture, 0, 1, out=picture)


def _grid(size: int) -> tuple[Image, Image]:
    line = (np.arange(size, dtype=np.float32) + 0.5) / size
    return np.broadcast_to(line[:, None], (size, size)), np.broadcast_to(line[None, :], (size, size))


def _bevel(distance: Image, width: float) -> Image:
    """0 at an edge, 1 from `width` inwards."""
    return np.asarray(np.clip(distance / width, 0, 1), np.float32)


def planks(rng: np.random.Generator, colour: Colour, boards: int = 8, size: int = FINE) -> Image:
    """A wooden floor of boards that run across, with staggered joints."""
    v, u = _grid(size)
    row = np.floor(v * boards).astype(int)
    joint = rng.random(boards)[row]
    along = (u * 2 + joint) % 2
    piece = (row * 2 + np.floor(along).astype(int)) % (boards * 2)
    tone = (1 + 0.13 * rng.standard_normal(boards * 2))[piece]
    warm = (0.03 * rng.standard_normal(boards * 2))[piece]
    grain = fbm(rng, size, (32, 2), 5)
    rings = np.sin(18 * fbm(rng, size, (16, 1), 3) + grain).astype(np.float32)
    edge = np.minimum(np.abs(v * boards % 1 - 0.5) * -2 + 1, (np.minimum(along % 1, 1 - along % 1)) * boards * 0.9)
    gap = 0.35 + 0.65 * _bevel(edge, 0.05)
    level = (tone * (1 + 0.07 * grain + 0.045 * rings) * gap).astype(np.float32)
    wood = tinted(level, colour)
    wood[..., 0] += warm
    wood[..., 2] -= warm
    return np.clip(wood, 0, 1)


def timber(rng: np.random.Generator, colour: Colour) -> Image:
    """Plain wood with its grain running across."""
    grain = fbm(rng, SIZE, (32, 2), 5)
    rings = np.sin(9 * fbm(rng, SIZE, (8, 1), 3) + 1.3 * grain).astype(np.float32)
    return tinted(1 + 0.09 * grain + 0.07 * rings, colour)


def lacquer(rng: np.random.Generator, colour: Colour) -> Image:
    """Painted wood: brush marks, a little wear."""
    level = 0.97 + 0.012 * fbm(rng, SIZE, (64, 2), 4) + 0.018 * fbm(rng, SIZE, (2, 2), 6)
    return tinted(level, colour)


def bark(rng: np.random.Generator, colour: Colour) -> Image:
    """Ridged bark, its grain running down."""
    ridges = np.abs(fbm(rng, SIZE, (2, 16), 5))
    return tinted(0.55 + 0.38 * np.minimum(ridges, 1.6) + 0.06 * fbm(rng, SIZE, (32, 32), 3), colour)


def bricks(rng: np.random.Generator, colour: Colour, mortar: Colour = (0.62, 0.6, 0.56), rows: int = 16) -> Image:
    """A wall of bricks in running bond, twice as many rows as bricks in a row."""
    size = FINE
    v, u = _grid(size)
    row = np.floor(v * rows).astype(int)
    across = u * rows / 3 * 1.5 / 1.0
    across = across + 0.5 * (row % 2)
    column = np.floor(across).astype(int) % (rows // 2)
    tone = (1 + 0.11 * rng.standard_normal((rows, rows // 2)))[row, column]
    hue = (0.035 * rng.standard_normal((rows, rows // 2)))[row, column]
    rough = fbm(rng, size, (16, 16), 5)
    down, side = v * rows % 1, across % 1
    edge = np.minimum(np.minimum(down, 1 - down), np.minimum(side, 1 - side) * 2) + 0.012 * rough
    joint = _bevel(edge - 0.05, 0.05)[..., None]
    shade = 1 + 0.10 * rough + 0.16 * (_bevel(down, 0.16) - _bevel(1 - down, 0.16))
    brick = tinted((tone * shade).astype(np.float32), colour)
    brick[..., 0] += hue
    sand = tinted(
        (0.93 + 0.10 * fbm(rng, size, (64, 64), 4) - 0.25 * _bevel(0.2 - down, 0.2)).astype(np.float32), mortar
    )
    dirt = 1 + 0.07 * fbm(rng, size, (2, 2), 4)
    return np.asarray(np.clip((joint * brick + (1 - joint) * sand) * dirt[..., None], 0, 1), np.float32)


def tiles(rng: np.random.Generator, colour: Colour, second: Colour, count: int = 8, grout: float = 0.05) -> Image:
    """Glazed square tiles of one colour, some of them of a second one, with grout between."""
    size = FINE
    v, u = _grid(size)
    row, column = np.floor(v * count).astype(int), np.floor(u * count).astype(int)
    tone = (1 + 0.05 * rng.standard_normal((count, count)))[row, column]
    other = (rng.random((count, count)) < 0.22)[row, column][..., None]
    down, side = v * count % 1, u * count % 1
    edge = np.minimum(np.minimum(down, 1 - down), np.minimum(side, 1 - side))
    inner = _bevel(edge - grout / 2, 0.05)
    cloudy = fbm(rng, size, (8, 8), 6)
    level = (tone * (0.86 + 0.14 * inner) * (1 + 0.045 * cloudy)).astype(np.float32)
    glaze = np.where(other, tinted(level, second), tinted(level, colour))
    line = (edge < grout / 2)[..., None]
    dirt = tinted(0.42 + 0.05 * fbm(rng, size, (32, 32), 3), (1, 0.95, 0.88))
    return np.asarray(np.where(line, dirt, glaze), np.float32)


def cobbles(rng: np.random.Generator, colour: Colour, count: int = 12) -> Image:
    """Round-worn stones of a street, in staggered rows."""
    size = FINE
    v, u = _grid(size)
    nearest, second = np.full((2, size, size), 9, np.float32)
    u, v = u * ink(count), v * ink(count)
    tone = np.ones((size, size), np.float32)
    shift = 0.3 * rng.random((count, count, 2)).astype(np.float32)
    shade = (1 + 0.17 * rng.standard_normal((count, count))).astype(np.float32)
    row, column = np.floor(v).astype(np.int32), np.floor(u).astype(np.int32)
    for i in (-1, 0, 1):
        for j in (-1, 0, 1):
            r, c = (row + i) % count, (column + j) % count
            y = row + i + 0.35 + shift[r, c, 0]
            x = column + j + 0.35 + shift[r, c, 1] + 0.5 * ((row + i) % 2) - 0.25
            down, side = np.abs(v - y), np.abs(u - x)
            distance = (down * down * np.sqrt(down) + side * side * np.sqrt(side)).astype(np.float32)
            closer = distance < nearest
            second = np.where(closer, nearest, np.minimum(second, distance))
            tone = np.where(closer, shade[r, c], tone)
            nearest = np.where(closer, distance, nearest)
    dome = np.clip((second**0.4 - nearest**0.4) * 2.6, 0, 1)
    rough = fbm(rng, size, (16, 16), 6)
    level = (0.28 + 0.72 * dome**0.6) * tone * (1 + 0.11 * rough)
    return tinted(level.astype(np.float32), colour)


def plaster(rng: np.random.Generator, colour: Colour, worn: float = 1.0) -> Image:
    """Painted plaster with blotches, brush marks and fine grain."""
    level = 0.97 + worn * (0.018 * fbm(rng, FINE, (2, 2), 5) + 0.012 * fbm(rng, FINE, (64, 16), 4))
    return tinted((level + 0.012 * fbm(rng, FINE, (128, 128), 3)).astype(np.float32), colour)


def woven(rng: np.random.Generator, colour: Colour, threads: int = 64) -> Image:
    """Cloth: warp and weft with uneven dye."""
    v, u = _grid(SIZE)
    weave = np.sin(2 * np.pi * threads * u) * np.sin(2 * np.pi * threads * v)
    level = 0.92 + 0.07 * weave + 0.045 * fbm(rng, SIZE, (4, 4), 6) + 0.03 * fbm(rng, SIZE, (128, 16), 2)
    return tinted(level.astype(np.float32), colour)


def curtain(rng: np.random.Generator, colour: Colour, folds: int = 5) -> Image:
    """Hanging cloth with soft folds."""
    u = _grid(SIZE)[1]
    wave = 2 * np.pi * (folds * u + 0.12 * fbm(rng, SIZE, (1, 4), 2))
    level = 0.72 + 0.22 * np.sin(wave) + 0.06 * np.sin(2.3 * wave) + 0.02 * fbm(rng, SIZE, (16, 64), 3)
    return tinted(level.astype(np.float32), colour)


def rug(rng: np.random.Generator, ground: Colour, accent: Colour, light: Colour) -> Image:
    """A knotted rug: medallion, field of small motifs, borders, fringe."""
    v, u = _grid(SIZE)
    x, y = np.abs(u - 0.5) * 2, np.abs(v - 0.5) * 2
    k = rng.integers(3, 6)
    field = np.sin(np.pi * 5 * x * k / 4) * np.sin(np.pi * 7 * y)
    petals = 0.55 + 0.12 * np.cos(8 * np.arctan2(y * 1.3, x))
    heart = np.hypot(x, y * 1.2) / petals
    edge = np.maximum(x, y)
    picture = np.where((field > 0.55)[..., None], ink(light), ink(ground))
    picture = np.where((field < -0.6)[..., None], ink(accent), picture)
    for radius, colour in ((0.95, light), (0.88, accent), (0.6, light), (0.5, ground), (0.25, light), (0.16, accent)):
        picture = np.where((heart < radius)[..., None], ink(colour), picture)
    wave = np.sin(np.pi * 18 * np.where(x > y, y, x))
    for limit, colour in ((0.70, light), (0.73, accent), (0.92, light), (0.945, ground)):
        picture = np.where((edge > limit)[..., None], ink(colour), picture)
    dots = (edge > 0.76) & (edge < 0.90) & (wave > 0.2)
    picture = np.where(dots[..., None], ink(ground), picture)
    knots = 0.93 + 0.06 * fbm(rng, SIZE, (128, 64), 3) + 0.05 * fbm(rng, SIZE, (2, 16), 4)
    return np.asarray(np.clip(picture * knots[..., None], 0, 1), np.float32)


def foliage(rng: np.random.Generator, colour: Colour) -> Image:
    """Leaves, light on dark."""
    leaf = fbm(rng, SIZE, (16, 16), 5)
    depth = np.clip(0.55 + 0.35 * leaf, 0.08, 1.25)
    picture = tinted(depth, colour)
    picture[..., 0] += 0.10 * np.clip(leaf - 0.8, 0, 1)
    return np.clip(picture, 0, 1)


def metal(rng: np.random.Generator, colour: Colour) -> Image:
    """Brushed or painted metal with slight stains."""
    level = 0.93 + 0.03 * fbm(rng, SIZE, (128, 2), 3) + 0.05 * fbm(rng, SIZE, (2, 2), 6)
    return tinted(level.astype(np.float32), colour)


def concrete(rng: np.random.Generator, colour: Colour) -> Image:
    """Weathered concrete or asphalt with pits and stains."""
    level = 0.9 + 0.08 * fbm(rng, FINE, (2, 2), 7) + 0.06 * fbm(rng, FINE, (128, 128), 3)
    pits = fbm(rng, FINE, (64, 64), 3) > 2.1
    return tinted((level - 0.25 * cv2.GaussianBlur(pits.astype(np.float32), (0, 0), 1.2)).astype(np.float32), colour)


def scene_wall(rng: np.random.Generator, upper: Image, height_m: float, trim: Colour, panel_m: float = 0.0) -> Image:
    """An inner wall from floor to ceiling: `upper` with skirting and cornice, and panelling up to `panel_m`."""
    size = FINE
    v, u = _grid(size)
    z = (1 - v) * height_m
    wall: Image = cv2.resize(upper, (size, size), interpolation=cv2.INTER_AREA).copy()
    grain = 0.97 + 0.02 * fbm(rng, size, (4, 64), 4)
    grime = 1 - 0.10 * np.exp(-z / 0.25) * (1 + 0.4 * fbm(rng, size, (4, 4), 4))
    wall *= np.clip(grime, 0.6, 1)[..., None]

    def paint(where: NDArray[np.bool_], level: Image) -> None:
        wall[where] = tinted((grain * level).astype(np.float32), trim)[where]

    if panel_m:
        count = 4
        x = np.abs(u * count % 1 - 0.5) * height_m / count
        y = np.abs(z - (panel_m + 0.16) / 2) - (panel_m - 0.16) / 2
        edge = np.maximum(x - (height_m / count / 2 - 0.07), y + 0.09)
        step = np.clip(edge / 0.018, -1, 1)
        lit = np.where(z > panel_m / 2, -1, 1) * np.where(np.abs(edge) < 0.018, 0.22 * (1 - np.abs(step)), 0)
        paint(z < panel_m, 0.96 + lit - 0.05 * (edge < 0))
        rail = np.abs(z - panel_m) / 0.035
        paint(rail < 1, 0.98 + 0.16 * np.sin(np.clip((z - panel_m) / 0.035, -1, 1) * 4))
        wall[(z < panel_m - 0.035) & (z > panel_m - 0.06)] *= 0.72
    skirting = 0.13
    paint(z < skirting, 0.98 + 0.1 * np.sin(np.clip((z - 0.09) / 0.04, -1, 1) * 3.5))
    wall[(z > skirting) & (z < skirting + 0.006)] *= 0.7
    wall[z < 0.012] *= 0.45
    crown = 0.09
    top = height_m - z
    paint(top < crown, 1.0 + 0.12 * np.sin(top / crown * 8))
    wall[(top > crown) & (top < crown + 0.03)] *= 0.82
    return np.asarray(np.clip(wall, 0, 1), np.float32)


def striped_paper(rng: np.random.Generator, one: Colour, two: Colour, stripes: int = 12) -> Image:
    """Striped wallpaper with a small motif in the stripes."""
    v, u = _grid(FINE)
    stripe = np.clip(np.sin(2 * np.pi * stripes * u) * 6 + 0.5, 0, 1)[..., None]
    motif = np.sin(2 * np.pi * stripes * u + 1.5) * np.sin(2 * np.pi * stripes * 1.5 * v)
    picture = stripe * ink(one) + (1 - stripe) * ink(two)
    picture *= (1 + 0.07 * (motif > 0.72) - 0.05 * (motif < -0.8))[..., None]
    aged = 1 + 0.02 * fbm(rng, FINE, (2, 2), 6) + 0.012 * fbm(rng, FINE, (128, 128), 2)
    return np.asarray(np.clip(picture * aged[..., None], 0, 1), np.float32)


def damask_paper(rng: np.random.Generator, ground: Colour, figure: Colour) -> Image:
    """Wallpaper with mirrored ornaments in staggered rows."""
    size, repeat = FINE, 6
    v, u = _grid(size)
    column = u * repeat
    down = v * repeat * 0.5 + 0.5 * (np.floor(column) % 2)
    x, y = np.abs(column % 1 - 0.5) * 2, (down % 1 - 0.5) * 2
    a, b, c = rng.uniform(2.0, 4.0, 3)
    lobes = np.hypot(x * 1.1, y) - 0.45 - 0.18 * np.cos(a * 2 * np.arctan2(x, y)) - 0.06 * np.cos(b * 6 * y + c * x)
    veins = np.sin(9 * x + 3 * np.cos(4 * y)) > 0.55
    figure_mask = np.clip(-lobes * 14, 0, 1) * np.where(veins, 0.35, 1.0)
    picture = figure_mask[..., None] * ink(figure) + (1 - figure_mask[..., None]) * ink(ground)
    aged = 1 + 0.02 * fbm(rng, size, (2, 2), 6) + 0.015 * fbm(rng, size, (128, 128), 2)
    return np.asarray(np.clip(picture * aged[..., None], 0, 1), np.float32)
