"""Removing the demo: its entries, clinics, categories and people; what others wrote, and what that refers to, stays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import delete, select, union

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
    Review,
    Revision,
    Transition,
)
from api.rules.permissions import OPERATOR
from api.services.house import categories, clinics, house
from api.services.media import media, media_usages
from api.services.published import publications
from api.services.texts import entries
from api.services.work import Work, stable_id, writing
from seed import files, needed

BATCH = 100
GOES_TOO = ("has_keys", "has_partners")


class Removed(NamedTuple):
    """How many entries went, and what stays and why: `topic microneedling: faq does-it-hurt refers to it`."""

    gone: int
    left: list[str]


def remove(database: Database) -> Removed:
    """Remove all that the seed made and nobody else uses."""
    gone = 0
    while went := _entries(database):
        gone += went
    with writing(database, OPERATOR) as work:
        left = [*_clinics(work), *_categories(work), *_pictures(work), *_people(work)]
        work.log("seed", LIBRARY, fingerprint=None)
        return Removed(gone, [*_kept(work), *left])


def _entries(database: Database) -> int:
    """Remove some entries of the seed; how many."""
    with writing(database, OPERATOR) as work:
        publications.mature(work)
        ours = work.session.scalars(select(Entry.id).where(needed.of_the_seed()).order_by(Entry.id)).all()
        kept = _needed(work) if ours else {}
        going = [each for each in ours if each not in kept][:BATCH]
        for entry_id in going:
            entries.remove(work, work.session.get_one(Entry, entry_id))
        return len(going)


def _needed(work: Work) -> dict[str, str]:
    work.session.flush()
    return needed.needed(work.session.connection(), work.now())


def _kept(work: Work) -> list[str]:
    found = _needed(work)
    told = needed.names(work.session.connection(), {*found, *found.values()})
    return sorted(f"{told[each]}: {told[user]} refers to it" for each, user in found.items())


def _away(told: str, held: list[dict[str, Any]], go: Callable[[], None]) -> list[str]:
    """Take something away, unless something stands against it: then what is told of it."""
    if held:
        return [f"{told}: {' '.join(each['detail'] for each in held)}"]
    go()
    return []


def _clinics(work: Work) -> Iterator[str]:
    """A clinic stays for which others wrote, planned or sent in anything; its keys and partners go with it."""
    for profile in files.clinics():
        if clinic := work.session.scalar(select(Clinic).where(Clinic.slug == profile["slug"])):
            held = [each for each in clinics.blockers(work, clinic) if each["code"] not in GOES_TOO]
            yield from _away(f"clinic {clinic.slug}", held, partial(house.remove_clinic, work, clinic))


def _categories(work: Work) -> Iterator[str]:
    for row in reversed(files.categories()):
        asked = select(Category).where(Category.scope == LIBRARY, Category.key == row["key"])
        if category := work.session.scalar(asked):
            held = categories.blockers(work, category, "delete")
            yield from _away(f"category {category.key}", held, partial(house.remove_category, work, category))


def _pictures(work: Work) -> Iterator[str]:
    for picture in files.pictures():
        if drawn := work.session.get(Media, stable_id("med", f"{LIBRARY}:{picture['key']}")):
            held = media_usages.blockers(work, drawn)
            yield from _away(f"picture {picture['key']}", held, partial(media.remove, work, drawn))


def _people(work: Work) -> list[str]:
    work.flush()
    emails = [each["email"] for each in files.people()]
    worked = (
        Entry.created_by, Revision.created_by, Review.reviewer_id, Transition.created_by, ApiKey.person_id,
        ClaimWaiver.person_id, Media.created_by,
    )  # fmt: skip
    wrote = union(*(select(column).where(column.is_not(None)) for column in worked))
    work.session.execute(delete(Person).where(Person.email.in_(emails), Person.id.not_in(wrote)))
    there = work.session.scalars(select(Person.email).where(Person.email.in_(emails)).order_by(Person.email))
    return [f"person {each}: Their name stands by what stays." for each in there]
