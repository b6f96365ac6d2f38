"""The database that the settings name, open while a command runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from api.config import Config, from_env
from api.db import Database, connect
from api.migrate import require_current


@contextmanager
def connected(*, ready: bool = True) -> Iterator[tuple[Config, Database]]:
    """(settings, database). Raises NotReady where `ready` is wanted and the tables are not of this version."""
    config = from_env()
    database = connect(config)
    try:
        if ready:
            require_current(database)
        yield config, database
    finally:
        database.close()
