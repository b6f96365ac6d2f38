"""What a name that leads nowhere may have been meant for: a public clinic, a content type, an item."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, String, bindparam, exists, select, union_all

from api.errors import CmsError, not_found
from api.models import LIBRARY, Clinic, Published, Slug
from api.queries.found import Depends
from api.queries.items import item
from api.queries.prepared import Prepared
from api.queries.reader import Reader
from api.queries.scope import CLINIC, locale_at, params, seen
from api.rules.words import fold
from schemas.content import CONTENT_TYPES
from schemas.meant import LONGEST, asked_back, meant

LOOKED_AT = 200
"""Names at most; a house with more public clinics that begin alike is told of those that stand first."""
AROUND = 12
"""Live slugs before and after a wrong one that are looked at, in each language, of the clinic and of the library."""
TRIES = 2
"""How many of them are read, the nearest first: the first may be hidden."""
_MARKS = re.compile(r"[^a-z0-9]+")


def no_clinic(connection: Connection, slug: str) -> CmsError:
    """What a name is answered that is no clinic's or a private one's: alike, and it speaks of public clinics alone."""
    told = "There is no clinic of this name."
    begins = slug[:1].lower()
    if not (begins.isascii() and begins.isalnum()):
        return not_found(told)
    asked = select(Clinic.slug).where(Clinic.private.is_(False), Clinic.slug.startswith(begins))
    names = connection.scalars(asked.order_by(Clinic.position, Clinic.id).limit(LOOKED_AT))
    return not_found(told + asked_back(slug, [*names]))


def no_type(said: str) -> CmsError:
    """What a name is answered that is no content type's."""
    names = [each.name for each in CONTENT_TYPES]
    return not_found(f"There is no content type {said[:40]}; there are {', '.join(names)}.{asked_back(said, names)}")


def no_item(
    connection: Connection, reader: Reader, type_name: str, slug: str, may: Callable[[Any], bool], depends: Depends
) -> CmsError:
    """What a slug is answered that is no item's. `may`: whether a row, which this reader would get, may be named."""
    told = f"No {type_name} is published under this slug."
    allowed = _around(connection, reader, type_name, slug)
    for _ in range(TRIES):
        near = meant(slug, allowed)
        if near is None:
            break
        found = item(connection, reader, type_name, near)
        if found.outcome == "live" and may(found.row):
            depends.on_row(found.row, reader)
            return not_found(f"{told} Did you mean {found.row.slug}?")
        allowed.remove(near)
    return not_found(told)


def _around(connection: Connection, reader: Reader, type_name: str, slug: str) -> list[str]:
    """Slugs of live texts that begin alike and stand next to one by the alphabet, also of texts hidden here.

    Drafts are passed over: what is told would tell of them, as soon as they stand in the way of what is live.
    """
    said = _MARKS.sub("-", fold(slug[:LONGEST])).strip("-")
    if not said:
        return []
    asked = params(reader, type=type_name, said=said, first=said[0], beyond=chr(ord(said[0]) + 1))
    return list(dict.fromkeys(row.slug for row in _slugs(len(reader.chain)).rows(connection, asked)))


@lru_cache(maxsize=64)
def _slugs(locales: int) -> Prepared:
    """One short range of an index for each language, scope and side."""
    said, first, beyond = (bindparam(name, type_=String) for name in ("said", "first", "beyond"))
    sides = (
        ((Slug.slug >= said, Slug.slug < beyond), Slug.slug),
        ((Slug.slug >= first, Slug.slug < said), Slug.slug.desc()),
    )

    def branch(locale: ColumnElement[str], scope: Any, within: Any, order: Any) -> Select[Any]:
        here = (Slug.type == bindparam("type", type_=String), Slug.scope == scope, Slug.locale == locale, ~Slug.former)
        live = select(Published.id).where(
            Published.entry_id == Slug.entry_id, Published.locale == locale, Published.slug == Slug.slug,
            Published.state == "live", seen(Published),
        )  # fmt: skip
        found = select(Slug.slug).where(*here, *within, exists(live)).order_by(order).limit(AROUND)
        return select(found.subquery().c.slug)

    places = [(locale_at(number), scope) for number in range(locales) for scope in (CLINIC, LIBRARY)]
    found = union_all(*(branch(*place, *side) for place in places for side in sides)).subquery()
    return Prepared(lambda _: select(found.c.slug))
