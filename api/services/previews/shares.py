"""Share links: a signed token that shows one revision of one text for an hour at most; listed, and taken back."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import func, or_, select, update

from api.db import Database
from api.errors import conflict, invalid_content, not_found
from api.models import LIBRARY, Clinic, Entry, Revision, Share, Transition, Variant
from api.rules.permissions import ANYONE
from api.services import lookup, pages
from api.services.etags import etag
from api.services.pages import Rows
from api.services.texts.facts import newest_of
from api.services.texts.selecting import visible
from api.services.versions import version_of
from api.services.work import Work, writing

ENDS_A_LINK = ("unpublish", "withdraw", "recall", "hide")
_USED = "clinic_cms.share_used"


@dataclass(frozen=True)
class Place:
    """What a body names: the entry, the clinic, and its texts in one language."""

    entry: Entry
    clinic: Clinic
    base: Variant
    overlay: Variant | None


def create(work: Work, secret: bytes, said: dict[str, Any]) -> tuple[Share, str]:
    """A new link as a body asks for it, and its token, which is told once. Raises not_found, invalid_content."""
    place = _place(work, said)
    revision, overlay = _revisions(work, place, said)
    now = work.now()
    share = Share(
        id=work.new_id("shr"),
        clinic_id=place.clinic.id,
        entry_id=place.entry.id,
        locale=place.base.locale,
        revision=revision,
        overlay_revision=overlay,
        once=said["once"],
        note=said["note"],
        after=work.session.scalar(select(func.max(Transition.id))) or 0,
        created_at=now,
        created_by=work.actor.person_id,
        expires_at=now + dt.timedelta(seconds=said["expires_in"]),
    )
    work.session.add(share)
    about = {"entry": share.entry_id, "locale": share.locale, "revision": revision, "overlay_revision": overlay}
    work.log("share", share.id, **about, scope=share.clinic_id, expires_at=lookup.instant(share.expires_at))
    return share, _sealed(secret, share)


def revoke(work: Work, share: Share) -> Share:
    """End a link now."""
    if share.revoked_at is None:
        share.revoked_at = work.now()
        work.log("revoke_share", share.id, entry=share.entry_id, scope=share.clinic_id)
    return share


def find(work: Work, share_id: str) -> Share:
    """A link of a clinic that the actor works for. Raises not_found."""
    found = work.session.get(Share, share_id)
    if found is None or not work.actor.sees(found.clinic_id):
        raise not_found("There is no such share link.")
    return found


def every(work: Work, asked: dict[str, Any], after: tuple[Any, ...] | None, size: int) -> Rows:
    """The links of the actor's clinics."""
    found = select(Share, Clinic.slug, Entry.type).join(Clinic, Clinic.id == Share.clinic_id)
    found = found.join(Entry, Entry.id == Share.entry_id).where(visible(work.actor, Share.clinic_id))
    if slug := asked.get("filter[clinic]"):
        found = found.where(Share.clinic_id == lookup.own_clinic(work, slug).id)
    if entry_id := asked.get("filter[entry]"):
        found = found.where(Share.entry_id == entry_id)
    return pages.page(work, found, (Share.created_at, Share.id), after, size,
                      lambda row: {**_told(work, *row[:3]), "etag": tag(row[0])})  # fmt: skip


def shown(work: Work, share: Share) -> dict[str, Any]:
    """A link as its keepers see it: without its token."""
    clinic = work.session.get_one(Clinic, share.clinic_id)
    return _told(work, share, clinic.slug, work.session.get_one(Entry, share.entry_id).type)


def tag(share: Share) -> str:
    return etag("share", share.id, version=version_of(share.revoked_at))


def addresses(work: Work, share: Share, token: str, path: str | None, api: str) -> list[dict[str, str]]:
    """[{key, url}]: the page of this service, and the clinic's own frontends by their templates."""
    clinic = work.session.get_one(Clinic, share.clinic_id)
    type_name, _, slug = text_of(work, share)
    values = {"token": token, "path": path or "", "slug": slug, "type": type_name, "locale": share.locale}
    values |= {"id": share.entry_id}
    found = [{"key": "page", "url": f"{api}/preview?token={token}"}]
    for template in clinic.document.get("preview_urls") or []:
        url = template["url"]
        if "{path}" in url and path is None:
            continue
        for name, value in values.items():
            url = url.replace(f"{{{name}}}", quote(value, safe="/"))
        found.append({"key": template["key"], "url": url})
    return found


def clinic_of(work: Work, share: Share) -> str:
    """The slug of the clinic that a link is for."""
    return work.session.get_one(Clinic, share.clinic_id).slug


def text_of(work: Work, share: Share) -> tuple[str, dict[str, Any], str]:
    """(type, document, slug) of the library's or clinic's own revision that a link shows."""
    asked = (
        select(Entry.type, Revision.document, Revision.slug)
        .select_from(Revision)
        .join(Variant, Variant.id == Revision.variant_id)
        .join(Entry, (Entry.id == Variant.entry_id) & (Entry.scope == Variant.scope))
        .where(Entry.id == share.entry_id, Variant.locale == share.locale, Revision.number == share.revision)
    )
    type_name, document, slug = work.session.execute(asked).one()
    return type_name, document, slug or ""


def admitted(work: Work, secret: bytes, token: str) -> Share | None:
    """The link of a token, None where it is not whole, has ended, was used up or taken back, or its text was."""
    try:
        said = _sealer(secret).loads(token)
    except BadData:
        return None
    share = work.session.get(Share, said[0]) if isinstance(said, list) and said and isinstance(said[0], str) else None
    # Sealed again it must be the very same: base64 has several spellings of some bytes.
    if share is None or _sealed(secret, share) != token:
        return None
    ended = share.revoked_at is not None or (share.once and share.used_at is not None)
    if ended or share.expires_at <= work.now() or _taken_down(work, share):
        return None
    return share


def used(database: Database, share: Share, environ: dict[str, Any]) -> bool:
    """Use up a link that shows its text once; False where somebody was first. Twice in a request is one use."""
    if environ.get(_USED) == share.id:
        return True
    with writing(database, ANYONE) as work:
        still = update(Share).where(Share.id == share.id, Share.used_at.is_(None), Share.revoked_at.is_(None))
        first = work.session.execute(still.values(used_at=work.now()).returning(Share.id)).first() is not None
        if first:
            work.log("use_share", share.id, entry=share.entry_id, scope=share.clinic_id)
    environ[_USED] = share.id
    return first


def _taken_down(work: Work, share: Share) -> bool:
    """Whether the text was put away, or taken from this clinic's readers, since the link was made."""
    entry = work.session.get_one(Entry, share.entry_id)
    asked = (
        select(Transition.id)
        .join(Variant, Variant.id == Transition.variant_id)
        .where(
            Variant.entry_id == share.entry_id,
            Variant.scope.in_({LIBRARY, share.clinic_id}),
            Variant.locale.in_({share.locale, "*"}),
            Transition.move.in_(ENDS_A_LINK),
            Transition.at <= work.now(),
            or_(Transition.id > share.after, Transition.at > share.created_at),
        )
    )
    return entry.archived_at is not None or work.session.scalar(asked.limit(1)) is not None


def _place(work: Work, said: dict[str, Any]) -> Place:
    clinic = lookup.own_clinic(work, said["clinic"])
    entry = work.session.get(Entry, said["id"])
    library = entry is not None and entry.scope == LIBRARY
    if entry is None or entry.type != said["type"] or not (library or work.actor.sees(entry.scope)):
        raise lookup.absent()
    if entry.archived_at is not None:
        raise conflict([lookup.put_away()])
    if entry.scope not in (LIBRARY, clinic.id):
        raise invalid_content([_fault("/clinic", "wrong_scope", "This text belongs to another clinic.")])
    locale = said["locale"] or entry.first_locale
    base = next((each for each in entry.variants if (each.scope, each.locale) == (entry.scope, locale)), None)
    if base is None:
        raise invalid_content([_fault("/locale", "unknown", f"This entry has no text in {locale}.")])
    if locale not in {each["code"] for each in clinic.document["locales"]}:
        raise invalid_content([_fault("/locale", "not_allowed", f"{clinic.slug} has no language {locale}.")])
    own = (each for each in entry.variants if (each.scope, each.locale) == (clinic.id, locale))
    return Place(entry, clinic, base, next(own, None) if library else None)


def _revisions(work: Work, place: Place, said: dict[str, Any]) -> tuple[int, int | None]:
    """(base revision, overlay revision) to show. Whoever sees no drafts of the library shares what is live of it."""
    overlay, wanted, live = place.overlay, said.get("overlay_revision"), place.base.live_revision
    patched = overlay is not None and bool(overlay.revisions)
    if wanted is not None and not (overlay and any(each.number == wanted for each in overlay.revisions)):
        raise invalid_content([_fault("/overlay_revision", "invalid", f"There is no revision {wanted}.")])
    if wanted is None and overlay is not None and patched:
        wanted = overlay.live_revision if work.actor.sees(LIBRARY) else newest_of(overlay).number
    number = said.get("revision") or (newest_of(place.base).number if work.actor.sees(place.entry.scope) else live)
    if number is None or all(each.number != number for each in place.base.revisions):
        raise lookup.absent() if number is None else _no_revision(number)
    if number == live:
        work.check("share", place.clinic.id)
    elif not work.actor.sees(place.entry.scope):
        raise _no_revision(number)
    else:
        work.check("share", place.entry.scope)
    return number, wanted


def _no_revision(number: int) -> Exception:
    return invalid_content([_fault("/revision", "invalid", f"There is no revision {number}.")])


def _told(work: Work, share: Share, clinic: str, type_name: str) -> dict[str, Any]:
    names = ("id", "locale", "revision", "overlay_revision", "once", "note")
    instants = ("created_at", "expires_at", "used_at", "revoked_at")
    return {
        **{name: getattr(share, name) for name in names},
        "clinic": clinic,
        "entry": {"type": type_name, "id": share.entry_id},
        "state": _state(work, share),
        "created_by": share.created_by,
        **{name: lookup.instant(getattr(share, name)) for name in instants},
    }


def _state(work: Work, share: Share) -> str:
    now = work.now() if work.locked else work.database.instant()
    ended = (("revoked", share.revoked_at is not None), ("used", share.once and share.used_at is not None),
             ("expired", share.expires_at <= now))  # fmt: skip
    return next((name for name, holds in ended if holds), "active")


def _sealed(secret: bytes, share: Share) -> str:
    """The token: everything that it is bound to, signed."""
    bound = [share.clinic_id, share.entry_id, share.locale, share.revision, share.overlay_revision]
    made: str | bytes = _sealer(secret).dumps([share.id, *bound, int(share.expires_at.timestamp())])
    return str(made)


def _sealer(secret: bytes) -> URLSafeSerializer:
    how = {"digest_method": hashlib.sha256, "key_derivation": "hmac"}
    return URLSafeSerializer(secret, salt="clinic-cms share link", signer_kwargs=how)


def _fault(pointer: str, code: str, detail: str) -> dict[str, Any]:
    return {"pointer": pointer, "code": code, "detail": detail}
