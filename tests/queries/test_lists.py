"""Lists: every order, filter and page, held against a plain model of the seed's files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from api.rules.words import fold
from seed import files
from tests.builders import a_live_topic, a_topic, clinic_id, move
from tests.conftest import House

Given = dict[str, Any]


def entries(kind: str, locale: str = "en") -> list[Given]:
    """What the files say of a type in one locale."""
    return [
        {"name": each.key, "slug": each.texts[locale][0], **each.texts[locale][1]}
        for each in files.entry_files()
        if each.type == kind and locale in each.texts
    ]


def pages(house: House, path: str) -> list[list[Given]]:
    """Every page of a list, from link to link."""
    found, following = [], f"/v1/clinics/{path}"
    while following:
        reply = house.data(following)
        found.append(reply["data"])
        following = reply["links"]["next"]
    return found


def slugs(house: House, path: str) -> list[str]:
    return [each["slug"] for page in pages(house, path) for each in page]


def categories() -> dict[str, int]:
    return {each["key"]: each["position"] for each in files.categories()}


KEYS: dict[str, Callable[[Given], Any]] = {
    "title": lambda each: fold(each.get("title") or each["question"]),
    "position": lambda each: (categories()[each["category"]] if "category" in each else 0, each["position"]),
}


@pytest.mark.parametrize("kind", ["topic", "faq", "guide", "term"])
@pytest.mark.parametrize("locale", ["en", "es"])
def test_a_list_holds_every_text_of_its_language_once(library: House, kind: str, locale: str) -> None:
    found = slugs(library, f"demo-south/{kind}s?locale={locale}&fallback=none&page[size]=7")
    assert sorted(found) == sorted(each["slug"] for each in entries(kind, locale))


@pytest.mark.parametrize("kind", ["topic", "faq", "term"])
@pytest.mark.parametrize("locale", ["en", "es"])
@pytest.mark.parametrize("field", ["title", "position"])
@pytest.mark.parametrize("sign", ["", "-"])
def test_a_sorted_list_is_in_the_order_of_the_files(
    library: House, kind: str, locale: str, field: str, sign: str
) -> None:
    by_slug = {each["slug"]: KEYS[field](each) for each in entries(kind, locale)}
    name = "question" if (kind, field) == ("faq", "title") and "question" in _sorts(library, kind) else field
    path = f"demo-south/{kind}s?locale={locale}&sort={sign}{name}&page[size]=5"
    assert [by_slug[slug] for slug in slugs(library, path)] == sorted(by_slug.values(), reverse=sign == "-")


def _sorts(house: House, kind: str) -> list[str]:
    return list(house.data(f"/v1/schemas/{kind}")["x-sorts"])


@pytest.mark.parametrize(
    "sort",
    ["position", "-position", "title", "-title", "published_at", "-published_at", "updated_at", "-updated_at", "id",
     "-id", "-published_at,title", "position,-title"],
)  # fmt: skip
@pytest.mark.parametrize("size", [1, 3])
def test_cursors_walk_the_whole_list_once_each_way(library: House, sort: str, size: int) -> None:
    whole = [each["id"] for each in library.data(f"demo-south/terms?sort={sort}&page[size]=100")["data"]]
    walked = [each["id"] for page in pages(library, f"demo-south/terms?sort={sort}&page[size]={size}") for each in page]
    assert walked == whole and len(set(whole)) == len(whole)


def test_a_reversed_sort_is_the_list_backwards(library: House) -> None:
    for field in ("position", "title", "updated_at", "id"):
        there, back = (slugs(library, f"demo-south/terms?sort={sign}{field}") for sign in ("", "-"))
        assert there == back[::-1]


def test_a_walk_is_stable_while_others_publish_and_withdraw(house: House) -> None:
    before = slugs(house, "demo-south/terms?sort=title&page[size]=100")
    reply = house.data("demo-south/topics?sort=title&page[size]=2")
    seen = [each["slug"] for each in reply["data"]]
    a_live_topic(house.database, "a-first", a_topic(title="AAA first"))
    last = a_live_topic(house.database, "z-last", a_topic(title="ZZZ last"))
    a_live_topic(house.database, "z-later", a_topic(title="ZZZZ later"))
    move(house.database, "unpublish", last, "publisher")
    while reply["links"]["next"]:
        reply = house.data(reply["links"]["next"])
        seen += [each["slug"] for each in reply["data"]]
    assert len(seen) == len(set(seen)) == 5
    assert "z-later" in seen and "a-first" not in seen
    assert slugs(house, "demo-south/terms?sort=title&page[size]=100") == before


def test_a_cursor_holds_for_its_clinic_and_query_alone(library: House) -> None:
    following = library.data("demo-south/topics?page[size]=1")["links"]["next"]
    cursor = parse_qs(urlsplit(following).query)["page[after]"][0]
    assert library.get(f"demo-south/topics?page[size]=3&page[after]={cursor}").status_code == 200
    for path in ("demo-north/topics?", "demo-south/faqs?", "demo-south/topics?sort=id", "demo-south/topics?locale=es"):
        reply = library.get(f"{path}&page[after]={cursor}")
        assert reply.status_code == 400 and reply.json["errors"][0]["code"] == "bad_cursor"


FILTERS: list[tuple[str, str, Callable[[Given], bool]]] = [
    ("topic", "filter[kind]=treatment", lambda each: each["kind"] == "treatment"),
    ("topic", "filter[kind][ne]=treatment", lambda each: each["kind"] != "treatment"),
    ("topic", "filter[kind][in]=treatment,combination", lambda each: each["kind"] != "condition"),
    ("topic", "filter[kind][nin]=treatment,combination", lambda each: each["kind"] == "condition"),
    ("topic", "filter[category]=acne-scars", lambda each: "acne-scars" in each.get("categories", ())),
    ("term", "filter[category][exists]=true", lambda each: bool(each.get("categories"))),
    ("term", "filter[category][exists]=false", lambda each: not each.get("categories")),
    ("term", "filter[category][nin]=acne-scars", lambda each: "acne-scars" not in each.get("categories", ())),
    ("faq", "filter[category][in]=safety,results", lambda each: each["category"] in ("safety", "results")),
    ("faq", "filter[kind]=myth", lambda each: each.get("kind") == "myth"),
    ("term", "filter[title]=COLLAGEN", lambda each: fold(each["title"]) == "collagen"),
    ("term", "filter[title][contains]=Trophic", lambda each: "trophic" in fold(each["title"])),
    ("term", "filter[title][contains]=%25", lambda each: False),
    ("topic", "filter[updated_at][gte]=2026-11-01", lambda each: True),
    ("topic", "filter[updated_at][lt]=2026-11-01T08:00:00Z", lambda each: False),
    ("topic", "filter[updated_at][lte]=2026-11-01T08:00:00Z", lambda each: True),
    ("topic", "filter[updated_at][gt]=2026-11-01T08:00:00Z", lambda each: False),
    ("topic", "filter[updated_at][lt]=2026-11-01T08:00:00.5Z", lambda each: True),
    ("topic", "filter[updated_at][gte]=2026-11-01T08:00:00.5Z", lambda each: False),
    ("topic", "filter[updated_at][lte]=2026-11-01T07:59:59.999Z", lambda each: False),
    ("topic", "filter[updated_at][gt]=2026-11-01T07:59:59.999Z", lambda each: True),
    ("topic", "filter[published_at]=2026-11-01T08:00:00Z", lambda each: True),
    ("topic", "filter[published_at]=2026-11-01T09:00:00%2B01:00", lambda each: True),
    ("topic", "filter[kind]=treatment&filter[category]=skin-basics",
     lambda each: each["kind"] == "treatment" and "skin-basics" in each.get("categories", ())),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "query", "keeps"), FILTERS, ids=[query for _, query, _ in FILTERS])
def test_a_filter_keeps_what_the_files_say(
    library: House, kind: str, query: str, keeps: Callable[[Given], bool]
) -> None:
    wanted = sorted(each["slug"] for each in entries(kind) if keeps(each))
    reply = library.data(f"demo-south/{kind}s?{query}&page[size]=100&count=true")
    assert sorted(each["slug"] for each in reply["data"]) == wanted
    assert reply["meta"]["total"] == len(wanted)


def test_a_relation_filter_is_the_relation_seen_from_the_other_side(library: House) -> None:
    for topic in entries("topic"):
        questions = [each["slug"] for each in entries("faq") if each["name"] in topic.get("faqs", ())]
        assert sorted(slugs(library, f"demo-south/faqs?filter[topic]={topic['slug']}")) == sorted(questions)
        related = {each["topic"] for each in topic.get("related", ())}
        by_name = [each["slug"] for each in entries("topic") if each["name"] in related]
        assert sorted(slugs(library, f"demo-south/topics?filter[related_to]={topic['slug']}")) == sorted(by_name)


def test_fallback_is_per_entry_and_settled_before_filter_and_count(house: House) -> None:
    north = clinic_id(house.database, "demo-north")
    a_live_topic(house.database, "only-english", a_topic(title="Only English"), north)
    whole = house.data("demo-north/topics?count=true")
    locales = {each["slug"]: each["locale"] for each in whole["data"]}
    assert locales["only-english"] == "en" and set(locales.values()) == {"en", "es"}
    assert whole["meta"]["total"] == len(whole["data"]) == 4
    assert whole["meta"]["locale"]["fallback"] is True
    alone = house.data("demo-north/topics?fallback=none&count=true")
    assert alone["meta"]["total"] == 3 and {each["locale"] for each in alone["data"]} == {"es"}
    assert house.data("demo-north/topics?filter[title][contains]=only&count=true")["meta"]["total"] == 1
    assert slugs(house, "demo-north/topics?locale=en&sort=-title")[0] == "only-english"


def test_pages_by_number_tell_the_total_and_their_neighbours(library: House) -> None:
    total = len(entries("term"))
    reply = library.data("demo-south/terms?page[number]=2&page[size]=5")
    assert (len(reply["data"]), reply["meta"]["total"]) == (5, total)
    numbers = {
        name: parse_qs(urlsplit(to).query)["page[number]"] for name, to in reply["links"].items() if name != "jsonld"
    }
    assert numbers == {"self": ["2"], "first": ["1"], "prev": ["1"], "next": ["3"], "last": [str(-(-total // 5))]}
    by_cursor = slugs(library, "demo-south/terms?page[size]=5")
    assert [each["slug"] for each in reply["data"]] == by_cursor[5:10]
    assert library.data("demo-south/terms?page[number]=99&page[size]=5")["data"] == []


@pytest.mark.parametrize("more", ["filter[kind]=treatment", "sort=title", "page[size]=1", "page[number]=1"])
def test_ids_beside_what_would_be_dropped_are_refused(library: House, more: str) -> None:
    known = library.data("demo-south/topics?filter[kind]=condition")["data"][0]["id"]
    [fault] = library.get(f"demo-south/topics?ids={known}&{more}").json["errors"]
    assert (fault["parameter"], fault["code"]) == (more.partition("=")[0], "excluded")
    assert library.data(f"demo-south/topics?ids={known}&count=true")["meta"]["total"] == 1


def test_questions_are_sorted_by_the_name_of_their_field(library: House) -> None:
    found = [each["question"] for each in library.data("demo-south/faqs?sort=-question&page[size]=100")["data"]]
    assert found == sorted(found, reverse=True, key=str.casefold)


def test_a_list_may_bring_its_graph_of_exactly_its_items(library: House) -> None:
    page = library.data("demo-south/faqs?filter[topic]=mesotherapy&include=jsonld,categories&format=blocks")
    alone = library.get("demo-south/faqs.jsonld?filter[topic]=mesotherapy").json
    assert page["meta"]["jsonld"] == alone and alone["@graph"][0]["@type"] == "FAQPage"
    first = library.data("demo-south/faqs?include=jsonld&page[size]=1&view=card")
    [asked] = first["meta"]["jsonld"]["@graph"][0]["mainEntity"]
    assert asked["name"] == first["data"][0]["question"]


def test_ids_come_in_the_order_asked_and_what_is_missing_is_told(library: House) -> None:
    known = [each["id"] for each in library.data("demo-south/terms")["data"]]
    asked = [known[3], "trm_zzzzzzzz", known[0], known[5]]
    reply = library.data(f"demo-south/terms?ids={','.join(asked)}")
    assert [each["id"] for each in reply["data"]] == [known[3], known[0], known[5]]
    assert reply["meta"]["unresolved"] == [{"relation": "ids", "reason": "unavailable", "count": 1}]
    other_type = library.data(f"demo-south/topics?ids={known[0]}")
    assert other_type["data"] == [] and other_type["meta"]["unresolved"][0]["count"] == 1


def test_a_list_of_chosen_ids_names_no_graph_of_another_list(library: House) -> None:
    whole = library.data("demo-south/faqs?filter[topic]=mesotherapy")
    assert whole["links"]["jsonld"] == "/v1/clinics/demo-south/faqs.jsonld?filter%5Btopic%5D=mesotherapy"
    chosen = library.data(f"demo-south/faqs?ids={whole['data'][0]['id']}&include=jsonld")
    assert "jsonld" not in chosen["links"]
    [page] = [each for each in chosen["meta"]["jsonld"]["@graph"] if each["@type"] == "FAQPage"]
    assert [each["name"] for each in page["mainEntity"]] == [whole["data"][0]["question"]]
