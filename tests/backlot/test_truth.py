"""The truth: it can be kept, and it measures how far two frames are apart."""

from dataclasses import replace

import numpy as np
import pytest

from headturn.backlot import truth as truths
from headturn.backlot.shoot import truth_of
from headturn.backlot.truth import Truth, mismatch_px, splice_mismatch
from headturn.errors import CannotRead, CannotWrite
from headturn.rotation import compose, from_vector


@pytest.fixture(scope="module")
def truth(performance, camera):
    return truth_of(performance, camera, np.linspace(1, 2, 100))


def test_it_is_read_as_it_was_kept(truth, tmp_path):
    truth.save(tmp_path / "a.npz")
    again = Truth.load(tmp_path / "a.npz")
    assert again.lens == truth.lens and again.turns == truth.turns and again.readout_s == truth.readout_s
    for name in ("times_s", "performance_times_s", "positions", "world_from_camera", "gains"):
        assert np.array_equal(getattr(again, name), getattr(truth, name))
    assert [path.name for path in tmp_path.iterdir()] == ["a.npz"]


def test_what_is_no_truth_is_refused_in_a_sentence(tmp_path, truth):
    (tmp_path / "b.npz").write_bytes(b"nothing of the kind")
    with pytest.raises(CannotRead, match="no truth"):
        Truth.load(tmp_path / "b.npz")
    with pytest.raises(CannotWrite):
        truth.save(tmp_path / "missing" / "c.npz")


def test_a_frame_matches_itself_and_a_turned_one_by_its_angle(truth, world):
    assert mismatch_px(truth, 10, truth, 10, world) == pytest.approx(0, abs=1e-6)
    turned = compose(truth.world_from_camera, from_vector(np.array([0.0, np.radians(2), 0.0])))
    other = replace(truth, world_from_camera=turned)
    assert mismatch_px(truth, 10, other, 10, world) == pytest.approx(np.radians(2) * truth.lens.focal_mean_px, rel=0.4)
    assert splice_mismatch(truth, 10, other, 10, world) >= mismatch_px(truth, 10, other, 10, world)


def test_a_splice_also_counts_a_change_of_speed(truth, world):
    during = int(truth.turns[0].peak_s * 30)
    still = replace(
        truth,
        world_from_camera=np.repeat(truth.world_from_camera[during : during + 1], len(truth), axis=0),
        positions=np.repeat(truth.positions[during : during + 1], len(truth), axis=0),
    )
    assert mismatch_px(truth, during, still, during, world) == pytest.approx(0, abs=1e-6)
    assert splice_mismatch(truth, during, still, during, world) > 5


def test_frames_that_look_away_from_each_other_do_not_match(truth, world):
    back = compose(truth.world_from_camera, from_vector(np.array([0.0, np.pi, 0.0])))
    assert mismatch_px(truth, 5, replace(truth, world_from_camera=back), 5, world) == np.inf


def test_turns_of_the_script_are_the_turns_of_the_truth(truth):
    assert len(truth.turns) == 2
    for turn in truth.turns:
        assert 45 < np.degrees(turn.angle_rad) < 140
        assert abs(turn.axis[1]) > 0.9


def test_visible_points_fall_back_on_their_pixels(truth, world):
    points, pixels = truths.visible_points(truth, 20, world)
    assert np.allclose(truths.project(truth, 20, points), pixels, atol=1e-6)
