"""The rest of the house: clinics, categories, people, redirects."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, select

from api.errors import invalid_content
from api.models import (
    LIBRARY,
    Category,
    CategorySlug,
    CategoryText,
    Clinic,
    Entry,
    Person,
    Published,
    PublishedValue,
    Redirect,
    Role,
)
from api.queries.house import profile_tags
from api.rules.permissions import ROLES
from api.services.house import logos
from api.services.published import publications, rewriting
from api.services.texts import documents
from api.services.work import Work
from schemas.category import CategorySchema
from schemas.clinic import ClinicSchema, RedirectSchema
from schemas.meant import asked_back
from schemas.person import TITLES, PersonSchema


def save_clinic(work: Work, profile: dict[str, Any]) -> Clinic:
    """Create a clinic, or replace the profile of the one with that slug. Nothing happens if nothing changed."""
    work.check("clinics", LIBRARY)
    loaded = documents.checked(ClinicSchema(), profile, "")
    clinic = work.session.scalar(select(Clinic).where(Clinic.slug == loaded["slug"]))
    return put_clinic(work, clinic, loaded)


def put_clinic(work: Work, clinic: Clinic | None, loaded: dict[str, Any]) -> Clinic:
    """Store a checked profile as a clinic's, or as a new one's."""
    if clinic is not None and clinic.document == loaded:
        return clinic
    logos.require(work, clinic, loaded)
    now = work.now()
    if clinic is None:
        clinic = Clinic(id=work.new_id("cln", loaded["slug"]), slug=loaded["slug"], revision=0, created_at=now)
        work.session.add(clinic)
    clinic.slug, clinic.position = loaded["slug"], loaded["position"]
    clinic.private, clinic.document = loaded["private"], loaded
    clinic.revision, clinic.updated_at = clinic.revision + 1, now
    work.session.flush()
    publications.publish_change(work, "clinic", clinic.id, profile_tags(clinic.id))
    work.purge(profile_tags(clinic.id), hard=clinic.private)
    # Profiles are not kept; which languages stood in for which is, for whoever asks what the site said then.
    fallbacks = {each["code"]: each["fallback"] for each in loaded["locales"]}
    spoken = {"default_locale": loaded["default_locale"], "fallbacks": fallbacks}
    work.log("save_clinic", clinic.id, slug=clinic.slug, revision=clinic.revision, **spoken)
    return clinic


def remove_clinic(work: Work, clinic: Clinic) -> None:
    """Remove a clinic with its redirects. Its own entries must be gone before."""
    work.check("clinics", LIBRARY)
    publications.publish_change(work, "clinic", clinic.id, profile_tags(clinic.id))
    work.purge(profile_tags(clinic.id), hard=True)
    work.log("remove_clinic", clinic.id, slug=clinic.slug)
    work.session.delete(clinic)


def save_category(work: Work, category: dict[str, Any], scope: str = LIBRARY) -> Category:
    """Create or replace a category by its key; texts that hang on its position are put in order again."""
    work.check("categories", scope)
    loaded = documents.checked(CategorySchema(), category, "")
    asked = select(Category).where(Category.scope == scope, Category.key == loaded["key"])
    return put_category(work, work.session.scalar(asked), loaded, scope)


def put_category(work: Work, found: Category | None, loaded: dict[str, Any], scope: str) -> Category:
    """Store a checked category as one that is there, or as a new one."""
    parent = _parent(work, scope, loaded["parent"])
    if found is not None and _same(found, loaded, parent):
        return found
    now = work.now()
    # A clinic's new category comes before the library's of the same key, at a position of its own.
    moved = found.position != loaded["position"] if found is not None else scope != LIBRARY
    if found is None:
        made = work.new_id("cat", f"{scope}:{loaded['key']}")
        found = Category(id=made, scope=scope, key=loaded["key"], revision=0, created_at=now)
        work.session.add(found)
    found.group, found.position, found.parent_id = loaded["group"], loaded["position"], parent
    found.revision, found.updated_at = found.revision + 1, now
    _leave(found, {(locale, words["slug"]) for locale, words in loaded["texts"].items()}, now)
    kept = {text.locale: text for text in found.texts}
    found.texts = [_text(kept.get(locale), scope, locale, words) for locale, words in loaded["texts"].items()]
    work.session.flush()
    if moved:
        _reorder(work, loaded["key"], scope)
    publications.publish_change(work, "category", scope, [f"c:{scope}"])
    work.log("save_category", found.id, key=found.key, scope=scope, revision=found.revision)
    return found


def remove_category(work: Work, category: Category) -> None:
    """Remove a category that no text carries."""
    work.check("categories", category.scope)
    publications.publish_change(work, "category", category.scope, [f"c:{category.scope}"])
    work.log("remove_category", category.id, key=category.key, scope=category.scope)
    work.session.delete(category)
    work.session.flush()
    _reorder(work, category.key, category.scope)


def save_redirect(work: Work, clinic: Clinic, redirect: dict[str, Any]) -> Redirect:
    """Create or replace where an old path of a clinic's site leads."""
    work.check("redirects", clinic.id)
    loaded = documents.checked(RedirectSchema(), redirect, "")
    asked = select(Redirect).where(Redirect.clinic_id == clinic.id, Redirect.from_path == loaded["from"])
    return put_redirect(work, work.session.scalar(asked), clinic, loaded)


def put_redirect(work: Work, found: Redirect | None, clinic: Clinic, loaded: dict[str, Any]) -> Redirect:
    """Store a checked redirect as one that is there, or as a new one."""
    wanted = (loaded["from"], loaded["to"], loaded["status"])
    if found is not None and (found.from_path, found.to_path, found.status) == wanted:
        return found
    if found is None:
        found = Redirect(clinic_id=clinic.id, created_at=work.now())
        work.session.add(found)
    found.from_path, found.to_path, found.status = wanted
    work.session.flush()
    publications.publish_change(work, "redirect", clinic.id, [f"r:{clinic.id}"])
    work.log("save_redirect", clinic.id, path=loaded["from"], to=loaded["to"])
    return found


def invite(work: Work, person: dict[str, Any], roles: list[tuple[str, str]]) -> Person:
    """Add a person by e-mail with roles [(role, scope)], or add roles to one who is there."""
    scopes = sorted({scope for _, scope in roles}) or [LIBRARY]
    for scope in scopes:
        work.check("people", scope)
    loaded = documents.checked(PersonSchema(), person, "")
    loaded["email"] = loaded["email"].lower()
    if wrong := sorted({role for role, _ in roles} - set(ROLES)):
        detail = f"There is no role {', '.join(wrong)}.{asked_back(wrong[0], ROLES)}"
        raise invalid_content([{"pointer": "/roles", "code": "unknown_role", "detail": detail, "allowed": list(ROLES)}])
    loaded["title"] = loaded["title"] or _title(role for role, _ in roles)
    found = work.session.scalar(select(Person).where(func.lower(Person.email) == loaded["email"]))
    if found is None:
        made = work.new_id("prs", loaded["email"])
        found = Person(id=made, created_at=work.now(), **loaded)
        work.session.add(found)
    held = {(role.role, role.scope) for role in found.roles}
    work.flush()
    found.roles += [Role(role=role, scope=scope) for role, scope in roles if (role, scope) not in held]
    where = {"scope": scopes[0]} if len(scopes) == 1 else {}
    work.log("invite", found.id, roles=[f"{role}@{scope}" for role, scope in roles], **where)
    return found


def _title(roles: Iterable[str]) -> dict[str, str]:
    held = {*roles}
    return dict(next((TITLES[role] for role in TITLES if role in held), TITLES["author"]))


def _parent(work: Work, scope: str, key: str | None) -> str | None:
    if key is None:
        return None
    asked = select(Category.id).where(Category.scope.in_({LIBRARY, scope}), Category.key == key)
    found = work.session.scalar(asked.order_by((Category.scope == LIBRARY), Category.id).limit(1))
    if found is None:
        raise invalid_content([{"pointer": "/parent", "code": "unknown", "detail": f"There is no category {key}."}])
    return found


def _same(category: Category, loaded: dict[str, Any], parent: str | None) -> bool:
    texts = {
        text.locale: {"title": text.title, "slug": text.slug, "description": text.description}
        for text in category.texts
    }
    mine = (category.group, category.position, category.parent_id, texts)
    return mine == (loaded["group"], loaded["position"], parent, loaded["texts"])


def _leave(category: Category, having: set[tuple[str, str]], now: dt.datetime) -> None:
    """Keep the slugs that a category gives up now beside those that it gave up before, without those it has again."""
    left = {(each.locale, each.slug): each for each in category.former}
    gone = {(text.locale, text.slug) for text in category.texts} - having
    category.former = [row for held, row in left.items() if held not in having]
    category.former += [CategorySlug(locale=locale, slug=slug, left_at=now) for locale, slug in sorted(gone)]


def _text(kept: CategoryText | None, scope: str, locale: str, words: dict[str, Any]) -> CategoryText:
    text = kept or CategoryText(locale=locale)
    text.scope, text.title, text.slug, text.description = scope, words["title"], words["slug"], words["description"]
    return text


def _reorder(work: Work, key: str, scope: str) -> None:
    """FAQs sort by their category's position, which their published rows carry; a clinic's moves its own alone."""
    carried = select(PublishedValue.published_id).where(PublishedValue.name == "category", PublishedValue.value == key)
    asked = select(Entry).join(Published).where(Published.id.in_(carried)).distinct()
    asked = asked if scope == LIBRARY else asked.where(Entry.scope == scope)
    rewriting.together(work, work.session.scalars(asked).all())
