"""The sitemap pages like any list: by rows, each once, whatever the size of the page."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import House

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
