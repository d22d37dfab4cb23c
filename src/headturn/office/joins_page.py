"""The page of `joins`: each of the best joins as a loop, with the frames around it; for a folder, the map first."""

import math
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, TypeAdapter

from headturn.camera import media
from headturn.clock import clock_name
from headturn.edit import cut
from headturn.edit.cut import Cut
from headturn.edit.joins import Join
from headturn.edit.reasons import reasons
from headturn.errors import CannotRead
from headturn.head.rush import Rush
from headturn.head.turns import describe
from headturn.office import loops, page, splice, vault
from headturn.office.dailies import WORKERS, Progress
from headturn.office.joins_summary import unlike
from headturn.office.loops import Loop
from headturn.office.meeting import Desk, JoinMap, Meeting
from headturn.office.splice import Frames, JoinPage, SpliceView, view
from headturn.office.store import Store
from headturn.office.words import HIDDEN_BY, VERDICT_SIGN, percent
from headturn.picture import treatment

MOST_LOOPS = 5
MAP_LOOPS = 12
"""Loops on the page of a folder: with their stills about 1 MB each."""
MATRIX_TAKES = 40
"""Of more takes the page has no matrix: nobody finds a row in it. The list remains."""


@dataclass(frozen=True)
class Showing:
    """How loops are rendered.

    around_s: shown before and after the splice, a turn with the rest beside it; width_px; most_rate: frames a second
    studied: whether each splice's treatments are tried, and the frames around it and its speed are shown, too
    """

    around_s: float = 1.0
    width_px: int = loops.WIDTH_PX
    most_rate: float = math.inf
    studied: bool = True


ON_SET = Showing(around_s=0.6, width_px=384, most_rate=30.0, studied=False)
"""A crew waits. A seam reaches half a second to each side; and a phone held upright shows no more pixels across."""
PREVIEWS = (
    f"The loops are previews, {ON_SET.width_px} pixels wide and with the usual seam; headturn joins tries which seam "
    "suits each splice best, and shows the frames around it."
)


@dataclass(frozen=True)
class Cell:
    """One square of the matrix: a verdict ("" for none, "same" on the diagonal), where it leads, what it says."""

    word: str
    anchor: str
    title: str


@dataclass(frozen=True)
class Follower:
    """A take that can follow another, where, and what hides the splice if it is no turn."""

    name: str
    verdict: str
    caught: str
    out: str
    into: str
    anchor: str
    hidden_by: str


def write_meeting(met: Meeting, out: Path, with_loops: bool, on_progress: Progress) -> None:
    """Write the page of two takes.

    Raises:
        CannotWrite: no space, no permission.
    """
    best = met.joins[:MOST_LOOPS] if with_loops else ()
    page.write(_page_of_two(met, _splices(best, (met.a, met.b), met.desk, on_progress), met.notes), out)


def write_previews(met: Meeting, seen_in: tuple[Rush, Rush], out: Path, on_progress: Progress) -> None:
    """Write the page of two takes as soon as it can be seen: its loops small, and quick to render.

    seen_in: the two takes, or their low-resolution recordings

    Raises:
        CannotWrite: no space, no permission.
    """
    splices = _splices(met.joins, seen_in, met.desk, on_progress, ON_SET)
    page.write(_page_of_two(met, splices, (*met.notes, PREVIEWS)), out)


def _page_of_two(met: Meeting, splices: Sequence[tuple[JoinPage, SpliceView]], notes: Sequence[str]) -> str:
    values = {
        "without_join": met.without_join,
        "notes": notes,
        "judges": str(met.desk.judges),
        "unused": (),
        "is_map": False,
        "matrix": [],
        "followers": [],
    }
    return _page(f"{met.a.take.name} → {met.b.take.name}", (met.a, met.b), met.joins, splices, values)


def write_map(found: JoinMap, out: Path, with_loops: bool, on_progress: Progress) -> None:
    """Write the page of a folder; raises as `write_meeting`."""
    best = found.joins[:MAP_LOOPS] if with_loops else ()
    splices = _splices(best, found.takes, found.desk, on_progress)
    anchored = {(join.a, join.b): shown.anchor for join, (_, shown) in zip(found.joins, splices, strict=False)}
    values = {
        "without_join": (),
        "notes": found.notes,
        "judges": str(found.desk.judges),
        "unused": found.unused,
        "is_map": True,
        "matrix": _matrix(found.takes, found.joins, anchored) if len(found.takes) <= MATRIX_TAKES else [],
        "followers": _followers(found.takes, found.joins, anchored),
    }
    title = found.folder.resolve().name or str(found.folder)
    page.write(_page(title, found.takes, found.joins, splices, values), out)


def _page(
    title: str,
    takes: Sequence[Rush],
    joins: Sequence[Join],
    splices: Sequence[tuple[JoinPage, SpliceView]],
    values: Mapping[str, Any],
) -> str:
    return page.rendered(
        "joins.html.j2",
        title=title,
        created=datetime.now(UTC),
        counts={word: sum(join.verdict == word for join in joins) for word in VERDICT_SIGN},
        splices=splices,
        more=len(joins) - len(splices),
        takes=[_take_line(rush, name) for rush, name in zip(takes, _names(takes).values(), strict=True)],
        **values,
    )


def _names(takes: Sequence[Rush]) -> dict[str, str]:
    """What the takes are called on the page, by their ids."""
    called = unlike([rush.take.name for rush in takes])
    return {rush.take.id: name for rush, name in zip(takes, called, strict=True)}


def _splices(
    shown: Sequence[Join], takes: Sequence[Rush], desk: Desk, on_progress: Progress, showing: Showing = Showing()
) -> list[tuple[JoinPage, SpliceView]]:
    """Each join rendered, small, with its loop and the frames around it; one that cannot be decoded has neither."""
    splices, names = [], _names(takes)
    rushes = {rush.take.id: rush for rush in takes}

    def seen(join: Join) -> tuple[Cut, _Seen]:
        pair = {id: rushes[id] for id in (join.a, join.b)}
        film = loops.meeting_cut(pair[join.a], pair[join.b], join, desk.chosen.assemble, showing.most_rate)
        film = cut.no_wider(cut.around(film, 0, round(showing.around_s * film.rate)), showing.width_px)
        if showing.studied:
            film = treatment.chosen(film, pair, keep=vault.seams(film, pair, desk.store))
        else:
            usual = next(treatment.candidates(film, 0, pair))
            film = replace(film, splices=(replace(film.splices[0], seam=usual),))
        return film, _seen(film, pair, desk.store, showing)

    on_progress("Rendering loops", 0, len(shown))
    with ThreadPoolExecutor(WORKERS) as workers:
        try:
            for number, (join, (film, found)) in enumerate(zip(shown, workers.map(seen, shown), strict=True), start=1):
                told = replace(
                    splice.join_page(film, 0, rushes, found.frames),
                    title=f"Join {number}",
                    reasons=reasons(join),
                    name_a=names[join.a],
                    name_b=names[join.b],
                )
                told = told if showing.studied else replace(told, curves=None)
                splices.append((told, view(told, found.loop, f"join-{number}")))
                on_progress("Rendering loops", number, len(shown))
        except BaseException:
            workers.shutdown(cancel_futures=True)
            raise
    return splices


@dataclass(frozen=True)
class _Seen:
    """What is to be seen of a splice."""

    __pydantic_config__ = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    frames: Frames = field(default_factory=Frames)
    loop: Loop | None = None


_SEEN: TypeAdapter[_Seen] = TypeAdapter(_Seen)


def _seen(film: Cut, pair: Mapping[str, Rush], store: Store, showing: Showing) -> _Seen:
    """A short film's loop and the frames around its splice, rendered once; nothing where it cannot be decoded."""
    lenses = [rush.take.clip.lens for rush in pair.values()]
    seams = [(splice.frame, splice.seam) for splice in film.splices]
    inputs = (film.segments, seams, film.rate, film.width, film.height, lenses, loops.CRF, showing.studied)

    def rendered() -> Any:  # noqa: ANN401
        with tempfile.TemporaryDirectory(prefix="headturn-") as folder:
            file = Path(folder) / "loop.mp4"
            loop = loops.looped(film, pair, file)
            stills = splice.Stills(media.probe([file]))
            frames = splice.frames_around(film, 0, pair, stills) if showing.studied else Frames()
            return _SEEN.dump_python(_Seen(frames, loop), mode="json")

    try:
        return _SEEN.validate_python(store.kept_json("loops", inputs, rendered))
    except CannotRead:
        return _Seen()


def _matrix(
    takes: Sequence[Rush], joins: Sequence[Join], anchored: Mapping[tuple[str, str], str]
) -> list[tuple[str, list[Cell]]]:
    best = {(join.a, join.b): join for join in joins}
    names = _names(takes)
    rows = []
    for a, name_a in names.items():
        cells = []
        for b, name_b in names.items():
            join = best.get((a, b))
            if a == b:
                cells.append(Cell("same", "", ""))
            elif join is None:
                cells.append(Cell("", "", f"{name_a} → {name_b}: no join"))
            else:
                said = f"{name_a} → {name_b}: {join.verdict}, {percent(join.detectability)} chance of being caught"
                cells.append(Cell(join.verdict, anchored.get((join.a, join.b), ""), said))
        rows.append((name_a, cells))
    return rows


def _followers(
    takes: Sequence[Rush], joins: Sequence[Join], anchored: Mapping[tuple[str, str], str]
) -> list[tuple[str, list[Follower]]]:
    """For each take those that can follow it, best first."""
    called = _names(takes)
    following: dict[str, list[Follower]] = {id: [] for id in called}
    for join in joins:
        following[join.a].append(
            Follower(
                called[join.b],
                join.verdict,
                percent(join.detectability),
                clock_name(join.out_time),
                clock_name(join.in_time),
                anchored.get((join.a, join.b), ""),
                "" if join.hiding == "turn" else HIDDEN_BY[join.hiding],
            )
        )
    return [(called[id], found) for id, found in following.items()]


def _take_line(rush: Rush, name: str) -> tuple[str, str, str]:
    """Name, length and turns of a take, in words."""
    turns = "; ".join(f"{clock_name(turn.peak_s)} {describe(turn)}" for turn in rush.turns)
    return name, clock_name(rush.take.span.duration), turns or "no head turn"
