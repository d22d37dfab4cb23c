"""The 6DoF-SVC model against its author's figures."""

import csv
from pathlib import Path

import numpy as np
import pytest

from headturn.review import svc

GRID = Path(__file__).resolve().parents[3] / "shared" / "comfort" / "svc" / "svc_in1_msi.csv"


def heave(hertz, rms_g, lasting_s):
    """Incidence (n,) of a head that is moved up and down."""
    times_s = np.arange(round(lasting_s / svc.STEP_S)) * svc.STEP_S
    force = np.zeros((len(times_s), 3))
    force[:, 2] = svc.GRAVITY * (1 + np.sqrt(2) * rms_g * np.sin(2 * np.pi * hertz * times_s))
    return svc.incidence(svc.conflict(force, np.zeros_like(force)))


def sway(hertz, axis, minutes=20, rms_deg=30.0, step_s=0.02):
    """Incidence at the end of a film that sways about one axis."""
    times_s = np.arange(0, minutes * 60, step_s)
    rates = np.zeros((len(times_s), 3))
    rates[:, axis] = np.radians(rms_deg) * np.sqrt(2) * np.sin(2 * np.pi * hertz * times_s)
    return svc.incidence(svc.film_conflict(rates, step_s), step_s)[-1]


def test_the_authors_condition():
    assert heave(0.2, 0.234, 7200)[-1] == pytest.approx(70.99, abs=0.005)


@pytest.mark.skipif(not GRID.exists(), reason="the grid does not lie beside the project")
def test_the_grid():
    with GRID.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 104
    for row in rows:  # all for half an hour; every eleventh for two hours
        incidence = heave(
            float(row["freq_hz"]), float(row["amp_rms_g"]), 7200 if int(rows.index(row)) % 11 == 0 else 1800
        )
        assert incidence[179_999] == pytest.approx(float(row["msi_30min"]), abs=0.002)
        if len(incidence) > 180_000:
            assert incidence[-1] == pytest.approx(float(row["msi_120min"]), abs=0.002)


def test_at_rest_nothing_happens():
    force = np.tile([0.0, 0.0, svc.GRAVITY], (60_000, 1))
    assert svc.incidence(svc.conflict(force, np.zeros_like(force))).max() < 1e-9


def test_turning_about_the_plumb_line_is_no_conflict():
    rates = np.zeros((30_000, 3))
    rates[:, 2] = 0.5
    force = np.tile([0.0, 0.0, svc.GRAVITY], (30_000, 1))
    assert svc.conflict(force, rates).max() < 1e-9


def test_a_film_is_worst_where_people_find_it_worst():
    hertz = (0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
    by_pitch = [sway(each, 0) for each in hertz]
    assert 0.1 <= hertz[int(np.argmax(by_pitch))] <= 0.4
    assert by_pitch == pytest.approx([0.59, 5.98, 17.3, 32.9, 40.2, 31.3, 18.5, 7.7], rel=0.02)
    assert [sway(each, 2) for each in hertz[2:5]] == pytest.approx(by_pitch[2:5], rel=1e-6)


def test_a_film_s_level_turns_are_no_conflict():
    assert sway(0.2, 1) < 1e-9


def test_rest_heals_and_time_adds():
    there = svc.incidence(np.r_[np.full(60_000, 0.5), np.zeros(600_000)])
    assert (np.diff(there[:60_000]) >= 0).all()
    assert there[-1] < there.max() / 10
