"""Telemetry to turns of an hour-long 4K take: bound by reading the telemetry track, not the file, no frame decoded.

The take is an MP4 as a camera writes it: half a second of 4K HEVC, an hour of frames at 100 Mb/s whose bytes are
holes in the file, and between them a real GPMF payload each second. A frame that was decoded would be an error.
"""

import argparse
import struct
from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import partial
from pathlib import Path

import av

from benchmarks import gopro, material
from benchmarks.ledger import CACHE, cost, fresh, table
from headturn.camera import media, mp4, telemetry
from headturn.head import motion, turns
from headturn.head.flow import Flow

SECONDS = 3600
RATE = 30
BYTES_A_SECOND = 100_000_000 // 8
PERIOD_S = 12.0

_TURNS = """
import sys
from pathlib import Path
from benchmarks import hour
hour.turns_of(Path(sys.argv[1]))
"""


def main(arguments: Sequence[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks hour", description=__doc__)
    parser.add_argument("--cache", type=Path, default=CACHE, help="where generated recordings are kept")
    options = parser.parse_args(arguments)
    for told, names in ((True, "CORI, IORI and GRAV too"), (False, "gyro and accelerometer")):
        path = take(options.cache / "hour" / f"GX01000{int(told)}.mp4", told)
        print(f"\n### One hour of 4K, {path.stat().st_size / 1e9:.1f} GB; {names}\n\n{_measured(path)}", flush=True)
    return 0


def _measured(path: Path) -> str:
    files, starts = (path,), (Fraction(0),)
    rows = []

    def row(name: str, took: float, read: int) -> None:
        rows.append((name, f"{took:.2f}", f"{read / 1e6:.1f}" if read else ""))

    before = _read_bytes()
    track = mp4.read_movie(path).track(codec="gpmd")
    assert track is not None
    took, payloads = cost(lambda: list(mp4.sample_bytes(path, track)))
    row("index and payloads read, bare", took, _read_bytes() - before)
    size = sum(len(payload) for payload in payloads)
    before = _read_bytes()
    took, clip = cost(lambda: media.probe(files))
    row("probe (decodes the first frame)", took, _read_bytes() - before)
    before = _read_bytes()
    took, recorded = cost(lambda: telemetry.read(files, starts))
    row("telemetry.read", took, _read_bytes() - before)
    times = media.frame_times(clip)
    took, moved = cost(lambda: motion.image_motion(recorded, times.seconds, _never))
    row(f"motion ({moved.source})", took, 0)
    took, found = cost(lambda: turns.find(moved))
    row(f"turns ({len(found)})", took, 0)
    run = fresh(_TURNS, str(path))
    row(f"all in a fresh process, {run.peak_bytes / 1e6:.0f} MB at most", run.cpu_s, 0)
    share = size / path.stat().st_size
    said = f"The telemetry track has {size / 1e6:.1f} MB, {share:.3%} of the file. No frame was decoded for motion."
    return table(("stage", "CPU s", "MB read"), rows) + "\n\n" + said


def _never(start_s: float, stop_s: float) -> Flow:
    raise AssertionError(f"frames from {start_s} s to {stop_s} s were asked for")


def turns_of(path: Path) -> int:
    """How many turns telemetry alone finds in a recording."""
    recorded = telemetry.read((path,), (Fraction(0),))
    times = media.frame_times(media.probe((path,)))
    return len(turns.find(motion.image_motion(recorded, times.seconds, _never)))


def _read_bytes() -> int:
    """Bytes that this process has asked the system for; 0 where it does not say."""
    counts = Path("/proc/self/io")
    return int(counts.read_text().split()[1]) if counts.exists() else 0


# The recording ---------------------------------------------------------------------------------------


def take(path: Path, told: bool) -> Path:
    """The hour, written once; `told`: with the camera's own orientation."""
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    short = material.take(path.with_name("4k.mp4"), material.UHD30, 0.5)
    with av.open(str(short)) as container:
        frames = [bytes(packet) for packet in container.demux(container.streams.video[0]) if packet.size]
    whole = short.read_bytes()
    at = whole.index(b"stsd") - 4
    image_entry = whole[at : at + int.from_bytes(whole[at : at + 4], "big")]
    unfinished = path.with_suffix(".unfinished")
    looking = partial(material.gaze, seconds=PERIOD_S, phase=0.0)
    with unfinished.open("wb") as file:
        head = _box("ftyp", b"mp41\0\0\0\0mp41")
        start = len(head) + 16
        payloads = [gopro.payload(second, looking, RATE, told) for second in range(SECONDS)]
        stride = BYTES_A_SECOND + max(len(payload) for payload in payloads)
        file.write(head + struct.pack(">I4sQ", 1, b"mdat", 16 + SECONDS * stride) + b"".join(frames))
        for second, payload in enumerate(payloads):
            file.seek(start + second * stride + BYTES_A_SECOND)
            file.write(payload)
        file.seek(start + SECONDS * stride)
        chunks = [start + second * stride for second in range(SECONDS)]
        sizes = [*map(len, frames), *[BYTES_A_SECOND // RATE] * (SECONDS * RATE - len(frames))]
        image = _track(1, "vide", (3840, 2160), image_entry, sizes, RATE, chunks)
        entry = _full("stsd", struct.pack(">I", 1), _box("gpmd", bytes(6), struct.pack(">H", 1), bytes(4)))
        between = [chunk + BYTES_A_SECOND for chunk in chunks]
        data = _track(2, "meta", (0, 0), entry, [len(payload) for payload in payloads], 1, between)
        settings = gopro.nest("DEVC", gopro.klv("DVNM", "c", 1, b"Camera"), gopro.klv("EISE", "c", 1, b"N"))
        header = _full("mvhd", struct.pack(">IIII", 0, 0, 1000, SECONDS * 1000), bytes(80))
        file.write(_box("moov", header, image, data, _box("udta", _box("GPMF", settings))))
    unfinished.replace(path)
    return path


def _box(kind: str, *contents: bytes) -> bytes:
    data = b"".join(contents)
    return struct.pack(">I4s", len(data) + 8, kind.encode()) + data


def _full(kind: str, *contents: bytes) -> bytes:
    return _box(kind, bytes(4), *contents)


def _track(
    number: int,
    handler: str,
    size: tuple[int, int],
    entry: bytes,
    sizes: Sequence[int],
    rate: int,
    chunks: Sequence[int],
) -> bytes:
    """A track with one chunk of samples each second, `rate` samples to a chunk."""
    matrix = struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 1 << 30)
    head = _box(
        "tkhd",
        struct.pack(">IIIIII", 3, 0, 0, number, 0, SECONDS * 1000),
        bytes(16),
        matrix,
        struct.pack(">II", size[0] << 16, size[1] << 16),
    )
    tables = [
        entry,
        _full("stts", struct.pack(">III", 1, len(sizes), 1000)),
        _full("stsc", struct.pack(">IIII", 1, 1, rate, 1)),
        _full("stsz", struct.pack(">II", 0, len(sizes)), _numbers("I", sizes)),
        _full("co64", struct.pack(">I", len(chunks)), _numbers("Q", chunks)),
    ]
    if handler == "vide":
        keys = range(1, len(sizes) + 1, 15)
        tables.append(_full("stss", struct.pack(">I", len(keys)), _numbers("I", keys)))
    about = _full("vmhd", bytes(8)) if handler == "vide" else _full("nmhd")
    media_ = _box(
        "mdia",
        _full("mdhd", struct.pack(">IIII", 0, 0, 1000 * rate, SECONDS * 1000 * rate), bytes(4)),
        _full("hdlr", bytes(4), handler.encode(), bytes(13)),
        _box("minf", about, _box("dinf", _full("dref", struct.pack(">I", 1), _full("url "))), _box("stbl", *tables)),
    )
    return _box("trak", head, media_)


def _numbers(form: str, values: Iterable[int]) -> bytes:
    listed = list(values)
    return struct.pack(f">{len(listed)}{form}", *listed)


if __name__ == "__main__":
    import sys

    sys.exit(main(sys.argv[1:]))
