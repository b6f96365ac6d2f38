"""Previews (DR7 to DR9): what is not live is shown by right alone, kept by nobody, and a token is told to nobody."""

from __future__ import annotations

import base64
import json
import logging
import string
from typing import Any

import pytest
from itsdangerous import URLSafeSerializer

from api.cache.keys import wants
from api.front.access_log import AccessLog
from api.models import Promise, Share
from api.rules.permissions import OPERATOR
from api.services.work import looking, writing
from tests.builders import a_section, a_topic
from tests.conftest import SECRET, House
from tests.fronted import Fronted, Processes
from tests.managing import Desk
from tests.trust.desk import bearer, key

SOUTH, NORTH = "/v1/clinics/demo-south/preview", "/v1/clinics/demo-north/preview"
SLUG = "canary-light"


class Shared:
    """A draft, and links to it."""

    def __init__(self, house: House, slug: str) -> None:
        self.house, self.desk, self.slug = house, Desk(house), slug
        self.path = self.desk.create(slug, a_topic(title="Canary light"))
        self.entry = self.path.rsplit("/", 1)[1]

    def link(self, **more: Any) -> dict[str, Any]:
        asked = {"clinic": "demo-south", "type": "topic", "id": self.entry, **more}
        made: dict[str, Any] = self.desk.done("author", "POST", "/shares", asked)
        return made

    def told(self, token: str, path: str | None = None) -> tuple[int, dict[str, Any]]:
        """Status and body, without what is each reply's own."""
        path = path or f"{SOUTH}/topics/{self.slug}"
        reply = self.house.client.get(path, query_string={"token": token})
        body = {**(reply.json or {}), "request_id": "", "instance": ""}
        return reply.status_code, body


_made: dict[int, int] = {}


@pytest.fixture
def shared(shared_house: House) -> Shared:
    number = _made[id(shared_house)] = _made.get(id(shared_house), 0) + 1
    return Shared(shared_house, f"{SLUG}-{number}")


def flipped(token: str) -> list[str]:
    """The token with one bit of each of some characters changed, in the alphabet of tokens."""
    letters = string.ascii_letters + string.digits + "-_."
    found = []
    for place in (0, len(token) // 2, len(token) - 1):
        near = [each for each in letters if bin(ord(each) ^ ord(token[place])).count("1") == 1]
        found += [token[:place] + each + token[place + 1 :] for each in near]
    return found


def test_dr7_every_wrong_token_is_the_same_404(shared: Shared) -> None:
    token = shared.link()["token"]
    assert shared.told(token)[0] == 200
    payload, _, seal = token.rpartition(".")
    said = URLSafeSerializer(SECRET.encode()).load_payload(payload.encode())
    unsealed = base64.urlsafe_b64encode(json.dumps({"alg": "none", "typ": "JWT"}).encode()).decode().rstrip("=")
    forged = URLSafeSerializer(b"another secret", salt="clinic-cms share link").dumps(said)
    unsalted = URLSafeSerializer(SECRET.encode()).dumps(said)
    nothing = shared.told("")
    assert nothing[0] == 404
    wrong = [forged, unsalted, payload, f"{payload}.", f"{unsealed}.{payload}.", f"{token}=", f" {token}", token * 50,
             "null", key(shared.house, ["demo-south"], "preview")[1]]  # fmt: skip
    for each in [*wrong, *flipped(token)]:
        assert shared.told(each) == nothing, each
    for path in ("topics/mesotherapy", "topics", "faqs", "search?q=light", "", "guides/choosing-a-provider",
                 f"topics/{shared.slug}?locale=es", f"terms/{shared.slug}", "resolve?path=/treatments/mesotherapy",
                 f"faqs/{shared.slug}"):  # fmt: skip
        address = f"{SOUTH}/{path}".rstrip("/")
        reply = shared.house.client.get(f"{address}{'&' if '?' in path else '?'}token={token}")
        assert {**reply.json, "request_id": "", "instance": ""} == nothing[1], path
    for clinic in ("demo-north", "demo-private", "no-clinic"):
        assert shared.told(token, f"/v1/clinics/{clinic}/preview/topics/{shared.slug}") == nothing


def test_dr7_a_token_shows_its_own_revision_until_its_end_and_an_hour_at_most(shared: Shared) -> None:
    made = shared.link(expires_in=60)
    shared.desk.done("author", "PATCH", shared.path, {"document": {"title": "Another"}})
    assert shared.told(made["token"])[1]["data"]["title"] == "Canary light"
    with writing(shared.house.database, OPERATOR) as work:
        share = work.session.get_one(Share, made["id"])
        assert 0 < (share.expires_at - share.created_at).total_seconds() <= 3_600
        share.expires_at = work.now()
    assert shared.told(made["token"]) == shared.told("")
    asked = {"clinic": "demo-south", "type": "topic", "id": shared.entry, "expires_in": 3_601}
    assert shared.desk.ask("author", "POST", "/shares", asked).status_code == 422


@pytest.mark.parametrize("how", ["revoke", "use", "unpublish", "withdraw", "archive"])
def test_dr7_a_token_is_dead_after_its_use_its_revocation_and_its_texts_end(shared: Shared, how: str) -> None:
    desk, path = shared.desk, shared.path
    if how in ("unpublish", "withdraw"):
        desk.publish(path)
    token = (made := shared.link(once=how == "use"))["token"]
    assert shared.told(token)[0] == 200
    if how == "revoke":
        desk.done("author", "DELETE", f"/shares/{made['id']}", If_Match="*")
    elif how == "archive":
        desk.done("editor", "DELETE", path)
    elif how != "use":
        desk.move("publisher", path, how, **({"reason": "No longer offered."} if how == "withdraw" else {}))
    assert shared.told(token) == shared.told("")


@pytest.mark.either
def test_dr7_who_sees_no_draft_shares_none(shared: Shared) -> None:
    asked = {"clinic": "demo-south", "type": "topic", "id": shared.entry}
    reply = shared.desk.ask("editor@demo-south", "POST", "/shares", asked)
    assert reply.status_code == 404
    unknown = shared.desk.ask("editor@demo-south", "POST", "/shares", {**asked, "id": "top_00000000"})
    assert {**reply.json, "request_id": ""} == {**unknown.json, "request_id": ""}
    assert shared.desk.ask("editor@demo-north", "POST", "/shares", asked).status_code == 404
    shared.link()
    assert shared.desk.done("editor@demo-north", "GET", "/shares") == []


def test_a_perspective_with_more_in_it_is_refused(shared: Shared) -> None:
    house_key = bearer(key(shared.house, ["demo-south"], "preview")[1])
    for each in ("draftfoo", "draft:1", "release:rel_1!", "release:rel_1%00", "at:2030-01-01x", "at:", "live"):
        reply = shared.house.client.get(f"{SOUTH}/topics?perspective={each}", headers=house_key)
        assert reply.status_code == 400, (each, reply.text)


def test_dr7_the_links_of_somebody_who_is_refused_end_with_their_keys(house: House) -> None:
    shared = Shared(house, "leaver-light")
    asked = {"clinic": "demo-south", "type": "topic", "id": shared.entry}
    token = shared.desk.done("author:leaver", "POST", "/shares", asked)["token"]
    other = shared.link()["token"]
    assert shared.told(token)[0] == 200
    leaver = shared.desk.done("author:leaver", "GET", "/me")["person"]["id"]
    shared.desk.done("admin", "POST", f"/people/{leaver}/deactivate", If_Match="*")
    assert shared.told(token) == shared.told("") and shared.told(other)[0] == 200
    shared.desk.done("admin", "POST", f"/people/{leaver}/reactivate", If_Match="*")
    assert shared.told(token)[0] == 404


def test_dr7_a_preview_key_reads_its_own_clinics_and_no_drafts_of_others(shared: Shared) -> None:
    house, asked = shared.house, f"{SOUTH}/topics/{shared.slug}"
    get = lambda path, secret: house.client.get(path, headers=bearer(secret) if secret else {})  # noqa: E731
    north, south = (key(house, [each], "preview")[1] for each in ("demo-north", "demo-south"))
    assert [get(asked, each).status_code for each in (None, north, south)] == [401, 404, 200]
    assert get(asked, key(house, ["demo-south"])[1]).status_code == 403
    # The library's drafts are for those whom the house lets see them; a clinic's own key sees its own.
    body = {"kind": "preview", "name": "own", "clinics": ["demo-south"]}
    own = shared.desk.done("admin@demo-south", "POST", "/keys", body)
    assert (own["clinics"], own["library"]) == (["demo-south"], False) and get(asked, own["key"]).status_code == 404
    assert get(f"{SOUTH}/topics?perspective=at:2030-01-01", own["key"]).status_code == 403
    private = a_topic(title="North alone")
    shared.desk.create(f"{shared.slug}-north", private, name="author@demo-north", clinic="demo-north")
    assert get(f"{NORTH}/topics/{shared.slug}-north", north).status_code == 200
    assert get(f"{SOUTH}/topics/{shared.slug}-north", south).status_code == 404
    assert get(f"/v1/clinics/demo-south/topics/{shared.slug}", south).status_code == 404


@pytest.mark.either
def test_dr8_nobody_keeps_a_preview(shared: Shared) -> None:
    house, token = shared.house, shared.link()["token"]
    own = bearer(key(house, ["demo-south"], "preview")[1])
    own_paths = [f"topics/{shared.slug}{each}" for each in ("", ".md", ".jsonld")]
    others = ["topics", "search?q=light", "navigation", "", "categories", "sitemap.json", "topics/none"]
    for path in [*own_paths, *others, "resolve?path=/none"]:
        _closed(house.client.get(f"{SOUTH}/{path}".rstrip("/"), headers=own))
    _closed(house.client.get(f"{SOUTH}/topics"))
    _closed(house.client.get(f"{SOUTH}/topics/{shared.slug}?token={token}"))
    for each in (token, "wrong"):
        page = house.client.get(f"/preview?token={each}")
        _closed(page)
        assert "script-src" not in page.headers["Content-Security-Policy"] or page.status_code == 404
    assert not wants({"REQUEST_METHOD": "GET", "PATH_INFO": f"{SOUTH}/topics"})
    reply = house.client.get(f"{SOUTH}/topics", headers={**own, "Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in reply.headers and "Origin" in reply.headers["Vary"]


def _closed(reply: Any) -> None:
    assert reply.headers["Cache-Control"] == "private, no-store", reply.request.path
    assert reply.headers["X-Robots-Tag"].startswith("noindex")
    assert reply.headers["Referrer-Policy"] == "no-referrer"
    assert not {"Surrogate-Key", "Cache-Tag", "ETag", "Last-Modified"} & set(reply.headers)


def test_dr8_the_front_keeps_no_preview_and_a_draft_changes_no_public_reply(shared_process: Processes) -> None:
    there: Fronted = shared_process.start()
    own = bearer(key(there, ["demo-south"], "preview")[1])
    Desk(there).create("fronted-light", a_topic())
    before = there.get("demo-south/topics").data
    assert there.client.get(f"{SOUTH}/topics/fronted-light", headers=own).status_code == 200
    assert not [each for each in there.built.tier.entries if "preview" in each[0]]
    assert there.get("demo-south/topics").data == before
    assert there.client.get(f"{SOUTH}/topics/fronted-light").status_code == 401
    assert there.get("demo-south/topics/fronted-light").status_code == 404


def test_dr9_a_token_is_in_no_log_no_referrer_no_link_and_no_promise(
    shared: Shared, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = a_section("overview", "[Out](https://elsewhere.example/page).")
    shared.desk.done("author", "PATCH", shared.path, {"document": {"sections": {"overview": link}}})
    token, written = shared.link()["token"], []
    house = shared.house
    log = AccessLog(house.app.wsgi_app, 0, written.append)
    monkeypatch.setattr(house.app, "wsgi_app", log)
    with caplog.at_level(logging.DEBUG):
        page = house.client.get(f"/preview?token={token}")
        read = house.client.get(f"{SOUTH}/topics/{shared.slug}?token={token}")
        house.client.get(f"{SOUTH}/topics/none?token={token}")
        monkeypatch.setattr("api.preview.asking.previewing.lay", _broken)
        broken = house.client.get(f"{SOUTH}/topics/{shared.slug}?token={token}")
    log.flush()
    assert broken.status_code == 500 and "deliberately" in caplog.text
    assert "token=" in "".join(written) and page.status_code == read.status_code == 200
    assert "https://elsewhere.example/page" in page.text and page.headers["Referrer-Policy"] == "no-referrer"
    for text in (page.text, read.text, broken.text, caplog.text, "".join(written)):
        assert token not in text and token.rpartition(".")[2] not in text
    with looking(house.database, OPERATOR) as work:
        promises = [json.dumps(each.payload) + each.subject for each in work.session.query(Promise)]
    assert not [each for each in promises if token in each]


def _broken(*_: Any) -> None:
    raise RuntimeError("broken deliberately")
