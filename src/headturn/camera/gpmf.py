"""GPMF, GoPro's metadata: nested keys, lengths and values, read without trust.

Any bytes may come in. A value that reaches beyond what holds it ends that nest, what was read before it stays, and
the fault is noted. A flipped bit inside a sample cannot be noticed here: the format has no checksum.

Source: GoPro's description of the format (github.com/gopro/gpmf-parser). Type "#" (compressed) is not decoded.
"""

import re
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_FORMS = {
    letter: np.dtype(form)
    for letter, form in zip(
        "b B s S l L j J f d q Q c F G U".split(),  # noqa: SIM905  (a table reads best in columns)
        "i1 u1 >i2 >u2 >i4 >u4 >i8 >u8 >f4 >f8 >i4 >i8 V1 V4 V16 V16".split(),  # noqa: SIM905
        strict=True,
    )
}
_OPAQUE = frozenset("cFGU")
_FIXED_POINT = {"q": 2.0**16, "Q": 2.0**32}
_NOTES = frozenset(
    "STMP TSMP STNM SIUN UNIT SCAL TYPE MTRX ORIN ORIO TMPC EMPT TICK TOCK RMRK TIMO VPTS "  # noqa: SIM905
    "GPSF GPSU GPSP GPSA DVID DVNM".split()
)
"""Keys that say something about the data of their stream."""
_MAX_FIELDS = 255
"""Of one sample: its size is one byte."""


class DamagedError(ValueError):
    """A value that contradicts its own description; the text says how."""


class Item(NamedTuple):
    """One key with its value: `type` as GPMF's letter ("" for a nest), `size` of one sample, and all the bytes."""

    key: str
    type: str
    size: int
    data: bytes

    @property
    def text(self) -> str:
        """The value as text, without the padding."""
        return self.data.split(b"\0", 1)[0].decode("latin-1").strip()


@dataclass(frozen=True, eq=False)
class Record:
    """What one payload holds of one stream: the data, and the notes that explain it."""

    data: Item
    notes: Mapping[str, Item] = field(default_factory=dict)

    def text(self, key: str) -> str:
        """A note as text; "" where there is none."""
        return self.notes[key].text if key in self.notes else ""

    def number(self, key: str) -> float | None:
        """A note as one number; None where there is none or it is damaged."""
        try:
            found = numbers(self.notes[key])
        except (KeyError, DamagedError):
            return None
        return float(found.flat[0]) if found.size else None

    def values(self) -> Floats:
        """The samples (n, k) as stored, divided by SCAL; k is the number of elements of one sample.

        Raises:
            DamagedError: the data does not fit its type, TYPE or SCAL.
        """
        values = numbers(self.data, self.text("TYPE"))
        if "SCAL" not in self.notes:
            return values
        scale = numbers(self.notes["SCAL"]).ravel()
        if not np.all(scale) or len(scale) not in (1, values.shape[1]):
            raise DamagedError(f"{self.data.key} has a scale that does not fit")
        return values / scale


@dataclass(frozen=True, eq=False)
class Device:
    """One DEVC: a camera, or something connected to it. `settings` are the values that stand in no stream."""

    name: str
    settings: Mapping[str, Item]
    records: tuple[Record, ...]

    def find(self, key: str) -> Item | None:
        """A setting, wherever it stands in the device."""
        places = (self.settings, *({record.data.key: record.data, **record.notes} for record in self.records))
        return next((place[key] for place in places if key in place), None)


@dataclass(frozen=True)
class Payload:
    """The devices in one payload, and sentences about what could not be read of it."""

    devices: tuple[Device, ...]
    faults: tuple[str, ...]


def read_payload(data: bytes, wanted: Iterable[str] = ()) -> Payload:
    """The devices of one payload (one sample of a gpmd track); raises nothing.

    `wanted`: keys of the streams to read, to save time; all where none are named.
    """
    keys = tuple(key.encode("ascii") for key in wanted)
    devices: list[Device] = []
    faults: list[str] = []
    for item in _items(data, faults):
        if item.key == "DEVC" and not item.type:
            devices.append(_device(item.data, keys, faults))
        elif not faults:
            faults.append(f"'{item.key}' where a device should start")
    return Payload(tuple(devices), tuple(faults))


def split_payloads(data: bytes) -> list[bytes]:
    """The payloads of a raw file without a container, one after the other.

    A payload is all devices up to the next one with the id of the first. The rest of a broken file is one payload.
    """
    starts: list[int] = []
    first = None
    for at, item in _placed(data, []):
        number = next((inside.data for inside in _items(item.data, []) if inside.key == "DVID"), b"")
        first = number if first is None else first
        if number == first:
            starts.append(at)
    ends = [*starts, len(data)][1:]
    return [data[at:end] for at, end in zip(starts, ends, strict=False)]


def numbers(item: Item, layout: str = "") -> Floats:
    """The numbers of a value (n, k): n samples of k elements; text and ids within a sample are NaN.

    `layout` is the TYPE of a complex value ("f[8]L").

    Raises:
        DamagedError: the type is not known or the size of a sample does not fit it.
    """
    letters = _letters(layout) if item.type == "?" else item.type
    forms = [_FORMS.get(letter) for letter in letters]
    if not forms or None in forms:
        raise DamagedError(f"{item.key} has a type that is not known ('{item.type}')")
    kinds = [form for form in forms if form is not None]
    width = sum(kind.itemsize for kind in kinds)
    if not item.size or item.size % width or (item.type == "?" and item.size != width):
        raise DamagedError(f"{item.key} has samples of {item.size} bytes that do not fit their type")
    samples = len(item.data) // item.size
    if len(set(letters)) == 1:
        letter, elements = letters[0], item.size // kinds[0].itemsize
        if letter in _OPAQUE:
            return np.full((samples, elements), np.nan)
        flat = np.frombuffer(item.data, kinds[0], samples * elements).astype(np.float64)
        return flat.reshape(samples, elements) / _FIXED_POINT.get(letter, 1.0)
    table = np.frombuffer(item.data, [(str(place), kind) for place, kind in enumerate(kinds)], samples)
    columns = [
        np.full(samples, np.nan) if letter in _OPAQUE else table[str(place)] / _FIXED_POINT.get(letter, 1.0)
        for place, letter in enumerate(letters)
    ]
    return np.column_stack(columns).astype(np.float64)


def _letters(layout: str) -> str:
    """A TYPE written out: "f[3]L" is "fffL"."""
    letters = ""
    for letter, count in re.findall(r"([^\[\]\d])(?:\[(\d{1,3})\])?", layout):
        letters += letter * (int(count) if count else 1)
    if len(letters) > _MAX_FIELDS:
        raise DamagedError("a sample with more elements than bytes")
    return letters


def _device(data: bytes, wanted: tuple[bytes, ...], faults: list[str]) -> Device:
    settings: dict[str, Item] = {}
    records: list[Record] = []
    for item in _items(data, faults):
        if item.key != "STRM" or item.type:
            settings[item.key] = item
            continue
        if wanted and not any(key in item.data for key in wanted):
            continue
        record = _record(item.data, faults)
        if record is not None:
            records.append(record)
    name = settings["DVNM"].text if "DVNM" in settings else ""
    return Device(name, settings, tuple(records))


def _record(data: bytes, faults: list[str]) -> Record | None:
    """One stream. Its data is the last value that is no note; what comes before explains it."""
    notes: dict[str, Item] = {}
    last: Item | None = None
    for item in _items(data, faults):
        if item.key not in _NOTES:
            if last is not None:
                notes[last.key] = last
            last = item
        else:
            notes[item.key] = item
    return None if last is None else Record(last, notes)


def _items(data: bytes, faults: list[str]) -> Iterator[Item]:
    return (item for _, item in _placed(data, faults))


def _placed(data: bytes, faults: list[str]) -> Iterator[tuple[int, Item]]:
    """Where each key stands, and the key; ends at padding or at the first that does not fit."""
    at, end = 0, len(data)
    while at + 8 <= end:
        key, kind, size, repeat = struct.unpack_from(">4scBH", data, at)
        if key == b"\0\0\0\0":
            return
        length = size * repeat
        if not key.isalnum() or at + 8 + length > end:
            faults.append(f"a value of {length} bytes at byte {at} of {end} does not fit")
            return
        kind_letter = "" if kind == b"\0" else kind.decode("latin-1")
        yield at, Item(key.decode("ascii"), kind_letter, size, data[at + 8 : at + 8 + length])
        at += 8 + (length + 3) // 4 * 4
