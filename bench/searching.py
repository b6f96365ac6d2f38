"""Search beside datasette's full-text search: the same rows, the same words, 20 ranked hits."""

from __future__ import annotations

import json
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from bench.load import ask
from bench.reading import CLINIC, Figure, service
from bench.servers import Server, free_port, wait
from schemas.delivery import Delivered, texts

SHARES = (0.01, 0.10, 0.50)


def beside_datasette(env: Mapping[str, str], rounds: int, seconds: float) -> list[Figure]:
    """One figure per share of rows that hold the word: p50 of datasette's page of hits over p50 of ours."""
    library = Path(env["DATABASE_URL"].removeprefix("sqlite:///"))
    with tempfile.TemporaryDirectory() as folder:
        rows = Path(folder) / "rows.db"
        counts, total = _export(library, rows)
        with service(env) as ours, _datasette(rows) as theirs:
            return [_figure(ours, theirs, counts, total, share, rounds, seconds) for share in SHARES]


def _figure(
    ours: Server, theirs: Server, counts: dict[str, int], total: int, share: float, rounds: int, seconds: float
) -> Figure:
    word = min(sorted(counts), key=lambda each: abs(counts[each] / total - share))
    query = "select rowid, title, summary, rank from rows where rows match :q order by rank limit 20"
    there = "/rows.json?" + urlencode({"sql": query, "q": word, "_shape": "array"})
    here = f"{CLINIC}/search?" + urlencode({"q": word, "locale": "en", "type": "topic", "page[size]": 20})
    pairs = [(ask(theirs, [there], seconds), ask(ours, [here], seconds)) for _ in range(rounds)]
    ratios = [reference.p50 / mine.p50 for reference, mine in pairs]
    mine, reference = (statistics.median(each[at].p50 for each in pairs) for at in (1, 0))
    told = f"{word!r} in {counts[word] / total:.1%} of {total} rows; p50 {mine:.1f} ms beside {reference:.1f} ms"
    return Figure(f"datasette's search / ours, word in {share:.0%} of the rows", ratios, "printed", told)


def _export(library: Path, target: Path) -> tuple[dict[str, int], int]:
    """Copy the words of every English topic into an FTS5 table; returns how many rows hold each word, and all."""
    from schemas.content.topic import TOPIC

    counts: dict[str, int] = {}
    total = 0
    with sqlite3.connect(library) as source, sqlite3.connect(target) as out:
        out.execute("CREATE VIRTUAL TABLE rows USING fts5(title, summary, body, tokenize='porter unicode61')")
        asked = "SELECT title, document, sources FROM published WHERE type='topic' AND locale='en' AND state='live'"
        for title, document, sources in source.execute(asked):
            delivered = Delivered(json.loads(document), json.loads(sources))
            words = [text for _, _, text in texts(TOPIC, delivered)]
            out.execute("INSERT INTO rows VALUES (?, ?, ?)", (title, words[1], " ".join(words[2:])))
            total += 1
            for word in {each.strip(".,;:!?()\"“”").lower() for text in words for each in text.split()}:
                if word.isalpha() and len(word) > 4:
                    counts[word] = counts.get(word, 0) + 1
    return counts, total


@contextmanager
def _datasette(rows: Path) -> Iterator[Server]:
    port = free_port()
    command = [sys.executable, "-m", "datasette", "serve", str(rows), "--port", str(port), "--host", "127.0.0.1"]
    limits = ["--setting", "sql_time_limit_ms", "10000"]
    process = subprocess.Popen([*command, *limits], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait(port, "/-/versions.json", process)
        yield Server(port, process)
    finally:
        process.terminate()
        process.wait(20)
