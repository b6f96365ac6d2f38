"""Every statement that a house sends meanwhile, by SQLAlchemy or prepared, at either door."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event

from api.queries import prepared
from tests.conftest import House


@contextmanager
def counted(house: House) -> Iterator[list[str]]:
    """The statements in the order in which they are sent."""
    sent: list[str] = []
    doors = (house.database.reader, house.database.writer)

    def note(_c: Any, _u: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    def drive(connection: Connection, sql: str, *rest: Any) -> Any:
        sent.append(sql)
        return straight[0](connection, sql, *rest)

    def run(connection: Connection, sql: str, *rest: Any) -> list[Any]:
        sent.append(sql)
        return straight[1](connection, sql, *rest)

    straight = prepared.drive, prepared.run
    prepared.drive, prepared.run = drive, run
    for each in doors:
        event.listen(each, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        prepared.drive, prepared.run = straight
        for each in doors:
            event.remove(each, "before_cursor_execute", note)
