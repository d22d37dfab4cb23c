"""Place: a short description of what a frame shows, so that views of one place are found among thousands.

Each frame's features are gathered by visual words, and what they differ from their words by is summed (VLAD, Jégou
2010, doi:10.1109/CVPR.2010.5540039). The words are learnt from the takes themselves. A description only says where to
look first; whether two frames show one place is for `look.align` to say.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from headturn.edit.join import Glances
from headturn.edit.look import Glance
from headturn.edit.meet import frame_at
from headturn.head.rush import Rush
from headturn.head.turns import Turn

ANCHOR_S = 8 / 30
"""From a turn's peak: the views before and after it, still sharp, that stand for the place it happens in."""
WORDS = 32
"""On 6,000 pairs of views of `house`, `lap` and `shop`, 456 of which align, 32 words rank an aligned pair above another
with probability 0.940; binary hashes of the features in place of words, 0.87; the colours of an 8 by 8 image, 0.77."""
LEARNT_FROM = 20_000
"""Features are enough to learn the words from."""
AXES = 32
"""Principal axes of the descriptions that are kept, whitened by half: 0.944, with 16 axes 0.929, with 64 0.934."""


def anchor_frames(rush: Rush, turn: Turn) -> tuple[int, int]:
    """The frames before and after the peak of a turn at which its place is described."""
    return frame_at(rush, turn.peak_s - ANCHOR_S), frame_at(rush, turn.peak_s + ANCHOR_S)


def anchors(rush: Rush, turns: Sequence[Turn], glances: Glances) -> dict[Turn, tuple[Glance | None, Glance | None]]:
    """The views before and after the peak of each turn; None for those that cannot be decoded."""
    frames = {turn: anchor_frames(rush, turn) for turn in turns}
    seen = glances(rush.take.id, sorted({frame for pair in frames.values() for frame in pair})) if frames else {}
    return {turn: (seen.get(before), seen.get(after)) for turn, (before, after) in frames.items()}


@dataclass(frozen=True, eq=False)
class Words:
    """Visual words (k, 128), learnt from the takes."""

    centres: NDArray[np.float32]

    def description(self, view: Glance | None) -> NDArray[np.float32]:
        """What a view shows, (k * 128,), of length 1; zero where it shows nothing."""
        summed = np.zeros_like(self.centres)
        features = view.features[2] if view is not None else summed[:0]
        if len(features):
            nearest = (features @ self.centres.T - 0.5 * (self.centres**2).sum(axis=1)).argmax(axis=1)
            np.add.at(summed, nearest, features - self.centres[nearest])
        summed /= np.maximum(np.linalg.norm(summed, axis=1, keepdims=True), 1e-6)
        return np.asarray(summed.ravel() / max(float(np.linalg.norm(summed)), 1e-6))


def learnt(views: Sequence[Glance]) -> Words:
    """The words of some views, the same each time for the same views in the same order."""
    features = [view.features[2] for view in views]
    every = np.concatenate([*features, np.zeros((1, 128), np.float32)])
    sampled = every[:: max(1, len(every) // LEARNT_FROM)]
    count = min(WORDS, len(sampled))
    cv2.setRNGSeed(0)
    criteria = (cv2.TERM_CRITERIA_COUNT + cv2.TERM_CRITERIA_EPS, 20, 1e-3)
    labels = np.zeros((len(sampled), 1), np.int32)
    _, _, centres = cv2.kmeans(sampled, count, labels, criteria, 1, cv2.KMEANS_PP_CENTERS)
    return Words(np.asarray(centres, np.float32))
