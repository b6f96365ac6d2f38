"""A bar on a terminal while something takes long; nothing where nobody looks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn

Step = Callable[[str, int, int | None], None]
"""Told the label, how much is done, and of how much (None or 0: not known yet)."""


@contextmanager
def bar(quiet: bool) -> Iterator[Step]:
    """A line for each label, on standard error."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    from rich.console import Console

    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=quiet or not sys.stderr.isatty(), transient=True) as progress:
        tasks: dict[str, TaskID] = {}

        def step(label: str, done: int, total: int | None) -> None:
            if label not in tasks:
                tasks[label] = progress.add_task(label, total=total or None)
            progress.update(tasks[label], completed=done, total=total or None)

        yield step
