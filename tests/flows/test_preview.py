"""A draft is shown before it goes live: to a frontend by its preview key, to a reviewer by a link."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.builders import a_section, a_term, a_topic
from tests.conftest import House
from tests.managing import Desk
from tests.trust.desk import bearer, key

pytestmark = pytest.mark.either

CLINIC = "/v1/clinics/demo-south"
PREVIEW = f"{CLINIC}/preview"


@pytest.fixture
def desk(shared_house: House) -> Desk:
    return Desk(shared_house)


@pytest.fixture
def previewer(shared_house: House) -> dict[str, str]:
    return bearer(key(shared_house, ["demo-south"], "preview")[1])


def seen(house: House, path: str, headers: dict[str, str] | None = None) -> Any:
    reply = house.client.get(path, headers=headers or {})
    assert reply.status_code == 200, reply.text
    return reply.json


def test_a_draft_is_previewed_as_it_will_be_published(shared_house: House, desk: Desk, previewer: Any) -> None:
    house = shared_house
    words = "See [the glossary](/glossary) and **light**."
    path = desk.create("red-light", a_topic(title="Red light", sections=[a_section("overview", words)]))
    entry = path.rsplit("/", 1)[1]
    assert house.client.get(f"{CLINIC}/topics/red-light").status_code == 404

    before = seen(house, f"{PREVIEW}/topics/red-light?perspective=draft", previewer)
    told = before["meta"]["preview"]
    assert (told["perspective"], told["revision"], told["state"]) == ("draft", 1, "draft")
    assert [each["id"] for each in told["not_live"]] == [entry]
    assert before["data"]["links"]["self"] == f"{PREVIEW}/topics/red-light?locale=en&perspective=draft"
    listed = seen(house, f"{PREVIEW}/topics?page[size]=100", previewer)["data"]
    assert "red-light" in {each["slug"] for each in listed}
    hits = seen(house, f"{PREVIEW}/search?q=red+light", previewer)["data"]
    assert hits[0]["slug"] == "red-light", "who shares this house may write of red light too"
    markdown = house.client.get(f"{PREVIEW}/topics/red-light.md", headers=previewer)
    assert "**light**" in markdown.text and "ETag" not in markdown.headers

    desk.publish(path)
    after = seen(house, f"{CLINIC}/topics/red-light")
    assert seen(house, f"{PREVIEW}/topics/red-light", previewer)["meta"]["preview"]["state"] == "live"
    ignored = ("links", "review", "relationships")
    assert {**before["data"], **dict.fromkeys(ignored)} == {**after["data"], **dict.fromkeys(ignored)}


def test_a_link_shows_one_revision_to_whoever_holds_it(shared_house: House, desk: Desk) -> None:
    house = shared_house
    clinic = desk.ask("admin", "GET", "/clinics/demo-south")
    templates = [{"key": "site", "url": "https://south.example/preview?path={path}&token={token}"}]
    desk.etags["/clinics/demo-south"] = clinic.headers["ETag"]
    desk.done("admin", "PATCH", "/clinics/demo-south", {"preview_urls": templates})
    path = desk.create("amber-light", a_topic(title="Amber light"))
    entry = path.rsplit("/", 1)[1]
    asked = {"clinic": "demo-south", "type": "topic", "id": entry}
    made = desk.done("author", "POST", "/shares", asked)
    assert [each["key"] for each in made["links"]] == ["page", "site"]
    said = parse_qs(urlsplit(made["links"][1]["url"]).query)
    assert said == {"path": ["/treatments/amber-light"], "token": [made["token"]]}

    desk.done("author", "PATCH", path, {"document": {"title": "Amber light, changed"}})
    token = f"token={made['token']}"
    shown = seen(house, f"{PREVIEW}/topics/amber-light?{token}")
    assert shown["data"]["title"] == "Amber light" and shown["meta"]["preview"]["revision"] == 1
    resolved = seen(house, f"{PREVIEW}/resolve?path=/treatments/amber-light&{token}")
    assert resolved["included"][0]["title"] == "Amber light"
    page = house.client.get(f"/preview?{token}")
    assert page.status_code == 200 and "Amber light" in page.text and "Preview, not live" in page.text
    assert "revision 1, draft" in page.text and "script" not in page.text
    [(ends, told)] = re.findall(r'This link ends at <time datetime="([^"]+)">([^<]+)</time>', page.text)
    assert ends == made["expires_at"] and told.startswith(f"{ends[11:16]} UTC on ") and told.endswith(ends[:4])

    [listed] = desk.done("editor", "GET", f"/shares?filter[entry]={entry}")
    assert listed["state"] == "active" and "token" not in listed
    desk.done("editor", "DELETE", f"/shares/{listed['id']}", If_Match=listed["etag"])
    assert house.client.get(f"{PREVIEW}/topics/amber-light?{token}").status_code == 404
    assert house.client.get(f"/preview?{token}").status_code == 404
    assert desk.done("editor", "GET", f"/shares/{listed['id']}")["state"] == "revoked"


def test_a_release_and_an_instant_are_previewed(shared_house: House, desk: Desk, previewer: Any) -> None:
    house = shared_house
    path = desk.create("blue-light", a_term(title="Blue light"), kind="term")
    entry = path.rsplit("/", 1)[1]
    items = [{"type": "term", "id": entry}]
    release = desk.done("publisher", "POST", "/releases", {"clinic": None, "title": "Blue", "items": items})
    asked = f"{PREVIEW}/terms/blue-light?perspective="
    assert seen(house, f"{asked}release:{release['id']}", previewer)["data"]["title"] == "Blue light"
    assert house.client.get(f"{asked}release:rel_none", headers=previewer).status_code == 404
    assert house.client.get(f"{asked}at:2026-11-03", headers=previewer).status_code == 404

    desk.move("author", path, "submit")
    desk.move("editor", path, "approve")
    desk.move("publisher", path, "publish", at="2026-11-03T00:00:00Z")
    assert seen(house, f"{asked}at:2026-11-03", previewer)["meta"]["preview"]["at"] == "2026-11-03T00:00:00Z"
    local = seen(house, f"{asked}at:2026-11-03T01:00[Europe/Madrid]", previewer)
    assert local["meta"]["preview"]["at"] == "2026-11-03T00:00:00Z"
    nowhere = house.client.get(f"{asked}at:2026-11-03T01:00[Europe/Nowhere]", headers=previewer)
    assert (nowhere.status_code, nowhere.json["errors"][0]["parameter"]) == (400, "perspective")
    assert house.client.get(f"{asked}at:2026-11-02T23:59:59Z", headers=previewer).status_code == 404
    past = house.client.get(f"{asked}at:2020-01-01", headers=previewer)
    assert past.status_code == 400 and past.json["errors"][0]["parameter"] == "perspective"


def test_the_site_around_a_draft_is_previewed_with_it(shared_house: House, desk: Desk, previewer: Any) -> None:
    house = shared_house
    old = desk.create("old-name", a_topic(title="Old name"))
    desk.publish(old)
    desk.done("author", "PATCH", old, {"slug": "new-name", "document": {"title": "New name"}})
    for path in ("navigation", "categories", "sitemap.json", "faqs", "terms?view=card", ""):
        assert "preview" in seen(house, f"{PREVIEW}/{path}".rstrip("/"), previewer)["meta"], path
    assert seen(house, f"{PREVIEW}/topics/new-name", previewer)["data"]["title"] == "New name"
    desk.done("author", "PATCH", old, {"document": {"title": "Newer name"}})
    assert seen(house, f"{PREVIEW}/topics/new-name", previewer)["data"]["title"] == "Newer name"
    assert seen(house, f"{CLINIC}/topics/old-name")["data"]["title"] == "Old name"
    everyone = [each["slug"] for each in seen(house, f"{PREVIEW}/topics?page[size]=100", previewer)["data"]]
    assert everyone.count("new-name") == 1 and "old-name" not in everyone


def test_an_old_path_leads_to_where_it_will_lead(house: House) -> None:
    desk, previewer = Desk(house), bearer(key(house, ["demo-south"], "preview")[1])
    topic = desk.create("old-name")
    desk.publish(topic)
    house.database.clock.frozen_at = house.database.now() + 60
    desk.done("author", "PATCH", topic, {"slug": "new-name"})
    old = "resolve?path=/treatments/old-name"
    told = seen(house, f"{PREVIEW}/{old}", previewer)["data"]
    assert (told["kind"], told["status"], told["to"]) == ("redirect", 301, "/treatments/new-name")
    assert seen(house, f"{CLINIC}/{old}")["data"]["kind"] == "item"
    desk.publish(topic)
    assert seen(house, f"{CLINIC}/{old}")["data"] == told
