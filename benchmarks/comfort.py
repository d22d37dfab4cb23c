"""Comfort against people's ratings: clips of held-out scenes (VDVR), and one ride that many viewers rated (RoF).

    python -m benchmarks comfort [--data FOLDER] [--check FOLDER]

Prints each figure beside simpler models on the same clips and folds, with 95 % intervals, and the constants for
`headturn.review` fitted to all. FOLDER holds `vdvr/` and `rof/`; the clips of the one to check are only predicted, with
the constants as they stand.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import numpy as np
from scipy.optimize import least_squares, nnls
from scipy.signal import butter, sosfiltfilt
from scipy.stats import rankdata

from benchmarks import rated
from benchmarks.ledger import table
from benchmarks.rated import CLIP_FPS, Clip, Ridden
from headturn.review import course, provocation
from headturn.review.course import DEFAULTS, Constants
from headturn.review.provocation import Bools, Form
from headturn.review.viewing import HEADSET
from headturn.rotation import Floats

FORMS = [  # this family was found by looking at all seventy clips; which of it, and its weights, each fold finds itself
    Form(rotation, translation, axes, tilt)
    for rotation, translation, axes, tilt in product(
        (0.3, 0.5), (0.5, 0.75), ((1.0, 1.0, 1.0), (1.0, 0.7, 0.7)), (0.0, 0.4)
    )
]
RESAMPLES, SEED = 2000, 7
FITS = 200
"""Resamples where each has to be fitted."""
HEARD_S = 150
"""Of the ride, from which the rest is forecast."""
PRIOR_TAU_S, PRIOR_EXPONENT = 22.0, 1.4
"""The reference's."""
MEAN_NOISE, ALIKE_S = 0.35, 15.0
"""FMS by which the mean of these viewers is off, and for how many seconds alike (halves of them differ by 1.1)."""
GAME_FMS = (
    0.86, 1.68, 2.64, 2.55, 2.68, 3.86, 3.36, 3.55, 3.41, 3.50, 3.18, 3.82, 4.14, 3.68, 3.91, 4.50, 4.18,
)  # fmt: skip
"""Mean FMS of 22 people by the minute (iv4xr, as printed in section 9 of the reference)."""
LAG_S = 1
RISING = 0.2
"""Share of the seconds of the ride in which the ratings rise fastest."""


def main(arguments: Sequence[str]) -> int:
    """Predict, compare and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks comfort", description=__doc__)
    parser.add_argument("--data", type=Path, default=rated.FOLDER)
    parser.add_argument("--check", type=Path)
    options = parser.parse_args(arguments)
    if not (options.data / "vdvr" / "clips.csv").exists():
        print(f"{options.data}: no rated clips lie there.")
        return 2
    clips = rated.clips(options.data / "vdvr")
    tell_clips(clips)
    tell_ride(rated.ride(options.data / "rof"))
    tell_tie(clips)
    if options.check is not None:
        tell_check(clips, rated.clips(options.check / "vdvr"))
    return 0


# rated clips


@dataclass(frozen=True, eq=False)
class Model:
    """Linear in its features (clips, k); where weights are `signed` more of any can only be worse."""

    features: Floats
    signed: bool = False

    def fitted(self, ratings: Floats, on: Bools) -> Floats:
        """Ratings of all clips, fitted on some."""
        a = self.features[on]
        middle, target = a.mean(axis=0), ratings[on].mean()
        if self.signed:
            weights = -nnls(a - middle, target - ratings[on])[0]
        else:
            weights = np.linalg.lstsq(a - middle, ratings[on] - target, rcond=None)[0]
        return np.asarray(target + (self.features - middle) @ weights)

    def out_of_fold(self, ratings: Floats, groups: list[str]) -> Floats:
        """Ratings of all clips, each by a fit without its group."""
        result = np.empty(len(ratings))
        for inside, _ in rated.held_out(groups):
            result[~inside] = self.fitted(ratings, inside)[~inside]
        return result


def features(clips: Sequence[Clip], form: Form) -> Floats:
    """What the drive is made of, as means over each clip: rotation and translation, each made worse by tilt."""
    rows = []
    for clip in clips:
        drive = provocation.drive(clip.shown, HEADSET, form=form)
        worse = 1 + form.tilt * drive.tilt
        rows.append([np.mean(worse * drive.rotation), np.mean(worse * drive.translation)])
    return np.array(rows)


def nested(models: dict[Form, Model], ratings: Floats, scenes: list[str]) -> Floats:
    """Ratings of all clips, each scene by a form chosen and a fit made without it."""
    result = np.empty(len(ratings))
    for inside, _ in rated.held_out(scenes):
        form = chosen(models, ratings, scenes, inside)
        result[~inside] = models[form].fitted(ratings, inside)[~inside]
    return result


def chosen(models: dict[Form, Model], ratings: Floats, scenes: list[str], inside: Bools) -> Form:
    """The form that errs least on held-out scenes among some clips."""
    groups = [scene for scene, use in zip(scenes, inside, strict=True) if use]

    def error(form: Form) -> float:
        model = replace(models[form], features=models[form].features[inside])
        return float(np.mean((model.out_of_fold(ratings[inside], groups) - ratings[inside]) ** 2))

    return min(models, key=error)


def baselines(clips: Sequence[Clip]) -> dict[str, Model]:
    """The naive one, and the two- and six-feature models of the reference, on the same clips."""
    low = butter(2, 1.0, fs=CLIP_FPS, output="sos")

    def rms(values: Floats) -> float:
        return float(np.sqrt(np.mean(np.sum(values**2, axis=1))))

    naive, two, six = [], [], []
    for clip in clips:
        rates = np.degrees(clip.shown.rates_rad_s)
        slow = sosfiltfilt(low, rates, axis=0)
        naive.append([rms(rates)])
        two.append([np.log1p(rms(slow) / 5), np.log1p(rms(rates - slow))])
        axes = [np.log1p(rms(rates[:, [axis]]) / 5) for axis in range(3)]
        acceleration = np.gradient(clip.velocity, 1 / CLIP_FPS, axis=0)
        turning = np.gradient(rates, 1 / CLIP_FPS, axis=0)
        six.append([*axes, np.log1p(5 * rms(clip.velocity)), np.log1p(rms(acceleration)), np.log1p(rms(turning) / 5)])
    return {
        "naive: rms of rotation": Model(np.array(naive)),
        "two features": Model(np.array(two)),
        "six features": Model(np.array(six)),
    }


@dataclass(frozen=True)
class Scores:
    """How predictions agree with ratings: correlation, of ranks too, and share of pairs in the right order."""

    r: float
    rho: float
    pairs: float


def differing(clips: Sequence[Clip]) -> Floats:
    """Sign (n, n) of the difference of two clips where viewers who rated both tell them apart (5 %), else 0."""
    ratings = np.array([clip.ratings for clip in clips])
    apart = ratings[:, None] - ratings[None]
    count = np.isfinite(apart).sum(axis=2)
    mean = np.nanmean(apart, axis=2)
    error = np.nanstd(apart, axis=2, ddof=1) / np.sqrt(count)
    return np.asarray(np.sign(mean) * (np.abs(mean) > 1.96 * error))


def scores(predicted: Floats, ratings: Floats, signs: Floats) -> Scores:
    """Agreement of predictions with ratings."""
    said = np.sign(predicted[:, None] - predicted[None])
    told = signs != 0
    return Scores(
        float(np.corrcoef(predicted, ratings)[0, 1]),
        float(np.corrcoef(rankdata(predicted), rankdata(ratings))[0, 1]),
        float(np.mean(said[told] == signs[told])),
    )


def resampled(scenes: list[str]) -> list[Floats]:
    """Clips by index, of scenes drawn again and again."""
    random = np.random.default_rng(SEED)
    names = np.array(sorted(set(scenes)))
    members = {name: np.flatnonzero(np.array(scenes) == name) for name in names}
    return [np.concatenate([members[n] for n in random.choice(names, len(names))]) for _ in range(RESAMPLES)]


def tell_table(predictions: dict[str, Floats], clips: Sequence[Clip]) -> None:
    """Print the agreement of each model, and how far the last is above the others."""
    ratings = np.array([clip.rating for clip in clips])
    signs = differing(clips)
    draws = resampled([clip.scene for clip in clips])
    every = {
        name: [scores(predicted[i], ratings[i], signs[np.ix_(i, i)]) for i in draws]
        for name, predicted in predictions.items()
    }
    ours = list(predictions)[-1]
    rows = []
    for name, predicted in predictions.items():
        of_all = scores(predicted, ratings, signs)
        row = [name, f"{of_all.r:.3f}", f"{of_all.rho:.3f}", f"{of_all.pairs:.1%}"]
        for field in ("r", "rho", "pairs"):
            better = [getattr(a, field) - getattr(b, field) for a, b in zip(every[ours], every[name], strict=True)]
            row.append("" if name == ours else interval(better, ".3f"))
        rows.append(row)
    head = ["model", "r", "rank r", "pairs", "headturn above it: r", "rank r", "pairs"]
    print(table(head, rows))
    print(f"{len(clips)} clips, {int(np.sum(signs != 0)) // 2} pairs that viewers tell apart; 95 % over scenes.")


def interval(values: Sequence[float], form: str) -> str:
    """A 95 % interval."""
    low, high = np.quantile(values, [0.025, 0.975])
    return f"{low:{form}} to {high:{form}}"


def tell_clips(clips: Sequence[Clip]) -> None:
    """Print how held-out scenes are predicted, and what is fitted to all."""
    ratings, scenes = np.array([clip.rating for clip in clips]), [clip.scene for clip in clips]
    models = {form: Model(features(clips, form), signed=True) for form in FORMS}
    predictions = {name: model.out_of_fold(ratings, scenes) for name, model in baselines(clips).items()}
    predictions["headturn, form and weights nested"] = nested(models, ratings, scenes)
    print(f"## Rated clips, each predicted without its scene ({len(set(scenes))} scenes)\n")
    tell_table(predictions, clips)
    print("The family of forms was found by looking at all of them, so that other clips may be predicted less well.\n")
    form = chosen(models, ratings, scenes, np.ones(len(clips), dtype=bool))
    a = models[form].features
    weights = nnls(a - a.mean(axis=0), ratings.mean() - ratings)[0]
    share = float(a[:, 0] @ a[:, 1] / (a[:, 0] @ a[:, 0]))
    some = a[:, 0] > 0.5
    spread = float(np.std(np.log(a[some, 1] / (share * a[some, 0]))))
    print(f"Fitted to all: FORM = {form}, TRANSLATION = {weights[1] / weights[0]:.2f},")
    print(f"UNKNOWN_TRANSLATION, UNKNOWN_TRANSLATION_SD = {share:.2f}, {spread:.2f}")
    print(f"One unit of drive costs {weights[0]:.1f} points of comfort.\n")


def tell_check(clips: Sequence[Clip], others: Sequence[Clip]) -> None:
    """Print how other clips are predicted by the constants as they stand, and by the other models fitted to `clips`."""
    both = [*clips, *others]
    ratings, inside = np.array([clip.rating for clip in both]), np.arange(len(both)) < len(clips)
    predictions = {name: model.fitted(ratings, inside)[~inside] for name, model in baselines(both).items()}
    predictions["headturn as it stands"] = np.array(
        [-np.mean(provocation.drive(clip.shown, HEADSET).total) for clip in others]
    )
    print("## Clips to check on\n")
    tell_table(predictions, others)
    print()


# the shared ride


def tell_ride(ridden: Ridden) -> None:
    """Print how the rest of the ride is forecast from its beginning, and the constants fitted to all of it."""
    drive = provocation.drive(ridden.shown, HEADSET)
    works, mean = course.provoked(drive), ridden.fms.mean(axis=0)
    random = np.random.default_rng(SEED)
    draws = [ridden.fms[random.integers(0, len(ridden.fms), len(ridden.fms))].mean(axis=0) for _ in range(FITS)]
    constant = np.full(len(works), works.mean())
    ways: dict[str, Callable[[Floats], Floats]] = {
        "hold the last value": lambda rated: np.full(len(rated), rated[HEARD_S - 1]),
        "constant drive": lambda rated: curve(constant, fitted_to(constant, rated[:HEARD_S])),
        "headturn": lambda rated: curve(works, fitted_to(works, rated[:HEARD_S])),
    }

    def error(way: Callable[[Floats], Floats], rated: Floats) -> float:
        return float(np.sqrt(np.mean((way(rated) - rated)[HEARD_S:] ** 2)))

    errors = {name: [error(way, each) for each in draws] for name, way in ways.items()}
    rows = []
    for name, way in ways.items():
        less = [a - b for a, b in zip(errors[name], errors["headturn"], strict=True)]
        rows.append([name, f"{error(way, mean):.2f}", "" if name == "headturn" else interval(less, ".2f")])
    print(f"## One ride: mean FMS after {HEARD_S} s, forecast from what was rated until then\n")
    print(table(["forecast", "rmse, FMS", "by how much headturn errs less"], rows))
    print(f"{len(ridden.fms)} viewers, 95 % over viewers. It is one ride: it shows nothing about unseen films.\n")
    tell_worst(ridden, works)
    tell_constants(works, mean)


def curve(works: Floats, constants: Constants) -> Floats:
    """The mean FMS at the end of each second of a drive."""
    return course.on_scale(course.now_latent(works, constants))


def fitted_to(works: Floats, rated: Floats) -> Constants:
    """Gain, tau and exponent most probable for a mean curve of ratings (s,), by the reference's priors.

    Their spread is the reference's, a half in the logarithm; of the gain, which was for another drive, it is wide.
    """
    before = np.log([DEFAULTS.gain, PRIOR_TAU_S, PRIOR_EXPONENT])
    spread = np.array([3.0, 0.5, 0.5])

    def constants(logs: Floats) -> Constants:
        gain, tau_s, exponent = np.exp(logs)
        return replace(DEFAULTS, gain=float(gain), tau_s=float(tau_s), exponent=float(exponent))

    def off(logs: Floats) -> Floats:
        errors = (curve(works[: len(rated)], constants(logs)) - rated) / MEAN_NOISE
        return np.concatenate([errors / np.sqrt(ALIKE_S), (logs - before) / spread])

    return constants(least_squares(off, before).x)


def tell_worst(ridden: Ridden, works: Floats) -> None:
    """Print how well the drive tells the seconds in which ratings rise fastest."""
    squares = np.sum(ridden.shown.rates_rad_s**2, axis=1)
    seconds = np.floor(ridden.shown.times_s[:-1]).astype(int)
    speed = np.sqrt(np.bincount(seconds, squares[:-1]) / np.bincount(seconds))
    random = np.random.default_rng(SEED)
    ways = {"rms of rotation": speed[:-LAG_S], "headturn's drive": works[:-LAG_S]}

    def areas(rated: Floats) -> list[float]:
        rise = np.diff(rated)[LAG_S - 1 :]
        rising = rise >= np.quantile(rise, 1 - RISING)
        return [area(way, rising) for way in ways.values()]

    at_all = areas(ridden.fms.mean(axis=0))
    draws = [areas(ridden.fms[random.integers(0, len(ridden.fms), len(ridden.fms))].mean(axis=0)) for _ in range(FITS)]
    rows = [[name, f"{at_all[k]:.2f}", interval([draw[k] for draw in draws], ".2f")] for k, name in enumerate(ways)] + [
        ["a constant", "0.50", ""]
    ]
    print(f"The {RISING:.0%} of its seconds in which ratings rise fastest, told from the drive {LAG_S} s before\n")
    print(table(["by", "area under the curve", "95 % over viewers"], rows) + "\n")


def area(values: Floats, hit: Bools) -> float:
    """Area under the receiver's curve: how often a hit has the higher value."""
    ranks = rankdata(values)
    hits = int(hit.sum())
    return float((ranks[hit].sum() - hits * (hits + 1) / 2) / (hits * (len(hit) - hits)))


def tell_constants(works: Floats, mean: Floats) -> None:
    """Print the constants fitted to the whole ride."""
    fitted = fitted_to(works, mean)
    now = curve(works, fitted)
    print(f"Fitted to all of it: gain {fitted.gain:.4f}, tau {fitted.tau_s:.1f} s, exponent {fitted.exponent:.2f};")
    print(f"r {np.corrcoef(now, mean)[0, 1]:.3f}, rmse {np.sqrt(np.mean((now - mean) ** 2)):.2f} FMS.")


def tell_tie(clips: Sequence[Clip]) -> None:
    """Print what ties `build_up` to a game in a headset that was rated for seventeen minutes.

    What that game showed is not known: the drive of the median rated clip stands for it.
    """
    drives = [float(np.mean(course.provoked(provocation.drive(clip.shown, HEADSET)))) for clip in clips]
    works = np.full(60 * len(GAME_FMS), np.median(drives))
    h = float(works[0] ** 2)
    tied = replace(DEFAULTS, scale=1.0, tilt=h, fast_gain=1 / h)
    told = course.build_up_latent(works, np.zeros(len(works)), tied)[59::60]
    felt = -course.FMS_MOST * np.log1p(-np.array(GAME_FMS) / course.FMS_MOST)
    scale = float(felt[-5:].mean() / told[-5:].mean())
    print(f"Tied to a game: h {h:.2f}, tilt {h:.1f}, fast_gain {1 / h:.2f}, scale {scale:.2f}.\n")
