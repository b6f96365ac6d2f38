"""Two who change the same part of the house at once: one is told so, and nothing is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from api.openapi.document import document
from tests.conftest import House
from tests.live import Contract
from tests.managing import Desk


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def at_once(*acts: Callable[[], Any]) -> list[int]:
    """The statuses of requests that start together, in order of their rank."""
    barrier, found = threading.Barrier(len(acts)), [0] * len(acts)

    def run(number: int, act: Callable[[], Any]) -> None:
        barrier.wait(60)
        found[number] = act().status_code

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return found


def request(house: House, desk: Desk, name: str, method: str, path: str, body: Any, tag: str) -> Callable[[], Any]:
    headers = {"Authorization": f"Bearer {desk.key(name)}", "If-Match": tag}
    return lambda: house.app.test_client().open(f"/v1/manage{path}", method=method, json=body, headers=headers)


def test_of_two_edits_from_one_etag_one_wins_and_the_other_is_told(house: House, desk: Desk) -> None:
    category = desk.done("editor", "GET", "/categories")[0]
    redirect = desk.ask("editor", "POST", "/redirects", {"clinic": "demo-south", "from": "/a", "to": "/b"})
    person = desk.done("admin", "GET", "/me")["person"]["id"]
    key = desk.done("admin", "POST", "/keys", {"kind": "server", "name": "a", "clinics": ["demo-south"]})
    where = redirect.headers["Location"].removeprefix("/v1/manage")
    for method, path, bodies in (
        ("PATCH", "/clinics/demo-south", ({"contact": {"phone": "1"}}, {"contact": {"phone": "2"}})),
        ("PATCH", f"/categories/{category['id']}", ({"position": 1}, {"position": 2})),
        ("PUT", where, ({"from": "/a", "to": "/c"}, {"from": "/a", "to": "/d"})),
        ("PATCH", f"/people/{person}", ({"name": "A"}, {"name": "B"})),
        ("POST", f"/keys/{key['id']}/rotate", ({}, {})),
    ):  # fmt: skip
        tag = desk.ask("admin", "GET", path.removesuffix("/rotate")).headers["ETag"]
        statuses = at_once(*(request(house, desk, "admin", method, path, body, tag) for body in bodies))
        assert sorted(statuses) in ([200, 412], [201, 412]), f"{path}: {statuses}"


def test_two_admins_who_take_the_role_from_each_other_leave_one(house: House, desk: Desk) -> None:
    names = ("admin", "admin:second")
    ids = [desk.done(name, "GET", "/me")["person"]["id"] for name in names]
    body = {"roles": [{"role": "author"}]}
    acts = [request(house, desk, names[1 - number], "PATCH", f"/people/{ids[number]}", body, "*") for number in (0, 1)]
    statuses = at_once(*acts)
    assert sorted(statuses) == [200, 403]
    left = [name for name in names if desk.ask(name, "GET", "/people").status_code == 200]
    assert len(left) == 1
    path = f"/people/{ids[names.index(left[0])]}"
    assert desk.ask(left[0], "PATCH", path, {"roles": []}, If_Match="*").json["blockers"][0]["code"] == "last_admin"


def test_one_path_leads_to_one_place_however_many_ask_at_once(house: House, desk: Desk) -> None:
    bodies = [{"clinic": "demo-south", "from": "/here", "to": f"/there-{number}"} for number in range(4)]
    statuses = at_once(*(request(house, desk, "editor", "POST", "/redirects", body, "*") for body in bodies))
    assert sorted(statuses) == [201, 409, 409, 409]


def test_every_reply_is_as_the_document_says(house: House, desk: Desk) -> None:
    house.at(400 * 86_400)
    said = Contract(document(house.app))
    desk.done("admin", "POST", "/keys", {"kind": "server", "name": "a", "clinics": ["demo-south"]})
    desk.key("medical_reviewer@demo-south")
    for path in ("clinics", "categories", "redirects", "people", "keys", "audit", "reviews/due", "me", "audit/verify"):
        reply = desk.ask("admin", "GET", f"/{path}")
        said.hold(f"/v1/manage/{path}", reply)
        for each in reply.json["data"][:5] if isinstance(reply.json["data"], list) else []:
            name = each.get("slug") if path == "clinics" else each.get("id")
            if path in ("clinics", "categories", "redirects", "people", "keys"):
                one = desk.ask("admin", "GET", f"/{path}/{name}")
                assert one.headers["ETag"] == each["etag"]
                said.hold(f"/v1/manage/{path}/{name}", one)
    assert said.held > 20
