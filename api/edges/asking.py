"""One HTTP request to a shared cache or its provider, never waited for long."""

from __future__ import annotations

from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Protocol
from urllib.parse import urlsplit

TIMEOUT = 2.0
"""Seconds for each step: to connect, to send, to hear something."""
HEARD_AT_MOST = 4_096


class EdgeFailed(Exception):
    """A cache was not reached, or did not do it; it has to be told again."""


class Edge(Protocol):
    """A shared cache that can forget replies by the words in their Surrogate-Key (Cache-Tag) header.

    `purge` returns once it forgot those with any of the words, at most `batch` of them; else it raises EdgeFailed.
    """

    @property
    def batch(self) -> int: ...

    def purge(self, words: list[str]) -> None: ...


def ask(url: str, method: str, headers: dict[str, str], body: bytes | None = None) -> bytes:
    """The beginning of a 2xx reply's body. Raises EdgeFailed for any other, and where there is none."""
    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.netloc, timeout=TIMEOUT)
    try:
        connection.request(method, parts.path or "/", body, {"User-Agent": "clinic-cms", **headers})
        reply = connection.getresponse()
        heard = reply.read(HEARD_AT_MOST)
    except (OSError, HTTPException) as error:
        raise EdgeFailed(f"{parts.netloc} can't be asked: {str(error) or type(error).__name__}") from error
    finally:
        connection.close()
    if not 200 <= reply.status < 300:
        raise EdgeFailed(f"{parts.netloc} answered {reply.status} to {method}: {heard[:200].decode(errors='replace')}")
    return heard
