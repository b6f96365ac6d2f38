"""The driver's own calls: any text arrives as it is, and a connection that was lost is replaced."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Float, Select, String, bindparam, func, literal_column, select, text
from sqlalchemy.exc import DataError, OperationalError, ProgrammingError

from api.db import Database, connect
from api.queries import on_postgres
from api.queries.prepared import Prepared, listed, listing
from tests.conftest import House, config
from tests.engines import drop_postgres_database, fresh_postgres_database
from tests.processes import until

HOSTILE = ["plain", 'a "quote"', "back\\slash", "new\nline", "{brace},comma", "é 😀", "", "NULL", "it's"]
ECHO = Prepared(lambda sqlite: listing("values", sqlite))


@pytest.fixture
def database(postgres_url: str, tmp_path: object) -> Iterator[Database]:
    url = fresh_postgres_database(postgres_url)
    made = connect(config(url, tmp_path))  # type: ignore[arg-type]
    yield made
    made.close()
    drop_postgres_database(url)


def test_a_list_of_any_texts_arrives_as_it_is(library: House) -> None:
    with library.database.reading() as connection:
        found = ECHO.rows(connection, {"values": listed(connection, HOSTILE)})
        assert [row[0] for row in found] == HOSTILE
        assert ECHO.rows(connection, {"values": listed(connection, [])}) == []


def test_a_text_with_a_nul_is_refused_as_the_driver_refuses_it(database: Database) -> None:
    with pytest.raises(DataError), database.reading() as connection:
        ECHO.rows(connection, {"values": listed(connection, ["a\0b"])})


def test_a_nul_that_a_path_holds_encoded_twice_is_found_nowhere(library: House) -> None:
    for address in ("demo-south/resolve?path=/treatments/", "/oembed?url=https://south.example/treatments/"):
        assert library.get(f"{address}a%2500b").status_code == 404


def test_a_connection_that_was_lost_is_raised_as_such_and_replaced(database: Database) -> None:
    asked = Prepared(lambda _: select(func.upper(bindparam("word", type_=String)).label("word")))
    with database.reading() as connection:
        assert asked.one(connection, {"word": "a"}).word == "A"
        pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    with database.writer.connect() as other:
        # Waits until it has ended.
        assert other.execute(text("SELECT pg_terminate_backend(:pid, 60000)"), {"pid": pid}).scalar_one()
    with pytest.raises(OperationalError) as raised, database.reading() as connection:
        asked.one(connection, {"word": "b"})
    assert raised.value.connection_invalidated
    with database.reading() as connection:
        assert asked.one(connection, {"word": "c"}).word == "C"


def test_a_read_that_a_hanging_server_does_not_answer_is_given_up(database: Database) -> None:
    asked = Prepared(lambda _: select(func.pg_sleep(literal_column("600")).label("slept")))
    giving_up = threading.Thread(target=until, args=(lambda: database.reads.cut_off(0.2),))

    def read() -> None:
        with database.reading() as connection:
            connection.execute(text("SET statement_timeout = 0"))
            giving_up.start()
            asked.one(connection, {})

    with pytest.raises(OperationalError):
        read()
    giving_up.join()
    with database.reading() as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1
    assert database.reads.cut_off(0.0) == 0, "nobody is reading"


@pytest.mark.parametrize("way", ["prepared", "by SQLAlchemy"])
def test_a_long_read_is_given_up_for_an_answer_that_does_not_come_not_for_its_length(
    database: Database, way: str
) -> None:
    slow = select(func.pg_sleep(bindparam("seconds", type_=Float)).label("slept"))
    asked = Prepared(lambda _: slow)
    cut: list[float] = []

    def cut_off() -> bool:
        if not cut and database.reads.cut_off(0.5):
            cut.append(time.monotonic())
        return bool(cut)

    def ask(connection: Connection, seconds: float) -> None:
        given = {"seconds": seconds}
        asked.one(connection, given) if way == "prepared" else connection.execute(slow, given).one()

    with contextlib.suppress(OperationalError), database.reading() as connection:
        connection.execute(text("SET statement_timeout = 0"))
        ask(connection, 0.6)
        assert database.reads.cut_off(0.0) == 0, "all that was asked is answered"
        giving_up = threading.Thread(target=until, args=(cut_off,))
        giving_up.start()
        began = time.monotonic()
        ask(connection, 600)
    giving_up.join()
    assert cut[0] - began >= 0.5


def test_a_read_is_given_up_by_its_own_patience_where_that_is_shorter(database: Database) -> None:
    giving_up = threading.Thread(target=until, args=(lambda: database.reads.cut_off(3_600),))

    def read() -> None:
        with database.reading(0.1) as connection:
            connection.execute(text("SET statement_timeout = 0"))
            giving_up.start()
            connection.execute(text("SELECT pg_sleep(600)"))

    with pytest.raises(OperationalError):
        read()
    giving_up.join()


def test_a_connection_keeps_so_many_statements_prepared_and_no_more(database: Database) -> None:
    def number(which: int) -> Prepared:
        return Prepared(lambda _: select(literal_column(str(which)).label("number")))

    first = number(0)
    with database.reading() as connection:
        for which in range(1, on_postgres.MOST + 20):
            assert first.one(connection, {}).number == 0
            assert number(which).one(connection, {}).number == which
        kept = connection.execute(text("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'straight%'"))
        assert kept.scalar_one() == on_postgres.MOST
        used = text("SELECT count(*) FROM pg_prepared_statements WHERE name = 'straight_0'")
        assert connection.execute(used).scalar_one() == 1, "the one used last is kept"
        assert number(1).one(connection, {}).number == 1


def test_prepared_reads_in_a_transaction_outlive_one_that_was_rolled_back(database: Database) -> None:
    asked = Prepared(lambda _: select(func.upper(bindparam("word", type_=String)).label("word")))
    for word in ("a", "b"):
        with contextlib.suppress(ZeroDivisionError), database.transaction() as session:
            assert asked.one(session.connection(), {"word": word}).word == word.upper()
            raise ZeroDivisionError
    with database.transaction() as session:
        assert asked.one(session.connection(), {"word": "c"}).word == "C"


def test_a_fault_of_a_statement_is_raised_as_sqlalchemy_raises_it(database: Database) -> None:
    def broken(_: bool) -> Select[tuple[int]]:
        return select(literal_column("1").label("one")).select_from(text("no_such_table"))  # type: ignore[return-value]

    with pytest.raises(ProgrammingError), database.reading() as connection:
        Prepared(broken).rows(connection, {})
