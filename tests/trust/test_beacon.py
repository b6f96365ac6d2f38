"""The beacon: it counts, and there is no way to tell it anything about a person (PR2, PR4, PR6)."""

from __future__ import annotations

import json
import logging
import threading
from typing import Any

import pytest

from api.rules.tally import Count, Seen, Tally
from api.services.partners import embed_views
from api.services.processes import usage
from tests.builders import same_house_elsewhere
from tests.conftest import House
from tests.flows.test_partners import made, shows
from tests.managing import Desk
from tests.trust.test_keys import everything

pytestmark = pytest.mark.either

SAID = {"partner": None, "clinic": "demo-south", "type": "topic", "id": "top_0000000a", "locale": "en", "revision": 1,
        "mode": "iframe"}  # fmt: skip
SEEN = Seen("", "demo-south", "topic", "top_0000000a", "en", "iframe", 1)


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def sent(house: House, body: Any, kind: str = "text/plain;charset=UTF-8", **more: Any) -> Any:
    data = body if isinstance(body, str | bytes) else json.dumps(body)
    return house.client.post("/embed/beacon", data=data, content_type=kind, **more)


@pytest.mark.parametrize("more", [
    {"email": "a@b.example"}, {"visitor": "4711"}, {"referrer": "https://a.example/my-scars"}, {"page": "/me"},
    {"clinic": "Jane Doe, 555-0100"}, {"locale": "en jane@b.example"}, {"id": "top_0000000a; Jane"}, {"mode": "Jane"},
    {"type": "topic of Jane"}, {"partner": "ptn_jane.doe@b.example"}, {"partner": 7}, {"revision": "1"},
    {"revision": 0}, {"revision": 2**40}, {"revision": True}, {"clinic": None}, {"id": ["top_0000000a"]},
    {"also": {"Jane Doe": 1}}, {"also": {"top_0000000b": "Jane"}}, {"also": ["top_0000000b"]}, {"also": {"": 1}},
    {"also": {f"top_000000{number:02}": 1 for number in range(100)}},
    {"clinic": "demo-south\n"}, {"id": "top_0000000a\n"}, {"locale": "en\n"}, {"type": "topic\n"},
])  # fmt: skip
def test_pr6_a_beacon_has_no_room_for_anything_else(shared_house: House, more: dict[str, Any]) -> None:
    reply = sent(shared_house, {**SAID, **more})
    assert (reply.status_code, reply.json["code"]) == (422, "invalid_content")
    assert {each["pointer"].split("/")[1] for each in reply.json["errors"]} == set(more)


def test_what_is_no_beacon_is_refused(shared_house: House) -> None:
    for body, kind, status in (
        ("", "text/plain", 400), ("{", "text/plain", 400), ("[]", "text/plain", 422), (b"\xff", "text/plain", 400),
        ('{"clinic": "a", "clinic": "b"}', "text/plain", 400), ("a=b", "application/x-www-form-urlencoded", 415),
        (json.dumps(SAID), "text/html", 415), (" " * 4_001, "text/plain", 413), ("[" * 100, "text/plain", 400),
    ):  # fmt: skip
        reply = sent(shared_house, body, kind)
        assert reply.status_code == status, (body, kind, reply.text)
        assert reply.mimetype == "application/problem+json"
    assert shared_house.client.get("/embed/beacon").status_code in (404, 405)
    assert shared_house.client.post("/embed/beacon?visitor=1", json=SAID).status_code == 400


def test_pr2_pr4_nothing_of_who_looked_is_kept_or_logged(
    house: House, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    partner, topic = made(desk)["id"], desk.create("light-therapy")
    desk.publish(topic)
    told = {**SAID, "partner": partner, "id": topic.rpartition("/")[2]}
    headers = {"User-Agent": "canary-agent", "Referer": "https://canary.example/scars", "Cookie": "id=canary-cookie",
               "X-Forwarded-For": "203.0.113.77", "Accept-Language": "canary"}  # fmt: skip
    reply = sent(house, told, headers=headers, environ_base={"REMOTE_ADDR": "203.0.113.78"})
    assert (reply.status_code, reply.data) == (204, b"") and "Set-Cookie" not in reply.headers
    assert reply.headers["Referrer-Policy"] == "no-referrer" and reply.headers["Cache-Control"] == "no-store"
    usage.flush(house.database)
    kept = json.dumps(everything(house))
    assert "canary" not in kept + caplog.text and "203.0.113" not in kept + caplog.text
    [row] = desk.done("admin", "GET", f"/partners/{partner}/usage")
    assert row["views"] == 1


def test_what_is_not_there_is_dropped_without_a_word(house: House, desk: Desk) -> None:
    partner, topic = made(desk)["id"], desk.create("light-therapy").rpartition("/")[2]
    own = desk.create("own", name="author@demo-north", clinic="demo-north").rpartition("/")[2]
    true = {**SAID, "partner": partner, "id": topic}
    replies = [
        sent(house, {**true, **wrong}) for wrong in (
            {"partner": "ptn_00000000"}, {"clinic": "nowhere"}, {"clinic": "demo-private"}, {"id": "top_0000000a"},
            {"type": "faq"}, {"locale": "es"}, {"revision": 2}, {"id": own},
        )
    ]  # fmt: skip
    assert {(each.status_code, each.data, tuple(each.headers)) for each in replies} == {
        (204, b"", tuple(sent(house, true).headers))}  # fmt: skip
    assert embed_views.flush(house.database) == 1
    assert embed_views.flush(house.database) == 0


def test_a_list_tells_every_text_that_it_shows_in_one_beacon(house: House, desk: Desk) -> None:
    partner, topics = made(desk)["id"], [desk.create(f"light-{number}") for number in range(3)]
    first, second, third = (each.rpartition("/")[2] for each in topics)
    said = {**SAID, "partner": partner, "id": first, "also": {second: 1, third: 1, "top_0000000z": 1, first: 7}}
    assert sent(house, said).status_code == 204
    usage.flush(house.database)
    rows = desk.done("admin", "GET", f"/partners/{partner}/usage")
    assert {(row["id"], row["views"], row["revision"]) for row in rows} == {
        (id_, 1, 1) for id_ in (first, second, third)
    }


def test_processes_add_up_and_the_latest_says_which_revision(house: House, desk: Desk) -> None:
    partner, topic = made(desk)["id"], desk.create("light-therapy")
    desk.publish(topic)
    desk.done("author", "PATCH", topic, {"document": {"summary": "Other words."}})
    other = same_house_elsewhere(house)
    shows(house, partner, topic, times=2)
    seen = Seen(partner, "demo-south", "topic", topic.rpartition("/")[2], "en", "component", 1)
    tally = other.memory["embed_views"] = Tally()
    tally.add(seen._replace(revision=2), Count(3, house.database.now() + 5))
    usage.flush(other)
    tally.add(seen, Count(1, house.database.now() - 5))
    usage.flush(other)
    [row] = desk.done("admin", "GET", f"/partners/{partner}/usage")
    assert (row["views"], row["revision"], row["seen_at"]) == (6, 2, "2026-11-01T08:00:05Z")


def test_what_is_counted_is_bounded_and_no_view_is_lost_between_threads() -> None:
    tally = Tally(most=2)
    for number in range(10):
        tally.add(SEEN._replace(locale=f"x{number}"), Count(1, 1))
    assert len(tally.take()) == 2 and tally.take() == {}
    taken: list[Count] = []

    def add() -> None:
        for _ in range(2_000):
            tally.add(SEEN, Count(1, 1))

    threads = [threading.Thread(target=add) for _ in range(4)]
    for each in threads:
        each.start()
    while any(each.is_alive() for each in threads):
        taken += tally.take().values()
    taken += tally.take().values()
    assert sum(each.views for each in taken) == 8_000
