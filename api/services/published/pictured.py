"""Texts and their pictures: what a published row keeps of its picture, and what a text lacks to go live with it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from api.models import Media, MediaFile, Revision, Variant
from api.queries import pictures
from api.rules.timeline import Span
from api.services.work import Work

Baked = dict[str, Any]
POINTER = "/document/image"


def ends(work: Work, media_id: str | None) -> int | None:
    """From when on (epoch seconds) a picture may not be shown, None for never."""
    found = work.session.get(Media, media_id) if media_id else None
    return int(found.ends_at.timestamp()) if found is not None and found.ends_at is not None else None


def baked(work: Work, media_id: str | None, span: Span) -> Baked | None:
    """What a row keeps of its picture in its language; None where it may not be shown, or lacks its words there."""
    found = work.session.get(Media, media_id) if media_id else None
    if found is None or span.locale not in found.alt:
        return None
    if found.ends_at is not None and int(found.ends_at.timestamp()) <= span.visible_from:
        return None
    locale = span.locale
    return pictures.kept(
        found, _files(work, found), found.alt[locale], found.caption.get(locale), found.credit.get(locale)
    )


def lacking(work: Work, variant: Variant, revision: Revision) -> tuple[tuple[str, str, str], ...]:
    """(code, pointer, detail) of what a text's picture lacks before it may be seen."""
    media_id = revision.document.get("image")
    if not media_id:
        return ()
    found = work.session.get(Media, media_id)
    if found is None:
        return (("picture_missing", POINTER, f"The picture {media_id} is not there any more."),)
    told = []
    if variant.locale not in found.alt:
        how = f'PATCH /v1/manage/media/{found.id} {{"alt": {{"{variant.locale}": "…"}}}}'
        told.append(("alt_missing", POINTER, f"The picture has no alternative text in {variant.locale}: {how}"))
    now = work.now() if work.locked else work.database.instant()
    if found.ends_at is not None and found.ends_at <= now:
        how = "has ended" if found.consent else "is missing"
        told.append(("consent_missing", POINTER, f"The picture shows a person, whose consent {how}."))
    return tuple(told)


def _files(work: Work, media: Media) -> list[MediaFile]:
    """The files of a picture as it is now."""
    return list(work.session.scalars(select(MediaFile).where(MediaFile.address == media.address)))
