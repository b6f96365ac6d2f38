"""Generated topics for load tests: written, reviewed and published through the services, many a transaction."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from api.db import Database
from api.models import Entry
from api.rules.permissions import OPERATOR
from api.services.texts import entries
from api.services.work import writing
from seed.load import Demo, demo_people, publish_text
from seed.scale import Generated, generated

BATCH = 50


def add_generated(database: Database, count: int, progress: Callable[[int], None] = lambda _: None) -> int:
    """Bring the number of generated topics to `count`, each in two locales; returns how many were new."""
    with database.reading() as connection:
        asked = select(Entry.external_key).where(Entry.type == "topic", Entry.external_key.like("scale-%"))
        known = set(connection.scalars(asked))
    added, batch = 0, []
    for topic in generated(count):
        if topic.key not in known:
            batch.append(topic)
        if len(batch) == BATCH:
            added += _write(database, batch)
            batch = []
        progress(1)
    return added + (_write(database, batch) if batch else 0)


def _write(database: Database, batch: list[Generated]) -> int:
    with writing(database, OPERATOR) as work:
        demo = Demo(work, demo_people(work))
        for topic in batch:
            entry = None
            for locale, (slug, document) in topic.texts.items():
                author = demo.act("author")
                if entry is None:
                    variant = entries.create(author, "topic", locale, slug, document, external_key=topic.key)
                    entry = variant.entry
                else:
                    variant = entries.translate(author, entry, locale, slug, document)
                publish_text(demo, variant)
    return len(batch)
