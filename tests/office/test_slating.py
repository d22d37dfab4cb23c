"""Takes are slated by hand and by filmed codes, into the catalogue."""

from math import radians
from pathlib import Path

import cv2
import numpy as np
import pytest
from benchmarks.codes import Held, shoot

from headturn.camera import code
from headturn.camera.code import Said
from headturn.camera.lens import fisheye
from headturn.camera.take import Slate
from headturn.errors import BadOption, DecidedMeanwhile
from headturn.office import logbook, slating
from headturn.office.arrivals import named
from headturn.office.catalogue import Station, opened
from headturn.office.log import of_clip
from headturn.office.slating import Typed
from headturn.office.store import Store
from recordings import Shot, record

LENS = fisheye(960, 540, horizontal_fov_rad=radians(100))


def nothing(*_) -> None:
    pass


@pytest.fixture
def store(tmp_path: Path) -> Store:
    logbook.begin(tmp_path / "film", "Second Floor", "30", "")
    for number, name in enumerate(("GX010001", "GX010002", "42A-1")):
        record(tmp_path / "card" / f"{name}.MP4", Shot(seconds=0.5, width=160, height=90, place=number))
    store = Store(tmp_path / "film")
    (store.folder / "rigs.toml").write_text('[mouth]\ncamera = "HERO12"\nunit = "B"\n')
    logbook.add(store, tmp_path / "card", "", nothing)
    return store


def entry(store: Store, name: str):
    return named(logbook.standing(store), name)


def test_what_is_typed_stands_in_the_log(store):
    slated = slating.typed(store, "GX010001", Typed("42a-3", "Anna", "mouth"), "ben")
    found = entry(store, "GX010001.MP4")
    assert (found.slate, found.performer, found.rig, found.unit) == (Slate("42A", 3), "Anna", "mouth", "B")
    assert found.how == "typed" and slated.name == "42A-3"
    slating.typed(store, "42A-3B", Typed(performer="Cleo"), "ben")
    again = entry(store, "GX010001.MP4")
    assert (again.slate, again.performer) == (Slate("42A", 3), "Cleo")
    assert logbook.standing(store).decisions[-1].who == "ben"


def test_a_slate_without_a_take_number_is_taken_and_said(store):
    said = slating.typed(store, "GX010001", Typed("42A3"), "")
    assert said.name == "42A3-1" and "no take number was typed, so it is 42A3-1" in said.notes[0]
    assert not slating.typed(store, "GX010001", Typed("42A-3"), "").notes
    assert not slating.typed(store, "GX010001", Typed(performer="Anna"), "").notes


def test_two_cameras_share_a_slate_and_two_takes_of_one_camera_do_not(store):
    with pytest.raises(BadOption, match=r"42A-1 is 42A-1\.MP4 already"):
        slating.typed(store, "GX010001", Typed("42A-1"), "")
    slating.typed(store, "GX010001", Typed("42A-1", unit="B"), "")
    assert entry(store, "42A-1B").footage.name == "GX010001.MP4"
    with pytest.raises(BadOption, match="already"):
        slating.typed(store, "GX010002", Typed("42A-1", unit="B"), "")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (Typed(), "nothing is said"),
        (Typed(slate="  "), "is no slate"),
        (Typed("42A-3", unit="X"), "no camera of a rig"),
        (Typed("42A-3", rig="helmet"), "no rig helmet"),
    ],
)
def test_what_makes_no_sense_is_said_and_not_written(store, said, why):
    before = len(logbook.standing(store).decisions)
    with pytest.raises(BadOption, match=why):
        slating.typed(store, "GX010001", said, "")
    assert len(logbook.standing(store).decisions) == before


def test_the_second_station_is_told(store):
    clip = entry(store, "GX010001").footage.id
    with opened(store, Station("cleo", "truck")) as catalogue:
        catalogue.log()
        catalogue.decide("slate", of_clip(clip), {"slate": "43-1", "how": "typed"})
    with pytest.raises(DecidedMeanwhile, match="cleo at truck"):
        slating.typed(store, "GX010001", Typed("42A-3"), "")


def test_the_code_of_a_slate_names_film_and_take(store, tmp_path):
    shown = slating.shown(store, Typed("42A-4", "Anna", "mouth"), tmp_path / "slate.png")
    assert shown.said == Said("Second Floor", Slate("42A", 4), "Anna", "B")
    assert code.read(np.asarray(cv2.imread(str(tmp_path / "slate.png"), cv2.IMREAD_GRAYSCALE))) == shown.said
    with pytest.raises(BadOption, match=r"\.svg or \.png"):
        slating.shown(store, Typed("42A-4"), tmp_path / "slate.jpg")


def test_filmed_codes_slate_what_has_no_slate_but_not_another_films(tmp_path):
    logbook.begin(tmp_path / "film", "Second Floor", "30", "")
    store, card = Store(tmp_path / "film"), tmp_path / "card"
    card.mkdir()
    logbook.add(store, card, "", nothing)
    shoot(card / "GX010001.MP4", LENS, Said("Second Floor", Slate("42A", 3), "Anna", "B"), Held(distance_m=0.2), 6, 1)
    shoot(card / "GX010002.MP4", LENS, Said("Another", Slate("1", 1)), Held(distance_m=0.2), 6, 2)
    record(card / "GX010003.MP4", Shot(seconds=0.5, width=160, height=90))
    read = slating.read_files([card / "GX010001.MP4", card / "GX010003.MP4", card / "none.mp4"], nothing)
    assert [each.said and each.said.performer for each in read] == ["Anna", None, None]
    assert "is not there" in read[2].failed
    logbook.add(store, card, "", nothing)
    for each in logbook.standing(store).entries:  # what arrivals slated by code is taken back, to be read again
        if each.how == "code":
            with opened(store) as catalogue:
                log = catalogue.log()
                (number,) = [d.number for d in log.decisions if d.subject == of_clip(each.footage.id)]
                catalogue.decide("undo", of_clip(each.footage.id), {"undoes": number})
    ours, other, none = slating.read_unslated(store, "", nothing)
    assert ours.slated and ours.slated.name == "42A-3"
    assert "of the film Another" in other.failed
    assert none.said is None and not none.failed
    found = entry(store, "GX010001")
    assert (found.slate, found.performer, found.unit, found.how) == (Slate("42A", 3), "Anna", "B", "code")
