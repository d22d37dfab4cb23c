"""Bodies: moments in which somebody or something textured fills the image, a passer-by, a hand, a coat.

What has no structure at all is found by `edit.covers`; a coat has some, though close up little. What tells it from a
plain part of the place, or from a look elsewhere: by its motion the camera still looks where it looked shortly before
and after, and these two views show one place, yet nothing of that place is recognised in between.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from headturn import rotation
from headturn.edit import look
from headturn.edit.covers import COARSE
from headturn.edit.look import Glance
from headturn.rotation import Floats

APART_S = (0.35, 0.7, 1.0)
"""From the covered frame to those before and after it: who walks by close covers a camera for 0.1 s, who stops, or
holds a hand before it, for longer."""
SAME_WAY_RAD = np.radians(20.0)
"""So far the image may have turned and still show most of what it showed. In looks elsewhere and back, which are what
else changes an image and changes it back, `shop` and `house` turn 29 to 75 degrees."""
BODY_FLAT = 0.55
"""Share of cells without structure (`covers.Measure.flat`) of what is so near that it fills the image: 0.84 to 1.0 with
passers-by of the backlot. With a hand before two thirds of the image `house` has at most 0.54; frames of `house` that
are recognised by chance neither before nor after, though they show the table and the freezer, 0.21 and 0.42."""
CHANGED_CODES = 10.0
"""Mean change of the coarse image, in codes of 255, that something that fills it makes at least. The passers-by of the
backlot make 25 to 90, the hands of `house` that fill two thirds of it 20 to 35."""
UNKNOWN_POINTS = 5
"""So many points agree by chance between different places (`look.SAME_PLACE_POINTS`). Covered frames of the backlot
have 0 to 3; with two thirds of the image behind a hand `house` has 9 to 93."""
STEP_S = 0.12
"""Between frames that are looked at: who passes covers a camera for that long."""
LONGEST_S = 1.0


@dataclass(frozen=True)
class Suspect:
    """A frame in which something may fill the image, and the frames before and after it that would tell."""

    frame: int
    before: int
    after: int


def coarse(gray: NDArray[np.uint8]) -> NDArray[np.float32]:
    """What `suspects` compares of one small frame (h, w): (9, 16)."""
    return np.asarray(cv2.resize(gray, COARSE, interpolation=cv2.INTER_AREA), np.float32)


def suspects(
    frames: NDArray[np.intp], seen: NDArray[np.float32], flat: Floats, times_s: Floats, world_from_body: Floats
) -> Iterator[Suspect]:
    """Where a closer look is worth its cost, the plainest first.

    frames (n,): the frames that were decoded, rising; seen (n, 9, 16): what they show, see `coarse`; flat (n,): share
        of each that has no structure, see `covers.Measure`
    times_s, world_from_body (m, 4): of all frames of the clip
    """
    if len(frames) < 2:
        return
    when = times_s[frames]
    most = np.zeros(len(frames))
    around = np.zeros((len(frames), 2), np.intp)
    for apart_s in APART_S:
        before = np.searchsorted(when, when - apart_s - 1e-9)
        after = np.searchsorted(when, when + apart_s - 1e-9)
        rows = np.flatnonzero((flat >= BODY_FLAT) & (when - apart_s >= when[0]) & (after < len(frames)))
        ends = np.stack([before[rows], after[rows]])
        changed = np.abs(seen[ends] - seen[rows]).mean(axis=(2, 3)).min(axis=0)
        lasting = np.abs(seen[ends[0]] - seen[ends[1]]).mean(axis=(1, 2))
        turned = [rotation.angle(_between(world_from_body, frames[end], frames[rows])) for end in ends]
        worth = (changed > CHANGED_CODES) & (changed > lasting) & (np.max(turned, axis=0) < SAME_WAY_RAD)
        better = worth & (changed > most[rows])
        most[rows[better]] = changed[better]
        around[rows[better]] = ends[:, better].T
    told: list[float] = []
    for row in np.argsort(-flat * (most > 0), kind="stable"):
        if most[row] > 0 and all(abs(when[row] - other) >= STEP_S for other in told):
            told.append(float(when[row]))
            yield Suspect(int(frames[row]), int(frames[around[row, 0]]), int(frames[around[row, 1]]))


def _between(world_from_body: Floats, some: NDArray[np.intp], others: NDArray[np.intp]) -> Floats:
    return rotation.compose(rotation.inverse(world_from_body[some]), world_from_body[others])


def covered(suspect: Suspect, views: Callable[[Sequence[int]], dict[int, Glance]], rate: float) -> range:
    """The frames around a suspect's in which nothing of the place is recognised; none where it is no cover."""
    known = views([suspect.before, suspect.frame, suspect.after])
    if len(known) < 3 or not look.align(known[suspect.before], known[suspect.after]).same_place:
        return range(0)
    sides = known[suspect.before], known[suspect.after]

    def hidden(frame: int) -> bool:
        view = views([frame]).get(frame)
        return view is not None and max(look.align(side, view).points for side in sides) <= UNKNOWN_POINTS

    if not hidden(suspect.frame):
        return range(0)
    reach = round(LONGEST_S / 2 * rate)
    first, stop = suspect.frame, suspect.frame + 1
    while first - 1 > max(suspect.before, suspect.frame - reach) and hidden(first - 1):
        first -= 1
    while stop < min(suspect.after, suspect.frame + reach) and hidden(stop):
        stop += 1
    return range(first, stop)
