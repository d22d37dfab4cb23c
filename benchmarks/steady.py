"""Steadying beside FFmpeg's vidstab, on real clips and on the backlot, at the same crop.

Residual rotation above 1 Hz in degrees a second, measured on the rendered pixels by phase correlation on a grid of
patches, which neither side uses, with the focal length of the enlarged picture. It is told of the whole clip and of
what lies between its head turns: headturn follows turns on purpose, vidstab smooths them where the crop allows, and a
turn's beginning and end are above 1 Hz too. Who is steadier is said of what lies between turns, where there is a
second of it, else of the whole. The crop of a frame is what it loses of width and height, by enlargement and by black
borders together; the largest over the clip counts. vidstab is run at many strengths (`smoothing`, also with
`maxshift` and `maxangle` set to what the crop allows), enlarged by the crop allowed; of those that show no border its
best one counts, chosen by the very residual it is judged by. A clip as filmed is its candidate too. On the backlot
the true rotation is known, and so is what is left of it.
"""

import argparse
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from math import radians
from pathlib import Path
from threading import Event
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfiltfilt

from benchmarks.ledger import CACHE, FOOTAGE, Ledger, table
from headturn import rotation
from headturn.backlot.performers import Look, Performer, Script, Walk
from headturn.backlot.shoot import Camera, shoot
from headturn.backlot.truth import Truth
from headturn.backlot.world import build
from headturn.camera import card
from headturn.camera.lens import rectilinear
from headturn.camera.take import Take
from headturn.clock import Span
from headturn.edit.cut import Cut, Segment, Steadying
from headturn.head.rush import Rush
from headturn.head.turns import TurnOptions
from headturn.office import lab
from headturn.office.store import Store
from headturn.picture import render
from headturn.review import steadied
from headturn.review.ride import Ride
from headturn.rotation import Floats

REAL = ("shaky/shaky.mp4", "path/hero7.mp4", "path/max-heromode.mp4", "single/losandes_1.mp4", "shop/fair_1.mp4")
CROPS = (0.05, 0.10, 0.15)
SMOOTHINGS = (2, 4, 8, 15, 30, 60)
CLAMPED = (15, 30)
"""Of these vidstab's transforms are also held within the crop by its own limits."""
TURN_REACH_S = 0.5
"""Half a period at 1 Hz: further from a turn the filter hardly feels it."""
READOUT_S = 0.016
"""Of a 4K action camera at 30 frames a second, about."""
LOOSE_DEG = 0.7
"""Jitter of the backlot's camera: three times that of a firm mount."""
EDGE_PX = 1
"""Width of the edge that marks a border of vidstab's."""
PATCH_PX, PATCHES = 96, (4, 3)
ABOVE_HZ = 1.0
WIDTH_PX = 480
"""Everything is steadied and measured at this width: pixels a degree differ little from clip to clip."""

Grey = NDArray[np.uint8]


@dataclass(frozen=True)
class Filmed:
    """A clip to be steadied: its cut of one segment, its rush, and the truth where it is of the backlot."""

    name: str
    cut: Cut
    rush: Rush
    truth: Truth | None = None

    @property
    def path(self) -> Path:
        """Its file."""
        return self.rush.take.clip.files[0]


def main(arguments: Sequence[str]) -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="steady", description=__doc__)
    parser.add_argument("--folder", type=Path, default=CACHE / "steady", help="where takes and figures are kept")
    parser.add_argument("--seconds", type=float, default=8.0, help="of each clip")
    parser.add_argument("--pictures", type=Path, help="write frames of both sides side by side into this folder")
    parser.add_argument("--only", default="", help="clips whose name holds this")
    parser.add_argument("--anew", action="store_true", help="measure all again")
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    options.folder.mkdir(parents=True, exist_ok=True)
    ledger = Ledger(options.folder / "figures.json", anew=options.anew)
    rows = []
    for clip in clips(options.folder, options.seconds):
        if options.only not in clip.name:
            continue
        for crop in CROPS:
            found = ledger.kept(f"{clip.name} {crop}", lambda c=clip, k=crop: compared(c, k, options.pictures))  # type: ignore[misc]
            rows.append(row(clip.name, crop, found))
            print(" | ".join(rows[-1]), file=sys.stderr, flush=True)
    head = (
        "clip",
        "crop",
        "as filmed, between turns / in all",
        "headturn",
        "its crop",
        "vidstab",
        "its crop",
        "its settings",
        "true rest",
        "tilt",
    )
    print(table(head, rows))
    won = sum(found["ours"] <= found["theirs"] * 1.001 for found in ledger.results.values())
    print(f"At least as steady in {won} of {len(ledger.results)}.")
    return 0


def row(name: str, crop: float, found: dict[str, Any]) -> tuple[str, ...]:
    """One line of the table."""
    rest = f"{found['true_before']:.2f} -> {found['true_after']:.2f}" if "true_before" in found else "-"
    tilt = f"{found['tilt_before']:.1f} -> {found['tilt_after']:.1f}" if "tilt_before" in found else "-"
    filmed, ours, theirs = (
        f"{found[each]:.2f} / {found[f'{each}_whole']:.2f}" for each in ("filmed", "ours", "theirs")
    )
    crops = f"{found['our_crop']:.3f}", f"{found['their_crop']:.3f}"
    return name, f"{crop:.2f}", filmed, ours, crops[0], theirs, crops[1], str(found["settings"]), rest, tilt


# What is steadied ------------------------------------------------------------------------------------


def clips(folder: Path, seconds: float) -> Iterator[Filmed]:
    """Real clips, then takes of the backlot: with telemetry and without."""
    store = Store(folder)
    for each in REAL:
        path = FOOTAGE / each
        clip = next(c for c in card.ingest(path.parent).clips if c.files[0].name == path.name)
        yield _filmed(path.stem, Take(clip, clip.span, path.stem), store, seconds)
    taken = _shot(folder / "backlot", seconds)
    truth = Truth.load(taken.with_suffix(".npz"))
    bare = folder / "bare" / taken.name
    bare.parent.mkdir(exist_ok=True)
    if not bare.exists():
        bare.write_bytes(taken.read_bytes())
    for name, path in (("backlot, telemetry", taken), ("backlot, image", bare)):
        clip = card.ingest(path.parent).clips[0]
        known = replace(clip, lens=truth.lens)
        own = Store(path.parent)  # both are one clip by their contents
        yield replace(_filmed(name, Take(known, known.span, name), own, seconds), truth=truth)


def _filmed(name: str, take: Take, store: Store, seconds: float) -> Filmed:
    rush = lab.develop(take, store, TurnOptions(), Event())
    clip = take.clip
    rate = clip.image.rate
    frames = min(len(rush.times), round(seconds * rate))
    scale = min(1.0, WIDTH_PX / clip.image.width)
    width, height = (2 * round(side * scale / 2) for side in (clip.image.width, clip.image.height))
    segment = Segment(take.id, name, Span(Fraction(0), frames / rate), 0, frames)
    return Filmed(name, Cut(name, rate, width, height, (segment,), ()), rush)


def _shot(folder: Path, seconds: float) -> Path:
    """A take of somebody who walks down a corridor and looks aside, on a loose mount, with a slow sensor and a log."""
    path = folder / "corridor.mp4"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        world = build(11, light="day")
        way = Walk((0.0, 0.5, 8.5, 60.0), ((-14.4, -1.2), (-14.4, -1.2), (-4.8, -1.2), (-4.8, -1.2)))
        aside = Look(3.0, radians(70), radians(-5), 0.6), Look(4.6, 0.0, radians(-5), 0.6)
        script = Script(seconds, way, 0.0, radians(-5), aside)
        lens = rectilinear(WIDTH_PX, 270, horizontal_fov_rad=radians(86))
        camera = Camera(lens, rate=Fraction(30), readout_s=READOUT_S, duration_s=seconds)
        shoot(world, Performer(jitter_rad=radians(LOOSE_DEG)).play(script, 3), camera, path, keep_truth=True)
        log = path.with_suffix(".gcsv")
        told = log.read_text(encoding="utf-8")
        log.write_text(
            told.replace("\ntscale", f"\nframe_readout_time,{1000 * READOUT_S:g}\ntscale", 1), encoding="utf-8"
        )
    return path


# Both sides ------------------------------------------------------------------------------------------


def compared(clip: Filmed, crop: float, pictures: Path | None) -> dict[str, Any]:
    """Residuals of the clip as filmed, by headturn and by vidstab, at a crop."""
    filmed = list(as_filmed(clip))
    steady = Steadying(max_crop=crop)
    ours = list(by_headturn(clip, steady))
    planned = steadied.plan(replace(clip.cut, steadying=steady), {clip.rush.take.id: clip.rush})
    zoom = planned.layers[0].zoom
    before, ours_left = residual(clip, filmed), residual(clip, ours, zoom)
    least, settings_of, theirs = before, "as filmed", filmed
    for settings in candidates(clip, crop):
        shown = list(by_vidstab(clip, settings, crop))
        left = residual(clip, shown, 1 / (1 - crop))
        if left < least:
            least, settings_of, theirs = left, settings, shown
    found: dict[str, Any] = {"settings": settings_of, "our_crop": float(1 - 1 / zoom.max())}
    found["their_crop"] = 0.0 if theirs is filmed else crop
    for side, (calm, whole) in (("filmed", before), ("ours", ours_left), ("theirs", least)):
        found |= {side: calm, f"{side}_whole": whole}
    if clip.truth is not None:
        true, rest = true_rest(clip, planned)
        found |= {"true_before": true, "true_after": rest}
    tilts = tilt(clip, crop)
    if tilts is not None:
        found |= {"tilt_before": tilts[0], "tilt_after": tilts[1]}
    if pictures is not None:
        _drawn(pictures, f"{clip.name} {crop}", filmed, ours, theirs)
    return found


def as_filmed(clip: Filmed) -> Iterator[Grey]:
    """The clip's frames, grey, at the size of its cut."""
    yield from by_headturn(clip, None)


def by_headturn(clip: Filmed, steadying: Steadying | None) -> Iterator[Grey]:
    """The same steadied by headturn, as it renders films."""
    id_ = clip.rush.take.id
    cut = replace(clip.cut, steadying=steadying)
    planned = steadied.plan(cut, {id_: clip.rush})
    for pixels in render.film_pixels(cut, planned, {id_: clip.rush.take}, range(cut.frames), "rgb48"):
        codes = pixels if pixels.dtype == np.uint8 else (pixels >> 8).astype(np.uint8)
        yield np.asarray(cv2.cvtColor(codes, cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def candidates(clip: Filmed, crop: float) -> Iterator[str]:
    """Settings of vidstab that show no border beyond the crop."""
    shift = int(crop / 2 * min(clip.cut.width, clip.cut.height))
    angle = crop / 2
    named = [f"smoothing={each}" for each in SMOOTHINGS]
    named += [f"smoothing={each}:maxshift={shift}:maxangle={angle:.3f}" for each in CLAMPED]
    for settings in named:
        if needed_by_vidstab(clip, settings, crop):
            yield settings


def needed_by_vidstab(clip: Filmed, settings: str, crop: float) -> bool:
    """Whether all that vidstab bares lies outside the crop.

    Its transforms are applied to white frames with a thin black edge: what lies beyond the edge it draws out of it.
    """
    cut = clip.cut
    white = f"color=white:size={cut.width}x{cut.height}:rate={cut.rate},trim=end_frame={cut.frames}"
    white += f",drawbox=color=black:thickness={EDGE_PX}"
    chain = _transform(clip, settings, crop)
    return all((frame > 128).all() for frame in _ffmpeg(cut, ["-f", "lavfi", "-i", white], chain))


def by_vidstab(clip: Filmed, settings: str, crop: float) -> Iterator[Grey]:
    """The clip steadied by vidstab, enlarged by the crop, grey."""
    scaled = f"scale={clip.cut.width}:{clip.cut.height}:flags=area"
    yield from _ffmpeg(clip.cut, ["-i", str(clip.path)], f"{scaled},{_transform(clip, settings, crop)}")


def _transform(clip: Filmed, settings: str, crop: float) -> str:
    zoom = 100 * (1 / (1 - crop) - 1)
    return f"vidstabtransform=input={_detected(clip)}:{settings}:optzoom=0:zoom={zoom:.3f}:crop=black:interpol=bicubic"


def _detected(clip: Filmed) -> Path:
    """vidstab's first pass, with its finest accuracy."""
    folder = CACHE / "vidstab"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{clip.rush.take.clip.id[:16]}-{clip.cut.width}-{clip.cut.frames}.trf"
    if not path.exists():
        scaled = f"scale={clip.cut.width}:{clip.cut.height}:flags=area"
        chain = f"{scaled},vidstabdetect=shakiness=8:accuracy=15:result={path}"
        for _ in _ffmpeg(clip.cut, ["-i", str(clip.path)], chain):
            pass
    return path


def _ffmpeg(cut: Cut, source: list[str], chain: str) -> Iterator[Grey]:
    """The first frames of a cut's length through a chain of FFmpeg's filters."""
    command = ["ffmpeg", "-v", "fatal", "-nostdin", "-threads", "1", *source, "-an", "-vf", chain]
    command += ["-fps_mode", "passthrough", "-frames:v", str(cut.frames), "-pix_fmt", "gray", "-f", "rawvideo", "-"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        size = cut.width * cut.height
        while len(data := running.stdout.read(size)) == size:
            yield np.frombuffer(data, np.uint8).reshape(cut.height, cut.width)


# What is measured ------------------------------------------------------------------------------------


def residual(clip: Filmed, frames: Sequence[Grey], zoom: Floats | float = 1.0) -> tuple[float, float]:
    """Rms rotation above 1 Hz, degrees a second, all three axes, seen in rendered frames: between turns, and in all.

    zoom (n,) or one: how much they are enlarged, which makes their focal length so much longer
    """
    lens = clip.rush.take.clip.lens.resized(clip.cut.width, clip.cut.height)
    steps = np.array([moved(a, b) for a, b in pairwise(frames)]) * float(clip.cut.rate)
    focal_px = lens.focal_mean_px * np.broadcast_to(zoom, (len(frames),))[1:]
    rates = above(steps / np.stack([focal_px, focal_px, np.ones(len(steps))], axis=1), float(clip.cut.rate))
    calm = between_turns(clip)[1:]
    return _rms(rates[calm] if calm.sum() >= clip.cut.rate else rates), _rms(rates)


def between_turns(clip: Filmed) -> NDArray[np.bool_]:
    """Film frames (n,) that are so far from all turns that these do not reach them through the filter."""
    times_s = np.arange(clip.cut.frames) / float(clip.cut.rate)
    calm = np.ones(len(times_s), dtype=np.bool_)
    for turn in clip.rush.turns:
        calm &= (times_s < turn.onset_s - TURN_REACH_S) | (times_s > turn.settle_s + TURN_REACH_S)
    return calm


def moved(before: Grey, after: Grey) -> Floats:
    """How far a picture moved: right and down in pixels, and its turn in radians; by phase correlation of patches."""
    height, width = before.shape
    side = min(PATCH_PX, height // 2, width // 2)
    window = cv2.createHanningWindow((side, side), cv2.CV_32F)
    rows, weights = [], []
    for y in np.linspace(0, height - side, PATCHES[1]).astype(int):
        for x in np.linspace(0, width - side, PATCHES[0]).astype(int):
            a, b = (image[y : y + side, x : x + side].astype(np.float32) for image in (before, after))
            if a.std() < 2:
                continue
            (dx, dy), sure = cv2.phaseCorrelate(a, b, window)
            rows.append((x + (side - width) / 2, y + (side - height) / 2, dx, dy))
            weights.append(max(sure, 0.0))
    if len(rows) < 3:
        return np.zeros(3)
    return _fitted(np.array(rows), np.array(weights))


def _fitted(rows: Floats, weights: Floats) -> Floats:
    """Shift and turn that most patches agree on (robust least squares)."""
    x, y, dx, dy = rows.T
    ones, none = np.ones(len(rows)), np.zeros(len(rows))
    slopes = np.concatenate([np.stack([ones, none, -y], axis=1), np.stack([none, ones, x], axis=1)])
    moves = np.concatenate([dx, dy])
    robust, found = np.tile(weights, 2), np.zeros(3)
    for _ in range(8):
        root = np.sqrt(robust)[:, None]
        found = np.linalg.lstsq(slopes * root, moves * root[:, 0], rcond=None)[0]
        off = np.tile(np.hypot(*np.split(moves - slopes @ found, 2)), 2)
        robust = np.tile(weights, 2) / (1 + (off / 1.0) ** 2) ** 2
    return np.asarray(found)


def above(rates: Floats, rate_hz: float) -> Floats:
    """What of rates (n, 3) is above 1 Hz."""
    low = butter(2, ABOVE_HZ / (rate_hz / 2), output="sos")
    return np.asarray(rates - sosfiltfilt(low, rates, axis=0))


def _rms(rates: Floats) -> float:
    return float(np.degrees(np.sqrt(np.mean(np.sum(rates**2, axis=1)))))


def true_rest(clip: Filmed, planned: Ride) -> tuple[float, float]:
    """Rms above 1 Hz of the camera's true rotation between turns, and of what of it the corrections leave."""
    assert clip.truth is not None
    layer, rate = planned.layers[0], float(clip.cut.rate)
    true = clip.truth.world_from_camera[layer.source]
    left = rotation.compose(true, rotation.inverse(layer.film_from_image))
    times = np.arange(len(true)) / rate
    calm = between_turns(clip)
    before, after = (_rms(above(rotation.angular_velocity(times, path), rate)[calm]) for path in (true, left))
    return before, after


def tilt(clip: Filmed, crop: float) -> tuple[float, float] | None:
    """Rms tilt of the horizon in degrees, before and after full levelling within the crop; None without gravity."""
    rushes = {clip.rush.take.id: clip.rush}
    if not clip.rush.motion.level:
        return None
    told = []
    for steadying in (None, Steadying(level=1.0, max_crop=crop)):
        cut = replace(clip.cut, steadying=steadying)
        planned = steadied.plan(cut, rushes)
        up = steadied.up_shown(cut, planned, rushes)
        if clip.truth is not None:
            layer = planned.layers[0]
            path = rotation.compose(clip.truth.world_from_camera[layer.source], rotation.inverse(layer.film_from_image))
            up = rotation.apply(rotation.inverse(path), steadied.UP)
        told.append(float(np.degrees(np.sqrt(np.mean(np.arctan2(up[:, 0], -up[:, 1]) ** 2)))))
    return told[0], told[1]


def _drawn(folder: Path, name: str, *sides: Sequence[Grey]) -> None:
    """Mean of a second of frames of each side, and one frame: a steady picture is sharp in its mean."""
    folder.mkdir(parents=True, exist_ok=True)
    middle = len(sides[0]) // 2
    strips = [
        np.hstack([side[middle], np.mean(side[middle - 12 : middle + 12], axis=0).astype(np.uint8)]) for side in sides
    ]
    cv2.imwrite(str(folder / f"{name.replace(' ', '-').replace(',', '')}.png"), np.vstack(strips))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
