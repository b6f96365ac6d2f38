"""Sites that embed, what they show, and their word on recalls."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _bytes(length: int) -> Any:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def _number() -> Any:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _must(name: str, kind: Any) -> Any:
    return sa.Column(name, kind, nullable=False)


def upgrade() -> None:
    op.create_table(
        "partners",
        _must("id", _bytes(40)),
        _must("name", sa.Text()),
        *(_must(name, sa.JSON()) for name in ("origins", "clinics", "types", "topics", "locales", "terms")),
        _must("version", sa.Integer()),
        _must("created_at", sa.BigInteger()),
        _must("updated_at", sa.BigInteger()),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "embed_views",
        _must("id", _number()),
        _must("partner_id", _bytes(40)),
        _must("clinic_id", _bytes(40)),
        _must("entry_id", _bytes(40)),
        _must("locale", sa.String(length=64)),
        _must("mode", sa.String(length=64)),
        _must("day", sa.String(length=64)),
        _must("views", sa.BigInteger()),
        _must("revision", sa.Integer()),
        _must("seen_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("partner_id", "clinic_id", "entry_id", "locale", "mode", "day"),
    )
    op.create_index(op.f("ix_embed_views_entry_id"), "embed_views", ["entry_id"], unique=False)
    op.create_table(
        "partner_acks",
        _must("partner_id", _bytes(40)),
        _must("transition_id", sa.Integer()),
        _must("at", sa.BigInteger()),
        sa.Column("key_id", _bytes(40), nullable=True),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["transition_id"], ["transitions.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("partner_id", "transition_id"),
    )


def downgrade() -> None:
    for table in ("partner_acks", "embed_views", "partners"):
        op.drop_table(table)
