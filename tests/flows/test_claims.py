"""The claims check over HTTP: what must not be said stops a text until it is mended, or let pass by name."""

from __future__ import annotations

import os
from itertools import count
from typing import Any

import pytest

from tests.builders import a_section, a_topic
from tests.conftest import House
from tests.managing import Desk
from tests.releasing import released

pytestmark = pytest.mark.either

FINDING = {"id", "severity", "reason", "source", "suggestion", "start", "end"}
_numbers = count()


@pytest.fixture(scope="module")
def desk(shared_house: House) -> Desk:
    return Desk(shared_house)


@pytest.fixture
def slug() -> str:
    """A slug that no other test uses."""
    return f"claimed-{next(_numbers)}-{os.getpid()}"


def stopped(reply: Any) -> list[tuple[str, str, str]]:
    """(move, rule, pointer) of what the claims check has against a move."""
    assert reply.status_code == 409, reply.text
    assert {each["code"] for each in reply.json["blockers"]} == {"claims"}
    return [(each["move"], each["detail"].partition(",")[0], each["pointer"]) for each in reply.json["blockers"]]


def test_a_claim_stops_a_text_until_it_is_mended(desk: Desk, slug: str) -> None:
    path = desk.create(slug, a_topic(summary="Results are **permanent**, guaranteed."))
    told = desk.done("author", "GET", f"{path}/findings")
    assert (told["blocking"], told["checked"], told["revision"]) == (2, True, 1)
    first = told["findings"][0]
    assert (first["id"], first["pointer"], first["words"]) == ("permanent-result", "/document/summary", "permanent")
    assert "Results are **permanent**"[first["start"] : first["end"]] == "permanent" and first["waived"] is None
    shown = desk.done("author", "GET", path)
    assert "submit" not in shown["moves"]
    assert {(each["move"], each["code"]) for each in shown["blockers"]} >= {("submit", "claims")}
    assert stopped(desk.ask("author", "POST", f"{path}/moves/submit", {})) == [
        ("submit", "permanent-result", "/document/summary"), ("submit", "guarantee", "/document/summary"),
    ]  # fmt: skip
    desk.done("author", "PATCH", path, {"document": {"summary": "Results are not permanent."}})
    assert desk.publish(path)["state"] == "live"


def test_benefits_alone_do_not_go_to_review(desk: Desk, slug: str) -> None:
    path = desk.create(slug, a_topic(sections=[a_section("results", "Your skin looks smoother.")]))
    refused = desk.ask("author", "POST", f"{path}/moves/submit", {})
    assert stopped(refused) == [("submit", "risk-parity", "/document/sections/results/body")]
    assert "risks, whom it suits and whom not, other choices" in refused.json["blockers"][0]["detail"]


def test_a_finding_is_let_pass_by_name_and_reason_until_its_words_change(desk: Desk, slug: str) -> None:
    path = desk.create(slug, a_topic(sections=[a_section("overview", "A device for permanent hair care.")]))
    where = "/document/sections/overview/body"
    said = {"code": "claims", "rule": "permanent-result", "pointer": where, "reason": "The name of a product."}
    assert desk.ask("editor", "POST", f"{path}/moves/waive", said).status_code == 403, "clinical words pass a doctor"
    told = desk.done("medical_reviewer", "GET", path)
    assert "waive" in told["moves"]
    passed = desk.move("medical_reviewer", path, "waive", **said)
    assert passed["state"] == "draft" and "submit" not in passed["moves"]
    found = desk.done("author", "GET", f"{path}/findings")
    assert (found["blocking"], found["findings"][0]["waived"]["reason"]) == (0, said["reason"])
    assert found["findings"][0]["waived"]["by"]
    desk.publish(path)
    kept = desk.done("author", "GET", f"{path}/revisions")[0]["waivers"]
    assert [(each["code"], each["rule"], each["pointer"]) for each in kept] == [("claims", "permanent-result", where)]
    verbs = [each["verb"] for each in desk.done("admin", "GET", f"/audit?filter[subject]={path.rpartition('/')[2]}")]
    assert "waive_claim" in verbs
    desk.done("author", "PATCH", path, {"document": {"seo": {"title": "Hair care"}}})
    assert desk.done("author", "GET", f"{path}/findings")["blocking"] == 0, "other words changed"
    changed = {"document": {"sections": {"overview": {"body": "A device for permanent skin care."}}}}
    desk.done("author", "PATCH", path, changed)
    assert stopped(desk.ask("author", "POST", f"{path}/moves/submit", {})) == [("submit", "permanent-result", where)]


def test_who_may_let_what_pass(desk: Desk, slug: str) -> None:
    path = desk.create(slug, a_topic(summary="Our magic hour."), name="editor:writing")
    said = {"code": "claims", "rule": "miracle", "pointer": "/document/summary", "reason": "An hour of the day."}
    for name, status in (("author", 403), ("publisher", 403), ("editor:writing", 409)):
        assert desk.ask(name, "POST", f"{path}/moves/waive", said).status_code == status, name
    own = desk.ask("editor:writing", "POST", f"{path}/moves/waive", said)
    assert [each["code"] for each in own.json["blockers"]] == ["own_text"]
    for wrong in ({"rule": "cure"}, {"pointer": "/document/title"}, {"pointer": None}, {"rule": "x" * 65}):
        assert desk.ask("editor", "POST", f"{path}/moves/waive", said | wrong).status_code == 422, wrong
    typo = {"code": "typo", "reason": "x", "rule": "miracle"}
    assert desk.ask("editor", "POST", f"{path}/moves/waive", typo).status_code == 422
    assert desk.ask("editor", "POST", f"{path}/moves/waive", said, If_Match='"old"').status_code == 412
    desk.move("editor", path, "waive", **said)
    assert desk.move("editor:writing", path, "submit")["state"] == "medical_review"


def test_any_text_is_read_for_any_role(desk: Desk) -> None:
    body = {"locale": "en", "text": "😀 Results are permanent."}
    for name in ("author", "publisher", "admin", "editor@demo-north"):
        reply = desk.ask(name, "POST", "/lint", body)
        assert reply.status_code == 200 and set(reply.json["data"]) == {"findings"}
        assert [set(each) for each in reply.json["data"]["findings"]] == [FINDING]
        assert reply.json["data"]["findings"][0]["start"] == 14 and reply.json["data"]["findings"][0]["end"] == 23
    assert desk.ask(None, "POST", "/lint", body).status_code == 401
    told = desk.done("author", "POST", "/lint", {"locale": "es-MX", "text": "Una crema fácil.", "jurisdiction": "au"})
    assert [each["id"] for each in told["findings"]] == ["au-trivialising-word"]
    fine = {"locale": "en", "text": "Results are not permanent."}
    assert desk.done("author", "POST", "/lint", fine)["findings"] == []


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"locale": "fr"}, "/locale"), ({"locale": "xx-nonsense"}, "/locale"),
        ({"jurisdiction": "mars"}, "/jurisdiction"),
        ({"jurisdiction": "../us"}, "/jurisdiction"), ({"text": ""}, "/text"), ({"text": 5}, "/text"),
        ({"text": "x" * 50_001}, "/text"), ({"more": 1}, "/more"),
    ],
)  # fmt: skip
def test_what_can_not_be_read_is_refused_in_words(desk: Desk, changed: dict[str, Any], pointer: str) -> None:
    reply = desk.ask("author", "POST", "/lint", {"locale": "en", "text": "Hello.", **changed})
    assert reply.status_code == 422 and [each["pointer"] for each in reply.json["errors"]] == [pointer]
    assert reply.json["errors"][0]["detail"]


def test_findings_are_those_of_whoever_sees_the_draft(desk: Desk, slug: str) -> None:
    path = desk.create(slug, a_topic(summary="A permanent thing."))
    assert desk.ask("editor@demo-south", "GET", f"{path}/findings").status_code == 404
    assert desk.ask("author", "GET", f"{path}/findings?revision=9").status_code == 404
    refused = desk.ask("author", "GET", f"{path}/findings?jurisdiction=mars")
    assert refused.status_code == 400 and refused.json["errors"][0]["allowed"][0] == "general"
    told = desk.done("author", "GET", f"{path}/findings?jurisdiction=us&revision=1")
    assert (told["jurisdictions"], told["blocking"]) == (["us"], 1)


def test_a_clinics_words_are_read_as_its_readers_see_them(desk: Desk, slug: str) -> None:
    path = desk.create(slug)
    desk.publish(path)
    place, who = f"{path}/overlays/demo-south", "editor@demo-south"
    desk.done(who, "GET", place)
    desk.done(who, "PUT", place, {"document": {"summary": "Look ten years younger."}})
    refused = desk.ask(who, "POST", f"{place}/moves/submit", {})
    assert stopped(refused) == [("submit", "years-younger", "/document/summary")]
    found = desk.done(who, "GET", f"{place}/findings")
    assert [(each["id"], each["pointer"]) for each in found["findings"]] == [("years-younger", "/document/summary")]
    assert desk.ask("editor@demo-north", "GET", f"{place}/findings").status_code == 404
    said = {"code": "claims", "rule": "years-younger", "pointer": "/document/summary", "reason": "A quotation."}
    assert desk.ask(who, "POST", f"{place}/moves/waive", {"code": "typo", "reason": "x"}).status_code == 422
    assert desk.ask(who, "POST", f"{place}/moves/waive", said).status_code == 409, "nobody lets pass what they wrote"
    desk.move("editor:other@demo-south", place, "waive", **said)
    assert desk.move(who, place, "submit")["state"] == "in_review"


def test_library_texts_are_held_to_the_rules_of_each_clinic_that_shows_them(house: House) -> None:
    desk = Desk(house)
    path = desk.create("a-simple-peel", a_topic(summary="A simple treatment."))
    desk.move("author", path, "submit")
    desk.move("medical_reviewer", path, "approve")
    place = "/clinics/demo-south"
    desk.done("admin", "GET", place)
    assert desk.ask("admin", "PATCH", place, {"jurisdiction": "mars"}).status_code == 422
    assert desk.ask("admin@demo-south", "PATCH", place, {"jurisdiction": "au"}).status_code == 403
    assert desk.done("admin", "PATCH", place, {"jurisdiction": "au"})["profile"]["jurisdiction"] == "au"
    assert stopped(desk.ask("publisher", "POST", f"{path}/moves/publish", {})) == [
        ("publish", "au-trivialising-word", "/document/summary")
    ]
    ahead = {"at": "2027-01-01T00:00:00Z"}
    assert stopped(desk.ask("publisher", "POST", f"{path}/moves/publish", ahead))
    many = {"items": [{"type": "topic", "id": path.rpartition("/")[2], "etag": desk.etags[path]}]}
    problem = desk.done("publisher", "POST", "/moves/publish", many)[0]["problem"]
    assert problem["blockers"][0]["code"] == "claims"
    release = released(desk, path)
    assert [each["code"] for each in desk.done("publisher", "GET", f"{release}/simulate")["blockers"]] == ["claims"]
    assert desk.ask("publisher", "POST", f"{release}/moves/publish", {}).status_code == 409
    over = f"{path}/overlays/demo-south"
    desk.etags.pop(over, None)
    assert desk.ask("editor", "POST", f"{over}/moves/hide", {}, If_Match="*").status_code == 200
    assert desk.done("author", "GET", f"{path}/findings")["jurisdictions"] == ["general"]
    desk.done("publisher", "GET", path)
    assert desk.move("publisher", path, "publish")["state"] == "live", "the clinic that may not say it does not show it"
