"""What the house keeps of its own doings: audit, publications, promises and stamps."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.db import Base, Instant
from api.models.columns import Code, Document, Listing, Name, Prose, When

Number = BigInteger().with_variant(Integer, "sqlite")


class AuditEntry(Base):
    """One line of the append-only log; `hash` covers the line and the hash before it."""

    __tablename__ = "audit"

    number: Mapped[int] = mapped_column(Number, primary_key=True, autoincrement=False)
    at: Mapped[When]
    actor: Mapped[str]
    verb: Mapped[Name]
    subject: Mapped[str]
    details: Mapped[Document]
    previous_hash: Mapped[Name]
    hash: Mapped[Name]


class Publication(Base):
    """One change of what the public sees, numbered when it takes effect."""

    __tablename__ = "publications"

    number: Mapped[int] = mapped_column(Number, primary_key=True, autoincrement=False)
    at: Mapped[When]
    kind: Mapped[Name]
    scope: Mapped[Code]
    entry_id: Mapped[Code | None]
    transition_id: Mapped[int | None] = mapped_column(ForeignKey("transitions.id", ondelete="SET NULL"), unique=True)
    tags: Mapped[Listing]


class Promise(Base):
    """An outbox row: a side effect that a transaction owes, kept by the worker with a lease."""

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(Number, primary_key=True)
    kind: Mapped[Name]
    subject: Mapped[str]
    payload: Mapped[Document]
    publication: Mapped[int | None] = mapped_column(Number)
    created_at: Mapped[When]
    due_at: Mapped[When]
    attempts: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[dt.datetime | None] = mapped_column(Instant)
    last_error: Mapped[Prose | None]
    kept_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    set_aside_at: Mapped[dt.datetime | None] = mapped_column(Instant)

    __table_args__ = (Index("ix_outbox_owed", "kept_at", "set_aside_at", "due_at"),)


class Stamp(Base):
    """When a tag was last published: the publication's number, its instant, and the purge clock."""

    __tablename__ = "stamps"

    tag: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(Number)
    at: Mapped[When]
    clock: Mapped[int] = mapped_column(Number)


class IdempotentReply(Base):
    """What a POST with an Idempotency-Key was answered, kept beside its effect. A secret is never in it."""

    __tablename__ = "idempotent_replies"

    id: Mapped[int] = mapped_column(Number, primary_key=True)
    key_id: Mapped[Code]
    key: Mapped[str]
    fingerprint: Mapped[Name]
    status: Mapped[int | None]
    headers: Mapped[Document]
    body: Mapped[Prose | None]
    created_at: Mapped[When]

    __table_args__ = (UniqueConstraint("key_id", "key"), Index("ix_idempotent_replies_old", "created_at"))


class WorkerSeen(Base):
    """A worker's heartbeat."""

    __tablename__ = "workers"

    id: Mapped[Name] = mapped_column(primary_key=True)
    started_at: Mapped[When]
    seen_at: Mapped[When]
    kept: Mapped[int] = mapped_column(default=0)
