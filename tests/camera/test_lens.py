import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headturn.camera.lens import (
    ASSUMED_CIRCLE_FOV_DEG,
    ASSUMED_FOV_DEG,
    Lens,
    assumed_lens,
    fisheye,
    read_gyroflow_profile,
    rectilinear,
)
from headturn.errors import CannotRead

small = st.floats(-0.08, 0.08)
fisheyes = st.builds(
    lambda f, k, cx: Lens("fisheye", 1280, 720, (f, f * 1.01), (cx, 360.0), k),
    st.floats(250, 2000),
    st.one_of(st.just(()), st.tuples(small, small, small, small)),
    st.floats(600, 680),
)
straights = st.builds(
    lambda f, k, p: Lens("rectilinear", 1280, 720, (f, f), (640.0, 355.0), (*k, *p, 0.02)),
    st.floats(400, 2000),
    st.tuples(st.floats(-0.3, 0.3), st.floats(-0.05, 0.1)),
    st.tuples(st.floats(-0.002, 0.002), st.floats(-0.002, 0.002)),
)
points = st.lists(st.tuples(st.floats(0, 1279), st.floats(0, 719)), min_size=1, max_size=20)


@settings(deadline=None)
@given(st.one_of(fisheyes, straights), points)
def test_pixel_to_ray_and_back_is_the_pixel(lens, where):
    rays = lens.rays(where)
    seen = ~np.isnan(rays[:, 0])
    assert np.allclose(np.linalg.norm(rays[seen], axis=1), 1)
    assert np.allclose(lens.pixels(rays[seen]), np.array(where)[seen], atol=1e-4)


@given(fisheyes)
def test_the_middle_of_any_fisheye_has_a_ray(lens):
    assert np.allclose(lens.rays([lens.centre_px]), [[0, 0, 1]])


def test_mild_lenses_have_a_ray_for_every_pixel():
    grid = np.stack(np.meshgrid(np.arange(0, 1280, 40), np.arange(0, 720, 40)), -1).reshape(-1, 2)
    barrel = Lens("rectilinear", 1280, 720, (900, 900), (639.5, 359.5), (-0.2, 0.04, 0.001, -0.001, 0.0))
    for lens in (barrel, rectilinear(1280, 720, horizontal_fov_rad=1.6), fisheye(1280, 720, horizontal_fov_rad=3.0)):
        assert not np.any(np.isnan(lens.rays(grid)))


def test_distortion_is_opencvs():
    cv2 = pytest.importorskip("cv2")
    rng = np.random.default_rng(1)
    rays = np.column_stack([rng.uniform(-0.5, 0.5, (50, 2)), np.ones(50)])
    matrix = np.array([[900.0, 0, 630], [0, 910, 350], [0, 0, 1]])
    bends = (-0.21, 0.05, 0.002, -0.001, 0.01)
    lens = Lens("rectilinear", 1280, 720, (900, 910), (630, 350), bends)
    expected, _ = cv2.projectPoints(rays, np.zeros(3), np.zeros(3), matrix, np.array(bends))
    assert np.allclose(lens.pixels(rays), expected[:, 0], atol=1e-6)
    round_bends = (0.05, -0.02, 0.01, -0.003)
    lens = Lens("fisheye", 1280, 720, (900, 910), (630, 350), round_bends)
    expected, _ = cv2.fisheye.projectPoints(rays[:, None], np.zeros(3), np.zeros(3), matrix, np.array(round_bends))
    assert np.allclose(lens.pixels(rays), expected[:, 0], atol=1e-6)


def test_axes_are_right_down_forward():
    lens = rectilinear(1921, 1081, horizontal_fov_rad=math.radians(90))
    assert lens.centre_px == (960, 540)
    right, down = lens.rays([(1500, 540), (960, 900)])
    assert right[0] > 0 and right[1] == 0 and down[1] > 0 and down[0] == 0


def test_what_lies_behind_is_not_seen():
    straight = rectilinear(100, 100, horizontal_fov_rad=1)
    assert np.all(np.isnan(straight.pixels([[0, 0, -1], [1, 0, 0]])))
    round_one = fisheye(100, 100, horizontal_fov_rad=1)
    assert np.isnan(round_one.pixels([[0, 0, -1]])).all()
    assert not np.isnan(round_one.pixels([[1, 0, -0.5]])).any()


@pytest.mark.parametrize("make", [rectilinear, fisheye])
def test_field_of_view_is_edge_to_edge(make):
    lens = make(1920, 1080, horizontal_fov_rad=math.radians(84))
    assert math.degrees(lens.horizontal_fov_rad) == pytest.approx(84)
    edges = lens.rays([(-0.5, 539.5), (1919.5, 539.5)])
    assert math.degrees(math.acos(edges[0] @ edges[1])) == pytest.approx(84)


@given(st.floats(0.2, 4), st.integers(0, 1279), st.integers(0, 719))
def test_a_resized_lens_sees_the_same(scale, x, y):
    lens = Lens("fisheye", 1280, 720, (700, 700), (630, 366), (0.02, 0, 0, 0))
    width, height = round(1280 * scale), round(720 * scale)
    other = lens.resized(width, height)
    factor = max(width / 1280, height / 720)
    crop = np.array([(1280 * factor - width) / 2, (720 * factor - height) / 2])
    place = (np.array([x, y]) + 0.5) * factor - 0.5 - crop
    assert np.allclose(other.rays([place]), lens.rays([(x, y)]), atol=1e-9)


def test_another_shape_is_covered_and_cropped_about_the_middle():
    square = fisheye(1000, 1000, horizontal_fov_rad=2.0, circle_px=480).resized(1920, 1080)
    assert square.focal_px[0] == pytest.approx(1.92 * 500)
    assert square.centre_px == pytest.approx((959.5, 539.5))
    assert square.circle_px == pytest.approx(480 * 1.92)


def test_there_is_no_image_outside_the_circle():
    lens = assumed_lens(1000, 1000, circle_px=500)
    assert lens.shows([(500, 500), (10, 10), (-1, 500)]).tolist() == [True, False, False]
    assert math.degrees(lens.horizontal_fov_rad) == pytest.approx(ASSUMED_CIRCLE_FOV_DEG, rel=1e-3)
    wide = assumed_lens(1600, 1000, circle_px=400)
    assert math.degrees(wide.horizontal_fov_rad) == pytest.approx(ASSUMED_CIRCLE_FOV_DEG)


def test_assumptions_are_said():
    plain = assumed_lens(1920, 1080)
    assert plain.kind == "rectilinear" and math.degrees(plain.horizontal_fov_rad) == pytest.approx(ASSUMED_FOV_DEG)
    assert "80 degrees" in plain.assumed
    wide = assumed_lens(1920, 1080, camera="HERO7 Black", fov="W")
    assert wide.kind == "fisheye" and "118.2" in wide.assumed and "HERO7 Black" in wide.assumed
    assert assumed_lens(1920, 1080, camera="HERO7 Black", fov="L").kind == "rectilinear"
    recorded = assumed_lens(848, 480, camera="GoPro Max", fov="W", fov_diagonal_rad=math.radians(137.4))
    corners = recorded.rays([(-0.5, -0.5), (847.5, 479.5)])
    assert math.degrees(math.acos(corners[0] @ corners[1])) == pytest.approx(137.4, abs=0.1)
    assert "137 degrees" in recorded.assumed
    assert "'S'" in assumed_lens(1920, 1080, camera="HERO7 Black", fov="S").assumed


def profile(**changes):
    return {
        "name": "a lens",
        "calib_dimension": {"w": 1920, "h": 1080},
        "orig_dimension": {"w": 3840, "h": 2160},
        "fisheye_params": {
            "camera_matrix": [[870.0, 0, 961], [0, 871.0, 538], [0, 0, 1]],
            "distortion_coeffs": [0.03, 0.01, -0.02, 0.004],
        },
        **changes,
    }


def test_a_gyroflow_profile_is_read(tmp_path):
    path = tmp_path / "lens.json"
    path.write_text(json.dumps(profile()))
    lens = read_gyroflow_profile(path)
    assert lens == Lens("fisheye", 1920, 1080, (870, 871), (961, 538), (0.03, 0.01, -0.02, 0.004))
    assert lens.assumed == ""


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no json",
        "[]",
        "3",
        json.dumps(profile(calib_dimension={"w": 0, "h": 0})),
        json.dumps(profile(fisheye_params={})),
        json.dumps(profile(fisheye_params={"camera_matrix": [[1e999, 0, 0], [0, 1, 0]]})),
        json.dumps(profile(distortion_model="poly3")),
        json.dumps(profile(digital_lens="gopro_superview")),
        json.dumps(profile(calib_dimension="big")),
    ],
)
def test_what_is_no_profile_is_said(tmp_path, text):
    path = tmp_path / "lens.json"
    path.write_text(text)
    with pytest.raises(CannotRead, match=r"lens\.json"):
        read_gyroflow_profile(path)
    with pytest.raises(CannotRead):
        read_gyroflow_profile(tmp_path / "none.json")
