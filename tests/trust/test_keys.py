"""Keys: who is let in, what a key may do, how it ends (AU1 to AU4, TA11 to TA13, TA18)."""

from __future__ import annotations

import json
import logging
import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import event, select

from api.db import Base
from api.manage import moves
from api.openapi.document import document
from api.queries import prepared
from api.rules import keys as rules
from api.rules.permissions import OPERATOR
from api.services.house import keys
from api.services.work import writing
from tests.builders import same_house_elsewhere
from tests.conftest import House, application
from tests.managing import Desk
from tests.trust.desk import at, bearer, key

pytestmark = pytest.mark.either

READING = ("browser", "server", "preview", "partner")
WORDS = {"type": "topic", "id": "top_00000000", "clinic": "demo-south", "move": "submit", "number": "1"}


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def operations(house: House, unsafe: bool = False) -> Iterator[tuple[str, str]]:
    """(method, address) of everything below /v1/manage that the document tells of."""
    for path, item in document(house.app)["paths"].items():
        if path.startswith("/v1/manage"):
            address = re.sub(r"{(\w+)}", lambda found: WORDS.get(found[1], "none"), path)
            yield from ((method.upper(), address) for method in item if not (unsafe and method == "get"))


def everything(house: House) -> dict[str, Any]:
    """All rows of all tables."""
    with house.database.reading() as connection:
        tables = {table.name: list(connection.execute(select(table))) for table in Base.metadata.sorted_tables}
    return {name: sorted(map(repr, rows)) for name, rows in tables.items()}


def asked(house: House, method: str, address: str, secret: str | None, **more: Any) -> Any:
    headers = {**(bearer(secret) if secret else {}), **more.pop("headers", {})}
    return house.client.open(address, method=method, headers=headers, **more)


def test_au1_no_operation_answers_a_bad_key_or_none(house: House) -> None:
    _, expired = key(house, [], "manage", expires_at=at(1))
    gone, revoked = key(house, [], "manage")
    with writing(house.database, OPERATOR) as work:
        keys.revoke(work, gone)
    house.at(2)
    stranger, tried = rules.make("manage"), 0
    for method, address in operations(house):
        for given in (None, "", "garbage", expired, revoked, stranger):
            for sent in ({}, {"json": {}}, {"data": "no json"}):
                reply = asked(house, method, address, given, **sent)
                assert (reply.status_code, reply.json["code"]) == (401, "unauthorized"), f"{method} {address} {given}"
                assert reply.headers["WWW-Authenticate"].startswith("Bearer")
                tried += 1
        assert asked(house, "HEAD", address, None).status_code in (401, 405)
    assert tried > 500


def test_au2_a_key_anywhere_but_in_its_header_is_not_read_and_never_logged(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    _, own = key(house, [], "manage")
    for more in ({"query_string": {"key": own}}, {"headers": {"Cookie": f"key={own}"}},
                 {"headers": {"Authorization": f"Basic {own}"}}, {"headers": {"X-Api-Key": own}}):  # fmt: skip
        reply = asked(house, "GET", "/v1/manage/keys", None, **more)
        assert reply.status_code == 401 and own not in reply.text
    assert asked(house, "GET", "/v1/manage/me", own).status_code == 200
    assert own not in caplog.text


def test_au3_a_key_is_long_random_and_looked_up_by_its_digest_alone(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = {rules.make("manage") for _ in range(200)}
    assert len(made) == 200 and all(len(each.removeprefix("ck_mng_")) == 38 for each in made)
    _, own = key(house, [], "manage")
    sent: list[str] = []
    straight = prepared.drive
    monkeypatch.setattr(prepared, "drive", lambda *given: sent.append(repr(given[1:])) or straight(*given))
    note: Callable[..., None] = lambda *given: sent.append(repr(given[2:4]))  # noqa: E731
    event.listen(house.database.reader, "before_cursor_execute", note)
    try:
        assert asked(house, "GET", "/v1/manage/me", own).status_code == 200
    finally:
        event.remove(house.database.reader, "before_cursor_execute", note)
    assert rules.digest(own) in "".join(sent) and own not in "".join(sent) and own[:16] not in "".join(sent)
    kept = json.dumps(everything(house))
    assert own not in kept and own[7:] not in kept


def test_au4_a_key_is_shown_once_and_its_digest_never(house: House, desk: Desk) -> None:
    said = {"kind": "server", "name": "site", "clinics": ["demo-private"], "expires_at": "2027-01-01T00:00:00Z"}
    first = desk.ask("admin", "POST", "/keys", said, Idempotency_Key="once")
    secret = first.json["data"]["key"]
    assert first.status_code == 201 and secret.startswith("ck_sec_")
    assert house.get("demo-private/topics", headers=bearer(secret)).status_code == 200
    again = desk.ask("admin", "POST", "/keys", said, Idempotency_Key="once")
    assert (again.json["data"]["id"], again.json["data"]["key"]) == (first.json["data"]["id"], None)
    path = first.headers["Location"].removeprefix("/v1/manage")
    shown = [desk.ask("admin", "GET", each) for each in (path, "/keys", "/audit", "/me")]
    shown.append(desk.ask("admin", "DELETE", path, If_Match="*"))
    for reply in [again, *shown]:
        assert secret not in reply.text and secret[15:] not in reply.text and rules.digest(secret) not in reply.text
    assert "digest" not in shown[0].json["data"] and shown[0].json["data"]["hint"] == secret[:15]
    assert secret not in json.dumps(everything(house))


def test_ta11_keys_that_read_change_nothing_anywhere(house: House) -> None:
    secrets = [key(house, ["demo-south", "demo-private"], kind)[1] for kind in READING]
    before, tried = everything(house), 0
    for method, address in operations(house):
        for secret in secrets:
            reply = asked(house, method, address, secret, json={"locale": "en"}, headers={"If-Match": "*"})
            assert (reply.status_code, reply.json["code"]) == (403, "forbidden"), f"{method} {address}"
            tried += 1
    assert tried > 100 and everything(house) == before


def test_ta11_an_editor_neither_publishes_nor_approves_nor_minds_people_and_keys(house: House, desk: Desk) -> None:
    path = desk.create("light-therapy")
    desk.move("author", path, "submit")
    desk.key("editor")
    who, one = desk.done("admin", "GET", "/people")[0]["id"], desk.done("admin", "GET", "/keys")[0]["id"]
    before = everything(house)
    role = [{"role": "admin"}]
    for method, address, body in (
        ("POST", f"{path}/moves/publish", {}), ("POST", f"{path}/moves/approve", {}),
        ("POST", "/keys", {"kind": "manage", "name": "mine"}), ("GET", "/keys", None), ("GET", f"/keys/{one}", None),
        ("DELETE", f"/keys/{one}", None), ("POST", f"/keys/{one}/rotate", {}), ("GET", "/people", None),
        ("POST", "/people", {"email": "a@b.example", "roles": role}), ("PATCH", f"/people/{who}", {"roles": role}),
        ("POST", f"/people/{who}/deactivate", None), ("GET", "/audit", None), ("GET", "/audit/verify", None),
        ("DELETE", "/clinics/demo-south", None), ("PATCH", "/clinics/demo-south", {"private": True}),
        ("GET", "/people/prs_none", None), ("GET", "/keys/key_none", None),
    ):  # fmt: skip
        reply = desk.ask("editor", method, address, body, If_Match="*")
        assert reply.status_code == 403, f"{method} {address}: {reply.text}"
    assert everything(house) == before


def test_ta12_a_lowered_role_a_revoked_key_and_somebody_let_go_are_refused_at_the_next_request(
    house: House, desk: Desk
) -> None:
    elsewhere = application(house.app.extensions["config"], same_house_elsewhere(house)).test_client()
    me = desk.done("editor", "GET", "/me")
    person, own = f"/people/{me['person']['id']}", f"/keys/{me['key']['id']}"
    category = {"key": "k", "group": "subject", "texts": {"en": {"title": "K", "slug": "k"}}}

    def everywhere(address: str, status: int, method: str = "GET", body: Any = None) -> None:
        for client in (house.client, elsewhere):
            sent = {"headers": bearer(desk.key("editor")), "json": body} if body else {
                "headers": bearer(desk.key("editor"))}  # fmt: skip
            assert client.open(f"/v1/manage{address}", method=method, **sent).status_code == status

    everywhere("/entries/topic", 200)
    desk.done("admin", "PATCH", person, {"roles": [{"role": "author"}]}, If_Match="*")
    everywhere("/categories", 403, "POST", category)
    desk.done("admin", "POST", f"{person}/deactivate", If_Match="*")
    everywhere("/entries/topic", 401)
    desk.done("admin", "POST", f"{person}/reactivate", If_Match="*")
    everywhere("/entries/topic", 200)
    desk.done("admin", "DELETE", own, If_Match="*")
    everywhere("/entries/topic", 401)


def test_ta13_a_key_for_one_clinic_knows_of_no_other(house: House, desk: Desk) -> None:
    made = desk.done("admin", "POST", "/keys", {"kind": "manage", "name": "ci", "clinics": ["demo-south"]})
    desk.secrets["ci"] = made["key"]
    assert [each["slug"] for each in desk.done("ci", "GET", "/clinics")] == ["demo-south"]
    body = {"locale": "en", "slug": "x", "document": {"kind": "treatment", "title": "X", "summary": "X."}}
    assert desk.ask("ci", "POST", "/entries/topic", {**body, "clinic": "demo-south"}).status_code == 201
    assert desk.ask("ci", "POST", "/entries/topic", body).status_code == 403
    redirect = {"from": "/a", "to": "/b"}
    for other in ("demo-north", "no-such-clinic"):
        replies = [
            desk.ask("ci", "GET", f"/clinics/{other}"), desk.ask("ci", "PATCH", f"/clinics/{other}", {}, If_Match="*"),
            desk.ask("ci", "DELETE", f"/clinics/{other}", If_Match="*"),
            desk.ask("ci", "POST", "/entries/topic", {**body, "clinic": other}),
            desk.ask("ci", "GET", f"/redirects?filter[clinic]={other}"),
            desk.ask("ci", "POST", "/redirects", {**redirect, "clinic": other}),
            desk.ask("ci", "GET", f"/categories?filter[clinic]={other}"),
            desk.ask("ci", "GET", f"/reviews/due?filter[clinic]={other}"),
        ]  # fmt: skip
        assert [(each.status_code, each.json["detail"]) for each in replies] == [
            (404, "There is no clinic of this name.")] * len(replies)  # fmt: skip


def test_ta18_nothing_is_committed_after_a_revoke_was_acknowledged(
    house: House, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [desk.create(f"text-{number}") for number in range(5)]
    items = [{"type": "topic", "id": path.rpartition("/")[2], "etag": desk.etags[path]} for path in paths]
    own = desk.done("author", "GET", "/me")["key"]["id"]
    admin = bearer(desk.key("admin")) | {"If-Match": "*"}
    other = application(house.app.extensions["config"], same_house_elsewhere(house)).test_client()
    started, goes_on, told = threading.Event(), threading.Event(), dict[str, int]()
    found = moves._all_of

    def slowly(ask: Any) -> Any:
        known = found(ask)
        started.set()
        goes_on.wait(60)
        return known

    monkeypatch.setattr(moves, "_all_of", slowly)

    def edit() -> None:
        told["edit"] = desk.ask("author", "POST", "/moves/submit", {"items": items}).status_code

    def revoke() -> None:
        told["revoke"] = other.delete(f"/v1/manage/keys/{own}", headers=admin).status_code

    editing, revoking = threading.Thread(target=edit), threading.Thread(target=revoke)
    editing.start()
    assert started.wait(60)
    revoking.start()
    # On SQLite the edit holds the writer's lock, and the revoke waits for it.
    revoking.join(0.5 if house.database.sqlite else 60)
    assert house.database.sqlite or told == {"revoke": 200}
    goes_on.set()
    editing.join(60)
    revoking.join(60)
    states = {desk.done("editor", "GET", path)["state"] for path in paths}
    if house.database.sqlite:
        assert told == {"edit": 200, "revoke": 200} and states == {"medical_review"}
    else:
        assert told == {"edit": 401, "revoke": 200} and states == {"draft"}
