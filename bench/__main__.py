"""python -m bench: measures the cached and the uncached read, or writing, and prints one table of ratios."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import platform
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import bounds, cached, libraries, wrk
from bench.large import large_moves
from bench.reading import Figure, beside_bare, beside_small, deep_page
from bench.searching import beside_datasette
from bench.writing import beside_bare_write, copied, small_sqlite
from tests.engines import postgres

RESULTS = Path(__file__).parent / "results"


def main() -> None:
    """Measure, print, and keep the result as JSON in bench/results."""
    options = _options()
    with ExitStack() as stack:
        if options.writing:
            figures, topics, title = _writing(stack, options), 100, "1 worker of 8 threads"
        elif options.cached:
            figures, topics, title = _cached(stack, options), 100, "2 workers of 8 threads, 32 connections"
        else:
            figures, topics, title = _uncached(stack, options), options.topics, "1 worker of 8 threads"
            if not options.uncached:
                figures = [*_cached(stack, options), *figures]
                title = "cached: 2 workers, 32 connections, 100 topics; uncached: 1 worker, one connection"
    show(figures, f"Median of interleaved rounds, {topics} topics in two languages, {title}")
    keep(figures, topics)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("--topics", type=int, default=10_000, help="topics in the large library")
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds a figure")
    parser.add_argument("--seconds", type=float, default=2.0, help="seconds a round and target")
    parser.add_argument("--quick", action="store_true", help="100,000 requests for the figure of memory")
    parser.add_argument("--no-postgres", dest="postgres", action="store_false")
    parser.add_argument("--no-datasette", dest="datasette", action="store_false")
    alone = parser.add_mutually_exclusive_group()
    alone.add_argument("--cached", action="store_true", help="measure the cached read alone")
    alone.add_argument("--uncached", action="store_true", help="measure the uncached read alone")
    alone.add_argument("--writing", action="store_true", help="measure writing alone")
    options = parser.parse_args()
    if not (options.uncached or options.writing):
        wrk.needed()
    return options


def _cached(stack: ExitStack, options: argparse.Namespace) -> list[Figure]:
    """The cached read beside its references, and what it does at its bounds."""
    rounds, seconds = options.rounds, options.seconds
    small = stack.enter_context(small_sqlite())
    figures = cached.figures(small, rounds, seconds)
    if options.postgres:
        server = stack.enter_context(postgres())
        there = stack.enter_context(libraries.on_postgres(100, server))
        figures.append(bounds.beside_slow_misses(there, rounds, seconds))
    large = libraries.on_sqlite(options.topics)
    figures.append(bounds.many_hot(large, options.topics, rounds, seconds))
    figures.append(bounds.memory(large, options.topics, 100_000 if options.quick else 1_000_000))
    return figures


def _uncached(stack: ExitStack, options: argparse.Namespace) -> list[Figure]:
    """The uncached read beside its references on both databases."""
    large, small = libraries.on_sqlite(options.topics), libraries.on_sqlite(100)
    figures = [beside_bare("SQLite", large, "at least 0.30", options.rounds, options.seconds)]
    figures += beside_small("SQLite", large, small, options.rounds, options.seconds)
    deep = min(400, options.topics // 20)
    figures.append(deep_page("SQLite", large, deep, options.rounds, options.seconds))
    if options.postgres:
        server = stack.enter_context(postgres(durable=True))
        big = stack.enter_context(libraries.on_postgres(options.topics, server))
        little = stack.enter_context(libraries.on_postgres(100, server))
        figures.append(beside_bare("PostgreSQL", big, "at least 0.18", options.rounds, options.seconds))
        figures += beside_small("PostgreSQL", big, little, options.rounds, options.seconds)
        figures.append(deep_page("PostgreSQL", big, deep, options.rounds, options.seconds))
    if options.datasette:
        figures += beside_datasette(large, options.rounds, options.seconds)
    return figures


def _writing(stack: ExitStack, options: argparse.Namespace) -> list[Figure]:
    """PATCH beside its bare statements on both databases, and the large moves."""
    rounds, seconds = options.rounds, options.seconds
    env = stack.enter_context(small_sqlite())
    figures = [beside_bare_write("SQLite", env, copied, rounds, seconds)]
    figures += large_moves("SQLite", env)
    if options.postgres:
        server = stack.enter_context(postgres(durable=True))
        there = stack.enter_context(libraries.on_postgres(100, server))
        twin_of = partial(libraries.twin, server=server)
        figures.append(beside_bare_write("PostgreSQL", there, twin_of, rounds, seconds))
        figures += large_moves("PostgreSQL", there)
    return figures


def show(figures: list[Figure], title: str) -> None:
    """Print one table of ratios with the run's noise."""
    table = Table(title=title)
    for heading in ("figure", "median", "least", "most", "goal", "measured"):
        table.add_column(heading, overflow="fold")
    for each in figures:
        row = (f"{each.median:.2f}", f"{min(each.ratios):.2f}", f"{max(each.ratios):.2f}", each.goal, each.told)
        table.add_row(each.name, *row)
    Console(width=170).print(table)


def keep(figures: list[Figure], topics: int) -> None:
    """Write the figures to bench/results."""
    RESULTS.mkdir(exist_ok=True)
    now = dt.datetime.now(dt.UTC)
    rows = [{"name": each.name, "ratios": each.ratios, "goal": each.goal, "told": each.told} for each in figures]
    told = {"at": now.isoformat(timespec="seconds"), "machine": platform.platform(), "topics": topics, "figures": rows}
    (RESULTS / f"{now:%Y-%m-%dT%H%M%S}.json").write_text(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
