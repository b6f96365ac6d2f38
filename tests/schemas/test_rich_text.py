"""Rich text: what is refused, what each format gives out, and that hostile text stays text."""

import re
import string
import threading
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from schemas.rich_text import (
    MAX_LENGTH,
    PLACEHOLDERS,
    Link,
    Resolver,
    Target,
    faults,
    references,
    resolve_html,
    resolve_plain,
    search_text,
    to_blocks,
    to_html,
    to_markdown,
    to_text,
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


# What is refused


@pytest.mark.parametrize(
    "sound",
    [
        "",
        "Plain words, 2 < 3 & 4 > 3.",
        "# One\n\n- a\n- b\n\n1. c\n\n> d\n\n| a | b |\n| - | - |\n| c | d |\n\n***\n\n`x`\n\n    code",
        "[a](https://x.example) [b](http://x.example:80/?q#f) [c](mailto:a@b.example) [d](tel:+1202)",
        "[e](/path) [f](#id) [g](/)",
        "[a](entry:top_4k9m2vx0) and [b](term:trm_dermis)",
        "[a][r]\n\n[r]: entry:top_4k9m2vx0",
        "<https://x.example> and [a](https://b\u00fccher.example) and [b](https://[::1]/)",
        "{{clinic.name}} {{clinic.phone}} {{clinic.email}} [book]({{clinic.booking_url}}) [call](tel:{{clinic.phone}})",
        "> " * 20 + "deep",
        "- " * 20 + "deep",
        "Tab\there,\r\nand a line end.",
    ],
)
def test_sound_text_has_no_faults(sound: str) -> None:
    assert faults(sound) == []


@pytest.mark.parametrize(
    ("markdown", "tag"),
    [
        ("a <b>c", "<b>"),
        ("a <B onclick=x>c", "<B>"),
        ("<script>alert(1)</script>", "<script>"),
        ("a </script>", "</script>"),
        ("<div>\n\nx", "<div>"),
        ("<!-- x -->", "<!--"),
        ("a <?php x ?>", "<?"),
    ],
)
def test_raw_html_is_refused_by_the_name_of_its_tag(markdown: str, tag: str) -> None:
    assert any(f"raw HTML {tag}:" in fault for fault in faults(markdown))


def test_a_picture_is_refused_and_told_where_pictures_come_from() -> None:
    assert faults("![A scar](/a.png)") == [
        'Take out the image "A scar": pictures come with the media library, not in text.'
    ]


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


@pytest.mark.parametrize("url", HOSTILE)
def test_a_link_of_another_kind_is_refused_and_never_given_out(url: str) -> None:
    markdown = f"[x]({url})"
    assert any("cannot be used: write an address that begins with https://" in fault for fault in faults(markdown))
    assert to_html(markdown) == "<p>x</p>"
    assert to_blocks(markdown, CLINIC) == [paragraph(text("x"))]
    assert to_markdown(markdown, CLINIC) == "x"


def test_an_autolink_is_judged_like_any_link() -> None:
    assert faults("<javascript:alert(1)>")
    assert to_html("<javascript:alert(1)>") == "<p>javascript:alert(1)</p>"


def test_an_unsafe_definition_is_refused_even_if_no_link_uses_it() -> None:
    assert faults("Words.\n\n[r]: javascript:alert(1)")
    assert faults("Words.\n\n[r]: /ok\n[r]: javascript:alert(1)")
    assert to_markdown("Words.\n\n[r]: javascript:alert(1)", CLINIC) == "Words."


@pytest.mark.parametrize("kind", ["entry", "term"])
@pytest.mark.parametrize("id_", ["", "x", "top_", "TOP_1", "topic_1", "top_4k-9", "top_1/../2", '"><script>', "top_é"])
def test_a_malformed_id_is_refused_and_its_words_stay(kind: str, id_: str) -> None:
    markdown = f"[x]({kind}:{id_})"
    assert any(f"names no {kind}" in fault for fault in faults(markdown))
    assert to_html(markdown) == "<p>x</p>"
    assert references(markdown) == []


@pytest.mark.parametrize(
    "wrong", ["{{clinic.fax}}", "{{ clinic.phone }}", "{{Clinic.Phone}}", "{{phone}}", "{{clinic.phone"]
)
@pytest.mark.parametrize(
    "where", ["Call {}.", "`{}`", "    {}", '[x](/a "{}")', "# {}", "Call {} or {{{{clinic.phone}}}}."]
)
def test_an_unknown_placeholder_is_refused_wherever_it_stands(wrong: str, where: str) -> None:
    (fault,) = faults(where.format(wrong))
    assert fault.startswith(f'"{wrong}') and "write one of {{clinic.booking_url}}, {{clinic.email}}" in fault


def test_a_placeholder_is_all_of_an_address_or_all_after_its_scheme() -> None:
    assert "let the placeholder be all of the address" in faults("[x](https://{{clinic.name}}.example)")[0]
    assert to_html("[x](https://{{clinic.name}}.example)") == "<p>x</p>"


def test_every_known_placeholder_is_accepted() -> None:
    assert faults(" ".join(f"{{{{{name}}}}}" for name in PLACEHOLDERS)) == []


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b", "\x7f", "\x85", "\ud800"])
def test_control_characters_are_refused_with_their_line(character: str) -> None:
    code = f"U+{ord(character):04X}"
    assert f"Take out the control character {code} in line 2." in faults(f"One\ntwo{character}")
    assert character not in to_html(f"One\ntwo{character}")


@pytest.mark.parametrize("marker", ["> ", ">", "- ", "1. ", "> - ", "1) > "])
def test_lists_and_quotes_nest_twenty_deep_at_most(marker: str) -> None:
    each = len(re.findall(r"[>-]|1.", marker))
    assert faults(marker * (20 // each) + "a") == []
    assert any("more than 20 deep" in fault for fault in faults(marker * (20 // each + 1) + "a"))


def test_faults_are_told_once_each_and_all_together() -> None:
    found = faults("<b>x</b> <b>y</b> ![z](/z) {{a.b}}")
    assert len(found) == len(set(found)) == 4


@pytest.mark.parametrize("unit", [">", "> ", "[", "![", "[](", "- ", "*a ", "<", "`", "&", "{{a.", "|", "\n", "[\n"])
def test_text_too_long_is_refused_unread(unit: str) -> None:
    (fault,) = faults(unit * (10**5))
    assert fault.startswith("Shorten the text") and str(MAX_LENGTH) in fault


@pytest.mark.parametrize(
    "hostile",
    [
        "> " * 2000,
        "[" * 2000,
        "![" * 600 + "](/x)" * 600,
        "*a **b " * 400 + "b** a* " * 400,
        "[a](b" * 800,
        "- " * 1000,
    ],
    ids=["quotes", "brackets", "images", "emphasis", "links", "lists"],
)
def test_deep_nesting_neither_recurses_without_bound_nor_escapes(hostile: str) -> None:
    faults(hostile)
    assert_safe(to_html(hostile))
    to_blocks(hostile, CLINIC)
    to_markdown(hostile, CLINIC)
    assert isinstance(to_text(hostile, CLINIC) + search_text(hostile), str)


# References


def test_references_come_in_order_of_first_use_and_once() -> None:
    markdown = "[a](term:trm_b) [b](entry:top_1)\n\n- [c](term:trm_b) [d](https://x.example) [e][r]\n\n[r]: entry:gde_2"
    assert references(markdown) == [Link("term", "trm_b"), Link("entry", "top_1"), Link("entry", "gde_2")]


def test_a_reference_in_code_or_in_the_words_of_a_link_is_none() -> None:
    assert references("`[a](entry:top_1)` \\[b](entry:top_2)") == []


# HTML


def test_blocks_follow_one_another_without_line_ends() -> None:
    markdown = "1. Your skin is cleaned.\n2. A cream.\n\nMost people\ntolerate this.\n"
    html = "<ol><li>Your skin is cleaned.</li><li>A cream.</li></ol><p>Most people tolerate this.</p>"
    assert to_html(markdown) == html


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("One.\n\nTwo.", "<p>One.</p><p>Two.</p>"),
        ("- a\n  - b\n- c", "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>"),
        ("- a\n\n- b", "<ul><li><p>a</p></li><li><p>b</p></li></ul>"),
        ("3. a\n4. b", '<ol start="3"><li>a</li><li>b</li></ol>'),
        ("**a *b* `c<d`**\\\ne", "<p><strong>a <em>b</em> <code>c&lt;d</code></strong><br>e</p>"),
        ("> a\n>\n> b", "<blockquote><p>a</p><p>b</p></blockquote>"),
        ("***", "<hr>"),
        ("```python\na <b>\n\nc\n```", "<pre><code>a &lt;b&gt;\n\nc</code></pre>"),
        ("~~a~~ https://x.example (c)", "<p>~~a~~ https://x.example (c)</p>"),
        (
            "| a | b |\n| :- | -: |\n| *c* | d \\| e |",
            "<table><thead><tr><th>a</th><th>b</th></tr></thead>"
            "<tbody><tr><td><em>c</em></td><td>d | e</td></tr></tbody></table>",
        ),
        ("[a](/b)", '<p><a href="/b">a</a></p>'),
        ('[a](https://x.example?b&c "T \\"q\\"")', None),
        ("[a](mailto:b@c.example)", '<p><a href="mailto:b@c.example">a</a></p>'),
        ("[*a*](entry:top_1)", '<p><a href="entry:top_1"><em>a</em></a></p>'),
        ("[*a*](term:trm_1)", '<p><span data-term="term:trm_1"><em>a</em></span></p>'),
        ("Call {{clinic.phone}}", "<p>Call {{clinic.phone}}</p>"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("a </script><!-- b -->", "<p>a &lt;/script&gt;&lt;!-- b --&gt;</p>"),
        ("<svg/onload=alert(1)>", "<p>&lt;svg/onload=alert(1)&gt;</p>"),
        ("![alt <b>](x)", "<p>alt &lt;b&gt;</p>"),
        ("", ""),
    ],
)
def test_markdown_becomes_compact_html(markdown: str, html: str | None) -> None:
    expected = '<p><a href="https://x.example?b&amp;c" title="T &quot;q&quot;" rel="noopener">a</a></p>'
    assert to_html(markdown) == (html if html is not None else expected)


def test_the_shallowest_heading_comes_out_at_the_level_asked_for() -> None:
    markdown = "## a\n\n# b\n\n### c\n\n###### d"
    assert to_html(markdown) == "<h4>a</h4><h3>b</h3><h5>c</h5><h6>d</h6>"
    assert to_html("#### a\n\n##### b", 2) == "<h2>a</h2><h3>b</h3>"
    assert [block["level"] for block in to_blocks(markdown, NOBODY, 5)] == [6, 5, 6, 6]


def test_a_link_inside_a_link_leaves_its_words() -> None:
    assert to_html("[a <https://x.example> b](entry:top_1)") == (
        '<p><a href="entry:top_1">a https://x.example b</a></p>'
    )


# Resolving


def resolved(markdown: str, resolver: Resolver = CLINIC) -> str:
    return resolve_html(to_html(markdown), resolver)


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("[*a*](entry:gde_p1v8)", '<p><a href="/guides/choosing"><em>a</em></a></p>'),
        ('[a](entry:gde_p1v8 "b > c")', '<p><a href="/guides/choosing" title="b &gt; c">a</a></p>'),
        ("[*a* b](entry:top_hidden) [c](entry:top_absent)", "<p><em>a</em> b c</p>"),
        ("[*a*](term:trm_dermis)", '<p><span data-term="dermis"><em>a</em></span></p>'),
        ("[*a*](term:trm_absent)", "<p><em>a</em></p>"),
        ("{{clinic.name}} {{clinic.fax}}.", "<p>Smith &amp; &lt;Sons&gt; .</p>"),
        ("[at {{clinic.name}}](entry:top_absent)", "<p>at Smith &amp; &lt;Sons&gt;</p>"),
        ('[a](/b "{{clinic.name}}")', '<p><a href="/b" title="Smith &amp; &lt;Sons&gt;">a</a></p>'),
        ("[a](tel:{{clinic.phone}})", '<p><a href="tel:+1-202-555-0100">a</a></p>'),
        (
            "[a]({{clinic.booking_url}})",
            '<p><a href="https://south.example/book?a=1&amp;b=2" rel="noopener">a</a></p>',
        ),
        ("The entry: a door; a term: two.", "<p>The entry: a door; a term: two.</p>"),
        ('`<a href="entry:gde_p1v8">x</a>`', '<p><code>&lt;a href="entry:gde_p1v8"&gt;x&lt;/a&gt;</code></p>'),
    ],
)
def test_markers_are_filled_or_leave_their_words(markdown: str, html: str) -> None:
    assert resolved(markdown) == html


def test_html_without_markers_comes_back_itself() -> None:
    html = to_html("Plain [words](https://x.example).")
    assert resolve_html(html, CLINIC) is html


@pytest.mark.parametrize("value", ["javascript:alert(1)", "//evil.example", "", " ", "x", "data:,x", "{{clinic.name}}"])
def test_a_placeholder_never_makes_an_unsafe_address(value: str) -> None:
    resolver = Resolver({}, {}, {"clinic.booking_url": value})
    assert resolved("[a]({{clinic.booking_url}})", resolver) == "<p>a</p>"
    assert to_blocks("[a]({{clinic.booking_url}})", resolver) == [paragraph(text("a"))]
    assert to_markdown("[a]({{clinic.booking_url}})", resolver) == "a"


def test_what_is_filled_in_is_escaped_and_not_filled_again() -> None:
    sly = '{{clinic.phone}}"><script>'
    resolver = Resolver(
        {"gde_p1v8": Target('/"><script>', GUIDE)}, {"trm_dermis": '"><b>'}, {"clinic.name": sly, "clinic.phone": "no"}
    )
    html = resolved(
        '[{{clinic.name}}](entry:gde_p1v8 "{{clinic.name}}") [b](term:trm_dermis) {{clinic.name}}', resolver
    )
    Judge(html)
    assert ">no" not in html and html.count("{{clinic.phone}}") == 3


def test_plain_text_is_filled_without_escaping() -> None:
    assert resolve_plain("{{clinic.name}}: {{clinic.fax}}{{no}}", CLINIC.placeholders) == "Smith & <Sons>: {{no}}"


# Blocks


def test_the_example_of_the_contract_comes_out_as_blocks() -> None:
    markdown = (
        "First a consultation. **Stop a medicine only if *advised*.**\n\n"
        "- Read about the [*der*mis](term:trm_dermis)\n- [How to choose](entry:gde_p1v8)"
    )
    link = {"type": "link", "href": "/guides/choosing", "ref": GUIDE, "content": [text("How to choose")]}
    assert to_blocks(markdown, CLINIC) == [
        paragraph(
            text("First a consultation. "),
            text("Stop a medicine only if ", "strong"),
            text("advised", "strong", "em"),
            text(".", "strong"),
        ),
        {
            "type": "list",
            "ordered": False,
            "items": [
                [paragraph(text("Read about the "), {"type": "term", "slug": "dermis", "text": "dermis"})],
                [paragraph(link)],
            ],
        },
    ]


def test_every_kind_of_block_has_its_shape() -> None:
    markdown = "# a\n\n1. b\n\n> c\n\n| d | e |\n| - | - |\n| *f* | |\n\n***\n\n```\ng\n\nh\n```"
    assert to_blocks(markdown, CLINIC) == [
        {"type": "heading", "level": 3, "content": [text("a")]},
        {"type": "list", "ordered": True, "items": [[paragraph(text("b"))]]},
        {"type": "quote", "content": [paragraph(text("c"))]},
        {"type": "table", "header": [[text("d")], [text("e")]], "rows": [[[text("f", "em")], []]]},
        {"type": "rule"},
        paragraph(text("g", "code"), {"type": "break"}, {"type": "break"}, text("h", "code")),
    ]


def test_texts_with_equal_marks_are_one_and_marks_keep_their_order() -> None:
    assert to_blocks("a\nb [c](term:trm_x) &amp; {{clinic.name}}", CLINIC) == [
        paragraph(text("a b c & Smith & <Sons>"))
    ]
    assert to_blocks("_**`a`**_\\\nb", CLINIC) == [
        paragraph(text("a", "strong", "em", "code"), {"type": "break"}, text("b"))
    ]


def test_a_link_in_blocks_has_a_ref_only_if_it_leads_to_an_entry() -> None:
    assert to_blocks("[a **b**](https://x.example)", CLINIC) == [
        paragraph(
            {"type": "link", "href": "https://x.example", "ref": None, "content": [text("a "), text("b", "strong")]}
        )
    ]
    assert to_blocks("**[a](entry:top_hidden)**", CLINIC) == [paragraph(text("a", "strong"))]


# Markdown


def test_sound_markdown_without_markers_comes_back_itself() -> None:
    markdown = "* a\n* b\n\nHead\n====\n\nA [*b*](/c), 2 * 3.\n\n```\nx\n```\n"
    assert to_markdown(markdown, CLINIC) is markdown


@pytest.mark.parametrize(
    ("markdown", "filled"),
    [
        ("See [the *guide*](entry:gde_p1v8).\n", "See [the *guide*](https://s.example/guides/choosing).\n"),
        ("See [the guide][g].\n\n[g]: entry:gde_p1v8 'T'", 'See [the guide](https://s.example/guides/choosing "T").'),
        ("The [**dermis**](term:trm_dermis) and [b](entry:top_hidden).", "The **dermis** and b."),
        ("Call {{clinic.name}}: {{clinic.phone}}", r"Call Smith & \<Sons>: +1-202-555-0100"),
        ("[book]({{clinic.booking_url}})", "[book](https://south.example/book?a=1&b=2)"),
        ("- [ ] {{clinic.fax}}x\n- 2 \\* 3", "- \\[ \\] x\n- 2 \\* 3"),
        ("`{{clinic.name}}`", "`Smith & <Sons>`"),
        ("| a |\n| :-: |\n| [b](term:trm_x) \\| c |", "| a |\n| :---: |\n| b \\| c |"),
        ("[1. a](term:trm_x)\n[# b](term:trm_x)\n[- c](term:trm_x)", "1\\. a\n\\# b\n\\- c"),
    ],
)
def test_markdown_is_filled_and_stays_markdown(markdown: str, filled: str) -> None:
    assert to_markdown(markdown, CLINIC, "https://s.example") == filled


def test_an_absolute_address_takes_no_base() -> None:
    resolver = Resolver({"gde_p1v8": Target("https://a.example/x(y)", GUIDE)}, {}, {})
    assert to_markdown("[a](entry:gde_p1v8)", resolver, "https://b.example") == r"[a](https://a.example/x\(y\))"


@pytest.mark.parametrize(
    "sly",
    [
        "[a [b](term:trm_x) c](javascript:alert(1))",
        "[[b]](term:trm_x)(javascript:alert(1))",
        "[b](term:trm_x)\n\n\\[r]: javascript:alert(1)",
        "wow![b](entry:gde_p1v8)",
        "wow\\![b](entry:gde_p1v8)",
        "{{clinic.name}}<b>x</b>",
        "{{clinic.name}}\n\n<script>alert(1)</script>",
        "{{clinic.name}} a&#10;&#10;<b>&#10;# c",
    ],
)
def test_dropping_a_link_never_wakes_the_text_around_it(sly: str) -> None:
    resolver = Resolver(CLINIC.entries, {}, {"clinic.name": "](javascript:alert(1)) <i> **x** `y`\n# z"})
    out = to_markdown(sly, resolver)
    assert faults(out) == [] and "<img" not in MarkdownIt("commonmark").render(out)


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


def test_filled_markdown_reads_as_the_resolved_html() -> None:
    resolver = Resolver(CLINIC.entries, {}, CLINIC.placeholders)
    assert faults(STRUCTURED) == []
    filled = to_markdown(STRUCTURED, resolver)
    assert to_html(filled) == resolved(STRUCTURED, resolver)
    assert references(filled) == [] and "{{" not in filled


# Plain text


def test_text_keeps_the_order_and_nothing_else() -> None:
    markdown = (
        "# A *b*\n\nc\nd\\\ne [f](entry:gde_p1v8) {{clinic.name}}\n\n- g\n  1. h\n- i\n\n3. j\n\n   k\n\n4. l\n\n"
        "> m\n>\n> n\n\n| o | p |\n| - | - |\n| `q` | r |\n\n***\n\n    s"
    )
    assert to_text(markdown, CLINIC) == (
        "A b\n\nc d\ne f Smith & <Sons>\n\n- g\n  1. h\n- i\n\n3. j\n\n   k\n\n4. l\n\nm\n\nn\n\no | p\nq | r\n\ns"
    )


def test_search_text_is_words_with_single_spaces() -> None:
    markdown = "# A\n\n- *b*c\n- d {{clinic.phone}} e\\\nf\n\n| g | h |\n| - | - |\n\n    i\n    j"
    assert search_text(markdown) == "A bc d e f g h i j"


# Any text at all

PIECES = st.sampled_from(
    [
        *HOSTILE,
        "[",
        "]",
        "(",
        ")",
        "![",
        "](",
        "<",
        ">",
        "</",
        "<script>",
        "</script>",
        "<!--",
        "<a href=",
        '"',
        "'",
        "`",
    ]
    + [
        "*",
        "**",
        "_",
        "\n",
        "\n\n",
        "- ",
        "1. ",
        "> ",
        "# ",
        "    ",
        "| a |\n| - |\n",
        "&#60;",
        "&lt;",
        "\\",
        "{{",
        "}}",
    ]
    + ["{{clinic.name}}", "entry:gde_p1v8", "term:trm_dermis", "[a](entry:gde_p1v8)", "[b](term:trm_x)", "[r]: "]
    + ["\x00", "\ud800", "\t", "\r\n", "===", "---", "~~~", "```", "<https://x.example>", "javascript:", "word"]
)
ANY_TEXT = st.one_of(
    st.text(st.characters(codec=None), max_size=200),
    st.text(string.punctuation + "ab1 \n", max_size=80),
    st.lists(st.one_of(PIECES, st.text(max_size=5)), max_size=25).map("".join),
)
VALUES = Resolver(CLINIC.entries, CLINIC.terms, {"clinic.name": '"><script>[x](javascript:1)</script>\n# `'})


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ANY_TEXT)
def test_no_text_raises_or_yields_an_unsafe_tag_or_address(markdown: str) -> None:
    html = to_html(markdown)
    assert_safe(html)
    assert_safe(resolve_html(html, VALUES))
    assert "entry:" not in "".join(Judge(resolve_html(html, VALUES)).hrefs)
    references(markdown)
    assert all(fault.endswith((".", "itself.")) for fault in faults(markdown))
    assert "  " not in search_text(markdown)
    to_text(markdown, VALUES)


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ANY_TEXT)
def test_filled_markdown_of_any_text_is_sound_in_another_reader_too(markdown: str) -> None:
    out = to_markdown(markdown, VALUES)
    hard = [fault for fault in faults(out) if "placeholder" not in fault and "deep" not in fault]
    assert hard == []
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(out)
    assert not re.search(r"<(?:script|img|i|b)\b|href=\"(?:javascript|data|entry|term):", html)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ANY_TEXT)
def test_blocks_of_any_text_are_of_the_closed_union(markdown: str) -> None:
    kinds = {"paragraph", "heading", "list", "quote", "table", "rule", "text", "link", "term", "break"}
    pending: list[Any] = [to_blocks(markdown, VALUES)]
    while pending:
        node = pending.pop()
        if isinstance(node, list):
            pending += node
        elif isinstance(node, dict):
            assert node["type"] in kinds
            assert node.get("text") != "" and node.get("marks") != []
            pending += [value for key, value in node.items() if key in ("content", "items", "header", "rows")]


def test_one_parser_serves_many_threads() -> None:
    expected = to_html(STRUCTURED)
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.extend(to_html(STRUCTURED) for _ in range(10))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 80
