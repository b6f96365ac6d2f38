"""Builders: arrange a house with only what matters to a test in view."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import select

from api.db import Database
from api.models import LIBRARY, Clinic, Entry, Person, Publication, Variant
from api.rules.permissions import Actor
from api.services.house import house
from api.services.moves import publishing, reviewing
from api.services.texts import entries
from api.services.texts.facts import newest_of
from api.services.work import Work, writing
from tests.conftest import NOW, House, config, connected

ROLES = ("author", "editor", "medical_reviewer", "publisher", "admin")


def an_actor(role: str, name: str | None = None, scope: str = LIBRARY) -> Actor:
    """Somebody with one role, known by name: the same name is the same person."""
    person = f"prs_{name or role}"
    return Actor(person, person, frozenset({(role, scope)}))


def a_topic(**changed: Any) -> dict[str, Any]:
    """A topic as it is stored, with one section; `sections`, `summary` and so on change it."""
    document = {"kind": "treatment", "title": "Light therapy", "summary": "What light may do for skin."}
    return {**document, "sections": [a_section("overview")], **changed}


def a_section(aspect: str, body: str = "Light is shone on the skin.") -> dict[str, Any]:
    return {"aspect": aspect, "title": aspect.title(), "body": body, "standalone": True}


def a_term(**changed: Any) -> dict[str, Any]:
    """A glossary word: a type that is not clinical."""
    return {"title": "Lumen", "summary": "A measure of light.", **changed}


@contextmanager
def writing_as(database: Database, role: str, name: str | None = None, scope: str = LIBRARY) -> Iterator[Work]:
    """A unit of work in the name of somebody with a role, who is on record as a person."""
    actor = an_actor(role, name, scope)
    with writing(database, actor) as work:
        if work.session.get(Person, actor.id) is None:
            work.session.add(a_person(work, actor.id))
            work.session.flush()
        yield work


def a_person(work: Work, person_id: str) -> Person:
    about = {"email": f"{person_id}@test.invalid", "name": None, "title": {"en": "Test"}, "credentials": []}
    return Person(id=person_id, demo=True, created_at=work.now(), **about)


def create(
    database: Database, slug: str, document: dict[str, Any] | None = None, scope: str = LIBRARY, kind: str = "topic"
) -> Variant:
    """A draft in English, written by the author."""
    with writing_as(database, "author") as work:
        return entries.create(work, kind, "en", slug, document or a_topic(), scope=scope)


def the_text(work: Work, variant: Variant) -> Variant:
    """A variant as this unit of work sees it."""
    return work.session.get_one(Variant, variant.id)


def move(database: Database, name: str, variant: Variant, role: str, who: str | None = None, **options: Any) -> Any:
    """Make one move in the name of somebody with a role."""
    verbs: dict[str, Any] = {
        "submit": reviewing.submit, "approve": reviewing.approve, "publish": publishing.publish,
        "unschedule": publishing.unschedule, "unpublish": publishing.unpublish, "withdraw": publishing.withdraw,
        "restore": publishing.restore, "reject": lambda work, text: reviewing.reject(work, text, [], "Shorter."),
    }  # fmt: skip
    with writing_as(database, role, who) as work:
        return verbs[name](work, the_text(work, variant), **options)


def revise(
    database: Database, variant: Variant, document: dict[str, Any], slug: str | None = None, who: str = "author"
) -> Any:
    """Write the next revision; the slug stays unless another is given."""
    with writing_as(database, "author", who) as work:
        text = the_text(work, variant)
        return entries.revise(work, text, slug or newest_of(text).slug or "", document)


def approve_text(database: Database, variant: Variant) -> None:
    """Submit and approve, each by whose turn it is."""
    revision = move(database, "submit", variant, "author")
    move(database, "approve", variant, "medical_reviewer" if revision.state == "medical_review" else "editor")


def publish_text(database: Database, variant: Variant, **options: Any) -> None:
    """Submit, approve and publish (perhaps `at`, `until`)."""
    approve_text(database, variant)
    move(database, "publish", variant, "publisher", **options)


def a_live_topic(
    database: Database, slug: str, document: dict[str, Any] | None = None, scope: str = LIBRARY
) -> Variant:
    variant = create(database, slug, document, scope)
    publish_text(database, variant)
    return variant


def clinic_id(database: Database, slug: str) -> str:
    with database.reading() as connection:
        return connection.execute(select(Clinic.id).where(Clinic.slug == slug)).scalar_one()


def entry_id(database: Database, key: str, kind: str = "topic") -> str:
    """The id of a seed entry by the name of its file."""
    with database.reading() as connection:
        asked = select(Entry.id).where(Entry.type == kind, Entry.external_key == key)
        return connection.execute(asked).scalar_one()


def publications(database: Database) -> list[Any]:
    with database.reading() as connection:
        return list(connection.execute(select(Publication.__table__).order_by(Publication.number)))


def same_house_elsewhere(there: House) -> Database:
    """A second connection to a house, as another process would have."""
    url = there.database.writer.url.render_as_string(hide_password=False)
    other = connected(config(url, there.app.extensions["config"].data), "back")
    other.clock.frozen_at = NOW
    return other


def save_category(database: Database, **category: Any) -> None:
    with writing_as(database, "admin") as work:
        house.save_category(work, category)
