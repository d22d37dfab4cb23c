"""Slates are told from the names that cameras give."""

import random

import pytest

from headturn.camera.slate import parse, sort_key
from headturn.camera.take import Slate


@pytest.mark.parametrize(
    ("name", "slate"),
    [
        ("42A-3.mp4", Slate("42A", 3)),
        ("42A_T3.MOV", Slate("42A", 3)),
        ("42A 3", Slate("42A", 3)),
        ("42a-03.mp4", Slate("42A", 3)),
        ("R42A-3.mp4", Slate("42A", 3)),
        ("A42-1.mp4", Slate("A42", 1)),
        ("AA42B-1.mp4", Slate("AA42B", 1)),
        ("42-3pu.mp4", Slate("42", 3, pickup=True)),
        ("42pu-3.mp4", Slate("42", 3, pickup=True)),
        ("125 - 4.mp4", Slate("125", 4)),
        ("042A-12.mp4", Slate("42A", 12)),
        ("Scene 42A Take 3.mp4", Slate("42A", 3)),
        ("7-1.mp4", Slate("7", 1)),
    ],
)
def test_slates(name, slate):
    assert parse(name) == slate


@pytest.mark.parametrize(
    "name",
    [
        *("42A3.mp4", "42.mp4", "42A.mp4", "42A-0.mp4", "0-1.mp4", "42A-3-x.mp4", "42A-1234.mp4", ""),
        *("GX010123.MP4", "GH010123.MP4", "GL010123.LRV", "GS010123.360", "GP010123.MP4", "GOPR0123.MP4"),
        *("GXAA0001.MP4", "GX010123-1.MP4", "GX010123_1.MP4", "GX010123 2.MP4", "GOPR0123-3.MP4"),
        *("DSC_0001.mp4", "DSC-0001.mp4", "IMG_1234.MOV", "VID_20240101_120000.mp4", "DJI_0001.MP4"),
        *("PXL_20240101_120000123.mp4", "A001_C001.mov", "A001C001_240101_R1AB.mov", "A001-1.mov", "C0001_1.MP4"),
        *("P1000123.MP4", "0001-2.mts", "00001.mts", "MVI_0001.MOV", "IMG_1234-2.MOV", "DJI_0001 2.MP4"),
        *("demo2_blur_middle_grid_1.mp4", "fair_1.mp4", "kaust_1.mp4", "data_sample_20_full_window.mp4"),
        *("milk_in_fridge.mp4", "hero7.mp4", "max-heromode.mp4", "basketball_aria.mp4", "v2_1.mp4", "p1-2.mp4"),
        *("2024-10-10.mp4", "2024-10.mp4", "20241010_123456.mp4", "2024-10-10 12-30-00.mp4", "2024_1010.mp4"),
    ],
)
def test_no_slates(name):
    assert parse(name) is None


def test_shots_stand_in_the_order_of_the_film():
    shots = [
        "7",
        "41",
        "41A",
        "AA42",
        "A42",
        "A42A",
        "B42",
        "42",
        "42A",
        "42B",
        "42Z",
        "42AA",
        "43",
        "125",
        "clip2",
        "clip10",
    ]
    assert sorted(random.Random(1).sample(shots, len(shots)), key=sort_key) == shots


def test_signs_that_look_like_numbers_do_not_break_the_order():
    order = sorted(["shot 10", "²0", "shot 2"], key=sort_key)
    assert order.index("shot 2") < order.index("shot 10") and "²0" in order
