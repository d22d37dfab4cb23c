"""Real takes as a second camera would have shot them: the same performance, turned, zoomed, graded, noisy, coded again.

Nothing real was ever shot by two cameras on one head; so B is made from A's own frames, without the camera's motion
data, and starts some frames later: the offset is known, and the image alone has to find it.
"""

from fractions import Fraction
from pathlib import Path
from threading import Event

import numpy as np

from benchmarks.ledger import FOOTAGE
from headturn import rotation
from headturn.camera import card, light, media
from headturn.camera.take import Clip, Take
from headturn.clock import Span
from headturn.edit import joins, meet
from headturn.edit.joins import Join, JoinOptions
from headturn.head.rush import Rush
from headturn.head.turns import TurnOptions
from headturn.office import lab
from headturn.office.store import Store
from headturn.picture import seams

TAKES = (
    "shop/fair_1.mp4",
    "lap/basketball_aria.mp4",
    "house/demo2_blur_middle_grid_6.mp4",
    "single/losandes_1.mp4",
    "single/kaust_1.mp4",
)
LONGEST_S = 30
TURN_SD_RAD = np.radians(2.0)
ZOOM = 1.12
"""Hides the border that turning bares, as the closer view of a remounted camera would."""
STOPS, TINT_SD = 0.7, 0.05
NOISE_SD = 4.0 / 255
SCALE, CRF = 0.75, 30


def shot_again(clip: Clip, frames: range, out: Path, seed: int) -> None:
    """Write those frames as another camera would have seen them; its clock starts at the first of them."""
    rng = np.random.default_rng(seed)
    width, height = (2 * round(side * SCALE / 2) for side in (clip.image.width, clip.image.height))
    turned = rotation.from_vector(rng.normal(0, TURN_SD_RAD, 3))
    gain = 2 ** rng.uniform(-STOPS, STOPS) * np.exp(rng.normal(0, TINT_SD, 3))
    with media.PictureWriter(out, width, height, clip.image.rate, crf=CRF) as writer:
        for frame in media.frames(clip, frames.start, frames.stop):
            picture = light.linear_from_video(frame.pixels("rgb48", width, height))
            seen, _ = seams.seen(seams.Shot(picture, clip.lens.resized(width, height), turned, ZOOM, gain))
            noisy = light.codes_from_linear(seen) / 255 + rng.normal(0, NOISE_SD, seen.shape)
            writer.write(np.asarray(np.clip(noisy, 0, 1) * 65535, np.uint16))


def split_errors(folder: Path, store: Store) -> list[float]:
    """For each turn of the real takes that B holds too: by how many frames the join is off; infinite without one."""
    errors = []
    for number, name in enumerate(TAKES):
        clip = card.recording(FOOTAGE / name)
        later = 11 + 7 * number
        frames = range(later, min(clip.image.frames, round(LONGEST_S * clip.image.rate)))
        out = folder / f"{Path(name).stem}-again.mp4"
        if not out.exists():
            shot_again(clip, frames, out, number)
        a, b = (_rush(each, store) for each in (clip, card.recording(out)))
        errors += _errors(a, b, later)
    return errors


def _rush(clip: Clip, store: Store) -> Rush:
    return lab.develop(Take(clip, clip.span, clip.name), store, TurnOptions(), Event())


def _errors(a: Rush, b: Rush, later: int) -> list[float]:
    glances = lab.Glancer({rush.take.id: rush.take.clip for rush in (a, b)})
    errors = []
    for turn in a.turns:
        if not a.times.seconds[later] + 0.7 < turn.peak_s < a.times.seconds[later] + float(b.times.span.end) - 0.7:
            continue
        span = Span(max(Fraction(0), Fraction(turn.onset_s)), min(Fraction(turn.settle_s), a.take.span.end))
        join = in_turn(a, b, span, b.take.span, glances)
        errors.append(abs(join.out_frame - join.in_frame - later) if join else float("inf"))
    return errors


def in_turn(a: Rush, b: Rush, span: Span, into: Span, glances: joins.Glances) -> Join | None:
    """The best join in turns that leaves A and enters B within spans; None where no turn serves."""
    options = JoinOptions()
    exits, entries = meet.usable(a, span, 0.0, options.handle_s), meet.usable(b, into, options.handle_s, 0.0)
    found = joins.in_turns(a, b, joins.likely(a, b, exits, entries, glances, options), glances, options)
    return min((join for join in found if join.hiding == "turn"), key=joins.rank, default=None)
