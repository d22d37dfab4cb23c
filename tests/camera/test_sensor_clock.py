import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headturn.camera.sensor_clock import fit_clock


def test_a_late_first_payload_counts_for_nothing():
    """The counts of a real HERO7: 171 samples in the first payload, 216 in the second, of an even 198 Hz sensor."""
    lengths = np.array([171, 216, 198, 198, 198, 201, 198, 198, 198, 198, 201])
    starts = (np.cumsum(lengths) - lengths).astype(float)
    clock = fit_clock(starts, np.arange(11) * 1.001, 1 / 200)
    times = clock.at(np.arange(2175.0))
    assert 1 / np.diff(times).mean() == pytest.approx(198.3, abs=0.3)
    assert clock.residuals_s[1] == pytest.approx(1.001 - times[171], abs=1e-9) and clock.residuals_s[1] > 0.08
    assert np.max(np.abs(clock.residuals_s[2:])) < 0.012


def test_jitter_averages_out():
    rng = np.random.default_rng(7)
    starts = np.cumsum(rng.integers(190, 210, 600)).astype(float)
    true = 0.3 + starts / 197.7
    clock = fit_clock(starts, true + rng.exponential(0.004, 600) - 0.004 * np.log(2), 1 / 200)
    assert np.max(np.abs(clock.at(starts) - true)) < 0.0025


def test_a_slow_drift_is_followed_for_an_hour():
    starts = np.arange(3600) * 200.0
    true = starts / 200 + 0.08 * np.sin(starts / 200 / 900)
    clock = fit_clock(starts, true, 1 / 200)
    assert np.max(np.abs(clock.at(starts) - true)) < 1e-3


def test_wild_stamps_are_not_believed():
    starts = np.arange(60) * 200.0
    stamps = starts / 200
    stamps[[5, 20, 44]] = [1e6, -3e5, 17.0]
    clock = fit_clock(starts, stamps, 1 / 200)
    assert np.max(np.abs(clock.at(starts) - starts / 200)) < 1e-4
    assert sorted(np.argsort(np.abs(clock.residuals_s))[-3:]) == [5, 20, 44]


def test_one_stamp_runs_at_the_period_given():
    clock = fit_clock(np.array([100.0]), np.array([2.0]), 0.005)
    assert clock.at(np.array([99.0, 100, 300])).tolist() == pytest.approx([1.995, 2, 3])


def test_the_rate_holds_before_and_after():
    clock = fit_clock(np.array([0.0, 10, 20]), np.array([0.0, 1, 2]), 1.0)
    assert clock.at(np.array([-10.0, 30])).tolist() == pytest.approx([-1, 3])


@given(st.lists(st.tuples(st.integers(1, 500), st.floats(-1e9, 1e9)), min_size=1, max_size=40))
def test_any_stamps_give_finite_times(pairs):
    counts = np.cumsum([step for step, _ in pairs]).astype(float)
    clock = fit_clock(counts, np.array([stamp for _, stamp in pairs]), 0.005)
    assert np.all(np.isfinite(clock.at(np.arange(counts[0], counts[0] + 50))))
