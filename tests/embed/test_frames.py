"""Embeds in frames, in a real browser: only their own page frames and hears them (EM2, EM4), as high as their text."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from api.models import Partner
from tests.builders import a_live_topic, a_topic, move, writing_as
from tests.embed.stage import API, EVIL, PARTNER, Stage, hosts, shadow, show
from tests.embed.test_component import HEARS
from tests.pages.browser import Tab, chromium

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(chromium() is None, reason="There is no Chromium here."),
]
KEEPS = """<script>window.said = []; addEventListener("message", (e) => {
  said.push([e.origin, e.data]);
  if (e.data && e.data.type === "clinic-content:height" && e.source === frames[0])
    document.querySelector("iframe").style.height = e.data.height + "px";
});</script>"""
WORDPRESS = """<script>addEventListener("message", (e) => { // As wp-embed.js of WordPress 6 has it.
  const data = e.data;
  if (!data || !(data.secret || data.message || data.value) || /[^a-zA-Z0-9]/.test(data.secret)) return;
  for (const source of document.querySelectorAll('iframe[data-secret="' + data.secret + '"]')) {
    source.removeAttribute("style");
    if (e.source !== source.contentWindow) continue;
    if (data.message === "height") source.height = Math.min(1000, Math.max(200, parseInt(data.value, 10)));
  }
});
if (READY) document.addEventListener("DOMContentLoaded", () => {
  for (const source of document.querySelectorAll("iframe.wp-embedded-content"))
    source.addEventListener("load", () => source.contentWindow.postMessage(
      {message: "ready", secret: source.getAttribute("data-secret")}, "*"));
});</script>"""
SOON = """window.setInterval = ((real) => (work, pause) =>
  real(work, pause === 45000 ? 200 : pause))(window.setInterval);"""
"""What is looked at every 45 seconds is looked at every 200 ms."""


def frame(stage: Stage, rest: str = "topics/mesotherapy", more: str = "") -> str:
    """An iframe as a partner pastes it."""
    return f'<iframe src="{stage.at(API)}/embed/demo-south/{rest}" width="600" height="200" title="T"{more}></iframe>'


def text_in(browser: Tab) -> str:
    return browser.inside("document.body && document.body.innerText") or ""


@pytest.mark.parametrize("sandbox", ["", ' sandbox="allow-scripts allow-popups"'])
def test_a_frame_is_as_high_as_its_text_and_grows_with_it(browser: Tab, on_stage: Stage, sandbox: str) -> None:
    own = f"?topic=mesotherapy&origin={on_stage.at(PARTNER)}"
    show(browser, on_stage.put("/frame", frame(on_stage, f"faqs{own}", sandbox), KEEPS))
    fits = "innerHeight >= document.documentElement.scrollHeight && innerHeight > 220"
    browser.wait_inside(fits)
    before = browser.run("document.querySelector('iframe').clientHeight")
    browser.inside("for (const each of document.querySelectorAll('details')) each.open = true")
    browser.wait(f"document.querySelector('iframe').clientHeight > {before + 50}")
    browser.wait_inside(fits)
    assert {each[0] for each in browser.run("said")} == {"null" if sandbox else on_stage.at(API)}
    assert all(set(each[1]) == {"type", "height"} for each in browser.run("said"))
    assert browser.complaints == [] and hosts(browser) == {API, PARTNER}
    asked = [each for each in browser.requests if on_stage.at(API) in each and "beacon" not in each]
    assert len(asked) == 2, asked


def test_a_frame_out_of_sight_tells_its_height_too(browser: Tab, on_stage: Stage) -> None:
    far = '<div style="height: 9000px"></div>'
    framed = frame(on_stage, f"faqs?topic=mesotherapy&origin={on_stage.at(PARTNER)}", ' sandbox="allow-scripts"')
    show(browser, on_stage.put("/far", far + framed, KEEPS))
    browser.wait("document.querySelector('iframe').clientHeight > 220")


def test_a_frame_is_light_unless_it_is_told_to_be_dark_or_as_the_visitor_likes_it(
    browser: Tab, on_stage: Stage
) -> None:
    browser.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])
    light, dark = "rgb(255, 255, 255)", "rgb(20, 25, 31)"
    for asked, paper in (("", light), ("?theme=light", light), ("?theme=dark", dark), ("?theme=auto", dark)):
        for text in ("collagen", "no-such-word"):
            show(browser, on_stage.put("/themed", frame(on_stage, f"terms/{text}{asked}")))
            browser.wait_inside(f"getComputedStyle(document.querySelector('article')).backgroundColor === '{paper}'")


def as_wordpress(html: str) -> str:
    """wp_filter_oembed_result() of WordPress 6: few attributes stay, a secret and its own sandbox are put in."""
    known = ("src", "width", "height", "frameborder", "marginwidth", "marginheight", "scrolling", "title")
    found = re.findall(r' ([a-z]+)="([^"]*)"', html)
    kept = "".join(f' {name}="{value}"' for name, value in found if name in known)
    kept = re.sub(r' src="([^"]*)"', r' src="\1#?secret=s3cretS3cr" data-secret="s3cretS3cr"', kept)
    return f'<iframe class="wp-embedded-content" sandbox="allow-scripts" security="restricted"{kept}></iframe>'


@pytest.mark.parametrize("ready", ["true", "false"])
def test_wordpress_shows_an_address_that_was_pasted_as_high_as_its_text(
    browser: Tab, on_stage: Stage, ready: str
) -> None:
    """Also where its script has said that it is ready before ours listens."""
    client = on_stage.app.test_client()
    pasted = f"{on_stage.at(API)}/embed/demo-south/terms/collagen"
    page = client.get(pasted.removeprefix(on_stage.at(API))).text
    [link] = re.findall(r'href="([^"]+)" type="application/json\+oembed"', page)
    reply = client.get(unescape(link).removeprefix(on_stage.at(API)) + "&maxwidth=500&maxheight=750&dnt=1&format=json")
    html = as_wordpress(reply.json["html"])
    show(browser, on_stage.put("/wordpress", html, WORDPRESS.replace("READY", ready)))
    browser.wait_inside("document.querySelector('h1')")
    browser.wait("+document.querySelector('iframe').height !== 240")
    assert 200 <= int(browser.run("document.querySelector('iframe').height")) < 640
    assert "Collagen" in text_in(browser) and browser.complaints == []


def test_strange_messages_are_passed_over(browser: Tab, on_stage: Stage) -> None:
    show(browser, on_stage.put("/frame", frame(on_stage, f"terms/collagen?origin={on_stage.at(PARTNER)}"), KEEPS))
    # Its style and its load tell the height once more; messages keep their order, and an answer is the last of them.
    browser.wait_inside("document.readyState === 'complete'")
    browser.inside("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))")
    answered = 'said.some((each) => each[1].secret === "{}")'
    browser.run('frames[0].postMessage({message: "ready", secret: "first"}, "*")')
    browser.wait(answered.format("first"))
    browser.run("""(() => { said.length = 0; const to = frames[0], strange = [null, 1, "ready", "x".repeat(1e6), [],
      {message: "ready"}, {message: "ready", secret: {}}, {message: "ready", secret: "<b>"}, {secret: "abc"},
      {message: "link", value: "javascript:alert(1)", secret: "abc"}, {message: "ready", secret: "x".repeat(65)},
      JSON.parse('{"__proto__": {"secret": "abc"}, "message": "ready"}'), {type: "clinic-content:navigate", url: "/"}];
      for (const each of [...strange, {message: "ready", secret: "last"}]) to.postMessage(each, "*"); })()""")
    browser.wait(answered.format("last"))
    assert [each[1]["secret"] for each in browser.run("said")] == ["last"]
    assert browser.inside("({}).secret === undefined && location.pathname") == "/embed/demo-south/terms/collagen"


def test_the_height_is_told_to_nobody_but_the_origin_in_the_address(browser: Tab, on_stage: Stage) -> None:
    framed = frame(on_stage, f"terms/collagen?origin={on_stage.at(PARTNER)}")
    show(browser, on_stage.put("/evil", framed, KEEPS, host=EVIL))
    browser.wait_inside("document.querySelector('h1')")
    browser.run("new Promise((done) => setTimeout(done, 300))")
    assert browser.run("said") == []


@pytest.fixture
def partner(on_stage: Stage) -> str:
    """A partner with one origin, the partner's site."""
    assert on_stage.database is not None
    with writing_as(on_stage.database, "admin") as work:
        if (known := work.session.get(Partner, "ptn_0000test")) is None:
            now, lists = work.now(), {name: [] for name in ("clinics", "types", "topics", "locales")}
            told: dict[str, Any] = {"attribution": None, "licence": None, "indexing": "noindex"}
            known = Partner(id="ptn_0000test", name="Test", origins=[on_stage.at(PARTNER)], terms=told, **lists)
            known.created_at = known.updated_at = now
            work.session.add(known)
    return "ptn_0000test"


@pytest.mark.parametrize(("host", "shown"), [(PARTNER, True), (EVIL, False)])
def test_only_the_partners_own_pages_may_frame_it(
    browser: Tab, on_stage: Stage, partner: str, host: str, shown: bool
) -> None:
    framed = frame(on_stage, f"terms/collagen?partner={partner}&origin={on_stage.at(PARTNER)}")
    show(browser, on_stage.put("/framed", framed, KEEPS, host=host))
    if shown:
        browser.wait_inside("document.querySelector('h1')")
        assert browser.complaints == []
        return
    browser.until(lambda: any("frame-ancestors" in each for each in browser.complaints))
    assert "Collagen" not in text_in(browser)


def test_a_partners_page_inside_another_page_is_refused(browser: Tab, on_stage: Stage, partner: str) -> None:
    on_stage.put("/framed", frame(on_stage, f"terms/collagen?partner={partner}"), KEEPS)
    around = f'<iframe src="{on_stage.at(PARTNER)}/framed" title="T"></iframe>'
    show(browser, on_stage.put("/around", around, host=EVIL))
    browser.until(lambda: any("frame-ancestors" in each for each in browser.complaints))


@pytest.mark.parametrize("mode", ["component", "frame"])
def test_a_withdrawn_text_leaves_open_pages_and_its_replacement_is_named(
    browser: Tab, on_stage: Stage, mode: str
) -> None:
    database = on_stage.database
    assert database is not None
    text = a_live_topic(database, f"short-{mode}", a_topic(title="A short-lived text"))
    heir = a_live_topic(database, f"heir-{mode}", a_topic(title="A better text"))
    told = browser.send("Page.addScriptToEvaluateOnNewDocument", source=SOON)["identifier"]
    try:
        rest = f"topics/short-{mode}"
        page = on_stage.put("/gone", frame(on_stage, rest)) if mode == "frame" else None
        show(browser, page or on_stage.component(f'type="topic" slug="short-{mode}"', head=HEARS))
        words = (lambda: text_in(browser)) if page else (lambda: browser.run(f"{shadow('article')}?.textContent") or "")
        browser.until(lambda: "A short-lived text" in words())
        with writing_as(database, "publisher") as work:
            replacement = work.session.get_one(type(heir), heir.id).entry
        move(database, "withdraw", text, "publisher", reason="Superseded.", replacement=replacement)
        gone = ("no longer offered", "Read instead: A better text")
        browser.until(lambda: all(each in said for said in [words()] for each in gone))
        assert "short-lived" not in words()
        if not page:
            assert browser.run("told.map((each) => each[0])")[-1] == "withdrawn"
    finally:
        browser.send("Page.removeScriptToEvaluateOnNewDocument", identifier=told)
