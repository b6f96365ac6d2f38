"""Every place where a request names something: what another clinic has is as if it never was (TA3, TA5, TA8)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import quote

import pytest
from werkzeug.test import TestResponse

from tests.builders import a_section, a_topic
from tests.conftest import House
from tests.managing import Desk
from tests.pictures import uploaded
from tests.trust.test_secondary_addresses import FORGOTTEN

pytestmark = pytest.mark.either

MEANT = re.compile(r" Did you mean [^?]+\?")
"""What may have been meant is always one of `allowed`, and that is compared."""
OWN, OTHER, WORD = "demo-north", "demo-south", "quokkaword"
ASKING = f"admin@{OWN}"
TEXT, TOPIC = "/entries/topic/@topic", {"type": "topic", "id": "@topic"}
ANOTHER = {"type": "topic", "id": "@another"}
TEXTS = {"en": {"title": "X", "slug": "x"}}
SAID: tuple[tuple[str, str, Any], ...] = (
    ("POST", "/categories", {"clinic": "@clinic", "key": "x", "group": "subject", "parent": "@label", "texts": TEXTS}),
    ("PUT", "/categories/@category", {"key": "@label", "group": "subject", "parent": "@other_label", "texts": TEXTS}),
    ("PUT", "/clinics/demo-north", {"logo": "@picture"}),
    ("PATCH", "/clinics/demo-north", {"logo": "@picture"}),
    ("POST", "/entries/topic", {"clinic": "@clinic", "locale": "en", "slug": "x-%", "external_key": "@external",
                                "document": a_topic()}),
    ("PATCH", TEXT, {"document": {"related": [ANOTHER], "image": "@picture", "categories": ["@label"]}}),
    ("PUT", TEXT, {"slug": "x", "document": a_topic(sections=[a_section("overview", "[x](entry:@another)")])}),
    ("POST", f"{TEXT}/duplicate", {"clinic": "@clinic", "slug": "y"}),
    ("POST", "/exports", {"clinic": "@clinic", "format": "ndjson"}),
    ("POST", "/keys", {"kind": "server", "name": "x", "clinics": ["@clinic"]}),
    ("POST", "/keys", {"kind": "manage", "name": "x", "clinics": [OWN], "person": "@person"}),
    ("POST", "/keys", {"kind": "partner", "name": "x", "partner": "@partner"}),
    ("POST", "/partners", {"name": "x", "clinics": ["@clinic"], "topics": ["@topic"]}),
    ("PATCH", "/partners/@partner", {"clinics": ["@clinic"], "topics": ["@topic"]}),
    ("POST", "/people", {"email": "x@test.invalid", "roles": [{"role": "author", "clinic": "@clinic"}]}),
    ("PATCH", "/people/@person", {"roles": [{"role": "editor", "clinic": "@clinic"}]}),
    ("POST", "/redirects", {"clinic": "@clinic", "from": "/x", "to": "/y"}),
    ("POST", "/releases", {"clinic": "@clinic", "title": "x", "items": [{**TOPIC, "clinic": "@clinic"}]}),
    ("PUT", "/releases/@release", {"title": "x", "items": [{**TOPIC, "clinic": "@clinic"}]}),
    ("PATCH", "/releases/@release", {"items": [{**TOPIC, "clinic": "@clinic"}]}),
    ("POST", "/shares", {"clinic": "@clinic", **TOPIC}),
    ("PATCH", "/media/@picture", {"shows_person": True, "consent": {"clinics": ["@clinic"], "uses": ["site"]}}),
    ("POST", "/recalls/@recall/confirm", {"clinic": "@clinic"}),
    ("POST", "/moves/withdraw", {"items": [{**TOPIC, "etag": "*"}], "reason": "x", "replacement": ANOTHER}),
    ("POST", "/moves/recall", {"items": [{**TOPIC, "etag": "*"}], "reason": "x", "severity": "low",
                               "confirm": ["@clinic"]}),
    ("POST", f"{TEXT}/moves/recall", {"reason": "x", "severity": "low", "confirm": ["@clinic"],
                                      "replacement": ANOTHER}),
)  # fmt: skip
"""Sound requests of an admin of one clinic; `@kind` stands where something of that clinic is named, % for a number."""
_numbers = count()
NAMES = {"clinic", "clinics", "confirm", "id", "partner", "person", "parent", "topics", "logo", "external_key"}
PASSED_OVER = {
    ("POST /partners", ("licence", "id")): "SPDX's, not ours",
    ("POST /clinics", ("logo",)): "the house alone makes clinics",
    ("POST /entries/{type}/{id}/overlays/{clinic}/moves/{move}", ("replacement", "id")): "as a text's own",
    ("POST /entries/{type}/{id}/overlays/{clinic}/moves/{move}", ("confirm", 0)): "no overlay is recalled",
}  # fmt: skip
FILTERS = re.compile(r"^(clinic|source|filter\[(clinic|entry|person|partner|subject|actor|external_key)\])$")


@dataclass(frozen=True)
class Clinics:
    """What two clinics have, by kind: the same of each."""

    mine: dict[str, str]
    theirs: dict[str, str]

    @property
    def foreign(self) -> list[str]:
        """Names to try; a redirect's is a number that may stand anywhere in a reply."""
        return sorted({name for kind, name in self.theirs.items() if kind != "redirect"})


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


@pytest.fixture
def both(desk: Desk) -> Clinics:
    return Clinics(what_it_has(desk, OWN), what_it_has(desk, OTHER))


def what_it_has(desk: Desk, clinic: str) -> dict[str, str]:
    """One of everything that has a name; of topics three, of which one is recalled."""
    who = {name: f"{name}@{clinic}" for name in ("author", "editor", "publisher", "admin", "medical_reviewer")}
    topics = []
    for slug in ("topic", "another", "recalled"):
        name = f"{WORD}-{slug}-{clinic}"
        said = {"clinic": clinic, "external_key": name}
        path = desk.create(name, a_topic(title=f"{WORD} {clinic}"), name=who["author"], **said)
        for role, move in (("author", "submit"), ("medical_reviewer", "approve"), ("publisher", "publish")):
            desk.move(who[role], path, move)
        topics.append(path)
    desk.move(who["medical_reviewer"], topics[2], "recall", severity="low", reason=WORD)
    topic = {"type": "topic", "id": topics[0].rpartition("/")[2]}
    label = {"group": "subject", "clinic": clinic}
    made = {
        "release": (who["publisher"], "releases", {"clinic": clinic, "title": WORD, "items": []}),
        "category": (who["editor"], "categories", {**label, "key": f"{WORD}-{clinic}",
                                                   "texts": {"en": {"title": WORD, "slug": WORD}}}),
        "other_category": (who["editor"], "categories", {**label, "key": f"{WORD}-2-{clinic}",
                                                         "texts": {"en": {"title": WORD, "slug": f"{WORD}-2"}}}),
        "redirect": (who["editor"], "redirects", {"clinic": clinic, "from": f"/{WORD}", "to": "/b"}),
        "key": (who["admin"], "keys", {"kind": "server", "name": WORD, "clinics": [clinic]}),
        "partner": (who["admin"], "partners", {"name": WORD, "clinics": [clinic]}),
        "person": (who["admin"], "people", {"email": f"{WORD}.{clinic}@test.invalid",
                                            "roles": [{"role": "author", "clinic": clinic}]}),
        "share": (who["editor"], "shares", {"clinic": clinic, **topic}),
    }  # fmt: skip
    ids = {kind: str(desk.done(name, "POST", f"/{path}", body)["id"]) for kind, (name, path, body) in made.items()}
    return ids | {
        "topic": topic["id"], "another": topics[1].rpartition("/")[2], "clinic": clinic,
        "comment": desk.done(who["author"], "POST", f"{topics[0]}/comments", {"text": WORD})["id"],
        "picture": uploaded(desk, who["editor"], clinic=clinic)["id"],
        "recall": desk.done(who["editor"], "GET", "/recalls")[0]["id"],
        "label": f"{WORD}-{clinic}", "other_label": f"{WORD}-2-{clinic}", "external": f"{WORD}-topic-{clinic}",
    }  # fmt: skip


def never(name: str) -> str:
    """A name of the same shape that nothing ever had."""
    prefix, _, rest = name.partition("_")
    return f"{prefix}_{rest[::-1]}" if rest else f"no-{name[::-1]}"


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], str]]:
    """Where a body holds `@kind`, and which kind."""
    if isinstance(value, str) and "@" in value and (found := re.search(r"@([a-z_]+)(?!\.)\b", value)):
        yield at, found[1]
    for name, each in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(each, (*at, name))


def filled(value: Any, names: dict[str, str], at: tuple[Any, ...] | None = None, other: str = "") -> Any:
    """A body with names in place of `@kind`; in one place with another one."""
    if isinstance(value, dict):
        return {name: filled(each, names, _below(at, name), other) for name, each in value.items()}
    if isinstance(value, list):
        return [filled(each, names, _below(at, number), other) for number, each in enumerate(value)]
    if not isinstance(value, str):
        return value
    value = value.replace("%", str(next(_numbers)))
    return re.sub(r"@([a-z_]+)(?!\.)\b", lambda found: other if at == () else names.get(found[1], found[0]), value)


def _below(at: tuple[Any, ...] | None, name: Any) -> tuple[Any, ...] | None:
    return at[1:] if at and at[0] == name else None


def declared(document: Any) -> set[tuple[str, tuple[Any, ...]]]:
    """Every place of a body below /v1/manage that may name something, as the OpenAPI document has it."""
    schemas = document["components"]["schemas"]

    def walk(shape: Any, at: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
        shape = schemas[shape["$ref"].rpartition("/")[2]] if "$ref" in shape else shape
        for each in (*shape.get("anyOf", ()), *shape.get("oneOf", ()), *shape.get("allOf", ())):
            yield from walk(each, at)
        for name, each in shape.get("properties", {}).items():
            yield from walk(each, (*at, name))
        if "items" in shape:
            yield from walk(shape["items"], (*at, 0))
        kinds = shape.get("type", [])
        last = next((each for each in reversed(at) if isinstance(each, str)), None)
        if last in NAMES and "string" in (kinds if isinstance(kinds, list) else [kinds]):
            yield at

    return {
        (f"{method.upper()} {path.removeprefix('/v1/manage')}", at)
        for path, methods in document["paths"].items() if path.startswith("/v1/manage")
        for method, operation in methods.items()
        for kind, content in operation.get("requestBody", {}).get("content", {}).items() if "json" in kind
        for at in walk(content["schema"], ()) if "ndjson" not in kind and "jsonl" not in kind
    }  # fmt: skip


def ask(desk: Desk, method: str, path: str, body: Any, both: Clinics) -> TestResponse:
    """The request in the name of the admin of one clinic, with its newest tags."""
    if (method, path) == ("PUT", "/clinics/demo-north"):
        body = {**desk.done(ASKING, "GET", path)["profile"], **body}
    if path.startswith("/moves/"):
        desk.done(ASKING, "GET", where := f"/entries/topic/{both.mine['topic']}")
        items = [{**each, "etag": desk.etags[where]} for each in body["items"]]
        body = {**body, "items": items}
    return desk.ask(ASKING, method, filled(path, both.mine), body, If_Match="*")


def told(reply: TestResponse, name: str) -> tuple[int, str]:
    """What can tell one refusal from another; what was taken differs by the id that it got."""
    words = MEANT.sub("", FORGOTTEN.sub("", reply.text)).replace(name, "NAME")
    return reply.status_code, words if reply.status_code >= 300 else ""


def test_ta5_every_place_of_a_body_that_names_something_is_tried(house: House) -> None:
    document = house.data("/v1/openapi.json")
    paths = [path.removeprefix("/v1/manage") for path in document["paths"]]
    tried = set()
    for method, path, body in SAID:
        words = re.sub(r"@\w+|topic(?=/|$)|withdraw|recall$|demo-north", r"[^/]+", path)
        named = [each for each in paths if re.fullmatch(words, each)]
        tried |= {(f"{method} {each}", at) for each in named for at, _ in places(body)}
    assert declared(document) - tried - set(PASSED_OVER) == set()


def test_ta5_what_another_clinic_has_reads_in_every_body_like_what_never_was(
    house: House, desk: Desk, both: Clinics
) -> None:
    tried = 0
    for method, path, body in SAID:
        for at, kind in places(body):
            for name in {both.theirs[each] for each in (kind, "topic", "clinic")}:
                pair = [told(ask(desk, method, path, filled(body, both.mine, at, each), both), each)
                        for each in (name, never(name))]  # fmt: skip
                tried += 2
                assert pair[0] == pair[1], (method, path, at, name)
                assert pair[0][0] < 500 and OTHER not in pair[0][1], (method, path, at, pair)
    assert tried > 150
    for method, path, body in SAID:
        reply = ask(desk, method, path, filled(body, both.mine), both)
        assert reply.status_code < 300 or reply.status_code == 409, (method, path, reply.text)


def test_ta8_what_another_clinic_has_reads_in_every_filter_like_what_never_was(
    house: House, desk: Desk, both: Clinics
) -> None:
    tried = 0
    for path, methods in house.data("/v1/openapi.json")["paths"].items():
        if not path.startswith("/v1/manage") or "get" not in methods:
            continue
        where = path.replace("{type}", "topic").replace("{id}", both.mine["topic"]).replace("{clinic}", OWN)
        named = [each["name"] for each in methods["get"]["parameters"] if FILTERS.match(each["name"])]
        for parameter in named:
            for name in both.foreign:
                pair = []
                for each in (name, never(name)):
                    url = f"{where.removeprefix('/v1/manage')}?{quote(parameter)}={quote(each)}"
                    reply = desk.ask(ASKING, "GET", url)
                    pair.append((reply.status_code, json.dumps(reply.json).replace(quote(each), "NAME")))
                tried += 2
                assert FORGOTTEN.sub("", pair[0][1]) == FORGOTTEN.sub("", pair[1][1]), (parameter, url, name)
    assert tried > 200
