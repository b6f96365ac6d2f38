"""What belongs to the life of a text beside its revisions: comments, waivers, conflicts, recalls, releases."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from api.db import Base, Instant
from api.models.columns import Code, Digest, Id, Listing, Name, Prose, When


class Comment(Base):
    """A remark on one revision; `pointer` names the field by key, "" the whole text."""

    __tablename__ = "comments"

    id: Mapped[Id]
    variant_id: Mapped[int] = mapped_column(ForeignKey("variants.id", ondelete="CASCADE"), index=True)
    revision: Mapped[int]
    pointer: Mapped[Prose]
    text: Mapped[Prose]
    author_id: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[When]
    resolved_at: Mapped[dt.datetime | None] = mapped_column(Instant)


class Waiver(Base):
    """A finding that somebody let pass, by name and reason."""

    __tablename__ = "waivers"

    id: Mapped[int] = mapped_column(primary_key=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id", ondelete="CASCADE"), index=True)
    code: Mapped[Name]
    reason: Mapped[Prose]
    digest: Mapped[Digest]
    person_id: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    at: Mapped[When]


class ClaimWaiver(Base):
    """A finding of the claims check that somebody let pass, by name and reason.

    It holds for one rule in one field as long as the words that it rests on have this digest.
    """

    __tablename__ = "claim_waivers"

    id: Mapped[int] = mapped_column(primary_key=True)
    variant_id: Mapped[int] = mapped_column(ForeignKey("variants.id", ondelete="CASCADE"), index=True)
    revision: Mapped[int]
    rule: Mapped[Name]
    pointer: Mapped[Prose]
    digest: Mapped[Digest]
    reason: Mapped[Prose]
    person_id: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    at: Mapped[When]


class Conflict(Base):
    """A task: the library changed fields that a clinic's overlay patches. `base_was` and `base_is` are revisions."""

    __tablename__ = "conflicts"

    id: Mapped[Id]
    variant_id: Mapped[int] = mapped_column(ForeignKey("variants.id", ondelete="CASCADE"), index=True)
    patch: Mapped[int]
    base_was: Mapped[int]
    base_is: Mapped[int]
    fields: Mapped[Listing]
    opened_at: Mapped[When]
    resolved_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    resolution: Mapped[str | None]


class Recall(Base):
    """A recall and the clinics that must confirm it: `confirmations` lists {clinic, person, at}."""

    __tablename__ = "recalls"

    id: Mapped[Id]
    transition_id: Mapped[int] = mapped_column(ForeignKey("transitions.id", ondelete="CASCADE"), unique=True)
    entry_id: Mapped[Code] = mapped_column(ForeignKey("entries.id", ondelete="CASCADE"), index=True)
    severity: Mapped[Name]
    must_confirm: Mapped[Listing]
    confirmations: Mapped[Listing]
    at: Mapped[When]


class Release(Base):
    """Several revisions that go live together. `state` is draft, scheduled, live or reverted."""

    __tablename__ = "releases"

    id: Mapped[Id]
    scope: Mapped[Code]
    title: Mapped[Prose]
    state: Mapped[Name]
    version: Mapped[int] = mapped_column(default=1)
    at: Mapped[dt.datetime | None] = mapped_column(Instant)
    created_at: Mapped[When]
    created_by: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    items: Mapped[list[ReleaseItem]] = relationship(cascade="all, delete-orphan", order_by="ReleaseItem.position")

    __table_args__ = (Index("ix_releases_scope", "scope", "id"),)
    __mapper_args__ = {"version_id_col": version, "version_id_generator": False}


class ReleaseItem(Base):
    """One revision of a release; `before` is the revision that was live when it went, for the way back."""

    __tablename__ = "release_items"

    id: Mapped[int] = mapped_column(primary_key=True)
    release_id: Mapped[Code] = mapped_column(ForeignKey("releases.id", ondelete="CASCADE"))
    variant_id: Mapped[int] = mapped_column(ForeignKey("variants.id", ondelete="CASCADE"), index=True)
    revision: Mapped[int]
    position: Mapped[int]
    before: Mapped[int | None]
    transition_id: Mapped[int | None] = mapped_column(ForeignKey("transitions.id", ondelete="SET NULL"))

    __table_args__ = (UniqueConstraint("release_id", "variant_id"),)
