"""Documents on their way in: checked against their type, their references and the house's categories."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError
from sqlalchemy import select

from api.errors import invalid_content
from api.models import LIBRARY, Category, Entry, Media
from api.rules.overlays import merge
from api.services.work import Work
from schemas.content_type import ContentType
from schemas.delivery import Delivered, deliver
from schemas.faults import Faults
from schemas.faults import load as load_by
from schemas.meant import asked_back
from schemas.parts import Categories
from schemas.parts import Category as CategoryField
from schemas.prose import prose
from schemas.rich_text import references
from schemas.rich_text.placeholders import PATTERN as PLACEHOLDER


def load(content_type: ContentType, document: Any) -> dict[str, Any]:
    """The document as stored: complete, plain JSON. Raises invalid_content with a pointer per fault."""
    loaded = checked(content_type.loading, document, "/document")
    plain = [each for each in prose(content_type, loaded) if not each.rich]
    if found := [(each.pointer, one[0]) for each in plain if (one := PLACEHOLDER.search(each.text))]:
        told = "{} is filled in rich text alone, such as the body of a section: readers would see it here as it is."
        raise invalid_content([{"pointer": at, "code": "invalid", "detail": told.format(said)} for at, said in found])
    return loaded


def checked(schema: Schema, document: Any, pointer: str) -> dict[str, Any]:
    """Load anything by its schema. Raises invalid_content with a pointer per fault."""
    loaded, faults = load_by(schema, document, pointer)
    if faults:
        raise invalid_content(faults)
    return loaded


def laid_over(content_type: ContentType, base: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """A library document with a clinic's patch. A patched field that no longer fits a newer base is the base's own."""
    schema = content_type.loading
    try:
        loaded: dict[str, Any] = schema.load(merge(base, patch))
    except ValidationError as error:
        at_fault = error.normalized_messages()
        loaded = schema.load(merge(base, {name: each for name, each in patch.items() if name not in at_fault}))
    return loaded


def check_links(work: Work, content_type: ContentType, scope: str, document: dict[str, Any]) -> None:
    """Every reference, link and category must exist where this scope may see it. Raises invalid_content.

    A foreign entry and one that never was read the same.
    """
    delivered = deliver(content_type, document)
    wanted = {each["id"]: each["type"] for refs in delivered.references.values() for each in refs}
    linked = {link.id: "term" if link.kind == "term" else None for link in delivered.links}
    known = _entries(work, scope, [*wanted, *linked]) | work.announced
    where = _where(scope)
    faults = [
        {"pointer": pointer, "code": "unknown_reference", "detail": f"There is no {kind or 'entry'} {id_} {where}."}
        for id_, kind in {**linked, **wanted}.items()
        if id_ not in known or (kind and known[id_] != kind)
        for pointer in _places(content_type, document, delivered, id_)
    ]
    faults += _unknown_categories(work, content_type, scope, delivered.categories)
    faults += unknown_picture(work, scope, delivered.image)
    if faults:
        raise invalid_content(faults)


def _places(content_type: ContentType, document: dict[str, Any], delivered: Delivered, entry_id: str) -> list[str]:
    """Where a document refers to an entry: relations by name, links by the text they stand in."""
    found = [f"/document/{name}" for name, refs in delivered.references.items() if entry_id in {r["id"] for r in refs}]
    said = [each for each in prose(content_type, document) if each.rich]
    return found + [each.pointer for each in said if entry_id in {link.id for link in references(each.text)}]


def _entries(work: Work, scope: str, ids: list[str]) -> dict[str, str]:
    """id -> type of those that are there, and not archived."""
    if not ids:
        return {}
    asked = select(Entry.id, Entry.type).where(
        Entry.id.in_(ids), Entry.scope.in_({LIBRARY, scope}), Entry.archived_at.is_(None)
    )
    return dict(work.session.execute(asked).all())


def unknown_picture(work: Work, scope: str, media_id: str | None) -> Faults:
    """A picture that is not there for this scope: a foreign one and one that never was read the same."""
    if media_id is None:
        return []
    found = work.session.get(Media, media_id)
    if found is not None and found.scope in (LIBRARY, scope) and found.form == "image":
        return []
    detail = f"There is no picture {media_id} {_where(scope)}."
    return [{"pointer": "/document/image", "code": "unknown_picture", "detail": detail}]


def _where(scope: str) -> str:
    """Where a text may refer to, as a refusal says it."""
    if scope == LIBRARY:
        return "in the library, which is all that its texts may name"
    return "of this clinic or the library"


def _unknown_categories(work: Work, content_type: ContentType, scope: str, keys: list[str]) -> Faults:
    field = next((kind for kind in content_type.stored.values() if isinstance(kind, Categories | CategoryField)), None)
    if field is None or not keys:
        return []
    asked = select(Category.key).where(Category.scope.in_({LIBRARY, scope}), Category.group == field.group)
    known = set(work.session.scalars(asked))
    return [
        {
            "pointer": f"/document/{field.name}",
            "code": "unknown_category",
            "detail": f"There is no {field.group} category {key}.{asked_back(key, known)}",
            "allowed": sorted(known),
        }
        for key in keys
        if key not in known
    ]
