"""The drive: by what, how much, and what it must not depend on."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headturn.errors import NoTelemetry
from headturn.review.provocation import CAUSES, drive
from headturn.review.viewing import screen
from motions import film, sines, walk

MIDDLE = screen("cinema:middle")
SEEDS = st.integers(0, 10_000)


@pytest.mark.parametrize("fps", [24, 24000 / 1001, 25, 50, 60, 120, 240])
def test_the_frame_rate_does_not_matter(fps):
    waves = [(0, 0.3, 15), (1, 0.1, 40), (2, 2.1, 5), (0, 5.3, 2)]
    usual = drive(film(sines(20, waves)), MIDDLE)
    other = drive(film(sines(20, waves, fps), fps), MIDDLE)
    assert len(other.total) == len(usual.total) == 20
    assert other.total[1:-1] == pytest.approx(usual.total[1:-1], rel=0.04)


def test_uneven_times_do_not_matter():
    random = np.random.default_rng(1)
    times_s = np.sort(np.append(random.uniform(0, 20, 1500), [0, 20]))
    rates = np.stack([0.3 * np.sin(2 * times_s), 0.5 * np.cos(0.7 * times_s), 0.1 * np.sin(9 * times_s)], axis=1)
    even = np.arange(0, 20.01, 1 / 60)
    same = np.stack([0.3 * np.sin(2 * even), 0.5 * np.cos(0.7 * even), 0.1 * np.sin(9 * even)], axis=1)
    a, b = drive(film(rates, times_s=times_s), MIDDLE), drive(film(same, times_s=even), MIDDLE)
    assert a.total[1:-1] == pytest.approx(b.total[1:-1], rel=0.03)


@given(SEEDS, st.floats(0, 1))
@settings(max_examples=25, deadline=None)
def test_less_of_the_same_motion_is_never_worse(seed, share):
    rates, speed = walk(12, seed), np.abs(np.sin(np.arange(360) / 7))
    all_of_it, less = (drive(film(part * rates, speed_over_depth=part * speed), MIDDLE) for part in (1.0, share))
    assert (less.total <= all_of_it.total + 1e-9).all()
    assert (less.conflict <= all_of_it.conflict + 1e-9).all()


@given(SEEDS, st.floats(0.02, 1.0))
@settings(max_examples=25, deadline=None)
def test_a_smoothed_path_is_never_worse(seed, width_s):
    rates = walk(20, seed) + 0.1 * np.random.default_rng(seed).standard_normal((600, 3))
    kernel = np.exp(-0.5 * (np.arange(-90, 91) / 30 / width_s) ** 2)
    padded = np.pad(rates, ((90, 90), (0, 0)), mode="symmetric")
    smooth = np.stack([np.convolve(padded[:, axis], kernel / kernel.sum(), "valid") for axis in range(3)], axis=1)
    assert drive(film(smooth), MIDDLE).total.mean() <= drive(film(rates), MIDDLE).total.mean() + 1e-6


@given(st.sampled_from([(0, 1), (1, 2), (0, 2)]), st.floats(0.05, 4), st.floats(1, 60), st.floats(1, 60))
@settings(max_examples=25, deadline=None)
def test_two_axes_are_not_better_than_one(axes, hertz, one, other):
    single = drive(film(sines(12, [(axes[0], hertz, one)])), MIDDLE)
    both = drive(film(sines(12, [(axes[0], hertz, one), (axes[1], hertz * 0.8, other)])), MIDDLE)
    assert (both.total >= single.total - 1e-9).all()


def test_the_parts_are_all_of_it():
    shown = film(walk(30), speed_over_depth=0.4)
    told = drive(shown, MIDDLE)
    assert set(told.parts) == set(CAUSES)
    assert sum(told.parts.values()) == pytest.approx(told.total)
    assert all((part >= 0).all() for part in told.parts.values())


@pytest.mark.parametrize(
    ("waves", "cause"),
    [
        ([(0, 0.2, 20)], "slow pitch"), ([(1, 0.2, 20)], "slow yaw"), ([(2, 0.2, 20)], "slow roll"),
        ([(0, 4, 10), (1, 5, 10)], "shake"), ([], "translation"),
    ],
)  # fmt: skip
def test_each_cause_is_told(waves, cause):
    told = drive(film(sines(20, waves), speed_over_depth=0.0 if waves else 1.5), MIDDLE)
    assert max(CAUSES, key=lambda each: told.parts[each].sum()) == cause
    assert told.parts[cause].sum() > 0.8 * told.total.sum()


def test_a_still_picture_has_no_drive():
    told = drive(film(np.zeros((300, 3)), speed_over_depth=np.nan), MIDDLE)
    assert told.total == pytest.approx(0) and not told.translation_known.any()


def test_a_tilted_view_makes_the_same_motion_worse():
    upright = film(walk(20))
    dutch = replace(upright, up=np.tile([0.5, -np.sqrt(0.75), 0], (600, 1)))
    assert (drive(dutch, MIDDLE).total > drive(upright, MIDDLE).total).all()
    unknown = drive(replace(upright, up=np.full((600, 3), np.nan)), MIDDLE)
    assert unknown.total == pytest.approx(drive(upright, MIDDLE).total)
    assert any("level" in note for note in unknown.notes)


def test_what_is_not_known_is_said_and_bridged():
    rates = walk(40)
    rates[300:600] = np.nan
    told = drive(film(rates, speed_over_depth=np.nan), MIDDLE)
    assert not told.known[10:20].any() and told.known[:9].all() and told.known[21:].all()
    assert np.isfinite(told.total).all()
    assert told.total[10:20] == pytest.approx(np.median(told.rotation[told.known]) * told.total[5] / told.rotation[5])
    assert any("25%" in note and "not known" in note for note in told.notes)
    assert any("Speed over depth" in note for note in told.notes)


def test_missing_frames_are_a_gap():
    rates, times_s = walk(40), np.arange(1200) / 30
    kept = (times_s < 12) | (times_s > 18)
    told = drive(film(rates[kept], times_s=times_s[kept]), MIDDLE)
    assert len(told.total) == 40 and not told.known[12:18].any() and told.known[:12].all() and told.known[18:].all()


def test_the_drive_is_local():
    rates = walk(60)
    other = rates.copy()
    other[-300:] += 1.0
    a, b = drive(film(rates), MIDDLE), drive(film(other), MIDDLE)
    assert a.total[:38] == pytest.approx(b.total[:38], abs=1e-6)


@pytest.mark.parametrize("frames", [0, 1])
def test_nothing_shown_is_a_clear_error(frames):
    with pytest.raises(NoTelemetry, match="two frames"):
        drive(film(np.zeros((frames, 3))), MIDDLE)


def test_no_motion_known_is_a_clear_error():
    with pytest.raises(NoTelemetry, match="Nothing is known"):
        drive(film(np.full((300, 3), np.nan)), MIDDLE)


@pytest.mark.parametrize("seconds", [0.1, 0.5, 0.9, 1.2, 1.9])
def test_the_shortest_films_have_a_drive(seconds):
    told = drive(film(walk(seconds)), MIDDLE)
    assert len(told.total) == max(1, round(seconds - 0.2)) and np.isfinite(told.total).all()
