"""The cut as it grows, and the verdict on a new take, through the real command line on takes that share turns."""

import json
from dataclasses import replace

import pytest

import shoots
from headturn.office import match
from headturn.office.log import Log
from recordings import Look, Shot, record
from terminal import headturn

FIRST = Shot(looks=(Look(0.5, 70), Look(2.2, 70)))
SECOND = Shot(looks=(Look(0.5, 70), Look(2.2, 70)), facing_deg=70)
THIRD = Shot(looks=(Look(0.5, 70), Look(2.2, 70)), facing_deg=140)


@pytest.fixture(scope="module")
def shot(tmp_path_factory):
    """Three shots that share turns; of the second a take that turns the other way, and one in another place."""
    folder = tmp_path_factory.mktemp("shot")
    takes = {
        "1A-1": FIRST,
        "1B-1": SECOND,
        "1B-2": replace(SECOND, looks=(Look(0.5, -70), Look(2.2, 70))),
        "1B-3": replace(SECOND, place=2),
        "1C-1": THIRD,
    }
    for slate, take in takes.items():
        record(folder / f"{slate}.mp4", take)
    return folder


@pytest.fixture
def film(tmp_path, shot):
    """A film whose log has all of them."""
    assert headturn("new", tmp_path / "film", "--title", "Turns", "--fps", "30").code == 0
    assert headturn("takes", "--film", tmp_path / "film", "--add", shot).code == 0
    return tmp_path / "film"


def told(*words: object) -> dict:
    """What a verb says to scripts."""
    said = headturn(*words, "--json")
    assert said.code == 0, said.err
    return json.loads(said.out)


def shots(cut: dict) -> list[tuple]:
    return [(each["take"], each["start_frame"], each["source"][0]) for each in cut["shots"]]


def test_right_takes_match_and_wrong_ones_are_never_seamless(film):
    right = told("match", "1B-1", "--film", film, "--no-loops")
    assert right["verdict"] in ("seamless", "workable") and right["after"] == "1A-1"
    assert "s into the take, on the first turn" in right["told"][0]
    other_way = told("match", "1B-2", "--after", "1A-1", "--film", film, "--no-loops")
    assert other_way["verdict"] != "seamless"
    elsewhere = told("match", "1B-3", "--after", "1A-1", "--film", film, "--no-loops")
    assert elsewhere["verdict"] != "seamless"


def test_a_first_look_is_told_at_once_and_the_last_answer_stands(film):
    said = headturn("match", "1B-3", "--after", "1A-1", "--film", film, "--no-loops")
    first, last = said.out.index("no match so far"), said.out.rindex("1A-1 → 1B-3")
    assert "So far only turns were looked at" in said.out[first:last]
    assert "so far" not in said.out[last:]


def test_what_was_not_searched_is_said(film):
    found = told("match", "1B-1", "--film", film, "--no-loops", "--window", "2")
    assert found["not_searched"] == [
        "1A-1 has no motion data: only 1.0 to 3.0 s of it were searched.",
        "1B-1 has no motion data: only 0.0 to 2.0 s of it were searched.",
    ]


def test_a_second_camera_stands_for_a_shot_where_it_is_circled_or_the_first_is_in_the_bin():
    first, second = shoots.entry("a", None, "1A", 3), shoots.entry("b", None, "1A", 3, unit="B")
    for marks_a, marks_b, stands, why in (
        ({}, {}, "a", "the latest"),
        ({"mark": "circled"}, {"mark": "circled"}, "a", "circled"),
        ({}, {"mark": "circled"}, "b", "circled"),
        ({"binned": "technical"}, {}, "b", "the latest"),
    ):
        entries = (replace(first, **marks_a), replace(second, **marks_b))
        entry, chosen_by = match.standing_for(Log(entries), "1B")
        assert (entry.footage.id, chosen_by) == (stands, why)


def test_of_what_was_searched_only_that_is_said(film):
    found = told("match", "1B-1", "--film", film, "--no-loops", "--window", "0.3")
    assert "1B-1: there is no head turn in what was searched of it." in found["notes"]


def test_a_circled_take_that_is_passed_over_is_told(film):
    headturn("circle", "1B-3", "--film", film)
    cut = told("assemble", "--film", film)
    (shown,) = (shot["take"] for shot in cut["shots"] if shot["shot"] == "1B")
    assert shown == "1B-1"
    assert cut["passed_over"] == [
        f"{shown} is shown though 1B-3 is circled: it joins much better; bin {shown} to have 1B-3"
    ]
    assert "though 1B-3 is circled" in headturn("assemble", "--film", film).out


def test_the_first_shot_has_nothing_before_it(film):
    said = headturn("match", "1A-1", "--film", film)
    assert said.code == 1 and "--after TAKE" in said.err
    said = headturn("match", "1A-2", "--film", film)
    assert said.code == 2 and "there is no take 1A-2; there is " in said.err and "1A-1" in said.err


def test_the_cut_grows_around_what_is_locked(film):
    headturn("bin", "1C-1", "--why", "performance", "--film", film)
    before = told("assemble", "--film", film)
    assert [each["take"] for each in before["shots"]] == ["1A-1", "1B-1"]
    assert before["missing"] == ["1C"]
    assert shots(told("assemble", "--film", film)) == shots(before), "the same inputs give the same cut"
    locked = headturn("lock", "1B", "--film", film)
    assert locked.code == 0 and "1A: locked." in locked.out and "1B: locked." in locked.out
    assert "locked already" in headturn("lock", "1B", "--film", film).out
    headturn("mark", "1C-1", "--as", "keep", "--film", film)
    after = told("assemble", "--film", film)
    assert shots(after)[:2] == shots(before) and after["shots"][2]["take"] == "1C-1"
    assert [each["locked"] for each in after["shots"]] == [True, True, False]
    assert "1C-1 is new" in after["changed"]
    headturn("circle", "1B-2", "--film", film)
    assert shots(told("assemble", "--film", film)) == shots(after), "a locked shot stays"
    assert headturn("unlock", "1B", "--film", film).code == 0
    assert headturn("unlock", "1B", "--film", film).code == 2


def test_what_nobody_has_seen_cannot_be_locked(film):
    assert "has changed since" in headturn("lock", "1A", "--film", film).err
    told("assemble", "--film", film)
    headturn("bin", "1B-1", "--why", "match", "--film", film)
    said = headturn("lock", "1B", "--film", film)
    assert said.code == 2 and "has changed since" in said.err
    assert "it has 1A, 1B, 1C" in headturn("lock", "9Z", "--film", film).err


def test_render_makes_the_film_of_the_log(film):
    headturn("bin", "1B-2", "--why", "match", "--film", film)
    made = told("render", "--film", film)
    assert made["film"] == str(film / "film.mp4") and (film / "film.mp4").stat().st_size > 1000
    assert (film / "report.html").exists() and (film / "film.otio").exists()
    assert told("render", "--film", film)["changed"] == []


def test_watch_takes_in_matches_and_assembles_once(tmp_path, shot):
    film = tmp_path / "film"
    headturn("new", film, "--fps", "30")
    said = headturn("watch", shot, "--once", "--film", film, "--json")
    every = [json.loads(line) for line in said.out.splitlines()]
    events = [each for each in every if each.get("final", True)]
    assert [each["event"] for each in events] == ["arrived", "trouble", *["matched"] * 4, "assembled"]
    so_far = [each for each in every if each not in events]
    assert so_far and all(each["verdict"] != "seamless" and "So far" in each["not_searched"][-1] for each in so_far)
    assert "1A-1" in events[1]["said"], "the first shot has none before it"
    verdicts = {each["take"]: each["verdict"] for each in events if each["event"] == "matched"}
    assert verdicts["1B-1"] != "no match" and verdicts["1B-2"] != "seamless" != verdicts["1B-3"]
    again = headturn("watch", shot, "--once", "--film", film, "--json")
    assert [json.loads(line)["event"] for line in again.out.splitlines()] == ["arrived"], "nothing is told twice"
    assert len(told("takes", "--film", film)["takes"]) == 5


def test_watch_says_once_what_is_not_there(film, tmp_path):
    said = headturn("watch", tmp_path / "unplugged", "--once", "--film", film)
    assert said.out.count("waiting for it") == 1
