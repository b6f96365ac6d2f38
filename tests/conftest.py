"""What every test starts from: a clock that stands still, a seeded house on both databases, a client."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.app import create_app
from api.config import Config, from_env
from api.db import Database, connect
from api.migrate import migrate
from seed.load import load
from tests.engines import drop_postgres_database, fresh_postgres_database

pytest_plugins = ["tests.engines"]

NOW = 1_793_520_000
"""2026-11-01T08:00:00Z: when tests happen, unless they move the clock."""
SECRET = "0123456789abcdef0123456789abcdef"


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
def sqlite_seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the demo library, to be copied."""
    folder = tmp_path_factory.mktemp("seeded")
    with_seed(config(f"sqlite:///{folder / 'house.sqlite'}", folder))
    return folder / "house.sqlite"


@pytest.fixture(scope="session")
def postgres_seeded(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a PostgreSQL database with the demo library, to be used as a template."""
    url = fresh_postgres_database(postgres_url)
    with_seed(config(url, tmp_path_factory.mktemp("pg")))
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A seeded database of its own for a test that writes."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_seeded"), tmp_path / "house.sqlite")
        yield f"sqlite:///{tmp_path / 'house.sqlite'}"
        return
    template = request.getfixturevalue("postgres_seeded")
    made = fresh_postgres_database(request.getfixturevalue("postgres_url"), template)
    yield made
    drop_postgres_database(made)


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[House]:
    """A seeded house that the test may change."""
    yield from opened(database_url, tmp_path)


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def shared_house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A seeded house that many tests write into, each under names of its own; nobody moves its clock."""
    folder = tmp_path_factory.mktemp("shared")
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


def opened(url: str, folder: Path) -> Iterator[House]:
    database = connect(config(url, folder))
    database.clock.frozen_at = NOW
    app = application(config(url, folder), database)
    yield House(app, database, app.test_client())
    database.close()


_made: list[Flask] = []


def application(settings: Config, database: Database) -> Flask:
    """An application of a test's own; its routes, which are the same in all and slow to make, are shared."""
    if not _made:
        _made.append(create_app(settings, database, front=False))
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
    return replace(found, public_url="https://api.example")


def with_seed(settings: Config) -> None:
    """Make the tables and load the demo library as of NOW."""
    database = connect(settings)
    database.clock.frozen_at = NOW
    migrate(database)
    load(database)
    if database.sqlite:
        with database.writer.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
