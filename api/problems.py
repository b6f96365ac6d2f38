"""The one door from exceptions to problem documents (RFC 9457)."""

from __future__ import annotations

import json
import secrets
import sqlite3
from typing import Any

from flask import Flask, Response, current_app, request
from sqlalchemy.exc import DBAPIError, OperationalError
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from api.errors import CODES, CmsError
from api.front.reading import READS
from api.openapi.addresses import near_address
from api.services.work import Unsure

BY_STATUS = {
    400: "malformed",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    414: "too_large",
    415: "unsupported_media_type",
    429: "rate_limited",
    503: "unavailable",
}
FULL = "The disk of the database is full: its operator has to make room."
LOCKED = "Others are writing, and have been for too long."
READ_ONLY = "The database takes no writes right now."
REFUSALS: dict[str | int, str] = {
    "53100": FULL, sqlite3.SQLITE_FULL: FULL, "55P03": LOCKED, sqlite3.SQLITE_BUSY: LOCKED,
    "25006": READ_ONLY, sqlite3.SQLITE_READONLY: READ_ONLY,
}  # fmt: skip
"""By the codes of PostgreSQL and SQLite."""
PERHAPS = (
    "The database was lost just as this was being written: it may have been done, whole, or not at all. With the "
    "Idempotency-Key you sent it is safe to send again; without one, read first whether it is there."
)


def register(app: Flask) -> None:
    """Every error, whoever raised it, leaves as a problem."""
    app.register_error_handler(CmsError, _ours)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(DBAPIError, _database)
    app.register_error_handler(Exception, _unexpected)


def problem(code: str, detail: str, faults: list[dict[str, Any]] | None = None, **extra: Any) -> Response:
    """A problem document with the status of its code; errors are never stored unless `cache_control` says so."""
    known = CODES[code]
    request_id = f"req_{secrets.token_hex(6)}"
    cache_control = extra.pop("cache_control", "no-store")
    retry_after = extra.pop("retry_after", 1 if known.status in (429, 503) else None)
    body = {
        "type": f"{current_app.config['PUBLIC_URL']}/docs/problems/{code}",
        "title": known.title,
        "status": known.status,
        "detail": detail,
        "instance": (request.script_root + request.path)[:300],
        "code": code,
        "request_id": request_id,
        "errors": faults or [],
        **extra,
    }
    text = json.dumps(body, ensure_ascii=True)
    response = Response(text, known.status, content_type="application/problem+json")
    response.headers["Cache-Control"] = cache_control
    response.headers["X-Request-Id"] = request_id
    if known.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="clinic-cms"'
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response


def _ours(error: CmsError) -> Response:
    return problem(error.code, error.detail, error.faults, **error.extra)


def _http(error: HTTPException) -> Response:
    if error.code is not None and error.code < 400:
        return Response(status=404) if error.response is None else error.get_response()  # type: ignore[return-value]
    code = BY_STATUS.get(error.code or 500, "malformed" if (error.code or 500) < 500 else "internal")
    detail = CODES[code].explanation
    if code == "not_found":
        near = near_address(current_app, request.path, request.method)
        meant = f" Did you mean {request.script_root}{near}?" if near else ""
        detail = f"There is no such address.{meant} See {request.script_root}/docs for those there are."
    elif isinstance(error, MethodNotAllowed) and error.valid_methods:
        detail = f"{request.method} is not allowed here; {', '.join(sorted(error.valid_methods))} are."
    response = problem(code, detail)
    for name, value in error.get_headers(request.environ):
        if name.lower() == "allow":
            response.headers[name] = value
    return response


def _database(error: DBAPIError) -> Response:
    """Lost, locked or too slow: who asks may try again. Anything else is a fault of ours."""
    current_app.logger.exception("database")
    if isinstance(error, Unsure):
        return problem("unavailable", PERHAPS)
    if isinstance(error, OperationalError) or error.connection_invalidated or _code(error) in REFUSALS:
        return problem("unavailable", _why_not(error))
    return problem("internal", CODES["internal"].explanation)


def _why_not(error: DBAPIError) -> str:
    """What the database refused for the moment, by its own code for that."""
    told = REFUSALS.get(_code(error), "The database can't be reached right now.")
    return told if request.method in READS else f"{told} Nothing was written."


def _code(error: DBAPIError) -> str | int:
    """PostgreSQL's five letters; SQLite's number without what it adds to say it more exactly; 0 where there is none."""
    return getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorcode", 0) & 0xFF


def _unexpected(error: Exception) -> Response:
    current_app.logger.exception("unhandled")
    return problem("internal", CODES["internal"].explanation)
