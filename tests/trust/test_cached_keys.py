"""What names a reply that is kept (CA6 to CA8, CA10 to CA12, CA24): nothing unkeyed gets in, one meaning is one key."""

from __future__ import annotations

import itertools

import pytest

from api.cache.keys import key_of
from tests.fronted import Fronted, Processes, told
from tests.trust.desk import bearer, key
from tests.trust.test_cache_headers import CANARY, UNKEYED

ITEM, LIST = "demo-south/topics/mesotherapy", "demo-south/topics"
VARIOUS = (ITEM, LIST, "demo-south", f"{ITEM}.jsonld", f"{ITEM}.md", "demo-south/search?q=scars",
           "demo-south/sitemap.xml", "demo-south/topics/never", "demo-south/resolve?path=/meso")  # fmt: skip


def test_ca6_what_fills_the_cache_is_asked_for_without_a_header_of_the_caller(either: Processes) -> None:
    there, other = either.start(), either.start()
    harmful = {"Content-Length", "If-None-Match", "Expect", "Transfer-Encoding"}
    poison = {name: CANARY for name in UNKEYED if name not in harmful}
    for address in VARIOUS:
        for headers in (poison, poison | {"Accept-Encoding": "gzip;q=0"}):
            there.built.tier.clear()
            there.get(address, headers=headers)
            there.fresh(address)
            assert CANARY not in there.get(address).text + str(there.get(address).headers)
        other.fresh(address)


def test_ca7_a_strange_host_or_a_doubled_slash_leaves_nothing_for_the_next_caller(either: Processes) -> None:
    there = either.start()
    for path in (f"/v1/clinics/{ITEM}/", f"/v1/clinics//{ITEM}", f"//v1/clinics/{ITEM}", f"/v1//clinics/{ITEM}",
                 "/v1/clinics/demo-south//topics", f"/v1/clinics/{ITEM}", "/v1/clinics/"):  # fmt: skip
        for host in (CANARY, "evil@example", "[::1"):
            reply = there.client.get(path, headers={"Host": host, "X-Forwarded-Host": CANARY})
            assert reply.status_code < 500 and CANARY not in reply.headers.get("Location", "")
        assert CANARY not in there.client.get(path).text
    there.fresh(ITEM, "demo-south/topics")


DISGUISES = ["/x.css", ";x.js", "%2fx.png", "%00.js", "%0a.css", ".json", ".css", "?x.css", "/..%2fx.css", "%23.css",
             "/.css", "%3f.css", "/%2e%2e/me", "//", "/x.css?q=1"]  # fmt: skip


@pytest.mark.parametrize("suffix", DISGUISES)
def test_ca8_a_private_path_in_disguise_is_never_public(deceived: tuple[Fronted, dict[str, str]], suffix: str) -> None:
    there, own = deceived
    for path in ("demo-private", "demo-private/topics", "demo-private/topics/mesotherapy", "demo-south/preview/topics",
                 "demo-south/../demo-private/topics", "demo-south/..%2fdemo-private/topics",
                 "/v1/manage/entries/topic", "/v1/clinics"):  # fmt: skip
        reply = there.get(f"{path}{suffix}", headers=own)
        closed = not reply.headers["Cache-Control"].startswith("public")
        assert closed or reply.status_code == 404, (path, suffix)
        after = there.get(f"{path}{suffix}")
        assert after.status_code != 200 or path == "/v1/clinics", (path, suffix)
    assert not [each for each in there.built.tier.entries.values() if "private" in each.key[0]]


@pytest.fixture(scope="module")
def deceived(shared_process: Processes) -> tuple[Fronted, dict[str, str]]:
    """A process that many tests ask, and the headers of who may read the private clinic."""
    there = shared_process.start()
    return there, bearer(key(there, ["demo-private"])[1])


def test_ca10_one_meaning_is_one_key_and_is_loaded_once(either: Processes) -> None:
    there = either.start()
    for one, *others in (
        (f"{LIST}?locale=en&page[size]=2&include=faqs", f"{LIST}?include=faqs&page[size]=2&locale=en",
         f"{LIST}?page%5Bsize%5D=2&include=%66aqs&locale=en", f"{LIST}?&locale=en&&page[size]=2&include=faqs&",
         f"{LIST}?locale=en&page[size]=2&include=faqs&min_publication=1", "demo-south/%74opics?include=faqs&locale=en"
         "&page%5bsize%5d=2"),
        ("demo-south/search?q=acne+scars", "demo-south/search?q=acne%20scars", "demo-south/search?&q=acne%20scars"),
        ("demo-south", "demo%2Dsouth", "demo-south?", "demo-south?&"),
    ):  # fmt: skip
        there.built.tier.clear()
        before = loaded(there)
        right = there.get(one)
        for other in others * 2:
            reply = there.get(other)
            assert (reply.data, reply.headers["ETag"]) == (right.data, right.headers["ETag"]), other
        assert (loaded(there), len(there.built.tier.entries)) == (before + 1, 1)


def loaded(there: Fronted) -> int:
    """How often something was brought, from Redis or from the application."""
    return there.counted("miss") + there.counted("hit_redis")


def test_ca10_what_differs_in_meaning_differs_in_key(either: Processes) -> None:
    there = either.start()
    for query in ("locale=en&locale=en", "locale=en&locale=es", "locale[]=en", "LOCALE=en", "utm_source=x", "_=1",
                  "locale;page=1", "locale=en;view=card", "locale=%FF", "locale=en%00", "view=", "view"):  # fmt: skip
        for _ in range(2):
            assert there.get(f"{LIST}?{query}").status_code == 400, query
        there.fresh(f"{LIST}?locale=en", LIST)
    kept = [each.key[1] for each in there.built.tier.entries.values()]
    assert sorted(kept) == ["", "locale=en"]
    long = f"{LIST}?ids={'a' * 2_100}"
    assert there.get(long).status_code == there.plain.get(long).status_code
    assert there.kept(LIST) is not None


def test_ca11_head_fills_for_get_and_get_for_head(either: Processes) -> None:
    there = either.start()
    for address in VARIOUS:
        path = f"/v1/clinics/{address}"
        for first, second in itertools.permutations(("HEAD", "GET")):
            there.built.tier.clear()
            replies = {method: there.client.open(path, method=method) for method in (first, second, first)}
            assert told(replies["GET"]) == told(there.plain.get(address))
            assert replies["HEAD"].data == b""
            assert told(replies["HEAD"])[2] == told(replies["GET"])[2]


def test_ca11_other_methods_and_bodies_change_nothing_of_what_is_kept(either: Processes) -> None:
    there = either.start()
    for address in (ITEM, LIST):
        path = f"/v1/clinics/{address}"
        for _ in ("cold", "warm"):
            for method in ("POST", "PUT", "PATCH", "DELETE", "PURGE", "TRACE", "BREW"):
                assert there.client.open(path, method=method, data=b'{"slug": "evil"}').status_code in (405, 501)
            there.client.options(path)
            for override in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
                there.get(address, headers={override: "DELETE"})
            reply = there.get(address, data=b"locale=es", headers={"Content-Type": "application/x-www-form-urlencoded"})
            assert told(reply) == told(there.plain.get(address))
            there.fresh(address)


def test_ca12_an_origin_is_in_nothing_that_is_kept(either: Processes) -> None:
    there = either.start()
    for address in VARIOUS:
        for origin in ("https://evil.example", "null", "https://south.example"):
            there.built.tier.clear()
            reply = there.get(address, headers={"Origin": origin, "Access-Control-Request-Private-Network": "true"})
            assert reply.headers["Access-Control-Allow-Origin"] == "*"
            there.fresh(address)
            there.fresh(address, more={"Origin": "https://other.example"})


def test_ca24_parts_of_a_key_never_run_together() -> None:
    various = [("/v1/clinics/a:b/c", ""), ("/v1/clinics/a/b:c", ""), ("/v1/clinics/a", "b=c"),
               ("/v1/clinics/a?b=c", ""), ("/v1/clinics/a", "b=1&c=2"), ("/v1/clinics/a", "b=1%26c%3D2"),
               ("/v1/clinics/a", "b=1%26c=2"),
               ("/v1/clinics/a", "b="), ("/v1/clinics/a", "b"), ("/v1/clinics/a", "c=b"), ("/v1/clinics/a", "b=0"),
               ("/v1/clinics/a", "b=False"), ("/v1/clinics/a", "b=None"), ("/v1/clinics/a", "b=+"),
               ("/v1/clinics/a", "b=%2B"), ("/v1/clinics/a", "B=1&c=2"), ("/v1/clinics/a/", "")]  # fmt: skip
    keys = [found[0] for path, query in various if (found := key_of(path, query)) is not None]
    assert len(keys) == len(various)
    # A parameter with nothing in it and one without a value are the same, and so are `=` and its escape in a value.
    assert len(set(keys)) == len(various) - 2


def test_ca24_values_that_look_alike_are_kept_apart(either: Processes) -> None:
    there = either.start()
    alike = ["demo-south/search?q=a:b", "demo-south/search?q=a%26b", "demo-south/search?q=false",
             "demo-south/search?q=00", "demo-south/search?q=None", "demo-south/search?q=a%2Bb",
             "demo-south/search?q=a+b", "demo-south/search?q=%22a%22b", "demo-south/faqs?page[size]=1",
             "demo-south/faqs?page[size]=10", "demo-south/topics?count=false", "demo-south/topics?count=true",
             "demo-south/topics?filter[kind]=treatment", "demo-south/topics?filter[kind][ne]=treatment"]  # fmt: skip
    for _ in ("cold", "warm"):
        there.fresh(*alike)
    either.start().fresh(*alike)
