"""Migrations: bring a database to this version's tables, or say that it is not there yet."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from api.db import Database
from api.errors import NotReady

FOLDER = Path(__file__).with_name("migrations")


def head() -> str:
    """The newest migration of this version."""
    found = ScriptDirectory(str(FOLDER)).get_current_head()
    assert found is not None
    return found


def current(connection: Connection) -> str | None:
    """The migration a database stands at; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def known(revision: str | None) -> bool:
    """Whether this version knows a migration: it knows all older ones, and none of a newer version."""
    return revision in {each.revision for each in ScriptDirectory(str(FOLDER)).walk_revisions()}


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
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))
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
