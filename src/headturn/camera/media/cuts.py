"""Cuts in a finished film, as FFmpeg's detector scores them: its filter `scdet`, fed with small grey images."""

from collections import deque
from fractions import Fraction

import av
import av.filter
import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]

_COARSE = (16, 9)
_BACK_FRAMES = 4
"""A flash lasts so many frames at most; what comes back later was cut away from."""
_BACK_LEAST = 2
_REPEATED_GREY, _REPEATED_SHARE = 0.3, 0.1
"""Mean change in grey levels, or share of the usual change, below which an image repeats the one before. A film
conformed from a lower rate would else change by nothing and by twice as much in turn, and seem cut at each frame."""
_REPEATS = 4
"""More repeats in a row are a picture that stands still, which the detector must know of to tell what ends it."""
_USUAL_FRAMES = 9
"""The usual change is the median of so many: a cut is no usual one."""
_WHITE = 255.0


class CutScorer:
    """Scores successive images, the more the likelier a cut lies before one of them.

    score: the change from the image before, less what changed there already, as a share of white in per cent (`scdet`)
        0 for an image that only repeats the one before
    returned: the least difference in per cent from one of the images 2 to 4 before, seen coarsely: small where a flash
        or a single foreign frame ends
    """

    def __init__(self) -> None:
        self._graph: av.filter.Graph | None = None
        self._size = 0, 0
        self._count = 0
        self._repeated = 0
        self._last: Grey | None = None
        self._changes: deque[float] = deque(maxlen=_USUAL_FRAMES)
        self._before: deque[NDArray[np.float32]] = deque(maxlen=_BACK_FRAMES)

    def see(self, image: Grey) -> tuple[float, float]:
        """The score and `returned` of the next image (h, w).

        Raises:
            ValueError: an image of another size than the first.
        """
        height, width = image.shape
        if self._graph is None:
            self._graph, self._size = _scdet(width, height), (width, height)
        if (width, height) != self._size:
            raise ValueError(f"an image of {width} x {height} does not follow one of {self._size}")
        self._repeated = self._repeated + 1 if self._repeats(image) else 0
        if 0 < self._repeated <= _REPEATS:
            return 0.0, 100.0
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="gray")
        frame.pts, frame.time_base = self._count, Fraction(1)
        self._count += 1
        self._graph.push(frame)
        told = self._graph.pull()
        assert isinstance(told, av.VideoFrame) and told.pts == frame.pts  # one in, one out
        return float(told.metadata.get("lavfi.scd.score", 0.0)), self._returned(image)

    def _repeats(self, image: Grey) -> bool:
        """Whether an image only shows the last one again; else it is the last one from now on."""
        if self._last is not None:
            change = float(cv2.norm(self._last, image, cv2.NORM_L1)) / image.size
            usual = float(np.median(self._changes)) if self._changes else 0.0
            if change < max(_REPEATED_GREY, _REPEATED_SHARE * usual):
                return True
            self._changes.append(change)
        self._last = image
        return False

    def _returned(self, image: Grey) -> float:
        coarse = cv2.resize(image, _COARSE, interpolation=cv2.INTER_AREA).astype(np.float32)
        earlier = list(self._before)[: len(self._before) - _BACK_LEAST + 1]
        self._before.append(coarse)
        return min((float(np.abs(coarse - one).mean()) * 100 / _WHITE for one in earlier), default=100.0)


def _scdet(width: int, height: int) -> av.filter.Graph:
    graph = av.filter.Graph()
    source = graph.add_buffer(
        width=width, height=height, format=av.VideoFormat("gray", width, height), time_base=Fraction(1)
    )
    detector, sink = graph.add("scdet"), graph.add("buffersink")
    source.link_to(detector)
    detector.link_to(sink)
    graph.configure()
    return graph
