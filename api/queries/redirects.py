"""Redirects: old paths of the clinic's site, written by hand or left behind by a changed slug."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select

from api.models import LIBRARY, Published, Redirect, Slug
from api.queries import paths
from api.queries.found import LIGHT, Depends
from api.queries.items import grouped, served
from api.queries.reader import Reader
from api.queries.scope import params, seen
from schemas.content import CONTENT_TYPES

Given = dict[str, Any]
HOPS = 20


def written_redirects(connection: Connection, reader: Reader) -> dict[str, tuple[str, int]]:
    """{path: (target, status)} as editors wrote them."""
    asked = select(Redirect.from_path, Redirect.to_path, Redirect.status).where(Redirect.clinic_id == reader.house.id)
    return {row.from_path: (row.to_path, row.status) for row in connection.execute(asked)}


def left_behind(connection: Connection, reader: Reader, depends: Depends) -> dict[str, tuple[str, int]]:
    """{path of a former slug: (the item's path today, 301)}; a path that something else lives under is no redirect."""
    for kind in CONTENT_TYPES:
        depends.on_list(kind.name, reader)
    former = connection.execute(
        select(Slug.entry_id, Slug.locale, Slug.slug, Slug.type).where(
            Slug.former, Slug.scope.in_([reader.house.id, LIBRARY])
        )
    ).all()
    if not former:
        return {}
    asked = select(*LIGHT).where(Published.entry_id.in_({row.entry_id for row in former}), seen(Published))
    by_entry = grouped(connection.execute(asked, params(reader)).all())
    found: dict[str, tuple[str, int]] = {}
    for row in former:
        item = served(by_entry.get(row.entry_id, []), reader)
        chain = [each for each in item.rows if each.locale == row.locale and each.state == "live"]
        if chain:
            now = chain[0]
            here = paths.page(reader.house, row.locale, row.type, now.kind, row.slug)
            there = paths.page(reader.house, row.locale, row.type, now.kind, now.slug)
            if here and there and here != there and "#" not in here:
                found[here] = (there, 301)
    return found


def every(connection: Connection, reader: Reader, depends: Depends) -> list[Given]:
    """All redirects of the clinic, chains answered with their end, in order of path."""
    known = left_behind(connection, reader, depends) | written_redirects(connection, reader)
    return [
        {"from": path, "to": end, "status": status}
        for path, (_, status) in sorted(known.items())
        if (end := follow(known, path)) is not None
    ]


def follow(known: dict[str, tuple[str, int]], path: str) -> str | None:
    """Where a path leads in the end; None for a circle."""
    seen_paths: Sequence[str] = [path]
    target = known[path][0]
    while target in known:
        if target in seen_paths or len(seen_paths) > HOPS:
            return None
        seen_paths = [*seen_paths, target]
        target = known[target][0]
    return target
