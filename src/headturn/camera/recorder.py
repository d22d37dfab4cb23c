"""Sound recorders: what a WAV file is, when it was recorded, and which take it belongs to by what was typed into it.

A broadcast wave (EBU Tech 3285) tells the time of day of its first sample, counted in samples since midnight, which is
timecode to the sample; iXML (iXML specification 3) tells scene and take.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO
from xml.etree import ElementTree

from headturn.camera import card, media, slate
from headturn.camera.take import Slate, SoundTrack
from headturn.clock import Span
from headturn.errors import CannotRead

SUFFIXES = frozenset({".wav", ".bwf", ".rf64", ".w64"})
"""Of files that sound recorders write."""
DAY_S = 86400
MOST_IXML_BYTES = 1 << 20
"""A longer one is none: recorders write some kilobytes."""
_MOST_CHUNKS = 1000
_FIRST = (b"RIFF", b"RIFX", b"RF64", b"BW64", b"riff")
"""How WAV files begin, large and small; the last is W64."""
_HEAD_BYTES = 12


@dataclass(frozen=True)
class Recording:
    """What a sound recorder wrote into one file, on a clock that starts at its first sample.

    id: hash of the contents (`camera.card.identity`); sound: rate_hz, channels, duration
    began_s: time of day of the first sample in exact seconds since midnight, by the recorder's clock, which is its
        timecode; None where it does not say
    rate: frames a second of its timecode, and drop: whether that drops frames, where iXML says so
    created: by the recorder's clock, without time zone; slate: as typed into the recorder, or None
    notes: sentences for the report
    """

    id: str
    path: Path
    sound: SoundTrack
    began_s: Fraction | None = None
    rate: Fraction | None = None
    drop: bool = False
    created: datetime | None = None
    slate: Slate | None = None
    notes: tuple[str, ...] = ()

    @property
    def span(self) -> Span:
        """From its first sample to the end of the last, in seconds."""
        return Span(Fraction(0), self.sound.duration)

    @property
    def name(self) -> str:
        """The file's."""
        return self.path.name


def probe(path: Path) -> Recording:
    """What a WAV, BWF, RF64 or W64 file is. Reads its header and hashes it; decodes nothing.

    Raises:
        CannotRead: missing, not permitted, empty, damaged, no such file, or without a sample.
    """
    if _is_something_else(path):
        raise CannotRead(
            path, "is no recording of sound, or is damaged", "copy it again from the recorder, or leave it out"
        )
    sound, said = media.probe_sound(path)
    form = _ixml(path)
    notes = [f"{path.name} was cut off: what is missing at its end is lost."] if cut_off(path) else []
    ticks = said.get("time_reference", "")
    began = Fraction(int(ticks), sound.rate_hz) if ticks.isdecimal() and "time_reference" in said else None
    if began is not None and began >= DAY_S:
        notes.append(f"{path.name} says that it began {float(began) / 3600:.1f} hours after midnight: not believed.")
        began = None
    rate, drop = _rate(form)
    return Recording(
        id=card.identity([path]),
        path=path,
        sound=sound,
        began_s=began,
        rate=rate,
        drop=drop,
        created=_created(said),
        slate=_slate(form) or slate.parse(path.name),
        notes=tuple(notes),
    )


def _is_something_else(path: Path) -> bool:
    """Whether the first bytes of a file already say that it is no WAV; opening it with FFmpeg costs ten times as much.

    Of files that cannot be read, are too short, or are text, `camera.media` knows more to say.
    """
    try:
        with path.open("rb", buffering=0) as file:
            head = file.read(_HEAD_BYTES)
    except OSError:
        return False
    return len(head) == _HEAD_BYTES and not head.isascii() and head[:4] not in _FIRST


def _created(said: dict[str, str]) -> datetime | None:
    """Date and time of day as bext has them: two fields, whose separators differ from make to make."""
    date, time = said.get("date", ""), said.get("creation_time", "00:00:00")
    try:
        return datetime.fromisoformat(f"{date[:4]}-{date[5:7]}-{date[8:10]}T{time[:2]}:{time[3:5]}:{time[6:8]}")
    except ValueError:
        return None


def _slate(form: dict[str, str]) -> Slate | None:
    """Scene and take of iXML; recorders have the setup in the scene ("42A")."""
    scene, take = form.get("SCENE", ""), form.get("TAKE", "")
    return slate.parse(f"{scene}-{take}") if scene and take else None


def _rate(form: dict[str, str]) -> tuple[Fraction | None, bool]:
    try:
        rate = Fraction(form.get("TIMECODE_RATE", ""))
    except (ValueError, ZeroDivisionError):
        return None, False
    return (rate if 1 <= rate <= 1000 else None), form.get("TIMECODE_FLAG", "").upper() == "DF"


def _ixml(path: Path) -> dict[str, str]:
    """The texts of an iXML chunk by their tags, the first of each; none where there is none or it cannot be read."""
    try:
        with path.open("rb") as file:
            for name, size in _chunks(file):
                if name == b"iXML" and size <= MOST_IXML_BYTES:
                    found: dict[str, str] = {}
                    for element in ElementTree.fromstring(file.read(size).rstrip(b"\0")).iter():
                        found.setdefault(element.tag.rpartition("}")[2].upper(), (element.text or "").strip())
                    return found
    except (OSError, ElementTree.ParseError, ValueError, LookupError):
        pass
    return {}


def cut_off(path: Path) -> bool:
    """Whether the samples run on beyond the end of the file. Sizes of 0 and 2^32-1 say that nobody filled them in."""
    try:
        with path.open("rb") as file:
            whole = path.stat().st_size
            return any(
                name == b"data" and size not in (0, 0xFFFFFFFF) and file.tell() + size > whole
                for name, size in _chunks(file)
            )
    except OSError:
        return False


def _chunks(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Names and sizes of the chunks of a RIFF, RF64 or BW64 file; the file stands at the contents of each."""
    head = file.read(12)
    if head[:4] not in (b"RIFF", b"RF64", b"BW64") or head[8:12] != b"WAVE":
        return
    long = 0
    for _ in range(_MOST_CHUNKS):
        start = file.read(8)
        if len(start) < 8:
            return
        name, size = start[:4], struct.unpack("<I", start[4:])[0]
        at = file.tell()
        if name == b"ds64":
            sizes = file.read(16)
            long = struct.unpack("<Q", sizes[8:16])[0] if len(sizes) == 16 else 0
        if name == b"data" and size == 0xFFFFFFFF and long:
            size = long
        file.seek(at)
        yield name, size
        file.seek(at + size + size % 2)
