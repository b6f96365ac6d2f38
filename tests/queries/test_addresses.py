"""Addresses that a reply gives out are ones that work: each leads to what it says."""

from __future__ import annotations

import pytest

from api.services.texts import entries
from tests.builders import a_topic, publish_text, save_category, writing_as
from tests.conftest import House
from tests.managing import Desk

CLINIC = "/clinics/demo-south"


@pytest.mark.either
@pytest.mark.parametrize(
    ("booking", "asks"),
    [
        ("https://south.example/book", "https://south.example/book?about=mesotherapy"),
        ("https://south.example/book#form", "https://south.example/book?about=mesotherapy#form"),
        ("https://south.example/book?by=web#form", "https://south.example/book?by=web&about=mesotherapy#form"),
        ("https://south.example/#/book?step=1", "https://south.example/?about=mesotherapy#/book?step=1"),
    ],
)
def test_what_a_visitor_asks_about_stands_before_the_anchor_of_the_booking_page(
    house: House, booking: str, asks: str
) -> None:
    desk = Desk(house)
    desk.ask("admin", "GET", CLINIC)
    desk.done("admin", "PATCH", CLINIC, {"booking": {"url": booking}})
    assert house.data("demo-south/topics/mesotherapy?fields[topic]=cta")["data"]["cta"]["url"] == asks


@pytest.mark.either
def test_a_category_without_words_in_a_language_leads_to_its_page_in_another(house: House) -> None:
    save_category(house.database, key="light", group="subject", texts={"en": {"title": "Light", "slug": "light"}})
    with writing_as(house.database, "author") as work:
        text = entries.create(work, "topic", "es", "luz", a_topic(title="Luz", categories=["light"]))
    publish_text(house.database, text)
    page = "/concerns/light"
    assert house.data("demo-south/categories/light?locale=es")["data"]["path"] == page
    assert house.data(f"demo-south/resolve?path={page}")["data"]["list"]["category"] == "light"
    given = house.data("demo-south/topics/luz?locale=es")["data"]
    assert (given["categories"][0]["title"], given["categories"][0]["path"]) == ("Light", page)
    assert given["breadcrumbs"][1] == {"label": "Light", "path": page}
    menu = house.data("demo-south/navigation?locale=es")["data"]
    assert [each["path"] for entry in menu for each in entry["children"] if each["key"] == "light"] == [page]
