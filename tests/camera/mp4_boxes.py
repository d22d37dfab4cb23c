"""MP4 files and GPMF payloads put together byte by byte, for what no encoder writes."""

import struct
from collections.abc import Sequence
from pathlib import Path

MATRIX = (65536, 0, 0, 0, 65536, 0, 0, 0, 1 << 30)
CLOCKWISE = (0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30)


def box(kind: str, *contents: bytes, long: bool = False) -> bytes:
    data = b"".join(contents)
    if long:
        return struct.pack(">I4sQ", 1, kind.encode("latin-1"), len(data) + 16) + data
    return struct.pack(">I4s", len(data) + 8, kind.encode("latin-1")) + data


def full(kind: str, *contents: bytes, version: int = 0) -> bytes:
    return box(kind, bytes([version, 0, 0, 0]), *contents)


def numbers(form: str, *values: int) -> bytes:
    return struct.pack(f">{len(values)}{form}", *values)


def trak(
    codec: str,
    handler: str,
    offsets: Sequence[int],
    sizes: Sequence[int],
    *,
    runs: Sequence[tuple[int, int]],
    timescale: int = 1000,
    shifts: Sequence[tuple[int, int]] = (),
    edits: Sequence[tuple[int, int]] = (),
    matrix: Sequence[int] = MATRIX,
    entry: bytes = b"",
    co64: bool = False,
    instead: Sequence[bytes] = (),
) -> bytes:
    """One chunk a sample; `runs` are (count, duration), `shifts` (count, offset), `edits` (duration, start).

    `instead` are boxes that replace those of their type in the sample table.
    """
    head = full(
        "tkhd", numbers("I", 0, 0, 1, 0, 0), bytes(16), struct.pack(">9i", *matrix), numbers("I", 640 << 16, 360 << 16)
    )
    edit = box("edts", full("elst", numbers("I", len(edits)), *(struct.pack(">Iii", d, s, 65536) for d, s in edits)))
    stsd = full("stsd", numbers("I", 1), box(codec, bytes(6), numbers("H", 1), entry))
    tables = [
        stsd,
        full("stts", numbers("I", len(runs)), *(numbers("I", *run) for run in runs)),
        full("stsc", numbers("I", 1, 1, 1, 1)),
        full("stsz", numbers("I", 0, len(sizes), *sizes)),
        full("co64" if co64 else "stco", numbers("I", len(offsets)), numbers("Q" if co64 else "I", *offsets)),
    ]
    if shifts:
        tables.append(full("ctts", numbers("I", len(shifts)), *(struct.pack(">Ii", *shift) for shift in shifts)))
    kinds = {table[4:8] for table in instead}
    tables = [*(table for table in tables if table[4:8] not in kinds), *instead]
    media = box(
        "mdia",
        full("mdhd", numbers("I", 0, 0, timescale, 0), bytes(4)),
        full("hdlr", bytes(4), handler.encode(), bytes(13)),
        box("minf", box("stbl", *tables)),
    )
    return box("trak", head, *([edit] if edits else []), media)


def moov(*traks: bytes, timescale: int = 1000, created: int = 0, udta: bytes = b"") -> bytes:
    header = full("mvhd", numbers("I", created, created, timescale, 0), bytes(80))
    return box("moov", header, *traks, *([box("udta", udta)] if udta else []))


def gopro_file(
    path: Path,
    payloads: Sequence[bytes],
    *,
    frames: int = 60,
    udta: bytes = b"",
    image_edit: tuple[int, int] | None = None,
    payload_edit: tuple[int, int] | None = None,
) -> Path:
    """An MP4 with 30000/1001 frames a second (of one byte each) and a gpmd track of 1.001 s a payload."""
    start = 8 + 8 + 4
    at, offsets = start + frames, []
    for payload in payloads:
        offsets.append(at)
        at += len(payload)
    places = range(start, start + frames)
    image_edits = [image_edit] if image_edit else []
    video = trak("avc1", "vide", places, [1] * frames, runs=[(frames, 1001)], timescale=30000, edits=image_edits)
    sizes = [len(payload) for payload in payloads]
    payload_edits = [payload_edit] if payload_edit else []
    meta = trak("gpmd", "meta", offsets, sizes, runs=[(len(payloads), 1001)], edits=payload_edits)
    media = box("mdat", bytes(frames), *payloads)
    path.write_bytes(box("ftyp", b"mp41") + media + moov(video, meta, udta=udta))
    return path


def klv(key: str, kind: str, size: int, data: bytes) -> bytes:
    """One GPMF value; `kind` "" is a nest."""
    letter = kind.encode("latin-1") or b"\0"
    repeat = len(data) // size
    return struct.pack(">4scBH", key.encode(), letter, size, repeat) + data + bytes(-len(data) % 4)


def nest(key: str, *values: bytes) -> bytes:
    return klv(key, "", 1, b"".join(values))


def shorts(key: str, rows: Sequence[Sequence[int]], *notes: bytes, scale: int = 1) -> bytes:
    """A stream of 16-bit samples with its scale."""
    flat = [value for row in rows for value in row]
    data = klv(key, "s", 2 * len(rows[0]), numbers("h", *flat))
    return nest("STRM", *notes, klv("SCAL", "s", 2, numbers("h", scale)), data)


def device(*streams: bytes, name: str = "HERO9 Black") -> bytes:
    return nest("DEVC", klv("DVID", "L", 4, numbers("I", 1)), klv("DVNM", "c", 1, name.encode()), *streams)
