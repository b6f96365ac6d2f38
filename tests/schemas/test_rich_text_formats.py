"""Rich text as blocks, as Markdown and as plain text."""


import pytest
from markdown_it import MarkdownIt

from schemas.rich_text import (
    Resolver,
    Target,
    faults,
    references,
    search_text,
    to_blocks,
    to_html,
    to_markdown,
    to_text,
)
from tests.schemas.rich_text_samples import CLINIC, GUIDE, STRUCTURED, paragraph, resolved, text

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
    markdown = "* a\n* b\n\n### Head\n\nA [*b*](/c), 2 * 3.\n\n```\nx\n```\n"
    assert to_markdown(markdown, CLINIC) is markdown


def test_headings_in_markdown_begin_at_the_level_that_was_asked_for() -> None:
    for level in range(2, 7):
        out = to_markdown("Head\n====\n\n> ### Deep\n\nWords.", CLINIC, level)
        assert out == f"{'#' * level} Head\n\n> {'#' * min(6, level + 2)} Deep\n\nWords."


@pytest.mark.parametrize(
    ("markdown", "filled"),
    [
        ("See [the *guide*](entry:gde_p1v8).\n", "See [the *guide*](/guides/choosing).\n"),
        ("See [the guide][g].\n\n[g]: entry:gde_p1v8 'T'", 'See [the guide](/guides/choosing "T").'),
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
    assert to_markdown(markdown, CLINIC) == filled


def test_brackets_in_an_address_are_escaped() -> None:
    resolver = Resolver({"gde_p1v8": Target("https://a.example/x(y)", GUIDE)}, {}, {})
    assert to_markdown("[a](entry:gde_p1v8)", resolver) == r"[a](https://a.example/x\(y\))"


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
