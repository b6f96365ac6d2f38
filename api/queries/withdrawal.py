"""Why a text is gone, and what stands in its place."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, select

from api.models import Published
from api.queries import paths
from api.queries.found import LIGHT, Depends
from api.queries.instants import written
from api.queries.items import served
from api.queries.reader import Reader
from api.queries.scope import params, seen


def withdrawal(connection: Connection, reader: Reader, row: Any, depends: Depends) -> dict[str, Any]:
    """{kind, at, reason, severity, replacement}; the replacement only if this reader may see it."""
    told = json.loads(row.document)
    if told["entry"]:
        depends.on_entry(told["entry"], reader)
    return {
        "kind": told["kind"],
        "at": written(told["at"]),
        "reason": told["reason"],
        "severity": told["severity"],
        "replacement": _replacement(connection, reader, told["entry"]) if told["entry"] else None,
    }


def _replacement(connection: Connection, reader: Reader, entry_id: str) -> dict[str, Any] | None:
    asked = select(*LIGHT).where(Published.entry_id == entry_id, seen(Published))
    found = served(connection.execute(asked, params(reader)).all(), reader)
    if found.outcome != "live":
        return None
    row = found.row
    path = paths.page(reader.house, row.locale, row.type, row.kind, row.slug)
    url = paths.absolute(reader.house, path)
    return {"type": row.type, "id": entry_id, "slug": row.slug, "title": row.title, "path": path, "url": url}
