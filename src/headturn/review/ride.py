"""Ride: the motion the viewer is carried through, in film time.

What `picture.render` rotates is what is planned here, and what comfort and the rules judge is the motion it gives.
At a splice the orientation path goes over from A's to B's: both images are turned, each by its share, so that film
orientation is continuous, and it goes over while the head turns: half of the way in what streams by before the splice,
half in what does so after it. Turning an image bares a border. Where both images are seen each fills the
border that the other bares; what is left is covered by a zoom that comes and goes with the seam, and where that would
take more than `ZOOM_LIMIT` the turn is made smaller.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from headturn import rotation
from headturn.camera.lens import Lens
from headturn.edit.cut import Blend, Cut, Seam, Splice
from headturn.head.moments import Moments, moments
from headturn.head.rush import Rush
from headturn.review import cadence
from headturn.review.borders import cover_zooms
from headturn.rotation import IDENTITY, Floats

ZOOM_LIMIT = 1.18
"""What 14 degrees, the most that two takes may look apart at a join, take in a view of 90 degrees (up or down 1.17,
sideways 1.11)."""
LEAST_SHAPE = 1e-3
"""Where the zoom has come up less than this nothing has been turned yet that could show."""
LENSES_DIFFER = 1.01
"""Less is within what two assumed lenses of one camera are off, and what the flow takes over."""
CALM_LIGHT_PER_S = 0.04
"""How fast a picture at rest may grow brighter, in logarithms a second: a twentieth of a code a frame in the middle of
the scale. Uncut turns of the backlot change by 0.005 a frame in the median, 0.13 a second."""
RESTING_RAD_S = float(np.radians(3.0))
"""What a head at rest sways by, as good as nothing: where a head does no more than this a seam goes over steadily."""
LEAST_NEAR = 0.06
"""Nearer than this a seam turns its pictures. Until then a step over the whole way has gone 0.2 % of it, a tenth of a
pixel of 1080p where two takes look 5 degrees apart, and a picture sampled anew is not the one that was filmed."""
LEAST_APART_RAD = float(np.radians(0.1))
"""Of what two cameras turn while they read an image: less is two pixels at the edge of 1080p."""


PER_FRAME = "film_from_image", "zoom", "gain", "smear", "swept", "presence", "lens_share"
"""What a layer has for each film frame, beside what it shows of its take."""


@dataclass(frozen=True, eq=False)
class Layer:
    """What one segment shows over a run of film frames, its handles in the seams included.

    segment: index in the cut; start: first film frame; lens: of its image at the film's size
    moments: of the clip, that each film frame shows (n)
    film_from_image (n, 4): how the image is turned before it is shown; identity outside seams
    zoom (n,): how much it is enlarged about its centre; 1 outside seams
    gain (n, 3): factors in linear light; 1 outside seams
    smear (n, 2): how far the image is smeared, in pixels across and down at the film's size; 0 outside seams
    swept (n, 3): rotation vector, in image axes, by which the camera turned from the image's first line to its last, as
        far as that is to be taken out; 0 where the film is not steadied or the sensor's read-out time is not known
    presence (n,): share of this layer in the picture, 0 to 1; between, both takes are seen
    blend: how it takes over from the layer before it; streams (3,): angular velocity (rad/s) of the image as it does
    film_lens: for runs of film frames the lens of the take it meets, where that one is narrower
    lens_share (n,): how far the image is brought into that lens
    held: what is not turned with the world, with the first film frame and the one after the last; see `edit.cut.Seam`
    """

    segment: int
    start: int
    lens: Lens
    moments: Moments
    film_from_image: Floats
    zoom: Floats
    gain: Floats
    presence: Floats
    blend: Blend
    streams: Floats
    lens_share: Floats
    smear: Floats
    swept: Floats
    film_lens: tuple[tuple[int, int, Lens], ...] = ()
    held: tuple[tuple[int, int, str], ...] = ()

    @property
    def source(self) -> NDArray[np.intp]:
        """Index (n,) of the clip's frame that each film frame shows."""
        return self.moments.source

    @property
    def world_from_film(self) -> Floats:
        """How what each film frame shows looks (n, 4), in the world of its take."""
        return rotation.compose(self.moments.world_from_image, rotation.inverse(self.film_from_image))

    @property
    def stop(self) -> int:
        """The film frame after the last one."""
        return self.start + len(self.source)

    def __contains__(self, frame: int) -> bool:
        """Whether the layer has something for the film frame."""
        return self.start <= frame < self.stop

    def lens_at(self, frame: int) -> Lens | None:
        """The lens into which the image is brought in the film frame by its `lens_share`, if any."""
        return next((lens for start, stop, lens in self.film_lens if start <= frame < stop), None)

    def held_at(self, frame: int) -> str:
        """What is held in the film frame and not turned with the world, packed; empty where there is nothing."""
        return next((cells for start, stop, cells in self.held if start <= frame < stop), "")

    def in_place(self, frame: int) -> bool:
        """Whether the film frame shows the source frame alone and where it is, at most brighter or darker."""
        i = frame - self.start
        return bool(
            self.moments.share[i] == 0
            and self.presence[i] == 1
            and self.zoom[i] == 1
            and self.lens_share[i] == 0
            and not self.smear[i].any()
            and not self.swept[i].any()
            and (self.film_from_image[i] == IDENTITY).all()
        )

    def untouched(self, frame: int) -> bool:
        """Whether the film frame shows the source frame as it is."""
        return self.in_place(frame) and bool((self.gain[frame - self.start] == 1).all())


@dataclass(frozen=True, eq=False)
class Ride:
    """The film's motion: layers for the render, and what they give the viewer.

    times_s (n,): film time of each frame; rates_rad_s (n, 3): angular velocity of what is shown, camera axes.
    Rotation shown in frames counts; the jump between two takes' headings does not exist.
    """

    layers: tuple[Layer, ...]
    times_s: Floats
    rates_rad_s: Floats


def plan(cut: Cut, rushes: Mapping[str, Rush]) -> Ride:
    """The ride of a cut; `rushes` by take id."""
    layers = tuple(_bare_layer(cut, index, rushes) for index in range(len(cut.segments)))
    for index, splice in enumerate(cut.splices):
        layers = _with_seam(cut, layers, index, splice, rushes)
    return Ride(layers, np.arange(cut.frames) / float(cut.rate), _rates(cut, layers))


def smooth_step(share: Floats) -> Floats:
    """0 to 1 with no speed and no acceleration at either end (quintic, Perlin 2002)."""
    t = np.clip(share, 0.0, 1.0)
    return np.asarray(t**3 * (t * (6 * t - 15) + 10), dtype=np.float64)


def _bare_layer(cut: Cut, index: int, rushes: Mapping[str, Rush]) -> Layer:
    segment = cut.segments[index]
    before = cut.splices[index - 1].seam.overlap_frames // 2 if index else 0
    after = cut.splices[index].seam.overlap_frames // 2 if index < len(cut.splices) else 0
    frames = range(segment.start - before, segment.stop + after)
    n = len(frames)
    return Layer(
        segment=index,
        start=frames.start,
        lens=rushes[segment.take].take.clip.lens.resized(cut.width, cut.height),
        moments=looked_into(cut, index, frames, rushes),
        film_from_image=np.tile(IDENTITY, (n, 1)),
        zoom=np.ones(n),
        gain=np.ones((n, 3)),
        presence=np.ones(n),
        blend="cut",
        streams=np.zeros(3),
        lens_share=np.zeros(n),
        smear=np.zeros((n, 2)),
        swept=np.zeros((n, 3)),
    )


def looked_into(cut: Cut, segment: int, frames: Iterable[int], rushes: Mapping[str, Rush]) -> Moments:
    """What film frames, in a segment's handles too, show of its take."""
    times = [cut.source_time(segment, frame) for frame in frames]
    return moments(rushes[cut.segments[segment].take], times, cut.rate)


# The seam --------------------------------------------------------------------------------------------


def _with_seam(
    cut: Cut, layers: tuple[Layer, ...], index: int, splice: Splice, rushes: Mapping[str, Rush]
) -> tuple[Layer, ...]:
    """The layers with what one seam changes in the two that meet there."""
    seam = splice.seam
    frames = np.array(cut.changed_frames(index), dtype=np.intp)
    offsets = (frames - splice.frame + 0.5).astype(np.float64)
    speeds = _speeds(cut, index, frames, rushes)
    near = _nearness(speeds, offsets, seam.turn_frames)
    turning, hiding = _going_over(near, speeds, offsets, seam.turn_frames)
    brightening = _brightening(cut, index, frames, speeds)
    given = shares(offsets, seam)
    a_from_b = _a_from_b(cut, index, splice, frames, rushes)
    lenses = [layer.lens for layer in layers[index : index + 2]]
    apart = _swept_apart(cut, index, frames, rushes)
    toward_b, toward_a, zoom, share = _covered(lenses, a_from_b, apart, (turning, hiding), offsets, seam)
    gain = seam.log_gain(offsets) if seam.colour_frames else np.zeros((len(offsets), 3))
    here = _changed(layers[index], frames, toward_b, zoom, np.exp(-gain * brightening[:, None]), 1 - given)
    there = _changed(layers[index + 1], frames, toward_a, zoom, np.exp(gain * (1 - brightening)[:, None]), given)
    if apart.any():
        here = _straightened(here, frames, share * turning[:, None] * apart)
        there = _straightened(there, frames, -share * (1 - turning)[:, None] * apart)
    if seam.reach:
        span = int(frames[0]), int(frames[-1]) + 1
        here, there = _as_held(here, span, seam.held_a), _as_held(there, span, seam.held_b)
        near = _nearness(speeds, offsets, seam.turn_frames, full=seam.overlap_frames / 2)
        here, there = _through_one_lens(here, there, frames, smooth_step(near))
    if seam.lacking_s:
        reach = max(seam.turn_frames, seam.overlap_frames / 2)
        near = smooth_step(_nearness(speeds, offsets, reach))
        here, there = _smeared(cut, index, here, there, frames, near, rushes)
    there = replace(there, blend=seam.blend, streams=_streams(cut, index, splice, rushes))
    shown = cadence.kept(cut, index, frames.tolist(), rushes)
    if (shown < frames).any():
        here, there = _in_time(here, frames, shown, there), _in_time(there, frames, shown, here)
    return (*layers[:index], here, there, *layers[index + 2 :])


def _in_time(layer: Layer, frames: NDArray[np.intp], shown: NDArray[np.intp], other: Layer) -> Layer:
    """The layer so that film frames (n,) show all that others before them do.

    Where it was not there yet it is not seen, and where the other one has gone it is all that is seen.
    """
    has = (frames >= layer.start) & (frames < layer.stop) & (shown < frames)
    at = np.arange(len(layer.source))
    at[frames[has] - layer.start] = np.maximum(shown[has] - layer.start, 0)
    rows = {name: getattr(layer, name)[at] for name in PER_FRAME}
    rows["presence"][frames[has & (shown < layer.start)] - layer.start] = 0.0
    rows["presence"][frames[has & (frames >= other.stop)] - layer.start] = 1.0
    return replace(layer, moments=layer.moments.taken(at), **rows)


def _swept_apart(cut: Cut, index: int, frames: NDArray[np.intp], rushes: Mapping[str, Rush]) -> Floats:
    """How much further (n, 3) A's camera turned than B's while it read each image; 0 where one's read-out is not known.

    Two cameras, or two speeds, bend what stands upright differently; each take is straightened by its share of that.
    """
    swept = []
    for segment in (index, index + 1):
        readout_s = rushes[cut.segments[segment].take].readout_s
        if readout_s is None:
            return np.zeros((len(frames), 3))
        swept.append(_turning(cut, segment, frames, rushes) * readout_s)
    apart = np.asarray(swept[0] - swept[1], dtype=np.float64)
    return apart if np.linalg.norm(apart, axis=1).max(initial=0.0) > LEAST_APART_RAD else np.zeros_like(apart)


def _straightened(layer: Layer, frames: NDArray[np.intp], swept: Floats) -> Layer:
    """The layer with a seam's share of what its camera turned while reading taken out."""
    has = (frames >= layer.start) & (frames < layer.stop)
    changed = layer.swept.copy()
    changed[frames[has] - layer.start] = swept[has]
    return replace(layer, swept=changed)


def _as_held(layer: Layer, span: tuple[int, int], cells: str) -> Layer:
    return replace(layer, held=(*layer.held, (*span, cells))) if cells else layer


def _through_one_lens(a: Layer, b: Layer, frames: NDArray[np.intp], near: Floats) -> tuple[Layer, Layer]:
    """Both layers so that where both are seen they are of one size: the wider one comes into the lens of the narrower.

    The narrower could not fill the wider one's frame. near (n,): how far it has come
    """
    wide, narrow = (a, b) if a.lens.focal_mean_px < b.lens.focal_mean_px else (b, a)
    if not near.any() or narrow.lens.focal_mean_px < LENSES_DIFFER * wide.lens.focal_mean_px:
        return a, b
    has = (frames >= wide.start) & (frames < wide.stop)
    shares = wide.lens_share.copy()
    shares[frames[has] - wide.start] = near[has]
    run = int(frames[0]), int(frames[-1]) + 1, narrow.lens
    changed = replace(wide, lens_share=shares, film_lens=(*wide.film_lens, run))
    return (changed, b) if wide is a else (a, changed)


def _smeared(
    cut: Cut, index: int, a: Layer, b: Layer, frames: NDArray[np.intp], near: Floats, rushes: Mapping[str, Rush]
) -> tuple[Layer, Layer]:
    """Both layers with the one whose shutter was open for less smeared like the other: fully at the splice.

    Before it (after it) the smear comes up (goes) with the turn that brings both together: near (n,).
    """
    seam = cut.splices[index].seam
    sharper, before = (a, True) if seam.lacking_s > 0 else (b, False)
    past = frames >= cut.splices[index].frame
    share = np.where(past == before, 1.0, near)
    has = (frames >= sharper.start) & (frames < sharper.stop)
    at = frames[has] - sharper.start
    rates = rushes[cut.segments[index if before else index + 1].take].motion.rates_rad_s[sharper.source[at]]
    stream = np.stack([-rates[:, 1], rates[:, 0]], axis=1) * sharper.lens.focal_mean_px * sharper.zoom[at][:, None]
    smear = sharper.smear.copy()
    smear[at] = stream * (abs(seam.lacking_s) * share[has])[:, None]
    changed = replace(sharper, smear=smear)
    return (changed, b) if before else (a, changed)


def _speeds(cut: Cut, index: int, frames: NDArray[np.intp], rushes: Mapping[str, Rush]) -> Floats:
    """How fast (n,) the picture turns at film frames around a splice: A's before it, B's after it, in rad/s."""
    before = frames < cut.splices[index].frame
    speeds = np.zeros(len(frames))
    for segment, mine in ((index, before), (index + 1, ~before)):
        speeds[mine] = np.linalg.norm(_turning(cut, segment, frames[mine], rushes), axis=1)
    return speeds


def _nearness(speeds: Floats, offsets: Floats, reach: float, full: float = 0.0) -> Floats:
    """How near (n,) film frames are to a splice: 0 from `reach` frames on, 1 within `full` of it if there is any reach.

    Between, it is counted in what streams by, on either side for itself: a head at rest is the last thing to be moved.
    Of 444 splices of the backlot that went over steadily, one in ten moved before its turn began as a turn does.
    """
    near, away = np.zeros(len(offsets)), np.abs(offsets)
    if reach:
        near[away < full] = 1.0
    for rising in (True, False):
        side = (away >= full) & (away < reach) & ((offsets < 0) == rising)
        if side.any():
            streams = speeds[side] + RESTING_RAD_S
            passed = (np.cumsum(streams) - streams / 2) / streams.sum()
            near[side] = passed if rising else 1 - passed
    return np.where(near < LEAST_NEAR, 0.0, near)


def _going_over(near: Floats, speeds: Floats, offsets: Floats, reach: float) -> tuple[Floats, Floats]:
    """How far the turn has gone over from A's to B's (n,), and how far the enlarging that hides its borders is up (n,).

    Half of the turn is done on either side of the splice, as it nears. Less streams by on one side than on the other
    where a head has just begun to turn: at the splice the turn goes on at one speed, that of the side which has more to
    go, so that the other begins sooner, and its enlarging with it.
    """
    before = offsets < 0
    streams = np.where(np.abs(offsets) < reach, speeds + RESTING_RAD_S, 0.0)
    ours, theirs = (float(streams[side].sum()) or 1.0 for side in (before, ~before))
    ending = np.where(before, min(1.0, ours / theirs), min(1.0, theirs / ours))
    half = _half_step(near, ending)
    return np.where(before, half, 1 - half), smooth_step(near * np.cbrt(4 - 3 * ending))


def _half_step(near: Floats, ending: Floats) -> Floats:
    """The first half of a step, 0 to 0.5 without speed and acceleration at its start, without acceleration at its end.

    ending (n,): speed at its end, as a share of that which `smooth_step` has in its middle. It begins as a whole step
    would begin that is so many times as fast as the cube root of (4 - 3 ending) / 8 says.
    """
    speed = 15 / 16 * ending  # the quintic's own there, for a half that takes 1
    return np.asarray(near**3 * ((10 - 15 * near + 6 * near**2) / 2 - speed * (4 - 7 * near + 3 * near**2)))


def _brightening(cut: Cut, index: int, frames: NDArray[np.intp], speeds: Floats) -> Floats:
    """How far light and colour have gone over from A's to B's at each film frame (n,).

    They go over steadily, CALM_LIGHT_PER_S at most; what that leaves goes over as the picture streams. At rest a change
    of light is all that moves, and in a turn it is one of many.
    """
    splice, light = cut.splices[index], cut.light_frames(index)
    within = (frames >= light.start) & (frames < light.stop)
    if not within.any():
        return np.asarray(frames >= splice.frame, dtype=np.float64)
    steady = within / within.sum()
    streamed = np.where(within, speeds, 0.0)
    change = float(np.abs(np.log(splice.seam.gain)).max())
    calm = CALM_LIGHT_PER_S * float(within.sum() / cut.rate)
    if change > calm and streamed.any():
        share = calm / change
        steady = share * steady + (1 - share) * streamed / streamed.sum()
    return np.asarray(np.cumsum(steady) - steady / 2)


def shares(offsets: Floats, seam: Seam) -> Floats:
    """B's share in the picture at each film frame; a wipe's edge goes at one speed."""
    if seam.blend == "wipe" and seam.overlap_frames:
        return np.asarray(np.clip(offsets / seam.overlap_frames + 0.5, 0, 1))
    reach = seam.overlap_frames
    return smooth_step(offsets / reach + 0.5) if reach else (offsets > 0).astype(np.float64)


def _streams(cut: Cut, index: int, splice: Splice, rushes: Mapping[str, Rush]) -> Floats:
    """Mean angular velocity (3,) of both images at the splice."""
    at = np.array([splice.frame])
    return np.asarray(np.mean([_turning(cut, segment, at, rushes)[0] for segment in (index, index + 1)], axis=0))


def _turning(cut: Cut, segment: int, frames: NDArray[np.intp], rushes: Mapping[str, Rush]) -> Floats:
    """Angular velocity (n, 3) of a segment's image at film frames (n,), in its handles too."""
    rush = rushes[cut.segments[segment].take]
    return np.asarray(rush.motion.rates_rad_s[cut.source_frames(segment, frames.tolist(), rush.times)])


def _a_from_b(cut: Cut, index: int, splice: Splice, frames: NDArray[np.intp], rushes: Mapping[str, Rush]) -> Floats:
    """How far apart A and B look at each film frame around the splice, (n, 4).

    Beyond the end of a take there is no motion to follow; the nearest frame that both takes have stands in.
    """
    a, b = (rushes[cut.segments[i].take] for i in (index, index + 1))
    times_a = [cut.source_time(index, int(frame)) for frame in frames]
    times_b = [cut.source_time(index + 1, int(frame)) for frame in frames]
    exists = np.array(
        [
            a.times.span.start <= time_a < a.times.span.end and b.times.span.start <= time_b < b.times.span.end
            for time_a, time_b in zip(times_a, times_b, strict=True)
        ]
    )
    if not splice.seam.turn_frames or not exists.any():
        return np.tile(splice.seam.rotation, (len(frames), 1))
    turned_a = moments(a, times_a, cut.rate).world_from_image
    turned_b = moments(b, times_b, cut.rate).world_from_image
    at_splice_a = a.motion.world_from_body[a.times.nearest(cut.source_time(index, splice.frame))]
    at_splice_b = b.motion.world_from_body[b.times.nearest(cut.source_time(index + 1, splice.frame))]
    worlds = rotation.compose(at_splice_a, splice.seam.rotation, rotation.inverse(at_splice_b))
    apart = rotation.compose(rotation.inverse(turned_a), worlds, turned_b)
    known = np.flatnonzero(exists)
    nearest = known[np.abs(known[None] - np.arange(len(frames))[:, None]).argmin(axis=1)]
    return np.asarray(apart[nearest])


def _covered(
    lenses: Sequence[Lens],
    a_from_b: Floats,
    apart: Floats,
    over: tuple[Floats, Floats],
    offsets: Floats,
    seam: Seam,
) -> tuple[Floats, Floats, Floats, float]:
    """How A (n, 4) and B (n, 4) are turned, the zoom (n,) that hides their borders, and the share that is done of it.

    The turns meet at the splice; where hiding their borders takes more than `ZOOM_LIMIT` they fall short of it.
    apart (n, 3): what is straightened, see `_swept_apart`; over: how far A has gone over to B (n,), and how far the
    zoom is up (n,)
    """
    turning, shape = over
    none = np.tile(IDENTITY, (len(offsets), 1))
    if not seam.turn_frames:
        return none, none, np.ones(len(offsets)), 0.0
    seen_a, seen_b = offsets < seam.overlap_frames / 2, offsets > -seam.overlap_frames / 2
    up = shape > LEAST_SHAPE
    for share in (1.0, 0.8, 0.6, 0.4, 0.2):
        toward_b = rotation.inverse(rotation.power(a_from_b, turning * share))
        toward_a = rotation.power(a_from_b, (1 - turning) * share)
        needed = np.ones(len(offsets))
        swept = share * turning[up, None] * apart[up], -share * (1 - turning)[up, None] * apart[up]
        images = (lenses[0], toward_b[up], seen_a[up]), (lenses[1], toward_a[up], seen_b[up])
        needed[up] = cover_zooms(images, swept)
        peak = 1 + float(np.max((needed - 1) / np.maximum(shape, LEAST_SHAPE), initial=0.0))
        if peak <= ZOOM_LIMIT:
            return toward_b, toward_a, 1 + (peak - 1) * shape, share
    return none, none, np.ones(len(offsets)), 0.0


def _changed(
    layer: Layer, frames: NDArray[np.intp], turns: Floats, zoom: Floats, gain: Floats, presence: Floats
) -> Layer:
    """The layer with a seam's changes on those of the frames that it has."""
    has = (frames >= layer.start) & (frames < layer.stop)
    at = frames[has] - layer.start
    changed = [layer.film_from_image.copy(), layer.zoom.copy(), layer.gain.copy(), layer.presence.copy()]
    for values, new in zip(changed, (turns, zoom, gain, presence), strict=True):
        values[at] = new[has]
    turned, zoomed, graded, present = changed
    return replace(layer, film_from_image=turned, zoom=zoomed, gain=graded, presence=present)


# The motion shown ------------------------------------------------------------------------------------


def _rates(cut: Cut, layers: tuple[Layer, ...]) -> Floats:
    """Angular velocity (n, 3) of what is shown, from one frame to the next.

    Into the first frame of a segment the step comes from its own take's frame before, which the morph shows, or else
    the next step stands in: no step starts from another take's heading.
    """
    rates = np.zeros((cut.frames, 3))
    for segment, layer in zip(cut.segments, layers, strict=True):
        shown = layer.world_from_film
        handle = min(1, segment.start - layer.start)
        own = shown[segment.start - layer.start - handle : segment.stop - layer.start]
        if len(own) > 1:
            steps = rotation.to_vector(rotation.compose(rotation.inverse(own[:-1]), own[1:])) * float(cut.rate)
            rates[segment.stop - len(steps) : segment.stop] = steps
            rates[segment.start] = steps[0]
    return rates
