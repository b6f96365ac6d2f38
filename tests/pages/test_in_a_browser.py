"""In a real browser: pages render under their policy, ask nothing of other hosts, and fit narrow screens."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from api.db import connect
from tests.conftest import config
from tests.pages.browser import Tab, chromium, tab
from tests.pages.conftest import site_of

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(chromium() is None, reason="There is no Chromium here."),
]

DRAWN = "document.querySelectorAll('.opblock').length > 4"
"""Swagger UI draws the operations that are near the screen, no others."""


class Silent(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def address(sqlite_today: Path, tmp_path: Path) -> Iterator[str]:
    """Where the pages of a seeded house are served; what the database is makes no difference to a browser."""
    settings = config(f"sqlite:///{sqlite_today}", tmp_path)
    database = connect(settings)
    site = site_of(settings, database)
    server = make_server("127.0.0.1", 0, site.app, threaded=True, request_handler=Silent)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    server.server_close()
    database.close()


@pytest.fixture
def browser(address: str) -> Iterator[Tab]:
    """A tab; afterwards it must not have complained, nor asked anything of another host."""
    with tab(chromium() or "") as found:
        yield found
        assert found.complaints == []
        assert [each for each in found.requests if not each.startswith((f"{address}/", "data:"))] == []


def test_a_sample_is_tried_in_its_card(browser: Tab, address: str) -> None:
    browser.open(f"{address}/")
    browser.wait("document.querySelector('[data-try]')?.closest('.actions').hidden === false")
    browser.run("document.querySelector('[data-try]').click()")
    browser.wait("/^200 in [0-9]+ ms/.test(document.querySelector('.told').textContent)")
    assert '"slug": "mesotherapy"' in browser.run("document.querySelector('.reply').textContent")


@pytest.mark.long
def test_the_reference_shows_operations(browser: Tab, address: str) -> None:
    browser.open(f"{address}/docs")
    browser.wait(DRAWN)
    assert browser.run("document.querySelectorAll('.opblock .authorization__btn').length") == 0, "anyone may read them"
    browser.run("scrollTo(0, document.body.scrollHeight)")
    last = "[...document.querySelectorAll('.opblock')].at(-1)"
    browser.wait(f"{last}.id.startsWith('operations-worker')")
    assert browser.run(f"{last}.querySelectorAll('.authorization__btn').length") == 1


@pytest.mark.long
def test_the_reference_runs_an_operation(browser: Tab, address: str) -> None:
    browser.open(f"{address}/docs")
    browser.wait(DRAWN)
    browser.run("document.querySelector('.opblock-summary-control').click()")
    browser.wait("document.querySelector('.btn.execute')")
    fields = "tr[data-param-name] :is(input, select, textarea)"
    browser.wait(f"document.querySelectorAll('{fields}').length")  # Before that the button does nothing.
    browser.wait(f"[...document.querySelectorAll('{fields}')].every((each) => each.ariaLabel)")
    assert browser.run("document.querySelectorAll('h1').length") == 1
    browser.run("document.querySelector('.btn.execute').click()")
    status = "document.querySelector('.live-responses-table tbody .response-col_status')"
    browser.wait(f"{status}?.textContent.includes('200')")


def test_pages_fit_a_screen_of_320_pixels(browser: Tab, address: str) -> None:
    browser.send("Emulation.setDeviceMetricsOverride", width=320, height=700, deviceScaleFactor=1, mobile=True)
    for path in ("/", "/docs", "/docs/problems", "/docs/problems/withdrawn"):
        browser.open(f"{address}{path}")
        browser.wait(f"location.pathname === '{path}' && document.readyState === 'complete'")
        assert browser.run("document.documentElement.scrollWidth") <= 320, path
