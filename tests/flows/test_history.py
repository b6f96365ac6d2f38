"""The history of a text over HTTP: revisions, differences, restores, usages, comments, and what was said when."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.builders import a_section, a_topic
from tests.conftest import House
from tests.flows.test_overlays import lay_over, there
from tests.managing import Desk

pytestmark = pytest.mark.either

SLUG = "light-therapy"


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


@pytest.fixture
def path(desk: Desk) -> str:
    """A live library topic."""
    made = desk.create(SLUG)
    desk.publish(made)
    return made


def test_revisions_are_listed_newest_first_with_what_was_decided_on_each(desk: Desk, path: str) -> None:
    desk.done("author", "PATCH", path, {"document": {"seo": {"title": "Light"}}})
    desk.move("author", path, "submit")
    desk.done("medical_reviewer", "POST", f"{path}/comments", {"pointer": "/seo/title", "text": "Longer?"})
    desk.move("editor", path, "reject", comments=[{"pointer": "/document/seo/title", "text": "Too short."}])
    reply = desk.ask("author", "GET", f"{path}/revisions?page[size]=1").json
    newest = reply["data"][0]
    assert (newest["number"], newest["state"], newest["live"], newest["comments"]) == (2, "draft", False, 2)
    assert [(each["kind"], each["decision"]) for each in newest["reviews"]] == [("editorial", "rejected")]
    assert newest["created_by"] in reply["meta"]["people"]
    after = desk.ask("author", "GET", reply["links"]["next"].removeprefix("/v1/manage")).json
    [first] = after["data"]
    assert (first["number"], first["state"], first["live"]) == (1, "approved", True)
    assert first["reviews"][0]["due_on"] == "2027-11-01" and after["links"]["next"] is None
    whole = desk.done("author", "GET", f"{path}/revisions/1")
    assert whole["document"]["title"] == "Light therapy" and whole["digest"] == first["digest"]
    for number in ("0", "3", "x", "1e0", "999999999999", "-1", "²"):
        assert desk.ask("author", "GET", f"{path}/revisions/{number}").status_code == 404


def test_what_is_said_beside_a_move_is_kept_with_the_revision_and_in_the_log(house: House, desk: Desk) -> None:
    path = desk.create("noted")
    assert desk.move("author", path, "submit", note="Look at the dose.")["revision"]["note"] == "Look at the dose."
    assert desk.move("medical_reviewer", path, "reject", note="Too much.")["revision"]["note"] == "Too much."
    desk.publish(path, note="For the spring.")
    desk.move("publisher", path, "unpublish", note="Spring is over.")
    lines = desk.done("admin", "GET", f"/audit?filter[subject]={path.rpartition('/')[2]}")
    assert [(each["verb"], each["details"].get("note")) for each in reversed(lines)] == [
        ("create", None), ("submit", "Look at the dose."), ("reject", "Too much."), ("submit", None), ("approve", None),
        ("publish", "For the spring."), ("unpublish", "Spring is over."),
    ]  # fmt: skip


def test_a_difference_names_what_changed_by_key_and_whether_a_doctor_must_look(desk: Desk, path: str) -> None:
    desk.done("author", "PATCH", path, {"document": {"title": "Light for skin"}})
    told = desk.done("author", "GET", f"{path}/revisions/2/diff")
    assert (told["against"], told["clinical_changed"], told["same"]) == (1, False, False)
    assert [(each["pointer"], each["clinical"]) for each in told["changes"]] == [("/document/title", False)]
    assert {"op": "insert", "text": "for skin"} in told["changes"][0]["text"]
    sections = {"overview": {"body": "Strong light."}, "risks": {**a_section("risks")}}
    desk.done("author", "PATCH", path, {"slug": "bright-light", "document": {"sections": sections}})
    told = desk.done("author", "GET", f"{path}/revisions/3/diff?against=1")
    found = {each["pointer"]: (each["kind"], each["clinical"]) for each in told["changes"]}
    assert told["clinical_changed"] is True and found == {
        "/slug": ("changed", False), "/document/title": ("changed", False),
        "/document/sections/overview/body": ("changed", True), "/document/sections/risks": ("added", True),
    }  # fmt: skip
    assert desk.done("author", "GET", f"{path}/revisions/2/diff?against=2")["same"] is True
    assert desk.done("author", "GET", f"{path}/revisions/1/diff")["against"] is None
    assert desk.ask("author", "GET", f"{path}/revisions/2/diff?against=9").status_code == 400


def test_dr14_an_old_revision_comes_back_as_a_draft_and_passes_every_gate_again(
    house: House, desk: Desk, path: str
) -> None:
    desk.done("author", "PATCH", path, {"document": {"sections": {"overview": {"body": "Strong light."}}}})
    desk.publish(path)
    old = f"{path}/revisions/1/copy"
    assert desk.ask("author", "POST", old, {}).status_code == 428
    tag = desk.etags[path]
    assert desk.ask("publisher", "POST", old, {}, If_Match=tag).status_code == 403
    assert desk.ask("author", "POST", f"{path}/revisions/9/copy", {}, If_Match=tag).status_code == 404
    restored = desk.ask("author", "POST", old, {}, If_Match=tag)
    assert restored.status_code == 200, restored.text
    told = restored.json["data"]
    assert (told["revision"]["number"], told["state"], told["live_revision"]) == (3, "draft", 2)
    assert told["document"]["sections"][0]["body"] == "Light is shone on the skin."
    assert "Strong light" in str(house.data(f"demo-south/topics/{SLUG}")["data"])
    assert desk.ask("author", "POST", old, {}, If_Match=tag).status_code == 412
    refused = desk.ask("publisher", "POST", f"{path}/moves/publish", {}, If_Match=restored.headers["ETag"])
    assert refused.status_code == 409


def test_usages_name_live_texts_and_drafts_that_lead_to_an_entry(desk: Desk, path: str) -> None:
    mine = {"type": "topic", "id": path.rpartition("/")[2]}
    other = desk.create("other", a_topic(title="Other", related=[mine]))
    desk.publish(other)
    desk.create("third", a_topic(title="Third", sections=[a_section("risks", f"See [light](entry:{mine['id']}).")]))
    told = desk.done("author", "GET", f"{path}/usages")
    assert [(each["title"], each["clinic"]) for each in told["live"]] == [("Other", None)]
    assert [(each["title"], each["state"], each["revision"]) for each in told["drafts"]] == [("Third", "draft", 1)]
    lay_over(desk, other, {"title": "Our other"})
    seen = desk.done("editor@demo-north", "GET", f"{path}/usages")
    assert [each["title"] for each in seen["live"]] == ["Other"] and (seen["drafts"], seen["others"]) == ([], 1)
    own = desk.done("editor@demo-south", "GET", f"{path}/usages")
    assert [each["title"] for each in own["live"]] == ["Our other", "Other"] or len(own["live"]) == 2
    assert own["others"] == 0
    assert desk.ask("editor@demo-south", "GET", f"{desk.create('hidden')}/usages").status_code == 404


def test_comments_stand_at_a_field_by_key_and_are_resolved_and_opened_again(
    house: House, desk: Desk, path: str
) -> None:
    said = {"pointer": "/document/sections/overview/body", "text": "CANARY: say for how long."}
    made = desk.ask("author", "POST", f"{path}/comments", said)
    assert made.status_code == 201 and made.json["data"]["pointer"] == said["pointer"]
    assert desk.done("author", "POST", f"{path}/comments", {"text": "Good."})["pointer"] is None
    for wrong in ("/document/sections/risks", "/none", "title", "/document/sections/0/body", "//", "/"):
        refused = desk.ask("author", "POST", f"{path}/comments", {"pointer": wrong, "text": "?"})
        assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/pointer"), wrong
    assert desk.ask("publisher", "POST", f"{path}/comments", said).status_code == 403
    comment = f"/comments/{made.json['data']['id']}"
    assert desk.ask("editor", "POST", f"{comment}/resolve", {}).status_code == 428
    done = desk.ask("editor", "POST", f"{comment}/resolve", {}, If_Match=made.headers["ETag"])
    assert done.json["data"]["resolved_at"] == "2026-11-01T08:00:00Z"
    again = desk.ask("editor", "POST", f"{comment}/resolve", {}, If_Match=done.headers["ETag"])
    assert (again.status_code, again.json["blockers"][0]["code"]) == (409, "already_resolved")
    assert len(desk.done("editor", "GET", f"{path}/comments?filter[resolved]=false")) == 1
    opened = desk.ask("editor", "POST", f"{comment}/reopen", {}, If_Match=done.headers["ETag"])
    assert opened.json["data"]["resolved_at"] is None
    page = desk.ask("editor", "GET", f"{path}/comments?page[size]=1").json
    more = desk.ask("editor", "GET", page["links"]["next"].removeprefix("/v1/manage")).json
    assert {page["data"][0]["id"], more["data"][0]["id"]} >= {made.json["data"]["id"]} and not more["links"]["next"]
    for public in (f"demo-south/topics/{SLUG}", f"demo-south/topics/{SLUG}.md", "demo-south/search?q=canary"):
        assert b"CANARY" not in house.get(public).data


def test_a_rejection_with_a_comment_on_nothing_is_refused_whole(desk: Desk) -> None:
    path = desk.create(SLUG)
    desk.move("author", path, "submit")
    said = {"comments": [{"text": "All well, but:"}, {"pointer": "/document/sections/risks", "text": "Where?"}]}
    refused = desk.ask("medical_reviewer", "POST", f"{path}/moves/reject", said)
    assert refused.status_code == 422 and refused.json["errors"][0]["pointer"] == "/comments/1/pointer"
    assert desk.done("author", "GET", path)["state"] == "medical_review"
    assert desk.done("author", "GET", f"{path}/comments") == []


def said(desk: Desk, path: str, seconds: int, clinic: str, who: str = "editor", locale: str = "en") -> Any:
    minutes, left = divmod(seconds, 60)
    at = f"2026-11-01T{8 + minutes // 60:02}:{minutes % 60:02}:{left:02}Z"
    return desk.done(who, "GET", f"{path}?at={at}&clinic={clinic}&locale={locale}")


def public(house: House, clinic: str, locale: str = "en") -> tuple[Any, ...]:
    """What a site says now: (state, locale, title, revision, overlay revision, why it is gone)."""
    reply = house.get(f"{clinic}/topics/{SLUG}?locale={locale}")
    if reply.status_code == 200:
        data = reply.json["data"]
        return "live", data["locale"], data["title"], data["revision"], data["overlay_revision"], None
    if reply.status_code == 410:
        told = reply.json["withdrawal"]
        return "gone", None, None, None, None, (told["kind"], told["at"], told["reason"])
    return "nothing", None, None, None, None, None


def then(told: Any) -> tuple[Any, ...]:
    """The same of an answer to `?at=`."""
    if told["state"] == "live":
        title = told["document"]["title"]
        return "live", told["locale"], title, told["revision"], told["overlay_revision"], None
    if told["state"] == "gone":
        why = told["withdrawal"]
        return "gone", None, None, None, None, (why["kind"], why["at"], why["reason"])
    assert told["state"] in ("absent", "hidden")
    return "nothing", None, None, None, None, None


def began(desk: Desk) -> str:
    """A topic that is planned from 8:01 to 8:20."""
    path = desk.create(SLUG)
    desk.publish(path, at="2026-11-01T08:01:00Z", until="2026-11-01T08:20:00Z")
    return path


def translated(desk: Desk, path: str) -> None:
    spanish = {"locale": "es", "slug": SLUG, "document": a_topic(title="Luz")}
    desk.done("author", "POST", f"{path}/translations", spanish)
    desk.done("author", "GET", f"{path}?locale=es")
    desk.publish(path, locale="es")


def pinned(desk: Desk, path: str) -> None:
    """The north holds on to the first text; the second one comes at 8:05."""
    desk.move("editor", there(path, "demo-north"), "pin")
    desk.done("author", "PATCH", path, {"document": {"title": "Second", "summary": "New."}})
    desk.publish(path, at="2026-11-01T08:05:00Z")


def corrected(desk: Desk, path: str) -> None:
    """A third text after the withdrawal, until 8:13."""
    desk.move("editor", path, "restore")
    desk.done("author", "PATCH", path, {"document": {"title": "Third"}})
    desk.publish(path, until="2026-11-01T08:13:00Z")


LIFE: dict[int, Callable[[Desk, str], Any]] = {
    2: lambda desk, path: lay_over(desk, path, {"title": "Ours"}),
    3: translated,
    4: pinned,
    6: lambda desk, path: desk.move("editor@demo-south", there(path), "hide"),
    7: lambda desk, path: desk.move("editor@demo-south", there(path), "show"),
    8: lambda desk, path: desk.move("editor", there(path, "demo-north"), "follow"),
    9: lambda desk, path: desk.move("publisher@demo-south", there(path), "unpublish"),
    10: lambda desk, path: desk.move("medical_reviewer", path, "withdraw", reason="Found wrong."),
    11: corrected,
}
"""What happens at which minute."""


def test_what_at_says_later_is_what_the_public_was_told_then(house: House, desk: Desk) -> None:
    path = began(desk)
    places = [(clinic, locale) for clinic in ("demo-south", "demo-north") for locale in ("en", "es")]
    seen: dict[tuple[int, str, str], Any] = {}
    for minute in range(15):
        house.at(60 * minute)
        if minute in LIFE:
            for each in (path, there(path), there(path, "demo-north")):
                desk.done("editor", "GET", each)
            LIFE[minute](desk, path)
        for seconds in (60 * minute, 60 * minute + 59):
            house.at(seconds)
            seen |= {(seconds, *place): public(house, *place) for place in places}
    assert {each[2] for each in seen.values()} == {None, "Light therapy", "Ours", "Luz", "Second", "Third"}
    assert {each[0] for each in seen.values()} == {"live", "gone", "nothing"}
    later = {each: then(said(desk, path, each[0], each[1], locale=each[2])) for each in seen}
    assert {each: (later[each], seen[each]) for each in seen if later[each] != seen[each]} == {}


def test_at_is_privileged_and_says_nothing_of_another_clinic_or_of_tomorrow(
    house: House, desk: Desk, path: str
) -> None:
    house.at(60)
    own = said(desk, path, 0, "demo-south", "author@demo-south")
    assert (own["state"], own["publication"]["at"], own["clinic"]) == ("live", "2026-11-01T08:00:00Z", "demo-south")
    never = desk.ask("author@demo-south", "GET", "/entries/topic/top_0000000?at=2026-11-01&clinic=demo-south")
    for asked in (f"{path}?at=2026-11-01", f"{desk.create('hidden')}?at=2026-11-01&clinic=demo-south"):
        reply = desk.ask("author@demo-south", "GET", asked)
        assert (reply.status_code, reply.json["detail"]) == (404, never.json["detail"])
    assert desk.ask("author@demo-south", "GET", f"{path}?at=2026-11-01&clinic=demo-north").status_code == 404
    assert desk.done("author", "GET", f"{path}?at=2026-11-01")["state"] == "absent"
    for wrong in ("2026-11-01T08:02:00Z", "0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00", "x", ""):
        assert desk.ask("author", "GET", f"{path}?at={wrong}&clinic=demo-south").status_code == 400, wrong
    assert desk.ask("author", "GET", f"{path}?at=2026-11-01&clinic=demo-south&locale=fr").status_code == 400
    assert desk.ask("author", "GET", f"{path}?clinic=demo-south").status_code == 400
    mexican = desk.done("author", "GET", f"{path}?at=2026-11-01T08:00:00Z&clinic=demo-south&locale=es-MX")
    assert mexican["languages"] == "then" and desk.done("author", "GET", f"{path}?at=2026-11-01")["languages"] is None
    assert (mexican["requested_locale"], mexican["locale"]) == ("es", "en")


def test_at_goes_by_the_languages_that_the_clinic_had_then(house: House, desk: Desk, path: str) -> None:
    def spoken(locales: list[dict[str, Any]]) -> None:
        etag = desk.ask("admin", "GET", "/clinics/demo-south").headers["ETag"]
        paths = {each["code"]: {"topic": "/t/{slug}"} for each in locales}
        changes = {"locales": locales, "default_locale": "en", "paths": {"es": None, **paths}}
        desk.done("admin", "PATCH", "/clinics/demo-south", changes, If_Match=etag)

    house.at(60)
    spoken([{"code": "en", "fallback": []}])
    house.at(120)
    spoken([{"code": "en", "fallback": []}, {"code": "fr", "fallback": ["en"]}])
    house.at(180)
    spanish = said(desk, path, 30, "demo-south", locale="es")
    assert (spanish["requested_locale"], spanish["locale"], spanish["languages"]) == ("es", "en", "then")
    french = said(desk, path, 150, "demo-south", locale="fr")
    assert (french["requested_locale"], french["locale"], french["languages"]) == ("fr", "en", "then")
    at = "2026-11-01T08:01:30Z"
    refused = desk.ask("editor", "GET", f"{path}?at={at}&clinic=demo-south&locale=fr").json["errors"][0]
    assert (refused["detail"], refused["allowed"]) == ("demo-south had no language fr.", ["en"])
    before = said(desk, path, -3600, "demo-south", locale="fr")
    assert (before["state"], before["languages"]) == ("absent", "today"), "the log has nothing of so early"
