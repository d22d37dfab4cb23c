"""The first tables, and the triggers that keep their lines as they were written."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

APPENDED_TO = ("decisions", "footage", "roots", "copies")
_COUNTED: Any = {"primary_key": True, "autoincrement": True}


def upgrade() -> None:
    """Make the tables."""
    _tables()
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION headturn_appended_to() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the catalogue is only appended to'; END $$"
        )
    for table in APPENDED_TO:
        _only_appended_to(table)


def _tables() -> None:
    time = sa.DateTime(timezone=True)
    op.create_table(
        "decisions",
        sa.Column("number", sa.Integer, **_COUNTED),
        sa.Column("at", time, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("who", "station", "verb", "subject")),
        sa.Column("turn", sa.Integer, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.UniqueConstraint("subject", "turn"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "footage",
        sa.Column("number", sa.Integer, **_COUNTED),
        sa.Column("id", sa.Text, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("roll", "files", "duration", "rate")),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("camera", sa.Text, nullable=False),
        sa.Column("shot_at", sa.DateTime),
        sa.Column("timecode", sa.Text, nullable=False),
        sa.Column("came_in", time, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.UniqueConstraint("id", "roll", "files"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "roots",
        sa.Column("number", sa.Integer, **_COUNTED),
        sa.Column("roll", sa.Text, nullable=False),
        sa.Column("root", sa.Text, nullable=False),
        sa.Column("at", time, nullable=False),
        sa.UniqueConstraint("roll", "root"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "copies",
        sa.Column("number", sa.Integer, **_COUNTED),
        sa.Column("roll", sa.Text, nullable=False, index=True),
        sa.Column("file", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("hash", "root", "device", "state")),
        sa.Column("at", time, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "seen",
        sa.Column("station", sa.Text, primary_key=True),
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, nullable=False),
    )


def _only_appended_to(table: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE TRIGGER {table}_appended_to BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION headturn_appended_to()"
        )
        return
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
            "BEGIN SELECT RAISE(ABORT, 'the catalogue is only appended to'); END"
        )
