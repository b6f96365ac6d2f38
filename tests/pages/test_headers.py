"""Pages carry their protection, load nothing from elsewhere, and never repeat what the Host header says."""

from __future__ import annotations

import re

import pytest

from tests.pages.conftest import Addresses, Site

pytestmark = pytest.mark.either

PAGES = ("/", "/docs", "/docs/problems", "/docs/problems/not_found", "/docs/problems/withdrawn")
PUBLIC = "https://api.example"
FICTION = "https://south.example"
"""The made-up site that an example of a problem names."""


@pytest.mark.parametrize("path", PAGES)
def test_a_page_allows_nothing_inline_and_nothing_from_elsewhere(site: Site, path: str) -> None:
    headers = site.client.get(path).headers
    policy = dict(each.strip().split(" ", 1) for each in headers["Content-Security-Policy"].split(";"))
    assert policy == {
        "default-src": "'none'",
        "style-src": "'self'",
        "script-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in headers


@pytest.mark.parametrize("path", PAGES)
def test_a_page_names_no_other_host(site: Site, path: str) -> None:
    text = site.text(path)
    assert all(re.match(r"(/(?!/)|#)", each) for each in Addresses(text).found)
    assert {re.match(r"https?://[^/\"&]*", each)[0] for each in re.findall(r"https?://\S+", text)} <= {PUBLIC, FICTION}  # type: ignore[index]
    assert "<style" not in text and " style=" not in text
    assert not re.search(r"<script(?![^>]* src=)", text)
    assert not re.search(r"\son[a-z]+=", text)


@pytest.mark.parametrize("path", [*PAGES, "/docs/", "/docs/problems/nothing"])
def test_the_host_header_is_not_repeated(site: Site, path: str) -> None:
    reply = site.client.get(path, headers={"Host": "evil.example", "X-Forwarded-Host": "worse.example"})
    said = reply.text + str(reply.headers)
    assert "evil.example" not in said and "worse.example" not in said


@pytest.mark.parametrize("path", PAGES)
def test_a_page_that_did_not_change_is_not_sent_again(site: Site, path: str) -> None:
    first = site.client.get(path)
    assert first.headers["Cache-Control"] == "public, max-age=300"
    again = site.client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["Content-Security-Policy"] == first.headers["Content-Security-Policy"]


def test_files_are_kept_for_good_only_under_the_address_of_their_content(site: Site) -> None:
    for path in ("/", "/docs"):
        for link in Addresses(site.text(path)).found:
            if link.startswith(("/static/", "/docs/assets/")):
                named, bare = site.client.get(link), site.client.get(link.partition("?")[0] + "?v=0")
                assert named.headers["Cache-Control"] == "public, max-age=31536000, immutable"
                assert bare.headers["Cache-Control"] == "public, max-age=300"


@pytest.mark.parametrize(
    "path",
    ["/static/nothing.css", "/static/..%2fapp.py", "/docs/assets/oauth2-redirect.html", "/docs/assets/index.html"],
)
def test_no_other_file_is_served(site: Site, path: str) -> None:
    reply = site.client.get(path)
    assert (reply.status_code, reply.content_type) == (404, "application/problem+json")
