"""The verb `study` on real films and bad input."""

import json
from fractions import Fraction

import cv2
import numpy as np
import pytest

from headturn.camera import media
from terminal import headturn


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def made(path, seeds, frames=20):
    """A film of textures, one for each seed, cut hard."""
    with media.PictureWriter(path, 128, 72, Fraction(25), crf=20) as writer:
        for seed in seeds:
            noise = np.random.default_rng(seed).integers(0, 255, (9, 16), dtype=np.uint8)
            luma = cv2.resize(noise, (128, 72), interpolation=cv2.INTER_CUBIC)
            for _ in range(frames):
                writer.write(np.concatenate([luma, np.full((36, 128), 128, np.uint8)]))
    return path


def told(*arguments):
    said = headturn("study", *arguments, "--json", "--no-flashes")
    assert said.code == 0, said.err
    return json.loads(said.out)["films"]


@pytest.mark.footage
def test_the_cuts_of_a_real_edited_film_are_found(footage, tmp_path):
    (film,) = told(str(footage / "edited" / "issue-195-aspect-ratio.mp4"))
    assert [cut["frame"] for cut in film["cuts"]] == [70, 170, 301, 421, 484]
    assert film["comfort"]["now"] and (tmp_path / "study.html").stat().st_size > 20_000


def test_films_side_by_side_with_one_cut_none_and_a_list(tmp_path):
    one, none, listed = (
        made(tmp_path / "a.mp4", (1, 2)),
        made(tmp_path / "b.mp4", (3,)),
        made(tmp_path / "c.mp4", (4, 5)),
    )
    (tmp_path / "c.csv").write_text("frame\n10\n20\n")
    films = told(str(listed), str(one), str(none), "--cuts", "c.csv")
    assert [[cut["frame"] for cut in film["cuts"]] for film in films] == [[10, 20], [20], []]
    assert [film["cuts_given"] for film in films] == [True, False, False]
    assert films[0]["detector_found"] == 1
    page = (tmp_path / "study.html").read_text()
    assert all(name in page for name in ("a.mp4", "b.mp4", "c.mp4")) and "http" not in page.replace("http-equiv", "")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("none.mp4",), "none.mp4"),
        (("a.mp4", "--cuts", "none.edl"), "none.edl"),
        (("a.mp4", "--cuts", "x.csv", "--cuts", "x.csv"), "lists of cuts"),
        (("a.mp4", "a.mp4"), "twice"),
        (("a.mp4", "--screen", "0m@2m"), "above 0"),
        (("a.mp4", "--viewer", "nobody"), "no viewer"),
        (("a.mp4", "-o", "a.mp4"), "own"),
    ],
)
def test_bad_input_is_one_sentence(tmp_path, arguments, sentence):
    made(tmp_path / "a.mp4", (1,), frames=3)
    (tmp_path / "x.csv").write_text("frame\n1\n")
    said = headturn("study", *arguments)
    assert said.code in (1, 2) and sentence in said.sentence
