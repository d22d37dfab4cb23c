"""Profile: what screenings have taught of a model's constants and of each viewer; the prior of the next screening.

Kept as JSON with the film. `PRIOR` is what is believed before anybody has rated anything.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from pydantic import TypeAdapter, ValidationError

from headturn.errors import BadOption
from headturn.review.course import DEFAULTS, SPREADS, Constants
from headturn.review.viewing import GAIN_LOG_SD, Viewer
from headturn.rotation import Floats

Course = Literal["now", "build_up"]
COURSES: tuple[Course, ...] = ("now", "build_up")
NAMES: Mapping[Course, tuple[str, ...]] = {
    "now": ("gain", "tau_s", "exponent", "translation", "vection", "beta"),
    "build_up": ("scale", "fast_s", "slow_s", "power", "fast_gain", "tilt", "translation", "vection", "beta"),
}
"""Constants of each course that a screening bears on."""
EXPONENT_LOG_SD = 0.25
"""Spread of the exponent's logarithm: fits to the one ride gave 1, 1.4 and 1.6, by the drive that was assumed."""
SPREAD_VIEWERS = 6.0
"""Viewers' worth of the prior of the spread of gains."""
OFFSET_SD = 0.15
NOISE = 0.35
"""Viewers' offsets and the scatter of ratings on the even scale, where 0.1 is 1 FMS in the middle and 0.3 near both
ends; measured on the shared ride."""
NEXT_FILM: Mapping[str, float] = {name: 0.5 * spread for name, spread in SPREADS.items()} | {"exponent": 0.1}
"""What the next film adds to the spread of each constant (of its logarithm; of beta itself): half of the first prior's,
assumed, since nobody has rated two films here."""
NEXT_DAY_LOG_SD = 0.2
"""What another day adds to the spread of a viewer's log gain; assumed."""


@dataclass(frozen=True)
class Known:
    """What is known of a named viewer.

    own: log gain beside the typical viewer, and offset on the even scale, with covariance (2 by 2), and with the
        course's constants (2 by p)
    """

    name: str
    own: tuple[float, ...]
    covariance: tuple[tuple[float, ...], ...]
    with_constants: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Learnt:
    """One course's constants, as natural logarithms (beta as it is), in the order of `NAMES`, with their covariance.

    spread, spread_viewers: of viewers' log gains, and how many viewers' worth it is; noise: of ratings, on the even
        scale; rmse: of ratings around the fit, in FMS (0 where there were none)
    """

    values: tuple[float, ...]
    covariance: tuple[tuple[float, ...], ...]
    spread: float
    spread_viewers: float
    noise: float
    rmse: float
    viewers: tuple[Known, ...]


@dataclass(frozen=True)
class Profile:
    """What screenings have taught; `PRIOR` is what is believed before any.

    viewers, ratings, films: how many it rests on
    notes: sentences: what could not be told from these ratings and stays as it was
    """

    now: Learnt
    build_up: Learnt
    viewers: int = 0
    ratings: int = 0
    films: int = 0
    notes: tuple[str, ...] = ()

    def learnt(self, course: Course) -> Learnt:
        """What is known of one of the two courses."""
        return self.now if course == "now" else self.build_up

    def constants(self) -> Constants:
        """The most probable constants of both courses, for `comfort.felt`."""
        values = _plain("build_up", self.build_up.values) | _plain("now", self.now.values)
        return replace(DEFAULTS, **values, calibrated=self.viewers > 0)

    def viewer(self, name: str, course: Course = "now") -> Viewer:
        """A named viewer of the screening, for `comfort.felt`.

        Raises:
            BadOption: nobody of that name has rated.
        """
        known = self.named(name, course)
        return Viewer(name, float(np.exp(known.own[0])), float(np.sqrt(known.covariance[0][0])))

    def named(self, name: str, course: Course) -> Known:
        """What one course knows of a viewer.

        Raises:
            BadOption: nobody of that name has rated.
        """
        for known in self.learnt(course).viewers:
            if known.name == name:
                return known
        names = ", ".join(known.name for known in self.now.viewers) or "nobody yet"
        raise BadOption(f"No viewer '{name}' has rated a screening; there is {names}.")

    def for_next_film(self) -> "Profile":
        """The same for a film that these viewers have not rated: less sure, by `NEXT_FILM` and `NEXT_DAY_LOG_SD`."""
        return replace(self, now=_widened("now", self.now), build_up=_widened("build_up", self.build_up))

    def to_json(self) -> str:
        """As text; `from_json` reads it."""
        return _PROFILES.dump_json(self, indent=1).decode()


def from_json(text: str) -> Profile:
    """A profile from its JSON.

    Raises:
        BadOption: it is none.
    """
    try:
        read = _PROFILES.validate_json(text)
        for each in COURSES:
            _check(read.learnt(each), len(NAMES[each]))
    except (ValidationError, ValueError, np.linalg.LinAlgError):
        raise BadOption("This is no profile of a screening; make one anew from its ratings.") from None
    return read


def constants_of(course: Course, values: Floats) -> Constants:
    """The constants from their logarithms (beta from itself), in the order of `NAMES`."""
    return replace(DEFAULTS, **_plain(course, values))


def _plain(course: Course, values: Sequence[float] | Floats) -> dict[str, Any]:
    return {
        name: float(value if name == "beta" else np.exp(value))
        for name, value in zip(NAMES[course], values, strict=True)
    }


def _before(course: Course) -> Learnt:
    spreads = SPREADS | {"exponent": EXPONENT_LOG_SD}
    defaults = [getattr(DEFAULTS, name) for name in NAMES[course]]
    values = [
        value if name == "beta" else float(np.log(value)) for name, value in zip(NAMES[course], defaults, strict=True)
    ]
    covariance = np.diag([spreads[name] ** 2 for name in NAMES[course]])
    return Learnt(tuple(values), rows(covariance), GAIN_LOG_SD, SPREAD_VIEWERS, NOISE, 0.0, ())


def rows(matrix: Floats) -> tuple[tuple[float, ...], ...]:
    """A matrix as a value."""
    return tuple(tuple(float(cell) for cell in row) for row in matrix)


def _widened(course: Course, learnt: Learnt) -> Learnt:
    more = np.diag([NEXT_FILM[name] ** 2 for name in NAMES[course]])
    return replace(
        learnt,
        covariance=rows(np.array(learnt.covariance) + more),
        viewers=tuple(_another_day(known) for known in learnt.viewers),
    )


def _another_day(known: Known) -> Known:
    """The gain a little less sure, the offset, which is of the day, unknown again."""
    variance = known.covariance[0][0] + NEXT_DAY_LOG_SD**2
    nothing = (0.0,) * len(known.with_constants[0])
    return Known(
        known.name,
        (known.own[0], 0.0),
        ((variance, 0.0), (0.0, OFFSET_SD**2)),
        (known.with_constants[0], nothing),
    )


def _check(learnt: Learnt, count: int) -> None:
    """Refuse, by a ValueError or LinAlgError, what no fit could have made."""
    covariance = np.array(learnt.covariance)
    numbers = [*learnt.values, learnt.spread, learnt.spread_viewers, learnt.noise, *covariance.ravel()]
    if len(learnt.values) != count or covariance.shape != (count, count):
        raise ValueError("another number of constants")
    if not (
        np.isfinite(numbers).all() and min(numbers[count : count + 3]) > 0 and np.allclose(covariance, covariance.T)
    ):
        raise ValueError("no numbers of a fit")
    np.linalg.cholesky(covariance)
    for known in learnt.viewers:
        own, cross = np.array(known.covariance), np.array(known.with_constants)
        if len(known.own) != 2 or own.shape != (2, 2) or cross.shape != (2, count):
            raise ValueError("another number of unknowns")
        if not np.isfinite([*known.own, *own.ravel(), *cross.ravel()]).all():
            raise ValueError("no numbers of a fit")
        np.linalg.cholesky(np.block([[covariance, cross.T], [cross, own]]))


PRIOR = Profile(_before("now"), _before("build_up"))
_PROFILES = TypeAdapter(Profile)
