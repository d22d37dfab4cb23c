"""Panel: the viewers of a screening, and what their ratings say of the model's constants and of each of them.

A hierarchical model. A viewer's rating, on a scale on which people scatter alike everywhere, is

    asin-scale(20 (1 - exp(-gain of the viewer * F(t) / 20))) + offset of the viewer + noise

where F is the model's course of discomfort, known up to a few constants with priors. Most probable values by
Levenberg-Marquardt, their doubt by Laplace's approximation; the spread of viewers' gains and the noise by expectation
maximisation. Viewers are eliminated one by one (each has two unknowns of its own), so that cost grows with their number
only.

Chosen on the shared ride, every other half minute of 72 viewers held out: this is off by 2.71 FMS (rmse), a Gaussian on
the plain scale by 2.67, an ordered logit on eight bins by 2.79, with its thresholds fitted by 2.68: alike. The even
scale keeps bands on 0 to 20, and lets ratings of neighbouring seconds be as alike as they are, which an ordered logit
does not. That one tells better into which bin a single rating falls (log score -1.32 against -1.43): it knows of zeros.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy.special import log_ndtr

from headturn.review.course import FMS_MOST
from headturn.review.provocation import Bools
from headturn.rotation import Floats

CELL_S = 5.0
"""Ratings are averaged over so many seconds: a slider asked twice a second says little new."""
ALIKE_S = 20.0
"""Time in which what a viewer rates beside the model fades to 1/e, as measured on the shared ride."""
LEFT_FMS = 15.0
"""Who walks out is at least here."""
SSQ_OF_FMS, SSQ_SD = 5.8, 33.0
"""Total score of the SSQ for each point of FMS at the end, and the scatter around it (22 people, iv4xr)."""
OWN = 2
"""Unknowns of each viewer: logarithm of the gain, offset."""
NOISE_WEIGHT = 40.0
"""Ratings' worth of the prior of the noise."""
STEPS, ROUNDS = 40, 12
SETTLED, SAME = 1e-4, 3e-3
"""Change of any unknown, in its own units, at which a fit has settled; and relative change of spread and noise."""


def even(fms: Floats) -> Floats:
    """FMS on the scale on which scatter is even: 0 to pi."""
    return np.asarray(2 * np.arcsin(np.sqrt(np.clip(fms / FMS_MOST, 0, 1))))


def uneven(values: Floats) -> Floats:
    """FMS from that scale; beyond its ends stays the end."""
    return np.asarray(FMS_MOST * np.sin(np.clip(values, 0, np.pi) / 2) ** 2)


def expected(latent: Floats) -> Floats:
    """What a latent course means on the even scale."""
    return np.asarray(2 * np.arcsin(np.sqrt(-np.expm1(-latent / FMS_MOST))))


def steepness(latent: Floats) -> Floats:
    """Derivative of `expected` by the logarithm of the latent course."""
    x = np.maximum(latent, 1e-9) / FMS_MOST
    return np.asarray(x / np.sqrt(np.expm1(np.minimum(x, 500.0))))


@dataclass(frozen=True, eq=False)
class Said:
    """What one viewer said of one film.

    film: which course; times_s (n,), values (n,): ratings by cells, on the even scale
    left_s: when the viewer walked out; ssq_more, end_s: rise of the SSQ's total score, and when it was asked; or None
    """

    film: int
    times_s: Floats
    values: Floats
    left_s: float | None = None
    ssq_more: float | None = None
    end_s: float = 0.0

    @cached_property
    def kept(self) -> Floats:
        """Share of each cell's deviation that the one before lets expect (n,); 0 for the first."""
        return np.concatenate([[0.0], np.exp(-np.diff(self.times_s) / ALIKE_S)])[: len(self.times_s)]

    @property
    def asked_s(self) -> Floats:
        """All times at which the course is asked for: of the cells, of walking out, of the SSQ."""
        return np.append(self.times_s, [self.end_s if self.left_s is None else self.left_s, self.end_s])


def cells(times_s: Floats, fms: Floats) -> tuple[Floats, Floats]:
    """Ratings averaged over `CELL_S`: times (n,) and values on the even scale (n,)."""
    _, which, count = np.unique(np.floor(times_s / CELL_S), return_inverse=True, return_counts=True)
    return np.bincount(which, times_s) / count, np.bincount(which, even(fms)) / count


@dataclass(frozen=True, eq=False)
class Member:
    """One viewer: what was said, and what was known before.

    own (2,), follows (2, p), covariance (2, 2): the prior of log gain and offset is a normal distribution around
        own + follows @ (constants - their prior mean)
    new: whether the gain is drawn from the spread of viewers
    """

    name: str
    said: tuple[Said, ...]
    own: Floats
    follows: Floats
    covariance: Floats
    new: bool


@dataclass(frozen=True, eq=False)
class Scatter:
    """How far viewers' log gains scatter (`spread`, worth so many `viewers`), and ratings around the model."""

    spread: float
    viewers: float
    noise: float


@dataclass(frozen=True, eq=False)
class Found:
    """Most probable constants (p,) with covariance (p, p); own (v, 2) of each member with covariance (v, 2, 2), and
    with the constants (v, 2, p); the scatter; rmse: of ratings around the fit, in FMS."""

    constants: Floats
    covariance: Floats
    own: Floats
    own_covariance: Floats
    own_with_constants: Floats
    scatter: Scatter
    rmse: float


Courses = Callable[[Floats], Sequence[Floats]]
"""From constants (p,): the latent course of each film at the end of each of its seconds (n,)."""
NUDGE = 1e-4
_Rows = tuple[Floats, Floats, Floats]
"""Errors (n,), in standard deviations, and their derivatives by constants (n, p) and by the viewer's own (n, 2)."""


@dataclass(eq=False)
class _Normal:
    """Normal equations, the viewers' parts apart; `cost` is the negative logarithm of what is maximised."""

    cost: float
    a: Floats
    b: Floats
    c: Floats
    slope: Floats
    own_slopes: Floats


@dataclass(eq=False)
class Panel:
    """The fit; `free` (p,) says which constants the ratings may move. The others stay, and widen what depends on them.

    constants (p,), covariance (p, p): their prior
    """

    members: Sequence[Member]
    courses: Courses
    constants: Floats
    covariance: Floats
    free: Bools
    scatter: Scatter
    precision: Floats = field(init=False)

    def __post_init__(self) -> None:
        """Invert the prior once."""
        self.precision = np.asarray(np.linalg.inv(self.covariance), float)

    def found(self) -> Found:
        """The fit."""
        at, own = self.constants.copy(), np.array([member.own for member in self.members])
        prior, scatter = self.scatter, self.scatter
        for _ in range(ROUNDS):
            at, own = self._settled(at, own, scatter)
            found = self._laplace(at, own, scatter)
            changed = self._scatter(found, prior)
            same = np.isclose([changed.spread, changed.noise], [scatter.spread, scatter.noise], rtol=SAME).all()
            scatter = changed
            if same:
                break
        return self._laplace(at, own, scatter)

    def _settled(self, at: Floats, own: Floats, scatter: Scatter) -> tuple[Floats, Floats]:
        damping, normal = 1e-3, self._normal(at, own, scatter)
        for _ in range(STEPS):
            step, own_step = self._step(normal, damping)
            tried = self._normal(at + step, own + own_step, scatter)
            if tried.cost <= normal.cost:
                at, own, normal, damping = at + step, own + own_step, tried, damping / 10
            else:
                damping *= 10
            if max(np.abs(step).max(), np.abs(own_step).max(initial=0.0)) < SETTLED or damping > 1e8:
                break
        return at, own

    def _step(self, normal: _Normal, damping: float) -> tuple[Floats, Floats]:
        """Downhill: viewers are eliminated, the constants solved for, the viewers follow."""
        free = np.flatnonzero(self.free)
        c = normal.c + damping * np.einsum("vij,ij->vij", normal.c, np.eye(OWN))
        a = normal.a + damping * np.diag(np.diag(normal.a))
        out = np.linalg.solve(c, np.concatenate([normal.b.transpose(0, 2, 1), normal.own_slopes[:, :, None]], axis=2))
        reduced = a - np.einsum("vpi,viq->pq", normal.b, out[:, :, :-1])
        slope = normal.slope - np.einsum("vpi,vi->p", normal.b, out[:, :, -1])
        step = np.zeros(len(self.constants))
        step[free] = -np.linalg.solve(reduced[np.ix_(free, free)], slope[free])
        return step, -out[:, :, -1] - out[:, :, :-1] @ step

    def _laplace(self, at: Floats, own: Floats, scatter: Scatter) -> Found:
        normal = self._normal(at, own, scatter)
        inverse = np.linalg.inv(normal.c)
        follow = -np.einsum("vij,vpj->vip", inverse, normal.b)
        reduced = normal.a + np.einsum("vpi,viq->pq", normal.b, follow)
        covariance = self._covariance(reduced)
        with_constants = follow @ covariance
        own_covariance = inverse + np.einsum("vip,vjp->vij", with_constants, follow)
        errors = [
            uneven(part.values) - uneven(self._expected(member, part, at, own[index])[0])
            for index, member in enumerate(self.members)
            for part in member.said
        ]
        rated = np.concatenate([np.zeros(0), *errors])
        rmse = float(np.sqrt(np.mean(rated**2))) if len(rated) else 0.0
        return Found(at, covariance, own, own_covariance, with_constants, scatter, rmse)

    def _covariance(self, reduced: Floats) -> Floats:
        """Of the constants: those that stay keep their prior's, and the others bear the doubt of them too."""
        free, stay = np.flatnonzero(self.free), np.flatnonzero(~self.free)
        made = np.zeros_like(reduced)
        kept = self.covariance[np.ix_(stay, stay)]
        inverse = np.linalg.inv(reduced[np.ix_(free, free)])
        moves = -inverse @ reduced[np.ix_(free, stay)]
        made[np.ix_(stay, stay)] = kept
        made[np.ix_(free, stay)] = moves @ kept
        made[np.ix_(stay, free)] = (moves @ kept).T
        made[np.ix_(free, free)] = inverse + moves @ kept @ moves.T
        return (made + made.T) / 2

    def _scatter(self, found: Found, prior: Scatter) -> Scatter:
        """Spread and noise that the fit makes most probable, beside their prior."""
        new = np.array([member.new and any(len(part.values) for part in member.said) for member in self.members])
        means = np.array([member.own[0] for member in self.members])
        squares = ((found.own[:, 0] - means) ** 2 + found.own_covariance[:, 0, 0])[new]
        if new.sum() < 2:  # one viewer tells nothing of how viewers differ
            squares = squares[:0]
        spread = np.sqrt((prior.viewers * prior.spread**2 + squares.sum()) / (prior.viewers + len(squares)))
        total, count = 0.0, 0
        for index, member in enumerate(self.members):
            for part in member.said:
                off = part.values - self._expected(member, part, found.constants, found.own[index])[0]
                total += float(np.sum(_white(off[:, None], part.kept) ** 2))
                count += max(len(off) - OWN, 0)
        noise = np.sqrt((NOISE_WEIGHT * prior.noise**2 + total) / (NOISE_WEIGHT + count))
        return Scatter(float(spread), prior.viewers + len(squares), float(noise))

    def _expected(self, member: Member, part: Said, at: Floats, own: Floats) -> tuple[Floats, Floats]:
        """Of the cells (n,), and of walking out and the SSQ (2,), on the even scale."""
        latent = _at(self._latents(at)[part.film], part.asked_s)
        values = expected(np.exp(own[0]) * latent) + own[1]
        return values[:-2], values[-2:]

    def _latents(self, at: Floats) -> Sequence[Floats]:
        key = at.tobytes()
        if self._kept is None or self._kept[0] != key:
            self._kept = key, self.courses(at)
        return self._kept[1]

    _kept: tuple[bytes, Sequence[Floats]] | None = field(default=None, init=False)

    def _normal(self, at: Floats, own: Floats, scatter: Scatter) -> _Normal:
        latents = self._latents(at)
        nudged = [self.courses(at + NUDGE * each) for each in np.eye(len(at))]
        logs = [
            np.stack([np.log(np.maximum(high[film], 1e-12) / np.maximum(latent, 1e-12)) / NUDGE for high in nudged], 1)
            for film, latent in enumerate(latents)
        ]
        off = at - self.constants
        a, slope = self.precision.copy(), self.precision @ off
        cost = 0.5 * float(off @ slope)
        b, c, own_slopes = [], [], []
        for index, member in enumerate(self.members):
            rows = [self._known_before(member, off, own[index], scatter)]
            for part in member.said:
                rows += _rows(part, latents[part.film], logs[part.film], own[index], scatter.noise)
            errors = np.concatenate([error for error, _, _ in rows])
            by_constants = np.concatenate([by for _, by, _ in rows])
            by_own = np.concatenate([by for _, _, by in rows])
            a += by_constants.T @ by_constants
            slope = slope + by_constants.T @ errors
            b.append(by_constants.T @ by_own)
            c.append(by_own.T @ by_own)
            own_slopes.append(by_own.T @ errors)
            cost += sum(_cost(part, latents[part.film], own[index], scatter.noise) for part in member.said)
            cost += 0.5 * float(rows[0][0] @ rows[0][0])
        count = len(self.members)
        return _Normal(
            cost,
            a,
            np.array(b).reshape(count, len(at), OWN),
            np.array(c).reshape(count, OWN, OWN),
            slope,
            np.array(own_slopes).reshape(count, OWN),
        )

    def _known_before(self, member: Member, off: Floats, own: Floats, scatter: Scatter) -> _Rows:
        covariance = member.covariance.copy()
        if member.new:
            covariance[0, 0] = scatter.spread**2
        root = np.linalg.inv(np.linalg.cholesky(covariance))
        return root @ (own - member.own - member.follows @ off), -root @ member.follows, root


def _rows(part: Said, latent: Floats, logs: Floats, own: Floats, noise: float) -> list[_Rows]:
    felt = np.exp(own[0]) * _at(latent, part.asked_s)
    steep = steepness(felt)[:, None]
    by_constants = steep * np.stack([_at(column, part.asked_s) for column in logs.T], axis=1)
    by_own = np.concatenate([steep, np.ones_like(steep)], axis=1)
    values = expected(felt) + own[1]
    together = np.concatenate([(values[:-2] - part.values)[:, None], by_constants[:-2], by_own[:-2]], axis=1)
    white = _white(together, part.kept) / noise
    rows = [(white[:, 0], white[:, 1 : 1 + logs.shape[1]], white[:, 1 + logs.shape[1] :])]
    if part.left_s is not None:
        short = (even(np.array(LEFT_FMS)) - values[-2:-1]) / noise
        hazard = np.exp(-0.5 * short**2 - 0.5 * np.log(2 * np.pi) - log_ndtr(-short))
        weight = np.sqrt(np.maximum(hazard * (hazard - short), 1e-9))
        rows.append(
            (-hazard / weight, weight[:, None] / noise * by_constants[-2:-1], weight[:, None] / noise * by_own[-2:-1])
        )
    if part.ssq_more is not None:
        inside = np.clip(values[-1:], 0, np.pi)
        slope = SSQ_OF_FMS / SSQ_SD * (FMS_MOST / 2 * np.sin(inside))[:, None]
        error = (SSQ_OF_FMS * uneven(inside) - part.ssq_more) / SSQ_SD
        rows.append((error, slope * by_constants[-1:], slope * by_own[-1:]))
    return rows


def _cost(part: Said, latent: Floats, own: Floats, noise: float) -> float:
    values = expected(np.exp(own[0]) * _at(latent, part.asked_s)) + own[1]
    white = _white((values[:-2] - part.values)[:, None], part.kept) / noise
    cost = 0.5 * float(np.sum(white**2))
    if part.left_s is not None:
        cost -= float(log_ndtr((values[-2] - even(np.array(LEFT_FMS))) / noise))
    if part.ssq_more is not None:
        cost += 0.5 * float(((SSQ_OF_FMS * uneven(values[-1]) - part.ssq_more) / SSQ_SD) ** 2)
    return cost


def _white(rows: Floats, kept: Floats) -> Floats:
    """Rows (n, k) made independent of one another: what the one before lets expect is taken off."""
    if not len(rows):
        return rows
    before = np.concatenate([np.zeros((1, rows.shape[1])), rows[:-1]])
    return np.asarray((rows - kept[:, None] * before) / np.sqrt(1 - kept[:, None] ** 2))


def _at(by_second: Floats, times_s: Floats) -> Floats:
    """Values at times, from values at the end of each second; at the start stands 0, of which the log has a slope."""
    return np.asarray(np.interp(times_s, np.arange(1, len(by_second) + 1), by_second))
