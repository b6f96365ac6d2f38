"""Moves and edits at the same time (CC8, CC13): what is public was approved, and nothing published is lost."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.builders import a_section
from tests.conftest import House
from tests.fronted import wait_until
from tests.managing import Desk


def test_cc8_publish_edit_and_approve_at_once_never_show_unapproved_words(house: House) -> None:
    desk = Desk(house)
    path = desk.create("light-therapy")
    desk.publish(path)
    keys = {role: desk.key(role) for role in ("author", "medical_reviewer", "publisher")}

    def ask(role: str, method: str, where: str, body: Any) -> int:
        headers = {"Authorization": f"Bearer {keys[role]}", "If-Match": "*"}
        return house.app.test_client().open(f"/v1/manage{where}", method=method, json=body, headers=headers).status_code

    def write(number: int) -> None:
        body = {"sections": {"overview": a_section("overview", f"Words number {number}.")}}
        ask("author", "PATCH", path, {"document": body})
        ask("author", "POST", f"{path}/moves/submit", {})

    def approve(_: int) -> None:
        ask("medical_reviewer", "POST", f"{path}/moves/approve", {})

    def publish(_: int) -> None:
        ask("publisher", "POST", f"{path}/moves/publish", {})

    with ThreadPoolExecutor(3) as pool:
        for verb in (write, approve, publish):
            for number in range(10):
                pool.submit(verb, number)
    shown = house.data("demo-south/topics/light-therapy")["data"]
    revisions = desk.done("editor", "GET", f"{path}/revisions?page[size]=100")
    live = next(each for each in revisions if each["number"] == shown["revision"])
    stands = [each for each in live["reviews"] if each["decision"] == "approved" and each["revoked_at"] is None]
    assert live["state"] == "approved" and stands
    words = desk.done("editor", "GET", f"{path}/revisions/{live['number']}")["document"]["sections"][0]["body"]
    assert words in shown["sections"][0]["body"]["value"]
    assert [each["number"] for each in revisions] == list(range(len(revisions), 0, -1))


def test_cc13_autosave_beside_a_publish_loses_no_published_version(house: House) -> None:
    desk = Desk(house)
    path = desk.create("light-therapy")
    desk.publish(path)
    key, stop = desk.key("author"), threading.Event()
    saved = []

    def autosave() -> None:
        client, headers = house.app.test_client(), {"Authorization": f"Bearer {key}", "If-Match": "*"}
        while not stop.is_set() and len(saved) < 200:
            body = {"document": {"summary": f"Saved by itself {len(saved)}."}}
            saved.append(client.patch(f"/v1/manage{path}", json=body, headers=headers).status_code)

    thread = threading.Thread(target=autosave)
    thread.start()
    try:
        wait_until(lambda: 200 in saved)
        for number in range(5):
            for move, said in (("unpublish", {}), ("publish", {"revision": 1})):
                reply = desk.ask("publisher", "POST", f"{path}/moves/{move}", said, If_Match="*")
                assert reply.status_code == 200, reply.text
            assert house.data("demo-south/topics/light-therapy")["data"]["revision"] == 1, number
    finally:
        stop.set()
        thread.join()
    assert set(saved) <= {200, 412}
    assert house.data("demo-south/topics/light-therapy")["data"]["revision"] == 1
