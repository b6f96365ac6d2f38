"""How processes that keep replies in memory agree on what is no longer true: the purge log, and who reads it."""

from __future__ import annotations

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from api.db import Base
from api.models.columns import Listing, Name, When
from api.models.records import Number


class Purge(Base):
    """Tags whose stored replies are old from here on. `clock` goes up by one with each, in the order of commits.

    `hard` where something was taken down: its bytes must not be kept for an emergency either. The tag `*` is all.
    """

    __tablename__ = "purges"

    clock: Mapped[int] = mapped_column(Number, primary_key=True, autoincrement=False)
    at: Mapped[When]
    tags: Mapped[Listing]
    hard: Mapped[bool]
    publication: Mapped[int] = mapped_column(Number)
    written: Mapped[float]
    """Epoch seconds with their fraction, by the writer's clock: by it the lag of those who follow is measured."""

    __table_args__ = (Index("ix_purges_at", "at"),)


class Listener(Base):
    """A process that keeps replies: the purge clock it has followed so far, and when it last said so."""

    __tablename__ = "listeners"

    id: Mapped[Name] = mapped_column(primary_key=True)
    started_at: Mapped[When]
    seen_at: Mapped[When]
    clock: Mapped[int] = mapped_column(Number)
