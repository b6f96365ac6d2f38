"""The media library: pictures and documents taken in, described, replaced, and taken away."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import update

from api.errors import conflict, invalid_content, not_found
from api.media.formats import IMAGE
from api.media.prepared import Prepared
from api.models import Clinic, Media, MediaFile
from api.rules import consents
from api.rules.overlays import merge
from api.services import lookup
from api.services.media import media_told, media_usages
from api.services.published import publications
from api.services.texts import documents
from api.services.work import Work
from schemas.managed.media import WORDS, MediaBody

Said = dict[str, Any]
GRACE = dt.timedelta(hours=1)
"""So long an address that was replaced is still answered: pages that name it are kept somewhere for minutes."""
COLUMNS = ("name", "kind", "shows_person", "public", *WORDS, "focal_point", "consent")


def create(work: Work, prepared: Prepared, said: Said, name: str, *, stable: str | None = None) -> Media:
    """Take in what was prepared and is kept already. Raises forbidden, not_found, invalid_content."""
    scope = lookup.scope(work, said["clinic"])
    work.check("media", scope)
    about = {each: value for each, value in said.items() if each != "clinic"}
    told = _checked(work, {**about, "name": about["name"] or name}, prepared.form)
    _allow(work, scope, {}, told, live=False)
    made = Media(
        id=work.new_id("med", stable),
        scope=scope,
        form=prepared.form,
        created_at=work.now(),
        created_by=work.actor.person_id,
        updated_at=work.now(),
        **_of(prepared),
        **told,
    )
    made.ends_at = _ends(made)
    work.session.add(made)
    _files(work, made, prepared)
    _owe(work, made)
    work.log("create_media", made.id, scope=scope, form=made.form, digest=made.digest, size=made.size)
    return made


def patch(work: Work, media: Media, changes: Said) -> Media:
    """Merge changes into what is said of a file; nothing happens if nothing changed.

    What live texts show changes with it at once. Raises forbidden, conflict, invalid_content.
    """
    body = documents.checked(MediaBody(), merge(media_told.body(work, media), changes), "")
    told = _checked(work, body, media.form, media)
    before = {name: getattr(media, name) for name in COLUMNS}
    changed = [name for name in COLUMNS if before[name] != told[name]]
    users, clinics = media_usages.live(work, media), media_usages.logos(work, media)
    _allow(work, media.scope, before, told, live=bool(users or clinics) or media.public)
    _keep_words(told, users, clinics)
    if not changed:
        return media
    shown = _shown_until(work, media)
    for name in changed:
        setattr(media, name, told[name])
    media.updated_at = work.now()
    media.ends_at = _ends(media)
    _owe(work, media)
    lost = shown and not _shown_until(work, media)
    _publish(work, media, users, "consent_ended" if lost or "consent" in changed else "media")
    work.log("change_media", media.id, scope=media.scope, changed=changed)
    return media


def replace(work: Work, media: Media, prepared: Prepared, *, retract: bool) -> Media:
    """Another file in the place of the old one, at an address of its own; texts show it at once.

    The old address is answered for an hour more, or with `retract` not at all.
    """
    users = media_usages.live(work, media)
    seen = users or media.public or media_usages.logos(work, media)
    work.check("media_live" if seen else "media", media.scope)
    if prepared.form != media.form:
        detail = f"This is a {media.form}, and the file is none."
        raise invalid_content([{"pointer": "/file", "code": "type_mismatch", "detail": detail}])
    if prepared.digest == media.digest and not retract:
        return media
    _retire(work, media, work.now() if retract else work.now() + GRACE)
    for name, value in _of(prepared).items():
        setattr(media, name, value)
    media.updated_at = work.now()
    _files(work, media, prepared)
    _publish(work, media, users, "retract" if retract else "media")
    work.log("replace_media", media.id, scope=media.scope, digest=media.digest, retract=retract)
    return media


def revoke(work: Work, media: Media, reason: str | None) -> Media:
    """End a consent now: the picture is gone everywhere at once. Raises forbidden, conflict."""
    work.check("consent", media.scope)
    if not media.shows_person or media.consent is None or media.consent["revoked_at"]:
        detail = "There is no consent that could be revoked."
        raise conflict([{"move": "revoke", "code": "no_consent", "pointer": "", "detail": detail}])
    users = media_usages.live(work, media)
    media.consent = {**media.consent, "revoked_at": int(work.now().timestamp()), "reason": reason}
    media.updated_at = work.now()
    media.ends_at = _ends(media)
    _publish(work, media, users, "consent_ended")
    work.log("revoke_consent", media.id, scope=media.scope, reason=reason)
    return media


def remove(work: Work, media: Media) -> None:
    """Take a file away for good. Refused while a live, planned or drafted text refers to it."""
    work.check("media_remove", media.scope)
    if found := media_usages.blockers(work, media):
        raise conflict(found)
    _retire(work, media, work.now())
    _publish(work, media, [], "retract")
    work.log("remove_media", media.id, scope=media.scope, name=media.name, digest=media.digest)
    work.session.delete(media)


def find(work: Work, media_id: str) -> Media:
    """A file that the actor may see. Raises not_found; foreign and unknown ids read the same."""
    found = work.session.get(Media, media_id)
    if found is None or not work.actor.sees(found.scope):
        raise not_found("There is no such picture or document.")
    return found


def _checked(work: Work, said: Said, form: str, media: Media | None = None) -> Said:
    """The columns that a body makes. Raises invalid_content with every fault."""
    faults: list[dict[str, Any]] = []
    kind = said["kind"] or ("photo" if form == IMAGE else "document")
    if (kind == "document") != (form != IMAGE):
        faults.append(_fault("/kind", "contradiction", f"A file that is {form} can't be of the kind {kind}."))
    if kind == "before_after" and not said["shows_person"]:
        faults.append(_fault("/shows_person", "required", "A picture of before and after shows a person."))
    consent = said["consent"]
    if consent is not None:
        if not said["shows_person"]:
            faults.append(_fault("/consent", "contradiction", "A consent belongs to a picture that shows a person."))
        ids, unknown = lookup.named_clinics(work, consent["clinics"])
        faults += [{**each, "pointer": "/consent/clinics"} for each in unknown]
        before = (media.consent if media is not None else None) or {}
        until = int(consent["until"].timestamp()) if consent["until"] else None
        if until is not None and until != before.get("until") and until <= work.database.now():
            faults.append(_fault("/consent/until", "past", "`until` lies in the past."))
        consent = {**consent, "clinics": ids, "uses": sorted(set(consent["uses"])), "until": until}
        same = bool(before) and all(before.get(name) == value for name, value in consent.items())
        consent |= {name: before.get(name) if same else None for name in ("revoked_at", "reason")}
    if faults:
        raise invalid_content(faults)
    return {**{name: said[name] for name in COLUMNS}, "kind": kind, "consent": consent}


def _allow(work: Work, scope: str, before: Said, told: Said, *, live: bool) -> None:
    """Words of what is live are for those who may publish or edit; so is what is made public, and a consent."""
    work.check("media_live" if live or told["public"] else "media", scope)
    if (
        before.get("consent") != told["consent"]
        or before.get("shows_person", told["shows_person"]) != told["shows_person"]
    ):
        work.check("consent", scope)


def _keep_words(told: Said, users: list[Any], clinics: list[Clinic]) -> None:
    """A live text's picture keeps its alternative text in that language, a logo in each of its clinic's."""
    spoken = {each.locale for each in users} | media_usages.languages(clinics)
    if lost := sorted(spoken - set(told["alt"])):
        raise conflict([
            {"move": "save", "code": "in_use", "pointer": f"/alt/{locale}",
             "detail": f"This picture is shown in {locale}: it needs its alternative text."}
            for locale in lost
        ])  # fmt: skip


def _ends(media: Media) -> dt.datetime | None:
    return consents.ends_at(shows_person=media.shows_person, consent=media.consent, since=media.created_at)


def _shown_until(work: Work, media: Media) -> bool:
    return media.ends_at is None or media.ends_at > work.now()


def _of(prepared: Prepared) -> Said:
    names = ("media_type", "digest", "address", "size", "width", "height", "color")
    return {name: getattr(prepared, name) for name in names}


def _files(work: Work, media: Media, prepared: Prepared) -> None:
    for each in prepared.files:
        about = {name: getattr(each, name) for name in ("name", "media_type", "size", "digest", "width", "height")}
        there = work.session.get(MediaFile, (prepared.address, each.name))
        if there is None:
            there = MediaFile(address=prepared.address, media_id=media.id, created_at=work.now(), **about)
            work.session.add(there)
        there.retired_at = None
    prepared.used = True
    work.flush()


def _retire(work: Work, media: Media, at: dt.datetime) -> None:
    gone = update(MediaFile).where(MediaFile.address == media.address).values(retired_at=at)
    work.session.execute(gone, execution_options={"synchronize_session": "fetch"})


def _owe(work: Work, media: Media) -> None:
    """A consent that ends by itself is numbered when it does."""
    if media.ends_at is not None and media.ends_at > work.now():
        publications.promise(work, "consent", f"media:{media.id}", media.ends_at)


def _publish(work: Work, media: Media, users: list[Any], kind: str) -> None:
    """Texts that show it are written anew, and whatever was made of them is old."""
    work.flush()
    tags = media_usages.rewritten(work, media, users)
    publications.publish_change(work, kind, media.scope, tags)


def _fault(pointer: str, code: str, detail: str) -> dict[str, Any]:
    return {"pointer": pointer, "code": code, "detail": detail}
