"""The access log: a line a request, put together in the background; hits are left out unless they are wanted."""

from __future__ import annotations

import re
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from api.cache.stored import Head
from api.front.limits import address_of, shortened
from api.front.loading import Application, Environ, StartResponse

WAITING_AT_MOST = 50_000
"""Lines that wait to be written; more than that in half a second are dropped, and the number is told."""
VALUES = re.compile(r"=[^&]*")
"""Of a query only the names are written down: what somebody searches for about their health is nobody's business."""
_UNSAFE = re.compile(r"[^\x21-\x7e]")


class AccessLog:
    """Wraps an application; `flush` writes what was noted since the last time."""

    def __init__(self, application: Application, hops: int, write: Callable[[str], object] | None = None) -> None:
        self._application, self._hops = application, hops
        self._write = write or _printed
        self._lines: deque[tuple[Any, ...]] = deque()
        self._dropped = 0
        self._flushing = threading.Lock()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        began = time.time()
        told: list[Any] = []

        def started(status: str, head: Head, exc_info: Any = None) -> Any:
            told[:] = [status, head]
            return start_response(status, head, exc_info) if exc_info else start_response(status, head)

        try:
            return self._application(environ, started)
        finally:
            if len(self._lines) < WAITING_AT_MOST:
                self._lines.append((environ, told, began, time.time() - began))
            else:
                self._dropped += 1

    def flush(self) -> None:
        """Write the lines noted so far, in one piece; whoever comes meanwhile waits until they are written."""
        with self._flushing:
            lines = [self._line(*self._lines.popleft()) for _ in range(len(self._lines))]
            if self._dropped:
                lines.append(f"- {self._dropped} more requests came faster than they could be written down\n")
                self._dropped = 0
            if lines:
                self._write("".join(lines))

    def _line(self, environ: Environ, told: list[Any], began: float, took: float) -> str:
        status, head = told or ("500", [])
        named = {name.lower(): value for name, value in head}
        when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(began))
        target = _UNSAFE.sub("_", environ["PATH_INFO"])
        if query := environ["QUERY_STRING"]:
            target += "?" + _UNSAFE.sub("_", VALUES.sub("=", query))
        size = named.get("content-length", "-")
        how = named.get("cache-status", "-").removeprefix("clinic-cms; ").replace(" ", "")
        address = shortened(address_of(environ, self._hops))
        asked = f"{environ['REQUEST_METHOD']} {target[:500]}"
        return f"{address} {when} {asked} {status[:3]} {size} {took * 1e3:.1f}ms {how}\n"


def _printed(lines: str) -> None:
    """Whoever reads a pipe or a file sees them now, not when some thousand characters have come together."""
    sys.stdout.write(lines)
    sys.stdout.flush()
