"""Broadcast waves as sound recorders write them, byte by byte."""

import struct
from pathlib import Path

import numpy as np


def chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def bext(samples_since_midnight: int, date: str = "2026-11-20", time: str = "10:11:12") -> bytes:
    head = b"take".ljust(256, b"\0") + b"recorder".ljust(32, b"\0") + b"".ljust(32, b"\0")
    return head + date.encode() + time.encode() + struct.pack("<QH", samples_since_midnight, 1) + bytes(254)


def wave(
    path: Path,
    samples: np.ndarray,
    rate_hz: int = 48000,
    *,
    since_midnight: int | None = None,
    ixml: str | None = None,
    rf64: bool = False,
) -> Path:
    """Write float samples (n,) or (n, channels) as 24 bits; since_midnight: of the first, in samples."""
    values = np.atleast_2d(samples.T).T
    codes = np.clip(np.round(values * 8388607), -8388608, 8388607).astype("<i4")
    data = codes.reshape(-1, 1).view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
    channels = values.shape[1]
    form = struct.pack("<HHIIHH", 1, channels, rate_hz, rate_hz * channels * 3, channels * 3, 24)
    head = chunk(b"bext", bext(since_midnight)) if since_midnight is not None else b""
    head += chunk(b"fmt ", form)
    tail = chunk(b"iXML", ixml.encode()) if ixml is not None else b""
    if rf64:
        long = chunk(b"ds64", struct.pack("<QQQI", len(data) + len(head) + 100, len(data), len(values), 0))
        body = b"WAVE" + long + head + b"data" + b"\xff" * 4 + data + b"\0" * (len(data) % 2) + tail
        path.write_bytes(b"RF64" + b"\xff" * 4 + body)
    else:
        body = b"WAVE" + head + chunk(b"data", data) + tail
        path.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    return path
