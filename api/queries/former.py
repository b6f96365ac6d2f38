"""Former slugs: who had an address before, written down, or since a text ended that nobody has numbered yet."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, select, union

from api.models import LIBRARY, Coming, Published, Slug
from api.queries.prepared import Prepared, listed, one_of
from api.queries.reader import Reader
from api.queries.scope import CLINIC, NOW, in_scope, params
from schemas.content import CONTENT_TYPES


def former_slugs(connection: Connection, reader: Reader, slugs: Collection[str] | None = None) -> list[Any]:
    """(entry_id, locale, slug, scope, held) of all former slugs, or of some: who had one last comes last.

    What a clinic's own text had comes after all of the library. `held`: since when, or until when, in epoch seconds.
    """
    asked = params(reader, **slugs_asked(connection, slugs or ()))
    found = _LEFT[slugs is not None].rows(connection, asked)
    return sorted(found, key=lambda row: (row.scope != LIBRARY, row.held, row.entry_id))


def slugs_asked(connection: Connection, slugs: Collection[str]) -> dict[str, Any]:
    """The parameters of `of_slugs`."""
    types = [kind.name for kind in CONTENT_TYPES]
    return {"slugs": listed(connection, slugs), "types": listed(connection, types)}


def of_slugs(rows: Any, sqlite: bool) -> list[ColumnElement[bool]]:
    # The types are all there are: they lead to the index, in which a slug stands behind its type.
    return [one_of(rows.type, "types", sqlite), one_of(rows.slug, "slugs", sqlite)]


def _left(sqlite: bool, *, named: bool) -> Select[Any]:
    ours = Slug.scope.in_([CLINIC, LIBRARY])  # For an OR of two, SQLite may look through all slugs of both.
    ended = Published.entry_id.in_(select(Coming.entry_id).where(in_scope(Coming), Coming.at <= NOW))
    written, told = (of_slugs(each, sqlite) if named else [] for each in (Slug, Published))
    until = Published.visible_until
    found = (
        select(Slug.entry_id, Slug.locale, Slug.slug, Slug.scope, Slug.since.label("held")).where(
            Slug.former, ours, *written
        ),
        select(Published.entry_id, Published.locale, Published.slug, Published.scope, until.label("held")).where(
            ended, Published.state == "live", in_scope(Published), until <= NOW, *told
        ),
    )
    return select(union(*found).subquery())


_LEFT = {named: Prepared(partial(_left, named=named)) for named in (False, True)}
