"""What the command line does with the seed, with progress on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from api.db import Database
from api.services.processes.statistics import count_anew
from seed import files
from seed.bulk import add_generated
from seed.load import load as load_files


def load(database: Database) -> bool:
    """Load the files; returns whether anything had to be done."""
    texts = sum(len(each.texts) for each in files.entry_files())
    with _bar("Loading the demo library", texts) as step:
        loaded = load_files(database, lambda _: step(1))
    if loaded:
        count_anew(database)
    return loaded


def scale(database: Database, count: int) -> int:
    """Add generated topics; returns how many were new."""
    load_files(database)
    with _bar("Adding generated topics", count) as step:
        added = add_generated(database, count, step)
    count_anew(database)
    return added


@contextmanager
def _bar(label: str, total: int) -> Iterator[Callable[[int], None]]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, disable=not sys.stderr.isatty(), transient=True) as progress:
        task = progress.add_task(label, total=total)
        yield lambda done: progress.update(task, advance=done)
