"""Alembic's entry: runs the migrations on the connection it is handed."""

from alembic import context

import api.models  # noqa: F401  the tables register themselves
from api.db import Base

OURS = set(Base.metadata.tables)


def include_name(name: str | None, kind: str, _: object) -> bool:
    """Full-text search keeps tables of its own, which no migration may touch."""
    return kind != "table" or name in OURS


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
    include_name=include_name,
)
with context.begin_transaction():
    context.run_migrations()
