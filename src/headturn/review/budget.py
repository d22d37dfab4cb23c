"""A comfort budget for a film: the least steadying that keeps discomfort below it, or why it cannot be kept."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy.ndimage import label

from headturn import rotation
from headturn.edit.cut import Cut, Steadying
from headturn.head import least, steady
from headturn.head.least import Tried
from headturn.head.rush import Rush
from headturn.review import comfort, course, ride, steadied, viewing
from headturn.review.shown import Shown
from headturn.rotation import Floats

AT_LIMIT = 0.85
"""A crop of this share of what is allowed counts as used up: the rest is its margin."""
CAUSES = {
    "shake": "what shakes there is too fast or too wide for the crop",
    "translation": "the camera moves fast past what is near, which no turning of the picture undoes",
}
TURNS = "the turns and the sway are the film's own, and are followed"


@dataclass(frozen=True)
class Unmet:
    """A stretch in which the budget is passed whatever is done: start and end in seconds, the highest `now`, why."""

    start_s: float
    end_s: float
    now: float
    why: str


@dataclass(frozen=True, eq=False)
class Outcome:
    """What comes of a budget.

    steadying: with the strength found; the most that helps where the budget is not met
    shown: what viewers are then shown; before, after (n,): `now` for each second, as filmed and steadied
    mean_crop, most_crop: shares of width and height
    unmet: empty where the budget is met
    """

    steadying: Steadying
    shown: Shown
    before: Floats
    after: Floats
    mean_crop: float
    most_crop: float
    unmet: tuple[Unmet, ...]


def meet(cut: Cut, rushes: Mapping[str, Rush], asked: Steadying) -> Outcome:
    """The least steadying of a cut that keeps `now` below `asked.max_now` on its screen, for its viewer.

    asked: level and max_crop hold; its strength does not matter. Without `max_now` nothing is steadied.

    Raises:
        BadOption: there is no such screen or viewer. NoTelemetry: nothing is known of the motion.
    """
    screen, viewer = viewing.screen(asked.screen), viewing.viewer(asked.viewer)
    trials = _Trials(cut, rushes, asked, screen, viewer)
    none = np.zeros(trials.seconds)
    before = trials(none)
    most = np.inf if asked.max_now is None else asked.max_now
    found = least.least(trials, trials.seconds, most)
    chosen = trials.steadying(found.strength)
    planned = steadied.plan(replace(cut, steadying=chosen), rushes)
    shown = steadied.shown(cut, planned, rushes)
    drive = comfort.drive(shown, screen)
    after = comfort.now(drive, viewer)
    zoom = np.concatenate([layer.zoom for layer in planned.layers])
    crop = 1 - 1 / zoom
    return Outcome(
        chosen, shown, before.now, after, float(crop.mean()), float(crop.max()),
        _unmet(drive, after, most, trials(found.strength).crop, asked.max_crop) if found.unmet.any() else (),
    )  # fmt: skip


class _Trials:
    """What comes of a strength for each second of a cut."""

    def __init__(
        self, cut: Cut, rushes: Mapping[str, Rush], asked: Steadying, screen: viewing.Screen, viewer: viewing.Viewer
    ) -> None:
        self.cut, self.rushes, self.asked, self.screen, self.viewer = cut, rushes, asked, screen, viewer
        self.filmed = ride.plan(cut, rushes)
        self.shown = steadied.shown(cut, self.filmed, rushes)
        self.crop = steadied.border_crop(cut, self.filmed, asked.max_crop)
        self.seconds = len(comfort.drive(self.shown, screen).times_s)

    def steadying(self, strength: Floats) -> Steadying:
        """With a strength (n,) for each second: a knot in the middle of each."""
        rate = float(self.cut.rate)
        knots = {round((second + 0.5) * rate): float(share) for second, share in enumerate(strength)}
        return replace(self.asked, strength=tuple(knots.items()))

    def __call__(self, strength: Floats) -> Tried:
        """The crop is that of small turns, and so off by some hundredths of itself."""
        steadying = self.steadying(strength) if strength.any() else replace(self.asked, strength=())
        corrections = steadied.corrected(self.cut, self.filmed, self.rushes, steadying)
        crop = steady.eased(self.crop(rotation.to_vector(corrections)), float(self.cut.rate))
        shown = replace(
            self.shown,
            rates_rad_s=steadied.rates(self.filmed, corrections, float(self.cut.rate)),
            up=steadied.turned_up(self.shown.up, corrections),
            focal_widths=self.shown.focal_widths / (1 - crop),
        )
        drive = comfort.drive(shown, self.screen)
        second = (shown.times_s - shown.times_s[0]).astype(int).clip(0, self.seconds - 1)
        crops = np.bincount(second, weights=crop, minlength=self.seconds) / np.bincount(
            second, minlength=self.seconds
        ).clip(1)
        return Tried(course.provoked(drive), comfort.now(drive, self.viewer), crops)


def _unmet(drive: comfort.Drive, now: Floats, most: float, crop: Floats, max_crop: float) -> tuple[Unmet, ...]:
    runs, count = label(now > most)
    return tuple(_why(drive, now, np.flatnonzero(runs == each), crop, max_crop) for each in range(1, count + 1))


def _why(drive: comfort.Drive, now: Floats, run: np.ndarray, crop: Floats, max_crop: float) -> Unmet:
    """What drives a stretch of seconds (k,) and those before it most, and what stands against taking that out."""
    worst = np.arange(max(0, run[0] - round(course.DEFAULTS.tau_s)), run[-1] + 1)
    parts = {cause: float(part[worst].sum()) for cause, part in drive.parts.items()}
    why = CAUSES.get(max(parts, key=lambda cause: parts[cause]), TURNS)
    if crop[worst].max() > AT_LIMIT * max_crop:
        why = f"the crop of {max_crop:.0%} is used up; {why}"
    return Unmet(float(drive.times_s[run[0]]), float(drive.times_s[run[-1]] + 1), float(now[run].max()), why)
