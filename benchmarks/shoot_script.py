"""The script of a simulated shoot: who shoots what when, what goes wrong, and which take is the one. Values only.

Everything that `benchmarks.shoot` holds the office against follows from here: no figure of it comes from headturn.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import accumulate, cycle
from typing import Literal

import numpy as np

Kind = Literal[
    "good", "spare", "rehearsal", "false start", "no good", "look", "match", "performance", "technical", "comfort"
]
"""What becomes of a take: the one, a second for safety, a mark, or the reason why it goes in the bin."""
Code = Literal["head", "tail", ""]
BINNED: tuple[Kind, ...] = ("look", "match", "performance", "technical", "comfort")
"""Kinds that go in the bin by the verb; false starts and no goods do by their mark."""

RATE = Fraction(24000, 1001)
WRONG_RATE = Fraction(25)
"""Of a camera that somebody has set wrongly."""
TITLE, PERFORMER = "THE OTHER DOOR", "ANNA"
FIRST_DAY = date(2026, 3, 2)
BETWEEN_BLOCKS = timedelta(days=16)
STARTS_H, NIGHT_STARTS_H = 8, 19
"""By the clock; a block's last day is shot by night, and runs over midnight."""
BETWEEN_TAKES_MIN = (5, 13)
SCENE_SHOTS = 5
FIRST_SCENE = 11
CARD_TAKES = 8
"""What a card holds."""
TAKE_S, FALSE_START_S = (6.6, 7.4), (2.2, 3.4)
CODE_S = 1.3
"""How long the code of a slate is held before the camera, while the hero waits."""
B_SHARE, B_LATE_S = 0.2, (0.2, 1.2)
"""How often the second camera runs, and how much later it is started."""
TAIL_SHARE, NO_CODE_SHARE = 0.25, 0.06
"""Codes filmed at the tail, and forgotten ones: those are typed."""
REHEARSED_SHARE, SPARE_SHARE = 0.35, 0.2
RESHOT_FROM = 3
"""Days of a shoot in which a shot is shot again."""
NEVER_SHOT = 2
"""Shots of the plan that the shoot does not get to."""
EARLY: tuple[Kind, ...] = ("look", "false start", "match", "look", "performance", "match", "technical", "look")
LATE: tuple[Kind, ...] = ("match", "false start", "performance", "match", "comfort", "no good", "match", "technical")
"""What goes wrong in the first block, where it does not look as needed, and later."""
LEARNING = (1.6, 0.6)
"""Of the takes that fail, the weight of a block's first and last shots."""


@dataclass(frozen=True)
class Amount:
    """How much is shot, block by block. takes: without rehearsals, and without the one shot that is shot again."""

    days: tuple[int, ...] = (4, 4, 4)
    shots: tuple[int, ...] = (13, 13, 14)
    takes: tuple[int, ...] = (51, 50, 48)

    @classmethod
    def of(cls, days: int, shots: int, takes: int) -> "Amount":
        """A shoot of so many days in at most three blocks, its work shared out evenly."""
        blocks = min(3, max(1, days // 2), shots)
        again = int(days >= RESHOT_FROM)
        return cls(*(tuple(_even(whole, blocks)) for whole in (days, shots, takes - again)))


@dataclass(frozen=True)
class Take:
    """A take as it is shot.

    place: which shot of the film, from 0; day: from 1; cameras: "A", or "AB" for both of the rig
    begins: by the cameras' clocks; seconds: of the A camera's recording, the code's time too
    b_late_s: how much later the B camera is started; variant: drawn, tells apart the ways to go wrong
    a_lost: whether the A camera's recording is no good, so that the B camera's stands for the take
    replaced_on: the day on which a later take of the shot took its place, 0 for never
    """

    place: int
    block: int
    shot: str
    number: int
    kind: Kind
    day: int
    begins: datetime
    seconds: float
    code: Code
    cameras: str = "A"
    b_late_s: float = 0.0
    variant: int = 0
    a_lost: bool = False
    replaced_on: int = 0

    @property
    def name(self) -> str:
        """Its slate."""
        return f"{self.shot}-{self.number}"

    def kind_on(self, day: int) -> Kind:
        """What the take is at the end of a day: what was good may be in the bin later."""
        return "look" if 0 < self.replaced_on <= day else self.kind


@dataclass(frozen=True)
class Recording:
    """What one camera records of a take. roll: the card; number: of the file, by the camera's counter."""

    take: Take
    camera: str
    roll: str
    number: int

    @property
    def file(self) -> str:
        """As the camera names it."""
        return f"GX01{self.number:04d}.MP4"

    @property
    def name(self) -> str:
        """As the crew calls it."""
        return f"{self.take.name}{self.camera if self.camera != 'A' else ''}"

    @property
    def rate(self) -> Fraction:
        """Frames a second."""
        return WRONG_RATE if self.take.kind == "technical" and self.take.variant % 2 else RATE

    @property
    def late_s(self) -> float:
        """How much later than the A camera it starts."""
        return self.take.b_late_s if self.camera == "B" else 0.0

    @property
    def frames(self) -> int:
        """In the file."""
        return int((self.take.seconds - self.late_s) * self.rate)

    @property
    def duration(self) -> Fraction:
        """Of the file, in seconds."""
        return self.frames / self.rate

    @property
    def begins(self) -> datetime:
        """By its own clock, in whole seconds, as files have it."""
        return (self.take.begins + timedelta(seconds=self.late_s)).replace(microsecond=0)


@dataclass(frozen=True)
class Shoot:
    """All of it, in the order shot. planned: shot, sequence and block of everything that is to be made."""

    takes: tuple[Take, ...]
    shots: tuple[str, ...]
    planned: tuple[tuple[str, str, str], ...]
    dates: tuple[date, ...]
    days_of_blocks: tuple[int, ...]
    seed: int

    def recordings(self) -> Iterator[Recording]:
        """All recordings on their cards; the A camera's before the B camera's of each take."""
        numbers, cards, held = dict.fromkeys("AB", 0), dict.fromkeys("AB", 0), dict.fromkeys("AB", 0)
        day = 0
        for take in self.takes:
            if take.day != day:
                day, held = take.day, dict.fromkeys("AB", 0)
            for camera in take.cameras:
                if held[camera] % CARD_TAKES == 0:
                    cards[camera] += 1
                held[camera] += 1
                numbers[camera] += 1
                yield Recording(take, camera, f"{camera}{cards[camera]:03d}", numbers[camera])

    def block_of(self, day: int) -> int:
        """The block that a day is of, from 0."""
        return bisect_left(list(accumulate(self.days_of_blocks)), day)

    def opens_block(self, place: int) -> bool:
        """Whether a shot is the first of its block: another room, and nothing of the shot before is to be seen."""
        blocks = {take.place: take.block for take in self.takes}
        return place == 0 or blocks[place] != blocks[place - 1]


def written(amount: Amount, seed: int = 1) -> Shoot:
    """The script that an amount and a seed stand for."""
    rng = np.random.default_rng([seed, 2026])
    count = sum(amount.shots)
    names = [f"{FIRST_SCENE + n // SCENE_SHOTS}{'ABCDE'[n % SCENE_SHOTS]}" for n in range(count + NEVER_SHOT)]
    firsts = list(accumulate(amount.shots, initial=0))
    blocks = [block for block, number in enumerate(amount.shots) for _ in range(number)]
    planned = tuple(
        (name, f"sequence {1 + n // SCENE_SHOTS}", f"block {1 + blocks[min(n, count - 1)]}")
        for n, name in enumerate(names)
    )
    takes: list[Take] = []
    for block, number in enumerate(amount.shots):
        places = range(firsts[block], firsts[block] + number)
        takes += _of_block(block, places, names, amount, rng)
    takes = _reshot(takes, sum(amount.days), rng)
    takes = _one_camera_lost(takes)
    dates = _dates(amount)
    return Shoot(tuple(_dated(takes, dates, amount, rng)), tuple(names[:count]), planned, dates, amount.days, seed)


def _of_block(block: int, places: range, names: Sequence[str], amount: Amount, rng: np.random.Generator) -> list[Take]:
    """The takes of a block, shot by shot, and the days they fall on."""
    failed = _weighted(amount.takes[block] - len(places), len(places))
    wrong = cycle(EARLY if block == 0 else LATE)
    takes: list[Take] = []
    for place, failing in zip(places, failed, strict=True):
        kinds: list[Kind] = [next(wrong) for _ in range(failing)]
        if kinds and rng.random() < SPARE_SHARE:
            kinds = [*kinds[:-1], "good", "spare"]
        else:
            kinds.append("good")
        if rng.random() < REHEARSED_SHARE:
            kinds.insert(0, "rehearsal")
        for number, kind in enumerate(kinds, start=1):
            takes.append(_drawn(Take(place, block, names[place], number, kind, 0, datetime.min, 0, "head"), rng))
    before = sum(amount.days[:block])
    lengths = _even(len(takes), amount.days[block])
    days = [before + 1 + day for day, number in enumerate(lengths) for _ in range(number)]
    return [replace(take, day=day) for take, day in zip(takes, days, strict=True)]


def _drawn(take: Take, rng: np.random.Generator) -> Take:
    """With length, code, cameras and variant."""
    low, high = FALSE_START_S if take.kind == "false start" else TAKE_S
    place_of_code, both = rng.random(), rng.random() < B_SHARE
    code: Code = "head"
    if place_of_code < NO_CODE_SHARE:
        code = ""
    elif place_of_code < NO_CODE_SHARE + TAIL_SHARE and take.kind != "false start":
        code = "tail"
    return replace(
        take,
        seconds=round(float(rng.uniform(low, high)) + (CODE_S if code else 0.0), 3),
        code=code,
        cameras="AB" if both else "A",
        b_late_s=round(float(rng.uniform(*B_LATE_S)), 3) if both else 0.0,
        variant=int(rng.integers(1000)),
    )


def _reshot(takes: list[Take], days: int, rng: np.random.Generator) -> list[Take]:
    """One shot of the first day is shot again, first thing on a day two thirds through: it does not look right."""
    again = 1 + 2 * days // 3
    good = next((n for n, take in enumerate(takes) if take.kind == "good" and take.place > 0), None)
    if good is None or days < RESHOT_FROM or takes[good].day >= again:
        return takes
    old = takes[good]
    number = 1 + max(take.number for take in takes if take.shot == old.shot)
    new = _drawn(replace(old, number=number, day=again, cameras="A"), rng)
    takes[good] = replace(old, replaced_on=again)
    first = next(n for n, take in enumerate(takes) if take.day == again)
    return [*takes[:first], new, *takes[first:]]


def _one_camera_lost(takes: list[Take]) -> list[Take]:
    """Of one good take with two cameras, in the middle of the shoot, the A camera's recording is no good."""
    both = [n for n, take in enumerate(takes) if take.kind == "good" and take.cameras == "AB" and not take.replaced_on]
    if not both:
        return takes
    chosen = both[len(both) // 2]
    return [replace(take, a_lost=n == chosen) for n, take in enumerate(takes)]


def _dated(takes: Sequence[Take], dates: Sequence[date], amount: Amount, rng: np.random.Generator) -> Iterator[Take]:
    nights = set(accumulate(amount.days)) if sum(amount.days) > 2 else set()
    day, now = 0, datetime.min
    for take in takes:
        if take.day != day:
            day = take.day
            now = datetime.combine(dates[day - 1], datetime.min.time())
            now += timedelta(hours=NIGHT_STARTS_H if day in nights else STARTS_H, minutes=float(rng.integers(50)))
        now += timedelta(minutes=float(rng.uniform(*BETWEEN_TAKES_MIN)) * (2 if day in nights else 1))
        yield replace(take, begins=now.replace(microsecond=0))


def _dates(amount: Amount) -> tuple[date, ...]:
    found, first = [], FIRST_DAY
    for number in amount.days:
        found += [first + timedelta(days=day) for day in range(number)]
        first = found[-1] + BETWEEN_BLOCKS
    return tuple(found)


def _even(whole: int, parts: int) -> list[int]:
    return [whole // parts + (n < whole % parts) for n in range(parts)]


def _weighted(whole: int, parts: int) -> list[int]:
    """So many failures over a block's shots, more on the first."""
    edges = np.cumsum(np.linspace(*LEARNING, parts)) / np.sum(np.linspace(*LEARNING, parts)) * whole
    return [int(n) for n in np.diff(np.round(edges), prepend=0)]
