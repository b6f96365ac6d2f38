"""What becomes old when something arrives that was not there: kept replies depend on what they did not find, too."""

from __future__ import annotations

import pytest

from tests.builders import a_section, a_term, a_topic
from tests.fronted import Fronted, Processes
from tests.managing import Desk

TOPIC = "demo-south/topics/light-therapy?locale=en"


@pytest.fixture
def there(alone: Processes) -> Fronted:
    return alone.start()


def linking_to(path: str) -> dict[str, object]:
    target = path.rpartition("/")[2]
    return a_topic(sections=[a_section("overview", f"Light, as [told there](entry:{target}).")])


def test_a_link_stands_in_a_kept_reply_as_soon_as_its_target_is_live(there: Fronted) -> None:
    desk = Desk(there)
    target = desk.create("target")
    desk.publish(desk.create("light-therapy", linking_to(target)))
    assert "/treatments/target" not in there.get(TOPIC).text
    there.warm(TOPIC)
    desk.publish(target)
    assert "/treatments/target" in there.get(TOPIC).text


def test_a_link_comes_back_into_a_kept_reply_with_its_target(there: Fronted) -> None:
    desk = Desk(there)
    target = desk.create("target")
    desk.publish(target)
    desk.publish(desk.create("light-therapy", linking_to(target)))
    there.warm(TOPIC)
    desk.move("publisher", target, "unpublish")
    assert "/treatments/target" not in there.get(TOPIC).text
    desk.move("publisher", target, "publish")
    assert "/treatments/target" in there.get(TOPIC).text


def test_a_former_slug_leads_to_its_new_holder_as_soon_as_that_is_live(there: Fronted) -> None:
    desk, old = Desk(there), "demo-south/topics/first?locale=en"
    first = desk.create("first", a_topic(title="The first"))
    desk.publish(first)
    desk.done("author", "PATCH", first, {"slug": "second", "document": {}})
    desk.publish(first)
    assert there.data(old)["data"]["title"] == "The first"
    there.warm(old, old.replace("?", ".jsonld?"), "/embed/demo-south/topics/first?locale=en")
    desk.publish(desk.create("first", a_topic(title="Its heir")))
    assert there.data(old)["data"]["title"] == "Its heir"
    there.fresh(old, old.replace("?", ".jsonld?"), "/embed/demo-south/topics/first?locale=en")


def test_a_slug_of_another_language_gives_way_to_one_of_the_language_asked_for(there: Fronted) -> None:
    desk, asked = Desk(there), "demo-south/topics/laser?locale=es"
    english = desk.create("laser", a_topic(title="Laser"))
    desk.publish(english)
    assert there.data(asked)["data"]["locale"] == "en"
    there.warm(asked)
    body = {"locale": "es", "slug": "laser", "document": a_topic(title="El láser")}
    spanish = f"/entries/topic/{desk.done('author', 'POST', '/entries/topic', body)['id']}"
    desk.etags.pop(spanish, None)
    for role, move in (("author", "submit"), ("medical_reviewer", "approve"), ("publisher", "publish")):
        desk.done(role, "GET", f"{spanish}?locale=es")
        desk.move(role, spanish, move, locale="es")
    assert there.data(asked)["data"]["title"] == "El láser"


def test_the_old_page_of_a_category_leads_on_as_soon_as_its_slug_changes_and_again_when_its_holder_goes(
    there: Fronted,
) -> None:
    desk, asked = Desk(there), ("demo-south/categories/laser", "demo-south/resolve?path=/concerns/laser",
                                "demo-south/redirects")  # fmt: skip
    label = {"key": "lasers", "group": "subject", "texts": {"en": {"title": "Laser", "slug": "laser"}}}
    path = f"/categories/{desk.done('editor', 'POST', '/categories', label)['id']}"
    other = {**label, "key": "other", "clinic": "demo-south"}
    there.warm(*asked)
    desk.done("editor", "PATCH", path, {"texts": {"en": {"slug": "light"}}}, If_Match="*")
    assert there.data(asked[0])["data"]["slug"] == "light" and there.data(asked[1])["data"]["to"] == "/concerns/light"
    for change in (("POST", "/categories", other), ("DELETE", None, None)):
        there.fresh(*asked)
        there.warm(*asked)
        made = desk.done("editor", change[0], change[1] or path, change[2], If_Match="*")
        path = f"/categories/{made['id']}"
    there.fresh(*asked)
    assert there.data(asked[1])["data"]["to"] == "/concerns/light"


def test_a_path_leads_to_what_stands_first_under_it_as_soon_as_that_is_live(there: Fronted) -> None:
    desk = Desk(there)
    path, frame = "demo-south/resolve?path=/read/scars", "/oembed?url=https://south.example/read/scars"
    desk.done("admin", "GET", "/clinics/demo-south")
    shared = {"topic.treatment": "/read/{slug}", "guide": "/read/{slug}"}
    paths = there.data("demo-south")["data"]["paths"]
    desk.done("admin", "PATCH", "/clinics/demo-south", {"paths": {"en": {**paths["en"], **shared}}})
    desk.publish(desk.create("scars", a_topic(title="Scars")))
    assert there.data(path)["data"]["item"]["type"] == "topic"
    there.warm(path, frame)
    guide = desk.create("scars", {"title": "Choosing for scars", "summary": "What to look for."}, kind="guide")
    desk.publish(guide)
    assert there.data(path)["data"]["item"]["type"] == "guide"
    there.fresh(path, frame)


def test_a_text_that_is_gone_names_no_replacement_that_is_gone_too(there: Fronted) -> None:
    desk, gone = Desk(there), "demo-south/topics/light-therapy?locale=en"
    topic, term = desk.create("light-therapy"), desk.create("lumen", a_term(), kind="term")
    desk.publish(topic)
    desk.publish(term)
    desk.move("publisher", topic, "withdraw", replacement={"type": "term", "id": term.rpartition("/")[2]})
    assert there.get(gone).json["withdrawal"]["replacement"]["slug"] == "lumen"
    there.warm(gone)
    desk.move("publisher", term, "withdraw")
    assert there.get(gone).json["withdrawal"]["replacement"] is None


def test_what_was_gone_where_an_old_path_led_is_forgotten_with_that_path(there: Fronted) -> None:
    desk, frame = Desk(there), "/oembed?url=https://south.example/old/way"
    topic = desk.create("light-therapy")
    desk.publish(topic)
    body = {"clinic": "demo-south", "from": "/old/way", "to": "/treatments/light-therapy"}
    redirect = f"/redirects/{desk.done('editor', 'POST', '/redirects', body)['id']}"
    desk.move("publisher", topic, "withdraw")
    there.warm(frame)
    assert there.get(frame).status_code == 410
    desk.done("editor", "DELETE", redirect, If_Match="*")
    assert there.get(frame).status_code == 404


def test_a_path_under_which_something_is_gone_leads_to_what_stands_first_there_as_soon_as_that_is_live(
    there: Fronted,
) -> None:
    desk = Desk(there)
    path, frame = "demo-south/resolve?path=/treatments/scars", "/oembed?url=https://south.example/treatments/scars"
    desk.done("admin", "PATCH", "/clinics/demo-south", {"paths": {"en": {"guide": "/treatments/{slug}"}}}, If_Match="*")
    guide = desk.create("scars", {"title": "Choosing for scars", "summary": "What to look for."}, kind="guide")
    desk.publish(guide)
    desk.move("publisher", guide, "withdraw")
    there.warm(path, frame)
    assert (there.get(path).status_code, there.get(frame).status_code) == (410, 410)
    topic = desk.create("scars", a_topic(title="Scars"))
    desk.publish(topic)
    assert (there.get(path).status_code, there.get(frame).status_code) == (200, 200)
    there.fresh(path, frame)
    desk.move("publisher", topic, "withdraw")
    assert (there.get(path).status_code, there.get(frame).status_code) == (410, 410)
    desk.move("editor", guide, "restore")
    desk.publish(guide)
    assert there.data(path)["data"]["item"]["type"] == "guide", "what is live comes before what is gone"
    there.fresh(path, frame)


def test_a_redirect_written_from_the_path_of_a_withdrawn_text_leads_for_as_long_as_it_stands(there: Fronted) -> None:
    desk, there_now = Desk(there), {"clinic": "demo-south", "from": "/treatments/old", "to": "/treatments/new"}
    path, frame = "demo-south/resolve?path=/treatments/old", "/oembed?url=https://south.example/treatments/old"
    old = desk.create("old")
    desk.publish(old)
    desk.publish(desk.create("new", a_topic(title="What to read instead")))
    desk.move("publisher", old, "withdraw", reason="Rewritten.")
    there.warm(path, frame)
    assert (there.get(path).status_code, there.get(frame).status_code) == (410, 410)
    redirect = f"/redirects/{desk.done('editor', 'POST', '/redirects', there_now)['id']}"
    told = there.data(path)["data"]
    assert (told["kind"], told["to"], told["status"]) == ("redirect", "/treatments/new", 301)
    assert there.get(frame).json["title"].startswith("What to read instead")
    assert there.get("demo-south/topics/old").status_code == 410, "the text itself stays withdrawn"
    there.warm(path, frame)
    desk.done("editor", "DELETE", redirect, If_Match="*")
    assert (there.get(path).status_code, there.get(frame).status_code) == (410, 410)
    desk.done("editor", "POST", "/redirects", there_now)
    desk.move("editor", old, "restore")
    desk.publish(old)
    assert there.data(path)["data"]["kind"] == "item", "what is live comes before a redirect"
