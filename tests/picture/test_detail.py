"""Detail that a seam costs is given back: no more than was there, nothing where nothing was lost."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headturn.picture import detail
from makers import lens, panorama, view

LENS = lens(320, 180)


@pytest.fixture(scope="module")
def picture():
    grain = np.random.default_rng(1).normal(0, 500, (180, 320, 3))
    world = panorama(4, 512)
    return np.clip(view(world, LENS, np.array([1.0, 0, 0, 0])) * 257.0 + grain, 0, 65535).astype(np.uint16)


def shifted(picture, pixels):
    """Sampled anew between its pixels, as a turn does."""
    move = np.array([[1, 0, pixels], [0, 1, pixels]], np.float32)
    moved = cv2.warpAffine(
        picture.astype(np.float32), move, (320, 180), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.clip(moved, 0, 65535).astype(np.uint16)


@pytest.mark.parametrize("pixels", [0.25, 0.5])
def test_what_sampling_anew_costs_is_given_back(picture, pixels):
    had, soft = detail.amount(picture), shifted(picture, pixels)
    back = detail.given_back(soft, had)
    assert detail.amount(soft) < 0.95 * had
    assert had - detail.amount(back) < 0.4 * (had - detail.amount(soft))
    assert detail.amount(back) < 1.04 * had


def test_mixing_two_grains_loses_neither(picture):
    other = np.clip(picture + np.random.default_rng(2).normal(0, 700, picture.shape), 0, 65535).astype(np.uint16)
    mixed = ((picture.astype(np.uint32) + other) // 2).astype(np.uint16)
    wanted = (detail.amount(picture) + detail.amount(other)) / 2
    assert detail.amount(detail.given_back(mixed, wanted)) == pytest.approx(wanted, rel=0.04)


@given(st.integers(0, 2**31), st.floats(0, 3))
@settings(max_examples=25)
def test_never_softer_never_past_what_is_wanted(seed, share):
    codes = np.random.default_rng(seed).integers(0, 65536, (40, 60, 3)).astype(np.uint16)
    codes = cv2.GaussianBlur(codes, (0, 0), 1.0)
    had = detail.amount(codes)
    back = detail.given_back(codes, share * had)
    assert had * 0.999 <= detail.amount(back) <= max(had, share * had) * 1.05
    if share * detail.ENCODED <= 1:
        assert back is codes


@pytest.mark.parametrize("level", [0, 30000, 65535])
def test_what_has_no_detail_gets_none(level):
    flat = np.full((40, 60, 3), level, np.uint16)
    np.testing.assert_array_equal(detail.given_back(flat, 100.0), flat)
