"""The lab: takes in, rushes out. Where files become motion, turns and the few images that are looked at."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from threading import Event
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from headturn.camera import media, telemetry
from headturn.camera.proxy import Proxy
from headturn.camera.take import Clip, Take
from headturn.camera.telemetry import Telemetry
from headturn.clock import FrameTimes, Span
from headturn.edit import ambience, bodies, covers
from headturn.edit.ambience import Ambience
from headturn.edit.covers import Cover, Measure
from headturn.edit.join import Aids, Cheap
from headturn.edit.look import GLANCE_WIDTH_PX, Glance
from headturn.errors import HeadturnError
from headturn.head import flow, motion, turns
from headturn.head.flow import Flow
from headturn.head.motion import Motion
from headturn.head.rush import Rush
from headturn.head.turns import TurnOptions
from headturn.office import smaller
from headturn.office.store import Arrays, Store
from headturn.rotation import Floats

_Value = TypeVar("_Value")
_COVERS: TypeAdapter[tuple[Cover, ...]] = TypeAdapter(tuple[Cover, ...])
_HEARD: TypeAdapter[Ambience | None] = TypeAdapter(Ambience | None)

IMAGE = "image"
"""The source of motion that was taken from the image."""
HEARD_HZ = 24000
"""Rate at which ambience is listened to: twice its highest band."""
DEAR_PX = 1 << 20
"""Up to this size an image is decoded in a few milliseconds, a tenth of what it takes to compare two. Of 1080p at 60
frames a second a frame takes 12 ms and a stretch from a key frame 200 ms, of 4K 60 ms and half a second."""
DEAR_REACH_S = 0.1
"""So many further frames are decoded all the same: of the pairs of frames in a turn, the next lies 1/15 s away."""
GLANCES_KEPT = 150
"""Small images kept in memory, with their features and their light about 1.1 MB each; two takes need some 100."""


def develop(
    take: Take,
    store: Store,
    options: TurnOptions,
    stopped: Event,
    window: Span | None = None,
    small: smaller.Small = lambda clip: None,
) -> Rush:
    """A take with its motion and turns; the motion is kept in the store.

    window: what is seen through where motion must be taken from the image; None means all of it

    Raises:
        CannotRead: the take cannot be decoded.
        KeyboardInterrupt: `stopped` was set while the image was seen through.
    """
    clip = take.clip
    times = media.frame_times(clip)
    kept = _kept_motion(clip, store, partial(_analysed, clip, times, stopped, small), window)
    moved = Motion(
        times_s=kept["times_s"],
        world_from_body=kept["world_from_body"],
        rates_rad_s=kept["rates_rad_s"],
        source=str(kept["source"]),
        level=bool(kept["level"]),
        confidence=kept["confidence"],
        notes=tuple(str(note) for note in kept["notes"]),
        speed_over_depth=_unless_empty(kept.get("speed_over_depth", np.empty(0))),
        repeated=_unless_empty(kept.get("repeated", np.empty(0, np.bool_))),
    )
    stops = _unless_empty(kept["exposure_stops"])
    found = tuple(
        turn for turn in turns.find(moved, options) if float(take.span.start) <= turn.peak_s < float(take.span.end)
    )
    readout_s = float(kept.get("readout_s", 0.0))
    return Rush(take, times, moved, found, stops, int(kept.get("lost", 0)), readout_s or None)


def _kept_motion(clip: Clip, store: Store, analysed: Callable[[Span | None], Arrays], window: Span | None) -> Arrays:
    whole = (clip.id, clip.lens)
    if window is None or store.keeps_arrays("motion", whole):
        return store.kept_arrays("motion", whole, lambda: analysed(None))
    seen = store.kept_arrays("motion", (*whole, window), lambda: analysed(window))
    if str(seen["source"]) != IMAGE:  # telemetry served, and covers all of the clip
        return store.kept_arrays("motion", whole, lambda: seen)
    return seen


def _analysed(clip: Clip, times: FrameTimes, stopped: Event, small: smaller.Small, window: Span | None) -> Arrays:
    recorded, notes = _telemetry(clip)
    lost = 0

    def see(start_s: float, stop_s: float) -> Flow:
        nonlocal lost
        found = seen(clip, times, start_s, stop_s, stopped, small(clip))
        first, last = np.searchsorted(times.seconds, [start_s, stop_s])
        lost += int(last - first) - len(found.times_s)
        return found

    within = (float(window.start), float(window.end)) if window else None
    moved = motion.image_motion(recorded, times.seconds, see, window_s=within)
    stops = _exposure_stops(recorded, times.seconds)
    return {
        "times_s": moved.times_s,
        "world_from_body": moved.world_from_body,
        "rates_rad_s": moved.rates_rad_s,
        "source": np.array(moved.source),
        "level": np.array(moved.level),
        "confidence": moved.confidence,
        "notes": np.array([*notes, *moved.notes], dtype=np.str_),
        "exposure_stops": np.empty(0) if stops is None else stops,
        "speed_over_depth": np.empty(0) if moved.speed_over_depth is None else moved.speed_over_depth,
        "repeated": np.empty(0, np.bool_) if moved.repeated is None else moved.repeated,
        "lost": np.array(lost),
        "readout_s": np.array(_readout_s(recorded, clip)),
    }


def _readout_s(recorded: Telemetry | None, clip: Clip) -> float:
    """From the upright image's first line to its last; 0 where it is not known or the lines stand upright."""
    downwards = {0: 1, 180: -1}.get(clip.image.rotation_deg, 0)
    return downwards * recorded.readout_s if recorded and recorded.readout_s else 0.0


def _unless_empty(values: NDArray[Any]) -> NDArray[Any] | None:
    return values if len(values) else None


def _telemetry(clip: Clip) -> tuple[Telemetry | None, tuple[str, ...]]:
    """The clip's telemetry; unreadable telemetry costs the take nothing but a sentence."""
    try:
        recorded = telemetry.read(clip.files, clip.chapter_starts)
    except HeadturnError as error:
        return None, (f"its telemetry cannot be used: {error}",)
    return recorded, recorded.warnings if recorded else ()


def seen(
    clip: Clip, times: FrameTimes, start_s: float, stop_s: float, stopped: Event, small: Proxy | None = None
) -> Flow:
    """Rotation seen in a stretch of the clip, decoded once at the width that flow needs; `small` in its place."""
    first, last = np.searchsorted(times.seconds, [start_s, stop_s])
    width, height = _small(clip, flow.FlowOptions().width_px)

    def images() -> Iterator[tuple[float, media.Pixels]]:
        for index, frame in smaller.frames(clip, int(first), int(last), small):
            if stopped.is_set():
                raise KeyboardInterrupt
            yield float(times.seconds[index]), frame.pixels("gray", width, height)

    return flow.rotation_seen(images(), clip.lens.resized(width, height))


def _small(clip: Clip, width_px: int) -> tuple[int, int]:
    width = min(width_px, clip.image.width)
    return width, max(2, round(clip.image.height * width / clip.image.width))


def _exposure_stops(recorded: Telemetry | None, times_s: Floats) -> Floats | None:
    if recorded is None or recorded.shutter_s is None or recorded.iso is None:
        return None
    shutter = np.interp(times_s, recorded.shutter_s.times_s, recorded.shutter_s.values.reshape(-1))
    iso = np.interp(times_s, recorded.iso.times_s, recorded.iso.values.reshape(-1))
    return np.asarray(np.log2(np.maximum(shutter, 1e-6) * np.maximum(iso, 1.0)), dtype=np.float64)


@dataclass
class Glancer:
    """Small images of frames that are looked at, decoded on demand; the newest stay in memory. Called like a function.

    clips: by take id; store: where covers and what was heard are kept, if anywhere; motions: of the takes, by which
        bodies before the camera are told; proxies: low-resolution recordings that are looked at instead, where they
        show what is wanted; stopped: set to give up what takes long
    """

    clips: Mapping[str, Clip]
    store: Store | None = None
    motions: Mapping[str, Motion] = field(default_factory=dict)
    proxies: Mapping[str, Proxy] = field(default_factory=dict)
    stopped: Event = field(default_factory=Event)
    _kept: OrderedDict[tuple[str, int], Glance] = field(default_factory=OrderedDict)
    _covers: dict[tuple[str, Span], tuple[Cover, ...]] = field(default_factory=dict)
    _ambience: dict[tuple[str, Fraction], Ambience | None] = field(default_factory=dict)

    def __call__(self, take: str, frames: Sequence[int]) -> dict[int, Glance]:
        """Glances of the frames of a take, by index; frames that cannot be decoded are missing."""
        clip = self.clips[take]
        missing = [frame for frame in frames if (take, frame) not in self._kept]
        for index, frame in smaller.frames_at(clip, missing, self.proxies.get(take)):
            self._kept[take, index] = _glance(clip, frame)
        found = {index: self._kept[take, index] for index in frames if (take, index) in self._kept}
        for index in found:
            self._kept.move_to_end((take, index))
        while len(self._kept) > GLANCES_KEPT:
            self._kept.popitem(last=False)
        return found

    @property
    def aids(self) -> Aids:
        """What else may be asked of the takes: `covers`, `hear` and `cheap`."""
        return Aids(self.covers, self.hear, self.cheap)

    def cheap(self, take: str) -> Cheap:
        """The frames of a take that are looked at for little."""
        small, clip = self.proxies.get(take), self.clips[take]
        image = small.clip.image if small else clip.image
        reach_s = float("inf") if image.coded_width * image.coded_height <= DEAR_PX else DEAR_REACH_S
        if small is None:
            return Cheap(media.key_numbers(clip), reach_s=reach_s)
        return Cheap(small.keys, np.flatnonzero(small.frames >= 0), reach_s)

    def covers(self, take: str, span: Span) -> tuple[Cover, ...]:
        """Where a stretch of a take shows no world. The stretch is decoded, small, and the result kept."""
        if (take, span) not in self._covers:
            clip, look = self.clips[take], partial(self._looked_for_covers, take, span)
            inputs = (clip.id, clip.lens, span, take in self.motions, take in self.proxies)
            self._covers[take, span] = self._once(_COVERS, "covers", inputs, look)
        return self._covers[take, span]

    def _once(self, values: TypeAdapter[_Value], kind: str, inputs: object, make: Callable[[], _Value]) -> _Value:
        if self.store is None:
            return make()
        return values.validate_python(
            self.store.kept_json(kind, inputs, lambda: values.dump_python(make(), mode="json"))
        )

    def _looked_for_covers(self, take: str, span: Span) -> tuple[Cover, ...]:
        clip = self.clips[take]
        times = media.frame_times(clip).seconds
        first, last = np.searchsorted(times, [float(span.start), float(span.end)])
        width, height = _small(clip, covers.WIDTH_PX)
        lens = clip.lens.resized(width, height)
        measures: dict[int, Measure] = {}
        seen: list[NDArray[np.float32]] = []
        for index, frame in smaller.frames(clip, int(first), int(last), self.proxies.get(take)):
            if self.stopped.is_set():
                raise KeyboardInterrupt
            gray = frame.pixels("gray", width, height)
            measures[index] = covers.measured(gray, lens)
            seen.append(bodies.coarse(gray))
        plain = covers.found(measures.items(), times)
        if take not in self.motions or not measures:
            return plain
        frames, flat = np.array(list(measures)), np.array([each.flat for each in measures.values()])
        near = bodies.suspects(frames, np.stack(seen), flat, times, self.motions[take].world_from_body)
        found = list(plain)
        for suspect in near:
            if not any(cover.first <= suspect.frame < cover.stop for cover in found):
                hidden = bodies.covered(suspect, partial(self, take), float(clip.image.rate))
                found += [_body(hidden, suspect.frame, measures)] if hidden else []
        return tuple(sorted(found, key=lambda cover: (cover.first, cover.kind)))

    def hear(self, take: str, time: Fraction) -> Ambience | None:
        """What a take sounds like around a moment; None where it has no sound there."""
        if (take, time) not in self._ambience:
            clip = self.clips[take]
            self._ambience[take, time] = self._once(_HEARD, "ambience", (clip.id, time), partial(_heard, clip, time))
        return self._ambience[take, time]


def glancer(rushes: Iterable[Rush], store: Store, proxies: Mapping[str, Proxy] | None = None) -> Glancer:
    """Looks at these takes, or at their low-resolution recordings by take id, and listens to them."""
    known = {rush.take.id: rush for rush in rushes}
    clips = {id: rush.take.clip for id, rush in known.items()}
    return Glancer(clips, store, {id: rush.motion for id, rush in known.items()}, proxies or {})


def _body(hidden: range, best: int, measures: Mapping[int, Measure]) -> Cover:
    return Cover("occluder", hidden.start, hidden.stop, best, measures[best].level, 1 - measures[best].flat)


def _heard(clip: Clip, time: Fraction) -> Ambience | None:
    around = Fraction(ambience.AROUND_S).limit_denominator(1000)
    blocks = list(media.sound(clip, time - around, time + around, HEARD_HZ)) if clip.sound else []
    return ambience.heard(np.concatenate(blocks), HEARD_HZ) if blocks else None


def _glance(clip: Clip, frame: media.Frame) -> Glance:
    width, height = _small(clip, GLANCE_WIDTH_PX)
    return Glance(frame.pixels("rgb", width, height), clip.lens.resized(width, height))
