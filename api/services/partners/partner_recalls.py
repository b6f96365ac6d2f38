"""A partner's own view of what was taken down, and its word that a text is gone from its pages."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, and_, or_, select, tuple_

from api.errors import CmsError, not_found
from api.models import (
    LIBRARY,
    ApiKey,
    Clinic,
    EmbedView,
    Entry,
    Partner,
    PartnerAck,
    Published,
    Revision,
    Transition,
    Variant,
)
from api.services import lookup, pages
from api.services.pages import Rows
from api.services.partners import takedowns
from api.services.partners.partner_usage import withdrawal
from api.services.work import Work
from schemas.content import content_type

Said = dict[str, Any]
ORDER = (Transition.at, Transition.id)


def every(work: Work, partner: Partner, asked: Said, after: tuple[Any, ...] | None, size: int) -> Rows:
    """One page of what was taken down of all that the terms take in, newest first."""
    found = _asked(work, partner)
    if (said := asked.get("filter[acknowledged]")) is not None:
        found = found.where(PartnerAck.at.is_not(None) if said else PartnerAck.at.is_(None))
    rows = pages.page(work, found, ORDER, after, size, lambda row: {"row": row}, falling=True)
    return Rows(_told(work, partner, [each["row"] for each in rows.rows]), rows.last)


def acknowledge(work: Work, partner: Partner, key_id: str, recall_id: str) -> Said:
    """Write down that the text is gone. Said again it changes nothing, unless a page showed the text meanwhile.

    Raises not_found for what lies outside the terms, as for what never was.
    """
    number = int(recall_id) if recall_id.isascii() and recall_id.isdigit() and len(recall_id) < 10 else 0
    now = work.now()
    _require_standing(work, partner, key_id)
    asked = _asked(work, partner).where(Transition.id == number)
    row = work.session.execute(asked).one_or_none()
    if row is None:
        raise not_found("There is no such recall.")
    told = _told(work, partner, [row])[0]
    if row.acknowledged is not None and not told["showing"]:
        return told
    ack = work.session.get(PartnerAck, (partner.id, number))
    if ack is None:
        ack = PartnerAck(partner_id=partner.id, transition_id=number)
        work.session.add(ack)
    ack.at, ack.key_id = now, key_id
    where = {} if row.scope == LIBRARY else {"scope": row.scope}
    work.log("acknowledge_recall", row.entry_id, partner=partner.id, recall=recall_id, locale=row.locale, **where)
    work.flush()
    return _told(work, partner, [work.session.execute(asked).one()])[0]


def _asked(work: Work, partner: Partner) -> Select[Any]:
    """Withdrawals of what lies in the terms, with the partner's word on each."""
    mine = and_(PartnerAck.transition_id == Transition.id, PartnerAck.partner_id == partner.id)
    found = takedowns.taken_down(PartnerAck.at.label("acknowledged")).outerjoin(PartnerAck, mine)
    found = found.where(Entry.scope.in_([LIBRARY, *_clinics(work, partner)]))
    if partner.types:
        found = found.where(Entry.type.in_(partner.types))
    if partner.topics:
        found = found.where(or_(Entry.type != "topic", Entry.id.in_(partner.topics)))
    if partner.locales:
        found = found.where(Variant.locale.in_(partner.locales))
    return found


def _clinics(work: Work, partner: Partner) -> list[str]:
    """The clinics (ids) of which a partner may show anything: public ones that let themselves be embedded."""
    rows = work.session.execute(select(Clinic.id, Clinic.private, Clinic.document)).all()
    return [
        row.id
        for row in rows
        if not row.private and (row.id in partner.clinics if partner.clinics else row.document["embeds"] != "none")
    ]


def _require_standing(work: Work, partner: Partner, key_id: str) -> None:
    """Under the house lock: neither key nor partner ended since the request came in."""
    key = select(ApiKey.revoked_at).where(ApiKey.id == key_id)
    ended = select(Partner.ended_at).where(Partner.id == partner.id)
    if work.session.execute(key).scalar_one() or work.session.execute(ended).scalar_one():
        raise CmsError("unauthorized", "This key was revoked while the request ran; nothing was written.")


def _told(work: Work, partner: Partner, rows: list[Any]) -> list[Said]:
    slugs = lookup.slugs_of_clinics(work)
    words, seen = _words(work, rows), _seen(work, partner, [row.id for row in rows], slugs)
    standing = _replacements(work, partner, {row.replacement_id for row in rows if row.replacement_id})
    return [
        {
            **withdrawal(row),
            "entry": {"type": row.type, "id": row.entry_id},
            "clinic": slugs.get(row.scope),
            "locale": row.locale,
            **words[row.id],
            "replacement": _chosen(standing.get(row.replacement_id, []), row.locale),
            "showing": bool(seen.get(row.id)),
            "seen": seen.get(row.id, []),
            "acknowledged_at": lookup.instant(row.acknowledged),
        }
        for row in rows
    ]


def _words(work: Work, rows: list[Any]) -> dict[int, Said]:
    """{slug, title} of each text as it was when it was taken down."""
    pairs = [(row.variant_id, row.revision) for row in rows]
    asked = select(Revision.variant_id, Revision.number, Revision.slug, Revision.document)
    asked = asked.where(tuple_(Revision.variant_id, Revision.number).in_(pairs))
    known = {(each.variant_id, each.number): each for each in work.session.execute(asked)}
    found = {}
    for row in rows:
        then = known.get((row.variant_id, row.revision))
        title = then.document.get(content_type(row.type).title) if then else None
        found[row.id] = {"slug": then.slug if then else None, "title": str(title or "")}
    return found


def _seen(work: Work, partner: Partner, ids: list[int], slugs: dict[str, str]) -> dict[int, list[Said]]:
    """By withdrawal: where the text was seen after it, and after the partner's word; the latest first."""
    asked = (
        select(Transition.id, EmbedView.clinic_id, EmbedView.mode, EmbedView.revision, EmbedView.seen_at)
        .select_from(Transition)
        .join(Variant, Variant.id == Transition.variant_id)
        .join(Entry, Entry.id == Variant.entry_id)
        .join(EmbedView, EmbedView.entry_id == Entry.id)
        .where(Transition.id.in_(ids), EmbedView.partner_id == partner.id, takedowns.still_shown())
        .order_by(EmbedView.seen_at.desc(), EmbedView.id.desc())
    )
    found: dict[int, list[Said]] = {}
    for row in work.session.execute(asked):
        told = {"clinic": slugs[row.clinic_id], "mode": row.mode, "revision": row.revision}
        found.setdefault(row.id, []).append({**told, "seen_at": lookup.instant(row.seen_at)})
    return found


def _replacements(work: Work, partner: Partner, ids: set[str]) -> dict[str, list[Any]]:
    """By entry: the texts of it that are live now, as far as the partner's clinics read them."""
    now = work.database.now()
    asked = select(Published.entry_id, Published.type, Published.locale, Published.slug, Published.title).where(
        Published.entry_id.in_(ids), Published.scope.in_([LIBRARY, *_clinics(work, partner)]),
        Published.state == "live", Published.visible_from <= now, Published.visible_until > now,
    )  # fmt: skip
    found: dict[str, list[Any]] = {}
    for row in work.session.execute(asked.order_by(Published.locale, Published.scope != LIBRARY)) if ids else ():
        found.setdefault(row.entry_id, []).append(row)
    return found


def _chosen(rows: list[Any], locale: str) -> Said | None:
    """In the language of the text that it stands in for, or else in the first there is."""
    row = next((each for each in rows if each.locale == locale), next(iter(rows), None))
    if row is None:
        return None
    return {"type": row.type, "id": row.entry_id, "locale": row.locale, "slug": row.slug, "title": row.title}
