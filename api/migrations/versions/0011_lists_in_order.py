"""Texts of a type, an entry's own texts and reviews by their day are found by an index, whatever a database guesses.

In the order in which writers take these tables, and nothing is dropped: who reads or writes meanwhile waits at most.
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_entries_type", "entries", ["type", "id"])
    op.create_index("ix_variants_own", "variants", ["scope", "entry_id", "locale"])
    op.create_index("ix_reviews_due_on", "reviews", ["due_on"])


def downgrade() -> None:
    op.drop_index("ix_entries_type", "entries")
    op.drop_index("ix_variants_own", "variants")
    op.drop_index("ix_reviews_due_on", "reviews")
