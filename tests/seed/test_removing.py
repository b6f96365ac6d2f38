"""Removing the demo leaves what texts of others refer to, says who does, and leaves no reference to nothing."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from api.models import Entry
from schemas.content import CONTENT_TYPES
from seed.remove import remove
from tests.builders import a_live_topic, a_section, a_topic, create, entry_id, publish_text, revise
from tests.conftest import House
from tests.managing import Desk

pytestmark = pytest.mark.either

CLINIC = {"slug": "new-town", "name": {"en": "New Town"}, "time_zone": "Europe/Madrid", "default_locale": "en",
          "locales": [{"code": "en"}]}  # fmt: skip


def asking(house: House, key: str) -> dict[str, Any]:
    return a_topic(faqs=[{"type": "faq", "id": entry_id(house.database, key, "faq")}])


def naming(house: House, word: str) -> dict[str, Any]:
    body = f"Light reaches the [skin](term:{entry_id(house.database, word, 'term')})."
    return a_topic(sections=[a_section("overview", body)])


def there(house: House) -> set[tuple[str, str | None]]:
    with house.database.reading() as connection:
        return {(row.type, row.external_key) for row in connection.execute(select(Entry.type, Entry.external_key))}


def unresolved(house: House) -> list[Any]:
    """What any text of a clinic leads to that is not there."""
    found = []
    for kind in CONTENT_TYPES:
        paths = "".join(f"&include={each.name}" for each in kind.relations[:1])
        reply = house.data(f"new-town/{kind.plural}?view=full&page[size]=100{paths}")
        found += [*reply["meta"].get("unresolved", []), *[each for each in reply["data"] if "entry:" in str(each)]]
    return found


def test_what_a_text_of_others_refers_to_stays_with_all_that_this_refers_to_and_is_told_of(house: House) -> None:
    Desk(house).done("admin", "POST", "/clinics", CLINIC)
    a_live_topic(house.database, "light-therapy", asking(house, "what-is-microneedling"))
    removed = remove(house.database)
    assert "faq what-is-microneedling: topic light-therapy refers to it" in removed.left
    assert "topic microneedling: faq what-is-microneedling refers to it" in removed.left
    assert {("faq", "what-is-microneedling"), ("topic", "microneedling")} <= there(house)
    told = house.data("new-town/topics/light-therapy?include=faqs")
    assert [each["slug"] for each in told["included"]] == ["what-is-microneedling"]
    assert unresolved(house) == []


def test_a_text_that_only_needs_a_word_keeps_little_more_than_the_word(house: House) -> None:
    topic = create(house.database, "light-therapy", naming(house, "texture"))
    removed = remove(house.database)
    assert [each for each in removed.left if not each.startswith(("person ", "category "))] == [
        "term texture: topic light-therapy refers to it"
    ]
    assert there(house) == {("topic", None), ("term", "texture")} and removed.gone > 40
    revise(house.database, topic, a_topic())
    assert remove(house.database).gone == 1, "what it once said keeps nothing"
    assert there(house) == {("topic", None)}


def test_what_is_live_or_planned_counts_beside_the_newest_words_and_what_was_put_away_does_not(house: House) -> None:
    desk, later = Desk(house), house.database.instant().replace(year=2027)
    for word, when in (("texture", {}), ("bruising", {"at": later})):
        topic = create(house.database, f"about-{word}", naming(house, word))
        publish_text(house.database, topic, **when)
        revise(house.database, topic, a_topic())
    desk.done("editor", "DELETE", desk.create("light-therapy", naming(house, "elasticity")))
    left = remove(house.database).left
    assert {f"term {word}: topic about-{word} refers to it" for word in ("texture", "bruising")} <= {*left}
    assert ("term", "elasticity") not in there(house)


def test_what_stands_in_for_a_withdrawn_text_of_others_stays(house: House) -> None:
    desk = Desk(house)
    path = desk.create("light-therapy")
    desk.publish(path)
    texture = {"type": "term", "id": entry_id(house.database, "texture", "term")}
    desk.move("publisher", path, "withdraw", replacement=texture)
    assert "term texture: topic light-therapy refers to it" in remove(house.database).left


def test_a_category_that_a_draft_carries_or_another_hangs_on_stays_and_says_so(house: House) -> None:
    text = create(house.database, "light-therapy", a_topic(categories=["acne-scars"]))
    own = {"key": "own", "group": "faq", "parent": "basics", "texts": {"en": {"title": "Own", "slug": "own"}}}
    Desk(house).done("editor", "POST", "/categories", own)
    left = remove(house.database).left
    assert f"category acne-scars: A text carries it: {text.entry_id}." in left
    assert "category basics: The category own hangs on it." in left
