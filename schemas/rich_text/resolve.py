"""Filling stored HTML for one clinic, at each read: one pass without parsing, or none at all."""

import re
from html import escape, unescape

from schemas.rich_text.links import address, fill_href
from schemas.rich_text.placeholders import PATTERN, fill
from schemas.rich_text.resolver import Resolver


def resolve_html(html: str, resolver: Resolver) -> str:
    """The HTML that `to_html` made, with links, terms and placeholders filled (and escaped).

    Words stay where a link or term cannot be shown; a placeholder without a value leaves nothing.
    """
    if not marked(html):
        return html
    return MARKER.sub(lambda found: _resolved(found, resolver), html)


def resolve_marker(marker: str, resolver: Resolver) -> str:
    """One link, term or placeholder of that HTML, as `MARKER` finds it, filled."""
    found = MARKER.fullmatch(marker)
    return _resolved(found, resolver) if found else marker


def marked(html: str) -> bool:
    """Whether there may be anything to fill."""
    return "entry:" in html or "term:" in html or "{{" in html


# One pattern for one pass: what is filled in is never looked at again. Links and terms do not nest.
MARKER = re.compile(
    r'<a href="(?P<href>entry:[^"]*|[^"{]*\{\{[^"]*)"(?P<attributes>(?: [a-z]+="[^"]*")*)>(?P<words>.*?)</a>'
    r'|<span data-term="(?P<term>term:[^"]*)">(?P<meant>.*?)</span>'
    f"|(?P<placeholder>{PATTERN.pattern})",
    re.DOTALL,
)


def _resolved(found: re.Match[str], resolver: Resolver) -> str:
    if found["placeholder"]:
        return _filled(found["placeholder"], resolver)
    if found["term"]:
        slug, words = resolver.slug(address(found["term"])), _filled(found["meant"], resolver)
        return f'<span data-term="{escape(slug)}">{words}</span>' if slug else words
    href, words = _href(unescape(found["href"]), resolver), _filled(found["words"], resolver)
    return f'<a href="{escape(href)}"{_filled(found["attributes"], resolver)}>{words}</a>' if href else words


def _filled(html: str, resolver: Resolver) -> str:
    return fill(html, resolver.placeholders, escape)


def _href(url: str, resolver: Resolver) -> str | None:
    if url.startswith("entry:"):
        entry = resolver.target(address(url))
        return entry.href if entry else None
    return fill_href(url, resolver.placeholders)
