"""The catalogue: what came in, where its copies lie, and every decision with who and when. Nothing is ever deleted.

SQLite in the film's folder, or PostgreSQL by `[catalogue] url` in film.toml, for a crew of several stations. All tables
but `seen` are appended to only: triggers of the database refuse to change or delete a line.
"""

import json
import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from fractions import Fraction
from getpass import getuser
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from headturn.errors import BadOption, CannotRead, DecidedMeanwhile
from headturn.office import catalogue_tables as tables
from headturn.office import settings
from headturn.office.log import Decision, Footage, Log, Verb, read
from headturn.office.store import Store

TRIES = 50
"""Times that a decision is tried again when others write at the same moment; each loses to one writer at most."""

EVERYTHING = ""
"""As a subject: a station has seen the whole log."""
State = Literal["copied", "verified", "read back through the cache", "bad", "missing"]


@dataclass(frozen=True)
class Station:
    """Who decides, and at which machine."""

    who: str
    name: str


@dataclass(frozen=True)
class Copy:
    """What is known of one file of a card on one disk; the latest of each (roll, file, root) stands.

    file: its path below the roll's folder, with forward slashes; size in bytes
    hash: XXH128 in hexadecimal of the bytes as they were read from the card
    root: the roll's folder on that disk; device: a lasting name of the disk; at: UTC
    """

    roll: str
    file: str
    size: int
    hash: str
    root: str
    device: str
    state: State
    at: datetime


def here() -> Station:
    """This station: HEADTURN_WHO or the name that was logged in with, HEADTURN_STATION or the host's name."""
    try:
        user = getuser()
    except (KeyError, OSError):
        user = "somebody"
    return Station(os.environ.get("HEADTURN_WHO") or user, os.environ.get("HEADTURN_STATION") or socket.gethostname())


@contextmanager
def opened(store: Store, station: Station | None = None) -> "Iterator[Catalogue]":
    """The catalogue of a film, made where there is none yet.

    Raises:
        BadOption: the url in film.toml is none, or the film lies on a network file system. CannotRead: the server is
        away, or the file is damaged or of a newer headturn. CannotWrite: no space or no permission.
    """
    url = settings.read(store.settings).catalogue.url
    with tables.phrased(store, url):
        engine = tables.engine(store, url)
        try:
            yield Catalogue(engine, station or here())
        finally:
            engine.dispose()


class Catalogue:
    """An open catalogue. Its methods may be called by several processes and stations at once."""

    def __init__(self, engine: sa.Engine, station: Station) -> None:
        self._engine, self.station = engine, station

    # Decisions ---------------------------------------------------------------------------------------------------

    def log(self, look: bool = True) -> Log:
        """All that stands. look: somebody looks at it, so that from now on this station has seen it."""
        with self._engine.begin() as connection:
            decisions = tuple(_decision(row) for row in connection.execute(_ALL_DECISIONS))
            rows = connection.execute(_ALL_FOOTAGE).all()
            first = {row.id: row for row in reversed(rows)}  # it may lie in several rolls
            footage = tuple(_footage(row) for row in rows if first[row.id] is row)
            if look and decisions:
                self._has_seen(connection, EVERYTHING, decisions[-1].number)
        return read(footage, decisions)

    def decide(self, verb: Verb, subject: str, value: dict[str, Any]) -> Decision:
        """Append a decision of this station.

        Raises:
            DecidedMeanwhile: another station decided about the subject and this one has not seen it; nothing is
            written, and from now on this one has seen it.
        """
        for _ in range(TRIES):
            try:
                with self._engine.begin() as connection:
                    tables.hold(connection, tables.decisions)
                    unseen, earlier = self._unseen(connection, subject)
                    if not unseen:
                        return self._appended(connection, verb, subject, value, earlier + 1)
                    self._has_seen(connection, subject, unseen[-1].number)
            except IntegrityError:  # somebody took this turn in the meantime
                continue
            raise DecidedMeanwhile(
                f"{subject.removeprefix('shot ')}: not yet seen here: {'; '.join(map(str, unseen))}. "
                "Look at it, then say it again."
            )
        raise CannotRead("the catalogue", f"{TRIES} other decisions about {subject} came first", "try again")

    def _unseen(self, connection: sa.Connection, subject: str) -> tuple[list[Decision], int]:
        """What other stations decided about a subject and this one has not seen, and the last turn about it."""
        table = tables.decisions
        rows = connection.execute(sa.select(table).where(table.c.subject == subject).order_by(table.c.number)).all()
        seen = self._seen(connection, subject)
        others = [_decision(row) for row in rows if row.station != self.station.name and row.number > seen]
        return others, max((row.turn for row in rows), default=0)

    def _appended(
        self, connection: sa.Connection, verb: Verb, subject: str, value: dict[str, Any], turn: int
    ) -> Decision:
        said = Decision(0, datetime.now(UTC), self.station.who, self.station.name, verb, subject, turn, value)
        table = tables.decisions
        values = {key: what for key, what in vars(said).items() if key != "number"}
        values["value"] = json.dumps(value, ensure_ascii=False)
        number = connection.execute(sa.insert(table).values(values).returning(table.c.number)).scalar_one()
        return replace(said, number=number)

    def _seen(self, connection: sa.Connection, subject: str) -> int:
        """The number up to which this station has seen what was decided about a subject."""
        table = tables.seen
        mine = (table.c.station == self.station.name, table.c.subject.in_((EVERYTHING, subject)))
        return int(connection.execute(sa.select(sa.func.max(table.c.number)).where(*mine)).scalar() or 0)

    def _has_seen(self, connection: sa.Connection, subject: str, number: int) -> None:
        table = tables.seen
        mine = {"station": self.station.name, "subject": subject}
        if not tables.insert_new(connection, table, {**mine, "number": number}):
            newer = (table.c.station == self.station.name, table.c.subject == subject, table.c.number < number)
            connection.execute(sa.update(table).where(*newer).values(number=number))

    # Facts -------------------------------------------------------------------------------------------------------

    def came_in(self, footage: Sequence[Footage], root: Path) -> tuple[Footage, ...]:
        """Remember recordings, and the folder of their roll; those that were not known before.

        A recording that was known from another roll is the same one, which lies there too.

        Raises:
            BadOption: the folder is another roll of the same name: other recordings are called the same in it.
        """
        table = tables.footage
        with self._engine.begin() as connection:
            tables.hold(connection, table)
            for roll in dict.fromkeys(each.roll for each in footage):
                self._check_roll(connection, roll, [each for each in footage if each.roll == roll], root)
                values = {"roll": roll, "root": str(root.resolve()), "at": datetime.now(UTC)}
                tables.insert_new(connection, tables.roots, values)
            known = set(connection.execute(sa.select(table.c.id)).scalars())
            for each in footage:
                tables.insert_new(connection, table, _plain(each))
        return tuple(each for each in footage if each.id not in known)

    def _check_roll(self, connection: sa.Connection, roll: str, footage: Sequence[Footage], root: Path) -> None:
        table = tables.roots
        roots = set(connection.execute(sa.select(table.c.root).where(table.c.roll == roll)).scalars())
        if not roots or str(root.resolve()) in roots:
            return
        held = tables.footage
        rows = connection.execute(sa.select(held.c.files, held.c.id).where(held.c.roll == roll))
        ids: dict[str, set[str]] = {}
        for row in rows:
            ids.setdefault(row.files, set()).add(row.id)
        for each in footage:
            of_that_name = ids.get(_plain(each)["files"], {each.id})
            if each.id not in of_that_name:
                raise BadOption(
                    f"{root}: is not roll {roll} that lies in {', '.join(sorted(roots))}: {each.files[0]} is another "
                    "recording there; give this one a name of its own with --roll."
                )

    def roots(self, roll: str) -> tuple[Path, ...]:
        """The folders in which a roll lies, in the order in which they became known."""
        table = tables.roots
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(table.c.root).where(table.c.roll == roll).order_by(table.c.number))
            return tuple(Path(row.root) for row in rows)

    def files(self, footage: Footage) -> tuple[Path, ...]:
        """Where a recording can be read now.

        Raises:
            CannotRead: in none of the folders in which its roll lies.
        """
        roots = []
        for roll, files in self._lies(footage.id):
            for root in self.roots(roll):
                paths = tuple(root / name for name in files)
                if all(path.is_file() for path in paths):
                    return paths
                roots.append(str(root))
        where = " or ".join(roots) or "any folder that is known"
        raise CannotRead(footage.name, f"is not in {where}", "connect its disk")

    def _lies(self, clip_id: str) -> list[tuple[str, tuple[str, ...]]]:
        """The rolls that a recording lies in, and the names of its files there."""
        table = tables.footage
        wanted = sa.select(table.c.roll, table.c.files).where(table.c.id == clip_id).order_by(table.c.number)
        with self._engine.connect() as connection:
            return [(row.roll, tuple(json.loads(row.files))) for row in connection.execute(wanted)]

    def rolls(self) -> tuple[str, ...]:
        """The rolls that are known, by name."""
        with self._engine.connect() as connection:
            names = {row.roll for row in connection.execute(sa.select(tables.roots.c.roll))}
            names |= {row.roll for row in connection.execute(sa.select(tables.copies.c.roll).distinct())}
        return tuple(sorted(names))

    def record(self, copies: Sequence[Copy]) -> None:
        """Remember what was found of copies; all of them or, when it fails, none."""
        if copies:
            with self._engine.begin() as connection:
                connection.execute(sa.insert(tables.copies), [_plain(each) for each in copies])

    def copies(self, roll: str | None = None) -> tuple[Copy, ...]:
        """What stands of the copies of a roll, or of all."""
        table = tables.copies
        wanted = sa.select(*(table.c[each.name] for each in fields(Copy))).order_by(table.c.number)
        wanted = wanted if roll is None else wanted.where(table.c.roll == roll)
        with self._engine.connect() as connection:
            latest = {(row.roll, row.file, row.root): row for row in connection.execute(wanted)}
        return tuple(Copy(**{**row._mapping, "at": _in_utc(row.at)}) for row in latest.values())


_ALL_DECISIONS = sa.select(tables.decisions).order_by(tables.decisions.c.number)
_ALL_FOOTAGE = sa.select(tables.footage).order_by(tables.footage.c.number)


def _told(row: sa.Row[Any], kind: type[Any]) -> dict[str, Any]:
    """The fields of a value from a line of its table; times without a zone are UTC."""
    values = row._asdict()
    told = {each.name: values[each.name] for each in fields(kind)}
    return told | {name: _in_utc(told[name]) for name in ("at", "came_in") if name in told}


def _in_utc(time: datetime) -> datetime:
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time


def _decision(row: sa.Row[Any]) -> Decision:
    told = _told(row, Decision)
    return Decision(**{**told, "value": json.loads(told["value"])})


def _footage(row: sa.Row[Any]) -> Footage:
    told = _told(row, Footage)
    exact = {"duration": Fraction(told["duration"]), "rate": Fraction(told["rate"])}
    return Footage(**{**told, **exact, "files": tuple(json.loads(told["files"]))})


def _plain(value: Footage | Copy) -> dict[str, Any]:
    """A value as the columns of its table hold it."""
    plain = dict(vars(value))
    for name, what in plain.items():
        if isinstance(what, Fraction):
            plain[name] = str(what)
        elif isinstance(what, tuple):
            plain[name] = json.dumps(what, ensure_ascii=False)
    return plain
