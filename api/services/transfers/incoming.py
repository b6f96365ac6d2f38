"""One text as a file brings it, before anything of it is believed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Fault = dict[str, Any]


@dataclass
class Incoming:
    """`document` is a whole one, `changes` a merge patch of what is there; `overlay` is a clinic's patch.

    `clinic` is a slug, None for the library, "" where the file says nothing. `notes` say what was left out and why.
    """

    line: int
    type: str = ""
    clinic: str | None = ""
    locale: str = ""
    slug: str = ""
    document: dict[str, Any] | None = None
    changes: dict[str, Any] | None = None
    overlay: bool = False
    external_key: str | None = None
    id: str | None = None
    address: str | None = None
    revision: int | None = None
    notes: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


@dataclass
class Reading:
    """A file being read: its texts in order, and how many of what else was in it and is not taken."""

    rows: Iterator[Incoming]
    left_out: Counter[str] = field(default_factory=Counter)


def fault(pointer: str, code: str, detail: str, **more: Any) -> Fault:
    """What is wrong with a row, and what to change."""
    return {"pointer": pointer, "code": code, "detail": detail[:1_000], **more}
