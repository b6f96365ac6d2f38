"""Keys that were shown lately, looked up again in the background: a hit asks the database for nothing."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from api.auth import Caller, count_use, identify
from api.db import Database
from api.errors import CmsError

TRUSTED_SECONDS = 0.9
"""So long a look into the database holds: a revoked key is refused within a second everywhere."""
AGAIN_SECONDS = 0.4
PATIENCE, LEFT_TO_REFRESH = 0.8, 10
"""So long a look is waited for; one that took its time in vain is left to the background for so many times as long."""
IN_USE_SECONDS = 60.0
"""A key that was not shown for so long is not looked up any more."""
KEYS_AT_MOST = 10_000


@dataclass
class _Known:
    caller: Caller
    looked_up: float
    shown: float


class Keyring:
    """Bearers by their Authorization header."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[str, _Known] = {}
        self._lock, self._turn = threading.Lock(), threading.Lock()
        self._lost_until = 0.0

    def bearer(self, header: str) -> Caller | None:
        """Whose key it is; None for one that is malformed, unknown, expired or revoked.

        While the database is lost, a key that was good goes on being good: it can't be revoked either.
        """
        known = self._known.get(header)
        if known is not None:
            known.shown = time.monotonic()
        if self._settled(known):
            return self._used(known)
        # One at a time: all the threads of the process would wait for a database that hangs.
        if not self._turn.acquire(timeout=PATIENCE):
            return None  # Whoever answers the request looks for itself.
        try:
            known = self._known.get(header)
            if not self._settled(known):
                known = self._looked_up(header, known)
            return self._used(known)
        finally:
            self._turn.release()

    def _settled(self, known: _Known | None) -> bool:
        """Whether nothing has to be looked up: that was done lately, or can't be done now."""
        now = time.monotonic()
        return now < self._lost_until or (known is not None and now - known.looked_up < TRUSTED_SECONDS)

    def _used(self, known: _Known | None) -> Caller | None:
        if known is None:
            return None
        count_use(self._database, known.caller)
        return known.caller

    def _looked_up(self, header: str, known: _Known | None) -> _Known | None:
        began = time.monotonic()
        try:
            with self._database.reading(PATIENCE) as connection:
                caller = identify(connection, header, self._database.now())
        except CmsError:
            self._known.pop(header, None)
            return None
        except SQLAlchemyError:
            ended = time.monotonic()
            self._lost_until = ended + max(TRUSTED_SECONDS, LEFT_TO_REFRESH * (ended - began))
            return known
        self._remember(header, found := _Known(caller, began, began))
        return found

    def refresh(self) -> None:
        """Look up again what is in use; forget the rest."""
        now = time.monotonic()
        for header, known in list(self._known.items()):
            if now - known.shown > IN_USE_SECONDS:
                self._known.pop(header, None)
                continue
            try:
                with self._database.reading() as connection:
                    caller = identify(connection, header, self._database.now())
            except CmsError:
                self._known.pop(header, None)
            except SQLAlchemyError:
                return
            else:
                known.caller, known.looked_up = caller, time.monotonic()
                self._lost_until = 0.0

    def _remember(self, header: str, known: _Known) -> None:
        with self._lock:
            while len(self._known) >= KEYS_AT_MOST:
                self._known.pop(next(iter(self._known)))
            self._known[header] = known
