"""How the service is: alive, ready, and whole or degraded."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, current_app, jsonify, request
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from api.cache.redis_tier import reachable
from api.config import Config
from api.db import Database
from api.errors import NotReady
from api.migrate import require_current
from api.version import VERSION

PATIENCE = 2.0
"""Seconds for an answer of the database: whoever asks whether all is well does not wait for one that hangs."""


def register(app: Flask) -> None:
    app.add_url_rule("/healthz", "healthz", healthz)
    app.add_url_rule("/readyz", "readyz", readyz)


def healthz() -> Response:
    """Whether the process answers. Touches nothing else."""
    return _told({"status": "ok", "version": VERSION}, 200)


def readyz() -> Response:
    """503 while migrations are pending, or with ?for=write without the database; a lost part is 200, degraded."""
    config: Config = current_app.extensions["config"]
    database: Database = current_app.extensions["database"]
    parts: dict[str, str] = {"database": _database(database)}
    if config.redis_url:
        parts["redis"] = "ok" if reachable(config.redis_url) else "lost"
    pending = parts["database"].startswith("The database")
    broken = pending or (request.args.get("for") == "write" and parts["database"] != "ok")
    whole = all(state == "ok" for state in parts.values())
    status = "unready" if broken else "ok" if whole else "degraded"
    return _told({"status": status, "version": VERSION, "parts": parts}, 503 if broken else 200)


def _database(database: Database) -> str:
    try:
        with database.reading(PATIENCE) as connection:
            connection.execute(text("SELECT 1"))
        require_current(database)
    except NotReady as error:
        return str(error)
    except SQLAlchemyError:
        return "lost"
    return "ok"


def _told(body: dict[str, Any], status: int) -> Response:
    response: Response = jsonify(body)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    if status == 503:
        response.headers["Retry-After"] = "1"
    return response
