"""Takes in films of another rate: pictures between their frames, against what a camera at the film's rate saw.

A performance on the backlot is shot by one camera at the take's rate and by another at the film's: same lens, shutter
time and noise. The film's frames made from the first are compared with those of the second (PSNR of luma, in decibels),
in turns and outside, where the take has no frame at the moment. Beside headturn: the nearest frame, both frames mixed,
and FFmpeg's `minterpolate` (motion-compensated, as by its own defaults), with CPU seconds a frame.
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks import scenes, splices
from benchmarks.ledger import CACHE, cost, table
from headturn.backlot.performers import Performer
from headturn.backlot.shoot import Camera, Gyro, shoot
from headturn.backlot.truth import Truth
from headturn.camera import light, media
from headturn.camera.lens import rectilinear
from headturn.head.moments import moments
from headturn.office.store import Store
from headturn.picture import between, render, seams
from headturn.rotation import IDENTITY

Luma = NDArray[np.float32]
RATES = (
    (Fraction(30000, 1001), Fraction(24000, 1001)),
    (Fraction(25), Fraction(24)),
    (Fraction(60000, 1001), Fraction(24000, 1001)),
)
"""Of takes, and of the films they are in; each with a scene of its own."""
FIRST_SCENE = 60
SHUTTER_S = 0.008
SECONDS = 14.0
TURNING_RAD_S = float(np.radians(60))


@dataclass
class Tally:
    """What one way comes to. turning, resting: mean square error of luma of each frame; cpu_s: of each frame."""

    turning: list[float]
    resting: list[float]
    cpu_s: list[float]


def main(arguments: Sequence[str]) -> int:
    """Shoot, measure, print; 0 where headturn comes nearest in turns."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks between", description=__doc__)
    parser.add_argument("--folder", type=Path, default=CACHE / "between", help="where takes are kept")
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    best = True
    for number, (rate, film_rate) in enumerate(RATES):
        tallies = measured(*shot(options.folder, FIRST_SCENE + 2 * number, rate, film_rate), film_rate)
        print(f"\n### {float(rate):.2f} in a film of {float(film_rate):.2f}\n\n{told(tallies)}", flush=True)
        best &= decibels(tallies["headturn"].turning) == max(decibels(tally.turning) for tally in tallies.values())
    return 0 if best else 1


def shot(folder: Path, number: int, rate: Fraction, film_rate: Fraction) -> tuple[Path, Path]:
    """One performance, at the take's rate and at the film's; shot once."""
    folder.mkdir(parents=True, exist_ok=True)
    scene = scenes.Scene(number)
    paths = tuple(folder / f"scene{number:03d}-{float(each):.2f}.mp4" for each in (rate, film_rate))
    if not all(path.exists() for path in paths):
        world = scene.world()
        performance = Performer().play(scene.script(world), 1000 * number)
        lens = rectilinear(*scenes.SIZE, horizontal_fov_rad=float(np.radians(86)))
        camera = replace(Camera(lens, readout_s=0.01, duration_s=SECONDS, crf=18), gyro=Gyro(lag_s=0.004))
        for path, each in zip(paths, (rate, film_rate), strict=True):
            turned = replace(camera, rate=each, shutter_deg=float(360 * SHUTTER_S * each))
            shoot(world, performance, turned, path, sidecar=True, keep_truth=True)
    return paths[0], paths[1]


def measured(take: Path, film: Path, film_rate: Fraction) -> dict[str, Tally]:
    """Each way's errors where the take has no frame at the film's moment."""
    store = Store(take.parent / "film")
    store.open()
    rush, truth = splices.developed(take, store), Truth.load(film.with_suffix(".npz"))
    speeds = np.linalg.norm(splices.developed(film, store).motion.rates_rad_s, axis=1)
    count = min(len(truth.world_from_camera), int(rush.times.span.end * film_rate) - 1)
    looked = moments(rush, [k / film_rate for k in range(count)], film_rate)
    true = [luma(frame) for frame in codes(film)]
    taken = list(codes(take))
    peer_s, pulled = cost(partial(interpolated, take, film_rate))
    peer = [frame.to_ndarray(format="rgb48le") for frame in pulled]
    size = scenes.SIZE

    def made(k: int) -> media.Pixels:
        near, other = (light.linear_from_video(taken[i]) for i in (looked.source[k], looked.beyond[k]))
        lens = rush.take.clip.lens.resized(*size)
        picture = between.pictured(near, other, lens, looked.turns[k], float(looked.share[k]))
        whole = seams.Shot(picture, lens, IDENTITY, 1.0, np.ones(3), made_of=near)
        return render.finished(picture, [whole], (1.0,))

    ways: dict[str, Callable[[int], media.Pixels]] = {
        "nearest frame": lambda k: taken[looked.source[k]],
        "both mixed": lambda k: cv2.addWeighted(
            taken[looked.source[k]], 1 - looked.share[k], taken[looked.beyond[k]], looked.share[k], 0
        ),
        "minterpolate": lambda k: peer[k],
        "headturn": made,
    }
    tallies = {}
    for name, way in ways.items():
        tally = tallies[name] = Tally([], [], [])
        for k in np.flatnonzero(looked.share[: len(peer)]):
            took, picture = cost(partial(way, int(k)))
            tally.cpu_s.append(took)
            error = float(np.mean((luma(picture) - true[k]) ** 2))
            (tally.turning if speeds[k] > TURNING_RAD_S else tally.resting).append(error)
    tallies["minterpolate"].cpu_s = [peer_s / len(peer)]
    return tallies


def codes(path: Path) -> Iterator[Any]:
    """All frames of a recording, (h, w, 3) uint16."""
    clip = media.probe([path])
    return (frame.pixels("rgb48") for frame in media.frames(clip))


def luma(pixels: Any) -> Luma:  # noqa: ANN401
    """BT.709 luma (h, w), 0 to 255."""
    weights = np.array([0.2126, 0.7152, 0.0722], np.float32) / 257
    return np.asarray(pixels.astype(np.float32) @ weights, dtype=np.float32)


def interpolated(path: Path, rate: Fraction) -> list[av.VideoFrame]:
    """A recording's frames by FFmpeg's `minterpolate`."""
    found: list[av.VideoFrame] = []
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        graph = av.filter.Graph()
        source = graph.add_buffer(template=stream)
        filter_ = graph.add("minterpolate", f"fps={rate}:mi_mode=mci")
        sink = graph.add("buffersink")
        source.link_to(filter_)
        filter_.link_to(sink)
        graph.configure()
        for frame in (*container.decode(stream), None):
            graph.push(frame)
            while True:
                try:
                    pulled = graph.pull()
                except (av.BlockingIOError, av.EOFError):
                    break
                assert isinstance(pulled, av.VideoFrame)
                found.append(pulled)
    return found


def decibels(errors: Sequence[float]) -> float:
    """Peak signal to noise, of the mean over frames."""
    return float(10 * np.log10(255**2 / np.mean(errors))) if errors else float("nan")


def told(tallies: dict[str, Tally]) -> str:
    """The table of one pair of rates."""
    rows = [
        (name, f"{decibels(t.turning):.1f}", f"{decibels(t.resting):.1f}", f"{np.mean(t.cpu_s):.3f}")
        for name, t in tallies.items()
    ]
    frames = len(tallies["headturn"].turning), len(tallies["headturn"].resting)
    return table(("", f"in turns ({frames[0]} frames), dB", f"elsewhere ({frames[1]}), dB", "CPU s a frame"), rows)
