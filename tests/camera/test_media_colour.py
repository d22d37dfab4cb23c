"""Colours come out as BT.709 whatever the tags, and image circles are found."""

import av
import numpy as np
import pytest
from made import record, seen, videos

from headturn.camera.media import frames, image_circle, probe

PATCHES = [(255, 255, 255), (0, 0, 0), (128, 128, 128), (210, 40, 40), (40, 190, 60), (50, 60, 200), (200, 150, 110)]
LUMA = {"smpte170m": (0.299, 0.114), "bt709": (0.2126, 0.0722), "bt2020nc": (0.2627, 0.0593)}
LOSSLESS = {"qp": "0", "g": "1"}
NUMBER = {"smpte170m": 6, "bt709": 1, "bt2020nc": 9}


def coded(rgb, matrix, full, bits, size=32):
    """A flat patch as planar YUV by the formulae of the standards (BT.601, BT.709, BT.2020; H.273)."""
    red, blue = LUMA[matrix]
    r, g, b = (value / 255 for value in rgb)
    y = red * r + (1 - red - blue) * g + blue * b
    chroma = (b - y) / (2 - 2 * blue), (r - y) / (2 - 2 * red)
    unit, top = 1 << (bits - 8), (1 << bits) - 1
    codes = [y * top, *(c * top + 128 * unit for c in chroma)] if full else []
    codes = codes or [(16 + 219 * y) * unit, *((128 + 224 * c) * unit for c in chroma)]
    frame = av.VideoFrame(size, size, "yuv420p" if bits == 8 else "yuv420p10le")
    for plane, code in zip(frame.planes, codes, strict=True):
        np.frombuffer(memoryview(plane), np.uint8 if bits == 8 else np.uint16)[:] = min(top, round(code))
    return frame


def first_rgb(path, layout="rgb"):
    clip = probe([path])
    return clip, [frame.pixels(layout)[16, 16].astype(float) for frame in frames(clip)]


@pytest.mark.parametrize("bits", [8, 10])
@pytest.mark.parametrize("full", [False, True], ids=["limited", "full"])
@pytest.mark.parametrize("matrix", list(NUMBER))
def test_colours_come_out_the_same_whatever_the_tags(tmp_path, matrix, full, bits):
    tags = {"colorspace": NUMBER[matrix], "color_range": 2 if full else 1, "color_primaries": 1, "color_trc": 1}
    pictures = [coded(rgb, matrix, full, bits) for rgb in PATCHES]
    form = "yuv420p" if bits == 8 else "yuv420p10le"
    path = record(tmp_path / "a.mp4", pictures, pix_fmt=form, tags=tags, options=LOSSLESS)
    clip, found = first_rgb(path)
    assert (clip.image.colour.matrix, clip.image.colour.full_range) == (matrix, full)
    assert clip.image.colour.bits == bits
    assert clip.image.colour.assumed == ""
    np.testing.assert_allclose(found, PATCHES, atol=2)
    np.testing.assert_allclose(np.array(first_rgb(path, "rgb48")[1]) / 257, PATCHES, atol=2)
    film = [frame.pixels("yuv420") for frame in frames(clip)]
    np.testing.assert_allclose([seen(yuv, "yuv420", 32, 32, 16, 16) for yuv in film], PATCHES, atol=4)


def test_ten_bits_are_kept(tmp_path):
    steps = [coded((k, k, k), "bt709", False, 10) for k in np.arange(100, 104, 0.25)]
    tags = {"colorspace": 1, "color_range": 1, "color_primaries": 1, "color_trc": 1}
    path = record(tmp_path / "a.mp4", steps, pix_fmt="yuv420p10le", tags=tags, options=LOSSLESS)
    green = [pixel[1] for pixel in first_rgb(path, "rgb48")[1]]
    assert len(set(green)) >= 13
    assert green == sorted(green)


@pytest.mark.parametrize(("size", "matrix", "name"), [(48, "smpte170m", "BT.601"), (720, "bt709", "BT.709")])
def test_untagged_colour_is_assumed_by_its_size_and_said(tmp_path, size, matrix, name):
    pictures = [coded(rgb, matrix, False, 8, size) for rgb in PATCHES[3:5]]
    clip, found = first_rgb(record(tmp_path / "a.mp4", pictures, options={"qp": "0"}))
    assert clip.image.colour.matrix == matrix
    assert name in clip.image.colour.assumed and "limited" in clip.image.colour.assumed
    assert clip.image.colour.assumed in clip.notes
    np.testing.assert_allclose(found, PATCHES[3:5], atol=2)


@pytest.mark.footage
def test_tags_that_make_no_sense_count_as_none(footage):
    colour = probe([footage / "glasses" / "Neon_Scene_Camera_v1_ps1.mp4"]).image.colour
    assert (colour.matrix, colour.full_range) == ("bt709", False)
    assert "BT.709" in colour.assumed


def test_wide_sdr_colour_becomes_bt709(tmp_path):
    rgb2020 = np.array([0.55, 0.45, 0.35])
    tags = {"colorspace": 9, "color_range": 1, "color_primaries": 9, "color_trc": 14}
    picture = coded(rgb2020 * 255, "bt2020nc", False, 10)
    path = record(tmp_path / "a.mp4", [picture], pix_fmt="yuv420p10le", tags=tags, options=LOSSLESS)
    clip, (found,) = first_rgb(path)
    light = ((rgb2020 + 0.0993) / 1.0993) ** (1 / 0.45)
    # Recommendation ITU-R BT.2087-0, linear BT.2020 to linear BT.709
    matrix = [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]]
    expected = 1.0993 * (np.array(matrix) @ light) ** 0.45 - 0.0993
    np.testing.assert_allclose(found / 255, expected, atol=0.03)
    assert any("BT.2020" in note for note in clip.notes)


@pytest.mark.parametrize(("transfer", "name"), [(18, "HLG"), (16, "PQ")])
def test_hdr_becomes_sdr_and_says_so(tmp_path, transfer, name):
    levels = [0, 0.2, 0.38, 0.55, 0.75, 0.9, 1]
    tags = {"colorspace": 9, "color_range": 1, "color_primaries": 9, "color_trc": transfer}
    pictures = [coded((255 * v,) * 3, "bt2020nc", False, 10) for v in levels]
    path = record(tmp_path / "a.mp4", pictures, pix_fmt="yuv420p10le", tags=tags, options=LOSSLESS)
    clip, found = first_rgb(path, "rgb48")
    grey = np.array(found) / 65535
    assert np.ptp(grey, axis=1).max() < 0.01
    assert np.all(np.diff(grey[:, 1]) > 0.02), "highlights stay apart"
    assert grey[0, 1] < 0.01 and grey[-1, 1] > 0.95
    if name == "HLG":  # BT.2408: 38 % HLG is 18 % grey, which BT.709 codes as 0.41; within half a stop
        assert 0.33 < grey[2, 1] < 0.45
    assert any(name in note and "BT.709" in note for note in clip.notes)


def disc(radius, clock=False, size=240, level=150):
    y, x = np.mgrid[:size, :size] - (size - 1) / 2
    picture = np.full((size * 3 // 2, size), 128, np.uint8)
    picture[:size] = np.where(np.hypot(x, y) <= radius, level, 16)
    if clock:
        picture[2:14, 2:80] = 235
    return picture


@pytest.mark.parametrize(("radius", "clock"), [(118, False), (118, True), (100, False), (140, False)])
def test_an_image_circle_is_measured(tmp_path, radius, clock):
    clip = probe([record(tmp_path / "a.mp4", [disc(radius, clock)] * 6)])
    assert image_circle(clip) == pytest.approx(radius, rel=0.015)


@pytest.mark.parametrize("picture", [disc(400), disc(60), disc(118, level=20)], ids=["full", "lamp", "night"])
def test_other_images_are_no_circles(tmp_path, picture):
    assert image_circle(probe([record(tmp_path / "a.mp4", [picture] * 6)])) is None


@pytest.mark.footage
def test_circles_of_real_clips(footage):
    circles = {path.stem: image_circle(probe([path])) for path in videos(footage)}
    round_ones = {name for name, radius in circles.items() if radius}
    assert round_ones == {"basketball_aria", *(f"demo2_blur_middle_grid_{k}" for k in range(1, 7))}
    assert circles["demo2_blur_middle_grid_1"] == pytest.approx(357, abs=3)
