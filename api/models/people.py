"""People of the desk, their roles, and keys."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from api.db import Base, Instant
from api.models.columns import Code, Document, Id, Listing, Name, When


class Person(Base):
    """Someone who works on content. `name` is null for people known by role; `title` is the role per locale."""

    __tablename__ = "people"

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str | None]
    title: Mapped[Document]
    credentials: Mapped[Listing]
    demo: Mapped[bool]
    created_at: Mapped[When]
    deactivated_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    roles: Mapped[list[Role]] = relationship(cascade="all, delete-orphan")


class Role(Base):
    """What a person may do, for the house (`scope` library) or for one clinic."""

    __tablename__ = "roles"

    person_id: Mapped[Code] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    scope: Mapped[str] = mapped_column(primary_key=True)


class ApiKey(Base):
    """A key, kept as a digest. `clinics` lists clinic ids; `person_id` set: it acts as that person."""

    __tablename__ = "keys"

    id: Mapped[Id]
    kind: Mapped[Name]
    name: Mapped[str]
    hint: Mapped[Name]
    digest: Mapped[str] = mapped_column(unique=True)
    clinics: Mapped[Listing]
    partner_id: Mapped[Code | None]
    person_id: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    origins: Mapped[Listing]
    created_at: Mapped[When]
    expires_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    revoked_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    last_used_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    rotated_from: Mapped[Code | None]

    __table_args__ = (UniqueConstraint("hint"),)
