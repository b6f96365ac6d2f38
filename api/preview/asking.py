"""From a request to a preview: by what right, of what, and the read that delivery's own code then goes on with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from flask import current_app, request

from api.auth import Caller, count_use, identify, unauthorized
from api.errors import CmsError, invalid_parameters, not_found
from api.models import LIBRARY, Share
from api.public.asking import NOTHING_SHARED, Asked, Preview, database, reader_of
from api.public.media import preview_base
from api.queries import paths
from api.queries.house import House, house
from api.queries.reader import Reader
from api.services import lookup
from api.services.previews import previewing, shares
from api.services.previews.previewing import Tried, trying
from api.services.work import Work
from schemas.content_type import ContentType
from schemas.previews import AT, DRAFT, RELEASE

KIND = "preview"


@contextmanager
def previewed(
    kind: ContentType | None, clinic: str, query: dict[str, Any], locale: str | None, environ: dict[str, Any]
) -> Iterator[Asked]:
    """Open a preview of one clinic; `kind` is the type of which the address names one text.

    Raises unauthorized, forbidden, not_found, invalid_parameter.
    """
    if "token" in query:
        with shared(kind, clinic, query) as ask:
            yield ask
        return
    db, config = database(), current_app.extensions["config"]
    with trying(db) as work:
        connection = previewing.connection_of(work)
        caller = identify(connection, request.headers.get("Authorization"), db.now())
        count_use(db, caller)
        found = _house(work, caller, clinic)
        scopes = {found.id, LIBRARY} & set(caller.clinics)
        which, value = query.get("perspective", (DRAFT, ""))
        tried = _tried(work, which, value, scopes)
        previewing.lay(work, tried, found.id)
        told = request.args.get("perspective", DRAFT)
        found = replace(found, worked_out={}, below="/preview", asks=f"&perspective={_escaped(told)}")
        reader = _seeing(found, query, locale or query.get("locale"), tried.at)
        preview = Preview(told, tried.at, tried.states, tried.left_out)
        yield Asked(connection, caller, found, reader, query, environ, db, config, preview)


def _seeing(found: House, query: dict[str, Any], wanted: str | None, at: int) -> Reader:
    """A reader who is given addresses of pictures that only drafts show, too."""
    return reader_of(found, query, wanted, at, preview_base(database().now(), found.id))


def _house(work: Work, caller: Caller, slug: str) -> House:
    """The clinic, for a preview key of it."""
    if caller.kind is None:
        raise unauthorized("A preview of this clinic needs a preview key, or the token of a share link.")
    if caller.kind != KIND:
        raise CmsError("forbidden", f"A {caller.kind} key does not preview; this needs a preview key.")
    found = house(work.database, previewing.connection_of(work), slug)
    if found is None or found.id not in caller.clinics:
        raise not_found("There is no clinic of this name.")
    return found


def _tried(work: Work, which: str, value: Any, scopes: set[str]) -> Tried:
    if which == DRAFT:
        return previewing.drafts(work, scopes, (request.view_args or {}).get("slug"))
    if which == RELEASE:
        return previewing.release(work, value, scopes)
    if LIBRARY not in scopes:
        raise CmsError("forbidden", "This key sees no drafts of the library, and so not what is planned for it.")
    if value.timestamp() < work.database.now():
        detail = "Give an instant ahead; what was said before is told by management: `?at=` of an entry."
        raise invalid_parameters([{"parameter": "perspective", "code": "not_allowed", "detail": detail}])
    assert which == AT
    return previewing.at(value)


@contextmanager
def shared(kind: ContentType | None, clinic: str | None, query: dict[str, Any]) -> Iterator[Asked]:
    """Open what a share link shows; without a `clinic` the address names nothing but the link.

    Whatever is wrong with the token, it is the same not_found.
    """
    if "perspective" in query:
        detail = "A token says itself what it shows; leave out perspective."
        raise invalid_parameters([{"parameter": "perspective", "code": "excluded", "detail": detail}])
    db, parts = database(), current_app.extensions
    with trying(db) as work:
        share = shares.admitted(work, parts["secret"], query["token"])
        if share is None:
            raise CmsError("not_found", NOTHING_SHARED)
        found = house(db, previewing.connection_of(work), clinic or shares.clinic_of(work, share))
        if (
            found is None
            or found.id != share.clinic_id
            or not (clinic is None or _about(work, share, kind, found, query))
        ):
            raise CmsError("not_found", NOTHING_SHARED)
        if share.once and not shares.used(db, share, request.environ):
            raise CmsError("not_found", NOTHING_SHARED)
        type_name, _, slug = shares.text_of(work, share)
        told, ends = f"share:{share.id}", lookup.instant(share.expires_at)
        tried = previewing.shared(work, share)
        preview = Preview(told, tried.at, tried.states, only=share.entry_id, shows=(type_name, slug), ends=ends)
        wanted = share.locale
        previewing.lay(work, tried, found.id)
        found = replace(found, worked_out={}, below="/preview")
        reader = _seeing(found, query, wanted, tried.at)
        connection, config = previewing.connection_of(work), parts["config"]
        yield Asked(connection, Caller(), found, reader, query, request.environ, db, config, preview)


def _about(work: Work, share: Share, kind: ContentType | None, found: House, query: dict[str, Any]) -> bool:
    """Whether the address names the very text of a link, in its language: by its slug, or as a path of the site."""
    type_name, words, slug = shares.text_of(work, share)
    if query.get("locale", share.locale) != share.locale or share.locale not in found.locales:
        return False
    if "path" in query:
        page = paths.page(found, share.locale, type_name, words.get("kind") or "", slug)
        return page is not None and paths.normal(query["path"]) == paths.normal(page)
    asked = (request.view_args or {}).get("slug")
    return kind is not None and kind.name == type_name and asked == slug


def _escaped(text: str) -> str:
    return text.replace("+", "%2B").replace(" ", "%2B")
