"""Figures of the uncached read: against a bare reply, against a small library, and deep into a list."""

from __future__ import annotations

import json
import statistics
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from bench.load import Sample, ask
from bench.servers import UNCACHED, Server, serving

CLINIC = "/v1/clinics/demo-south"
ITEM = f"{CLINIC}/topics/mesotherapy"
LIST = f"{CLINIC}/topics?page[size]=20&locale=en"
SEARCH = f"{CLINIC}/search?q=collagen&locale=en"
FRAGMENT = "/embed/demo-south/topics/mesotherapy.html?locale=en"


@dataclass(frozen=True)
class Figure:
    """One line of the table: what was measured beside what, per round, and the goal if there is one."""

    name: str
    ratios: list[float]
    goal: str
    told: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.ratios)


@contextmanager
def service(env: Mapping[str, str]) -> Iterator[Server]:
    """One worker that answers every read from the database, as if nobody had asked before."""
    with serving("bench.uncached:app", {**UNCACHED, **env}, "/readyz") as server:
        yield server


def beside_bare(label: str, env: Mapping[str, str], goal: str, rounds: int, seconds: float) -> Figure:
    """An uncached item without include, beside a bare RESTX reply of the same bytes on the same server.

    The ratio is of server processor time a request, so the client's own cost does not flatter it.
    """
    with ExitStack() as stack:
        ours = stack.enter_context(service(env))
        body = fetch(ours, ITEM)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (folder / "body").write_bytes(body)
        bare = stack.enter_context(serving("bench.bare:app", {"BENCH_BODY": str(folder / "body")}, ITEM))
        pairs = [(ask(bare, [ITEM], seconds), ask(ours, [ITEM], seconds)) for _ in range(rounds)]
    ratios = [reference.cpu_us / mine.cpu_us for reference, mine in pairs]
    clock = [reference.p50 / mine.p50 for reference, mine in pairs]
    mine, reference = _middle([each for _, each in pairs]), _middle([each for each, _ in pairs])
    told = f"{mine}; bare {reference}; by p50 {statistics.median(clock):.2f}"
    return Figure(f"uncached item / bare RESTX reply of {len(body)} bytes, {label}", ratios, goal, told)


def beside_small(
    label: str, large: Mapping[str, str], small: Mapping[str, str], rounds: int, seconds: float
) -> list[Figure]:
    """p50 of item, list and search in a large library, beside the same in one of 100 topics."""
    asked = {"item": [ITEM], "list of 20": [LIST], "search": [SEARCH]}
    with service(large) as big, service(small) as little:
        figures = []
        for name, paths in asked.items():
            pairs = [(ask(little, paths, seconds), ask(big, paths, seconds)) for _ in range(rounds)]
            ratios = [mine.p50 / reference.p50 for reference, mine in pairs]
            told = _beside([each for _, each in pairs], [each for each, _ in pairs])
            goal = "at most 1.5" if name != "search" else "printed"
            figures.append(Figure(f"{name}, p50 in 10,000 topics / in 100, {label}", ratios, goal, told))
    return figures


def deep_page(label: str, env: Mapping[str, str], page: int, rounds: int, seconds: float) -> Figure:
    """Page 400 by cursor, beside page 1."""
    with service(env) as server:
        path = f"{CLINIC}/topics?page[size]=20&locale=en"
        there = path
        for _ in range(page - 1):
            following = json.loads(fetch(server, there))["links"]["next"]
            if following is None:
                break
            there = following
        pairs = [(ask(server, [path], seconds), ask(server, [there], seconds)) for _ in range(rounds)]
    ratios = [deep.p50 / first.p50 for first, deep in pairs]
    told = _beside([each for _, each in pairs], [each for each, _ in pairs])
    return Figure(f"page {page} by cursor / page 1, p50, {label}", ratios, "about 1", told)


def fetch(server: Server, path: str) -> bytes:
    address = f"http://127.0.0.1:{server.port}{quote(path, safe='/?=&%.,-_')}"
    with urllib.request.urlopen(address, timeout=30) as reply:
        body: bytes = reply.read()
        return body


def _beside(mine: list[Sample], reference: list[Sample]) -> str:
    here, there = (statistics.median(each.p50 for each in samples) for samples in (mine, reference))
    return f"p50 {here:.2f} ms beside {there:.2f} ms"


def _middle(samples: list[Sample]) -> str:
    return f"{statistics.median(each.cpu_us for each in samples):.0f} µs of processor"
