"""Rich text as HTML, and its markers filled in."""


import pytest

from schemas.rich_text import (
    Resolver,
    Target,
    resolve_html,
    to_blocks,
    to_html,
    to_markdown,
)
from tests.schemas.rich_text_samples import CLINIC, GUIDE, NOBODY, Judge, paragraph, resolved, text

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
