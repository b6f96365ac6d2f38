"""What a clinic does changes no byte of what anybody else reads, at any address and with any parameter."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from werkzeug.test import TestResponse

from tests.builders import a_section, a_term, a_topic
from tests.conftest import House
from tests.flows.test_overlays import lay_over, there
from tests.managing import Desk
from tests.pictures import uploaded
from tests.transferring import brought_in, given_out, lines
from tests.trust.desk import bearer
from tests.trust.desk import key as a_key

pytestmark = pytest.mark.either

CANARY, WORD = "canary-quokka", "quokkaword"
OWN, OTHER = "demo-south", "demo-north"
FORGOTTEN = re.compile(r"req_[0-9a-f]{12}")
HEADS = {"X-Request-Id", "Date"}
SLUGS = {"topics": "mesotherapy", "faqs": "does-mesotherapy-hurt", "guides": "choosing-a-provider", "terms": "dermis",
         "categories": "acne-scars"}  # fmt: skip
SAID = {"q": WORD, "path": f"/treatments/{CANARY}", "url": f"https://api.example/embed/{OTHER}/topics/{CANARY}",
        "at": "2026-11-01T07:00:00Z", "since": "2026-10-01", "until": "2026-11-01", "count": "true",
        "ids": "top_00000000", "page[size]": "100", "filter[title][contains]": WORD, "filter[category]": CANARY,
        "filter[external_key]": CANARY, "filter[clinic]": OTHER,
        "view": "full", "explain": "origin", "include": "related,faqs"}  # fmt: skip
"""What parameters are asked with; of the rest the first word that their schema lists, or the canary."""
Reads = dict[tuple[str, str], tuple[int, tuple[tuple[str, str], ...], str]]


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def asked_with(parameter: Any) -> str:
    """A value for a parameter of a query."""
    shape = parameter["schema"]
    if (name := parameter["name"]) in SAID:
        return SAID[name]
    allowed = shape.get("enum") or shape.get("items", {}).get("enum")
    if allowed:
        return str(allowed[0])
    kinds = shape.get("type", "string")
    return "true" if kinds == "boolean" else "1" if kinds in ("integer", "number") else WORD


def addresses(document: Any, ids: dict[str, str]) -> Iterator[str]:
    """Every address that is read, bare and with each of its parameters; of a filter's operators with `in` alone."""
    for path, methods in document["paths"].items():
        if "get" not in methods or path.endswith("/file") or path == "/v1/clinics":  # Which tells of every clinic.
            continue
        filled = filled_in(path, ids)
        for each in ([filled] if isinstance(filled, str) else filled):
            declared = [one for one in methods["get"]["parameters"] if one["in"] == "query"]
            needed = [f"{one['name']}={quote(asked_with(one))}" for one in declared if one.get("required")]
            yield "?".join([each, "&".join(needed)]) if needed else each
            for one in declared if "/preview/" not in each else ():  # They are the reads of delivery.
                if not one.get("required") and not re.search(r"\]\[(?!in)|^(fields|include_limit)\[", one["name"]):
                    yield f"{each}?{'&'.join([*needed, one['name'] + '=' + quote(asked_with(one))])}"


def filled_in(path: str, ids: dict[str, str]) -> list[str]:
    """A path for the other clinic, with its own objects and with names that only the first one knows."""
    if path.startswith("/v1/manage"):
        kind = path.split("/")[3]
        path = path.replace("{type}", "topic").replace("{id}", ids.get(kind, "none")).replace("{number}", "1")
        return [path.replace("{clinic}", OTHER).replace("{rendition}", "480.webp").replace("{promise}", "1")]
    plural = next((each for each in SLUGS if f"/{each}/{{slug}}" in path), "")
    path = path.replace("{aspect}", "overview")
    return [path.replace("{clinic}", OTHER).replace("{slug}", slug) for slug in
            ([SLUGS[plural], CANARY] if plural else [""])]  # fmt: skip


def readers(house: House, desk: Desk) -> dict[str, dict[str, str]]:
    """Who else reads: anyone, and keys of every kind of the other clinic."""
    partner = desk.done("admin", "POST", "/partners", {"name": "Theirs", "clinics": [OTHER]})["id"]
    told = desk.done("admin", "POST", "/keys", {"kind": "partner", "name": "theirs", "partner": partner})["key"]
    keys = {kind: a_key(house, [OTHER], kind)[1] for kind in ("server", "preview", "manage")}
    people = {name: desk.key(name) for name in (f"editor@{OTHER}", f"admin@{OTHER}", f"publisher@{OTHER}")}
    return {"anyone": {}} | {name: bearer(each) for name, each in {**keys, **people, "partner": told}.items()}


MAY_READ = {"/v1/manage": ("manage", "editor", "admin", "publisher"), "/v1/partners": ("partner",),
            "preview": ("preview",), "": ("anyone", "server")}  # fmt: skip


def asks(reader: str, address: str) -> bool:
    """Whether that reader gets further than a refusal there; of several who do one alone tries all parameters."""
    where = next(each for each in MAY_READ if each in address)
    kind = reader.partition("@")[0]
    return kind in MAY_READ[where] and ("?" not in address or kind in ("anyone", "admin", "preview", "partner"))


def told(reply: TestResponse) -> tuple[int, tuple[tuple[str, str], ...], str]:
    heads = tuple(sorted((name, value) for name, value in reply.headers if name not in HEADS))
    return reply.status_code, heads, FORGOTTEN.sub("", reply.data.decode(errors="replace"))


def read(house: House, who: dict[str, dict[str, str]], where: list[str]) -> Reads:
    return {(reader, address): told(house.client.get(address, headers=sent))
            for reader, sent in who.items() for address in where if asks(reader, address)}  # fmt: skip


def objects(desk: Desk) -> dict[str, str]:
    """One of everything that the other clinic has, by the word its address begins with."""
    who = {name: f"{name}@{OTHER}" for name in ("author", "editor", "publisher", "admin", "medical_reviewer")}
    own = desk.create("theirs", a_topic(), name=who["author"], clinic=OTHER)
    for name, move in (("author", "submit"), ("medical_reviewer", "approve"), ("publisher", "publish")):
        desk.move(who[name], own, move)
    picture = uploaded(desk, who["editor"], clinic=OTHER)["id"]
    item = {"type": "topic", "id": own.rpartition("/")[2]}
    made = {
        "releases": (who["publisher"], {"clinic": OTHER, "title": "Theirs", "items": []}),
        "categories": (who["editor"], {"key": "theirs", "group": "subject", "clinic": OTHER,
                                       "texts": {"en": {"title": "Theirs", "slug": "theirs"}}}),
        "redirects": (who["editor"], {"clinic": OTHER, "from": "/a", "to": "/b"}),
        "keys": (who["admin"], {"kind": "server", "name": "theirs", "clinics": [OTHER]}),
        "partners": (who["admin"], {"name": "theirs", "clinics": [OTHER]}),
        "people": (who["admin"], {"email": "theirs@test.invalid", "roles": [{"role": "author", "clinic": OTHER}]}),
        "shares": (who["editor"], {"clinic": OTHER, **item}),
    }  # fmt: skip
    ids = {kind: str(desk.done(name, "POST", f"/{kind}", body)["id"]) for kind, (name, body) in made.items()}
    return {**ids, "entries": item["id"], "media": picture}


def within_walls(desk: Desk) -> None:
    """Everything that a clinic can do before anything of it is public."""
    own = desk.create(CANARY, a_topic(title=WORD, summary=WORD), name=f"author@{OWN}", clinic=OWN, external_key=CANARY)
    desk.done(f"author@{OWN}", "POST", f"{own}/comments", {"text": WORD})
    desk.done(f"author@{OWN}", "POST", f"{own}/translations", {"locale": "es", "copy_from": "en", "slug": CANARY})
    desk.create(CANARY, a_term(title=WORD, synonyms=["dermis"]), name=f"author@{OWN}", clinic=OWN, kind="term")
    picture = uploaded(desk, f"editor@{OWN}", clinic=OWN)["id"]
    desk.done(f"author@{OWN}", "PATCH", own, {"document": {"image": picture}})
    desk.move(f"author@{OWN}", own, "submit")
    shared = f"/entries/topic/{desk.house.data('demo-south/topics/mesotherapy?locale=en')['data']['id']}"
    desk.done(f"editor@{OWN}", "GET", there(shared, OWN))
    desk.done(f"editor@{OWN}", "PUT", there(shared, OWN), {"document": {"summary": WORD}})
    desk.done(f"editor@{OWN}", "POST", f"{there(shared, OWN)}/comments", {"text": WORD})
    item = {"type": "topic", "id": own.rpartition("/")[2]}
    desk.done(f"publisher@{OWN}", "POST", "/releases", {"clinic": OWN, "title": WORD, "items": [item]})
    desk.done(f"editor@{OWN}", "POST", "/shares", {"clinic": OWN, **item})
    made = {"kind": "server", "name": WORD, "clinics": [OWN]}
    desk.done(f"admin@{OWN}", "POST", f"/keys/{desk.done(f'admin@{OWN}', 'POST', '/keys', made)['id']}/rotate", {},
              If_Match="*")  # fmt: skip
    person = {"email": f"{WORD}@test.invalid", "name": WORD, "roles": [{"role": "editor", "clinic": OWN}]}
    desk.done(f"admin@{OWN}", "POST", "/people", person)
    desk.done(f"admin@{OWN}", "POST", "/partners", {"name": WORD, "clinics": [OWN]})
    row = {"type": "term", "locale": "en", "slug": WORD, "document": a_term(title=WORD), "external_key": WORD}
    brought_in(desk, f"editor@{OWN}", lines(row), clinic=OWN)
    given_out(desk, f"editor@{OWN}", format="ndjson")


def in_public(desk: Desk) -> None:
    """Everything that a clinic can do on its own site."""
    said = a_topic(title=WORD, sections=[a_section("overview", WORD)])
    own = desk.create("own", said, name=f"author@{OWN}", clinic=OWN)
    for name, move in (("author", "submit"), ("medical_reviewer", "approve"), ("publisher", "publish")):
        desk.move(f"{name}@{OWN}", own, move)
    shared = {slug: f"/entries/topic/{desk.house.data(f'{OWN}/topics/{slug}?locale=en')['data']['id']}"
              for slug in ("mesotherapy", "microneedling")}  # fmt: skip
    lay_over(desk, shared["mesotherapy"], {"summary": WORD}, OWN)
    desk.done(f"editor@{OWN}", "GET", there(shared["microneedling"], OWN))
    desk.move(f"editor@{OWN}", there(shared["microneedling"], OWN), "hide")
    label = {"key": WORD, "group": "subject", "texts": {"en": {"title": WORD, "slug": WORD}}, "clinic": OWN}
    desk.done(f"editor@{OWN}", "POST", "/categories", label)
    desk.done(f"editor@{OWN}", "POST", "/redirects", {"clinic": OWN, "from": f"/{WORD}", "to": "/b"})
    desk.done(f"admin@{OWN}", "PATCH", f"/clinics/{OWN}", {"price_note": {"en": WORD}}, If_Match="*")
    desk.move(f"medical_reviewer@{OWN}", own, "recall", severity="high", reason=WORD)


def test_ta8_what_a_clinic_does_changes_no_byte_that_anybody_else_reads(house: House, desk: Desk) -> None:
    who, ids = readers(house, desk), objects(desk)
    where = list(dict.fromkeys(addresses(house.data("/v1/openapi.json"), ids)))
    before = read(house, who, where)
    assert len(before) > 700 and sum(status == 200 for status, _, _ in before.values()) > 400
    within_walls(desk)
    in_public(desk)
    after = read(house, who, where)
    changed = [f"{reader} {address}" for reader, address in before if before[reader, address] != after[reader, address]]
    assert changed == []
