"""The front desk: the verbs of headturn, each load, call, store. The command line and the web page stand on these."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from headturn.camera import card
from headturn.camera.media import Codec
from headturn.camera.take import Clip
from headturn.clock import Span
from headturn.edit import assemble, cut
from headturn.edit.assemble import Choice
from headturn.edit.cut import Cut
from headturn.edit.join import judged_by
from headturn.edit.joins import Join
from headturn.errors import CannotWrite, NothingToDo
from headturn.exchange import otio
from headturn.head.rush import Rush
from headturn.office import answers, lab, order, report, settings, steadying, telling, vault
from headturn.office.answers import Judges
from headturn.office.dailies import (
    Progress,
    developed,
    joins_between,
    prevailing_rate,
    prevailing_size,
    through_lens,
    with_less,
)
from headturn.office.made import Made
from headturn.office.order import Order, Unused
from headturn.office.settings import Settings
from headturn.office.store import Store
from headturn.picture import render, treatment
from headturn.review import steadied


def make(
    footage: Path,
    out: Path,
    changes: Mapping[str, Any] | None = None,
    master: Codec | None = None,
    on_progress: Progress = lambda stage, done, total: None,
) -> Made:
    """A folder of takes becomes a seamless film, its timeline and its report, in the film's folder `out`.

    changes: settings on top of film.toml, e.g. {"film.fps": "24000/1001"}; they are kept there
    master: also write a 10-bit intermediate

    Raises:
        CannotRead: the folder of takes does not exist. BadOption: settings or order file make no sense.
        NothingToDo: not one usable take. CannotWrite: no space or permission in `out`.
    """
    store = Store(out)
    chosen = settings.changed(settings.read(store.settings), changes or {}, "the command line")
    found = card.ingest(footage, lambda done, total, _: on_progress("Reading the card", done, total))
    rejected = tuple(Unused(each.path.name, each.reason) for each in found.rejected)
    rows, rows_folder = _order_file(store, footage)
    arranged = order.arrange(through_lens(found.clips, chosen, store), rows, rows_folder)
    if not arranged.takes:
        raise NothingToDo(_nothing(footage, (*rejected, *arranged.unused)))
    _spare_others(store, found.clips)
    store.open()
    rushes, failed = developed(arranged.takes, store, chosen, on_progress)
    arranged = _only(arranged, rushes)
    arranged = replace(arranged, notes=(*arranged.notes, *_damage(rushes.values())))
    unused = (*rejected, *arranged.unused, *failed)
    if not arranged.takes:
        raise NothingToDo(_nothing(footage, unused))
    judges = answers.judges(store)
    choices = solved(arranged, rushes, store, chosen, judges, on_progress)
    with_less = _with_less(choices, rushes, store, chosen, judges, on_progress)
    arranged = replace(arranged, notes=(*arranged.notes, *with_less))
    film = cut_of(choices, arranged, rushes, store, chosen, on_progress)
    made = rendered(Made(store, film, arranged, unused, rushes, chosen, judges), master, on_progress)
    _kept(made, footage, changes or {})
    told(made, on_progress)
    return made


def _spare_others(store: Store, clips: Sequence[Clip]) -> None:
    """Raises CannotWrite where a result would take the place of a recording, or of what headturn did not write."""
    recordings = {file.resolve() for clip in clips for file in clip.files}
    begun = store.reels.parent.exists() or store.cut.exists()
    for path in (store.film, store.master, store.timeline, store.report):
        if path.resolve() in recordings or (path.exists() and not begun):
            raise CannotWrite(path, "is there and is not headturn's own", "rename it or choose another folder")


def _nothing(footage: Path, unused: Sequence[Unused]) -> str:
    """Why there is nothing to do: in one sentence where there is one reason."""
    reasons = {each.why.removeprefix(f"{each.name}: ") for each in unused}
    if not reasons:
        return f"{footage}: there is no recording in it; give the folder with the camera's files."
    if len(reasons) > 1:
        return f"{footage}: not one usable take." + "".join(f"\n  {each}" for each in unused)
    others = f" and {len(unused) - 1} more" if len(unused) > 1 else ""
    return f"{footage}: not one usable take ({unused[0].name}{others}): {reasons.pop()}"


def _order_file(store: Store, footage: Path) -> tuple[tuple[order.Row, ...], Path]:
    """The order file that counts: the film's, where people changed it, else that of the footage."""
    if store.order.exists() and not store.is_own(store.order):
        return order.read_rows(store.order), store.folder
    if (footage / "film.csv").exists():
        return order.read_rows(footage / "film.csv"), footage
    return (), footage


def _only(arranged: Order, rushes: Mapping[str, Rush]) -> Order:
    """The order of the takes that could be developed; two takes of one name are two."""
    shots = (tuple(take for take in shot if take.id in rushes) for shot in arranged.shots)
    return replace(arranged, shots=tuple(shot for shot in shots if shot))


def _damage(rushes: Iterable[Rush]) -> Iterator[str]:
    """What is missing of takes that are used all the same."""
    for rush in rushes:
        yield from rush.take.clip.damage
        if rush.lost:
            name = rush.take.clip.name
            yield f"{name}: {rush.lost} of its frames cannot be decoded; the last good one stands for them."


def solved(
    arranged: Order,
    rushes: Mapping[str, Rush],
    store: Store,
    chosen: Settings,
    judges: Judges,
    on_progress: Progress,
    fixed: Mapping[tuple[str, str], Join] | None = None,
) -> tuple[Choice, ...]:
    """The best way through all shots. fixed: the join of two takes, by their ids, where it was decided before.

    Raises:
        ValueError: what was decided cannot be kept: a take would be left before it was entered.
    """
    fixed = fixed or {}
    glancer = lab.glancer(rushes.values(), store)
    pairs = [
        (a, b) for before, after in zip(arranged.shots, arranged.shots[1:], strict=False) for a in before for b in after
    ]
    found: dict[tuple[str, str], tuple[Join, ...]] = {
        pair: (judged_by([join], judges.calibration)[0],) for pair, join in fixed.items()
    }
    for number, (a, b) in enumerate(pairs):
        on_progress("Finding joins", number, len(pairs))
        if (a.id, b.id) in found:
            continue
        spans = assemble.exit_span(a, chosen.assemble), assemble.entry_span(b, chosen.assemble)
        joins = joins_between(rushes[a.id], rushes[b.id], spans, glancer, store, chosen)
        found[a.id, b.id] = judged_by(joins, judges.calibration)
    on_progress("Finding joins", len(pairs), len(pairs))
    return assemble.choose(arranged.shots, found, chosen.assemble)


def _with_less(
    choices: Sequence[Choice],
    rushes: Mapping[str, Rush],
    store: Store,
    chosen: Settings,
    judges: Judges,
    on_progress: Progress,
) -> Iterator[str]:
    """Where a splice would be seen, the join that there would be if less of unmarked takes had to be in the film."""
    glancer = lab.glancer(rushes.values(), store)
    left = [after.entered.out_time for after in choices[2:] if after.entered] + [choices[-1].take.span.end]
    for before, after, end in zip(choices, choices[1:], left, strict=False):
        a, b = before.take, after.take
        if after.entered is None or after.entered.verdict != "visible":
            continue
        on_progress("Looking for joins elsewhere", 0, 1)
        spans = Span(before.entered.in_time if before.entered else a.span.start, a.span.end), Span(b.span.start, end)
        found = with_less(rushes[a.id], rushes[b.id], spans, glancer, store, chosen, judges.calibration)
        on_progress("Looking for joins elsewhere", 1, 1)
        if found:
            yield found


def cut_of(
    choices: Sequence[Choice],
    arranged: Order,
    rushes: Mapping[str, Rush],
    store: Store,
    chosen: Settings,
    on_progress: Progress,
) -> Cut:
    """The chosen takes as a cut, the treatment of each splice tried and chosen."""
    film = assemble.cut(
        choices,
        title=chosen.film.title or store.folder.resolve().name,
        rate=chosen.film.rate or prevailing_rate(arranged.takes),
        size=chosen.film.width_height or prevailing_size(arranged.takes),
        brief=chosen.assemble,
    )
    return treatment.chosen(film, rushes, partial(on_progress, "Trying seams"), vault.seams(film, rushes, store))


def rendered(made: Made, master: Codec | None, on_progress: Progress) -> Made:
    """The film steadied as its settings ask for, and rendered where that was not done before."""
    store, chosen, rushes = made.store, made.settings, made.rushes
    film, calmed = steadying.steadied(made.cut, rushes, chosen.steady, store, partial(on_progress, "Steadying"))
    planned = steadied.plan(film, rushes)
    takes = {id: rush.take for id, rush in rushes.items()}
    versions = [(store.film, "Rendering the film", chosen.render)]
    if master:
        versions.append((store.master, "Rendering the master", replace(chosen.render, codec=master)))
    for path, stage, options in versions:
        key = render.film_key(film, planned, options)
        if not store.is_own(path, key):
            render.render(film, planned, takes, store.reels, path, options, partial(on_progress, stage))
            store.own(path, key)
    return replace(made, cut=film, steadied=calmed)


def written(made: Made) -> None:
    """Write the cut, and the timeline for editing systems."""
    store, film = made.store, made.cut
    takes = {id: rush.take for id, rush in made.rushes.items()}
    store.write_json(store.cut, cut.to_json(film) | {"takes": telling.take_table(film, takes, store.folder)})
    timeline = otio.timeline(film, takes, {id: rush.times for id, rush in made.rushes.items()}, store.folder)
    otio.write(timeline, store.timeline)


def told(made: Made, on_progress: Progress) -> None:
    """Write everything that speaks of the finished film."""
    on_progress("Writing the report", 0, 1)
    written(made)
    report.write_report(telling.film_report(made), made.store.report)
    on_progress("Writing the report", 1, 1)


def _kept(made: Made, footage: Path, changes: Mapping[str, Any]) -> None:
    """Write the order of the takes and the settings, for people to edit."""
    store = made.store
    if not store.order.exists() or store.is_own(store.order):
        store.write(store.order, order.table((*made.order.takes, *made.order.aside), store.folder))
        store.own(store.order)
    kept = {"film.title": made.cut.title, "film.footage": store.path_from(footage), **changes}
    text = settings.written(store.settings, kept)
    if not store.settings.exists() or store.settings.read_text(encoding="utf-8") != text:
        store.write(store.settings, text)
