"""python -m bench.peers: the cached item and list beside Wagtail's API v2 with its Redis cache, and beside nginx."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from bench import nginx
from bench.__main__ import keep, show
from bench.cached import WORKERS, fetch, in_turn, ratio, ratios, speed, warm
from bench.reading import CLINIC, ITEM, LIST, Figure
from bench.servers import ROOT, Server, clinic_cms, serving
from bench.writing import small_sqlite
from bench.wrk import needed, wrk
from tests.engines import redis_server

SECTIONS = ("aspect", "title", "body")
THEIR_LIST = "/api/v2/pages/?type=wagtail_site.TopicPage&fields=summary&limit=20"


def main() -> None:
    """Measure, print, and keep the result as JSON in bench/results."""
    parser = argparse.ArgumentParser(prog="python -m bench.peers")
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds a figure")
    parser.add_argument("--seconds", type=float, default=2.0, help="seconds a round and target")
    options = parser.parse_args()
    needed()
    with ExitStack() as stack:
        url = stack.enter_context(redis_server())
        env = stack.enter_context(small_sqlite())
        ours = stack.enter_context(clinic_cms({**env, "REDIS_URL": url}, WORKERS))
        theirs, item = stack.enter_context(_wagtail(ours, url))
        figures = []
        for name, mine, its in (("item", ITEM, item), ("list of 20", LIST, THEIR_LIST)):
            figures += _beside(name, (ours, mine), (theirs, its), options.rounds, options.seconds)
    show(figures, f"Median of interleaved rounds, {WORKERS} workers of 8 threads, 32 connections, 100 topics")
    keep(figures, 100)


def _beside(
    name: str, mine: tuple[Server, str], its: tuple[Server, str], rounds: int, seconds: float
) -> Iterator[Figure]:
    """Ours over Wagtail's, and both over nginx with our bytes as a file."""
    body = warm(*mine).body
    size = len(warm(*its).body)
    with ExitStack() as stack:
        asked = {"ours": partial(wrk, *mine, seconds), "wagtail": partial(wrk, *its, seconds)}
        if nginx.program():
            file = stack.enter_context(nginx.static(body))
            asked["nginx"] = partial(wrk, file, mine[1], seconds)
        runs = in_turn(asked, rounds)
    sizes = f"{len(body)} bytes beside {size}"
    told = f"{ratio(runs, 'wagtail', rate=False)}; {speed(runs['ours'])} beside {speed(runs['wagtail'])}; {sizes}"
    beside = f"cached {name}: ours / Wagtail's API v2 with its Redis cache"
    yield Figure(beside, ratios(runs, "wagtail"), "printed", told)
    if "nginx" in runs:
        for who in ("ours", "wagtail"):
            parts = [one.per_second / file.per_second for one, file in zip(runs[who], runs["nginx"], strict=True)]
            beside = f"cached {name}: {who} / nginx with our bytes as a static file"
            yield Figure(beside, parts, "printed", speed(runs[who]))


@contextmanager
def _wagtail(ours: Server, redis_url: str) -> Iterator[tuple[Server, str]]:
    """A site with the same topics on the same server; yields it and the address of its mesotherapy."""
    with tempfile.TemporaryDirectory() as folder:
        topics = Path(folder) / "topics.json"
        topics.write_text(json.dumps(list(_topics(ours))), encoding="utf-8")
        env = {"BENCH_DATA": folder, "BENCH_REDIS": redis_url.replace("?db=0", "?db=1")}
        made = _filled(topics, env)
        item = f"/api/v2/pages/{made}/"
        with serving("bench.wagtail_site.wsgi:app", env, item, WORKERS) as server:
            yield server, item


def _filled(topics: Path, env: Mapping[str, str]) -> str:
    command = [sys.executable, "-m", "bench.wagtail_site.fill", str(topics)]
    done = subprocess.run(command, cwd=ROOT, env={**env, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"Wagtail's site could not be made (make bench-peers installs it):\n{done.stderr[-2000:]}")
    return done.stdout.split()[-1]


def _topics(ours: Server) -> Iterator[dict[str, object]]:
    """The item that is measured, then the rest of the library as far as a list of 100 goes."""
    listed = json.loads(fetch(ours, f"{CLINIC}/topics?page[size]=100&locale=en&fields[topic]=title").body)["data"]
    slugs = [each["slug"] for each in listed]
    for slug in sorted(slugs, key=lambda each: not ITEM.endswith(each)):
        topic = json.loads(fetch(ours, f"{CLINIC}/topics/{slug}?locale=en").body)["data"]
        sections = [{name: each[name] for name in SECTIONS} for each in topic["sections"]]
        yield {"title": topic["title"], "slug": slug, "summary": topic["summary"], "sections": sections}


if __name__ == "__main__":
    main()
