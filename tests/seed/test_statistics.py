"""After many rows came at once PostgreSQL knows how many there are, so that the first reads are planned for them."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from api.db import Database
from api.services.processes.statistics import count_anew
from seed import commands
from tests.conftest import House

KNOWN = text("SELECT count(*) FROM pg_stats WHERE tablename IN ('published', 'published_values', 'entries')")


def forget(database: Database) -> None:
    with database.transaction() as session:
        session.execute(text("DELETE FROM pg_statistic"))
    assert known(database) == 0


def known(database: Database) -> int:
    with database.reader.connect() as connection:
        return int(connection.execute(KNOWN).scalar_one())


def test_a_scaled_library_is_counted(house: House) -> None:
    if house.database.sqlite:
        count_anew(house.database)
        pytest.skip("SQLite needs no statistics: what is asked for is written so that it takes the right index.")
    forget(house.database)
    commands.scale(house.database, 3)
    assert known(house.database) > 20
