"""Categories: labels of the library or of one clinic, with their words per locale."""

from __future__ import annotations

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from api.db import Base
from api.models.columns import Code, Id, Name, Prose, SlugText, When


class Category(Base):
    """A label in group `subject` (topics, guides, terms) or `faq`; `revision` counts its edits."""

    __tablename__ = "categories"

    id: Mapped[Id]
    scope: Mapped[Code]
    group: Mapped[Name]
    key: Mapped[SlugText]
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("categories.id"))
    position: Mapped[int]
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[When]
    updated_at: Mapped[When]
    texts: Mapped[list[CategoryText]] = relationship(cascade="all, delete-orphan", order_by="CategoryText.locale")
    former: Mapped[list[CategorySlug]] = relationship(cascade="all, delete-orphan")

    __table_args__ = (UniqueConstraint("scope", "key"),)


class CategoryText(Base):
    """A category in one locale; its slug is unique in scope and locale."""

    __tablename__ = "category_texts"

    category_id: Mapped[Code] = mapped_column(ForeignKey("categories.id", ondelete="CASCADE"), primary_key=True)
    locale: Mapped[str] = mapped_column(primary_key=True)
    scope: Mapped[Code]
    title: Mapped[Prose]
    slug: Mapped[SlugText]
    description: Mapped[Prose | None]

    __table_args__ = (UniqueConstraint("scope", "locale", "slug"),)


class CategorySlug(Base):
    """A slug that a category had before in a locale, and until when; another may have it now."""

    __tablename__ = "category_slugs"

    category_id: Mapped[Code] = mapped_column(ForeignKey("categories.id", ondelete="CASCADE"), primary_key=True)
    locale: Mapped[Name] = mapped_column(primary_key=True)
    slug: Mapped[SlugText] = mapped_column(primary_key=True)
    left_at: Mapped[When]
