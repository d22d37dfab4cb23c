"""The course of discomfort: the two states against their equations, and the ride and clips that people rated."""

from dataclasses import replace

import numpy as np
import pytest
from benchmarks import rated
from scipy.integrate import solve_ivp

from headturn.review.course import DEFAULTS, SPREADS, build_up_latent, now_latent, on_scale, provoked
from headturn.review.provocation import BETA, drive
from headturn.review.viewing import HEADSET

here = pytest.mark.skipif(not rated.FOLDER.is_dir(), reason="the ratings do not lie beside the project")


def test_now_solves_its_equation():
    works = np.repeat([1.0, 2.5, 0.3], 20)
    c = DEFAULTS
    told = solve_ivp(
        lambda t, f: c.gain * works[min(int(t), 59)] ** c.exponent - f / c.tau_s, (0, 60), [0.0], max_step=0.1,
        t_eval=np.arange(1, 61),
    )  # fmt: skip
    assert now_latent(works) == pytest.approx(told.y[0], rel=2e-3)


def test_build_up_solves_its_equation():
    works, conflict, c = np.full(600, 1.5), np.full(600, 0.2), replace(DEFAULTS, power=1.0, scale=1.0)
    h = 1.5**2 + c.tilt * 0.2

    def slope(_, y):
        fast = c.fast_gain * h * y[1]
        return [(h - y[0]) / c.slow_s, (y[0] - y[1]) / c.slow_s, (fast - y[2]) / c.fast_s, (y[2] - y[3]) / c.fast_s]

    told = solve_ivp(slope, (0, 600), np.zeros(4), max_step=1.0, t_eval=[600])
    assert build_up_latent(works, conflict, c)[-1] == pytest.approx(told.y[1, 0] + told.y[3, 0], rel=5e-3)


def test_scales_end():
    assert on_scale(np.array([0.0, 1e9])) == pytest.approx([0, 20])
    assert on_scale(np.array([0.01]), 100) == pytest.approx([0.05], rel=1e-3)


def test_every_spread_is_of_a_constant():
    assert set(SPREADS) <= set(vars(DEFAULTS))


@here
def test_constants_changed_later_are_those_the_drive_could_have_been_made_with():
    clip = rated.clips(rated.FOLDER / "vdvr")[0]
    shown = replace(clip.shown, focal_widths=np.full(300, 0.5))
    late = provoked(drive(shown, HEADSET), replace(DEFAULTS, beta=0.9))
    early = provoked(drive(shown, HEADSET, beta=0.9), replace(DEFAULTS, beta=0.9))
    assert late == pytest.approx(early, rel=1e-6)
    assert DEFAULTS.beta == BETA


def test_poses_are_turned_into_camera_axes():
    from headturn import rotation

    ahead = rated.orientations(np.array([[90.0, 0.0, 0.0], [90.0, 0.0, 90.0]]))  # upright, looking along y, then -x
    assert rotation.apply(ahead, np.tile([0.0, 0.0, 1.0], (2, 1))) == pytest.approx(np.array([[0, 1, 0], [-1, 0, 0]]))
    assert rotation.apply(ahead, np.tile([0.0, -1.0, 0.0], (2, 1))) == pytest.approx(np.array([[0, 0, 1], [0, 0, 1]]))
    left = rated.orientations(np.stack([np.full(10, 90.0), np.zeros(10), np.arange(10.0)], axis=1))
    assert rotation.angular_velocity(np.arange(10) / 10, left)[5] == pytest.approx([0, -np.radians(10), 0], abs=1e-9)


@here
def test_the_drive_agrees_with_those_who_rated_clips():
    clips = rated.clips(rated.FOLDER / "vdvr")
    drives = [drive(clip.shown, HEADSET).total.mean() for clip in clips]
    assert np.corrcoef(drives, [clip.rating for clip in clips])[0, 1] < -0.89


@here
def test_now_follows_those_who_rated_the_ride():
    ridden = rated.ride(rated.FOLDER / "rof")
    assert ridden.fms.shape == (72, rated.RIDE_S)
    told = on_scale(now_latent(provoked(drive(ridden.shown, HEADSET))))
    mean = ridden.fms.mean(axis=0)
    assert np.corrcoef(told, mean)[0, 1] > 0.985
    assert np.sqrt(np.mean((told - mean) ** 2)) < 0.5
