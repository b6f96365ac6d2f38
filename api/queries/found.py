"""What a read brings: the rows, the tags they depend on, and how long that holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, func, select, union_all

from api.models import LIBRARY, Published, Stamp
from api.queries.reader import Reader

LIGHT = tuple(
    getattr(Published, name)
    for name in (
        "entry_id", "scope", "locale", "type", "state", "kind", "slug", "title", "revision", "overlay_revision",
        "group_position", "position", "title_key", "published_at", "updated_at",
        "last_reviewed", "next_due", "reviewer", "links",
    )
)  # fmt: skip
FULL = (*LIGHT, Published.id, Published.document, Published.sources)


@dataclass
class Depends:
    """Gathers, while a reply is made, what it depends on.

    `until`: epoch seconds after which something in it may read differently, None if nothing is planned.
    """

    tags: set[str] = field(default_factory=set)
    until: int | None = None
    modified: int = 0

    def on_row(self, row: Any, reader: Reader) -> None:
        self.on_entry(row.entry_id, reader)
        self.modified = max(self.modified, row.updated_at)

    def on_entry(self, entry_id: str, reader: Reader) -> None:
        self.tags.update((f"e:{entry_id}", f"v:{reader.house.id}:{entry_id}"))

    def on_list(self, type_name: str, reader: Reader) -> None:
        self.tags.update((f"l:{LIBRARY}:{type_name}", f"l:{reader.house.id}:{type_name}"))

    def ends(self, at: int | None) -> None:
        if at is not None:
            self.until = at if self.until is None else min(self.until, at)


def settle(connection: Connection, reader: Reader, depends: Depends) -> None:
    """Fill in when anything the reply depends on last changed, and when something may change next.

    The next change is the clinic's or the library's next planned one: never too late, at times too early.
    """
    depends.tags.update(reader.house.tags)
    scopes = [reader.house.id, LIBRARY]
    coming = [
        select(func.min(column)).where(Published.scope == scope, column > reader.now)
        for scope in scopes
        for column in (Published.visible_from, Published.visible_until)
    ]
    stamped = select(func.max(Stamp.at)).where(Stamp.tag.in_(depends.tags))
    changes = union_all(*coming).subquery()
    next_change = select(func.min(changes.c[0])).scalar_subquery()
    row = connection.execute(select(stamped.scalar_subquery(), next_change)).one()
    if row[0]:
        depends.modified = max(depends.modified, _seconds(row[0]))
    depends.modified = max(depends.modified, reader.house.stamp[1])
    depends.ends(row[1])


def _seconds(value: Any) -> int:
    return value if isinstance(value, int) else int(value.timestamp())


def ids_of(rows: Iterable[Any]) -> list[str]:
    """The entries of some rows, each once, in order."""
    return list(dict.fromkeys(row.entry_id for row in rows))
