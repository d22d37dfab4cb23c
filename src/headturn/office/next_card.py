"""The verb `next`: what the next take must start with, from the take that stands for the shot before it."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from threading import Event
from typing import Any, Literal

import cv2
import numpy as np
from pydantic import TypeAdapter

from headturn.camera import light, media, slate, telemetry
from headturn.camera.sensors import Stream, Telemetry
from headturn.camera.take import Clip, Take
from headturn.clock import Span, Timecode
from headturn.edit import assemble
from headturn.edit.cut import Cut
from headturn.edit.joins import Join
from headturn.errors import BadOption, CannotRead, HeadturnError
from headturn.head import drift
from headturn.head.drift import Lean
from headturn.head.rush import Rush
from headturn.head.turns import Turn
from headturn.office import lab, reopening, settings
from headturn.office.arrivals import named, take_of
from headturn.office.catalogue import opened
from headturn.office.dailies import Progress
from headturn.office.log import Entry, Log
from headturn.office.logbook import deciding
from headturn.office.match import last_turn, standing_for
from headturn.office.settings import Settings
from headturn.office.store import Store

WIDEST_PX = 1280
"""A phone shows no more across."""
HANDS = "hands:"
"""How a note begins that says what is in the performer's hands when a take ends."""
Left = Literal["locked", "the cut", "its last turn", "the end of what is marked", "its end"]
_JOIN: TypeAdapter[Join] = TypeAdapter(Join)


@dataclass(frozen=True)
class Handover:
    """The turn that the next take begins on: the one on which the take before is left, else its last.

    after_rad: how much of its reach follows the out frame; speed_rad_s: about its axis at the out frame
    """

    turn: Turn
    after_rad: float
    speed_rad_s: float


@dataclass(frozen=True)
class Light:
    """How light a picture is. iso, shutter_s, white_balance_k: as the camera recorded them, or None

    below_white: mean of the picture in linear light, in stops below white
    red_over_blue: ratio of the two in linear light, in stops: above 0 warm, below cool; of scene and balance together
    """

    below_white: float
    red_over_blue: float
    iso: float | None = None
    shutter_s: float | None = None
    white_balance_k: float | None = None


@dataclass(frozen=True, eq=False)
class NextCard:
    """What the crew needs before the take.

    shot: that is shot next; before: the take before it; chosen_by: why that take stands for its shot
    out: where it is left, on its clip's clock; left_by: who says so; timecode: of that frame, or None
    picture: (height, width, 3) RGB, upright, as the camera shows it; handover: None where there is no turn
    lean: of the camera there, at_rest: at rest, None where gravity is not known
    hands: what is in them, or ""; elapsed_s: since the scene began, elapsed_by: counted how
    notes: what of this is uncertain
    """

    title: str
    shot: str
    before: str
    chosen_by: str
    out: Fraction
    left_by: Left
    timecode: Timecode | None
    picture: media.Pixels
    handover: Handover | None
    lean: Lean | None
    at_rest: Lean | None
    light: Light
    hands: str
    elapsed_s: Fraction
    elapsed_by: str
    notes: tuple[str, ...]


def card(store: Store, shot: str, after: str, changes: Mapping[str, Any], on_progress: Progress) -> NextCard:
    """The card of a shot that has no take yet, or another one to come. `shot` may be a slate, "42B" or "42B-3".

    Raises:
        NothingToDo: no shot before it has a usable take. BadOption: no such take `after`. CannotRead: its disk is not
        connected, or it is damaged.
    """
    shot = _shot(shot)
    chosen = settings.changed(settings.read(store.settings), changes, "the command line")
    with opened(store) as catalogue:
        log = catalogue.log()
        entry, chosen_by = (named(log, after), "named") if after else standing_for(log, shot)
        take = take_of(catalogue, entry, chosen, store)
    film = _cut(store)
    store.open()
    on_progress("Looking at the take before", 0, 1)
    rush = _developed(take, store, chosen)
    out, left_by = _left(log, film, rush, shot, chosen)
    frame = rush.times.nearest(out)
    picture = _picture(take.clip, frame)
    on_progress("Looking at the take before", 1, 1)
    code = take.clip.timecode
    elapsed_s, elapsed_by = _elapsed(log, film, entry, shot, out - take.span.start)
    at_s = float(rush.times[frame])
    return NextCard(
        title=chosen.film.title or store.folder.resolve().name,
        shot=shot,
        before=entry.name,
        chosen_by=chosen_by,
        out=rush.times[frame],
        left_by=left_by,
        timecode=code.plus(rush.times[frame]) if code else None,
        picture=picture,
        handover=_handover(rush, at_s),
        lean=drift.lean(rush.motion, at_s),
        at_rest=drift.rest(rush.motion),
        light=_light(picture, take.clip, at_s),
        hands=hands_of(entry),
        elapsed_s=elapsed_s,
        elapsed_by=elapsed_by,
        notes=tuple(rush.motion.notes),
    )


def say_hands(store: Store, shot: str, after: str, hands: str, by: str) -> str:
    """Keep what is in the hands when the take before a shot ends; the take's name. Raises as `card`."""
    with deciding(store, by) as (catalogue, log):
        entry = named(log, after) if after else standing_for(log, _shot(shot))[0]
        catalogue.decide("mark", entry.subject, {"clip": entry.footage.id, "note": f"{HANDS} {hands}"})
        return entry.name


def hands_of(entry: Entry) -> str:
    """What is in the performer's hands when a take ends: the last note that begins with "hands:"."""
    said = [note for note in entry.notes if note.casefold().startswith(HANDS)]
    return said[-1][len(HANDS) :].strip() if said else ""


def _shot(text: str) -> str:
    said = slate.parse(text)
    shot = said.shot if said else slate.known_shot(text)
    if not shot:
        raise BadOption("say which shot comes next, like headturn next 42B.")
    return shot


def _cut(store: Store) -> Cut | None:
    try:
        return reopening.read_cut(store.cut)[0]
    except CannotRead:
        return None


def _developed(take: Take, store: Store, chosen: Settings) -> Rush:
    """The take with its motion; without telemetry only its tail is seen through, as for `match`."""
    window = Fraction(chosen.match.window_s).limit_denominator(1000)
    tail = Span(max(take.span.start, take.span.end - window), take.span.end)
    return lab.develop(take, store, chosen.turns, Event(), tail)


def _left(log: Log, film: Cut | None, rush: Rush, shot: str, chosen: Settings) -> tuple[Fraction, Left]:
    """Where the take before is left: as locked, as in the cut, else on its last turn, else at its end."""
    take = rush.take
    lock = log.locks.get(shot)
    if lock and lock.entered:
        join = _JOIN.validate_python(lock.entered)
        if join.a == take.id:
            return join.out_time, "locked"
    for segment in film.segments[:-1] if film else ():
        if segment.take == take.id:
            return segment.source.end - 1 / film.rate if film else segment.source.end, "the cut"
    leave = assemble.exit_span(take, chosen.assemble)
    handle = Fraction(chosen.joins.handle_s).limit_denominator(1000)  # a turn cut off by the end can hide no splice
    turn = last_turn(rush, Span(leave.start, max(leave.start, leave.end - handle)))
    if turn:
        return Fraction(turn.peak_s).limit_denominator(1_000_000), "its last turn"
    if take.marked:
        return take.marked.end, "the end of what is marked"
    return take.span.end - 1 / take.clip.image.rate, "its end"


def _handover(rush: Rush, at_s: float) -> Handover | None:
    here = next((turn for turn in rush.turns if turn.onset_s <= at_s <= turn.settle_s), None)
    turn = here or next((turn for turn in reversed(rush.turns) if turn.peak_s <= at_s), None)
    if turn is None:
        return None
    if here is None:
        return Handover(turn, 0.0, 0.0)
    times, about = rush.motion.times_s, rush.motion.rates_rad_s @ np.array(turn.axis)
    rest = (times >= at_s) & (times <= turn.settle_s)
    after = float(np.trapezoid(about[rest], times[rest])) if rest.sum() > 1 else 0.0
    return Handover(turn, max(after, 0.0), float(np.interp(at_s, times, about)))


def _picture(clip: Clip, index: int) -> media.Pixels:
    width = min(WIDEST_PX, clip.image.width)
    height = max(2, round(clip.image.height * width / clip.image.width))
    for frame in media.frames_at(clip, [index]):
        return frame.pixels("rgb", width, height)
    raise CannotRead(clip.files[0], f"its frame {index} cannot be decoded", "leave it elsewhere, or use another take")


def _light(picture: media.Pixels, clip: Clip, at_s: float) -> Light:
    small = cv2.resize(picture, (160, 90), interpolation=cv2.INTER_AREA)
    red, green, blue = light.linear_from_video(small).reshape(-1, 3).mean(axis=0).clip(1e-4)
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue  # of BT.709
    said = _telemetry(clip)
    streams = (said.iso, said.shutter_s, said.white_balance_k) if said else (None, None, None)
    return Light(float(-np.log2(luminance)), float(np.log2(red / blue)), *(_at(each, at_s) for each in streams))


def _telemetry(clip: Clip) -> Telemetry | None:
    try:
        return telemetry.read(clip.files, clip.chapter_starts)
    except HeadturnError:
        return None


def _at(stream: Stream | None, at_s: float) -> float | None:
    return float(np.interp(at_s, stream.times_s, stream.values.reshape(-1))) if stream is not None else None


def _elapsed(log: Log, film: Cut | None, entry: Entry, shot: str, own: Fraction) -> tuple[Fraction, str]:
    """Time since the scene of a shot began, up to where the take before is left, and how that was counted.

    In the cut where it holds that take; else the marked or whole takes that stand for the earlier shots are added up.
    """
    scene = slate.scene(shot)
    ids = {each.footage.id for name, entries in log.shots.items() if slate.scene(name) == scene for each in entries}
    if entry.footage.id not in ids:
        return Fraction(0), f"the scene begins: {entry.name} is of another"
    here = [segment for segment in film.segments if segment.clip in ids] if film else []
    last = next((segment for segment in here if segment.clip == entry.footage.id), None)
    if film and last:
        return (last.stop - here[0].start) / film.rate, "in the cut"
    total = own
    each, _ = entry, ""
    while True:
        try:
            each, _ = standing_for(log, each.slate.shot if each.slate else shot)
        except HeadturnError:
            break
        if each.footage.id not in ids:
            break
        without_code = each.footage.duration - (each.code.duration if each.code else 0)
        total += each.marked.duration if each.marked else without_code
    return total, "takes added up, not yet cut"
