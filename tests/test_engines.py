"""The real engines that other tests stand on."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from redis import Redis
from sqlalchemy import create_engine, make_url, text

from tests.engines import fresh_postgres_database, postgres, redis_server
from tests.processes import until
from tests.seeding import made_once

own_servers = pytest.mark.skipif("TEST_DATABASE_URL" in os.environ, reason="TEST_DATABASE_URL names a server")


def rows(url: str, statement: str) -> list[tuple[object, ...]]:
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            result = connection.execute(text(statement))
            return [tuple(row) for row in result] if result.returns_rows else []
    finally:
        engine.dispose()


def test_postgres_answers_and_is_a_version_that_production_may_run(postgres_url: str) -> None:
    [(version,)] = rows(postgres_url, "SELECT current_setting('server_version_num')::int")
    assert isinstance(version, int)
    assert version >= 150000


def test_a_fresh_database_is_empty_and_a_copy_of_a_template_is_not(postgres_url: str) -> None:
    template = fresh_postgres_database(postgres_url)
    rows(template, "CREATE TABLE kept AS SELECT 7 AS number")
    copy, other = fresh_postgres_database(postgres_url, template), fresh_postgres_database(postgres_url)
    assert rows(copy, "SELECT number FROM kept") == [(7,)]
    assert rows(other, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]


@own_servers
@pytest.mark.parametrize(("durable", "expected"), [(False, "off"), (True, "on")])
def test_only_a_durable_postgres_waits_for_the_disk(durable: bool, expected: str) -> None:
    with postgres(durable=durable, tcp=durable) as url:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            assert rows(url, f"SHOW {setting}") == [(expected,)]
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url.replace("+psycopg", ""))


@own_servers
@pytest.mark.skipif(not Path("/proc").exists(), reason="looks for processes in /proc")
def test_a_killed_test_run_leaves_no_postgres_behind() -> None:
    program = (
        "import sys, time; from tests.engines import postgres\n"
        "with postgres() as url: print(url, flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout
        [run_folder] = make_url(run.stdout.readline().strip()).normalized_query["host"]
        pid = int(Path(run_folder, "data/postmaster.pid").read_text().split()[0])
        os.kill(run.pid, signal.SIGKILL)
    until(lambda: not Path(f"/proc/{pid}").exists())
    shutil.rmtree(Path(run_folder).parent)


def test_redis_answers_and_runs_scripts(redis_url: str) -> None:
    with Redis.from_url(redis_url) as client:
        assert client.ping()
        assert client.eval("return ARGV[1]", 0, "here") == b"here"


@pytest.mark.skipif("TEST_REDIS_URL" in os.environ, reason="TEST_REDIS_URL names a server")
@pytest.mark.parametrize("tcp", [False, True])
def test_two_redis_servers_hold_different_things(tcp: bool) -> None:
    with (
        redis_server(tcp=tcp) as first,
        redis_server(tcp=tcp) as second,
        Redis.from_url(first) as one,
        Redis.from_url(second) as two,
    ):
        one.set("key", "value")
        assert two.get("key") is None


def test_files_that_differ_in_their_ending_alone_are_made_beside_each_other(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    def make(there: Path) -> None:
        there.write_text("one", encoding="utf-8")
        made_once("apart.sqlite", tmp_path_factory, other)

    def other(there: Path) -> None:
        there.write_text("other", encoding="utf-8")

    made = made_once("apart.sql", tmp_path_factory, make)
    assert (made.read_text(), made.with_suffix(".sqlite").read_text()) == ("one", "other")
