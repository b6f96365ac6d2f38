"""The replies that frontends were promised: every key, every kind of value, and what the demo library defines."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import pytest

from api.models import Variant
from api.services.moves import publishing
from tests.builders import a_live_topic, entry_id, writing_as
from tests.conftest import House

TARGETS: dict[str, Any] = json.loads(Path(__file__).with_name("targets.json").read_text("utf-8"))
"""Name -> {"ask": address, "reply": the promised one}; texts, dates and ids only show a shape."""
IDENTITY = ("aspect", "hreflang", "parameter", "slug", "key", "code", "label", "name", "value", "from", "opens")
"""By what the parts of a list are found again, the first that they have; they must stand in the promised order."""
OPAQUE = {
    "id", "revision", "published_at", "updated_at", "at", "last_reviewed", "next_due", "lastmod", "request_id",
}  # fmt: skip
TEXTS = {"summary", "description", "line", "detail", "why", "html", "text"}
Fault = str


def faults(target: Any, reply: Any, at: str = "", told: frozenset[str] = frozenset()) -> Iterator[Fault]:
    """Where a reply falls short of what was promised; more keys and more parts of a list are welcome.

    `told` names the keys whose values are not the library's to promise here.
    """
    if isinstance(target, dict):
        if not isinstance(reply, dict):
            yield f"{at} is no object"
            return
        for name, value in target.items():
            if name in reply:
                yield from faults(value, reply[name], f"{at}.{name}", told)
            else:
                yield f"{at}.{name} is missing"
    elif isinstance(target, list):
        yield from _list_faults(target, reply, at, told)
    else:
        yield from _value_faults(target, reply, at, told)


def _list_faults(target: list[Any], reply: Any, at: str, told: frozenset[str]) -> Iterator[Fault]:
    if not isinstance(reply, list):
        yield f"{at} is no list"
        return
    left = iter(enumerate(reply))
    for part in target:
        name = next((each for each in IDENTITY if isinstance(part, dict) and each in part), None)
        if name is None:
            number, found = next(left, (None, None))
        else:
            number, found = next(((n, each) for n, each in left if each.get(name) == part[name]), (None, None))
        if number is None:
            yield f"{at}: {part.get(name) if name else part} is missing, or not in the promised order"
            return
        yield from faults(part, found, f"{at}[{number}]", told)


def _value_faults(target: Any, reply: Any, at: str, told: frozenset[str]) -> Iterator[Fault]:
    name = at.rpartition(".")[2].partition("[")[0]
    rich = name == "value" and at.endswith((".body.value", ".answer.value", ".intro.value"))
    if name in OPAQUE or name in TEXTS or name in told or rich:
        if target is not None and type(reply) is not type(target):
            yield f"{at} is {reply!r}, not of the kind of {target!r}"
    elif isinstance(target, str) and isinstance(reply, str) and target.startswith("/v1/"):
        if unquote_plus(reply) != unquote_plus(target):
            yield f"{at} is {unquote_plus(reply)}, not {unquote_plus(target)}"
    elif reply != target:
        yield f"{at} is {reply!r}, not {target!r}"


@pytest.mark.parametrize(
    ("target", "reply", "fault"),
    [
        ({"a": 1}, {}, ".a is missing"),
        ({"a": {"b": None}}, {"a": None}, ".a is no object"),
        ({"kind": "item"}, {"kind": "list"}, ".kind is 'list', not 'item'"),
        ({"kind": None}, {"kind": ""}, ".kind is '', not None"),
        ({"summary": "One."}, {"summary": None}, ".summary is None, not of the kind of 'One.'"),
        ({"body": {"value": "<p>"}}, {"body": {"value": []}}, ".body.value is [], not of the kind of '<p>'"),
        ([{"key": "a"}, {"key": "b"}], [{"key": "b"}, {"key": "a"}], ": b is missing, or not in the promised order"),
        ({"self": "/v1/x?a[b]=c"}, {"self": "/v1/x?a%5Bb%5D=d"}, ".self is /v1/x?a[b]=d, not /v1/x?a[b]=c"),
    ],
)
def test_a_reply_that_falls_short_is_told(target: Any, reply: Any, fault: str) -> None:
    assert list(faults(target, reply)) == [fault]
    assert list(faults(target, target)) == []


def compare(name: str, house: House, *told: str, status: int = 200) -> Any:
    """Hold the reply of an example against it; returns the reply."""
    target = TARGETS[name]
    reply = house.get(target["ask"])
    assert reply.status_code == status, reply.text
    assert list(faults(target["reply"], reply.json, told=frozenset(told))) == []
    return reply.json


def test_one_topic_is_what_was_promised(library: House) -> None:
    # What a picture's address and colour are follows from its bytes.
    reply = compare("topic", library, "src", "srcset", "color", "credit")
    target = TARGETS["topic"]["reply"]
    for name in ("facts", "sections", "categories", "breadcrumbs", "alternates"):
        assert len(reply["data"][name]) == len(target["data"][name])
    assert list(reply["data"]["relationships"]) == list(target["data"]["relationships"])
    assert [each["slug"] for each in reply["included"]] == [each["slug"] for each in target["included"]]
    address = re.compile(r"https://api\.example/media/[0-9a-f]{32}/")
    mine, theirs = ([re.sub(r"/[0-9a-f]{8,32}/", "/…/", each["srcset"]) for each in data["data"]["image"]["sources"]]
                    for data in (reply, target))  # fmt: skip
    assert mine == theirs and address.match(reply["data"]["image"]["src"])


def test_a_faq_list_with_its_categories_is_what_was_promised(library: House) -> None:
    # A category's own description is the library's to write.
    reply = compare("faqs", library, "description")
    assert [each["slug"] for each in reply["data"]] == ["does-mesotherapy-hurt", "do-results-last-for-ever"]
    assert [each["key"] for each in reply["included"]] == ["procedure", "results"]


def test_one_guide_is_what_was_promised(library: House) -> None:
    reply = compare("guide", library, "status", "total")
    assert reply["data"]["review"]["status"] in ("current", "due", "overdue")
    lists = [name for name, value in reply["data"].items() if isinstance(value, dict) and "items" in value]
    assert lists == [
        "steps", "questions_to_ask", "credentials", "green_flags", "red_flags", "consultation_checklist"
    ]  # fmt: skip
    for name in lists:
        assert all(set(each) == {"key", "title", "detail", "why"} for each in reply["data"][name]["items"])


def test_one_clinic_profile_is_what_was_promised(library: House) -> None:
    reply = compare("clinic", library)
    assert reply["data"]["logo"] is None and "open_now" not in reply["data"]
    assert not {"keys", "origins", "people", "private"} & set(reply["data"])


def test_one_search_reply_is_what_was_promised(library: House) -> None:
    reply = compare("search", library, "count", "total", "rank", "field", "anchor", "values")
    assert [each["match"]["rank"] for each in reply["data"]] == [*range(1, len(reply["data"]) + 1)]
    assert reply["data"][0]["slug"] == "acne-scars" and "<mark>" in reply["data"][0]["match"]["html"]
    assert reply["meta"]["total"] == len(reply["data"]) == 5
    for facet in reply["meta"]["facets"]:
        assert all(set(each) == {"value", "label", "count"} for each in facet["values"])
    first = library.data("demo-south/search?q=raised%20scars&locale=en&page[size]=2")
    assert first["links"]["next"] and first["data"] == reply["data"][:2]


def test_an_old_address_resolves_to_a_redirect_as_promised(library: House) -> None:
    assert compare("redirect", library)["included"] == []


def test_a_path_resolves_to_its_item_as_promised(library: House) -> None:
    reply = compare("item", library, "src", "srcset", "color", "credit")
    assert reply["data"]["item"]["id"] == reply["included"][0]["id"]


def test_the_other_kinds_of_place_resolve_as_promised(library: House) -> None:
    home = library.data("demo-south/resolve?path=/")["data"]
    assert (home["kind"], home["status"], home["to"], home["item"], home["list"]) == ("home", 200, None, None, None)
    faqs = library.data("demo-south/resolve?path=/faq")["data"]
    assert (faqs["kind"], faqs["list"]) == ("list", {"type": "faq", "category": None})
    concern = library.data("demo-south/resolve?path=//concerns%2Facne-scars/?from=ad")["data"]
    assert concern["path"] == "/concerns/acne-scars" and concern["list"]["category"] == "acne-scars"


def test_a_chain_of_redirects_is_answered_with_its_end(library: House) -> None:
    assert library.data("demo-south/resolve?path=/meso")["data"]["to"] == "/treatments/mesotherapy"


def test_refused_parameters_are_told_all_at_once_as_promised(library: House) -> None:
    target = copy.deepcopy(TARGETS["invalid_parameter"])
    reply = library.get(target["ask"])
    assert reply.status_code == 400 and reply.mimetype == "application/problem+json"
    allowed = reply.json["errors"][0].pop("allowed")
    assert set(target["reply"]["errors"][0].pop("allowed")) <= set(allowed)
    assert list(faults(target["reply"], reply.json)) == []


def test_a_withdrawn_page_says_why_and_what_replaces_it_as_promised(house: House) -> None:
    text = a_live_topic(house.database, "old-offer")
    with writing_as(house.database, "publisher") as work:
        replacement = work.session.get(type(text.entry), entry_id(house.database, "mesotherapy"))
        variant = work.session.get_one(Variant, text.id)
        publishing.withdraw(work, variant, reason="Replaced by a newer text.", replacement=replacement)
    compare("withdrawn", house, status=410)


def test_a_row_of_the_sitemap_is_what_was_promised(library: House) -> None:
    reply = compare("sitemap", library)
    assert not any("#" in row["path"] for row in reply["data"])
    assert {row["type"] for row in reply["data"]} == {"topic", "guide", "category"}


@pytest.mark.parametrize("rest", ["topics", "guides", "terms", "faqs"])
def test_blocks_are_of_the_promised_kinds(library: House, rest: str) -> None:
    known = {
        "paragraph": {"content"}, "heading": {"level", "content"}, "list": {"ordered", "items"}, "quote": {"content"},
        "table": set(), "image": set(), "rule": set(), "text": {"text"}, "link": {"href", "ref", "content"},
        "term": {"slug", "text"}, "break": set(),
    }  # fmt: skip
    found = set()
    for item in library.data(f"demo-south/{rest}?locale=en&view=full&format=blocks&page[size]=100")["data"]:
        for node in _nodes(item):
            assert known[node["type"]] <= set(node), node
            found.add(node["type"])
            if node["type"] == "link" and node["ref"]:
                assert {"type", "id", "slug", "title"} <= set(node["ref"]) and node["href"].startswith("/")
            if node["type"] == "text":
                assert set(node.get("marks", [])) <= {"strong", "em", "code"}
    assert {"paragraph", "text"} <= found
    assert rest != "topics" or {"list", "term", "link"} <= found


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for each in value:
            yield from _nodes(each)
    elif isinstance(value, dict):
        if value.get("format") == "blocks":
            yield from _inside(value["value"])
        else:
            for each in value.values():
                yield from _nodes(each)


def _inside(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for each in value:
            yield from _inside(each)
    elif isinstance(value, dict) and "type" in value:
        yield value
        for name in ("content", "items"):
            yield from _inside(value.get(name))
