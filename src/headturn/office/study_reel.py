"""The reel of a study: a finished film run through once, small; what was seen of it is kept.

Image motion, the scores of the cut detector, flashes and stills come from the same decoding. Nothing of the picture
stays in memory but the stills: one each two seconds, and two at each cut, of about 4 kB each.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from headturn.camera import media
from headturn.camera.take import Clip
from headturn.clock import FrameTimes
from headturn.errors import CannotRead
from headturn.head import flow as flows
from headturn.head.flow import Flow, FlowOptions
from headturn.office.dailies import Progress
from headturn.office.store import Arrays, Store
from headturn.review.flashes import FILM_WIDTH_PX, Analyser, Report
from headturn.review.study import SCORE
from headturn.rotation import Floats

STILL_WIDTH_PX, STILL_QUALITY = 200, 78
STILL_EACH_S = Fraction(2)
TELL_FRAMES = 50
"""Progress is told each so many frames."""


@dataclass(frozen=True, eq=False)
class Reel:
    """What was seen of a film.

    frames (n,): indices of the frames that could be decoded; flow: the rotation between them
    scores, returned (n,): of the cut detector (`camera.media.CutScorer`)
    stills: JPEGs by index among those frames; flashes: what each standard says, as plain values; () if nobody looked
    """

    clip: Clip
    times: FrameTimes
    frames: NDArray[np.int64]
    flow: Flow
    scores: Floats
    returned: Floats
    stills: Mapping[int, bytes]
    flashes: tuple[Mapping[str, Any], ...]


def run(clip: Clip, marks: tuple[Fraction, ...], flashes: bool, store: Store, on_progress: Progress) -> Reel:
    """Run a film through, or take what is kept of it. marks: times of known cuts, of which stills are wanted.

    Raises:
        CannotRead: not one frame can be decoded.
    """
    times = media.frame_times(clip)
    kept = store.kept_arrays(
        "study", (clip.id, clip.lens, marks, flashes), lambda: _seen(clip, times, marks, flashes, on_progress)
    )
    flow = Flow(**{name: kept[name] for name in _OF_FLOW}, assumed=str(kept["assumed"]), repeated=kept["repeated"] > 0)
    ends = np.cumsum(kept["still_sizes"])
    data = kept["stills"].tobytes()
    stills = {
        int(frame): data[end - size : end]
        for frame, size, end in zip(kept["still_frames"], kept["still_sizes"], ends, strict=True)
    }
    return Reel(
        clip, times, kept["frames"], flow, kept["scores"], kept["returned"], stills,
        tuple(json.loads(str(kept["flashes"]))),
    )  # fmt: skip


_OF_FLOW = ("times_s", "steps_rad", "agreement", "residual_rad", "luma", "sharpness", "drift")


def _seen(clip: Clip, times: FrameTimes, marks: tuple[Fraction, ...], flashes: bool, told: Progress) -> Arrays:
    pass_ = _Pass(clip, times, {times.nearest(times[0] + mark) for mark in marks}, flashes, told)
    width, height = pass_.size
    flow = flows.rotation_seen(pass_.images(), clip.lens.resized(width, height))
    if not len(flow.times_s):
        raise CannotRead(clip.files[0], "has not one frame that can be decoded", "copy or export the film again")
    scored = np.array(pass_.scored)
    assert flow.drift is not None
    return {
        **{name: getattr(flow, name) for name in _OF_FLOW},
        "assumed": np.array(flow.assumed),
        "repeated": flow.repeated.astype(np.uint8),
        "frames": np.array(pass_.frames, dtype=np.int64),
        "scores": scored[:, 0],
        "returned": scored[:, 1],
        "still_frames": np.array(list(pass_.stills), dtype=np.int64),
        "still_sizes": np.array([len(each) for each in pass_.stills.values()], dtype=np.int64),
        "stills": np.frombuffer(b"".join(pass_.stills.values()), np.uint8),
        "flashes": np.array(json.dumps([_plain(report) for report in pass_.reports()])),
    }


@dataclass
class _Pass:
    """One run through a film, looked at by everybody at once."""

    clip: Clip
    times: FrameTimes
    marks: set[int]
    flashes: bool
    told: Progress
    frames: list[int] = field(default_factory=list)
    scored: list[tuple[float, float]] = field(default_factory=list)
    stills: dict[int, bytes] = field(default_factory=dict)
    _analyser: Analyser | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Of the images that motion and cuts are seen in."""
        return _fitting(self.clip, FlowOptions().width_px)

    def images(self) -> Iterator[tuple[float, media.Pixels]]:
        """The film's frames with their times, small and grey."""
        scorer, last, due = media.CutScorer(), None, Fraction(0)
        for frame in media.frames(self.clip):
            number = len(self.frames)
            gray = frame.pixels("gray", *self.size)
            self.frames.append(frame.index)
            self.scored.append(scorer.see(gray))
            cut = self.scored[-1][0] >= SCORE or frame.index in self.marks
            if cut and last is not None:
                self.stills.setdefault(number - 1, still(last))
            if cut or frame.time >= due:
                self.stills[number] = still(frame)
                due = frame.time + STILL_EACH_S
            if self.flashes:
                self._see_flashes(frame)
            last = frame
            if number % TELL_FRAMES == 0:
                self.told(f"Watching {self.clip.name}", number, len(self.times))
            yield float(frame.time), gray
        self.told(f"Watching {self.clip.name}", len(self.times), len(self.times))

    def reports(self) -> tuple[Report, ...]:
        """What the standards on flashes say."""
        return self._analyser.reports() if self._analyser else ()

    def _see_flashes(self, frame: media.Frame) -> None:
        width, height = (max(2, side // 2 * 2) for side in _fitting(self.clip, FILM_WIDTH_PX))
        self._analyser = self._analyser or Analyser(width, height)
        self._analyser.see(frame.pixels("yuv420", width, height), frame.time)


def _fitting(clip: Clip, width_px: int) -> tuple[int, int]:
    width = min(width_px, clip.image.width)
    return width, max(2, round(clip.image.height * width / clip.image.width))


def still(frame: media.Frame) -> bytes:
    """A frame as a small JPEG."""
    rgb = frame.pixels("rgb", STILL_WIDTH_PX)
    done, jpeg = cv2.imencode(".jpg", rgb[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, STILL_QUALITY])
    assert done  # a small picture in memory
    return jpeg.tobytes()


def _plain(report: Report) -> dict[str, Any]:
    """A report as plain values; times in exact seconds as "numerator/denominator"."""

    def finding(found: Any) -> dict[str, Any]:  # noqa: ANN401
        span = found.span
        return {**asdict(found), "span": [float(span.start), float(span.end)]}

    return {
        "standard": report.standard.name,
        "passes": report.passes,
        "failures": [finding(each) for each in report.failures],
        "amber": [finding(each) for each in report.amber],
    }
