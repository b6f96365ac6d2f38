"""The rest of the house over HTTP: clinics, categories, redirects, people, the log and the queue of reviews."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from api.models import AuditEntry
from tests.builders import a_topic
from tests.conftest import House
from tests.managing import Desk
from tests.pictures import uploaded

pytestmark = pytest.mark.either

DAY = 86_400
PROFILE = {"slug": "new-town", "name": {"en": "New Town"}, "time_zone": "Europe/Madrid", "default_locale": "en",
           "locales": [{"code": "en"}], "paths": {"en": {"topic": "/t/{slug}"}}}  # fmt: skip
LASER = {"key": "laser", "group": "subject", "texts": {"en": {"title": "Laser", "slug": "laser"}}}


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def codes(reply: Any) -> list[str]:
    assert reply.status_code == 409, reply.text
    return [each["code"] for each in reply.json["blockers"]]


def every(desk: Desk, path: str, name: str = "admin", size: int = 2) -> list[Any]:
    """A whole list, page by page, in the order given out."""
    found, following = [], f"{path}{'&' if '?' in path else '?'}page[size]={size}"
    while following:
        reply = desk.ask(name, "GET", following.removeprefix("/v1/manage"))
        assert reply.status_code == 200, reply.text
        found += reply.json["data"]
        following = reply.json["links"]["next"]
    return found


def test_a_clinic_is_made_changed_by_its_parts_and_seen_by_readers_at_once(house: House, desk: Desk) -> None:
    made = desk.ask("admin", "POST", "/clinics", PROFILE)
    assert (made.status_code, made.headers["Location"]) == (201, "/v1/manage/clinics/new-town")
    assert made.json["data"]["profile"]["contact"] == {"phone": None, "email": None, "whatsapp": None}
    assert house.data("new-town")["data"]["name"] == "New Town"
    assert codes(desk.ask("admin", "POST", "/clinics", PROFILE)) == ["slug_taken"]
    place = {"name": {"en": "Main"}, "address": {"street": "1", "locality": "A", "country": "ES"},
             "time_zone": "Europe/Madrid"}  # fmt: skip
    path = "/clinics/new-town"
    desk.done("admin", "GET", path)
    changed = desk.done("admin", "PATCH", path, {"contact": {"phone": "1"}, "locations": {"main": place}})
    assert changed["revision"] == 2 and changed["profile"]["locations"][0]["key"] == "main"
    assert house.data("new-town")["data"]["contact"]["phone"] == "1"
    same = desk.ask("admin", "PUT", path, changed["profile"])
    assert same.json["data"]["revision"] == 2
    wrong = desk.ask("admin", "PATCH", path, {"time_zone": "Nowhere", "colour": "red"})
    assert (wrong.status_code, {each["pointer"] for each in wrong.json["errors"]}) == (422, {"/time_zone", "/colour"})
    assert desk.ask("admin", "PATCH", path, {"position": 1}, If_Match='"old"').json["current"]["revision"] == 2
    fresh = house.client.patch(f"/v1/manage{path}", json={}, headers={"Authorization": f"Bearer {desk.key('admin')}"})
    assert fresh.status_code == 428


def test_a_clinic_is_renamed_without_the_old_name_answering_on(house: House, desk: Desk) -> None:
    desk.done("admin", "GET", "/clinics/demo-north")
    assert house.data("demo-north")["data"]["slug"] == "demo-north"
    assert codes(desk.ask("admin", "PATCH", "/clinics/demo-north", {"slug": "demo-south"})) == ["slug_taken"]
    assert desk.done("admin", "PATCH", "/clinics/demo-north", {"slug": "demo-nord"})["slug"] == "demo-nord"
    assert house.get("demo-north").status_code == 404
    assert house.data("demo-nord")["data"]["slug"] == "demo-nord"


def test_a_clinic_goes_only_when_nothing_of_it_is_left(house: House, desk: Desk) -> None:
    desk.done("admin", "POST", "/clinics", PROFILE)
    desk.done("admin", "GET", "/clinics/new-town")
    desk.done("admin", "POST", "/categories", {**LASER, "clinic": "new-town"})
    desk.done("admin", "POST", "/redirects", {"clinic": "new-town", "from": "/a", "to": "/b"})
    key = desk.done("admin", "POST", "/keys", {"kind": "server", "name": "site", "clinics": ["new-town"]})
    desk.create("own", a_topic(), "editor@new-town", clinic="new-town")
    assert codes(desk.ask("admin", "DELETE", "/clinics/new-town")) == ["has_entries", "has_keys"]
    desk.done("admin", "DELETE", f"/keys/{key['id']}", If_Match="*")
    assert codes(desk.ask("admin", "DELETE", "/clinics/new-town")) == ["has_entries"]
    assert "has_overlays" in codes(desk.ask("admin", "DELETE", "/clinics/demo-north", If_Match="*"))
    desk.done("admin", "POST", "/clinics", {**PROFILE, "slug": "empty"})
    parent = desk.done("admin", "POST", "/categories", {**LASER, "clinic": "empty"})
    child = {**LASER, "key": "blue", "parent": "laser", "texts": {"en": {"title": "Blue", "slug": "blue"}}}
    desk.done("admin", "POST", "/categories", {**child, "clinic": "empty"})
    picture = uploaded(desk, "editor@empty", clinic="empty")["id"]
    assert codes(desk.ask("admin", "DELETE", "/clinics/empty", If_Match="*")) == ["has_media"]
    desk.done("editor@empty", "DELETE", f"/media/{picture}", If_Match="*")
    assert desk.ask("editor@empty", "DELETE", "/clinics/empty", If_Match="*").status_code == 403
    desk.done("admin", "DELETE", "/clinics/empty", If_Match="*")
    assert desk.ask("admin", "GET", "/clinics/empty").status_code == 404
    assert desk.ask("admin", "GET", f"/categories/{parent['id']}").status_code == 404
    assert house.get("empty").status_code == 404


def test_a_category_is_kept_while_texts_carry_it_or_others_hang_on_it(house: House, desk: Desk) -> None:
    made = desk.done("editor", "POST", "/categories", LASER)
    path = f"/categories/{made['id']}"
    assert codes(desk.ask("editor", "POST", "/categories", LASER)) == ["key_taken"]
    blue = {**LASER, "key": "blue", "parent": "laser", "texts": {"en": {"title": "Blue", "slug": "blue"}}}
    child = desk.done("editor", "POST", "/categories", blue)
    assert codes(desk.ask("editor", "DELETE", path, If_Match="*")) == ["has_children"]
    circle = desk.ask("editor", "PATCH", path, {"parent": "blue"}, If_Match="*")
    assert (circle.status_code, circle.json["errors"][0]["code"]) == (422, "circle")
    desk.done("editor", "DELETE", f"/categories/{child['id']}", If_Match="*")
    text = desk.create("light", a_topic(categories=["laser"]))
    assert codes(desk.ask("editor", "DELETE", path, If_Match="*")) == ["in_use"]
    assert codes(desk.ask("editor", "PATCH", path, {"group": "faq"}, If_Match="*")) == ["in_use"]
    desk.publish(text)
    desk.done("author", "PATCH", text, {"document": {"categories": []}})
    assert codes(desk.ask("editor", "DELETE", path, If_Match="*")) == ["in_use"]
    desk.publish(text)
    desk.done("editor", "DELETE", path, If_Match="*")
    assert desk.ask("editor", "GET", path).status_code == 404


def test_a_clinics_own_category_stands_before_one_of_the_library_that_has_its_slug(house: House, desk: Desk) -> None:
    desk.done("editor", "POST", "/categories", {**LASER, "position": 1})
    desk.done("editor", "POST", "/categories", {**LASER, "key": "ours", "clinic": "demo-south", "position": 9})
    pages = ("demo-south", "/concerns/laser", "ours"), ("demo-north", "/en/subjects/laser", "laser")
    for clinic, path, first in pages:
        assert house.data(f"{clinic}/categories/laser?locale=en")["data"]["key"] == first
        assert house.data(f"{clinic}/resolve?path={path}")["data"]["list"]["category"] == first


def test_a_clinics_own_category_takes_the_place_of_the_librarys_of_its_key(house: House, desk: Desk) -> None:
    words = {"en": {"title": "Our scars", "slug": "our-scars"}, "es": {"title": "Nuestras", "slug": "nuestras"}}
    own = {"key": "acne-scars", "group": "subject", "clinic": "demo-south", "position": 1, "texts": words}
    desk.done("editor", "POST", "/categories", own)
    below = {**LASER, "parent": "acne-scars"}
    desk.done("editor", "POST", "/categories", below)
    listed = {each["key"]: each for each in house.data("demo-south/categories")["data"]}
    assert len(listed) == house.data("demo-south/categories")["meta"]["total"]
    assert (listed["acne-scars"]["title"], listed["acne-scars"]["children"]) == ("Our scars", ["laser"])
    menu = [each for entry in house.data("demo-south/navigation")["data"] for each in entry["children"]]
    assert {each["label"] for each in menu if each["key"] == "acne-scars"} == {"Our scars"}
    (facet,) = house.data("demo-south/search?q=scars&facets=category")["meta"]["facets"]
    assert {each["label"] for each in facet["values"] if each["value"] == "acne-scars"} == {"Our scars"}
    pages = [each["path"] for each in house.data("demo-south/sitemap.json")["data"] if each["type"] == "category"]
    assert "/concerns/our-scars" in pages and "/concerns/acne-scars" not in pages
    for name in ("our-scars", "nuestras", "acne-scars", "cicatrices-de-acne"):
        assert house.data(f"demo-south/categories/{name}")["data"]["title"] == "Our scars"
    assert house.data("demo-north/categories/acne-scars?locale=en")["data"]["title"] == "Acne scars"


def test_a_category_keeps_its_key_and_changes_its_words_by_language(house: House, desk: Desk) -> None:
    made = desk.ask("editor", "POST", "/categories", LASER)
    path = f"/categories/{made.json['data']['id']}"
    desk.done("editor", "GET", path)
    fixed = desk.ask("editor", "PATCH", path, {"key": "other"})
    assert (fixed.status_code, fixed.json["errors"][0]["code"]) == (422, "fixed")
    told = desk.done("editor", "PATCH", path, {"texts": {"es": {"title": "Láser", "slug": "laser-es"}}})
    assert set(told["texts"]) == {"en", "es"} and told["revision"] == 2
    taken = {**LASER, "key": "other", "texts": {"en": {"title": "Other", "slug": "laser"}}}
    assert codes(desk.ask("editor", "POST", "/categories", taken)) == ["slug_taken"]
    shown = house.data("demo-south/categories?locale=es")["data"]
    assert "Láser" in [each["title"] for each in shown]
    empty = desk.ask("editor", "POST", "/categories", {**LASER, "key": "none", "texts": {}})
    assert empty.status_code == 422
    listed = every(desk, "/categories?filter[group]=subject", "editor")
    assert len(listed) == len({each["id"] for each in listed}) and {each["group"] for each in listed} == {"subject"}


def test_a_redirect_leads_and_never_in_a_circle(house: House, desk: Desk) -> None:
    made = desk.ask("editor", "POST", "/redirects", {"clinic": "demo-south", "from": "/old", "to": "/new"})
    path = made.headers["Location"].removeprefix("/v1/manage")
    assert house.data("demo-south/resolve?path=/old")["data"]["to"] == "/new"
    site = desk.done("admin", "GET", "/clinics/demo-south")["profile"]["site_url"]
    for start, end in (("/x", "/x"), ("/x", "/x/"), ("/new", "/old"), ("/new/", "/old?a=1"), ("/new", f"{site}/old")):
        reply = desk.ask("editor", "POST", "/redirects", {"clinic": "demo-south", "from": start, "to": end})
        assert (reply.status_code, reply.json["errors"][0]["code"]) == (422, "circle"), (start, end)
    again = {"clinic": "demo-south", "from": "/old/", "to": "/else"}
    assert codes(desk.ask("editor", "POST", "/redirects", again)) == ["path_taken"]
    desk.done("editor", "GET", path)
    desk.done("editor", "PUT", path, {"from": "/old", "to": "https://else.example/x", "status": 302})
    assert desk.ask("editor", "PUT", path, {"from": "/old", "to": "/old"}).status_code == 422
    listed = every(desk, "/redirects?filter[clinic]=demo-south", "editor", 1)
    assert [each["status"] for each in listed if each["from"] == "/old"] == [302]
    desk.done("editor", "DELETE", path)
    assert house.get("demo-south/resolve?path=/old").status_code == 404
    assert desk.ask("editor", "GET", path).status_code == 404
    for stranger in ("/redirects/0", "/redirects/x", f"/redirects/{2**40}", "/redirects/²"):
        assert desk.ask("editor", "GET", stranger).status_code == 404


def test_a_live_slug_that_changes_leaves_a_redirect_behind_which_no_other_can_break(house: House, desk: Desk) -> None:
    path = desk.create("light-therapy")
    desk.publish(path)
    old = house.data("demo-south/topics/light-therapy")["data"]["path"]
    desk.done("author", "PATCH", path, {"slug": "light-treatment"})
    assert house.data(f"demo-south/resolve?path={old}")["data"]["status"] == 200
    desk.publish(path)
    new = house.data("demo-south/topics/light-treatment")["data"]["path"]
    told = house.data(f"demo-south/resolve?path={old}")["data"]
    assert (told["to"], told["status"]) == (new, 301)
    assert {"from": old, "to": new, "status": 301} in house.data("demo-south/redirects")["data"]
    back = desk.ask("editor", "POST", "/redirects", {"clinic": "demo-south", "from": new, "to": old})
    assert (back.status_code, back.json["errors"][0]["code"]) == (422, "circle")


def test_somebody_is_invited_given_roles_and_let_go(house: House, desk: Desk) -> None:
    body = {"email": "Ada@b.example", "name": "Ada", "title": {"en": "Doctor"}, "credentials": ["MD"],
            "roles": [{"role": "editor", "clinic": "demo-south"}, {"role": "author"}]}  # fmt: skip
    made = desk.ask("admin", "POST", "/people", body)
    assert made.status_code == 201 and made.json["data"]["email"] == "ada@b.example"
    held = [(each["role"], each["clinic"]) for each in made.json["data"]["roles"]]
    assert held == [("author", None), ("editor", "demo-south")]
    assert codes(desk.ask("admin", "POST", "/people", {"email": "ada@B.example"})) == ["email_taken"]
    path = made.headers["Location"].removeprefix("/v1/manage")
    desk.done("admin", "GET", path)
    changed = desk.done("admin", "PATCH", path, {"title": {"es": "Médica"}, "roles": [{"role": "publisher"}]})
    assert changed["title"] == {"en": "Doctor", "es": "Médica"}
    assert changed["roles"] == [{"role": "publisher", "clinic": None}]
    assert desk.done("admin", "POST", f"{path}/deactivate", If_Match="*")["state"] == "deactivated"
    stale = desk.ask("admin", "PATCH", path, {"name": "A"})
    assert (stale.status_code, stale.json["current"]["state"]) == (412, "deactivated")
    assert desk.done("admin", "POST", f"{path}/reactivate", If_Match="*")["deactivated_at"] is None
    assert desk.ask("admin", "POST", f"{path}/deactivate").status_code == 428
    assert [each["email"] for each in every(desk, "/people?q=ADA")] == ["ada@b.example"]
    assert every(desk, "/people?filter[role]=publisher&filter[state]=deactivated") == []


def test_the_last_admin_of_the_house_stays(house: House, desk: Desk) -> None:
    me = desk.done("admin", "GET", "/me")["person"]["id"]
    path = f"/people/{me}"
    assert codes(desk.ask("admin", "PATCH", path, {"roles": []}, If_Match="*")) == ["last_admin"]
    assert codes(desk.ask("admin", "POST", f"{path}/deactivate", If_Match="*")) == ["last_admin"]
    desk.key("admin:second")
    assert desk.done("admin", "PATCH", path, {"roles": []}, If_Match="*")["roles"] == []
    assert desk.ask("admin", "GET", "/people").status_code == 403


def test_a_reviewers_new_name_stands_beside_their_texts_at_once(house: House, desk: Desk) -> None:
    path = desk.create("light-therapy")
    desk.publish(path)
    who = every(desk, "/people?filter[role]=medical_reviewer&q=test.invalid")[0]["id"]
    before = house.get("demo-south/topics/light-therapy").headers["ETag"]
    desk.done("admin", "PATCH", f"/people/{who}", {"name": "Dr Grace"}, If_Match="*")
    shown = house.get("demo-south/topics/light-therapy")
    assert shown.json["data"]["review"]["reviewed_by"]["name"] == "Dr Grace" and shown.headers["ETag"] != before


def test_the_log_is_read_newest_first_and_a_changed_line_is_named(house: House, desk: Desk) -> None:
    path = desk.create("light-therapy")
    desk.move("author", path, "submit")
    entry = path.rpartition("/")[2]
    mine = every(desk, f"/audit?filter[subject]={entry}", size=1)
    assert [each["verb"] for each in mine] == ["submit", "create"] and mine[0]["number"] > mine[1]["number"]
    assert mine[0]["actor_name"] == "author@test.invalid"
    assert every(desk, "/audit?filter[verb]=submit&filter[since]=2026-11-02") == []
    assert every(desk, f"/audit?filter[verb]=submit&filter[subject]={entry}&filter[since]=2026-11-01T08:00:00Z")
    before = desk.done("admin", "GET", "/audit/verify")
    assert before["whole"] is True and before["first_fault"] is None and before["lines"] >= mine[0]["number"]
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert desk.ask("admin", method, "/audit", {}).status_code == 405
        assert desk.ask("admin", method, "/audit/verify", {}).status_code == 405
    with house.database.transaction() as session:
        session.execute(update(AuditEntry).where(AuditEntry.number == mine[1]["number"]).values(actor="prs_x"))
    after = desk.done("admin", "GET", "/audit/verify")
    assert (after["whole"], after["first_fault"]) == (False, mine[1]["number"])


def test_reviews_are_listed_before_they_are_due_and_agree_with_what_readers_see(house: House, desk: Desk) -> None:
    path = desk.create("light-therapy")
    desk.publish(path)
    own = desk.create("own-therapy", a_topic(title="Own"), "editor@demo-south", clinic="demo-south")
    due = house.data("demo-south/topics/light-therapy")["data"]["review"]["next_due"]
    assert every(desk, "/reviews/due", "author") == []
    for days, status in ((364, "current"), (366, "due"), (400, "overdue")):
        house.at(days * DAY)
        found = [each for each in every(desk, "/reviews/due", "author", 50) if each["slug"] == "light-therapy"]
        public = house.data("demo-south/topics/light-therapy")["data"]["review"]
        assert [(each["status"], each["next_due"]) for each in found] == [(status, due)] and public["status"] == status
        assert found[0]["last_reviewed"] == public["last_reviewed"] and found[0]["policy"] == "warn"
        narrowed = f"/reviews/due?filter[status]={status}&filter[type]=topic&filter[locale]=en&filter[clinic]=library"
        assert "light-therapy" in [each["slug"] for each in every(desk, narrowed, "author", 50)]
    everything = every(desk, "/reviews/due", "author", 7)
    assert [each["next_due"] for each in everything] == sorted(each["next_due"] for each in everything)
    assert len(everything) == len({(each["id"], each["locale"]) for each in everything}) > 20
    assert own.rpartition("/")[2] not in [each["id"] for each in everything]
    assert every(desk, "/reviews/due", "editor@demo-south") == []
    desk.move("publisher", path, "unpublish")
    assert "light-therapy" not in [each["slug"] for each in every(desk, "/reviews/due", "author", 50)]


def test_who_is_invited_without_a_title_is_called_by_their_role(desk: Desk) -> None:
    body = {"email": "bea@b.example", "roles": [{"role": "editor"}, {"role": "author"}]}
    assert desk.done("admin", "POST", "/people", body)["title"] == {"en": "Editor", "es": "Edición"}
