"""Mount drift over a film's takes, and a take beside its rehearsal, from files through the catalogue."""

from math import radians
from pathlib import Path

import pytest

from headturn.errors import BadOption
from headturn.office import logbook, mounts, mounts_summary
from headturn.office.logbook import Marking
from headturn.office.slating import Typed, typed
from headturn.office.store import Store
from recordings import Look, Shot, record
from set_takes import performed, take, tilted


def nothing(*_) -> None:
    pass


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("drift")
    logbook.begin(folder / "film", "", "30", "")
    for number in range(1, 9):
        name = f"4{1 + number // 5}A-{number}.mp4"
        take(folder / "card" / name, performed(number), tilted(-4.0 if number >= 6 else 0.0, number))
    record(folder / "card" / "43-1.mp4", Shot(seconds=1, width=160, height=90))
    store = Store(folder / "film")
    logbook.add(store, folder / "card", "", nothing)
    return store


def test_the_mount_is_told_tilted_since_the_take_it_slipped_in(film, capsys):
    (mount,) = mounts.of_film(film, "", nothing).mounts
    assert [each.name for each in mount.takes if not each.rest] == ["43-1"]
    assert mounts_summary.sentences(mount) == ["Tilted 4° down since take 42A-6."]
    mounts_summary.show(mounts.of_film(film, "", nothing))
    assert "it has no gyro" in capsys.readouterr().out
    (rig,) = mounts_summary.as_json(mounts.of_film(film, "", nothing))["rigs"]
    assert rig["changes"][0]["since"] == "42A-6"
    assert rig["changes"][0]["tilt_deg"] == pytest.approx(-4, abs=1)


def test_files_need_no_film(film, tmp_path):
    files = sorted((film.folder.parent / "card").glob("*A-*.mp4"))
    (mount,) = mounts.of_files(files[:5], Store(tmp_path), nothing).mounts
    assert mounts_summary.sentences(mount) == ["It lies as it did, in all 5 takes."]


def test_a_rig_says_how_it_is_meant_to_lie(film):
    (film.folder / "rigs.toml").write_text("[mouth]\ntilt_deg = -30\n")
    for name in ("41A-1", "41A-2"):
        typed(film, name, Typed(rig="mouth"), "")
    (mount,) = mounts.of_film(film, "mouth", nothing).mounts
    assert mount.name.startswith("mouth")
    assert mounts_summary.sentences(mount)[-1].startswith("Meant to lie at -30°; the last takes lie 2")
    assert mount.off_rad == pytest.approx(radians(25), abs=radians(2))
    with pytest.raises(BadOption, match="no take on the rig chest"):
        mounts.of_film(film, "chest", nothing)
    logbook.undo(film.folder, None, "")
    logbook.undo(film.folder, None, "")


def rehearsed(tmp_path: Path) -> Store:
    """A rehearsal with two turns; a take that has the second one a second later, and one more to the left."""
    logbook.begin(tmp_path / "film", "", "30", "")
    looks = (Look(0.8, 70), Look(2.2, -60))
    other = (Look(0.8, 70), Look(3.2, -60), Look(4.4, -80))
    record(tmp_path / "card" / "42A-1.mp4", Shot(seconds=3.2, looks=looks))
    record(tmp_path / "card" / "42A-2.mp4", Shot(seconds=5.2, looks=other))
    store = Store(tmp_path / "film")
    logbook.add(store, tmp_path / "card", "", nothing)
    return store


def test_a_take_is_compared_with_the_rehearsal_of_its_shot(tmp_path, capsys):
    store = rehearsed(tmp_path)
    with pytest.raises(BadOption, match="no rehearsal of 42A is marked"):
        mounts.compared(store, "42A-2", "")
    logbook.mark(store.folder, "42A-1", Marking("rehearsal"), "")
    found = mounts.compared(store, "42A-2", "")
    assert found.rehearsal == "42A-1"
    assert len(found.found.pairs) == 2 and not found.found.missing and len(found.found.added) == 1
    late = found.found.pairs[1].later_s - found.found.pairs[0].later_s
    assert late == pytest.approx(1.0, abs=0.1)
    mounts_summary.show_compared(found)
    said = capsys.readouterr().out
    assert "2 of 2 rehearsed turns are there" in said and "not rehearsed: left" in said
    assert mounts_summary.compared_json(found)["pairs"][1]["take"]["words"].startswith("left")
    back = mounts.compared(store, "42A-1", "42A-2")
    assert len(back.found.missing) == 1
