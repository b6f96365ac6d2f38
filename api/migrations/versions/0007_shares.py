"""Links that show one revision to whoever holds them."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def _bytes(length: int) -> Any:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def _must(name: str, kind: Any) -> Any:
    return sa.Column(name, kind, nullable=False)


def _may(name: str, kind: Any) -> Any:
    return sa.Column(name, kind, nullable=True)


def upgrade() -> None:
    op.create_table(
        "shares",
        _must("id", _bytes(40)),
        _must("clinic_id", _bytes(40)),
        _must("entry_id", _bytes(40)),
        _must("locale", sa.String(length=64)),
        _must("revision", sa.Integer()),
        _may("overlay_revision", sa.Integer()),
        _must("once", sa.Boolean()),
        _may("note", sa.Text()),
        _must("after", sa.Integer()),
        _must("created_at", sa.BigInteger()),
        _may("created_by", _bytes(40)),
        _must("expires_at", sa.BigInteger()),
        _may("used_at", sa.BigInteger()),
        _may("revoked_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["created_by"], ["people.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_shares_clinic", "shares", ["clinic_id", "created_at"], unique=False)
    op.create_index(op.f("ix_shares_entry_id"), "shares", ["entry_id"], unique=False)


def downgrade() -> None:
    op.drop_table("shares")
