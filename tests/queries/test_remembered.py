"""What a process remembers of a clinic: nothing is refused by a profile or categories that are no more."""

from __future__ import annotations

import pytest

from tests.conftest import House
from tests.managing import Desk

CLINIC = "/clinics/demo-south"
LANGUAGES = [{"code": "en", "fallback": []}, {"code": "es", "fallback": ["en"]}, {"code": "fr", "fallback": ["en"]}]
LASER = {"key": "laser", "group": "subject", "texts": {"en": {"title": "Laser", "slug": "laser"}}}


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


@pytest.mark.parametrize("path", [
    "/v1/clinics/demo-south/topics?locale=fr", "/v1/clinics/demo-south?locale=fr",
    "/v1/clinics/demo-south/topics/mesotherapy?locale=fr", "/v1/clinics/demo-south/search?q=skin&locale=fr",
    "/v1/clinics/demo-south/categories?locale=fr", "/v1/clinics/demo-south.jsonld?locale=fr",
    "/embed/demo-south/topics/mesotherapy?locale=fr", "/v1/clinics/demo-south/topics?fallback=fr",
])  # fmt: skip
def test_a_language_is_known_as_soon_as_the_clinic_has_it(house: House, desk: Desk, path: str) -> None:
    assert house.client.get(path).status_code == 400
    desk.done("admin", "PATCH", CLINIC, {"locales": LANGUAGES}, If_Match="*")
    assert house.client.get(path).status_code == 200
    desk.done("admin", "PATCH", CLINIC, {"locales": LANGUAGES[:2]}, If_Match="*")
    assert house.client.get(path).status_code == 400


@pytest.mark.parametrize("path", ["categories/laser", "topics?filter[category]=laser", "resolve?path=/concerns/laser"])
def test_a_category_is_known_as_soon_as_there_is_one(house: House, desk: Desk, path: str) -> None:
    before = house.get(f"demo-south/{path}")
    made = desk.done("admin", "POST", "/categories", {**LASER, "clinic": "demo-south"})
    after = house.get(f"demo-south/{path}")
    assert after.status_code == 200 and before.data != after.data or before.status_code == 200
    desk.done("admin", "DELETE", f"/categories/{made['id']}", If_Match="*")
    assert house.get(f"demo-south/{path}").status_code == before.status_code


def test_a_path_is_known_as_soon_as_the_clinic_has_its_template(house: House, desk: Desk) -> None:
    path = "demo-south/resolve?path=/cures/mesotherapy"
    assert house.get(path).status_code == 404
    desk.done("admin", "PATCH", CLINIC, {"paths": {"en": {"topic": "/cures/{slug}"}}}, If_Match="*")
    assert house.data(path)["data"]["kind"] == "item"
