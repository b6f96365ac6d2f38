"""What was said with a decision stays with the decision, whatever is said of the revision later."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("reviews", sa.Column("note", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("reviews", "note")
