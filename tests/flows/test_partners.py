"""The story of a partner: terms and a snippet, what its pages showed, a recall that it confirms, and its end."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from api.rules.tally import Tally
from api.services.processes import usage
from tests.conftest import House
from tests.managing import Desk

pytestmark = pytest.mark.either

ADMIN = "admin"


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def made(desk: Desk, **said: Any) -> Any:
    return desk.done(ADMIN, "POST", "/partners", {"name": "Skin directory", "clinics": ["demo-south"], **said})


def own(desk: Desk, partner: str) -> dict[str, str]:
    """A partner's key, as it sends it."""
    key = desk.done(ADMIN, "POST", "/keys", {"kind": "partner", "name": "their server", "partner": partner})["key"]
    assert key.startswith("ck_par_")
    return {"Authorization": f"Bearer {key}"}


def shows(house: House, partner: str | None, entry: str, *, times: int = 1, **more: Any) -> None:
    """What the pages of a partner say that they show, written down at once."""
    said = {"partner": partner, "clinic": "demo-south", "type": "topic", "id": entry.rpartition("/")[2]}
    said |= {"locale": "en", "revision": 1, "mode": "component", **more}
    for _ in range(times):
        assert house.client.post("/embed/beacon", json=said).status_code == 204
    usage.flush(house.database)


def test_a_partner_is_given_terms_and_one_line_to_paste(house: House, desk: Desk) -> None:
    first = desk.ask(ADMIN, "POST", "/partners", {
        "name": 'Ärzte & "Co" <b>', "origins": ["https://www.example"], "clinics": ["demo-south"], "types": ["topic"],
        "locales": ["es"]}, Idempotency_Key="one")  # fmt: skip
    assert first.status_code == 201 and first.headers["Location"].endswith(first.json["data"]["id"])
    told = first.json["data"]
    assert told["state"] == "active" and told["indexing"] == "noindex" and told["attribution"]["required"]
    assert told["snippet"].startswith('<script async src="https://api.example/embed.js"></script><clinic-content ')
    assert 'clinic="demo-south" type="topic" slug="' in told["snippet"] and 'locale="es"' in told["snippet"]
    assert f'partner="{told["id"]}"' in told["snippet"] and told["snippet"].endswith("</a></clinic-content>")
    again = desk.ask(ADMIN, "POST", "/partners", {
        "name": 'Ärzte & "Co" <b>', "origins": ["https://www.example"], "clinics": ["demo-south"], "types": ["topic"],
        "locales": ["es"]}, Idempotency_Key="one")  # fmt: skip
    assert again.json["data"]["id"] == told["id"] and len(desk.done(ADMIN, "GET", "/partners")) == 1
    path = f"/partners/{told['id']}"
    assert desk.ask(ADMIN, "PATCH", path, {"name": "X"}, If_Match='"old"').status_code == 412
    assert desk.ask(ADMIN, "DELETE", path).status_code == 428
    desk.done(ADMIN, "GET", path)
    changed = desk.done(ADMIN, "PATCH", path, {"locales": [], "licence": {"id": "CC-BY-4.0"}})
    assert (changed["locales"], changed["licence"]) == ([], {"id": "CC-BY-4.0", "url": None})
    assert desk.done(ADMIN, "PATCH", path, {"licence": None})["licence"] is None
    assert desk.done(ADMIN, "DELETE", path)["state"] == "ended"
    refused = desk.ask(ADMIN, "PATCH", path, {"name": "Back"}, If_Match="*")
    assert (refused.status_code, refused.json["blockers"][0]["code"]) == (409, "ended")
    lines = [each["verb"] for each in desk.done(ADMIN, "GET", f"/audit?filter[subject]={told['id']}")]
    assert lines == ["end_partner", "change_partner", "change_partner", "create_partner"]


def test_what_pages_showed_is_counted_for_both_sides_and_read_as_a_table(house: House, desk: Desk) -> None:
    partner, topic = made(desk)["id"], desk.create("light-therapy")
    desk.publish(topic)
    key = own(desk, partner)
    shows(house, partner, topic, times=3)
    shows(house, partner, topic, mode="iframe")
    shows(house, partner, topic)
    house.at(86_400)
    shows(house, partner, topic)
    theirs = house.client.get("/v1/partners/me/usage", headers=key)
    assert theirs.headers["Cache-Control"] == "private, no-store" and theirs.json["meta"]["views"] == 6
    assert [(each["day"], each["mode"], each["views"]) for each in theirs.json["data"]] == [
        ("2026-11-01", "component", 4), ("2026-11-01", "iframe", 1), ("2026-11-02", "component", 1)]  # fmt: skip
    ours = desk.ask(ADMIN, "GET", f"/partners/{partner}/usage").json
    assert (ours["data"], ours["meta"]) == (theirs.json["data"], theirs.json["meta"])
    page = house.client.get("/v1/partners/me/usage?page[size]=2", headers=key).json
    more = house.client.get(page["links"]["next"], headers=key).json
    assert page["data"] + more["data"] == theirs.json["data"] and more["links"]["next"] is None
    for reply in (
        house.client.get("/v1/partners/me/usage", headers={**key, "Accept": "text/csv"}),
        house.client.get("/v1/partners/me/usage?format=csv", headers=key),
        desk.ask(ADMIN, "GET", f"/partners/{partner}/usage?format=csv"),
        desk.ask(ADMIN, "GET", f"/partners/{partner}/usage", Accept="text/csv"),
    ):
        assert reply.mimetype == "text/csv"
        rows = list(csv.DictReader(io.StringIO(reply.text)))
        assert [int(row["views"]) for row in rows] == [4, 1, 1]
        assert {row["shows_withdrawn"] for row in rows} == {"false"}
    one_day = house.client.get("/v1/partners/me/usage?since=2026-11-02&until=2026-11-02", headers=key).json
    assert one_day["meta"] == {"since": "2026-11-02", "until": "2026-11-02", "views": 1}
    for wrong in ("since=2026-11-03", "since=2020-01-01", "since=now", "until=2026-13-01", "format=xml"):
        assert house.client.get(f"/v1/partners/me/usage?{wrong}", headers=key).status_code == 400, wrong


def recalled(house: House, desk: Desk) -> tuple[str, str, dict[str, str]]:
    """(a partner that showed a topic, the topic's path, the partner's key); the topic was recalled at 10 s."""
    partner, topic, other = made(desk, origins=["https://a.example"])["id"], desk.create("old"), desk.create("new")
    for each in (topic, other):
        desk.publish(each)
    shows(house, partner, topic)
    house.at(10)
    desk.move("medical_reviewer", topic, "recall", severity="high", reason="Burns.",
              replacement={"type": "topic", "id": other.rpartition("/")[2]})  # fmt: skip
    return partner, topic, own(desk, partner)


def test_a_recall_reaches_the_partner_and_the_operator_sees_who_shows_it_still(house: House, desk: Desk) -> None:
    partner, topic, key = recalled(house, desk)
    id_ = topic.rpartition("/")[2]
    [told] = house.client.get("/v1/partners/me/recalls", headers=key).json["data"]
    assert (told["kind"], told["severity"], told["reason"]) == ("recalled", "high", "Burns.")
    assert (told["entry"], told["slug"], told["revision"]) == ({"type": "topic", "id": id_}, "old", 1)
    assert told["title"] == "Light therapy" and told["replacement"]["slug"] == "new"
    assert (told["showing"], told["seen"], told["acknowledged_at"]) == (False, [], None)
    house.at(40)
    shows(house, partner, topic)
    assert desk.done(ADMIN, "GET", "/partners/showing") == [], "an open page has a minute to notice"
    house.at(100)
    shows(house, partner, topic, mode="fragment")
    shows(house, None, topic, mode="iframe")
    nameless, named = sorted(desk.done(ADMIN, "GET", "/partners/showing"), key=lambda each: bool(each["partner"]))
    assert named["partner"] == {"id": partner, "name": "Skin directory"} and named["mode"] == "fragment"
    assert named["withdrawal"]["severity"] == "high" and nameless["partner"] is None
    assert [each["shows_withdrawn"] for each in desk.done(ADMIN, "GET", f"/partners/{partner}/usage")] == [False, True]
    [told] = house.client.get("/v1/partners/me/recalls", headers=key).json["data"]
    assert told["showing"] and [(each["clinic"], each["mode"]) for each in told["seen"]] == [("demo-south", "fragment")]


def test_a_partner_confirms_and_is_asked_again_where_a_page_shows_it_again(house: House, desk: Desk) -> None:
    partner, topic, key = recalled(house, desk)
    house.at(100)
    shows(house, partner, topic, mode="fragment")
    [told] = house.client.get("/v1/partners/me/recalls", headers=key).json["data"]
    assert told["showing"]
    ack = f"/v1/partners/me/recalls/{told['id']}/ack"
    done = house.client.post(ack, headers=key)
    assert (done.status_code, done.json["data"]["showing"]) == (200, False)
    house.at(200)
    again = house.client.post(ack, headers=key).json["data"]
    assert again["acknowledged_at"] == done.json["data"]["acknowledged_at"] == "2026-11-01T08:01:40Z"
    assert [each["mode"] for each in desk.done(ADMIN, "GET", f"/partners/showing?filter[partner]={partner}")] == []
    shows(house, partner, topic, mode="fragment")
    [relapsed] = desk.done(ADMIN, "GET", f"/partners/showing?filter[partner]={partner}")
    assert relapsed["acknowledged_at"] == "2026-11-01T08:01:40Z"
    assert house.client.post(ack, headers=key).json["data"]["acknowledged_at"] == "2026-11-01T08:03:20Z"
    about = f"/audit?filter[subject]={topic.rpartition('/')[2]}"
    verbs = [each["verb"] for each in desk.done(ADMIN, "GET", about)]
    assert verbs.count("acknowledge_recall") == 2
    for said, count in (("true", 1), ("false", 0)):
        found = house.client.get(f"/v1/partners/me/recalls?filter[acknowledged]={said}", headers=key).json["data"]
        assert len(found) == count


def test_a_newer_text_in_the_same_place_is_nothing_withdrawn(house: House, desk: Desk) -> None:
    partner, topic = made(desk)["id"], desk.create("light-therapy")
    desk.publish(topic)
    house.at(10)
    desk.move("publisher", topic, "withdraw", reason="It is rewritten.")
    desk.move("editor", topic, "restore")
    desk.publish(topic)
    house.at(200)
    shows(house, partner, topic, revision=2)
    assert desk.done(ADMIN, "GET", "/partners/showing") == []
    shows(house, partner, topic, revision=1)
    [found] = desk.done(ADMIN, "GET", "/partners/showing")
    assert (found["revision"], found["withdrawal"]["revision"], found["withdrawal"]["kind"]) == (1, 1, "withdrawn")


def test_an_ended_partner_is_refused_at_the_next_request(house: House, desk: Desk) -> None:
    partner = made(desk)
    key = own(desk, partner["id"])
    me = house.client.get("/v1/partners/me", headers=key).json["data"]
    assert me["snippet"] == partner["snippet"] and me["clinics"] == ["demo-south"]
    assert set(me) == set(partner) - {"created_at", "updated_at", "ended_at"} | {"key"}
    desk.done(ADMIN, "DELETE", f"/partners/{partner['id']}", If_Match="*")
    assert house.client.get("/v1/partners/me", headers=key).status_code == 401
    [key_row] = desk.done(ADMIN, "GET", "/keys?filter[kind]=partner")
    assert (key_row["state"], key_row["partner"]) == ("revoked", partner["id"])
    refused = desk.ask(ADMIN, "POST", "/keys", {"kind": "partner", "name": "x", "partner": partner["id"]})
    assert [each["pointer"] for each in refused.json["errors"]] == ["/partner"]


def test_views_that_could_not_be_written_down_are_kept_for_the_next_time(house: House, desk: Desk) -> None:
    tally: Tally = house.database.memory.setdefault("embed_views", Tally())
    partner, topic = made(desk)["id"], desk.create("light-therapy")
    desk.publish(topic)
    said = {"partner": partner, "clinic": "demo-south", "type": "topic", "id": topic.rpartition("/")[2], "locale": "en",
            "revision": 1, "mode": "iframe"}  # fmt: skip
    house.client.post("/embed/beacon", json=said)
    whole = house.database.transaction

    def lost() -> Any:
        raise OSError("the database is gone")

    house.database.transaction = lost  # type: ignore[method-assign]
    with pytest.raises(OSError):
        usage.flush(house.database)
    house.database.transaction = whole  # type: ignore[method-assign]
    usage.flush(house.database)
    assert desk.ask(ADMIN, "GET", f"/partners/{partner}/usage").json["meta"]["views"] == 1 and tally.take() == {}
