"""The report is one page that needs nothing else, says what it was told, and trusts no name."""

import base64
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from html.parser import HTMLParser

import cv2
import numpy as np
import pytest

from headturn.errors import CannotWrite
from headturn.office.charts import MotionTrack, RateCurves, SegmentMark, SpliceMark, TurnMark
from headturn.office.report import FilmReport, TakeLine, UnusedLine, write_report
from headturn.office.splice import Frames, JoinPage, still

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=http://example.org/x onerror=alert(1)>',
    "{{ 7 * 7 }}{% for %}",
    "$\\frac{broken$",
    "名前 – فيلم 🎬",
    "\udcff\udcfe.mp4",
    "bell\x07 null\x00 line\nbreak",
    "x" * 300,
]


class Page(HTMLParser):
    """What a browser sees: every tag with its attributes, and the text outside style and script."""

    def __init__(self, markup):
        super().__init__()
        self.tags, self.text, self.inside = [], "", []
        self.feed(markup)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag in ("style", "script"):
            self.inside.append(tag)

    def handle_endtag(self, tag):
        if self.inside and tag == self.inside[-1]:
            self.inside.pop()

    def handle_data(self, data):
        if not self.inside:
            self.text += data

    def images(self, kind):
        """The decoded data of the page's images of one kind."""
        start = f"data:image/{kind};base64,"
        sources = [attrs.get("src") or "" for tag, attrs in self.tags if tag == "img"]
        return [base64.b64decode(source.removeprefix(start)) for source in sources if source.startswith(start)]


def grey(level):
    return np.full((36, 64, 3), level, np.uint8)


def curves(length=60):
    times = np.linspace(-1, 1, length)
    speed = 150 * np.exp(-((times / 0.3) ** 2))
    b = speed.copy()
    b[:10] = np.nan
    return RateCurves(times, speed, b, speed)


def join(verdict="seamless", **facts):
    frames = tuple(still(grey(40 * k), 4 + k / 10) for k in range(5))
    page = JoinPage(
        f"Splice to {verdict}", verdict, 0.25, ("turns left at 150°/s",), "A at 10:00:00:00", "B at 11:00:00:00",
        4.2, Frames(frames, frames, (None, *frames[1:])), curves(), "42A-1", "42A-2",
    )  # fmt: skip
    return replace(page, **facts)


def motion(length_s=20.0, rate=30):
    times = np.arange(0, length_s, 1 / rate)
    speed = np.full(len(times), 10.0)
    speed[len(times) // 3] = 321.0
    return MotionTrack(
        times, speed, speed, -speed,
        (TurnMark(3, 4.2, 5, "left 84°"),), (SpliceMark(4.2, "seamless", "1"),),
        (SegmentMark(0, 4.2, "42A-1"), SegmentMark(4.2, length_s, "42A-2")),
    )  # fmt: skip


def take(**facts):
    line = TakeLine("42A-1", "GX010001.MP4", "0:01.0 to 0:05.2", ("First 1.0 s: no turn",), "25", "64x36")
    return replace(line, **facts)


def report(**facts):
    film = FilmReport(
        "A film", datetime(2026, 5, 1, 12, 30), "by slate", Fraction(20), Fraction(30000, 1001), (1920, 1080),
        (still(grey(9), 0.0), still(grey(99), 4.2, "splice 1")), motion(), (join(),), (take(),),
    )  # fmt: skip
    return replace(film, **facts)


def written(film, folder):
    write_report(film, folder / "report.html")
    return Page((folder / "report.html").read_text(encoding="utf-8"))


def test_the_page_asks_nothing_of_the_net_or_of_other_files(tmp_path):
    page = written(report(unused=(UnusedLine("a.txt", "is no recording"),)), tmp_path)
    for tag, attrs in page.tags:
        assert tag not in ("link", "iframe", "object", "embed", "base", "form")
        for name, value in attrs.items():
            if name in ("src", "href", "srcset", "data", "poster", "action"):
                assert value.startswith("data:image/"), f"{tag} {name} leads elsewhere"
            assert not name.startswith("on")
    markup = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "url(" not in markup and "@import" not in markup
    assert any(attrs.get("http-equiv") == "Content-Security-Policy" for _, attrs in page.tags)


def test_every_still_is_on_the_page_as_it_was_given(tmp_path):
    film = report()
    page = written(film, tmp_path)
    rows = [s for j in film.joins for row in (j.frames.a, j.frames.rendered, j.frames.b) for s in row]
    assert page.images("jpeg") == [s.jpeg for s in (*film.strip, *rows) if s]
    assert page.text.count("no frame") == 1


def test_what_it_says_in_words(tmp_path):
    film = report(
        joins=(join("seamless"), join("workable"), join("visible")),
        takes=(take(conform=("25 shown at 29.97",), colour=("untagged: BT.709",), camera="HERO7"), take(sound=True)),
        unused=(UnusedLine("b.MP4", "is empty"),),
        notes=("The clock is implausible.",),
    )
    text = " ".join(written(film, tmp_path).text.split())
    for words in (
        "A film", "0:20.0", "1920 × 1080, 29.97 frames/s", "by slate", "1 ● seamless", "1 ◆ workable", "1 ✕ visible",
        "turns left at 150°/s", "A at 10:00:00:00", "B at 11:00:00:00", "cost 0.25", "First 1.0 s: no turn",
        "25 shown at 29.97", "untagged: BT.709", "HERO7", "64x36, 25 frames/s, no sound",
        "0:04.2 · ● Splice to seamless", "42A-1 → 42A-2",
        "is empty", "The clock is implausible.",
        "01 May 2026",
    ):  # fmt: skip
        assert words in text, words
    assert text.count("no sound") == 1


def test_the_splice_stands_at_the_first_frame_of_b(tmp_path):
    page = written(report(), tmp_path)
    cells = [attrs.get("class") or "" for tag, attrs in page.tags if tag == "td" and "data-of" not in attrs]
    rows = [cells[k : k + 5] for k in range(0, 20, 5)]
    assert [["first" in cell for cell in row] for row in rows] == [[False, False, True, False, False]] * 4
    off = [["off" in cell for cell in row] for row in rows[:3]]
    assert off == [[False, False, True, True, True], [False] * 5, [True, True, False, False, False]]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_only_text(name, tmp_path):
    track = replace(
        motion(),
        turns=(TurnMark(3, 4, 5, name),),
        segments=(SegmentMark(0, 20, name),),
        splices=(SpliceMark(4.2, "visible", name),),
    )
    film = report(
        title=name, order=name, motion_chart=track, unused=(UnusedLine(name, name),), notes=(name,),
        joins=(join(title=name, reasons=(name,), out_text=name, in_text=name, name_a=name, name_b=name),),
        takes=(take(name=name, file=name + "2", left_out=(name,), notes=(name,), camera=name),),
        strip=(still(grey(1), 0, name),),
    )  # fmt: skip
    page, plain = written(film, tmp_path), written(report(), tmp_path)
    assert {tag for tag, _ in page.tags} <= {tag for tag, _ in plain.tags} | {"li"}
    assert sum(tag == "script" for tag, _ in page.tags) == 1
    if name.isprintable():
        assert page.text.count(name) >= 12
    for chart in page.images("svg+xml"):
        ET.fromstring(chart)


def test_charts_have_labels_with_units(tmp_path):
    motion_chart, curve = written(report(), tmp_path).images("svg+xml")
    words = ["".join(e.itertext()) for e in ET.fromstring(motion_chart).iter("{http://www.w3.org/2000/svg}text")]
    assert {"speed (°/s)", "film time (min:s)", "left 84°", "42A-1", "42A-2", "0:08.0"} <= set(words)
    words = ["".join(e.itertext()) for e in ET.fromstring(curve).iter("{http://www.w3.org/2000/svg}text")]
    assert {"speed (°/s)", "seconds from the splice", "A", "B", "film"} <= set(words)


def test_the_chart_of_a_long_film_stays_small_and_keeps_its_peak(tmp_path):
    [chart] = written(report(motion_chart=motion(7200.0), joins=()), tmp_path).images("svg+xml")
    assert len(chart) < 3_000_000
    [short] = written(report(motion_chart=motion(20.0), joins=()), tmp_path).images("svg+xml")
    # both charts are scaled to the one sample of 321 °/s: it has not been thinned away
    ticks = [{e.text for e in ET.fromstring(c).iter("{http://www.w3.org/2000/svg}text")} for c in (chart, short)]
    assert "300" in ticks[0] & ticks[1]
    lines = [
        path.get("d") for path in ET.fromstring(chart).iter("{http://www.w3.org/2000/svg}path")
        if "#3c5470" in (path.get("style") or "")
    ]  # fmt: skip
    heights = [float(word) for line in lines for word in line.split()[2::3]]
    assert max(heights) - min(heights) > 120


@pytest.mark.parametrize("missing", ["motion_chart", "joins", "strip", "frames", "curves", "empty motion"])
def test_a_report_with_parts_missing_is_still_a_page(missing, tmp_path):
    empty = np.zeros(0)
    film = {
        "motion_chart": report(motion_chart=None),
        "joins": report(joins=()),
        "strip": report(strip=()),
        "frames": report(joins=(join(frames=Frames()),)),
        "curves": report(joins=(join(curves=None),)),
        "empty motion": report(motion_chart=MotionTrack(empty, empty, empty, empty)),
    }[missing]
    assert "A film" in written(film, tmp_path).text


def test_a_still_shows_the_image_in_its_colours():
    image = np.zeros((720, 1280, 3), np.uint8)
    image[:, :640] = (200, 60, 20)
    picture = still(image, 1.5, "here")
    assert (picture.film_time_s, picture.caption) == (1.5, "here")
    shown = cv2.imdecode(np.frombuffer(picture.jpeg, np.uint8), cv2.IMREAD_COLOR_RGB)
    assert shown.shape == (270, 480, 3)
    assert np.abs(shown[100, 100].astype(int) - (200, 60, 20)).max() < 8
    assert len(still(image[:36, :64], 0).jpeg) < len(picture.jpeg)


def test_what_cannot_be_written_is_said_and_nothing_half_written_stays(tmp_path):
    (tmp_path / "report.html").mkdir()
    with pytest.raises(CannotWrite, match=r"report\.html: .*directory"):
        write_report(report(), tmp_path / "report.html")
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_a_splice_says_how_likely_it_is_caught_and_what_hides_it(tmp_path):
    told = join(hidden_by="a head turn", blend="morphed along the motion over 6 frames", detectability=0.083)
    text = written(report(joins=(told, join(detectability=0.0), join())), tmp_path).text
    assert "8 % chance of being caught" in text
    assert "0 % chance of being caught" in text
    assert text.count("chance of being caught") == 2, "nothing is said where nobody knows"
    assert text.count("Hidden by") == 1 and "a head turn" in text
    assert "morphed along the motion over 6 frames" in text
