"""Query counts: a reply takes a fixed number of statements, however long the page and however large the library."""

from __future__ import annotations

import pytest

from seed.bulk import add_generated
from tests.conftest import House
from tests.counting import counted

FRAME = 1
"""One statement for the clinic with its categories, once the process knows them."""
ITEM, LIST = 2, 4


def statements(house: House, path: str) -> int:
    """How many statements a reply takes once the clinic is known to the process."""
    house.data(path)
    with counted(house) as sent:
        house.data(path)
    assert sent, "a reply that asks nothing was not counted"
    return len(sent)


@pytest.mark.parametrize(
    "path",
    ["topics/mesotherapy", "topics/mesotherapy?view=card", "faqs/does-mesotherapy-hurt", "guides/choosing-a-provider",
     "terms/dermis", "topics/mesotherapy?locale=es"],
)  # fmt: skip
def test_an_item_without_includes_takes_two_statements(library: House, path: str) -> None:
    assert statements(library, f"demo-south/{path}") <= FRAME + ITEM


@pytest.mark.parametrize(
    "path",
    ["topics", "topics?page[size]=1", "topics?count=true", "topics?page[number]=1", "terms?locale=es",
     "topics?filter[kind]=treatment&sort=-title", "topics?view=full", "faqs", "faqs?count=true",
     "faqs?filter[topic]=mesotherapy"],
)  # fmt: skip
def test_a_list_takes_two_to_four_statements(library: House, path: str) -> None:
    assert statements(library, f"demo-south/{path}") <= FRAME + LIST


@pytest.mark.parametrize("path", ["topics/mesotherapy?include=faqs,related,guides,terms", "faqs?include=topics,terms"])
def test_an_include_takes_a_fixed_number_more(library: House, path: str) -> None:
    assert statements(library, f"demo-south/{path}") <= FRAME + LIST + 1


@pytest.mark.parametrize("path", ["terms?view=full", "faqs?view=full&include=topics,terms", "topics?include=faqs"])
def test_a_longer_page_takes_no_more_statements(library: House, path: str) -> None:
    small, large = (statements(library, f"demo-south/{path}&page[size]={size}") for size in (2, 100))
    assert large <= small


def test_a_larger_library_takes_no_more_statements(house: House) -> None:
    paths = ["demo-south/topics?page[size]=100", "demo-south/topics?view=full&include=faqs&page[size]=50",
             "demo-south/topics/mesotherapy", "demo-south/search?q=skin"]  # fmt: skip
    before = [statements(house, path) for path in paths]
    add_generated(house.database, 20)
    assert len(house.data(paths[0])["data"]) > 20
    assert [statements(house, path) for path in paths] == before
