"""Telemetry as a GoPro writes it: payloads of GPMF, a second each, and a recording that carries them."""

import struct
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from benchmarks import material
from benchmarks.material import Gaze
from headturn import rotation

GYRO_HZ = 200
G_M_S2 = 9.80665


def payload(second: int, looking: Gaze, rate: int, told: bool) -> bytes:
    """One second of the telemetry of a camera on a head, at `rate` frames a second; `told`: CORI, IORI and GRAV too."""
    times_s = second + np.arange(-1, GYRO_HZ + 1) / GYRO_HZ
    poses = material.orientation(looking(times_s))
    random = np.random.default_rng(second)
    rates = rotation.angular_velocity(times_s, poses)[1:-1] + random.normal(0, 0.003, (GYRO_HZ, 3))
    force = rotation.apply(rotation.inverse(poses[1:-1]), np.array([0.0, -G_M_S2, 0.0]))
    microseconds = 1_000_000 * second
    streams = [
        _stream("ACCL", _body(force) * 417, 417, second * GYRO_HZ, microseconds),
        _stream("GYRO", _body(rates) * 939, 939, second * GYRO_HZ, microseconds),
        _stream("ISOE", np.full((rate, 1), 400.0), 1, second * rate, microseconds),
    ]
    if told:
        each_frame = material.orientation(looking(second + np.arange(rate) / rate))
        still = np.tile([1.0, 0, 0, 0], (rate, 1))
        conjugate = np.array([1.0, -1, -1, -1])
        streams += [
            _stream("CORI", each_frame * conjugate * 32767, 32767, second * rate, microseconds),
            _stream("IORI", still * 32767, 32767, second * rate, microseconds),
            _stream("GRAV", _down(each_frame) * 32767, 32767, second * rate, microseconds),
        ]
    name = b"HERO11 Black" if told else b"HERO7 Black"
    return nest("DEVC", klv("DVID", "L", 4, struct.pack(">I", 1)), klv("DVNM", "c", 1, name), *streams)


def recording(path: Path, source: Path, payloads: Iterable[bytes]) -> Path:
    """A recording with telemetry: the packets of `source`, and a payload each second; written once."""
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.stem}.unfinished")
    with av.open(str(unfinished), "w", format="mp4") as out, av.open(str(source)) as first:
        streams = {each.index: out.add_stream_from_template(each) for each in first.streams}
        telemetry = out.add_data_stream("bin_data")
        telemetry.codec_tag = "gpmd"
        for packet in first.demux():
            if packet.size:
                packet.stream = streams[packet.stream.index]
                out.mux(packet)
        for second, data in enumerate(payloads):
            sample = av.Packet(data)
            sample.stream, sample.time_base = telemetry, Fraction(1, 1000)
            sample.pts = sample.dts = 1000 * second
            sample.duration = 1000
            out.mux(sample)
    unfinished.replace(path)
    return path


def _body(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Vectors in camera axes as a GoPro's channels Z, X, Y have them (X left, Y back, Z up)."""
    return np.column_stack([-vectors[:, 1], -vectors[:, 0], -vectors[:, 2]])


def _down(poses: NDArray[np.float64]) -> NDArray[np.float64]:
    return rotation.apply(rotation.inverse(poses), np.array([0.0, 1.0, 0.0]))


def _stream(key: str, values: NDArray[np.float64], scale: int, count: int, microseconds: int) -> bytes:
    stored = np.rint(np.clip(values, -32767, 32767)).astype(">i2")
    return nest(
        "STRM",
        klv("STMP", "J", 8, struct.pack(">Q", microseconds)),
        klv("TSMP", "L", 4, struct.pack(">I", count + len(stored))),
        klv("SCAL", "s", 2, struct.pack(">h", scale)),
        klv(key, "s", 2 * stored.shape[1], stored.tobytes()),
    )


def klv(key: str, kind: str, size: int, data: bytes) -> bytes:
    """A value of GPMF: key, type, size of one, how many, and the bytes, filled up to four."""
    return struct.pack(">4scBH", key.encode(), kind.encode(), size, len(data) // size) + data + bytes(-len(data) % 4)


def nest(key: str, *values: bytes) -> bytes:
    """A value of GPMF that holds others."""
    return klv(key, "\0", 1, b"".join(values))
