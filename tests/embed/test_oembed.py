"""oEmbed: from the address of a clinic's page to a frame, for consumers such as WordPress (EM7)."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import quote

import pytest

from api.cache.keys import key_of
from tests.builders import a_live_topic, a_topic, create, move, publish_text, revise
from tests.conftest import House

pytestmark = pytest.mark.either

PAGE = "https://south.example/treatments/mesotherapy"
EMBED = "https://api.example/embed/demo-south/topics/mesotherapy"


def oembed(house: House, url: str, more: str = "") -> Any:
    return house.get(f"/oembed?url={quote(url, safe='')}{more}")


def frame(reply: Any) -> dict[str, str]:
    """The attributes of the one iframe that a reply holds."""
    assert reply.status_code == 200, reply.text
    found = re.fullmatch(r"<iframe((?: [a-z]+=\"[^\"<>]*\")+)></iframe>", reply.json["html"])
    assert found, reply.json["html"]
    return {name: unescape(value) for name, value in re.findall(r' ([a-z]+)="([^"]*)"', found[1])}


def test_a_page_of_the_clinics_site_becomes_a_frame(library: House) -> None:
    reply = oembed(library, PAGE)
    told = reply.json
    assert reply.content_type == "application/json"
    assert (told["version"], told["type"]) == ("1.0", "rich")
    assert told["title"] == "Mesotherapy for acne scars · Demo Clinic South"
    assert (told["author_name"], told["provider_url"]) == ("Demo Clinic South", "https://api.example")
    assert (told["width"], told["height"], told["cache_age"]) == (640, 640, 3600)
    assert told["canonical"] == PAGE and told["indexing"] == "noindex"
    held = frame(reply)
    assert held["src"] == f"{EMBED}?locale=en"
    assert held["sandbox"] == "allow-scripts allow-popups allow-popups-to-escape-sandbox"
    assert (held["loading"], held["referrerpolicy"], held["title"]) == ("lazy", "no-referrer", told["title"])
    assert "Set-Cookie" not in reply.headers and reply.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("http://SOUTH.example/treatments/mesotherapy/?utm_source=x#risks", "topics/mesotherapy?locale=en"),
        ("https://south.example/es/tratamientos/mesoterapia", "topics/mesoterapia?locale=es"),
        ("https://south.example/guides/choosing-a-provider", "guides/choosing-a-provider?locale=en"),
        ("https://south.example/es/preguntas", "faqs?locale=es"),
        ("https://south.example/faq/#does-mesotherapy-hurt", "faqs/does-mesotherapy-hurt?locale=en"),
        ("https://south.example/faq#no-such-question", "faqs?locale=en"),
        ("https://south.example/glossary#collagen", "terms/collagen?locale=en"),
        (f"{EMBED}?theme=dark&utm=1", "topics/mesotherapy?theme=dark"),
        (f"{EMBED}.html", "topics/mesotherapy"),
        (f"{EMBED}/modules/risks?locale=es", "topics/mesotherapy/modules/risks?locale=es"),
        ("https://api.example/embed/demo-south/terms/collagen", "terms/collagen"),
    ],
)
def test_pages_and_embeds_are_found_by_their_address(library: House, url: str, path: str) -> None:
    held = frame(oembed(library, url))
    assert held["src"] == f"https://api.example/embed/demo-south/{path}"
    assert library.get(held["src"].removeprefix("https://api.example")).status_code == 200


def test_what_every_embed_links_to_as_its_oembed_answers(library: House) -> None:
    page = library.get("/embed/demo-south/topics/mesotherapy?theme=dark&locale=es")
    [link] = re.findall(r'<link rel="alternate" href="([^"]+)" type="application/json\+oembed">', page.text)
    held = frame(library.get(unescape(link).removeprefix("https://api.example")))
    assert held["src"] == f"{EMBED}?theme=dark&locale=es"


def test_what_the_consumer_says_of_looks_stands_over_what_the_address_says(library: House) -> None:
    assert frame(oembed(library, f"{EMBED}?theme=dark", "&theme=light"))["src"] == f"{EMBED}?theme=light"


@pytest.mark.parametrize(
    ("more", "size"),
    [
        ("&maxwidth=400&maxheight=300", (400, 300)),
        ("&maxwidth=1", (200, 640)),
        ("&maxwidth=999999999&maxheight=999999999", (640, 640)),
        ("&callback=alert&for=wordpress&utm_source=x", (640, 640)),
    ],
)
def test_sizes_are_held_within_bounds_and_strangers_parameters_passed_over(
    library: House, more: str, size: tuple[int, int]
) -> None:
    reply = oembed(library, PAGE, more)
    assert (reply.json["width"], reply.json["height"]) == size
    assert (frame(reply)["width"], frame(reply)["height"]) == (str(size[0]), str(size[1]))
    assert reply.text.startswith("{")


@pytest.mark.parametrize("number", ["-1", "NaN", "1e9", "0", "", "9999999999", "12px", "１２"])
def test_a_size_that_is_none_is_refused(library: House, number: str) -> None:
    reply = oembed(library, PAGE, f"&maxwidth={number}&maxheight={number}")
    assert reply.status_code == 400
    assert [each["parameter"] for each in reply.json["errors"]] == ["maxwidth", "maxheight"]


@pytest.mark.parametrize("form", ["xml", "JSON", "", "json&format=xml"])
def test_only_json_is_offered(library: House, form: str) -> None:
    reply = oembed(library, PAGE, f"&format={form}")
    assert (reply.status_code, reply.json["code"]) == (501, "not_implemented")
    assert oembed(library, PAGE, "&format=json").status_code == 200


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("https://evil.example/treatments/mesotherapy", 404),
        ("https://south.example.evil.example/treatments/mesotherapy", 404),
        ("https://south.example:444/treatments/mesotherapy", 404),
        ("https://api.example@evil.example/embed/demo-south/topics/mesotherapy", 400),
        ("https://api.example/v1/clinics/demo-south/topics/mesotherapy", 404),
        ("https://api.example/embed/demo-south/topics/no-such-topic", 404),
        ("https://api.example/embed/demo-south/../demo-private/topics/mesotherapy", 404),
        ("https://api.example/embed/demo-private/topics/mesotherapy", 404),
        ("https://private.example/treatments/mesotherapy", 404),
        ("https://south.example/treatments/no-such-topic", 404),
        ("https://south.example/", 404),
        ("https://north.example/tratamiento/mesoterapia", 403),
        ("javascript:alert(1)//south.example/treatments/mesotherapy", 400),
        ("data:text/html,hello", 400),
        ("//south.example/treatments/mesotherapy", 400),
        ("https://[south.example/", 400),
        ("https:///treatments/mesotherapy", 400),
        ("https://south.example/\x00", 400),
        (f"https://south.example/{'a' * 10_000}", 400),
        ("", 400),
    ],
)
def test_what_is_no_public_text_gets_no_frame(library: House, url: str, status: int) -> None:
    reply = oembed(library, url)
    assert (reply.status_code, reply.mimetype) == (status, "application/problem+json")
    assert "<iframe" not in reply.text


def test_a_title_is_escaped_where_it_stands_in_html(house: House) -> None:
    title = 'Light "x" <script>alert(1)</script> & more'
    a_live_topic(house.database, "hostile", a_topic(title=title))
    reply = oembed(house, "https://south.example/treatments/hostile")
    assert reply.json["title"].startswith(title)
    assert "<script" not in reply.json["html"] and frame(reply)["title"].startswith(title)


def test_a_draft_has_no_frame_and_a_withdrawn_text_is_gone(house: House) -> None:
    create(house.database, "not-yet")
    assert oembed(house, "https://south.example/treatments/not-yet").status_code == 404
    shown = a_live_topic(house.database, "was-live")
    assert oembed(house, "https://south.example/treatments/was-live").status_code == 200
    move(house.database, "withdraw", shown, "publisher", reason="No longer offered.")
    for url in ("https://south.example/treatments/was-live", f"{EMBED.rsplit('/', 1)[0]}/was-live"):
        assert oembed(house, url).status_code == 410


def test_an_old_address_leads_to_what_took_its_place(house: House) -> None:
    text = a_live_topic(house.database, "old-name")
    revise(house.database, text, a_topic(summary="Other words."), slug="new-name")
    publish_text(house.database, text)
    assert frame(oembed(house, "https://south.example/treatments/old-name"))["src"].endswith("/new-name?locale=en")


def test_two_addresses_are_kept_apart_and_strangers_parameters_together() -> None:
    assert key_of("/oembed", "url=a&utm=1") == key_of("/oembed", "utm=2&url=a&callback=x")
    assert key_of("/oembed", "url=a") != key_of("/oembed", "url=b")
    assert key_of("/oembed", "url=a&maxwidth=3") != key_of("/oembed", "url=a")
