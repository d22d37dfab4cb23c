"""Cadence: takes that show some images again, and how a seam keeps time with them.

Footage conformed from a lower rate repeats images: of 30 frames a second of glasses a third. Two such takes repeat at
different moments, and where both are seen neither stands still: between halting pictures eight frames would run
smoothly. So a seam as a whole shows again what the take that leads shows again: A before the splice, B after it.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from headturn.edit.cut import Cut
from headturn.head.moments import frame_for_frame
from headturn.head.rush import Rush


def kept(cut: Cut, index: int, frames: Sequence[int], rushes: Mapping[str, Rush]) -> NDArray[np.intp]:
    """For film frames (n,) around a splice, in their order and without gaps, the film frame that each shows.

    It is the frame itself, or where a seam repeats the first of those that are alike; outside what the seam turns or
    mixes always the frame itself.
    """
    shown = np.array(frames, dtype=np.intp)
    splice, changed = cut.splices[index], cut.seam_frames()[index]
    half = splice.seam.overlap_frames // 2
    for k, frame in enumerate(frames):
        if not k or frame not in changed or frame - 1 not in changed:
            continue
        passed = shown[k - 1] < splice.frame - half and frame >= splice.frame + half  # from A alone to B alone
        if not passed and _repeats(cut, index, frame, rushes):
            shown[k] = shown[k - 1]
    return shown


def _repeats(cut: Cut, index: int, frame: int, rushes: Mapping[str, Rush]) -> bool:
    """Whether the take that leads in a film frame shows what it showed in the frame before."""
    segment = index if frame < cut.splices[index].frame else index + 1
    rush = rushes[cut.segments[segment].take]
    repeated = rush.motion.repeated
    if repeated is None or not frame_for_frame(rush.times.rate, cut.rate):
        return False
    before, now = cut.source_frames(segment, (frame - 1, frame), rush.times)
    return before < now and bool(repeated[before + 1 : now + 1].all())
