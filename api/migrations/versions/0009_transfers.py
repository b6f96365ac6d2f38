"""Imports and exports with their progress, the rows of imports, and what entries are called elsewhere."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
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
        "transfers",
        _must("id", _bytes(40)),
        *(_must(name, sa.String(length=64)) for name in ("direction", "mode", "format", "state", "phase")),
        *(_must(name, sa.JSON()) for name in ("asked", "actor")),
        _must("actor_id", _bytes(40)),
        _must("bytes", sa.BigInteger()),
        _may("digest", sa.String()),
        _must("done", sa.Integer()),
        _may("total", sa.Integer()),
        *(_must(name, sa.JSON()) for name in ("counts", "place")),
        _may("problem", sa.JSON()),
        _must("version", sa.Integer()),
        _must("created_at", sa.BigInteger()),
        _must("updated_at", sa.BigInteger()),
        _may("finished_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_transfers_actor_id"), "transfers", ["actor_id"])
    op.create_table(
        "transfer_rows",
        _must("id", _number()),
        _must("transfer_id", _bytes(40)),
        _must("row", sa.Integer()),
        _must("line", sa.Integer()),
        _must("action", sa.String(length=64)),
        _must("type", sa.String(length=64)),
        _may("scope", _bytes(40)),
        _must("locale", sa.String(length=64)),
        _may("slug", _bytes(96)),
        _must("title", sa.Text()),
        _may("external_key", sa.Text()),
        _may("address", sa.Text()),
        _may("entry_id", _bytes(40)),
        sa.Column("fresh", sa.Boolean(), server_default=sa.false(), nullable=False),
        *(_must(name, sa.JSON()) for name in ("said", "faults", "notes")),
        _may("redirect", sa.JSON()),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfers.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("transfer_id", "row"),
    )
    indexed = (("action", ["action", "row"]), ("entry", ["entry_id"]), ("slug", ["type", "locale", "slug"]))
    for name, columns in indexed:
        op.create_index(f"ix_transfer_rows_{name}", "transfer_rows", ["transfer_id", *columns])
    op.create_table(
        "transfer_names",
        _must("transfer_id", _bytes(40)),
        _must("name", _bytes(40)),
        _must("type", sa.String(length=64)),
        _must("entry_id", _bytes(40)),
        _must("fresh", sa.Boolean()),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfers.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("transfer_id", "name"),
    )
    op.create_table(
        "imported_keys",
        _must("id", _number()),
        _must("scope", _bytes(40)),
        _must("type", sa.String(length=64)),
        _must("source", sa.String()),
        _must("key", sa.String()),
        _must("entry_id", _bytes(40)),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("scope", "type", "source", "key"),
    )
    op.create_index(op.f("ix_imported_keys_entry_id"), "imported_keys", ["entry_id"])


def downgrade() -> None:
    for table in ("imported_keys", "transfer_names", "transfer_rows", "transfers"):
        op.drop_table(table)
