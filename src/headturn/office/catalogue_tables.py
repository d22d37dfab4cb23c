"""The catalogue's tables, and how its database is opened: made, brought up to date, or refused in one sentence."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import disk_usage
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from headturn.errors import BadOption, CannotRead, CannotWrite, HeadturnError
from headturn.office.disks import mounted
from headturn.office.store import Store

BUSY_S = 30.0
"""How long a writer waits for others; a decision takes milliseconds, an offload's record of 10,000 files a second."""
NETWORK = frozenset(
    ["nfs", "nfs4", "cifs", "smbfs", "smb3", "9p", "afs", "ceph", "glusterfs", "lustre", "fuse.sshfs", "fuse.rclone"]
)
"""File systems on which locks do not hold between machines, or not always. Source: SQLite, "How To Corrupt", 2.1."""
LEAST_ROOM = 1 << 20
"""With less left on its disk, an error of input or output means that it is full: SQLite's own files grow by 32 kB."""
LATEST = "0001"
"""The last of `migrations`."""
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
    sa.Column("id", sa.Text, nullable=False),
    *(sa.Column(name, sa.Text, nullable=False) for name in ("roll", "files", "duration", "rate")),
    sa.Column("width", sa.Integer, nullable=False),
    sa.Column("height", sa.Integer, nullable=False),
    sa.Column("camera", sa.Text, nullable=False),
    sa.Column("shot_at", sa.DateTime),
    sa.Column("timecode", sa.Text, nullable=False),
    sa.Column("came_in", _TIME, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.UniqueConstraint("id", "roll", "files"),
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
seen = sa.Table(
    "seen",
    metadata,
    sa.Column("station", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
)


def insert_new(connection: sa.Connection, table: sa.Table, values: dict[str, Any]) -> bool:
    """Append a line, unless one that must not be twice is there already; whether it was appended."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    return bool(connection.execute(insert(table).values(values).on_conflict_do_nothing()).rowcount)


def hold(connection: sa.Connection, table: sa.Table) -> None:
    """Let others wait with their writing to a table until this transaction ends; they may read.

    So the numbers of lines rise in the order in which they can be read: whoever has seen one has seen those before it.
    SQLite has one writer at a time anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text(f"LOCK TABLE {table.name} IN SHARE ROW EXCLUSIVE MODE"))


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
    with made.begin() as connection:
        if _revision(connection) == LATEST:
            return
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        _migrate(connection, name)


def _migrate(connection: sa.Connection, name: str) -> None:
    from alembic import command  # slow to load, and only needed when the tables are not the latest
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    now = _revision(connection)
    if now is not None and now not in {each.revision for each in ScriptDirectory.from_config(config).walk_revisions()}:
        raise CannotRead(name, "was written by a newer headturn", "use that one")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _revision(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()


@contextmanager
def phrased(store: Store, url: str) -> Iterator[None]:
    """Turns what the database says into a sentence."""
    where = _address(url) if url else store.catalogue
    try:
        yield
    except DBAPIError as error:
        raise (_server_s(where, error) if url else _file_s(store.catalogue, error)) from None
    except SQLAlchemyError as error:
        raise CannotRead(where, f"cannot be used ({_line(error)})", "say it again") from None


def _address(url: str) -> str:
    """The server's name for people: without a password.

    Raises:
        BadOption: it is none of a PostgreSQL database.
    """
    try:
        address = sa.make_url(url)
    except (SQLAlchemyError, ValueError):
        address = None
    if address is None or not address.drivername.startswith("postgres") or not address.database:
        raise BadOption("[catalogue] url in film.toml is written like postgresql://name:password@host/database.")
    return f"{address.database} at {address.host or 'this machine'}"


def _line(error: BaseException) -> str:
    """What a driver says, in one line: PostgreSQL's comes as fields of its protocol, M the message."""
    said = error.args[0] if error.args else ""
    return str(said.get("M", said) if isinstance(said, dict) else said).split("\n")[0]


def _first(error: BaseException) -> BaseException:
    """What the server itself said, else the error as it is.

    A server that refuses hangs up; where it does so before the driver's goodbye, the driver's "network error" covers
    the reason.
    """
    cause: BaseException | None = error
    while cause is not None:
        if cause.args and isinstance(cause.args[0], dict):
            return cause
        cause = cause.__context__
    return error


def _server_s(where: Path | str, error: DBAPIError) -> HeadturnError:
    cause = _first(error.orig or error)
    said = _line(cause)
    code = cause.args[0].get("C", "") if cause.args and isinstance(cause.args[0], dict) else ""
    if code.startswith("53"):  # insufficient resources: the disk, memory, connections. Source: PostgreSQL, appendix A
        return CannotWrite(where, f"the catalogue's server has no room ({said})", "free some and say it again")
    if code.startswith(("25", "42501")):
        return CannotWrite(where, f"the catalogue's server refuses to write ({said})", "ask for the right to")
    cure = "see [catalogue] url in film.toml" if code.startswith(("28", "3D")) else "see that it runs, and say it again"
    return CannotRead(where, f"the catalogue's server cannot be used ({said})", cure)


def _file_s(path: Path, error: DBAPIError) -> HeadturnError:
    said = _line(error.orig or error)
    full = "full" in said or ("I/O" in said and disk_usage(path.parent).free < LEAST_ROOM)
    if full:
        return CannotWrite(path, "no space is left on the disk", "free some and say it again; nothing is lost")
    if "readonly" in said or "unable to open" in said:
        return CannotWrite(path, "you may not write there", "change its permissions and those of its folder")
    if "locked" in said:
        return CannotWrite(path, "another program holds it", "close that one and say it again")
    if "I/O" in said:
        return CannotRead(path, f"the disk fails ({said})", "copy the film's folder to another disk")
    return CannotRead(path, f"is damaged ({said})", "put back a copy of it")
