"""Embeds in other languages and directions: what is said in which language, and that nothing leans the wrong way."""

from __future__ import annotations

import re

import pytest

from api.db import Database
from api.models import Clinic
from api.services.texts import entries
from tests.builders import a_section, a_topic, create, move, publish_text, writing_as
from tests.conftest import House
from tests.embed.stage import Stage, shadow, show
from tests.embed.test_component import DONE, HEARS
from tests.pages.browser import Tab, chromium

ARABIC = {"code": "ar", "hreflang": "ar", "fallback": []}


def speaks_arabic(database: Database) -> None:
    """Let a clinic have Arabic beside its languages, and one text in it."""
    with writing_as(database, "admin") as work:
        clinic = work.session.query(Clinic).filter_by(slug="demo-south").one()
        clinic.document = {**clinic.document, "locales": [*clinic.document["locales"], ARABIC]}
    risks = {**a_section("risks", "قد تظهر كدمات."), "title": "المخاطر"}
    told = a_topic(title="العلاج بالضوء", summary="ما قد يفعله الضوء للبشرة.", sections=[risks])
    with writing_as(database, "author") as work:
        text = entries.create(work, "topic", "ar", "light", told)
    publish_text(database, text)


@pytest.mark.either
def test_a_text_from_right_to_left_says_so_and_what_the_house_says_beside_it_is_english(house: House) -> None:
    speaks_arabic(house.database)
    told = house.get("/embed/demo-south/topics/light.html?locale=ar")
    assert told.status_code == 200 and told.headers["Content-Language"] == "ar"
    assert re.match('<article [^>]*lang="ar" dir="rtl"', told.text)
    assert '<footer lang="en" dir="ltr">' in told.text
    assert '<html lang="ar" dir="rtl"' in house.get("/embed/demo-south/topics/light?locale=ar").text


@pytest.mark.either
def test_a_notice_is_in_one_language_and_marks_what_is_not(library: House) -> None:
    told = library.get("/embed/demo-south/topics/no-such-topic?locale=es").text
    assert '<article class="clinic-embed clinic-embed-missing" lang="es" dir="ltr"' in told
    assert '<p class="clinic-embed-detail" lang="en">No topic is published' in told
    assert 'lang="en" dir="ltr"' in library.get("/embed/demo-south/topics/no-such-topic?locale=ar").text


@pytest.mark.either
def test_a_notice_is_in_the_clinics_own_language_where_none_is_asked_for(house: House) -> None:
    text = create(house.database, "recalled-here")
    publish_text(house.database, text)
    move(house.database, "withdraw", text, "publisher", reason="Old.")
    for query, words in (("", "ya no se ofrece"), ("?locale=en", "no longer offered")):
        told = house.get(f"/embed/demo-north/topics/recalled-here.html{query}")
        assert told.status_code == 410 and words in told.text


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.skipif(chromium() is None, reason="There is no Chromium here.")
def test_nothing_leans_the_wrong_way_on_a_page_from_right_to_left(browser: Tab, on_stage: Stage) -> None:
    assert on_stage.database is not None
    speaks_arabic(on_stage.database)
    browser.send("Emulation.setDeviceMetricsOverride", width=320, height=900, deviceScaleFactor=1, mobile=False)
    turned = HEARS + "<script>document.documentElement.dir = 'rtl'</script>"
    show(browser, on_stage.component('type="topic" slug="light" locale="ar"', head=turned))
    browser.wait(DONE)
    risks = shadow("[data-aspect=risks]")
    assert (
        browser.run(f"getComputedStyle({risks}).borderRightWidth + getComputedStyle({risks}).borderLeftWidth")
        == "4px0px"
    )
    show(browser, on_stage.component('type="term" slug="collagen"', head=turned))
    browser.wait(DONE)
    browser.run(f"{shadow('button')}.click()")
    browser.run("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    at = browser.run(f"(({{left, right}}) => [left, right])({shadow('#meaning')}.getBoundingClientRect())")
    assert at[0] >= 0 and at[1] <= 320 and browser.run("document.documentElement.scrollWidth") == 320
