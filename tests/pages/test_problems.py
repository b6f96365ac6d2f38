"""Every problem's `type` is the address of a page that says what to do."""

from __future__ import annotations

import html
import json
import re
from urllib.parse import urlsplit

import pytest

from api.errors import CODES
from api.pages.advice import ADVICE
from schemas.problem import Problem
from tests.pages.conftest import Addresses, Site

pytestmark = pytest.mark.either


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_a_page_with_an_example(site: Site, code: str) -> None:
    text = site.text(f"/docs/problems/{code}")
    known = CODES[code]
    assert html.escape(known.title) in text.replace("&#39;", "&#x27;")
    shown = re.search(r"<pre[^>]*><code>(.*)</code></pre>", text, re.DOTALL)
    assert shown is not None
    example = json.loads(html.unescape(shown[1]))
    assert (example["code"], example["status"], example["title"]) == (code, known.status, known.title)
    assert example["type"] == f"https://api.example/docs/problems/{code}"
    assert Problem().validate(example) == {}


def test_every_code_says_what_to_do() -> None:
    assert set(ADVICE) == set(CODES)
    assert all(each.steps for each in ADVICE.values())


def test_the_list_leads_to_every_page(site: Site) -> None:
    found = Addresses(site.text("/docs/problems")).found
    assert {f"/docs/problems/{code}" for code in CODES} <= set(found)


def test_a_problem_leads_to_its_page_and_looks_like_its_example(site: Site) -> None:
    problem = site.client.get("/v1/clinics/demo-south/topics/no-such-topic").json
    text = site.text(urlsplit(problem["type"]).path)
    shown = re.search(r"<pre[^>]*><code>(.*)</code></pre>", text, re.DOTALL)
    assert shown is not None
    example = json.loads(html.unescape(shown[1]))
    assert list(example) == list(problem)
    assert {**problem, "request_id": example["request_id"]} == example


def test_an_unknown_code_is_a_problem_itself(site: Site) -> None:
    reply = site.client.get("/docs/problems/no_such_code")
    assert (reply.status_code, reply.content_type) == (404, "application/problem+json")
    assert reply.json["code"] == "not_found"
