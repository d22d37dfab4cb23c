"""`headturn screening`: ratings come in, add up, are kept with the film, and move what is predicted."""

import json

import numpy as np
import pytest

from headturn.office import screenings
from headturn.office.store import Store
from headturn.review import screening
from recordings import Look, Shot, record
from terminal import headturn

SICK = "viewer,time,fms,mssq\nann,1,6,30\nann,3.5,12,\nbob,2,9,\nbob,0:03,12,\n"
WELL = "viewer,time,fms\ncid,1,0\ncid,3,0\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("screened")
    record(folder / "takes" / "1A-1.mp4", Shot(seconds=4, looks=(Look(1, 70), Look(3, -70))))
    assert headturn("make", folder / "takes", "-o", folder / "film").code == 0
    return folder / "film"


@pytest.fixture
def film(made):
    (made / "screening.json").unlink(missing_ok=True)
    return made


def ratings(folder, name, text):
    path = folder / name
    path.write_text(text)
    return path


def felt(film):
    """The greatest mean that is predicted of an audience at the film's last showing."""
    book = screenings.read(Store(film))
    drive = screenings.drive_of(book.showings[-1].drive)
    return float(screening.predicted(book.profile, drive).mean.middle.max())


def test_who_is_heard_is_predicted_better(film, tmp_path):
    said = headturn("screening", ratings(tmp_path, "night.csv", SICK), film, "--screen", "cinema:front", "--json")
    told = json.loads(said.out)
    assert said.code == 0 and told["screen"] == "cinema:front"
    assert [each["viewer"] for each in told["viewers"]] == ["ann", "bob"]
    assert all(each["rmse_after"] < each["rmse_before"] for each in told["viewers"])
    assert told["rests_on"] == {"viewers": 2, "ratings": 4, "films": 1}
    assert any("stay" in note for note in told["notes"])


def test_showings_add_up_and_one_of_the_same_name_takes_its_place(film, tmp_path):
    headturn("screening", ratings(tmp_path, "night.csv", SICK), film)
    sick = felt(film)
    said = headturn("screening", ratings(tmp_path, "matinee.csv", WELL), film)
    assert "3 viewers and 6 ratings" in said.out
    book = screenings.read(Store(film))
    assert [each.ratings for each in book.showings] == ["night.csv", "matinee.csv"]
    assert felt(film) < sick
    headturn("screening", ratings(tmp_path, "night.csv", WELL.replace("cid", "dan")), film)
    again = screenings.read(Store(film))
    assert [each.ratings for each in again.showings] == ["matinee.csv", "night.csv"]
    assert again.profile.viewers == 2 and felt(film) < 0.8 * sick


def test_the_next_film_builds_on_it_less_surely(film, tmp_path):
    headturn("screening", ratings(tmp_path, "night.csv", SICK), film)
    first = screenings.read(Store(film)).profile
    (film / "screening.json").rename(tmp_path / "screening.json")
    said = headturn("screening", ratings(tmp_path, "more.csv", WELL), film, "--prior", tmp_path, "--json")
    assert json.loads(said.out)["rests_on"] == {"viewers": 3, "ratings": 6, "films": 2}
    prior = screenings.read(Store(film)).prior
    assert prior is not None
    assert np.trace(prior.now.covariance) > np.trace(first.now.covariance)


def test_a_drive_survives_being_kept(film, tmp_path):
    headturn("screening", ratings(tmp_path, "night.csv", SICK), film)
    (kept,) = screenings.read(Store(film)).showings
    drive = screenings.drive_of(kept.drive)
    assert screenings.plain(drive) == kept.drive
    assert len(drive.total) == len(drive.times_s) >= 4
    assert drive.known.dtype == np.bool_


@pytest.mark.parametrize(
    ("text", "options", "says"),
    [
        ("viewer,time,fms\nann,1,21\n", (), "outside the scale"),
        ("viewer,time,fms\nann,900,2\n", (), "the film ends after 4 s"),
        ("viewer,time\n", (), "the column 'fms' is missing"),
        (SICK, ("--screen", "0m@3m"), "width is 0 m"),
        (SICK, ("--screen", "balcony"), "no screen 'balcony'"),
        (SICK, ("--prior", "nowhere"), "is not there"),
    ],
)
def test_what_makes_no_sense_is_said_and_changes_nothing(film, tmp_path, text, options, says):
    said = headturn("screening", ratings(tmp_path, "night.csv", text), film, *options)
    assert said.code and says in said.sentence
    assert not (film / "screening.json").exists()


def test_a_damaged_book_is_left_alone(film, tmp_path):
    (film / "screening.json").write_text('{"schema": "headturn.screening.1", "showings": 7}')
    said = headturn("screening", ratings(tmp_path, "night.csv", SICK), film)
    assert said.code and "screening.json" in said.sentence
    assert (film / "screening.json").read_text().endswith("7}")
