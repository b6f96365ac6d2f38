"""Making replies anew behind the readers' backs: what grew old, and what was asked for most when it was purged."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Iterable
from contextlib import suppress

from api.cache.counters import Counters
from api.cache.flights import Busy
from api.cache.keys import Key
from api.cache.stored import Stored
from api.front.fetching import Fetching

HOTTEST = 20
"""So many of the purged replies are made anew at once, those asked for most."""
HOT = 5
"""Asked for at least so often."""
LINE_AT_MOST = 200
_log = logging.getLogger("clinic_cms.cache")


class Refreshing:
    """One thread a process, so that readers' own loads come first."""

    def __init__(self, fetching: Fetching, counters: Counters) -> None:
        self._fetching, self._counters = fetching, counters
        self._line: queue.Queue[tuple[Key, bool] | None] = queue.Queue(LINE_AT_MOST)
        self._in_line: set[Key] = set()

    def soon(self, key: Key) -> None:
        """Have what grew old made anew."""
        self._put(key, anew=True)

    def warm(self, purged: Iterable[Stored]) -> None:
        """Have the hottest of what was purged made anew."""
        hot = [each for each in purged if each.hits >= HOT and not each.absent]
        for each in sorted(hot, key=lambda each: -each.hits)[:HOTTEST]:
            self._put(each.key, anew=False)

    def run(self, stop: threading.Event) -> None:
        """Work off the line until told to stop."""
        while (found := self._line.get()) is not None and not stop.is_set():
            key, anew = found
            self._in_line.discard(key)
            try:
                self._fetching.renew(key, anew=anew)
                self._counters.add("refresh")
            except Busy:
                continue
            except Exception:
                _log.exception("A reply could not be made anew")

    def end(self) -> None:
        """Wake who waits for something to do, once it is told to stop."""
        with suppress(queue.Full):  # Then nobody waits.
            self._line.put_nowait(None)

    def _put(self, key: Key, *, anew: bool) -> None:
        if key in self._in_line:
            return
        # Noted before it can be taken: what was noted after would stand there for good, and never be made anew again.
        self._in_line.add(key)
        try:
            self._line.put_nowait((key, anew))
        except queue.Full:
            self._in_line.discard(key)
