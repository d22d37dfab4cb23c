"""Moments: how a take is looked into by the clock of a film that does not run at its rate.

A take of 30 frames a second in a film of 24 has no frame at most of the film's moments. With the nearest frame shown a
head turn stops and jumps (of 216 splices an adversary told those of two rates from uncut turns with 0.86, the others
with 0.56). So the film shows the nearest frame as it would have been at the very moment, between two of the take;
where the head looked then its motion tells (`picture.between` makes the picture).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from headturn import rotation
from headturn.head.rush import Rush
from headturn.rotation import IDENTITY, Floats

ALIKE = Fraction(1, 200)
"""Rates whose quotient is within this of a whole number are shown frame for frame: 24000/1001 in a film of 24, where
one frame in a thousand is shown twice, and 120 in 24."""
AT_A_FRAME = 0.02
"""Share of the way to the next frame below which a moment is at a frame: two pixels of 1080p in the fastest turns."""
LONGEST_GAP = 1.5
"""Frames apart beyond which frames were lost: nothing is known of what was between."""


@dataclass(frozen=True, eq=False)
class Moments:
    """What a take has at n moments.

    source (n,): index of the frame that is nearest; beyond (n,): of that on the moment's other side
    share (n,): how far from the first to the other the moment is, up to 0.5; 0 where the frame is shown as it is
    world_from_image (n, 4): how the image looks at the moment
    turns (n, 2, 4): what carries either frame's image to the moment (image at the moment from image of the frame)
    """

    source: NDArray[np.intp]
    beyond: NDArray[np.intp]
    share: Floats
    world_from_image: Floats
    turns: Floats

    def taken(self, at: NDArray[np.intp]) -> "Moments":
        """Some of the moments (m,), in any order."""
        return Moments(self.source[at], self.beyond[at], self.share[at], self.world_from_image[at], self.turns[at])


def moments(rush: Rush, times: Sequence[Fraction], film_rate: Fraction) -> Moments:
    """What a take has at times on its clip's clock, for a film of that rate."""
    source = np.array([rush.times.nearest(time) for time in times], dtype=np.intp)
    worlds = rush.motion.world_from_body
    if frame_for_frame(rush.times.rate, film_rate) or len(rush.times) < 2:
        still = np.tile(IDENTITY, (len(source), 2, 1))
        return Moments(source, source, np.zeros(len(source)), worlds[source], still)
    seconds = rush.times.seconds
    off = np.array([float(time - rush.times[int(index)]) for time, index in zip(times, source, strict=True)])
    beyond = np.clip(source + np.sign(off).astype(np.intp), 0, len(seconds) - 1)
    apart = np.abs(seconds[beyond] - seconds[source])
    share = np.minimum(np.abs(off) / np.maximum(apart, 1e-9), 0.5)
    between = (apart > 0) & (apart < LONGEST_GAP / float(rush.times.rate)) & (share > AT_A_FRAME)
    share, beyond = np.where(between, share, 0.0), np.where(between, beyond, source)
    turned = rotation.compose(rotation.inverse(worlds[source]), worlds[beyond])
    from_source = rotation.power(turned, share)
    world = rotation.compose(worlds[source], from_source)
    turns = np.stack(
        [rotation.inverse(from_source), rotation.compose(rotation.inverse(from_source), turned)],
        axis=1,
    )
    return Moments(source, beyond, share, world, turns)


def frame_for_frame(take_rate: Fraction, film_rate: Fraction) -> bool:
    """Whether a film of one rate shows a take of another frame for frame, or every so manyth of its frames."""
    quotient = take_rate / film_rate
    return round(quotient) > 0 and abs(quotient / round(quotient) - 1) <= ALIKE
