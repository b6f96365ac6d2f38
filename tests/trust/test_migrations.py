"""Migrations (UP2 to UP4): whole or not at all, under readers and writers, and never across versions unawares."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from api.app import create_app
from api.config import Config
from api.db import Database, connect
from api.errors import NotReady
from api.migrate import FOLDER, current, head, migrate, require_current
from tests.builders import create
from tests.conftest import House, config
from tests.engines import fresh_postgres_database
from tests.fronted import wait_until
from tests.processes import ROOT
from tests.test_cli import Terminal, data, seeded, terminal

__all__ = ("data", "seeded", "terminal")
DIES = """
import os, signal
from sqlalchemy import event
from sqlalchemy.engine import Engine
from api.config import from_env
from api.db import connect
from api.migrate import migrate

@event.listens_for(Engine, "after_cursor_execute")
def dies(connection, cursor, statement, *rest):
    if statement.lstrip().upper().startswith(("CREATE", "ALTER", "UPDATE")):
        os.kill(os.getpid(), signal.SIGKILL)

migrate(connect(from_env()))
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Config:
    """A seeded house that stands one migration back."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_seeded"), tmp_path / "house.sqlite")
        found = config(f"sqlite:///{tmp_path / 'house.sqlite'}", tmp_path)
    else:
        template = request.getfixturevalue("postgres_seeded")
        found = config(fresh_postgres_database(request.getfixturevalue("postgres_url"), template), tmp_path)
    database = connect(found)
    with database.transaction() as session:
        back = AlembicConfig()
        back.set_main_option("script_location", str(FOLDER))
        back.attributes["connection"] = session.connection()
        command.downgrade(back, "-1")
    database.close()
    return found


@pytest.fixture
def behind(settings: Config) -> Iterator[Database]:
    found = connect(settings)
    yield found
    found.close()


def state(database: Database) -> tuple[str | None, set[str]]:
    """The migration that a database stands at, and its tables."""
    with database.reading() as connection:
        return current(connection), set(inspect(connection).get_table_names())


def test_up2_a_migration_killed_in_its_middle_leaves_the_one_before_and_runs_again(
    settings: Config, behind: Database
) -> None:
    env = {"DATABASE_URL": settings.database_url, "CLINIC_CMS_DATA": str(settings.data), "PATH": os.environ["PATH"]}
    before = state(behind)
    ended = subprocess.run([sys.executable, "-c", DIES], env={**env, "PYTHONPATH": str(ROOT)}, timeout=120)
    assert ended.returncode == -signal.SIGKILL
    assert state(behind) == before and before[0] != head()
    with pytest.raises(NotReady, match=f"stands at migration {before[0]}, this version needs {head()}. Run: clinic"):
        require_current(behind)
    app = create_app(settings, behind, front=False)
    assert (ready := app.test_client().get("/readyz")).status_code == 503 and f"migration {before[0]}" in ready.text
    assert migrate(behind) == (before[0], head()) and state(behind)[0] == head()
    require_current(behind)


def test_up3_a_migration_under_reads_and_writes_fails_none_of_them(settings: Config, behind: Database) -> None:
    house = House(app := create_app(settings, behind, front=False), behind, app.test_client())
    stop, wrong, done = threading.Event(), list[str](), [0, 0]

    def read() -> None:
        client = app.test_client()
        while not stop.is_set():
            reply = client.get("/v1/clinics/demo-south/topics/mesotherapy")
            done[0] += 1
            if reply.status_code != 200:
                wrong.append(reply.text)

    def write() -> None:
        try:
            while not stop.is_set():
                create(house.database, f"meanwhile-{done[1]}")
                done[1] += 1
        except Exception as error:
            wrong.append(repr(error))

    threads = [threading.Thread(target=each) for each in (read, write)]
    for each in threads:
        each.start()
    try:
        wait_until(lambda: bool(wrong) or min(done) >= 3)
        other = connect(settings)
        migrate(other)
        other.close()
        after = list(done)
        wait_until(lambda: bool(wrong) or all(now > then for now, then in zip(done, after, strict=True)))
    finally:
        stop.set()
        for each in threads:
            each.join()
    assert wrong == [] and state(behind)[0] == head()


def test_up4_a_newer_database_is_refused_and_left_as_it_is(seeded: Terminal, data: Path) -> None:
    database = connect(config(f"sqlite:///{data / 'clinic-cms.sqlite'}", data))
    with database.transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    before = (data / "clinic-cms.sqlite").read_bytes()
    for words in (("serve",), ("migrate",), ("worker", "--once"), ("seed",), ("backup", str(data / "x.backup"))):
        said = seeded.type(*words)
        assert said.code == 1 and "stands at migration 9999, which this version does not know" in said.err, words
        assert "Traceback" not in said.err and "Install the version that made it" in said.err
    doctor = {each["what"]: each for each in seeded.type("doctor", "--json").json["findings"]}
    assert doctor["migrations"]["state"] == "fail"
    assert (data / "clinic-cms.sqlite").read_bytes() == before and not (data / "x.backup").exists()


def test_the_migrations_stand_in_one_line_by_their_numbers() -> None:
    there = ScriptDirectory(str(FOLDER))
    numbers = [each.revision for each in there.walk_revisions()][::-1]
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]
    assert there.get_current_head() == head()
