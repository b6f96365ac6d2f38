"""Scripts, style sheets, the contract, and what a private clinic says come as short as the caller can take them."""

from __future__ import annotations

import gzip

import brotli
import pytest
import zstandard

from tests.conftest import House
from tests.pages.conftest import Site
from tests.trust.desk import bearer, key

pytestmark = pytest.mark.either

BACK = {"br": brotli.decompress, "gzip": gzip.decompress, "zstd": lambda body: zstandard.decompress(body)}
CONTRACT = ("/v1/openapi.json", "/v1/types.d.ts", "/v1/client.ts")
LONG = ("/embed.js", "/static/embed.css", "/docs/assets/swagger-ui-bundle.js", *CONTRACT)


@pytest.mark.parametrize("encoding", BACK)
@pytest.mark.parametrize("path", LONG)
def test_a_long_file_is_squeezed_and_the_same_within(site: Site, path: str, encoding: str) -> None:
    plain = site.client.get(path)
    assert "Content-Encoding" not in plain.headers and plain.headers["Vary"] == "Accept-Encoding"
    short = site.client.get(path, headers={"Accept-Encoding": encoding})
    assert short.headers["Content-Encoding"] == encoding and short.headers["Vary"] == "Accept-Encoding"
    assert BACK[encoding](short.data) == plain.data and len(short.data) < 0.45 * len(plain.data)
    assert short.headers["Content-Type"] == plain.headers["Content-Type"]
    assert short.headers["ETag"] != plain.headers["ETag"] and not short.headers["ETag"].startswith("W/")
    head = site.client.head(path, headers={"Accept-Encoding": encoding})
    assert head.data == b"" and head.headers["Content-Length"] == str(len(short.data))


@pytest.mark.parametrize("path", LONG)
def test_a_squeezed_file_that_did_not_change_is_not_sent_again(site: Site, path: str) -> None:
    first = site.client.get(path, headers={"Accept-Encoding": "br"})
    asked = {"Accept-Encoding": "br", "If-None-Match": first.headers["ETag"]}
    again = site.client.get(path, headers=asked)
    assert (again.status_code, again.data, again.headers["Vary"]) == (304, b"", "Accept-Encoding")
    assert site.client.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_the_script_of_embeds_is_about_5_kb_as_browsers_take_it(site: Site) -> None:
    asked = site.client.get("/embed.js", headers={"Accept-Encoding": "gzip, deflate, br, zstd"})
    assert len(asked.data) <= 6_000
    version = asked.headers["ETag"].strip('"').partition("-")[0]
    named = site.client.get(f"/embed/v/{version}/embed.js", headers={"Accept-Encoding": "br"})
    assert named.data == asked.data and named.headers["ETag"] == asked.headers["ETag"]


def test_a_short_file_stays_as_it_is(site: Site) -> None:
    icon = site.client.get("/static/icon.svg", headers={"Accept-Encoding": "br"})
    assert icon.status_code == 200 and "Content-Encoding" not in icon.headers


@pytest.mark.parametrize("encoding", BACK)
def test_what_a_private_clinic_answers_its_key_is_squeezed_too(house: House, encoding: str) -> None:
    own = bearer(key(house, ["demo-private"])[1])
    plain = house.get("demo-private/topics/mesotherapy", headers=own)
    short = house.get("demo-private/topics/mesotherapy", headers=own | {"Accept-Encoding": encoding})
    assert "Content-Encoding" not in plain.headers and short.headers["Content-Encoding"] == encoding
    assert BACK[encoding](short.data) == plain.data and len(short.data) < 0.45 * len(plain.data)
    assert short.headers["Content-Length"] == str(len(short.data)) and short.headers["ETag"] != plain.headers["ETag"]
    assert "Accept-Encoding" in short.headers["Vary"] and short.headers["Cache-Control"] == "private, no-cache"
    asked = own | {"Accept-Encoding": encoding, "If-None-Match": short.headers["ETag"]}
    again = house.get("demo-private/topics/mesotherapy", headers=asked)
    assert (again.status_code, again.data) == (304, b"") and "Content-Encoding" not in again.headers
