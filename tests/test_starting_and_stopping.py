"""The server as it begins and ends: never beside another one on its port, and once is enough to end it."""

from __future__ import annotations

import socket
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from api import server
from api.errors import NotReady
from tests.conftest import config


def test_the_loop_hears_of_the_end_though_it_forgets_the_first_call() -> None:
    event, heard = threading.Event(), 0
    threading.Thread(target=server._until_heard, args=(event,), daemon=True).start()
    deadline = time.monotonic() + 5
    while heard < 3 and time.monotonic() < deadline:
        heard += event.wait(1)
        event.clear()
    assert heard == 3


def test_a_port_on_which_somebody_listens_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with socket.socket() as there:
        there.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        there.bind(("127.0.0.1", 0))
        there.listen()
        port = there.getsockname()[1]
        settings = replace(config(f"sqlite:///{tmp_path / 'house.sqlite'}", tmp_path), host="127.0.0.1", port=port)
        with pytest.raises(NotReady, match=f"port {port} of 127.0.0.1: .*PORT={port + 1}"):
            server.require_free(settings)
    server.require_free(settings)
