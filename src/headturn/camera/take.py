"""What was shot: clips, and the takes that are made of them. Values only; nothing here opens a file."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Literal

from headturn.camera.lens import Lens
from headturn.clock import Span, Timecode

Mark = Literal["circled", "keep", "no good", "false start", "rehearsal"]
REJECTED: frozenset[Mark] = frozenset({"no good", "false start", "rehearsal"})
"""Marks that keep a take out of the film."""


@dataclass(frozen=True)
class Colour:
    """How the numbers of an image are to be read, in FFmpeg's names ("bt709", "smpte170m", "arib-std-b67" ...).

    `assumed` holds what had to be assumed because the file does not say, as a sentence; empty where all was tagged.
    """

    matrix: str
    primaries: str
    transfer: str
    full_range: bool
    bits: int
    assumed: str = ""

    @property
    def luma_step(self) -> float:
        """How far two codes of its luma lie apart, in full-range codes of 16 bits."""
        return 65535 / ((255 if self.full_range else 219) * 2 ** (self.bits - 8))


@dataclass(frozen=True)
class ImageTrack:
    """The video track. `width` and `height` are those of the upright image with square pixels, as it is to be seen.

    coded_width, coded_height: pixels as stored; rotation_deg: clockwise turn that sets the stored image upright;
    pixel_aspect: width of a stored pixel over its height; rate: nominal frames a second; codec: FFmpeg's name.
    """

    codec: str
    coded_width: int
    coded_height: int
    width: int
    height: int
    rotation_deg: int
    pixel_aspect: Fraction
    rate: Fraction
    variable_rate: bool
    frames: int
    colour: Colour


@dataclass(frozen=True)
class SoundTrack:
    """The first sound track. `start` is where it begins on the clip's clock, in seconds."""

    codec: str
    rate_hz: int
    channels: int
    start: Fraction
    duration: Fraction


@dataclass(frozen=True)
class Clip:
    """One recording with all its chapters, on one clock that starts at its first frame.

    id: hash of the contents (see `camera.card.identity`), the same whatever the files are called
    files: the chapters, in order
    span: from the first frame to the end of the last, in seconds on the clip's clock
    chapter_starts: where each chapter's first frame lies on that clock; starts with 0
    timecode: of the first frame, where the clip has a timecode track
    created: what the container says, without trust
    camera: model name as the clip itself gives it, or ""
    proxies: LRV, THM and sidecar files that belong to it
    notes: sentences for the report (assumptions, what is odd about the file)
    damage: those of the notes that people must hear at once: what of the recording is missing
    """

    id: str
    files: tuple[Path, ...]
    span: Span
    chapter_starts: tuple[Fraction, ...]
    image: ImageTrack
    sound: SoundTrack | None
    lens: Lens
    timecode: Timecode | None = None
    created: datetime | None = None
    camera: str = ""
    proxies: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()
    damage: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What people call it: the name of the first chapter's file."""
        return self.files[0].name


@dataclass(frozen=True, order=True)
class Slate:
    """Scene, setup and take: "42A-3" is scene 42, setup A, take 3."""

    shot: str
    take: int
    pickup: bool = False

    def __str__(self) -> str:
        return f"{self.shot}-{self.take}{'pu' if self.pickup else ''}"


@dataclass(frozen=True)
class Take:
    """A clip, or a span of it, with what people said of it.

    span: the part of the clip that may be used, on the clip's clock
    marked: the part that must be in the film if the take is, or None where nobody marked one
    """

    clip: Clip
    span: Span
    shot: str
    slate: Slate | None = None
    performer: str = ""
    mark: Mark | None = None
    marked: Span | None = None
    notes: tuple[str, ...] = field(default=())

    @property
    def id(self) -> str:
        """The clip's hash, with the span where the take is only a part of the clip."""
        whole = self.span == self.clip.span
        return self.clip.id if whole else f"{self.clip.id}@{self.span.start}-{self.span.end}"

    @property
    def name(self) -> str:
        """The slate where there is one, else the file's name."""
        return str(self.slate) if self.slate else self.clip.name

    def with_note(self, note: str) -> "Take":
        """A new take with one more sentence for the report."""
        return replace(self, notes=(*self.notes, note))
