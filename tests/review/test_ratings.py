"""Ratings as CSV: what is read, and a sentence for everything that makes no sense."""

import pytest

from headturn.errors import BadOption, CannotRead
from headturn.review.ratings import AFTER, BEFORE, Rated, parsed

HEAD = "viewer,time,fms"


def read(*lines, film_s=600.0):
    return parsed(lines, film_s, "evening.csv")


def test_viewers_come_with_all_that_is_known_of_them():
    ann, ben = read("viewer,time,fms,mssq,age,sex,left", "ben,60,1,,,,", "ann,1:30,7,12.5,41,f,4:00", "ann,60,5,,,,")
    assert ann == Rated("ann", (60.0, 90.0), (5.0, 7.0), 12.5, 41.0, True, None, 240.0)
    assert ben == Rated("ben", (60.0,), (1.0,))


def test_the_order_of_rows_and_columns_does_not_matter():
    rows = ["ann,60,5", "ben,60,1", "ann,90,7", "ann,90,6"]
    turned = [",".join(reversed(row.split(","))) for row in reversed(rows)]
    assert read(HEAD, *rows) == read("fms,time,viewer", *turned)


def test_ssq_counts_as_after_less_before():
    columns = ",".join((HEAD, *BEFORE, *AFTER))
    (ann,) = read(columns, "ann,600,5," + ",".join(["0"] * 16 + ["3"] * 16))
    assert ann.ssq_more == pytest.approx(235.62)
    (ann,) = read(columns, "ann,600,5," + ",".join([""] * 16 + ["3"] * 16))
    assert ann.ssq_more is None


def test_a_byte_order_mark_empty_lines_and_a_comma_for_a_point_are_read():
    (ann,) = read("\ufeffViewer, Time ,FMS", "", 'ann," 60,5 ","7,5"', ",,")
    assert ann.times_s == (60.5,) and ann.fms == (7.5,)


def test_a_rating_just_after_the_end_is_of_the_end():
    assert read(HEAD, "ann,603,5")[0].times_s == (600.0,)


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ([], "it is empty"),
        ([HEAD], "holds no ratings"),
        (["viewer,time"], "column 'fms' is missing"),
        ([HEAD + ",mood", "ann,60,5,good"], "no column 'mood'"),
        ([HEAD + ",fms", "ann,60,5,5"], "two columns 'fms'"),
        ([HEAD, "ann,60,21"], "line 2, viewer ann: a rating of '21' is outside the scale"),
        ([HEAD, "ann,60,-1"], "outside the scale"),
        ([HEAD, "ann,60,nan"], "outside the scale"),
        ([HEAD, "ann,60,bad"], "outside the scale"),
        ([HEAD, "ann,60,"], "outside the scale"),
        ([HEAD, "ann,700,5"], "the film ends after 600 s"),
        ([HEAD, "ann,-1,5"], "the time is '-1'"),
        ([HEAD, "ann,1:2:3:4,5"], "the time is"),
        ([HEAD, "ann,,5"], "the time is"),
        ([HEAD, ",60,5"], "line 2 names no viewer"),
        ([HEAD, "ann,60"], "line 2 has 2 cells"),
        ([HEAD, 'ann,60,"5'], "no CSV"),
        ([HEAD + ",mssq", "ann,60,5,55"], "'mssq' is '55'"),
        ([HEAD + ",age", "ann,60,5,old"], "'age' is 'old'"),
        ([HEAD + ",age", "ann,60,5,41", "ann,90,5,42"], "'age' is both '41' and '42'"),
        ([HEAD + ",sex", "ann,60,5,x"], "the sex of viewer ann"),
        ([HEAD + ",left", "ann,60,5,20:00"], "ann left at '20:00', the film ends"),
        ([HEAD + ",before_1", "ann,60,5,2"], "SSQ of viewer ann before the film is not filled in"),
        ([",".join((HEAD, *BEFORE)), "ann,60,5," + ",".join(["4"] * 16)], "'general discomfort' is rated 4"),
    ],
)
def test_what_makes_no_sense_is_said_in_a_sentence(lines, says):
    with pytest.raises(CannotRead) as error:
        read(*lines)
    assert says in str(error.value)
    assert str(error.value).startswith("evening.csv: ") and str(error.value).endswith(".")


def test_nobody_rates_outside_the_scale_by_another_way():
    with pytest.raises(BadOption, match="outside 0 to 20"):
        Rated("ann", (1.0,), (20.5,))
    with pytest.raises(BadOption, match="2 ratings at 1 times"):
        Rated("ann", (1.0,), (2.0, 3.0))
