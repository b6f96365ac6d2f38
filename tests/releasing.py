"""Releases over HTTP as tests make them."""

from __future__ import annotations

from typing import Any

from tests.conftest import House
from tests.managing import Desk


def approved(desk: Desk, slug: str, **more: Any) -> str:
    """A topic that may go live; its path."""
    path = desk.create(slug, **more)
    desk.move("author", path, "submit")
    desk.move("medical_reviewer", path, "approve")
    return path


def item(path: str, **more: Any) -> dict[str, Any]:
    _, _, kind, entry_id = path.split("/")
    return {"type": kind, "id": entry_id, **more}


def released(desk: Desk, *paths: str, name: str = "publisher", **more: Any) -> str:
    """A draft of a release of these texts; its path."""
    body = {"title": "Autumn", "clinic": None, "items": [item(each) for each in paths], **more}
    reply = desk.ask(name, "POST", "/releases", body)
    assert reply.status_code == 201, reply.text
    path = f"/releases/{reply.json['data']['id']}"
    desk.etags[path] = reply.headers["ETag"]
    return path


def codes(reply: Any) -> list[tuple[str, str]]:
    assert reply.status_code == 409, reply.text
    return [(each["code"], each.get("id", "")) for each in reply.json["blockers"]]


def public(house: House, slug: str) -> int:
    return int(house.get(f"demo-south/topics/{slug}").status_code)
