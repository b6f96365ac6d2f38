"""Any text at all: nothing raises, and hostile text stays text."""

import re
import string
import threading
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from schemas.rich_text import (
    Resolver,
    faults,
    references,
    resolve_html,
    search_text,
    to_blocks,
    to_html,
    to_markdown,
    to_text,
)
from tests.schemas.rich_text_samples import (
    CLINIC,
    HOSTILE,
    STRUCTURED,
    Judge,
    assert_safe,
)

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
