"""A small shoot through the whole office: what it says of the days is what its script knows."""

from types import SimpleNamespace

import numpy as np
import pytest
from benchmarks import shoot, shoot_truth
from benchmarks.shoot_footage import ROOMS, Backlot
from benchmarks.shoot_script import Amount, written

import makers
from headturn import rotation

UPRIGHT = rotation.from_vector(np.array([np.pi / 2, 0.0, 0.0]))
"""From the backlot's axes, z up, to a panorama's, y down."""


class Panorama(Backlot):
    """A place without depth: quick to be shot; all else as on the backlot."""

    @property
    def world(self):
        return SimpleNamespace(bounds=dict.fromkeys(ROOMS, ((0, 0, 0), (5, 4, 3))))

    def seen(self, performance, camera):
        walls = makers.panorama(5)
        for number in range(int((performance.duration_s - camera.start_s) * camera.rate)):
            (turn,) = performance.pose(np.array([camera.start_s + number / float(camera.rate)]))[1]
            yield makers.view(walls, camera.lens, rotation.compose(UPRIGHT, turn))

    def heard(self, performance, camera):
        return None


@pytest.mark.slow
def test_the_office_says_of_a_small_shoot_what_its_script_knows(tmp_path):
    script = written(Amount.of(2, 3, 7))
    told, right = shoot.run(script, Panorama(script, (256, 144)), tmp_path)
    assert right, told
    again, right = shoot.run(script, Panorama(script, (256, 144)), tmp_path)
    assert right and again == told, "what was done is not done again"


@pytest.mark.parametrize("seed", range(4))
def test_a_script_shoots_what_was_asked_for(seed):
    amount = Amount()
    script = written(amount, seed)
    meant = [take for take in script.takes if take.kind != "rehearsal"]
    assert (len(script.dates), len(script.shots), len(meant)) == (12, 40, 150)
    assert {take.shot for take in meant if take.kind_on(12) == "good"} == {*script.shots}
    files = [(each.roll[0], each.file) for each in script.recordings()]
    assert len({*files}) == len(files)
    dates = {take.begins.date() for take in script.takes if take.begins.hour >= 6}
    assert dates == {*script.dates}, "what is shot after midnight is of the day before"


def test_differences_find_every_wrong_figure():
    script = written(Amount.of(2, 3, 7))
    truth = shoot_truth.figures(script, 2, {})
    assert not [*shoot_truth.differences(truth, truth)]
    said = shoot_truth.figures(script, 2, {script.takes[1].name: 1})
    assert any("total used_s" in each for each in shoot_truth.differences(truth, said))
    said = shoot_truth.figures(script, 1, {})
    assert any(each.startswith("days") for each in shoot_truth.differences(truth, said))
    bin_too_many = truth | {"total": truth["total"] | {"binned": truth["total"]["binned"] | {"comfort": 1}}}
    assert [*shoot_truth.differences(truth, bin_too_many)] == ["total binned comfort: 1, and the script None"]
