"""Cut: one version of the film. A frozen value that holds take ids and spans, not files.

Film time is counted in film frames: frame k is shown at k / rate. A segment names the stretch of one take that is
shown; the frame of the take that film frame k shows is the one whose time is nearest to `source_time(k)`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from fractions import Fraction
from itertools import pairwise
from typing import Any, Literal, get_args

import numpy as np

from headturn.clock import FrameTimes, Span
from headturn.rotation import IDENTITY, Floats

SCHEMA = "headturn.cut.1"
SMALLEST_PX = 16
"""Encoders take no smaller picture."""

Verdict = Literal["seamless", "workable", "visible"]
Hiding = Literal["turn", "occluder", "darkness", "flash", "rest", "nothing"]
"""What hides a splice: a head turn, something that fills the image (a wall, a door, a body, a hand), darkness, a flash,
a matched rest, or nothing at all."""
Blend = Literal["morph", "wipe", "dissolve", "cut"]
"""How one take gives way to the other where both are seen: moved along the flow between them; behind an edge that
streams across with the image; mixed; or at once, in one frame."""


@dataclass(frozen=True)
class Seam:
    """How one splice is rendered. A is the outgoing take, B the incoming one.

    hiding: what hides the splice
    a_from_b: unit quaternion (w, x, y, z) that turns rays of B's image at the splice into rays of A's image there
    gain: factors (r, g, b) in linear light that bring B to the exposure and colour of A
    held_a, held_b: what stands still in A's and B's image while the world streams, and is not turned with it: cells of
        a grid of 18 rows and 32 columns, row by row as hexadecimal digits; empty where there is nothing
    gain_drift: how the logarithm of each changes from one film frame to the next, while the cameras' exposures move
    lacking_s: how far A's picture is smeared along its stream to be like B's, whose shutter was open for longer, in
        seconds of the stream; below 0: how far B's is
    turn_frames: film frames on each side of the splice over which the rotation goes over from A's path to B's
    colour_frames: film frames on each side over which exposure and colour go over, if there are so many (see
        `Cut.light_frames`)
    overlap_frames: film frames, centred on the splice, in which both takes are seen; blend: how one gives way there
    sound_frames: film frames, centred on the splice, over which the sound is crossed
    """

    hiding: Hiding
    a_from_b: tuple[float, float, float, float] = (1.0, 0.0, 0.0, 0.0)
    gain: tuple[float, float, float] = (1.0, 1.0, 1.0)
    turn_frames: int = 0
    colour_frames: int = 0
    overlap_frames: int = 0
    sound_frames: int = 0
    blend: Blend = "morph"
    gain_drift: tuple[float, float, float] = (0.0, 0.0, 0.0)
    lacking_s: float = 0.0
    held_a: str = ""
    held_b: str = ""

    @property
    def reach(self) -> int:
        """Film frames on each side of the splice that the seam may turn or mix."""
        return max(self.turn_frames, self.overlap_frames // 2)

    @property
    def rotation(self) -> Floats:
        """`a_from_b` as an array (4,)."""
        return np.array(self.a_from_b) if self.a_from_b else IDENTITY

    def log_gain(self, offsets: Floats) -> Floats:
        """Logarithms (n, 3) of the factors that bring B to A, at film frames counted from the splice (n,).

        They drift only while both takes are seen, for only there the drift was measured.
        """
        half = self.overlap_frames / 2
        within = np.clip(np.asarray(offsets), -half, half)
        return np.asarray(np.log(np.array(self.gain)) + within[:, None] * np.array(self.gain_drift))


@dataclass(frozen=True)
class Splice:
    """The point in film time where a join is used.

    frame: the first film frame that belongs to the incoming take
    cost: what the join costs (0 is perfect; see `edit.joins`)
    reasons: why the verdict is what it is, as a director would say it
    detectability: chance (0 to 1) that it is caught, see `edit.detectability`; None where nobody said
    terms: what each part adds to the cost, by name, so that viewers' answers can be held against them
    """

    frame: int
    seam: Seam
    verdict: Verdict
    cost: float
    reasons: tuple[str, ...] = ()
    detectability: float | None = None
    terms: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Segment:
    """A stretch of one take in the film.

    take: the take's id; name: what people call it
    source: the stretch on the take's clip's clock; its length is exactly frames / rate
    start: first film frame; frames: how many film frames
    """

    take: str
    name: str
    source: Span
    start: int
    frames: int

    @property
    def stop(self) -> int:
        """The film frame after the last one."""
        return self.start + self.frames

    @property
    def clip(self) -> str:
        """The hash of the recording that the take is, or is a part of."""
        return self.take.partition("@")[0]


@dataclass(frozen=True)
class Steadying:
    """How the picture is steadied over the whole cut.

    strength: knots (film frame, 0 to 1), frames growing; between knots in proportion, beyond the ends as at the ends
    level: share of the tilt against gravity that is taken out, where gravity is known
    max_crop: share of width and height that may be lost for it; seams crop by themselves where they must
    max_now: the discomfort (0 to 100) that the strength was found to stay below; None where no such budget was set
    screen, viewer: on what screen and seat, and for whom

    Raises:
        ValueError: a share is not within 0 to 1 (the crop: below 1), or the knots do not grow.
    """

    strength: tuple[tuple[int, float], ...] = ((0, 1.0),)
    level: float = 0.0
    max_crop: float = 0.1
    max_now: float | None = None
    screen: str = ""
    viewer: str = ""

    def __post_init__(self) -> None:
        shares = [self.level, *(share for _, share in self.strength)]
        if not all(0 <= share <= 1 for share in shares) or not 0 <= self.max_crop < 1:
            raise ValueError("strength and level are shares from 0 to 1, and a crop is a share below 1")
        if any(later <= frame for (frame, _), (later, _) in pairwise(self.strength)):
            raise ValueError("knots of the strength need growing frames")

    def strength_at(self, frames: Sequence[int] | Floats) -> Floats:
        """The strength (n,) at film frames (n,)."""
        if not self.strength:
            return np.zeros(len(frames))
        at, shares = zip(*self.strength, strict=True)
        return np.asarray(np.interp(np.asarray(frames), at, shares))

    def within(self, frames: range) -> "Steadying":
        """The same for a cut that is as long as these film frames, and begins with the first of them."""
        shares = self.strength_at(frames)
        return replace(self, strength=tuple((frame, float(share)) for frame, share in enumerate(shares)))


@dataclass(frozen=True)
class Cut:
    """One version of the film: segments without gaps, and a splice between each two.

    steadying: None where the picture is as filmed

    Raises:
        ValueError: segments leave a gap, have the wrong length, or do not meet the splices; two seams overlap.
    """

    title: str
    rate: Fraction
    width: int
    height: int
    segments: tuple[Segment, ...]
    splices: tuple[Splice, ...]
    steadying: Steadying | None = None

    def __post_init__(self) -> None:
        if not self.segments or len(self.splices) != len(self.segments) - 1:
            raise ValueError("a cut needs segments, and one splice between each two")
        if self.rate <= 0 or self.width < 1 or self.height < 1:
            raise ValueError(f"{self.width}x{self.height} at {self.rate} frames a second is no picture")
        starts = [0, *(splice.frame for splice in self.splices)]
        stops = [*starts[1:], self.segments[-1].stop]
        for segment, start, stop in zip(self.segments, starts, stops, strict=True):
            if (segment.start, segment.stop) != (start, stop) or segment.frames < 1:
                raise ValueError(f"segment {segment.name} does not run from one splice to the next")
            if segment.source.duration != segment.frames / self.rate:
                raise ValueError(f"segment {segment.name} is not as long as its source span")
        reaches = [0, *(splice.seam.reach for splice in self.splices), 0]
        for segment, (before, after) in zip(self.segments, pairwise(reaches), strict=True):
            if min(before, after) < 0 or before + after > segment.frames:
                raise ValueError(f"the seams of segment {segment.name} reach further than it is long")

    @property
    def frames(self) -> int:
        """Length of the film in frames."""
        return self.segments[-1].stop

    @property
    def duration(self) -> Fraction:
        """Length of the film in seconds."""
        return self.frames / self.rate

    def segment_at(self, frame: int) -> int:
        """Index of the segment that film frame belongs to."""
        return sum(splice.frame <= frame for splice in self.splices)

    def source_time(self, segment: int, frame: int) -> Fraction:
        """Time on the segment's take's clip that film frame shows; also for frames beyond the splice (handles)."""
        part = self.segments[segment]
        return part.source.start + (frame - part.start) / self.rate

    def source_frames(self, segment: int, frames: Iterable[int], times: FrameTimes) -> list[int]:
        """Indices of the clip's frames nearest to what film frames show; what is shown of them `head.moments` says."""
        return [times.nearest(self.source_time(segment, frame)) for frame in frames]

    def seam_frames(self) -> tuple[range, ...]:
        """For each splice, the film frames that its seam may turn or mix; of others it changes the light alone."""
        return tuple(self._turned_or_mixed(splice) for splice in self.splices)

    def _turned_or_mixed(self, splice: Splice) -> range:
        return range(max(0, splice.frame - splice.seam.reach), min(self.frames, splice.frame + splice.seam.reach))

    def light_frames(self, index: int) -> range:
        """The film frames over which light and colour go over at a splice.

        A seam's `colour_frames` each way, to the middle of a segment that has another splice at its other end.
        """
        splice, (a, b) = self.splices[index], self.segments[index : index + 2]
        before = a.frames if index == 0 else a.frames // 2
        after = b.frames if index + 1 == len(self.splices) else b.frames // 2
        most = splice.seam.colour_frames
        return range(splice.frame - min(most, before), splice.frame + min(most, after))

    def changed_frames(self, index: int) -> range:
        """The film frames that the seam of a splice may change, if only their light; others are untouched source."""
        seam, light = self._turned_or_mixed(self.splices[index]), self.light_frames(index)
        return range(min(seam.start, light.start), max(seam.stop, light.stop))


def around(film: Cut, index: int, reach_frames: int) -> Cut:
    """What a film shows around one of its splices: so many frames on each side if there are, and where both are seen.

    Light that goes over for longer than that does so within it. As filmed: steadying is a matter of the whole film.
    """
    a, b, splice = film.segments[index], film.segments[index + 1], film.splices[index]
    reach = max(splice.seam.reach, reach_frames, 1)
    before, after = min(a.frames, reach), min(b.frames, reach)
    tail = Span(a.source.end - before / film.rate, a.source.end)
    head = Span(b.source.start, b.source.start + after / film.rate)
    segments = replace(a, source=tail, start=0, frames=before), replace(b, source=head, start=before, frames=after)
    return replace(film, segments=segments, splices=(replace(splice, frame=before),), steadying=None)


def no_wider(film: Cut, width_px: int) -> Cut:
    """The same film in its own shape, no wider than `width_px`, in even numbers."""
    scale = min(1.0, width_px / film.width)
    width, height = (max(SMALLEST_PX, 2 * round(side * scale / 2)) for side in (film.width, film.height))
    return replace(film, width=width, height=height)


def to_json(cut: Cut) -> dict[str, Any]:
    """The cut as plain JSON values; times are exact rationals written "numerator/denominator" in seconds.

    A seam's "frames" are the film frames that it may change, from the first to one past the last; its "mixed" those of
    them that it may turn or mix. Of the others it changes the light alone.
    """
    return {
        "schema": SCHEMA,
        "title": cut.title,
        "rate": str(cut.rate),
        "width": cut.width,
        "height": cut.height,
        "frames": cut.frames,
        "segments": [
            {
                "take": s.take,
                "name": s.name,
                "in": str(s.source.start),
                "out": str(s.source.end),
                "start": s.start,
                "frames": s.frames,
            }
            for s in cut.segments
        ],
        "splices": [
            {
                "frame": p.frame,
                "verdict": p.verdict,
                "cost": p.cost,
                "detectability": p.detectability,
                "terms": dict(p.terms),
                "reasons": list(p.reasons),
                "seam": {
                    "hiding": p.seam.hiding,
                    "a_from_b": list(p.seam.a_from_b),
                    "gain": list(p.seam.gain),
                    "gain_drift": list(p.seam.gain_drift),
                    "lacking_s": p.seam.lacking_s,
                    "held_a": p.seam.held_a,
                    "held_b": p.seam.held_b,
                    "turn_frames": p.seam.turn_frames,
                    "colour_frames": p.seam.colour_frames,
                    "overlap_frames": p.seam.overlap_frames,
                    "sound_frames": p.seam.sound_frames,
                    "blend": p.seam.blend,
                    "frames": [changed.start, changed.stop],
                    "mixed": [mixed.start, mixed.stop],
                },
            }
            for p, changed, mixed in zip(
                cut.splices, map(cut.changed_frames, range(len(cut.splices))), cut.seam_frames(), strict=True
            )
        ],
        "steadying": None if cut.steadying is None else asdict(cut.steadying),
    }


def from_json(data: dict[str, Any]) -> Cut:
    """The cut that `to_json` wrote; keys it does not know are left alone.

    Raises:
        ValueError: not a cut of this schema, or one that does not hold together.
    """
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        raise ValueError(f"not a cut of the schema {SCHEMA}")
    try:
        return Cut(
            data["title"],
            Fraction(data["rate"]),
            data["width"],
            data["height"],
            tuple(_segment(s) for s in data["segments"]),
            tuple(_splice(p) for p in data["splices"]),
            _steadying(data.get("steadying")),
        )
    except (LookupError, TypeError, AttributeError, ArithmeticError) as error:
        raise ValueError(f"the cut lacks or misspells {error}") from error


def _steadying(data: dict[str, Any] | None) -> Steadying | None:
    if data is None:
        return None
    told = {each.name: data[each.name] for each in fields(Steadying) if each.name in data}
    knots = told.pop("strength", ((0, 1.0),))
    return Steadying(tuple((int(frame), float(share)) for frame, share in knots), **told)


def _segment(data: dict[str, Any]) -> Segment:
    source = Span(Fraction(data["in"]), Fraction(data["out"]))
    return Segment(data["take"], data["name"], source, data["start"], data["frames"])


def _splice(data: dict[str, Any]) -> Splice:
    told = data["seam"]
    seam = Seam(**{each.name: told[each.name] for each in fields(Seam) if each.name in told})
    (w, x, y, z), (r, g, b), (dr, dg, db) = seam.a_from_b, seam.gain, seam.gain_drift
    named = ((seam.hiding, Hiding), (seam.blend, Blend), (data["verdict"], Verdict))
    if any(name not in get_args(names) for name, names in named):
        raise ValueError(f"no splice is {data['verdict']} and hidden by {seam.hiding}")
    seam = replace(seam, a_from_b=(w, x, y, z), gain=(r, g, b), gain_drift=(dr, dg, db))
    chance = data.get("detectability")
    if chance is not None and not 0 <= chance <= 1:
        raise ValueError(f"a detectability of {chance} is not within 0 to 1")
    terms = tuple((str(name), float(cost)) for name, cost in data.get("terms", {}).items())
    return Splice(data["frame"], seam, data["verdict"], data["cost"], tuple(data["reasons"]), chance, terms)
