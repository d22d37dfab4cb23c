"""The sample table of one track of an MP4 or MOV file, as arrays.

The file stores it as runs (so many samples of one duration, so many to a chunk). Each count is held against
the bytes there are before memory is asked for. Source: ISO/IEC 14496-12, section 8.6 and 8.7.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ticks = NDArray[np.int64]

MAX_SAMPLES = 20_000_000
"""In one track: a day at 230 frames a second. Keeps a broken count from asking for all memory."""
MAX_SHIFT = 1 << 28
"""A composition offset beyond this is broken (FFmpeg drops the table at the same limit)."""


@dataclass(frozen=True, eq=False)
class Samples:
    """The sample table of a track, in decode order; all arrays (n,) int64.

    offsets, sizes: bytes in the file
    decode_ticks, durations, shifts: in the media timescale; a sample is shown at decode_ticks + shifts
    stored: (n,) bool, whether its bytes lie within the file
    keys: (n,) bool, whether it can be decoded without those before it
    """

    offsets: Ticks
    sizes: Ticks
    decode_ticks: Ticks
    durations: Ticks
    shifts: Ticks
    stored: NDArray[np.bool_]
    keys: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.offsets)


def expand(tables: Mapping[str, bytes], file_bytes: int) -> Samples:
    """The sample table of the boxes of `stbl`, by type; `file_bytes` is the length of the file.

    Raises:
        ValueError, KeyError, struct.error: the boxes contradict themselves or one is missing.
    """
    sizes = _sizes(tables["stsz"], file_bytes)
    offsets = _offsets(tables, sizes)
    n = len(offsets)
    sizes = sizes[:n]
    durations = _run_lengths(tables["stts"], n, ">u4")
    if len(durations) < n:
        raise ValueError("fewer sample times than samples")
    shifts = _run_lengths(tables.get("ctts", b""), n, ">i4")
    if len(shifts) < n or (n and int(np.abs(shifts).max()) > MAX_SHIFT):
        shifts = np.zeros(n, np.int64)
    decode = np.cumsum(durations) - durations
    stored = (offsets >= 0) & (sizes >= 0) & (offsets <= file_bytes - sizes)
    return Samples(offsets, sizes, decode, durations, shifts, stored, _keys(tables.get("stss", b""), n))


def _array(table: bytes, at: int, count: int, form: str) -> Ticks:
    if at + count * np.dtype(form).itemsize > len(table):
        raise ValueError("a sample table cut off")
    return np.frombuffer(table, form, count, at).astype(np.int64)


def _sizes(stsz: bytes, file_bytes: int) -> Ticks:
    size, count = struct.unpack_from(">II", stsz, 4)
    if count > MAX_SAMPLES or size * count > file_bytes:
        raise ValueError("more samples than the file can hold")
    return np.full(count, size, np.int64) if size else _array(stsz, 12, count, ">u4")


def _offsets(tables: Mapping[str, bytes], sizes: Ticks) -> Ticks:
    """Where each sample lies; shorter than `sizes` where the chunks do not hold all of them."""
    long = "co64" in tables
    table = tables["co64" if long else "stco"]
    chunks = _array(table, 8, struct.unpack_from(">I", table, 4)[0], ">u8" if long else ">u4")
    runs = _array(tables["stsc"], 8, struct.unpack_from(">I", tables["stsc"], 4)[0] * 3, ">u4").reshape(-1, 3)
    if not len(chunks) or not len(sizes):
        return np.empty(0, np.int64)
    if not len(runs) or runs[0, 0] != 1 or np.any(np.diff(runs[:, 0]) <= 0):
        raise ValueError("chunks out of order")
    held = runs[np.searchsorted(runs[:, 0], np.arange(1, len(chunks) + 1), side="right") - 1, 1]
    held = np.minimum(held, len(sizes))
    first = np.cumsum(held) - held
    held = np.clip(len(sizes) - first, 0, held)
    chunk = np.repeat(np.arange(len(chunks)), held)
    before = np.cumsum(sizes) - sizes
    within = before[: len(chunk)] - before[np.minimum(first, len(sizes) - 1)][chunk]
    return np.asarray(chunks[chunk] + within, dtype=np.int64)


def _keys(stss: bytes, samples: int) -> NDArray[np.bool_]:
    """Which of the samples are key frames; all where the table is missing."""
    if not stss:
        return np.ones(samples, np.bool_)
    numbers = _array(stss, 8, struct.unpack_from(">I", stss, 4)[0], ">u4") - 1
    keys = np.zeros(samples, np.bool_)
    keys[numbers[(numbers >= 0) & (numbers < samples)]] = True
    return keys


def _run_lengths(table: bytes, samples: int, form: str) -> Ticks:
    """A table of (count, value) spread over at most `samples` samples; zeros where there is none."""
    if not table:
        return np.zeros(samples, np.int64)
    (entries,) = struct.unpack_from(">I", table, 4)
    pairs = _array(table, 8, entries * 2, ">u4").reshape(-1, 2)
    values = pairs[:, 1].astype(np.uint32).view(np.int32 if form == ">i4" else np.uint32).astype(np.int64)
    ends = np.minimum(np.cumsum(pairs[:, 0]), samples)
    return np.repeat(values, np.diff(ends, prepend=0))
