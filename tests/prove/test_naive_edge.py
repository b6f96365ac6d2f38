"""A shared cache that ignores `Vary`, keys and all: nobody gets what is another clinic's, or a key's alone."""

from __future__ import annotations

import random
import threading
from collections import Counter
from pathlib import Path

import pytest

from api.rules.permissions import OPERATOR
from api.services.house import keys
from api.services.work import writing
from tests.builders import clinic_id
from tests.prove import edge
from tests.prove.asking import Line
from tests.prove.fleet import Fleet, fleet
from tests.prove.lasting import KINDS, lasting, times

READERS = 4
PATHS = ("", "/topics", "/topics/mesotherapy", "/topics/never", "/faqs?page[size]=5", "/search?q=skin", "/navigation",
         "/sitemap.json", "/topics/mesotherapy.md", "/topics/mesotherapy.jsonld", "/preview/topics")  # fmt: skip
CLINICS = ("demo-south", "demo-north", "demo-private")


@pytest.mark.skipif(edge.program() is None, reason="nginx is not installed (apt-get install nginx-light)")
@pytest.mark.parametrize("kind", KINDS)
def test_a_cache_that_ignores_vary_mixes_up_nobody(kind: str, tmp_path: Path, sqlite_today: Path) -> None:
    with (
        lasting(kind, tmp_path, sqlite_today) as house,
        fleet(house, servers=1) as running,
        edge.nginx(tmp_path / "nginx", running.ports, "proxy_ignore_headers Vary;") as port,
    ):
        asked, hits, mixed = interleaved(running, port, times("REQUESTS", 10_000))
    print(f"\nnaive cache, {kind}: {asked} requests of {len(CALLERS)} callers, {hits} hits, {len(mixed)} mixed up")
    assert mixed == []
    assert hits > asked / 20


CALLERS = ("anyone", "own key", "foreign key", "no key", "cookie")


def interleaved(running: Fleet, port: int, count: int) -> tuple[int, int, list[str]]:
    """So many requests of all callers in a random order through the cache: (requests, hits, what was mixed up)."""
    with writing(running.house.database, OPERATOR) as work:
        made = [keys.create(work, "server", each, clinics=[clinic_id(running.house.database, each)])[1]
                for each in ("demo-private", "demo-south")]  # fmt: skip
    heads = ({}, {"Authorization": f"Bearer {made[0]}"}, {"Authorization": f"Bearer {made[1]}"},
             {"Authorization": "Bearer ck_sec_never"}, {"Cookie": "clinic=demo-private"})  # fmt: skip
    callers = dict(zip(CALLERS, heads, strict=True))
    seen: Counter[str] = Counter()
    mixed: list[str] = []

    def read(number: int) -> None:
        line, chance = Line(port), random.Random(number)
        for _ in range(count // READERS):
            who, clinic, path = chance.choice(CALLERS), chance.choice(CLINICS), chance.choice(PATHS)
            reply = line.get(f"/v1/clinics/{clinic}{path}", **callers[who])
            seen[reply.head.get("x-edge", "")] += 1
            if wrong := fault(who, clinic, path, reply.status, reply.body):
                mixed.append(f"{who} at {clinic}{path}: {wrong}")

    threads = [threading.Thread(target=read, args=(number,)) for number in range(READERS)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return sum(seen.values()), seen["HIT"], mixed


def fault(who: str, clinic: str, path: str, status: int, body: bytes) -> str | None:
    """What is wrong with a reply to a caller."""
    if path.startswith("/preview") or (clinic == "demo-private" and who != "own key"):
        return f"{status} without the right" if status < 400 else None
    others = [each for each in CLINICS if each != clinic and f"/clinics/{each}".encode() in body]
    if others:
        return f"names {others}"
    # What anyone may have is given to a false key too, once it is kept: it is the same for all.
    expected = {404} if path.endswith("never") else {200}
    return None if status in expected | ({401} if who == "no key" else set()) else str(status)
