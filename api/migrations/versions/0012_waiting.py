"""What waits for a review is found by an index that holds nothing else."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

WAITING = sa.text("state IN ('medical_review', 'in_review')")


def upgrade() -> None:
    op.create_index("ix_revisions_waiting", "revisions", ["id"], sqlite_where=WAITING, postgresql_where=WAITING)


def downgrade() -> None:
    op.drop_index("ix_revisions_waiting", "revisions")
