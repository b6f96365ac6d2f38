"""What every test starts from: a clock that stands still, a seeded house on both databases, a client."""

from __future__ import annotations

import contextlib
import copy
import gc
import os
import shutil
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.app import create_app
from api.config import Config, from_env
from api.db import Database, connect
from api.migrate import migrate
from seed.load import load
from tests.engines import a_folder, a_name, drop_postgres_database, fresh_postgres_database, postgres, redis_server
from tests.seeding import another_makes, seeded_postgres, seeded_sqlite

pytest_plugins = ["tests.fronted"]

NOW = 1_793_520_000
"""2026-11-01T08:00:00Z: when tests happen, unless they move the clock."""
FRESH_SECONDS = 300 * 86_400
"""How long after NOW nothing of the demo library is due to be reviewed again."""
ENGINES = ("sqlite", "postgresql")
SECRET = "0123456789abcdef0123456789abcdef"
_whole_run = contextlib.ExitStack()
# A process that gets no turn for a second is no fault of what is tried; and what is tried is the same in every run.
hypothesis.settings.register_profile(
    "steady", deadline=None, derandomize=True, database=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("steady")


def pytest_configure() -> None:
    """One folder of pictures for all houses and processes of a run: databases are copied, and name the same files."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        os.environ["TESTS_MEDIA"] = str(_whole_run.enter_context(a_folder("media-of-tests")))


def pytest_unconfigure() -> None:
    _whole_run.close()


def pytest_collection_finish() -> None:
    """Spare the garbage collector what stays for the whole session: the modules and all tests."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What make test leaves to make prove (docs/decisions/0013).

    Of databases with and without Redis two pairs of four; of a test that is marked `either` one database, by its name.
    """
    for item in items:
        params = getattr(getattr(item, "callspec", None), "params", {})
        pair = params.get("running"), params.get("database_url")
        if pair in (("redis", "sqlite"), ("without-redis", "postgresql")) or _other_database(item, params):
            item.add_marker(pytest.mark.long)


def _other_database(item: pytest.Item, params: dict[str, Any]) -> bool:
    named = [each for each in params.values() if each in ENGINES]
    if not named or item.get_closest_marker("either") is None:
        return False
    name, _, chosen = item.nodeid.partition("[")
    # Without its Redis too: of the two pairs that are left, one.
    test = f"{name}[{chosen.replace(named[0], '').replace(str(params.get('running', '')), '')}"
    return ENGINES.index(named[0]) != zlib.crc32(test.encode()) % len(ENGINES)


@dataclass
class House:
    """A running house: its application, its database, and a client that reads."""

    app: Flask
    database: Database
    client: FlaskClient

    def get(self, path: str, **more: Any) -> Any:
        """GET below /v1/clinics: `demo-south/topics`."""
        return self.client.get(path if path.startswith("/") else f"/v1/clinics/{path}", **more)

    def data(self, path: str) -> Any:
        """The JSON body of a reply that must be 200."""
        reply = self.get(path)
        assert reply.status_code == 200, reply.text
        return reply.json

    def at(self, seconds: float) -> None:
        """Move the clock to so many seconds after NOW."""
        self.database.clock.frozen_at = NOW + seconds


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The address of a PostgreSQL server whose user may create databases; one server per test process."""
    with postgres() as url:
        yield url


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """The address of an empty Redis-protocol server; one per test process."""
    with redis_server() as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_seeded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the demo library, to be copied."""
    if another_makes("seeded.sqlite", tmp_path_factory):
        request.getfixturevalue("postgres_seeded")
    folder = tmp_path_factory.mktemp("seeded")
    return seeded_sqlite("seeded.sqlite", folder, tmp_path_factory, lambda url: with_seed(config(url, folder)))


@pytest.fixture(scope="session")
def sqlite_today(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same for what goes by the machine's clock: made as of today where NOW is still to come, or long ago."""
    if today() is not None:
        found: Path = request.getfixturevalue("sqlite_seeded")
        return found
    folder = tmp_path_factory.mktemp("today")
    return seeded_sqlite("today.sqlite", folder, tmp_path_factory, lambda url: with_seed(config(url, folder), None))


def today() -> float | None:
    """NOW while that is a good day to have seeded what goes by the machine's clock; else None, which is that clock."""
    return NOW if NOW <= time.time() < NOW + FRESH_SECONDS else None


@pytest.fixture(scope="session")
def postgres_seeded(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a PostgreSQL database with the demo library, to be used as a template."""
    folder = tmp_path_factory.mktemp("pg")
    return seeded_postgres(postgres_url, tmp_path_factory, lambda url: with_seed(config(url, folder)))


@pytest.fixture(scope="session")
def places(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Where one test after the other has its own house: a file, and the name of a PostgreSQL database."""
    return {"sqlite": str(tmp_path_factory.mktemp("house") / "house.sqlite"), "postgresql": a_name()}


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, places: dict[str, str]) -> Iterator[str]:
    """A seeded database of its own for a test that writes, where the test before had its own."""
    place = places[request.param]
    if request.param == "sqlite":
        for rest in ("", "-wal", "-shm"):
            Path(place + rest).unlink(missing_ok=True)
        shutil.copy(request.getfixturevalue("sqlite_seeded"), place)
        yield f"sqlite:///{place}"
        return
    template = request.getfixturevalue("postgres_seeded")
    made = fresh_postgres_database(request.getfixturevalue("postgres_url"), template, place)
    yield made
    drop_postgres_database(made)


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[House]:
    """A seeded house that the test may change."""
    yield from opened(database_url, tmp_path)


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def shared_house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A seeded house that many tests write into, each under names of its own; nobody moves its clock."""
    yield from a_house_of_its_own(request, tmp_path_factory.mktemp("shared"))


def a_house_of_its_own(request: pytest.FixtureRequest, folder: Path) -> Iterator[House]:
    """A seeded house on the database that the fixture has as its parameter, for as long as the fixture lives."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_seeded"), folder / "house.sqlite")
        url = f"sqlite:///{folder / 'house.sqlite'}"
    else:
        template = request.getfixturevalue("postgres_seeded")
        url = fresh_postgres_database(request.getfixturevalue("postgres_url"), template)
    yield from opened(url, folder)


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def library(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The seeded house that tests share, for reading only."""
    if request.param == "sqlite":
        url = f"sqlite:///{request.getfixturevalue('sqlite_seeded')}"
    else:
        template = request.getfixturevalue("postgres_seeded")
        url = fresh_postgres_database(request.getfixturevalue("postgres_url"), template)
    yield from opened(url, tmp_path_factory.mktemp("library"))


_known: dict[tuple[str, str], Database] = {}


def connected(settings: Config, door: str = "front") -> Database:
    """The database at an address; engines, which keep their statements compiled, are made once for each door to it."""
    there = (settings.database_url, door)
    if there not in _known:
        _known[there] = connect(settings)
    kept = {"media": settings.media, "folder": settings.data, "root": settings.root}
    return Database(_known[there].reader, _known[there].writer, **kept)


def opened(url: str, folder: Path) -> Iterator[House]:
    database = connected(config(url, folder))
    database.clock.frozen_at = NOW
    app = application(config(url, folder), database)
    yield House(app, database, app.test_client())
    database.close()
    for (there, _), engines in _known.items():
        if there == url:
            engines.close()  # The next house at this address is another one.


_made: list[Flask] = []


def application(settings: Config, database: Database) -> Flask:
    """An application of a test's own; its routes and the contract, the same in all and slow to make, are shared."""
    if not _made:
        _made.append(create_app(settings, database, front=False))
        _made[0].extensions |= {"document": {}, "contract": {}}
    app = copy.copy(_made[0])
    app.config = copy.copy(app.config)
    app.config["PUBLIC_URL"] = settings.public_url
    app.extensions = {**app.extensions, "config": settings, "database": database, "secret": settings.secret()}
    return app


def config(url: str, folder: Path) -> Config:
    """The settings of a test's house."""
    secret = folder / "secret"
    secret.write_text(SECRET)
    found = from_env({"DATABASE_URL": url, "CLINIC_CMS_DATA": str(folder), "CLINIC_CMS_SECRET_FILE": str(secret)})
    media = replace(found.media, folder=Path(os.environ["TESTS_MEDIA"]))
    return replace(found, public_url="https://api.example", media=media)


def with_seed(settings: Config, at: float | None = NOW) -> None:
    """Make the tables and load the demo library as of an instant; None is the machine's own clock."""
    database = connect(settings)
    database.clock.frozen_at = at
    migrate(database)
    load(database)
    if database.sqlite:
        with database.writer.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
