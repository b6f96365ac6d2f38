"""What a seeded house can be asked for, and what its OpenAPI document says of every answer."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from jsonschema_rs import Draft202012Validator

from api.services.house import keys
from schemas.content import CONTENT_TYPES
from tests.builders import clinic_id, writing_as
from tests.conftest import House

Json = dict[str, Any]
LOCALES = {"demo-south": ("en", "es"), "demo-north": ("es", "en"), "demo-private": ("en",)}
"""Every clinic of the seed with its languages, its default first."""
PLACES = [(clinic, locale) for clinic, locales in LOCALES.items() for locale in locales]
KINDS = {each.name: each for each in CONTENT_TYPES}


@dataclass
class Contract:
    """An OpenAPI document that replies are held against; `held` counts the replies."""

    document: Json
    held: int = 0
    _validators: dict[str, Draft202012Validator] = field(default_factory=dict)

    @property
    def schemas(self) -> Json:
        return dict(self.document["components"]["schemas"])

    @cached_property
    def closed(self) -> Json:
        """The same schemas with every shape closed, to find what a reply holds beyond its own."""
        shapes = copy.deepcopy(self.schemas)
        for shape in shapes.values():
            if "properties" in shape:
                shape["additionalProperties"] = False
        return shapes

    @cached_property
    def _addresses(self) -> list[tuple[re.Pattern[str], str]]:
        """The most literal first: /topics/{slug}.md stands before /topics/{slug}."""
        paths = sorted(self.document["paths"], key=lambda path: -len(re.sub(r"{\w+}", "", path)))
        return [(re.compile(re.sub(r"\\{(\w+)\\}", r"[^/]+", re.escape(path)) + r"\Z"), path) for path in paths]

    def address_of(self, path: str) -> str:
        """The documented address of a path. Raises LookupError for one that the document does not know."""
        for pattern, address in self._addresses:
            if pattern.match(path):
                return address
        raise LookupError(path)

    def hold(self, path: str, reply: Any) -> None:
        """Fail unless the status, the media type and the body of a reply are what the document says."""
        self.held += 1
        responses = self.document["paths"][self.address_of(path.partition("?")[0])]["get"]["responses"]
        assert str(reply.status_code) in responses, f"{path}: {reply.status_code} is not documented"
        content = responses[str(reply.status_code)].get("content", {})
        if not content:
            assert not reply.data, path
            return
        assert reply.mimetype in content, f"{path}: {reply.mimetype} is not documented"
        value = reply.json if reply.mimetype.endswith("json") else reply.text
        self.check(content[reply.mimetype]["schema"], value, path)

    def check(self, schema: Json, value: Any, told: str, *, closed: bool = False) -> None:
        """Fail unless a value is valid; `closed` allows no member that its schemas don't name."""
        name = f"{closed}{schema}"
        if name not in self._validators:
            shapes = self.closed if closed else self.schemas
            anchored = {"components": {"schemas": shapes}, "allOf": [schema]}
            self._validators[name] = Draft202012Validator(anchored, validate_formats=True)
        validator = self._validators[name]
        if not validator.is_valid(value):
            faults = [f"{each.instance_path}: {each.message[:300]}" for each in validator.iter_errors(value)]
            raise AssertionError(f"{told}\n" + "\n".join(faults[:5]))


def contract(house: House) -> Contract:
    """The document that a running house gives out."""
    reply = house.client.get("/v1/openapi.json")
    tag = reply.headers["ETag"]
    if tag not in _known:
        _known[tag] = Contract(reply.json)
    return Contract(_known[tag].document, _validators=_known[tag]._validators)


_known: dict[str, Contract] = {}
"""By the tag of its document, as its validators are slow to make."""


def with_key(house: House) -> dict[str, str]:
    """Headers with a key that may read the private clinic too; written into the house."""
    with writing_as(house.database, "admin") as work:
        _, key = keys.create(work, "server", "test", clinics=[clinic_id(house.database, "demo-private")])
    return {"Authorization": f"Bearer {key}"}


def house_addresses(clinic: str, locale: str) -> Iterator[str]:
    """Every address of a clinic that is no item of a content type."""
    here = f"/v1/clinics/{clinic}"
    yield "/v1/clinics"
    for rest in ("", ".jsonld", "/navigation", "/categories", "/sitemap.json"):
        yield f"{here}{rest}?locale={locale}"
    yield from (f"{here}/sitemap.xml", f"{here}/redirects", f"{here}/categories?filter[of]=faq&locale={locale}")
    for word in ("acne scars", "cicatrices", "-skin mesotherapy", '"fine needles"', "mesotheraby"):
        yield f"{here}/search?q={word}&locale={locale}&facets=type,category&page[size]=50"
    for kind in CONTENT_TYPES:
        yield f"{here}/{kind.plural}.jsonld?locale={locale}"


def list_addresses(clinic: str, locale: str, type_name: str) -> Iterator[tuple[str, str, str]]:
    """(address, view, format) of the whole list of a type, in every view and format; no card holds rich text."""
    for view in ("card", "summary", "full"):
        for form in ("html",) if view == "card" else ("html", "blocks", "markdown", "text"):
            yield f"{_list(clinic, locale, type_name)}&view={view}&format={form}", view, form


def shaped_addresses(clinic: str, locale: str, type_name: str) -> Iterator[str]:
    """The whole list with all that it can include, two levels deep; with few fields; an item with its graph."""
    kind, here = KINDS[type_name], _list(clinic, locale, type_name)
    deeper = [f"{each.name}.{inner.name}" for each in kind.relations for inner in KINDS[each.target].relations]
    yield f"{here}&include={','.join([*kind.includes, *deeper])}&count=true"
    yield f"{here}&view=card&format=blocks&include={kind.relations[0].name}&include_limit[{kind.relations[0].name}]=1"
    yield f"{here}&view=full&fields[{kind.name}]={kind.title},links&include=categories"


def item_addresses(item: Json, clinic: str) -> Iterator[str]:
    """Every address of one delivered item: itself, its graph, its Markdown, its sections, its path on the site."""
    here, asked = f"/v1/clinics/{clinic}/{KINDS[item['type']].plural}/{item['slug']}", f"locale={item['locale']}"
    yield f"{here}?{asked}&include=jsonld"
    yield f"{here}.jsonld?{asked}"
    yield f"{here}.md?{asked}"
    for section in item.get("sections", ()):
        yield f"{here}/modules/{section['aspect']}?{asked}&format=text"
    if item["path"] and "#" not in item["path"]:
        yield f"/v1/clinics/{clinic}/resolve?path={item['path']}"


def _list(clinic: str, locale: str, type_name: str) -> str:
    return f"/v1/clinics/{clinic}/{KINDS[type_name].plural}?locale={locale}&page[size]=100"
