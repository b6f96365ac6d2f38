"""Partners as readers meet them: by their public id, as long as they have not ended."""

from __future__ import annotations

from sqlalchemy import Connection, select

from api.models import EmbedScript, Partner
from api.rules.partners import Terms


def partner(connection: Connection, partner_id: str) -> Terms | None:
    """The terms of a partner; None for one that never was, and for one that ended."""
    asked = select(Partner.__table__).where(Partner.id == partner_id, Partner.ended_at.is_(None))
    row = connection.execute(asked).one_or_none()
    if row is None:
        return None
    return Terms(
        id=row.id,
        name=row.name,
        origins=tuple(row.origins),
        clinics=tuple(row.clinics),
        types=tuple(row.types),
        topics=tuple(row.topics),
        locales=tuple(row.locales),
        attribution=row.terms.get("attribution"),
        licence=row.terms.get("licence"),
        indexing=row.terms.get("indexing", "noindex"),
    )


def tag(partner_id: str) -> str:
    """What a reply depends on that was made for a partner; named for one that never was, too."""
    return f"p:{partner_id}"


def script(connection: Connection, version: str) -> str | None:
    """A version of embed.js that was given out once; None for one that never was."""
    return connection.execute(select(EmbedScript.body).where(EmbedScript.version == version)).scalar()
