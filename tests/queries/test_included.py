"""Included items: each once, two levels deep, also where the main items of a list refer to each other."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from api.cache import surrogates
from api.models import Variant
from tests.builders import a_live_topic, a_topic, create, entry_id, move
from tests.conftest import House

Given = dict[str, Any]


def named(reply: Given, kind: str) -> set[str]:
    return {each["slug"] for each in reply["included"] if each["type"] == kind}


def test_an_include_leads_on_through_items_that_stand_in_the_list_themselves(library: House) -> None:
    reply = library.data("demo-south/topics?view=card&include=related.faqs&filter[kind]=treatment")
    first, second = reply["data"]
    assert {each["slug"] for each in (first, second)} == {"mesotherapy", "microneedling"}
    told = {each["slug"] for topic in (first, second) for each in topic["relationships"]["faqs"]["data"]}
    assert {"does-mesotherapy-hurt", "what-is-microneedling"} <= told <= named(reply, "faq")
    for topic in (first, second):
        assert topic["relationships"]["faqs"]["meta"]["shown"] == len(topic["relationships"]["faqs"]["data"])


@pytest.mark.parametrize("address", ["topics/mesotherapy?view=card", "topics?filter[kind]=treatment"])
def test_a_limit_of_the_second_level_holds_everywhere(library: House, address: str) -> None:
    reply = library.data(f"demo-south/{address}&include=related.faqs&include_limit[related.faqs]=1")
    data = reply["data"] if isinstance(reply["data"], list) else [reply["data"]]
    through = [each for each in (*data, *reply["included"]) if "faqs" in each.get("relationships", {})]
    assert through and {each["relationships"]["faqs"]["meta"]["shown"] for each in through} == {1}
    assert 0 < len(named(reply, "faq")) <= len(through)


def test_each_item_is_included_once_and_a_main_item_never(library: House) -> None:
    reply = library.data("demo-south/topics/mesotherapy?include=related.related,faqs.topics,guides.topics,terms.topics")
    told = [(each["type"], each["id"]) for each in reply["included"]]
    assert len(told) == len(set(told)) and ("topic", reply["data"]["id"]) not in told
    assert named(reply, "topic") == {"microneedling", "acne-scars", "combined-treatment"}


def test_a_reply_depends_on_what_second_level_items_refer_to_shown_or_not(house: House) -> None:
    answer = {"question": "Is it warm?", "answer": "A little.", "category": "basics"}
    draft = create(house.database, "is-it-warm", answer, kind="faq")
    other = a_live_topic(house.database, "lamp", a_topic(faqs=[{"type": "faq", "id": draft.entry_id}]))
    related = [{"type": "topic", "id": other.entry_id, "relation": "see_also"}]
    a_live_topic(house.database, "light", a_topic(title="Light", related=related))
    reply = house.get("demo-south/topics/light?include=related.faqs")
    assert reply.json["included"][0]["slug"] == "lamp" and "is-it-warm" not in reply.text
    assert surrogates.word(f"e:{draft.entry_id}") in reply.headers["Surrogate-Key"].split()
    guides = house.get("demo-south/topics/light?include=related.guides")
    assert surrogates.word("l:library:guide") in guides.headers["Surrogate-Key"].split()


@pytest.mark.parametrize("asked", ["", "&include=faqs", "&fields[faq]=alternates&include=faqs"])
def test_a_reference_with_a_text_in_another_language_alone_is_told_apart_from_one_without(
    house: House, asked: str
) -> None:
    address = f"demo-south/topics/mesotherapy?locale=en{asked}"
    faq = entry_id(house.database, "does-mesotherapy-hurt", "faq")
    with house.database.reading() as connection:
        text = connection.execute(select(Variant.id).where(Variant.entry_id == faq, Variant.locale == "en")).one()
    assert house.data(address)["meta"]["unresolved"] == []
    move(house.database, "unpublish", text, "publisher")
    told = {"relation": "faqs", "reason": "not_in_locale", "count": 1, "ref": {"type": "faq", "id": faq}}
    assert house.data(address)["meta"]["unresolved"] == [told]
    assert house.data(f"{address}&fallback=es")["meta"]["unresolved"] == []
    assert house.data(f"demo-south/faqs?ids={faq}")["meta"]["unresolved"][0]["reason"] == "not_in_locale"


@pytest.mark.either
def test_what_stands_in_no_reply_is_not_told_as_missing_from_it(house: House) -> None:
    faq = entry_id(house.database, "does-mesotherapy-hurt", "faq")
    with house.database.reading() as connection:
        text = connection.execute(select(Variant.id).where(Variant.entry_id == faq, Variant.locale == "en")).one()
    move(house.database, "unpublish", text, "publisher")
    page = "demo-south/topics/mesotherapy"
    bare = f"{page}?fields[topic]=title"
    for address in (bare, f"{bare}&include=terms", f"{page}/modules/aftercare"):
        assert house.data(address)["meta"]["unresolved"] == [], address
    for address in (f"{page}?fields[topic]=relationships", f"{bare}&include=faqs"):
        assert len(house.data(address)["meta"]["unresolved"]) == 1, address
