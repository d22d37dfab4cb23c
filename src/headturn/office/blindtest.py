"""The verb `blindtest`: do people see the splices? Pairs of loops, one with a splice and one uncut, on one page.

A two-alternative forced choice (Macmillan and Creelman, Detection Theory, 2005): who sees nothing is right half the
time. The uncut loop is the very turn in which the splice lies, as one of its two takes goes on through it, so that both
loops of a pair show one place at one speed; where neither take goes on, another moment of theirs at a like speed.
"""

import base64
import json
import random
import secrets
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from headturn.clock import clock_name
from headturn.edit import cut, detectability
from headturn.edit.cut import Cut
from headturn.errors import NothingToDo
from headturn.head.rush import Rush
from headturn.office import answers, loops, page
from headturn.office.answers import BlindTest, Pair, Tally
from headturn.office.dailies import Progress
from headturn.office.loops import Loop
from headturn.office.reopening import Film, cut_file, reopened
from headturn.office.store import Store, writing
from headturn.review import steadied
from headturn.review.ride import Ride

MOST_PAIRS = 20
"""Ten minutes of a viewer's attention, and about 10 MB."""
REACHES_S = (1.0, 0.8, 0.65, 0.5)
"""Seconds shown before and after the splice: the turn and how it begins and ends; less where takes end before."""
LIKE_SPEED = 1.6
"""Another moment stands for the splice's own up to this ratio of speeds: blur and difficulty differ beyond."""
CALM_RAD_S = np.radians(20.0)
"""A head that walks and looks ahead sways this fast; slower moments are all alike."""
PAGE_BYTES = 30_000_000
COARSER_CRF = 4
COARSEST_CRF = 37


@dataclass(frozen=True, eq=False)
class Trial:
    """One splice against one uncut stretch. window: film frames; start: of the uncut stretch, on its clip's clock."""

    index: int
    window: range
    rush: Rush
    start: Fraction


@dataclass(frozen=True)
class MadeTest:
    """A page that was written. left_out: splices without an uncut turn beside them, by number."""

    page: Path
    test: BlindTest
    left_out: tuple[int, ...]


@dataclass(frozen=True)
class Judged:
    """All answers about a film so far. new: sittings that were not known before; kept: where they stand."""

    kept: Path
    new: int
    sittings: int
    tallies: tuple[Tally, ...]


def make(given: Path | None, out: Path, on_progress: Progress) -> MadeTest:
    """Write a blind test of a film's splices, and remember it in the film's folder.

    Raises:
        CannotRead: no cut, or its takes are gone. NothingToDo: no splice, or none with an uncut turn to show beside
        it. CannotWrite: no space, no permission, or a file that is no page of headturn's.
    """
    page.spare_others(out)
    film = reopened(cut_file(given), on_progress)
    book = answers.read_book(film.store)
    if not film.cut.splices:
        raise NothingToDo(f"{film.cut.title}: the film has no splice, so there is nothing to test.")
    chance = random.Random(secrets.randbits(128))
    trials, left_out = _trials(film, chance)
    if not trials:
        raise NothingToDo(
            f"{film.cut.title}: no take goes on beyond its splice or has another turn of like speed, so that no uncut "
            "turn can be shown beside a splice; keep longer takes."
        )
    chance.shuffle(trials)
    trials = trials[:MOST_PAIRS]
    pairs = tuple(_pair(film.cut, trial, f"p{number}", chance) for number, trial in enumerate(trials, start=1))
    test = BlindTest(
        id=secrets.token_hex(8),
        film=film.cut.title,
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        pairs=pairs,
    )
    text = _page(test, _small_enough(film, trials, on_progress))
    answers.save(answers.with_test(book, test), film.store)  # before the page: no viewer's answers shall be homeless
    page.write(text, out)
    return MadeTest(out, test, left_out)


def judge(given: Path | None, files: Sequence[Path]) -> Judged:
    """Take in viewers' answers, and count all that there are of the film.

    Raises:
        CannotRead: no film, or a file that is damaged or belongs to another film; nothing is taken in then.
    """
    kept = Store(cut_file(given).parent)
    book, new = answers.read_book(kept), 0
    for file in files:
        book, more = answers.merged(book, file, answers.read_answers(file))
        new += more
    if not book.sittings:
        raise NothingToDo(f"{kept.blindtest}: nobody has answered yet; download the answers from the test's page.")
    if files:
        answers.save(book, kept)
    return Judged(kept.blindtest, new, len(book.sittings), answers.tallies(book))


# Which loops stand beside each other ----------------------------------------------------------------------------


def _trials(film: Film, chance: random.Random) -> tuple[list[Trial], tuple[int, ...]]:
    trials, left_out = [], []
    for index in range(len(film.cut.splices)):
        trial = _trial(film, index, chance)
        if trial is None:
            left_out.append(index + 1)
        else:
            trials.append(trial)
    return trials, tuple(left_out)


def _trial(film: Film, index: int, chance: random.Random) -> Trial | None:
    """A splice and the uncut stretch beside it: its own moment in A or in B, else another of either."""
    cut, frame = film.cut, film.cut.splices[index].frame
    sides = [film.rushes[cut.segments[i].take] for i in (index, index + 1)]
    windows = [range(frame - reach, frame + reach) for reach in (round(s * cut.rate) for s in REACHES_S)]
    windows = [window for window in windows if window.start >= 0 and window.stop <= cut.frames]
    for window in windows:
        own = [(rush, cut.source_time(index + i, window.start)) for i, rush in enumerate(sides)]
        able = [each for each in own if _lasts(*each, len(window), cut)]
        if able:
            return Trial(index, window, *chance.choice(able))
    for window in windows:
        able = _other_stretches(cut, index, sides, window)
        if able:
            return Trial(index, window, *chance.choice(able))
    return None


def _lasts(rush: Rush, start: Fraction, frames: int, cut: Cut) -> bool:
    span = rush.times.span
    return span.start <= start and start + frames / cut.rate <= span.end


def _other_stretches(cut: Cut, index: int, sides: Sequence[Rush], window: range) -> list[tuple[Rush, Fraction]]:
    """Other moments of either take at the splice's speed, placed where the splice lies: turns, if it lies in one."""
    splice = cut.splices[index]
    before = (splice.frame - window.start) / cut.rate
    times = [cut.source_time(index + side, splice.frame) for side in range(len(sides))]
    speed = max(_speed(rush, time) for rush, time in zip(sides, times, strict=True))
    found = []
    for rush in dict.fromkeys(sides):
        turns = [Fraction(turn.peak_s).limit_denominator(1000) for turn in rush.turns]
        calm = [Fraction(k, 2) for k in range(int(2 * rush.times.span.end))]
        for moment in turns if splice.seam.hiding == "turn" else calm:
            alike = speed / LIKE_SPEED <= _speed(rush, moment) <= speed * LIKE_SPEED
            if alike and _lasts(rush, moment - before, len(window), cut):
                found.append((rush, moment - before))
    return found


def _speed(rush: Rush, time: Fraction) -> float:
    """How fast the image turns at a time, and never below what reads as calm."""
    return max(CALM_RAD_S, float(np.linalg.norm(rush.motion.rates_rad_s[rush.times.nearest(time)])))


def _pair(cut: Cut, trial: Trial, id: str, chance: random.Random) -> Pair:
    a, b = cut.segments[trial.index : trial.index + 2]
    splice = cut.splices[trial.index]
    return Pair(
        id=id,
        side=chance.choice(("left", "right")),
        splice=f"{a.take}>{a.source.end}>{b.take}>{b.source.start}",
        number=trial.index + 1,
        verdict=splice.verdict,
        detectability=detectability.chance(splice.terms) if splice.terms else splice.detectability,
        takes=(a.name, b.name),
        uncut=f"{trial.rush.take.name} from {clock_name(trial.start)}",
        terms=dict(splice.terms),
    )


# The page -------------------------------------------------------------------------------------------------------


def _small_enough(film: Film, trials: Sequence[Trial], on_progress: Progress) -> list[tuple[Loop, Loop]]:
    """The loops of each trial, splice first; all of one quality, coarser where the page would be too large."""
    small = cut.no_wider(film.cut, loops.WIDTH_PX)
    planned = steadied.plan(small, film.rushes)
    crf = loops.CRF
    while True:
        on_loop = partial(on_progress, "Rendering loops")
        made = []
        for number, trial in enumerate(trials):
            on_loop(number, len(trials))
            made.append(_both(small, planned, film, trial, crf))
        on_loop(len(trials), len(trials))
        size = sum(2 * max(len(loop.mp4) for loop in both) for both in made) * 4 // 3
        if size <= PAGE_BYTES or crf >= COARSEST_CRF:
            return made
        crf += COARSER_CRF


def _both(small: Cut, planned: Ride, film: Film, trial: Trial, crf: int) -> tuple[Loop, Loop]:
    takes = {id: rush.take for id, rush in film.rushes.items()}
    with writing(Path(tempfile.gettempdir())), tempfile.TemporaryDirectory(prefix="headturn-") as folder:
        spliced = loops.written(small, planned, takes, trial.window, Path(folder) / "1.mp4", crf)
        alone = loops.uncut(trial.rush, trial.start, trial.window, small)
        uncut = loops.looped(alone, film.rushes, Path(folder) / "2.mp4", crf)
    return _of_one_size(spliced, uncut)


def _of_one_size(one: Loop, other: Loop) -> tuple[Loop, Loop]:
    """Both loops with empty boxes (ISO/IEC 14496-12, "free") at their ends, so that no size tells them apart."""
    size = max(len(one.mp4), len(other.mp4)) + 8
    padded = []
    for loop in (one, other):
        missing = size - len(loop.mp4)
        padded.append(replace(loop, mp4=loop.mp4 + missing.to_bytes(4, "big") + b"free" + bytes(missing - 8)))
    return padded[0], padded[1]


def _page(test: BlindTest, made: Sequence[tuple[Loop, Loop]]) -> str:
    shown, media = [], []
    for pair, (spliced, uncut) in zip(test.pairs, made, strict=True):
        sides = (spliced, uncut) if pair.side == "left" else (uncut, spliced)
        shown.append({"id": pair.id, "width": spliced.width_px, "height": spliced.height_px})
        media.append((pair.id, *(base64.b64encode(loop.mp4).decode() for loop in sides)))
    key = secrets.token_bytes(64)
    truth = {pair.id: {"side": pair.side, "splice": _called(pair)} for pair in test.pairs}
    told: dict[str, Any] = {
        "test": test.id,
        "film": test.film,
        "pairs": shown,
        "key": base64.b64encode(key).decode(),
        "sealed": base64.b64encode(_sealed(json.dumps(truth), key)).decode(),
    }
    return page.rendered("blindtest.html.j2", test=test, told=told, media=media)


def _called(pair: Pair) -> str:
    return f"Splice {pair.number}: {pair.takes[0]} → {pair.takes[1]}"


def _sealed(text: str, key: bytes) -> bytes:
    """Not a cipher: it keeps whoever reads the page's source from seeing the answers by accident."""
    plain = np.frombuffer(text.encode(), np.uint8)
    return (plain ^ np.resize(np.frombuffer(key, np.uint8), len(plain))).tobytes()
