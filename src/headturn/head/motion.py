"""Motion of the head and of the image, on one clock.

Head motion is what the camera's body did: gyro and accelerometer, fused. Image motion is what the image did: the same
only where nothing was stabilised; the camera's own account where it gives one; else rotation seen in the image itself.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import vqf
from numpy.typing import NDArray

from headturn import rotation
from headturn.camera.sensors import Stream, Telemetry
from headturn.head.flow import LEAST_AGREEMENT, SURE, Flow, chained
from headturn.rotation import Floats

See = Callable[[float, float], Flow]
"""Looks at a stretch of the clip, from a start to before a stop in seconds on its clock: decodes it, sees rotation."""

UPRIGHT: Floats = rotation.from_matrix(np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]]))
"""world_from_camera of an upright camera: its right is the world's x, its forward y, its up z."""
GAP_S = 0.15
"""Rotation lost in the image for less than this (the blurred middle of a turn, a flash) is bridged."""
EDGE_S = 0.1
"""Frames further than this outside what a sensor recorded are not known: the first gyro samples come late by less."""
LAG_STEP_S = 0.004
"""Step of the search for the lag; the best is refined by a parabola."""
RESTLESS_RAD_S = np.radians(3.0)
"""An axis that turns less than this (rms) cannot be compared: tracking and parallax make errors of this size."""
RESTLESS_SHARE = 0.25
"""... nor can one that turns less than this share of the busiest axis, into which it leaks."""
LEVEL_S = 3.0
"""Accelerations are averaged over about this long (standard deviation) to find gravity: steps last half a second, and
VQF, whose default time constant this is, was tuned on people walking."""
LEAST_SAMPLE = 15
"""Frames, that is half a second, below which nothing can be compared."""
UNTRIED = "the motion data could not be compared with the image ({}): it is taken on trust"
SLOPES = (0.6, 1.7)
"""How far the image may turn for each degree the telemetry tells. Assumed focal lengths err by a quarter or so; what
lies outside is another motion."""


@dataclass(frozen=True, eq=False)
class Motion:
    """Orientation over time.

    times_s: (n,) seconds on the clip's clock; for image motion these are the frame times
    world_from_body: (n, 4) quaternions; "body" is the head for head motion, the image for image motion. Gravity is up
        in `world` where `level` is true; its heading is arbitrary and differs from take to take.
    rates_rad_s: (n, 3) angular velocity in body axes (x right, y down, z forward)
    source: where it comes from: "gyro", "camera orientation", "camera and image orientation", "image"
    level: whether gravity is known
    confidence: 0 to 1 for each sample (n,); for rotation found in the image, the share of the picture that agrees
    notes: sentences for the report (assumed focal length, why telemetry was not used, ...)
    speed_over_depth: (n,) speed of the camera over its mean distance to what it sees, 1/s, NaN where that could not be
        seen; None where the motion does not come from the image
    repeated: (n,) whether the image only shows again the one before; None where the images were not looked at
    """

    times_s: Floats
    world_from_body: Floats
    rates_rad_s: Floats
    source: str
    level: bool
    confidence: Floats
    notes: tuple[str, ...] = ()
    speed_over_depth: Floats | None = None
    repeated: NDArray[np.bool_] | None = None


@dataclass(frozen=True)
class MotionOptions:
    """How telemetry that may not explain the image is tried on a sample of it.

    sample_s: longest stretch that is looked at, the one that moves most
    least_correlation: on each axis that moves, for the telemetry to be believed
    lag_s: how far image and telemetry may be apart, either way
    """

    sample_s: float = 5.0
    least_correlation: float = 0.9
    lag_s: float = 0.1


@dataclass(frozen=True, eq=False)
class Agreement:
    """How one motion b agrees with another a, on each axis: pitch (x), yaw (y), roll (z).

    correlation (3,): of the angular velocities
    slope (3,): how far b turns for each unit that a turns (least squares through zero)
    rms_rad_s (3,): of their difference
    moving (3,): whether the axis turns enough in a to be compared
    """

    correlation: Floats
    slope: Floats
    rms_rad_s: Floats
    moving: NDArray[np.bool_]

    @property
    def least_correlation(self) -> float:
        """The worst correlation among the axes that move; 0 where none does."""
        return float(self.correlation[self.moving].min()) if self.moving.any() else 0.0


def compare(a: Motion, b: Motion) -> Agreement:
    """How motion b agrees with motion a, while both last, at the times of the one with fewer samples a second."""
    start, stop = max(a.times_s[0], b.times_s[0]), min(a.times_s[-1], b.times_s[-1])
    coarse = max((a, b), key=lambda motion: float(np.median(np.diff(motion.times_s))))
    times = coarse.times_s[(coarse.times_s >= start) & (coarse.times_s <= stop)]
    return _agreement(_rates_at(a, times), _rates_at(b, times))


def head_motion(telemetry: Telemetry) -> Motion | None:
    """What the camera's body did, from gyro and accelerometer (VQF, Laidig and Seel 2023, run both ways in time).

    At the gyro's rate, evenly spaced, gravity up; the gyro's bias, where the filter finds one, is taken off the rates.
    Without a gyro the camera's own orientation is used, as it comes. None where there is neither.
    """
    gyro, orientation = telemetry.gyro, telemetry.camera_orientation
    if gyro is not None and len(gyro) > 1:
        times = np.linspace(gyro.times_s[0], gyro.times_s[-1], len(gyro))
        fused, rates, level = _fused(times, _at(gyro, times), telemetry.accelerometer)
        if not level:
            fused, level = _levelled(times, fused, telemetry)
        return Motion(times, fused, rates, "gyro", level, np.ones(len(times)))
    if orientation is None or len(orientation) < 2:
        return None
    times = orientation.times_s
    levelled, level = _levelled(times, orientation.values, telemetry)
    rates = rotation.angular_velocity(times, levelled)
    return Motion(times, levelled, rates, "camera orientation", level, np.ones(len(times)))


def image_motion(
    telemetry: Telemetry | None,
    times_s: Floats,
    see: See | None,
    options: MotionOptions | None = None,
    window_s: tuple[float, float] | None = None,
) -> Motion:
    """What the image did, at the frame times (n,).

    window_s: from when to when the image is seen where it has to be seen through; None means all of it. Outside it is
    taken to be still, without confidence.

    - The camera tells its own and the image's orientation (CORI, IORI): both composed, nothing is decoded.
    - Nothing was stabilised, and camera and gyro share a clock: head motion at the frame times, nothing is decoded.
    - Telemetry leaves doubt: at most `sample_s` of the image, where the telemetry moves most, is seen and compared.
      Where every moving axis agrees, the telemetry is used, with the lag found; else, as without telemetry, the
      rotation seen in the image of the whole clip.

    Rates are those over the two frame intervals around a frame (one at the ends), from whatever source, so that they
    compare: it widens a turn by some 14 ms (rms) at 30 frames a second and leaves a snapped look of 150 ms its shape.
    Repeated frames keep the orientation of the frame they repeat, for that is what they show; their rates are those of
    the motion behind them. Without gravity the world is upright in the median over the clip. `see` may be None
    where nothing can be decoded: then telemetry is taken on trust, and without any the image is said to be still.
    """
    options = options or MotionOptions()
    told = _told(telemetry) if telemetry is not None else None
    if told is None or telemetry is None:
        return _seen_within(
            window_s, times_s, see, telemetry, ("there is no motion data: rotation taken from the image",)
        )
    if told.source == "camera and image orientation" or (telemetry.stabilised is False and telemetry.source == "GPMF"):
        return _on_frames(told, times_s, 0.0, told.notes)
    if see is None:
        return _on_frames(told, times_s, 0.0, (UNTRIED.format("nothing can be decoded"),))
    tried = _tried(told, see(*_busiest(told, times_s, options.sample_s)), options.lag_s)
    if tried is None and not telemetry.stabilised:
        return _on_frames(told, times_s, 0.0, (UNTRIED.format("the image shows too little"),))
    if tried is not None and _believed(tried[0], options):
        return _on_frames(told, times_s, tried[1], (_why_believed(*tried),))
    return _seen_within(window_s, times_s, see, telemetry, (_why_not(telemetry, tried),))


def _fused(times: Floats, rates: Floats, accelerometer: Stream | None) -> tuple[Floats, Floats, bool]:
    """World from body (n, 4), the rates without bias (n, 3), and whether gravity was known; times are evenly spaced.

    The filter passes over accelerations that are exactly zero, and then only integrates.
    """
    known = accelerometer is not None and len(accelerometer) > 1
    force = _at(accelerometer, times) if known and accelerometer is not None else np.zeros_like(rates)
    step_s = (times[-1] - times[0]) / (len(times) - 1)
    result = vqf.offlineVQF(np.ascontiguousarray(rates), np.ascontiguousarray(force), None, step_s)
    return result["quat6D"], rates - result["bias"], known


def _at(stream: Stream, times: Floats) -> Floats:
    """A stream's values (m, k) at other times, linearly; its first and last hold outside."""
    return np.column_stack([np.interp(times, stream.times_s, column) for column in stream.values.T])


def _levelled(times: Floats, start_from_body: Floats, telemetry: Telemetry) -> tuple[Floats, bool]:
    """World from body, turned so that gravity (mean over the clip) is down, where the telemetry knows it."""
    if telemetry.gravity is not None and len(telemetry.gravity):
        down = _at(telemetry.gravity, times)
    elif telemetry.accelerometer is not None and len(telemetry.accelerometer):
        down = -_at(telemetry.accelerometer, times)
    else:
        return _upright(start_from_body), False
    return _turned_down(start_from_body, np.mean(rotation.apply(start_from_body, down), axis=0)), True


def _upright(first_from_body: Floats) -> Floats:
    """World from body where nothing knows gravity: the image's own down is down, in the median over the clip."""
    return _turned_down(first_from_body, np.median(rotation.apply(first_from_body, np.array([0.0, 1.0, 0.0])), axis=0))


def _turned_down(start_from_body: Floats, down: Floats) -> Floats:
    """The same motion in a world where `down` (3,) or (n, 3), in the frame of the start, points down, along -z."""
    tilted = np.atleast_2d(rotation.apply(UPRIGHT, down))
    tilted = tilted / np.maximum(np.linalg.norm(tilted, axis=1, keepdims=True), 1e-9)
    axis = np.cross(tilted, [0.0, 0.0, -1.0])
    sine = np.linalg.norm(axis, axis=1, keepdims=True)
    axis = np.where(sine > 1e-9, axis / np.maximum(sine, 1e-9), (1.0, 0.0, 0.0))
    straight = rotation.from_vector(axis * np.arctan2(sine, -tilted[:, 2:]))
    return rotation.compose(straight if np.ndim(down) == 2 else straight[0], UPRIGHT, start_from_body)


def _kept_level(times_s: Floats, first_from_image: Floats, accelerometer: Stream) -> Floats:
    """World from image: rotation seen in the image, whose tilt drifts, held to the accelerometer's slow mean.

    The accelerometer sits in the body and not in the stabilised image; over seconds a stabiliser follows the body.
    """
    from scipy.ndimage import gaussian_filter1d  # slow to load, and only wanted where rotation is seen in the image

    down = rotation.apply(first_from_image, -_at(accelerometer, times_s))
    frames = LEVEL_S / max(float(np.median(np.diff(times_s))), 1e-3)
    return _turned_down(first_from_image, gaussian_filter1d(down, frames, axis=0, mode="nearest"))


def _told(telemetry: Telemetry) -> Motion | None:
    """What the telemetry says of the image: with the stabiliser's part where that is told."""
    body, image = telemetry.camera_orientation, telemetry.image_orientation
    if body is None or image is None or len(body) < 2 or len(image) < 2:
        return head_motion(telemetry)
    times = body.times_s
    camera_from_image = rotation.interpolate(image.times_s, image.values, times)
    levelled, level = _levelled(times, body.values, telemetry)
    world_from_image = rotation.compose(levelled, camera_from_image)
    rates = rotation.angular_velocity(times, world_from_image)
    notes = ("the camera tells its own orientation and that of the stabilised image: the image was not needed",)
    return Motion(times, world_from_image, rates, "camera and image orientation", level, np.ones(len(times)), notes)


def _on_frames(told: Motion, times_s: Floats, lag_s: float, notes: tuple[str, ...]) -> Motion:
    """A told motion at the frame times; `lag_s` is added to them to come to the telemetry's clock."""
    at = times_s + lag_s
    orientation = rotation.interpolate(told.times_s, told.world_from_body, at)
    outside = (at < told.times_s[0] - EDGE_S) | (at > told.times_s[-1] + EDGE_S)
    rates = rotation.angular_velocity(times_s, orientation)
    return Motion(times_s, orientation, rates, told.source, told.level, np.where(outside, 0.0, 1.0), notes)


def _seen_within(
    window_s: tuple[float, float] | None,
    times_s: Floats,
    see: See | None,
    telemetry: Telemetry | None,
    notes: tuple[str, ...],
) -> Motion:
    """`_seen` of the frames in a window; the others stand as its first and last do."""
    first, stop = np.searchsorted(times_s, window_s) if window_s else (0, len(times_s))
    if stop - first < 2 or stop - first == len(times_s):
        return _seen(times_s, see, telemetry, notes)
    part = _seen(times_s[first:stop], see, telemetry, notes)
    ends = (int(first), len(times_s) - int(stop))
    going = part.speed_over_depth
    return replace(
        part,
        times_s=times_s,
        world_from_body=np.pad(part.world_from_body, (ends, (0, 0)), "edge"),
        rates_rad_s=np.pad(part.rates_rad_s, (ends, (0, 0))),
        confidence=np.pad(part.confidence, ends),
        speed_over_depth=None if going is None else np.pad(going, ends),
        repeated=None if part.repeated is None else np.pad(part.repeated, ends),
    )


def _seen(times_s: Floats, see: See | None, telemetry: Telemetry | None, notes: tuple[str, ...]) -> Motion:
    """Image motion from rotation seen in the image of the whole clip, level where there is an accelerometer."""
    if see is None or len(times_s) < 2:
        still = np.repeat(UPRIGHT[None], len(times_s), axis=0)
        nothing = ("there is no motion data and no image to see motion in: the image is taken to be still",)
        return Motion(times_s, still, np.zeros((len(times_s), 3)), "image", False, np.zeros(len(times_s)), nothing)
    flow = see(float(times_s[0]), float(2 * times_s[-1] - times_s[-2]))
    first_from_image, rates = _mended(flow)
    orientation, level = _upright(first_from_image), False
    if telemetry is not None and telemetry.accelerometer is not None:
        orientation, level = _kept_level(flow.times_s, first_from_image, telemetry.accelerometer), True
    confidence, repeated = _carried(flow.agreement, ~flow.repeated), flow.repeated
    if len(flow.times_s) != len(times_s) or not np.array_equal(flow.times_s, times_s):
        orientation = rotation.interpolate(flow.times_s, orientation, times_s)
        rates = np.column_stack([np.interp(times_s, flow.times_s, column) for column in rates.T])
        confidence, repeated = np.interp(times_s, flow.times_s, confidence), np.zeros(len(times_s), np.bool_)
    assumed = (flow.assumed,) if flow.assumed else ()
    going = _speed_over_depth(flow, times_s)
    return Motion(times_s, orientation, rates, "image", level, confidence, (*notes, *assumed), going, repeated)


def _speed_over_depth(flow: Flow, times_s: Floats) -> Floats | None:
    """Speed over depth (n,) at the frame times; repeated frames take part in the step that comes after them."""
    fresh = np.flatnonzero(~flow.repeated)
    if flow.drift is None or len(fresh) < 2:
        return None
    speeds = np.linalg.norm(flow.drift[fresh[1:]], axis=1) / np.diff(flow.times_s[fresh])
    nearest = np.searchsorted(fresh[1:], np.searchsorted(flow.times_s, times_s).clip(0, len(flow.times_s) - 1))
    return np.asarray(speeds[nearest.clip(0, len(speeds) - 1)])


def _mended(flow: Flow) -> tuple[Floats, Floats]:
    """first_from_image (n, 4) and rates (n, 3): short losses are bridged, repeated frames do not stutter the rates."""
    fresh = np.flatnonzero(~flow.repeated)
    if len(fresh) < 2:
        return flow.first_from_image, np.zeros_like(flow.steps_rad)
    times, lasting = flow.times_s[fresh], np.diff(flow.times_s[fresh])[:, None]
    between, rates = (times[1:] + times[:-1]) / 2, flow.steps_rad[fresh[1:]] / lasting
    lost = flow.agreement[fresh[1:]] < LEAST_AGREEMENT
    if lost.any() and not lost.all():
        edges = np.flatnonzero(np.diff(np.concatenate([[False], lost, [False]]).astype(int)))
        for first, end in edges.reshape(-1, 2):
            if times[end] - times[first] > GAP_S:
                continue
            kept = [max(first - 1, 0), min(end, len(rates) - 1)]
            kept = [index for index in kept if not lost[index]]
            for axis in range(3):
                rates[first:end, axis] = np.interp(between[first:end], between[kept], rates[kept, axis])
    steps = flow.steps_rad.copy()
    steps[fresh[1:]] = rates * lasting
    at_frames = np.column_stack([np.interp(flow.times_s, between, column) for column in rates.T])
    return chained(steps), at_frames


def _carried(values: Floats, fresh: NDArray[np.bool_]) -> Floats:
    """Values (n,) where repeated frames take that of the frame they repeat."""
    return values[np.maximum.accumulate(np.where(fresh, np.arange(len(values)), 0))]


def _busiest(told: Motion, times_s: Floats, sample_s: float) -> tuple[float, float]:
    """The stretch of at most `sample_s` in which the telemetry moves most."""
    frame_s = float(times_s[-1] - times_s[0]) / max(len(times_s) - 1, 1)
    if times_s[-1] - times_s[0] <= sample_s:
        return float(times_s[0]), float(times_s[-1] + frame_s)
    steps = np.diff(told.times_s, prepend=told.times_s[0])
    energy = np.cumsum(np.sum(told.rates_rad_s**2, axis=1) * steps)
    starts = times_s[times_s <= times_s[-1] - sample_s]
    gains = np.interp(starts + sample_s, told.times_s, energy) - np.interp(starts, told.times_s, energy)
    start_s = float(starts[int(np.argmax(gains))])
    return start_s, start_s + sample_s


def _tried(told: Motion, flow: Flow, lag_s: float) -> tuple[Agreement, float] | None:
    """How the sample seen agrees with what is told, and by how much the telemetry's clock is ahead of the image's.

    None where too little of the sample can be seen to tell.
    """
    fresh = np.flatnonzero(~flow.repeated)
    sure = flow.agreement[fresh[1:]] >= SURE
    if len(fresh) < LEAST_SAMPLE or sure.mean() < 0.5:
        return None
    times = flow.times_s[fresh]
    lasting = np.diff(times)[:, None]
    seen = flow.steps_rad[fresh[1:]] / lasting

    def rates_at(lag: float) -> Floats:
        orientation = rotation.interpolate(told.times_s, told.world_from_body, times + lag)
        return rotation.to_vector(rotation.compose(rotation.inverse(orientation[:-1]), orientation[1:])) / lasting

    def likeness(lag: float) -> float:
        a, b = (rates - rates.mean(axis=0) for rates in (rates_at(lag)[sure], seen[sure]))  # a gyro has a bias
        return float(np.sum(a * b)) / max(float(np.linalg.norm(a)) * float(np.linalg.norm(b)), 1e-12)

    lags = np.arange(-lag_s, lag_s + LAG_STEP_S / 2, LAG_STEP_S)
    found = np.array([likeness(lag) for lag in lags])
    best = int(np.argmax(found))
    lag = float(lags[best])
    if 0 < best < len(lags) - 1:
        bend = found[best - 1] - 2 * found[best] + found[best + 1]
        lag += 0.0 if bend >= 0 else float((found[best - 1] - found[best + 1]) / (2 * bend) * LAG_STEP_S)
    agreement = _agreement(rates_at(lag)[sure], seen[sure])
    return agreement, lag if agreement.moving.any() else 0.0


def _agreement(a: Floats, b: Floats) -> Agreement:
    """Of rates a (n, 3) and b (n, 3)."""
    size_a, size_b = np.sqrt(np.mean(a**2, axis=0)), np.sqrt(np.mean(b**2, axis=0))
    centred_a, centred_b = a - a.mean(axis=0), b - b.mean(axis=0)
    spread = np.sqrt(np.sum(centred_a**2, axis=0) * np.sum(centred_b**2, axis=0))
    correlation = np.sum(centred_a * centred_b, axis=0) / np.maximum(spread, 1e-12)
    slope = np.sum(a * b, axis=0) / np.maximum(np.sum(a**2, axis=0), 1e-12)
    busiest = max(float(size_a.max()), float(size_b.max()))
    moving = size_a >= max(RESTLESS_RAD_S, RESTLESS_SHARE * busiest)
    return Agreement(correlation, slope, np.sqrt(np.mean((a - b) ** 2, axis=0)), moving)


def _rates_at(motion: Motion, times_s: Floats) -> Floats:
    if motion.source == "image":  # its orientation stands still in repeated frames, its rates do not
        return np.column_stack([np.interp(times_s, motion.times_s, column) for column in motion.rates_rad_s.T])
    return rotation.angular_velocity(times_s, rotation.interpolate(motion.times_s, motion.world_from_body, times_s))


def _believed(agreement: Agreement, options: MotionOptions) -> bool:
    if not agreement.moving.any():
        return bool(np.all(agreement.rms_rad_s < RESTLESS_RAD_S))
    slopes = agreement.slope[agreement.moving]
    return agreement.least_correlation >= options.least_correlation and bool(
        np.all((slopes > SLOPES[0]) & (slopes < SLOPES[1]))
    )


def _why_believed(agreement: Agreement, lag_s: float) -> str:
    if not agreement.moving.any():
        return "the motion data was compared with the image, and both hardly move: the motion data is used"
    apart = "" if abs(lag_s) < LAG_STEP_S else f", {abs(lag_s) * 1000:.0f} ms {'behind' if lag_s > 0 else 'ahead'}"
    return f"the motion data was compared with the image and explains it (r {agreement.least_correlation:.2f}{apart})"


def _why_not(telemetry: Telemetry, tried: tuple[Agreement, float] | None) -> str:
    found = "not to be compared" if tried is None else f"r {tried[0].least_correlation:.2f}"
    if telemetry.stabilised:
        return f"the camera stabilised the image and does not say how ({found}): rotation taken from the image"
    return f"the motion data does not explain the image ({found}): rotation taken from the image"
