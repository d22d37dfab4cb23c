"""The production log: decisions in, what stands now out. Values only; `office.catalogue` keeps them.

A decision is never changed or deleted. What stands is found by going through all of them in order: later ones win, and
those that were undone count as never made.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any, Literal

from headturn.camera import slate as slates
from headturn.camera.take import REJECTED, Mark, Slate
from headturn.clock import Span

Why = Literal["look", "match", "performance", "technical", "comfort"]
"""Why a take went in the bin."""
Verb = Literal["slate", "mark", "bin", "lock", "unlock", "undo"]

CLOCKS_AGREE = timedelta(minutes=2)
"""Clocks of stations without a network are set by hand, to the minute."""
_SLATED = {"name": "by its file's name", "table": "by a table", "typed": "typed", "code": "by its filmed code"}
FILM = "film"
"""The subject of decisions about the film as a whole."""


@dataclass(frozen=True)
class Decision:
    """One line of the log.

    number: counts up over the whole log; at: UTC, by the station's clock, which may be wrong: order is by number
    who, station: the person and the machine; subject: `of_clip(id)`, `of_shot("42A")` or FILM
    turn: counts up from 1 over the decisions on one subject; no two share one
    value: plain JSON values, by verb:
        slate  any of slate, performer, rig, unit, how (name, table, typed, code), code ([start, end], where its code is
               in the picture, exact seconds as text); only what is there changes
        mark   clip, and any of mark ("" takes it away), span ([in, out] exact seconds as text, or null), note
        bin    clip, why, and any note
        lock   take (clip id), entered (the join from the shot before as JSON, or null)
        unlock nothing
        undo   undoes: the number of a decision
    """

    number: int
    at: datetime
    who: str
    station: str
    verb: Verb
    subject: str
    turn: int
    value: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.who} at {self.station}, {self.at:%H:%M:%S} UTC: {self.words}"

    @property
    def words(self) -> str:
        """What it says, as people say it: "circled, marked 1.2 s to 58 s"."""
        value = self.value
        said = {"bin": "binned", "lock": "locked", "unlock": "unlocked", "undo": "undoes decision"}.get(self.verb, "")
        said += "".join(f" {str(value[key])[:8]}" for key in ("take", "undoes") if key in value)
        parts = [said, *(str(value.get(key) or "") for key in ("why", "slate", "performer", "rig"))]
        parts += [
            f"camera {value['unit']}" if value.get("unit") else "",
            _SLATED[value["how"]] if value.get("how") in _SLATED else "",
        ]
        if "mark" in value:
            parts.append(value["mark"] or "no mark")
        if "span" in value:
            ends = [f"{float(Fraction(time)):.3f}".rstrip("0").rstrip(".") + " s" for time in value["span"] or ()]
            parts.append(f"marked {' to '.join(ends)}" if ends else "nothing marked")
        parts.append(f"note: {value['note']}" if value.get("note") else "")
        return ", ".join(filter(None, parts)) or self.verb


@dataclass(frozen=True)
class Footage:
    """What came in: one recording with all its chapters, a fact that no decision changes.

    id: hash of its contents (`camera.card.identity`); roll: the card, or the name of the folder it lies in
    files: its chapters as paths below the roll's folder, with forward slashes
    shot_at: by the camera's clock, no time zone, or None where nothing says; came_in: UTC
    timecode: of the first frame, or ""; kind: of the recording, image or sound
    """

    id: str
    roll: str
    files: tuple[str, ...]
    duration: Fraction
    rate: Fraction
    width: int
    height: int
    camera: str
    shot_at: datetime | None
    timecode: str
    came_in: datetime
    kind: Literal["image", "sound"] = "image"

    @property
    def name(self) -> str:
        """What people call it: the name of its first chapter."""
        return self.files[0].rpartition("/")[2]


@dataclass(frozen=True)
class Entry:
    """A recording with what stands of it now.

    unit: which camera of a rig, A or B; how: where the slate came from; code: of the recording, where its code is in
        the picture, or None where none was read; binned: why, or None where it is not
    """

    footage: Footage
    slate: Slate | None = None
    performer: str = ""
    rig: str = ""
    unit: str = ""
    how: str = ""
    code: Span | None = None
    mark: Mark | None = None
    binned: Why | None = None
    marked: Span | None = None
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Its slate where there is one, with the camera where that is B or later; else its file's name."""
        if self.slate is None:
            return self.footage.name
        return f"{self.slate}{self.unit if self.unit not in ('', 'A') else ''}"

    @property
    def usable(self) -> bool:
        """Whether it may be in the film: a take of a shot that no mark and no bin keeps out."""
        return self.footage.kind == "image" and self.binned is None and self.mark not in REJECTED

    @property
    def subject(self) -> str:
        """Whose decisions these are: its shot's where it has one, so that rivals are decided about together."""
        return of_shot(self.slate.shot) if self.slate else of_clip(self.footage.id)


@dataclass(frozen=True)
class Lock:
    """A shot that is decided. entered: the join from the shot before, as JSON, or None for the first or a plain cut."""

    shot: str
    take: str
    entered: Mapping[str, Any] | None
    decided: Decision


@dataclass(frozen=True)
class Log:
    """What stands now. entries: in the order of shots and takes, those without a slate last, in the order they came."""

    entries: tuple[Entry, ...]
    locks: Mapping[str, Lock] = field(default_factory=dict)
    decisions: tuple[Decision, ...] = ()

    @property
    def shots(self) -> dict[str, tuple[Entry, ...]]:
        """The entries of each shot, shots in film order; pictures and sound."""
        found: dict[str, list[Entry]] = {}
        for entry in self.entries:
            if entry.slate:
                found.setdefault(entry.slate.shot, []).append(entry)
        return {shot: tuple(found[shot]) for shot in sorted(found, key=slates.sort_key)}

    def of(self, clip_id: str) -> Entry | None:
        """The entry of a recording, by its id."""
        return next((entry for entry in self.entries if entry.footage.id == clip_id), None)


def of_clip(clip_id: str) -> str:
    """The subject of decisions about one recording."""
    return f"clip {clip_id}"


def of_shot(shot: str) -> str:
    """The subject of decisions about a shot."""
    return f"shot {shot}"


def standing_numbers(decisions: Sequence[Decision]) -> frozenset[int]:
    """The numbers of the decisions that were not undone. An undo may be undone itself."""
    undone: set[int] = set()
    for decision in reversed(decisions):
        if decision.verb == "undo" and decision.number not in undone:
            undone.add(int(decision.value["undoes"]))
    return frozenset(each.number for each in decisions) - undone


def standing(decisions: Sequence[Decision]) -> tuple[Decision, ...]:
    """The decisions that count, in order: neither undone nor an undo."""
    stands = standing_numbers(decisions)
    return tuple(each for each in decisions if each.number in stands and each.verb != "undo")


def set_back(decisions: Sequence[Decision]) -> tuple[str, ...]:
    """A sentence for each station that dated decisions long before some that were made earlier: one clock is wrong."""
    latest: Decision | None = None
    notes: dict[str, str] = {}
    for decision in decisions:
        if latest is not None and latest.at - decision.at > CLOCKS_AGREE:
            hours, minutes = divmod(round((latest.at - decision.at).total_seconds() / 60), 60)
            notes[decision.station] = (
                f"Decision {decision.number} of {decision.station} is dated {hours}:{minutes:02d} h before "
                f"decision {latest.number} of {latest.station}, which was made earlier: set their clocks. The order is "
                "that of the numbers."
            )
        if latest is None or decision.at > latest.at:
            latest = decision
    return tuple(notes.values())


def read(footage: Iterable[Footage], decisions: Sequence[Decision]) -> Log:
    """What stands, from all that came in and all that was decided."""
    decisions = tuple(sorted(decisions, key=lambda each: each.number))
    about: dict[str, dict[str, Any]] = {}
    locks: dict[str, Lock] = {}
    for decision in standing(decisions):
        value = dict(decision.value)
        kind, _, which = decision.subject.partition(" ")
        if decision.verb == "lock":
            locks[which] = Lock(which, value["take"], value.get("entered"), decision)
        elif decision.verb == "unlock":
            locks.pop(which, None)
        else:
            said = about.setdefault(which if kind == "clip" else value["clip"], {"notes": ()})
            _say(said, decision.verb, value)
    entries = [_entry(each, about.get(each.id, {})) for each in footage]
    return Log(tuple(sorted(entries, key=_order)), locks, decisions)


def locked_by(decisions: Sequence[Decision], when: datetime) -> tuple[str, ...]:
    """The shots that were locked at a moment, as the log stood then: what was undone since was standing."""
    then = read((), [each for each in decisions if each.at < when])
    return tuple(sorted(then.locks, key=slates.sort_key))


_SPANS = {"span": "marked", "code": "code"}
"""Where the spans that decisions have stand in an entry."""


def _say(said: dict[str, Any], verb: Verb, value: Mapping[str, Any]) -> None:
    """Let one decision change what is said of a recording."""
    if verb == "bin":
        said["binned"] = value["why"]
        said["notes"] = (*said["notes"], *filter(None, [value.get("note")]))
        return
    if value.get("mark"):  # a take that is marked anew is out of the bin
        said["binned"] = None
    for key, what in value.items():
        if key == "note":
            said["notes"] = (*said["notes"], what)
        elif key in ("span", "code"):
            said[_SPANS[key]] = Span(Fraction(what[0]), Fraction(what[1])) if what else None
        elif key == "slate":
            said["slate"] = slates.written(what)
        elif key == "mark":
            said["mark"] = what or None
        elif key != "clip":
            said[key] = what


def _entry(footage: Footage, said: Mapping[str, Any]) -> Entry:
    return Entry(footage, **said)


def _order(entry: Entry) -> tuple[object, ...]:
    footage = entry.footage
    when = (footage.shot_at or footage.came_in.replace(tzinfo=None), footage.roll, footage.files)
    if entry.slate is None:
        return (1, when)
    return (0, slates.sort_key(entry.slate.shot), entry.slate, entry.unit, when)
