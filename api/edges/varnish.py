"""A cache of one's own that takes `PURGE` with words: Varnish with the xkey module, or whatever does the same."""

from __future__ import annotations

from dataclasses import dataclass

from api.edges.asking import ask


@dataclass(frozen=True)
class Varnish:
    """`url` such as http://cache:6081. The words stand in `xkey-purge` and in `Surrogate-Key`: a cache reads either."""

    url: str
    batch: int = 200
    """So that a header stays well below the 8 kB that Varnish takes by default."""

    def purge(self, words: list[str]) -> None:
        told = " ".join(words)
        ask(self.url, "PURGE", {"xkey-purge": told, "Surrogate-Key": told})
