"""Detectability fitted to the splices of the seams benchmark, and tried on places that were not used.

    python -m benchmarks detectability TABLE

TABLE is the `splices.csv` that `python -m benchmarks seams` writes: of each splice the terms of its join, and whether a
detector (at 5 % false alarms) or the adversary caught it. Prints the constants for `headturn.edit.detectability`, and
for the odd places the Brier score, the reliability and the share of "seamless" splices caught, before and after.
"""

import argparse
import csv
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from headturn.edit import detectability

Floats = NDArray[np.float64]
SLOPE_GUESS, SLOPE_SD = 1.94, 1.0
"""Of the slope before data, from what eyes said of splices that cost 1.2 and 2.2; the bias is free. Most splices that
are rendered are good ones, which tell the bias and little of the slope."""


def main(arguments: Sequence[str]) -> int:
    """Fit, try and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks detectability", description=__doc__)
    parser.add_argument("table", type=Path, nargs="?", default=Path("splices.csv"))
    options = parser.parse_args(arguments)
    if not options.table.exists():
        print(f"{options.table}: no such table; python -m benchmarks seams writes it.")
        return 2
    with options.table.open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["caught"] and row["hiding"] == "turn"]
    halves = {half: [row for row in rows if row["half"] == half] for half in ("fit", "test")}
    if min(len(half) for half in halves.values()) < 10:
        print(f"{options.table}: {len(rows)} splices are too few to fit and try a model.")
        return 2
    bias, slope = fitted(*columns(halves["fit"]))
    print(f"{len(halves['fit'])} splices of the even places: BIAS = {bias:.2f}, SLOPE = {slope:.2f}")
    costs, caught = columns(halves["test"])
    tell_terms(rows)
    print(f"{len(caught)} splices of the odd places, of which {caught.mean():.0%} are caught:")
    for name, b, s in (("as it is", detectability.BIAS, detectability.SLOPE), ("fitted", bias, slope)):
        tell(name, 1 / (1 + np.exp(-(b + s * costs))), caught)
    return 0


def columns(rows: Sequence[dict[str, str]]) -> tuple[Floats, Floats]:
    """Cost (n,) and whether caught (n,), of rows of the table."""
    costs = [sum(float(value) for name, value in row.items() if name.startswith("term ") and value) for row in rows]
    return np.array(costs), np.array([float(row["caught"] in ("1", "True", "true")) for row in rows])


def tell_terms(rows: Sequence[dict[str, str]]) -> None:
    """Print how often each term is higher in a splice that is caught than in one that is not; 50 % is chance."""
    caught = columns(rows)[1] == 1
    for name in (name for name in rows[0] if name.startswith("term ")):
        values = np.array([float(row[name] or 0) for row in rows])
        apart = values[caught][:, None] - values[~caught]
        share = np.mean((apart > 0) + 0.5 * (apart == 0)) if apart.size else 0.5
        print(f"  {name.removeprefix('term '):10} {share:.0%}, mean {values.mean():.2f}")


def fitted(costs: Floats, caught: Floats) -> tuple[float, float]:
    """The most probable bias and slope."""

    def unlikely(values: Floats) -> float:
        logits = values[0] + values[1] * costs
        said = np.logaddexp(0, logits) - caught * logits
        return float(said.sum() + 0.5 * ((values[1] - SLOPE_GUESS) / SLOPE_SD) ** 2)

    best = minimize(unlikely, np.array([detectability.BIAS, detectability.SLOPE])).x
    return float(best[0]), float(best[1])


def tell(name: str, said: Floats, caught: Floats) -> None:
    """Print how a model does."""
    print(f"  {name:8} Brier {np.mean((said - caught) ** 2):.3f} (by the mean alone {caught.var():.3f})")
    edges = np.quantile(said, np.linspace(0, 1, 6))
    for low, high in pairwise(edges):
        inside = (said >= low) & ((said < high) | (high == edges[-1]))
        if inside.any():
            print(f"    said {said[inside].mean():.2f}, caught {caught[inside].mean():.2f}, n {inside.sum()}")
