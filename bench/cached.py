"""Figures of the cached read: beside a bare WSGI reply of the same bytes, beside nginx, from Redis, and uncached."""

from __future__ import annotations

import http.client
import json
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import nginx
from bench.reading import FRAGMENT, ITEM, LIST, SEARCH, Figure
from bench.servers import UNCACHED, Server, clinic_cms, serving
from bench.wrk import Run, wire, wrk
from tests.engines import redis_server

Fields = Sequence[tuple[str, str]]
ADDED = ("server", "date", "connection", "transfer-encoding")
"""Fields that the server adds to every application's reply."""
WORKERS = 2
BR = (("Accept-Encoding", "br"),)
GOAL = "at least 0.85 (0.95)"


@dataclass(frozen=True)
class Reply:
    """A reply as it came: status line, fields and bytes."""

    status: str
    head: tuple[tuple[str, str], ...]
    body: bytes

    def field(self, name: str) -> str:
        return next((value for each, value in self.head if each.lower() == name), "")

    def short(self) -> Reply:
        """The same bytes under the least of a head."""
        return Reply(
            self.status, (("Content-Type", "application/json"), ("Content-Length", str(len(self.body)))), self.body
        )


@dataclass(frozen=True)
class Row:
    """What is asked of the cached service, and how the reference is called."""

    name: str
    path: str
    head: Fields = ()
    strict: bool = True
    """Whether a reply that is no 200 and no 304 ends the run; the uncached service may turn some away."""


def figures(env: Mapping[str, str], rounds: int, seconds: float) -> list[Figure]:
    """Every row of the cached read that is a ratio against a reference in the same rounds."""
    found: list[Figure] = []
    with clinic_cms(env, WORKERS) as ours:
        etag = fetch(ours, ITEM).field("etag")
        for row in (
            Row("item", ITEM),
            Row("list of 20", LIST),
            Row("search", SEARCH),
            Row("304", ITEM, (("If-None-Match", etag),)),
            Row("br variant", ITEM, BR),
            Row("embed fragment", FRAGMENT),
        ):
            found.append(beside_bare(f"cached {row.name}", ours, row, GOAL, rounds, seconds))
        if nginx.program():
            found.append(beside_nginx(ours, rounds, seconds))
        else:
            print("No figure beside nginx: it is not here. Debian: apt-get install nginx-light", file=sys.stderr)
        with clinic_cms({**env, **UNCACHED}, WORKERS) as uncached:
            found.append(_uncached(ours, uncached, rounds, seconds))
    with redis_server() as url, clinic_cms({**env, **UNCACHED, "REDIS_URL": url}, WORKERS) as ours:
        fetch(ours, ITEM)
        if "detail=redis" not in (how := fetch(ours, ITEM).field("cache-status")):
            raise SystemExit(f"With an empty first tier the item came by {how!r}, not from Redis.")
        found.append(beside_bare("item from Redis", ours, Row("item", ITEM), "at least 0.25", rounds, seconds))
    return found


def beside_bare(name: str, ours: Server, row: Row, goal: str, rounds: int, seconds: float) -> Figure:
    """A row beside a bare WSGI reply of the same head and body; the same body under two fields is told as well."""
    reply = warm(ours, row.path, row.head)
    asked = {"bare": reply, "short": reply.short()} if reply.body else {"bare": reply}
    with ExitStack() as stack:
        servers = {each: stack.enter_context(bare(what)) for each, what in asked.items()} | {"ours": ours}
        runs = in_turn({each: _asking(server, row, seconds) for each, server in servers.items()}, rounds)
    told = _told(runs, "bare", "bare")
    if "short" in runs:
        told += f"; bare with 2 fields: {ratio(runs, 'short')}"
    name = f"{name} / bare WSGI reply of the same {len(reply.body)} bytes and {len(reply.head)} fields"
    return Figure(name, ratios(runs, "bare"), goal, told)


def beside_nginx(ours: Server, rounds: int, seconds: float) -> Figure:
    """The item beside nginx with its bytes as a file."""
    row = Row("item", ITEM)
    reply = warm(ours, row.path, row.head)
    with nginx.static(reply.body) as file:
        servers = {"nginx": file, "ours": ours}
        runs = in_turn({each: _asking(server, row, seconds) for each, server in servers.items()}, rounds)
    name = "cached item / nginx with the same bytes as a static file"
    return Figure(name, ratios(runs, "nginx"), "at least 0.35 (0.50)", _told(runs, "nginx", "nginx"))


@contextmanager
def bare(reply: Reply) -> Iterator[Server]:
    """A WSGI application that gives out a reply, on the same server with the same flags."""
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "reply.json"
        told.write_text(json.dumps({"status": reply.status, "head": reply.head}), encoding="utf-8")
        told.with_suffix(".body").write_bytes(reply.body)
        with serving("bench.bare_reply:app", {"BENCH_REPLY": str(told)}, None, WORKERS) as server:
            yield server


def fetch(server: Server, path: str, head: Fields = ()) -> Reply:
    """One reply of a server, without what the server adds to every reply."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("GET", wire(path), headers=dict(head))
    reply = connection.getresponse()
    fields = tuple((name, value) for name, value in reply.getheaders() if name.lower() not in ADDED)
    found = Reply(f"{reply.status} {reply.reason}", fields, reply.read())
    connection.close()
    return found


def in_turn(asked: Mapping[str, Callable[[], Run]], rounds: int) -> dict[str, list[Run]]:
    """Run all targets round by round, each round beginning with another one."""
    runs: dict[str, list[Run]] = {name: [] for name in asked}
    names = list(asked)
    for turn in range(rounds):
        at = turn % len(names)
        for name in names[at:] + names[:at]:
            runs[name].append(asked[name]())
    return runs


def ratios(runs: Mapping[str, Sequence[Run]], reference: str) -> list[float]:
    """Requests a second of ours over those of the reference, round by round."""
    return [mine.per_second / its.per_second for mine, its in zip(runs["ours"], runs[reference], strict=True)]


def _uncached(ours: Server, uncached: Server, rounds: int, seconds: float) -> Figure:
    row = Row("item", ITEM, strict=False)
    warm(uncached, row.path)
    servers = {"uncached": uncached, "ours": ours}
    runs = in_turn({each: _asking(server, row, seconds) for each, server in servers.items()}, rounds)
    return Figure(
        "cached item / uncached item", ratios(runs, "uncached"), "printed", _told(runs, "uncached", "uncached")
    )


def warm(server: Server, path: str, head: Fields = ()) -> Reply:
    """A reply, once every worker keeps it: one that has just been started turns some away."""
    fetch(server, path, head)
    for _ in range(10):
        if not wrk(server, path, 1, head, strict=False).refused:
            break
    return fetch(server, path, head)


def _asking(server: Server, row: Row, seconds: float) -> Callable[[], Run]:
    return lambda: wrk(server, row.path, seconds, row.head, strict=row.strict)


def _told(runs: Mapping[str, Sequence[Run]], reference: str, called: str) -> str:
    return f"{ratio(runs, reference, rate=False)}; {speed(runs['ours'])} beside {called} {speed(runs[reference])}"


def ratio(runs: Mapping[str, Sequence[Run]], reference: str, *, rate: bool = True) -> str:
    pairs = list(zip(runs["ours"], runs[reference], strict=True))
    by_cpu = statistics.median(its.cpu_us / mine.cpu_us for mine, its in pairs)
    by_rate = f"{statistics.median(ratios(runs, reference)):.2f}, " if rate else ""
    return f"{by_rate}by processor time {by_cpu:.2f}"


def speed(runs: Sequence[Run]) -> str:
    rate, cpu = (statistics.median(getattr(each, name) for each in runs) for name in ("per_second", "cpu_us"))
    return f"{rate:,.0f}/s, {cpu:.0f} µs"
