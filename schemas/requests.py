"""Query arguments: the parameters of each kind of address, one marshmallow schema each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from typing import Any

from marshmallow import RAISE, Schema, ValidationError

from schemas.content import CONTENT_TYPES
from schemas.content_type import IDENTITY, ContentType, Filter, sort_fields
from schemas.query_fields import (
    Chain,
    Ids,
    InstantValue,
    Number,
    Phrase,
    QueryField,
    SitePath,
    Switch,
    Tag,
    Values,
    Word,
    Words,
)
from schemas.replies import FORMATS, VIEWS
from schemas.unknown_parameters import unknown

Parameters = dict[str, QueryField]
MIN_PUBLICATION = "min_publication"
INCLUDE = "Related items to put into `included`; `jsonld` puts the schema.org graph into `meta.jsonld`."
FILTERS_AT_MOST = 10
NARROW_AT_MOST = 4
"""Parameters of a request that is read by an instance for just these; of more there would be too many instances."""
SEARCHED = "Words to find: all of them, but little ones such as the, of, is; \"a phrase\"; -not."
UNKNOWN_AT_MOST = 50
"""How many unknown parameters a refusal names."""


def language() -> Parameters:
    return {
        "locale": Tag("Language, BCP 47; left out, the clinic's default. Accept-Language is ignored.", "en"),
        "fallback": Chain("Languages that may stand in, per entry: default (the clinic's chain), none, or a list."),
    }


def freshness() -> Parameters:
    note = "Never answer from before this publication, as a move's reply or the header X-Min-Publication names it."
    return {MIN_PUBLICATION: Number(note, 0, 999_999_999)}


def shaping(default_view: str) -> Parameters:
    return {
        "view": Word(f"Named set of fields; left out, {default_view}.", VIEWS, example=default_view),
        "format": Word("How rich text is given out; left out, html.", FORMATS),
        "heading_level": Number("Level of the first heading inside rich text; left out, 3.", 2, 6),
        **{
            f"fields[{each.name}]": Words(
                f"Only these fields of each {each.name}, beside its identity.", (*IDENTITY, *each.given), most=40
            )
            for each in CONTENT_TYPES
        },
    }


def including(kind: ContentType) -> Parameters:
    """`include` two levels deep, and how many of each relation."""
    paths = include_paths(kind)
    limits = {
        f"include_limit[{path}]": Number(f"How many of {path} are included at most; left out, 100.", 1, 100)
        for path in paths
        if path != "categories"
    }
    return {"include": Words(INCLUDE, (*paths, "jsonld"), most=20), **limits}


def include_paths(kind: ContentType) -> tuple[str, ...]:
    """Every relation of a type, and every relation of those."""
    by_name = {each.name: each for each in CONTENT_TYPES}
    deeper = [
        f"{relation.name}.{inner.name}"
        for relation in kind.relations
        if relation.target in by_name
        for inner in by_name[relation.target].relations
    ]
    return (*kind.includes, *deeper)


def filtering(kind: ContentType) -> Parameters:
    """`filter[name]` and `filter[name][operator]`, each by its literal name; without an operator it is `eq`."""
    return {
        f"filter[{name}]{suffix}": _filter_field(name, asked, operator)
        for name, asked in kind.filters.items()
        for operator in asked.operators
        for suffix in (("", "[eq]") if operator == "eq" else (f"[{operator}]",))
    }


def _filter_field(name: str, asked: Filter, operator: str) -> QueryField:
    if operator == "exists":
        return Values(f"Whether {name} is set.", choices=("true", "false"))
    if asked.kind == "instant":
        return InstantValue(f"{name} {operator} an instant or a day (00:00 UTC).")
    meaning = {"relation": "the slug or id of the item it belongs to", "category": "a category's key, or its slug"}
    note = f"{name} {operator}: {meaning.get(asked.kind, 'a value')}."
    without_commas = bool(asked.choices) or asked.kind in ("category", "relation")
    of_lists = {"eq": f"filter[{name}][in]", "ne": f"filter[{name}][nin]"} if without_commas else {}
    return Values(note, operator in ("in", "nin"), asked.choices, of_lists.get(operator, ""))


def paging() -> Parameters:
    return {
        "page[size]": Number("How many items; left out, 20.", 1, 100, example=20),
        "page[after]": Phrase("The cursor of `links.next`.", 1, 2000),
        "page[number]": Number("A page by number, with `meta.total`; not together with page[after].", 1, 100),
        "count": Switch("Whether `meta.total` is wanted."),
    }


@cache
def list_parameters(kind: ContentType) -> type[Schema]:
    sorts = Words("Fields to sort by, `-` before one for descending.", sort_fields(kind), most=4)
    return reading(
        language() | shaping(kind.list_view) | including(kind) | filtering(kind)
        | {"sort": sorts} | paging() | {"ids": Ids("Up to 100 by id, in the order asked; no filter, sort or page.")},
        f" for {kind.plural}",
    )  # fmt: skip


@cache
def item_parameters(kind: ContentType) -> type[Schema]:
    return reading(language() | shaping("full") | including(kind))


@cache
def list_graph_parameters(kind: ContentType) -> type[Schema]:
    sorts = Words("Fields to sort by.", sort_fields(kind), most=4)
    return reading(language() | filtering(kind) | {"sort": sorts, "page[size]": paging()["page[size]"]})


@cache
def language_parameters() -> type[Schema]:
    return reading(language())


@cache
def clinics_parameters() -> type[Schema]:
    note = "Language, BCP 47, of each clinic that has it; the others, and all without it, in their default one."
    return reading({"locale": Tag(note, "es")})


@cache
def clinic_parameters() -> type[Schema]:
    note = "`jsonld` puts the schema.org graph of the home page into `meta.jsonld`."
    return reading(language() | {"include": Words(note, ("jsonld",))})


@cache
def module_parameters() -> type[Schema]:
    shape = shaping("full")
    return reading(language() | {name: shape[name] for name in ("format", "heading_level")})


@cache
def category_parameters() -> type[Schema]:
    of = Word("Only categories of this group.", ("subject", "faq"))
    return reading(language() | {"filter[of]": of})


@cache
def search_parameters() -> type[Schema]:
    names = tuple(each.name for each in CONTENT_TYPES)
    return reading(
        language()
        | {
            "q": Phrase(SEARCHED, 2, 200, required=True, example="scars"),
            "type": Words("Only these types.", names),
            "filter[type]": Words("Only these types, as a facet gives them.", names),
            "filter[category]": Values("Only items of these categories, by key or slug.", True),
            "facets": Words("Counts per value, each without its own filter.", ("type", "category")),
            **{name: field for name, field in shaping("card").items() if name.startswith("fields[")},
            **{name: field for name, field in paging().items() if name in ("page[size]", "page[after]")},
        }
    )


@cache
def resolve_parameters() -> type[Schema]:
    """The path says the locale; all else is as for an item of any type."""
    shape: Parameters = {}
    for kind in CONTENT_TYPES:
        more = including(kind)
        known = shape.get("include")
        words = dict.fromkeys([*(known.allowed if isinstance(known, Words) else ()), *more.pop("include").allowed])  # type: ignore[attr-defined]
        shape |= more
        shape["include"] = Words(INCLUDE, tuple(words), most=20)
    path = SitePath("A path of the clinic's site.", required=True, example="/treatments/mesotherapy")
    return reading({"path": path} | shaping("full") | shape)


@cache
def sitemap_parameters() -> type[Schema]:
    found = paging()
    return reading({"locale": language()["locale"], "page[size]": Number("How many rows; left out, 100.", 1, 100),
                    "page[after]": found["page[after]"]})


@cache
def plain_parameters() -> type[Schema]:
    return reading({})


@cache
def no_parameters() -> type[Schema]:
    return made({})


def reading(parameters: Parameters, here: str = "") -> type[Schema]:
    """The parameters of a read below a clinic."""
    return made(parameters | freshness(), here)


def made(parameters: Parameters, here: str = "") -> type[Schema]:
    fields = {f"p{number}": _named(field, name) for number, (name, field) in enumerate(parameters.items())}
    return type("Query", (Schema,), {**fields, "Meta": type("Meta", (), {"unknown": RAISE}), "here": here})


def _named(field: QueryField, name: str) -> QueryField:
    # No `attribute`: marshmallow would take a dot in it, as in include_limit[related.faqs], for a path.
    field.data_key = name
    return field


@cache
def _ready(schema: type[Schema]) -> tuple[Schema, dict[str, Any], bool]:
    """(an instance to load with, its fields by literal name, whether one of them is required)."""
    instance = schema()
    fields = {str(field.data_key): field for field in instance.fields.values()}
    return instance, fields, any(field.required for field in fields.values())


@lru_cache(500)
def _for_these(schema: type[Schema], names: frozenset[str]) -> Schema:
    """An instance that loads these parameters and the required ones: to look for each of dozens is most of a load."""
    fields = _ready(schema)[0].fields
    return schema(only={name for name, field in fields.items() if field.required or field.data_key in names})


def read(schema: type[Schema], pairs: Sequence[tuple[str, str]]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """(values by literal name, all faults at once) of a query string's pairs."""
    instance, known, demanding = _ready(schema)
    if not pairs and not demanding:
        return {}, []
    names = [name for name, _ in pairs]
    here = getattr(schema, "here", "")
    strange = [name for name in dict.fromkeys(names) if name not in known]
    faults = [unknown(name, known, here) for name in strange[:UNKNOWN_AT_MOST]]
    faults += [
        {"parameter": name, "code": "repeated", "detail": f"{name} may stand once."}
        for name in dict.fromkeys(names)
        if names.count(name) > 1
    ]
    given = {name: text for name, text in pairs if name in known}
    loading = _for_these(schema, frozenset(given)) if len(given) <= NARROW_AT_MOST else instance
    try:
        loaded: dict[str, Any] = loading.load(given)
        values = {str(instance.fields[each].data_key): value for each, value in loaded.items()}
    except ValidationError as error:
        faults += list(_told(error.normalized_messages()))
        values = {}
    if sum(name.startswith("filter[") for name in given) > FILTERS_AT_MOST:
        detail, bounds = f"At most {FILTERS_AT_MOST} filters.", {"max": FILTERS_AT_MOST}
        faults.append({"parameter": "filter", "code": "too_many", "detail": detail, "allowed": bounds})
    return values, faults


def _told(messages: dict[str, Any]) -> Iterable[dict[str, Any]]:
    for name, each in messages.items():
        for message in each if isinstance(each, list) else [each]:
            if isinstance(message, dict):
                yield {"parameter": name, **message}
            else:
                yield {"parameter": name, "code": "required", "detail": f"{name} is needed."}
