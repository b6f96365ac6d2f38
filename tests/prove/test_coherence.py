"""CA13 in the long run: two servers of two workers under load, a thousand moves, and no read that is old."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engines import redis_server
from tests.prove import coherent
from tests.prove.fleet import Fleet, fleet
from tests.prove.lasting import lasting, times

WAYS = {
    "PostgreSQL with Redis": ("postgresql", True),
    "PostgreSQL without Redis": ("postgresql", False),
    "SQLite without Redis": ("sqlite", False),
}


@pytest.fixture(params=WAYS)
def servers(request: pytest.FixtureRequest, tmp_path: Path, sqlite_today: Path) -> Iterator[tuple[str, Fleet]]:
    kind, shared = WAYS[request.param]
    with lasting(kind, tmp_path, sqlite_today) as house:
        if not shared:
            with fleet(house) as running:
                yield request.param, running
            return
        with redis_server() as redis_url, fleet(house, redis_url=redis_url) as running:
            yield request.param, running


def test_no_read_is_old_after_a_move_was_answered(servers: tuple[str, Fleet]) -> None:
    way, running = servers
    told = coherent.run(running, times("MOVES", 1000), times("READERS", 8))
    print(f"\ncoherence, {way}: {told.line()}")
    told.holds()
