"""The verbs joins and seam, with real files through the real command line."""

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from headturn.camera import card
from headturn.office import answers
from headturn.office.answers import Answer, BlindTest, Book, Pair, Sitting
from headturn.office.store import Store
from outsider import reel, whole
from recordings import Look, Shot, record, record_sound
from terminal import headturn

SHOT = Shot(seconds=3, looks=(Look(0.8, 70), Look(2.0, 70)), tone_hz=220)
STILL = Shot(seconds=1, looks=(), width=160, height=90)
BLACK = np.zeros((90, 160, 3), np.uint8)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Two takes that share a turn, one of another place without a turn, and what is no take; run from an own folder."""
    folder = tmp_path_factory.mktemp("meeting")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        patch.chdir(folder)
        record(Path("1A-1.mp4"), SHOT)
        record(Path("2A-1.mp4"), replace(SHOT, facing_deg=70, phase=1))
        record(Path("calm.mp4"), replace(STILL, place=3))
        record(Path("black.mp4"), STILL, [BLACK])
        record(Path("three.mp4"), replace(STILL, seconds=0.1))
        record_sound(Path("sound.mp4"), 220, 0.5)
        Path("empty.mp4").touch()
        Path("copy.mp4").write_bytes(Path("1A-1.mp4").read_bytes())
        yield folder


def told(*words):
    said = headturn(*words, "--json", "--no-loops")
    assert (said.code, said.err) == (0, "")
    return json.loads(said.out)


def test_two_takes_meet_in_the_turn_that_they_share(place):
    found = told("joins", "1A-1.mp4", "2A-1.mp4")
    best = found["joins"][0]
    assert (best["rank"], best["hiding"], best["verdict"]) == (1, "turn", "seamless")
    assert best["out"]["time_s"] == pytest.approx(2.0, abs=0.3), "in A's second turn"
    assert best["in"]["time_s"] == pytest.approx(0.8, abs=0.3), "in B's first turn, which looks the same way"
    assert 0 <= best["detectability"] <= 1
    assert sum(best["terms"].values()) == pytest.approx(best["cost"])
    assert Fraction(best["out"]["time"]) == Fraction(best["out"]["frame"], 30), "times are exact"
    assert best["reasons"] and best["same_place"]
    assert [take["name"] for take in found["takes"]] == ["1A-1", "2A-1"]
    ranks = [join["detectability"] for join in found["joins"]]
    assert ranks == sorted(ranks)
    apart = [(join["out"]["time_s"], join["in"]["time_s"]) for join in found["joins"]]
    assert all(max(abs(a - c), abs(b - d)) >= 0.5 for k, (a, b) in enumerate(apart) for c, d in apart[:k])


@pytest.mark.parametrize("columns", [60, 200])
def test_the_table_says_where_and_why(place, columns):
    said = headturn("joins", "1A-1.mp4", "2A-1.mp4", "--no-loops", columns=columns)
    for words in ("1A-1 → 2A-1", "● seamless", "frame", "both takes turn right"):
        assert words in said.out
    assert not Path("joins.html").exists()


@pytest.mark.parametrize("other", ["calm.mp4", "black.mp4"])
def test_where_nothing_hides_it_there_is_no_join(place, other):
    found = told("joins", "1A-1.mp4", other)
    assert found["joins"] == [] and found["no_join"]
    assert any("no head turn" in note for note in found["notes"])
    said = headturn("joins", "1A-1.mp4", other, "--no-loops")
    assert said.code == 0
    assert "✕ no join: " in said.out and said.out.count("no join") == 1
    assert "no join of 1A-1 and " in headturn("seam", "1A-1.mp4", other, "-o", "none.mp4").sentence
    assert not Path("none.mp4").exists()


def test_a_take_of_three_frames_is_a_take(place):
    found = told("joins", "1A-1.mp4", "three.mp4")
    assert all(join["verdict"] != "seamless" for join in found["joins"])


WRONG = {
    ("joins", "1A-1.mp4", "copy.mp4"): (2, "are one recording; give two takes"),
    ("joins", "1A-1.mp4", "gone.mp4"): (1, "gone.mp4: is not there"),
    ("joins", "1A-1.mp4", "sound.mp4"): (1, "has no video track"),
    ("joins", "empty.mp4", "2A-1.mp4"): (1, "empty.mp4: is empty"),
    ("joins", "1A-1.mp4"): (2, "is one take; give a second one"),
    ("joins", "1A-1.mp4", "2A-1.mp4", "calm.mp4"): (2, "two takes or one folder, not 3"),
    ("joins", "nowhere"): (1, "nowhere: is not there"),
    ("joins", "1A-1.mp4", "2A-1.mp4", "-o", "calm.mp4"): (1, "is not headturn's own"),
    ("joins", "1A-1.mp4", "2A-1.mp4", "-o", "."): (1, "is a folder"),
    ("joins", "1A-1.mp4", "2A-1.mp4", "--set", "joins.luck=1"): (2, "has no key 'luck'"),
    ("seam", "1A-1.mp4", "2A-1.mp4", "--join", "77", "-o", "s.mp4"): (2, "there is no join 77"),
    ("seam", "1A-1.mp4", "2A-1.mp4", "--join", "0", "-o", "s.mp4"): (2, "there is no join 0"),
    ("seam", "1A-1.mp4", "2A-1.mp4", "-o", "s.avi"): (2, "written as .mp4"),
    ("seam", "1A-1.mp4", "2A-1.mp4", "-o", "2A-1.mp4"): (1, "is not headturn's own"),
    ("seam", "1A-1.mp4", "2A-1.mp4", "-o", "nowhere/s.mp4"): (1, "no such folder"),
    ("seam", "1A-1.mp4", "1A-1.mp4", "-o", "s.mp4"): (2, "are one recording"),
}


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_an_error_is_one_sentence(place, words):
    before = {path: path.stat().st_mtime_ns for path in place.iterdir()}
    said = headturn(*words, *(["--no-loops"] if words[0] == "joins" else []))
    code, sentence = WRONG[words]
    assert said.code == code
    assert sentence in said.sentence
    assert {path: path.stat().st_mtime_ns for path in place.iterdir() if path.name != "cache"} == {
        path: stamp for path, stamp in before.items() if path.name != "cache"
    }


def test_a_seam_is_the_splice_with_what_lies_around_it(place):
    words = ("seam", "1A-1.mp4", "2A-1.mp4", "--join", "1", "-o", "seam.mp4", "--around", "0.8", "--json")
    made = json.loads(headturn(*words).out)
    assert made["frames"] == whole(Path("seam.mp4")) == 48
    assert made["splice_frame"] == 24
    film = reel(Path("seam.mp4"), (90, 160), 0)
    a, b = (reel(Path(name), (90, 160), 0) for name in ("1A-1.mp4", "2A-1.mp4"))
    first, last = made["join"]["out"]["frame"] - 24, made["join"]["in"]["frame"] + 23
    assert abs(film.images[0] - a.images[first]).mean() < 4, "it begins as A"
    assert abs(film.images[-1] - b.images[last]).mean() < 4, "and ends as B"
    assert card.recording(Path("seam.mp4")).sound is not None
    assert headturn(*words).code == 0, "its own file may be written again"
    assert [path.name for path in place.iterdir() if path.name.startswith(".")] == [], "nothing unfinished is left"


def test_a_whole_seam_is_all_of_a_before_it_and_all_of_b_after_it(place):
    made = json.loads(headturn("seam", "1A-1.mp4", "2A-1.mp4", "-o", "all.mp4", "--whole", "--json").out)
    join = made["join"]
    assert made["splice_frame"] == join["out"]["frame"]
    assert made["frames"] == whole(Path("all.mp4")) == join["out"]["frame"] + 90 - join["in"]["frame"]
    assert "● seamless" in headturn("seam", "1A-1.mp4", "2A-1.mp4", "-o", "all.mp4", "--whole").out


def test_a_folder_becomes_a_map(place):
    folder = place / "card"
    folder.mkdir()
    for name in ("1A-1.mp4", "2A-1.mp4", "calm.mp4", "empty.mp4"):
        (folder / name).symlink_to(place / name)
    found = told("joins", folder)
    ways = {(join["a"], join["b"]): join for join in found["joins"]}
    ids = {take["name"]: take["id"] for take in found["takes"]}
    assert ways[ids["1A-1"], ids["2A-1"]]["verdict"] == "seamless"
    assert not [pair for pair in ways if ids["calm.mp4"] in pair]
    assert [each["name"] for each in found["unused"]] == ["empty.mp4"]
    said = headturn("joins", folder, "--no-loops").out
    assert "●" in said and "·" in said and "A row is left for a column" in said
    (folder / "1A-1.mp4").unlink()
    (folder / "2A-1.mp4").unlink()
    assert "a join needs two" in headturn("joins", folder, "--no-loops").sentence


def test_from_a_film_s_folder_its_own_results_and_settings_count(place, monkeypatch):
    film = place / "film"
    film.mkdir()
    (film / "film.toml").write_text("[joins]\nluck = 1\n")
    monkeypatch.chdir(film)
    assert "has no key 'luck'" in headturn("joins", "../1A-1.mp4", "../2A-1.mp4", "--no-loops").sentence
    (film / "film.toml").write_text("")
    assert told("joins", "../1A-1.mp4", "../2A-1.mp4")["joins"]
    assert list((film / ".headturn" / "motion").iterdir())


def test_the_page_takes_no_other_file_s_place(place):
    Path("joins.html").write_text("my own notes on joins")
    said = headturn("joins", "1A-1.mp4", "2A-1.mp4")
    assert "is not headturn's own" in said.sentence
    assert Path("joins.html").read_text() == "my own notes on joins"
    Path("joins.html").unlink()


def test_one_file_of_several_chapters_is_the_whole_recording(place):
    folder = place / "gopro"
    for chapter in (1, 2):
        record(folder / f"GX{chapter:02d}0042.MP4", replace(STILL, place=chapter))
    for name in ("GX010042.MP4", "GX020042.MP4"):
        assert [file.name for file in card.recording(folder / name).files] == ["GX010042.MP4", "GX020042.MP4"]
    (folder / "GX010042.MP4").unlink()
    alone = card.recording(folder / "GX020042.MP4")
    assert [file.name for file in alone.files] == ["GX020042.MP4"]
    assert "Chapter 01 of this recording is missing" in alone.damage[0]


def test_a_second_search_and_page_do_no_work_again(place, monkeypatch):
    folder = place / "again"
    folder.mkdir()
    for name in ("1A-1.mp4", "2A-1.mp4", "calm.mp4"):
        (folder / name).symlink_to(place / name)
    first = json.loads(headturn("joins", folder, "-o", "again.html", "--json").out)

    def nothing(*words, **more):
        raise AssertionError("done again")

    for where, what in (("media", "frames"), ("media", "frames_at")):
        monkeypatch.setattr(f"headturn.camera.{where}.{what}", nothing)
    monkeypatch.setattr("headturn.picture.render.film_pixels", nothing)
    monkeypatch.setattr("headturn.picture.treatment.best_seam", nothing)
    again = json.loads(headturn("joins", folder, "-o", "again.html", "--json").out)
    assert again == first
    assert "<video" in (place / "again.html").read_text()


def test_viewers_answers_of_a_film_change_the_verdicts_in_its_folder_and_are_named(place, monkeypatch):
    film = place / "judged"
    film.mkdir()
    (film / "film.toml").write_text("")
    monkeypatch.chdir(film)
    before = told("joins", "../1A-1.mp4", "../2A-1.mp4")
    best = before["joins"][0]
    pairs = tuple(
        Pair(
            id=f"p{k}", side="left", splice=f"a>{k}>b>0", number=k, verdict="seamless", detectability=0.3,
            takes=("1A-1", "2A-1"), uncut="1A-1", terms=best["terms"],
        )
        for k in range(12)
    )  # fmt: skip
    said = tuple(Answer(pair=each.id, said="left") for each in pairs)
    book = Book(
        tests=(BlindTest(id="t", film="f", made="2026-05-01", pairs=pairs),),
        sittings=tuple(Sitting(id=f"{k}", test="t", viewer=f"viewer {k}", answers=said) for k in range(6)),
    )
    answers.save(book, Store(film))
    after = told("joins", "../1A-1.mp4", "../2A-1.mp4")
    assert (best["verdict"], after["joins"][0]["verdict"]) == ("seamless", "visible"), "every viewer saw every splice"
    assert before["judged_by"] == {"answers": 0, "viewers": 0}
    assert after["judged_by"] == {"answers": 72, "viewers": 6}
    assert after["joins"][0]["cost"] == best["cost"], "what was measured is what it was"
    words = "machines, corrected by 72 answers of 6 viewers"
    said = headturn("joins", "../1A-1.mp4", "../2A-1.mp4", "-o", "page.html", "--no-loops").out
    assert words in " ".join(said.split())
    assert words in Path("page.html").read_text()
    seam = headturn("seam", "../1A-1.mp4", "../2A-1.mp4", "-o", "s.mp4", "--around", "0.5").out
    assert f"Judged by {words}." in " ".join(seam.split()) and "✕ visible" in seam
    (film / "blindtest.json").write_text("{")
    assert "blindtest.json" in headturn("joins", "../1A-1.mp4", "../2A-1.mp4", "--no-loops").sentence
