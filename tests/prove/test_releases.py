"""Releases of 500 texts over HTTP: in one transaction, while others write."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from api.app import create_app
from api.models import Review
from api.rules.permissions import OPERATOR
from api.services.texts import entries
from api.services.work import writing
from tests.builders import a_topic
from tests.conftest import config
from tests.prove.lasting import KINDS, Lasting, a_key, lasting, times, whole


@pytest.fixture(params=KINDS)
def house(request: pytest.FixtureRequest, tmp_path: Path, sqlite_today: Path) -> Iterator[Lasting]:
    with lasting(request.param, tmp_path, sqlite_today) as made:
        yield made


def approved(house: Lasting, count: int) -> list[str]:
    """So many approved topics, made in one go; their ids."""
    found = []
    with writing(house.database, OPERATOR) as work:
        for number in range(count):
            variant = entries.create(work, "topic", "en", f"many-{number}", a_topic())
            [revision] = variant.revisions
            revision.state = "approved"
            work.session.add(
                Review(
                    revision_id=revision.id, kind="medical", decision="approved", digest=revision.digest, at=work.now(),
                    clinical_digest=revision.clinical_digest, reviewer_id=None, due_on="2099-01-01", comments=[],
                )
            )  # fmt: skip
            found.append(variant.entry_id)
    return found


def writing_beside(client: FlaskClient, key: str, stop: threading.Event, statuses: list[int]) -> None:
    while not stop.is_set():
        body = {"locale": "en", "slug": f"beside-{len(statuses)}", "document": a_topic()}
        reply = client.post("/v1/manage/entries/topic", json=body, headers={"Authorization": f"Bearer {key}"})
        statuses.append(reply.status_code)
        time.sleep(0.05)


def test_500_texts_go_live_and_back_together_while_others_write(house: Lasting) -> None:
    count = times("ITEMS", 500)
    items = [{"type": "topic", "id": each} for each in approved(house, count)]
    app = create_app(config(house.env["DATABASE_URL"], house.folder), house.database, front=False)
    client, publisher, author = app.test_client(), a_key(house, "publisher"), a_key(house, "author")
    head = {"Authorization": f"Bearer {publisher}"}
    stop, statuses = threading.Event(), list[int]()
    beside = threading.Thread(target=writing_beside, args=(app.test_client(), author, stop, statuses))
    beside.start()
    seconds: dict[str, float] = {}
    made = client.post("/v1/manage/releases", json={"title": "Many", "items": items}, headers=head)
    path = f"/v1/manage/releases/{made.json['data']['id']}"
    for what, method, rest in (
        ("simulate", "GET", "/simulate"), ("publish", "POST", "/moves/publish"), ("revert", "POST", "/moves/revert"),
    ):  # fmt: skip
        tag = client.get(path, headers=head).headers["ETag"]
        began = time.monotonic()
        more = {"json": {}} if method == "POST" else {}
        reply = client.open(path + rest, method=method, headers={**head, "If-Match": tag}, **more)
        seconds[what] = time.monotonic() - began
        assert reply.status_code == 200, reply.text[:500]
        if what == "publish":
            assert {each["live_revision"] for each in reply.json["data"]["items"]} == {1}
    stop.set()
    beside.join(60)
    told = ", ".join(f"{what} {each:.1f} s" for what, each in seconds.items())
    print(f"\nrelease of {count}, {house.kind}: {told}; {len(statuses)} drafts written beside it")
    assert set(statuses) == {201}
    whole(house)
