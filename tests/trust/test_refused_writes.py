"""Writes that the database refuses for now: 503 that says why, nothing is written, and the next one goes through."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import make_url

from tests.builders import a_topic
from tests.conftest import House
from tests.managing import Desk

LARGE = [{"aspect": "overview", "title": "Overview", "standalone": True, "body": "Many words. " * 1_500}]


def refused(desk: Desk, why: str, **document: Any) -> None:
    """Fail unless a write is refused for that reason, and the reader sees nothing of it."""
    body = {"locale": "en", "slug": "refused", "document": a_topic(**document)}
    reply = desk.ask("author", "POST", "/entries/topic", body, Idempotency_Key="refused")
    assert (reply.status_code, reply.json["code"], reply.headers["Retry-After"]) == (503, "unavailable", "1")
    assert why in reply.json["detail"] and "Nothing was written." in reply.json["detail"]
    assert desk.house.get("demo-south/topics/mesotherapy").status_code == 200


def taken(desk: Desk, **document: Any) -> None:
    """Fail unless the same write goes through once the cause is gone, as if it came for the first time."""
    body = {"locale": "en", "slug": "refused", "document": a_topic(**document)}
    reply = desk.ask("author", "POST", "/entries/topic", body, Idempotency_Key="refused")
    assert reply.status_code == 201 and "Idempotency-Replayed" not in reply.headers


def writer_told(house: House, pragma: str) -> None:
    """Tell the connection that writes next on SQLite."""
    with house.database.transaction() as session:
        session.connection().exec_driver_sql(f"PRAGMA {pragma}")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_full_disk_refuses_writes_until_there_is_room(house: House) -> None:
    desk = Desk(house)
    desk.key("author")
    writer_told(house, "max_page_count = 1")  # It stays as large as it is.
    refused(desk, "disk of the database is full", sections=LARGE)
    writer_told(house, "max_page_count = 1000000")
    taken(desk, sections=LARGE)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_file_that_another_process_locks_refuses_writes_until_it_lets_go(house: House) -> None:
    desk = Desk(house)
    desk.key("author")
    writer_told(house, "busy_timeout = 1")
    path = make_url(str(house.database.writer.url)).database or ""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        refused(desk, "Others are writing")
    taken(desk)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_database_that_only_reads_refuses_writes_until_it_takes_them_again(house: House) -> None:
    desk = Desk(house)
    desk.key("author")

    def told(how: str) -> None:
        name = make_url(str(house.database.writer.url)).database
        with house.database.writer.connect() as connection:
            alone = connection.execution_options(isolation_level="AUTOCOMMIT")
            alone.exec_driver_sql("SET default_transaction_read_only = off")
            alone.exec_driver_sql(f'ALTER DATABASE "{name}" SET default_transaction_read_only = {how}')
        house.database.writer.dispose()  # Connections are told when they begin.

    told("on")
    refused(desk, "takes no writes")
    told("off")
    taken(desk)
