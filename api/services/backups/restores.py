"""Restoring a backup: all of it is checked before anything is changed, and then it is there whole or not at all."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, MetaData, Table, delete, func, inspect, select, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.schema import DropTable

from api.config import Config
from api.db import Base, Database
from api.errors import NotReady
from api.migrate import head, known, upgrade
from api.models import ApiKey, Clinic, Entry, Listener, Person, Promise, Share
from api.rules.permissions import OPERATOR
from api.services import audit
from api.services.backups import archive
from api.services.backups.backups import MEDIA, WITHHELD, Shown, unseen
from api.services.outbox import promises
from api.services.processes import forgetting
from api.services.work import Work, writing
from api.waiting import unlimited

RUNNING = dt.timedelta(seconds=15)
"""A process that keeps replies gives a sign every five seconds."""
CONTRADICTS = "The backup does not agree with itself:"


@dataclass
class Restored:
    """What was restored: the backup's manifest, and what an operator has to see to."""

    manifest: dict[str, Any]
    schema: str
    keys_withheld: int = 0
    promises_dropped: int = 0
    audit_lines: int = 0
    audit_fault: int | None = None
    media: int = 0
    kept: list[str] = field(default_factory=list)
    """Where what was there before still is."""


def verify(path: Path, said: bytes | None, shown: Shown = unseen) -> dict[str, Any]:
    """Read a backup to its end; its manifest. Raises NotReady for anything wrong with it, and changes nothing."""
    with archive.opened(path, said) as reading:
        schema = reading.head.get("schema")
        if not isinstance(schema, str) or not known(schema):
            made = str(reading.head.get("product"))[:40]
            raise NotReady(
                f"The backup is of a newer version ({made}, migration {str(schema)[:40]}); this one knows none "
                f"after {head()}. Restore it with that version."
            )
        _check_head(reading.head)
        for part in reading:
            done = reading.sums.tables[part.table].count if part.table else reading.sums.media.count
            shown(part.table or MEDIA, done, 0)
        return reading.manifest


def _check_head(told: dict[str, Any]) -> None:
    tables = told.get("tables")
    fine = isinstance(tables, dict) and all(
        isinstance(columns, list) and all(isinstance(each, list) and len(each) == 2 for each in columns)
        for columns in tables.values()
    )
    if not fine:
        raise NotReady("The backup was changed: its head does not say what it holds.")


def occupied(database: Database) -> str | None:
    """What is in a database, in words; None where nothing is."""
    if database.sqlite and not Path(database.writer.url.database or "").exists():
        return None
    try:
        with database.reading() as connection:
            there = set(inspect(connection).get_table_names()) & set(Base.metadata.tables)
            counts = {
                model.__tablename__: connection.scalar(select(func.count()).select_from(model)) or 0
                for model in (Clinic, Entry, Person)
                if model.__tablename__ in there
            }
    except SQLAlchemyError as error:
        raise NotReady(f"The database can't be read: {str(getattr(error, 'orig', error)).splitlines()[0]}") from None
    said = ", ".join(f"{number} {name}" for name, number in counts.items() if number)
    return said or None


def require_stopped(database: Database) -> None:
    """Raise NotReady while a process of the service is at work on a database: it would go on with what it remembers."""
    with database.reading() as connection:
        if Listener.__tablename__ not in inspect(connection).get_table_names():
            return
        seen = connection.scalar(select(func.max(Listener.seen_at)))
    if seen is not None and database.instant() - seen < RUNNING:
        raise NotReady("The service is running on this database: stop it, wait 15 seconds, and restore then.")


def fill(database: Database, path: Path, said: bytes | None, shown: Shown = unseen) -> Restored:
    """Put a checked backup into a database in one transaction; what was there is gone with it."""
    with writing(database, OPERATOR) as work, archive.opened(path, said) as reading:
        work.now()
        connection = work.session.connection()
        unlimited(connection)
        _clear(connection)
        upgrade(connection, reading.head["schema"])
        tables = _there(connection, reading.head)
        if database.sqlite:
            connection.execute(text("PRAGMA defer_foreign_keys = ON"))
        for part in reading:
            if part.table is not None:
                _insert(connection, tables[part.table], reading.head["tables"][part.table], part.rows)
                total = reading.head.get("counts", {}).get(part.table, 0)
                shown(part.table, reading.sums.tables[part.table].count, total)
        _counted(connection, tables, reading.manifest)
        _number_on(connection, tables.values())
        upgrade(connection, "head")
        return _settle(work, reading.manifest)


def _clear(connection: Connection) -> None:
    """Drop our tables, in PostgreSQL; on SQLite the database is a new file."""
    if connection.dialect.name == "sqlite":
        return
    ours, there = {*Base.metadata.tables, "alembic_version"}, MetaData()
    there.reflect(connection, only=lambda name, _: name in ours)
    for table in there.sorted_tables:
        # Cascading: previews of a server that has just ended may hold views on them still.
        connection.exec_driver_sql(f"{DropTable(table).compile(connection)} CASCADE")


def _there(connection: Connection, told: dict[str, Any]) -> dict[str, Table]:
    """The tables as the migrations made them, by name. Raises NotReady for a table or column that they did not make."""
    made = MetaData()
    made.reflect(connection, only=lambda name, _: name in told["tables"])
    for name, columns in told["tables"].items():
        missing = {each for each, _ in columns} - {each.name for each in made.tables[name].columns} if (
            name in made.tables
        ) else {name}  # fmt: skip
        if missing:
            raise NotReady(f"The backup holds {name} with {', '.join(sorted(missing))[:200]}, unknown to its version.")
    return dict(made.tables)


def _insert(connection: Connection, table: Table, columns: list[list[str]], rows: list[list[Any]]) -> None:
    into = {"json": _json, "bytes": _bytes}
    change = [(number, into[kind]) for number, (_, kind) in enumerate(columns) if kind in into]
    nullable = [bool(table.columns[name].nullable) for name, _ in columns]
    for row in rows:
        for number, convert in change:
            row[number] = None if row[number] is None and nullable[number] else convert(row[number])
    try:
        _put(connection, table.name, ", ".join(f'"{name}"' for name, _ in columns), rows)
    except connection.dialect.loaded_dbapi.Error as error:
        raise NotReady(f"{CONTRADICTS} {str(error).splitlines()[0]}. Nothing was changed.") from error


def _put(connection: Connection, table: str, names: str, rows: list[list[Any]]) -> None:
    raw: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        places = ", ".join("?" for _ in rows[0])
        raw.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({places})', rows)
        return
    with raw.cursor() as cursor, cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row(row)


def _json(value: Any) -> str:
    return json.dumps(value)


def _bytes(value: Any) -> bytes | None:
    return None if value is None else bytes.fromhex(value)


def _counted(connection: Connection, tables: dict[str, Table], manifest: dict[str, Any]) -> None:
    for name, table in tables.items():
        there = connection.scalar(select(func.count()).select_from(table))
        if there != manifest["tables"][name]["count"]:
            raise NotReady(f"Of {name}, {there} rows arrived of {manifest['tables'][name]['count']}.")
    if connection.dialect.name == "sqlite":
        loose = connection.execute(text("PRAGMA foreign_key_check")).first()
        if loose is not None:
            raise NotReady(f"{CONTRADICTS} {loose[0]} refers to {loose[2]} that are not there. Nothing was changed.")


def _number_on(connection: Connection, tables: Any) -> None:
    """Have PostgreSQL's counters go on after the rows that are there; SQLite does by itself."""
    if connection.dialect.name == "sqlite":
        return
    for table in tables:
        for column in table.primary_key.columns:
            asked = text("SELECT pg_get_serial_sequence(:table, :column)")
            counter = connection.scalar(asked, {"table": table.name, "column": column.name})
            if counter:
                last = f'SELECT max("{column.name}") FROM "{table.name}"'
                highest = f"SELECT setval(:counter, coalesce(({last}), 0) + 1, false)"
                connection.execute(text(highest), {"counter": counter})


def _settle(work: Work, manifest: dict[str, Any]) -> Restored:
    """See to what must not go on as if nothing had been.

    Word owed to others is dropped, withheld keys and all share links are revoked, and every stored reply is old.
    """
    made = Restored(manifest, head())
    foreign = delete(Promise).where(Promise.kept_at.is_(None), Promise.kind.not_in(tuple(promises.KINDS)))
    made.promises_dropped = work.session.execute(foreign).rowcount  # type: ignore[attr-defined]
    withheld = update(ApiKey).where(ApiKey.digest.startswith(WITHHELD), ApiKey.revoked_at.is_(None))
    made.keys_withheld = work.session.execute(withheld.values(revoked_at=work.now())).rowcount  # type: ignore[attr-defined]
    work.session.execute(update(Share).where(Share.revoked_at.is_(None)).values(revoked_at=work.now()))
    checked = audit.checked(work.session)
    made.audit_lines, made.audit_fault = checked.lines, checked.first_fault
    work.log("restore", "house", made_at=manifest["head"]["made_at"], sha256=manifest["sha256"])
    forgetting.forget(work, ["*"])
    return made


def stage_media(config: Config, path: Path, said: bytes | None, shown: Shown = unseen) -> list[Path]:
    """Write the media files that are missing in the media folder; none that is there is touched. Their paths."""
    folder, added = config.media.folder, list[Path]()
    with archive.opened(path, said) as reading:
        for part in reading:
            if part.media is None or part.file is None:
                continue
            place = folder / part.media
            if place.exists():
                continue
            place.parent.mkdir(parents=True, exist_ok=True)
            draft = place.with_name(f".{place.name}.restoring")
            with draft.open("wb") as file:
                for piece in _pieces(part.file):
                    file.write(piece)
            draft.replace(place)
            added.append(place)
            shown(MEDIA, len(added), 0)
    return added


def _pieces(file: Any) -> Iterator[bytes]:
    while piece := file.read(archive.PIECE):
        yield piece
