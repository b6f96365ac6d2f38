"""The libraries that are measured: made once through the services, then kept in bench/data."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from sqlalchemy import Engine, Table, create_engine, func, insert, select, text

from api.config import from_env
from api.db import Database, connect
from api.migrate import migrate
from seed import commands

FOLDER = Path(__file__).parent / "data"
BATCH = 2_000


def environment(size: int) -> dict[str, str]:
    """The settings of the SQLite library with so many generated topics."""
    folder = FOLDER / str(size)
    return {"DATABASE_URL": f"sqlite:///{folder / 'library.sqlite'}", "CLINIC_CMS_DATA": str(folder)}


def on_sqlite_folder(size: int) -> Path:
    """The folder of the library, made if it is not there yet."""
    on_sqlite(size)
    return FOLDER / str(size)


def on_sqlite(size: int) -> dict[str, str]:
    """Make the library if it is not there yet; returns its settings."""
    env = environment(size)
    config = from_env(env)
    config.secret()
    marker = config.data / "complete.json"
    if not marker.exists():
        print(f"Making a library of {size} topics in two languages (once)...", file=sys.stderr, flush=True)
        database = connect(config)
        migrate(database)
        commands.scale(database, size)
        with database.writer.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("ANALYZE")
        database.close()
        marker.write_text(json.dumps({"topics": size}))
    else:
        database = connect(config)
        migrate(database)
        database.close()
    return env


@contextlib.contextmanager
def on_postgres(size: int, server: str) -> Iterator[dict[str, str]]:
    """The same library row for row on a PostgreSQL server; yields its settings."""
    from tests.engines import fresh_postgres_database

    env = on_sqlite(size)
    source = from_env(env)
    url = fresh_postgres_database(server)
    secret = source.data / "secret"
    made = {**env, "DATABASE_URL": url, "CLINIC_CMS_SECRET_FILE": str(secret)}
    database = connect(from_env(made))
    migrate(database)
    copy(create_engine(source.database_url), database)
    database.close()
    yield made


def twin(env: Mapping[str, str], server: str) -> dict[str, str]:
    """A copy of a PostgreSQL database that nobody is connected to, on the same server."""
    from tests.engines import fresh_postgres_database

    return {**env, "DATABASE_URL": fresh_postgres_database(server, env["DATABASE_URL"])}


def copy(source: Engine, target: Database) -> None:
    """Copy every table in order of its references, and set the sequences behind them."""
    from api.db import Base

    with source.connect() as reading, target.writer.begin() as writing:
        writing.execute(text("SET session_replication_role = replica"))
        for table in Base.metadata.sorted_tables:
            _copy_table(table, reading, writing)
        for table in Base.metadata.sorted_tables:
            if "id" in table.c and str(table.c.id.type) in ("INTEGER", "BIGINT"):
                highest = writing.scalar(select(func.max(table.c.id))) or 1
                asked = text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :highest)")
                writing.execute(asked, {"name": table.name, "highest": highest})
    with target.writer.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))


def _copy_table(table: Table, reading: object, writing: object) -> None:
    rows = reading.execute(select(table)).mappings()  # type: ignore[attr-defined]
    while batch := rows.fetchmany(BATCH):
        writing.execute(insert(table), [dict(row) for row in batch])  # type: ignore[attr-defined]



