"""Conditions and encodings of what is kept (CA22), and its surrogate keys (CA21)."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable

import brotli
import pytest
import zstandard

from api.cache import encodings
from api.cache.encodings import chosen
from tests.fronted import Fronted, Processes, told, where
from tests.racing_fills import READ, rename

ADDRESSES = ("demo-south/topics/mesotherapy?locale=en", "demo-south/topics?locale=en", READ, "demo-south/sitemap.xml",
             "demo-south/search?q=scars", "demo-south/topics/mesotherapy.md?locale=en")  # fmt: skip
PLAIN: dict[str, Callable[[bytes], bytes]] = {
    "br": brotli.decompress, "gzip": gzip.decompress, "identity": bytes,
    "zstd": lambda body: zstandard.ZstdDecompressor().decompress(body),
}  # fmt: skip


@pytest.fixture(scope="module")
def there(shared_process: Processes) -> Fronted:
    return shared_process.start()


def test_ca22_each_encoding_is_the_same_text_under_a_tag_of_its_own(there: Fronted) -> None:
    for address in ADDRESSES:
        right, tags = there.plain.get(address), dict[str, str]()
        for _ in ("cold", "warm"):
            for encoding, decode in PLAIN.items():
                reply = there.get(address, headers={"Accept-Encoding": encoding})
                assert reply.headers.get("Content-Encoding", "identity") == encoding, address
                assert decode(reply.data) == right.data
                assert int(reply.headers["Content-Length"]) == len(reply.data)
                assert reply.headers["Vary"] == "Accept-Encoding"
                tags[encoding] = reply.headers["ETag"]
                assert re.fullmatch(r'"[!-~]+"', tags[encoding])
        assert len(set(tags.values())) == len(PLAIN) and tags["identity"] == right.headers["ETag"]


def test_ca22_a_tag_is_known_in_its_own_encoding_alone(there: Fronted) -> None:
    for address in ADDRESSES:
        tags = {each: there.get(address, headers={"Accept-Encoding": each}).headers["ETag"] for each in PLAIN}
        for asked in PLAIN:
            for of, tag in tags.items():
                for given in (tag, f"W/{tag}", f'"x", {tag}', f' {tag} ,"y"', ", ".join(['"x"'] * 200 + [tag])):
                    headers = {"Accept-Encoding": asked, "If-None-Match": given}
                    reply = there.get(address, headers=headers)
                    assert reply.status_code == (304 if of == asked else 200), (asked, of, given)
                    assert reply.headers["ETag"] == tags[asked]
                    if reply.status_code == 304:
                        assert reply.data == b"" and "Content-Encoding" not in reply.headers


def test_ca22_whatever_is_given_as_a_tag_or_date_is_no_error(there: Fronted) -> None:
    address = ADDRESSES[0]
    right = there.plain.get(address)
    tag, modified = right.headers["ETag"], right.headers["Last-Modified"]
    for _ in ("cold", "warm"):
        assert there.get(address, headers={"If-None-Match": "*"}).status_code == 304
        for given in ('"x"', '"', "W/", ",,,", "\u00ff", tag[1:-1], f"{tag}x", "x" * 20_000, "", 'w/"x"'):
            reply = there.get(address, headers={"If-None-Match": given})
            assert (reply.status_code, reply.data) == (200, right.data), given
        for given, status in ((modified, 304), ("Fri, 01 Jan 2100 00:00:00 GMT", 304), ("now", 200), ("", 200),
                              ("Thu, 01 Jan 1970 00:00:00 GMT", 200), ("9" * 5000, 200), ("\u00ff", 200),
                              ("Sun, 99 Nov 2026 08:00:00 GMT", 200), ("Sun, 01 Nov 0000 08:00:00 GMT", 200)):
            # fmt: skip
            assert there.get(address, headers={"If-Modified-Since": given}).status_code == status, given
        both = {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT", "If-None-Match": '"x"'}
        assert there.get(address, headers=both).status_code == 200
        for method in ("HEAD", "GET"):
            reply = there.client.open(f"/v1/clinics/{address}", method=method, headers={"If-None-Match": tag})
            assert (reply.status_code, reply.data) == (304, b"")


def test_ca22_an_old_tag_is_unknown_once_the_text_changed(either: Processes) -> None:
    there, other = either.start(), either.start()
    tags = {each: there.get(READ, headers={"Accept-Encoding": each}).headers["ETag"] for each in PLAIN}
    other.warm(READ)
    rename(there, "Renamed")
    other.followed()
    for each in (there, other):
        for encoding, tag in tags.items():
            asked = {"Accept-Encoding": encoding, "If-None-Match": tag}
            reply = each.get(READ, headers=asked)
            assert reply.status_code == 200 and b"Renamed" in PLAIN[encoding](reply.data)
            assert each.get(READ, headers=asked | {"If-None-Match": reply.headers["ETag"]}).status_code == 304


def test_ca22_ranges_and_conditions_of_writing_mean_nothing_to_a_read(there: Fronted) -> None:
    address = ADDRESSES[0]
    right = told(there.plain.get(address))
    for headers in ({"Range": "bytes=0-10"}, {"Range": "bytes=9-1"}, {"If-Match": '"x"'}, {"If-Range": '"x"'},
                    {"If-Unmodified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"}, {"Cache-Control": "no-cache"},
                    {"Pragma": "no-cache"}, {"Cache-Control": "only-if-cached"}):  # fmt: skip
        assert told(there.get(address, headers=headers)) == right, headers


def test_ca21_surrogate_keys_are_the_same_warm_and_cold(there: Fronted) -> None:
    for address in ADDRESSES:
        right = there.plain.get(address).headers["Surrogate-Key"]
        for accepted in ("", "br"):
            reply = there.get(address, headers={"Accept-Encoding": accepted})
            assert reply.headers["Surrogate-Key"] == right
            assert re.fullmatch(r"[a-z0-9 ]{12,4000}", right)
        assert where(there.get(address)) == "hit; detail=process"


@pytest.mark.parametrize(("accepted", "encoding"), [
    ("", "identity"), ("identity", "identity"), ("gzip", "gzip"), ("gzip, deflate, br, zstd", "br"), ("*", "br"),
    ("br;q=0", "identity"), ("br;q=0, *", "zstd"), ("*;q=0", "identity"), ("GZIP", "gzip"), ("x-gzip", "gzip"),
    ("gzip;q=0.5, br;q=0.1", "gzip"), ("identity;q=0.9, gzip;q=0.5", "identity"), ("gzip;q=nan, zstd", "zstd"),
    ("gzip;q=oops", "identity"), ("deflate", "identity"), (";;;,,,=", "identity"), ("br ; q=1.0 , gzip", "br"),
    ("gzip;q=-1", "identity"), ("identity;q=0, gzip", "gzip"), ("zstd;q=0.8, gzip;q=0.8", "zstd"),
])  # fmt: skip
def test_ca22_the_encoding_that_a_caller_likes_best_is_chosen(accepted: str, encoding: str) -> None:
    assert chosen(accepted) == encoding


def test_ca22_headers_that_somebody_invents_take_no_memory_and_the_usual_ones_are_remembered() -> None:
    for number in range(3 * encodings._REMEMBERED):
        assert chosen(f"gzip, x-{number}") == "gzip"
        assert chosen("br;q=0.1, " * 1_000 + f"gzip, x-{number}") == "gzip" if number < 3 else True
    assert len(encodings._known) <= encodings._REMEMBERED
    assert max(map(len, encodings._known)) <= encodings._LONGEST
    assert chosen("gzip, br") == "br" and "gzip, br" in encodings._known
