"""What a join costs: the sum of what an eye notices at a splice. 0 is a take joined with itself.

The terms and their first weights come from a trial on rendered and real turns (Spearman correlation of each with the
residual at the seam): what is left after alignment, in likeness and in flow, decides; then rotation; exposure matters
only until it is matched, so that only what the match leaves is counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from headturn import rotation
from headturn.edit import look, rhythm
from headturn.edit.cut import Hiding
from headturn.edit.join import Glances, Join
from headturn.edit.look import NOT_ALIGNED, Alignment, Comparison, Glance
from headturn.edit.meet import HEADING_RAD, Meeting, rate_difference
from headturn.head.rush import Rush
from headturn.rotation import Floats

Terms = tuple[tuple[str, float], ...]

FLOW_SHARE = 0.04
"""Median displacement left, as a share of the width, that costs 0.6."""
GAIN_FREE = float(np.log(4) / 2)
"""A stop each way is ramped over in half a second without being seen (the trial's pairs differed by up to a stop)."""
GAIN_EDGE_COST = 0.6
STEPS_COST = 0.25
"""Of steps that are quite out of time. Seen in the nod of the image and heard; the seam's morph hides neither."""
MOVER_FREE = 0.004
"""Size of a mover (`mover.Mover`) from one frame to the next of one take: 95 % of 98 uncut pairs are below 0.003."""
MOVER_COST, MOVER_MOST = 32.0, 1.6
"""For each unit of a mover's size beyond that, and at most. No detector sees it, so that no fit gives it: this is what
eyes said of 50 real splices (`mover.CONTRAST`). A ball in two places then costs 0.9, a second head the most. Of the 16
seen to jump 10 were called workable or better, now 3; of the 34 others 7 were called visible, now 10. Of 126 turns of
three scenes of the backlot, played twenty times each, 125 have a seamless partner, with the term and without."""
REST_COST = 0.6
"""Added where no turn hides the splice: nothing blurs what is left."""
REST_RAD_S, REST_MOVER = np.radians(25.0), 3.0
"""Slower is a head that sways or follows what its hands do, and eyes stay on what moves by itself: a mover costs so
many times as much there. In `fridge` a bottle that comes out of nowhere (of size 0.012) stands out at once, and would
be workable otherwise; one that stays in the hand has 0.0046."""
BLURRED = 0.6
"""Sharpness along the way over that across below which blur hides; see `look.streaks` for what was measured."""
BLURRED_MOVER = 0.2
"""Of what a mover costs elsewhere in a turn, where both images are blurred so. In `shop` a man who speaks in one take
and holds his head in the other was not seen to change in whip turns of 258 degrees a second (two splices, visible with
the full cost); in one of 74 he fell apart."""
ELSEWHERE_COST = 4.0
"""Added where both takes do not show one place, and nothing hides it."""


@dataclass(frozen=True, eq=False)
class Pair:
    """A frame of A and a frame of B that may meet, in a pair of turns or elsewhere."""

    a: Rush
    b: Rush
    out_frame: int
    in_frame: int
    meeting: Meeting | None = None

    def views(self, glances: Glances) -> tuple[Glance, Glance] | None:
        """Both images, or None where one cannot be decoded."""
        views_a, views_b = glances(self.a.take.id, [self.out_frame]), glances(self.b.take.id, [self.in_frame])
        if self.out_frame not in views_a or self.in_frame not in views_b:
            return None
        return views_a[self.out_frame], views_b[self.in_frame]

    def blurred(self, views: tuple[Glance, Glance]) -> bool:
        """Whether both images (`views`) are smeared by the turn."""
        rates = self.a.motion.rates_rad_s[self.out_frame], self.b.motion.rates_rad_s[self.in_frame]
        return max(look.streaks(*each) for each in zip(views, rates, strict=True)) <= BLURRED

    @property
    def rate_cost(self) -> float:
        """How different both rotations are, see `meet.rate_difference`."""
        return float(rate_difference(self.a, self.b, np.array([self.out_frame]), np.array([self.in_frame]))[0, 0])

    @property
    def speed_rad_s(self) -> float:
        """Mean of both images' angular speeds, of their mean direction."""
        rates = self.a.motion.rates_rad_s[self.out_frame] + self.b.motion.rates_rad_s[self.in_frame]
        return float(np.linalg.norm(rates)) / 2

    @property
    def stops(self) -> float | None:
        """By how many stops B is brighter, where telemetry tells it."""
        if self.a.exposure_stops is None or self.b.exposure_stops is None:
            return None
        return float(self.b.exposure_stops[self.in_frame] - self.a.exposure_stops[self.out_frame])


def gathered(pairs: Sequence[Pair], glances: Glances) -> Glances:
    """Glances of the frames of all pairs, asked for at once: each stretch of a take is decoded one time."""
    wanted: dict[str, set[int]] = {}
    for pair in pairs:
        wanted.setdefault(pair.a.take.id, set()).add(pair.out_frame)
        wanted.setdefault(pair.b.take.id, set()).add(pair.in_frame)
    seen = {take: glances(take, sorted(frames)) for take, frames in wanted.items()}
    return lambda take, frames: {frame: seen[take][frame] for frame in frames if frame in seen[take]}


def judged(pair: Pair, a_from_b: Floats, alignment: Alignment, glances: Glances, more: Terms = ()) -> Join | None:
    """Look at both frames, refine the alignment, and put a cost on the join; `more` terms are added.

    None where a frame cannot be decoded.
    """
    views = pair.views(glances)
    if views is None:
        return None
    a_from_b, seen = look.refined(*views, a_from_b)
    mover = ("mover", _of_mover(pair, views, seen.mover.size))
    terms = (*_of_images(seen), mover, *_of_motion(pair, a_from_b), *more)
    hiding: Hiding = "turn"
    if pair.meeting is None:
        hiding, terms = "rest", (*terms, ("no turn", REST_COST))
    return joined(pair, hiding, terms, replace(alignment, mover=seen.mover), a_from_b, seen.gain)


def _of_mover(pair: Pair, views: tuple[Glance, Glance], size: float) -> float:
    """What a mover of that size costs: more where the image rests, less where the turn smears it."""
    if size <= MOVER_FREE:
        return 0.0  # and blur, which takes time to tell, does not matter
    weight = REST_MOVER if pair.speed_rad_s < REST_RAD_S else BLURRED_MOVER if pair.blurred(views) else 1.0
    return min(MOVER_MOST, weight * MOVER_COST * (size - MOVER_FREE))


def _of_images(seen: Comparison) -> Terms:
    return (
        ("framing", 1.5 * (1 - max(seen.likeness, 0.0))),
        ("parallax", 0.6 * seen.flow_left / FLOW_SHARE),
        ("exposure", 0.3 * seen.tone_left + GAIN_EDGE_COST * _beyond(seen.gain)),
        ("sharpness", 0.3 * abs(float(np.log(seen.blur_ratio)))),
    )


def _beyond(gain: tuple[float, float, float]) -> float:
    """How much of a gain is more than can be ramped over unseen, in log light."""
    return max(0.0, max(abs(float(np.log(share))) for share in gain) - GAIN_FREE)


def _of_motion(pair: Pair, a_from_b: Floats) -> Terms:
    phases = (
        rhythm.phase(rush.motion, float(rush.times.seconds[frame]))
        for rush, frame in ((pair.a, pair.out_frame), (pair.b, pair.in_frame))
    )
    return (
        ("rotation", 0.6 * pair.rate_cost),
        ("heading", float(rotation.angle(a_from_b) / HEADING_RAD)),
        ("steps", STEPS_COST * rhythm.apart(*phases)),
    )


def joined(
    pair: Pair,
    hiding: Hiding,
    terms: Terms,
    alignment: Alignment = NOT_ALIGNED,
    a_from_b: Floats = rotation.IDENTITY,
    gain: tuple[float, float, float] = (1.0, 1.0, 1.0),
) -> Join:
    """The join of a pair of frames."""
    stops = pair.stops
    w, x, y, z = (float(q) for q in a_from_b)
    return Join(
        a=pair.a.take.id,
        b=pair.b.take.id,
        out_frame=pair.out_frame,
        in_frame=pair.in_frame,
        out_time=pair.a.times[pair.out_frame],
        in_time=pair.b.times[pair.in_frame],
        hiding=hiding,
        a_from_b=(w, x, y, z),
        gain=gain,
        terms=terms,
        alignment=alignment,
        turn_a=pair.meeting.turn_a if pair.meeting else None,
        turn_b=pair.meeting.turn_b if pair.meeting else None,
        speed_rad_s=pair.speed_rad_s,
        stops=-float(np.log2(np.mean(gain))) if stops is None else stops,
        stops_known=stops is not None,
    )
