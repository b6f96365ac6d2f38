"""The claims check over everything that is stored: the newest revision of each text, batch by batch."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, func, select

from api.models import Entry, Variant
from api.services import lookup
from api.services.texts import claims
from api.services.texts.facts import newest_of
from api.services.work import Work

BATCH = 200


def count(work: Work, locale: str | None) -> int:
    """How many texts there are, overlays among them."""
    return work.session.scalar(select(func.count(Variant.id)).join(Entry).where(*_asked(locale))) or 0


def batch(
    work: Work, after: int, locale: str | None, jurisdiction: str | None
) -> tuple[list[list[dict[str, Any]]], int | None]:
    """(the findings of each of some texts, where to go on, None at the end). Archived entries are left out."""
    asked = select(Variant).join(Entry).where(Variant.id > after, *_asked(locale)).order_by(Variant.id).limit(BATCH)
    found = work.session.scalars(asked).all()
    rows = [_rows(work, each, jurisdiction) for each in found]
    return rows, found[-1].id if len(found) == BATCH else None


def _asked(locale: str | None) -> list[ColumnElement[bool]]:
    wanted = [Entry.archived_at.is_(None), Variant.locale != "*", Variant.revisions.any()]
    return [*wanted, Variant.locale == locale] if locale else wanted


def _rows(work: Work, variant: Variant, jurisdiction: str | None) -> list[dict[str, Any]]:
    told = claims.told(work, variant, newest_of(variant), jurisdiction)
    about = {
        "type": variant.entry.type,
        "entry": variant.entry_id,
        "clinic": lookup.clinic_slug(work, variant.scope),
        "locale": variant.locale,
        "revision": told["revision"],
    }
    return [{**about, **each} for each in told["findings"]]
