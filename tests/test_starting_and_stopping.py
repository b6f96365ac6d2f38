"""The server as it begins and ends: never beside another one on its port, and once is enough to end it."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from api import server
from api.errors import NotReady
from tests.conftest import config
from tests.processes import PATIENCE, free_port


def test_the_loop_hears_of_the_end_though_it_forgets_the_first_call() -> None:
    event = threading.Event()
    threading.Thread(target=server._until_heard, args=(event,), daemon=True).start()
    for _ in range(3):
        assert event.wait(PATIENCE)
        event.clear()


LOADING = """
import signal, sys
from api import server
for each in (signal.SIGINT, signal.SIGTERM):
    signal.signal(each, lambda *_: None)  # As a forked worker has them from its parent.
sys.path.insert(0, sys.argv[1])
server._load("slow_to_load:app")
"""


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
def test_a_worker_that_is_still_loading_ends_by_the_signal_itself(tmp_path: Path, told: signal.Signals) -> None:
    loads = "import time\nprint('loading', flush=True)\ntime.sleep(300)\napp = None\n"
    (tmp_path / "slow_to_load.py").write_text(loads)
    command = [sys.executable, "-c", LOADING, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None and worker.stdout.readline() == "loading\n"
        worker.send_signal(told)
        _, complained = worker.communicate(timeout=PATIENCE)
    assert (worker.returncode, complained) == (-told, "")


def test_a_port_on_which_somebody_listens_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with socket.socket() as there:
        there.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        there.bind(("127.0.0.1", port := free_port()))
        there.listen()
        settings = replace(config(f"sqlite:///{tmp_path / 'house.sqlite'}", tmp_path), host="127.0.0.1", port=port)
        with pytest.raises(NotReady, match=f"port {port} of 127.0.0.1: .*PORT={port + 1}"):
            server.require_free(settings)
    server.require_free(settings)
