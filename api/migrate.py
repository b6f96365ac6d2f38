"""Migrations: bring a database to this version's tables, or say that it is not there yet."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from api.db import Database
from api.errors import NotReady
from api.waiting import unlimited

FOLDER = Path(__file__).with_name("migrations")


def head() -> str:
    """The newest migration of this version."""
    return max(_numbers())


def _numbers() -> set[str]:
    """Every migration of this version, by number: each is the next one after the last, and its file begins with it."""
    return {file.name[:4] for file in (FOLDER / "versions").glob("[0-9]*.py")}


def current(connection: Connection) -> str | None:
    """The migration a database stands at; None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def known(revision: str | None) -> bool:
    """Whether this version knows a migration: it knows all older ones, and none of a newer version."""
    return revision in _numbers()


def migrate(database: Database) -> tuple[str | None, str]:
    """Run what is missing, in one transaction; returns (before, after). Raises NotReady for a newer database."""
    with database.transaction() as session:
        connection = session.connection()
        before = current(connection)
        require_known(before)
        upgrade(connection, "head")
        return before, head()


def upgrade(connection: Connection, revision: str) -> None:
    """Run migrations up to one of them in the transaction of a connection.

    Readers go on meanwhile. On PostgreSQL a table that somebody holds for over five seconds ends the attempt.
    """
    # Taken in here alone: every other command starts sooner without it.
    from alembic import command
    from alembic.config import Config as AlembicConfig

    if connection.dialect.name == "postgresql":
        unlimited(connection)
        connection.execute(text("SET LOCAL lock_timeout = '5s'"))
    config = AlembicConfig()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def require_known(revision: str | None) -> None:
    """Raise NotReady for a database that a newer version has migrated: this one would not know what it holds."""
    if revision is not None and not known(revision):
        detail = f"stands at migration {revision[:40]}, which this version does not know (its newest is {head()})"
        raise NotReady(f"The database {detail}. Install the version that made it, or a newer one; or restore a backup.")


def require_current(database: Database) -> None:
    """Raise NotReady, naming the command, unless the database is at this version's tables."""
    with database.reading() as connection:
        there = current(connection)
    require_known(there)
    if there != head():
        state = "has no tables" if there is None else f"stands at migration {there}, this version needs {head()}"
        raise NotReady(f"The database {state}. Run: clinic-cms migrate")
