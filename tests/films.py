"""Made for tests: films cut from rushes, and whether a border shows in them."""

from dataclasses import replace
from fractions import Fraction

import numpy as np

from headturn import rotation
from headturn.clock import Span
from headturn.edit.cut import Cut, Seam, Segment, Splice
from makers import looking, rush, take

RATE = Fraction(30)
SIZE = (320, 180)


def rate_of(offset):
    """A head that turns right at about 150 degrees a second and bobs; `offset` (3,) in rad/s makes it another's."""

    def path(times_s):
        bob = np.sin(times_s * 12) * 0.02
        return rotation.compose(
            looking(times_s * 2.6, bob, bob / 2), rotation.from_vector(np.outer(times_s, np.asarray(offset)))
        )

    return path


def filmed(id, frames=90, offset=(0, 0, 0), **rest):
    """A rush along such a path."""
    made = take(id, frames, **rest)
    return rush(made, rate_of(offset)(np.arange(frames) / float(made.clip.image.rate)))


def conformed(rush, repeated):
    """The motion of a rush that shows some of its images again (n,): where it looked is what it shows."""
    fresh = np.maximum.accumulate(np.where(repeated, 0, np.arange(len(repeated))))
    return replace(rush.motion, world_from_body=rush.motion.world_from_body[fresh], repeated=repeated)


def film(parts, seams, size=SIZE, rate=RATE):
    """A cut of (rush, first source frame, film frames) and the seams between them; and the rushes by id."""
    segments, splices, at = [], [], 0
    for index, (part, first, frames) in enumerate(parts):
        start = part.times[first]
        segments.append(Segment(part.take.id, part.take.name, Span(start, start + frames / rate), at, frames))
        at += frames
        if index < len(seams):
            splices.append(Splice(at, seams[index], "seamless", 0.1))
    return Cut("film", rate, *size, tuple(segments), tuple(splices)), {part.take.id: part for part, *_ in parts}


def turn(vector_deg, **frames):
    """A seam that turns B by a rotation vector in degrees."""
    q = tuple(float(x) for x in rotation.from_vector(np.radians(np.asarray(vector_deg, float))))
    return Seam("turn", a_from_b=q, **({"turn_frames": 8, "colour_frames": 15, "overlap_frames": 6} | frames))


def border_misses_px(cut, planned, through):
    """How far the film's border, traced back, lies outside of all images seen, at worst: 0 where all is covered."""
    x, y = np.linspace(-0.5, through.width - 0.5, 50), np.linspace(-0.5, through.height - 0.5, 40)
    first, last = np.array([-0.5, -0.5]), np.array([through.width - 0.5, through.height - 0.5])
    points = [(a, b) for a in x for b in (first[1], last[1])] + [(a, b) for b in y for a in (first[0], last[0])]
    centre = np.array(through.centre_px)
    if through.circle_px is not None:
        angles = np.linspace(0, 2 * np.pi, 90)
        points = centre + through.circle_px * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    worst = 0.0
    for frame in range(cut.frames):
        misses = []
        for layer in planned.layers:
            at = frame - layer.start
            if not (layer.start <= frame < layer.stop and layer.presence[at] > 0):
                continue
            rays = through.rays((np.array(points) - centre) / layer.zoom[at] + centre)
            source = through.pixels(rotation.apply(rotation.inverse(layer.film_from_image[at]), rays))
            if through.circle_px is not None:
                misses.append(np.linalg.norm(source - centre, axis=1) - through.circle_px)
            else:
                misses.append(np.maximum(source - last, first - source).max(axis=1))
        worst = max(worst, float(np.min(misses, axis=0).max()))
    return worst
