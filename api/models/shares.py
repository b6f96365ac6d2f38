"""Links that show one revision of one text to whoever holds them, for a while."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from api.db import Base, Instant
from api.models.columns import Code, Id, Name, Prose, When


class Share(Base):
    """A share link: what it shows (a base revision, an overlay's, or both), where, until when. Its token is not kept.

    `after` is the newest transition there was: one that takes the text down later ends the link.
    """

    __tablename__ = "shares"

    id: Mapped[Id]
    clinic_id: Mapped[Code] = mapped_column(ForeignKey("clinics.id", ondelete="CASCADE"))
    entry_id: Mapped[Code] = mapped_column(ForeignKey("entries.id", ondelete="CASCADE"), index=True)
    locale: Mapped[Name]
    revision: Mapped[int]
    overlay_revision: Mapped[int | None]
    once: Mapped[bool]
    note: Mapped[Prose | None]
    after: Mapped[int]
    created_at: Mapped[When]
    created_by: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    expires_at: Mapped[When]
    used_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    revoked_at: Mapped[dt.datetime | None] = mapped_column(Instant)

    __table_args__ = (Index("ix_shares_clinic", "clinic_id", "created_at"),)
