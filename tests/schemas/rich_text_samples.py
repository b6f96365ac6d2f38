"""Texts, a clinic to resolve them for, and a judge of the HTML that comes out."""

import re
from html.parser import HTMLParser
from typing import Any

from schemas.rich_text import (
    Resolver,
    Target,
    resolve_html,
    to_html,
)

GUIDE = {"type": "guide", "id": "gde_p1v8", "slug": "choosing", "title": "How to choose"}
CLINIC = Resolver(
    entries={"gde_p1v8": Target("/guides/choosing", GUIDE), "top_hidden": Target("", {})},
    terms={"trm_dermis": "dermis"},
    placeholders={
        "clinic.name": "Smith & <Sons>",
        "clinic.phone": "+1-202-555-0100",
        "clinic.email": "hello@south.example",
        "clinic.booking_url": "https://south.example/book?a=1&b=2",
    },
)
NOBODY = Resolver({}, {}, {})

TAGS = {"p", "ul", "ol", "li", "strong", "em", "code", "pre", "blockquote", "h2", "h3", "h4", "h5", "h6"} | {
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "hr",
    "br",
    "a",
    "span",
}
ATTRIBUTES = {"a": {"href", "title", "rel"}, "ol": {"start"}, "span": {"data-term"}}


class Judge(HTMLParser):
    """A second opinion on HTML, from a parser that had no part in making it."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.hrefs: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS
        assert {name for name, _ in attrs} <= ATTRIBUTES.get(tag, set())
        self.hrefs += [value or "" for name, value in attrs if name == "href"]
        if tag not in ("br", "hr"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def assert_safe(html: str) -> None:
    for href in Judge(html).hrefs:
        bare = re.sub(r"[\s\x00-\x20]", "", href).lower()
        assert re.match(
            r"https?://|mailto:|tel:|entry:[a-z]{3}_[a-z0-9]+$|/(?!/)|#|\{\{clinic|\{\{\w+\.\w+\}\}$|/$", bare
        )


def text(value: str, *marks: str) -> dict[str, Any]:
    return {"type": "text", "text": value, **({"marks": list(marks)} if marks else {})}


def paragraph(*content: dict[str, Any]) -> dict[str, Any]:
    return {"type": "paragraph", "content": list(content)}


def resolved(markdown: str, resolver: Resolver = CLINIC) -> str:
    return resolve_html(to_html(markdown), resolver)


HOSTILE = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "<java\tscript:alert(1)>",
    "java&Tab;script:alert(1)",
    "&#106;avascript:alert(1)",
    "<\x01javascript:alert(1)>",
    "<  javascript:alert(1)>",
    "vbscript:x",
    "data:text/html;base64,PHNjcmlwdD4=",
    "data:image/svg+xml,x",
    "file:///etc/passwd",
    "ftp://x.example",
    "//evil.example",
    "///evil.example",
    "https:evil.example",
    "https://user:password@evil.example",
    "guides/relative",
    "?q=1",
    "<>",
    "view-source:x",
]

STRUCTURED = """# Title with [a guide](entry:gde_p1v8) \\#

Intro *one* __two__ `a|b` ``c ` d`` and [gone](entry:top_x), {{clinic.name}}!\\
Next line <https://x.example/a%20b> \\*not em\\* snake_case _x_ &copy; \\&copy; 1\\. 5 < 6

Two lines of
heading {{clinic.phone}}
---

- tight [one](entry:gde_p1v8 "T")
  - nested
    > quote
- two

1) loose

   second

   ```text
   code `{{clinic.phone}}` ```
   ```

2) more

* a
+ b

> quote
> > inner
>
> 7. seven
> 8. eight

| h \\| i | j |
| :-- | --: |
| [x](entry:gde_p1v8) | `p \\| q` |

***

    indented
"""
