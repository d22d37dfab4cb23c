"""Questionnaires: SSQ (how one feels now) and MSSQ-short (how easily one gets motion sick), scored.

SSQ: Kennedy et al. 1993; MSSQ-short: Golding 2006.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from headturn.errors import BadOption

SSQ_ITEMS = (
    "general discomfort", "fatigue", "headache", "eyestrain", "difficulty focusing", "increased salivation",
    "sweating", "nausea", "difficulty concentrating", "fullness of head", "blurred vision", "dizzy (eyes open)",
    "dizzy (eyes closed)", "vertigo", "stomach awareness", "burping",
)  # fmt: skip
"""In the order of the sheet; each is rated 0 (none), 1 (slight), 2 (moderate) or 3 (severe)."""
_NAUSEA = (1, 6, 7, 8, 9, 15, 16)
_OCULOMOTOR = (1, 2, 3, 4, 5, 9, 11)
_DISORIENTATION = (5, 8, 10, 11, 12, 13, 14)
_NAUSEA_WEIGHT, _OCULOMOTOR_WEIGHT, _DISORIENTATION_WEIGHT, _TOTAL_WEIGHT = 9.54, 7.58, 13.92, 3.74
SSQ_MOST = 3

MSSQ_ITEMS = (
    "cars", "buses or coaches", "trains", "aircraft", "small boats", "ships or ferries", "swings in playgrounds",
    "roundabouts in playgrounds", "big dippers, funfair rides",
)  # fmt: skip
"""Asked twice: as a child before 12, and over the last ten years; 0 (never felt sick) to 3 (frequently), None (never
travelled so)."""
MSSQ_RAW_MOST = 54.0
_PERCENTILE = (0.0, 5.1160923, -0.055169904, -0.00067784495, 1.0714752e-5)
"""Golding's polynomial; the quoted pairs 5 to 24, 11.3 to 50, 19 to 74 and 30.4 to 95 come out of it."""
_PERCENTILE_TOP = 43.5
"""From here on the polynomial is at 100 and turns; the percentile stays."""


@dataclass(frozen=True)
class Ssq:
    """Scores of one SSQ: up to 200.34, 159.18, 292.32 and 235.62. Take the one before from the one after a film."""

    nausea: float
    oculomotor: float
    disorientation: float
    total: float


def ssq(ratings: Sequence[float]) -> Ssq:
    """Scores from the sixteen ratings, in the order of `SSQ_ITEMS`.

    Raises:
        BadOption: not sixteen ratings, or one that is not 0, 1, 2 or 3.
    """
    if len(ratings) != len(SSQ_ITEMS):
        raise BadOption(f"SSQ: {len(ratings)} ratings; it has {len(SSQ_ITEMS)} questions.")
    for item, rating in zip(SSQ_ITEMS, ratings, strict=True):
        if rating not in range(SSQ_MOST + 1):
            raise BadOption(f"SSQ: '{item}' is rated {rating}; give 0, 1, 2 or 3.")

    def raw(items: Sequence[int]) -> float:
        return float(sum(ratings[item - 1] for item in items))

    n, o, d = raw(_NAUSEA), raw(_OCULOMOTOR), raw(_DISORIENTATION)
    return Ssq(n * _NAUSEA_WEIGHT, o * _OCULOMOTOR_WEIGHT, d * _DISORIENTATION_WEIGHT, (n + o + d) * _TOTAL_WEIGHT)


def mssq_raw(child: Sequence[float | None], adult: Sequence[float | None]) -> float:
    """MSSQ-short, 0 to 54, from nine answers as a child and nine of the last ten years (see `MSSQ_ITEMS`).

    Raises:
        BadOption: not nine answers each, or one that is not None, 0, 1, 2 or 3.
    """
    return _mssq_part("as a child", child) + _mssq_part("in the last ten years", adult)


def _mssq_part(when: str, answers: Sequence[float | None]) -> float:
    if len(answers) != len(MSSQ_ITEMS):
        raise BadOption(f"MSSQ, {when}: {len(answers)} answers; it has {len(MSSQ_ITEMS)} questions.")
    for item, answer in zip(MSSQ_ITEMS, answers, strict=True):
        if answer is not None and answer not in range(4):
            raise BadOption(f"MSSQ, {when}: '{item}' is answered {answer}; give 0, 1, 2, 3 or nothing.")
    given = [answer for answer in answers if answer is not None]
    return len(MSSQ_ITEMS) * sum(given) / len(given) if given else 0.0


def mssq_percentile(raw: float) -> float:
    """Share of people, 0 to 100, that get motion sick less easily than somebody with this MSSQ-short.

    Raises:
        BadOption: not on the scale of 0 to 54.
    """
    if not 0 <= raw <= MSSQ_RAW_MOST:
        raise BadOption(f"MSSQ-short: {raw:g} is outside its scale, 0 to {MSSQ_RAW_MOST:g}.")
    value = np.polynomial.polynomial.polyval(min(raw, _PERCENTILE_TOP), _PERCENTILE)
    return float(np.clip(value, 0.0, 100.0))
