"""The verb `sync`: cameras of one rig and sound recorders laid on each other. Loads, calls, says how surely."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np

from headturn.camera import card, media, recorder, telemetry
from headturn.camera.recorder import DAY_S, Recording
from headturn.camera.take import Clip
from headturn.errors import BadOption, CannotRead, HeadturnError
from headturn.head import sync
from headturn.head.motion import head_motion
from headturn.head.sync import SOUND_HZ, Aligned, Refused
from headturn.office.arrivals import named
from headturn.office.catalogue import Catalogue, opened
from headturn.office.dailies import Progress
from headturn.office.log import Footage
from headturn.office.store import film_at
from headturn.rotation import Floats

ENVELOPE_BLOCK_S = 10
"""Sound is decoded and forgotten in blocks of this length."""
SOUND_FRAMES = 2.0
"""Timecode and sound that differ by more frames were not jammed to each other: then sound is right."""

Source = Clip | Recording


@dataclass(frozen=True)
class Synced:
    """How one recording lies on the first.

    offset_s: where its first frame or sample lies on the first recording's clock, in seconds; None where refused
    frame, frames: the nearest frame of the first recording (None outside of it), and the offset in its frames
    timecode: of the first recording at that time; agreement: 0 to 1, of what was compared
    how: "gyros", "sound", "timecode" or "timecode, sound agrees"; drift_ppm: how much faster its clock runs
    notes: sentences
    """

    reference: Source
    other: Source
    offset_s: float | None
    agreement: float | None = None
    how: str = ""
    frame: int | None = None
    frames: float | None = None
    timecode: str = ""
    drift_ppm: float | None = None
    turned_rad: float | None = None
    notes: tuple[str, ...] = ()


def synced(names: Sequence[str], film: Path | None, on_progress: Progress) -> tuple[Synced, ...]:
    """Recordings laid on the first of them. names: files, or takes of the film; of a single take all that was recorded
    with it: its other cameras and its sound.

    Raises:
        BadOption: a single file, or no such take. CannotRead: one of them cannot be read, or the first is no camera's.
    """
    sources = _sources(names, film)
    first, *others = sources
    if not isinstance(first, Clip):
        raise BadOption(f"{first.name} is a sound recorder's; give the camera's recording first.")
    if not others:
        raise BadOption(f"{first.name}: nothing else was recorded with it; name what is to be laid on it.")
    found = []
    for number, other in enumerate(others):
        on_progress("Comparing", number, len(others))
        found.append(_recorder(first, other) if isinstance(other, Recording) else _camera(first, other))
    on_progress("Comparing", len(others), len(others))
    return tuple(found)


def _sources(names: Sequence[str], film: Path | None) -> list[Source]:
    if all(Path(name).is_file() for name in names):
        if len(names) == 1:
            raise BadOption("sync lays recordings on the first one: give two or more, or one take of a film.")
        return [_opened(Path(name)) for name in names]
    with opened(film_at(film)) as catalogue:
        log = catalogue.log(look=False)
        found: list[Source] = []
        for name in names:
            if Path(name).is_file():
                found.append(_opened(Path(name)))
                continue
            entry = named(log, name)
            found.append(_of(catalogue, entry.footage))
            if len(names) == 1 and entry.slate:
                with_it = [each for each in log.entries if each.slate == entry.slate and each != entry]
                found += [_of(catalogue, each.footage) for each in with_it]
        return found


def _opened(path: Path) -> Source:
    return recorder.probe(path) if path.suffix.lower() in recorder.SUFFIXES else card.recording(path)


def _of(catalogue: Catalogue, footage: Footage) -> Source:
    files = catalogue.files(footage)
    return recorder.probe(files[0]) if footage.kind == "sound" else card.reopened(files)


# Cameras --------------------------------------------------------------------------------------------------------


def _camera(a: Clip, b: Clip) -> Synced:
    by_gyros = _by_gyros(a, b)
    if isinstance(by_gyros, Aligned):
        turned = float(np.linalg.norm(by_gyros.a_from_b)) if by_gyros.a_from_b else None
        return _placed(Synced(a, b, by_gyros.offset_s, by_gyros.agreement, "gyros", turned_rad=turned))
    said = f"by gyros: {by_gyros.why}"
    by_sound = _by_sound(a, b)
    if isinstance(by_sound, Refused):
        return Synced(a, b, None, notes=(said, f"by sound: {by_sound.why}"))
    return _placed(_heard(Synced(a, b, None, notes=(said,)), by_sound, "sound"))


def _by_gyros(a: Clip, b: Clip) -> Aligned | Refused:
    motions = []
    for clip in (a, b):
        try:
            recorded = telemetry.read(clip.files, clip.chapter_starts)
        except HeadturnError as error:
            return Refused(str(error))
        motion = head_motion(recorded) if recorded else None
        if motion is None or motion.source != "gyro":
            return Refused(f"{clip.name} has none")
        motions.append(motion)
    return sync.by_gyros(*motions)


def _placed(found: Synced) -> Synced:
    """With frame and timecode of the first recording."""
    a = found.reference
    assert isinstance(a, Clip) and found.offset_s is not None
    offset = Fraction(found.offset_s).limit_denominator(10**6)
    code = str(a.timecode.plus(offset)) if a.timecode else ""
    frame = media.frame_times(a).nearest(offset) if offset in a.span else None
    return replace(found, frame=frame, frames=found.offset_s * float(a.image.rate), timecode=code)


# Sound ----------------------------------------------------------------------------------------------------------


def _recorder(a: Clip, b: Recording) -> Synced:
    """By timecode, held against the sound where both have some; by sound where there is no timecode."""
    by_sound = _by_sound(a, b)
    told = _by_timecode(a, b)
    nothing = Synced(a, b, None, notes=b.notes)
    if told is None:
        if isinstance(by_sound, Refused):
            why = "timecode: one of them has none, or they do not lie together by it"
            return replace(nothing, notes=(*b.notes, why, f"by sound: {by_sound.why}"))
        return _placed(_heard(nothing, by_sound, "sound"))
    if isinstance(by_sound, Refused):
        note = f"the sound does not tell whether the clocks were jammed to each other ({by_sound.why})"
        return _placed(replace(nothing, offset_s=told, how="timecode", notes=(*b.notes, note)))
    apart = by_sound.offset_s - told
    if abs(apart) * float(a.image.rate) <= SOUND_FRAMES:
        return _placed(_heard(nothing, by_sound, "timecode, sound agrees"))
    note = (
        f"by timecode it would lie {abs(apart):.2f} s {'sooner' if apart > 0 else 'later'}: the clocks are not jammed"
    )
    return _placed(_heard(replace(nothing, notes=(*b.notes, note)), by_sound, "sound"))


def _heard(found: Synced, aligned: Aligned, how: str) -> Synced:
    return replace(found, offset_s=aligned.offset_s, agreement=aligned.agreement, how=how, drift_ppm=aligned.drift_ppm)


def _by_timecode(a: Clip, b: Recording) -> float | None:
    """The recorder's first sample on the camera's clock; None where one has no timecode or they share no moment."""
    if a.timecode is None or b.began_s is None:
        return None
    apart = (b.began_s - a.timecode.seconds + DAY_S // 2) % DAY_S - DAY_S // 2  # a take may run over midnight
    together = a.span.overlap(b.span.shifted(apart))
    return float(apart) if together > 0 else None


def _by_sound(a: Source, b: Source) -> Aligned | Refused:
    envelopes = []
    for source in (a, b):
        try:
            if source.sound is None:
                return Refused(f"{source.name} has none")
            envelopes.append(_envelope(source))
        except CannotRead as error:
            return Refused(str(error))
    return sync.by_sound(envelopes[0], envelopes[1], _listening(a), _listening(b))


def _listening(source: Source) -> Callable[[float, float], Floats]:
    def listen(start_s: float, stop_s: float) -> Floats:
        start, stop = (Fraction(each).limit_denominator(SOUND_HZ) for each in (start_s, stop_s))
        if isinstance(source, Recording):
            blocks = list(media.recorded(source.path, start, stop, SOUND_HZ))
        else:
            blocks = list(media.sound(source, start, stop, SOUND_HZ))
        return np.concatenate(blocks).mean(axis=1).astype(np.float64) if blocks else np.empty(0)

    return listen


def _envelope(source: Source) -> Floats:
    """Of the whole recording; nothing but a block is in memory."""
    listen, end_s = _listening(source), float(source.span.end)
    edges = [*np.arange(0, end_s, ENVELOPE_BLOCK_S), end_s]
    return np.concatenate([sync.envelope(listen(float(a), float(b))) for a, b in pairwise(edges)])
