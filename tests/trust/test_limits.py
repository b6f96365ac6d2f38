"""Resource exhaustion by asking (RX1 to RX3): pages, includes, filters, long lists, long addresses, large replies."""

from __future__ import annotations

from urllib.parse import parse_qs, quote

import pytest
from sqlalchemy import event, text

from api.public import replying
from tests.conftest import House

LIST, ITEM = "demo-south/topics", "demo-south/topics/mesotherapy"


def code(house: House, address: str) -> str:
    """The code of a refusal that must be a 400 nobody stores."""
    reply = house.get(address)
    assert reply.status_code == 400, reply.text
    assert reply.headers["Cache-Control"] == "no-store"
    return str((reply.json["errors"] or [{"code": reply.json["code"]}])[0]["code"])


@pytest.mark.parametrize("size", ["0", "-1", "101", "1000000000", "999999999999", "NaN", "1e9", "all", "*"])
def test_rx1_a_page_has_1_to_100_items(library: House, size: str) -> None:
    for plural in ("topics", "faqs", "guides", "terms", "sitemap.json"):
        assert code(library, f"demo-south/{plural}?page[size]={size}") in ("out_of_range", "not_a_number")
    assert code(library, f"demo-south/search?q=skin&page[size]={size}") in ("out_of_range", "not_a_number")
    assert code(library, f"demo-south/faqs.jsonld?page[size]={size}") in ("out_of_range", "not_a_number")


def test_rx1_there_is_no_way_to_skip_deep_into_a_list(library: House) -> None:
    for each in ("offset=1000000000", "page[offset]=5", "skip=5", "start=5", "page=5", "limit=5", "page[limit]=5"):
        assert code(library, f"{LIST}?{each}").startswith("unknown")
    for number in ("0", "-1", "101", "1000000000"):
        assert code(library, f"{LIST}?page[number]={number}") in ("out_of_range", "not_a_number")


def test_rx1_a_page_beyond_the_end_is_empty_and_leads_nowhere(library: House) -> None:
    reply = library.data(f"{LIST}?page[number]=100&page[size]=100")
    assert (reply["data"], reply["links"]["next"]) == ([], None)
    assert reply["meta"]["total"] == 4
    assert library.get(reply["links"]["last"]).json["data"]


def test_rx1_every_page_is_reached_once_by_cursor(library: House) -> None:
    seen, address = [], "/v1/clinics/demo-south/faqs?page[size]=4"
    while address:
        reply = library.data(address)
        seen += [each["id"] for each in reply["data"]]
        address = reply["links"]["next"]
    assert len(seen) == len(set(seen)) == library.data("demo-south/faqs?count=true")["meta"]["total"]


def test_rx1_a_cursor_that_was_touched_is_refused(library: House) -> None:
    cursor = parse_qs(library.data("demo-south/faqs?page[size]=4")["links"]["next"].split("?")[1])["page[after]"][0]
    assert library.get(f"demo-south/faqs?page[after]={cursor}").status_code == 200
    touched = [cursor[:at] + ("A" if cursor[at] != "A" else "B") + cursor[at + 1 :] for at in range(0, len(cursor), 3)]
    for each in (*touched, cursor + "!", cursor + "=", cursor[:-1], cursor + cursor, cursor.swapcase(), "AAAA", "e30"):
        assert code(library, f"demo-south/faqs?page[after]={quote(each)}") == "bad_cursor"
    for other in ("faqs?sort=-title", "faqs?locale=es", "faqs?filter[kind]=myth", "topics", "search?q=skin"):
        joined = "&" if "?" in other else "?"
        assert library.get(f"demo-south/{other}{joined}page[after]={cursor}").status_code == 400


@pytest.mark.parametrize("include", ["related.faqs.topics", "related.related.related.related", "*", "**", "faqs.*", "",
                                     ".faqs", "faqs.", "faqs,,related", "faqs.topics.faqs",
                                     ".".join(["related"] * 50)])  # fmt: skip
def test_rx2_includes_go_two_levels_deep_and_no_further(library: House, include: str) -> None:
    for address in (LIST, ITEM):
        assert code(library, f"{address}?include={include}") == "not_allowed"


def test_rx2_at_most_20_includes_each_counted_once(library: House) -> None:
    allowed = next(each["allowed"] for each in library.get(f"{ITEM}?include=x").json["errors"])
    assert library.get(f"{ITEM}?include={','.join(allowed[:20])}").status_code == 200
    assert code(library, f"{ITEM}?include={','.join(['faqs'] * 105)}") in ("too_many", "not_allowed")
    assert code(library, f"{ITEM}?include={','.join(f'k{n}' for n in range(105))}") == "not_allowed"


def test_rx2_a_circle_of_references_ends(library: House) -> None:
    reply = library.data(f"{ITEM}?include=related.related,faqs.topics,terms.topics,guides.topics")
    named = [(each["type"], each["id"]) for each in (reply["data"], *reply["included"])]
    assert len(named) == len(set(named))


def test_rx2_the_widest_question_costs_few_statements(library: House) -> None:
    allowed = library.get(f"{LIST}?include=x").json["errors"][0]["allowed"]
    wide = f"{LIST}?page[size]=100&count=true&include={','.join(allowed[:20])}"
    library.data(wide)
    asked: list[str] = []
    listen = lambda *args: asked.append(args[2])  # noqa: E731
    event.listen(library.database.reader, "before_cursor_execute", listen)
    try:
        library.data(wide)
    finally:
        event.remove(library.database.reader, "before_cursor_execute", listen)
    assert len(asked) <= 12


def test_rx2_limits_of_includes_are_bounded_too(library: House) -> None:
    for each in ("0", "-1", "101", "1e9"):
        assert code(library, f"{ITEM}?include=faqs&include_limit[faqs]={each}") in ("out_of_range", "not_a_number")
    assert code(library, f"{ITEM}?include_limit[faqs.topics.faqs]=1").startswith("unknown")


def test_rx3_at_most_ten_filters(library: House) -> None:
    names = ["category", "category][ne", "category][in", "category][nin", "kind", "kind][ne", "kind][in", "kind][nin",
             "title", "title][contains", "related_to"]  # fmt: skip
    value = {"kind": "treatment"}
    ten = "&".join(f"filter[{name}]={value.get(name.split(']')[0], 'a')}" for name in names[:10])
    assert library.get(f"{LIST}?{ten}").status_code == 200
    assert code(library, f"{LIST}?{ten}&filter[related_to]=mesotherapy") == "too_many"
    told = library.get(f"{LIST}?{ten}&filter[related_to]=mesotherapy&page[size]=0").json["errors"]
    assert {each["code"] for each in told} == {"too_many", "out_of_range"}


def test_rx3_boolean_trees_are_unknown_parameters(library: House) -> None:
    tree = "filter[or][0][and][1][title][contains]"
    assert code(library, f"{LIST}?{tree}=a") == "unknown_filter"
    assert code(library, f"{LIST}?{'&'.join(f'filter[or][{n}]=a' for n in range(500))[:7900]}") == "unknown_filter"


@pytest.mark.parametrize("count", [51, 1_000])
def test_rx3_a_list_of_values_is_bounded(library: House, count: int) -> None:
    values = ",".join(f"v{number}" for number in range(count))
    for name in ("filter[category][in]", "filter[category][nin]", "filter[related_to][in]"):
        assert code(library, f"{LIST}?{name}={values}") == "invalid"
    assert code(library, f"demo-south/search?q=skin&filter[category]={values}") == "invalid"
    assert code(library, f"{LIST}?ids={values}") in ("too_many", "invalid")


def test_rx3_a_hundred_thousand_values_are_refused(library: House) -> None:
    values = ",".join(f"v{number}" for number in range(100_000))
    for name in ("filter[category][in]", "ids", "include"):
        reply = library.get(f"{LIST}?{name}={values}")
        assert (reply.status_code, reply.json["code"]) == (413, "too_large")
    many = "&".join(f"p{number}=1" for number in range(100_000))
    assert library.get(f"{LIST}?{many}").status_code == 413


def test_rx3_a_long_address_is_refused_and_the_next_one_answered(library: House) -> None:
    for path in ("x" * 20_000, "topics/" + "x" * 100_000, "topics/" + "a/" * 5_000, "%2e" * 10_000):
        assert library.get(f"demo-south/{path}").status_code in (404, 413)
    assert library.get("/v1/openapi.json?" + "x" * 9_000).status_code == 413
    assert library.get(f"{LIST}?{'a=1&' * 1_900}").status_code == 400
    assert library.get(ITEM).status_code == 200


def test_rx3_a_refusal_echoes_little(library: House) -> None:
    for address in (f"{LIST}?{'x' * 7_000}=1", f"{LIST}?sort={'x' * 7_000}", f"{LIST}?view={'x' * 7_000}",
                    f"{LIST}?include={','.join(['x'] * 3_000)}", f"{LIST}?filter[kind]={'x' * 190}",
                    f"{LIST}?{'&'.join(f'p{n}=1' for n in range(1_000))}"):  # fmt: skip
        reply = library.get(address)
        assert reply.status_code == 400
        assert len(reply.data) < 30_000


def test_rx3_searches_are_bounded(library: House) -> None:
    words = " ".join(f"s{number}kin" for number in range(40))[:200]
    for each in (words, '"' * 200, "-" * 200, "a " * 100, "\u0301" * 200, '-"a ' * 50, "o'" * 100, "zzzzzzzzzzz " * 16):
        assert library.get(f"demo-south/search?facets=type,category&q={quote(each)}").status_code in (200, 400)
    assert library.get(f"demo-south/search?q={'a' * 201}").status_code == 400


def test_rx3_a_statement_that_runs_too_long_is_ended(library: House) -> None:
    if library.database.sqlite:
        pytest.skip("SQLite has no statement timeout")
    with library.database.reading() as connection:
        assert connection.scalar(text("SHOW statement_timeout")) == "2s"
        assert connection.scalar(text("SHOW default_transaction_read_only")) == "on"


def test_a_reply_over_the_limit_names_the_include(library: House, monkeypatch: pytest.MonkeyPatch) -> None:
    assert replying.LARGEST == 2_000_000
    monkeypatch.setattr(replying, "LARGEST", 20_000)
    reply = library.get("demo-south/topics?view=full&include=faqs,terms.topics")
    assert (reply.status_code, reply.json["code"]) == (400, "reply_too_large")
    assert "faqs, terms.topics" in reply.json["detail"]
    assert reply.headers["Cache-Control"] == "no-store"
    assert "the page" in library.get("demo-south/topics?view=full").json["detail"]
    assert library.get("demo-south/topics?view=card").status_code == 200
