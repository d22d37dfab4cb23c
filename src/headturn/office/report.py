"""The report of a film: one HTML file that opens offline, for a director on a laptop or a phone.

Values in, page out. Text is taken as it comes and escaped on the page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from pathlib import Path

from headturn.office import page, watching_page
from headturn.office.charts import MotionTrack, motion_chart
from headturn.office.page import Still
from headturn.office.splice import SAME_FRAME_S, JoinPage, view
from headturn.office.watching import Watched
from headturn.office.words import VERDICT_SIGN


@dataclass(frozen=True)
class TakeLine:
    """What became of one take.

    used: the stretch in the film; left_out: sentences on what was not used, and why
    rate: frames a second, "29.97"; size: "1920x1080"; conform, colour: what was done to fit the film
    """

    name: str
    file: str
    used: str
    left_out: tuple[str, ...]
    rate: str
    size: str
    conform: tuple[str, ...] = ()
    colour: tuple[str, ...] = ()
    camera: str = ""
    timecode: str = ""
    sound: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class UnusedLine:
    """A file that is not in the film, and why."""

    file: str
    reason: str


@dataclass(frozen=True, eq=False)
class FilmReport:
    """Everything the report says. order: the sentence by what order the takes stand; strip: frames of the film.

    judged: by whom the splices are judged, where people took part
    steadied: what came of steadying it, in sentences; none as filmed
    comfort: how it will be to watch; None where nothing is known of its motion
    """

    title: str
    created: datetime
    order: str
    running_time: Fraction
    rate: Fraction
    size: tuple[int, int]
    strip: tuple[Still, ...]
    motion_chart: MotionTrack | None
    joins: tuple[JoinPage, ...]
    takes: tuple[TakeLine, ...]
    unused: tuple[UnusedLine, ...] = ()
    notes: tuple[str, ...] = ()
    judged: str = ""
    steadied: tuple[str, ...] = ()
    comfort: Watched | None = None


def write_report(report: FilmReport, out: Path) -> None:
    """Write the report to `out`, which appears only when it is whole.

    Raises:
        CannotWrite: no space, no permission.
    """
    page.write(_page(report), out)


def _page(report: FilmReport) -> str:
    return page.rendered(
        "report.html.j2",
        report=report,
        verdicts={verdict: sum(j.verdict == verdict for j in report.joins) for verdict in VERDICT_SIGN},
        motion=motion_chart(report.motion_chart) if report.motion_chart else None,
        strip=[(still, _splice_at(still, report.joins)) for still in report.strip],
        views=[view(join) for join in report.joins],
        comfort=watching_page.view(report.comfort) if report.comfort else None,
    )


def _splice_at(still: Still, joins: Sequence[JoinPage]) -> JoinPage | None:
    """The splice whose first frame a still of the film is."""
    return next((j for j in joins if abs(j.splice_time_s - still.film_time_s) < SAME_FRAME_S), None)
