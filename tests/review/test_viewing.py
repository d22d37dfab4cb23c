"""Screens, seats and viewers by name and by size."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headturn.errors import BadOption
from headturn.review.viewing import GAIN_LOG_SD, HEADSET, LIT, SCREENS, screen, viewer


@pytest.mark.parametrize(
    ("name", "degrees", "vection"),  # the table of the reference
    [
        ("phone", 21.5, 0.30), ("television", 25.3, 0.34), ("laptop", 31.5, 0.41),
        ("cinema:back", 36, 0.45), ("cinema:middle", 45, 0.53), ("cinema:front", 75, 0.71),
    ],
)  # fmt: skip
def test_screens_are_as_wide_as_said(name, degrees, vection):
    seen = screen(name)
    assert np.degrees(seen.angle_rad) == pytest.approx(degrees, abs=0.3)
    assert seen.vection == pytest.approx(vection * (LIT if seen.lit else 1), abs=0.01)


def test_magnification_is_that_of_the_table():
    wide = 0.5 / np.tan(np.radians(87) / 2)  # focal widths of a rectilinear view of 87 degrees
    fisheye = 1 / np.radians(121)
    assert screen("cinema:middle").magnification(np.array([wide, fisheye])) == pytest.approx([0.44, 0.39], abs=0.006)
    assert screen("cinema:front").magnification(np.array([wide, fisheye])) == pytest.approx([0.81, 0.73], abs=0.006)


def test_an_unknown_lens_is_a_usual_one():
    assert 0.2 < screen("cinema:middle").magnification(np.array([np.nan]))[0] < 0.7


@given(st.floats(0.05, 30), st.floats(0.1, 50))
def test_a_screen_of_ones_own(width_m, distance_m):
    own = screen(f"{width_m:.3f}m@{distance_m:.3f}m")
    assert own.angle_rad == pytest.approx(2 * np.arctan(own.width_m / own.distance_m / 2))
    assert 0 < own.vection < 1 and not own.lit


def test_a_comma_and_a_lit_room_are_understood():
    assert screen("1,4m @ 2,5 m lit").lit and screen("1,4@2,5").width_m == 1.4


@pytest.mark.parametrize(
    "text", ["0m@2m", "1m@0m", "-1m@2m", "1m@-2m", "1e9m@1m", "5000m@1m", "", "imax", "1.4m", "1..4m@2m", "nan@1"]
)
def test_what_is_no_screen_is_refused(text):
    with pytest.raises(BadOption, match=r"."):
        screen(text)


def test_names_are_told_to_who_mistypes_one():
    with pytest.raises(BadOption, match="cinema:front"):
        screen("cinema:balcony")


def test_a_headset_shows_true_size():
    assert HEADSET.magnification(np.array([HEADSET.distance_m / HEADSET.width_m])) == pytest.approx([1.0])
    assert HEADSET.name not in SCREENS


def test_viewers():
    assert viewer("typical").gain == 1 and viewer("typical").log_sd == GAIN_LOG_SD
    assert viewer("sensitive").gain == pytest.approx(np.exp(1.2816 * 0.61))
    assert viewer("mssq=50%").gain == pytest.approx(1, abs=1e-9)
    assert viewer("mssq=11.3").gain == pytest.approx(1, abs=1e-3)
    assert viewer("mssq=0").gain < viewer("mssq=19").gain < viewer("mssq=54").gain < viewer("sensitive").gain
    assert viewer("gain=1.7~0.3").gain == 1.7 and viewer("gain=1.7~0.3").log_sd == 0.3


@pytest.mark.parametrize(
    "text", ["", "me", "mssq=", "mssq=99", "mssq=101%", "gain=0", "gain=-1", "gain=x", "gain=nan", "gain=1~-1"]
)
def test_who_is_no_viewer_is_refused(text):
    with pytest.raises(BadOption):
        viewer(text)
