"""The story of a picture: sent in, described, gone live with a text in two languages, replaced, and revoked."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from api.models import Purge
from api.worker import Worker
from tests.builders import a_topic, publications
from tests.conftest import House
from tests.live import contract
from tests.managing import Desk
from tests.pictures import a_picture, sent, uploaded
from tests.trust.desk import bearer, key

pytestmark = pytest.mark.either


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def path_of(url: str) -> str:
    assert url.startswith("https://api.example/media/")
    return url.removeprefix("https://api.example")


def image(house: House, slug: str = "light", clinic: str = "demo-south", **query: str) -> Any:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    return house.data(f"{clinic}/topics/{slug}?{asked}")["data"]["image"]


def test_a_picture_is_sent_in_and_goes_live_with_its_text(house: House, desk: Desk) -> None:
    data = a_picture("JPEG", (700, 500))
    about: Any = {"said": {"alt": {"en": "Two bands"}}, "file": "Bänder.jpg", "type": "image/jpeg"}
    first = sent(desk, "author", data, **about, Idempotency_Key="once")
    assert first.status_code == 201 and first.headers["Location"].endswith(first.json["data"]["id"])
    again = sent(desk, "author", data, **about, Idempotency_Key="once")
    assert again.json == first.json and again.headers["Idempotency-Replayed"] == "true"
    told = first.json["data"]
    assert (told["name"], told["kind"], told["width"], told["height"]) == ("Bänder.jpg", "photo", 700, 500)
    names = ["original", "1200.jpg", "960.avif", "960.webp", "480.avif", "480.webp"]
    assert [each["name"] for each in told["renditions"]] == names
    assert {each["url"] for each in told["renditions"]} == {None} and told["live"] is False
    preview = desk.ask("author", "GET", told["renditions"][3]["preview"].removeprefix("/v1/manage"))
    assert preview.status_code == 200 and preview.mimetype == "image/webp"
    assert preview.headers["Cache-Control"] == "private, no-store"

    desk.publish(desk.create("light", a_topic(image=told["id"])))
    shown = image(house)
    assert (shown["alt"], shown["width"], shown["height"], shown["id"]) == ("Two bands", 700, 500, told["id"])
    assert shown["sources"][1]["srcset"].endswith("/960.webp 700w") and shown["src"].endswith("/960.webp")
    card = next(each for each in house.data("demo-south/topics?view=card")["data"] if each["slug"] == "light")
    assert card["image"] == shown
    seo = house.data("demo-south/topics/light")["data"]["seo"]["image"]
    assert seo["src"].endswith("/1200.jpg") and seo["type"] == "image/jpeg" and seo["width"] == 700
    graph = house.get("demo-south/topics/light.jsonld").get_data(as_text=True)
    assert '"primaryImageOfPage":{"@type":"ImageObject"' in graph and shown["src"] in graph
    assert f"![Two bands]({shown['src']})" in house.get("demo-south/topics/light.md").text
    bytes_ = house.client.get(path_of(shown["src"]))
    assert (bytes_.status_code, bytes_.mimetype) == (200, "image/webp")
    assert bytes_.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert bytes_.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_a_picture_needs_its_words_in_each_language_in_which_it_shows(house: House, desk: Desk) -> None:
    told = uploaded(desk, alt={"en": "Two bands"})
    topic, media = desk.create("light", a_topic(image=told["id"])), f"/media/{told['id']}"
    desk.publish(topic)
    desk.done("author", "POST", f"{topic}/translations", {"locale": "es", "copy_from": "en", "slug": "luz"})
    desk.done("author", "GET", f"{topic}?locale=es")
    with pytest.raises(AssertionError, match="alt_missing"):
        desk.publish(topic, locale="es")
    refused = desk.done("publisher", "GET", f"{topic}?locale=es")["blockers"][0]
    assert (refused["code"], refused["pointer"]) == ("alt_missing", "/document/image")
    desk.done("editor", "PATCH", media, {"alt": {"es": "Dos franjas"}, "focal_point": {"x": 0.1, "y": 1}})
    desk.move("publisher", topic, "publish", locale="es")
    assert image(house, "luz", locale="es")["alt"] == "Dos franjas"
    assert image(house)["focal_point"] == {"x": 0.1, "y": 1}
    lost = desk.ask("editor", "PATCH", media, {"alt": {"en": None}})
    assert (lost.status_code, lost.json["blockers"][0]["pointer"]) == (409, "/alt/en")
    assert desk.ask("author", "PATCH", media, {"caption": {"en": "Mine"}}).status_code == 403
    users = desk.done("author", "GET", f"{media}/usages")["live"]
    assert [(each["locale"], each["title"]) for each in users] == [("en", "Light therapy"), ("es", "Light therapy")]
    kept = desk.ask("editor", "DELETE", media)
    assert (kept.status_code, kept.json["blockers"][0]["code"]) == (409, "in_use")


def test_another_file_in_its_place_has_another_address(house: House, desk: Desk) -> None:
    told = uploaded(desk)
    media = f"/media/{told['id']}"
    desk.publish(desk.create("light", a_topic(image=told["id"])))
    before = path_of(image(house)["src"])
    new = sent(
        desk, "editor", a_picture(size=(70, 40)), method="PUT", path=media, If_Match=desk.etags[media]
    )  # fmt: skip
    assert new.status_code == 200, new.text
    after = path_of(image(house)["src"])
    assert after != before and image(house)["width"] == 70
    assert [house.client.get(each).status_code for each in (before, after)] == [200, 200]
    house.at(3_600)
    assert [house.client.get(each).status_code for each in (before, after)] == [410, 200]
    lines = [each["verb"] for each in desk.done("admin", "GET", f"/audit?filter[subject]={told['id']}")]
    assert lines == ["replace_media", "create_media"]


def test_a_consent_that_ends_takes_the_picture_away_everywhere_at_its_second(house: House, desk: Desk) -> None:
    told = uploaded(desk, shows_person=True, kind="before_after")
    media, topic = f"/media/{told['id']}", desk.create("light", a_topic(image=told["id"]))
    assert told["consent_state"] == "missing"
    with pytest.raises(AssertionError, match="consent_missing"):
        desk.publish(topic)
    consent = {"until": "2026-11-01T09:00:00Z", "uses": ["site"], "clinics": ["demo-south"], "reference": "Folder 7"}
    assert desk.ask("author", "PATCH", media, {"consent": consent}).status_code == 403
    told = desk.done("editor", "PATCH", media, {"consent": consent})
    assert told["consent_state"] == "ending" and told["consent"]["until"] == "2026-11-01T09:00:00Z"
    desk.move("publisher", topic, "publish")
    reply = house.get("demo-south/topics/light")
    shown = reply.json["data"]["image"]
    assert shown["kind"] == "before_after" and reply.json["data"]["seo"]["image"] is None
    assert image(house, clinic="demo-north") is None
    assert "Folder 7" not in reply.text
    bytes_ = house.client.get(path_of(shown["src"]))
    assert bytes_.headers["Cache-Control"] == "public, max-age=60, must-revalidate"
    house.at(3_590)
    assert "s-maxage=9" in house.get("demo-south/topics/light").headers["Cache-Control"]
    house.at(3_600)
    assert image(house) is None
    gone = house.client.get(path_of(shown["src"]))
    assert (gone.status_code, gone.json["withdrawal"]["kind"]) == (410, "consent_ended")
    contract(house).check({"$ref": "#/components/schemas/Problem"}, gone.json, "a picture that is gone")
    assert house.client.get(path_of(shown["src"]), headers={"Range": "bytes=0-1"}).status_code == 410

    desk.done("editor", "PATCH", media, {"consent": {"until": None}})
    assert image(house)["src"] == shown["src"]
    ended = desk.ask("editor", "POST", f"{media}/moves/revoke", {"reason": "She asked us to."})
    assert ended.status_code == 200 and ended.json["data"]["consent_state"] == "revoked"
    assert image(house) is None and house.client.get(path_of(shown["src"])).status_code == 410
    assert desk.ask("editor", "POST", f"{media}/moves/revoke", {}).status_code == 409
    assert [each["id"] for each in desk.done("editor", "GET", "/media?filter[consent]=revoked")] == [told["id"]]
    assert house.data("demo-south/topics/light")["data"]["title"] == "Light therapy"


def test_the_end_of_a_consent_is_numbered_and_taken_down_by_the_worker(house: House, desk: Desk) -> None:
    ends = "2026-11-01T09:00:00Z"
    told = uploaded(desk, "editor", shows_person=True, consent={"until": ends})
    later = uploaded(desk, "editor", shows_person=True, consent={"until": ends})
    desk.publish(desk.create("light", a_topic(image=told["id"])))
    desk.done("editor", "PATCH", f"/media/{later['id']}", {"consent": {"until": "2026-11-02T09:00:00Z"}})
    before = publications(house.database)
    house.at(3_599)
    assert Worker(house.database).once() == 0
    house.at(3_600)
    assert Worker(house.database).once() == 2, "of the one that was put off nothing comes"
    [made] = publications(house.database)[len(before) :]
    assert made.kind == "consent_ended" and f"m:{told['id']}" in made.tags and "l:library:topic" in made.tags
    with house.database.reading() as connection:
        last = connection.execute(select(Purge.hard, Purge.tags).order_by(Purge.clock.desc()).limit(1)).one()
    assert last.hard and f"m:{told['id']}" in last.tags


def test_a_clinic_lays_its_own_picture_over_a_text_of_the_library(house: House, desk: Desk) -> None:
    own = uploaded(desk, "author@demo-south", a_picture(size=(50, 30)), clinic="demo-south", alt={"en": "Our own"})
    foreign = uploaded(desk, "author@demo-north", clinic="demo-north")
    entry = house.data("demo-south/topics/mesotherapy")["data"]["id"]
    overlay = f"/entries/topic/{entry}/overlays/demo-south"
    refused = desk.ask("editor@demo-south", "PUT", overlay, {"document": {"image": foreign["id"]}}, If_Match="*")
    assert (refused.status_code, refused.json["errors"][0]["code"]) == (422, "unknown_picture"), refused.text
    made = desk.ask("editor@demo-south", "PUT", overlay, {"document": {"image": own["id"]}}, If_Match="*")
    assert made.status_code in (200, 201), made.text
    usages = desk.done("editor@demo-south", "GET", f"/media/{own['id']}/usages")
    assert [each["clinic"] for each in usages["drafts"]] == ["demo-south"]
    desk.done("editor@demo-south", "GET", overlay)
    desk.move("editor@demo-south", overlay, "submit")
    desk.move("editor:other@demo-south", overlay, "approve")
    desk.move("publisher@demo-south", overlay, "publish")
    assert image(house, "mesotherapy")["alt"] == "Our own"
    assert image(house, "mesotherapy", clinic="demo-north")["alt"] != "Our own"
    assert image(house, "mesoterapia", locale="es")["alt"].startswith("Dibujo")


def test_a_preview_shows_the_picture_that_only_a_draft_names(house: House, desk: Desk) -> None:
    told = uploaded(desk)
    desk.create("light", a_topic(image=told["id"]))
    previewer = bearer(key(house, ["demo-south"], "preview")[1])
    reply = house.client.get("/v1/clinics/demo-south/preview/topics/light", headers=previewer)
    src = reply.json["data"]["image"]["src"].removeprefix("https://api.example")
    shown = house.client.get(src)
    assert (shown.status_code, shown.mimetype) == (200, "image/webp")
    assert shown.headers["Cache-Control"] == "private, no-store" and shown.headers["X-Robots-Tag"] == "noindex"
    plain = "/media/" + src.partition("/media/")[2]
    assert house.client.get(plain).status_code == 404, "nobody else is shown it"
    for opened in ("0", "99999999999-" + "0" * 32, src.split("/")[2].replace("-", "1-"), "-", "1e9-x"):
        assert house.client.get(f"/preview/{opened}{plain}").status_code == 404, opened
    house.at(2 * 3_600)
    assert house.client.get(src).status_code == 404


def test_a_preview_tells_of_a_picture_what_it_says_now(house: House, desk: Desk) -> None:
    told = uploaded(desk)
    desk.create("light", a_topic(image=told["id"]))
    previewer = bearer(key(house, ["demo-south"], "preview")[1])

    def alt() -> str:
        shown = house.client.get("/v1/clinics/demo-south/preview/topics/light", headers=previewer).json["data"]
        return str(shown["image"]["alt"])

    assert alt() == "Two bands of colour"
    desk.done("author", "PATCH", f"/media/{told['id']}", {"alt": {"en": "Red above blue"}})
    assert alt() == "Red above blue"


def test_a_preview_of_one_clinic_opens_no_picture_of_another_whose_address_somebody_noted(
    house: House, desk: Desk
) -> None:
    found = {}
    for clinic in ("demo-south", "demo-north"):
        told = uploaded(desk, f"editor@{clinic}", clinic=clinic)
        desk.create(f"light-{clinic}", a_topic(image=told["id"]), name=f"author@{clinic}", clinic=clinic)
        previewer = bearer(key(house, [clinic], "preview")[1])
        reply = house.client.get(f"/v1/clinics/{clinic}/preview/topics/light-{clinic}", headers=previewer)
        found[clinic] = reply.json["data"]["image"]["src"].removeprefix("https://api.example")
        assert house.client.get(found[clinic]).status_code == 200
    south, north = (each.split("/", 3) for each in (found["demo-south"], found["demo-north"]))
    assert house.client.get("/".join([*south[:3], north[3]])).status_code == 404
    mine, theirs = (each[2].split("-") for each in (south, north))
    assert house.client.get(f"/preview/{theirs[0]}-{theirs[1]}-{mine[2]}/{north[3]}").status_code == 404
    shared = uploaded(desk)
    desk.create("light-shared", a_topic(image=shared["id"]))
    sealed = house.client.get("/v1/clinics/demo-south/preview/topics/light-shared", headers=bearer(
        key(house, ["demo-south"], "preview")[1])).json["data"]["image"]["src"]  # fmt: skip
    assert house.client.get(sealed.removeprefix("https://api.example")).status_code == 200
