"""Clinics, and the old addresses of their sites."""

from __future__ import annotations

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.db import Base
from api.models.columns import Code, Document, Id, Prose, SlugText, When


class Clinic(Base):
    """A tenant. `document` is its whole profile (schemas/clinic.py); columns only for what is looked up or sorted."""

    __tablename__ = "clinics"

    id: Mapped[Id]
    slug: Mapped[SlugText] = mapped_column(unique=True)
    position: Mapped[int]
    private: Mapped[bool]
    document: Mapped[Document]
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[When]
    updated_at: Mapped[When]


class Redirect(Base):
    """An old path of a clinic's site and where it leads."""

    __tablename__ = "redirects"

    id: Mapped[int] = mapped_column(primary_key=True)
    clinic_id: Mapped[Code] = mapped_column(ForeignKey("clinics.id", ondelete="CASCADE"))
    from_path: Mapped[Prose]
    to_path: Mapped[Prose]
    status: Mapped[int]
    created_at: Mapped[When]

    __table_args__ = (UniqueConstraint("clinic_id", "from_path"),)
