"""Rich text that is refused, and the references found in it."""

import re

import pytest

from schemas.content import CONTENT_TYPES
from schemas.content_type import ContentType
from schemas.json_schema import document_schema
from schemas.rich_text import (
    MAX_LENGTH,
    PLACEHOLDERS,
    Link,
    faults,
    references,
    search_text,
    to_blocks,
    to_html,
    to_markdown,
    to_text,
)
from tests.schemas.rich_text_samples import (
    CLINIC,
    HOSTILE,
    assert_safe,
    paragraph,
    text,
)

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
        'Take out the image "A scar": a picture stands beside the text, in `image`.'
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


@pytest.mark.parametrize("kind", CONTENT_TYPES, ids=lambda kind: kind.name)
def test_the_schema_of_a_type_promises_no_longer_text_than_is_taken(kind: ContentType) -> None:
    shapes = [document_schema(kind), *document_schema(kind)["$defs"].values()]
    rich = [each for shape in shapes for each in shape["properties"].values() if "contentMediaType" in each]
    assert rich and max(each["maxLength"] for each in rich) <= MAX_LENGTH


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
