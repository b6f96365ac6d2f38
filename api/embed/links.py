"""Links inside a clinic's words, for a page that is not the clinic's own: whole addresses, in a window of their own."""

from __future__ import annotations

import re
from html import escape

from markupsafe import Markup

_LINK = re.compile(r'<a href="(?P<href>[^"]*)"(?P<rest>(?: [a-z]+="[^"]*")*)>(?P<words>.*?)</a>', re.DOTALL)
_RELATION = re.compile(r' rel="[^"]*"')


def outward(html: str, site: str | None, told: str) -> Markup:
    """Sanitised HTML with every link leading to `site` or another host; without a site the words alone stay.

    `told` is said to who cannot see that a window opens.
    """
    base = (site or "").rstrip("/")

    def led(found: re.Match[str]) -> str:
        href, words = found["href"], found["words"]
        if href.startswith("/") and not base:
            return words
        if href.startswith("/"):
            href = escape(base) + href
        if not href.lower().startswith(("https://", "http://")):
            return found[0]
        rest, hidden = _RELATION.sub("", found["rest"]), f'<span class="clinic-embed-hidden"> ({escape(told)})</span>'
        return f'<a href="{href}"{rest} target="_blank" rel="noopener">{words}{hidden}</a>'

    return Markup(_LINK.sub(led, html))
