"""ContentType: everything the system needs to know of one kind of content, declared once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from dataclasses import field as default
from functools import cached_property
from typing import Any, Literal

from marshmallow import Schema, fields

from schemas.json_ld.page import Page
from schemas.parts import RichText

IDENTITY = ("id", "type", "slug", "locale", "revision", "overlay_revision", "path", "url", "published_at", "updated_at")
COMPUTED = ("image", "breadcrumbs", "notice", "review", "alternates", "relationships", "links")
TEXT_OPS = ("eq", "ne", "in", "nin")
TIME_OPS = ("eq", "lt", "lte", "gt", "gte")


@dataclass(frozen=True)
class Relation:
    """A link between entries as readers see it.

    `field` names the stored reference field; `inverse` the relation of `target` that points here; neither: the
    glossary words of the text. `filter` is the filter of the target's list that gives the same entries.
    """

    name: str
    target: str
    filter: str
    field: str | None = None
    inverse: str | None = None


@dataclass(frozen=True)
class Filter:
    """What `filter[name]` asks: a stored value, an instant, a text, or membership in a relation of another type."""

    kind: Literal["value", "category", "instant", "text", "relation"] = "value"
    choices: tuple[str, ...] = ()
    of: tuple[str, str] | None = None
    """For kind relation: (type, relation) whose members are asked for."""

    @property
    def operators(self) -> tuple[str, ...]:
        by_kind = {"value": TEXT_OPS, "category": (*TEXT_OPS, "exists"), "instant": TIME_OPS}
        return {**by_kind, "text": ("eq", "contains"), "relation": ("eq", "in")}[self.kind]


@dataclass(frozen=True)
class ReviewPolicy:
    """How often a clinical text is to be looked at again, and what happens when nobody did."""

    months: int = 12
    at_expiry: Literal["warn", "banner", "withdraw"] = "warn"
    overdue_days: int = 30


@dataclass(frozen=True, eq=False)
class ContentType:
    """One kind of content.

    `views` lists the fields of each view in the order they are given out; `clinical` fields are locked to clinics
    and need a medical reviewer; `overridable` ones a clinic may change (`facts.price` is one part of a list).
    """

    name: str
    plural: str
    prefix: str
    schema: type[Schema]
    labels: Mapping[str, str]
    views: Mapping[str, tuple[str, ...]]
    json_ld: Callable[[dict[str, Any], Page], list[dict[str, Any]]]
    title: str = "title"
    searchable: tuple[str, ...] = ("title", "summary")
    overridable: tuple[str, ...] = ()
    clinical: tuple[str, ...] = ()
    safety: tuple[str, ...] = ()
    quoted: Mapping[str, tuple[str, Any] | None] = default(default_factory=dict)
    """Paths of prose that tells what others claim (`red_flags.items.title`), perhaps only where a field has a value."""
    filters: Mapping[str, Filter] = default(default_factory=dict)
    sorts: tuple[str, ...] = ("position", "title", "published_at", "updated_at")
    relations: tuple[Relation, ...] = ()
    category: str | None = "categories"
    include_view: str = "card"
    breadcrumb: Literal["category", "list"] = "list"
    review: ReviewPolicy | None = None

    @cached_property
    def loading(self) -> Schema:
        """The schema to load documents with; loading changes nothing in it, so everybody shares the one."""
        return self.schema()

    @cached_property
    def stored(self) -> dict[str, Any]:
        """The stored fields by name."""
        return dict(self.loading.fields)

    @cached_property
    def rich(self) -> frozenset[str]:
        """The fields that hold rich text at any depth."""
        return frozenset(name for name, kind in self.stored.items() if _holds_rich_text(kind))

    @cached_property
    def given(self) -> tuple[str, ...]:
        """Every field that any view gives out, in order; what `fields` may name."""
        return tuple(dict.fromkeys(name for view in ("full", "summary", "card") for name in self.views[view]))

    @cached_property
    def includes(self) -> tuple[str, ...]:
        """What `include` may name at the first level."""
        own = tuple(relation.name for relation in self.relations)
        return (*own, "categories") if self.category else own

    @property
    def group(self) -> str | None:
        """The group of its categories: faq or subject; None where it has none."""
        group: str | None = self.stored[self.category].group if self.category else None
        return group

    @cached_property
    def relation_names(self) -> tuple[str, ...]:
        return tuple(relation.name for relation in self.relations)

    def relation(self, name: str) -> Relation | None:
        return next((relation for relation in self.relations if relation.name == name), None)

    def named_relations(self, names: tuple[str, ...]) -> tuple[Relation, ...]:
        """The relations of these names, in the type's order."""
        if names == self.relation_names:
            return self.relations
        return tuple(relation for relation in self.relations if relation.name in names)

    @property
    def list_view(self) -> str:
        return "summary"


def _holds_rich_text(kind: fields.Field[Any]) -> bool:
    if isinstance(kind, fields.List):
        return _holds_rich_text(kind.inner)
    if isinstance(kind, fields.Nested):
        return any(_holds_rich_text(each) for each in kind.schema.fields.values())
    return isinstance(kind, RichText)


def sort_fields(content_type: ContentType) -> tuple[str, ...]:
    """Every word `sort` takes for this type, both directions."""
    return tuple(sign + name for name in (*content_type.sorts, "id") for sign in ("", "-"))
