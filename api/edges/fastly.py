"""Fastly: one request drops up to 256 surrogate keys of a service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from api.edges.asking import ask


@dataclass(frozen=True)
class Fastly:
    """A service by its id. https://www.fastly.com/documentation/reference/api/purging/

    Dropped at once, not softly: a soft purge would let the old reply be shown while it is made anew.
    """

    service: str
    token: Callable[[], str]
    base: str = "https://api.fastly.com"
    batch: int = 256

    def purge(self, words: list[str]) -> None:
        headers = {"Fastly-Key": self.token(), "Surrogate-Key": " ".join(words), "Accept": "application/json"}
        ask(f"{self.base}/service/{self.service}/purge", "POST", headers)
