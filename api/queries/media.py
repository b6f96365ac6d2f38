"""Files as anyone may have them: by address, while something that shows them is live."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Integer, String, bindparam, exists, literal_column, or_, select

from api.models import LIBRARY, Clinic, Media, MediaFile, Published, PublishedValue
from api.queries.prepared import Prepared
from api.queries.scope import NOW


def file(connection: Connection, address: str, name: str, now: int, *, drafts: bool = False) -> Any | None:
    """(media_id, media_type, size, digest, form, title, scope, ends_at, retired_at, shows_person, private), None if
    there is none for anyone: unknown, retired by a removal, or only in drafts (unless `drafts`). Instants in epoch
    seconds.
    """
    rows = _FILE.rows(connection, {"address": address, "name": name, "now": now, "drafts": int(drafts)})
    return rows[0] if rows else None


def _build(sqlite: bool) -> Any:
    shows = exists(
        select(PublishedValue.published_id)
        .join(Published, Published.id == PublishedValue.published_id)
        .where(
            PublishedValue.name == "media", PublishedValue.value == Media.id, Published.state == "live",
            Published.visible_from <= NOW, Published.visible_until > NOW,
        )
    )  # fmt: skip
    shows_as_logo = exists(
        select(_SHOWN_BY.c.id).where(literal_column(_LOGO[sqlite]) == Media.id)
    )
    return (
        select(
            MediaFile.media_id, MediaFile.media_type, MediaFile.size, MediaFile.digest, Media.form,
            Media.name.label("title"), Media.scope, Media.ends_at, MediaFile.retired_at, Media.shows_person,
            Clinic.private.label("private"),
        )
        .join(Media, Media.id == MediaFile.media_id)
        .outerjoin(Clinic, (Clinic.id == Media.scope) & (Media.scope != LIBRARY))
        .where(
            MediaFile.address == bindparam("address", type_=String), MediaFile.name == bindparam("name", type_=String),
            or_(Media.public, shows, shows_as_logo, bindparam("drafts", type_=Integer) == 1),
        )
    )  # fmt: skip


_SHOWN_BY = Clinic.__table__.alias("shown_by")
_LOGO = {True: "json_extract(shown_by.document, '$.logo')", False: "(shown_by.document ->> 'logo')"}
"""The id in a clinic's profile, for SQLite and not."""
_FILE = Prepared(_build)
