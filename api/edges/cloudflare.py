"""Cloudflare: one request drops up to 100 tags of a zone; replies carry them in `Cache-Tag`."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from api.edges.asking import EdgeFailed, ask


@dataclass(frozen=True)
class Cloudflare:
    """A zone by its id. https://developers.cloudflare.com/cache/how-to/purge-cache/purge-by-tags/"""

    zone: str
    token: Callable[[], str]
    base: str = "https://api.cloudflare.com/client/v4"
    batch: int = 100

    def purge(self, words: list[str]) -> None:
        headers = {"Authorization": f"Bearer {self.token()}", "Content-Type": "application/json"}
        heard = ask(f"{self.base}/zones/{self.zone}/purge_cache", "POST", headers, json.dumps({"tags": words}).encode())
        try:
            done = json.loads(heard).get("success") is True
        except (ValueError, AttributeError):
            done = False
        if not done:
            raise EdgeFailed(f"Cloudflare did not say that it did it: {heard[:200].decode(errors='replace')}")
