"""Who asks and what is kept (CA1 to CA5): one caller's reply never becomes another's, whoever comes first."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import pytest

from api.cache.stored import Head
from api.front.loading import Application, Environ, StartResponse
from tests.fronted import Fronted, Processes, Told, told, where
from tests.managing import Desk
from tests.trust.desk import add, bearer, key

ASKED = ("demo-south/topics?page[size]=2", "demo-north/topics?page[size]=2", "demo-private/topics?page[size]=2",
         "demo-south", "demo-private", "/v1/clinics", "demo-south/topics/mesotherapy",
         "demo-private/topics/mesotherapy", "demo-private/topics/never")  # fmt: skip
ORIGIN = "https://private.example"


@dataclass
class Callers:
    """A process, and everybody who may ask it."""

    there: Fronted
    headers: dict[str, dict[str, str]]


@pytest.fixture
def callers(either: Processes) -> Callers:
    there = either.start()
    _, own = key(there, ["demo-private"])
    _, browser = key(there, ["demo-private"], "browser", origins=[ORIGIN])
    _, foreign = key(there, ["demo-south"])
    return Callers(there, {
        "anyone": {},
        "own": bearer(own),
        "browser": bearer(browser) | {"Origin": ORIGIN},
        "browser elsewhere": bearer(browser) | {"Origin": "https://evil.example"},
        "foreign": bearer(foreign),
        "nobody": bearer("ck_sec_never"),
        "cookie": {"Cookie": "session=1; clinic=demo-private"},
    })  # fmt: skip


def test_ca1_each_caller_gets_their_own_reply_in_every_order_warm_and_cold(callers: Callers) -> None:
    there, right = callers.there, {}
    for name, headers in callers.headers.items():
        right[name] = {address: told(there.plain.get(address, headers=headers)) for address in ASKED}
    assert right["own"] != right["anyone"] != right["nobody"]
    for order in (*itertools.permutations(("anyone", "own", "foreign")), tuple(callers.headers)):
        there.built.tier.clear()
        there.built.fetching._private.clear()
        for _ in ("cold", "warm"):
            for name in order:
                for address in ASKED:
                    given = without_quota(told(there.get(address, headers=callers.headers[name])))
                    assert given == right[name][address], (order, name, address)


def without_quota(reply: Told) -> Told:
    return reply[0], reply[1], {name: each for name, each in reply[2].items() if not name.startswith("RateLimit")}


def test_ca1_a_key_names_clinic_path_and_every_parameter(either: Processes) -> None:
    there = either.start()
    various = ["demo-south/topics", "demo-south/topics?locale=es", "demo-south/topics?view=card",
               "demo-south/topics?format=text", "demo-south/topics?page[size]=1", "demo-north/topics",
               "demo-south/topics.jsonld", "demo-south/faqs?filter[topic]=mesotherapy", "demo-south/faqs",
               "demo-south/topics?heading_level=2", "demo-south/topics?fields[topic]=title"]  # fmt: skip
    for _ in ("cold", "warm"):
        there.fresh(*various)
    assert len({there.get(each).headers["ETag"] for each in various}) == len(various)
    other = either.start()
    other.fresh(*various)


def test_ca2_a_draft_is_for_who_may_see_it_however_warm_its_address(either: Processes) -> None:
    there = either.start()
    desk = Desk(there)
    path = desk.create("light-therapy")
    public = "demo-south/topics/light-therapy?locale=en"
    for _ in range(3):
        assert desk.done("author", "GET", path)["document"]["title"] == "Light therapy"
        for headers in ({}, bearer(desk.key("author")), bearer(desk.key("admin"))):
            reply = there.get(public, headers=headers)
            assert reply.status_code == 404 and "Light therapy" not in reply.text
    assert desk.ask("author", "GET", path).headers["Cache-Control"] == "private, no-store"
    assert desk.ask("author", "GET", path).headers.get("Cache-Status") is None
    desk.publish(path)
    desk.done("author", "PATCH", path, {"document": {"title": "Secret draft"}})
    for headers in ({}, bearer(desk.key("author"))):
        assert there.get(public, headers=headers).json["data"]["title"] == "Light therapy"


def test_ca3_what_a_private_clinic_says_is_never_kept(callers: Callers) -> None:
    there = callers.there
    addresses = ["demo-private", "demo-private/topics", "demo-private/topics/mesotherapy", "demo-private/topics/never",
                 "demo-private/search?q=skin", "demo-private/sitemap.xml", "demo-private/navigation"]  # fmt: skip
    before = set(there.remembered())
    for name, address in itertools.product(("own", "browser", "foreign", "nobody", "anyone"), addresses * 2):
        reply = there.get(address, headers=callers.headers[name])
        assert reply.headers["Cache-Control"] in ("private, no-cache", "private, no-store", "no-store"), (name, address)
        assert "hit" not in where(reply)
    assert not [each for each in there.built.tier.entries if "private" in each[0]]
    assert set(there.remembered()) <= before
    desk = Desk(there)
    for name in ("editor", None):
        assert "no-store" in desk.ask(name, "GET", "/clinics").headers["Cache-Control"]


def test_ca3_a_credential_changes_no_byte_of_what_is_public(callers: Callers) -> None:
    there = callers.there
    address = "demo-south/topics/mesotherapy"
    for first in ("own", "cookie", "browser"):
        there.built.tier.clear()
        plain = told(there.plain.get(address))
        assert without_quota(told(there.get(address, headers=callers.headers[first]))) == plain
        assert told(there.get(address)) == plain
        assert there.kept(address) is not None
    refused = there.get(address, headers=callers.headers["nobody"])
    assert (refused.status_code, refused.headers["Cache-Control"]) == (401, "no-store")
    there.fresh(address)


def test_ca3_a_clinic_that_becomes_private_is_forgotten_and_one_that_opens_is_read_at_once(either: Processes) -> None:
    there, other = either.start(), either.start()
    desk = Desk(there)
    place = "/clinics/demo-south"
    for each in (there, other):
        each.warm("demo-south", "demo-south/topics", "demo-south/topics/mesotherapy", "demo-south/topics/never")
    desk.done("admin", "GET", place)
    desk.done("admin", "PATCH", place, {"private": True})
    other.followed()
    for each, address in itertools.product((there, other), ("demo-south", "demo-south/topics/mesotherapy")):
        assert each.get(address).status_code == 401
    desk.done("admin", "PATCH", place, {"private": False})
    other.followed()
    for each in (there, other):
        each.fresh("demo-south", "demo-south/topics/mesotherapy")


def test_ca4_no_reply_of_public_delivery_sets_a_cookie_or_depends_on_one(callers: Callers) -> None:
    there = callers.there
    for address in (*ASKED, "demo-south/search?q=scars", "demo-south/topics/never", "demo-south/topics?where=1"):
        for name in ("anyone", "cookie", "own"):
            for _ in ("cold", "warm"):
                reply = there.get(address, headers=callers.headers[name])
                assert "Set-Cookie" not in reply.headers and "Cookie" not in reply.headers.get("Vary", "")


def test_ca4_a_reply_with_a_cookie_would_not_be_kept(either: Processes) -> None:
    there = either.start()

    def baking(application: Application) -> Application:
        def call(environ: Environ, start_response: StartResponse) -> Any:
            def started(status: str, head: Head, *more: Any) -> Any:
                return start_response(status, [*head, ("Set-Cookie", "session=1")], *more)

            return application(environ, started)

        return call

    there.holds(baking)
    for _ in range(2):
        assert there.how("demo-south/topics") == "fwd=miss"
    assert not there.built.tier.entries


def test_ca5_a_304_carries_what_its_200_carried(callers: Callers) -> None:
    there = callers.there
    add(there, "term", "canary", {"title": "Canary", "summary": "A small bird."})
    for name, address in itertools.product(("anyone", "own", "cookie"), ASKED[:-1]):
        reply = there.get(address, headers=callers.headers[name])
        if reply.status_code != 200:
            continue
        for _ in ("cold", "warm"):
            known = {"If-None-Match": reply.headers["ETag"]}
            unchanged = there.get(address, headers=callers.headers[name] | known)
            assert (unchanged.status_code, unchanged.data) == (304, b""), (name, address)
            for each in ("ETag", "Cache-Control", "Vary", "Surrogate-Key", "Access-Control-Allow-Origin"):
                assert unchanged.headers.get(each) == reply.headers.get(each), (name, address, each)
            assert "Set-Cookie" not in unchanged.headers
