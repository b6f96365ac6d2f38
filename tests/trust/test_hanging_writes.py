"""Writes while PostgreSQL says nothing: given up with a word on what has become of them, and safe to send again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from api import waiting
from api.db import HOUSE_LOCK, Database
from tests.builders import a_topic
from tests.conftest import House, opened
from tests.engines import drop_postgres_database, fresh_postgres_database
from tests.managing import Desk
from tests.processes import until

AT_THE_END = 77
"""A lock that the trigger below waits for when a transaction commits."""
WAITS_AT_ITS_COMMIT = (
    "CREATE FUNCTION wait_at_the_end() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN PERFORM pg_advisory_xact_lock_shared({AT_THE_END}); RETURN NULL; END $$",
    "CREATE CONSTRAINT TRIGGER at_the_end AFTER INSERT ON entries DEFERRABLE INITIALLY DEFERRED "
    "FOR EACH ROW EXECUTE FUNCTION wait_at_the_end()",
)
IMPATIENT = 1.5


@pytest.fixture
def house(postgres_seeded: str, postgres_url: str, tmp_path: Path) -> Iterator[House]:
    url = fresh_postgres_database(postgres_url, postgres_seeded)
    yield from opened(url, tmp_path)
    drop_postgres_database(url)


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "ANSWERED_SECONDS", IMPATIENT)
    monkeypatch.setattr(waiting.Answering, "patience", IMPATIENT)


@contextmanager
def held(database: Database, lock: int) -> Iterator[Connection]:
    """Somebody else has a lock that the write needs: to it, PostgreSQL hangs."""
    with database.writer.connect() as other:
        other.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": lock})
        try:
            yield other
        finally:
            other.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": lock})


def sent(desk: Desk, slug: str) -> Any:
    body = {"locale": "en", "slug": slug, "document": a_topic()}
    return desk.ask("author", "POST", "/entries/topic", body, Idempotency_Key=slug)


@pytest.mark.usefixtures("_impatient")
def test_a_write_that_gets_no_answer_is_given_up_and_nothing_of_it_is_there(house: House) -> None:
    desk = Desk(house)
    desk.key("author")
    with held(house.database, HOUSE_LOCK):
        refused = sent(desk, "given-up")
    assert (refused.status_code, refused.json["code"], refused.headers["Retry-After"]) == (503, "unavailable", "1")
    assert "Nothing was written" in refused.json["detail"]
    again = sent(desk, "given-up")
    assert again.status_code == 201 and "Idempotency-Replayed" not in again.headers


@pytest.mark.usefixtures("_impatient")
def test_a_write_that_was_lost_as_it_was_committed_says_so_and_its_twin_gets_its_answer(house: House) -> None:
    desk = Desk(house)
    desk.key("author")
    with house.database.transaction() as session:
        for each in WAITS_AT_ITS_COMMIT:
            session.execute(text(each))
    with held(house.database, AT_THE_END):
        unsure = sent(desk, "perhaps")
    assert (unsure.status_code, unsure.headers["Retry-After"]) == (503, "1")
    assert "done, whole, or not at all" in unsure.json["detail"] and "Idempotency-Key" in unsure.json["detail"]

    def settled() -> Any:
        reply = sent(desk, "perhaps")  # Its twin may still be on its way to the end.
        return reply if reply.status_code not in (409, 503) else None

    assert until(settled).status_code == 201
    assert sent(desk, "perhaps").headers["Idempotency-Replayed"] == "true"


def test_what_takes_long_by_its_nature_is_waited_for(house: House) -> None:
    with house.database.transaction() as session:
        connection = session.connection()
        waiting.unlimited(connection)
        raw: Any = connection.connection.driver_connection
        assert raw.patience == waiting.ANY
        assert session.execute(text("SHOW statement_timeout")).scalar_one() == "0"
    with house.database.transaction() as session:
        raw = session.connection().connection.driver_connection
        assert raw.patience == waiting.ANSWERED_SECONDS, "the next one has its limit again"
        assert session.execute(text("SHOW statement_timeout")).scalar_one() == "10s"
