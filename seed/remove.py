"""Removing the demo: its entries, clinics, categories and people; what others wrote stays."""

from __future__ import annotations

from sqlalchemy import delete, func, or_, select, union

from api.db import Database
from api.models import (
    LIBRARY,
    ApiKey,
    Category,
    ClaimWaiver,
    Clinic,
    Entry,
    Media,
    Person,
    PublishedValue,
    Review,
    Revision,
    Transition,
)
from api.rules.permissions import OPERATOR
from api.services.house import clinics, house
from api.services.media import media, media_usages
from api.services.texts import entries
from api.services.work import Work, stable_id, writing
from seed import files

BATCH = 100
GOES_TOO = ("has_keys", "has_partners")


def remove(database: Database) -> int:
    """Remove all that the seed made; returns how many entries went."""
    known = {(each.type, each.key) for each in files.entry_files()}
    gone = 0
    while batch := _batch(database, known):
        with writing(database, OPERATOR) as work:
            for entry_id in batch:
                entries.remove(work, work.session.get_one(Entry, entry_id))
        gone += len(batch)
    with writing(database, OPERATOR) as work:
        for profile in files.clinics():
            clinic = work.session.scalar(select(Clinic).where(Clinic.slug == profile["slug"]))
            if clinic is not None and not _used(work, clinic):
                house.remove_clinic(work, clinic)
        for row in reversed(files.categories()):
            asked = select(Category).where(Category.scope == LIBRARY, Category.key == row["key"])
            category = work.session.scalar(asked)
            used = select(func.count()).where(PublishedValue.name == "category", PublishedValue.value == row["key"])
            if category is not None and not work.session.scalar(used):
                house.remove_category(work, category)
        for picture in files.pictures():
            drawn = work.session.get(Media, stable_id("med", f"{LIBRARY}:{picture['key']}"))
            if drawn is not None and not media_usages.blockers(work, drawn):
                media.remove(work, drawn)
        work.flush()
        emails = [each["email"] for each in files.people()]
        worked = (
            Entry.created_by, Revision.created_by, Review.reviewer_id, Transition.created_by, ApiKey.person_id,
            ClaimWaiver.person_id, Media.created_by,
        )  # fmt: skip
        wrote = union(*(select(column).where(column.is_not(None)) for column in worked))
        work.session.execute(delete(Person).where(Person.email.in_(emails), Person.id.not_in(wrote)))
        work.log("seed", LIBRARY, fingerprint=None)
    return gone


def left(database: Database) -> list[str]:
    """What of the seed stays because somebody else uses it, in words: `clinic demo-south`."""
    asked = {
        "clinic": (Clinic.slug, [each["slug"] for each in files.clinics()]),
        "category": (Category.key, [each["key"] for each in files.categories()]),
        "person": (Person.email, [each["email"] for each in files.people()]),
    }
    with database.reading() as connection:
        return [
            f"{kind} {name}"
            for kind, (column, names) in asked.items()
            for name in connection.scalars(select(column).where(column.in_(names)).order_by(column))
        ]


def _used(work: Work, clinic: Clinic) -> bool:
    """Whether others wrote, planned or sent in anything for a clinic; its keys and partners go with it."""
    return any(each["code"] not in GOES_TOO for each in clinics.blockers(work, clinic))


def _batch(database: Database, known: set[tuple[str, str]]) -> list[str]:
    with database.reading() as connection:
        rows = connection.execute(
            select(Entry.id, Entry.type, Entry.external_key).where(
                Entry.scope == LIBRARY,
                or_(Entry.external_key.like("scale-%"), Entry.external_key.in_([key for _, key in known])),
            )
        ).all()
    wanted = [row.id for row in rows if (row.type, row.external_key) in known or row.external_key.startswith("scale-")]
    return wanted[:BATCH]
