"""Asking the application for a reply that may be kept: with nothing of the request but what names the reply."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from api.cache.kept import ENVIRON, Kept
from api.cache.keys import Key
from api.cache.stored import MADE_ANEW, Head, Stored

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]
CREDENTIALS = ("HTTP_AUTHORIZATION", "HTTP_ORIGIN")
"""What a private clinic looks at; its replies are never kept."""
FRAME = ("SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL", "SCRIPT_NAME", "REMOTE_ADDR", "wsgi.url_scheme", "HTTP_HOST")


@dataclass
class Loaded:
    """A reply of the application, whole."""

    status: str
    head: Head
    body: bytes
    kept: Kept | None

    @property
    def failed(self) -> bool:
        return self.status[0] == "5"

    def stored(self, key: Key, clock: int, now: float) -> Stored | None:
        """It as something to keep; None where it is nobody else's business."""
        if self.kept is None or self.status[:3] not in ("200", "404", "410"):
            return None
        told = {name.lower(): value for name, value in self.head}
        if "set-cookie" in told:
            return None
        head = [each for each in self.head if each[0].lower() not in MADE_ANEW]
        return Stored(
            key=key,
            clinic=self.kept.clinic,
            tags=self.kept.tags,
            until=self.kept.until,
            clock=clock,
            status=self.status,
            head=head,
            etag=told.get("etag", ""),
            modified=told.get("last-modified", ""),
            body=self.body,
            made=now,
            request_id=told.get("x-request-id", "") if self.status[0] == "4" else "",
        )


def load(application: Application, key: Key, request: Environ | None = None) -> Loaded:
    """Ask for a key. Of `request` only the credentials count, so nothing else of it can get into what is kept."""
    environ = _environ(key, request or {})
    told: list[Any] = []

    def start_response(status: str, head: Head, exc_info: Any = None) -> Callable[[bytes], object]:
        told[:] = [status, head]
        return lambda _: None

    parts = application(environ, start_response)
    try:
        body = b"".join(parts)
    finally:
        close = getattr(parts, "close", None)
        if close is not None:
            close()
    return Loaded(told[0], told[1], body, environ.get(ENVIRON))


def _environ(key: Key, request: Environ) -> Environ:
    environ: Environ = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",  # The application puts there what its addresses begin with.
        "PATH_INFO": key[0],
        "QUERY_STRING": key[1],
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    environ.update((name, request[name]) for name in (*FRAME, *CREDENTIALS) if name in request)
    return environ
