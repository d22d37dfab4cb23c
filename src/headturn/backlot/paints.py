"""What things are made of: the finishes of a set, in the colours of its seed."""

from typing import TypeVar

import numpy as np

from headturn.backlot import pictures, textures
from headturn.backlot.plan import Finish, Plan
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
        image: textures.Image,
        size: float | tuple[float, float] | None,
        gloss: float = 0.0,
        glow: float = 0.0,
    ) -> None:
        """A finish: one repeat is `size` metres across and down; None fills each face."""
        pair = (size, size) if isinstance(size, float) else size
        self.finishes[name] = Finish(self.plan.paint(image), pair, gloss, glow)


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
    add("floor", textures.planks(rng, wood[0], 10), 1.6, 0.55)
    add(
        "stone floor",
        textures.tiles(rng, (0.72, 0.68, 0.60), accent[3] if rng.random() < 0.5 else (0.35, 0.33, 0.32), 5),
        1.7,
        0.6,
    )


def _of_furniture(box: _Paintbox) -> None:
    add, rng = box.add, box.rng
    wood, cloth, accent, trim = box.wood, box.cloth, box.accent, box.trim
    add("dark wood", textures.timber(rng, wood[1]), (1.2, 0.8), 0.18)
    add("crate", textures.planks(rng, (0.62, 0.48, 0.32), 4, 512), 0.6)
    add("weathered", textures.timber(rng, (0.45, 0.38, 0.30)), (1.0, 0.4))
    add("white paint", textures.plaster(rng, (0.88, 0.86, 0.82), 0.5), 1.5, 0.12)
    add("trim", textures.lacquer(rng, trim), 1.0, 0.1)
    add("ceiling", textures.plaster(rng, (0.90, 0.89, 0.86), 0.5), 3.0)
    add("cloth one", textures.woven(rng, cloth[0]), 0.7)
    add("cloth two", textures.woven(rng, accent[0]), 0.6)
    add("linen", textures.woven(rng, (0.86, 0.84, 0.78)), 0.8)
    add("curtain", textures.curtain(rng, cloth[1]), None)
    for i in range(3):
        add(f"books {i}", pictures.books(rng), (0.95, 0.38))
    add("shadow", textures.plaster(rng, (0.10, 0.09, 0.08)), 1.0)
    add("cupboard", pictures.panelled(rng, wood[1], 2, 2), None, 0.12)
    add("door", pictures.panelled(rng, trim, 3, 2, knob=False), None, 0.1)
    add("kitchen door", pictures.panelled(rng, accent[1] if rng.random() < 0.5 else cloth[2], 1, 1), None, 0.15)
    add("oven", pictures.panelled(rng, (0.20, 0.20, 0.21), 2, 1), None, 0.4)
    add("wall tiles", textures.tiles(rng, (0.86, 0.87, 0.84), accent[2], 8, 0.06), 0.9, 0.5)
    add("stone", textures.concrete(rng, (0.42, 0.40, 0.38)), 0.9, 0.45)
    add("steel", textures.metal(rng, (0.72, 0.72, 0.72)), 0.5, 0.4)
    add("ceramic", textures.plaster(rng, accent[3]), 0.5)
    add("iron", textures.metal(rng, _IRON), 0.5, 0.15)
    add("ribs", textures.curtain(rng, (0.92, 0.9, 0.86), 16), None)
    add("terracotta", textures.plaster(rng, (0.66, 0.38, 0.25), 2.0), 0.6)
    add("leaves", textures.foliage(rng, (0.30, 0.46, 0.15)), 0.6)
    add("bark", textures.bark(rng, (0.38, 0.33, 0.27)), 0.9)
    add("soil", textures.concrete(rng, (0.30, 0.23, 0.17)), 0.6)
    add("rubber", textures.metal(rng, (0.10, 0.10, 0.10)), 0.5)
    add("rug", textures.rug(rng, cloth[3], cloth[1], (0.82, 0.74, 0.58)), None)
    add("rug two", textures.rug(rng, accent[2], cloth[0], (0.80, 0.76, 0.66)), None)


def _of_the_yard(box: _Paintbox) -> None:
    add, rng = box.add, box.rng
    cloth, accent, brick = box.cloth, box.accent, box.brick
    add("brick", textures.bricks(rng, brick[0]), 1.15)
    add("brick two", textures.bricks(rng, brick[1]), 1.15)
    add("cobbles", textures.cobbles(rng, (0.56, 0.54, 0.50)), 1.7)
    add("paving", textures.tiles(rng, (0.60, 0.59, 0.56), (0.54, 0.53, 0.51), 4, 0.025), 2.4)
    van_body = accent[3] if rng.random() < 0.5 else (0.85, 0.84, 0.8)
    add("van", textures.metal(rng, van_body), 2.0, 0.35)
    add("van side", pictures.van_side(rng, van_body, cloth[1]), None, 0.3)
    add("glass", textures.metal(rng, (0.13, 0.16, 0.19)), 1.0, 0.9)
    for i, colour in enumerate(shuffled(rng, _FRONTS)):
        add(f"front {i}", pictures.house_front(rng, brick[2] if i == 1 else colour, i == 1), None)
    add("jacket", textures.woven(rng, (0.95, 0.95, 0.95), 32), 0.3)
    add("sky", pictures.sky(rng), None)


def _of_light_and_pictures(box: _Paintbox, night: bool) -> None:
    add, rng = box.add, box.rng
    wood, trim = box.wood, box.trim
    warm = textures.plaster(rng, (1.0, 0.93, 0.80), 0.5)
    add("lampshade", warm, 1.0, 0.0, 2.6)
    add("globe", warm, 1.0, 0.0, 5.0)
    add("globe off", textures.plaster(rng, (0.9, 0.9, 0.85)), 1.0)
    add("view", pictures.view(rng, trim), None, 0.0, 0.05 if night else 4.6)
    for i in range(3):
        add(f"landscape {i}", pictures.landscape(rng, ((0.62, 0.46, 0.2), wood[1], (0.15, 0.13, 0.12))[i]), None, 0.12)
        add(f"abstract {i}", pictures.abstract(rng, (0.12, 0.11, 0.1)), None, 0.15)
        add(f"poster {i}", pictures.poster(rng), None)
