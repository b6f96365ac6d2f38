"""Writes that race or repeat: nothing is lost, nothing happens twice (CC1 to CC4, CC6, CC7, CC10 to CC14)."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from api.manage import moves, repeating
from api.services import audit
from api.services.texts import entries
from tests.builders import a_topic
from tests.conftest import House
from tests.fronted import LONG
from tests.managing import Desk


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def test_cc1_a_write_without_if_match_is_428_and_changes_nothing(desk: Desk) -> None:
    path = desk.create("light-therapy")
    before = desk.done("author", "GET", path)
    for method, where, body in (
        ("PUT", path, {"slug": "x", "document": a_topic()}),
        ("PATCH", path, {"document": {"title": "Other"}}),
        ("DELETE", path, None),
        ("POST", f"{path}/moves/submit", {}),
    ):
        desk.etags.clear()
        reply = desk.ask("editor", method, where, body)
        assert (reply.status_code, reply.json["code"]) == (428, "precondition_required"), where
    assert desk.done("author", "GET", path) == before


def test_everything_that_is_read_has_a_strong_tag(desk: Desk) -> None:
    path = desk.create("light-therapy")
    of_a_text = [f"{path}{more}" for more in ("", "/revisions", "/revisions/1", "/usages", "?at=2026-11-01")]
    for each in (*of_a_text, "/entries/topic", "/audit", "/people", "/keys", "/clinics", "/me", "/worker"):
        first, again = (desk.ask("admin", "GET", each).headers["ETag"] for _ in range(2))
        assert first == again and first.startswith('"'), each


def test_cc2_of_two_edits_from_one_tag_one_wins_and_the_other_is_told_what_is_there(desk: Desk) -> None:
    path = desk.create("light-therapy")
    tag = desk.etags[path]
    first = desk.ask("author", "PATCH", path, {"document": {"title": "First"}}, If_Match=tag)
    second = desk.ask("editor", "PATCH", path, {"document": {"summary": "Second"}}, If_Match=tag)
    assert (first.status_code, second.status_code) == (200, 412)
    current = second.json["current"]
    assert current["etag"] == first.headers["ETag"] and current["revision"] == 2
    text = desk.done("author", "GET", path)["document"]
    assert (text["title"], text["summary"]) == ("First", a_topic()["summary"])


def test_cc3_only_the_strong_tag_of_this_very_text_matches(desk: Desk) -> None:
    path, other = desk.create("light-therapy"), desk.create("other-light")
    tag, foreign = desk.etags[path], desk.etags[other]
    patch = {"document": {"title": "Changed"}}
    for wrong in (f"W/{tag}", foreign, '"nonsense"', "nonsense", "", '"', tag.strip('"') + "0", ","):
        reply = desk.ask("author", "PATCH", path, patch, If_Match=wrong)
        assert reply.status_code in (400, 412), wrong
        assert "changed" not in reply.json["detail"], "nobody changed anything"
    assert desk.ask("author", "PATCH", path, patch, If_Match=f'"x", {tag}').status_code == 200
    assert desk.ask("author", "PATCH", path, patch, If_Match="*").status_code == 200


def test_cc4_edits_retried_by_many_all_arrive_and_the_chain_has_no_gap(house: House, desk: Desk) -> None:
    path = desk.create("light-therapy", a_topic())
    key = desk.key("author")

    def add(number: int) -> None:
        client, headers = house.app.test_client(), {"Authorization": f"Bearer {key}"}
        for _ in range(200):
            read = client.get(f"/v1/manage{path}", headers=headers)
            seo = read.json["data"]["document"]["seo"] or {"title": "0"}
            said = {"document": {"seo": {"title": str(int(seo["title"]) + 1)}}}
            sent = {**headers, "If-Match": read.headers["ETag"]}
            if client.patch(f"/v1/manage{path}", json=said, headers=sent).status_code == 200:
                return
        raise AssertionError(f"number {number} never got through")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, range(12)))
    text = desk.done("author", "GET", path)
    assert text["document"]["seo"]["title"] == "12" and text["revision"]["number"] == 13


def test_cc6_a_repeated_post_has_one_effect_and_one_answer(house: House, desk: Desk) -> None:
    body = {"locale": "en", "slug": "light-therapy", "document": a_topic()}
    first = desk.ask("author", "POST", "/entries/topic", body, Idempotency_Key="k-1")
    again = desk.ask("author", "POST", "/entries/topic", body, Idempotency_Key="k-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.data == first.data and again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Idempotency-Replayed"] == "true" and again.headers["Location"] == first.headers["Location"]
    other = desk.ask("author", "POST", "/entries/topic", {**body, "slug": "x"}, Idempotency_Key="k-1")
    assert (other.status_code, other.json["code"]) == (422, "key_reused")
    elsewhere = desk.ask("author", "POST", "/entries/term", body, Idempotency_Key="k-1")
    assert elsewhere.json["code"] == "key_reused"
    # Another caller's key of the same name is another key.
    theirs = desk.ask("editor", "POST", "/entries/topic", {**body, "slug": "theirs"}, Idempotency_Key="k-1")
    assert theirs.status_code == 201


def test_cc6_a_refused_post_is_not_remembered(desk: Desk) -> None:
    body = {"locale": "en", "slug": "light-therapy", "document": {"kind": "treatment"}}
    assert desk.ask("author", "POST", "/entries/topic", body, Idempotency_Key="k-1").status_code == 422
    good = {**body, "document": a_topic()}
    assert desk.ask("author", "POST", "/entries/topic", good, Idempotency_Key="k-1").status_code == 201


def test_cc6_twins_at_the_same_time_make_one_entry(
    house: House, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repeating, "WAITING_SECONDS", LONG)
    key, body = desk.key("author"), {"locale": "en", "slug": "light-therapy", "document": a_topic()}
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "twin"}
    start = threading.Barrier(6)

    def post(_: int) -> Any:
        start.wait()
        return house.app.test_client().post("/v1/manage/entries/topic", json=body, headers=headers)

    with ThreadPoolExecutor(6) as pool:
        replies = list(pool.map(post, range(6)))
    assert Counter(each.status_code for each in replies) == {201: 6}
    assert len({each.json["data"]["id"] for each in replies}) == 1


@pytest.mark.parametrize("key", ["", " ", "x" * 256, "é", "a\tb"])
def test_cc6_a_key_that_is_none_is_refused_by_name(desk: Desk, key: str) -> None:
    reply = desk.ask("author", "POST", "/entries/topic", {}, Idempotency_Key=key)
    assert reply.status_code in (400, 422)


def test_cc7_of_many_that_want_one_slug_one_gets_it(house: House, desk: Desk) -> None:
    key = desk.key("author")
    start = threading.Barrier(20)

    def post(_: int) -> int:
        body = {"locale": "en", "slug": "wanted", "document": a_topic()}
        start.wait()
        headers = {"Authorization": f"Bearer {key}"}
        return house.app.test_client().post("/v1/manage/entries/topic", json=body, headers=headers).status_code

    with ThreadPoolExecutor(20) as pool:
        assert Counter(pool.map(post, range(20))) == {201: 1, 409: 19}


def test_cc10_an_entry_that_others_refer_to_is_not_archived(desk: Desk) -> None:
    term = desk.create("lumen", {"title": "Lumen", "summary": "A measure of light."}, kind="term")
    term_id = term.rpartition("/")[2]
    desk.publish(term)
    body = f"Measured in [lumen](term:{term_id})."
    user = desk.create("light-therapy", a_topic(sections=[{"aspect": "overview", "title": "What", "body": body}]))
    desk.publish(user)
    desk.move("publisher", term, "unpublish")
    refused = desk.ask("editor", "DELETE", term)
    assert refused.status_code == 409
    assert [each["code"] for each in refused.json["blockers"]] == ["in_use"]
    desk.move("publisher", user, "unpublish")
    assert desk.done("editor", "DELETE", term)["archived_at"] is not None
    linked = {"document": {"summary": "Again.", "sections": {"overview": {"body": body}}}}
    refused = desk.ask("author", "PATCH", user, linked)
    assert (refused.status_code, refused.json["errors"][0]["code"]) == (422, "unknown_reference")


def test_cc11_a_write_that_lost_in_the_database_is_tried_again_and_then_503(
    house: House, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = desk.create("light-therapy")
    tries, real = [], entries.patch

    def loses(times: int) -> Any:
        def lost(*args: Any, **more: Any) -> Any:
            tries.append(1)
            if len(tries) <= times:
                raise OperationalError("UPDATE", {}, Exception("database is locked"))
            return real(*args, **more)

        return lost

    monkeypatch.setattr(entries, "patch", loses(2))
    assert desk.ask("author", "PATCH", path, {"document": {"title": "Third try"}}).status_code == 200
    tries.clear()
    monkeypatch.setattr(entries, "patch", loses(9))
    reply = desk.ask("author", "PATCH", path, {"document": {"title": "Never"}})
    assert (reply.status_code, len(tries)) == (503, 3) and reply.headers["Retry-After"]
    assert desk.done("author", "GET", path)["revision"]["number"] == 2


def test_cc12_a_bulk_move_reports_each_and_what_failed_left_no_trace(house: House, desk: Desk) -> None:
    paths = [desk.create(f"light-{number}") for number in range(3)]
    desk.move("author", paths[1], "submit")
    items = [{"type": "topic", "id": path.rpartition("/")[2], "etag": desk.etags[path]} for path in paths]
    items[2]["etag"] = '"stale-1"'
    results = desk.done("author", "POST", "/moves/submit", {"items": items})
    assert [each["moved"] for each in results] == [True, False, False]
    assert [each["problem"] and each["problem"]["code"] for each in results] == [None, "conflict", "stale"]
    assert [each["state"] for each in results] == ["medical_review", "medical_review", "draft"]
    with house.database.transaction() as session:
        assert audit.verify(session) is None


def test_cc12_a_broken_bulk_move_leaves_nothing(house: House, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [desk.create(f"light-{number}") for number in range(3)]
    items = [{"type": "topic", "id": path.rpartition("/")[2], "etag": desk.etags[path]} for path in paths]
    real, made = moves.VERBS["submit"], []

    def breaks(*args: Any) -> Any:
        made.append(1)
        if len(made) == 3:
            raise RuntimeError("power cut")
        return real(*args)

    monkeypatch.setitem(moves.VERBS, "submit", breaks)
    desk.house.app.config["PROPAGATE_EXCEPTIONS"] = False
    assert desk.ask("author", "POST", "/moves/submit", {"items": items}).status_code == 500
    assert {desk.done("author", "GET", path)["state"] for path in paths} == {"draft"}


def test_ta3_one_foreign_or_unknown_id_refuses_a_bulk_move_whole(house: House, desk: Desk) -> None:
    mine = desk.create("mine", name="author@demo-south", clinic="demo-south")
    theirs = desk.create("theirs", name="author@demo-north", clinic="demo-north")
    for stranger in (theirs.rpartition("/")[2], "top_00000000"):
        named = (mine.rpartition("/")[2], stranger)
        items = [{"type": "topic", "id": each, "etag": desk.etags[mine]} for each in named]
        reply = desk.ask("author@demo-south", "POST", "/moves/submit", {"items": items})
        assert (reply.status_code, reply.json["code"]) == (404, "not_found")
        assert [each["pointer"] for each in reply.json["errors"]] == ["/items/1"]
    assert desk.done("author@demo-south", "GET", mine)["state"] == "draft"
    assert desk.done("author@demo-north", "GET", theirs)["state"] == "draft"


def test_cc14_the_document_is_built_once_however_many_ask_first(house: House) -> None:
    start = threading.Barrier(4)

    def ask(_: int) -> bytes:
        start.wait()
        return house.app.test_client().get("/v1/openapi.json").data

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(ask, range(4)))) == 1
