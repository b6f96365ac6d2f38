"""The service below a path of its host, such as https://example.org/cms: every address that it gives out leads back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from api.app import create_app
from api.config import from_env
from api.db import connect
from api.errors import NotReady
from tests.conftest import NOW, House, config
from tests.fronted import wait_until
from tests.live import KINDS, house_addresses, item_addresses, shaped_addresses
from tests.managing import Desk
from tests.pictures import uploaded

pytestmark = pytest.mark.either

ROOT, HOST = "/cms", "https://example.org"
OWN = r"(?:v1|docs|embed(?:\.js)?|oembed|media|static|preview|readyz)\b"
BARE = re.compile(rf"(?:{HOST}|(?<=[\"'(=\s<`]))/{OWN}[^\s\"'<>)`\\]*")
"""An address of the service without the path that it stands below."""
GIVEN = re.compile(rf"(?:{HOST})?{ROOT}(?:/{OWN}[^\s\"'<>)`\\]*|/(?=[\"' ]))")
MADE_UP = re.compile(r"[{}$…]|beacon|/old-treatment|^/(embed/v|media)/$")
"""What leads nowhere: examples, and what a policy allows to be loaded from."""
PAGES = ("/", "/docs", "/docs/problems", "/docs/problems/withdrawn", "/docs/embeds?clinic=demo-south", "/docs/")
CONTRACT = ("/v1/openapi.json", "/v1/types.d.ts", "/v1/client.ts", "/v1/schemas/topic", "/v1/clinics")
EMBEDS = (
    "/embed/demo-south/topics/mesotherapy", "/embed/demo-south/topics/mesotherapy.html", "/embed.js",
    "/embed/version.json", f"/oembed?url={quote(f'{HOST}{ROOT}/embed/demo-south/topics/mesotherapy')}",
    f"/oembed?url={quote('https://south.example/treatments/mesotherapy')}",
)  # fmt: skip
WRONG = ("/v1/clinics/demo-south/topcs", "/v1/clinics/demo-south/topics/nope", "/v1/clinics/demo-south/topics?a=1")


@pytest.fixture
def below(database_url: str, tmp_path: Path) -> Iterator[House]:
    """A house below a path, asked as a proxy asks that takes the path off."""
    settings = replace(config(database_url, tmp_path), public_url=f"{HOST}{ROOT}", access_log="none")
    database = connect(settings)
    database.clock.frozen_at = NOW
    app = create_app(settings, database)
    yield House(app, database, app.test_client())
    app.extensions["front"].stop()
    database.close()


def given(reply: Any) -> str:
    """All of a reply in which an address may stand: its head and its body, of text."""
    head = "\n".join(f"{name}: {value}" for name, value in reply.headers if name not in ("Content-Security-Policy",))
    body = reply.get_data(as_text=True) if not reply.mimetype.startswith(("image/", "font/")) else ""
    return f"{head}\n{unescape(body)}".replace('lastIndexOf("/embed/")', "")  # How a frame finds what it stands below.


def wrong(text: str) -> list[str]:
    return sorted(set(BARE.findall(text)))


def reads(house: House) -> Iterator[str]:
    """Every kind of read of a clinic: what is no item, lists with all that they include, an item of each type."""
    yield from house_addresses("demo-south", "en")
    for kind in KINDS:
        yield from shaped_addresses("demo-south", "en", kind)
        yield from item_addresses(house.data(f"demo-south/{KINDS[kind].plural}?view=full")["data"][0], "demo-south")
    yield "/v1/clinics/demo-south/topics?page[size]=1&page[number]=2"


def test_every_address_given_out_stands_below_the_path_and_leads_somewhere(below: House) -> None:
    asked, led_to = [*PAGES, *CONTRACT, *EMBEDS, *reads(below)], set()
    for path in asked:
        reply = below.client.get(path)
        assert reply.status_code in (200, 308), (path, reply.text[:300])
        text = given(reply)
        if path not in ("/v1/openapi.json", "/v1/types.d.ts", "/v1/client.ts"):  # Their paths stand below `servers`.
            assert wrong(text) == [], path
        led_to |= {each.removeprefix(HOST).removeprefix(ROOT).rstrip(".,;") for each in GIVEN.findall(text)}
    answers = {path: below.client.get(path or "/").status_code for path in led_to if not MADE_UP.search(path)}
    assert {path: status for path, status in answers.items() if status not in (200, 308)} == {}
    assert len(answers) > 100


def test_errors_name_their_pages_and_the_address_that_was_meant_below_the_path(below: House) -> None:
    for path in WRONG:
        problem = below.client.get(path).json
        assert problem["type"].startswith(f"{HOST}{ROOT}/docs/problems/")
        assert problem["instance"] == ROOT + urlsplit(path).path
        assert wrong(json.dumps({**problem, "instance": ""})) == []
    assert f"Did you mean {ROOT}/v1/clinics/demo-south/topics?" in below.client.get(WRONG[0]).json["detail"]


def test_writing_answers_with_addresses_below_the_path(below: House) -> None:
    desk = Desk(below)
    path = desk.create("below-a-path")
    made = desk.ask("author", "POST", "/entries/topic", {"locale": "en", "slug": "another", "document": {
        "kind": "treatment", "title": "T", "summary": "S."}})  # fmt: skip
    assert made.headers["Location"].startswith(f"{ROOT}/v1/manage/entries/topic/")
    first = desk.ask("author", "GET", "/entries/topic?page[size]=1").json["links"]
    for each in (first["self"], first["next"]):
        assert each.startswith(f"{ROOT}/v1/manage/entries/topic?")
    assert below.client.get(first["next"], headers={"Authorization": f"Bearer {desk.key('author')}"}).status_code == 200
    desk.publish(path)
    assert wrong(json.dumps(uploaded(desk, "editor"))) == []
    partner = desk.done("admin", "POST", "/partners", {"name": "Partner"})
    assert wrong(json.dumps(partner)) == [] and f"{HOST}{ROOT}/embed.js" in partner["snippet"]


def test_what_is_kept_and_what_is_asked_with_the_path_left_on_is_answered_alike(below: House) -> None:
    below.client.get("/v1/clinics/demo-south")
    wait_until(lambda: below.app.extensions["front"].coherence.readable)
    replies = [below.client.get(f"{root}/v1/clinics/demo-south/topics?locale=en") for root in ("", ROOT, ROOT, "")]
    assert {each.status_code for each in replies} == {200} and len({each.data for each in replies}) == 1
    assert replies[0].json["links"]["self"] == f"{ROOT}/v1/clinics/demo-south/topics?locale=en"
    assert {below.client.get(each).status_code for each in ("/", ROOT, f"{ROOT}/")} == {200}
    assert below.client.get("/v1/openapi.json").json["servers"] == [{"url": ROOT}]


@pytest.mark.parametrize("path", ["/v1", "/docs/cms", "/a b", "/a//b", "/%41", "/.."])
def test_a_path_that_cannot_be_told_from_the_services_own_is_refused_at_the_start(path: str) -> None:
    with pytest.raises(NotReady, match=r"CLINIC_CMS_PUBLIC_URL has the path"):
        from_env({"CLINIC_CMS_PUBLIC_URL": f"https://example.org{path}"})
