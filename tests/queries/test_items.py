"""Items as each clinic has them: in the languages that it speaks, and in no other."""

from __future__ import annotations

import pytest

from api.models import LIBRARY
from api.services.house.house import save_clinic
from api.services.texts import entries
from tests.builders import a_topic, move, publish_text, writing_as
from tests.conftest import House


@pytest.mark.either
def test_a_text_in_no_language_of_the_clinic_is_not_there(house: House) -> None:
    with writing_as(house.database, "author") as work:
        french = entries.create(work, "topic", "fr", "luminotherapie", a_topic(title="Luminothérapie"))
    publish_text(house.database, french)
    reply = house.get("demo-south/topics/luminotherapie")
    assert (reply.status_code, reply.json["code"]) == (404, "not_found")
    assert "available_locales" not in reply.json
    told = house.data(f"demo-south/topics?ids={french.entry_id}")["meta"]["unresolved"]
    assert told == [{"relation": "ids", "reason": "unavailable", "count": 1}]


@pytest.mark.either
def test_the_languages_that_are_there_are_those_of_the_clinic_in_which_the_text_is_live(house: House) -> None:
    with writing_as(house.database, "author") as work:
        english = entries.create(work, "topic", "en", "light", a_topic())
        others = [
            entries.translate(work, english.entry, locale, slug, a_topic(title=slug.title()))
            for locale, slug in (("es", "luz"), ("fr", "lumiere"))
        ]
    for text in (english, *others):
        assert text.scope == LIBRARY
        publish_text(house.database, text)
    asked = "demo-south/topics/{}?locale={}&fallback=none"
    move(house.database, "unpublish", english, "publisher")
    assert house.get(asked.format("luz", "en")).json["available_locales"] == ["es"]
    move(house.database, "unpublish", others[0], "publisher")
    assert house.get(asked.format("luz", "en")).json["code"] == "not_found"


@pytest.mark.either
@pytest.mark.parametrize("code", ["zh-TW", "sr-RS", "fil", "zh-Hant-HK", "es-419"])
def test_readers_ask_for_a_language_as_the_clinic_named_it(house: House, code: str) -> None:
    profile = {"slug": "new-town", "name": {"en": "New Town"}, "time_zone": "Europe/Madrid", "default_locale": code}
    with writing_as(house.database, "admin") as work:
        save_clinic(work, {**profile, "locales": [{"code": code.lower()}]})
    with writing_as(house.database, "author") as work:
        text = entries.create(work, "topic", code, "light", a_topic())
    publish_text(house.database, text)
    told = house.data(f"new-town/topics/light?locale={code}")
    assert (told["data"]["locale"], told["meta"]["locale"]["fallback"]) == (code, False)
    assert house.data("new-town")["data"]["locales"][0]["code"] == code
