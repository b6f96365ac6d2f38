"""The tables of the library, its read model, and the house's records."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _bytes(length: int) -> Any:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def _number() -> Any:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _must(name: str, kind: Any, **more: Any) -> Any:
    return sa.Column(name, kind, nullable=False, **more)


def _may(name: str, kind: Any) -> Any:
    return sa.Column(name, kind, nullable=True)


def upgrade() -> None:
    op.create_table(
        "audit",
        _must("number", _number(), autoincrement=False),
        _must("at", sa.BigInteger()),
        _must("actor", sa.String()),
        _must("verb", sa.String(length=64)),
        _must("subject", sa.String()),
        _must("details", sa.JSON()),
        _must("previous_hash", sa.String(length=64)),
        _must("hash", sa.String(length=64)),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_table(
        "categories",
        _must("id", _bytes(40)),
        _must("scope", _bytes(40)),
        _must("group", sa.String(length=64)),
        _must("key", _bytes(96)),
        _may("parent_id", _bytes(40)),
        _must("position", sa.Integer()),
        _must("revision", sa.Integer()),
        _must("created_at", sa.BigInteger()),
        _must("updated_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["categories.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("scope", "key"),
    )
    op.create_table(
        "clinics",
        _must("id", _bytes(40)),
        _must("slug", _bytes(96)),
        _must("position", sa.Integer()),
        _must("private", sa.Boolean()),
        _must("document", sa.JSON()),
        _must("revision", sa.Integer()),
        _must("created_at", sa.BigInteger()),
        _must("updated_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("slug"),
    )
    op.create_table(
        "outbox",
        _must("id", _number()),
        _must("kind", sa.String(length=64)),
        _must("subject", sa.String()),
        _must("payload", sa.JSON()),
        _may("publication", _number()),
        _must("created_at", sa.BigInteger()),
        _must("due_at", sa.BigInteger()),
        _must("attempts", sa.Integer()),
        _may("leased_until", sa.BigInteger()),
        _may("last_error", sa.Text()),
        _may("kept_at", sa.BigInteger()),
        _may("set_aside_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_outbox_owed", "outbox", ["kept_at", "set_aside_at", "due_at"], unique=False)
    op.create_table(
        "people",
        _must("id", _bytes(40)),
        _must("email", sa.String()),
        _may("name", sa.String()),
        _must("title", sa.JSON()),
        _must("credentials", sa.JSON()),
        _must("demo", sa.Boolean()),
        _must("created_at", sa.BigInteger()),
        _may("deactivated_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("email"),
    )
    op.create_table(
        "stamps",
        _must("tag", sa.String()),
        _must("number", _number()),
        _must("at", sa.BigInteger()),
        _must("clock", _number()),
        sa.PrimaryKeyConstraint("tag"),
    )
    op.create_table(
        "category_texts",
        _must("category_id", _bytes(40)),
        _must("locale", sa.String()),
        _must("scope", _bytes(40)),
        _must("title", sa.Text()),
        _must("slug", _bytes(96)),
        _may("description", sa.Text()),
        sa.ForeignKeyConstraint(["category_id"], ["categories.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("category_id", "locale"),
        sa.UniqueConstraint("scope", "locale", "slug"),
    )
    op.create_table(
        "entries",
        _must("id", _bytes(40)),
        _must("type", sa.String(length=64)),
        _must("scope", _bytes(40)),
        _may("external_key", sa.String()),
        _must("first_locale", sa.String(length=64)),
        _must("created_at", sa.BigInteger()),
        _may("created_by", _bytes(40)),
        _may("archived_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(
            ["created_by"],
            ["people.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("scope", "type", "external_key"),
    )
    op.create_index("ix_entries_type_scope", "entries", ["type", "scope", "id"], unique=False)
    op.create_table(
        "keys",
        _must("id", _bytes(40)),
        _must("kind", sa.String(length=64)),
        _must("name", sa.String()),
        _must("hint", sa.String(length=64)),
        _must("digest", sa.String()),
        _must("clinics", sa.JSON()),
        _may("partner_id", _bytes(40)),
        _may("person_id", _bytes(40)),
        _must("origins", sa.JSON()),
        _must("created_at", sa.BigInteger()),
        _may("expires_at", sa.BigInteger()),
        _may("revoked_at", sa.BigInteger()),
        _may("last_used_at", sa.BigInteger()),
        _may("rotated_from", _bytes(40)),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
        sa.UniqueConstraint("hint"),
    )
    op.create_table(
        "redirects",
        _must("id", sa.Integer()),
        _must("clinic_id", _bytes(40)),
        _must("from_path", sa.Text()),
        _must("to_path", sa.Text()),
        _must("status", sa.Integer()),
        _must("created_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("clinic_id", "from_path"),
    )
    op.create_table(
        "roles",
        _must("person_id", _bytes(40)),
        _must("role", sa.String()),
        _must("scope", sa.String()),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person_id", "role", "scope"),
    )
    op.create_table(
        "published",
        _must("id", sa.Integer()),
        _must("entry_id", _bytes(40)),
        _must("scope", _bytes(40)),
        _must("locale", sa.String(length=64)),
        _must("visible_from", sa.BigInteger()),
        _must("visible_until", sa.BigInteger()),
        _must("type", sa.String(length=64)),
        _must("state", sa.String(length=64)),
        _must("kind", sa.String(length=64)),
        _must("slug", _bytes(96)),
        _must("title", sa.Text()),
        _must("title_key", _bytes(200)),
        _must("group_position", sa.Integer()),
        _must("position", sa.Integer()),
        _must("revision", sa.Integer()),
        _may("overlay_revision", sa.Integer()),
        _must("published_at", sa.BigInteger()),
        _must("updated_at", sa.BigInteger()),
        _may("last_reviewed", sa.String()),
        _may("next_due", sa.String()),
        _must("reviewer", sa.Text()),
        _must("document", sa.Text()),
        _must("sources", sa.Text()),
        _must("links", sa.Text()),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("entry_id", "scope", "locale", "visible_from", name="uq_published_span"),
    )
    op.create_index(
        "ix_published_changed", "published", ["type", "scope", "locale", "updated_at", "entry_id"], unique=False
    )
    op.create_index(
        "ix_published_default",
        "published",
        ["type", "scope", "locale", "group_position", "position", "entry_id"],
        unique=False,
    )
    op.create_index(
        "ix_published_first", "published", ["type", "scope", "locale", "published_at", "entry_id"], unique=False
    )
    op.create_index("ix_published_slug", "published", ["type", "slug", "scope"], unique=False)
    op.create_index(
        "ix_published_title", "published", ["type", "scope", "locale", "title_key", "entry_id"], unique=False
    )
    op.create_table(
        "coming",
        _must("scope", _bytes(40)),
        _must("at", sa.BigInteger()),
        _must("entry_id", _bytes(40)),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("scope", "at", "entry_id"),
    )
    op.create_index("ix_coming_entry_id", "coming", ["entry_id"], unique=False)
    op.create_table(
        "slugs",
        _must("id", sa.Integer()),
        _must("scope", _bytes(40)),
        _must("type", sa.String(length=64)),
        _must("locale", sa.String(length=64)),
        _must("slug", _bytes(96)),
        _must("entry_id", _bytes(40)),
        _must("former", sa.Boolean(), server_default=sa.false()),
        _must("since", sa.BigInteger()),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_slugs_entry_id"), "slugs", ["entry_id"], unique=False)
    op.create_index("ix_slugs_looked_up", "slugs", ["type", "slug", "scope"], unique=False)
    op.create_index(
        "uq_slugs_held",
        "slugs",
        ["scope", "type", "locale", "slug"],
        unique=True,
        sqlite_where=sa.text("former = 0"),
        postgresql_where=sa.text("NOT former"),
    )
    op.create_table(
        "variants",
        _must("id", sa.Integer()),
        _must("entry_id", _bytes(40)),
        _must("locale", sa.String(length=64)),
        _must("scope", _bytes(40)),
        _must("version", sa.Integer()),
        _may("live_revision", sa.Integer()),
        _may("withdrawn_at", sa.BigInteger()),
        _may("pinned", sa.Integer()),
        _must("created_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("entry_id", "locale", "scope"),
    )
    op.create_index("ix_variants_scope", "variants", ["scope", "locale"], unique=False)
    op.create_table(
        "published_values",
        _must("published_id", sa.Integer()),
        _must("name", _bytes(64)),
        _must("value", _bytes(200)),
        _must("ordinal", sa.Integer()),
        sa.ForeignKeyConstraint(["published_id"], ["published.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("published_id", "name", "value"),
    )
    op.create_index("ix_published_values_found", "published_values", ["name", "value", "published_id"], unique=False)
    op.create_table(
        "revisions",
        _must("id", sa.Integer()),
        _must("variant_id", sa.Integer()),
        _must("number", sa.Integer()),
        _must("state", sa.String(length=64)),
        _may("slug", _bytes(96)),
        _must("document", sa.JSON()),
        _may("base_revision", sa.Integer()),
        _must("digest", sa.String(length=80)),
        _must("clinical_digest", sa.String(length=80)),
        _may("note", sa.Text()),
        _must("created_at", sa.BigInteger()),
        _may("created_by", _bytes(40)),
        sa.ForeignKeyConstraint(
            ["created_by"],
            ["people.id"],
        ),
        sa.ForeignKeyConstraint(["variant_id"], ["variants.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("variant_id", "number"),
    )
    op.create_table(
        "search_documents",
        _must("published_id", sa.Integer()),
        _must("title", sa.Text()),
        _must("summary", sa.Text()),
        _must("body", sa.Text()),
        sa.ForeignKeyConstraint(["published_id"], ["published.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("published_id"),
    )
    op.create_table(
        "transitions",
        _must("id", sa.Integer()),
        _must("variant_id", sa.Integer()),
        _must("move", sa.String(length=64)),
        _must("at", sa.BigInteger()),
        _may("revision", sa.Integer()),
        _may("reason", sa.Text()),
        _may("severity", sa.String(length=64)),
        _may("replacement_id", _bytes(40)),
        _must("created_at", sa.BigInteger()),
        _may("created_by", _bytes(40)),
        _must("effective", sa.Boolean(), server_default=sa.false()),
        sa.ForeignKeyConstraint(
            ["created_by"],
            ["people.id"],
        ),
        sa.ForeignKeyConstraint(["variant_id"], ["variants.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_transitions_due", "transitions", ["effective", "at"], unique=False)
    op.create_index("ix_transitions_variant", "transitions", ["variant_id", "at"], unique=False)
    op.create_table(
        "publications",
        _must("number", _number(), autoincrement=False),
        _must("at", sa.BigInteger()),
        _must("kind", sa.String(length=64)),
        _must("scope", _bytes(40)),
        _may("entry_id", _bytes(40)),
        _may("transition_id", sa.Integer()),
        _must("tags", sa.JSON()),
        sa.ForeignKeyConstraint(
            ["transition_id"],
            ["transitions.id"], ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("transition_id"),
    )
    op.create_table(
        "reviews",
        _must("id", sa.Integer()),
        _must("revision_id", sa.Integer()),
        _must("kind", sa.String(length=64)),
        _must("decision", sa.String(length=64)),
        _must("digest", sa.String(length=80)),
        _must("clinical_digest", sa.String(length=80)),
        _may("reviewer_id", _bytes(40)),
        _must("at", sa.BigInteger()),
        _may("due_on", sa.String()),
        _must("comments", sa.JSON()),
        _may("revoked_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(
            ["reviewer_id"],
            ["people.id"],
        ),
        sa.ForeignKeyConstraint(["revision_id"], ["revisions.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_reviews_revision_id"), "reviews", ["revision_id"], unique=False)

    _full_text_on_postgres() if op.get_bind().dialect.name == "postgresql" else _full_text_on_sqlite()


def _full_text_on_postgres() -> None:
    weighed = " || ".join(
        f"setweight(to_tsvector('simple', {column}), '{weight}')"
        for column, weight in (("title", "A"), ("summary", "B"), ("body", "C"))
    )
    op.execute(f"ALTER TABLE search_documents ADD COLUMN words tsvector GENERATED ALWAYS AS ({weighed}) STORED")
    op.execute("CREATE INDEX ix_search_documents_words ON search_documents USING gin (words)")


def _full_text_on_sqlite() -> None:
    columns = "title, summary, body"
    old, new = (", ".join(f"{which}.{name}" for name in columns.split(", ")) for which in ("old", "new"))
    op.execute(
        f"CREATE VIRTUAL TABLE search_words USING fts5({columns}, content='search_documents', "
        "content_rowid='published_id', tokenize='unicode61 remove_diacritics 0')"
    )
    drop = f"INSERT INTO search_words(search_words, rowid, {columns}) VALUES ('delete', old.published_id, {old});"
    add = f"INSERT INTO search_words(rowid, {columns}) VALUES (new.published_id, {new});"
    op.execute(f"CREATE TRIGGER search_added AFTER INSERT ON search_documents BEGIN {add} END")
    op.execute(f"CREATE TRIGGER search_dropped AFTER DELETE ON search_documents BEGIN {drop} END")
    op.execute(f"CREATE TRIGGER search_changed AFTER UPDATE ON search_documents BEGIN {drop} {add} END")


def downgrade() -> None:
    raise NotImplementedError("The first migration has nothing before it: restore a backup instead.")
