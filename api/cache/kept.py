"""What the edge says of a reply that may be kept: on what it depends, and until when it holds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

ENVIRON = "clinic_cms.kept"
"""Where in the WSGI environment the word stands; without it a reply is never kept."""


@dataclass(frozen=True)
class Kept:
    """A public reply of one clinic; `until` in epoch seconds, None if nothing is planned."""

    clinic: str
    tags: frozenset[str]
    until: int | None


def keep(environ: dict[str, Any], clinic: str, tags: set[str], until: int | None) -> None:
    """Say that the reply being made may be kept."""
    environ[ENVIRON] = Kept(clinic, frozenset(tags), until)


def also(environ: dict[str, Any], tags: set[str]) -> None:
    """Say that the reply depends on more, if it may be kept."""
    if (kept := environ.get(ENVIRON)) is not None:
        environ[ENVIRON] = replace(kept, tags=kept.tags | tags)


def take_back(environ: dict[str, Any]) -> None:
    """Say nothing of the reply: another one is made."""
    environ.pop(ENVIRON, None)
