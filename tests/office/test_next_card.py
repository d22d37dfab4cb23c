"""What the next take must start with, through the real command line on takes whose turns are known."""

import json

import cv2
import numpy as np
import pytest

from headturn.camera import slate
from recordings import Look, Shot, record
from terminal import headturn

ENDS_RIGHT = Shot(looks=(Look(0.5, -40), Look(2.2, 70)))
FOLLOWS = Shot(looks=(Look(0.5, 70), Look(2.2, 70)), facing_deg=70)


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """Two shots of scene 1; 1A ends on a turn of 70 degrees."""
    folder = tmp_path_factory.mktemp("next")
    (folder / "takes").mkdir()
    record(folder / "takes" / "1A-1.mp4", ENDS_RIGHT)
    record(folder / "takes" / "1B-1.mp4", FOLLOWS)
    assert headturn("new", folder / "film", "--title", "Turns <1>", "--fps", "30").code == 0
    assert headturn("takes", "--film", folder / "film", "--add", folder / "takes").code == 0
    return folder / "film"


def test_the_card_names_the_last_turn_of_the_take_before(film, tmp_path):
    page = tmp_path / "next.html"
    said = headturn("next", "1b", "--film", film, "-o", page, "--json")
    assert said.code == 0, said.err
    card = json.loads(said.out)
    assert (card["shot"], card["after"], card["out"]["by"]) == ("1B", "1A-1", "its last turn")
    turn = card["turn"]
    assert turn["direction"] == "right" and turn["reach_deg"] == pytest.approx(70, abs=4)
    assert 0 < turn["after_out_deg"] < turn["reach_deg"]
    assert card["scene_elapsed"]["by"] == "takes added up, not yet cut"
    text = page.read_text()
    assert "Turns &lt;1&gt;" in text and "Turns <1>" not in text and "http" not in text.replace("http-equiv", "")


def test_a_turn_that_the_end_cuts_off_is_not_where_the_take_is_left(tmp_path):
    """There are no frames beyond it for a seam."""
    record(tmp_path / "takes" / "1A-1.mp4", Shot(looks=(Look(2.0, 70), Look(2.95, -70))))
    headturn("new", tmp_path / "film", "--fps", "30")
    headturn("takes", "--film", tmp_path / "film", "--add", tmp_path / "takes")
    card = json.loads(headturn("next", "1B", "--film", tmp_path / "film", "-o", tmp_path / "n.html", "--json").out)
    assert (card["out"]["by"], card["turn"]["direction"]) == ("its last turn", "right")


def test_a_locked_shot_is_left_where_it_was_locked_and_hands_are_kept(film, tmp_path):
    for words in (("assemble",), ("lock", "1B")):
        done = headturn(*words, "--film", film)
        assert done.code == 0, done.err
    said = headturn("next", "1B", "--film", film, "--hands", "torch <left>", "-o", tmp_path / "n.html", "--json")
    card = json.loads(said.out)
    assert (card["out"]["by"], card["after_is"], card["hands"]) == ("locked", "locked", "torch <left>")
    assert card["scene_elapsed"]["by"] == "in the cut"
    again = json.loads(headturn("next", "1B", "--film", film, "-o", tmp_path / "n.html", "--json").out)
    assert again["hands"] == "torch <left>" and "torch &lt;left&gt;" in (tmp_path / "n.html").read_text()


def test_pictures_for_a_phone_and_a_monitor(film, tmp_path):
    card, overlay = tmp_path / "card.png", tmp_path / "over.png"
    for _ in range(2):  # its own pictures are written over
        said = headturn("next", "1B", "--film", film, "-o", card, "--overlay", overlay, "--opacity", "0.25")
        assert said.code == 0, said.err
    assert cv2.imread(str(card)).shape == (1920, 1080, 3)
    seen_through = cv2.imread(str(overlay), cv2.IMREAD_UNCHANGED)
    assert np.all(seen_through[..., 3] == 64) and seen_through[..., :3].std() > 5


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("1A",), "no shot before 1A"),
        ((" ",), "say which shot comes next"),
        (("1B", "--after", "7Z-1"), "there is no take 7Z-1"),
        (("1B", "-o", "card.pdf"), "written as .html or .png"),
        (("1B", "--overlay", "o.png", "--opacity", "2"), "opacity"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(film, tmp_path, monkeypatch, words, sentence):
    monkeypatch.chdir(tmp_path)
    said = headturn("next", *words, "--film", film)
    assert said.code in (1, 2) and sentence in said.err and "Traceback" not in said.err


def test_the_card_writes_over_no_other_picture(film, tmp_path):
    mine = tmp_path / "mine.png"
    cv2.imwrite(str(mine), np.zeros((8, 8, 3), np.uint8))
    before = mine.read_bytes()
    assert headturn("next", "1B", "--film", film, "-o", mine).code == 1
    assert mine.read_bytes() == before


@pytest.mark.parametrize(("shot", "scene"), [("42B", "42"), ("A42C", "A42"), ("7", "7"), ("kitchen 2", "kitchen 2")])
def test_the_scene_of_a_shot(shot, scene):
    assert slate.scene(shot) == scene
    assert slate.known_shot(shot.lower()) == (shot if shot[0] != "k" else shot.lower())
