"""The line of HTML that a partner pastes, made from what its terms take in and what is live now."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

from sqlalchemy import Connection, select

from api.models import Clinic, Partner
from api.queries import items, lists, paths
from api.queries.filters import Restriction
from api.queries.house import House, house
from api.queries.reader import Reader
from api.services.work import Work
from schemas.content import content_type

SHOWN_AS = {"topic": "topic", "guide": "guide", "term": "term", "faq": "topic"}
"""What is asked for by type, the first choice first: questions are shown by the topic they belong to."""


@dataclass(frozen=True)
class Example:
    """A text that the terms take in: the attribute that names it, and its page."""

    clinic: str
    type: str
    locale: str
    slug: str
    title: str
    url: str


def snippet(work: Work, partner: Partner, public_url: str) -> str:
    """The script and the element, with a link inside where JavaScript is off; words in capitals are to be filled."""
    # Readers' questions are asked on a reader's connection: what they prepare there no rollback takes away.
    with work.database.reading() as connection:
        found = _example(work, connection, partner, public_url)
    named = {
        "clinic": found.clinic,
        "type": found.type,
        "topic" if found.type == "faq" else "slug": found.slug,
        "locale": found.locale,
        "partner": partner.id,
    }
    written = " ".join(f'{name}="{escape(value)}"' for name, value in named.items())
    script = f'<script async src="{escape(public_url)}/embed.js"></script>'
    return f'{script}<clinic-content {written}><a href="{escape(found.url)}">{escape(found.title)}</a></clinic-content>'


def _example(work: Work, connection: Connection, partner: Partner, public_url: str) -> Example:
    clinic = _clinic(work, connection, partner)
    kind = next((each for each in SHOWN_AS if not partner.types or each in partner.types), "topic")
    if clinic is None:
        return Example("CLINIC", kind, next(iter(partner.locales), "en"), "SLUG", "TITLE", public_url)
    spoken = [each for each in partner.locales if each in clinic.locales]
    locale = next(iter(spoken), clinic.profile["default_locale"])
    row = _first(connection, partner, Reader(clinic, (locale,), work.database.now()), SHOWN_AS[kind])
    if row is None:
        return Example(clinic.slug, kind, locale, "SLUG", "TITLE", clinic.profile["site_url"] or public_url)
    page = paths.absolute(clinic, paths.page(clinic, locale, row.type, row.kind, row.slug))
    plural = content_type(row.type).plural
    embed = f"{public_url}/embed/{clinic.slug}/{plural}/{row.slug}?partner={partner.id}&locale={locale}"
    return Example(clinic.slug, kind, locale, row.slug, row.title, page or embed)


def _clinic(work: Work, connection: Connection, partner: Partner) -> House | None:
    """The first of the partner's clinics that lets other sites show its texts, or else the first."""
    rows = connection.execute(select(Clinic.id, Clinic.slug, Clinic.private, Clinic.document).order_by(
        Clinic.position, Clinic.id)).all()  # fmt: skip
    mine = [row for row in rows if not row.private and (not partner.clinics or row.id in partner.clinics)]
    willing = [row for row in mine if row.document["embeds"] != "none"]
    chosen = next(iter(willing or (mine if partner.clinics else ())), None)
    return house(work.database, connection, chosen.slug) if chosen else None


def _first(connection: Connection, partner: Partner, reader: Reader, type_name: str) -> Any:
    """The row of the first text there is, None without one."""
    if type_name == "topic" and partner.topics:
        found = items.by_ids(connection, reader, "topic", list(partner.topics))
        return next((each.row for each in found.values() if each.outcome == "live"), None)
    asked = lists.Question(content_type(type_name), size=1)
    return next(iter(lists.page(connection, reader, asked, Restriction()).rows), None)
