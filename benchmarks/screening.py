"""Screenings: a profile from eight viewers' ratings, tried on viewers it has not heard (RoF).

Of the viewers of one ride eight are drawn at random, many times; what their ratings teach is tried on the others: on
their mean at each second, and on each of them, by MSSQ, age and sex. Beside it: the prior without any ratings, and the
mean of the eight held as it is, with Student's interval. One of the eight is heard for the first half only, and the
rest of that viewer's ratings is forecast. `--check FOLDER` tries the profiles on all viewers of that folder instead.

    python -m benchmarks screening --draws 60
"""

import argparse
import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.stats import t as student

from benchmarks import rated
from benchmarks.ledger import table
from headturn.review import provocation, screening
from headturn.review.profile import PRIOR, Profile
from headturn.review.provocation import Drive
from headturn.review.ratings import Rated
from headturn.review.screening import Band, Showing
from headturn.review.viewing import HEADSET
from headturn.rotation import Floats

PANEL = 8
HEARD_S = 105
"""Half of the ride."""
SEED = 11
WRONG = 1.0
"""Natural logarithm by which a prior is set wrong on purpose: two of its standard deviations."""


def main(arguments: Sequence[str]) -> int:
    """Calibrate, predict, compare and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks screening", description=__doc__)
    parser.add_argument("--data", type=Path, default=rated.FOLDER)
    parser.add_argument("--draws", type=int, default=60)
    parser.add_argument("--check", type=Path)
    options = parser.parse_args(arguments)
    if not (options.data / "rof" / "sessions.csv").exists():
        print(f"{options.data}: no rated ride lies there.")
        return 2
    drive, viewers = panel(options.data / "rof")
    unheard = panel(options.check / "rof")[1] if options.check else ()
    tell(drive, viewers, unheard, options.draws)
    return 0


def panel(folder: Path) -> tuple[Drive, list[Rated]]:
    """The ride's drive, and its viewers with what is known of each."""
    ridden = rated.ride(folder)
    with (folder / "sessions.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    people = list(dict.fromkeys((row["person"], row["sex"], row["age"], row["mssq_raw"]) for row in rows))
    times_s = tuple(float(second) for second in range(1, ridden.fms.shape[1] + 1))
    viewers = [
        Rated(
            f"{number:03d}",
            times_s,
            tuple(float(each) for each in fms),
            mssq=float(mssq) if mssq else None,
            age=float(age) if age else None,
            female=sex == "f" if sex else None,
        )
        for number, ((_, sex, age, mssq), fms) in enumerate(zip(people, ridden.fms, strict=True))
    ]
    return provocation.drive(ridden.shown, HEADSET), viewers


@dataclass(frozen=True)
class Score:
    """How a forecast did: rmse in FMS, correlation over time, and how often its band held the truth."""

    rmse: float
    r: float
    held: float
    width: float


def score(band: Band, truth: Floats) -> Score:
    """Of one curve, or of many (m, n) by the same band; the correlation is of their mean."""
    inside = (band.low - 1e-9 <= truth) & (truth <= band.high + 1e-9)
    curve = truth if truth.ndim == 1 else truth.mean(axis=0)
    r = float(np.corrcoef(band.middle, curve)[0, 1]) if np.ptp(band.middle) > 0 and np.ptp(curve) > 0 else 0.0
    rmse = float(np.sqrt(np.mean((band.middle - truth) ** 2)))
    return Score(rmse, r, float(inside.mean()), float(np.mean(band.high - band.low)))


def held_mean(ratings: Floats, unheard: int) -> Band:
    """The mean of a panel (m, n) held as it is, with Student's 90 % interval for the mean of so many others."""
    few = len(ratings)
    reach = student.ppf(0.95, few - 1) * ratings.std(axis=0, ddof=1) * np.sqrt(1 / few + 1 / unheard)
    mean = ratings.mean(axis=0)
    return Band(mean, np.maximum(mean - reach, 0.0), np.minimum(mean + reach, 20.0))


def off(shift: float) -> Profile:
    """The prior with its gain set wrong."""
    values = (PRIOR.now.values[0] + shift, *PRIOR.now.values[1:])
    return replace(PRIOR, now=replace(PRIOR.now, values=values))


PRIORS: Mapping[str, Profile] = {"": PRIOR, ", prior too low": off(-WRONG), ", prior too high": off(WRONG)}


def tell(drive: Drive, viewers: Sequence[Rated], unheard: Sequence[Rated], draws: int) -> None:
    """Print how the profiles of many panels do."""
    means: dict[str, list[Score]] = {}
    ones: dict[str, list[Score]] = {}
    rest: dict[str, list[Score]] = {}
    for draw in range(draws):
        order = np.random.default_rng([SEED, draw]).permutation(len(viewers))
        heard = [viewers[index] for index in order[:PANEL]]
        others = list(unheard) or [viewers[index] for index in order[PANEL:]]
        truth, known = fms(others), fms(heard)
        hold = held_mean(known, len(others))
        means.setdefault("mean of the eight, held", []).append(score(hold, truth.mean(axis=0)))
        ones.setdefault("mean of the eight, held", []).append(score(any_of(known), truth))
        for name, prior in PRIORS.items():
            profile = screening.calibrated([Showing(drive, heard)], prior)
            told = screening.predicted(profile, drive, audience=others)
            before = screening.predicted(prior, drive, audience=others)
            for says, prediction in (("prior alone" + name, before), ("headturn" + name, told)):
                means.setdefault(says, []).append(score(prediction.mean, truth.mean(axis=0)))
                ones.setdefault(says, []).append(score(prediction.anyone, truth))
        follow(drive, heard, rest)
    print(f"## One ride, {PANEL} viewers heard, {len(others)} not heard; {draws} panels\n")
    tell_scores("mean of those not heard", means, "mean of the eight, held")
    tell_scores("each of those not heard", ones, "mean of the eight, held")
    tell_scores(f"one viewer after {HEARD_S} s, heard until then", rest, "last value, held")
    print(
        "It is one ride, and the prior's constants and scatter were fitted to viewers of it, these among them; hence\n"
        f"the rows with a prior that is wrong by a factor of {np.exp(WRONG):.1f}. It shows nothing about unseen films."
    )


def follow(drive: Drive, heard: Sequence[Rated], rest: dict[str, list[Score]]) -> None:
    """Forecast one of the eight, who is heard for the first half only."""
    one = heard[0]
    half = replace(one, times_s=one.times_s[:HEARD_S], fms=one.fms[:HEARD_S])
    profile = screening.calibrated([Showing(drive, [half, *heard[1:]])])
    told = screening.predicted(profile, drive, viewer=one.viewer).viewer
    assert told is not None
    truth = np.array(one.fms[HEARD_S:])
    after = Band(told.middle[HEARD_S:], told.low[HEARD_S:], told.high[HEARD_S:])
    last = np.full(len(truth), one.fms[HEARD_S - 1])
    rest.setdefault("last value, held", []).append(score(Band(last, last, last), truth))
    rest.setdefault("headturn", []).append(score(after, truth))


def any_of(ratings: Floats) -> Band:
    """For any other viewer: the panel's mean, and Student's 90 % interval for one more of them."""
    few = len(ratings)
    reach = student.ppf(0.95, few - 1) * ratings.std(axis=0, ddof=1) * np.sqrt(1 + 1 / few)
    mean = ratings.mean(axis=0)
    return Band(mean, np.maximum(mean - reach, 0.0), np.minimum(mean + reach, 20.0))


def fms(viewers: Sequence[Rated]) -> Floats:
    """Ratings (m, n)."""
    return np.array([viewer.fms for viewer in viewers])


def tell_scores(what: str, scores: Mapping[str, Sequence[Score]], naive: str) -> None:
    """Print a table of means over panels, and how much less is erred than by the naive way, 95 % of panels."""
    rows = []
    for name, each in scores.items():
        less = [a.rmse - b.rmse for a, b in zip(scores[naive], each, strict=True)]
        low, high = np.quantile(less, (0.025, 0.975))
        rows.append(
            [
                name,
                f"{np.mean([one.rmse for one in each]):.2f}",
                "" if name == naive else f"{np.mean(less):+.2f} ({low:+.2f} to {high:+.2f})",
                f"{np.mean([one.r for one in each]):.3f}",
                f"{np.mean([one.held for one in each]):.0%}",
                f"{np.mean([one.width for one in each]):.1f}",
            ]
        )
    head = [what, "rmse, FMS", f"less than {naive} (95 % of panels)", "r", "held by 90 % bands", "their width"]
    print(table(head, rows) + "\n")
