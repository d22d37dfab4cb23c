"""The page of `comfort`, alone; and the same as a section of a film's report."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from headturn.office import page
from headturn.office.charts import Chart
from headturn.office.page import Still
from headturn.office.study_page import flash_sentences
from headturn.office.watching import Watched
from headturn.office.watching_charts import course_chart, moment_chart, screens_chart
from headturn.office.watching_summary import ScreenLine, learnt, screen_lines
from headturn.review.comfort import Moment


@dataclass(frozen=True, eq=False)
class MomentView:
    """One of the worst moments on the page. chart: the curve around it, with it and without."""

    moment: Moment
    still: Still | None
    chart: Chart


@dataclass(frozen=True, eq=False)
class ComfortView:
    """What a page shows. flashes: a sentence for each standard; empty where nobody looked."""

    watched: Watched
    course: Chart
    screens: Chart
    screen_lines: tuple[ScreenLine, ...]
    moments: tuple[MomentView, ...]
    flashes: tuple[str, ...]
    learnt: str


def write(watched: Watched, out: Path) -> None:
    """Write the page alone.

    Raises:
        CannotWrite: no space, no permission.
    """
    page.write(
        page.rendered("comfort.html.j2", title=watched.name, comfort=view(watched), created=datetime.now(UTC)), out
    )


def view(watched: Watched) -> ComfortView:
    """What is shown, alone or in a report."""
    return ComfortView(
        watched,
        course_chart(watched),
        screens_chart(watched.elsewhere),
        screen_lines(watched),
        tuple(MomentView(moment, still, moment_chart(watched.felt, moment)) for moment, still in watched.moments),
        flash_sentences(watched.flashes or ()),
        learnt(watched),
    )
