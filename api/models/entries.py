"""Entries, their variants, and everything that happens to a variant."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from api.db import Base, Instant
from api.models.columns import Code, Digest, Document, Id, Listing, Name, Prose, SlugText, When

WAITING = "state IN ('medical_review', 'in_review')"
"""Of revisions: what waits for a review. A query writes the states out too, or no database takes the index."""


class Entry(Base):
    """One piece of content with a stable id; `scope` is the library or the clinic that owns it."""

    __tablename__ = "entries"

    id: Mapped[Id]
    type: Mapped[Name]
    scope: Mapped[Code]
    external_key: Mapped[str | None]
    first_locale: Mapped[Name]
    created_at: Mapped[When]
    created_by: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    archived_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    variants: Mapped[list[Variant]] = relationship(back_populates="entry", order_by="Variant.id")

    __table_args__ = (
        UniqueConstraint("scope", "type", "external_key"),
        Index("ix_entries_type_scope", "type", "scope", "id"),
        Index("ix_entries_type", "type", "id"),
    )


class Variant(Base):
    """An entry in one locale (`*` for all, of an overlay) and one scope.

    `version` counts every change and makes the ETag of writing; `pinned` is the base revision a clinic holds on to.
    """

    __tablename__ = "variants"

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[Code] = mapped_column(ForeignKey("entries.id", ondelete="CASCADE"))
    locale: Mapped[Name]
    scope: Mapped[Code]
    version: Mapped[int] = mapped_column(default=1)
    live_revision: Mapped[int | None]
    withdrawn_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    pinned: Mapped[int | None]
    created_at: Mapped[When]
    entry: Mapped[Entry] = relationship(back_populates="variants")
    revisions: Mapped[list[Revision]] = relationship(order_by="Revision.number", back_populates="variant")
    transitions: Mapped[list[Transition]] = relationship(order_by="Transition.at, Transition.id")

    __table_args__ = (
        UniqueConstraint("entry_id", "locale", "scope"),
        Index("ix_variants_scope", "scope", "locale"),
        Index("ix_variants_own", "scope", "entry_id", "locale"),
    )
    # Of two writers that read the same version, the one who comes second is refused.
    __mapper_args__ = {"version_id_col": version, "version_id_generator": False}


class Revision(Base):
    """One immutable version of a variant; only its state moves. An overlay's document is a merge patch."""

    __tablename__ = "revisions"

    id: Mapped[int] = mapped_column(primary_key=True)
    variant_id: Mapped[int] = mapped_column(ForeignKey("variants.id", ondelete="CASCADE"))
    number: Mapped[int]
    state: Mapped[Name]
    slug: Mapped[SlugText | None]
    document: Mapped[Document] = mapped_column(deferred=True)
    """Read when it is asked for: a text's history is walked far more often than its words."""
    base_revision: Mapped[int | None]
    digest: Mapped[Digest]
    clinical_digest: Mapped[Digest]
    note: Mapped[Prose | None]
    created_at: Mapped[When]
    created_by: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    variant: Mapped[Variant] = relationship(back_populates="revisions")
    reviews: Mapped[list[Review]] = relationship(order_by="Review.id")

    __table_args__ = (
        UniqueConstraint("variant_id", "number"),
        Index("ix_revisions_waiting", "id", sqlite_where=text(WAITING), postgresql_where=text(WAITING)),
    )


class Review(Base):
    """A decision on one revision. `kind` medical binds to the clinical digest, editorial to the whole digest."""

    __tablename__ = "reviews"

    id: Mapped[int] = mapped_column(primary_key=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id", ondelete="CASCADE"), index=True)
    kind: Mapped[Name]
    decision: Mapped[Name]
    digest: Mapped[Digest]
    clinical_digest: Mapped[Digest]
    reviewer_id: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    at: Mapped[When]
    due_on: Mapped[str | None] = mapped_column(index=True)
    comments: Mapped[Listing]
    revoked_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    note: Mapped[Prose | None]


class Transition(Base):
    """One planned or past change of what is visible, at an instant; `effective` once a publication numbered it."""

    __tablename__ = "transitions"

    id: Mapped[int] = mapped_column(primary_key=True)
    variant_id: Mapped[int] = mapped_column(ForeignKey("variants.id", ondelete="CASCADE"))
    move: Mapped[Name]
    at: Mapped[When]
    revision: Mapped[int | None]
    reason: Mapped[Prose | None]
    severity: Mapped[Name | None]
    replacement_id: Mapped[Code | None]
    created_at: Mapped[When]
    created_by: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    effective: Mapped[bool] = mapped_column(default=False, server_default=false())

    __table_args__ = (
        Index("ix_transitions_variant", "variant_id", "at"),
        Index("ix_transitions_due", "effective", "at"),
    )


class Slug(Base):
    """Who holds an address: reserved at the first draft, unique among drafts and live ones; former ones are kept."""

    __tablename__ = "slugs"

    id: Mapped[int] = mapped_column(primary_key=True)
    scope: Mapped[Code]
    type: Mapped[Name]
    locale: Mapped[Name]
    slug: Mapped[SlugText]
    entry_id: Mapped[Code] = mapped_column(ForeignKey("entries.id", ondelete="CASCADE"), index=True)
    former: Mapped[bool] = mapped_column(default=False, server_default=false())
    since: Mapped[When]

    __table_args__ = (
        Index(
            "uq_slugs_held",
            "scope",
            "type",
            "locale",
            "slug",
            unique=True,
            sqlite_where=text("former = 0"),
            postgresql_where=text("NOT former"),
        ),
        Index("ix_slugs_looked_up", "type", "slug", "scope"),
    )
