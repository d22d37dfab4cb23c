"""The verb `study`: what finished films say of their cuts, turns, lengths and comfort. Loads, calls, keeps."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from headturn.camera import card, media
from headturn.camera.take import Clip
from headturn.errors import BadOption, NoTelemetry
from headturn.exchange import cut_lists
from headturn.office import settings, store, study_reel
from headturn.office.dailies import Progress, through_lens
from headturn.office.study_reel import Reel
from headturn.review import comfort, study, viewing
from headturn.review.comfort import Comfort, Moment
from headturn.review.study import FilmCut, Study
from headturn.review.viewing import Screen, Viewer

RECALL = (
    "On films of the generated house, whose splices are known, the detector finds none of 9 splices that headturn hid "
    "in turns, none of the same 9 cut hard in the matched turns, and 17 of 23 hard cuts elsewhere."
)
"""`python -m benchmarks study` on three films."""
MOST_MOMENTS = 5


@dataclass(frozen=True, eq=False)
class Studied:
    """A film that was studied.

    listed: whether its cuts were given; found: the cuts that the detector found, whether or not they were
    felt: on the chosen screen, None where nothing moves or is known; moments: the worst, worst first
    """

    reel: Reel
    study: Study
    listed: bool
    found: tuple[FilmCut, ...]
    felt: Comfort | None
    moments: tuple[Moment, ...]
    notes: tuple[str, ...]

    @property
    def name(self) -> str:
        """Of the film's file."""
        return self.reel.clip.name

    @property
    def length_s(self) -> float:
        """Of the film."""
        return float(self.study.edges_s[-1] - self.study.edges_s[0])


def films(
    files: Sequence[Path],
    lists: Sequence[Path],
    screen: str,
    viewer: str,
    flashes: bool,
    on_progress: Progress,
) -> tuple[Studied, ...]:
    """Study films. lists: of cuts, the first for the first film, and so on; films without one are looked through.

    Raises:
        CannotRead: a film or a list cannot be read. BadOption: more lists than films, a film twice, or an unknown
        screen or viewer.
    """
    seat, person = viewing.screen(screen), viewing.viewer(viewer)
    if len(lists) > len(files):
        raise BadOption(f"there are {len(lists)} lists of cuts for {len(files)} films; give one list for each film.")
    kept = store.at_hand(Path())
    chosen = settings.read(kept.settings)
    kept.open()
    clips = through_lens([card.recording(file) for file in files], chosen, kept)
    if len({clip.id for clip in clips}) < len(clips):
        raise BadOption("The same film is given twice; give each film once.")
    cuts = [cut_lists.read(path, media.frame_times(clip)) for path, clip in zip(lists, clips, strict=False)]
    marks: list[tuple[Fraction, ...] | None] = [*cuts, *([None] * (len(clips) - len(cuts)))]
    return tuple(
        _studied(study_reel.run(clip, listed or (), flashes, kept, on_progress), listed, seat, person)
        for clip, listed in zip(clips, marks, strict=True)
    )


def _studied(reel: Reel, listed: tuple[Fraction, ...] | None, screen: Screen, viewer: Viewer) -> Studied:
    flow, clip = reel.flow, reel.clip
    found = study.detected(reel.scores, reel.returned, flow)
    cuts = found if listed is None else study.given([float(reel.times[0] + t) for t in listed], reel.scores, flow)
    seen = study.studied(flow, cuts, float(reel.times.span.end), focal_width(clip))
    notes = [*clip.damage]
    if len(flow.times_s) < len(reel.times):
        notes.append(f"{len(reel.times) - len(flow.times_s)} of its frames cannot be decoded.")
    if reel.times.variable:
        notes.append("Its frame rate varies; all times are those of its frames.")
    felt, moments = None, tuple[Moment, ...]()
    try:
        felt = comfort.felt(seen.shown, screen, viewer)
        moments = comfort.worst(felt, seen.shown, MOST_MOMENTS, flash_spans(reel))
        notes += felt.notes
    except NoTelemetry as error:
        notes.append(str(error))
    return Studied(reel, seen, listed is not None, found, felt, moments, tuple(dict.fromkeys(notes)))


def focal_width(clip: Clip) -> float:
    """Focal length at the picture's centre over its width."""
    return float(clip.lens.focal_mean_px / clip.lens.width)


def flash_spans(reel: Reel) -> list[tuple[float, float]]:
    """Where some standard on flashes is not met, in seconds."""
    return [tuple(each["span"]) for report in reel.flashes for each in report["failures"]]


def still_near(reel: Reel, time_s: float) -> tuple[int, bytes]:
    """The still nearest to a time, with its frame among those that were seen."""
    frames = np.array(list(reel.stills))
    best = int(frames[np.abs(reel.flow.times_s[frames] - time_s).argmin()])
    return best, reel.stills[best]
