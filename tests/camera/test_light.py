"""Light and video values turn into each other along BT.709's curve."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from headturn.camera.light import codes_from_linear, linear_from_video, video_from_linear


def test_the_curve_goes_through_the_points_of_the_recommendation():
    light = np.array([0, 0.01, 0.018, 0.18, 0.5, 1], np.float32)
    video = np.array([0, 0.045, 0.081, 0.4090, 0.7055, 1], np.float32)
    np.testing.assert_allclose(video_from_linear(light), video, atol=2e-4)
    np.testing.assert_allclose(linear_from_video(video), light, atol=2e-4)


@given(arrays(np.float32, (5, 3), elements=st.floats(0, 2, width=32)))
def test_there_and_back_is_where_we_were(video):
    np.testing.assert_allclose(video_from_linear(linear_from_video(video)), video, atol=2e-3)


@pytest.mark.parametrize(("dtype", "bits"), [(np.uint8, 8), (np.uint16, 16)])
def test_codes_are_looked_up_and_come_back(dtype, bits):
    codes = np.arange(2**bits, dtype=dtype).reshape(-1, 16)
    light = linear_from_video(codes)
    assert light.dtype == np.float32
    np.testing.assert_allclose(light, linear_from_video(codes / np.float32(2**bits - 1)), atol=1e-6)
    back = codes_from_linear(light, bits)
    assert back.dtype == dtype
    worst = np.abs(back.astype(int) - codes.astype(int)).max()
    assert worst == 0 if bits == 8 else worst <= 3  # a 16-bit code out of 65536 steps of light


def test_codes_are_clipped_and_negative_light_is_black():
    assert codes_from_linear(np.array([-0.5, 0, 1, 7], np.float32)).tolist() == [0, 0, 255, 255]
    assert linear_from_video(np.array([-0.1], np.float32)).tolist() == [0]
    with pytest.raises(ValueError, match="12"):
        codes_from_linear(np.zeros(1, np.float32), 12)
