"""The read model's documents get their cuts: reads pass on the JSON that is kept and fill only its markers."""

import json

import sqlalchemy as sa
from alembic import op

from schemas.cuts import to_json, written

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

PUBLISHED = sa.table("published", *(sa.column(name) for name in ("id", "state", "document", "links")))
BATCH = 500


def _cut(document: str, links: str) -> tuple[str, str]:
    found = json.loads(links)
    text, cuts = written(json.loads(document), found.get("marked", ()))
    return text, to_json({**found, "cuts": cuts})


def upgrade() -> None:
    connection, rows, last = op.get_bind(), PUBLISHED.c, 0
    asked = sa.select(rows.id, rows.document, rows.links).order_by(rows.id).limit(BATCH)
    put = sa.update(PUBLISHED).where(rows.id == sa.bindparam("row"))
    put = put.values(document=sa.bindparam("text"), links=sa.bindparam("cut"))
    while batch := connection.execute(asked.where(rows.state == "live", rows.id > last)).all():
        made = [(row.id, *_cut(row.document, row.links)) for row in batch]
        connection.execute(put, [{"row": row_id, "text": text, "cut": cut} for row_id, text, cut in made])
        last = batch[-1].id


def downgrade() -> None:
    """Older versions pass over the cuts."""
