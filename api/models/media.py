"""Pictures and documents of the media library, and the files that are kept of each."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from api.db import Base, Instant
from api.models.columns import Code, Digest, Document, Id, Name, Prose, When


class Media(Base):
    """A picture or document of the library or of one clinic; `address` is where its files are now.

    `alt`, `caption` and `credit` are words by locale. `consent` is {clinics (ids), uses, given_on, until, reference,
    revoked_at, reason} or null. `ends_at`: from when on a picture of a person may not be shown; null is never.
    """

    __tablename__ = "media"

    id: Mapped[Id]
    scope: Mapped[Code]
    form: Mapped[Name]
    kind: Mapped[Name]
    name: Mapped[Prose]
    shows_person: Mapped[bool]
    public: Mapped[bool]
    alt: Mapped[Document]
    caption: Mapped[Document]
    credit: Mapped[Document]
    focal_point: Mapped[Document]
    consent: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    ends_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    media_type: Mapped[Name]
    digest: Mapped[Digest]
    address: Mapped[Code]
    size: Mapped[int]
    width: Mapped[int | None]
    height: Mapped[int | None]
    color: Mapped[Name | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[When]
    created_by: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    updated_at: Mapped[When]

    __table_args__ = (Index("ix_media_scope", "scope", "id"),)
    __mapper_args__ = {"version_id_col": version}


class MediaFile(Base):
    """One file below an address. `retired_at`: from when on nobody is given it, and its bytes may go.

    The rows outlive what they belong to until the bytes are gone: without them nobody would know what to remove.
    """

    __tablename__ = "media_files"

    address: Mapped[Code] = mapped_column(primary_key=True)
    name: Mapped[Name] = mapped_column(primary_key=True)
    media_id: Mapped[Code] = mapped_column(index=True)
    media_type: Mapped[Name]
    size: Mapped[int]
    digest: Mapped[Digest]
    width: Mapped[int | None]
    height: Mapped[int | None]
    created_at: Mapped[When]
    retired_at: Mapped[dt.datetime | None] = mapped_column(Instant, index=True)
