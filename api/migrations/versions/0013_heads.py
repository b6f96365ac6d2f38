"""On PostgreSQL the words of titles and summaries are kept by themselves: what ranks hits need not unpack whole texts.

The search documents are written anew, which takes some seconds for ten thousand texts; searches wait meanwhile, other
reads do not.
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

WEIGHED = " || ".join(
    f"setweight(to_tsvector('simple', {column}), '{weight}')" for column, weight in (("title", "A"), ("summary", "B"))
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE search_documents ADD COLUMN heads tsvector GENERATED ALWAYS AS ({WEIGHED}) STORED")
        op.execute("CREATE INDEX ix_search_documents_heads ON search_documents USING gin (heads)")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE search_documents DROP COLUMN heads")
