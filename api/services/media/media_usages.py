"""Who shows a picture: live texts and drafts, and what is old once the picture changes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from api.models import LIBRARY, Clinic, Entry, Media, Published, PublishedValue, Revision, Variant
from api.queries.house import profile_tags
from api.services.published import publications, rewriting
from api.services.texts import showing, usages
from api.services.work import Work
from schemas.content import content_type

Said = dict[str, Any]


def live(work: Work, media: Media) -> list[Any]:
    """Published rows, now or planned, that name a picture: (entry_id, type, scope, locale, title)."""
    now = int((work.now() if work.locked else work.database.instant()).timestamp())
    asked = (
        select(Published.entry_id, Published.type, Published.scope, Published.locale, Published.title)
        .join(PublishedValue, PublishedValue.published_id == Published.id)
        .where(PublishedValue.name == "media", PublishedValue.value == media.id, Published.visible_until > now)
        .distinct()
        .order_by(Published.entry_id, Published.locale, Published.scope)
    )
    return list(work.session.execute(asked))


def logos(work: Work, media: Media) -> list[Clinic]:
    """The clinics whose logo a picture is."""
    asked = select(Clinic).where(Clinic.document["logo"].as_string() == media.id).order_by(Clinic.id)
    return list(work.session.scalars(asked))


def languages(clinics: list[Clinic]) -> set[str]:
    """The languages that some clinics speak: those in which a logo needs its words."""
    return {each["code"] for clinic in clinics for each in clinic.document["locales"]}


def drafts(work: Work, media: Media, *, everywhere: bool = False) -> list[tuple[Variant, Revision]]:
    """Texts and overlays whose newest revision names a picture and is not what is live, as far as the actor sees."""
    return [
        (variant, newest)
        for variant, newest in usages.drafts_naming(work, media.id)
        if (everywhere or work.actor.sees(variant.scope)) and newest.document.get("image") == media.id
    ]


def everywhere(work: Work, media: Media) -> Said:
    """{live, drafts, logos, others}: who shows it; what clinics show that the actor does not see is only counted."""
    found, clinics = live(work, media), logos(work, media)
    slugs = dict(work.session.execute(select(Clinic.id, Clinic.slug)).all())
    seen = [each for each in found if each.scope == LIBRARY or work.actor.sees(each.scope)]
    return {
        "live": [
            {"type": each.type, "id": each.entry_id, "clinic": slugs.get(each.scope), "locale": each.locale,
             "title": each.title}
            for each in seen
        ],
        "drafts": [
            {"type": text.entry.type, "id": text.entry_id, "clinic": slugs.get(text.scope), "locale": text.locale,
             "title": newest.document.get(content_type(text.entry.type).title) or "", "revision": newest.number,
             "state": showing.state(work, text, newest)}
            for text, newest in drafts(work, media)
        ],
        "logos": (named := [each.slug for each in clinics if work.actor.sees(each.id)]),
        "others": len(found) - len(seen) + len(clinics) - len(named),
    }  # fmt: skip


def blockers(work: Work, media: Media) -> list[Said]:
    """Why a picture can't be taken away: [{move, code, pointer, detail}]."""
    told = everywhere(work, media)
    found = [f"A live {each['type']} shows it: {each['id']} in {each['locale']}." for each in told["live"]]
    found += [f"A draft names it: {each['type']} {each['id']} in {each['locale']}." for each in told["drafts"]]
    found += [f"It is the logo of {each}." for each in told["logos"]]
    hidden = told["others"] or len(drafts(work, media, everywhere=True)) > len(told["drafts"])
    found += ["A text of a clinic that you do not work for names it."] if hidden else []
    return [{"move": "remove", "code": "in_use", "pointer": "", "detail": detail} for detail in found[:20]]


def rewritten(work: Work, media: Media, users: list[Any]) -> list[str]:
    """Have the published rows of those who show it written anew before the commit; the tags of what is old then."""
    tags = {f"m:{media.id}"}
    for entry_id in {each.entry_id for each in users}:
        entry = work.session.get_one(Entry, entry_id)
        rewriting.soon(work, entry)
        for scope in {each.scope for each in users if each.entry_id == entry_id} | {entry.scope}:
            tags.update(publications.tags_of(entry, scope))
    return sorted(tags.union(*(profile_tags(each.id) for each in logos(work, media))))
