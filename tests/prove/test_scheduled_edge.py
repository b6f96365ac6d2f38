"""CA23 in the long run: what is planned for an instant is old before and new after, in all caches, with no purge."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engines import redis_server
from tests.prove import edge, scheduled
from tests.prove.fleet import fleet
from tests.prove.lasting import KINDS, lasting, times


@pytest.fixture
def stack() -> Iterator[contextlib.ExitStack]:
    with contextlib.ExitStack() as made:
        yield made


@pytest.mark.skipif(edge.program() is None, reason="nginx is not installed (apt-get install nginx-light)")
@pytest.mark.parametrize("kind", KINDS)
def test_a_planned_change_is_seen_at_its_instant_through_every_cache(
    kind: str, stack: contextlib.ExitStack, tmp_path: Path, sqlite_today: Path
) -> None:
    house = stack.enter_context(lasting(kind, tmp_path, sqlite_today))
    shared = stack.enter_context(redis_server()) if kind == "postgresql" else None
    running = stack.enter_context(fleet(house, redis_url=shared))
    port = stack.enter_context(edge.nginx(tmp_path / "nginx", running.ports))
    plan = scheduled.planned(house.database, times("ADDRESSES", 40), lead=12.0)
    ways = {"first server": running.ports[:1], "second server": running.ports[1:], "nginx": [port]}
    found, lines, pauses = scheduled.run(running, plan, ways, times("READERS", 6))
    for line in lines:
        print(f"\nscheduled, {kind}, {line}; longest pause of the machine {pauses.longest * 1000:.0f} ms", end="")
    for way, around in found.items():
        assert around.odd == [], way
        assert around.early == [], way
        assert around.late == [], way
        assert around.old_near, way
    assert found["nginx"].edge.get("HIT", 0) > 0
