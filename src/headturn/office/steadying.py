"""Steadying a film: as strongly as somebody said, or as little as a comfort budget asks for; and what came of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from pydantic import TypeAdapter

from headturn.clock import clock_name
from headturn.edit.cut import Cut, Steadying
from headturn.errors import BadOption, NoTelemetry
from headturn.head.rush import Rush
from headturn.office.store import Store
from headturn.review import budget, viewing
from headturn.review.budget import Unmet

MOST_NOW, MOST_BUILD_UP = 100.0, 20.0
"""The ends of the scales."""
LARGEST_CROP = 50.0
"""Percent: beyond it a quarter of the picture is left."""
STRETCHES_TOLD = 6
"""Stretches told one by one; of more, how many there are."""
UNCALIBRATED = (
    "a budget on build-up would be a guess: no ratings stand behind it beyond four minutes, so that without a "
    "screening it is relative and uncalibrated; add --uncalibrated (steady.uncalibrated=true) to set it all the same"
)


@dataclass(frozen=True)
class SteadyingOptions:
    """How the picture is steadied; not at all where neither a budget nor a strength nor a level is given.

    max_now: the most discomfort of the moment, 1 to 100, on `screen` for `viewer`; the least steadying that keeps
        below it is found, second by second. 0: no such budget
    max_build_up: likewise the most predicted FMS, to 20; only with `uncalibrated`. 0: no such budget
    screen: a screen and seat by name, or width and distance, like "1.4m@2.5m"
    viewer: "typical", "sensitive", "mssq=18.5" or "gain=1.7"
    max_crop: the most percent of width and height that may be lost for it
    level: share of the tilt against gravity that is taken out, 0 to 1
    strength: 0 to 1, the same throughout; a budget finds its own
    """

    max_now: float = 0.0
    max_build_up: float = 0.0
    uncalibrated: bool = False
    screen: str = "cinema:middle"
    viewer: str = "typical"
    max_crop: float = 10.0
    level: float = 0.0
    strength: float = 0.0

    @property
    def budgeted(self) -> bool:
        """Whether there is a budget to be met."""
        return self.max_now > 0 or self.max_build_up > 0

    @property
    def wanted(self) -> bool:
        """Whether anything is to be steadied."""
        return self.budgeted or self.strength > 0 or self.level > 0

    def check(self) -> None:
        """Raises BadOption where an option lies outside its scale, names no screen or viewer, or is refused."""
        if self.max_now > MOST_NOW or self.max_build_up > MOST_BUILD_UP:
            raise BadOption(f"max_now goes to {MOST_NOW:.0f} and max_build_up to {MOST_BUILD_UP:.0f}.")
        if self.level > 1 or self.strength > 1:
            raise BadOption("level and strength are shares, from 0 to 1.")
        if not 0 < self.max_crop <= LARGEST_CROP:
            raise BadOption(f"max_crop is in percent, above 0 and up to {LARGEST_CROP:.0f}.")
        if self.strength and self.budgeted:
            raise BadOption("a budget finds its own strength; give one of both.")
        if self.max_build_up and not self.uncalibrated:
            raise BadOption(f"{UNCALIBRATED}.")
        viewing.screen(self.screen), viewing.viewer(self.viewer)


@dataclass(frozen=True)
class Steadied:
    """What came of steadying a film.

    steadying: as the cut has it; before, after: `now` at the end of each second, as filmed and steadied
    mean_crop, most_crop: shares of width and height
    unmet: stretches in which the budget is passed whatever is done; notes: what of the motion is not known
    """

    steadying: Steadying
    max_build_up: float
    before: tuple[float, ...]
    after: tuple[float, ...]
    mean_crop: float
    most_crop: float
    unmet: tuple[Unmet, ...]
    notes: tuple[str, ...]

    @property
    def seen_by(self) -> str:
        """On what and for whom: "cinema:front, sensitive viewer"."""
        return f"{self.steadying.screen}, {self.steadying.viewer} viewer"

    @property
    def budgets(self) -> str:
        """The budgets in words, or nothing."""
        most = (("now", self.steadying.max_now), ("build-up (uncalibrated)", self.max_build_up))
        return " and ".join(f"{name} at most {value:g}" for name, value in most if value)

    @property
    def refusal(self) -> str:
        """Which seconds do not meet the budget and why, in a sentence; empty where it is met or there is none."""
        if not self.unmet:
            return ""
        told = [
            f"{clock_name(each.start_s)} to {clock_name(each.end_s)} ({each.what} {each.value:.0f}: {each.why})"
            for each in self.unmet[:STRETCHES_TOLD]
        ]
        if len(self.unmet) > STRETCHES_TOLD:
            told.append(f"{len(self.unmet) - STRETCHES_TOLD} stretches more")
        return (
            f"the budget, {self.budgets} on {self.seen_by}, cannot be met; the film is steadied as far as that helps. "
            f"Passed at {'; '.join(told)}."
        )

    @property
    def lines(self) -> tuple[str, ...]:
        """What the terminal and the report say of it, in sentences; the report adds the notes."""
        before, after = max(self.before, default=0.0), max(self.after, default=0.0)
        if any(share for _, share in self.steadying.strength) or self.steadying.level:
            where = sum(share > 0 for _, share in self.steadying.strength)
            how = f" in {where} of its {len(self.after)} seconds" if self.budgets else ""
            first = (
                f"Steadied{how}: now at most {after:.1f}, as filmed {before:.1f} ({self.seen_by}); of width and height "
                f"{100 * self.mean_crop:.1f} % is cropped in the mean, {100 * self.most_crop:.1f} % at most."
            )
        else:
            first = f"Not steadied: now at most {before:.1f} as filmed ({self.seen_by})."
        budget = f"The budget, {self.budgets}, is met." if self.budgets else ""
        refusal = self.refusal and f"{self.refusal[0].upper()}{self.refusal[1:]}"
        return tuple(line for line in (first, refusal or budget) if line)


_STEADIED: TypeAdapter[Steadied] = TypeAdapter(Steadied)


def steadied(
    film: Cut,
    rushes: Mapping[str, Rush],
    options: SteadyingOptions,
    store: Store,
    on_trial: Callable[[int, int], None],
) -> tuple[Cut, Steadied | None]:
    """A film with its steadying, and what comes of that; the film as it is where none is wanted. Kept in the store.

    Raises:
        BadOption: nothing is known of the motion, so that a budget cannot be checked.
    """
    if not options.wanted:
        return film, None
    lenses = [rushes[segment.take].take.clip.lens for segment in film.segments]
    inputs = (film.segments, film.splices, film.rate, film.width, film.height, lenses, options)
    kept = store.kept_json(
        "steadying", inputs, lambda: _STEADIED.dump_python(_found(film, rushes, options, on_trial), mode="json")
    )
    found = _STEADIED.validate_python(kept)
    return replace(film, steadying=found.steadying), found


def _found(
    film: Cut, rushes: Mapping[str, Rush], options: SteadyingOptions, on_trial: Callable[[int, int], None]
) -> Steadied:
    asked = Steadying(
        ((0, options.strength),), options.level, options.max_crop / 100, options.max_now or None, options.screen,
        options.viewer,
    )  # fmt: skip
    try:
        if options.budgeted:
            came = budget.meet(film, rushes, asked, options.max_build_up or None, on_trial)
        else:
            came = budget.told(film, rushes, asked)
    except NoTelemetry as error:
        raise BadOption(f"the film cannot be steadied: {error}") from None
    return Steadied(
        came.steadying, options.max_build_up, tuple(np.round(came.before, 3).tolist()),
        tuple(np.round(came.after, 3).tolist()), came.mean_crop, came.most_crop, came.unmet, came.shown.notes,
    )  # fmt: skip
