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
        self._lock = threading.Lock()
        self._lost_until = 0.0

    def bearer(self, header: str) -> Caller | None:
        """Whose key it is; None for one that is malformed, unknown, expired or revoked.

        While the database is lost, a key that was good goes on being good: it can't be revoked either.
        """
        now = time.monotonic()
        known = self._known.get(header)
        if known is not None:
            known.shown = now
            if now - known.looked_up < TRUSTED_SECONDS or now < self._lost_until:
                count_use(self._database, known.caller)
                return known.caller
        try:
            with self._database.reading() as connection:
                caller = identify(connection, header, self._database.now())
        except CmsError:
            self._known.pop(header, None)
            return None
        except SQLAlchemyError:
            self._lost_until = time.monotonic() + TRUSTED_SECONDS
            return known.caller if known else None
        count_use(self._database, caller)
        self._remember(header, _Known(caller, now, now))
        return caller

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

    def _remember(self, header: str, known: _Known) -> None:
        with self._lock:
            while len(self._known) >= KEYS_AT_MOST:
                self._known.pop(next(iter(self._known)))
            self._known[header] = known
