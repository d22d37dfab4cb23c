"""Logs of shoots written by hand, whose figures are known."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

from headturn.camera.take import Slate
from headturn.clock import Span
from headturn.edit.cut import Cut, Seam, Segment, Splice
from headturn.office.log import Decision, Entry, Footage, Lock, Log

START = datetime(2026, 3, 2, 9)
CAME_IN = datetime(2026, 12, 1, tzinfo=UTC)


def entry(ident, at, shot="1A", take=1, duration=60, kind="image", **said):
    slate = Slate(shot, take) if shot else None
    footage = Footage(ident, "A001", (f"{ident}.MP4",), Fraction(duration), Fraction(25), 1920, 1080, "", at, "",
                      CAME_IN, kind)  # fmt: skip
    return Entry(footage, slate, **said)


def lock(shot, take):
    made = Decision(1, CAME_IN, "anna", "cart", "lock", f"shot {shot}", 1, {"take": take, "entered": None})
    return Lock(shot, take, None, made)


def cut_of(*takes, verdict="seamless"):
    segments, splices = [], []
    for index, (ident, seconds) in enumerate(takes):
        start = sum(each.frames for each in segments)
        source = Span(Fraction(1), Fraction(1 + seconds))
        segments.append(Segment(ident, ident, source, start, seconds * 25))
        if index:
            splices.append(Splice(start, Seam("turn"), verdict, 0.1))
    return Cut("x", Fraction(25), 1920, 1080, tuple(segments), tuple(splices))


def a_shoot():
    """12 days in three blocks, 3 shots a day, 4 takes and a rehearsal of each, a B camera: 216 recordings.

    Of each shot: a rehearsal (30 s), take 1 binned (60 s), take 2 false start (10 s), take 3 kept (60 s, A and B),
    take 4 circled (90 s), of which 40 s are in the cut.
    """
    entries, shown = [], []
    for day in range(12):
        for number in range(3):
            shot = f"{day + 1}{'ABC'[number]}"
            at = START + timedelta(days=day + 20 * (day // 4), hours=2 * number)

            def made(take, minute, duration, name="", shot=shot, at=at, **said):
                return entry(f"{shot}-{take}{name}", at + timedelta(minutes=minute), shot, take, duration, **said)

            entries += [
                made(9, 0, 30, mark="rehearsal"), made(1, 5, 60, binned="look" if day < 6 else "match"),
                made(2, 10, 10, mark="false start"), made(3, 15, 60), made(3, 15, 60, "B", unit="B"),
                made(4, 20, 90, mark="circled"),
            ]  # fmt: skip
            shown.append((f"{shot}-4", 40))
    return Log(tuple(entries)), cut_of(*shown)
