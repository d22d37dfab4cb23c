"""Join: a possible meeting of two takes, as a value, and how joins are searched."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from headturn.edit import detectability
from headturn.edit.ambience import Hear
from headturn.edit.covers import Covers
from headturn.edit.cut import Hiding, Verdict
from headturn.edit.detectability import MACHINES, Calibration
from headturn.edit.look import Alignment, Glance
from headturn.head.turns import Turn

Glances = Callable[[str, Sequence[int]], Mapping[int, Glance]]
"""Handed in by the caller: a take's id and frame indices to small images. Frames that cannot be read are missing."""


@dataclass(frozen=True, eq=False)
class Cheap:
    """Which frames of a take are looked at for little, by their numbers, rising.

    keys: those for which no others are decoded; shown: those that a low-resolution recording shows, None for all
    reach_s: how far after a frame that is decoded others still are cheap, if no key frame lies between
    """

    keys: NDArray[np.int64]
    shown: NDArray[np.int64] | None = None
    reach_s: float = float("inf")


NOTHING_CHEAP = Cheap(np.empty(0, np.int64))
"""Where nobody knows."""


@dataclass(frozen=True)
class Aids:
    """What else may be asked of takes, where somebody knows: stretches without a world, and what a moment sounds like.

    Without covers only turns and rests are joined; without hearing sound does not count.
    cheap: which frames of a take are looked at for little
    """

    covers: Covers | None = None
    hear: Hear | None = None
    cheap: Callable[[str], Cheap] | None = None


NO_AIDS = Aids()


@dataclass(frozen=True)
class JoinOptions:
    """How joins are searched.

    turn_speed_deg_s, turn_speed_share: a splice lies only where the image turns at least this fast, and at least this
        share of the turn's peak. Slower than 60 degrees a second the eye follows and sees the change.
    direction_deg: how far the directions of both rotations may differ
    heading_deg: how far apart both images may look at the splice; the seam turns each by half of it. Up to 12 degrees
        the trial measured no loss, beyond 14 the overscan runs out.
    turn_pairs: pairs of turns that are looked at, for each pair of takes, best motion first
    looks: pairs of frames that are compared, for each pair of turns
    handle_s: what each take must have beyond the splice, for the morph and the sound
    partners: takes that are looked at to follow each take of a folder, most promising first
    """

    turn_speed_deg_s: float = 60.0
    turn_speed_share: float = 0.35
    direction_deg: float = 30.0
    heading_deg: float = 14.0
    turn_pairs: int = 8
    looks: int = 5
    handle_s: float = 0.14
    partners: int = 12


@dataclass(frozen=True)
class Join:
    """A possible meeting of two takes: A's last frame is the one before `out_frame`, B's first is `in_frame`.

    a, b: take ids; out_time, in_time: on each clip's own clock
    hiding: what hides the splice; "nothing" means: no join
    a_from_b: quaternion that turns rays of B's image at the splice into rays of A's
    gain: factors in linear light that bring B to A
    terms: what each part adds to the cost, by name
    turn_a, turn_b: the turns it lies in, or None for a join elsewhere
    alignment: what the two takes' images have in common around the splice
    calibration: by whose eyes it is judged; the machines' until `judged_by`
    """

    a: str
    b: str
    out_frame: int
    in_frame: int
    out_time: Fraction
    in_time: Fraction
    hiding: Hiding
    a_from_b: tuple[float, float, float, float]
    gain: tuple[float, float, float]
    terms: tuple[tuple[str, float], ...]
    alignment: Alignment
    turn_a: Turn | None = None
    turn_b: Turn | None = None
    speed_rad_s: float = 0.0
    stops: float = 0.0
    stops_known: bool = False
    calibration: Calibration = MACHINES

    @property
    def cost(self) -> float:
        """The sum of all terms; 0 is perfect."""
        return sum(cost for _, cost in self.terms)

    @property
    def detectability(self) -> float:
        """Chance (0 to 1) that the rendered splice is caught, see `edit.detectability`."""
        return self.calibration.chance(self.terms)

    @property
    def verdict(self) -> Verdict:
        """What the detectability means, and what hides the splice allows."""
        return detectability.verdict(self.detectability, self.hiding, self.alignment.same_place)


def judged_by(joins: Sequence[Join], calibration: Calibration) -> tuple[Join, ...]:
    """The joins as these viewers would judge them, in the same order: more terms of cost are never a lower chance."""
    return tuple(replace(join, calibration=calibration) for join in joins)
