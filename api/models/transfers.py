"""What comes in and goes out: imports and exports with their progress, the rows of an import, and foreign keys."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from api.db import Base, Instant
from api.models.columns import Code, Document, Id, Listing, Name, Prose, SlugText, When
from api.models.records import Number


class Transfer(Base):
    """An import or an export. `asked` is what was asked for, `place` how far it has come, `actor` who asked.

    `state` is queued, running, done, refused (of an import: rows have faults, nothing was written) or failed.
    """

    __tablename__ = "transfers"

    id: Mapped[Id]
    direction: Mapped[Name]
    mode: Mapped[Name]
    format: Mapped[Name]
    state: Mapped[Name]
    phase: Mapped[Name]
    asked: Mapped[Document]
    actor: Mapped[Document]
    actor_id: Mapped[Code] = mapped_column(index=True)
    bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    digest: Mapped[str | None]
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]
    counts: Mapped[Document]
    place: Mapped[Document]
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[When]
    updated_at: Mapped[When]
    finished_at: Mapped[dt.datetime | None] = mapped_column(Instant)

    # Of two that work on one transfer, the one who comes second is refused, and what it did is undone.
    __mapper_args__ = {"version_id_col": version}


class TransferRow(Base):
    """One text of an import: what the file said, what it becomes, and what is wrong with it.

    `address` is its page where it comes from; `fresh` says that its entry is still to be made.
    """

    __tablename__ = "transfer_rows"

    id: Mapped[int] = mapped_column(Number, primary_key=True)
    transfer_id: Mapped[Code] = mapped_column(ForeignKey("transfers.id", ondelete="CASCADE"))
    row: Mapped[int]
    line: Mapped[int]
    action: Mapped[Name]
    type: Mapped[Name]
    scope: Mapped[Code | None]
    locale: Mapped[Name]
    slug: Mapped[SlugText | None]
    title: Mapped[Prose]
    external_key: Mapped[Prose | None]
    address: Mapped[Prose | None]
    entry_id: Mapped[Code | None]
    fresh: Mapped[bool] = mapped_column(default=False, server_default=false())
    said: Mapped[Document]
    faults: Mapped[Listing]
    notes: Mapped[Listing]
    redirect: Mapped[dict[str, Any] | None] = mapped_column(JSON)

    __table_args__ = (
        UniqueConstraint("transfer_id", "row"),
        Index("ix_transfer_rows_action", "transfer_id", "action", "row"),
        Index("ix_transfer_rows_entry", "transfer_id", "entry_id"),
        Index("ix_transfer_rows_slug", "transfer_id", "type", "locale", "slug"),
    )


class TransferName(Base):
    """By what name the rows of an import know an entry: its key, its old id, its old page; kept as a digest."""

    __tablename__ = "transfer_names"

    transfer_id: Mapped[Code] = mapped_column(ForeignKey("transfers.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[Code] = mapped_column(primary_key=True)
    type: Mapped[Name]
    entry_id: Mapped[Code]
    fresh: Mapped[bool]


class ImportedKey(Base):
    """What an entry is called in another system: the next import from there finds it again.

    `source` names the system; a key `id:…` is the id that the entry had in another house.
    """

    __tablename__ = "imported_keys"

    id: Mapped[int] = mapped_column(Number, primary_key=True)
    scope: Mapped[Code]
    type: Mapped[Name]
    source: Mapped[str]
    key: Mapped[str]
    entry_id: Mapped[Code] = mapped_column(ForeignKey("entries.id", ondelete="CASCADE"), index=True)

    __table_args__ = (UniqueConstraint("scope", "type", "source", "key"),)
