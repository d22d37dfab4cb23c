"""Offload, assemble and watch killed at random moments: nothing is lost, doubled, torn or wrongly called verified."""

import random

import pytest
from benchmarks import killed, killed_cutting

from disks import disk_in_memory


def test_kill_9_at_random_moments(tmp_path):
    chance = random.Random(7)
    card = killed.shot(tmp_path / "card", clips=3, small=150)
    (tmp_path / "one").mkdir()
    with disk_in_memory(tmp_path / "two") as two:
        here = killed.placed(tmp_path / "film", card, (tmp_path / "one", two))
        found = killed.killed(here, [chance.uniform(0.0, 0.4) for _ in range(8)])
    assert found["moments"]
    assert not killed.wrong(found)


@pytest.mark.parametrize("verb", ["assemble", "watch"])
def test_the_cut_grows_though_it_is_killed(tmp_path, verb):
    found, _ = killed_cutting.counted(tmp_path / verb, verb, 3, random.Random(3), takes=3)
    assert found["moments"] == 3
    assert not killed.wrong(found)


def test_the_counting_itself_finds_what_is_wrong(tmp_path):
    card = killed.shot(tmp_path / "card", clips=1, small=3)
    here = killed.placed(tmp_path / "film", card)
    assert not killed.wrong(killed.killed(here, []))
    torn = here.disks[0] / killed.ROLL / "MISC" / "0001.THM"
    torn.write_bytes(b"torn")
    (here.disks[1] / killed.ROLL / "MISC" / "0002.THM").unlink()
    (here.disks[1] / killed.ROLL / "MISC" / "0002 copy.THM").write_bytes(b"doubled")
    found = killed.looked_at(here) + killed.at_the_end(here)
    assert set(killed.wrong(found)) == {"torn", "wrongly verified", "lost", "doubled"}
