"""The page that makes snippets: what it offers, what it makes, and that what it makes works."""

from __future__ import annotations

import re
from html import unescape

import pytest

from api.models import Clinic
from api.pages.assets import FOLDER
from tests.builders import a_live_topic, a_section, a_topic
from tests.conftest import House
from tests.embed.stage import API, Stage, show
from tests.embed.test_accessible import SMALL, looked_at, violations
from tests.embed.test_component import DONE, HEARS
from tests.pages.browser import Tab, chromium
from tests.pages.conftest import Addresses

pytestmark = pytest.mark.either

KINDS = ("topic", "section", "faqs", "category", "question", "guide", "questions", "term")


def snippet(text: str) -> str:
    [found] = re.findall(r'<code id="snippet">(.*?)</code>', text, re.S)
    return unescape(found)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("mode", ["component", "iframe", "fragment"])
def test_every_snippet_names_an_embed_that_answers(library: House, kind: str, mode: str) -> None:
    query = f"kind={kind}&mode={mode}&locale=es&theme=dark&origin=https://www.partner.example"
    reply = library.get(f"/docs/embeds?{query}")
    assert reply.status_code == 200
    [preview] = [each for each in Addresses(reply.text).found if each.startswith("/embed/")]
    assert library.get(preview).status_code == 200
    made = snippet(reply.text)
    if mode == "component":
        assert made.startswith('<script async src="https://api.example/embed.js"></script>\n<clinic-content clinic=')
        assert 'locale="es" theme="dark"' in made
        return
    address = unescape(re.findall(r'src="([^"]+)"', made)[0]) if mode == "iframe" else made
    assert library.get(address.removeprefix("https://api.example")).status_code == 200
    assert ("origin=https%3A%2F%2Fwww.partner.example" in made) == (mode == "iframe")


@pytest.mark.parametrize("value", ["<script>alert(1)</script>", "demo-private", "", "\"'><img src=x>", "x" * 3000])
def test_a_choice_that_is_none_is_passed_over(library: House, value: str) -> None:
    for name in ("clinic", "kind", "text", "mode", "locale", "theme", "partner", "origin", "part", "level"):
        reply = library.get("/docs/embeds", query_string={name: value})
        assert reply.status_code == 200
        assert "alert(1)" not in reply.text and "<img src=x" not in reply.text and "demo-private" not in reply.text


def test_the_page_says_what_a_strict_policy_needs(library: House) -> None:
    text = unescape(library.get("/docs/embeds").text)
    pinned = library.get("/embed/version.json").json
    src, digest = pinned["src"], pinned["integrity"]
    assert f'<script async src="{src}" integrity="{digest}" crossorigin="anonymous"></script>' in text
    here = "https://api.example"
    allowed = f"script-src {here}/embed/v/;\nconnect-src {here};\nimg-src {here}/media/;\ntrusted-types clinic-content"
    assert allowed in text
    names = set(re.findall(r"var\((--clinic-[a-z]+)", (FOLDER / "embed.css").read_text(encoding="utf-8")))
    assert names <= set(re.findall(r"--clinic-[a-z]+", text)), "a colour that the page does not tell of"


def test_a_section_is_chosen_among_those_that_stand_alone(house: House) -> None:
    sections = [a_section("overview"), {**a_section("procedure"), "standalone": False}, a_section("aftercare")]
    a_live_topic(house.database, "light", a_topic(sections=sections))
    asked = "/docs/embeds?kind=section&text=light"
    told = house.get(f"{asked}&part=aftercare&level=4").text
    assert 'module="aftercare" locale="en" heading-level="4"' in snippet(told)
    assert re.findall(r'<option value="(overview|procedure|aftercare)"', told) == ["overview", "aftercare"]
    assert 'module="overview"' in snippet(house.get(f"{asked}&part=procedure").text)
    a_live_topic(house.database, "bare", a_topic(sections=[{**a_section("overview"), "standalone": False}]))
    assert "No section of this topic stands alone." in house.get("/docs/embeds?kind=section&text=bare").text


def test_without_a_clinic_that_allows_it_the_page_says_so(house: House) -> None:
    with house.database.transaction() as session:
        for clinic in session.query(Clinic):
            clinic.document = {**clinic.document, "embeds": "none"}
    house.database.memory.clear()
    text = house.get("/docs/embeds").text
    assert "No clinic here lets other sites show its texts" in text and "<form" not in text


def test_the_first_page_leads_to_it(library: House) -> None:
    assert Addresses(library.get("/").text).found.count("/docs/embeds") == 2


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.skipif(chromium() is None, reason="There is no Chromium here.")
def test_a_choice_is_shown_at_once_and_its_snippet_works(browser: Tab, on_stage: Stage) -> None:
    show(browser, f"{on_stage.at(API)}/docs/embeds?text=mesotherapy")
    browser.run("const of = (id, to) => { document.getElementById(id).value = to; "
                "document.getElementById(id).dispatchEvent(new Event('change', {bubbles: true})) }; of('kind', 'faqs')")
    browser.wait("document.getElementById('snippet').textContent.includes('type=\"faq\" topic=\"mesotherapy\"')")
    browser.wait("parseInt(document.getElementById('preview').style.height) > 200")
    browser.wait("document.querySelector('[data-height]').textContent === "
                 "String(parseInt(document.getElementById('preview').style.height))")
    browser.wait_inside("document.querySelectorAll('details').length > 1")
    wide = browser.run("document.getElementById('preview').clientWidth")
    browser.run("document.querySelector('[data-width=\"320px\"]').click()")
    assert wide > 500 and browser.run("document.getElementById('preview').clientWidth") == 320
    assert browser.run("['part', 'origin', 'level', 'mode'].map((each) => "
                       "document.querySelector(`[data-choice=${each}]`).hidden)") == [True, True, False, False]
    assert browser.complaints == []
    made = browser.run("document.getElementById('snippet').textContent")
    show(browser, on_stage.put("/pasted", made, HEARS))
    browser.wait(DONE)
    assert browser.run("told[0][0]") == "load"


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.skipif(chromium() is None, reason="There is no Chromium here.")
@pytest.mark.parametrize(("theme", "width"), [("light", 320), ("dark", 1280)])
def test_the_page_can_be_used_by_everyone(browser: Tab, on_stage: Stage, theme: str, width: int) -> None:
    pytest.importorskip("axe_core_python")
    looked_at(browser, theme, width)
    show(browser, f"{on_stage.at(API)}/docs/embeds?text=mesotherapy")
    assert browser.run("document.documentElement.scrollWidth") <= width
    assert [*violations(browser), *browser.run(SMALL.replace("summary, label, button", "select, input, button"))] == []
