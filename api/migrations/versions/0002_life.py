"""Tables of the life of a text: comments, waivers, conflicts, recalls, releases; replies kept; workers."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def _bytes(length: int) -> Any:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def _number() -> Any:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _must(name: str, kind: Any) -> Any:
    return sa.Column(name, kind, nullable=False)


def _may(name: str, kind: Any) -> Any:
    return sa.Column(name, kind, nullable=True)


def upgrade() -> None:
    op.create_table(
        "idempotent_replies",
        _must("id", _number()),
        _must("key_id", _bytes(40)),
        _must("key", sa.String()),
        _must("fingerprint", sa.String(length=64)),
        _may("status", sa.Integer()),
        _must("headers", sa.JSON()),
        _may("body", sa.Text()),
        _must("created_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key_id", "key"),
    )
    op.create_index("ix_idempotent_replies_old", "idempotent_replies", ["created_at"], unique=False)
    op.create_table(
        "workers",
        _must("id", sa.String(length=64)),
        _must("started_at", sa.BigInteger()),
        _must("seen_at", sa.BigInteger()),
        _must("kept", sa.Integer()),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "releases",
        _must("id", _bytes(40)),
        _must("scope", _bytes(40)),
        _must("title", sa.Text()),
        _must("state", sa.String(length=64)),
        _must("version", sa.Integer()),
        _may("at", sa.BigInteger()),
        _must("created_at", sa.BigInteger()),
        _may("created_by", _bytes(40)),
        sa.ForeignKeyConstraint(["created_by"], ["people.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_releases_scope", "releases", ["scope", "id"], unique=False)
    op.create_table(
        "comments",
        _must("id", _bytes(40)),
        _must("variant_id", sa.Integer()),
        _must("revision", sa.Integer()),
        _must("pointer", sa.Text()),
        _must("text", sa.Text()),
        _may("author_id", _bytes(40)),
        _must("created_at", sa.BigInteger()),
        _may("resolved_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["author_id"], ["people.id"]),
        sa.ForeignKeyConstraint(["variant_id"], ["variants.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_comments_variant_id"), "comments", ["variant_id"], unique=False)
    op.create_table(
        "conflicts",
        _must("id", _bytes(40)),
        _must("variant_id", sa.Integer()),
        _must("patch", sa.Integer()),
        _must("base_was", sa.Integer()),
        _must("base_is", sa.Integer()),
        _must("fields", sa.JSON()),
        _must("opened_at", sa.BigInteger()),
        _may("resolved_at", sa.BigInteger()),
        _may("resolution", sa.String()),
        sa.ForeignKeyConstraint(["variant_id"], ["variants.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_conflicts_variant_id"), "conflicts", ["variant_id"], unique=False)
    op.create_table(
        "recalls",
        _must("id", _bytes(40)),
        _must("transition_id", sa.Integer()),
        _must("entry_id", _bytes(40)),
        _must("severity", sa.String(length=64)),
        _must("must_confirm", sa.JSON()),
        _must("confirmations", sa.JSON()),
        _must("at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["transition_id"], ["transitions.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("transition_id"),
    )
    op.create_index(op.f("ix_recalls_entry_id"), "recalls", ["entry_id"], unique=False)
    op.create_table(
        "release_items",
        _must("id", sa.Integer()),
        _must("release_id", _bytes(40)),
        _must("variant_id", sa.Integer()),
        _must("revision", sa.Integer()),
        _must("position", sa.Integer()),
        _may("before", sa.Integer()),
        _may("transition_id", sa.Integer()),
        sa.ForeignKeyConstraint(["release_id"], ["releases.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["transition_id"], ["transitions.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["variant_id"], ["variants.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("release_id", "variant_id"),
    )
    op.create_index(op.f("ix_release_items_variant_id"), "release_items", ["variant_id"], unique=False)
    op.create_table(
        "waivers",
        _must("id", sa.Integer()),
        _must("revision_id", sa.Integer()),
        _must("code", sa.String(length=64)),
        _must("reason", sa.Text()),
        _must("digest", sa.String(length=80)),
        _may("person_id", _bytes(40)),
        _must("at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
        sa.ForeignKeyConstraint(["revision_id"], ["revisions.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_waivers_revision_id"), "waivers", ["revision_id"], unique=False)


def downgrade() -> None:
    for table in (
        "waivers",
        "release_items",
        "recalls",
        "conflicts",
        "comments",
        "releases",
        "workers",
        "idempotent_replies",
    ):
        op.drop_table(table)
