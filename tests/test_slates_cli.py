"""The verbs slate, sync, drift and compare as they are typed."""

import json

import numpy as np
import pytest

from headturn.camera import code
from recordings import Look, Shot, record
from terminal import headturn


@pytest.fixture
def film(tmp_path):
    folder = tmp_path / "film"
    assert headturn("new", folder, "--title", "Second Floor", "--fps", "30").code == 0
    for number, name in enumerate(("GX010001", "42A-1")):
        look = Shot(seconds=1.6, width=160, height=90, place=number, looks=(Look(0.8, 70),))
        record(tmp_path / "card" / f"{name}.MP4", look)
    assert headturn("takes", "--add", tmp_path / "card", "--film", folder).code == 0
    return folder


def test_a_take_is_slated_by_hand(film):
    said = headturn("slate", "GX010001", "42A-3", "--performer", "Anna", "--camera", "B", "--film", film)
    assert said.code == 0, said
    assert "GX010001.MP4 is 42A-3, performer Anna, camera B" in said.out
    again = headturn("slate", "GX010001", "42A-1", "--camera", "A", "--film", film)
    assert again.code == 2 and "42A-1 is 42A-1.MP4 already" in again.sentence


@pytest.mark.parametrize("order", [("--show", "42A-3"), ("42A-3", "--show")])
def test_the_code_shows_in_the_terminal_whole(film, order):
    said = headturn("slate", *order, "--film", film, columns=30)
    lines = [line for line in said.out.splitlines() if set(line) <= set(" ▀▄█") and line]
    rows = [[[letter in "▀█" for letter in line], [letter in "▄█" for letter in line]] for line in lines]
    image = np.where(np.array(rows).reshape(-1, len(lines[0])), 255, 0)
    found = code.read(np.kron(image, np.ones((4, 4))).astype(np.uint8))
    assert found is not None and (str(found.slate), found.film) == ("42A-3", "Second Floor")


def test_without_arguments_takes_without_a_slate_are_looked_through(film):
    said = headturn("slate", "--film", film, "--json")
    assert [each["said"] for each in json.loads(said.out)["files"]] == [None]
    files = headturn("slate", film.parent / "card" / "42A-1.MP4", "--read")
    assert files.code == 3 and "no code in its first and last" in files.out


def test_sync_and_drift_say_what_they_lack(film):
    card = film.parent / "card"
    said = headturn("sync", card / "42A-1.MP4", card / "GX010001.MP4")
    assert said.code == 3 and "cannot be laid on 42A-1.MP4" in said.out
    assert "Not one take tells" in headturn("drift", "--film", film).out
    refused = headturn("drift", "--rig", "mouth", "--film", film)
    assert refused.code == 2 and "no take on the rig mouth" in refused.sentence


def test_compare_asks_for_a_rehearsal(film):
    refused = headturn("compare", "42A-1", "--film", film)
    assert refused.code == 2 and "no rehearsal of 42A is marked" in refused.sentence
    said = headturn("compare", "42A-1", "GX010001", "--film", film, "--json")
    assert json.loads(said.out)["rehearsal"] == "GX010001.MP4"


@pytest.mark.parametrize("wrong", [("-o", "x.png"), ("--show",), ("a", "b", "c")])
def test_what_makes_no_sense_is_said(film, wrong):
    said = headturn("slate", *wrong, "--film", film)
    assert said.code == 2 and said.sentence
