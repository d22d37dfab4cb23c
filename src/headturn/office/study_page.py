"""The page of `study`: films side by side in one table, then each with its course, its cuts and its worst moments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from headturn.clock import clock_name
from headturn.office import page
from headturn.office.charts import Chart
from headturn.office.page import Still
from headturn.office.study import RECALL, Studied, still_near
from headturn.office.study_charts import course_chart, lengths_chart
from headturn.office.study_summary import rows
from headturn.office.words import percent
from headturn.review.comfort import Moment

MOST_CUTS = 40
"""Shown with stills, spread over the film, so that the page of ten films stays below some megabytes."""


@dataclass(frozen=True)
class CutView:
    """A cut on the page."""

    time: str
    kind: str
    told: str
    in_turn: bool
    before: Still | None
    after: Still | None


@dataclass(frozen=True, eq=False)
class FilmView:
    """A film on the page. cuts: those shown, of all `cut_count`"""

    anchor: str
    name: str
    length: str
    course: Chart
    lengths: Chart | None
    cuts: tuple[CutView, ...]
    cut_count: int
    moments: tuple[tuple[Moment, Still], ...]
    flashes: tuple[str, ...]
    notes: tuple[str, ...]


def write(films: Sequence[Studied], screen: str, viewer: str, out: Path) -> None:
    """Write the page.

    Raises:
        CannotWrite: no space, no permission.
    """
    values: dict[str, Any] = {
        "title": films[0].name if len(films) == 1 else f"{len(films)} films",
        "films": [_view(film, f"film{number}") for number, film in enumerate(films, start=1)],
        "rows": rows(films),
        "screen": screen,
        "viewer": viewer,
        "recall": RECALL,
        "created": datetime.now(UTC),
    }
    page.write(page.rendered("study.html.j2", **values), out)


def _view(film: Studied, anchor: str) -> FilmView:
    return FilmView(
        anchor=anchor,
        name=film.name,
        length=clock_name(film.length_s),
        course=course_chart(film),
        lengths=lengths_chart(film),
        cuts=_cuts(film),
        cut_count=len(film.study.cuts),
        moments=tuple((moment, _moment_still(film, moment)) for moment in film.moments),
        flashes=flash_sentences(film.reel.flashes),
        notes=film.notes,
    )


def _cuts(film: Studied) -> tuple[CutView, ...]:
    cuts = film.study.cuts
    chosen = np.unique(np.linspace(0, max(0, len(cuts) - 1), min(len(cuts), MOST_CUTS)).round().astype(int))
    views = []
    for index in chosen:
        cut = cuts[index]
        frames = (cut.frame - 1, cut.frame)
        stills = [Still(film.reel.stills[frame], float(film.reel.flow.times_s[frame]), word)
                  if frame in film.reel.stills else None
                  for frame, word in zip(frames, ("before", "after"), strict=True)]  # fmt: skip
        told = {(True, True): "in a turn, on both sides", (True, False): "a turn runs into it",
                (False, True): "a turn runs out of it", (False, False): "no turn"}[cut.before, cut.after]  # fmt: skip
        views.append(CutView(clock_name(cut.time_s), _kind(cut.kind), told, cut.in_turn, stills[0], stills[1]))
    return tuple(views)


def _kind(kind: str) -> str:
    return {"hard": "", "black": "through black", "given": ""}[kind]


def _moment_still(film: Studied, moment: Moment) -> Still:
    frame, jpeg = still_near(film.reel, (moment.start_s + moment.end_s) / 2)
    return Still(jpeg, float(film.reel.flow.times_s[frame]), moment.words)


def flash_sentences(reports: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """What each standard on flashes says, with times; never that a film is safe."""
    told = []
    for report in reports:
        where = [f"{clock_name(each['span'][0])} to {clock_name(each['span'][1])} "
                 f"({percent(each['area_share'])} of the area, {each['flashes_per_s']:.1f} a second)"
                 for each in report["failures"]]  # fmt: skip
        verdict = f"not met: {'; '.join(where)}" if where else "met as far as this check sees (not a certificate)"
        told.append(f"{report['standard']}: {verdict}")
    return tuple(told)
