"""Procedural textures that fill one face: books, pictures, posters, doors, cupboards, house fronts, views, the sky."""

import cv2
import numpy as np

from headturn.backlot.textures import FINE, SIZE, Colour, Image, bricks, fbm, ink, plaster, timber, tinted

_WORDS = (
    "NIGHT",
    "CINEMA",
    "OPERA",
    "JAZZ",
    "HARBOUR",
    "CIRCUS",
    "THEATRE",
    "MOON",
    "SUMMER",
    "EXPRESS",
    "GRAND",
    "BAR",
)
_FONTS = (cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_TRIPLEX, cv2.FONT_HERSHEY_COMPLEX)


def _vivid(rng: np.random.Generator, low: float = 0.15, high: float = 0.75) -> Colour:
    hue, saturation, value = rng.uniform(0, 360), rng.uniform(0.3, 0.75), rng.uniform(low, high)
    pixel = cv2.cvtColor(ink([[[hue, saturation, value]]]), cv2.COLOR_HSV2RGB)[0, 0]
    return float(pixel[0]), float(pixel[1]), float(pixel[2])


def books(rng: np.random.Generator) -> Image:
    """One shelf row of book spines, with the dark above them."""
    size = SIZE
    picture = np.zeros((size, size, 3), np.float32) + 0.05
    x = 0
    while x < size:
        width = int(rng.integers(12, 38))
        top = int(size * rng.uniform(0.04, 0.34))
        if rng.random() < 0.06:
            x += int(rng.integers(10, 40))
            continue
        colour = ink(_vivid(rng, 0.12, 0.62))
        across = np.linspace(-1, 1, width, dtype=np.float32)
        spine = 0.62 + 0.38 * np.sqrt(np.clip(1 - across**2 * 0.92, 0, 1))
        end = min(x + width, size)
        body = np.broadcast_to(spine[None, : end - x, None] * colour, (size - top, end - x, 3)).copy()
        for band in rng.uniform(0.06, 0.9, rng.integers(1, 5)):
            at, thick = int(band * (size - top)), int(rng.integers(3, 14))
            body[at : at + thick] = body[at : at + thick] * 0.4 + 0.45 * ink((0.85, 0.7, 0.35))
        mark = int(0.3 * (size - top))
        letters = rng.random((mark, 1, 1)) > 0.45
        if width > 20:
            middle = slice((end - x) // 3, max((end - x) // 3 + 1, 2 * (end - x) // 3))
            body[mark : 2 * mark, middle] += (letters * 0.3).astype(np.float32)
        picture[top:, x:end] = body
        x += width
    return np.clip(picture * (1 + 0.05 * fbm(rng, size, (64, 64), 3))[..., None], 0, 1)


def _framed(rng: np.random.Generator, inner: Image, frame: Colour, border: float = 0.07, mat: float = 0.05) -> Image:
    size = SIZE
    line = (np.arange(size) + 0.5) / size
    edge = np.minimum(np.minimum(line, 1 - line)[:, None], np.minimum(line, 1 - line)[None, :]).astype(np.float32)
    outer = timber(rng, frame) * (0.75 + 0.4 * np.sin(edge / border * np.pi))[..., None]
    paper = np.zeros((size, size, 3), np.float32) + ink((0.86, 0.83, 0.76))
    low = int((border + mat) * size)
    paper[low : size - low, low : size - low] = cv2.resize(inner, (size - 2 * low, size - 2 * low))
    shadow = 1 - 0.45 * np.exp(-np.clip(edge - border, 0, 1) / 0.012)
    return np.clip(np.where((edge < border)[..., None], outer, paper * shadow[..., None]), 0, 1).astype(np.float32)


def landscape(rng: np.random.Generator, frame: Colour) -> Image:
    """A framed painting: sky, ridges one behind another, water or meadow."""
    size = SIZE
    line = np.linspace(0, 1, size, dtype=np.float32)[:, None]
    top, low = ink(_vivid(rng, 0.45, 0.7)), ink((0.95, 0.82, 0.62))
    picture = (1 - line[..., None]) * top + line[..., None] * low
    picture = np.broadcast_to(picture, (size, size, 3)) + 0.05 * fbm(rng, size, (4, 2), 5)[..., None]
    ground = ink(_vivid(rng, 0.15, 0.4))
    for depth in range(4):
        ridge = 0.45 + 0.12 * depth + 0.09 * fbm(rng, size, (1, 2), 6)[0] / (1 + depth * 0.4)
        share = (depth + 1) / 4
        tone = share * ground + (1 - share) * (0.5 * low + 0.3 * top)
        brush = 1 + 0.14 * fbm(rng, size, (16, 8), 5)
        picture = np.where((line > ridge)[..., None], tone * brush[..., None], picture)
    return _framed(rng, np.clip(picture, 0, 1).astype(np.float32), frame)


def abstract(rng: np.random.Generator, frame: Colour) -> Image:
    """A framed abstract print of overlapping discs and bars."""
    picture = np.zeros((SIZE, SIZE, 3), np.float32) + ink(_vivid(rng, 0.6, 0.9))
    for _ in range(9):
        x, y, r = (int(value) for value in rng.integers(0, SIZE, 3))
        colour = _vivid(rng, 0.1, 0.9)
        over = picture.copy()
        if rng.random() < 0.5:
            cv2.circle(over, (x, y), r // 3 + 12, colour, -1, cv2.LINE_AA)
        else:
            cv2.rectangle(over, (x, y), (x + r // 2, y + 30 + r // 5), colour, -1, cv2.LINE_AA)
        picture = 0.25 * picture + 0.75 * over
    return _framed(rng, np.clip(picture * (1 + 0.06 * fbm(rng, SIZE, (8, 8), 6))[..., None], 0, 1), frame, 0.04, 0.08)


def _lettered(picture: Image, word: str, at: tuple[int, int], font: int, scale: float, colour: Colour) -> Image:
    mask = np.zeros(picture.shape[:2], np.uint8)
    cv2.putText(mask, word, at, font, scale, 255, 4, cv2.LINE_AA)
    share = mask[..., None].astype(np.float32) / 255
    return np.asarray(picture * (1 - share) + share * ink(colour), np.float32)


def poster(rng: np.random.Generator) -> Image:
    """A printed poster: ground, rays or skyline, a disc, two lines of type."""
    ground, dark, light = _vivid(rng, 0.5, 0.85), _vivid(rng, 0.08, 0.3), (0.95, 0.9, 0.8)
    picture = np.zeros((SIZE, SIZE, 3), np.float32) + ink(ground)
    centre = (SIZE // 2, int(SIZE * rng.uniform(0.35, 0.55)))
    if rng.random() < 0.5:
        for angle in np.arange(0, 2 * np.pi, np.pi / 12):
            fan = [centre] + [
                (int(centre[0] + 900 * np.cos(a)), int(centre[1] + 900 * np.sin(a)))
                for a in (angle, angle + np.pi / 24)
            ]
            cv2.fillPoly(picture, [np.array(fan, np.int32)], light)
    cv2.circle(picture, centre, int(SIZE * rng.uniform(0.16, 0.28)), _vivid(rng, 0.5, 0.9), -1, cv2.LINE_AA)
    for x in range(0, SIZE, 32):
        top = int(SIZE * rng.uniform(0.55, 0.78))
        cv2.rectangle(picture, (x, top), (x + 30, SIZE), dark, -1)
    cv2.rectangle(picture, (0, int(SIZE * 0.78)), (SIZE, SIZE), dark, -1)
    for line, height in ((0.89, 2.4), (0.97, 1.1)):
        word = str(rng.choice(_WORDS))
        font = int(rng.choice(_FONTS))
        wide = cv2.getTextSize(word, font, height, 4)[0][0]
        scale = min(height, height * SIZE * 0.88 / wide)
        wide = cv2.getTextSize(word, font, scale, 4)[0][0]
        picture = _lettered(picture, word, ((SIZE - wide) // 2, int(SIZE * line)), font, scale, light)
    cv2.rectangle(picture, (6, 6), (SIZE - 7, SIZE - 7), light, 8)
    creased = 1 + 0.05 * fbm(rng, SIZE, (2, 2), 6) + 0.02 * fbm(rng, SIZE, (64, 64), 2)
    return np.clip(picture * creased[..., None], 0, 1).astype(np.float32)


def panelled(rng: np.random.Generator, colour: Colour, rows: int, columns: int, knob: bool = True) -> Image:
    """A door or cupboard front with raised panels."""
    size = SIZE
    line = (np.arange(size, dtype=np.float32) + 0.5) / size
    v, u = line[:, None] * rows, line[None, :] * columns
    x, y = np.abs(u % 1 - 0.5) - 0.34, np.abs(v % 1 - 0.5) - 0.38
    edge = np.maximum(x + 0 * y, y + 0 * x)
    slope = np.where(y > x, np.where(v % 1 > 0.5, 1, -1), np.where(u % 1 > 0.5, 0.6, -0.6))
    bevel = np.clip(1 - np.abs(edge) / 0.03, 0, 1)
    inner = np.clip(1 - np.abs(edge + 0.09) / 0.02, 0, 1)
    shade = 1 + slope * (0.28 * bevel - 0.12 * inner) - 0.10 * (np.abs(edge) < 0.008)
    seam = np.minimum(u % 1, 1 - u % 1) if columns > 1 else np.ones_like(u + v)
    wood = timber(rng, colour) * 0.5 + tinted(0.98 + 0.02 * fbm(rng, size, (64, 4), 4), colour) * 0.5
    picture = wood * (shade * np.where(seam < 0.012, 0.35, 1))[..., None]
    if knob:
        for column in range(columns):
            centre = (int(size * (column + (0.9 if column % 2 == 0 else 0.1)) / columns), size // 2)
            cv2.circle(picture, (centre[0] + 2, centre[1] + 4), 9, (0.1, 0.09, 0.08), -1, cv2.LINE_AA)
            cv2.circle(picture, centre, 8, (0.78, 0.66, 0.38), -1, cv2.LINE_AA)
            cv2.circle(picture, (centre[0] - 2, centre[1] - 3), 3, (1.0, 0.95, 0.8), -1, cv2.LINE_AA)
    return np.clip(picture, 0, 1).astype(np.float32)


def van_side(rng: np.random.Generator, colour: Colour, stripe: Colour) -> Image:
    """The side of a delivery van: sheet metal with seams, a stripe, a firm's name, dust below."""
    line = np.linspace(0, 1, SIZE, dtype=np.float32)
    picture = tinted(0.95 + 0.025 * fbm(rng, SIZE, (2, 2), 6), colour)
    picture[int(0.62 * SIZE) : int(0.70 * SIZE)] = stripe
    word = str(rng.choice(_WORDS))
    wide = cv2.getTextSize(word, _FONTS[0], 2.6, 4)[0][0]
    scale = min(2.6, 2.6 * SIZE * 0.7 / wide)
    wide = cv2.getTextSize(word, _FONTS[0], scale, 4)[0][0]
    picture = _lettered(picture, word, ((SIZE - wide) // 2, int(0.48 * SIZE)), _FONTS[0], scale, stripe)
    for seam in (0.012, 0.36, 0.70, 0.988):
        picture[:, np.abs(line - seam) < 0.004] *= 0.45
    dust = 0.55 * np.exp(-(1 - line) / 0.10)[:, None, None] * (1 + 0.3 * fbm(rng, SIZE, (8, 8), 4))[..., None]
    return np.clip(picture * (1 - dust) + dust * ink((0.38, 0.34, 0.29)), 0, 1).astype(np.float32)


def view(rng: np.random.Generator, frame: Colour) -> Image:
    """What is seen through a window that leads nowhere: sky, trees, a far house, behind muntins and a frame."""
    size = SIZE
    line = np.linspace(0, 1, size, dtype=np.float32)[:, None, None]
    picture = np.broadcast_to(
        (1 - line) * ink((0.62, 0.78, 0.97)) + line * ink((0.97, 0.96, 0.92)), (size, size, 3)
    ).copy()
    clouds = np.clip(0.4 * fbm(rng, size, (4, 2), 6), 0, 1)[..., None]
    picture = picture * (1 - 0.5 * clouds) + 0.5 * clouds
    for depth, tone in enumerate(((0.52, 0.62, 0.58), (0.30, 0.42, 0.24), (0.20, 0.31, 0.14))):
        ridge = 0.55 + 0.13 * depth + 0.06 * fbm(rng, size, (1, 4), 6)[0]
        leaves = 1 + 0.28 * fbm(rng, size, (16, 16), 5)
        picture = np.where(line > ridge[None, :, None], ink(tone) * leaves[..., None], picture)
    wood = ink(frame)
    x = np.linspace(0, 1, size, dtype=np.float32)
    bars = np.minimum.reduce([np.abs(x - at) / (0.035 if at in (0, 1) else 0.014) for at in (0.0, 0.5, 1.0)])
    rows = np.minimum.reduce([np.abs(x - at) / (0.035 if at in (0, 1) else 0.012) for at in (0.0, 0.38, 1.0)])
    edge = np.minimum(bars[None, :], rows[:, None])
    solid = edge < 1
    picture[solid] = (wood * (0.42 + 0.25 * edge[..., None]))[solid] * 0.5
    picture[(edge > 1) & (edge < 1.25)] *= 0.6
    return np.clip(picture, 0, 1).astype(np.float32)


def house_front(rng: np.random.Generator, colour: Colour, brick: bool, floors: int = 3, bays: int = 3) -> Image:
    """The front of a house: windows with sills, panes that mirror the sky, curtains, shutters, a cornice."""
    size = FINE
    front = bricks(rng, colour, rows=64) if brick else plaster(rng, colour, 1.6)
    line = (np.arange(size, dtype=np.float32) + 0.5) / size
    front = front * (1 - 0.28 * np.exp(-(1 - line) / 0.05))[:, None, None]
    streaks = 1 + 0.045 * np.clip(fbm(rng, size, (2, 64), 4), -1, 2)
    front = (front * streaks[..., None]).astype(np.float32)
    tall, wide = size // floors, size // bays
    shutter = _vivid(rng, 0.2, 0.45)
    shuttered = rng.random() < 0.5
    stone = ink((0.74, 0.71, 0.66))
    for floor in range(floors):
        for bay in range(bays):
            x0, x1 = int((bay + 0.32) * wide), int((bay + 0.68) * wide)
            y0, y1 = int((floor + 0.22) * tall), int((floor + 0.80) * tall)
            front[y0 - 12 : y1 + 12, x0 - 12 : x1 + 12] = stone
            front[y1 + 8 : y1 + 20, x0 - 22 : x1 + 22] = stone * 1.12
            front[y1 + 20 : y1 + 44, x0 - 18 : x1 + 18] *= np.linspace(0.62, 1, 24)[:, None, None]
            ramp = np.linspace(0.62, 0.10, y1 - y0, dtype=np.float32)[:, None, None]
            glass = ramp * ink((0.75, 0.9, 1.0)) * rng.uniform(0.5, 1.0) + np.zeros((1, x1 - x0, 1), np.float32)
            drape = int((x1 - x0) * rng.uniform(0.1, 0.35))
            glass[:, :drape] = ink((0.62, 0.58, 0.5)) * rng.uniform(0.4, 0.8)
            glass[:, -drape:] = ink((0.62, 0.58, 0.5)) * rng.uniform(0.4, 0.8)
            front[y0:y1, x0:x1] = glass
            front[y0 : y0 + 18, x0:x1] *= 0.45
            for bar in (x0, (x0 + x1) // 2 - 4, x1 - 8):
                front[y0:y1, bar : bar + 8] = 0.8
            front[(2 * y0 + y1) // 3 : (2 * y0 + y1) // 3 + 8, x0:x1] = 0.8
            if shuttered:
                for left in (x0 - 12 - (x1 - x0) // 2, x1 + 12):
                    slats = 0.8 + 0.2 * np.sin(np.arange(y1 - y0) * 0.9)[:, None, None]
                    front[y0:y1, left : left + (x1 - x0) // 2] = slats * ink(shutter)
    front[: size // 40] = stone * np.linspace(1.1, 0.8, size // 40)[:, None, None]
    front[size // 40 : size // 22] *= 0.6
    return np.clip(front, 0, 1).astype(np.float32)


def sky(rng: np.random.Generator) -> Image:
    """The sky as azimuth (across) and elevation 0 to 90 degrees (from the bottom up), with a far line of roofs."""
    size = FINE
    elevation = np.linspace(np.pi / 2, 0, size, dtype=np.float32)[:, None]
    azimuth = np.linspace(0, 2 * np.pi, size, endpoint=False, dtype=np.float32)[None, :]
    high, low = ink((0.24, 0.44, 0.78)), ink((0.74, 0.83, 0.92))
    share = np.sin(elevation)[..., None] ** 0.55
    picture = share * high + (1 - share) * low + np.zeros((size, size, 1), np.float32)
    noise = fbm(rng, FINE, (4, 4), 7)
    reach = 160 / np.maximum(np.tan(elevation), 0.09)
    x, y = (reach * np.cos(azimuth)).astype(np.float32), (reach * np.sin(azimuth)).astype(np.float32)
    field = cv2.remap(noise, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    lit = cv2.remap(noise, x + 12, y + 9, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    cover = np.clip(field * 0.75 + 0.02, 0, 1)[..., None] * np.clip(elevation * 5, 0.35, 1)[..., None]
    white = np.clip(0.92 - 0.16 * lit, 0.6, 1.0)[..., None] * ink((1, 0.985, 0.96))
    picture = picture * (1 - cover) + white * cover
    roofs = 0.02 + 0.02 * np.abs(fbm(rng, size, (1, 16), 3)[0]) + 0.03 * (fbm(rng, size, (1, 32), 1)[0] > 0.7)
    picture = np.where((elevation < roofs)[..., None], ink((0.50, 0.56, 0.62)) + 0.02 * noise[..., None], picture)
    return np.clip(picture, 0, 1).astype(np.float32)
