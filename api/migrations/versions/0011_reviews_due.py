"""Reviews are listed by the day on which they are due."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_reviews_due_on", "reviews", ["due_on"])


def downgrade() -> None:
    op.drop_index("ix_reviews_due_on", "reviews")
