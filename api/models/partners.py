"""Sites that embed: what each may show and under which terms, what they show, and what they said of recalls."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.db import Base, Instant
from api.models.columns import Code, Document, Id, Listing, Name, Prose, When
from api.models.records import Number


class Partner(Base):
    """A site that embeds. Its id is public: it names terms and opens nothing.

    `clinics` (ids), `types`, `topics` (ids of entries) and `locales` narrow what it may show; empty is all.
    `terms`: {attribution: {required, text, url}, licence: {id, url} | null, indexing}.
    """

    __tablename__ = "partners"

    id: Mapped[Id]
    name: Mapped[Prose]
    origins: Mapped[Listing]
    clinics: Mapped[Listing]
    types: Mapped[Listing]
    topics: Mapped[Listing]
    locales: Mapped[Listing]
    terms: Mapped[Document]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[When]
    updated_at: Mapped[When]
    ended_at: Mapped[dt.datetime | None] = mapped_column(Instant)

    __mapper_args__ = {"version_id_col": version}


class EmbedView(Base):
    """How often a partner's pages showed something on one day, and which revision last: no visitor is in it.

    `partner_id` is empty for embeds without one.
    """

    __tablename__ = "embed_views"

    id: Mapped[int] = mapped_column(Number, primary_key=True)
    partner_id: Mapped[Code]
    clinic_id: Mapped[Code] = mapped_column(ForeignKey("clinics.id", ondelete="CASCADE"))
    entry_id: Mapped[Code] = mapped_column(ForeignKey("entries.id", ondelete="CASCADE"), index=True)
    locale: Mapped[Name]
    mode: Mapped[Name]
    day: Mapped[Name]
    views: Mapped[int] = mapped_column(BigInteger)
    revision: Mapped[int]
    seen_at: Mapped[When]

    __table_args__ = (UniqueConstraint("partner_id", "clinic_id", "entry_id", "locale", "mode", "day"),)


class PartnerAck(Base):
    """A partner's word that what was taken down is gone from its pages; `transition_id` is the withdrawal."""

    __tablename__ = "partner_acks"

    partner_id: Mapped[Code] = mapped_column(ForeignKey("partners.id", ondelete="CASCADE"), primary_key=True)
    transition_id: Mapped[int] = mapped_column(ForeignKey("transitions.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[When]
    key_id: Mapped[Code | None]


class EmbedScript(Base):
    """A version of embed.js that was given out: pages that pin it by its digest go on asking for it."""

    __tablename__ = "embed_scripts"

    version: Mapped[Id]
    body: Mapped[Prose]
    given_at: Mapped[When]
