"""Steadying a film: as strongly as somebody said, or as little as a comfort budget asks for; and what came of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from pydantic import TypeAdapter

from headturn.clock import clock_name
from headturn.edit.cut import Cut, Steadying
from headturn.errors import BadOption, NoTelemetry
from headturn.head.rush import Rush
from headturn.office.steadying_options import SteadyingOptions
from headturn.office.store import Store
from headturn.review import budget
from headturn.review.budget import Unmet

STRETCHES_TOLD = 6
"""Stretches told one by one; of more, how many there are."""


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
