"""`headturn make` with a comfort budget: the film is steadied as little as it asks for, and says what it could not."""

import json
import shutil
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from headturn.camera import media
from outsider import Film
from recordings import Look, Shot, record
from terminal import headturn

FOR = ("--screen", "cinema:front", "--viewer", "sensitive")
DARKEST = 12
"""Nothing in the recordings is as dark as this; a border is black."""


@pytest.fixture(scope="module")
def takes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shoot") / "takes"
    record(folder / "1A-1.mp4", Shot(seconds=4, looks=(Look(3.4, 70),)))
    record(folder / "1B-1.mp4", Shot(seconds=4, phase=1, looks=(Look(0.6, 70),)))
    return folder


@pytest.fixture(scope="module")
def filmed(takes):
    """The film as filmed, and the highest `now` of it."""
    out = takes.with_name("filmed")
    assert headturn("make", takes, "-o", out).code == 0
    return Film(out)


@pytest.fixture(scope="module")
def met(takes):
    """A film with a budget that can be met, its budget, and what was said of it as JSON."""
    out = takes.with_name("met")
    said = headturn("make", takes, "-o", out, "--steady", 0.01, *FOR, "--json")
    before = max(json.loads(said.out)["steadied"]["now_before"])
    said = headturn("make", takes, "-o", out, "--max-now", f"{0.6 * before:.4f}", "--json")
    assert said.code == 0 and said.err == "", said
    return out, 0.6 * before, json.loads(said.out)["steadied"]


def greys(film):
    return [frame.pixels("gray", 320, 180) for frame in media.frames(media.probe([film]))]


def shake_px(film):
    """Rms jerk of the picture's middle, in pixels, by phase correlation: turns, which go evenly, count little."""
    frames = [grey[45:135, 80:240].astype(np.float32) for grey in greys(film)]
    window = cv2.createHanningWindow((160, 90), cv2.CV_32F)
    moves = np.array([cv2.phaseCorrelate(a, b, window)[0] for a, b in pairwise(frames)])
    return float(np.sqrt(np.mean(np.diff(moves[25:60, 1]) ** 2)))


def test_a_budget_is_met_within_a_twentieth_and_the_cut_keeps_how(met):
    out, most, told = met
    assert told["met"] and not told["unmet"]
    assert max(told["now_before"]) > most
    assert 0.9 * most <= max(told["now_after"]) <= 1.05 * most
    assert 0 < told["mean_crop"] <= told["most_crop"] <= 0.1
    steadying = Film(out).cut["steadying"]
    assert steadying["screen"] == "cinema:front" and steadying["viewer"] == "sensitive"
    assert any(share for _, share in steadying["strength"])


def test_the_picture_is_steadier_and_shows_no_border(met, filmed):
    out, *_ = met
    assert shake_px(out / "film.mp4") < 0.8 * shake_px(filmed.folder / "film.mp4")
    for grey in greys(out / "film.mp4"):
        assert min(grey[0].min(), grey[-1].min(), grey[:, 0].min(), grey[:, -1].min()) > DARKEST


def test_the_report_says_before_after_and_crop(met):
    page = (met[0] / "report.html").read_text(encoding="utf-8")
    assert "<h2>Steadying</h2>" in page and "is met" in page and "as filmed" in page


def test_the_same_again_costs_nothing_and_keeps_the_budget(met, takes):
    out, _, told = met
    kept = {path: path.stat().st_mtime_ns for path in (out / ".headturn").rglob("*") if path.is_file()}
    kept = {path: when for path, when in kept.items() if path.name != "own.json"}
    said = headturn("make", takes, "-o", out, "--json")
    assert json.loads(said.out)["steadied"] == told
    assert {path: path.stat().st_mtime_ns for path in kept} == kept


def test_as_filmed_nothing_is_said_of_steadying(filmed):
    assert filmed.cut["steadying"] is None
    assert "<h2>Steadying</h2>" not in (filmed.folder / "report.html").read_text(encoding="utf-8")


def test_what_cannot_be_met_is_told_and_the_film_is_made(met, takes):
    out = Path(shutil.copytree(met[0], met[0].with_name("unmet")))
    said = headturn("make", takes, "-o", out, "--max-now", 0.2, "--max-crop", 3)
    assert said.code == 3
    assert "cannot be met" in said.sentence and "0:0" in said.sentence and "crop of 3%" in said.sentence
    assert "cannot be met" in said.out
    film = Film(out)
    assert film.cut["steadying"]["max_crop"] == 0.03
    assert len(greys(out / "film.mp4")) == film.cut["frames"]
    assert "cannot be met" in (out / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (("--max-build-up", 8), "uncalibrated"),
        (("--max-now", 40, "--screen", "moon"), "moon"),
        (("--max-now", 40, "--screen", "0m@2m"), "0 m"),
        (("--max-now", 40, "--viewer", "nobody"), "nobody"),
        (("--max-now", 40, "--steady", 0.5), "one of both"),
        (("--max-now", -1), "from 0 on"),
        (("--max-now", 400), "100"),
        (("--steady", 2), "shares"),
        (("--max-now", 40, "--max-crop", 90), "percent"),
    ],
)
def test_what_makes_no_sense_is_refused_before_any_work(takes, options, word):
    out = takes.with_name("never")
    said = headturn("make", takes, "-o", out, *options)
    assert said.code == 2 and word in said.sentence
    assert not out.exists()


def test_a_budget_on_build_up_is_taken_where_that_is_asked_for(takes, met):
    out = shutil.copytree(met[0], met[0].with_name("built_up"))
    said = headturn("make", takes, "-o", out, "--max-now", 0, "--max-build-up", 19, "--uncalibrated")
    assert said.code == 0
    assert "build-up (uncalibrated) at most 19, is met" in said.out
