"""<clinic-content> in a real browser, on a page of another site: right, and leaving that page alone (EM5, EM6, PR1)."""

from __future__ import annotations

import gzip
import json

import pytest

from tests.builders import a_term, create, move, publish_text
from tests.embed.stage import API, PARTNER, Stage, hosts, shadow, show
from tests.pages.browser import Tab, chromium

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(chromium() is None, reason="There is no Chromium here."),
]
KINDS = {
    'type="topic" slug="mesotherapy"': "Mesotherapy for acne scars",
    'type="topic" slug="mesotherapy" module="results"': "Mesotherapy for acne scars",
    'type="faq" topic="mesotherapy"': "Does mesotherapy hurt?",
    'type="faq" slug="does-mesotherapy-hurt"': "Does mesotherapy hurt?",
    'type="faq" category="results"': "What change can I expect",
    'type="guide" slug="choosing-a-provider"': "choose",
    'type="guide" slug="choosing-a-provider" module="questions"': "ask",
    'type="term" slug="collagen"': "protein",
    'type="topic" slug="mesoterapia" locale="es" heading-level="4" theme="dark"': "Mesoterapia",
}
HEARS = """<script>window.told = [];
for (const name of ["load", "error", "withdrawn"])
  addEventListener("clinic-content:" + name, (e) => told.push([name, e.detail]));
for (const name of ["error", "unhandledrejection"])
  addEventListener(name, (e) => told.push(["page " + name, String(e.message || e.reason)]));
</script>"""
DONE = "window.told && told.length"


@pytest.mark.parametrize("attributes", KINDS)
def test_every_kind_is_shown_on_a_partners_page(browser: Tab, on_stage: Stage, attributes: str) -> None:
    show(browser, on_stage.component(attributes, head=HEARS))
    browser.wait(DONE)
    assert browser.run("told[0][0]") == "load", browser.run("told")
    assert KINDS[attributes] in browser.run(f"{shadow('article')}.textContent")
    assert browser.complaints == [] and hosts(browser) == {PARTNER, API}
    assert browser.run("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
    if "heading-level" in attributes:
        assert browser.run(f"{shadow('h4')}.parentNode.lang + {shadow('article')}.dataset.theme") == "esdark"


def test_an_embed_asks_for_two_files_of_25_kilobytes_beside_its_picture_and_tells_what_it_shows(
    browser: Tab, own_stage: Stage
) -> None:
    on_stage = own_stage
    show(browser, on_stage.component(head=HEARS))
    browser.wait(DONE)
    browser.until(lambda: any("/media/" in each for each in browser.requests))
    asked = [each for each in browser.requests if each.startswith(on_stage.at(API)) and "beacon" not in each]
    pictures = [each for each in asked if "/media/" in each]
    assert len(pictures) == 1 and on_stage.app.test_client().get(pictures[0].removeprefix(on_stage.at(API))).data
    asked = [each for each in asked if each not in pictures]
    client = on_stage.app.test_client()
    sizes = [len(gzip.compress(client.get(each.removeprefix(on_stage.at(API))).data, 6)) for each in asked]
    assert len(asked) == 2 and sum(sizes) <= 25_000 and sizes[0] <= 8_000, (asked, sizes)
    browser.until(lambda: on_stage.beacons)
    [beacon] = [json.loads(each) for each in on_stage.beacons]
    assert beacon["id"].startswith("top_")
    assert beacon | {"id": ""} == {
        "partner": None, "clinic": "demo-south", "type": "topic", "id": "", "locale": "en", "revision": 1,
        "mode": "component",
    }  # fmt: skip


@pytest.mark.parametrize("mode", ["component", "iframe"])
def test_a_list_of_questions_tells_the_revision_of_each(browser: Tab, own_stage: Stage, mode: str) -> None:
    on_stage = own_stage
    if mode == "component":
        show(browser, on_stage.component('type="faq" topic="mesotherapy"', head=HEARS))
    else:
        framed = f'<iframe src="{on_stage.at(API)}/embed/demo-south/faqs?topic=mesotherapy" sandbox="allow-scripts">'
        show(browser, on_stage.put("/counted", framed + "</iframe>", "<script>told = [1]</script>"))
    browser.wait(DONE)
    browser.until(lambda: on_stage.beacons)
    [beacon] = [json.loads(each) for each in on_stage.beacons]
    assert (beacon["type"], beacon["mode"], beacon["revision"], list(beacon["also"].values())) == ("faq", mode, 1, [1])


def test_no_beacon_is_sent_where_the_page_says_so(browser: Tab, own_stage: Stage) -> None:
    show(browser, own_stage.component('type="topic" slug="mesotherapy" beacon="off"', head=HEARS))
    browser.wait(DONE)
    assert [each for each in browser.requests if "beacon" in each] == own_stage.beacons == []


def test_style_of_a_hostile_page_does_not_reach_in(browser: Tab, on_stage: Stage) -> None:
    hostile = """<style>* { color: red !important; font: 3px serif !important; float: right !important;
      text-transform: uppercase !important; line-height: 9 !important }
      article, h2, p { display: none !important }</style>"""
    looks = f"""(() => {{ const a = getComputedStyle({shadow("article")}), h = getComputedStyle({shadow("h2")});
      return [a.color, h.fontSize, h.display, a.textTransform, h.cssFloat, a.lineHeight] }})()"""
    show(browser, on_stage.component(head=HEARS))
    browser.wait(DONE)
    usual = browser.run(looks)
    show(browser, on_stage.component(head=HEARS + hostile))
    browser.wait(DONE)
    assert browser.run(looks) == [usual[0], "21px", *usual[2:5], "22.4px"], "letters are never below 14 pixels"
    assert usual[:3] == ["rgb(27, 36, 48)", "24px", "block"]


def test_colours_and_font_are_the_pages_own(browser: Tab, on_stage: Stage) -> None:
    looks = (
        f"(({{backgroundColor, fontFamily}}) => [backgroundColor, fontFamily])(getComputedStyle({shadow('article')}))"
    )
    seen = {}
    for scheme in ("light", "dark"):
        browser.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        for page in ("normal", "light dark", "dark"):
            paper = f"<style>:root {{ color-scheme: {page} }} body {{ font-family: Georgia, serif }}</style>"
            show(browser, on_stage.component(head=HEARS + paper))
            browser.wait(DONE)
            seen[scheme, page], font = browser.run(looks)
            assert font == "Georgia, serif"
    light, dark = "rgb(255, 255, 255)", "rgb(20, 25, 31)"
    assert seen == {
        ("light", "normal"): light, ("light", "light dark"): light, ("light", "dark"): dark,
        ("dark", "normal"): light, ("dark", "light dark"): dark, ("dark", "dark"): dark,
    }  # fmt: skip
    own = "<style>clinic-content { --clinic-background: #fee; --clinic-font: monospace }</style>"
    show(browser, on_stage.component(head=HEARS + own))
    browser.wait(DONE)
    assert browser.run(looks) == ["rgb(255, 238, 238)", "monospace"]


def test_answers_are_printed_though_nobody_opened_them(browser: Tab, on_stage: Stage) -> None:
    show(browser, on_stage.component('type="faq" topic="mesotherapy"', head=HEARS))
    browser.wait(DONE)
    seen = f"{shadow('details p')}.checkVisibility()"
    assert browser.run(seen) is False
    browser.send("Emulation.setEmulatedMedia", media="print")
    try:
        browser.wait(seen)
    finally:
        browser.send("Emulation.setEmulatedMedia", media="")


def test_letters_are_as_large_as_the_pages_own(browser: Tab, on_stage: Stage) -> None:
    head = HEARS + "<style>html { font-size: 62.5% } body { font-size: 1.8rem }</style>"
    show(browser, on_stage.component(head=head))
    browser.wait(DONE)
    assert browser.run(f"getComputedStyle({shadow('article')}).fontSize") == "18px"


@pytest.mark.parametrize("types", ["", "; trusted-types clinic-content"])
def test_a_page_with_a_strict_policy_pins_the_script(browser: Tab, on_stage: Stage, types: str) -> None:
    api = on_stage.at(API)
    pinned = on_stage.app.test_client().get("/embed/version.json").json
    script = f'<script async src="{pinned["src"]}" integrity="{pinned["integrity"]}" crossorigin="anonymous"></script>'
    policy = (
        f"default-src 'none'; script-src {api}/embed/v/; connect-src {api}; style-src 'self'; "
        f"img-src {api}/media/; base-uri 'none'; "
        f"require-trusted-types-for 'script'{types}"
    )
    show(browser, on_stage.component(script=script, Content_Security_Policy=policy))
    browser.wait(f"{shadow('article h3')} !== null")
    assert browser.run(f"getComputedStyle({shadow('article')}).color") == "rgb(27, 36, 48)"
    assert browser.complaints == []
    wrong = script.replace("sha384-", "sha384-A", 1)
    show(browser, on_stage.component(script=wrong, Content_Security_Policy=policy))
    assert browser.run("customElements.get('clinic-content') === undefined && !!document.querySelector('a')")


def test_patched_prototypes_clobbered_names_and_a_second_copy_do_no_harm(browser: Tab, on_stage: Stage) -> None:
    patched = """<script>Object.prototype.each = () => {}; Array.prototype.toJSON = () => "broken";
      Array.prototype.remove = () => {}; String.prototype.format = () => {}; window.before = Object.keys(window).sort();
      Function.prototype.bind = new Proxy(Function.prototype.bind, {}); window.define = () => { throw 1 };
      define.amd = {}; window.module = {exports: {}}; window.exports = {};</script>"""
    names = "currentScript createElement importNode visibilityState body head fetch navigator customElements forms"
    before = "".join(f'<img name="{each}" alt=""><a id="{each}"></a>' for each in names.split())
    before += "<form name=trustedTypes><input name=createPolicy></form>"
    show(browser, on_stage.component(head=HEARS + patched, before=before, script=on_stage.script * 2))
    browser.wait(DONE)
    assert browser.run("told.map((each) => each[0]).join()") == "load"
    assert "Mesotherapy" in browser.run(f"{shadow('article')}.textContent")
    known = {"told", "before", "define", "module", "exports", *names.split(), "trustedTypes"}
    assert set(browser.run("Object.keys(window).filter((name) => !before.includes(name))")) - known == set()


def test_without_scripts_the_pages_own_link_stays(browser: Tab, on_stage: Stage) -> None:
    browser.send("Emulation.setScriptExecutionDisabled", value=True)
    show(browser, on_stage.component())
    assert browser.run("document.querySelector('clinic-content').shadowRoot") is None
    assert browser.run("document.querySelector('clinic-content a').getClientRects().length") == 1


@pytest.mark.parametrize("away", ["*/embed/demo-south/*", "*/embed.js"])
def test_without_the_service_the_pages_own_link_stays_and_the_page_sees_no_error(
    browser: Tab, on_stage: Stage, away: str
) -> None:
    browser.send("Network.setBlockedURLs", urls=[away])
    show(browser, on_stage.component(head=HEARS))
    if away != "*/embed.js":
        browser.wait(DONE)
    assert browser.run("document.querySelector('clinic-content a').getClientRects().length") == 1
    assert [each[0] for each in browser.run("told")] == ([] if away == "*/embed.js" else ["error"])
    assert [each for each in browser.complaints if "ERR_BLOCKED" not in each] == []


@pytest.mark.parametrize(
    ("attributes", "status", "reason"),
    [
        ('type="topic" slug="no-such-topic"', 404, "No topic is published under this slug."),
        ('type="topic" slug="mesotherapy" module="price"', 404, "This topic has no section price"),
        ('type="faq" slug="no-such-question"', 404, "No faq is published under this slug."),
        ('type="faqs"', 0, "there is no type faqs, but topic, faq, guide, term"),
        ('type="guide"', 0, "slug is missing"),
    ],
)
def test_what_is_not_there_leaves_the_pages_own_link_and_says_why_in_the_console(
    browser: Tab, on_stage: Stage, attributes: str, status: int, reason: str
) -> None:
    warned = "<script>window.warned = []; console.warn = (...said) => warned.push(said[0]);</script>"
    show(browser, on_stage.component(attributes, head=HEARS + warned))
    browser.wait(DONE)
    [[name, detail]] = browser.run("told")
    assert (name, detail["status"]) == ("error", status) and reason in detail["reason"]
    assert browser.run("warned") == [f"<clinic-content>: {detail['reason']}"]
    assert browser.run("document.querySelector('clinic-content a').getClientRects().length") == 1


def test_nothing_on_a_page_moves_that_keeps_the_height_free(browser: Tab, on_stage: Stage) -> None:
    seen = """<script>window.shifted = 0; new PerformanceObserver((list) => { for (const each of list.getEntries())
      shifted += each.value }).observe({type: "layout-shift", buffered: true});</script>"""
    kept = 'type="topic" slug="mesotherapy" style="display: block; min-height: 6000px"'
    show(browser, on_stage.component(kept, head=HEARS + seen, after="<p>What follows.</p>"))
    browser.wait(DONE)
    browser.run("new Promise((done) => setTimeout(done, 300))")
    assert browser.run(f"{shadow('article')}.getBoundingClientRect().height") > 500
    assert browser.run("shifted") == 0


def test_a_glossary_word_answers_to_the_keyboard(browser: Tab, on_stage: Stage) -> None:
    show(browser, on_stage.component('type="term" slug="collagen"', head=HEARS))
    browser.wait(DONE)
    button, shown = shadow("button"), f"{shadow('#meaning')}.matches(':popover-open')"
    assert browser.run(shown) is False
    browser.run(f"{button}.focus(); {button}.click()")
    browser.wait(f"{shown} && {button}.getAttribute('aria-expanded') === 'true'")
    browser.send("Input.dispatchKeyEvent", type="keyDown", key="Escape", code="Escape", windowsVirtualKeyCode=27)
    browser.wait(f"!{shown} && {button}.getAttribute('aria-expanded') === 'false'")


def test_what_a_word_means_stands_on_the_screen_wherever_the_word_does(browser: Tab, on_stage: Stage) -> None:
    browser.send("Emulation.setDeviceMetricsOverride", width=320, height=400, deviceScaleFactor=1, mobile=False)
    word = 'type="term" slug="collagen" style="position: fixed; right: 0; bottom: 0"'
    show(browser, on_stage.component(word, head=HEARS))
    browser.wait(DONE)
    browser.run(f"{shadow('button')}.click()")
    browser.run("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    at = browser.run(
        f"(({{left, top, right, bottom}}) => [left, top, right, bottom])({shadow('#meaning')}.getBoundingClientRect())"
    )
    assert at[0] >= 0 and at[1] >= 0 and at[2] <= 320 and at[3] <= 400, at
    assert browser.run("document.documentElement.scrollWidth") == 320


def test_a_word_stays_in_its_sentence_when_its_meaning_is_withdrawn(browser: Tab, on_stage: Stage) -> None:
    assert on_stage.database is not None
    lumen = create(on_stage.database, "lumen", a_term(), kind="term")
    publish_text(on_stage.database, lumen)
    move(on_stage.database, "withdraw", lumen, "publisher", reason="Old.")
    show(browser, on_stage.component('type="term" slug="lumen"', head=HEARS))
    browser.wait(DONE)
    assert browser.run("told[0][0]") == "withdrawn"
    assert browser.run(f"{shadow('button')}.textContent") == "At the clinic"
    assert "no longer offered" in browser.run(f"{shadow('#meaning')}.textContent")
