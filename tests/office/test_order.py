"""By what order the takes stand: slates, the order file, clocks; what overlaps; what people write into film.csv."""

import os
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headturn.camera.take import Slate
from headturn.clock import NTSC, Span, Timecode
from headturn.errors import BadOption
from headturn.office import order
from headturn.office.order import Row, arrange, read_rows, table
from makers import clip

CARD = Path("card")
NOON = datetime(2024, 6, 1, 12, 0, 0, tzinfo=UTC)
NOW = datetime(2024, 7, 1, tzinfo=UTC)


def film(*clips, rows=(), now=NOW):
    return arrange(clips, rows, CARD, now)


def names(arranged):
    """The shots in film order, by file name without suffix."""
    return [" ".join(take.clip.files[0].stem for take in shot) for shot in arranged.shots]


def named(*stems, **rest):
    return [clip(f"id of {stem}", name=f"{stem}.mp4", **rest) for stem in stems]


def at(stem, after_s=0.0, code_s=None, frames=120, **rest):
    """A clip created so long after noon, with a timecode of its own where `code_s` is given."""
    code = None if code_s is None else Timecode(round(code_s * 30), Fraction(30))
    created = NOON + timedelta(seconds=after_s)
    return clip(stem, frames, name=f"{stem}.mp4", created=created, timecode=code, **rest)


# Slates


def test_slates_in_names_make_shots_and_their_order():
    arranged = film(*named("42A-2", "7-1", "42A-1", "41-1", "42-3"))
    assert names(arranged) == ["7-1", "41-1", "42-3", "42A-1 42A-2"]
    assert arranged.how == "5 takes by slate"


def test_a_take_without_a_slate_is_a_shot_of_its_own_after_the_slated():
    assert names(film(*named("room", "2-1", "attic", "2-2"))) == ["2-1 2-2", "attic", "room"]


@given(st.permutations(["42A-2", "7-1", "GX010123", "GX010007", "x"]))
@settings(max_examples=25, deadline=None)
def test_the_order_of_the_files_says_nothing(stems):
    clips = named(*stems)
    assert names(film(*clips)) == names(film(*named(*sorted(stems))))


# The order file


def test_the_order_file_comes_before_the_clock():
    clips = [at("a", 0), at("b", 10), at("c", 20)]
    arranged = film(*clips, rows=[Row("c.mp4"), Row("a.mp4")])
    assert names(arranged) == ["c", "a", "b"]
    assert arranged.how == "2 takes by film.csv, then 1 take by creation time"


def test_a_slate_in_the_name_comes_before_the_order_file():
    rows = [Row("9-1.mp4", slate="8-1"), Row("7-1.mp4")]
    arranged = film(*named("7-1", "9-1"), rows=rows)
    assert names(arranged) == ["7-1", "9-1"]
    assert any("9-1" in note and "film.csv says 8-1" in note for note in arranged.notes)


def test_slates_of_the_order_file_make_rivals_where_it_names_them():
    rows = [Row("a.mp4"), Row("b.mp4", "kitchen 1"), Row("c.mp4", "kitchen 2"), Row("d.mp4"), Row("e.mp4", "kitchen 3")]
    arranged = film(*named("e", "d", "c", "b", "a"), rows=rows)
    assert names(arranged) == ["a", "b c e", "d"]
    assert arranged.shots[1][1].slate == Slate("kitchen", 2)


def test_the_order_file_adds_takes_to_a_shot_that_names_slate():
    arranged = film(*named("42A-1", "late"), rows=[Row("late.mp4", "42A-2"), Row("42A-1.mp4")])
    assert names(arranged) == ["42A-1 late"]


@pytest.mark.parametrize(
    ("written", "slate"),
    [("42A-3", Slate("42A", 3)), ("kitchen", Slate("kitchen", 1)), ("kitchen 2", Slate("kitchen", 2)),
     ("the old house take 12", Slate("the old house", 12)), ("kitchen-2pu", Slate("kitchen", 2, True))],
)  # fmt: skip
def test_slates_as_people_write_them(written, slate):
    arranged = film(*named("a"), rows=[Row("a.mp4", written)])
    assert arranged.takes[0].slate == slate
    assert arranged.takes[0].name == str(slate)


def test_what_the_order_file_gets_wrong_about_files_is_noted():
    rows = [Row("gone.mp4"), Row("a.mp4"), Row("./a.mp4", performer="Ann")]
    arranged = film(*named("a"), rows=rows)
    assert arranged.takes[0].performer == ""
    assert [note for note in arranged.notes if "gone.mp4" in note]
    assert [note for note in arranged.notes if "twice" in note]


def test_two_files_of_one_name_are_told_apart_by_their_folder():
    one, two = (clip(f"id {day}", files=(CARD / day / "a.mp4",)) for day in ("mon", "tue"))
    rows = [Row("tue/a.mp4", performer="Tom"), Row("mon/a.mp4", performer="Mo")]
    arranged = film(one, two, rows=rows)
    assert [(take.clip.id, take.performer) for take in arranged.takes] == [("id tue", "Tom"), ("id mon", "Mo")]


@pytest.mark.parametrize("mark", ["no good", "false start", "rehearsal"])
def test_marks_keep_takes_out_and_say_so(mark):
    arranged = film(*named("1-1", "1-2"), rows=[Row("1-1.mp4", mark=mark), Row("1-2.mp4", mark="circled")])
    assert names(arranged) == ["1-2"]
    assert arranged.takes[0].mark == "circled"
    assert arranged.unused[0].why == f"marked {mark}"
    assert [take.clip.name for take in arranged.aside] == ["1-1.mp4"]


def test_a_take_shorter_than_a_turn_is_not_used():
    arranged = film(clip("a", 14), clip("b", 15))
    assert names(arranged) == ["b"]
    assert "0.47 s" in arranged.unused[0].why


# Ins and outs


def marked(inside, outside, **rest):
    arranged = film(clip("a", 300, name="a.mp4", **rest), rows=[Row("a.mp4", inside=inside, outside=outside)])
    return arranged.takes[0].marked if arranged.takes else arranged.unused[0].why


@pytest.mark.parametrize(
    ("inside", "outside", "span"),
    [
        ("", "", None),
        ("1.5s", "7.5", Span(Fraction(3, 2), Fraction(15, 2))),
        ("1,5", "0:07.5", Span(Fraction(3, 2), Fraction(15, 2))),
        ("", "0:00:02", Span(Fraction(0), Fraction(2))),
        ("9", "", Span(Fraction(9), Fraction(10))),
        ("00:00:01:15", "00:00:02:00", Span(Fraction(3, 2), Fraction(2))),
        ("0", "10.05", Span(Fraction(0), Fraction(10))),
    ],
)
def test_ins_and_outs_as_people_write_them(inside, outside, span):
    assert marked(inside, outside) == span


def test_ins_and_outs_in_source_timecode():
    """At its own rate and with its own drop-frame flag, whatever the image's rate is."""
    code = Timecode.parse("10:00:00;00", 30 * NTSC)
    span = marked("10:00:02;00", "10:00:03:15", timecode=code)
    assert span == Span(60 / (30 * NTSC), 105 / (30 * NTSC))
    fast = marked("10:00:02:00", "10:00:03:00", timecode=Timecode.parse("10:00:00:00", Fraction(30)), rate=60)
    assert fast == Span(Fraction(2), Fraction(3))


@pytest.mark.parametrize(
    ("inside", "outside"),
    [("soon", ""), ("-1", ""), ("1e999999999", ""), ("1/0", ""), ("1.2.3", ""), ("5", "4"), ("", "11"),
     ("20:00:00:00", ""), ("00:00:01:45", ""), ("nan", ""), ("1:2:3:4", "")],
)  # fmt: skip
def test_ins_and_outs_that_make_no_sense_cost_only_their_take(inside, outside):
    arranged = film(
        clip("a", 300, name="a.mp4"), clip("b", name="b.mp4"), rows=[Row("a.mp4", "", "", "", inside, outside)]
    )
    assert names(arranged) == ["b"]
    assert arranged.unused[0].name == "a.mp4"
    assert (inside or outside) in arranged.unused[0].why


# The clock


def test_timecode_with_date_comes_before_creation_time():
    clips = [at("a", 60, code_s=43300), at("b", 50, code_s=43400), at("c", 86400, code_s=10)]
    arranged = film(*clips)
    assert names(arranged) == ["a", "b", "c"]
    assert arranged.how == "3 takes by timecode and date"


def test_timecode_that_crosses_midnight_before_the_container_does():
    """The container is written when the recording ends: half a minute after 23:59:50 is the next day."""
    late = NOON + timedelta(hours=12)
    clips = [
        clip("b", name="b.mp4", created=late + timedelta(seconds=20), timecode=Timecode(86390 * 30, Fraction(30))),
        clip("a", name="a.mp4", created=late - timedelta(seconds=90), timecode=Timecode(86300 * 30, Fraction(30))),
        clip("c", name="c.mp4", created=late + timedelta(seconds=90), timecode=Timecode(60 * 30, Fraction(30))),
    ]
    assert names(film(*clips)) == ["a", "b", "c"]


def test_creation_time_where_some_have_no_timecode():
    arranged = film(at("b", 0, code_s=50000), at("a", 5))
    assert names(arranged) == ["b", "a"]
    assert arranged.how == "2 takes by creation time"


def test_camera_numbers_where_a_clock_is_missing():
    clips = named("GX020124", "GX010124", "GX010123", "GOPR0007")
    arranged = film(*clips)
    assert names(arranged) == ["GOPR0007", "GX010123", "GX010124", "GX020124"]
    assert arranged.how == "4 takes by camera number"


def test_names_where_nothing_else_is_known_in_the_order_people_count():
    arranged = film(*named("scene two", "room 10", "room 9"))
    assert names(arranged) == ["room 9", "room 10", "scene two"]
    assert arranged.how == "3 takes by name"


@pytest.mark.parametrize("year", [1904, 1970, 2000, 2098])
def test_a_clock_that_cannot_be_true_is_reported_and_not_used(year):
    wrong = clip(
        "GX010001", name="GX010001.mp4", created=datetime(year, 1, 1, tzinfo=UTC), timecode=Timecode(9, Fraction(30))
    )
    arranged = film(wrong, at("GX010002", code_s=43200))
    assert arranged.how == "2 takes by camera number"
    assert any(f"{year}-01-01" in note for note in arranged.notes)


def test_clocks_that_contradict_each_other_are_reported():
    arranged = film(at("a", 0, code_s=43200 + 30), at("b", 60, code_s=3600))
    assert [note for note in arranged.notes if "far apart" in note and note.startswith("b.mp4")]
    assert len(arranged.notes) == 1


def test_a_naive_clock_is_no_error():
    naive = clip("a", name="a.mp4", created=datetime(2024, 6, 1, 12))
    assert film(naive, at("b", 5)).how == "2 takes by creation time"


@pytest.mark.parametrize("order_of_files", list(permutations("abc")))
def test_of_recordings_that_overlap_the_longest_is_used(order_of_files):
    clips = {
        "a": at("a", 60, code_s=43200, frames=300),
        "b": at("b", 60, code_s=43205, frames=600),
        "c": at("c", 60, code_s=43224.5, frames=300),  # touches b: clocks drift
    }
    arranged = film(*(clips[stem] for stem in order_of_files))
    assert names(arranged) == ["b", "c"]
    assert [each.name for each in arranged.unused] == ["a.mp4"]
    assert "b.mp4" in arranged.unused[0].why


def test_the_order_never_asks_the_disk(monkeypatch, tmp_path):
    """Files that were copied have the time of the copy."""
    paths = [tmp_path / f"{stem}.mp4" for stem in "abc"]
    for age, path in enumerate(paths):
        path.touch()
        os.utime(path, (10**9 - age, 10**9 - age))
    clips = [clip(path.stem, files=(path,)) for path in paths]
    monkeypatch.setattr(Path, "stat", lambda *_, **__: pytest.fail("asked for a file's times"))
    monkeypatch.setattr(os.path, "getmtime", lambda *_: pytest.fail("asked for a file's times"))
    assert names(arrange(clips, (), tmp_path, NOW)) == ["a", "b", "c"]


# film.csv


def rows_of(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "film.csv"
    path.write_bytes(text.encode(encoding))
    return read_rows(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("separator", [",", ";"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_tables_as_spreadsheets_write_them(tmp_path, encoding, separator, newline):
    lines = [["File", " slate", "MARK", "out", "in", ""], ["Küche.mp4", "k-1", "Circled", "7", "1", ""], [""] * 6]
    text = newline.join(separator.join(line) for line in lines)
    assert rows_of(tmp_path, text, encoding) == (Row("Küche.mp4", "k-1", "", "circled", "1", "7"),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no column 'file'"),
        ("slate,mark\n", "no column 'file'"),
        ("file,mood\n", "unknown column mood"),
        ("file,mark\na.mp4,great\n", "'great' is no mark"),
        ('file,mark\n"' + "a" * 200_000 + '",', "cannot be read"),
        ("\x00\x01\x02", "film.csv"),
    ],
)
def test_tables_that_make_no_sense_are_refused_in_a_sentence(tmp_path, text, said):
    with pytest.raises(BadOption, match=said):
        rows_of(tmp_path, text)


def test_a_table_in_another_encoding_is_refused(tmp_path):
    with pytest.raises(BadOption, match="UTF-8"):
        rows_of(tmp_path, "file\nKüche.mp4\n", "latin-1")
    with pytest.raises(BadOption, match="UTF-8"):
        rows_of(tmp_path, "file\nKüche.mp4\n", "utf-16")


hostile = st.text(st.characters(exclude_characters="/\x00\r", exclude_categories=["Cs"]), min_size=1, max_size=12)


@given(st.lists(hostile.filter(lambda s: s.strip() == s and s not in (".", "..")), min_size=1, max_size=4, unique=True))
@settings(max_examples=60, deadline=None)
def test_any_file_name_survives_the_table(tmp_path_factory, stems):
    folder = tmp_path_factory.mktemp("film")
    clips = [clip(str(k), files=(folder / f"{stem}.mp4",)) for k, stem in enumerate(stems)]
    arranged = arrange(clips, (), folder, NOW)
    path = folder / "film.csv"
    path.write_bytes(table(arranged.takes, folder).encode())
    again = arrange(clips, read_rows(path), folder, NOW)
    assert names(again) == names(arranged)
    assert not again.notes


def test_what_was_made_is_made_again_from_its_own_table(tmp_path):
    """People change one cell of film.csv: nothing else may change, and what was left out stays out."""
    clips = [
        at("long", 60, code_s=43200, frames=600),
        at("short", 60, code_s=43205, frames=300),
        at("tiny", 60, code_s=43300, frames=3),
        *named("1-1", "1-2"),
        at("x", 60, code_s=43400),
    ]
    rows = [Row("1-1.mp4", mark="rehearsal"), Row("x.mp4", "den 1", "Ann", "circled", "1.0", "3.5")]
    first = film(*clips, rows=rows)
    path = tmp_path / "film.csv"
    path.write_text(table((*first.takes, *first.aside), CARD))
    again = film(*clips, rows=read_rows(path))
    assert names(again) == names(first) == ["1-2", "x", "long"]
    assert again.takes[1] == first.takes[1]
    assert {take.clip.name for take in again.aside} == {"1-1.mp4", "short.mp4", "tiny.mp4"}
    assert next(take for take in again.aside if take.clip.name == "1-1.mp4").mark == "rehearsal"


def test_the_table_is_relative_to_its_folder(tmp_path):
    made = clip("a", files=(tmp_path / "card" / "DCIM" / "a.mp4",))
    text = table(arrange([made], (), tmp_path, NOW).takes, tmp_path / "film")
    assert text.splitlines()[1].split(",")[0] == "../card/DCIM/a.mp4"
    assert tuple(text.splitlines()[0].split(",")) == order.COLUMNS
