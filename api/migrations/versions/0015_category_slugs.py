"""The slugs that categories had before: their old pages lead to the new ones."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def _bytewise(length: int) -> sa.types.TypeEngine[str]:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "category_slugs",
        sa.Column("category_id", _bytewise(40), nullable=False),
        sa.Column("locale", sa.String(64), nullable=False),
        sa.Column("slug", _bytewise(96), nullable=False),
        sa.Column("left_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["category_id"], ["categories.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("category_id", "locale", "slug"),
    )


def downgrade() -> None:
    op.drop_table("category_slugs")
