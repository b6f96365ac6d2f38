"""The worker as it runs: a loop that wakes in time, outlives the database, and ends when it is told to."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from api import worker
from api.app import create_app
from api.db import Database, connect
from api.errors import CmsError
from api.models import IdempotentReply, WorkerSeen
from api.services.moves import publishing
from api.services.outbox import outbox
from api.services.processes import workers
from api.worker import Worker
from tests.builders import approve_text, create, publications, publish_text, the_text, writing_as
from tests.conftest import NOW, House, config
from tests.managing import Desk
from tests.processes import PATIENCE, alive, free_port, installed, run, serving, until


def ahead(seconds: float) -> dt.datetime:
    """A whole second of the real clock, so far ahead at least."""
    return dt.datetime.fromtimestamp(int(time.time() + seconds) + 1, dt.UTC)


def planned(database: Database, *slugs: str) -> dt.datetime:
    """Texts that go live together, at a second of the real clock that is just ahead once all else is done."""
    texts = [create(database, slug) for slug in slugs]
    for text in texts:
        approve_text(database, text)
    for seconds in (1, 4, 16, 64):
        at = ahead(seconds)
        try:
            with writing_as(database, "publisher") as work:
                for text in texts:
                    publishing.publish(work, the_text(work, text), at=at)
        except CmsError as refused:
            if [each["code"] for each in refused.faults] != ["past"]:
                raise
        else:
            return at
    raise AssertionError("this machine is too slow")


def seen(database: Database) -> list[Any]:
    with database.reading() as connection:
        return list(connection.execute(select(WorkerSeen.__table__).order_by(WorkerSeen.id)))


@contextlib.contextmanager
def working(database: Database) -> Iterator[Worker]:
    worker = Worker(database)
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        yield worker
    finally:
        worker.stop.set()
        thread.join(PATIENCE)
        assert not thread.is_alive()


def test_it_wakes_for_what_is_due_next_and_numbers_it_once_beside_another(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "IDLE_SECONDS", 3_600.0)
    house.database.clock.frozen_at = None
    Worker(house.database).once()  # Since NOW some reviews may have run out.
    before = len(publications(house.database))
    at = planned(house.database, "light-one")
    with working(house.database), working(house.database):
        until(lambda: len(publications(house.database)) > before)
        assert time.time() >= at.timestamp()
        time.sleep(0.3)
    [new] = publications(house.database)[before:]
    assert (new.kind, new.at) == ("publish", at)


def test_it_gives_signs_of_life_and_leaves_the_list_when_it_ends(house: House) -> None:
    desk = Desk(house)
    with working(house.database) as worker:
        until(lambda: seen(house.database))
        [told] = desk.done("publisher", "GET", "/worker")["workers"]
        assert told["id"] == worker.id and workers.alive_here(house.database)
    assert seen(house.database) == [] and not workers.alive_here(house.database)


def test_it_forgets_dead_workers_and_old_replies(house: House) -> None:
    now = dt.datetime.fromtimestamp(NOW, dt.UTC)
    with house.database.transaction() as session:
        for hours in (1, 25):
            made = now - dt.timedelta(hours=hours)
            session.add(IdempotentReply(key_id="k", key=str(hours), fingerprint="f", headers={}, created_at=made))
        session.add(WorkerSeen(id="dead", started_at=now, seen_at=now - dt.timedelta(hours=1)))
    workers.beat(house.database, "mine", now, 0)
    with house.database.reading() as connection:
        assert list(connection.scalars(select(IdempotentReply.key))) == ["1"]
    assert [each.id for each in seen(house.database)] == ["mine"]


def test_it_waits_for_a_lost_database_and_goes_on(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    publish_text(house.database, create(house.database, "light-one"), at=dt.datetime.fromtimestamp(NOW + 60, dt.UTC))
    house.at(60)
    before, claim, lost = len(publications(house.database)), outbox.claim, [0]

    def lose(*args: Any, **more: Any) -> Any:
        lost[0] += 1
        if lost[0] < 3:
            raise OperationalError("SELECT", {}, Exception("server closed the connection"))
        return claim(*args, **more)

    monkeypatch.setattr(outbox, "claim", lose)
    with working(house.database):
        until(lambda: len(publications(house.database)) == before + 1)
    assert lost[0] >= 3


def test_the_lag_is_told_to_the_house_alone(house: House) -> None:
    desk = Desk(house)
    publish_text(house.database, create(house.database, "light-one"), at=dt.datetime.fromtimestamp(NOW + 60, dt.UTC))
    quiet = desk.done("editor", "GET", "/worker")
    assert (quiet["lag"], quiet["due"], quiet["set_aside"]) == (0, 0, []) and quiet["owed"] > 0
    house.at(75)
    late = desk.done("admin", "GET", "/worker")
    assert (late["lag"], late["due"]) == (15, 1)
    for name in ("author", "medical_reviewer", "publisher@demo-south"):
        assert desk.ask(name, "GET", "/worker").status_code == 403
    assert Worker(house.database).once() == 1
    assert desk.done("publisher", "GET", "/worker")["lag"] == 0


def test_an_application_that_is_made_starts_no_worker(house: House, tmp_path: Path) -> None:
    settings = house.app.extensions["config"]
    before = set(threading.enumerate())
    create_app(settings, house.database, front=False)
    assert set(threading.enumerate()) <= before


@pytest.fixture
def env(sqlite_today: Path, tmp_path: Path) -> dict[str, str]:
    """The environment of a command beside a seeded SQLite file."""
    (tmp_path / "data").mkdir()
    shutil.copy(sqlite_today, tmp_path / "data" / "clinic-cms.sqlite")
    mine = {"CLINIC_CMS_DATA": str(tmp_path / "data"), "PORT": str(free_port()), "CLINIC_CMS_SEED": "none"}
    return installed(tmp_path / "bin") | mine


@pytest.fixture
def beside(env: dict[str, str]) -> Iterator[Database]:
    """The same file as a command has it, by the real clock."""
    folder = Path(env["CLINIC_CMS_DATA"])
    database = connect(config(f"sqlite:///{folder / 'clinic-cms.sqlite'}", folder))
    yield database
    database.close()


@pytest.mark.slow
def test_the_commands_number_what_has_come_and_say_how_much(env: dict[str, str], beside: Database) -> None:
    before = len(publications(beside))
    at = planned(beside, "light-one", "light-two")
    time.sleep(max(0.0, at.timestamp() - time.time()) + 0.05)
    told = run(["clinic-cms", "publish-due"], env)
    assert told.stdout == "2 planned changes had come and are numbered now.\n", told.stderr
    assert run(["clinic-cms", "worker", "--once"], env).stdout.startswith("Kept ")
    assert len(publications(beside)) == before + 2


@pytest.mark.slow
@pytest.mark.parametrize("told", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.long)])
def test_the_command_runs_until_it_is_told_to_end(
    env: dict[str, str], beside: Database, tmp_path: Path, told: signal.Signals
) -> None:
    assert run(["clinic-cms", "worker", "--check"], env).returncode == 1
    with serving(["clinic-cms", "worker"], env, tmp_path / "log") as served:
        until(lambda: seen(beside))
        assert run(["clinic-cms", "worker", "--check"], env).stdout == "A worker is alive.\n"
        served.process.send_signal(told)
        assert served.process.wait(PATIENCE) == 0, served.log.read_text()
    assert seen(beside) == [] and served.log.read_text() == ""


@pytest.mark.slow
def test_the_one_process_of_serve_brings_its_worker(env: dict[str, str], beside: Database, tmp_path: Path) -> None:
    with serving(["clinic-cms", "serve"], env, tmp_path / "log") as served:
        served.wait_until_ready()
        [worker] = until(lambda: seen(beside))
        assert worker.id.split("-")[-2] != str(served.process.pid), "it lives where the application does"
        before = len(publications(beside))
        planned(beside, "light-one")
        until(lambda: len(publications(beside)) == before + 1)
        assert served.stop() == 0
        assert "Traceback" not in served.log.read_text()


def pids(database: Database) -> list[int]:
    return [int(each.id.split("-")[-2]) for each in seen(database)]


@pytest.mark.slow
def test_serve_with_many_processes_has_one_worker_which_is_started_again_when_it_dies(
    env: dict[str, str], beside: Database, tmp_path: Path
) -> None:
    with serving(["clinic-cms", "serve", "--workers", "2"], env, tmp_path / "log") as served:
        served.wait_until_ready()
        [first] = until(lambda: pids(beside))
        os.kill(first, signal.SIGKILL)
        second = until(lambda: [each for each in pids(beside) if each != first])
        assert len(second) == 1 and alive(second[0])
        assert served.stop() == 0
        assert not alive(second[0]) and not served.leaves_anyone_behind()


@pytest.mark.slow
@pytest.mark.long
def test_a_worker_beside_a_server_ends_with_it_however_that_went(
    env: dict[str, str], beside: Database, tmp_path: Path
) -> None:
    with serving(["clinic-cms", "serve", "--workers", "2"], env, tmp_path / "log") as served:
        served.wait_until_ready()
        [worker] = until(lambda: pids(beside))
        served.process.kill()
        until(lambda: not alive(worker))
