"""What trust tests share: people who write and publish in a house of its own, and every public address of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import select

from api.models import Clinic, Entry, Variant
from api.rules.permissions import OPERATOR
from api.services.house import keys
from api.services.moves import publishing, reviewing
from api.services.texts import entries
from api.services.texts.facts import newest_of
from api.services.work import writing
from seed.load import Demo, demo_people
from tests.conftest import NOW, House

TOPIC = {"kind": "treatment", "title": "Canary topic", "summary": "A canary in a summary.",
    "categories": ["acne-scars"]}
FAQ = {"kind": "question", "question": "Is this a canary?", "answer": "A canary answers.", "category": "basics"}
TERM = {"title": "Canary", "summary": "A small bird.", "synonyms": ["yellowbird"]}


@contextmanager
def desk(house: House) -> Iterator[Demo]:
    """One unit of writing with the demo's people."""
    with writing(house.database, OPERATOR) as work:
        yield Demo(work, demo_people(work))


def at(seconds: float) -> dt.datetime:
    """The instant so many seconds after NOW."""
    return dt.datetime.fromtimestamp(NOW + seconds, dt.UTC)


def approved(demo: Demo, variant: Variant) -> Variant:
    """Submit the newest revision and have it approved by whose turn it is."""
    revision = reviewing.submit(demo.act("author"), variant)
    reviewing.approve(demo.act("medical_reviewer" if revision.state == "medical_review" else "publisher"), variant)
    return variant


def draft(demo: Demo, kind: str, slug: str, document: dict[str, Any], locale: str = "en", **more: Any) -> Variant:
    """A new entry with its first text, as a draft."""
    return entries.create(demo.act("author"), kind, locale, slug, document, **more)


def publish(demo: Demo, variant: Variant, **when: Any) -> Variant:
    """Take the newest revision through review and publish it, perhaps `at` or `until` an instant."""
    approved(demo, variant)
    publishing.publish(demo.act("publisher"), variant, **when)
    return variant


def add(house: House, kind: str, slug: str, document: dict[str, Any], locale: str = "en", **more: Any) -> str:
    """A new published entry in a transaction of its own; returns its id. `at`, `until`: when; `scope`: whose."""
    when = {name: more.pop(name) for name in ("at", "until") if name in more}
    with desk(house) as demo:
        return publish(demo, draft(demo, kind, slug, document, locale, **more), **when).entry_id


def text_of(demo: Demo, kind: str, slug: str, locale: str = "en") -> Variant:
    """The library's text of a seeded entry: by the slug of its newest revision in a locale."""
    asked = select(Variant).join(Entry).where(Entry.type == kind, Variant.locale == locale,
    Variant.scope == Entry.scope)
    found = [each for each in demo.work.session.scalars(asked) if newest_of(each).slug == slug]
    return found[0]


def document_of(demo: Demo, variant: Variant) -> dict[str, Any]:
    """The document of a text's newest revision, to be changed."""
    return dict(newest_of(variant).document)


def withdraw(house: House, kind: str, slug: str, locale: str = "en", **why: Any) -> None:
    """Take a seeded text down."""
    with desk(house) as demo:
        publishing.withdraw(demo.act("medical_reviewer"), text_of(demo, kind, slug, locale), **why)


def clinic_id(house: House, slug: str) -> str:
    with house.database.reading() as connection:
        return str(connection.scalar(select(Clinic.id).where(Clinic.slug == slug)))


def key(house: House, clinics: list[str], kind: str = "server", **more: Any) -> tuple[str, str]:
    """A new key for clinics by slug: (its id, the key)."""
    ids = [clinic_id(house, slug) for slug in clinics]
    with writing(house.database, OPERATOR) as work:
        row, secret = keys.create(work, kind, "test", clinics=ids, **more)
        return row.id, secret


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


SAMPLES = {"mesotherapy", "mesoterapia", "acne-scars", "collagen", "colageno", "is-it-surgery", "es-una-cirugia",
           "choosing-a-provider", "parent"}  # fmt: skip
_paths: list[str] = []


def paths(house: House) -> list[str]:
    """The public paths of the OpenAPI document, which is the same for every house."""
    if not _paths:
        document = house.data("/v1/openapi.json")
        closed = ("/v1/manage", "/v1/partners")
        public = (path for path in document["paths"] if not path.startswith(closed))
        _paths.extend(path for path in public if path.startswith("/v1/") and "/preview" not in path)
    return _paths


def addresses(house: House, clinic: str = "demo-south") -> list[str]:
    """Every public address of the OpenAPI document for one clinic, filled with what its lists give out.

    Every item as JSON; as JSON-LD, as Markdown and by section one or two of each type.
    """
    found = []
    for path in paths(house):
        here = path.replace("{clinic}", clinic)
        if "{slug}" not in here:
            more = {"search": "?q=canary&facets=type,category", "resolve": "?path=/treatments/mesotherapy"}
            found.append(here + more.get(here.rsplit("/", 1)[-1], ""))
            continue
        plural = here.split("/")[4]
        many = "" if plural == "categories" else "?page[size]=100"
        slugs = [each["slug"] for each in house.data(f"{clinic}/{plural}{many}")["data"]]
        shown = slugs if here.endswith("{slug}") else [slug for slug in slugs if slug in SAMPLES]
        found += [here.replace("{slug}", slug).replace("{aspect}", "overview") for slug in shown]
    return found
