"""Whose texts a key may touch (TA4, TA7, TA8, TA9, TA14, TA19): the key decides, whatever else a request says."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from tests.builders import a_section, a_topic
from tests.conftest import House
from tests.managing import Desk

pytestmark = pytest.mark.either

SOUTH, NORTH = "author@demo-south", "author@demo-north"
_numbers = count()


@pytest.fixture(scope="module")
def desk(shared_house: House) -> Desk:
    return Desk(shared_house)


@pytest.fixture
def slug() -> str:
    """A slug that no other test uses."""
    return f"scoped-{next(_numbers)}"


def test_ta4_nothing_is_copied_from_or_into_a_clinic_of_others(desk: Desk, slug: str) -> None:
    theirs = desk.create(slug, name=NORTH, clinic="demo-north")
    mine = desk.create(f"{slug}-mine", name=SOUTH, clinic="demo-south")
    unknown = "/entries/topic/top_00000000"
    said = {"slug": f"{slug}-copy"}
    refused = [desk.ask(SOUTH, "POST", f"{path}/duplicate", said) for path in (theirs, unknown)]
    assert [each.status_code for each in refused] == [404, 404]
    assert refused[0].json["detail"] == refused[1].json["detail"]
    assert desk.ask(SOUTH, "POST", f"{mine}/duplicate", {**said, "clinic": "demo-north"}).status_code == 404
    assert desk.ask(SOUTH, "POST", f"{mine}/duplicate", {**said, "clinic": None}).status_code == 403
    assert desk.ask(SOUTH, "POST", "/entries/topic", _new(slug, clinic="demo-north")).status_code == 404
    assert desk.ask(SOUTH, "POST", "/entries/topic", _new(slug, clinic=None)).status_code == 403
    copied = {"locale": "es", "copy_from": "en"}
    assert desk.ask(SOUTH, "POST", f"{theirs}/translations", copied).status_code == 404
    made = desk.done(SOUTH, "POST", f"{mine}/duplicate", said)
    assert (made["clinic"], made["state"], made["live_revision"]) == ("demo-south", "draft", None)


@pytest.mark.parametrize("header", ["X-Tenant", "X-Clinic", "X-Forwarded-Host", "Host", "X-Original-URL", "Forwarded",
                                    "X-HTTP-Method-Override"])  # fmt: skip
def test_ta7_no_header_chooses_another_clinic(desk: Desk, slug: str, header: str) -> None:
    path = desk.create(slug, name=NORTH, clinic="demo-north")
    for value in ("demo-north", path, "DELETE"):
        assert desk.ask(SOUTH, "GET", path, **{header: value}).status_code in (400, 404)
    assert desk.ask(NORTH, "GET", path).status_code == 200


def test_ta8_lists_and_counts_do_not_move_when_others_write(desk: Desk, slug: str) -> None:
    before = desk.ask(SOUTH, "GET", "/entries/topic").json
    for number in range(3):
        desk.create(f"{slug}-{number}", name=NORTH, clinic="demo-north")
        desk.create(f"{slug}-{number}-library")
    after = desk.ask(SOUTH, "GET", "/entries/topic").json
    assert after == before
    assert {each["clinic"] for each in after["data"]} <= {"demo-south"}
    assert desk.ask(SOUTH, "GET", "/entries/topic?filter[clinic]=demo-north").status_code == 404
    assert desk.ask(SOUTH, "GET", f"/entries/topic?q={slug}").json["data"] == []


def test_ta9_a_cursor_serves_who_got_it_for_the_list_it_was_made_for(desk: Desk, slug: str) -> None:
    for number in range(3):
        desk.create(f"{slug}-{number}", name=NORTH, clinic="demo-north")
    following = desk.ask(NORTH, "GET", "/entries/topic?page[size]=1").json["links"]["next"].removeprefix("/v1/manage")
    assert desk.ask(NORTH, "GET", following).status_code == 200
    for wrong in (following + "x", following.replace("topic", "faq"), following + "&q=light"):
        assert desk.ask(NORTH, "GET", wrong).status_code == 400
    stolen = desk.ask(SOUTH, "GET", following)
    assert (stolen.status_code, stolen.json["errors"][0]["code"]) == (400, "bad_cursor")


def test_ta9_pages_hold_everything_once(desk: Desk, slug: str) -> None:
    for number in range(5):
        desk.create(f"{slug}-{number}")
    path, seen = f"/entries/topic?page[size]=2&q={slug}", []
    while path:
        reply = desk.ask("editor", "GET", path).json
        seen += [each["slug"] for each in reply["data"]]
        path = (reply["links"]["next"] or "").removeprefix("/v1/manage")
    assert sorted(seen) == [f"{slug}-{number}" for number in range(5)]


def test_ta14_no_spelling_of_an_address_is_looser_than_another(desk: Desk, slug: str) -> None:
    path = desk.create(slug, name=NORTH, clinic="demo-north")
    for where in (path, f"{path}/", path.upper(), f"{path};x", f"{path}.json", f"{path}%2f", f"//{path}", f"{path}/."):
        for method in ("GET", "HEAD", "PATCH", "DELETE", "TRACE"):
            reply = desk.ask(SOUTH, method, where, {} if method == "PATCH" else None, If_Match="*")
            assert reply.status_code in (404, 405, 415), (method, where)
    assert desk.house.client.options(f"/v1/manage{path}").status_code in (200, 401)
    assert "demo-north" not in desk.house.client.options(f"/v1/manage{path}").text
    assert desk.done(NORTH, "GET", path)["state"] == "draft"


def test_ta19_an_approval_is_for_exactly_the_words_that_were_read(desk: Desk, slug: str) -> None:
    path = desk.create(slug)
    desk.move("author", path, "submit")
    read = desk.etags[path]
    desk.done("author", "PATCH", path, {"document": {"sections": {"overview": {"body": "Quite other words."}}}})
    desk.move("author", path, "submit")
    late = desk.ask("medical_reviewer", "POST", f"{path}/moves/approve", {}, If_Match=read)
    assert late.status_code == 412
    desk.move("medical_reviewer", path, "approve")
    desk.done("author", "PATCH", path, {"document": {"sections": {"risks": a_section("risks")}}})
    refused = desk.ask("publisher", "POST", f"{path}/moves/publish", {})
    assert refused.status_code == 409 and refused.json["blockers"]
    assert desk.move("publisher", path, "publish", revision=2)["live_revision"] == 2


def test_ta5_a_text_refers_to_nothing_of_another_clinic(desk: Desk, slug: str) -> None:
    theirs = desk.create(slug, name=NORTH, clinic="demo-north").rpartition("/")[2]
    mine = desk.create(f"{slug}-mine", name=SOUTH, clinic="demo-south")
    answers = []
    for other in (theirs, "top_00000000"):
        related = [{"type": "topic", "id": other, "relation": "alternative_to"}]
        linked = {"overview": {"body": f"See [this](entry:{other})."}}
        for document in ({"related": related}, {"sections": linked}):
            reply = desk.ask(SOUTH, "PATCH", mine, {"document": document})
            answers.append((reply.status_code, str(reply.json["errors"]).replace(other, "ID")))
    assert answers[:2] == answers[2:] and {status for status, _ in answers} == {422}


def _new(slug: str, **more: Any) -> dict[str, Any]:
    return {"locale": "en", "slug": slug, "document": a_topic(), **more}
