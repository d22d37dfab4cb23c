"""Peak memory of `make` in a fresh process for a take of a minute and one of twenty: it must not grow with length.

Both takes hold the same minute, once and again and again, and are joined to a second take of 20 s; with gyro logs, and
without, where every frame is looked at.
"""

import argparse
import shutil
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from benchmarks import material
from benchmarks.ledger import CACHE, MAKE, Ledger, fresh, table

MINUTES = 1, 20
PERIOD_S = 12.0
"""The head looks aside and back in that time; a minute holds five of them, and so it can follow on itself."""
SECOND_TAKE_S = 24.0
MOST_BYTES_A_MINUTE = 2 << 20
"""What a minute of film may add: its frames' times, motion and turns are kept, some 300 bytes a frame at most."""


def main(arguments: Sequence[str]) -> int:
    """Measure and print; 0 where memory does not grow by more than it may."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks memory", description=__doc__)
    parser.add_argument("--cache", type=Path, default=CACHE, help="where generated recordings and results are kept")
    parser.add_argument("--anew", action="store_true", help="measure everything again")
    options = parser.parse_args(arguments)
    ledger = Ledger(options.cache / "memory.json", anew=options.anew)
    begun = ledger.kept("start", lambda: vars(fresh("import headturn.office.production")))
    rows, kept_within = [], True
    for told in (True, False):
        peaks = []
        for minutes in MINUTES:
            name = f"{minutes} min, {'gyro log' if told else 'no telemetry'}"
            folder = takes(options.cache, minutes, told)
            made = ledger.kept(name, lambda folder=folder: made_of(folder, options.cache))  # type: ignore[misc]
            peaks.append(made["peak_bytes"])
            rows.append((name, f"{made['cpu_s']:.0f}", f"{made['peak_bytes'] / 1e6:.0f}"))
            print(f"{name}: {made['peak_bytes'] / 1e6:.0f} MB, {made['cpu_s']:.0f} CPU s", flush=True)
        a_minute = (peaks[1] - peaks[0]) / (MINUTES[1] - MINUTES[0])
        kept_within &= a_minute <= MOST_BYTES_A_MINUTE
        rows.append(("  grows by, a minute", "", f"{a_minute / 1e6:.2f}"))
    rows.append(("started, nothing done", f"{begun['cpu_s']:.0f}", f"{begun['peak_bytes'] / 1e6:.0f}"))
    print("\n" + table(("first take", "CPU s", "peak MB"), rows))
    most = f"{MOST_BYTES_A_MINUTE / 1e6:.1f} MB a minute"
    print(f"\nMemory grows by {'no' if kept_within else 'MORE'} than {most}.".replace("by no than", "by no more than"))
    return 0 if kept_within else 1


def takes(cache: Path, minutes: int, told: bool) -> Path:
    """A folder with a take of some minutes and a second one, with gyro logs or without."""
    folder = cache / f"memory-{minutes}min{'-gyro' if told else ''}"
    minute = material.take(cache / "memory" / "minute.mp4", material.SMALL30, 60.0, 0.0, PERIOD_S)
    second = material.take(cache / "memory" / "1B-1.mp4", material.SMALL30, SECOND_TAKE_S, 0.9, PERIOD_S)
    folder.mkdir(parents=True, exist_ok=True)
    first = material.repeated(folder / "1A-1.mp4", minute, minutes)
    other = material.linked(second, folder)
    if told:
        for recording, seconds, phase in ((first, 60.0 * minutes, 0.0), (other, SECOND_TAKE_S, 0.9)):
            material.gyro_log(recording, seconds, partial(material.gaze, seconds=PERIOD_S, phase=phase))
    return folder


def made_of(folder: Path, cache: Path) -> dict[str, float]:
    """CPU seconds and peak memory of making a film."""
    film = cache / "memory" / "film"
    shutil.rmtree(film, ignore_errors=True)
    return dict(vars(fresh(MAKE, str(folder), str(film))))


if __name__ == "__main__":
    import sys

    sys.exit(main(sys.argv[1:]))
