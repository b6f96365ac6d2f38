"""The server is told to end: once is enough, whatever its loop is doing just then."""

from __future__ import annotations

import threading
import time

from api import server


def test_the_loop_hears_of_the_end_though_it_forgets_the_first_call() -> None:
    event, heard = threading.Event(), 0
    threading.Thread(target=server._until_heard, args=(event,), daemon=True).start()
    deadline = time.monotonic() + 5
    while heard < 3 and time.monotonic() < deadline:
        heard += event.wait(1)
        event.clear()
    assert heard == 3
