"""Logos: the pictures that clinics' profiles name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from api.models import Media, MediaFile


@dataclass(frozen=True)
class Logo:
    """A picture with its files; `ends`: from when on (epoch seconds) it may not be shown, None for never."""

    media: Any
    files: tuple[Any, ...]
    ends: int | None

    @property
    def at(self) -> int:
        """When what is said of it last changed."""
        return int(self.media.updated_at.timestamp())


def load(connection: Connection, media_id: str | None) -> Logo | None:
    """The picture of that id, None where there is none."""
    if media_id is None:
        return None
    row = connection.execute(select(Media.__table__).where(Media.id == media_id)).one_or_none()
    if row is None:
        return None
    files = connection.execute(select(MediaFile.__table__).where(MediaFile.address == row.address)).all()
    return Logo(row, tuple(files), None if row.ends_at is None else int(row.ends_at.timestamp()))
