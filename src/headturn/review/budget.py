"""A comfort budget for a film: the least steadying that keeps discomfort below it, or why it cannot be kept."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
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
    """A stretch in which the budget is passed whatever is done.

    start_s, end_s: from when to when; what: "now" or "build-up", value: the highest it comes to; why: in words
    """

    start_s: float
    end_s: float
    value: float
    why: str
    what: str = "now"


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


def meet(
    cut: Cut,
    rushes: Mapping[str, Rush],
    asked: Steadying,
    max_build_up: float | None = None,
    on_trial: Callable[[int, int], None] = lambda done, total: None,
) -> Outcome:
    """The least steadying of a cut that keeps `now` below `asked.max_now` on its screen, for its viewer.

    asked: level and max_crop hold; its strength does not matter. Without any budget nothing is steadied.
    max_build_up: the most predicted FMS (0 to 20), likewise; relative and uncalibrated without a screening
    on_trial: told how many ways have been tried, of how many at most

    Raises:
        BadOption: there is no such screen or viewer. NoTelemetry: nothing is known of the motion.
    """
    most = {"now": asked.max_now, "build-up": max_build_up}
    trials = _Trials(cut, rushes, asked, {name: value for name, value in most.items() if value}, on_trial)
    memory_s = trials.seconds if max_build_up else least.MEMORY_S
    found = least.least(trials, trials.seconds, 1.0, memory_s)
    chosen = trials.steadying(found.strength)
    on_trial(1, 1)
    outcome = told(cut, rushes, chosen)
    return replace(outcome, unmet=trials.unmet(outcome.shown, found.tried.crop))


def told(cut: Cut, rushes: Mapping[str, Rush], steadying: Steadying) -> Outcome:
    """What comes of a steadying, whatever it was chosen by.

    Raises:
        BadOption: there is no such screen or viewer. NoTelemetry: nothing is known of the motion.
    """
    screen, viewer = viewing.screen(steadying.screen), viewing.viewer(steadying.viewer)
    filmed = steadied.shown(cut, ride.plan(cut, rushes), rushes)
    cut = replace(cut, steadying=steadying)
    planned = steadied.plan(cut, rushes)
    shown = steadied.shown(cut, planned, rushes)
    before, after = (comfort.now(comfort.drive(each, screen), viewer) for each in (filmed, shown))
    crop = 1 - 1 / np.concatenate([layer.zoom for layer in planned.layers])
    return Outcome(steadying, shown, before, after, float(crop.mean()), float(crop.max()), ())


class _Trials:
    """What comes of a strength for each second of a cut."""

    def __init__(
        self,
        cut: Cut,
        rushes: Mapping[str, Rush],
        asked: Steadying,
        most: Mapping[str, float],
        on_trial: Callable[[int, int], None],
    ) -> None:
        self.cut, self.rushes, self.asked, self.most, self.on_trial = cut, rushes, asked, most, on_trial
        self.screen, self.viewer = viewing.screen(asked.screen), viewing.viewer(asked.viewer)
        self.done = 0
        self.filmed = ride.plan(cut, rushes)
        self.shown = steadied.shown(cut, self.filmed, rushes)
        self.crop = steadied.border_crop(cut, self.filmed, asked.max_crop)
        self.seconds = len(comfort.drive(self.shown, self.screen).times_s)

    def steadying(self, strength: Floats) -> Steadying:
        """With a strength (n,) for each second: a knot in the middle of each."""
        rate = float(self.cut.rate)
        knots = {round((second + 0.5) * rate): float(share) for second, share in enumerate(strength)}
        return replace(self.asked, strength=tuple(knots.items()))

    def __call__(self, strength: Floats) -> Tried:
        """`now` is here what is felt as a share of its budget. The crop is that of small turns: off by hundredths."""
        self.done += 1
        self.on_trial(self.done, max(self.done, least.trials(self.seconds)))
        drive, crops = self._driven(strength)
        felt = [values / self.most[what] for what, values in self.felt(drive).items()]
        return Tried(course.provoked(drive), np.max([np.zeros(self.seconds), *felt], axis=0), crops)

    def _driven(self, strength: Floats) -> tuple[comfort.Drive, Floats]:
        """What drives discomfort under a strength, and the crop of each second."""
        steadying = self.steadying(strength) if strength.any() else replace(self.asked, strength=())
        corrections = steadied.corrected(self.cut, self.filmed, self.rushes, steadying)
        crop = steady.eased(self.crop(rotation.to_vector(corrections)), float(self.cut.rate))
        shown = replace(
            self.shown,
            rates_rad_s=steadied.rates(self.filmed, corrections, float(self.cut.rate)),
            up=steadied.turned_up(self.shown.up, corrections),
            focal_widths=self.shown.focal_widths / (1 - crop),
        )
        second = (shown.times_s - shown.times_s[0]).astype(int).clip(0, self.seconds - 1)
        frames = np.bincount(second, minlength=self.seconds).clip(1)
        return comfort.drive(shown, self.screen), np.bincount(second, crop, self.seconds) / frames

    def felt(self, drive: comfort.Drive) -> dict[str, Floats]:
        """Of what there is a budget for, how much of it is felt at the end of each second (n,)."""
        ways = {"now": comfort.now, "build-up": _build_up}
        return {what: ways[what](drive, self.viewer) for what in self.most}

    def unmet(self, shown: Shown, crop: Floats) -> tuple[Unmet, ...]:
        """The stretches in which a budget is passed by what is shown, in order; crop (n,): of each second."""
        drive, stretches = comfort.drive(shown, self.screen), []
        for what, values in self.felt(drive).items():
            runs, count = label(values > self.most[what] * (1 + least.TOLERANCE))
            for run in (np.flatnonzero(runs == each) for each in range(1, count + 1)):
                why = _why(shown, drive, run, crop, self.asked.max_crop)
                start_s, end_s = float(drive.times_s[run[0]]), float(drive.times_s[run[-1]] + course.STEP_S)
                stretches.append(Unmet(start_s, end_s, float(values[run].max()), why, what))
        return tuple(sorted(stretches, key=lambda each: (each.start_s, each.what)))


def _build_up(drive: comfort.Drive, viewer: viewing.Viewer) -> Floats:
    latent = course.build_up_latent(course.provoked(drive), drive.conflict)
    return course.on_scale(latent * viewer.gain)


def _why(shown: Shown, drive: comfort.Drive, run: NDArray[np.intp], crop: Floats, max_crop: float) -> str:
    """What drives a stretch of seconds (k,) and those before it most, and what stands against taking that out."""
    worst = np.arange(max(0, run[0] - round(course.DEFAULTS.tau_s)), run[-1] + 1)
    parts = {cause: float(part[worst].sum()) for cause, part in drive.parts.items()}
    why = CAUSES.get(max(parts, key=lambda cause: parts[cause]), TURNS)
    if crop[worst].max() > AT_LIMIT * max_crop:
        return f"the crop of {max_crop:.0%} is used up; {why}"
    fastest = comfort.turn_speed(shown, float(drive.times_s[worst[0]]), float(drive.times_s[worst[-1]] + course.STEP_S))
    if fastest >= comfort.FAST_TURN_RAD_S:
        return f"turns of up to {np.degrees(fastest):.0f} degrees a second are the film's own, and are followed"
    return why
