"""`headturn rigs`: takes of one action side by side; the page, the JSON, the words, and what is refused."""

import json

import pytest

from recordings import Look, Shot, record
from terminal import headturn


@pytest.fixture(scope="module")
def takes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rigs")
    record(folder / "mouth.mp4", Shot(seconds=5, looks=(Look(2.0, 70), Look(4.0, -70))))
    record(folder / "helmet.mp4", Shot(seconds=5, phase=1, looks=(Look(2.0, 40, 0.6),)))
    return folder


def test_two_rigs_stand_beside_each_other(takes):
    out = takes / "rigs.html"
    said = headturn("rigs", takes / "mouth.mp4", takes / "helmet.mp4", "-o", out, "--json")
    assert said.code == 0, said
    mouth, helmet = json.loads(said.out)["rigs"]
    assert (mouth["name"], helmet["name"]) == ("mouth.mp4", "helmet.mp4")
    assert mouth["turns"] > helmet["turns"] >= 1
    assert mouth["reach_deg"] > helmet["reach_deg"] > 20
    assert mouth["now_max"] > 0 and mouth["tilt_deg"] is None
    page = out.read_text()
    assert page.count("<video") == 2
    assert "nothing tells where up is in mouth.mp4, helmet.mp4" in page


def test_the_terminal_has_a_row_for_each_criterion(takes, tmp_path):
    said = headturn("rigs", takes / "mouth.mp4", takes / "helmet.mp4", "-o", tmp_path / "r.html", columns=200)
    for row in ("highest discomfort now", "shake", "steps", "head turns", "widest turn", "lies at rest", "of the body"):
        assert row in said.out
    assert "reaches furthest" in said.out


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (("mouth.mp4",), "give two or more"),
        (("mouth.mp4", "mouth.mp4"), "given twice"),
        (("mouth.mp4", "gone.mp4"), "gone.mp4"),
    ],
)
def test_what_cannot_be_compared_is_said(takes, tmp_path, names, says):
    said = headturn("rigs", *(takes / name for name in names), "-o", tmp_path / "r.html")
    assert said.code and says in said.sentence
    assert not (tmp_path / "r.html").exists()
