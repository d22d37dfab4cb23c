"""Comfort: what a film does to its viewers, from its motion alone: on a screen, from a seat, for a viewer.

Two figures that are never merged: `now`, discomfort from 0 to 100 over seconds, and `build_up`, predicted FMS from 0 to
20 over minutes, which is relative and uncalibrated until viewers have rated a screening. Neither ever says "safe".
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from headturn.review import course
from headturn.review.course import DEFAULTS, Constants, build_up_latent, now_latent, on_scale, provoked
from headturn.review.provocation import CAUSES, Drive, drive
from headturn.review.shown import Shown
from headturn.review.viewing import Screen, Viewer
from headturn.rotation import Floats

__all__ = ["CAUSES", "DEFAULTS", "Comfort", "Constants", "Drive", "Moment", "drive", "felt", "worst"]

NOW_MOST = 100.0
BAND_Z = 1.645
"""Of the 90 % bands."""
SEGMENT_S = 5
"""Length of a moment: what can be cured by one repair."""
TURN_S = 0.5
FAST_TURN_RAD_S = float(np.radians(60.0))
"""From here on a slow turn of the camera is called a fast one (30 to 70 degrees a second is the range most often named
as provocative, section 11 of the reference)."""
UNCALIBRATED = (
    "Build-up is relative and uncalibrated: no data beyond four minutes stand behind it, its bands are the prior's."
)


@dataclass(frozen=True, eq=False)
class Comfort:
    """A film as one viewer may feel it on one screen, at the end of each second.

    times_s (n,): when
    now, now_low, now_high (n,): discomfort 0 to 100, with a 90 % band over constants and viewers of that kind
    build_up, build_up_low, build_up_high (n,): predicted FMS 0 to 20, likewise
    notes: sentences for the report: what is not known, and what that means
    """

    times_s: Floats
    now: Floats
    now_low: Floats
    now_high: Floats
    build_up: Floats
    build_up_low: Floats
    build_up_high: Floats
    drive: Drive
    screen: Screen
    viewer: Viewer
    constants: Constants
    notes: tuple[str, ...]


def felt(shown: Shown, screen: Screen, viewer: Viewer, constants: Constants = DEFAULTS) -> Comfort:
    """What a viewer feels of what is shown on a screen.

    Raises:
        NoTelemetry: nothing is known of the motion.
    """
    return felt_of(drive(shown, screen), viewer, constants)


def felt_of(drive: Drive, viewer: Viewer, constants: Constants = DEFAULTS) -> Comfort:
    """What a viewer feels of a drive that is already there."""
    works = provoked(drive, constants)
    now = _band(now_latent(works, constants), course.now_doubt(drive, constants), viewer, NOW_MOST)
    build_up = _band(
        build_up_latent(works, drive.conflict, constants),
        course.build_up_doubt(drive, constants),
        viewer,
        course.FMS_MOST,
    )
    notes = drive.notes if constants.calibrated else (*drive.notes, UNCALIBRATED)
    return Comfort(drive.times_s + course.STEP_S, *now, *build_up, drive, drive.screen, viewer, constants, notes)


def _band(latent: Floats, doubt: Floats, viewer: Viewer, most: float) -> tuple[Floats, Floats, Floats]:
    """The middle and the lower and upper end of the 90 % band."""
    factor = np.exp(BAND_Z * np.sqrt(doubt**2 + viewer.log_sd**2))
    middle = latent * viewer.gain
    return on_scale(middle, most), on_scale(middle / factor, most), on_scale(middle * factor, most)


def now(drive: Drive, viewer: Viewer, constants: Constants = DEFAULTS) -> Floats:
    """`now` alone (n,), without bands: for whoever asks often."""
    return on_scale(now_latent(provoked(drive, constants), constants) * viewer.gain, NOW_MOST)


@dataclass(frozen=True, eq=False)
class Moment:
    """One of the worst moments.

    start_s, end_s: when; cause: one of "shake", "slow sway", "roll", "fast turn", "travel", "flashes"
    words: the cause as a sentence; gain: by how many points of `now` the moment would be better if it were cured
    gain_of_most, gain_at_end: what that takes off the highest `now` of the film and off its last `build_up`
    without (n,): the curve of `now` as it would be: the moment's drive is the film's median
    """

    start_s: float
    end_s: float
    cause: str
    words: str
    gain: float
    gain_of_most: float
    gain_at_end: float
    without: Floats


def worst(
    comfort: Comfort, shown: Shown, most: int = 10, flashes: Sequence[tuple[float, float]] = ()
) -> tuple[Moment, ...]:
    """The worst moments of a film, worst first, none overlapping another.

    Those five seconds whose cure gains most: their drive is replaced by the film's median and the film felt again.
    `flashes` are spans (start and end in seconds, in film time) in which the picture flashes, found elsewhere.
    """
    works = provoked(comfort.drive, comfort.constants)
    moments = [_moment(comfort, shown, start, flashes) for start in _candidates(works, most)]
    moments = [moment for moment in moments if moment.gain > 0]
    return tuple(sorted(moments, key=lambda moment: (-moment.gain, moment.start_s))[:most])


def _candidates(works: Floats, most: int) -> list[int]:
    """First seconds of segments that work more than the film's median does, greatest excess first."""
    excess = np.maximum(works - np.median(works), 0.0)
    length = min(SEGMENT_S, len(works))
    sums = np.convolve(excess, np.ones(length), mode="valid")
    starts: list[int] = []
    while len(starts) < 2 * most and sums.max() > 0:
        start = int(sums.argmax())
        starts.append(start)
        sums[max(0, start - length + 1) : start + length] = 0.0
    return starts


def _moment(comfort: Comfort, shown: Shown, start: int, flashes: Sequence[tuple[float, float]]) -> Moment:
    works = provoked(comfort.drive, comfort.constants)
    span = slice(start, start + SEGMENT_S)
    cured = works.copy()
    cured[span] = np.minimum(cured[span], np.median(works))
    conflict = comfort.drive.conflict.copy()
    conflict[span] = np.minimum(conflict[span], np.median(conflict))
    gain = comfort.viewer.gain
    without = on_scale(now_latent(cured, comfort.constants) * gain, NOW_MOST)
    dose = on_scale(build_up_latent(cured, conflict, comfort.constants) * gain)
    start_s = float(comfort.drive.times_s[start])
    end_s = start_s + min(SEGMENT_S, len(works) - start)
    cause, words = _cause(comfort.drive, span, turn_speed(shown, start_s, end_s))
    if any(a < end_s and b > start_s for a, b in flashes):
        cause, words = "flashes", f"the picture flashes, and {words}"
    return Moment(
        start_s, end_s, cause, words,
        gain=float(np.max(comfort.now - without)),
        gain_of_most=float(comfort.now.max() - without.max()),
        gain_at_end=float(comfort.build_up[-1] - dose[-1]),
        without=without,
    )  # fmt: skip


def _cause(drive: Drive, span: slice, turn_rad_s: float) -> tuple[str, str]:
    """The cause of a moment, and that in a sentence."""
    sums = {cause: float(part[span].sum()) for cause, part in drive.parts.items()}
    travel = sums["translation"] if drive.translation_known[span].any() else 0.0  # else it is only guessed
    slow = max(("slow pitch", "slow yaw", "slow roll"), key=lambda cause: sums[cause])
    sway = sums["slow pitch"] + sums["slow yaw"] + sums["slow roll"]
    if travel > max(sums["shake"], sway):
        cause, words = "travel", "the camera moves fast past what is near"
    elif turn_rad_s >= FAST_TURN_RAD_S:
        cause, words = "fast turn", f"a fast turn, at up to {np.degrees(turn_rad_s):.0f} degrees a second"
    elif sums["shake"] > sway:
        cause, words = "shake", "the image shakes"
    elif slow == "slow roll":
        cause, words = "roll", "the horizon rolls"
    else:
        way = "up and down" if slow == "slow pitch" else "from side to side"
        cause, words = "slow sway", f"the view sways slowly {way}"
    if not drive.known[span].all():
        words += "; not all of its motion is known"
    return cause, words


def turn_speed(shown: Shown, start_s: float, end_s: float) -> float:
    """Highest angular speed in a span, rad/s, as the mean over half a second: of turns, for shake cancels out in it."""
    inside = (shown.times_s >= start_s) & (shown.times_s <= end_s) & np.isfinite(shown.rates_rad_s).all(axis=1)
    times_s, rates = shown.times_s[inside], shown.rates_rad_s[inside]
    if len(times_s) < 2:
        return 0.0
    steps = (rates[1:] + rates[:-1]) / 2 * np.diff(times_s)[:, None]
    turned = np.concatenate([np.zeros((1, 3)), np.cumsum(steps, axis=0)])
    later = np.stack([np.interp(times_s + TURN_S, times_s, column) for column in turned.T], axis=1)
    return float(np.linalg.norm(later - turned, axis=1).max() / TURN_S)
