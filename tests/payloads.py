"""Active content in every notation, and a judge of what came out of it: an HTML5 parser that is not the sanitiser."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

from markdown_it import MarkdownIt
from selectolax.lexbor import LexborHTMLParser

from api.embed.replying import SCRIPT

CALL = "alert(1)"
TAGS = (
    f"<script>{CALL}</script>", f"<img src=x onerror={CALL}>", f"<svg onload={CALL}></svg>",
    f"<svg><script>{CALL}</script></svg>", f'<svg><a xlink:href="javascript:{CALL}"><text>x</text></a></svg>',
    f"<svg><animate onbegin={CALL} attributeName=x dur=1s></svg>", f"<svg><foreignObject><body onload={CALL}></svg>",
    f'<iframe srcdoc="<script>{CALL}</script>"></iframe>', f'<iframe src="javascript:{CALL}"></iframe>',
    f'<a href="javascript:{CALL}">x</a>', f'<a href="data:text/html,<script>{CALL}</script>">x</a>',
    f'<form action="javascript:{CALL}"><button>x</button></form>', f'<button formaction="javascript:{CALL}">x</button>',
    f"<details open ontoggle={CALL}>x</details>", f"<video><source onerror={CALL}></video>",
    f"<audio src=x onerror={CALL}></audio>", f"<input autofocus onfocus={CALL}>", f"<body onload={CALL}>",
    f"<math><mtext><table><mglyph><style><img src=x onerror={CALL}></style></mglyph></table></mtext></math>",
    f"<noscript><p title='</noscript><img src=x onerror={CALL}>'></noscript>",
    f"<template><img src=x onerror={CALL}></template>", "<style>@import 'https://e.example/x.css';</style>",
    f'<p style="background:url(javascript:{CALL})">x</p>', '<base href="https://e.example/">',
    f'<meta http-equiv="refresh" content="0;url=javascript:{CALL}">', f'<object data="javascript:{CALL}"></object>',
    f'<embed src="javascript:{CALL}">', '<link rel="stylesheet" href="https://e.example/x.css">',
    '<form id="getElementById"><input name="cookie"></form>', f"</title><script>{CALL}</script>",
    f"</textarea><script>{CALL}</script>", f"--><script>{CALL}</script>", f"]]><script>{CALL}</script>",
    f"</script><script>{CALL}</script>", f'"><script>{CALL}</script>', f"' onmouseover='{CALL}",
    f'" autofocus onfocus="{CALL}',
)  # fmt: skip
ADDRESSES = (
    f"javascript:{CALL}", f"JaVaScRiPt:{CALL}", f"java\tscript:{CALL}", f" javascript:{CALL}",
    f"\x01javascript:{CALL}", f"javascript&colon;{CALL}", f"&#106;avascript:{CALL}", "javascript:%61lert(1)",
    f"vbscript:{CALL}", f"data:text/html,<script>{CALL}</script>", "data:image/svg+xml;base64,PHN2Zy8+",
    f"//javascript:{CALL}", f"view-source:javascript:{CALL}", "blob:https://e.example/x", "file:///etc/passwd",
    f'https://e.example/"onmouseover={CALL}',
)  # fmt: skip
WRITTEN = (
    "{}", "qzx {} qzx", "<div>{}", "`` ` ``{}", "**{}**", "# {}", "> {}", "- {}", "| a |\n| - |\n| {} |", "[x]({})",
    "![x]({})", "<{}>", "[x]: {}\n\n[x]", '[x](https://e.example "{}")', "\\{}",
)  # fmt: skip
"""How Markdown may carry something."""


def payloads() -> list[str]:
    """Each notation of each; the same list every time."""
    changed = (str, str.upper, lambda text: text.replace("<", "<\n", 1), lambda text: text.replace("=", " = "))
    tags = [turn(tag) for tag, turn in product(TAGS, changed)]
    found = [how.format(each) for each, how in product(TAGS, WRITTEN[:9])]
    found += [how.format(each) for each, how in product(ADDRESSES, ("{}", *WRITTEN[9:]))]
    return list(dict.fromkeys([*tags, *found]))


HARMLESS = {
    "html", "head", "body", "meta", "title", "link", "main", "article", "section", "header", "footer", "nav", "div",
    "p", "ul", "ol", "li", "dl", "dt", "dd", "strong", "em", "code", "pre", "blockquote", "h1", "h2", "h3", "h4",
    "h5", "h6", "table", "caption", "thead", "tbody", "tr", "th", "td", "hr", "br", "a", "span", "mark", "details",
    "summary", "label", "input", "button", "time", "small", "cite", "figure", "figcaption", "picture", "source",
    "img", "aside", "abbr", "sup", "b", "i", "u", "s", "q", "address", "del", "ins",
}  # fmt: skip
ON_PAGES = frozenset({"meta", "link", "title", "input", "button"})
"""What stands on whole pages of ours, and in no text."""
LINKED = ("href", "src", "action", "formaction", "data", "poster", "xlink:href", "background", "srcset")
OURS = ("/static/", "/embed", "https://api.example/")


def active(html: str, *, page: bool = False) -> list[str]:
    """What of a fragment could run, load or lead astray; on a `page` of ours, its own scripts and frames may stand."""
    return [told for node in LexborHTMLParser(html).root.traverse() if (told := _active(node, page))]


def _active(node: Any, page: bool) -> str:
    tag, given = node.tag, node.attributes
    shown = f"<{tag} {given}>"[:200]
    if tag.startswith("-"):
        return ""
    if tag in ("script", "iframe"):
        ours = str(given.get("src") or "").startswith(OURS) or node.text(deep=True) == SCRIPT
        return "" if page and ours or given.get("type") == "application/ld+json" else shown
    if tag not in HARMLESS or (tag in ON_PAGES and not page):
        return shown
    if any(name.startswith("on") or name in ("srcdoc", "style", "http-equiv") for name in given):
        return shown
    return shown if any(_leads_astray(str(given[name] or "")) for name in LINKED if name in given) else ""


def _leads_astray(address: str) -> bool:
    scheme, colon, _ = "".join(each for each in address if each > " ").lower().partition(":")
    return bool(colon) and scheme.replace("-", "").isalnum() and scheme not in ("http", "https", "mailto", "tel")


def html_in(value: Any) -> Iterator[str]:
    """Every text of a JSON reply that a frontend would put on its page as HTML."""
    if isinstance(value, dict):
        if value.get("format") == "html":
            yield str(value.get("value"))
        for name, each in value.items():
            if name == "html" and isinstance(each, str):
                yield each
            yield from html_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from html_in(each)


def rendered(markdown: str) -> str:
    """Markdown as a reader renders it that lets HTML through."""
    return str(MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown))
