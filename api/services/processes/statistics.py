"""What PostgreSQL knows of how much its tables hold."""

from __future__ import annotations

from api.db import Database
from api.waiting import unlimited


def count_anew(database: Database) -> None:
    """Have PostgreSQL look at its tables, after many rows came at once: until it does so by itself it plans blindly.

    That is within a minute or so, in which a read of some hundred texts may take longer than it is given.
    """
    if database.sqlite:
        return
    with database.transaction() as session:
        connection = session.connection()
        unlimited(connection)
        connection.exec_driver_sql("ANALYZE")
