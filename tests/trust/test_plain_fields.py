"""IN13 to IN15 in plain fields: none is dear to read, none is a template, and none ends a header."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from marshmallow import ValidationError, fields

from api.rules.words.queries import parse_query
from schemas.clinic import LocaleCode, Path, PreviewTemplate, SitePath
from schemas.strict import Key, Slug, Web
from tests.builders import a_section, a_topic
from tests.conftest import House
from tests.growth import grows_in_proportion
from tests.managing import Desk
from tests.pictures import a_picture, sent

pytestmark = pytest.mark.either
FORMS: dict[str, fields.Field[Any]] = {
    "slug": Slug(), "key": Key(), "web": Web(), "e-mail": fields.Email(), "path": Path(), "site path": SitePath(),
    "language": LocaleCode(), "preview": PreviewTemplate(),
}  # fmt: skip
PIECES = ("a-", "a", "a.", "a@", "http://a", "https://a/", "{path}", "/", "+1 ", "\t", "é", "%2f", '"a')
LITERAL = ("{{7*7}}", "{0.__class__}", "%s %(x)s", "${7*7}", "#{7*7}", "{% x %}")
SPLIT = "a\r\nX-Evil: 1"


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


@pytest.mark.parametrize("name", FORMS)
def test_in13_no_form_of_a_field_takes_longer_than_its_length_explains(name: str) -> None:
    def read(size: int) -> None:
        for piece in PIECES:
            with contextlib.suppress(ValidationError):
                FORMS[name].deserialize(piece * (size // len(piece)) + "\n")

    assert grows_in_proportion(read, 10_000)


def test_in13_no_search_takes_longer_to_read_than_its_length_explains() -> None:
    pieces = ('"', "-", '-"', "a ", "'s ", "a-", "\u0301", "ll\u00b7")
    assert grows_in_proportion(lambda size: [parse_query(each * (size // len(each)), "en") for each in pieces], 10_000)


def test_in14_what_looks_like_a_template_is_given_out_as_it_was_written(house: House, desk: Desk) -> None:
    words, prose = " ".join(LITERAL), "{0.format} %s %(x)s ${7} {% x %}"
    desk.publish(desk.create("in14", a_topic(title=words, summary=words, sections=[a_section("overview", prose)])))
    item = house.data("demo-south/topics/in14")["data"]
    assert (item["title"], item["summary"]) == (words, words)
    embed, markdown = house.get("/embed/demo-south/topics/in14").text, house.get("demo-south/topics/in14.md").text
    assert prose in item["sections"][0]["body"]["value"] and prose in embed and prose in markdown
    assert words in embed
    told = sent(desk, "editor", a_picture(), {"name": words}).json["data"]
    assert (told["name"], desk.done("editor", "GET", f"/media/{told['id']}")["name"]) == (words, words)


def test_in15_what_ends_a_line_ends_no_header(house: House, desk: Desk) -> None:
    for name, value in (("to", f"/a{SPLIT}"), ("from", f"/a{SPLIT}"), ("to", f"https://e.example/{SPLIT}")):
        body = {"from": "/old", "to": "/new", "status": 301, "clinic": "demo-south", name: value}
        reply = desk.ask("editor", "POST", "/redirects", body)
        assert (reply.status_code, reply.json["errors"][0]["pointer"]) == (422, f"/{name}")
    sent_on = "a%0d%0aX-Evil:%201"
    for address in (
        f"demo-south/topics?page[size]=1&filter[title][contains]=a{sent_on}", f"demo-south/topics/{sent_on}",
        f"demo-south/search?q={sent_on}", f"demo-south/resolve?path=/{sent_on}", f"/embed/{sent_on}/faqs",
        f"/oembed?url={sent_on}", f"/media/{sent_on}/a.webp", f"/{sent_on}",
    ):  # fmt: skip
        reply = house.get(address, headers={"X-Min-Publication": "0"})
        assert reply.status_code < 500 and "X-Evil" not in reply.headers, address
        assert not any("\n" in value or "\r" in value for _, value in reply.headers), address
