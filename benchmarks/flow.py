"""Rotation seen in the image: what it costs beside the decode, and how it agrees with telemetry.

For each recording: CPU milliseconds a frame, on one thread, of the bare decode and of what rotation costs beyond it
(reduction to a small grey image, and flow), and how much of the picture agrees. Where a recording has telemetry,
correlation, slope and rms error in degrees a second of the image's rotation against it, on each axis, with the lens
that was assumed. Generated 1080p60 H.264 and 4K30 HEVC show the cost where there is no real footage.
"""

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np

from benchmarks import material
from headturn.camera import card, media, telemetry
from headturn.camera.take import Clip
from headturn.head import flow, motion, turns
from headturn.head.flow import Flow
from headturn.head.motion import Motion

FOOTAGE = Path(__file__).resolve().parents[2] / "shared" / "footage"
AXES = ("pitch", "yaw", "roll")
CALM_DEG_S = 3.0
"""Below this rms an axis says nothing about agreement; it is printed in brackets."""


def main(arguments: Sequence[str]) -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="flow", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=FOOTAGE, help="recordings (default: the footage)")
    parser.add_argument("--seconds", type=float, default=12.5, help="of each recording")
    parser.add_argument("--no-generated", action="store_true", help="leave out the generated 1080p60 and 4K files")
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    clips = list(card.ingest(options.folder).clips) if options.folder.is_dir() else []
    with TemporaryDirectory() as place:
        if not options.no_generated:
            material.take(Path(place) / "generated-1080p60.mp4", material.HD60, 3)
            material.take(Path(place) / "generated-4k30.mp4", material.UHD30, 1.5)
            clips += card.ingest(Path(place)).clips
        print(f"{'clip':36}{'size':>11}{'decode':>9}{'+ grey':>8}{'+ flow':>8}{'ratio':>7}{'agree':>7}  CPU ms a frame")
        seen = [(clip, costs(clip, options.seconds)) for clip in clips]
    print()
    for clip, flowed in seen:
        against_telemetry(clip, flowed)
    return 0


def costs(clip: Clip, seconds: float) -> Flow:
    """Print one line; returns the flow."""
    times = media.frame_times(clip)
    stop = int(np.searchsorted(times.seconds, seconds))
    width = min(flow.FlowOptions().width_px, clip.image.width)
    height = max(2, round(clip.image.height * width / clip.image.width))

    def small() -> Iterator[tuple[float, np.ndarray[tuple[int, int], np.dtype[np.uint8]]]]:
        for frame in media.frames(clip, 0, stop):
            yield float(frame.time), frame.pixels("gray", width, height)

    clock = time.process_time()
    frames = sum(1 for _ in media.frames(clip, 0, stop))
    decode_ms = (time.process_time() - clock) / frames * 1000
    clock = time.process_time()
    kept = list(small())
    grey_ms = max(0.0, (time.process_time() - clock) / frames * 1000 - decode_ms)
    clock = time.process_time()
    seen = flow.rotation_seen(kept, clip.lens.resized(width, height))
    flow_ms = (time.process_time() - clock) / frames * 1000
    size = f"{clip.image.width}x{clip.image.height}"
    ratio = (decode_ms + grey_ms + flow_ms) / decode_ms
    agree = np.median(seen.agreement[~seen.repeated])
    print(f"{clip.name[:35]:36}{size:>11}{decode_ms:9.2f}{grey_ms:8.2f}{flow_ms:8.2f}{ratio:7.2f}{agree:7.2f}")
    return seen


def against_telemetry(clip: Clip, seen: Flow) -> None:
    """Print how the image's rotation agrees with what telemetry says of it, where there is any."""
    recorded = telemetry.read(clip.files, clip.chapter_starts)
    if recorded is None:
        return
    pictured = motion.image_motion(None, seen.times_s, lambda start_s, stop_s: seen)
    told = motion.image_motion(recorded, seen.times_s, None)
    print(f"{clip.name}: {clip.lens.assumed or 'lens known'}")
    row("gyro and accelerometer", motion.head_motion(recorded), pictured)
    if told.source != "gyro":
        row(told.source, told, pictured)
    decided = motion.image_motion(recorded, seen.times_s, lambda start_s, stop_s: part(seen, start_s, stop_s))
    print(f"  decided: {decided.source}; {'; '.join(decided.notes)}")
    for turn in turns.find(decided):
        print(f"  turn at {turn.peak_s:.2f} s: {turns.describe(turn)}")


def row(name: str, told: Motion | None, pictured: Motion) -> None:
    """Print correlation, slope and error on each axis."""
    if told is None:
        return
    agreement = motion.compare(told, pictured)
    print(f"  {name}")
    calm = np.degrees(np.std(told.rates_rad_s, axis=0)) < CALM_DEG_S
    for axis in range(3):
        r, slope = agreement.correlation[axis], agreement.slope[axis]
        error = np.degrees(agreement.rms_rad_s[axis])
        text = f"{AXES[axis]:6} r {r:6.3f}  slope {slope:5.2f}  rms error {error:5.2f} deg/s"
        print(f"    ({text}, hardly moves)" if calm[axis] else f"    {text}")


def part(seen: Flow, start_s: float, stop_s: float) -> Flow:
    """The stretch of a flow that `see` would return."""
    here = (seen.times_s >= start_s) & (seen.times_s < stop_s)
    steps = seen.steps_rad[here].copy()
    steps[:1] = 0
    return replace(
        seen,
        times_s=seen.times_s[here],
        steps_rad=steps,
        agreement=seen.agreement[here],
        residual_rad=seen.residual_rad[here],
        repeated=seen.repeated[here],
        luma=seen.luma[here],
        sharpness=seen.sharpness[here],
        drift=None if seen.drift is None else seen.drift[here],
    )


if __name__ == "__main__":
    import sys

    sys.exit(main(sys.argv[1:]))
