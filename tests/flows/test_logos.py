"""The story of a logo: a picture that a clinic's profile names, shown wherever the clinic speaks of itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from api.db import Clock
from api.worker import Worker
from tests.conftest import NOW, House
from tests.managing import Desk
from tests.pictures import a_picture, sent, uploaded

pytestmark = pytest.mark.either
PROFILE = "/clinics/demo-south"


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def logo(house: House, clinic: str = "demo-south", **query: str) -> Any:
    return house.data(f"{clinic}?{'&'.join(f'{name}={value}' for name, value in query.items())}")["data"]["logo"]


def named(desk: Desk, media_id: str | None, name: str = "admin") -> Any:
    return desk.ask(name, "PATCH", PROFILE, {"logo": media_id}, If_Match="*")


def codes(reply: Any) -> list[tuple[str, str]]:
    return [(each["code"], each["pointer"]) for each in reply.json["errors"]]


def test_a_clinic_names_a_picture_as_its_logo_and_shows_it_wherever_it_speaks_of_itself(
    house: House, desk: Desk
) -> None:
    assert logo(house) is None
    told = uploaded(desk, "editor", alt={"en": "South, a demo"}, clinic="demo-south")
    assert codes(named(desk, told["id"])) == [("alt_missing", "/logo")]
    desk.done("editor", "PATCH", f"/media/{told['id']}", {"alt": {"es": "Sur, una muestra"}})
    assert named(desk, told["id"]).json["data"]["profile"]["logo"] == told["id"]

    shown = logo(house)
    assert (shown["id"], shown["alt"], shown["width"]) == (told["id"], "South, a demo", 60)
    assert [each["type"] for each in shown["sources"]] == ["image/avif", "image/webp"]
    assert logo(house, locale="es")["alt"] == "Sur, una muestra" and logo(house, "demo-north") is None
    card = next(each for each in house.data("/v1/clinics")["data"] if each["slug"] == "demo-south")
    assert card["logo"] == shown
    for page in ("demo-south.jsonld", "demo-south/topics/mesotherapy.jsonld", "demo-south/topics.jsonld"):
        graph = house.get(page).get_data(as_text=True)
        assert '"logo":{"@type":"ImageObject"' in graph and shown["src"] in graph, page
    file = house.client.get(shown["src"].removeprefix("https://api.example"))
    assert (file.status_code, file.mimetype) == (200, "image/webp")

    usages = desk.done("editor", "GET", f"/media/{told['id']}/usages")
    assert (usages["logos"], usages["others"]) == (["demo-south"], 0)
    assert desk.done("editor", "GET", f"/media/{told['id']}")["live"] is True
    assert told["id"] in [each["id"] for each in desk.done("editor", "GET", "/media?filter[live]=true")]
    kept = desk.ask("editor", "DELETE", f"/media/{told['id']}")
    assert kept.json["blockers"][0]["detail"] == "It is the logo of demo-south."
    lost = desk.ask("editor", "PATCH", f"/media/{told['id']}", {"alt": {"es": None}})
    assert (lost.status_code, lost.json["blockers"][0]["pointer"]) == (409, "/alt/es")
    assert desk.ask("author", "PATCH", f"/media/{told['id']}", {"caption": {"en": "Mine"}}).status_code == 403

    assert named(desk, None).status_code == 200 and logo(house) is None
    assert house.client.get(shown["src"].removeprefix("https://api.example")).status_code == 404
    assert desk.ask("editor", "DELETE", f"/media/{told['id']}").status_code == 200


def test_a_logo_that_is_replaced_is_another_at_once(house: House, desk: Desk) -> None:
    told = uploaded(desk, "editor")
    named(desk, told["id"])
    before = logo(house)["src"]
    desk.done("editor", "GET", f"/media/{told['id']}")
    assert sent(desk, "author", a_picture(size=(70, 40)), method="PUT", path=f"/media/{told['id']}",
                If_Match=desk.etags[f"/media/{told['id']}"]).status_code == 403  # fmt: skip
    new = sent(
        desk, "editor", a_picture(size=(70, 40)), method="PUT", path=f"/media/{told['id']}",
        If_Match=desk.etags[f"/media/{told['id']}"],
    )  # fmt: skip
    assert new.status_code == 200, new.text
    assert logo(house)["src"] != before and logo(house)["width"] == 70


def test_only_a_picture_that_this_clinic_may_show_is_its_logo(house: House, desk: Desk) -> None:
    foreign = uploaded(desk, "editor", clinic="demo-north")
    for media_id in ("med_00000000", foreign["id"]):
        assert codes(named(desk, media_id)) == [("unknown_picture", "/logo")]
    assert codes(named(desk, "http://e.example/a.png")) == [("invalid", "/logo")]
    person = uploaded(desk, "editor", shows_person=True)
    assert codes(named(desk, person["id"])) == [("consent_missing", "/logo")]
    desk.done("editor", "PATCH", f"/media/{person['id']}", {"consent": {"clinics": ["demo-north"]}})
    assert codes(named(desk, person["id"])) == [("consent_missing", "/logo")]


def test_a_logo_of_a_person_goes_with_their_consent(house: House, desk: Desk) -> None:
    told = uploaded(desk, "editor", shows_person=True, consent={"until": "2026-11-01T09:00:00Z", "uses": ["site"]})
    media = f"/media/{told['id']}"
    assert named(desk, told["id"]).status_code == 200
    shown, clinics = logo(house), "/v1/clinics"
    assert shown is not None
    house.at(3_590)
    for page in ("demo-south", "demo-south/topics/mesotherapy.jsonld", clinics):
        assert "s-maxage=9" in house.get(page).headers["Cache-Control"], page
    house.at(3_600)
    assert logo(house) is None and shown["src"] not in house.get(clinics).text
    assert house.client.get(shown["src"].removeprefix("https://api.example")).status_code == 410
    assert Worker(house.database).once() == 1, "the end is numbered, and told to whoever keeps copies"

    assert desk.ask("admin", "PATCH", PROFILE, {"tagline": {"en": "Still a demo"}}, If_Match="*").status_code == 200
    desk.done("editor", "GET", media)
    desk.done("editor", "PATCH", media, {"consent": {"until": None}})
    assert logo(house)["src"] == shown["src"]
    assert desk.ask("editor", "POST", f"{media}/moves/revoke", {"reason": "Asked for."}).status_code == 200
    assert logo(house) is None


@dataclass
class Hurried(Clock):
    """A clock by which a second passes between any two looks at it."""

    def now(self) -> float:
        self.offset += 1
        return super().now()


@pytest.mark.parametrize("before", range(1, 8))
def test_a_logo_whose_consent_ends_while_the_clinics_are_listed_is_kept_no_longer(
    house: House, desk: Desk, before: int
) -> None:
    told = uploaded(desk, "editor", shows_person=True, consent={"until": "2026-11-01T09:00:00Z", "uses": ["site"]})
    assert named(desk, told["id"]).status_code == 200
    house.database.clock = Hurried(NOW + 3_600 - before)
    reply = house.get("/v1/clinics")
    shown = any(each["logo"] for each in reply.json["data"])
    assert not shown or "stale" not in reply.headers["Cache-Control"], "it would be kept past the end"
