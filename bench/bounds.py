"""What the cached read does at its bounds: behind slow misses, with a tier too small, after a million requests."""

from __future__ import annotations

import http.client
import itertools
import json
import random
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
from sqlalchemy.engine import make_url

from bench.cached import WORKERS, fetch, warm
from bench.reading import CLINIC, ITEM, SEARCH, Figure
from bench.servers import Server, clinic_cms
from bench.wrk import Run, wrk, wrk_many
from tests.engines import redis_server

WAIT_SECONDS = 0.05
SLOW_CLIENTS = 4
TOO_SMALL = 20
"""Megabytes of a tier that holds about an eighth of 10,000 items."""
SLICE_SECONDS = 5


def beside_slow_misses(env: Mapping[str, str], rounds: int, seconds: float) -> Figure:
    """p99 in ms of cached hits while four clients ask for cold addresses, each waiting 50 ms in PostgreSQL."""
    runs: list[Run] = []
    quiet: list[Run] = []
    waits: list[float] = []
    with clinic_cms(env, WORKERS) as ours:
        warm(ours, ITEM)
        cold = itertools.count()
        for _ in range(rounds):
            quiet.append(wrk(ours, ITEM, seconds))
            with _slow_database(env["DATABASE_URL"]), _missing(ours, cold, waits):
                runs.append(wrk(ours, ITEM, seconds))
    rates = _middle([each.per_second for each in runs]), _middle([each.per_second for each in quiet])
    told = (
        f"ms; without misses {_middle([each.p99 for each in quiet]):.1f} ms; "
        f"{rates[0]:,.0f}/s beside {rates[1]:,.0f}/s; "
        f"{len(waits)} misses, each {_middle(waits) * 1e3:.0f} ms"
    )
    name = f"p99 of a cached item while {SLOW_CLIENTS} clients hold misses of {WAIT_SECONDS * 1e3:.0f} ms, PostgreSQL"
    return Figure(name, [each.p99 for each in runs], "at most 10", told)


def many_hot(env: Mapping[str, str], topics: int, rounds: int, seconds: float) -> Figure:
    """Share of hits with every item asked for alike and a first tier that holds a part of them, Redis behind it."""
    paths = addresses(env, topics)
    with redis_server() as url:
        small = {**env, "REDIS_URL": url, "CLINIC_CMS_CACHE_MEGABYTES": str(TOO_SMALL)}
        with clinic_cms(small, WORKERS) as ours:
            _fill(ours, paths)
            shares, rates, of_process = [], [], []
            for turn in range(rounds):
                before = events(ours)
                rates.append(wrk_many(ours, paths, seconds, turn).per_second)
                more = {name: value - before.get(name, 0) for name, value in events(ours).items()}
                asked = sum(more[name] for name in ("hit", "hit_redis", "stale", "miss"))
                shares.append((asked - more["miss"]) / asked)
                of_process.append(more["hit"] / asked)
    told = f"{_middle(of_process):.0%} from the process, the rest from Redis; {_middle(rates):,.0f}/s"
    name = f"{len(paths):,} items hot, a first tier of {TOO_SMALL} MB in each process: share of hits"
    return Figure(name, shares, "printed", told)


def memory(env: Mapping[str, str], topics: int, requests: int) -> Figure:
    """Resident memory of each worker after so many mixed requests, beside the moment its tier had reached its bound."""
    lines = _mixed(env, topics)
    bound = TOO_SMALL * 1_000_000
    with clinic_cms({**env, "CLINIC_CMS_CACHE_MEGABYTES": str(TOO_SMALL)}, WORKERS) as ours:
        sent = 0
        while numbers(ours)["clinic_cms_cache_bytes"] < 0.98 * WORKERS * bound and sent < requests:
            sent += wrk_many(ours, lines, SLICE_SECONDS, sent).requests
        kept = numbers(ours)["clinic_cms_cache_bytes"] / 1e6
        before, sent = ours.memory(), 0
        while sent < requests:
            sent += wrk_many(ours, lines, SLICE_SECONDS, sent).requests
        after = ours.memory()
    # The parent and the child that keeps promises are the smaller ones.
    workers = sorted(before, key=lambda each: -before[each])[:WORKERS]
    if gone := [each for each in workers if each not in after]:
        raise SystemExit(f"{len(gone)} workers ended on the way.")
    grown = [(after[each], before[each]) for each in workers]
    told = "; ".join(f"{size / 1e6:.0f} MB, was {was / 1e6:.0f} MB" for size, was in grown)
    name = f"memory of a worker after {sent:,} mixed requests / when its tier had reached its bound"
    return Figure(
        name, [size / was for size, was in grown], "at most 1.10", f"{told}; {kept:.0f} MB kept then"
    )


def addresses(env: Mapping[str, str], topics: int) -> list[str]:
    """The addresses of so many topics of the library, in English."""
    asked = "SELECT slug FROM published WHERE type='topic' AND locale='en' AND scope='library' AND state='live' LIMIT ?"
    with closing(sqlite3.connect(Path(env["DATABASE_URL"].removeprefix("sqlite:///")))) as library:
        return [f"{CLINIC}/topics/{quote(slug)}?locale=en" for (slug,) in library.execute(asked, (topics,))]


def events(server: Server) -> dict[str, float]:
    """What the cache did so far in all processes, by name; they write it down once a second."""
    time.sleep(1.2)
    start = 'clinic_cms_cache_events_total{event="'
    told = numbers(server)
    return {name.removeprefix(start).removesuffix('"}'): each for name, each in told.items() if name.startswith(start)}


def numbers(server: Server) -> dict[str, float]:
    """The service's own numbers."""
    lines = fetch(server, "/metrics").body.decode().splitlines()
    pairs = (line.rpartition(" ") for line in lines if line and not line.startswith("#"))
    return {name: float(value) for name, _, value in pairs}


def _fill(server: Server, paths: list[str]) -> None:
    """Ask once for each, so that Redis has all."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    for path in paths:
        connection.request("GET", path)
        connection.getresponse().read()
    connection.close()


def _mixed(env: Mapping[str, str], topics: int) -> list[str]:
    """Items above all, some of which the asker has; lists, searches, and addresses where nothing is."""
    order = random.Random(1)
    paths = addresses(env, topics)
    order.shuffle(paths)
    lists = [
        f"{CLINIC}/topics?locale=en&page%5Bsize%5D={1 + each % 50}&page%5Bnumber%5D={1 + each}" for each in range(100)
    ]
    searches = [SEARCH.replace("collagen", word) for word in ("skin", "laser", "filler", "peel", "collagen", "scar")]
    nowhere = [f"{CLINIC}/topics/nowhere-{each}?locale=en" for each in range(2_000)]
    hot = [f"{path} *" if at % 4 == 0 else path for at, path in enumerate(paths[:500])]
    lines = [*paths, *hot * 20, *lists * 5, *searches * 20, *nowhere]
    order.shuffle(lines)
    return lines


@contextmanager
def _slow_database(url: str) -> Iterator[None]:
    """Hold the table that all reads of content need, again and again, so that a read waits for about 50 ms."""
    stop = threading.Event()
    given = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)

    def hold() -> None:
        with psycopg.connect(given) as connection:
            while not stop.is_set():
                connection.execute("LOCK TABLE published IN ACCESS EXCLUSIVE MODE")
                time.sleep(WAIT_SECONDS)
                connection.rollback()

    holder = threading.Thread(target=hold)
    holder.start()
    try:
        yield
    finally:
        stop.set()
        holder.join()


@contextmanager
def _missing(server: Server, cold: Iterator[int], waits: list[float]) -> Iterator[None]:
    """Clients that ask for one address after the other that nobody asked for before."""
    stop = threading.Event()

    def ask() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        while not stop.is_set():
            instant = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(4_000_000_000 + next(cold)))
            began = time.perf_counter()
            connection.request(
                "GET", f"{CLINIC}/topics?locale=en&page%5Bsize%5D=1&filter%5Bupdated_at%5D%5Blt%5D={instant}"
            )
            reply = connection.getresponse()
            body = reply.read()
            if reply.status not in (200, 503):
                raise SystemExit(f"A cold address was answered with {reply.status}: {json.loads(body)}")
            waits.append(time.perf_counter() - began)
        connection.close()

    clients = [threading.Thread(target=ask) for _ in range(SLOW_CLIENTS)]
    for each in clients:
        each.start()
    try:
        yield
    finally:
        stop.set()
        for each in clients:
            each.join()


def _middle(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]
