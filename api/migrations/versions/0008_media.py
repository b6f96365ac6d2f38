"""Pictures and documents, and the files that are kept of them."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def _bytes(length: int) -> Any:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def _must(name: str, kind: Any) -> Any:
    return sa.Column(name, kind, nullable=False)


def _may(name: str, kind: Any) -> Any:
    return sa.Column(name, kind, nullable=True)


def upgrade() -> None:
    word, whole, instant = sa.String(length=64), sa.Integer(), sa.BigInteger()
    op.create_table(
        "media",
        _must("id", _bytes(40)),
        _must("scope", _bytes(40)),
        _must("form", word),
        _must("kind", word),
        _must("name", sa.Text()),
        _must("shows_person", sa.Boolean()),
        _must("public", sa.Boolean()),
        *(_must(name, sa.JSON()) for name in ("alt", "caption", "credit", "focal_point")),
        _may("consent", sa.JSON()),
        _may("ends_at", instant),
        _must("media_type", word),
        _must("digest", sa.String(length=80)),
        _must("address", _bytes(40)),
        _must("size", whole),
        _may("width", whole),
        _may("height", whole),
        _may("color", word),
        _must("version", whole),
        _must("created_at", instant),
        _may("created_by", _bytes(40)),
        _must("updated_at", instant),
        sa.ForeignKeyConstraint(["created_by"], ["people.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_media_scope", "media", ["scope", "id"], unique=False)
    op.create_table(
        "media_files",
        _must("address", _bytes(40)),
        _must("name", word),
        _must("media_id", _bytes(40)),
        _must("media_type", word),
        _must("size", whole),
        _must("digest", sa.String(length=80)),
        _may("width", whole),
        _may("height", whole),
        _must("created_at", instant),
        _may("retired_at", instant),
        sa.PrimaryKeyConstraint("address", "name"),
    )
    op.create_index(op.f("ix_media_files_media_id"), "media_files", ["media_id"], unique=False)
    op.create_index(op.f("ix_media_files_retired_at"), "media_files", ["retired_at"], unique=False)


def downgrade() -> None:
    for table in ("media_files", "media"):
        op.drop_table(table)
