"""What a read brings: the rows, the tags they depend on, and how long that holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    String,
    Subquery,
    Text,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
    union_all,
)

from api.models import LIBRARY, Coming, Entry, Published, Stamp
from api.queries.house import HouseChanged
from api.queries.prepared import Prepared, listed, one_of
from api.queries.reader import Reader
from api.queries.scope import CLINIC, NOW, in_scope, locale_at

LIGHT = tuple(
    getattr(Published, name)
    for name in (
        "entry_id", "scope", "locale", "type", "state", "kind", "slug", "title", "revision", "overlay_revision",
        "group_position", "position", "title_key", "published_at", "updated_at",
        "last_reviewed", "next_due", "reviewer", "links",
    )
)  # fmt: skip
REFERRED = tuple(
    column
    for column in LIGHT
    if column.key
    in {
        "entry_id", "scope", "locale", "type", "state", "kind", "slug", "title", "updated_at",
        "group_position", "position", "links",
    }
)  # fmt: skip
"""What a reference shows of its target."""
_SOURCES: ColumnElement[Any] = case((bindparam("sources", type_=Integer) == 1, Published.sources), else_=None)
FULL = (*LIGHT, Published.id, Published.document, _SOURCES.label("sources"))
"""A whole row; the CommonMark behind its texts only for readers of another format."""


def in_chain(locales: int) -> tuple[ColumnElement[Any], ...]:
    """FULL, but of a locale outside the reader's chain without the document: it is only named as an alternate."""
    served = Published.locale.in_([locale_at(number) for number in range(locales)])
    return tuple(
        case((served, column), else_=None).label(column.name) if column.name in ("document", "sources") else column
        for column in FULL
    )


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
        if row.updated_at > self.modified:
            self.modified = row.updated_at

    def on_entry(self, entry_id: str, reader: Reader) -> None:
        self.tags.update((f"e:{entry_id}", f"v:{reader.house.id}:{entry_id}"))

    def on_entries(self, ids: Iterable[str], reader: Reader) -> None:
        clinic, named = reader.house.id, list(ids)
        self.tags.update([f"e:{entry_id}" for entry_id in named], [f"v:{clinic}:{entry_id}" for entry_id in named])

    def on_list(self, type_name: str, reader: Reader) -> None:
        self.tags.update((f"l:{LIBRARY}:{type_name}", f"l:{reader.house.id}:{type_name}"))

    def on_redirects(self, reader: Reader) -> None:
        self.tags.add(f"r:{reader.house.id}")

    def ends(self, at: int | None) -> None:
        if at is not None:
            self.until = at if self.until is None else min(self.until, at)


def settle(connection: Connection, reader: Reader, depends: Depends) -> None:
    """Fill in when anything the reply depends on last changed, and when something may change next.

    The next change is the clinic's or the library's next planned one: never too late, at times too early.
    Raises HouseChanged if the clinic's profile or a category is not what this reply was made with.
    """
    house = reader.house
    depends.tags.update(house.tags)
    asked = {"clinic": house.id, "now": reader.now, "clinic_tag": f"c:{house.id}"}
    row = _SETTLED.one(connection, {**asked, "tags": listed(connection, depends.tags)})
    if (row.house or 0) != house.stamp[0]:
        raise HouseChanged(house.slug)
    depends.modified = max(depends.modified, row.modified or 0, row.came or 0, house.stamp[1])
    depends.ends(row.coming)
    depends.ends(house.ends(reader.now))


def _settled(sqlite: bool) -> Select[Any]:
    ahead = [select(func.min(Coming.at).label("at")).where(Coming.scope == who, Coming.at > NOW) for who in _SCOPES]
    changes = union_all(*ahead).subquery()
    stamped = _stamped(sqlite)
    return select(
        stamped.c.modified,
        stamped.c.house,
        _came(sqlite).scalar_subquery().label("came"),
        select(func.min(changes.c.at)).scalar_subquery().label("coming"),
    )


def _stamped(sqlite: bool) -> Subquery:
    """When anything under the tags last changed, and the number of the last change of the clinic's own: one of them."""
    ours = or_(Stamp.tag == bindparam("clinic_tag", type_=String), Stamp.tag == f"c:{LIBRARY}")
    asked = select(func.max(Stamp.at).label("modified"), func.max(case((ours, Stamp.number))).label("house"))
    if not sqlite:
        return asked.where(one_of(Stamp.tag, "tags", sqlite)).subquery()
    tags = func.json_each(bindparam("tags", type_=Text)).table_valued("value")
    return asked.select_from(tags.join(Stamp, Stamp.tag == tags.c.value)).subquery()


def _came(sqlite: bool) -> Select[Any]:
    """When the last planned change came of what the tags name, whether or not a publication has stamped it yet."""
    tags: tuple[ColumnElement[str], ...] = (
        literal_column("'e:'") + Entry.id,
        literal_column("'v:'") + Coming.scope + literal_column("':'") + Entry.id,
        literal_column("'l:'") + Coming.scope + literal_column("':'") + Entry.type,
    )
    named = or_(*(one_of(tag, "tags", sqlite) for tag in tags))
    asked = select(func.max(Coming.at)).join(Entry, Entry.id == Coming.entry_id)
    return asked.where(in_scope(Coming), Coming.at <= NOW, named)


_SCOPES = (CLINIC, LIBRARY)
_SETTLED = Prepared(_settled)


def ids_of(rows: Iterable[Any]) -> list[str]:
    """The entries of some rows, each once, in order."""
    return list(dict.fromkeys(row.entry_id for row in rows))
