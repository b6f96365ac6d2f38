"""Input of writes (IN2, IN4, IN6 to IN9, TA6, DR1): refused in words, stored exactly, and never a 5xx."""

from __future__ import annotations

import json
import os
from itertools import count
from typing import Any

import pytest

from tests.builders import a_topic
from tests.conftest import House
from tests.managing import Desk

pytestmark = pytest.mark.either

JSON = "application/json"


@pytest.fixture(scope="module")
def desk(shared_house: House) -> Desk:
    return Desk(shared_house)


_numbers = count()


@pytest.fixture
def slug() -> str:
    """A slug that no other test uses."""
    return f"light-{next(_numbers)}-{os.getpid()}"


def send(desk: Desk, sent: bytes, kind: str | None = JSON, **headers: str) -> Any:
    """POST raw bytes as a new entry."""
    more = {"Authorization": f"Bearer {desk.key('author')}", **headers}
    return desk.house.client.post("/v1/manage/entries/topic", data=sent, content_type=kind, headers=more)


def body(**changed: Any) -> dict[str, Any]:
    return {"locale": "en", "slug": "never-made", "document": a_topic(), **changed}


@pytest.mark.parametrize(
    "sent",
    [
        b"", b"{", b"nonsense", b"[]trailing", b'{"a": 1} // comment', b"\xff\xfe{\x00}\x00", b'{"a": NaN}',
        b'{"a": Infinity}', b'{"a": 1e400}', b'{"slug": "a", "slug": "b"}', b"\xef\xbb\xbf{}", b'{"a": "\xc3"}',
        b"[" * 100_000, b'{"a":' * 1_000 + b"1" + b"}" * 1_000, b"9" * 5_000, b'{"a": ' + b"9" * 5_000 + b"}",
        json.dumps(body()).encode("utf-16"), json.dumps(body()).encode("utf-32"),
    ],
)  # fmt: skip
def test_in8_what_is_no_json_is_refused_and_makes_nothing(desk: Desk, sent: bytes) -> None:
    reply = send(desk, sent)
    assert reply.status_code in (400, 422), reply.text
    assert reply.json["detail"]


def test_in8_a_body_too_large_is_413(desk: Desk) -> None:
    assert send(desk, b'{"slug": "' + b"x" * 2_000_000 + b'"}').status_code == 413


@pytest.mark.parametrize("kind", [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data",
                                  "application/json; charset=utf-16", "application/vnd.api+json"])  # fmt: skip
def test_in9_another_media_type_is_415(desk: Desk, kind: str | None) -> None:
    reply = send(desk, json.dumps(body()).encode(), kind)
    assert (reply.status_code, reply.json["code"]) == (415, "unsupported_media_type")


def test_in9_a_compressed_body_is_415(desk: Desk) -> None:
    assert send(desk, b"\x1f\x8b", **{"Content-Encoding": "gzip"}).status_code == 415


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "a\x07b", "\x7f"])
@pytest.mark.parametrize("where", ["title", "summary", "slug", "external_key", "name"])
def test_in6_what_no_database_keeps_alike_is_422(desk: Desk, where: str, text: str) -> None:
    changed: dict[str, Any] = {where: text}
    if where in ("title", "summary"):
        changed = {"document": a_topic(**changed)}
    if where == "name":
        changed = {"document": {**a_topic(), text: 1}}
    reply = send(desk, json.dumps(body(**changed)).encode())
    assert reply.status_code == 422 and reply.json["errors"][0]["pointer"]


@pytest.mark.parametrize("text", [
    "ﷺ", "👩‍⚕️", "e\u0301 é", "\u202eright to left", "ﬁ", "one\u2028two", "<b>&amp;</b>", "'; DROP",
])  # fmt: skip
def test_in6_every_other_text_comes_back_exactly(desk: Desk, slug: str, text: str) -> None:
    path = desk.create(slug, a_topic(title=text, summary=text))
    found = desk.done("author", "GET", path)["document"]
    assert (found["title"], found["summary"]) == (text, text)


@pytest.mark.parametrize("number", [1.9, "1", True, 2**31, 2**63, 2**70, -1, -0.5, [1], {}])
def test_in7_a_number_that_is_none_is_422(desk: Desk, slug: str, number: Any) -> None:
    reply = desk.ask("author", "POST", "/entries/topic", body(document=a_topic(position=number)))
    assert reply.status_code == 422, number
    assert reply.json["errors"][0]["pointer"] == "/document/position"
    path = desk.create(slug)
    reply = desk.ask("publisher", "POST", f"{path}/moves/publish", {"revision": number})
    assert reply.status_code == 422


@pytest.mark.parametrize("name", ["where", "_where", "$or", "__proto__", "constructor", "t0.id", "clinic_id"])
def test_in2_a_member_that_is_not_known_is_named(desk: Desk, name: str) -> None:
    for changed in ({name: 1}, {"document": {**a_topic(), name: 1}}):
        reply = desk.ask("author", "POST", "/entries/topic", body(**changed))
        assert reply.status_code == 422
        assert [each["code"] for each in reply.json["errors"]] == ["unknown_field"]
        assert reply.json["errors"][0]["pointer"].endswith(name)


READ_ONLY = ("id", "status", "state", "published_at", "created_at", "created_by", "reviewed_by", "revision", "version",
             "tenant_id", "owner", "isDraft", "live_revision", "digest", "approved", "scope")  # fmt: skip


@pytest.mark.parametrize("name", READ_ONLY)
def test_ta6_dr1_nobody_sets_what_the_house_decides(desk: Desk, slug: str, name: str) -> None:
    for changed in ({name: "published"}, {"document": {**a_topic(), name: "published"}}):
        assert desk.ask("author", "POST", "/entries/topic", body(**changed)).status_code == 422
    path = desk.create(slug)
    before = desk.done("author", "GET", path)
    for said in ({name: "published"}, {"document": {name: "published"}},
                 {"document": {"sections": {"overview": {name: "published"}}}}):  # fmt: skip
        assert desk.ask("author", "PATCH", path, said).status_code == 422
    assert desk.done("author", "GET", path) == before
    assert desk.house.get(f"demo-south/topics/{slug}").status_code == 404


@pytest.mark.parametrize(
    "patch",
    [
        {"document": []}, {"document": "x"}, {"document": {"sections": "x"}},
        {"document": {"sections": {"overview": "x"}}},
        {"document": {"sections": {"overview": {"body": {"a": 1}}}}}, {"document": {"sections": {"no-aspect": {}}}},
        {"document": {"related": {"a": {"b": 1}}}}, {"document": {"categories": {"a": 1}}},
        {"document": {"facts": [1, 2]}},
        {"document": {"title": None}}, {"document": {"title": {"a": {"b": {}}}}}, {"slug": None}, {"slug": "No Slug"},
        {"source_revision": 99}, {"document": {"sections": [{"aspect": "overview"}, {"aspect": "overview"}]}}, [], "x",
    ],
)  # fmt: skip
def test_a_patch_that_makes_no_text_is_422_and_nothing_is_lost(desk: Desk, slug: str, patch: Any) -> None:
    path = desk.create(slug, a_topic(related=[], categories=["acne-scars"]))
    before = desk.done("author", "GET", path)
    reply = desk.ask("author", "PATCH", path, patch)
    if patch == {"source_revision": 99}:
        assert reply.status_code == 200, "only translations have a source"
        return
    assert reply.status_code == 422, reply.text
    assert reply.json["errors"] and all(each["detail"] for each in reply.json["errors"])
    assert desk.done("author", "GET", path) == before


@pytest.mark.parametrize(
    ("said", "right"),
    [
        ("2026-12-01T09:00:00+01:00", "2026-12-01T08:00:00Z"),
        ("2026-12-01T09:00[Europe/Madrid]", "2026-12-01T08:00:00Z"),
        ("2027-07-01T09:00[Europe/Madrid]", "2027-07-01T07:00:00Z"),
        ("2027-10-31T02:30:00+02:00[Europe/Madrid]", "2027-10-31T00:30:00Z"),
        ("2027-10-31T02:30[Europe/Madrid]", None),
        ("2027-03-28T02:30[Europe/Madrid]", None),
        ("2027-03-28T02:30+05:00[Europe/Madrid]", None),
        ("2026-12-01T09:00:00", None), ("2026-12-01", None), ("tomorrow", None), (1_800_000_000, None), ("", None),
        ("2026-12-01T09:00:00.5Z", None), ("2026-13-01T09:00:00Z", None), ("9999-12-31T23:59:59Z", None),
        ("0001-01-01T00:00:00+14:00", None), ("2026-12-01T09:00[Europe/Nowhere]", None), 
        ("2026-12-01T09:00[../x]", None),
    ],
)  # fmt: skip
def test_an_instant_says_its_offset_or_zone_and_is_exact(desk: Desk, slug: str, said: Any, right: str | None) -> None:
    path = desk.create(slug)
    desk.move("author", path, "submit")
    desk.move("medical_reviewer", path, "approve")
    reply = desk.ask("publisher", "POST", f"{path}/moves/publish", {"at": said})
    if right is None:
        assert reply.status_code == 422 and reply.json["errors"][0]["pointer"] == "/at"
        if "clocks change" in reply.json["errors"][0]["detail"]:
            assert "+01:00" in reply.json["errors"][0]["detail"]
    else:
        assert reply.json["data"]["scheduled"][0]["at"] == right


def test_a_reference_to_nothing_is_named_where_it_stands(desk: Desk, slug: str) -> None:
    path = desk.create(slug)
    linked = {"overview": {"body": "See [this](entry:top_00000000) and [that](term:trm_00000000)."}}
    related = [{"type": "topic", "id": "top_00000000"}]
    reply = desk.ask("author", "PATCH", path, {"document": {"sections": linked, "related": related}})
    assert reply.status_code == 422
    where = "in the library, which is all that its texts may name."
    assert sorted((each["pointer"], each["detail"]) for each in reply.json["errors"]) == [
        ("/document/related", f"There is no topic top_00000000 {where}"),
        ("/document/sections/overview/body", f"There is no term trm_00000000 {where}"),
        ("/document/sections/overview/body", f"There is no topic top_00000000 {where}"),
    ]


def test_a_placeholder_is_refused_where_readers_would_see_it_as_it_is(desk: Desk, slug: str) -> None:
    fact = {"key": "price", "label": "Price", "text": "Ask {{clinic.name}}"}
    said = a_topic(summary="Call {{clinic.phone}}.", facts=[fact], seo={"title": "{{clinic.fax}}, {{ braces }}"})
    reply = desk.ask("author", "POST", "/entries/topic", {"locale": "en", "slug": slug, "document": said})
    assert reply.status_code == 422
    told = {each["pointer"]: each["detail"].split(" is filled")[0] for each in reply.json["errors"]}
    assert told == {
        "/document/summary": "{{clinic.phone}}", "/document/facts/price/text": "{{clinic.name}}",
        "/document/seo/title": "{{clinic.fax}}",
    }  # fmt: skip



def test_what_is_taken_already_is_named(desk: Desk, slug: str) -> None:
    path = desk.create(slug, external_key=slug)
    words = {"locale": "en", "document": a_topic()}
    for asked, said, code, pointer in (
        ("/entries/topic", {**words, "slug": slug}, "slug_taken", "/slug"),
        ("/entries/topic", {**words, "slug": f"{slug}-x", "external_key": slug}, "external_key_taken", "/external_key"),
        (f"{path}/translations", {"locale": "en", "copy_from": "en"}, "locale_taken", "/locale"),
    ):  # fmt: skip
        reply = desk.ask("author", "POST", asked, said)
        [blocker] = reply.json["blockers"]
        assert (reply.status_code, blocker["code"], blocker["pointer"]) == (409, code, pointer), reply.text


def test_a_refusal_names_the_role_that_it_takes(desk: Desk, slug: str) -> None:
    path = desk.create(slug)
    desk.move("author", path, "submit")
    for who, asked, role in (
        ("author", f"{path}/moves/approve", "the role medical_reviewer for the house"),
        ("publisher", "/entries/topic", "the role author, editor or admin for the house"),
    ):
        reply = desk.ask(who, "POST", asked, {} if "moves" in asked else body())
        assert reply.status_code == 403 and role in reply.json["detail"]


def test_what_a_move_does_not_take_is_refused_and_what_it_needs_is_asked_for(desk: Desk, slug: str) -> None:
    path = desk.create(slug)
    reply = desk.ask("author", "POST", f"{path}/moves/submit", {"at": "2026-12-01T09:00:00Z", "severity": "high"})
    assert reply.status_code == 422
    assert {each["pointer"] for each in reply.json["errors"]} == {"/at", "/severity"}
    desk.publish(path)
    reply = desk.ask("medical_reviewer", "POST", f"{path}/moves/recall", {})
    assert {each["pointer"] for each in reply.json["errors"]} == {"/severity", "/reason"}
    assert desk.ask("author", "POST", f"{path}/moves/fly", {}).status_code == 404


def test_address_and_body_must_name_one_language(desk: Desk, slug: str) -> None:
    path = desk.create(slug)
    desk.publish(path)
    for asked, said in (("en", "es"), ("en", "*"), ("*", "en")):
        reply = desk.ask("publisher", "POST", f"{path}/moves/withdraw?locale={asked}", {"locale": said}, If_Match="*")
        assert (reply.status_code, reply.json["errors"][0]["code"]) == (400, "contradiction")
        assert reply.json["errors"][0]["parameter"] == "locale"
    assert desk.done("author", "GET", path)["state"] == "live"


def test_what_is_wrong_with_a_body_and_with_the_document_in_it_is_told_at_once(desk: Desk, slug: str) -> None:
    wrong = {"slug": "Not One", "document": {"kind": "treatment", "titel": "Light"}, "colour": "red"}
    made = desk.ask("author", "POST", "/entries/topic", wrong)
    told = {"/colour", "/slug", "/locale", "/document/title", "/document/titel", "/document/summary"}
    assert (made.status_code, {each["pointer"] for each in made.json["errors"]}) == (422, told)
    path = desk.create(slug)
    replaced = desk.ask("author", "PUT", path, wrong, If_Match="*")
    assert {each["pointer"] for each in replaced.json["errors"]} == told - {"/locale"}
    added = desk.ask("author", "POST", f"{path}/translations", wrong)
    assert {each["pointer"] for each in added.json["errors"]} == told
    for other in ({**wrong, "document": []}, {**wrong, "document": None}):
        reply = desk.ask("author", "POST", "/entries/topic", other)
        assert {each["pointer"] for each in reply.json["errors"]} == {"/colour", "/slug", "/locale", "/document"}
    assert desk.ask("author", "POST", "/entries/nonsense", wrong).status_code in (404, 422)
