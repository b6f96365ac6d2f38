"""Imports and exports in the names of people of the desk, with a worker that goes on with them at once."""

from __future__ import annotations

from typing import Any

import orjson
from werkzeug.test import TestResponse

from api.worker import Worker
from tests.managing import Desk

NDJSON, CSV, WXR, HTML, MARKDOWN = (
    "application/x-ndjson", "text/csv", "application/xml", "text/html", "text/markdown",
)  # fmt: skip


def lines(*rows: Any) -> bytes:
    """Values, one a line."""
    return b"".join(orjson.dumps(each) + b"\n" for each in rows)


def sent(
    desk: Desk, who: str | None, body: bytes, kind: str = NDJSON, mode: str = "apply", **query: str
) -> TestResponse:
    """The reply to a file that is sent in."""
    headers = {"Authorization": f"Bearer {desk.key(who)}"} if who else {}
    asked = {"mode": mode, **query}
    return desk.house.client.post(
        "/v1/manage/imports", query_string=asked, data=body, content_type=kind, headers=headers
    )


def brought_in(desk: Desk, who: str, body: bytes, kind: str = NDJSON, **query: str) -> Any:
    """The import of a file, once the worker is done with it."""
    reply = sent(desk, who, body, kind, **query)
    assert reply.status_code == 202, reply.text
    Worker(desk.house.database).once()
    return desk.done(who, "GET", f"/imports/{reply.json['data']['id']}")


def rows(desk: Desk, who: str, done: Any, **query: str) -> list[Any]:
    """The rows of an import."""
    asked = "&".join(f"filter[{name}]={value}" for name, value in query.items())
    found: list[Any] = desk.done(who, "GET", f"/imports/{done['id']}/rows?page[size]=100&{asked}")
    return found


def given_out(desk: Desk, who: str, **asked: Any) -> TestResponse:
    """The file of an export."""
    made = desk.done(who, "POST", "/exports", asked)
    Worker(desk.house.database).once()
    return desk.ask(who, "GET", f"/exports/{made['id']}/file")
