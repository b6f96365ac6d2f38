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


def migrate(database: Database) -> tuple[str | None, str]:
    """Run what is missing, in one transaction; returns (before, after)."""
    with database.transaction() as session:
        connection = session.connection()
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL statement_timeout = 0"))
        before = current(connection)
        config = AlembicConfig()
        config.set_main_option("script_location", str(FOLDER))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        return before, head()


def require_current(database: Database) -> None:
    """Raise NotReady, naming the command, unless the database is at this version's tables."""
    with database.reading() as connection:
        there = current(connection)
    if there != head():
        state = "has no tables" if there is None else f"stands at migration {there}, this version needs {head()}"
        raise NotReady(f"The database {state}. Run: clinic-cms migrate")
