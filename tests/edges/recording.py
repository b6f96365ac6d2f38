"""A small HTTP server that writes down what it is asked, and answers as it is told to."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from api.edges import asking


@dataclass
class Asked:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def words(self) -> list[str]:
        return self.headers.get("surrogate-key", "").split()


@dataclass
class Recorder:
    """What was asked so far. `answers` are given one after the other, then always 200 with `body`."""

    address: str = ""
    body: bytes = b'{"success": true}'
    answers: list[int] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    hang: threading.Event | None = None
    """Where set, no request is answered before it is."""

    def answer(self) -> int:
        if self.hang is not None:
            self.hang.wait(20)
        return self.answers.pop(0) if self.answers else 200


@contextmanager
def recording() -> Iterator[Recorder]:
    """A server on a free loopback port, which is not given up because the machine is busy."""
    recorder = Recorder()

    class Answering(BaseHTTPRequestHandler):
        def _note(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            recorder.asked.append(Asked(self.command, self.path, headers, body))
            status = recorder.answer()
            # Whoever asked may have hung up by now.
            with suppress(OSError):
                self.send_response(status)
                self.send_header("Content-Length", str(len(recorder.body)))
                self.end_headers()
                self.wfile.write(recorder.body)

        do_PURGE = do_POST = _note

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    recorder.address = f"http://127.0.0.1:{server.server_port}"
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(asking, "TIMEOUT", 30.0)
            yield recorder
    finally:
        if recorder.hang is not None:
            recorder.hang.set()
        server.shutdown()
        server.server_close()
