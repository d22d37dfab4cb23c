"""The files of the days: the picture, and the daily report as page and PDF, from a shoot whose figures are known."""

import re
import sys
from datetime import UTC, date, timedelta

import cv2
import numpy as np
import pytest

from headturn.errors import BadOption, CannotWrite
from headturn.office import daybook, days, days_files, days_report
from headturn.office.days import DaysOptions
from headturn.office.days_files import Wanted
from headturn.office.log import Decision, Log, of_shot
from headturn.office.plan import Plan, Planned
from headturn.office.store import Store
from shoots import START, a_shoot, entry

try:
    from weasyprint.urls import FatalURLFetchingError
except OSError:  # a machine without Pango: headturn then says so, see below
    FatalURLFetchingError = None


@pytest.fixture(scope="module")
def book():
    """Twelve days in three blocks, and a plan with four shots more."""
    log, cut = a_shoot()
    planned = Plan(tuple(Planned(f"{day}{letter}") for day in range(1, 13) for letter in "ABC")
                   + tuple(Planned(f"90{letter}") for letter in "ABCD"))  # fmt: skip
    return daybook.of_days("The <Path>", days.of(log, cut, DaysOptions(), planned))


@pytest.fixture
def store(tmp_path):
    (tmp_path / "film.toml").write_text("")
    return Store(tmp_path)


def test_the_picture_is_one_and_the_same_for_the_same_days(book, store, tmp_path):
    written = days_files.write(store, book, Wanted(picture=tmp_path / "a.png"))
    again = days_files.write(store, book, Wanted(picture=tmp_path / "b.png"))
    image = cv2.imread(str(written[0]))
    assert image.shape == (1224, 1584, 3) and image.std() > 10
    assert written[0].read_bytes() == again[0].read_bytes()


def test_the_report_of_a_day_has_its_figures_and_loads_nothing(book, store):
    page = days_report.html(store, book, days_report.chosen(book, "4"))
    text = re.sub(r"<[^>]+>", "|", page)
    assert "The &lt;Path&gt;" in page and "The <Path>" not in page
    assert f"Day 4 of 12 shot so far · {book.found.days[3].date} · block 1" in page
    own, four = book.found.days[3].tally, book.found.days[:4]
    assert f"Takes||{own.takes}||{sum(day.tally.takes for day in four)}|" in text
    assert f"Minutes shot||{float(own.shot_s) / 60:.1f}||{float(sum(d.tally.shot_s for d in four)) / 60:.1f}|" in text
    assert "Still missing: 90A, 90B, 90C, 90D" in page
    assert page.count('<td class="n">4') >= len(book.found.days[3].takes)
    assert not re.search(r"(src|href)=\"(?!data:)", page)


def test_the_report_as_pdf_is_of_a4_and_loads_nothing(book, store, tmp_path):
    if FatalURLFetchingError is None:
        with pytest.raises(BadOption, match="needs the library Pango"):
            days_files.write(store, book, Wanted(pdf=tmp_path / "day.pdf"))
        return
    days_files.write(store, book, Wanted(pdf=tmp_path / "day.pdf", day="2026-03-02"))
    content = (tmp_path / "day.pdf").read_bytes()
    assert content.startswith(b"%PDF") and len(content) > 10_000
    with pytest.raises(FatalURLFetchingError):
        days_report.pdf('<img src="http://127.0.0.1:9/picture.png">')


def test_a_machine_without_pango_is_told_what_to_install(monkeypatch, tmp_path):
    (tmp_path / "weasyprint.py").write_text("raise OSError(\"cannot load library 'libpango-1.0-0'\")")
    monkeypatch.syspath_prepend(tmp_path)
    for name in [each for each in sys.modules if each.partition(".")[0] == "weasyprint"]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(BadOption, match="needs the library Pango"):
        days_report.pdf("<p>x")


def test_what_was_locked_is_told_as_of_the_day(store):
    """1A locked on the first day and unlocked on the second, 1B locked late in the second night."""
    said = [("lock", "1A", START), ("unlock", "1A", START + timedelta(days=1)),
            ("lock", "1B", START + timedelta(hours=42))]  # fmt: skip
    decisions = tuple(
        Decision(number, at.replace(tzinfo=UTC), "anna", "cart", verb, of_shot(shot), number, {"take": f"{shot}-1"})
        for number, (verb, shot, at) in enumerate(said, start=1)
    )
    log = Log(tuple(entry(f"{day}", START + timedelta(days=day), f"{day}") for day in range(3)), {}, decisions)
    told = days.of(log, None, DaysOptions())
    assert [day.locked for day in told.days] == [("1A",), ("1B",), ("1B",)]
    page = days_report.html(store, daybook.of_days("x", told), told.days[1])
    assert "Locked when the day ended: 1B." in page
    assert "Shots locked by the end of the day||1||1|" in re.sub(r"<[^>]+>", "|", page)


def test_a_day_is_found_by_number_and_date_else_it_is_one_sentence(book):
    assert days_report.chosen(book, "").number == 12
    assert days_report.chosen(book, "2").date == date(2026, 3, 3)
    assert days_report.chosen(book, "2026-03-03").number == 2
    with pytest.raises(BadOption, match=r"no shooting day 13; there are days 1 to 12"):
        days_report.chosen(book, "13")


def test_one_day_without_a_match_and_none_at_all(store, tmp_path):
    one = daybook.of_days("día 一", days.of(Log((entry("a", START),)), None, DaysOptions(), None))
    every = Wanted(tmp_path / "d.csv", tmp_path / "d.svg", tmp_path / "d.html")
    assert len(days_files.write(store, one, every)) == 3
    assert "día 一" in (tmp_path / "d.html").read_text()
    nothing = daybook.of_days("x", days.of(Log(()), None, DaysOptions(), None))
    assert days_files.write(store, nothing, Wanted(picture=tmp_path / "n.png"))
    with pytest.raises(BadOption, match="nothing was shot yet"):
        days_files.write(store, nothing, Wanted(report=tmp_path / "n.html"))


@pytest.mark.parametrize(
    "wanted",
    [{"picture": "a.gif"}, {"report": "a.txt"}, {"pdf": "a.html"}, {"day": "3"}, {"report": "of_another.html"}],
)
def test_names_that_cannot_be_are_one_sentence(tmp_path, wanted):
    (tmp_path / "of_another.html").write_text("<h1>mine</h1>")
    paths = {key: value if key == "day" else tmp_path / value for key, value in wanted.items()}
    with pytest.raises((BadOption, CannotWrite)):
        Wanted(**paths).check()
    assert not np.any([path.name != "of_another.html" for path in tmp_path.iterdir()])
