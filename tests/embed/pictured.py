"""python -m tests.embed.pictured ADDRESS: the pictures of embeds in docs/images, made anew from a running demo."""

from __future__ import annotations

import base64
import io
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

from tests.embed.stage import COMPONENT, Silent
from tests.pages.browser import Tab, chromium, tab

FOLDER = Path(__file__).parents[2] / "docs" / "images"
WIDTH, SCALE = 780, 1.25
PAPER = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A partner's page</title><style>
:root { color-scheme: SCHEME } body { margin: 0; padding: 28px; background: GROUND;
  font: 16px/1.5 Inter, system-ui, sans-serif }
OWN</style></head><body>BODY</body></html>"""
SHADOW = "document.querySelector('clinic-content')?.shadowRoot"


@dataclass(frozen=True)
class Picture:
    """An element on a page of its own colours, and what is done to it before it is taken."""

    attributes: str
    scheme: str = "light"
    ground: str = "#eef1f4"
    own: str = ""
    first: str = ""


PICTURES = {
    "embed-topic": Picture('type="topic" slug="mesotherapy" module="results" locale="en"'),
    "embed-faqs": Picture(
        'type="faq" topic="mesotherapy" locale="en"', "dark", "#0b0f14",
        first=f"{SHADOW}.querySelectorAll('summary')[1].click()",
    ),
    "embed-checklist": Picture(
        'type="guide" slug="choosing-a-provider" module="questions" locale="en"', ground="#f6efe9",
        own="clinic-content { --clinic-accent: #8a3b12; --clinic-border: #e6d9cd; --clinic-radius: 6px }",
        first=f"[...{SHADOW}.querySelectorAll('input')].slice(0, 2).forEach((each) => each.click())",
    ),
}  # fmt: skip


def main() -> None:
    """Take each, and the page that makes snippets."""
    base = sys.argv[1].rstrip("/")
    pages = {f"/{name}": page(base, each) for name, each in PICTURES.items()}
    site = make_server(
        "127.0.0.1", 0, lambda environ, start: Response(pages.get(environ["PATH_INFO"], ""), mimetype="text/html")(
            environ, start), request_handler=Silent,
    )  # fmt: skip
    threading.Thread(target=site.serve_forever, daemon=True).start()
    with tab(chromium() or "") as browser:
        for name, picture in PICTURES.items():
            size(browser, WIDTH, 900, SCALE)
            browser.open(f"http://127.0.0.1:{site.port}/{name}")
            browser.wait(f"{SHADOW}?.querySelector('article')")
            browser.run(picture.first or "0")
            keep(browser, name, WIDTH, browser.run("Math.ceil(document.body.getBoundingClientRect().height)"))
        size(browser, 1280, 860, 1)
        browser.open(f"{base}/docs/embeds?kind=section&text=mesotherapy")
        browser.wait("parseInt(document.getElementById('preview')?.style.height) > 100")
        keep(browser, "embed-builder", 1280, 860)
    site.shutdown()


def page(base: str, picture: Picture) -> str:
    body = f'<script async src="{base}/embed.js"></script>' + COMPONENT.format(attributes=picture.attributes)
    html = PAPER.replace("BODY", body)
    for word, value in (("SCHEME", picture.scheme), ("GROUND", picture.ground), ("OWN", picture.own)):
        html = html.replace(word, value, 1)
    return html


def size(browser: Tab, width: int, height: int, scale: float) -> None:
    browser.send(
        "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=False
    )


def keep(browser: Tab, name: str, width: int, height: int) -> None:
    browser.run("new Promise((done) => setTimeout(done, 500))")
    clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
    image = browser.send("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)["data"]
    Image.open(io.BytesIO(base64.b64decode(image))).convert("RGB").quantize(200).save(
        FOLDER / f"{name}.png", optimize=True
    )


if __name__ == "__main__":
    main()
