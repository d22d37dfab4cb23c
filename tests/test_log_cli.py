"""The production log in a terminal: a film begun, takes added, circled, marked, binned, undone; tables in and out."""

import json
from fractions import Fraction

import pytest

from headturn.office.store import Store
from recordings import Look, Shot, record
from terminal import headturn


@pytest.fixture(scope="module")
def card(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cards") / "A001"
    folder.mkdir()
    record(folder / "42A-3.mp4", Shot(seconds=2, looks=(Look(1.0, 70),)))
    record(folder / "GX010123.mp4", Shot(seconds=1, rate=Fraction(25), looks=()))
    return folder


@pytest.fixture
def film(tmp_path, card, monkeypatch):
    monkeypatch.setenv("HEADTURN_FILM", str(tmp_path / "film"))
    monkeypatch.setenv("HEADTURN_STATION", "cart 1")
    assert headturn("new", tmp_path / "film", "--title", "Henry", "--fps", "30").code == 0
    assert headturn("takes", "--add", card).code == 0
    return Store(tmp_path / "film")


def takes():
    return {each["file"]: each for each in json.loads(headturn("takes", "--json").out)["takes"]}


@pytest.mark.parametrize(
    ("fps", "rate", "drop"),
    [("24000/1001", "24000/1001", False), ("23.976", "24000/1001", False), ("29.97df", "30000/1001", True)],
)
def test_a_film_is_begun_at_an_exact_rate(tmp_path, fps, rate, drop):
    said = json.loads(headturn("new", tmp_path / "film", "--fps", fps, "--json").out)
    assert (said["fps"], said["drop_frame"], said["title"]) == (rate, drop, "film")
    assert (tmp_path / "film" / "film.db").exists()
    again = headturn("new", tmp_path / "film")
    assert again.code == 1 and "begun here already" in again.sentence


def test_takes_are_slated_by_name_and_another_rate_is_told(film, card):
    assert (takes()["42A-3.mp4"]["slate"], takes()["GX010123.mp4"]["slate"]) == ("42A-3", None)
    again = json.loads(headturn("takes", "--add", card, "--json").out)
    assert again["new"] == [] and again["slated"] == {}
    assert again["notes"] == [
        "GX010123.mp4: was shot at 25 frames a second, the film 30, and is shown between its frames, slow to render;"
        " set the camera before the next take."
    ]


def test_marks_bin_and_undo(film):
    assert "42A-3: circled" in headturn("circle", "42a-3", "--by", "anna").out
    assert headturn("mark", "42A-3", "--in", "0.5s", "--out", "0:01.5", "--note", "hand in frame").code == 0
    take = takes()["42A-3.mp4"]
    assert (take["mark"], take["marked"], take["notes"]) == ("circled", ["1/2", "3/2"], ["hand in frame"])
    assert headturn("bin", "42A-3", "--why", "match", "--note", "looks left").code == 0
    assert takes()["42A-3.mp4"]["bin"] == "match"
    said = headturn("undo")
    assert "42A-3: binned, match, note: looks left" in said.out
    assert takes()["42A-3.mp4"]["bin"] is None and takes()["42A-3.mp4"]["notes"] == ["hand in frame"]
    lines = json.loads(headturn("takes", "--history", "42A", "--json").out)
    assert [each["verb"] for each in lines] == ["slate", "mark", "mark", "bin", "undo"]
    assert [each["stands"] for each in lines] == [True, True, True, False, True]
    assert lines[1]["who"] == "anna"
    assert headturn("undo", lines[4]["number"]).code == 0
    assert takes()["42A-3.mp4"]["bin"] == "match"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["circle", "42A-4"], "there is no take 42A-4; there is 42A-3"),
        (["mark", "42A-3", "--in", "99s"], "do not lie within the take"),
        (["mark", "42A-3", "--in", "noon"], "'noon' is no time"),
        (["mark", "42A-3", "--as", "fine"], "'fine' is no mark; use circled, keep"),
        (["bin", "42A-3", "--why", "ugly"], "'ugly' is no reason; use look, match"),
        (["undo", "99"], "decision 99 is not in the log"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(film, words, sentence):
    said = headturn(*words)
    assert said.code == 2 and sentence in said.sentence


def test_another_station_is_told_and_may_then_insist(film, monkeypatch):
    headturn("circle", "42A-3", "--by", "anna")
    monkeypatch.setenv("HEADTURN_STATION", "cart 2")
    said = headturn("bin", "42A-3", "--why", "look")
    assert said.code == 1 and "anna at cart 1" in said.sentence and "say it again" in said.sentence
    assert takes()["42A-3.mp4"]["bin"] is None
    assert headturn("bin", "42A-3", "--why", "look").code == 0


def test_the_table_that_was_written_is_no_news_when_read_back(film, tmp_path):
    headturn("mark", "42A-3", "--in", "1/3", "--as", "keep")
    headturn("mark", "42A-3", "--in", "0.333333333s", "--as", "keep", "--note", "one")
    headturn("mark", "42A-3", "--note", "two")
    table = tmp_path / "log.csv"
    assert headturn("takes", "--csv", table).code == 0
    assert "A001/42A-3.mp4,42A-3,,,,keep,,0.333,2.000,one / two" in table.read_text()
    assert json.loads(headturn("takes", "--read", table, "--json").out) == {"lines": 2, "decisions": 0, "wrong": []}


def test_good_lines_of_a_table_are_taken_and_bad_ones_told(film, tmp_path):
    table = tmp_path / "log.csv"
    table.write_text(
        "file;slate;performer;mark;in;out;bin\nGX010123.mp4;42A-4;ilya;keep;0.2;0.8;\nnone.mp4;1-1;;;;;\n"
        "42A-3.mp4;;;fine;;;\n42A-3.mp4;;;;;;comfort\n"
    )
    said = headturn("takes", "--read", table, "--by", "script")
    assert said.code == 1
    assert "log.csv, line 3: there is no take none.mp4" in said.out and "line 4: 'fine' is no mark" in said.out
    take = takes()["GX010123.mp4"]
    assert (take["slate"], take["slated_by"], take["performer"], take["marked"]) == (
        "42A-4",
        "table",
        "ilya",
        ["1/5", "4/5"],
    )
    assert takes()["42A-3.mp4"]["bin"] == "comfort"


def test_the_table_on_the_terminal_names_all(film):
    headturn("circle", "42A-3")
    said = headturn("takes", columns=160).out
    assert "◉ circled" in said and "GX010123.mp4" in said and "1 without a slate" in said
