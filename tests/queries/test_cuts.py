"""Cuts: fields are found again where they stand in the kept JSON, and markers are filled there as in the whole text."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest

from api.queries.rich import CutDocument
from schemas import rich_text
from schemas.cuts import to_json, written
from schemas.rich_text import Resolver, Target

RESOLVER = Resolver(
    {"gde_aaa": Target('/guides/a"b', {"type": "guide", "id": "gde_aaa", "slug": "a", "title": "A"})},
    {"trm_aaa": "collagen"},
    {"clinic.name": 'Ann & "Co" \\', "clinic.phone": "+1 <5>"},
)
TEXTS = [
    "No marker at all, but \"quotes\", a \\ backslash,\na line break, é, 日本 and 😀.",
    '[a](entry:gde_aaa "a > b") [b](entry:gde_zzz "c > \\"d\\"") [**c** "q"](term:trm_aaa) [*d* \\\\](term:trm_zzz)',
    '[a](entry:gde_aaa "{{clinic.name}}") [{{clinic.name}}](term:trm_aaa) [{{clinic.phone}}](term:trm_zzz)',
    "[a guide](entry:gde_aaa) and [a word](term:trm_aaa), [gone](entry:gde_zzz), [gone too](term:trm_zzz).",
    "{{clinic.name}}: call {{clinic.phone}}, [here](tel:{{clinic.phone}}) or [a {{clinic.name}}](entry:gde_aaa).",
    "{{clinic.name}}{{clinic.phone}}[x](term:trm_aaa)[y](term:trm_aaa) \ue000 \ue001",
    "`{{clinic.name}}` and {{clinic.unknown}} and {{no placeholder}} and entry:gde_aaa in words",
]


def document(texts: list[str]) -> tuple[dict[str, Any], list[str]]:
    bodies = [rich_text.to_html(each) for each in texts]
    parts = [{"title": 'A "title"', "body": {"format": "html", "value": each}} for each in bodies]
    marked = [f"sections/{number}/body" for number, each in enumerate(bodies) if rich_text.marked(each)]
    made = {"title": "Ünïcode {{clinic.name}}", "sections": parts, "position": 7, "cta": None, "categories": ["a"]}
    return made, marked


@pytest.mark.parametrize("texts", [[], *([each] for each in TEXTS), TEXTS])
def test_each_field_stands_where_its_cuts_say(texts: list[str]) -> None:
    made, marked = document(texts)
    text, cuts = written(made, marked)
    assert text == to_json(made) and list(cuts) == list(made)
    assert {name: json.loads(text[places[0] : places[-1]]) for name, places in cuts.items()} == made


@pytest.mark.parametrize("texts", [*([each] for each in TEXTS), TEXTS])
def test_filling_marker_by_marker_is_filling_the_whole(texts: list[str]) -> None:
    made, marked = document(texts)
    text, cuts = written(made, marked)
    filled = orjson.dumps(CutDocument(text, cuts, RESOLVER).filled("sections"))
    wanted = [rich_text.resolve_html(rich_text.to_html(each), RESOLVER) for each in texts]
    assert [part["body"]["value"] for part in json.loads(filled)] == wanted


def test_a_text_of_every_private_character_is_cut_like_any_other() -> None:
    body = {"format": "html", "value": "".join(map(chr, range(0xE000, 0xF900))) + "<a>"}
    text, cuts = written({"body": body}, [])
    assert text[slice(*cuts["body"])] == to_json(body)
