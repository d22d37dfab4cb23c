"""The verb `rigs`: the same action on several mounts, compared before the shoot. Loads, calls, keeps."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from headturn.camera import card, media
from headturn.camera.take import Take
from headturn.clock import Span
from headturn.edit import cut
from headturn.edit.cut import Cut, Segment
from headturn.errors import BadOption, CannotRead, HeadturnError, NoTelemetry
from headturn.head.rush import Rush
from headturn.head.turns import Turn
from headturn.office import loops, settings
from headturn.office.dailies import Progress, developed, through_lens
from headturn.office.loops import Loop
from headturn.office.store import at_hand
from headturn.office.watching import of_rush
from headturn.picture import held
from headturn.review import comfort, rigs, viewing
from headturn.review.comfort import Comfort
from headturn.review.rigs import RigFigures
from headturn.review.viewing import Screen, Viewer

LOOP_WIDTH_PX, LOOP_CRF = 480, 24
AROUND_S = Fraction(7, 10)
"""Shown before and after the turn of a loop."""
LONGEST_LOOP_S = Fraction(4)
LOOKED_AT_PX, MOST_LOOKED_AT = 320, 24
"""Width at which the body is looked for, and in how many frames of a turn."""


@dataclass(frozen=True, eq=False)
class Rig:
    """A take on a rig. felt: None where nothing is known of its motion

    held (18, 32): cells of the picture that stand still while the world streams: body, hands, the rig itself; None
        where there are none or no turn tells
    loop: its widest turn; None where it turns nowhere or cannot be shown
    """

    rush: Rush
    figures: RigFigures
    felt: Comfort | None
    held: NDArray[np.bool_] | None
    loop: Loop | None
    notes: tuple[str, ...]

    @property
    def name(self) -> str:
        """Of the take."""
        return self.rush.take.name


def compared(files: Sequence[Path], screen: str, viewer: str, on_progress: Progress) -> tuple[Rig, ...]:
    """Takes of one action on several rigs, in the order given.

    Raises:
        CannotRead: a take cannot be read. BadOption: fewer than two takes, one given twice, no such screen or viewer.
    """
    seat, person = viewing.screen(screen), viewing.viewer(viewer)
    if len(files) < 2:
        raise BadOption("rigs compares takes: give two or more, of the same action on different mounts.")
    kept = at_hand(Path())
    chosen = settings.read(kept.settings)
    kept.open()
    clips = through_lens([card.recording(file) for file in files], chosen, kept)
    if len({clip.id for clip in clips}) < len(clips):
        raise BadOption("The same take is given twice; give each once.")
    takes = [Take(clip, clip.span, "") for clip in clips]
    rushes, failed = developed(takes, kept, chosen, on_progress)
    if failed:
        raise CannotRead(failed[0].name, failed[0].why, "copy it from the card again")
    found = []
    for number, take in enumerate(takes):
        on_progress("Comparing", number, len(takes))
        found.append(_rig(rushes[take.id], seat, person))
    on_progress("Comparing", len(takes), len(takes))
    return tuple(found)


def _rig(rush: Rush, seat: Screen, person: Viewer) -> Rig:
    shown = of_rush(rush)
    notes = [*rush.take.clip.damage, *rush.motion.notes]
    try:
        felt = comfort.felt(shown, seat, person)
        notes += felt.notes
    except NoTelemetry as error:
        felt = None
        notes.append(str(error))
    widest = max(rush.turns, key=lambda turn: turn.angle_rad, default=None)
    body = loop = None
    if widest is None:
        notes.append("No head turn in it: what of the body is in frame cannot be told.")
    else:
        try:
            body, loop = _body(rush, widest), _loop(rush, widest)
        except HeadturnError as error:
            notes.append(f"Its widest turn cannot be shown: {error}")
    return Rig(rush, rigs.figures(rush.motion, rush.turns), felt, body, loop, tuple(dict.fromkeys(notes)))


def _body(rush: Rush, turn: Turn) -> NDArray[np.bool_] | None:
    """What stands still through a turn."""
    first, last = (rush.times.nearest(Fraction(at)) for at in (turn.onset_s, turn.settle_s))
    wanted = np.unique(np.linspace(first, last, min(MOST_LOOKED_AT, last - first + 1)).round().astype(int))
    image = rush.take.clip.image
    width = min(LOOKED_AT_PX, image.width)
    size = width, max(2, round(image.height * width / image.width))
    frames = [
        frame.pixels("gray", *size) for frame in media.frames_at(rush.take.clip, [int(index) for index in wanted])
    ]
    rates = rush.motion.rates_rad_s[first : last + 1]
    turned = (rates[1:] * np.diff(rush.motion.times_s[first : last + 1])[:, None]).sum(axis=0)
    stream = np.array([-turned[1], turned[0]]) * rush.take.clip.lens.resized(*size).focal_mean_px
    return held.standing_still([np.asarray(frame, np.uint8) for frame in frames], stream)


def _loop(rush: Rush, turn: Turn) -> Loop:
    """The turn with what is before and after it, small."""
    clip = rush.take.clip
    start = max(rush.times.span.start, Fraction(turn.onset_s) - AROUND_S)
    end = min(rush.times.span.end, Fraction(turn.settle_s) + AROUND_S, start + LONGEST_LOOP_S)
    rate = clip.image.rate
    count = max(1, int((end - start) * rate))
    segment = Segment(rush.take.id, rush.take.name, Span(start, start + count / rate), 0, count)
    whole = Cut(rush.take.name, rate, clip.image.width // 2 * 2, clip.image.height // 2 * 2, (segment,), ())
    with tempfile.TemporaryDirectory() as folder:
        return loops.looped(cut.no_wider(whole, LOOP_WIDTH_PX), {rush.take.id: rush}, Path(folder) / "l.mp4", LOOP_CRF)
