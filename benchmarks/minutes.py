"""Takes of a minute for `benchmarks.latency`: the last take of a shot, and the first of the next.

One performance in one place, of a head that looks about every few seconds, as fast and as far as heads do. Take B
begins 12 s before take A ends, played again: its own sway, its own timing of each look. 1080p60 H.264 and 4K30 HEVC, as
a GoPro writes them (no frames out of order, telemetry in the file, a low-resolution LRV beside the 4K), and the same
without telemetry or with a gyro log. Each take is 20 s that come three times: no more of it is searched at either end.
"""

from collections.abc import Sequence
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks import gopro, material
from benchmarks.material import Format, Gaze

SECONDS, LOOP_S = 60, 20
SHARED_S = 12.0
"""Of the performance, in both takes: a take begins a few looks before the one before it ends."""
HERE, ELSEWHERE = 7, 8
"""Two places."""
HEADINGS_DEG = -62.0, -30.0, 0.0, 34.0, 58.0
NO_REORDER = (("bf", "0"),)
HD60 = Format("1080p60", 1920, 1080, Fraction(60), "libx264", 45_000_000,
              (("preset", "veryfast"), ("g", "30"), *NO_REORDER))  # fmt: skip
UHD30 = Format("4K30", 3840, 2160, Fraction(30), "libx265", 70_000_000, (
    ("preset", "ultrafast"),
    ("x265-params", "keyint=15:bframes=0:log-level=none:pools=1:frame-threads=1"),
))  # fmt: skip
LRV30 = Format("LRV", 768, 432, Fraction(30), "libx264", 4_000_000, (("preset", "veryfast"), ("g", "15"), *NO_REORDER))


Look = tuple[float, float, float]
"""When a performer looks elsewhere, how long that takes, and where to: seconds, seconds, degrees to the right."""


def script(seed: int, until_s: float) -> list[Look]:
    """The looks of a performance, in order of time; it begins straight ahead."""
    random = np.random.default_rng(seed)
    found = [(0.0, 0.5, 0.0)]
    while found[-1][0] < until_s:
        heading = float(random.choice([each for each in HEADINGS_DEG if each != found[-1][2]]))
        found.append((found[-1][0] + float(random.uniform(1.6, 4.0)), float(random.uniform(0.35, 0.8)), heading))
    return found


def gaze(times_s: NDArray[np.float64], looks: Sequence[Look], start_s: float, seed: int) -> NDArray[np.float64]:
    """Yaw, pitch and roll (n, 3) in radians of a head that plays `LOOP_S` of the looks from `start_s` on, and again.

    At the end of each round it looks back to where it began.
    """
    random = np.random.default_rng(seed)
    phase, within = float(random.uniform(0, 2 * np.pi)), times_s % LOOP_S
    begun = [look for look in looks if look[0] <= start_s][-1][2]
    ahead = [(at_s - start_s, *rest) for at_s, *rest in looks if 0.5 < at_s - start_s < LOOP_S - 2.5]
    yaw_deg, before = begun + 1.5 * np.sin(2 * np.pi * 0.4 * times_s + phase), begun
    for at_s, lasting_s, heading in (*ahead, (LOOP_S - 1.0, 0.6, begun)):
        at, lasting = at_s + random.normal(0, 0.06), lasting_s * random.uniform(0.94, 1.06)
        done = np.clip((within - at) / lasting + 0.5, 0, 1)
        yaw_deg = yaw_deg + (heading - before) * done**3 * (10 - 15 * done + 6 * done**2)
        before = heading
    pitch_deg = 1.2 * np.sin(2 * np.pi * 1.8 * times_s + phase)
    roll_deg = 0.6 * np.sin(2 * np.pi * 0.9 * times_s + phase)
    return np.radians(np.stack([yaw_deg, pitch_deg, roll_deg], axis=1))


def performed() -> dict[str, Gaze]:
    """Where the head looks in take A, in take B, and in take C, which is B in another place."""
    looks = script(seed=11, until_s=2 * LOOP_S)
    starts_s = {"A": 0.0, "B": LOOP_S - SHARED_S, "C": LOOP_S - SHARED_S}
    return {take: partial(gaze, looks=looks, start_s=start_s, seed=ord(take)) for take, start_s in starts_s.items()}


def filmed(folder: Path, format: Format, takes: str = "AB") -> dict[str, Path]:
    """Takes without telemetry."""
    short, found = format.name.lower(), {}
    for take in takes:
        once = folder / "once" / f"{short}-{take}.mp4"
        material.filmed(once, format, LOOP_S, performed()[take], ELSEWHERE if take == "C" else HERE)
        (folder / short).mkdir(parents=True, exist_ok=True)
        found[take] = material.repeated(folder / short / f"42{take}-1.mp4", once, SECONDS // LOOP_S)
    return found


def logged(folder: Path) -> dict[str, Path]:
    """Both takes in 1080p with a gyro log beside each."""
    takes = {take: material.linked(path, folder / "1080p60-log") for take, path in filmed(folder, HD60).items()}
    for take, path in takes.items():
        material.gyro_log(path, SECONDS, performed()[take])
    return takes


def told(folder: Path, format: Format, takes: str = "AB", lrv: bool = False) -> dict[str, Path]:
    """Takes as a GoPro writes them; `lrv`: with the camera's low-resolution recordings beside them."""
    alone, rate = folder / f"{format.name.lower()}-gopro", round(format.rate)
    found = {}
    for take, source in filmed(folder, format, takes).items():
        name, looking = f"GX01000{ord(take) - ord('A') + 1}", performed()[take]
        payloads = (gopro.payload(second, looking, rate, told=True) for second in range(SECONDS))
        found[take] = gopro.recording(alone / f"{name}.MP4", source, payloads)
        if lrv:
            found[take] = material.linked(found[take], alone.with_name(f"{alone.name}-lrv"))
            low = filmed(folder, LRV30, take)[take]
            material.linked(low, found[take].parent, f"GL{name[2:]}.LRV")
    return found
