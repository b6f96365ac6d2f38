"""Findings of the claims check that somebody let pass, by name and reason."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def _bytes(length: int) -> Any:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def _must(name: str, kind: Any) -> Any:
    return sa.Column(name, kind, nullable=False)


def upgrade() -> None:
    op.create_table(
        "claim_waivers",
        _must("id", sa.Integer()),
        _must("variant_id", sa.Integer()),
        _must("revision", sa.Integer()),
        _must("rule", sa.String(length=64)),
        _must("pointer", sa.Text()),
        _must("digest", sa.String(length=80)),
        _must("reason", sa.Text()),
        sa.Column("person_id", _bytes(40), nullable=True),
        _must("at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["variant_id"], ["variants.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_claim_waivers_variant_id"), "claim_waivers", ["variant_id"], unique=False)


def downgrade() -> None:
    op.drop_table("claim_waivers")
