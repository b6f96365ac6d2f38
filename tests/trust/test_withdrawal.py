"""Withdrawn and unpublished (DR11): a withdrawn text is 410 and never replaced, an unpublished one makes way."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from api.models import Purge
from api.services.moves import publishing
from api.services.overlays import overlays
from api.services.texts import entries
from tests.builders import a_live_topic, a_section, a_topic, the_text, writing_as
from tests.conftest import House
from tests.trust.desk import addresses, approved, at, clinic_id, desk, document_of, publish, text_of, withdraw

ITEM = "demo-south/topics/mesotherapy"
CANARY = "quokkalight"
ELSEWHERE = (
    "/v1/clinics/demo-south/topics/light-one.jsonld", "/v1/clinics/demo-south/topics/light-one.md",
    "/v1/clinics/demo-south/topics/light-one/modules/overview", "/embed/demo-south/topics/light-one",
    "/embed/demo-south/topics/light-one.html", "/oembed?url=https://south.example/treatments/light-one",
)  # fmt: skip


def slugs(house: House, address: str) -> list[str]:
    return [each["slug"] for each in house.data(address)["data"]]


def gone(reply: Any) -> dict[str, Any]:
    assert (reply.status_code, reply.json["code"]) == (410, "withdrawn"), reply.text
    assert reply.headers["Cache-Control"] == "public, max-age=0, s-maxage=10"
    return dict(reply.json["withdrawal"])


def test_a_withdrawn_text_is_410_and_says_why_and_what_replaces_it(house: House) -> None:
    house.at(60)
    with desk(house) as demo:
        there = text_of(demo, "topic", "microneedling").entry
        variant = text_of(demo, "topic", "mesotherapy")
        publishing.withdraw(demo.act("publisher"), variant, reason="Out of date", replacement=there)
        there_id = there.id
    for suffix in ("", ".jsonld", ".md", "/modules/overview"):
        told = gone(house.get(f"{ITEM}{suffix}?locale=en"))
        assert {name: told[name] for name in ("kind", "at", "reason", "severity")} == {
            "kind": "withdrawn", "at": "2026-11-01T08:01:00Z", "reason": "Out of date", "severity": None
        }  # fmt: skip
        assert told["replacement"] == {
            "type": "topic", "id": there_id, "slug": "microneedling",
            "title": "Microneedling for acne scars", "path": "/treatments/microneedling",
            "url": "https://south.example/treatments/microneedling",
        }  # fmt: skip
    assert "minimally invasive treatment" not in house.get(f"{ITEM}?locale=en").text


def test_a_recall_says_how_bad_it_is(house: House) -> None:
    withdraw(house, "topic", "mesotherapy", severity="high", reason="Wrong dose")
    told = gone(house.get(f"{ITEM}?locale=en"))
    assert (told["kind"], told["severity"], told["replacement"]) == ("recalled", "high", None)


@pytest.mark.parametrize(
    "how", ["withdraw", *(pytest.param(each, marks=pytest.mark.long) for each in ("recall", "unpublish"))]
)
def test_dr11_what_was_taken_down_is_nowhere_at_the_next_request_and_caches_are_told_to_forget_it(
    house: House, how: str
) -> None:
    text = a_live_topic(house.database, "light-one", a_topic(title="Quokka", sections=[a_section("overview", CANARY)]))
    everywhere = [*addresses(house), *ELSEWHERE]
    assert sum(CANARY in house.client.get(each).text for each in everywhere) >= 5
    with writing_as(house.database, "publisher" if how != "recall" else "medical_reviewer") as work:
        there = the_text(work, text)
        if how == "unpublish":
            publishing.unpublish(work, there)
        else:
            publishing.withdraw(work, there, reason="Wrong.", severity="high" if how == "recall" else None)
    wanted = 404 if how == "unpublish" else 410
    for each in everywhere:
        reply = house.client.get(each)
        assert CANARY not in reply.text and "Quokka" not in reply.text, each
        if "light-one" in each:
            assert reply.status_code == wanted, each
    with house.database.reading() as connection:
        told = connection.execute(select(Purge.tags, Purge.hard).order_by(Purge.clock.desc()).limit(1)).one()
    assert told.hard and f"e:{text.entry_id}" in told.tags


def test_a_withdrawn_text_is_in_no_list_search_map_menu_or_include(house: House) -> None:
    named = house.data(f"{ITEM}?locale=en")["data"]["id"]
    before = house.data("demo-south/search?locale=en&q=mesotherapy&type=topic")["meta"]["total"]
    withdraw(house, "topic", "mesotherapy")
    assert "mesotherapy" not in slugs(house, "demo-south/topics?locale=en")
    assert house.data("demo-south/topics?locale=en&count=true")["meta"]["total"] == 3
    assert house.data("demo-south/search?locale=en&q=mesotherapy&type=topic")["meta"]["total"] < before
    for path in ("sitemap.xml", "redirects", "navigation?locale=en"):
        assert "/treatments/mesotherapy<" not in house.get(f"demo-south/{path}").text
    for locale in ("en", "es"):
        rows = house.data(f"demo-south/sitemap.json?locale={locale}&page[size]=100")["data"]
        mine = [each for each in rows if each["id"] == named]
        assert (locale, [row["locale"] for row in mine]) == (locale, [] if locale == "en" else ["es"])
        assert all(each["hreflang"] != "en" for row in mine for each in row["alternates"])
    gone(house.get("demo-south/resolve?path=/treatments/mesotherapy"))
    other = house.data("demo-south/topics/microneedling?locale=en&include=related")
    assert named not in [each["id"] for each in other["included"]]
    assert {"relation": "related", "reason": "withdrawn", "count": 1, "ref": {"type": "topic", "id": named}} in other[
        "meta"
    ]["unresolved"]
    asked = house.data(f"demo-south/topics?locale=en&ids={named}")
    assert asked["data"] == [] and asked["meta"]["unresolved"][0]["reason"] == "withdrawn"


def test_a_withdrawn_text_is_never_replaced_by_another_language(house: House) -> None:
    withdraw(house, "topic", "mesotherapy")
    for fallback in ("default", "es", "none", "es,en"):
        assert house.get(f"{ITEM}?locale=en&fallback={fallback}").status_code == 410, fallback
        assert "mesoterapia" not in slugs(house, f"demo-south/topics?locale=en&fallback={fallback}")
        hits = house.data(f"demo-south/search?q=mesoterapia&type=topic&locale=en&fallback={fallback}")["data"]
        assert "mesoterapia" not in [each["slug"] for each in hits]
    spanish = house.data("demo-south/topics/mesoterapia?locale=es")["data"]
    assert (spanish["locale"], [each["locale"] for each in spanish["alternates"]]) == ("es", ["es", "es"])
    assert house.get("demo-south/topics/mesoterapia?locale=en").status_code == 410


def test_an_unpublished_text_makes_way_for_another_language(house: House) -> None:
    with desk(house) as demo:
        publishing.unpublish(demo.act("publisher"), text_of(demo, "topic", "mesotherapy"))
    served = house.data("demo-south/topics/mesoterapia?locale=en&fallback=es")
    assert served["meta"]["locale"] == {"requested": "en", "served": "es", "fallback": True}
    assert "mesoterapia" in slugs(house, "demo-south/topics?locale=en&fallback=es")
    assert house.get("demo-south/topics/mesoterapia?locale=en&fallback=none").json["code"] == "not_in_locale"
    assert house.get("demo-south/topics/mesoterapia?locale=en&fallback=none").json["available_locales"] == ["es"]
    assert "mesotherapy" not in slugs(house, "demo-south/topics?locale=en&fallback=none")


def test_a_withdrawal_reaches_clinics_that_overlay_or_pin(house: House) -> None:
    with desk(house) as demo:
        variant = text_of(demo, "topic", "mesotherapy")
        overlays.pin(demo.act("editor"), variant.entry, clinic_id(house, "demo-south"), "en")
    assert house.get("demo-north/topics/mesotherapy?locale=en").status_code == 200
    withdraw(house, "topic", "mesotherapy")
    for clinic in ("demo-south", "demo-north"):
        gone(house.get(f"{clinic}/topics/mesotherapy?locale=en"))


def test_a_hidden_text_stays_404_when_it_is_withdrawn(house: House) -> None:
    withdraw(house, "topic", "combined-treatment")
    assert house.get("demo-south/topics/combined-treatment?locale=en").status_code == 410
    assert house.get("demo-north/topics/combined-treatment?locale=en").status_code == 404


def test_a_replacement_that_may_not_be_seen_is_not_named(house: House) -> None:
    with desk(house) as demo:
        there = text_of(demo, "topic", "combined-treatment").entry
        publishing.withdraw(demo.act("publisher"), text_of(demo, "topic", "mesotherapy"), replacement=there)
    assert gone(house.get(f"{ITEM}?locale=en"))["replacement"]["slug"] == "combined-treatment"
    assert gone(house.get("demo-north/topics/mesotherapy?locale=en"))["replacement"] is None


def test_the_next_text_of_a_withdrawn_one_is_unseen_until_its_instant(house: House) -> None:
    withdraw(house, "topic", "mesotherapy")
    with desk(house) as demo:
        variant = text_of(demo, "topic", "mesotherapy")
        publishing.restore(demo.act("editor"), variant)
        demo.work.session.expire(variant, ["revisions"])
        entries.revise(demo.act("author"), variant, "reserved", document_of(demo, variant))
    assert house.get("demo-south/topics/reserved").status_code == 404
    gone(house.get(f"{ITEM}?locale=en"))
    with desk(house) as demo:
        publish(demo, text_of(demo, "topic", "reserved"), at=at(100))
    for path in ("topics/reserved", "resolve?path=/treatments/reserved"):
        assert house.get(f"demo-south/{path}").status_code == 404
    house.at(99)
    assert house.get(f"{ITEM}?locale=en").status_code == 410
    assert house.get(f"{ITEM}?locale=en").headers["Cache-Control"] == "public, max-age=0, s-maxage=0"
    house.at(100)
    assert house.data("demo-south/topics/reserved?locale=en")["data"]["slug"] == "reserved"
    assert house.data(f"{ITEM}?locale=en")["data"]["slug"] == "reserved"


def test_a_withdrawal_cancels_what_was_planned(house: House) -> None:
    with desk(house) as demo:
        variant = text_of(demo, "topic", "mesotherapy")
        changed = {**document_of(demo, variant), "title": "Planned title"}
        entries.revise(demo.act("author"), variant, "mesotherapy", changed)
        approved(demo, variant)
        publishing.publish(demo.act("publisher"), variant, at=at(60))
        publishing.withdraw(demo.act("publisher"), variant)
    house.at(61)
    assert house.get(f"{ITEM}?locale=en").status_code == 410


def test_a_tag_of_a_withdrawn_text_brings_no_304(house: House) -> None:
    tag = house.get(f"{ITEM}?locale=en").headers["ETag"]
    withdraw(house, "topic", "mesotherapy")
    for given in (tag, "*"):
        headers = {"If-None-Match": given, "If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}
        assert house.get(f"{ITEM}?locale=en", headers=headers).status_code == 410
