"""Every address of management that names an object, as people of another clinic and as keys that only read try it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from sqlalchemy import Table, select
from werkzeug.test import TestResponse

from api.db import Base
from api.models import LIBRARY
from tests.builders import a_topic
from tests.conftest import House
from tests.flows.test_overlays import lay_over, renew, there
from tests.managing import Desk
from tests.pictures import a_picture, uploaded
from tests.transferring import sent
from tests.trust.desk import bearer, clinic_id
from tests.trust.desk import key as a_key

pytestmark = pytest.mark.either

CANARY = "canary-quokka"
MINE, THEIRS = "editor@demo-south", "editor@demo-north"
KINDS = {"entries": "topic", "comments": "comment", "conflicts": "conflict", "recalls": "recall",
         "releases": "release", "categories": "category", "keys": "key", "redirects": "redirect",
         "partners": "partner", "people": "person", "shares": "share", "media": "picture", "imports": "import",
         "exports": "export"}  # fmt: skip
"""Which kind of object {id} names, by what an address begins with."""
READING = ("browser", "server", "preview", "partner")
NOBODY = {"topic": "top_0000000", "conflict": "cnf_0000000", "comment": "cmt_0000000", "recall": "rcl_0000000",
          "release": "rel_0000000", "category": "cat_0000000", "key": "key_0000000", "redirect": "99999",
          "partner": "ptn_0000000", "person": "prs_0000000", "share": "shr_0000000", "picture": "med_0000000",
          "import": "imp_0000000", "export": "exp_0000000"}  # fmt: skip
OF_THE_HOUSE = ("worker",)
"""What nobody but the house has: what is owed is retried by its admins alone."""
SAMPLES = {"type": "topic", "number": "1", "move": "publish", "clinic": "demo-south", "rendition": "480.webp"}
WORDS: dict[str, Any] = {
    "texts": {"en": {"title": "x", "slug": "x"}}, "locale": "es", "clinic": "demo-north", "status": 301, "from": "/a",
    "to": "/b", "group": "subject",
}  # fmt: skip
OTHERS: dict[str, tuple[str, str, Any]] = {
    "release": ("publisher", "/releases", {"clinic": "demo-south", "title": CANARY, "items": []}),
    "category": ("editor", "/categories", {"key": "quokka", "group": "subject", "position": 1,
                                           "clinic": "demo-south", "texts": {"en": {"title": CANARY, "slug": CANARY}}}),
    "key": ("admin", "/keys", {"kind": "server", "name": CANARY, "clinics": ["demo-south"]}),
    "partner": ("admin", "/partners", {"name": CANARY, "clinics": ["demo-south"]}),
    "redirect": ("editor", "/redirects", {"clinic": "demo-south", "from": "/old", "to": "/new"}),
    "person": ("admin", "/people", {"email": "quokka@test.invalid", "name": CANARY,
                                    "roles": [{"role": "author", "clinic": "demo-south"}]}),
    "export": ("editor", "/exports", {"clinic": "demo-south", "format": "ndjson"}),
}  # fmt: skip
"""What else demo-south has: who makes it, where, and what it says."""
FORGOTTEN = re.compile(r'"(instance|request_id)": ?"[^"]*"')


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


@dataclass(frozen=True)
class Tried:
    """One operation of the OpenAPI document, and the least body that its schema takes."""

    method: str
    path: str
    conditional: bool
    body: Any = field(default=None, compare=False)


def operations(house: House) -> list[Tried]:
    """Everything below /v1/manage whose address names something."""
    document = house.data("/v1/openapi.json")
    return [
        Tried(method.upper(), path.removeprefix("/v1/manage"),
              any(each["name"] == "If-Match" for each in declared["parameters"]), body_of(document, declared))
        for path, methods in document["paths"].items() if path.startswith("/v1/manage") and "{" in path
        for method, declared in methods.items()
    ]  # fmt: skip


def object_of(path: str) -> str | None:
    """Which kind of object an address names by {id}."""
    return KINDS.get(path.split("/")[1]) if "{id}" in path else None


def body_of(document: Any, declared: Any) -> Any:
    if "application/json" not in declared.get("requestBody", {}).get("content", {}):
        return None
    shape = declared["requestBody"]["content"]["application/json"]["schema"]
    return least(document["components"]["schemas"], shape)


def least(schemas: Any, shape: Any, name: str = "x") -> Any:
    """The least value that a JSON Schema takes."""
    shape = schemas[shape["$ref"].rpartition("/")[2]] if "$ref" in shape else shape
    if name in WORDS:
        return WORDS[name]
    if "enum" in shape:
        return shape["enum"][0]
    match [shape.get("type", "object")] if not isinstance(shape.get("type"), list) else shape["type"]:
        case ["object", *_]:
            known = shape.get("properties", {})
            return {each: least(schemas, known[each], each) for each in shape.get("required", ())}
        case ["array", *_]:
            return [least(schemas, shape["items"])] if shape.get("minItems") else []
        case ["integer" | "number", *_]:
            return shape.get("minimum", 1)
        case ["boolean", *_]:
            return False
    return "2026-12-01T08:00:00Z" if shape.get("format") == "date-time" else name


def ask(desk: Desk, tried: Tried, who: str | None, id_: str, **headers: str) -> TestResponse:
    path = tried.path.replace("{id}", id_)
    for name, value in SAMPLES.items():
        path = path.replace("{" + name + "}", value)
    more = {"If_Match": "*"} if tried.conditional else {}
    if (tried.method, tried.path) == ("PUT", "/media/{id}") and who is not None:
        said = {"Authorization": f"Bearer {desk.key(who)}", "If-Match": "*"}
        return desk.house.client.put(f"/v1/manage{path}", data=a_picture(), content_type="image/png", headers=said)
    return desk.ask(who, tried.method, path, tried.body, **more, **headers)


def comparable(reply: TestResponse, id_: str = "-") -> tuple[int, str, list[str]]:
    """What can tell one refusal from another; that it repeats the id asked for tells nothing."""
    kept = [name for name, _ in reply.headers if name not in ("X-Request-Id", "Date", "Content-Length")]
    told = re.sub(rf"\b{re.escape(id_)}\b", "ID", FORGOTTEN.sub("", reply.text))
    return reply.status_code, told, sorted(kept)


def stored(house: House) -> dict[str, str]:
    """Everything in the house that content is made of, table by table."""
    skipped = {"keys", "people", "roles"}
    tables: list[Table] = [each for each in Base.metadata.sorted_tables if each.name not in skipped]
    with house.database.reading() as connection:
        return {each.name: json.dumps([list(row) for row in connection.execute(
            select(each).order_by(*each.primary_key.columns))], default=str) for each in tables}  # fmt: skip


@dataclass
class Southern:
    """What belongs to demo-south alone: ids by kind of object."""

    ids: dict[str, str]
    path: str


def southern(house: House, desk: Desk) -> Southern:
    """An own topic with a comment, a recall, a conflict of an overlay, and one of everything else that has an id."""
    own, other = (published(desk, slug) for slug in (CANARY, "recalled"))
    ids = {"topic": own.rpartition("/")[2]}
    ids["comment"] = desk.done(MINE, "POST", f"{own}/comments", {"text": CANARY})["id"]
    desk.move("medical_reviewer@demo-south", other, "recall", severity="high", reason=CANARY)
    ids["recall"] = desk.done(MINE, "GET", "/recalls")[0]["id"]
    shared = desk.create("shared")
    desk.publish(shared)
    lay_over(desk, shared, {"title": CANARY})
    renew(desk, shared, title="Changed")
    ids["conflict"] = desk.done(MINE, "GET", "/conflicts")[0]["id"]
    for kind, (who, path, body) in OTHERS.items():
        ids[kind] = str(desk.done(f"{who}@demo-south", "POST", path, body)["id"])
    said = {"clinic": "demo-south", "type": "topic", "id": ids["topic"], "note": CANARY}
    ids["share"] = desk.done(MINE, "POST", "/shares", said)["id"]
    ids["picture"] = uploaded(desk, MINE, clinic="demo-south")["id"]
    ids["import"] = sent(desk, MINE, b"{}\n", clinic="demo-south").json["data"]["id"]
    return Southern(ids, own)


def published(desk: Desk, slug: str) -> str:
    """A live topic of demo-south's own."""
    path = desk.create(slug, a_topic(title=CANARY), name="author@demo-south", clinic="demo-south")
    for who, move in (("author", "submit"), ("medical_reviewer", "approve"), ("publisher", "publish")):
        desk.move(f"{who}@demo-south", path, move)
    return path


def by_object(house: House) -> Iterator[tuple[Tried, str]]:
    for tried in operations(house):
        if "{id}" in tried.path and tried.path.split("/")[1] not in OF_THE_HOUSE:
            yield tried, KINDS[tried.path.split("/")[1]]


def test_ta1_ta2_another_clinics_object_answers_like_one_that_never_was(house: House, desk: Desk) -> None:
    there_is = southern(house, desk)
    everything = list(by_object(house))
    assert len(everything) > 60
    foreigners = (THEIRS, "admin@demo-north")
    assert all(desk.key(who) for who in foreigners)
    before = stored(house)
    for tried, kind in everything:
        for who in foreigners:
            foreign = comparable(ask(desk, tried, who, there_is.ids[kind]), there_is.ids[kind])
            never = comparable(ask(desk, tried, who, NOBODY[kind]), NOBODY[kind])
            # Editors touch none of these, whosever it is.
            no_matter_which = kind in ("key", "partner", "person") and who == THEIRS
            assert foreign[0] == (403 if no_matter_which else 404), f"{tried}: {foreign}"
            assert foreign == never, tried
            assert CANARY not in foreign[1], tried
    assert stored(house) == before
    assert desk.done(MINE, "GET", there_is.path)["document"]["title"] == CANARY


def test_ta2_another_clinics_overlay_of_a_library_text_is_not_there(house: House, desk: Desk) -> None:
    desk.done("editor", "GET", path := desk.create("shared"))
    desk.publish(path)
    lay_over(desk, path, {"title": CANARY})
    desk.key(THEIRS)
    before = stored(house)
    for tried in [each for each in operations(house) if "/overlays" in each.path]:
        reply = ask(desk, tried, THEIRS, path.rpartition("/")[2])
        if "{clinic}" in tried.path:
            made_up = replace(tried, path=tried.path.replace("{clinic}", "no-clinic"))
            never = ask(desk, made_up, THEIRS, path.rpartition("/")[2])
            assert comparable(reply) == comparable(never) and reply.status_code == 404, tried
        assert CANARY not in reply.text
    assert stored(house) == before
    assert there(path, "demo-north") and desk.done(THEIRS, "GET", there(path, "demo-north"))["patch"] == {}


def test_dr13_keys_that_only_read_are_refused_everywhere_and_nobody_is_told_apart(house: House, desk: Desk) -> None:
    there_is = southern(house, desk)
    readers = {kind: bearer(a_key(house, ["demo-south"], kind)[1]) for kind in READING}
    before = stored(house)
    for tried in operations(house):
        id_ = there_is.ids.get(object_of(tried.path) or "", "x")
        for kind, bearing in readers.items():
            reply = ask(desk, tried, None, id_, **bearing)
            assert (reply.status_code, reply.json["code"]) == (403, "forbidden"), f"{kind}: {tried}"
            assert CANARY not in reply.text
        reply = ask(desk, tried, None, id_)
        assert (reply.status_code, reply.headers["WWW-Authenticate"]) == (401, 'Bearer realm="clinic-cms"'), tried
    assert stored(house) == before


def test_ta5_a_reference_to_another_clinics_entry_reads_like_one_to_nothing(house: House, desk: Desk) -> None:
    foreign = southern(house, desk).ids["topic"]
    mine = desk.create("mine", name="author@demo-north", clinic="demo-north")
    told = []
    for id_ in (foreign, NOBODY["topic"]):
        related = {"document": {"related": [{"type": "topic", "id": id_}]}}
        linked = {"document": {"sections": {"overview": {"body": f"See [this](entry:{id_})."}}}}
        replaced = {"reason": "x", "replacement": {"type": "topic", "id": id_}}
        replies = [desk.ask("author@demo-north", "PATCH", mine, body, If_Match="*") for body in (related, linked)]
        replies.append(desk.ask("author@demo-north", "POST", "/entries/topic", {
            "clinic": "demo-north", "locale": "en", "slug": "n", "document": a_topic(**related["document"])}))
        replies.append(desk.ask("admin@demo-north", "POST", f"{mine}/moves/withdraw", replaced, If_Match="*"))
        assert {each.status_code for each in replies} == {422}
        told.append([FORGOTTEN.sub("", each.text).replace(id_, "ID") for each in replies])
    assert told[0] == told[1] and CANARY not in str(told)


def test_ta10_two_clinics_take_the_same_slug_and_external_key_without_a_word_of_each_other(
    house: House, desk: Desk
) -> None:
    for clinic in ("demo-south", "demo-north"):
        made = desk.create("same", name=f"author@{clinic}", clinic=clinic, external_key="same")
        assert desk.done(f"author@{clinic}", "GET", made)["external_key"] == "same"
    assert clinic_id(house, "demo-south") != LIBRARY
