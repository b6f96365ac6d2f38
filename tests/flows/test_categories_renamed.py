"""Categories whose slug changed: their old addresses and pages lead to what they are called now."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import House
from tests.managing import Desk

pytestmark = pytest.mark.either

TEXTS = {"en": {"title": "Laser", "slug": "laser"}, "es": {"title": "Láser", "slug": "laser-es"}}
LASER = {"key": "laser-key", "group": "subject", "texts": TEXTS}


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def made(desk: Desk, **more: Any) -> str:
    return f"/categories/{desk.done('editor', 'POST', '/categories', {**LASER, **more})['id']}"


def rename(desk: Desk, path: str, **slugs: str | None) -> None:
    """New slugs by language; None takes the language away."""
    desk.done("editor", "PATCH", path, {"texts": {code: slug and {"slug": slug} for code, slug in slugs.items()}},
              If_Match="*")  # fmt: skip


def found(house: House, slug: str, clinic: str = "demo-south") -> str | None:
    reply = house.get(f"{clinic}/categories/{slug}")
    return reply.json["data"]["key"] if reply.status_code == 200 else None


def led(house: House, path: str, clinic: str = "demo-south") -> str | None:
    """Where a path leads, the same in both answers; None where it is no redirect."""
    listed = {each["from"]: each["to"] for each in house.data(f"{clinic}/redirects")["data"]}
    reply = house.get(f"{clinic}/resolve?path={path}")
    told = reply.json["data"] if reply.status_code == 200 else {"kind": "none"}
    to = told["to"] if told["kind"] == "redirect" else None
    assert to == listed.get(path) and (to is None or told["status"] == 301)
    return to


def test_an_old_slug_finds_the_category_and_its_old_page_leads_on_in_each_language(house: House, desk: Desk) -> None:
    path = made(desk)
    rename(desk, path, en="light")
    assert house.data("demo-south/categories/laser")["data"]["slug"] == "light"
    assert led(house, "/concerns/laser") == "/concerns/light"
    assert led(house, "/es/motivos/laser-es") is None and led(house, "/concerns/light") is None
    rename(desk, path, en="beams", es="rayos")
    assert [led(house, f"/concerns/{each}") for each in ("laser", "light")] == ["/concerns/beams"] * 2
    assert led(house, "/es/motivos/laser-es") == "/es/motivos/rayos"
    assert led(house, "/en/subjects/laser", "demo-north") == "/en/subjects/beams"


def test_a_slug_taken_back_or_by_another_category_leads_nowhere_and_by_its_end_it_leads_again(
    house: House, desk: Desk
) -> None:
    path = made(desk)
    rename(desk, path, en="light")
    rename(desk, path, en="laser")
    assert led(house, "/concerns/laser") is None and led(house, "/concerns/light") == "/concerns/laser"
    rename(desk, path, en="light")
    other = made(desk, key="other", texts={"en": {"title": "Other", "slug": "laser"}})
    assert found(house, "laser") == "other" and led(house, "/concerns/laser") is None
    desk.done("editor", "DELETE", other, If_Match="*")
    assert found(house, "laser") == "laser-key" and led(house, "/concerns/laser") == "/concerns/light"
    desk.done("editor", "DELETE", path, If_Match="*")
    assert found(house, "laser") is None and led(house, "/concerns/laser") is None


def test_of_two_that_had_a_slug_the_clinics_own_is_found_then_the_last(house: House, desk: Desk) -> None:
    first = made(desk)
    rename(desk, first, en="light")
    second = made(desk, key="other", texts={"en": {"title": "Other", "slug": "laser"}})
    house.at(60)
    rename(desk, second, en="beams")
    assert found(house, "laser") == "other" and led(house, "/concerns/laser") == "/concerns/beams"
    own = made(desk, key="ours", clinic="demo-south")
    rename(desk, own, en="ours")
    assert found(house, "laser") == "ours" and led(house, "/concerns/laser") == "/concerns/ours"
    assert found(house, "laser", "demo-north") == "other"


def test_the_old_page_of_a_library_category_leads_to_the_clinics_own_of_its_key(house: House, desk: Desk) -> None:
    rename(desk, made(desk), en="light")
    made(desk, clinic="demo-south", texts={"en": {"title": "Our laser", "slug": "our-laser"}})
    assert led(house, "/concerns/laser") == "/concerns/our-laser"
    assert led(house, "/en/subjects/laser", "demo-north") == "/en/subjects/light"
    assert house.data("demo-south/categories/laser")["data"]["slug"] == "our-laser"


def test_a_language_that_a_category_lost_is_found_by_its_slug_and_is_no_redirect(house: House, desk: Desk) -> None:
    rename(desk, made(desk), es=None)
    assert found(house, "laser-es") == "laser-key" and led(house, "/es/motivos/laser-es") is None


def test_a_written_redirect_comes_before_a_former_slug_and_ends_at_todays_page(house: House, desk: Desk) -> None:
    path = made(desk)
    desk.done("editor", "POST", "/redirects", {"clinic": "demo-south", "from": "/lasers", "to": "/concerns/laser"})
    rename(desk, path, en="light")
    assert led(house, "/lasers") == "/concerns/light"
    circle = {"clinic": "demo-south", "from": "/concerns/light", "to": "/concerns/laser"}
    assert desk.ask("editor", "POST", "/redirects", circle).json["errors"][0]["code"] == "circle"
    desk.done("editor", "POST", "/redirects", {"clinic": "demo-south", "from": "/concerns/laser", "to": "/new"})
    assert led(house, "/concerns/laser") == led(house, "/lasers") == "/new"


def test_a_category_of_questions_has_no_page_but_is_found_by_its_former_slug(house: House, desk: Desk) -> None:
    path = made(desk, group="faq")
    rename(desk, path, en="light")
    assert found(house, "laser") == "laser-key" and led(house, "/concerns/laser") is None
