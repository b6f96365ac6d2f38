"""What shared caches are told, and what can't get into them (CA6, CA10, CA12, CA21): unkeyed input, tags, 304, CORS."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import pytest

from api.cache import surrogates
from tests.conftest import House
from tests.trust.desk import addresses, bearer, key

pytestmark = pytest.mark.either

CANARY = "evil-canary.example"
ITEM, LIST = "demo-south/topics/mesotherapy", "demo-south/topics"
PUBLIC = "public, max-age=0, s-maxage=60, stale-while-revalidate=10, stale-if-error=60"
NAMES = """
X-Forwarded-Host X-Forwarded-Proto X-Forwarded-Prefix X-Forwarded-Port X-Forwarded-For X-Forwarded-Server
X-Forwarded-Scheme X-Forwarded-Ssl X-Forwarded-Path X-Original-URL X-Original-Host X-Original-URI X-Rewrite-URL
X-Rewrite-Host X-Host X-Proxy-Host X-Real-IP X-Client-IP True-Client-IP CF-Connecting-IP Fastly-Client-IP Forwarded
Via Client-IP X-Url-Scheme X-Scheme X-Script-Name X-HTTP-Host-Override X-HTTP-Destinationurl Base-Url Proxy-Host
Origin Referer User-Agent Accept Accept-Language Accept-Charset Cookie From Range If-Range Expect Pragma
Cache-Control X-Fields X-Mask X-HTTP-Method-Override X-HTTP-Method X-Method-Override X-Tenant X-Clinic X-Locale
X-Max-Publication X-Request-Id X-Correlation-Id X-Amzn-Trace-Id Traceparent Tracestate X-B3-Traceid X-Requested-With
X-Wap-Profile X-UIDH X-ATT-DeviceId DNT Save-Data Sec-GPC Sec-Fetch-Site Sec-Fetch-Mode Sec-CH-UA Viewport-Width
Width Downlink ECT RTT Device-Memory Upgrade-Insecure-Requests Accept-Datetime TE Trailer Upgrade Proxy-Authorization
X-Api-Key X-Auth-Token X-CSRF-Token X-Access-Token X-Custom-IP-Authorization X-Originating-IP X-Remote-IP X-Remote-Addr
X-Backend-Host X-Backend X-Server-Name X-Debug X-Test X-Env X-Mode X-Preview X-Draft X-Edit X-Version Api-Version
Accept-Version Prefer Depth Destination Overwrite Translate Content-Language Content-Location Content-Type
Content-Encoding Content-MD5 Digest Surrogate-Capability Surrogate-Control Surrogate-Key CDN-Loop X-Cache X-Cache-Key
X-Varnish X-Purge-Key Akamai-Origin-Hop X-Akamai-Debug Fastly-Debug Fastly-FF X-Edge-Location X-CDN X-Vercel-Id
X-Nextjs-Data X-Middleware-Prefetch Rsc Next-Router-Prefetch X-Inertia X-Livewire X-Pjax X-Turbo HX-Request
"""
KNOWN = NAMES.split()
UNKEYED = [*KNOWN, *(f"X-Canary-{number}" for number in range(200 - len(KNOWN)))]
AUTHORITY = ("Host", *UNKEYED[:12], "Forwarded", "Origin", "Referer")


def clean(house: House, address: str) -> tuple[int, bytes, str | None]:
    reply = house.get(address)
    return reply.status_code, reply.data, reply.headers.get("ETag")


def stored(reply: Any) -> dict[str, str]:
    """A reply's headers but those that may differ each time."""
    return {name: value for name, value in reply.headers.items() if name not in ("Date", "X-Request-Id")}


def test_ca6_two_hundred_header_names_never_change_a_byte(library: House) -> None:
    assert len(UNKEYED) == 200
    for address in (ITEM, LIST, "demo-south", f"{ITEM}.jsonld", "demo-south/search?q=scars", "demo-south/sitemap.xml"):
        before = clean(library, address)
        headers = stored(library.get(address))
        for start in range(0, len(UNKEYED), 20):
            poisoned = library.get(address, headers=dict.fromkeys(UNKEYED[start : start + 20], CANARY))
            assert (poisoned.status_code, poisoned.data, poisoned.headers.get("ETag")) == before
            assert stored(poisoned) == headers
        assert clean(library, address) == before


@pytest.mark.parametrize("address", ["/", "/docs", "/v1/clinics", "/v1/openapi.json", "/v1/types.d.ts",
    "/v1/schemas/topic",
                                     "demo-south/topics/", "demo-south//topics", f"{LIST}?page[size]=1", "demo-north",
                                     "demo-south/redirects", "demo-south/resolve?path=/meso", "demo-south/sitemap.json",
                                     f"{ITEM}?include=jsonld", f"{ITEM}.md", "/nowhere", "demo-private", "/healthz",
                                     f"{LIST}?where=1", "/docs/problems/not_found"])  # fmt: skip
def test_ca6_no_host_is_believed(library: House, address: str) -> None:
    for name in AUTHORITY:
        reply = library.get(address, headers={name: CANARY})
        assert reply.status_code < 500
        assert CANARY not in reply.text and CANARY not in str(stored(reply)), name
        assert not 300 <= reply.status_code < 400 or CANARY not in reply.headers.get("Location", "")


@pytest.mark.parametrize("host", ["evil.example:99999", "a b", "", "[::1", "x" * 5000, "\u00fc.example", "a@b", "a/b",
    "..."])
def test_ca6_a_strange_host_harms_nothing(library: House, host: str) -> None:
    before = clean(library, ITEM)
    name = host.encode("utf-8").decode("latin-1")
    reply = library.client.get(f"/v1/clinics/{ITEM}", environ_overrides={"HTTP_HOST": name})
    assert reply.status_code in (200, 400)
    assert reply.status_code == 200 or reply.headers["Cache-Control"] == "no-store"
    assert clean(library, ITEM) == before


def test_ca6_a_refused_header_leaves_no_trace_in_the_cache(library: House) -> None:
    for headers in ({"Authorization": "Bearer x"}, {"Authorization": "x" * 20_000}, {"Cookie": "x" * 64_000},
                    {"Range": "bytes=0-1,2-,-5"}, {"Accept": "image/png;q=x"}, {"Expect": "200-ok"},
                    {"If-Match": '"x"'}, {"If-Unmodified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"}):  # fmt: skip
        for address in (ITEM, "/v1/clinics", "/v1/openapi.json"):
            reply = library.get(address, headers=headers)
            assert reply.status_code < 500
            assert reply.status_code == 200 or reply.headers["Cache-Control"] == "no-store", (headers, address)


def test_ca10_order_and_encoding_of_parameters_change_nothing(library: House) -> None:
    one = clean(library, f"{LIST}?filter[kind]=treatment&include=faqs,related&page[size]=2&locale=en")
    for other in ("locale=en&page[size]=2&include=faqs,related&filter[kind]=treatment",
                  "filter%5Bkind%5D=treatment&include=faqs%2Crelated&page%5Bsize%5D=2&locale=en",
                  "%66ilter[kind]=%74reatment&include=faqs,related&page[size]=2&locale=en",
                  "filter[kind]=treatment&&include=faqs,related&page[size]=2&locale=en&"):  # fmt: skip
        assert clean(library, f"{LIST}?{other}") == one
    spaced = [clean(library, f"demo-south/search?q={each}") for each in ("acne+scars", "acne%20scars")]
    assert spaced[0] == spaced[1]


def test_ca10_a_repeated_parameter_is_refused(library: House) -> None:
    for query in ("locale=en&locale=en", "locale=en&locale=es", "filter[kind]=treatment&filter%5Bkind%5D=condition",
                  "page[size]=1&page[size]=2", "include=faqs&include=related"):  # fmt: skip
        reply = library.get(f"{LIST}?{query}")
        assert (reply.status_code, reply.json["errors"][0]["code"]) == (400, "repeated")
    for query in ("locale[]=en", "locale[0]=en", "LOCALE=en", "locale;page=1", "utm_source=x", "fbclid=1", "_=1",
        "v=2"):
        assert library.get(f"{LIST}?{query}").status_code == 400


def test_ca10_accept_language_and_accept_choose_nothing(library: House) -> None:
    for headers in ({"Accept-Language": "es"}, {"Accept": "text/html"}, {"Accept": "application/ld+json"}):
        for address in (ITEM, LIST, "demo-north"):
            assert library.get(address, headers=headers).data == library.get(address).data
    assert "Accept-Language" not in library.get(ITEM).headers["Vary"]


ORIGINS = ["https://evil.example", "null", "https://south.example", "https://south.example.evil", "",
    "http://localhost"]


@pytest.mark.parametrize("origin", ORIGINS)
def test_ca12_public_content_is_open_to_every_page_without_credentials(library: House, origin: str) -> None:
    for address in (ITEM, LIST, "/v1/clinics", f"{LIST}?where=1", f"{LIST}/never", "demo-never", "/v1/openapi.json"):
        reply = library.get(address, headers={"Origin": origin, "Access-Control-Request-Private-Network": "true"})
        assert reply.headers["Access-Control-Allow-Origin"] == "*"
        assert "Origin" not in reply.headers.get("Vary", "")
        for name in ("Credentials", "Private-Network"):
            assert f"Access-Control-Allow-{name}" not in reply.headers
        assert reply.headers["Access-Control-Expose-Headers"].split(", ") == [
            "ETag", "Link", "Content-Language", "RateLimit", "RateLimit-Policy", "Retry-After", "Deprecation", "Sunset",
            "X-Request-Id",
        ]  # fmt: skip


def test_ca12_a_private_clinic_echoes_listed_origins_alone(house: House) -> None:
    _, own = key(house, ["demo-private"], "server", origins=["https://private.example"])
    for origin, echoed in (("https://private.example", True), ("https://private.example.evil", False), ("null", False),
                           ("https://notprivate.example", False), (None, False)):  # fmt: skip
        reply = house.get("demo-private/topics", headers=bearer(own) | ({"Origin": origin} if origin else {}))
        assert reply.status_code == 200
        assert reply.headers.get("Access-Control-Allow-Origin") == (origin if echoed else None)
        assert {"Origin", "Authorization"} <= set(reply.headers["Vary"].split(", "))
        assert reply.headers["Cache-Control"] == "private, no-cache"


def test_ca12_a_preflight_is_answered_for_every_address(library: House) -> None:
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "GET",
             "Access-Control-Request-Headers": "authorization, if-none-match, x-canary"}  # fmt: skip
    for address in (ITEM, LIST, "demo-private/topics", "/v1/clinics", "/v1/openapi.json"):
        path = address if address.startswith("/") else f"/v1/clinics/{address}"
        reply = library.client.options(path, headers=asked)
        assert (reply.status_code, reply.data) == (200, b"")
        assert reply.headers["Access-Control-Allow-Origin"] == "*"
        assert {"GET", "HEAD", "OPTIONS"} == set(reply.headers["Access-Control-Allow-Methods"].split(", "))
        allowed = reply.headers["Access-Control-Allow-Headers"].lower()
        assert "authorization" in allowed and "if-none-match" in allowed and "canary" not in allowed
        assert reply.headers["Allow"] and "Access-Control-Allow-Credentials" not in reply.headers


def test_ca21_surrogate_keys_are_opaque_and_short(library: House) -> None:
    known = library.data("demo-south")["data"]["id"]
    for address in addresses(library):
        reply = library.get(address)
        words = reply.headers.get("Surrogate-Key", "")
        if reply.status_code != 200 or not address.startswith("/v1/clinics"):
            assert not words
            continue
        assert words and len(words) <= 4_000
        assert all(re.fullmatch(r"[a-z0-9]{12,32}", word) for word in words.split(" "))
        assert known not in words and "south" not in words


def test_ca21_too_many_keys_become_the_one_of_the_clinic() -> None:
    many = [surrogates.header({f"e:{number}" for number in range(count)}, "cln_1") for count in (200, 1_000, 9_000)]
    assert len(many[0].split()) == 201 and len(many[0]) <= 4_000
    assert many[1] == many[2] != surrogates.header({f"e:{number}" for number in range(1_000)}, "cln_2")
    assert many[1].split() == [surrogates.word("*"), surrogates.coarse("cln_1")]


def test_ca22_tags_are_strong_and_answer_304(library: House) -> None:
    for address in (ITEM, LIST, "demo-south", "demo-south/search?q=scars", f"{ITEM}.md", f"{ITEM}.jsonld",
        "/v1/clinics",
                    "demo-south/sitemap.xml", "/v1/openapi.json", "/v1/schemas/topic", "/v1/types.d.ts",
                    "/v1/client.ts"):  # fmt: skip
        reply = library.get(address)
        tag = reply.headers["ETag"]
        assert re.fullmatch(r'"[!-~]+"', tag)
        many = ", ".join([f'"{number}"' for number in range(200)])
        for given in (tag, f"W/{tag}", "*", f'"x", {tag}', f"{many}, {tag}", f' {tag} ,"y"'):
            unchanged = library.get(address, headers={"If-None-Match": given})
            assert (unchanged.status_code, unchanged.data) == (304, b""), (address, given)
            for name in ("ETag", "Cache-Control", "Vary", "Access-Control-Allow-Origin", "Surrogate-Key"):
                assert unchanged.headers.get(name) == reply.headers.get(name)
            assert "Set-Cookie" not in unchanged.headers
        for given in ('"x"', many, 'W/"x"', '"', "W/", ",,,", "\u00ff", tag[:-1], f"{tag}x", "x" * 20_000):
            reply = library.get(address, headers={"If-None-Match": given})
            assert reply.status_code in (200, 304) and (reply.status_code == 200 or given in (tag[:-1],)), given


def test_ca22_a_date_answers_304_unless_a_tag_says_otherwise(library: House) -> None:
    reply = library.get(ITEM)
    modified, tag = reply.headers["Last-Modified"], reply.headers["ETag"]
    since = lambda **more: library.get(ITEM, headers=more).status_code  # noqa: E731
    assert since(**{"If-Modified-Since": modified}) == 304
    assert since(**{"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}) == 304
    assert since(**{"If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"}) == 200
    assert since(**{"If-Modified-Since": modified, "If-None-Match": '"x"'}) == 200
    assert since(**{"If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 GMT", "If-None-Match": tag}) == 304
    for odd in ("", "now", "0", "Sun, 99 Nov 2026 08:00:00 GMT", "9" * 5000, "Sun, 01 Nov 99999 08:00:00 GMT", "\u00ff",
                "Sun, 01 Nov 0000 08:00:00 GMT", "Sun, 01 Nov 2026 08:00:00 +9999"):  # fmt: skip
        assert since(**{"If-Modified-Since": odd}) in (200, 304)


def test_ca11_head_is_get_without_its_body(library: House) -> None:
    for address in (ITEM, LIST, f"{LIST}/never", f"{LIST}?where=1", "demo-private", "/v1/clinics", "/v1/openapi.json",
                    "demo-south/sitemap.xml", f"{ITEM}.jsonld"):  # fmt: skip
        path = address if address.startswith("/") else f"/v1/clinics/{address}"
        got, head = library.client.get(path), library.client.head(path)
        assert (head.status_code, head.data) == (got.status_code, b"")
        assert stored(head) == stored(got)
    tag = {"If-None-Match": library.get(ITEM).headers["ETag"]}
    assert library.client.head(f"/v1/clinics/{ITEM}", headers=tag).status_code == 304


def test_lifetimes_of_replies_and_errors(library: House) -> None:
    for address in (ITEM, LIST, "demo-south", "demo-south/search?q=scars", "demo-south/redirects", "/v1/clinics"):
        reply = library.get(address)
        assert reply.headers["Cache-Control"] == PUBLIC and "Set-Cookie" not in reply.headers
        assert "Accept-Encoding" in reply.headers["Vary"]
    for address in (f"{LIST}/never", "demo-south/faqs/never.md", "demo-south/resolve?path=/never",
        f"{ITEM}/modules/risk",
                    "demo-south/categories/never", "demo-north/topics/combined-treatment"):  # fmt: skip
        reply = library.get(address)
        assert (reply.status_code, reply.headers["Cache-Control"]) == (404, "public, max-age=0, s-maxage=10")
        assert "Surrogate-Key" not in reply.headers or re.fullmatch(r"[a-z0-9 ]+", reply.headers["Surrogate-Key"])
    for address, status in ((f"{LIST}?where=1", 400), ("demo-private", 401), ("demo-never", 404), ("/v1/never", 404),
                            ("/v1/schemas/never", 404), (f"{LIST}?{'x' * 9000}", 413)):  # fmt: skip
        reply = library.get(address)
        assert (reply.status_code, reply.headers["Cache-Control"]) == (status, "no-store")
        assert reply.headers["X-Request-Id"] == reply.json["request_id"] and "ETag" not in reply.headers
    assert library.client.post(f"/v1/clinics/{ITEM}").headers["Cache-Control"] == "no-store"


def test_a_path_in_an_error_is_data_and_not_markup(library: House) -> None:
    reply = library.get(f"demo-south/topics/{quote('<script>alert(1)</script>', safe='')}")
    assert reply.content_type == "application/problem+json"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Content-Security-Policy"].startswith("default-src 'none'")
