"""Categories as those who keep them see and change them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Text, case, cast, func, or_, select
from sqlalchemy.orm import aliased

from api.errors import conflict, invalid_content, not_found
from api.models import LIBRARY, Category, Entry, Published, PublishedValue, Revision, Variant
from api.rules.overlays import merge
from api.services import lookup, pages
from api.services.etags import etag
from api.services.house import house
from api.services.pages import Rows
from api.services.texts import documents
from api.services.texts.selecting import visible
from api.services.work import Work
from schemas.category import CategorySchema
from schemas.content import content_type
from schemas.parts import Categories
from schemas.parts import Category as CategoryField

NAMED = 20
"""How many texts a refusal names."""


def every(work: Work, asked: dict[str, Any], after: tuple[Any, ...] | None, size: int) -> Rows:
    """The library's categories, which everybody sees, and those of the actor's clinics; in order of group and place."""
    found = select(Category).where(or_(Category.scope == LIBRARY, visible(work.actor, Category.scope)))
    if clinic := asked.get("filter[clinic]"):
        found = found.where(Category.scope == lookup.scope(work, None if clinic == LIBRARY else clinic))
    if group := asked.get("filter[group]"):
        found = found.where(Category.group == group)
    library_first = case((Category.scope == LIBRARY, ""), else_=Category.scope)
    order = (library_first, Category.group, Category.position, Category.id)
    return pages.page(work, found, order, after, size, lambda row: {**shown(work, row[0]), "etag": tag(row[0])})


def find(work: Work, category_id: str) -> Category:
    """A category that the actor may see. Raises not_found."""
    found = work.session.get(Category, category_id)
    if found is None or not (found.scope == LIBRARY and work.actor.roles or work.actor.sees(found.scope)):
        raise not_found("There is no such category.")
    return found


def create(work: Work, clinic_slug: str | None, category: dict[str, Any]) -> Category:
    """A new category of the library, or of a clinic. Raises invalid_content, conflict (key_taken, slug_taken)."""
    scope = lookup.scope(work, clinic_slug)
    work.check("categories", scope)
    work.now()
    loaded = documents.checked(CategorySchema(), category, "")
    if work.session.scalar(select(Category.id).where(Category.scope == scope, Category.key == loaded["key"])):
        detail = f"There is a category {loaded['key']} already."
        raise conflict([{"move": "save", "code": "key_taken", "pointer": "/key", "detail": detail}])
    _check_parent(work, None, scope, loaded)
    return house.put_category(work, None, loaded, scope)


def change(work: Work, found: Category, category: dict[str, Any]) -> Category:
    """Replace a category. Its key stays; its group too, while texts carry it."""
    work.check("categories", found.scope)
    loaded = documents.checked(CategorySchema(), category, "")
    if loaded["key"] != found.key:
        detail = f"Texts name a category by its key, so it stays {found.key}; make another category."
        raise invalid_content([{"pointer": "/key", "code": "fixed", "detail": detail}])
    _check_parent(work, found, found.scope, loaded)
    if loaded["group"] != found.group and (held := blockers(work, found, "save")):
        raise conflict(held)
    return house.put_category(work, found, loaded, found.scope)


def patch(work: Work, found: Category, changes: dict[str, Any]) -> Category:
    """Merge changes into a category (RFC 7396)."""
    return change(work, found, merge(stored(work, found), changes))


def remove(work: Work, found: Category) -> None:
    """Remove a category that no text carries and no other hangs on. Raises conflict."""
    work.check("categories", found.scope)
    if held := blockers(work, found, "delete"):
        raise conflict(held)
    house.remove_category(work, found)


def blockers(work: Work, found: Category, move: str) -> list[dict[str, Any]]:
    """What hangs on a category: [{move, code, pointer, detail}]."""
    children = work.session.scalars(select(Category.key).where(Category.parent_id == found.id).order_by(Category.key))
    held = [("has_children", f"The category {key} hangs on it.") for key in children]
    if not _shadows(work, found):
        held += [("in_use", f"A text carries it: {each}.") for each in carriers(work, found)[:NAMED]]
    return [{"move": move, "code": code, "pointer": "", "detail": detail} for code, detail in held]


def carriers(work: Work, found: Category) -> list[str]:
    """Ids of entries that carry a category: live or planned, or in the newest revision of what is not archived."""
    now = int(work.now().timestamp())
    everywhere = found.scope == LIBRARY
    shown_in = select(Published.entry_id).join(PublishedValue, PublishedValue.published_id == Published.id).where(
        PublishedValue.name == "category", PublishedValue.value == found.key, Published.visible_until > now
    )  # fmt: skip
    live = set(work.session.scalars(shown_in if everywhere else shown_in.where(Published.scope == found.scope)))
    other = aliased(Revision)
    newest = select(func.max(other.number)).where(other.variant_id == Revision.variant_id).scalar_subquery()
    drafts = (
        select(Entry.id, Entry.type, Revision.document)
        .join(Variant, Variant.entry_id == Entry.id)
        .join(Revision, Revision.variant_id == Variant.id)
        .where(
            Entry.archived_at.is_(None),
            Revision.number == newest,
            cast(Revision.document, Text).contains(f'"{found.key}"', autoescape=True),
        )
    )
    rows = work.session.execute(drafts if everywhere else drafts.where(Variant.scope == found.scope))
    return sorted(live | {row.id for row in rows if found.key in _named(row.type, row.document)})


def _named(type_name: str, document: dict[str, Any]) -> list[str]:
    """The categories that a document, or an overlay's patch, names."""
    fields = content_type(type_name).stored
    names = [name for name, field in fields.items() if isinstance(field, Categories | CategoryField)]
    values = [document.get(name) for name in names]
    return [str(key) for value in values for key in (value if isinstance(value, list) else [value])]


def _shadows(work: Work, found: Category) -> bool:
    """Whether a clinic's own category only stands before one of the library, which texts would then show."""
    asked = select(Category.id).where(
        Category.scope == LIBRARY, Category.key == found.key, Category.group == found.group
    )
    return found.scope != LIBRARY and work.session.scalar(asked) is not None


def _check_parent(work: Work, found: Category | None, scope: str, loaded: dict[str, Any]) -> None:
    """Refuse a parent of another group, and a circle. A parent that is not there is refused when it is stored."""
    parents = {each.id: each for each in work.session.scalars(
        select(Category).where(Category.scope.in_({LIBRARY, scope})))}  # fmt: skip
    named = [each for each in parents.values() if each.key == loaded["parent"]]
    at = next((each for each in named if each.scope == scope), named[0] if named else None)
    if at is not None and at.group != loaded["group"]:
        detail = f"{at.key} is a {at.group} category, and this one is not."
        raise invalid_content([{"pointer": "/parent", "code": "other_group", "detail": detail}])
    for _ in range(len(parents)):
        if at is None:
            return
        if found is not None and at.id == found.id:
            detail = "A category can't hang on itself, nor on one that hangs on it."
            raise invalid_content([{"pointer": "/parent", "code": "circle", "detail": detail}])
        at = parents.get(at.parent_id or "")


def stored(work: Work, found: Category) -> dict[str, Any]:
    """A category as it was given: {key, group, position, parent, texts}."""
    parent = work.session.get(Category, found.parent_id) if found.parent_id else None
    texts = {each.locale: {"title": each.title, "slug": each.slug, "description": each.description}
             for each in sorted(found.texts, key=lambda text: text.locale)}  # fmt: skip
    about = {"key": found.key, "group": found.group, "position": found.position}
    return {**about, "parent": parent.key if parent else None, "texts": texts}


def shown(work: Work, found: Category) -> dict[str, Any]:
    """A category as its keepers see it."""
    instants = {name: lookup.instant(getattr(found, name)) for name in ("created_at", "updated_at")}
    about = {"id": found.id, "clinic": lookup.clinic_slug(work, found.scope), "revision": found.revision}
    return {**about, **stored(work, found), **instants}


def tag(found: Category) -> str:
    return etag("category", found.id, version=found.revision)
