"""Loading the demo: three people by role write, review and publish the library through the services."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from api.db import Database
from api.models import LIBRARY, Clinic, Entry, Person, Variant
from api.rules.permissions import OPERATOR, Actor
from api.services.house import house
from api.services.moves import publishing, reviewing
from api.services.overlays import overlays
from api.services.texts import documents, entries
from api.services.texts.facts import newest_of
from api.services.work import Work, stable_id, writing
from schemas.content import content_type
from seed import files
from seed.faults import Unknown, within
from seed.picturing import pictures

Progress = Callable[[str], None]


@dataclass
class Demo:
    """The people of the demo as actors, and one open unit of work."""

    work: Work
    people: dict[str, Person]

    def act(self, role: str) -> Work:
        """The same work, in the name of the person who has that role."""
        person = next(each for each in self.people.values() if any(held.role == role for held in each.roles))
        held = frozenset((held.role, held.scope) for held in person.roles)
        self.work.actor = Actor(person.id, person.id, held)
        return self.work


def load(database: Database, progress: Progress = lambda _: None) -> bool:
    """Load what the files say, in one transaction. Returns whether anything had to be done."""
    fingerprint = files.fingerprint()
    with writing(database, OPERATOR) as work:
        if work.last_logged("seed").get("fingerprint") == fingerprint:
            return False
        demo = Demo(work, demo_people(work))
        for category in files.categories():
            with within(f"categories.toml, {category.get('key')}"):
                house.save_category(work, category)
        clinics = {each["slug"]: _clinic(work, each) for each in files.clinics()}
        _entries(demo, pictures(demo.act("editor")), progress)
        _overlays(demo, clinics)
        work.actor = OPERATOR
        for redirect in files.redirects():
            fields = {name: value for name, value in redirect.items() if name != "clinic"}
            with within(f"redirects.toml, {redirect.get('from')}"):
                house.save_redirect(work, _known(clinics, redirect["clinic"]), fields)
        work.log("seed", LIBRARY, fingerprint=fingerprint)
    return True


def _clinic(work: Work, profile: dict[str, Any]) -> Clinic:
    with within(f"clinics/{profile['slug']}.toml"):
        return house.save_clinic(work, profile)


def _known(clinics: dict[str, Clinic], slug: str) -> Clinic:
    if slug not in clinics:
        raise Unknown(f"clinic {slug}")
    return clinics[slug]


def publish_text(demo: Demo, variant: Variant) -> None:
    """Submit, approve and publish a text, each by whose turn it is."""
    revision = reviewing.submit(demo.act("author"), variant)
    role = "medical_reviewer" if revision.state == "medical_review" else "publisher"
    reviewing.approve(demo.act(role), variant)
    publishing.publish(demo.act("publisher"), variant)


def demo_people(work: Work) -> dict[str, Person]:
    found = {}
    for each in files.people():
        fields = {name: value for name, value in each.items() if name != "roles"}
        found[each["email"]] = house.invite(work, fields, [(role, LIBRARY) for role in each["roles"]])
    work.session.flush()
    return found


def _entries(demo: Demo, drawn: dict[str, str], progress: Progress) -> None:
    found = files.entry_files()
    known = {each.name: entries.find(demo.work, each.type, each.key) for each in found}
    ids = {each.name: _id(each, known[each.name]) for each in found}
    demo.work.announced = {ids[each.name]: each.type for each in found}
    ids |= drawn
    changed = [(each, variant) for each in found for variant in _save(demo, each, known[each.name], ids)]
    for each, variant in changed:
        with within(f"{each.place}, {variant.locale}"):
            publish_text(demo, variant)
        progress(variant.entry_id)


def _id(file: files.EntryFile, known: Entry | None) -> str:
    if known is not None:
        return known.id
    return stable_id(content_type(file.type).prefix, f"{LIBRARY}:{file.type}:{file.key}")


def _save(demo: Demo, file: files.EntryFile, entry: Entry | None, ids: dict[str, str]) -> list[Variant]:
    """Write the drafts that the file asks for; returns the variants that changed."""
    work, changed = demo.act("author"), []
    for locale, (slug, raw) in file.texts.items():
        with within(f"{file.place}, {locale}"):
            document = files.with_ids(raw, ids)
            if entry is None:
                variant = entries.create(work, file.type, locale, slug, document, external_key=file.key)
                entry = variant.entry
            elif (variant := entries.variant_of(work, entry, locale)) is None:  # type: ignore[assignment]
                variant = entries.translate(work, entry, locale, slug, document)
            else:
                newest = newest_of(variant)
                loaded = documents.load(content_type(file.type), document)
                if (newest.slug, newest.document) == (slug, loaded):
                    continue
                entries.revise(work, variant, slug, document)
        changed.append(variant)
    return changed


def _overlays(demo: Demo, clinics: dict[str, Clinic]) -> None:
    for slug, wanted in files.overlays():
        with within(f"overlays/{slug}.toml"):
            clinic = _known(clinics, slug)
            for name in wanted.get("hide", ()):
                entry = _named(demo.work, name)
                hidden = entries.variant_of(demo.work, entry, "*", clinic.id)
                if hidden is None or hidden.transitions[-1].move != "hide":
                    overlays.hide(demo.act("editor"), entry, clinic.id)
            for each in wanted.get("overlay", ()):
                _overlay(demo, clinic, each)


def _overlay(demo: Demo, clinic: Clinic, wanted: dict[str, Any]) -> None:
    entry, locale = _named(demo.work, wanted["entry"]), wanted["locale"]
    there = entries.variant_of(demo.work, entry, locale, clinic.id)
    if there is not None and newest_of(there).document == wanted["patch"]:
        return
    variant = overlays.overlay(demo.act("editor"), entry, clinic.id, locale, wanted["patch"])
    publish_text(demo, variant)


def _named(work: Work, name: str) -> Entry:
    kind, _, key = name.partition("/")
    entry = entries.find(work, kind, key)
    if entry is None:
        raise Unknown(name)
    return entry
