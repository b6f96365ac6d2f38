"""The read model: what is visible, where and when; made from variants and transitions, never edited."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.db import Base
from api.models.columns import Code, Name, Prose, Seconds, SlugText, bytewise


class Published(Base):
    """One span of visibility, half-open [visible_from, visible_until) in epoch seconds.

    `state` is live, or a marker that shadows: hidden (locale `*`) or gone. `document` is delivery JSON without what
    depends on the clinic; `sources` the CommonMark behind its rich text; `links` the targets its texts name.
    """

    __tablename__ = "published"

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[Code] = mapped_column(ForeignKey("entries.id", ondelete="CASCADE"))
    scope: Mapped[Code]
    locale: Mapped[Name]
    visible_from: Mapped[Seconds]
    visible_until: Mapped[Seconds]
    type: Mapped[Name]
    state: Mapped[Name]
    kind: Mapped[Name]
    slug: Mapped[SlugText]
    title: Mapped[Prose]
    title_key: Mapped[str] = mapped_column(bytewise(200))
    group_position: Mapped[int]
    position: Mapped[int]
    revision: Mapped[int]
    overlay_revision: Mapped[int | None]
    published_at: Mapped[Seconds]
    updated_at: Mapped[Seconds]
    last_reviewed: Mapped[str | None]
    next_due: Mapped[str | None]
    reviewer: Mapped[Prose]
    document: Mapped[Prose]
    sources: Mapped[Prose]
    links: Mapped[Prose]

    __table_args__ = (
        UniqueConstraint("entry_id", "scope", "locale", "visible_from", name="uq_published_span"),
        Index("ix_published_default", "type", "scope", "locale", "group_position", "position", "entry_id"),
        Index("ix_published_title", "type", "scope", "locale", "title_key", "entry_id"),
        Index("ix_published_first", "type", "scope", "locale", "published_at", "entry_id"),
        Index("ix_published_changed", "type", "scope", "locale", "updated_at", "entry_id"),
        Index("ix_published_slug", "type", "slug", "scope"),
    )


class Coming(Base):
    """An instant ahead, in epoch seconds, at which something of an entry starts or stops to show in a scope."""

    __tablename__ = "coming"

    scope: Mapped[str] = mapped_column(bytewise(40), primary_key=True)
    at: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    entry_id: Mapped[str] = mapped_column(
        bytewise(40), ForeignKey("entries.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class PublishedValue(Base):
    """What a published row can be found by: its kind, categories, relations, synonyms and words."""

    __tablename__ = "published_values"

    published_id: Mapped[int] = mapped_column(ForeignKey("published.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(bytewise(64), primary_key=True)
    value: Mapped[str] = mapped_column(bytewise(200), primary_key=True)
    ordinal: Mapped[int]

    __table_args__ = (Index("ix_published_values_found", "name", "value", "published_id"),)


class SearchDocument(Base):
    """The stemmed words of a published row, by weight; the engines' own full-text index stands over it."""

    __tablename__ = "search_documents"

    published_id: Mapped[int] = mapped_column(ForeignKey("published.id", ondelete="CASCADE"), primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    summary: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
