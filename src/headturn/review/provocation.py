"""Provocation: how strongly what is shown works on a viewer, second by second, and by what.

The drive of a second is

    P = (log(1 + rotation / 2 degrees a second) + weight * log(1 + translation / 0.03)) * (1 + tilt * sine of the tilt)

rotation and translation (speed over depth, 1/s) as rms over the second, after weighting by frequency and magnification
by the screen. Concave, because discomfort is: on rated clips the logarithm of turning speed does far better than the
speed itself. Weighted by a power of frequency between 0 (speed) and 1 (acceleration): fast changes are worse than the
same speed held. More where the view is tilted, as turning about another axis than the plumb line is (pseudo-Coriolis).

The form was chosen and its weights were fitted on rated clips (VDVR), scenes held out: see `benchmarks/comfort.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.signal import firwin2, oaconvolve

from headturn.errors import NoTelemetry
from headturn.review import svc
from headturn.review.shown import Shown
from headturn.review.viewing import Screen
from headturn.rotation import Floats

Bools = NDArray[np.bool_]

CAUSES = ("slow pitch", "slow yaw", "slow roll", "shake", "translation")

ROTATION_SCALE_RAD_S, TRANSLATION_SCALE = float(np.radians(2.0)), 0.03
"""Where the response turns from linear to logarithmic (translation in 1/s); on the rated clips it hardly matters."""


@dataclass(frozen=True)
class Form:
    """What of the drive was chosen on the rated clips.

    rotation_power, translation_power: of frequency, by which both are weighted
    axes: weights of pitch, yaw and roll; a turning sphere at 45 degrees a second found pitch worst too (n = 26), other
        studies found no difference
    tilt: how much worse the same motion is in a view at right angles to the level
    """

    rotation_power: float = 0.5
    translation_power: float = 0.75
    axes: tuple[float, float, float] = (1.0, 0.7, 0.7)
    tilt: float = 0.4


FORM = Form()
TRANSLATION = 0.56
"""Weight of translation beside rotation: fitted on the rated clips."""
UNKNOWN_TRANSLATION, UNKNOWN_TRANSLATION_SD = 0.86, 0.45
"""Where speed over depth is not known: the log of translation as a share of that of rotation, and the spread of its own
logarithm, on the rated clips. None where nothing turns."""
BETA = 0.5
"""Power of the screen's magnification that is felt: 0 if the brain takes a small picture for a far window on the real
motion, 1 if only motion on the screen counts. Assumed in the middle; see `comfort.SPREADS`."""

GRID_HZ = 30
"""All motion is brought to this rate, so that a film at 24 and at 240 frames a second is judged alike."""
SLOW_HZ = 1.0
"""Below is sway and turn, above is shake."""
FLOOR_HZ, TOP_HZ, STOP_HZ = 0.05, 10.0, 12.0
"""The weighting is level below the first (a sample of ten seconds tells no more) and ends between the others (24 frames
a second carry no more)."""
TAPS = 20 * GRID_HZ + 1
"""Length of the weighting filters: what is ten seconds away does not matter."""
GAP_S, GAP_FRAMES = 0.25, 2.5
"""Frames further apart than both (in seconds, and in frames) have something missing between them."""
LEAST_KNOWN = 0.5
"""Of a second, to call it known."""
SLOW_FRAMES_HZ = 20.0
"""Motion sampled more rarely tells little of shake."""


@dataclass(frozen=True, eq=False)
class Drive:
    """The drive of a film on a screen, for each second of it.

    times_s (n,): when each second begins
    total (n,): P, without the screen's vection; its parts by cause (`CAUSES`) add up to it
    rotation, translation, tilt (n,): what it is made of: the two logarithms, and the sine of the angle between the
        picture's vertical and the true one (0 where that is not known)
    conflict (n,): effect of the conflict of verticals, 0 to 1 (6DoF-SVC), of turning slowly out of the level
    magnification (n,): of the screen; beta: the power of it that is felt in the total
    known, translation_known (n,): whether motion, and speed over depth, are known; where motion is not, the film's
        median stands in
    """

    screen: Screen
    times_s: Floats
    total: Floats
    parts: Mapping[str, Floats]
    rotation: Floats
    translation: Floats
    tilt: Floats
    conflict: Floats
    magnification: Floats
    beta: float
    form: Form
    known: Bools
    translation_known: Bools
    notes: tuple[str, ...] = ()


def drive(shown: Shown, screen: Screen, beta: float = BETA, form: Form = FORM) -> Drive:
    """The drive of what is shown on a screen; see the module.

    Raises:
        NoTelemetry: no second of it has a known motion.
    """
    edges, rates, known = _on_grid(shown.times_s, shown.rates_rad_s)
    _, speeds, speed_known = _on_grid(shown.times_s, shown.speed_over_depth[:, None])
    _, up, up_known = _on_grid(shown.times_s, shown.up)
    _, focal_widths, focal_known = _on_grid(shown.times_s, shown.focal_widths[:, None])
    magnification = screen.magnification(np.where(focal_known, focal_widths[:, 0], np.nan))
    zoom = magnification[:, None] ** beta

    seconds = _Seconds(len(rates))
    sure = seconds.mean(known) >= LEAST_KNOWN
    if not sure.any():
        raise NoTelemetry("Nothing is known of the motion that is shown: neither telemetry nor the image tell it.")
    speed_sure = seconds.mean(speed_known & known) >= LEAST_KNOWN
    rotation, shares = _rotation(rates * zoom, form, seconds)
    moving = seconds.rms(_filtered(_weighting(form.translation_power), speeds * zoom))
    translation = np.where(speed_sure, np.log1p(moving / TRANSLATION_SCALE), UNKNOWN_TRANSLATION * rotation)
    rotation, translation = _standing_in(rotation, sure), _standing_in(translation, sure)
    tilt = seconds.mean(np.where(up_known, np.hypot(up[:, 0], up[:, 2]), 0.0))
    worse = 1 + form.tilt * tilt
    conflict = svc.film_conflict(rates * zoom * screen.vection, 1 / GRID_HZ)
    return Drive(
        screen=screen,
        times_s=edges[0] + np.arange(seconds.count, dtype=float),
        total=(rotation + TRANSLATION * translation) * worse,
        parts=dict(zip(CAUSES, (*(shares * rotation * worse), TRANSLATION * translation * worse), strict=True)),
        rotation=rotation,
        translation=translation,
        tilt=tilt,
        conflict=_standing_in(seconds.mean(conflict), sure),
        magnification=seconds.mean(magnification),
        beta=beta,
        form=form,
        known=sure,
        translation_known=speed_sure,
        notes=(*shown.notes, *_notes(shown, sure, speed_sure, up_known, focal_known)),
    )


def _rotation(rates_rad_s: Floats, form: Form, seconds: "_Seconds") -> tuple[Floats, Floats]:
    """The logarithm of rotation of each second (n,), and the shares (4, n) of slow pitch, yaw, roll and shake in it."""
    weighed = rates_rad_s * np.array(form.axes)
    whole = _filtered(_weighting(form.rotation_power), weighed)
    slow = _filtered(_weighting(form.rotation_power, SLOW_HZ), weighed)
    energies = np.stack([*(seconds.rms(slow[:, [axis]]) ** 2 for axis in range(3)), seconds.rms(whole - slow) ** 2])
    shares = energies / np.maximum(energies.sum(axis=0), 1e-30)
    return np.log1p(seconds.rms(whole) / ROTATION_SCALE_RAD_S), shares


def _notes(shown: Shown, known: Bools, speed_known: Bools, up_known: Bools, focal_known: Bools) -> tuple[str, ...]:
    notes = []
    if not known.all():
        notes.append(
            f"The motion of {np.mean(~known):.0%} of the film is not known; its median stands in there, in wide bands."
        )
    if not speed_known[known].all():
        notes.append(
            f"Speed over depth is not known for {np.mean(~speed_known[known]):.0%} of the film; there translation is "
            "guessed from rotation, in wider bands."
        )
    if not up_known.all():
        notes.append(f"The level is not known for {np.mean(~up_known):.0%} of the film; there tilt is not judged.")
    if not focal_known.all():
        notes.append(f"The lens of {np.mean(~focal_known):.0%} of the film is not known; a usual one is assumed.")
    if len(shown.times_s) > 1 and 1 / np.median(np.diff(shown.times_s)) < SLOW_FRAMES_HZ:
        notes.append("Motion is sampled too rarely to tell shake.")
    return tuple(notes)


class _Seconds:
    """Cells of the grid by seconds of film; the last second may be a short one."""

    def __init__(self, cells: int) -> None:
        self.count = max(1, (cells + GRID_HZ // 4) // GRID_HZ)
        self.starts = np.arange(self.count) * GRID_HZ
        self.lengths = np.diff(np.append(self.starts, cells))

    def mean(self, values: NDArray[np.generic]) -> Floats:
        return np.asarray(np.add.reduceat(values.astype(float), self.starts) / self.lengths)

    def rms(self, values: Floats) -> Floats:
        return np.asarray(np.sqrt(self.mean((values**2).sum(axis=1))))


def _on_grid(times_s: Floats, values: Floats) -> tuple[Floats, Floats, Bools]:
    """Edges (m + 1,) of cells of equal length, means of values (n, k) over each (m, k), and which are known (m,).

    Unknown values (NaN, and stretches without frames) are bridged in a straight line.
    """
    if len(times_s) < 2:
        raise NoTelemetry("Nothing is shown: comfort needs two frames at least.")
    cells = max(1, round(float(times_s[-1] - times_s[0]) * GRID_HZ))
    edges = times_s[0] + np.arange(cells + 1) / GRID_HZ
    fine = np.isfinite(values).all(axis=1)
    if not fine.any():
        return edges, np.zeros((cells, values.shape[1])), np.zeros(cells, dtype=bool)
    times, values = times_s[fine], values[fine]
    steps = np.diff(times)[:, None]
    covered = np.concatenate(
        [np.zeros((1, values.shape[1])), np.cumsum((values[1:] + values[:-1]) / 2 * steps, axis=0)]
    )
    known = _known(times, float(np.median(np.diff(times_s))), edges)
    # before the first known frame and after the last it holds
    knots = np.concatenate([[times[0] - 1e4], times, [times[-1] + 1e4]])
    covered = np.concatenate([covered[:1] - values[:1] * 1e4, covered, covered[-1:] + values[-1:] * 1e4])
    at_edges = np.stack([np.interp(edges, knots, column) for column in covered.T], axis=1)
    return edges, np.diff(at_edges, axis=0) * GRID_HZ, known


def _known(times_s: Floats, usual_s: float, edges: Floats) -> Bools:
    """Which cells lie between two frames that are close enough."""
    middles = (edges[:-1] + edges[1:]) / 2
    after = np.searchsorted(times_s, middles)
    usual = max(GAP_S, GAP_FRAMES * usual_s)
    near = np.abs(middles - times_s[np.clip(after, 0, len(times_s) - 1)]) <= usual / 2
    inside = (after > 0) & (after < len(times_s))
    length = times_s[np.clip(after, 0, len(times_s) - 1)] - times_s[np.clip(after - 1, 0, len(times_s) - 1)]
    return np.asarray(np.where(inside, length <= usual, near))


def _standing_in(values: Floats, known: Bools) -> Floats:
    return np.where(known, values, np.median(values[known]))


@cache
def _weighting(power: float, below_hz: float | None = None) -> Floats:
    """Taps of a zero-phase filter whose gain is frequency (in Hz) to a power, 1 at 1 Hz; only below a frequency."""
    hertz = np.linspace(0, GRID_HZ / 2, 4096)
    gain = np.maximum(hertz, FLOOR_HZ) ** power
    gain *= np.clip((STOP_HZ - hertz) / (STOP_HZ - TOP_HZ), 0, 1)
    if below_hz is not None:
        gain /= 1 + (hertz / below_hz) ** 4  # a second-order Butterworth filter, forth and back
    return np.asarray(firwin2(TAPS, hertz, gain, fs=GRID_HZ, window="hann"))


def _filtered(taps: Floats, values: Floats) -> Floats:
    """Values (m, k) filtered without delay; beyond both ends they go on mirrored."""
    beyond = len(taps) // 2
    padded = np.pad(values, ((beyond, beyond), (0, 0)), mode="symmetric")
    return np.asarray(oaconvolve(padded, taps[:, None], mode="valid", axes=0))
