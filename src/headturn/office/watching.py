"""The verb `comfort`: how a film, a cut or a take will be to watch, on which screen, for whom. Loads, calls, keeps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from headturn import rotation
from headturn.camera import card, media, telemetry
from headturn.camera.take import Clip, Take
from headturn.clock import FrameTimes
from headturn.edit.cut import Cut, Verdict
from headturn.errors import BadOption, CannotRead, HeadturnError, NoTelemetry
from headturn.head.rush import Rush
from headturn.office import reopening, screenings, settings, study_reel
from headturn.office.dailies import Progress, developed, through_lens
from headturn.office.page import Still
from headturn.office.store import Store, at_hand
from headturn.office.study import flash_spans, focal_width, still_near
from headturn.office.study_reel import Reel
from headturn.review import comfort, steadied, study, viewing
from headturn.review.comfort import Comfort, Moment
from headturn.review.course import DEFAULTS, Constants
from headturn.review.profile import Profile
from headturn.review.shown import Shown
from headturn.review.viewing import SCREENS, Screen, Viewer

MOST_MOMENTS = 10
FROM_IMAGE = "image"
"""Source of a motion that was seen in the image."""
OTHER_PICTURE = "film.mp4 is of another cut: no stills, and flashes are not checked; headturn make renders it."
NO_PICTURE = "There is no film.mp4 beside the cut: no stills, and flashes are not checked; headturn make renders it."


@dataclass(frozen=True)
class Splice:
    """A splice on the curve: when, and how it is judged."""

    time_s: float
    verdict: Verdict


@dataclass(frozen=True, eq=False)
class Watched:
    """How something will be to watch.

    felt: on the chosen screen, for the chosen viewer; elsewhere: for the same viewer on every named screen
    moments: the ten worst, worst first, with their stills
    flashes: what each standard says, as plain values (`study_reel`); None where nobody looked
    learnt_from: of how many viewers' ratings of a screening this knows; 0 where it is prediction only
    """

    name: str
    felt: Comfort
    elsewhere: Mapping[str, Comfort]
    moments: tuple[tuple[Moment, Still | None], ...]
    splices: tuple[Splice, ...]
    flashes: tuple[Mapping[str, Any], ...] | None
    learnt_from: int
    notes: tuple[str, ...]

    @property
    def length_s(self) -> float:
        """Of what was watched, to the second."""
        return float(self.felt.times_s[-1])


@dataclass(frozen=True, eq=False)
class _Seen:
    """What is to be judged, whatever it was made from.

    clip, times: the picture that stills come from, and when its frames are shown; None where there is none
    reel: what was seen of it when it was run through; None where nobody had to
    profile: of the film's screenings, if it had any
    """

    name: str
    shown: Shown
    clip: Clip | None
    times: FrameTimes | None
    reel: Reel | None
    splices: tuple[Splice, ...] = ()
    profile: Profile | None = None
    notes: tuple[str, ...] = ()


def watched(path: Path | None, screen: str, viewer: str, flashes: bool, on_progress: Progress) -> Watched:
    """How a film's folder, its cut.json, a take or any finished film will be to watch; nothing is the current folder.

    viewer: also somebody by name who rated a screening of the film

    Raises:
        CannotRead: it cannot be read. NoTelemetry: nothing is known of its motion. BadOption: no such screen or viewer.
    """
    seat = viewing.screen(screen)
    film = path is None or path.is_dir() or path.suffix == ".json"
    if not film:
        viewing.viewer(viewer)  # refused before a film is decoded for nothing
    seen = _cut(path, flashes, on_progress) if film else _recording(path, flashes, on_progress)  # type: ignore[arg-type]
    return _judged(seen, seat, viewer, flashes)


def of_film(cut: Cut, rushes: Mapping[str, Rush], store: Store, screen: str, viewer: str) -> Watched | None:
    """How a film that was just made will be to watch; nobody looks for flashes. None where no motion is known."""
    try:
        return _judged(_of_cut(cut, rushes, store, None), viewing.screen(screen), viewer, flashes=False)
    except NoTelemetry:
        return None


def _judged(seen: _Seen, seat: Screen, viewer: str, flashes: bool) -> Watched:
    person, constants = _viewer(viewer, seen.profile)
    felt = comfort.felt(seen.shown, seat, person, constants)
    spans = flash_spans(seen.reel) if seen.reel else []
    moments = comfort.worst(felt, seen.shown, MOST_MOMENTS, spans)
    stills = _stills(seen, moments)
    return Watched(
        name=seen.name,
        felt=felt,
        elsewhere={name: comfort.felt(seen.shown, each, person, constants) for name, each in SCREENS.items()},
        moments=tuple(zip(moments, stills, strict=True)),
        splices=seen.splices,
        flashes=seen.reel.flashes if seen.reel and flashes else None,
        learnt_from=seen.profile.viewers if seen.profile else 0,
        notes=tuple(dict.fromkeys((*felt.notes, *seen.notes))),
    )


def _viewer(text: str, profile: Profile | None) -> tuple[Viewer, Constants]:
    """A viewer in general, or one by name who has rated the film."""
    constants = profile.constants() if profile else DEFAULTS
    try:
        return viewing.viewer(text), constants
    except BadOption:
        if profile is None:
            raise
        return profile.viewer(text), constants


def _stills(seen: _Seen, moments: Sequence[Moment]) -> list[Still | None]:
    """The picture in the middle of each moment."""
    middles = [(moment.start_s + moment.end_s) / 2 for moment in moments]
    if seen.reel is not None:
        near = [still_near(seen.reel, middle) for middle in middles]
        return [Still(jpeg, float(seen.reel.flow.times_s[frame])) for frame, jpeg in near]
    if seen.clip is None or seen.times is None:
        return [None] * len(moments)
    wanted = [seen.times.nearest(Fraction(middle)) for middle in middles]
    found = {
        frame.index: Still(study_reel.still(frame), float(frame.time))
        for frame in media.frames_at(seen.clip, sorted(set(wanted)))
    }
    return [found.get(index) for index in wanted]


def _cut(path: Path | None, flashes: bool, on_progress: Progress) -> _Seen:
    """A cut: its motion as planned, its picture as rendered."""
    film = reopening.reopened(reopening.cut_file(path), on_progress)
    return _of_cut(film.cut, film.rushes, film.store, on_progress if flashes else None)


def _of_cut(cut: Cut, rushes: Mapping[str, Rush], store: Store, seeing: Progress | None) -> _Seen:
    """seeing: told while the whole picture is looked at for flashes; None if nobody looks."""
    shown = steadied.shown(cut, steadied.plan(cut, rushes), rushes)
    clip = card.recording(store.film) if store.film.exists() else None
    times, note = (media.frame_times(clip), "") if clip else (None, NO_PICTURE)
    if times and abs(len(times) - cut.frames) > 1:
        clip, times, note = None, None, OTHER_PICTURE
    reel = study_reel.run(clip, (), True, store, seeing) if clip and seeing else None
    book = screenings.read(store)
    splices = tuple(Splice(float(splice.frame / cut.rate), splice.verdict) for splice in cut.splices)
    profile = book.profile if book.showings else None
    return _Seen(cut.title, shown, clip, times, reel, splices, profile, (note,) if note else ())


def _recording(file: Path, flashes: bool, on_progress: Progress) -> _Seen:
    """A take or a finished film: by its telemetry, else by its image, whose cuts turn nobody's head."""
    kept = at_hand(Path())
    chosen = settings.read(kept.settings)
    kept.open()
    (clip,) = through_lens([card.recording(file)], chosen, kept)
    times, notes = media.frame_times(clip), (*clip.damage,)
    take = Take(clip, clip.span, "")
    if _has_telemetry(clip):
        rushes, failed = developed([take], kept, chosen, on_progress)
        if failed:
            raise CannotRead(file, failed[0].why, "copy it from the card again")
        rush = rushes[take.id]
        if rush.motion.source != FROM_IMAGE:
            reel = study_reel.run(clip, (), True, kept, on_progress) if flashes else None
            return _Seen(clip.name, of_rush(rush), clip, times, reel, notes=(*notes, *rush.motion.notes))
    reel = study_reel.run(clip, (), flashes, kept, on_progress)
    if len(reel.flow.times_s) < len(times):
        notes = (*notes, f"{len(times) - len(reel.flow.times_s)} of its frames cannot be decoded.")
    cuts = study.detected(reel.scores, reel.returned, reel.flow)
    if cuts:
        found = "1 cut was found in it; it turns" if len(cuts) == 1 else f"{len(cuts)} cuts were found in it; they turn"
        notes = (*notes, f"{found} nobody's head.")
    shown = study.studied(reel.flow, cuts, float(times.span.end), focal_width(clip)).shown
    return _Seen(clip.name, shown, clip, times, reel, notes=notes)


def _has_telemetry(clip: Clip) -> bool:
    """Whether there is any; what cannot be read `developed` speaks of."""
    try:
        return telemetry.read(clip.files, clip.chapter_starts) is not None
    except HeadturnError:
        return False


def of_rush(rush: Rush) -> Shown:
    """What a take shows as it was filmed."""
    motion, lens = rush.motion, rush.take.clip.lens
    count, notes = len(motion.times_s), list[str]()
    up = np.full((count, 3), np.nan)
    if motion.level:
        up = rotation.apply(rotation.inverse(motion.world_from_body), steadied.UP)
    else:
        notes.append("Nothing tells where up is; its tilt does not count.")
    going = motion.speed_over_depth
    if going is None:
        notes.append("How fast it passes things is not known; its motion is not taken from the image.")
    if lens.assumed:
        notes.append(f"{lens.assumed[0].upper()}{lens.assumed[1:].rstrip('.')}.")
    focal = np.full(count, lens.focal_mean_px / lens.width)
    return Shown(
        motion.times_s, motion.rates_rad_s, up, np.full(count, np.nan) if going is None else going, focal, tuple(notes)
    )
