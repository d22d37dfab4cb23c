"""Screening: viewers' ratings correct what is predicted, for the film they saw and, less surely, for the next one.

What was predicted before is the prior; the ratings of a showing make a `Profile` of it, which is the prior of the next.
Both courses of discomfort are corrected, `now` and `build_up`, each as if the ratings were of it; the `rmse` of each
says which of them the ratings follow.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtri

from headturn.errors import BadOption
from headturn.review import panel
from headturn.review.course import STEP_S, build_up_latent, now_latent, provoked
from headturn.review.panel import Member, Panel, Said, Scatter
from headturn.review.profile import NAMES, OFFSET_SD, PRIOR, Course, Known, Learnt, Profile, constants_of, rows
from headturn.review.provocation import Drive
from headturn.review.questionnaires import mssq_percentile
from headturn.review.ratings import Rated
from headturn.review.viewing import GAIN_A_Z
from headturn.rotation import Floats

LEVEL: Mapping[Course, str] = {"now": "gain", "build_up": "scale"}
"""The constant that any rating tells."""
TIMING: Mapping[Course, tuple[str, ...]] = {
    "now": ("tau_s", "exponent"),
    "build_up": ("fast_s", "slow_s", "power", "fast_gain"),
}
"""Constants that only rest tells: how fast it heals."""
SCREENS = ("vection", "beta")
"""Constants that only showings on screens of different sizes tell."""
CALM, CALM_S = 0.5, 60.0
"""A stretch of at least this many seconds below this share of the film's mean drive is a rest."""
TOLD = 0.5
"""Of a film's seconds whose speed over depth is known, to learn the weight of translation from it."""

WOMEN, PER_YEAR, MIDDLE_AGE = 0.1, -0.1 / 20, 30.0
"""Log gain of women beside men, and for each year of age (section 8 of the reference, weak priors: recent studies find
no difference)."""
UNTRUE = 0.1
"""By how much the model's curve is off for all viewers alike, on the even scale (0.11 on the shared ride)."""

BAND = (0.05, 0.95)
AUDIENCE, DRAWS, SEED = 100, 400, 20
TENTH = 0.9
LEVELS: Floats = np.concatenate([[0.0], np.geomspace(1e-3, 1e3, 60)])
"""Of latent discomfort, at which an audience is simulated."""


@dataclass(frozen=True, eq=False)
class Showing:
    """A film on a screen, and what those who saw it there rated."""

    drive: Drive
    rated: Sequence[Rated]


@dataclass(frozen=True, eq=False)
class Band:
    """FMS (n,) at the end of each second: the middle, and the ends of the 90 % band."""

    middle: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, eq=False)
class Predicted:
    """What an audience will rate, 0 to 20, by one of the courses; times 5 it is `now`, 0 to 100.

    mean: of the audience; tenth: the viewer of whom nine in ten feel less; anyone: whoever of it
    viewer: the named one, if one was named
    """

    times_s: Floats
    mean: Band
    tenth: Band
    anyone: Band
    viewer: Band | None


def calibrated(showings: Sequence[Showing], prior: Profile | None = None) -> Profile:
    """What showings teach, beside what was believed before (`PRIOR`; of another film `profile.for_next_film()`).

    Showings are of the same viewers or others, on the same screen or others. The order of viewers does not matter.

    Raises:
        BadOption: nobody rated anything, or two viewers of one showing have one name.
    """
    before = prior or PRIOR
    ratings = sum(len(rated.fms) for showing in showings for rated in showing.rated)
    if not ratings:
        raise BadOption("There are no ratings: a screening needs at least one viewer who rated at least once.")
    for showing in showings:
        names = [rated.viewer for rated in showing.rated]
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise BadOption(f"Two viewers are called '{min(twice)}'; give each a name of their own.")
    notes = list[str]()
    now = _learnt("now", showings, before.now, notes)
    build_up = _learnt("build_up", showings, _sharing(before.build_up, now), notes)
    viewers = {rated.viewer for showing in showings for rated in showing.rated if rated.fms}
    known = {viewer.name for viewer in before.now.viewers}
    if len(viewers | known) == 1:
        notes.append("Only one viewer rated: how much viewers differ is as believed before.")
    return Profile(
        now=now,
        build_up=build_up,
        viewers=before.viewers + len(viewers - known),
        ratings=before.ratings + ratings,
        films=before.films + 1,
        notes=tuple(dict.fromkeys(notes)),
    )


def predicted(
    profile: Profile,
    drive: Drive,
    viewer: str | None = None,
    audience: int | Sequence[Rated] = AUDIENCE,
    course: Course = "now",
) -> Predicted:
    """What an audience, and a viewer by name, will rate of a film; deterministic.

    The audience is so many of the public, or people of whom MSSQ, age and sex are known; what they rated is not read.

    Raises:
        BadOption: nobody of that name has rated, or an audience of nobody.
    """
    usual = np.zeros(max(audience, 0)) if isinstance(audience, int) else np.array(list(map(_log_gain, audience)))
    if not len(usual):
        raise BadOption("An audience of nobody makes no sense; give at least one viewer.")
    learnt, random = profile.learnt(course), np.random.default_rng(SEED)
    at = np.array(learnt.values)
    moved = random.standard_normal((DRAWS, len(at))) @ _root(np.array(learnt.covariance)).T
    latents = np.array([_latent(course, drive, at + move) for move in moved])
    untrue = UNTRUE * random.standard_normal(DRAWS)
    worth = learnt.spread_viewers
    spreads = learnt.spread * np.sqrt(worth / random.chisquare(worth, DRAWS))
    gains = np.exp(usual + spreads[:, None] * random.standard_normal((DRAWS, len(usual))))
    beside = np.hypot(OFFSET_SD, learnt.noise) * random.standard_normal(gains.shape) + untrue[:, None]
    means, tenths = np.empty_like(latents), np.empty_like(latents)
    for i, latent in enumerate(latents):
        rated = panel.uneven(panel.expected(gains[i][:, None] * LEVELS) + beside[i][:, None])
        means[i] = np.interp(latent, LEVELS, rated.mean(axis=0))
        tenths[i] = np.interp(latent, LEVELS, np.quantile(rated, TENTH, axis=0))
    some = np.arange(DRAWS), np.arange(DRAWS) % len(usual)
    anyone = panel.uneven(panel.expected(gains[some][:, None] * latents) + beside[some][:, None])
    named = None
    if viewer is not None:
        owns = _owns(profile.named(viewer, course), np.array(learnt.covariance), moved, random)
        off = owns[:, 1] + untrue + learnt.noise * random.standard_normal(DRAWS)
        named = _band(panel.uneven(panel.expected(np.exp(owns[:, :1]) * latents) + off[:, None]))
    return Predicted(drive.times_s + STEP_S, _band(means), _band(tenths), _band(anyone), named)


def _band(draws: Floats) -> Band:
    low, middle, high = np.quantile(draws, (BAND[0], 0.5, BAND[1]), axis=0)
    return Band(middle, low, high)


def _root(covariance: Floats) -> Floats:
    """A matrix whose product with its transpose is the covariance, which may be singular."""
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)))


def _owns(known: Known, covariance: Floats, moved: Floats, random: np.random.Generator) -> Floats:
    """Draws of a viewer's log gain and offset (k, 2), where the constants are moved by (k, p)."""
    follows, rest = _given(known, covariance)
    return np.array(known.own) + moved @ follows.T + random.standard_normal((len(moved), 2)) @ _root(rest).T


def _given(known: Known, covariance: Floats) -> tuple[Floats, Floats]:
    """How a viewer's unknowns follow the constants (2, p), and their covariance (2, 2) once those are known."""
    cross = np.array(known.with_constants)
    follows = np.linalg.solve(covariance, cross.T).T
    return follows, np.array(known.covariance) - follows @ cross.T


def _latent(course: Course, drive: Drive, values: Floats) -> Floats:
    constants = constants_of(course, values)
    works = provoked(drive, constants)
    return now_latent(works, constants) if course == "now" else build_up_latent(works, drive.conflict, constants)


def _learnt(course: Course, showings: Sequence[Showing], before: Learnt, told: list[str]) -> Learnt:
    """One course's constants and viewers after the showings; what could not be told is added to `told`."""
    covariance = np.array(before.covariance)
    members = _members(showings, before)
    free = [name for name in NAMES[course] if _tells(course, name, showings)]
    told += _untold(course, free)
    found = Panel(
        members,
        lambda values: [_latent(course, showing.drive, values) for showing in showings],
        np.array(before.values),
        covariance,
        np.array([name in free for name in NAMES[course]]),
        Scatter(before.spread, before.spread_viewers, before.noise),
    ).found()
    return Learnt(
        values=tuple(float(value) for value in found.constants),
        covariance=rows(found.covariance),
        spread=found.scatter.spread,
        spread_viewers=found.scatter.viewers,
        noise=found.scatter.noise,
        rmse=found.rmse,
        viewers=tuple(
            Known(member.name, tuple(float(value) for value in own), rows(own_covariance), rows(cross))
            for member, own, own_covariance, cross in zip(
                members, found.own, found.own_covariance, found.own_with_constants, strict=True
            )
        ),
    )


def _sharing(build_up: Learnt, now: Learnt) -> Learnt:
    """The prior of `build_up` with the constants that both courses share as `now` found them; it does not move them."""
    found = dict(zip(NAMES["now"], now.values, strict=True))
    values = [found.get(name, value) for name, value in zip(NAMES["build_up"], build_up.values, strict=True)]
    return replace(build_up, values=tuple(values))


def _members(showings: Sequence[Showing], before: Learnt) -> list[Member]:
    """The viewers, by name: those known before, and those who rated now."""
    count = len(before.values)
    known = {each.name: each for each in before.viewers}
    here: dict[str, list[tuple[int, Rated]]] = {}
    for film, showing in enumerate(showings):
        for rated in showing.rated:
            here.setdefault(rated.viewer, []).append((film, rated))
    members = []
    for name in sorted(known.keys() | here.keys()):
        said = tuple(_said(film, showings[film].drive, rated) for film, rated in here.get(name, ()))
        if name in known:
            own = np.array(known[name].own)
            follows, rest = _given(known[name], np.array(before.covariance))
        else:
            own = np.array([np.mean([_log_gain(rated) for _, rated in here[name]]), 0.0])
            follows, rest = np.zeros((2, count)), np.diag([before.spread**2, OFFSET_SD**2])
        members.append(Member(name, said, own, follows, rest, name not in known))
    return members


def _said(film: int, drive: Drive, rated: Rated) -> Said:
    start_s = drive.times_s[0]
    times_s, values = panel.cells(np.array(rated.times_s) - start_s, np.array(rated.fms))
    end_s = float(drive.times_s[-1] + STEP_S if rated.left_s is None else rated.left_s) - start_s
    return Said(film, times_s, values, None if rated.left_s is None else end_s, rated.ssq_more, end_s)


def _log_gain(rated: Rated) -> float:
    """What MSSQ, sex and age let expect; 0 for somebody of whom nothing is known."""
    gain = 0.0
    if rated.mssq is not None:
        gain += GAIN_A_Z * float(ndtri(np.clip(mssq_percentile(rated.mssq) / 100, 0.01, 0.99)))
    if rated.female is not None:
        gain += WOMEN * (rated.female - 0.5)
    if rated.age is not None:
        gain += PER_YEAR * (rated.age - MIDDLE_AGE)
    return gain


def _tells(course: Course, name: str, showings: Sequence[Showing]) -> bool:
    """Whether showings can tell a constant at all."""
    if name == LEVEL[course]:
        return True
    if name in TIMING[course]:
        return any(_rests(showing) for showing in showings)
    if course == "build_up":  # what both share, `now` has learnt
        return False
    if name in SCREENS:
        return len({round(showing.drive.screen.angle_rad, 3) for showing in showings if _heard_s(showing)}) > 1
    if name == "translation":
        return any(showing.drive.translation_known.mean() >= TOLD for showing in showings if _heard_s(showing))
    return False


def _heard_s(showing: Showing) -> float:
    """How far into the film anybody rated."""
    return max((max(rated.times_s) for rated in showing.rated if rated.times_s), default=0.0)


def _rests(showing: Showing) -> bool:
    """Whether the part that was rated holds a rest."""
    works = provoked(showing.drive)[: int(np.ceil(_heard_s(showing)))]
    busy = np.flatnonzero(np.concatenate([[True], works > CALM * works.mean(), [True]])) if len(works) else np.zeros(1)
    return bool(np.diff(busy).max(initial=0) > CALM_S)


def _untold(course: Course, free: Sequence[str]) -> list[str]:
    """Sentences on what stays as it was."""
    told = []
    if TIMING[course][0] not in free:
        told.append(
            f"How fast discomfort heals and how steeply it grows stay as believed before: the film has no calm stretch "
            f"of {CALM_S:.0f} s that was rated."
        )
    if course == "now" and "beta" not in free:
        told.append("What the screen's size does stays as believed before: it takes ratings on at least two sizes.")
    if course == "now" and "translation" not in free:
        told.append("What travel adds to turning stays as believed before: speed over depth is not known.")
    if course == "build_up":
        told.append("What slow tilt adds to build-up stays as believed before: ratings of films do not tell it apart.")
    return told
