"""The files of `days`: the table for a spreadsheet, the picture, the daily report."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from headturn.errors import BadOption, CannotWrite
from headturn.office import days_chart, days_report, days_summary, page
from headturn.office.daybook import Daybook
from headturn.office.store import Store


@dataclass(frozen=True)
class Wanted:
    """What to write, where; day: number or date of the day that is reported, "" for the latest."""

    table: Path | None = None
    picture: Path | None = None
    report: Path | None = None
    pdf: Path | None = None
    day: str = ""

    def check(self) -> None:
        """See that the names say what they hold, and that no page of another takes harm.

        Raises:
            BadOption: a name of another kind. CannotWrite: the report's name is a folder's or another page's.
        """
        kinds = tuple(f".{kind}" for kind in days_chart.KINDS)
        for path, endings in ((self.picture, kinds), (self.report, (".html", ".htm")), (self.pdf, (".pdf",))):
            if path and path.suffix.lower() not in endings:
                raise BadOption(f"{path.name}: give it a name that ends in {' or '.join(endings)}.")
            if path and path.is_dir():
                raise CannotWrite(path, "is a folder", "give the file's own name")
        if self.report:
            page.spare_others(self.report)
        if self.day and not (self.report or self.pdf):
            raise BadOption("--day says which day --report or --pdf tells of; give one of them.")


def write(store: Store, book: Daybook, wanted: Wanted) -> list[Path]:
    """Write what is wanted, each file whole or not at all; the paths.

    Raises:
        BadOption: no such day. CannotWrite: no space, no permission.
    """
    written = []
    for path, content in _made(store, book, wanted):
        Store(path.parent).write(path, content)
        written.append(path)
    return written


def _made(store: Store, book: Daybook, wanted: Wanted) -> Iterator[tuple[Path, bytes]]:
    if wanted.table:
        yield wanted.table, days_summary.as_csv(book).encode()
    if wanted.picture:
        yield wanted.picture, days_chart.picture(book, wanted.picture.suffix.lower()[1:])
    if wanted.report or wanted.pdf:
        page_of_day = days_report.html(store, book, days_report.chosen(book, wanted.day))
        if wanted.report:
            yield wanted.report, page_of_day.encode("utf-8", "backslashreplace")
        if wanted.pdf:
            yield wanted.pdf, days_report.pdf(page_of_day)
