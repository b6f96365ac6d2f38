"""Requests over kept-alive connections, cheap enough that one process can ask a thousand times a second."""

from __future__ import annotations

import json
import socket
import time
from dataclasses import dataclass
from typing import Any

SECONDS = 15.0
"""The longest wait for a reply: longer than anything the service allows itself."""


class Cut(OSError):
    """The connection ended before a whole reply was there."""


@dataclass(slots=True)
class Reply:
    """A reply; `began` and `ended` on the monotonic clock, `sent_at` in epoch seconds."""

    status: int
    head: dict[str, str]
    body: bytes
    began: float
    ended: float
    sent_at: float

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def kept(self) -> str:
        """Where it came from, as Cache-Status tells."""
        return self.head.get("cache-status", "").partition("; ")[2]


class Line:
    """A connection to a port of this machine, made when it is needed."""

    def __init__(self, port: int, seconds: float = SECONDS) -> None:
        self.port, self._seconds = port, seconds
        self._socket: socket.socket | None = None
        self._rest = b""

    def get(self, path: str, **head: str) -> Reply:
        """Raises OSError where no whole reply comes; the next request then has a new connection."""
        return self.ask("GET", path, None, **head)

    def ask(self, method: str, path: str, body: Any, **head: str) -> Reply:
        sent = b"" if body is None else json.dumps(body).encode()
        fields = {"Host": f"127.0.0.1:{self.port}"} | {name.replace("_", "-"): each for name, each in head.items()}
        if body is not None:
            fields |= {"Content-Type": "application/json", "Content-Length": str(len(sent))}
        told = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        began, at = time.monotonic(), time.time()
        try:
            self._connected().sendall(f"{method} {path} HTTP/1.1\r\n{told}\r\n".encode() + sent)
            status, answered = self._head()
            length = 0 if status in (204, 304) or method == "HEAD" else int(answered.get("content-length", "-1"))
            assert length >= 0, f"{path}: no Content-Length"
            reply = Reply(status, answered, self._whole(length), began, time.monotonic(), at)
        except BaseException:
            self.close()
            raise
        if answered.get("connection") == "close":
            self.close()
        return reply

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket, self._rest = None, b""

    def _connected(self) -> socket.socket:
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self.port), self._seconds)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._socket

    def _head(self) -> tuple[int, dict[str, str]]:
        while b"\r\n\r\n" not in self._rest:
            self._more()
        head, _, self._rest = self._rest.partition(b"\r\n\r\n")
        first, *fields = head.decode("latin-1").split("\r\n")
        parted = (each.partition(": ") for each in fields)
        return int(first.split(" ", 2)[1]), {name.lower(): value for name, _, value in parted}

    def _whole(self, length: int) -> bytes:
        while len(self._rest) < length:
            self._more()
        body, self._rest = self._rest[:length], self._rest[length:]
        return body

    def _more(self) -> None:
        assert self._socket is not None
        if not (more := self._socket.recv(262_144)):
            raise Cut("closed in the midst of a reply" if self._rest else "closed without a reply")
        self._rest += more
