"""Races: of two writers that want the same thing one wins, and the other is told so in plain words."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy import text as sql
from sqlalchemy.exc import DBAPIError

from api.db import Database
from api.errors import CmsError
from api.models import Variant
from api.queries.prepared import Prepared
from tests.builders import (
    ROLES,
    approve_text,
    clinic_id,
    create,
    move,
    publications,
    same_house_elsewhere,
    writing_as,
)
from tests.conftest import House

SLUG = "light-therapy"
Outcome = CmsError | Variant | Any


def race(*runners: Callable[[], Any]) -> list[Outcome]:
    """What each runner returned or raised, all let go at once."""
    gate, outcomes = threading.Barrier(len(runners)), [None] * len(runners)

    def run(number: int, runner: Callable[[], Any]) -> None:
        gate.wait()
        try:
            outcomes[number] = runner()
        except Exception as error:
            outcomes[number] = error

    threads = [threading.Thread(target=run, args=each) for each in enumerate(runners)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return outcomes


def one_won(outcomes: list[Outcome]) -> bool:
    """Exactly one came through; every other was told slug_taken."""
    lost = [each for each in outcomes if isinstance(each, Exception)]
    assert all(isinstance(each, CmsError) for each in lost), lost
    assert all(each.extra["blockers"][0]["code"] == "slug_taken" for each in lost)
    return len(lost) == len(outcomes) - 1


@pytest.fixture
def other(house: House) -> Any:
    """The same house as another process has it, everybody's name on record."""
    for role in ROLES:
        with writing_as(house.database, role):
            pass
    database = same_house_elsewhere(house)
    yield database
    database.close()


def test_of_two_drafts_for_one_slug_exactly_one_is_made(house: House, other: Database) -> None:
    create(house.database, "warm-up")
    for number in range(5):
        slug = f"{SLUG}-{number}"
        assert one_won(race(*(lambda db=db, slug=slug: create(db, slug) for db in (house.database, other, other))))


def test_of_two_texts_that_readers_would_meet_under_one_slug_exactly_one_goes_live(
    house: House, other: Database
) -> None:
    own = clinic_id(house.database, "demo-south")
    for number in range(3):
        texts = [create(house.database, f"{SLUG}-{number}", scope=scope) for scope in (own, "library")]
        for each in texts:
            approve_text(house.database, each)
        outcomes = race(*(
            lambda db=db, each=each: move(db, "publish", each, "publisher")
            for db, each in zip((house.database, other), texts, strict=True)
        ))  # fmt: skip
        assert one_won(outcomes)


def test_writers_side_by_side_leave_no_gap_in_the_numbers(house: House, other: Database) -> None:
    texts = [create(house.database, f"{SLUG}-{number}") for number in range(6)]
    for each in texts:
        approve_text(house.database, each)
    before = len(publications(house.database))
    outcomes = race(*(
        lambda db=db, each=each: move(db, "publish", each, "publisher")
        for db, each in zip((house.database, other) * 3, texts, strict=True)
    ))  # fmt: skip
    assert not [each for each in outcomes if isinstance(each, Exception)]
    numbers = [each.number for each in publications(house.database)]
    assert numbers == list(range(1, before + 7))


@pytest.mark.parametrize(
    ("before", "moves"),
    [
        (["submit"], [("approve", "medical_reviewer"), ("approve", "medical_reviewer")]),
        (["submit", "approve"], [("publish", "publisher"), ("reject", "medical_reviewer")]),
    ],
    ids=["two approvals", "publication and rejection"],
)
def test_of_two_moves_that_exclude_each_other_one_is_made(
    house: House, other: Database, monkeypatch: pytest.MonkeyPatch, before: list[str], moves: list[tuple[str, str]]
) -> None:
    text = create(house.database, SLUG)
    for name in before:
        move(house.database, name, text, {"submit": "author", "approve": "medical_reviewer"}[name])
    if not house.database.sqlite:  # There the second begins to read when the first has ended.
        neck_and_neck(monkeypatch)
    outcomes = race(*(
        lambda db=db, name=name, role=role: move(db, name, text, role)
        for db, (name, role) in zip((house.database, other), moves, strict=True)
    ))  # fmt: skip
    lost = [each for each in outcomes if isinstance(each, Exception)]
    assert len(lost) == 1 and isinstance(lost[0], CmsError), outcomes


def neck_and_neck(patch: pytest.MonkeyPatch) -> None:
    """From here on two writers have both read and judged before either takes the house lock."""
    gate, lock = threading.Barrier(2, timeout=60), Database.house_lock

    def together(self: Database, session: Any) -> Any:
        gate.wait()
        return lock(self, session)

    patch.setattr(Database, "house_lock", together)


def engines(house: House) -> list[Engine]:
    return [house.database.reader, house.database.writer]


def test_every_sqlite_connection_is_durable_and_minds_foreign_keys(house: House) -> None:
    if not house.database.sqlite:
        pytest.skip("PRAGMA is SQLite's")
    for engine in engines(house):
        connections = [engine.connect() for _ in range(3 if engine is house.database.reader else 1)]
        for connection in connections:
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
            connection.close()


@pytest.mark.parametrize("statement", [
    "DELETE FROM audit", "INSERT INTO roles VALUES ('x', 'admin', 'library')", "UPDATE entries SET scope = 'x'",
    "CREATE TABLE mine (id integer)", "DROP TABLE audit",
])  # fmt: skip
def test_the_reading_door_does_not_write(house: House, statement: str) -> None:
    with pytest.raises(DBAPIError, match=r"readonly|read-only"), house.database.reading() as connection:
        connection.execute(sql(statement))


def test_a_snapshot_leaves_what_its_connection_had_prepared(house: House) -> None:
    asked = Prepared(lambda _: select(Variant.id).limit(1))
    with contextlib.suppress(KeyError), house.database.reading() as connection:
        asked.rows(connection, {})
        raise KeyError("a connection on which something went wrong goes back to where snapshots take theirs from")
    with house.database.snapshot() as connection:
        assert asked.rows(connection, {})
    with house.database.reading() as connection:
        assert asked.rows(connection, {})
