"""Turns and joins against the truth of the backlot: the benchmark on one scene, so that no change goes unnoticed."""

import pytest
from benchmarks import joins


@pytest.mark.slow
def test_a_scene_of_the_backlot_is_joined_as_its_truth_demands(tmp_path, capsys):
    assert joins.main(["--turns", "3", "--folder", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "100.0% joined within 1 frame" in said
    assert "within 50 ms" in said
