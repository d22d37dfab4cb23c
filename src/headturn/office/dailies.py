"""Dailies: what every verb asks for first. Takes seen by the lab, joins of two takes, what size and rate most have."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from functools import partial
from math import floor
from threading import Event
from typing import TypeVar

from headturn.camera.lens import read_gyroflow_profile
from headturn.camera.take import Clip, Take
from headturn.clock import Span, clock_name
from headturn.edit import first_look, joins
from headturn.edit.detectability import Calibration
from headturn.edit.join import judged_by
from headturn.edit.joins import Join
from headturn.errors import HeadturnError
from headturn.head.rush import Rush
from headturn.office import lab
from headturn.office.order import Unused
from headturn.office.settings import Settings
from headturn.office.smaller import Small
from headturn.office.store import Store
from headturn.office.vault import Vault

_Kind = TypeVar("_Kind", Fraction, tuple[int, int])

WORKERS = 2
"""Takes analysed at once; decoding and flow let go of the interpreter, and headturn is measured on two cores."""
LEAST_KEPT = 0.1
"""Share of a take that is worth a splice: of less nobody would say that it is in the film."""

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""


def through_lens(clips: Sequence[Clip], chosen: Settings, store: Store) -> tuple[Clip, ...]:
    """The clips with the lens that the settings name, where they name one."""
    if not chosen.film.lens:
        return tuple(clips)
    lens = read_gyroflow_profile(store.folder / chosen.film.lens)
    return tuple(replace(clip, lens=lens.resized(clip.image.width, clip.image.height)) for clip in clips)


def developed(
    takes: Sequence[Take],
    store: Store,
    chosen: Settings,
    on_progress: Progress,
    windows: Mapping[str, Span] | None = None,
    small: Small = lambda clip: None,
) -> tuple[dict[str, Rush], tuple[Unused, ...]]:
    """Rushes by take id, and the takes that cannot be decoded.

    windows: by take id, what is seen through where motion must be taken from the image; all of the others
    """
    rushes: dict[str, Rush] = {}
    failed: list[Unused] = []
    stopped = Event()

    def develop(take: Take) -> Rush | Unused:
        try:
            return lab.develop(take, store, chosen.turns, stopped, (windows or {}).get(take.id), small)
        except HeadturnError as error:
            return Unused(take.name, str(error))

    on_progress("Finding head turns", 0, len(takes))
    with ThreadPoolExecutor(WORKERS) as workers:
        try:
            for number, (take, result) in enumerate(zip(takes, workers.map(develop, takes), strict=True), start=1):
                if isinstance(result, Rush):
                    rushes[take.id] = result
                else:
                    failed.append(result)
                on_progress("Finding head turns", number, len(takes))
        except BaseException:
            stopped.set()
            workers.shutdown(cancel_futures=True)
            raise
    return rushes, tuple(failed)


def joins_between(
    a: Rush, b: Rush, spans: tuple[Span, Span], glancer: lab.Glancer, store: Store, chosen: Settings
) -> tuple[Join, ...]:
    """All joins from take A to take B that leave and enter them within the spans, best first; kept in the store."""
    search = partial(joins.find, a, b, *spans, glancer, chosen.joins, glancer.aids)
    return Vault(store, chosen.joins).joins(a, b, (a.turns, b.turns, spans), search)


def first_joins_between(
    a: Rush, b: Rush, spans: tuple[Span, Span], glancer: lab.Glancer, store: Store, chosen: Settings
) -> tuple[Join, ...]:
    """The few joins in turns that a first look finds, best first; kept in the store."""
    search = partial(first_look.find, a, b, *spans, glancer, chosen.joins, glancer.aids)
    return Vault(store, chosen.joins).joins(a, b, ("first look", a.turns, b.turns, spans), search)


def with_less(
    a: Rush,
    b: Rush,
    spans: tuple[Span, Span],
    glancer: lab.Glancer,
    store: Store,
    chosen: Settings,
    calibration: Calibration,
) -> str | None:
    """The join that there would be if less of two takes had to be in the film; None where it is visible, too.

    None, too, where people marked what must be in. spans: what of A and of B could be in the film at most
    """
    if a.take.marked or b.take.marked:
        return None
    best = min(judged_by(joins_between(a, b, spans, glancer, store, chosen), calibration), key=joins.rank)
    kept_a = float((best.out_time - spans[0].start) / a.take.span.duration)
    kept_b = float((spans[1].end - best.in_time) / b.take.span.duration)
    if best.verdict == "visible" or min(kept_a, kept_b) < LEAST_KEPT:
        return None
    return (
        f"{a.take.name} could hand over to {b.take.name} by a {best.verdict} join, out at {clock_name(best.out_time)}, "
        f"in at {clock_name(best.in_time)}, with {100 * kept_a:.0f} % and {100 * kept_b:.0f} % of them in the film: "
        f"--set assemble.min_share={floor(100 * min(kept_a, kept_b)) / 100:.2f}"
    )


def prevailing_rate(takes: Sequence[Take]) -> Fraction:
    """The frame rate of most of the running time; the higher of two equal ones."""
    return _prevailing([(take.clip.image.rate, take.span.duration) for take in takes])


def prevailing_size(takes: Sequence[Take]) -> tuple[int, int]:
    """Width and height of most of the running time, made even; the larger of two equal ones."""
    images = [(take.clip.image, take.span.duration) for take in takes]
    return _prevailing([((i.width + i.width % 2, i.height + i.height % 2), duration) for i, duration in images])


def _prevailing(weighted: Sequence[tuple[_Kind, Fraction]]) -> _Kind:
    total: dict[_Kind, Fraction] = {}
    for value, duration in weighted:
        total[value] = total.get(value, Fraction(0)) + duration
    return max(total, key=lambda value: (total[value], value))
