"""Blind tests and what viewers answered: kept in the film's folder as blindtest.json, checked when read, never lost."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from headturn.edit import detectability
from headturn.edit.detectability import MACHINES, Calibration
from headturn.errors import CannotRead
from headturn.office.store import Store

Side = Literal["left", "right"]
MOST = 100_000
"""Answers in one file: more is no file of ours."""


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True)


class Pair(_Value):
    """Two loops side by side. side: where the splice is; splice: which one, by its takes and times; number: in the film

    detectability, terms: what machines gave it when the test was made, and the parts of its cost
    uncut: what the other loop shows
    """

    id: str
    side: Side
    splice: str
    number: int
    verdict: str
    detectability: float | None
    takes: tuple[str, str]
    uncut: str
    terms: dict[str, float] = Field(default_factory=dict)


class BlindTest(_Value):
    """A page of pairs. made: date and time, ISO 8601."""

    id: str
    film: str
    made: str
    pairs: tuple[Pair, ...]


class Answer(_Value):
    """What a viewer said of a pair: which side holds the splice."""

    pair: str
    said: Side


class Sitting(_Value):
    """One viewer going through one test."""

    id: Annotated[str, Field(min_length=1, max_length=200)]
    test: str
    viewer: Annotated[str, Field(max_length=1000)] = ""
    began: str = ""
    ended: str = ""
    answers: Annotated[tuple[Answer, ...], Field(max_length=MOST)]


class Answers(_Value):
    """The file that the page hands out."""

    format: Literal["headturn.blindtest-answers.1"] = Field(alias="schema")
    sittings: Annotated[tuple[Sitting, ...], Field(max_length=MOST)]


class Book(_Value):
    """blindtest.json: every test of a film and every sitting that came back."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)
    format: Literal["headturn.blindtest.1"] = Field(default="headturn.blindtest.1", alias="schema")
    tests: tuple[BlindTest, ...] = ()
    sittings: tuple[Sitting, ...] = ()


@dataclass(frozen=True)
class Tally:
    """How often a splice was shown and found, with the 95 % interval of the share (Wilson 1927).

    detectability, terms: what machines gave it, or None, and the parts of its cost
    """

    number: int
    splice: str
    verdict: str
    takes: tuple[str, str]
    shown: int
    right: int
    detectability: float | None = None
    terms: tuple[tuple[str, float], ...] = ()

    @property
    def share(self) -> float:
        """Share of right answers; guessing gives half."""
        return self.right / self.shown

    @property
    def interval(self) -> tuple[float, float]:
        """Where the share lies with 95 % confidence."""
        return wilson(self.right, self.shown)


_Model = TypeVar("_Model", bound=BaseModel)


def wilson(right: int, shown: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927, doi:10.1080/01621459.1927.10502953)."""
    from scipy.stats import binomtest  # a second to load

    found = binomtest(right, shown).proportion_ci(0.95, method="wilson")
    return float(found.low), float(found.high)


def read_book(store: Store) -> Book:
    """The film's book; an empty one where there is none yet.

    Raises:
        CannotRead: it is damaged; it is not written over then.
    """
    if not store.blindtest.exists():
        return Book()
    return _read(store.blindtest, Book, "repair it, or move it away to begin a new one")


def read_answers(file: Path) -> Answers:
    """A file of answers.

    Raises:
        CannotRead: missing, damaged, or something else.
    """
    return _read(file, Answers, "download it from the test's page again")


def _read(file: Path, kind: type[_Model], cure: str) -> _Model:
    try:
        content = file.read_bytes()
    except OSError as error:
        why = "is not there" if isinstance(error, FileNotFoundError) else f"cannot be read ({error.strerror})"
        raise CannotRead(file, why, "check the path") from None
    try:
        return kind.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        what = "damaged" if first["type"] == "json_invalid" else f"damaged or not of a blind test (at '{where}')"
        raise CannotRead(file, f"is {what if where else 'damaged or not of a blind test'}", cure) from None


def with_test(book: Book, test: BlindTest) -> Book:
    """The book with one more test."""
    return book.model_copy(update={"tests": (*book.tests, test)})


def merged(book: Book, file: Path, answers: Answers) -> tuple[Book, int]:
    """The book with the sittings of a file, and how many of them are new; the longer of two of one id stays.

    Raises:
        CannotRead: the answers belong to a test or a pair that this film does not know.
    """
    pairs = {test.id: {pair.id for pair in test.pairs} for test in book.tests}
    known = {sitting.id: sitting for sitting in book.sittings}
    new = 0
    for sitting in answers.sittings:
        if sitting.test not in pairs:
            raise CannotRead(file, "answers a test that was not made of this film", "give the film that it belongs to")
        told = [answer.pair for answer in sitting.answers]
        if len(set(told)) < len(told) or not pairs[sitting.test].issuperset(told):
            raise CannotRead(file, "answers pairs that its test does not have", "download it from the page again")
        before = known.get(sitting.id)
        if before is None or len(before.answers) < len(told):
            known[sitting.id] = sitting
            new += before is None
    return book.model_copy(update={"sittings": tuple(known.values())}), new


def save(book: Book, store: Store) -> None:
    """Write the book, whole or not at all."""
    store.write_json(store.blindtest, book.model_dump(mode="json", by_alias=True))


def tallies(book: Book) -> tuple[Tally, ...]:
    """Right answers for each splice that was shown, in film order; a splice of a test keeps its name in all tests."""
    pairs = {(test.id, pair.id): pair for test in book.tests for pair in test.pairs}
    counted: dict[str, list[tuple[Pair, bool]]] = {}
    for sitting in book.sittings:
        for answer in sitting.answers:
            pair = pairs[sitting.test, answer.pair]
            counted.setdefault(pair.splice, []).append((pair, answer.said == pair.side))
    found = []
    for splice, seen in counted.items():
        newest, right = seen[-1][0], sum(said for _, said in seen)
        found.append(
            Tally(
                number=newest.number,
                splice=splice,
                verdict=newest.verdict,
                takes=newest.takes,
                shown=len(seen),
                right=right,
                detectability=newest.detectability,
                terms=tuple(newest.terms.items()),
            )
        )
    return tuple(sorted(found, key=lambda each: (each.number, each.splice)))


def total(tallied: Iterable[Tally]) -> Tally | None:
    """All splices as one, or None where nothing was answered."""
    counted: Sequence[Tally] = tuple(tallied)
    shown = sum(each.shown for each in counted)
    return Tally(0, "", "", ("", ""), shown, sum(each.right for each in counted)) if shown else None


def calibration(tallied: Iterable[Tally]) -> Calibration:
    """How these viewers' eyes relate to the machines'; splices of films without terms say nothing of that."""
    return detectability.calibrated([detectability.Answers(t.terms, t.shown, t.right) for t in tallied if t.terms])


@dataclass(frozen=True)
class Judges:
    """By whose eyes splices are judged. viewers: those who answered, each name once, and each sitting without one."""

    calibration: Calibration = MACHINES
    viewers: int = 0

    def __str__(self) -> str:
        if not self.calibration.answers:
            return "machines"
        answers, viewers = self.calibration.answers, self.viewers
        return (
            f"machines, corrected by {answers} {'answer' if answers == 1 else 'answers'} of "
            f"{viewers} {'viewer' if viewers == 1 else 'viewers'}"
        )


def judges(store: Store) -> Judges:
    """Those who judge the splices of a film: machines, and its viewers as soon as any answered.

    Raises:
        CannotRead: the film's book is damaged.
    """
    book = read_book(store)
    told = [sitting for sitting in book.sittings if sitting.answers]
    named = {sitting.viewer.strip().casefold() or f"\0{sitting.id}" for sitting in told}
    return Judges(calibration(tallies(book)), len(named))


def meaning(tally: Tally) -> str:
    """What a share of right answers says, in a sentence."""
    low, high = tally.interval
    if low > 0.5:
        return "The splices are noticed: viewers find them more often than guessing would."
    if high < 0.5:
        return "Viewers take uncut turns for splices more often than guessing would: something in them looks cut."
    if high - low > 0.4:
        return "Too few answers to tell noticing from guessing; show the test to more viewers."
    return f"No better than guessing, as far as {tally.shown} answers can show."
