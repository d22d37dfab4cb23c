"""`headturn comfort`: of a film, of a take, of what cannot be judged; the page, the JSON, the CSV and the words."""

import csv
import io
import json

import pytest

from headturn.office.page import OWN_PAGE
from headturn.review.viewing import SCREENS
from recordings import Look, Shot, record
from terminal import headturn


@pytest.fixture(scope="module")
def shoot(tmp_path_factory):
    folder = tmp_path_factory.mktemp("comfort")
    record(folder / "takes" / "1A-1.mp4", Shot(seconds=4, looks=(Look(3.4, 70),)))
    record(folder / "takes" / "1B-1.mp4", Shot(seconds=4, phase=1, looks=(Look(0.6, 70),)))
    assert headturn("make", folder / "takes", "-o", folder / "film").code == 0
    return folder


@pytest.fixture(scope="module")
def of_film(shoot):
    out = shoot / "comfort.html"
    said = headturn(
        "comfort", shoot / "film", "--screen", "cinema:front", "-o", out, "--csv", shoot / "c.csv", "--json"
    )
    assert said.code == 0, said
    return json.loads(said.out)


def test_curves_lie_in_their_bands_and_are_the_same_in_both_files(shoot, of_film):
    curves = of_film["curves"]
    for name in ("now", "build_up"):
        triples = zip(curves[f"{name}_low"], curves[name], curves[f"{name}_high"], strict=True)
        assert all(low <= middle <= high for low, middle, high in triples)
    assert max(curves["now"]) > 0
    rows = list(csv.DictReader(io.StringIO((shoot / "c.csv").read_text())))
    assert [float(row["now"]) for row in rows] == pytest.approx(curves["now"], abs=2e-3)
    assert len(rows) == len(curves["time_s"])


def test_every_screen_stands_beside_and_front_is_worse_than_back(of_film):
    by_name = {each["screen"]: each for each in of_film["screens"]}
    assert set(by_name) == set(SCREENS)
    highest = [by_name[name]["now_max"] for name in ("cinema:front", "cinema:middle", "cinema:back", "television")]
    assert highest == sorted(highest, reverse=True)
    assert by_name["cinema:front"]["now_max"] == pytest.approx(max(of_film["curves"]["now"]), abs=1e-3)


def test_the_splice_and_the_worst_moments_are_on_the_page(shoot, of_film):
    page = (shoot / "comfort.html").read_text()
    assert OWN_PAGE.decode() in page
    assert len(of_film["splices"]) == 1
    assert of_film["moments"] and all(each["gain"] > 0 for each in of_film["moments"])
    for moment in of_film["moments"]:
        assert moment["words"] in page
        assert max(moment["now_without"]) <= max(of_film["curves"]["now"]) + 1e-3
    assert page.count('class="still"') == len(of_film["moments"])
    assert {each["standard"] for each in of_film["flashes"]} == {"ITU-R BT.1702 / Ofcom", "WCAG 2.2", "TRACE 2024"}
    assert "not a certificate" in page


def test_the_report_of_the_film_has_it_too(shoot):
    report = (shoot / "film" / "report.html").read_text()
    assert '<section id="comfort">' in report and "headturn comfort checks them" in report


def test_a_take_is_judged_by_its_image_and_says_what_is_not_known(shoot, monkeypatch):
    monkeypatch.chdir(shoot)
    said = headturn("comfort", shoot / "takes" / "1A-1.mp4", "--viewer", "mssq=18.5", "--no-flashes")
    assert said.code == 0
    assert "1A-1" in said.out and "Flashes: not checked." in said.out
    assert "tilt is not known" in said.out and "nobody has rated this" in said.out
    sick = json.loads(headturn("comfort", "takes/1A-1.mp4", "--viewer", "sensitive", "--no-flashes", "--json").out)
    usual = json.loads(headturn("comfort", "takes/1A-1.mp4", "--no-flashes", "--json").out)
    assert max(sick["curves"]["now"]) > max(usual["curves"]["now"])


def test_a_viewer_of_a_screening_is_known_by_name(shoot, tmp_path):
    ratings = tmp_path / "night.csv"
    ratings.write_text("viewer,time,fms\nann,2,8\nann,5,14\n")
    assert headturn("screening", ratings, shoot / "film").code == 0
    out = tmp_path / "c.html"
    ann = json.loads(headturn("comfort", shoot / "film", "--viewer", "ann", "--no-flashes", "-o", out, "--json").out)
    usual = json.loads(headturn("comfort", shoot / "film", "--no-flashes", "-o", out, "--json").out)
    assert ann["rests_on_viewers"] == 1 and ann["calibrated"]
    assert max(ann["curves"]["now"]) > max(usual["curves"]["now"])
    said = headturn("comfort", shoot / "film", "--viewer", "eve", "-o", out)
    assert said.code and "No viewer 'eve'" in said.sentence and "ann" in said.sentence


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--screen", "0m@2m"), "width is 0 m"),
        (("--screen", "balcony"), "no screen 'balcony'"),
        (("--viewer", "mssq=99"), "outside its scale"),
        (("--viewer", "nobody"), "no viewer 'nobody'"),
    ],
)
def test_bad_options_are_one_sentence(shoot, tmp_path, options, says):
    said = headturn("comfort", shoot / "takes" / "1A-1.mp4", *options, "-o", tmp_path / "c.html")
    assert said.code and says in said.sentence
    assert not (tmp_path / "c.html").exists()


def test_other_files_are_not_written_over(shoot, tmp_path):
    mine = tmp_path / "notes.html"
    mine.write_text("mine")
    assert "not headturn's own" in headturn("comfort", shoot / "film", "-o", mine).sentence
    assert mine.read_text() == "mine"
