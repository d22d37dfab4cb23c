"""Viewers' answers: counted right, merged without loss or doubling, and refused when they are not what they say."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headturn.errors import CannotRead
from headturn.office import answers
from headturn.office.answers import Answer, Answers, BlindTest, Book, Pair, Sitting, Tally
from headturn.office.store import Store


def pair(number, side="left", **facts):
    told = {"verdict": "seamless", "detectability": 0.1, "takes": ("1A-1", "2A-1"), "uncut": "1A-1 from 0:01.0"}
    return Pair(id=f"p{number}", side=side, splice=f"a>{number}>b>0", number=number, **(told | facts))


PAIRS = pair(1, "left"), pair(2, "right"), pair(3, "left")
TEST = BlindTest(id="t", film="film", made="2026-05-01", pairs=PAIRS)
BOOK = Book(tests=(TEST,))


def sitting(id, *said, test="t"):
    told = tuple(Answer(pair=f"p{number}", said=side) for number, side in enumerate(said, start=1))
    return Sitting(id=id, test=test, viewer="A", answers=told)


def sheet(*sittings):
    return Answers(schema="headturn.blindtest-answers.1", sittings=sittings)


def test_right_answers_are_counted_for_each_splice_and_in_all(tmp_path):
    book, new = answers.merged(BOOK, tmp_path, sheet(sitting("1", "left", "left", "left"), sitting("2", "left")))
    assert new == 2
    counted = [(each.number, each.right, each.shown) for each in answers.tallies(book)]
    assert counted == [(1, 2, 2), (2, 0, 1), (3, 1, 1)]
    everything = answers.total(answers.tallies(book))
    assert (everything.right, everything.shown, everything.share) == (3, 4, 0.75)
    assert answers.total(()) is None


@given(st.lists(st.lists(st.sampled_from(["left", "right"]), max_size=3), min_size=1, max_size=6), st.randoms())
def test_however_often_and_in_whatever_order_files_come_the_count_is_the_same(sat, random):
    sheets = [sheet(*(sitting(str(k), *said) for k, said in enumerate(sat[: n + 1]))) for n in range(len(sat))]
    once, _ = answers.merged(BOOK, "x", sheets[-1])
    shuffled = [*sheets, *sheets]
    random.shuffle(shuffled)
    book = BOOK
    for each in shuffled:
        book, _ = answers.merged(book, "x", each)
    assert answers.tallies(book) == answers.tallies(once)
    assert len(book.sittings) == len(sat)


def test_a_sitting_that_went_on_replaces_its_beginning(tmp_path):
    book, _ = answers.merged(BOOK, tmp_path, sheet(sitting("1", "left", "left")))
    book, new = answers.merged(book, tmp_path, sheet(sitting("1", "left")))
    assert (new, len(book.sittings[0].answers)) == (0, 2), "an older file takes nothing away"
    book, _ = answers.merged(book, tmp_path, sheet(sitting("1", "left", "left", "left")))
    assert len(book.sittings[0].answers) == 3


@pytest.mark.parametrize(
    "wrong",
    [sitting("1", "left", test="other"), sitting("1", *["left"] * 4),
     Sitting(id="1", test="t", answers=(Answer(pair="p1", said="left"), Answer(pair="p1", said="left")))],
)  # fmt: skip
def test_answers_to_what_was_not_asked_are_refused(tmp_path, wrong):
    with pytest.raises(CannotRead):
        answers.merged(BOOK, tmp_path, sheet(wrong))


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"schema": "headturn.cut.1"}', b"[" * 5000,
     b'{"schema": "headturn.blindtest-answers.1", "sittings": [{"id": "", "test": "t", "answers": []}]}',
     b'{"schema": "headturn.blindtest-answers.1", "sittings": [{"id": "1", "test": "t", "answers": [{"pair": "p1",'
     b' "said": "both"}]}]}'],
)  # fmt: skip
def test_a_damaged_file_is_one_sentence(tmp_path, content):
    file = tmp_path / "a.json"
    file.write_bytes(content)
    with pytest.raises(CannotRead, match=r"^a\.json: is damaged[^\n]*$"):
        answers.read_answers(file)
    (tmp_path / "blindtest.json").write_bytes(content)
    with pytest.raises(CannotRead, match="move it away"):
        answers.read_book(Store(tmp_path))
    assert (tmp_path / "blindtest.json").read_bytes() == content


def test_the_book_reads_back_what_was_saved(tmp_path):
    book, _ = answers.merged(BOOK, tmp_path, sheet(sitting("1", "left", "right")))
    answers.save(book, Store(tmp_path))
    assert answers.read_book(Store(tmp_path)) == book
    assert json.loads((tmp_path / "blindtest.json").read_text())["schema"] == "headturn.blindtest.1"
    assert answers.read_book(Store(tmp_path / "new")) == Book()


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_is_wilson_s(counted):
    right, n = counted
    low, high = answers.wilson(right, n)
    z, share = 1.959963984540054, right / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    assert (low, high) == pytest.approx((max(0, middle - half), min(1, middle + half)), abs=1e-9)


@pytest.mark.parametrize(
    ("right", "shown", "words"),
    [(90, 100, "are noticed"), (10, 100, "something in them looks cut"), (1, 2, "Too few"), (52, 100, "No better")],
)
def test_what_it_means(right, shown, words):
    assert words in answers.meaning(Tally(1, "", "", ("", ""), shown, right))


def test_viewers_who_find_every_splice_raise_its_chance_of_being_caught(tmp_path):
    terms = {"framing": 0.4, "rotation": 0.2}
    book = Book(tests=(TEST.model_copy(update={"pairs": tuple(pair(k, terms=terms) for k in (1, 2, 3))}),))
    sure, _ = answers.merged(book, tmp_path, sheet(*(sitting(str(k), *["left"] * 3) for k in range(9))))
    blind, _ = answers.merged(book, tmp_path, sheet(*(sitting(str(k), *["right"] * 3) for k in range(9))))
    machines, *people = (answers.calibration(answers.tallies(each)) for each in (book, sure, blind))
    assert [each.answers for each in (machines, *people)] == [0, 27, 27]
    low, middle, high = (each.chance(tuple(terms.items())) for each in (people[1], machines, people[0]))
    assert low < middle < high
    assert answers.calibration(answers.tallies(answers.merged(BOOK, "x", sheet(sitting("1", "left")))[0])).answers == 0


def test_the_judges_are_machines_until_viewers_answer_and_each_name_is_one_viewer(tmp_path):
    store = Store(tmp_path)
    assert str(answers.judges(store)) == "machines"
    terms = {"framing": 0.4}
    book = Book(tests=(TEST.model_copy(update={"pairs": tuple(pair(k, terms=terms) for k in (1, 2, 3))}),))
    sittings = [
        sitting(id, *["left"] * 3).model_copy(update={"viewer": viewer})
        for id, viewer in (("1", "Anna"), ("2", "anna "), ("3", "Ben"), ("4", ""), ("5", ""))
    ]
    book, _ = answers.merged(book, tmp_path, sheet(*sittings))
    answers.save(book, store)
    judges = answers.judges(store)
    assert (judges.calibration.answers, judges.viewers) == (15, 4)
    assert str(judges) == "machines, corrected by 15 answers of 4 viewers"
