"""The catalogue's tables, and how its database is opened: made, brought up to date, or refused in one sentence."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from headturn.errors import BadOption, CannotRead, CannotWrite
from headturn.office.disks import mounted
from headturn.office.store import Store, writing

BUSY_S = 30.0
"""How long a writer waits for others; a decision takes milliseconds, an offload's record of 10,000 files a second."""
NETWORK = frozenset({"nfs", "nfs4", "cifs", "smbfs", "smb3", "9p", "afs", "ceph", "glusterfs", "lustre", "fuse.sshfs"})
"""File systems on which locks do not hold between machines, or not always. Source: SQLite, "How To Corrupt", 2.1."""
_LOCK = 0x68656164
"""Names the lock of PostgreSQL under which one station at a time brings the tables up to date ("head")."""

_TIME = sa.DateTime(timezone=True)
_COUNTED: Any = {"primary_key": True, "autoincrement": True}
metadata = sa.MetaData()

decisions = sa.Table(
    "decisions",
    metadata,
    sa.Column("number", sa.Integer, **_COUNTED),
    sa.Column("at", _TIME, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("station", sa.Text, nullable=False),
    sa.Column("verb", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("turn", sa.Integer, nullable=False),
    sa.Column("value", sa.Text, nullable=False),
    sa.UniqueConstraint("subject", "turn"),
    sqlite_autoincrement=True,
)
footage = sa.Table(
    "footage",
    metadata,
    sa.Column("number", sa.Integer, **_COUNTED),
    sa.Column("id", sa.Text, nullable=False, unique=True),
    *(sa.Column(name, sa.Text, nullable=False) for name in ("roll", "files", "duration", "rate")),
    sa.Column("width", sa.Integer, nullable=False),
    sa.Column("height", sa.Integer, nullable=False),
    sa.Column("camera", sa.Text, nullable=False),
    sa.Column("shot_at", sa.DateTime),
    sa.Column("timecode", sa.Text, nullable=False),
    sa.Column("came_in", _TIME, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sqlite_autoincrement=True,
)
roots = sa.Table(
    "roots",
    metadata,
    sa.Column("number", sa.Integer, **_COUNTED),
    sa.Column("roll", sa.Text, nullable=False),
    sa.Column("root", sa.Text, nullable=False),
    sa.Column("at", _TIME, nullable=False),
    sa.UniqueConstraint("roll", "root"),
    sqlite_autoincrement=True,
)
copies = sa.Table(
    "copies",
    metadata,
    sa.Column("number", sa.Integer, **_COUNTED),
    sa.Column("roll", sa.Text, nullable=False, index=True),
    sa.Column("file", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    *(sa.Column(name, sa.Text, nullable=False) for name in ("hash", "root", "device", "state")),
    sa.Column("at", _TIME, nullable=False),
    sqlite_autoincrement=True,
)
stations = sa.Table(
    "stations",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("seen", sa.Integer, nullable=False),
)
APPENDED_TO = ("decisions", "footage", "roots", "copies")


def engine(store: Store, url: str) -> sa.Engine:
    """An engine for a film's catalogue, its tables made or brought up to date.

    Raises:
        BadOption: SQLite on a network file system. CannotRead: the catalogue is of a newer headturn.
    """
    made = _postgres(url) if url else _sqlite(store.catalogue)
    try:
        _bring_up_to_date(made, url or str(store.catalogue))
    except BaseException:
        made.dispose()
        raise
    return made


def _sqlite(path: Path) -> sa.Engine:
    mount = mounted(path.parent)
    if mount and mount.kind in NETWORK:
        raise BadOption(
            f"{path}: lies on a network file system ({mount.kind}), where SQLite loses decisions; put the film's "
            "folder on a disk of this machine, or give [catalogue] url in film.toml a PostgreSQL server."
        )
    made = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": BUSY_S})
    sa.event.listen(made, "connect", _durable)
    sa.event.listen(made, "begin", _writes_first)
    return made


def _durable(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # transactions begin where SQLAlchemy says so, not where the driver guesses
    until = time.monotonic() + BUSY_S
    while connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        try:  # SQLite does not wait by itself where two switch at once
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.01)
    connection.execute("PRAGMA synchronous=FULL")


def _writes_first(connection: sa.Connection) -> None:
    """A reader that turns writer would be refused; all transactions here are short, so each takes the lock at once."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _postgres(url: str) -> sa.Engine:
    made = sa.make_url(url).set(drivername="postgresql+pg8000")
    return sa.create_engine(made, connect_args={"timeout": BUSY_S}, pool_pre_ping=True)


def _bring_up_to_date(made: sa.Engine, name: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    script = ScriptDirectory.from_config(config)
    with made.begin() as connection:
        if _revision(connection) == script.get_current_head():
            return
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        now = _revision(connection)
        if now is not None and now not in {each.revision for each in script.walk_revisions()}:
            raise CannotRead(name, "was written by a newer headturn", "use that one")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _revision(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return MigrationContext.configure(connection).get_current_revision()


@contextmanager
def phrased(store: Store, url: str) -> Iterator[None]:
    """Turns what the database says into a sentence."""
    where: Path | str = store.catalogue
    if url:
        try:
            address = sa.make_url(url)
        except SQLAlchemyError:
            raise BadOption(f"[catalogue] url = '{url}' is no address of a database.") from None
        where = f"{address.database} at {address.host or 'this machine'}"
    try:
        with writing(store.catalogue):
            yield
    except DBAPIError as error:
        said = str(error.orig).splitlines()[0]
        if url:
            raise CannotRead(where, f"the catalogue's server refuses ({said})", "see that it runs") from None
        if "full" in said:
            raise CannotWrite(store.catalogue, "no space is left on the disk", "free some and say it again") from None
        if "readonly" in said or "unable to open" in said:
            why = "may not be written" if isinstance(error, OperationalError) else said
            raise CannotWrite(store.catalogue, why, "change its permissions or those of its folder") from None
        if "locked" in said:
            raise CannotWrite(store.catalogue, "another program holds it", "close that one and say it again") from None
        raise CannotRead(where, f"is damaged ({said})", "put back a copy of it") from None
    except (sa.exc.InterfaceError, OSError) as error:
        raise CannotRead(where, f"cannot be reached ({error})", "see that its server runs") from None
