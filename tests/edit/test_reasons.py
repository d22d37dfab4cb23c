"""Why a join got its verdict: what hides it first, then what costs most, in words a director understands."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from headturn.edit.joins import Join
from headturn.edit.look import NOT_ALIGNED, Alignment
from headturn.edit.mover import Mover
from headturn.edit.reasons import TOLD_TERM, reasons
from headturn.head.turns import Turn
from headturn.rotation import from_vector

RIGHT = Turn(1.0, 1.3, 1.6, (0.0, 1.0, 0.0), 1.6, 5.2)
SEEN = Alignment((1.0, 0.0, 0.0, 0.0), 80, 0.7, 20)
JOIN = Join(
    *("a", "b", 40, 30, Fraction(4, 3), Fraction(1), "turn", SEEN.a_from_b, (1.0, 1.0, 1.0), (("framing", 0.1),), SEEN),
    *(RIGHT, RIGHT, 3.0),
)


def test_a_good_join_is_told_by_its_turn_alone():
    (only,) = reasons(JOIN)
    assert only == "both takes turn right, 92 degrees, at 298 degrees a second; the splice lies at 170 degrees a second"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"hiding": "rest", "turn_a": None, "speed_rad_s": 0.1}, "the same way at rest"),
        ({"hiding": "rest", "turn_a": None, "speed_rad_s": 1.0}, "the same way, moving at 60 degrees a second"),
        ({"alignment": NOT_ALIGNED}, "two places"),
        ({"hiding": "occluder", "turn_a": None, "alignment": NOT_ALIGNED}, "fills the image"),
        ({"hiding": "darkness", "turn_a": None, "alignment": NOT_ALIGNED}, "in the dark"),
        ({"hiding": "flash", "turn_a": None, "alignment": NOT_ALIGNED}, "flash burns out"),
        ({"hiding": "nothing"}, "do not show the same place: shoot"),
        ({"hiding": "nothing", "turn_a": None}, "no join: both takes show one place but look different ways: start"),
        ({"hiding": "nothing", "turn_a": None, "alignment": NOT_ALIGNED}, "do not show one place: end one take"),
    ],
)
def test_what_hides_the_splice_comes_first(changes, said):
    sentences = reasons(replace(JOIN, terms=(("parallax", 0.9),), **changes))
    assert said in sentences[0]
    assert "near things jump" in sentences[1]


def test_faults_come_dearest_first_and_small_ones_not_at_all():
    terms = (("framing", 0.3), ("parallax", 0.5), ("rotation", TOLD_TERM - 0.01), ("sharpness", 0.4))
    _, *faults = reasons(replace(JOIN, terms=terms))
    assert [fault.split()[0] for fault in faults] == ["the", "one", "the"]
    assert ["camera" in faults[0], "blurred" in faults[1], "framing" in faults[2]] == [True] * 3


def test_the_heading_is_told_in_degrees():
    q = tuple(float(x) for x in from_vector([0.0, 0.15, 0.0]))
    assert any("9 degrees away" in each for each in reasons(replace(JOIN, a_from_b=q, terms=(("heading", 0.7),))))


@pytest.mark.parametrize(
    ("stops", "known", "said"),
    [
        (0.5, False, "about 0.5 stop brighter"),
        (-1.25, True, "is 1.2 stop darker"),
        (0.2, False, None),
    ],
)
def test_exposure_is_about_unless_telemetry_knows(stops, known, said):
    told = [each for each in reasons(replace(JOIN, stops=stops, stops_known=known)) if "stop " in each]
    assert told == [] if said is None else said in told[0]


def test_nothing_is_said_of_exposure_between_two_places():
    other = replace(JOIN, hiding="nothing", alignment=NOT_ALIGNED, stops=2.0)
    assert not any("stop " in each for each in reasons(other))


@pytest.mark.parametrize(
    ("right_deg", "down_deg", "across_deg", "said"),
    [
        (0, 17, 15, "something that moves by itself is not where it was (17 degrees below the middle)"),
        (12, 0, 15, "something that moves by itself is not where it was (12 degrees right of the middle)"),
        (
            -20,
            8,
            4,
            "something small that moves by itself is not where it was (20 degrees left of and 8 degrees below the",
        ),
        (2, -1, 50, "much that moves by itself is not where it was (in the middle of the image)"),
    ],
)
def test_what_moves_by_itself_is_told_by_where_it_is(right_deg, down_deg, across_deg, said):
    moved = replace(SEEN, mover=Mover(0.1, *np.radians([right_deg, down_deg, across_deg])))
    _, fault = reasons(replace(JOIN, terms=(("mover", 1.2),), alignment=moved))
    assert said in fault
    assert reasons(replace(JOIN, terms=(("mover", 0.1),), alignment=moved)) == reasons(JOIN)
