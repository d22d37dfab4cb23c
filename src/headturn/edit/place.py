"""Place: a short description of what a frame shows, so that views of one place are found among thousands.

Each frame's features are gathered by visual words, and what they differ from their words by is summed (VLAD, Jégou
2010, doi:10.1109/CVPR.2010.5540039). The words are learnt from the takes themselves. A description only says where to
look first; whether two frames show one place is for `look.align` to say.
"""

from collections.abc import Iterator, Sequence
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
RESTS = 7
"""Moments spread over a take at which its place is described besides its turns, for takes that meet at rest."""
EIGHT_BITS = 255.0


def anchor_frames(rush: Rush, turn: Turn) -> tuple[int, int]:
    """The frames before and after the peak of a turn at which its place is described."""
    return frame_at(rush, turn.peak_s - ANCHOR_S), frame_at(rush, turn.peak_s + ANCHOR_S)


def anchors(rush: Rush, turns: Sequence[Turn], glances: Glances) -> dict[Turn, tuple[Glance | None, Glance | None]]:
    """The views before and after the peak of each turn; None for those that cannot be decoded."""
    frames = {turn: anchor_frames(rush, turn) for turn in turns}
    seen = glances(rush.take.id, sorted({frame for pair in frames.values() for frame in pair})) if frames else {}
    return {turn: (seen.get(before), seen.get(after)) for turn, (before, after) in frames.items()}


def rest_frames(rush: Rush) -> list[int]:
    """Frames spread over a take, its very ends left out."""
    return [int(frame) for frame in np.linspace(0, len(rush.times) - 1, RESTS + 2)[1:-1]]


@dataclass(frozen=True, eq=False)
class Sights:
    """The features of some frames of a take, to be kept when the images are gone.

    descriptors: (n, 128) uint8, eight bits of RootSIFT, those of all frames one after the other; ends: (frames,) where
    each frame's end. A frame that cannot be decoded has none.
    """

    descriptors: NDArray[np.uint8]
    ends: NDArray[np.int64]

    def __getitem__(self, number: int) -> NDArray[np.float32]:
        """The features (k, 128) of one frame, by its place in the list that was asked for."""
        start = self.ends[number - 1] if number else 0
        return np.asarray(self.descriptors[start : self.ends[number]] / np.float32(EIGHT_BITS), np.float32)

    def __iter__(self) -> Iterator[NDArray[np.float32]]:
        return (self[number] for number in range(len(self.ends)))


def sights(rush: Rush, frames: Sequence[int], glances: Glances) -> Sights:
    """Looks at frames of a take, and remembers their features."""
    seen = glances(rush.take.id, sorted(set(frames))) if frames else {}
    features = [seen[frame].features[2] if frame in seen else np.zeros((0, 128), np.float32) for frame in frames]
    rounded = np.round(EIGHT_BITS * np.concatenate([*features, np.zeros((0, 128), np.float32)]))
    return Sights(np.asarray(rounded, np.uint8), np.cumsum([len(each) for each in features], dtype=np.int64))


@dataclass(frozen=True, eq=False)
class Words:
    """Visual words (k, 128), learnt from the takes."""

    centres: NDArray[np.float32]

    def description(self, view: Glance | None) -> NDArray[np.float32]:
        """What a view shows, see `described`; zero where it shows nothing."""
        return self.described(view.features[2] if view is not None else np.zeros((0, 128), np.float32))

    def described(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """What a view with these features (n, 128) shows, (k * 128,), of length 1; zero where there are none."""
        summed = np.zeros_like(self.centres)
        if len(features):
            nearest = (features @ self.centres.T - 0.5 * (self.centres**2).sum(axis=1)).argmax(axis=1)
            np.add.at(summed, nearest, features - self.centres[nearest])
        summed /= np.maximum(np.linalg.norm(summed, axis=1, keepdims=True), 1e-6)
        return np.asarray(summed.ravel() / max(float(np.linalg.norm(summed)), 1e-6))


def learnt(views: Sequence[Glance]) -> Words:
    """The words of some views, the same each time for the same views in the same order."""
    return learnt_from([view.features[2] for view in views])


def learnt_from(features: Sequence[NDArray[np.float32]]) -> Words:
    """The words of some views by their features, each (n, 128)."""
    every = np.concatenate([*features, np.zeros((1, 128), np.float32)])
    sampled = every[:: max(1, len(every) // LEARNT_FROM)]
    count = min(WORDS, len(sampled))
    cv2.setRNGSeed(0)
    criteria = (cv2.TERM_CRITERIA_COUNT + cv2.TERM_CRITERIA_EPS, 20, 1e-3)
    labels = np.zeros((len(sampled), 1), np.int32)
    _, _, centres = cv2.kmeans(sampled, count, labels, criteria, 1, cv2.KMEANS_PP_CENTERS)
    return Words(np.asarray(centres, np.float32))
