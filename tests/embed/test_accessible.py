"""Embeds can be read and used by everyone (WCAG 2.2 AA): axe-core, sizes of what is pressed, narrow screens, print."""

from __future__ import annotations

from importlib.resources import files
from importlib.util import find_spec
from typing import Any

import pytest

from tests.embed.stage import API, Stage, show
from tests.embed.test_component import DONE, HEARS, KINDS
from tests.pages.browser import Tab, chromium

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(chromium() is None, reason="There is no Chromium here."),
    pytest.mark.skipif(find_spec("axe_core_python") is None, reason="axe-core-python is not installed."),
]
FRAMED = (
    "topics/mesotherapy", "topics/mesotherapy/modules/results?locale=es", "faqs?topic=mesotherapy",
    "faqs/what-are-the-risks", "guides/choosing-a-provider", "guides/choosing-a-provider/questions",
    "terms/collagen", "terms/no-such-term",
)  # fmt: skip
NO_SCRIPT = {"Content_Security_Policy": "script-src 'none'"}
ALL = (("light", 320), ("dark", 1280), ("light", 1280), ("dark", 320))


def looks(first: tuple[str, int]) -> list[Any]:
    """Every look; make test takes the first alone."""
    return [each if each == first else pytest.param(*each, marks=pytest.mark.long) for each in ALL]


RUN = """axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})
  .then((told) => told.violations.map((each) => [each.id, each.nodes.map((node) => node.html.slice(0, 200))]))"""
SMALL = """[...(document.querySelector("clinic-content")?.shadowRoot || document)
  .querySelectorAll("summary, label, button")].filter((each) => {
    const at = each.getBoundingClientRect();
    return at.width && (at.width < 24 || at.height < 24);
  }).map((each) => each.outerHTML.slice(0, 100))"""


def looked_at(browser: Tab, theme: str, width: int) -> None:
    browser.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": theme}])
    browser.send("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)


def violations(browser: Tab) -> Any:
    browser.run((files("axe_core_python") / "axe.min.js").read_text(encoding="utf-8"))
    found = browser.run(RUN)
    assert found is not None, browser.run(f"{RUN}.catch(String)")
    return found


@pytest.mark.parametrize(("theme", "width"), looks(("light", 320)))
def test_every_kind_in_a_page_can_be_read_by_everyone(browser: Tab, on_stage: Stage, theme: str, width: int) -> None:
    looked_at(browser, theme, width)
    paper = "<style>:root { color-scheme: light dark } body { margin: 8px }</style>"
    wrong = {}
    for kind in KINDS:
        before, after = "<main><h1>A partner's page</h1>", "</main>"
        below = kind.replace('heading-level="4"', "")
        show(browser, on_stage.component(below, head=HEARS + paper, before=before, after=after))
        browser.wait(DONE)
        opened = "document.querySelector('clinic-content').shadowRoot.querySelectorAll('details, #meaning')"
        browser.run(f"for (const each of {opened}) {{ each.open = true; each.showPopover?.() }}")
        small = [] if "term" in kind else browser.run(SMALL)
        wide = browser.run("document.documentElement.scrollWidth > innerWidth")
        wrong[kind] = [*violations(browser), *small, *(["too wide"] if wide else [])]
    assert {kind: found for kind, found in wrong.items() if found} == {}


@pytest.mark.parametrize(("theme", "width"), looks(("dark", 1280)))
def test_every_kind_in_a_frame_can_be_read_by_everyone(browser: Tab, on_stage: Stage, theme: str, width: int) -> None:
    looked_at(browser, theme, width)
    wrong = {}
    for rest in FRAMED:
        themed = f"{rest}{'&' if '?' in rest else '?'}theme=auto"
        show(browser, f"{on_stage.at(API)}/embed/demo-south/{themed}")
        browser.run("for (const each of document.querySelectorAll('details')) each.open = true")
        wide = browser.run("document.documentElement.scrollWidth > innerWidth")
        wrong[rest] = [*violations(browser), *browser.run(SMALL), *(["too wide"] if wide else [])]
    assert {rest: found for rest, found in wrong.items() if found} == {}


@pytest.mark.parametrize(("theme", "width"), looks(("dark", 320)))
def test_fragments_in_a_page_without_scripts_can_be_read_by_everyone(
    browser: Tab, on_stage: Stage, theme: str, width: int
) -> None:
    looked_at(browser, theme, width)
    client = on_stage.app.test_client()
    paper = f'<link rel="stylesheet" href="{on_stage.at(API)}/static/embed.css">'
    paper += "<style>:root { color-scheme: light dark }</style>"
    wrong = {}
    for rest in FRAMED[:-1]:
        path, _, query = rest.partition("?")
        text = client.get(f"/embed/demo-south/{path}.html?{query}").text
        show(browser, on_stage.put("/fragment", f"<main><h1>A partner's page</h1>{text}</main>", paper, **NO_SCRIPT))
        looks_own = browser.run("getComputedStyle(document.body).margin + getComputedStyle(document.body).fontFamily")
        assert looks_own.startswith("8px") and "system-ui" not in looks_own, "the page's own looks stay"
        assert browser.run("getComputedStyle(document.querySelector('article')).borderRadius") == "12px"
        wide = browser.run("document.documentElement.scrollWidth > innerWidth")
        wrong[rest] = [*violations(browser), *browser.run(SMALL), *(["too wide"] if wide else [])]
        assert browser.complaints == []
    assert {rest: found for rest, found in wrong.items() if found} == {}
