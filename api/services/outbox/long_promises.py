"""Promises that take many transactions, by kind: each step is done once, and whoever comes next goes on after it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from api.db import Database
from api.services.outbox.promises import NoSense
from api.services.transfers import jobs
from api.services.transfers.jobs import Overtaken

KINDS = ("transfer",)
_TRANSFER = re.compile(r"transfer:((?:imp|exp)_[a-z0-9]{1,30})\Z")

__all__ = ["KINDS", "Overtaken", "steps", "stumbled"]


def steps(database: Database, subject: str, alone: Callable[[], bool]) -> Iterator[Any]:
    """Do the next steps of what was promised, until it is done. Raises NoSense for what is no such promise."""
    return jobs.run(database, _id(subject), alone)


def stumbled(database: Database, subject: str, *, last: bool) -> None:
    """Say where it is looked for that something went wrong; with `last`, that nothing comes of it any more."""
    jobs.stumbled(database, _id(subject), last=last)


def _id(subject: str) -> str:
    if (found := _TRANSFER.match(subject)) is None:
        raise NoSense(f"{subject!r} is no import or export.")
    return found[1]
