"""How each splice is best hidden: treatments that suit it are tried on a small picture, and the least one seen stays.

The frames around a splice are decoded once, small, turned and graded as the ride says. Every treatment is then
rendered from them and measured by the residual that it leaves beside that of both takes uncut (`picture.residual`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headturn.camera import light, media
from headturn.camera.lens import Lens
from headturn.edit import cut
from headturn.edit.cut import Blend, Cut, Seam
from headturn.errors import CannotRead
from headturn.head.rush import Rush
from headturn.picture import between, colour, held, render, residual, seams, smear
from headturn.review import cadence, ride
from headturn.rotation import Floats

Treatment = tuple[Blend, float]
"""A blend and how long both takes are seen, in seconds."""

ALIGNED: tuple[Treatment, ...] = (
    ("wipe", 12 / 30),
    ("wipe", 8 / 30),
    ("wipe", 6 / 30),
    ("morph", 8 / 30),
)
"""For two views of one place; the first is kept where nothing is better, and the splice is cut where neither take has
frames to spare. Told from uncut turns by a small adversary (17 figures of residual, sharpness, histogram, light; leave
one place out; 55 splices), area under the curve: wipe of 6, 8, 12 frames 0.56, 0.56, 0.55; morph of 4, 8
0.69, 0.65 (it is softer); dissolve of 6 0.77; turned and graded but cut 0.71; an untreated cut 0.93. Caught by any of
five detectors at the thresholds that each fires on 5 % of uncut turns (42 splices): wipe of 12, 8 frames 12 %, 17 %,
morph of 8 19 %, cut 24 %, the same takes uncut 15 %."""
COVERED: tuple[Treatment, ...] = (("cut", 0.0), ("dissolve", 2 / 30), ("dissolve", 4 / 30))
"""Behind something that fills the image, in darkness, in a flash, and where nothing hides: two places do not blend, and
a wipe between them shows one room standing in the other."""
TRIAL_WIDTH_PX = 240
"""Width at which treatments are tried: that at which residuals are measured."""
LEAST_STEP = 0.02
"""Residual below which a step is as good as none: takes that stand still."""
SOFTNESS = 4.0
"""A twentieth of sharpness lost weighs as much as a fifth more residual: a morph loses 4 % more than a wipe, and that
was what told it from an uncut turn."""
LEAST_SMEAR_PX = 2.0
"""Less at the trial's width is hardly seen. On ten splices of takes of 1/180 and 1/36 s the smear left the greatest
step of residual as it was (0.02 of a log-ratio more on average); what it takes away is a sharp shelf beside a soft
one."""
SMEAR_SHARES = (1.0, 0.8, 0.6, 0.4, 0.2, 0.0)
"""What is tried of the smear that the ways of detail ask for. Two takes of one turn, shutters of 0 and 30 ms: all of it
left the sharper side of a wipe softer than the other by up to 0.36 (logarithm of detail), where it had been sharper by
0.25; about 0.4 of it by 0.1."""
PREFERRED = 0.1
"""By how much another treatment must be better than the first: what one take's steps differ from the next one's."""

Codes = NDArray[np.uint8]
Progress = Callable[[int, int], None]
Keep = Callable[[int, Callable[[], Seam]], Seam]


def chosen(
    film: Cut,
    rushes: Mapping[str, Rush],
    on_progress: Progress = lambda done, total: None,
    keep: Keep = lambda index, seam: seam(),
) -> Cut:
    """The cut with the blend and overlap of each seam that stand out least; `rushes` by take id.

    keep: stands between a splice's index and the work that finds its seam, for those who keep what was found before

    A splice whose frames cannot be decoded keeps its seam.
    """
    splices = []
    for index, splice in enumerate(film.splices):
        on_progress(index, len(film.splices))
        splices.append(replace(splice, seam=keep(index, partial(_best_or_own, film, index, rushes))))
    on_progress(len(film.splices), len(film.splices))
    return replace(film, splices=tuple(splices))


def _best_or_own(film: Cut, index: int, rushes: Mapping[str, Rush]) -> Seam:
    try:
        return best_seam(film, index, rushes)
    except CannotRead:
        return film.splices[index].seam  # its frames are lost; the render says so


def best_seam(film: Cut, index: int, rushes: Mapping[str, Rush]) -> Seam:
    """The seam of one splice, with the treatment that stands out least.

    Raises:
        CannotRead: its frames cannot be decoded.
    """
    seams_tried = tuple(candidates(film, index, rushes))
    if len(seams_tried) < 2:
        return seams_tried[0]
    trial = Trial(film, index, rushes, max(seam.overlap_frames for seam in seams_tried))
    seam = film.splices[index].seam
    if seam.turn_frames:
        seam = trial.masked(seam)
    if seam.colour_frames:
        seam = trial.graded(seam)
    if seam.turn_frames:
        seam = trial.smeared(seam)
    seams_tried = tuple(replace(seam, blend=s.blend, overlap_frames=s.overlap_frames) for s in seams_tried)
    first, *others = seams_tried
    usual = trial.stands_out(first) - PREFERRED
    scores = [(trial.stands_out(seam), number) for number, seam in enumerate(others)]
    best, number = min(scores)
    return others[number] if best < usual else first


def candidates(film: Cut, index: int, rushes: Mapping[str, Rush]) -> Iterator[Seam]:
    """The seams to try at one splice: those whose overlap both takes have frames for."""
    splice = film.splices[index]
    room = _room(film, index, rushes)
    treatments = ALIGNED if splice.seam.hiding in ("turn", "rest") else COVERED
    tried = set()
    for blend, lasting_s in treatments:
        half = round(lasting_s * film.rate / 2)
        if lasting_s:
            half = max(1, half)
        if half <= room and (blend, half) not in tried:
            tried.add((blend, half))
            yield replace(splice.seam, blend=blend, overlap_frames=2 * half)
    if not tried:
        yield replace(splice.seam, blend="wipe" if room else "cut", overlap_frames=2 * room)


def _room(film: Cut, index: int, rushes: Mapping[str, Rush]) -> int:
    """Film frames beyond the splice that both takes have, and that the neighbouring seams leave."""
    splice = film.splices[index]
    before, after = film.segments[index], film.segments[index + 1]
    a, b = rushes[before.take], rushes[after.take]
    left = (a.times.span.end - film.source_time(index, splice.frame)) * film.rate
    right = (film.source_time(index + 1, splice.frame) - b.times.span.start) * film.rate
    others = [
        film.splices[other].seam.reach if 0 <= other < len(film.splices) else 0 for other in (index - 1, index + 1)
    ]
    return max(0, min(int(left), int(right), before.frames - others[0], after.frames - others[1]))


class Trial:
    """The frames around one splice, small, from which any treatment of it is rendered.

    overlap_frames: the longest overlap to be tried; reach: frames on each side, one more than that overlap if None
    """

    def __init__(
        self, film: Cut, index: int, rushes: Mapping[str, Rush], overlap_frames: int, reach: int | None = None
    ) -> None:
        reach = overlap_frames // 2 + 1 if reach is None else reach
        self._cut = _small(film, index, reach, overlap_frames)
        self._rushes = rushes
        at = self._cut.splices[0].frame
        self.offsets = np.arange(max(-reach, -at), min(reach, self._cut.frames - at))
        self._frames = range(at + int(self.offsets[0]), at + int(self.offsets[-1]) + 1)
        shown = cadence.kept(self._cut, 0, self._frames, rushes).tolist()
        decoded = [self._decoded(which, shown) for which in (0, 1)]
        self.sources = [pictures for pictures, _ in decoded]
        self._made_of = [frames for _, frames in decoded]
        self.uncut = [residual.steps(frames) for frames in self.sources]
        self._shoot()

    def _decoded(self, which: int, shown: Sequence[int]) -> tuple[list[Codes], list[Codes | None]]:
        """One take's pictures (h, w, 3) for film frames, and of those between two frames the one it is made of.

        The nearest stands for a frame that is lost.
        """
        rush, size = self._rushes[self._cut.segments[which].take], (self._cut.width, self._cut.height)
        looked = ride.looked_into(self._cut, which, shown, self._rushes)
        wanted = sorted({*looked.source.tolist(), *looked.beyond.tolist()})
        found = {frame.index: frame.pixels("rgb", *size) for frame in media.frames_at(rush.take.clip, wanted)}
        if not found:
            file = rush.take.clip.files[0]
            raise CannotRead(file, "the frames around a splice cannot be decoded", "copy the file from the card again")
        known = np.array(sorted(found))
        near, beyond = (
            [np.asarray(found[int(known[np.abs(known - index).argmin()])], np.uint8) for index in indices]
            for indices in (looked.source, looked.beyond)
        )
        lens = rush.take.clip.lens.resized(*size)
        pictures = [
            _between(one, other, lens, turns, float(share)) if share else one
            for one, other, turns, share in zip(near, beyond, looked.turns, looked.share, strict=True)
        ]
        return pictures, [one if share else None for one, share in zip(near, looked.share, strict=True)]

    def _shoot(self) -> None:
        """Turn and grade all frames as the ride of the seam says."""
        self._layers = layers = ride.plan(self._cut, self._rushes).layers
        self._streams = layers[1].streams
        self._shots = [
            [
                _shot(layer, frame, source, made_of) if frame in layer else None
                for frame, source, made_of in zip(self._frames, sources, frames, strict=True)
            ]
            for layer, sources, frames in zip(layers, self.sources, self._made_of, strict=True)
        ]
        self._flows: dict[int, seams.Flows] = {}
        self._unmixed: dict[tuple[int, float], NDArray[np.uint8]] = {}

    def masked(self, seam: Seam) -> Seam:
        """The seam with what is held before either camera, and is not to be turned; the trial goes on with it."""
        masks = []
        for which, frames in enumerate(self.sources):
            rush = self._rushes[self._cut.segments[which].take]
            wanted = self._cut.source_frames(which, self._frames, rush.times)
            turned = rush.motion.rates_rad_s[wanted].sum(axis=0) / float(self._cut.rate)
            lens = rush.take.clip.lens.resized(self._cut.width, self._cut.height)
            stream = np.array([-turned[1], turned[0]]) * lens.focal_mean_px
            cells = held.standing_still([residual.grey(frame) for frame in frames], stream)
            masks.append("" if cells is None else held.packed(cells))
        if any(masks):
            seam = replace(seam, held_a=masks[0], held_b=masks[1])
            self._go_on_with(held_a=masks[0], held_b=masks[1])
        return seam

    def _go_on_with(self, **changes: Any) -> None:  # noqa: ANN401
        splice = self._cut.splices[0]
        self._cut = replace(self._cut, splices=(replace(splice, seam=replace(splice.seam, **changes)),))
        self._shoot()

    def graded(self, seam: Seam) -> Seam:
        """The seam with the gain and drift that the aligned frames of both takes show; the trial goes on with it."""
        ratios = {}
        for number, offset in enumerate(self.offsets):
            a, b = (shots[number] for shots in self._shots)
            if a is not None and b is not None:
                found = colour.ratio(a, b, self._flow(number, a, b))
                if found is not None:
                    ratios[float(offset) + 0.5] = found
        if not ratios:
            return seam
        off, drift = colour.path(ratios, float(self._cut.rate))
        r, g, b_ = (float(value) for value in np.exp(np.log(seam.gain) + off))
        dr, dg, db = (float(value) for value in np.array(seam.gain_drift) + drift)
        seam = replace(seam, gain=(r, g, b_), gain_drift=(dr, dg, db))
        self._go_on_with(gain=seam.gain, gain_drift=seam.gain_drift)
        return seam

    def smeared(self, seam: Seam) -> Seam:
        """The seam with the smear that the sharper take lacks beside the other; the trial goes on with it.

        Measured where both are seen, and not done where it would hardly show.
        """
        both = [
            number for number, (a, b) in enumerate(zip(*self._shots, strict=True)) if a is not None and b is not None
        ]
        shown_a, shown_b = (
            [seams.seen(shot)[0] for shot in (shots[number] for number in both) if shot] for shots in self._shots
        )
        rush, layer = self._rushes[self._cut.segments[0].take], self._layers[0]
        at = np.array([self._frames[number] - layer.start for number in both], dtype=int)
        rates = rush.motion.rates_rad_s[layer.source[at]]
        streams = np.stack([-rates[:, 1], rates[:, 0]], axis=1) * layer.lens.focal_mean_px
        lacking_s = smear.lacking_s(shown_a, shown_b, streams)
        if abs(lacking_s) * float(np.linalg.norm(streams, axis=1).max(initial=0.0)) < LEAST_SMEAR_PX:
            return seam
        sharper, softer = (shown_a, shown_b) if lacking_s > 0 else (shown_b, shown_a)
        lacking_s *= _enough(sharper, softer, streams * abs(lacking_s))
        self._go_on_with(lacking_s=lacking_s)
        return replace(seam, lacking_s=lacking_s)

    def frames(self, seam: Seam) -> list[NDArray[np.uint8]]:
        """The window's film frames under a treatment, (h, w, 3) uint8 display RGB."""
        shares = ride.shares(np.asarray(self.offsets + 0.5, np.float64), seam)
        return [self._frame(number, seam.blend, float(share)) for number, share in enumerate(shares)]

    def _frame(self, number: int, blend: Blend, share: float) -> NDArray[np.uint8]:
        a, b = (shots[number] for shots in self._shots)
        if a is not None and b is not None and share not in (0.0, 1.0):
            picture = seams.blended(a, b, share, blend, self._streams, self._flow(number, a, b))
            return _codes(picture, (a, b), (1 - share, share))
        if (number, share) not in self._unmixed:
            if a is not None and b is not None:
                finished = _codes(seams.blended(a, b, share, "cut"), (a, b), (1 - share, share))
            else:
                only = a or b
                assert only is not None
                finished = _codes(seams.seen(only)[0], (only,), (1.0,))
            self._unmixed[number, share] = finished
        return self._unmixed[number, share]

    def _flow(self, number: int, a: seams.Shot, b: seams.Shot) -> seams.Flows:
        if number not in self._flows:
            self._flows[number] = seams.flows(a, b)
        return self._flows[number]

    def stands_out(self, seam: Seam) -> float:
        """How much a treatment stands out; 0 is no more than either take uncut.

        The greatest step of residual, as a log-ratio over the uncut takes at the same moment, and the greatest loss of
        sharpness under that of the softer take.
        """
        frames = self.frames(seam)
        usual = np.maximum(self.uncut[0], self.uncut[1])
        steps = np.log((residual.steps(frames) + LEAST_STEP) / (usual + LEAST_STEP))
        softer = np.minimum(*(residual.sharpness(taken) for taken in self.sources)) - residual.sharpness(frames)
        return max(0.0, float(steps.max())) + SOFTNESS * max(0.0, float(softer.max()))


def _between(near: Codes, beyond: Codes, lens: Lens, turns: Floats, share: float) -> Codes:
    pictures = light.linear_from_video(near), light.linear_from_video(beyond)
    return np.asarray(light.codes_from_linear(between.pictured(*pictures, lens, turns, share)), np.uint8)


def _shot(layer: ride.Layer, frame: int, source: Codes, made_of: Codes | None) -> seams.Shot:
    filmed = None if made_of is None else light.linear_from_video(made_of)
    return render.shot(layer, frame, light.linear_from_video(source), filmed)


def _codes(picture: seams.Picture, shots: Sequence[seams.Shot], shares: Sequence[float]) -> NDArray[np.uint8]:
    return np.asarray(render.finished(picture, shots, shares) >> 8, dtype=np.uint8)


def _enough(sharper: Sequence[seams.Picture], softer: Sequence[seams.Picture], smears: Floats) -> float:
    """The share of the smears (n, 2) after which the sharper pictures have as much detail as the softer ones."""

    def detail(pictures: Iterable[seams.Picture]) -> float:
        return float(np.mean(residual.sharpness([light.codes_from_linear(picture) for picture in pictures])))

    wanted = detail(softer)
    off = {
        share: abs(detail(smear.smeared(p, share * way) for p, way in zip(sharper, smears, strict=True)) - wanted)
        for share in SMEAR_SHARES
    }
    return min(off, key=off.__getitem__)


def _small(film: Cut, index: int, reach: int, overlap_frames: int) -> Cut:
    """The two takes of one splice for as long as its seam and the trial reach, at the size of the trial."""
    at, changed = film.splices[index].frame, film.changed_frames(index)
    small = cut.no_wider(cut.around(film, index, max(reach, at - changed.start, changed.stop - at)), TRIAL_WIDTH_PX)
    (splice,), (a, b) = small.splices, small.segments
    room = 2 * min(a.frames, b.frames, overlap_frames // 2)
    return replace(small, splices=(replace(splice, seam=replace(splice.seam, overlap_frames=room)),))
