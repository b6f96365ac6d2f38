"""Paths of a clinic's site lead to what stands there, however the clinic and the visitor's browser spell them."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.conftest import House
from tests.managing import Desk

CLINIC = "/clinics/demo-south"


def resolved(house: House, path: str) -> Any:
    """What stands under a path as a browser sends it."""
    return house.data(f"demo-south/resolve?path={quote(path)}&view=card")["data"]


@pytest.mark.either
@pytest.mark.parametrize(
    ("template", "page", "listed"),
    [
        ("/treatments/{slug}/", "/treatments/mesotherapy/", "/treatments/"),
        ("/our%20care/{slug}", "/our%20care/mesotherapy", "/our%20care"),
        ("/guías/{slug}", "/gu%C3%ADas/mesotherapy", "/gu%C3%ADas"),
    ],
    ids=["trailing slash", "encoded", "not ASCII"],
)
def test_the_path_that_an_item_or_a_list_gives_out_leads_to_it(
    house: House, template: str, page: str, listed: str
) -> None:
    desk = Desk(house)
    desk.ask("admin", "GET", CLINIC)
    written = {"topic": template, "topics": template.replace("{slug}", "")}
    desk.done("admin", "PATCH", CLINIC, {"paths": {"en": written}})
    told = house.data("demo-south/topics/mesotherapy?view=card")["data"]["path"]
    for path in (page, told, page.rstrip("/"), f"{page}/".replace("//", "/")):
        assert resolved(house, path)["item"]["slug"] == "mesotherapy"
    assert resolved(house, listed)["list"] == {"type": "topic", "category": None}


@pytest.mark.either
def test_a_redirect_leads_to_the_end_of_its_way_however_its_steps_are_spelled(house: House) -> None:
    desk = Desk(house)
    ways = {
        "/a": "/b/", "/b": "/c", "/d": "https://south.example/b", "/e": "/b#risks", "/f/": "/our%20care",
        "/our care": "/g", "/h": "https://south.example/mesotherapy/",
    }  # fmt: skip
    for start, to in ways.items():
        said = {"clinic": "demo-south", "from": start.replace(" ", "%20"), "to": to}
        assert desk.ask("admin", "POST", "/redirects", said).status_code == 201
    ends = {"/a": "/c", "/d": "/c", "/e": "/b#risks", "/f": "/g", "/f/": "/g", "/h": "/treatments/mesotherapy"}
    assert {path: resolved(house, path)["to"] for path in ends} == ends
    told = {each["from"]: each["to"] for each in house.data("demo-south/redirects")["data"]}
    assert {path: told[path] for path in ("/a", "/d", "/e", "/f/", "/our%20care")} == {
        "/a": "/c", "/d": "/c", "/e": "/b#risks", "/f/": "/g", "/our%20care": "/g",
    }  # fmt: skip
