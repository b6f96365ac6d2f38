"""Input and injection (IN1 to IN9), as far as GET takes input: queries, paths, headers, and bodies nobody reads."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import pytest

from tests.conftest import House

pytestmark = pytest.mark.either

MEANT = re.compile(r" Did you mean ([^?]+)\?")
LIST, ITEM = "demo-south/topics", "demo-south/topics/mesotherapy"
SQL = ["'", '"', "\\", "--", ";", ")", "%", "_", "$1", ":p", "%s", "' OR '1'='1", "1);DROP TABLE published;--",
       "'||pg_sleep(3)||'", "x' AND 1=randomblob(100000000)--"]  # fmt: skip
ODD = ["\ufeffskin", "\u202eniks", "sk\u200din", "\U0001f600", "\uffff", "\U0010ffff", "\u0085", "\u2028", "\ufffd",
       "\u0663", "\ufb01\ufb02", "\u3000\u3000", "\u0130\u0131", "\u00aa\u00ba", "\u2460\u2461"]  # fmt: skip
RAW = ["%ED%A0%80", "%FF%FE", "%C0%AF", "%00", "%0D%0AX-Canary:%20y", "%", "%zz", "%25", "%252f", "%F4%90%80%80"]
NUMBERS = ["2147483648", "9223372036854775808", "1180591620717411303424", "-1", "1e400", "NaN", "Infinity", "-0", "1.9",
           "%221%22", "true", "+1", "0x10", "1_0", "\u0663", "\uff11", " 5", "", "9" * 5000]  # fmt: skip
HIDDEN = ["password", "created_by", "created_by.email", "reviewer", "digest", "clinical_digest", "state", "scope",
          "visible_from", "entry_id", "title_key", "sources", "note", "person_id"]  # fmt: skip


def q(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


def fine(reply: Any) -> Any:
    """No input makes a 5xx; what is refused says so as a problem that nobody stores."""
    assert reply.status_code in (200, 400, 401, 404, 413), reply.text
    if reply.status_code != 200:
        assert reply.content_type == "application/problem+json"
    return reply


def refused(reply: Any, status: int = 400) -> list[dict[str, Any]]:
    assert reply.status_code == status, reply.text
    assert reply.headers["Cache-Control"] == "no-store"
    return list(reply.json["errors"])


def neutral(name: str, faults: list[dict[str, Any]]) -> str:
    """Faults without the name, and without what may have been meant by it: that is always of `allowed`, which stays."""
    for fault in faults:
        for each in MEANT.findall(fault["detail"]):
            assert any(part in str(fault["allowed"]) for part in re.split(r"[\[\]]+", each) if part), fault
    return MEANT.sub("", str(faults)).replace(name, "NAME")


@pytest.mark.parametrize("shape", ["filter[{}]=a", "filter[{}][contains]=a", "sort={}", "sort=-{}", "fields[topic]={}",
                                   "include={}", "view={}", "{}=1"])  # fmt: skip
def test_in1_a_hidden_field_reads_like_one_that_never_was(library: House, shape: str) -> None:
    never = neutral("zzzz", refused(library.get(f"{LIST}?{shape.format('zzzz')}")))
    for name in HIDDEN:
        assert neutral(name, refused(library.get(f"{LIST}?{shape.format(name)}"))) == never


def test_in1_an_operator_that_is_not_declared_is_refused(library: House) -> None:
    for each in ("filter[title][startsWith]", "filter[title][$ne]", "filter[title][regex]", "filter[kind][like]",
                 "filter[topic][ne]", "filter[title]["):  # fmt: skip
        refused(library.get(f"{LIST}?{each}=a"))


def test_in1_an_operator_by_another_spelling_of_a_hidden_relation_is_refused(library: House) -> None:
    for each in ("filter[faqs.answer]=a", "filter[faqs][answer]=a", "sort=faqs.position", "fields[faqs.answer]=a",
                 "include=faqs.reviewer", "fields[person]=email"):  # fmt: skip
        refused(library.get(f"{LIST}?{each}"))


@pytest.mark.parametrize("address", [LIST, ITEM, "demo-south/search?q=skin", "demo-south/sitemap.json", "demo-south",
                                     "demo-south/resolve?path=/", "demo-south/redirects", "demo-south/navigation",
                                     "/v1/clinics", f"{ITEM}.md", f"{ITEM}/modules/overview"])  # fmt: skip
def test_in2_unknown_top_level_keys_are_refused_by_name(library: House, address: str) -> None:
    for name in ("where", "_where", "lookup", "t0.x", "$or", "__proto__", "constructor", "self", "query", "clinic",
                 "Locale", "locale[]", "", "filter", "page", "_method", "callback", "X-Fields"):  # fmt: skip
        faults = refused(library.get(f"{address}{'&' if '?' in address else '?'}{q(name)}=1"))
        assert faults[0]["parameter"] == name and faults[0]["code"].startswith("unknown")


def test_in2_all_faults_are_told_at_once_with_what_is_allowed(library: House) -> None:
    faults = refused(library.get(f"{LIST}?where=1&view=huge&sort=secret&page[size]=0&locale=xx_&locale=yy"))
    assert {each["parameter"] for each in faults} == {"where", "view", "sort", "page[size]", "locale"}
    assert all("allowed" in each for each in faults if each["parameter"] in ("where", "view", "sort", "page[size]"))


def test_in2_a_fault_names_the_place_it_stands_in(library: House) -> None:
    by_header = library.get(LIST, headers={"X-Min-Publication": "999999"})
    by_query = library.get(f"{LIST}?min_publication=999999")
    for reply, place in ((by_header, "X-Min-Publication"), (by_query, "min_publication")):
        (fault,) = refused(reply)
        assert (fault["parameter"], fault["code"]) == (place, "not_yet")


def test_in2_what_is_allowed_can_be_written_as_it_stands(library: House) -> None:
    [page] = refused(library.get(f"{LIST}?page=2"))
    assert page["allowed"] == ["page[size]", "page[after]", "page[number]"]
    [limit] = refused(library.get(f"{LIST}?limit=5"))
    assert {"locale", "filter[…]", "page[…]"} <= set(limit["allowed"]) and "page" not in limit["allowed"]


def test_in3_a_filter_that_matches_nothing_leaves_nothing(library: House) -> None:
    for each in ("filter[related_to]=no-such", "filter[guide]=no-such", "filter[category]=no-such",
        "filter[faq]=no-such",
                 "filter[category][in]=no-such,neither", "filter[title]=nothing", "filter[term]=no-such"):  # fmt: skip
        reply = library.data(f"{LIST}?{each}&count=true")
        assert (reply["data"], reply["meta"]["total"]) == ([], 0)


def test_in3_an_empty_filter_value_is_refused_and_never_dropped(library: House) -> None:
    for each in ("filter[kind]=", "filter[category]=", "filter[category][in]=a,,b", "filter[updated_at][gt]=", "ids=",
                 "include=", "fields[topic]=", "sort=", "locale=", "fallback=", "view="):  # fmt: skip
        refused(library.get(f"{LIST}?{each}"))


@pytest.mark.parametrize("value", SQL)
def test_in4_sql_metacharacters_are_taken_literally(library: House, value: str) -> None:
    for name in ("filter[title]", "filter[title][contains]", "filter[category]", "filter[related_to]"):
        assert library.data(f"{LIST}?{name}={q(value)}")["data"] == []
    for name in ("sort", "locale", "fallback", "include", "page[after]", "page[size]", "ids", "fields[topic]", "view"):
        refused(library.get(f"{LIST}?{name}={q(value)}"))
    for name in (value, f"filter[{value}]", f"filter[title][{value}]", f"fields[{value}]", f"page[{value}]"):
        refused(library.get(f"{LIST}?{q(name)}=a"))
    for path in (f"demo-south/topics/{q(value)}", f"{q(value)}/topics", f"{ITEM}/modules/{q(value)}",
                 f"demo-south/categories/{q(value)}", f"demo-south/topics/{q(value)}.md"):  # fmt: skip
        assert fine(library.get(path)).status_code == 404
    assert fine(library.get(f"demo-south/search?q={q('scars ' + value)}"))
    assert fine(library.get(f"demo-south/resolve?path={q('/treatments/' + value)}")).status_code == 404


def test_in4_metacharacters_in_a_search_add_nothing_to_its_words(library: House) -> None:
    plain = library.data("demo-south/search?q=scars")["data"]
    for noise in ("'", "\\", ")", "%", ";", "* ", "^", "&", "|", "!", "<->", ":*", "(", "{"):
        assert library.data(f"demo-south/search?q={q('scars' + noise)}")["data"] == plain


def test_in4_operators_of_the_full_text_engines_are_words(library: House) -> None:
    for each in ("scars NEAR collagen", "title:scars", "scars AND", "OR", "NOT", "scars -", "-scars", '"scars', '""',
                 "scars & !collagen", "'a' <-> 'b'", "rowid:1", "- - -", "\u2212collagen scars"):  # fmt: skip
        assert fine(library.get(f"demo-south/search?q={q(each)}")).status_code in (200, 400)


def test_in5_like_wildcards_are_escaped_and_bounded(library: House) -> None:
    for each in ("%", "_", "%%%%", "_" * 50, "\\%", "mesotherap_", "m%y"):
        assert library.data(f"{LIST}?filter[title][contains]={q(each)}")["data"] == []
    assert library.data(f"demo-south/search?q={q('%' * 200)}")["data"] == []
    refused(library.get(f"demo-south/search?q={'%25' * 2000}"))
    refused(library.get(f"demo-south/search?q={'%25' * 10_000}"), 413)


@pytest.mark.parametrize("value", ODD)
def test_in6_odd_characters_are_text_everywhere(library: House, value: str) -> None:
    found = library.data(f"demo-south/search?q={q('skin ' + value)}")
    assert found["meta"]["query"]["q"] == "skin " + value
    fine(library.get(f"demo-south/search?q={q(value * 3)}"))
    fine(library.get(f"{LIST}?filter[title][contains]={q(value)}"))
    for path in (f"demo-south/topics/{q(value)}", f"{q(value)}", f"demo-south/categories/{q(value)}"):
        assert fine(library.get(path)).status_code == 404
    fine(library.get(f"demo-south/resolve?path=/{q(value)}"))
    refused(library.get(f"{LIST}?{q(value)}=1"))


@pytest.mark.parametrize("raw", RAW)
def test_in6_bytes_that_are_no_text_are_refused_or_found_nowhere(library: House, raw: str) -> None:
    for path in (f"demo-south/topics/{raw}", f"demo-south/topics/{raw}.jsonld", f"{raw}", f"{raw}/search?q=skin",
                 f"demo-south/categories/{raw}", f"{ITEM}/modules/{raw}", f"{raw}.jsonld",
                 f"/v1/schemas/{raw}"):  # fmt: skip
        reply = fine(library.get(path))
        assert reply.status_code == 404 and "X-Canary" not in reply.headers
    for address in (f"{LIST}?filter[title]=", f"{LIST}?filter[related_to]=", "demo-south/search?q=skin",
                    "demo-south/resolve?path=/treatments/", f"{LIST}?page[after]=", f"{LIST}?locale="):  # fmt: skip
        reply = fine(library.get(address + raw))
        assert "X-Canary" not in reply.headers
        assert raw != "%00" or reply.status_code == 400


@pytest.mark.parametrize("raw", ["%25ED%25A0%2580", "%25250A", "%25zz"])
def test_in6_what_a_path_holds_encoded_twice_is_found_nowhere(library: House, raw: str) -> None:
    """A frontend hands on the path that it was asked for, encoded as it stands in the address."""
    for address in ("demo-south/resolve?path=/treatments/a", "/oembed?url=https://south.example/treatments/a"):
        assert fine(library.get(address + raw)).status_code == 404


def test_in6_composed_and_decomposed_letters_find_the_same(library: House) -> None:
    composed, decomposed = "cirug\u00eda", "cirugi\u0301a"
    found = [library.data(f"demo-south/search?locale=es&q={q(each)}")["data"] for each in (composed, decomposed)]
    assert found[0] == found[1] != []
    assert [library.data(f"demo-south/faqs?locale=es&filter[question][contains]={q(each)}")["data"]
            for each in (composed, decomposed)][0]  # fmt: skip


@pytest.mark.parametrize("value", NUMBERS)
def test_in7_numbers_are_whole_and_in_bounds_or_refused(library: House, value: str) -> None:
    for name in ("page[size]", "page[number]", "heading_level", "include_limit[faqs]"):
        refused(library.get(f"{LIST}?{name}={q(value) if '%' not in value else value}"))
    for name in ("count", "filter[updated_at][gt]"):
        if not (name == "count" and value == "true"):
            refused(library.get(f"{LIST}?{name}={q(value) if '%' not in value else value}"))


def test_in6_digits_of_other_scripts_are_no_language_tag(library: House) -> None:
    for each in ("es-\u0663\u0663\u0663", "\uff45\uff53", "es_MX", "es-", "-es", "e", "es-MX-x", "x-klingon"):
        refused(library.get(f"{LIST}?locale={q(each)}"))


def test_in7_instants_at_the_edge_of_time_are_read_or_refused(library: House) -> None:
    for each in ("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "0001-01-01", "9999-12-31", "2026-02-30",
                 "2026-10-15T08:00:00.999999999Z", "2026-10-15T08:00:60Z", "2026-10-15T24:00:00Z", "now", "T",
                 "-0001-01-01", "10000-01-01", "2026-10-15T08:00:00 02:00", "2026-W42-4"):  # fmt: skip
        for operator in ("lt", "gte"):
            fine(library.get(f"{LIST}?filter[updated_at][{operator}]={q(each)}"))


BODIES = {
    "depth": b"[" * 100_000,
    "duplicates": b'{"locale":"es","locale":"xx"}',
    "garbage": b'{"a":1} trailing',
    "utf-16": '{"locale":"es"}'.encode("utf-16"),
    "nul": b"\x00" * 100,
    "ten megabytes": b'"' + b"x" * 10_000_000 + b'"',
}
TYPES = [None, "application/json", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data",
         "multipart/form-data; boundary=x", "application/json; charset=utf-16", "application/xml", "///;;=\"",
         ""]  # fmt: skip


@pytest.mark.parametrize("name", BODIES)
def test_in8_a_body_sent_with_get_changes_nothing(library: House, name: str) -> None:
    clean = library.get(ITEM)
    reply = library.get(ITEM, data=BODIES[name], content_type="application/json")
    assert (reply.status_code, reply.data, reply.headers["ETag"]) == (200, clean.data, clean.headers["ETag"])


@pytest.mark.parametrize("kind", TYPES)
def test_in9_no_content_type_or_encoding_changes_a_read(library: House, kind: str | None) -> None:
    clean = library.get(ITEM)
    headers = {"Content-Encoding": "gzip"} | ({} if kind is None else {"Content-Type": kind})
    reply = library.get(ITEM, data=b"\x1f\x8b\x08\x00bomb", headers=headers)
    assert (reply.status_code, reply.data) == (200, clean.data)
    form = library.get(LIST, data=b"filter[kind]=condition", headers={"Content-Type": kind or "text/plain"})
    assert form.data == library.get(LIST).data


def test_in9_nothing_is_written_by_a_public_address(library: House) -> None:
    for method in ("post", "put", "patch", "delete"):
        reply = getattr(library.client, method)(f"/v1/clinics/{ITEM}", data=b"{}", content_type="text/plain")
        assert reply.status_code == 405 and reply.headers["Cache-Control"] == "no-store"
        assert {"GET", "HEAD", "OPTIONS"} == {each.strip() for each in reply.headers["Allow"].split(",")}
