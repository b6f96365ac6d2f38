"""The sitemap pages like any list: by rows, each once, whatever the size of the page."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

import pytest

from tests.builders import a_live_topic, create
from tests.conftest import House
from tests.counting import counted
from tests.managing import Desk

Given = dict[str, Any]


def walked(house: House, query: str, size: int) -> list[Given]:
    """Every row, page by page; no page is longer than asked, and only the last is shorter."""
    found: list[Given] = []
    address = f"/v1/clinics/demo-south/sitemap.json?{query}page[size]={size}"
    while address:
        reply = house.get(address)
        following = reply.json["links"]["next"]
        assert len(reply.json["data"]) == size if following else len(reply.json["data"]) <= size
        assert reply.headers.get("Link") == (f'<{following}>; rel="next"' if following else None)
        found += reply.json["data"]
        address = following
    return found


@pytest.mark.parametrize("query", ["", "locale=es&"])
def test_every_row_comes_once_whatever_the_size_of_the_page(library: House, query: str) -> None:
    whole = walked(library, query, 100)
    told = [(each["type"], each["id"], each["locale"]) for each in whole]
    assert len(set(told)) == len(told) and len(told) == (7 if query else 14)
    assert {each["locale"] for each in whole} == ({"es"} if query else {"en", "es"})
    for size in (1, 2, 3, 5, 14):
        assert walked(library, query, size) == whole


@pytest.mark.parametrize("locale", ["en", "es"])
def test_a_category_names_its_page_in_every_language_as_the_sitemap_does(library: House, locale: str) -> None:
    rows = [each for each in walked(library, f"locale={locale}&", 100) if each["type"] == "category"]
    assert len(rows) == 2
    for row in rows:
        told = library.data(f"demo-south/categories/{row['slug']}?locale={locale}")["data"]
        assert [{"hreflang": each["hreflang"], "url": each["url"]} for each in told["alternates"]] == row["alternates"]
        english, spanish, everybody = told["alternates"]
        assert everybody == {**english, "hreflang": "x-default"} and spanish["locale"] == "es"
        assert told["slug"] == {"en": english, "es": spanish}[locale]["slug"]


@pytest.mark.either
def test_a_type_of_which_only_one_kind_has_pages_stands_in_the_sitemap(house: House) -> None:
    desk = Desk(house)
    desk.ask("admin", "GET", "/clinics/demo-south")
    anchors = {"topic": None, "topic.treatment": "/treatments/{slug}", "topic.condition": "/conditions#{slug}"}
    nothing = {"topic": None, "topic.condition": None}
    desk.done("admin", "PATCH", "/clinics/demo-south", {"paths": {"en": anchors, "es": nothing}})
    rows = [each["path"] for each in walked(house, "", 100) if each["type"] == "topic"]
    assert sorted(rows) == ["/treatments/mesotherapy", "/treatments/microneedling"]


@pytest.mark.either
def test_the_sitemap_says_of_every_page_what_its_item_says_itself(house: House) -> None:
    desk = Desk(house)
    _moved(desk)
    told = walked(house, "", 100)
    rows = [each for each in told if each["type"] == "category"]
    for plural in ("guides", "topics"):
        pages: dict[str, dict[str, Given]] = {}
        for locale in ("en", "es"):
            for item in house.data(f"demo-south/{plural}?locale={locale}&fallback=none&page[size]=100")["data"]:
                pages.setdefault(item["id"], {})[locale] = item
        rows += [row for _, items in sorted(pages.items()) for row in _rows(items)]
    assert told == rows
    assert {"amber-draft", "amber-hidden", "amber-gone", "amber-own"}.isdisjoint(each["slug"] for each in rows)
    assert [each["locale"] for each in rows if each["slug"] == "cedar-own"] == ["en"]
    reply = house.get("demo-south/sitemap.xml")
    assert reply.data.decode() == _xml([each for each in rows if each["url"]])
    assert reply.text.count("<url>") == len(told)


def test_a_page_reads_as_many_statements_however_many_texts_there_are(house: House) -> None:
    def sent(size: int) -> int:
        assert house.get("demo-south/sitemap.json").status_code == 200
        with counted(house) as statements:
            assert house.get(f"demo-south/sitemap.json?page[size]={size}").status_code == 200
        return len(statements)

    few = sent(100)
    for number in range(9):
        create(house.database, f"draft-{number}")
    a_live_topic(house.database, "amber")
    assert sent(100) == few
    assert sent(13) <= few + 2, "entries of which nothing shows are passed over in ever longer steps"


def _moved(desk: Desk) -> None:
    """A library in which not everything shows: drafts, texts taken down, hidden, of the clinic's own, of another's."""
    desk.create("amber-draft")
    hidden, gone, changed = (desk.create(slug) for slug in ("amber-hidden", "amber-gone", "amber-changed"))
    for path in (hidden, gone, changed):
        desk.publish(path)
    desk.done("editor@demo-south", "POST", f"{hidden}/overlays/demo-south/moves/hide", {}, If_Match="*")
    desk.move("publisher", gone, "withdraw", reason="No longer offered.")
    desk.publish(desk.create("cedar-own", name="author@demo-south", clinic="demo-south"))
    desk.publish(desk.create("amber-own", name="author@demo-north", clinic="demo-north"))


def _rows(items: dict[str, Given]) -> list[Given]:
    """One entry's rows from its items by language, in the clinic's order."""
    urls = [{"hreflang": locale, "url": each["url"]} for locale, each in items.items() if each["url"]]
    alternates = [*urls, {"hreflang": "x-default", "url": urls[0]["url"]}]
    same = ("id", "type", "locale", "slug", "path", "url")
    return [
        {**{name: each[name] for name in same}, "lastmod": each["updated_at"], "alternates": alternates}
        for each in items.values()
    ]


def _xml(rows: list[Given]) -> str:
    def links(row: Given) -> str:
        found = ((each["hreflang"], escape(each["url"], {'"': "&quot;"})) for each in row["alternates"])
        return "".join(f'<xhtml:link rel="alternate" hreflang="{code}" href="{url}"/>' for code, url in found)

    spaces = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml"'
    pages = [
        f"<url><loc>{escape(row['url'])}</loc><lastmod>{row['lastmod']}</lastmod>{links(row)}</url>" for row in rows
    ]
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset {spaces}>' + "\n".join(pages) + "</urlset>\n"
