"""Views of embeds, written down now and then; whatever a beacon named that is not there is dropped here."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Connection, case, func, select
from sqlalchemy.dialects import postgresql, sqlite

from api.db import Database
from api.models import LIBRARY, Clinic, EmbedView, Entry, Partner, Revision, Variant
from api.rules.tally import Count, Seen, Tally

KEY = ("partner_id", "clinic_id", "entry_id", "locale", "mode", "day")


def flush(database: Database) -> int:
    """Add what this process counted to what is written down; returns how many rows were touched.

    Called every 10 s by whatever runs beside the requests; what was not flushed is lost in a crash. No audit, no
    lock: nothing depends on it. A failure keeps what was counted for the next time.
    """
    tally: Tally | None = database.memory.get("embed_views")
    if tally is None or not (counted := tally.take()):
        return 0
    try:
        with database.reading() as connection:
            rows = _rows(connection, counted)
        if rows:
            _add(database, rows)
    except BaseException:
        for seen, count in counted.items():
            tally.add(seen, count)
        raise
    return len(rows)


def _add(database: Database, rows: list[dict[str, Any]]) -> None:
    dialect = sqlite if database.sqlite else postgresql
    insert = dialect.insert(EmbedView)
    later = insert.excluded.seen_at >= EmbedView.seen_at
    changed = {
        "views": EmbedView.views + insert.excluded.views,
        "revision": case((later, insert.excluded.revision), else_=EmbedView.revision),
        "seen_at": case((later, insert.excluded.seen_at), else_=EmbedView.seen_at),
    }
    with database.transaction() as session:
        session.execute(insert.on_conflict_do_update(index_elements=KEY, set_=changed), rows)


def _rows(connection: Connection, counted: dict[Seen, Count]) -> list[dict[str, Any]]:
    """Rows to add, in one order, so that processes that flush at once do not wait for each other in a circle."""
    clinics = _clinics(connection, {seen.clinic for seen in counted})
    partners = _partners(connection, {seen.partner for seen in counted} - {""})
    newest = _newest(connection, {seen.id for seen in counted})
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    for seen, count in counted.items():
        clinic, there = clinics.get(seen.clinic), newest.get((seen.id, seen.type, seen.locale))
        if clinic is None or there is None or seen.partner not in partners:
            continue
        scope, number = there
        if scope in (LIBRARY, clinic) and seen.revision <= number:
            at = dt.datetime.fromtimestamp(count.at, dt.UTC)
            key = (seen.partner, clinic, seen.id, seen.locale, seen.mode, at.date().isoformat())
            told = {"views": count.views, "revision": seen.revision, "seen_at": at}
            rows[key] = _together(rows[key], told) if key in rows else dict(zip(KEY, key, strict=True)) | told
    return [rows[key] for key in sorted(rows)]


def _together(row: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """The views of both, and the revision seen last; in the same second the older one, which should be gone."""
    last = max(row, other, key=lambda each: (each["seen_at"], -each["revision"]))
    more = {"revision": last["revision"], "seen_at": last["seen_at"]}
    return {**row, **more, "views": row["views"] + other["views"]}


def _clinics(connection: Connection, slugs: set[str]) -> dict[str, str]:
    """Public clinics, by slug: of a private one nothing is embedded."""
    asked = select(Clinic.slug, Clinic.id).where(Clinic.slug.in_(slugs), Clinic.private.is_(False))
    return dict(connection.execute(asked).all())


def _partners(connection: Connection, ids: set[str]) -> set[str]:
    """Those there are, ended ones too: what is still shown in their name is worth knowing."""
    return {"", *connection.scalars(select(Partner.id).where(Partner.id.in_(ids)))}


def _newest(connection: Connection, ids: set[str]) -> dict[tuple[str, str, str], tuple[str, int]]:
    """(scope, highest revision) by (entry, type, locale); a revision that is not there yet was never shown."""
    asked = (
        select(Entry.id, Entry.type, Variant.locale, Entry.scope, func.max(Revision.number))
        .join(Variant, Variant.entry_id == Entry.id)
        .join(Revision, Revision.variant_id == Variant.id)
        .where(Entry.id.in_(ids), Variant.scope == Entry.scope)
        .group_by(Entry.id, Entry.type, Variant.locale, Entry.scope)
    )
    return {(id_, kind, locale): (scope, most) for id_, kind, locale, scope, most in connection.execute(asked)}
