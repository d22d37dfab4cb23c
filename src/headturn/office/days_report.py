"""The daily progress report, as a script supervisor writes it: HTML that stands alone, and PDF."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from headturn.clock import clock_name
from headturn.errors import BadOption
from headturn.office import catalogue, days_chart, page
from headturn.office.daybook import Daybook
from headturn.office.days import Day, DayTake, reason
from headturn.office.days_summary import minutes, share
from headturn.office.log import Entry
from headturn.office.page import data_uri
from headturn.office.store import Store

TWO = 2
"""Devices on which a file lies verified before a card may be formatted."""


@dataclass(frozen=True)
class Roll:
    """A card of the day. files: how many of its files are known; verified: on two devices"""

    name: str
    takes: int
    files: int
    verified: int

    @property
    def told(self) -> str:
        """How safe it is."""
        if not self.files:
            return "taken in where it lies, no verified copies"
        if self.verified == self.files:
            return f"all {self.files} files verified on two devices"
        return f"{self.verified} of {self.files} files verified on two devices"


@dataclass(frozen=True)
class Line:
    """A line of the take list."""

    take: str
    began: str
    timecode: str
    roll: str
    length: str
    mark: str
    cut: str
    notes: str


def chosen(book: Daybook, which: str) -> Day:
    """A day by its number or date; the latest where `which` is empty.

    Raises:
        BadOption: nothing was shot, or not on that day.
    """
    days = book.found.days
    if not days:
        raise BadOption("nothing was shot yet, so that there is no day to report.")
    found = next((day for day in days if which in (str(day.number), day.date.isoformat())), None)
    if found is None and which:
        there = f"are days 1 to {len(days)}, {days[0].date} to {days[-1].date}" if days[1:] else f"is 1, {days[0].date}"
        raise BadOption(f"there is no shooting day {which}; there {there}.")
    return found or days[-1]


def html(store: Store, book: Daybook, day: Day) -> str:
    """The report of a day, a page that loads nothing."""
    to_date = [each for each in book.found.days if each.number <= day.number]
    return page.rendered(
        "days.html.j2",
        book=book,
        day=day,
        of=len(book.found.days),
        figures=_figures(day, to_date),
        rolls=_rolls(store, day),
        takes=tuple(_line(each) for each in day.takes),
        sounds=tuple(f"{each.name} ({each.footage.roll})" for each in day.sounds),
        cameras=_cameras(day.takes),
        chart=data_uri("image/svg+xml", days_chart.picture(book, "svg")),
        created=datetime.now(UTC),
    )


def pdf(report: str) -> bytes:
    """A report as PDF; nothing but what stands within the page is loaded.

    Raises:
        BadOption: this machine lacks Pango, which sets the type.
    """
    try:
        from weasyprint import HTML  # slow to import
        from weasyprint.urls import URLFetcher
    except OSError:  # a library of the system's, which pip does not bring
        raise BadOption(
            "a PDF needs the library Pango, which this machine lacks: install it (libpangoft2-1.0-0 on Debian, pango"
            " with Homebrew), or take --report and print the page from a browser."
        ) from None

    within = URLFetcher(allowed_protocols={"data"}, fail_on_errors=True)
    return bytes(HTML(string=report, url_fetcher=within).write_pdf())


def _figures(day: Day, to_date: Sequence[Day]) -> tuple[tuple[str, str, str], ...]:
    """Rows of (what, today, to date)."""
    tallies = [each.tally for each in to_date]
    own = day.tally
    bins: Counter[str] = sum((Counter(each.binned) for each in tallies), Counter())
    shot, used = sum(each.shot_s for each in tallies), sum(each.used_s for each in tallies)
    shots = {shot for each in tallies for shot in each.shots}
    before = set(to_date[-2].locked) if len(to_date) > 1 else set[str]()
    return (
        ("Shots covered", str(len(own.shots)), str(len(shots))),
        ("Shots matched", str(len(own.matched)), str(sum(len(each.matched) for each in tallies))),
        ("Shots locked by the end of the day", str(len(set(day.locked) - before)), str(len(day.locked))),
        ("Takes", str(own.takes), str(sum(each.takes for each in tallies))),
        ("Circled", str(own.circled), str(sum(each.circled for each in tallies))),
        ("In the bin", _bin(own.binned), _bin(bins)),
        ("Rehearsals", str(own.rehearsals), str(sum(each.rehearsals for each in tallies))),
        ("Minutes shot", minutes(own.shot_s), minutes(shot)),
        ("Of these in the cut", minutes(own.used_s), minutes(used)),
        ("Share that reached the cut", share(own.used_share), share(float(used / shot) if shot else None)),
        ("Screen minutes in the cut", minutes(own.screen_s), minutes(sum(each.screen_s for each in tallies))),
    )


def _bin(binned: Any) -> str:  # noqa: ANN401  # any mapping of reasons to counts
    count = sum(binned.values())
    ranked = ", ".join(f"{why} {n}" for why, n in sorted(binned.items(), key=lambda each: (-each[1], each[0])))
    return f"{count} ({ranked})" if count else "0"


def _rolls(store: Store, day: Day) -> tuple[Roll, ...]:
    entries = [entry for take in day.takes for entry in take.entries] + list(day.sounds)
    takes = Counter(entry.footage.roll for entry in entries)
    found = []
    with catalogue.opened(store) as known:
        for roll, count in sorted(takes.items()):
            devices: dict[str, set[str]] = {}
            for copy in known.copies(roll):
                own = devices.setdefault(copy.file, set())
                if copy.state == "verified":
                    own.add(copy.device)
            safe = sum(len(each) >= TWO for each in devices.values())
            found.append(Roll(roll, count, len(devices), safe))
    return tuple(found)


def _cameras(takes: Sequence[DayTake]) -> str:
    worn = Counter(_camera(entry) for take in takes for entry in take.entries)
    return ", ".join(f"{name} ({count})" for name, count in sorted(worn.items()))


def _camera(entry: Entry) -> str:
    what = entry.rig or entry.footage.camera or "camera not known"
    return f"{what} {entry.unit}".strip()


def _line(take: DayTake) -> Line:
    first = take.entries[0]
    mark = first.mark or ""
    thrown = reason(first)
    word = f"bin: {thrown}" if first.binned else mark
    return Line(
        take=take.name + "".join(f" +{each.unit}" for each in take.entries[1:] if each.unit),
        began=f"{take.at:%H:%M}" + ("" if take.dated else " (came in)"),
        timecode=first.footage.timecode,
        roll=f"{first.footage.roll} {first.footage.name}",
        length=clock_name(take.duration_s),
        mark=word,
        cut=clock_name(take.used_s) if take.used_s else "",
        notes="; ".join(note for each in take.entries for note in each.notes),
    )
