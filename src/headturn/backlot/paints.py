"""What things are made of: the finishes of a set, in the colours of its seed."""

from functools import partial
from typing import TypeVar

import numpy as np

from headturn.backlot import pictures, textures
from headturn.backlot.plan import Finish, Maker, Plan
from headturn.backlot.textures import Colour

_T = TypeVar("_T")
WOODS: tuple[Colour, ...] = ((0.56, 0.43, 0.31), (0.44, 0.31, 0.22), (0.64, 0.53, 0.40), (0.38, 0.28, 0.22))
PAPERS: tuple[tuple[Colour, Colour], ...] = (
    ((0.33, 0.43, 0.39), (0.43, 0.53, 0.46)),
    ((0.56, 0.38, 0.34), (0.63, 0.47, 0.42)),
    ((0.76, 0.68, 0.52), (0.68, 0.58, 0.42)),
    ((0.36, 0.42, 0.54), (0.44, 0.50, 0.60)),
    ((0.56, 0.58, 0.42), (0.63, 0.65, 0.50)),
    ((0.70, 0.60, 0.58), (0.62, 0.50, 0.50)),
)
PLASTERS: tuple[Colour, ...] = ((0.86, 0.82, 0.73), (0.80, 0.84, 0.82), (0.88, 0.78, 0.62), (0.74, 0.80, 0.84))
_CLOTHS: tuple[Colour, ...] = ((0.26, 0.34, 0.41), (0.45, 0.23, 0.20), (0.30, 0.36, 0.24), (0.55, 0.44, 0.28))
_ACCENTS: tuple[Colour, ...] = ((0.72, 0.57, 0.30), (0.72, 0.70, 0.62), (0.56, 0.30, 0.24), (0.26, 0.42, 0.44))
_BRICKS: tuple[Colour, ...] = ((0.56, 0.37, 0.30), (0.58, 0.48, 0.39), (0.48, 0.33, 0.30), (0.62, 0.56, 0.48))
_FRONTS: tuple[Colour, ...] = ((0.86, 0.76, 0.56), (0.78, 0.56, 0.46), (0.72, 0.78, 0.76), (0.88, 0.84, 0.76))
_IRON: Colour = (0.16, 0.16, 0.17)


def shuffled(rng: np.random.Generator, options: tuple[_T, ...]) -> list[_T]:
    """The options in another order."""
    return [options[i] for i in rng.permutation(len(options))]


class _Paintbox:
    """Finishes as they are mixed, and the colours that this set is kept in."""

    def __init__(self, plan: Plan, rng: np.random.Generator) -> None:
        self.plan, self.rng = plan, rng
        self.wood, self.cloth, self.accent = shuffled(rng, WOODS), shuffled(rng, _CLOTHS), shuffled(rng, _ACCENTS)
        self.brick = shuffled(rng, _BRICKS)
        self.trim: Colour = (0.86, 0.84, 0.79) if rng.random() < 0.7 else self.wood[2]
        self.finishes: dict[str, Finish] = {}

    def add(
        self,
        name: str,
        maker: Maker,
        size: float | tuple[float, float] | None,
        gloss: float = 0.0,
        glow: float = 0.0,
    ) -> None:
        """A finish: one repeat is `size` metres across and down; None fills each face."""
        pair = (size, size) if isinstance(size, float) else size
        self.finishes[name] = Finish(self.plan.paint(maker, self.rng), pair, gloss, glow)


def finishes(plan: Plan, rng: np.random.Generator, night: bool) -> dict[str, Finish]:
    """Everything things are made of, in this seed's colours."""
    box = _Paintbox(plan, rng)
    _of_the_house(box)
    _of_furniture(box)
    _of_the_yard(box)
    _of_light_and_pictures(box, night)
    return box.finishes


def _of_the_house(box: _Paintbox) -> None:
    add, rng = box.add, box.rng
    wood, accent = box.wood, box.accent
    second = accent[3] if rng.random() < 0.5 else (0.35, 0.33, 0.32)
    add("floor", lambda r: textures.planks(r, wood[0], 10), 1.6, 0.55)
    add("stone floor", lambda r: textures.tiles(r, (0.72, 0.68, 0.60), second, 5), 1.7, 0.6)


def _of_furniture(box: _Paintbox) -> None:
    add, rng = box.add, box.rng
    wood, cloth, accent, trim = box.wood, box.cloth, box.accent, box.trim
    front = accent[1] if rng.random() < 0.5 else cloth[2]
    add("dark wood", lambda r: textures.timber(r, wood[1]), (1.2, 0.8), 0.18)
    add("crate", lambda r: textures.planks(r, (0.62, 0.48, 0.32), 4, 512), 0.6)
    add("weathered", lambda r: textures.timber(r, (0.45, 0.38, 0.30)), (1.0, 0.4))
    add("white paint", lambda r: textures.plaster(r, (0.88, 0.86, 0.82), 0.5), 1.5, 0.12)
    add("trim", lambda r: textures.lacquer(r, trim), 1.0, 0.1)
    add("ceiling", lambda r: textures.plaster(r, (0.90, 0.89, 0.86), 0.5), 3.0)
    add("cloth one", lambda r: textures.woven(r, cloth[0]), 0.7)
    add("cloth two", lambda r: textures.woven(r, accent[0]), 0.6)
    add("linen", lambda r: textures.woven(r, (0.86, 0.84, 0.78)), 0.8)
    add("curtain", lambda r: textures.curtain(r, cloth[1]), None)
    for i in range(3):
        add(f"books {i}", pictures.books, (0.95, 0.38))
    add("shadow", lambda r: textures.plaster(r, (0.10, 0.09, 0.08)), 1.0)
    add("cupboard", lambda r: pictures.panelled(r, wood[1], 2, 2), None, 0.12)
    add("door", lambda r: pictures.panelled(r, trim, 3, 2, knob=False), None, 0.1)
    add("kitchen door", lambda r: pictures.panelled(r, front, 1, 1), None, 0.15)
    add("oven", lambda r: pictures.panelled(r, (0.20, 0.20, 0.21), 2, 1), None, 0.4)
    add("wall tiles", lambda r: textures.tiles(r, (0.86, 0.87, 0.84), accent[2], 8, 0.06), 0.9, 0.5)
    add("stone", lambda r: textures.concrete(r, (0.42, 0.40, 0.38)), 0.9, 0.45)
    add("steel", lambda r: textures.metal(r, (0.72, 0.72, 0.72)), 0.5, 0.4)
    add("ceramic", lambda r: textures.plaster(r, accent[3]), 0.5)
    add("iron", lambda r: textures.metal(r, _IRON), 0.5, 0.15)
    add("ribs", lambda r: textures.curtain(r, (0.92, 0.9, 0.86), 16), None)
    add("terracotta", lambda r: textures.plaster(r, (0.66, 0.38, 0.25), 2.0), 0.6)
    add("leaves", lambda r: textures.foliage(r, (0.30, 0.46, 0.15)), 0.6)
    add("bark", lambda r: textures.bark(r, (0.38, 0.33, 0.27)), 0.9)
    add("soil", lambda r: textures.concrete(r, (0.30, 0.23, 0.17)), 0.6)
    add("rubber", lambda r: textures.metal(r, (0.10, 0.10, 0.10)), 0.5)
    add("rug", lambda r: textures.rug(r, cloth[3], cloth[1], (0.82, 0.74, 0.58)), None)
    add("rug two", lambda r: textures.rug(r, accent[2], cloth[0], (0.80, 0.76, 0.66)), None)


def _of_the_yard(box: _Paintbox) -> None:
    add, rng = box.add, box.rng
    cloth, accent, brick = box.cloth, box.accent, box.brick
    add("brick", lambda r: textures.bricks(r, brick[0]), 1.15)
    add("brick two", lambda r: textures.bricks(r, brick[1]), 1.15)
    add("cobbles", lambda r: textures.cobbles(r, (0.56, 0.54, 0.50)), 1.7)
    add("paving", lambda r: textures.tiles(r, (0.60, 0.59, 0.56), (0.54, 0.53, 0.51), 4, 0.025), 2.4)
    van_body = accent[3] if rng.random() < 0.5 else (0.85, 0.84, 0.8)
    add("van", lambda r: textures.metal(r, van_body), 2.0, 0.35)
    add("van side", lambda r: pictures.van_side(r, van_body, cloth[1]), None, 0.3)
    add("glass", lambda r: textures.metal(r, (0.13, 0.16, 0.19)), 1.0, 0.9)
    for i, colour in enumerate(shuffled(rng, _FRONTS)):
        front = partial(pictures.house_front, colour=brick[2] if i == 1 else colour, brick=i == 1)
        add(f"front {i}", front, None)
    add("jacket", lambda r: textures.woven(r, (0.95, 0.95, 0.95), 32), 0.3)
    add("sky", pictures.sky, None)


def _of_light_and_pictures(box: _Paintbox, night: bool) -> None:
    add = box.add
    trim = box.trim
    frames = ((0.62, 0.46, 0.2), box.wood[1], (0.15, 0.13, 0.12))
    warm = partial(textures.plaster, colour=(1.0, 0.93, 0.80), worn=0.5)
    add("lampshade", warm, 1.0, 0.0, 2.6)
    add("globe", warm, 1.0, 0.0, 5.0)
    add("globe off", lambda r: textures.plaster(r, (0.9, 0.9, 0.85)), 1.0)
    add("view", lambda r: pictures.view(r, trim), None, 0.0, 0.05 if night else 4.6)
    for i, frame in enumerate(frames):
        add(f"landscape {i}", partial(pictures.landscape, frame=frame), None, 0.12)
        add(f"abstract {i}", lambda r: pictures.abstract(r, (0.12, 0.11, 0.1)), None, 0.15)
        add(f"poster {i}", pictures.poster, None)
