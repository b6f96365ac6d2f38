"""Pictures and documents as editors see them, one by one and in lists."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from api.models import LIBRARY, Clinic, Media, MediaFile, Published, PublishedValue
from api.rules import consents
from api.services import lookup, pages
from api.services.etags import etag
from api.services.pages import Rows
from api.services.texts.selecting import visible
from api.services.work import Work
from schemas.managed.media import WORDS

Said = dict[str, Any]


def shown(work: Work, media: Media, base: str) -> Said:
    """All of one file; `base` is what public addresses of files begin with."""
    return _told(work, media, lookup.clinic_slug(work, media.scope), _live(work, [media.id]), base)


def every(work: Work, asked: Said, after: tuple[Any, ...] | None, size: int, base: str) -> Rows:
    """The library's files and those of the actor's clinics, newest first."""
    found = select(Media).where(visible(work.actor, Media.scope), *_narrowed(work, asked))
    slugs = lookup.slugs_of_clinics(work)
    rows = pages.page(work, found, (Media.created_at, Media.id), after, size, lambda row: {"row": row[0]}, falling=True)
    live = _live(work, [each["row"].id for each in rows.rows])
    told = [
        {**_told(work, each["row"], slugs.get(each["row"].scope), live, base), "etag": tag(each["row"])}
        for each in rows.rows
    ]
    return Rows(told, rows.last)


def tag(media: Media) -> str:
    """The ETag of one file's description."""
    return etag("media", media.id, version=media.version)


def body(work: Work, media: Media) -> Said:
    """What is said of a file, as a body would say it."""
    names = ("name", "kind", "shows_person", "public", *WORDS, "focal_point")
    consent = None
    if media.consent is not None:
        told = consent_told(work, media.consent)
        consent = {name: told[name] for name in ("clinics", "uses", "given_on", "until", "reference")}
    return {**{name: getattr(media, name) for name in names}, "consent": consent}


def consent_told(work: Work, consent: Said) -> Said:
    """A consent with its clinics by slug and its instants written out."""
    slugs = lookup.slugs_of_clinics(work)
    instants = {name: _written(consent[name]) for name in ("until", "revoked_at")}
    return {**consent, "clinics": [slugs.get(each, each) for each in consent["clinics"]], **instants}


def _told(work: Work, media: Media, clinic: str | None, live: set[str], base: str) -> Said:
    given = {name: getattr(media, name) for name in ("size", "width", "height", "color", *WORDS, "focal_point")}
    now = work.now() if work.locked else work.database.instant()
    state = consents.state(media.ends_at, media.consent, shows_person=media.shows_person, now=now)
    files = work.session.scalars(select(MediaFile).where(MediaFile.address == media.address)).all()
    public = base if media.public or media.id in live else None
    return {
        "id": media.id,
        "clinic": clinic,
        "form": media.form,
        "kind": media.kind,
        "name": media.name,
        "type": media.media_type,
        **given,
        "shows_person": media.shows_person,
        "public": media.public,
        "consent": consent_told(work, media.consent) if media.consent else None,
        "consent_state": state,
        "live": media.id in live,
        "renditions": [_file(media, each, public, work.database.root) for each in sorted(files, key=_order)],
        "created_at": lookup.instant(media.created_at),
        "created_by": media.created_by,
        "updated_at": lookup.instant(media.updated_at),
    }


def _file(media: Media, file: MediaFile, base: str | None, root: str) -> Said:
    public = base is not None and file.name != "original"
    return {
        "name": file.name,
        "type": file.media_type,
        "size": file.size,
        "width": file.width,
        "height": file.height,
        "url": f"{base}/media/{file.address}/{file.name}" if public else None,
        "preview": f"{root}/v1/manage/media/{media.id}/files/{file.name}",
    }


def _order(file: MediaFile) -> tuple[bool, int, str]:
    return file.name != "original", -(file.width or 0), file.name


def _live(work: Work, ids: list[str]) -> set[str]:
    """Of some files those that a text shows this second, or a clinic as its logo."""
    now = work.database.now()
    asked = select(PublishedValue.value).join(Published, Published.id == PublishedValue.published_id)
    asked = asked.where(
        PublishedValue.name == "media", PublishedValue.value.in_(ids), Published.state == "live",
        Published.visible_from <= now, Published.visible_until > now,
    )  # fmt: skip
    logos = select(Clinic.document["logo"].as_string()).where(Clinic.document["logo"].as_string().in_(ids))
    return {*work.session.scalars(asked), *work.session.scalars(logos)} if ids else set()


def _narrowed(work: Work, asked: Said) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if clinic := asked.get("filter[clinic]"):
        found.append(Media.scope == lookup.scope(work, None if clinic == LIBRARY else clinic))
    found += [
        getattr(Media, name) == asked[f"filter[{name}]"] for name in ("kind", "form") if f"filter[{name}]" in asked
    ]
    if locale := asked.get("filter[missing_alt]"):
        found += [Media.form == "image", Media.alt[locale].as_string().is_(None)]
    if state := asked.get("filter[consent]"):
        found.append(_consent(work, state))
    if (wanted := asked.get("filter[live]")) is not None:
        now = work.database.now()
        shows = exists(
            select(PublishedValue.published_id).join(Published, Published.id == PublishedValue.published_id).where(
                PublishedValue.name == "media", PublishedValue.value == Media.id, Published.state == "live",
                Published.visible_from <= now, Published.visible_until > now,
            )
        )  # fmt: skip
        seen = or_(shows, exists(select(Clinic.id).where(Clinic.document["logo"].as_string() == Media.id)))
        found.append(seen if wanted else ~seen)
    if words := asked.get("q"):
        found.append(func.lower(Media.name).contains(words.lower(), autoescape=True))
    return found


def _consent(work: Work, state: str) -> ColumnElement[bool]:
    now = work.database.instant()
    none, given = Media.consent.is_(None), Media.consent.is_not(None)
    revoked = Media.consent["revoked_at"].as_integer().is_not(None)
    ended, soon = Media.ends_at <= now, Media.ends_at <= now + consents.SOON
    by_state = {
        "not_needed": Media.shows_person.is_(False),
        "missing": and_(Media.shows_person, none),
        "revoked": and_(Media.shows_person, given, ended, revoked),
        "ended": and_(Media.shows_person, given, ended, ~revoked),
        "ending": and_(Media.shows_person, given, ~ended, soon),
        "current": and_(Media.shows_person, given, or_(Media.ends_at.is_(None), ~soon)),
    }
    return by_state[state]


def _written(at: int | None) -> str | None:
    return None if at is None else lookup.instant(dt.datetime.fromtimestamp(at, dt.UTC))
