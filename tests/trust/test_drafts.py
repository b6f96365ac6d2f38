"""Drafts and plans (DR2 to DR6, DR10, DR15): what is not live is nowhere, and what is planned shows at its second."""

from __future__ import annotations

import time
from typing import Any

import pytest
from sqlalchemy import select

from api.models import Promise, Publication, Purge, Stamp
from api.services.texts import entries
from tests.conftest import NOW, House
from tests.managing import Desk
from tests.trust.desk import FAQ, TERM, TOPIC, add, addresses, approved, at, desk, document_of, draft, publish, text_of

pytestmark = pytest.mark.either

WORD = "quokkacanary"
SECTION = {"aspect": "overview", "title": f"{WORD} section", "body": f"A {WORD} in a body.", "standalone": True}


def pictures(house: House, clinic: str = "demo-south") -> dict[str, tuple[int, bytes, str | None, str | None]]:
    """What every public address answers: status, bytes, tag, date."""
    found = {}
    for path in addresses(house, clinic):
        reply = house.get(path)
        tags = reply.headers.get("ETag"), reply.headers.get("Last-Modified")
        found[path] = (reply.status_code, reply.data if reply.status_code == 200 else b"", *tags)
        assert WORD.encode() not in reply.data.lower(), path
    return found


def ids(house: House, address: str) -> list[str]:
    return [each["slug"] for each in house.data(address)["data"]]


@pytest.mark.parametrize("query", ["status=draft", "draft=true", "version=latest", "publicationState=preview",
    "_status=x",
                                   "preview=1", "filter[status]=draft", "filter[state]=draft", "state=draft",
                                   "revision=2", "at=2030-01-01", "now=2030-01-01",
                                   "filter[published_at][exists]=false"])  # fmt: skip
def test_dr2_no_parameter_asks_for_drafts(library: House, query: str) -> None:
    for address in ("demo-south/topics", "demo-south/topics/mesotherapy", "demo-south/sitemap.json"):
        assert library.get(f"{address}?{query}").status_code == 400
    assert library.get(f"demo-south/search?q=skin&{query}").status_code == 400


def test_dr4_a_draft_of_a_live_text_changes_nothing_anywhere(house: House) -> None:
    before = pictures(house) | pictures(house, "demo-north")
    house.at(100)
    with desk(house) as demo:
        for state in ("draft", "approved"):
            topic = text_of(demo, "topic", "mesotherapy")
            words = {"title": f"{WORD} title", "summary": WORD, "sections": [SECTION], "categories": []}
            entries.revise(demo.act("author"), topic, "mesotherapy", {**document_of(demo, topic), **words})
            term = text_of(demo, "term", "collagen")
            entries.revise(demo.act("author"), term, "collagen", {**document_of(demo, term), "synonyms": [WORD,
            "skin"]})
            faq = text_of(demo, "faq", "is-it-surgery")
            entries.revise(demo.act("author"), faq, "is-it-surgery", {**document_of(demo, faq), "answer": WORD})
            if state == "approved":
                for variant in (topic, term, faq):
                    approved(demo, variant)
    after = pictures(house) | pictures(house, "demo-north")
    assert [path for path in before if after[path] != before[path]] == []
    assert house.data(f"demo-south/search?q={WORD}&facets=type,category")["meta"]["total"] == 0
    assert house.data("demo-south/search?q=quokkacanory")["meta"]["query"]["did_you_mean"] is None


def test_dr3_a_live_text_names_no_draft_that_it_refers_to(house: House) -> None:
    with desk(house) as demo:
        faq = draft(demo, "faq", f"{WORD}-faq", {**FAQ, "question": f"Is this a {WORD}?"})
        term = draft(demo, "term", f"{WORD}-term", {**TERM, "title": WORD})
        other = draft(demo, "topic", f"{WORD}-topic", {**TOPIC, "title": WORD})
        body = f"See [this](entry:{other.entry_id}) and [that](term:{term.entry_id})."
        document = {
            **TOPIC, "sections": [{**SECTION, "title": "Overview", "body": body}],
            "faqs": [{"type": "faq", "id": faq.entry_id}],
            "related": [{"type": "topic", "id": other.entry_id, "relation": "see_also"}],
        }  # fmt: skip
        parent = draft(demo, "topic", "parent", document)
        hidden = (faq.entry_id, term.entry_id, other.entry_id)
        publish(demo, parent)
    for address in ("topics/parent?include=faqs,related.faqs,terms,guides,related.related", "topics/parent.jsonld",
                    "topics/parent?include=jsonld&format=blocks", "topics/parent.md", "topics/parent/modules/overview",
                    "topics/parent?format=markdown", "topics?view=full&include=faqs,related,terms"):  # fmt: skip
        reply = house.get(f"demo-south/{address}")
        assert reply.status_code == 200
        assert not [each for each in (*hidden, WORD) if each in reply.text], address
    reply = house.data("demo-south/topics/parent?include=faqs,related,terms")
    assert {name: each["meta"] for name, each in reply["data"]["relationships"].items() if name != "guides"} == {
        name: {"total": 0, "shown": 0} for name in ("faqs", "related", "terms")
    }
    assert reply["data"]["relationships"]["faqs"]["data"] == reply["included"] == []
    counted = {each["relation"]: (each["reason"], each["count"], "ref" in each) for each in reply["meta"]["unresolved"]}
    assert counted == dict.fromkeys(("faqs", "related", "terms"), ("unavailable", 1, False))


def test_dr5_what_was_never_published_is_found_by_no_name(house: House) -> None:
    before = pictures(house)
    with desk(house) as demo:
        made = [draft(demo, kind, f"{WORD}-{kind}", document) for kind, document in
                (("topic", {**TOPIC, "title": WORD}), ("faq", FAQ), ("term", TERM))]  # fmt: skip
        approved(demo, made[0])
        topic = text_of(demo, "topic", "mesotherapy")
        entries.revise(demo.act("author"), topic, f"{WORD}-reserved", document_of(demo, topic))
        names = [(each.entry.type, each.entry_id) for each in made]
    assert pictures(house) == before
    never = house.get("demo-south/topics/never-was").json["detail"]
    for kind, entry_id in names:
        for name in (f"{WORD}-{kind}", entry_id, f"{WORD}-reserved"):
            for suffix in ("", ".jsonld", ".md"):
                reply = house.get(f"demo-south/{kind}s/{name}{suffix}")
                assert (reply.status_code, reply.json["detail"]) == (404, never.replace("topic", kind))
        absent = house.data(f"demo-south/{kind}s?ids={kind[:3]}_0000000")["meta"]["unresolved"]
        assert house.data(f"demo-south/{kind}s?ids={entry_id}")["meta"]["unresolved"] == absent
    for path in (f"/treatments/{WORD}-topic", f"/treatments/{WORD}-reserved", f"/glossary/{WORD}-term"):
        assert house.get(f"demo-south/resolve?path={path}").status_code == 404
    assert WORD not in house.get("demo-south/redirects").text


def test_dr15_nobody_outside_is_told_of_a_draft(house: House) -> None:
    desk_ = Desk(house)
    path = desk_.create("light-one")
    desk_.publish(path)
    before = told_outside(house)
    desk_.done("author", "PATCH", path, {"document": {"sections": {"overview": {"body": WORD}}, "title": WORD}})
    desk_.done("author", "POST", f"{path}/comments", {"text": WORD})
    desk_.move("author", path, "submit", note=WORD)
    desk_.move("medical_reviewer", path, "reject", comments=[{"text": WORD}])
    desk_.move("author", path, "submit")
    desk_.move("medical_reviewer", path, "approve")
    desk_.done("author", "POST", f"{path}/translations", {"locale": "es", "copy_from": "en"})
    assert told_outside(house) == before and WORD not in str(before)


def told_outside(house: House) -> list[Any]:
    """What processes, caches in front, partners and readers are told of: promises, publications, purges, stamps."""
    with house.database.reading() as connection:
        return [connection.execute(select(each.__table__)).all() for each in (Promise, Publication, Purge, Stamp)]


def test_dr6_no_filter_sort_or_facet_feels_a_draft(house: House) -> None:
    asked = ("topics?filter[title][contains]=mesotherapy&count=true", "topics?filter[kind]=condition&count=true",
             "topics?filter[updated_at][gte]=2026-11-01T08:00:50Z&count=true", "topics?sort=-updated_at",
             "faqs?filter[category]=results&count=true", "topics?filter[category][exists]=false&count=true",
             "search?q=scars&facets=type,category", "faqs?filter[topic]=mesotherapy&count=true",
             "terms?filter[topic]=mesotherapy&count=true", "categories", "navigation",
             "topics?filter[related_to]=acne-scars&count=true")  # fmt: skip
    before = [house.get(f"demo-south/{each}").data for each in asked]
    house.at(100)
    with desk(house) as demo:
        topic = text_of(demo, "topic", "mesotherapy")
        changed = {"title": "A", "kind": "condition", "categories": [], "faqs": [], "sections": [], "related": []}
        entries.revise(demo.act("author"), topic, "mesotherapy", {**document_of(demo, topic), **changed})
        faq = text_of(demo, "faq", "is-it-surgery")
        entries.revise(demo.act("author"), faq, "is-it-surgery", {**document_of(demo, faq), "category": "results"})
    assert [house.get(f"demo-south/{each}").data for each in asked] == before


SEEN_IN = ("topics", "search?q=numbatcanary", "sitemap.json", "sitemap.xml", "topics.jsonld", "categories",
"navigation",
           "topics/parent?include=related", "topics?filter[category]=acne-scars&count=true",
           "search?q=numbatcanory")  # fmt: skip


def arranged(house: House, seconds: int) -> None:
    """A topic planned so many seconds ahead, and a live one that refers to it."""
    planned = {**TOPIC, "title": "Numbatcanary"}
    with desk(house) as demo:
        variant = publish(demo, draft(demo, "topic", "planned", planned), at=at(seconds))
        related = [{"type": "topic", "id": variant.entry_id, "relation": "see_also"}]
        publish(demo, draft(demo, "topic", "parent", {**TOPIC, "related": related}))


def answers(house: House) -> dict[str, Any]:
    return {each: house.get(f"demo-south/{each}").data for each in SEEN_IN}


def test_dr10_a_planned_text_shows_exactly_at_its_second_everywhere(house: House) -> None:
    arranged(house, 3_600)
    unseen = answers(house)
    for seconds in (1, 3_599, 3_599.999):
        house.at(seconds)
        assert answers(house) == unseen
        assert house.get("demo-south/topics/planned").status_code == 404
    house.at(3_600)
    shown = answers(house)
    assert [each for each in SEEN_IN if shown[each] == unseen[each]] == []
    assert house.data("demo-south/topics/planned")["data"]["published_at"] == "2026-11-01T09:00:00Z"
    assert "planned" in ids(house, "demo-south/topics") and ids(house,
        "demo-south/search?q=numbatcanary") == ["planned"]
    assert [each["slug"] for each in house.data("demo-south/topics/parent?include=related")["included"]] == ["planned"]
    assert house.data("demo-south/resolve?path=/treatments/planned")["data"]["kind"] == "item"
    house.at(3_601)
    assert answers(house) == shown


def test_dr10_an_end_takes_a_text_away_exactly_at_its_second(house: House) -> None:
    before = answers_without_parent(house)
    add(house, "topic", "brief", {**TOPIC, "title": "Numbatcanary"}, until=at(600))
    house.at(599.9)
    modified = house.get("demo-south/topics").headers["Last-Modified"]
    assert house.get("demo-south/topics/brief").status_code == 200
    house.at(600)
    assert house.get("demo-south/topics/brief").status_code == 404
    assert answers_without_parent(house) == before
    conditional = house.get("demo-south/topics", headers={"If-Modified-Since": modified})
    assert conditional.status_code == 200, "a removal is a change too"


def answers_without_parent(house: House) -> dict[str, Any]:
    return {each: house.get(f"demo-south/{each}").data for each in SEEN_IN if "parent" not in each}


LEFT = (600, 131, 121, 120, 72, 71, 70, 62, 61.5, 61, 60, 12, 11, 3, 2, 1.5, 1, 0.25)


def test_dr10_no_lifetime_reaches_past_the_next_change(house: House) -> None:
    add(house, "topic", "planned", TOPIC, at=at(1_000))
    for left in LEFT:
        house.at(1_000 - left)
        fresh = max(0, min(60, int(left) - 1))
        wanted = ["public", "max-age=0", f"s-maxage={fresh}"]
        wanted += ["stale-while-revalidate=10"] if fresh + 10 < left else []
        wanted += ["stale-if-error=60"] if fresh + 60 < left else []
        for address in ("topics", "topics/mesotherapy", "search?q=scars", "sitemap.xml", "navigation"):
            assert house.get(f"demo-south/{address}").headers["Cache-Control"] == ", ".join(wanted), (left, address)
        absent = f"public, max-age=0, s-maxage={max(0, min(10, int(left) - 1))}"
        for address in ("topics/planned", "topics/never-was", "resolve?path=/treatments/planned", "categories/never"):
            reply = house.get(f"demo-south/{address}")
            assert (reply.status_code, reply.headers["Cache-Control"]) == (404, absent), (left, address)


def test_dr10_a_new_address_of_a_live_text_takes_over_at_its_second(house: House) -> None:
    with desk(house) as demo:
        variant = text_of(demo, "topic", "mesotherapy")
        entries.revise(demo.act("author"), variant, "renamed", document_of(demo, variant))
        publish(demo, variant, at=at(60))
    house.at(59)
    assert house.data("demo-south/topics/mesotherapy")["data"]["slug"] == "mesotherapy"
    assert house.get("demo-south/topics/renamed").status_code == 404
    assert "renamed" not in house.get("demo-south/redirects").text
    house.at(60)
    assert house.data("demo-south/topics/renamed")["data"]["slug"] == "renamed"
    assert house.data("demo-south/topics/mesotherapy?locale=en")["data"]["slug"] == "renamed"
    moved = house.data("demo-south/resolve?path=/treatments/mesotherapy")["data"]
    assert (moved["kind"], moved["to"]) == ("redirect", "/treatments/renamed")


def test_dr10_no_zone_of_the_server_moves_an_instant(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    instant = 1_794_117_600 - NOW  # 2026-11-08T06:00Z, a week after New York's clocks went back
    arranged(house, instant)
    try:
        for zone in ("America/New_York", "Europe/Madrid", "Pacific/Apia"):
            monkeypatch.setenv("TZ", zone)
            time.tzset()
            for moved, status in ((-3_600, 404), (-1, 404), (0, 200), (3_600, 200)):
                house.at(instant + moved)
                assert house.get("demo-south/topics/planned").status_code == status
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_review_that_falls_due_is_a_change_at_its_midnight(house: House) -> None:
    due = house.data("demo-south/topics/mesotherapy")["data"]["review"]["next_due"]
    assert due == "2027-11-01"
    midnight = 365 * 86_400 - 8 * 3_600
    house.at(midnight - 1)
    before = house.get("demo-south/topics/mesotherapy")
    assert before.headers["Cache-Control"] == "public, max-age=0, s-maxage=0"
    house.at(midnight)
    after = house.get("demo-south/topics/mesotherapy")
    assert (before.json["data"]["review"]["status"], after.json["data"]["review"]["status"]) == ("current", "due")
    assert before.headers["ETag"] != after.headers["ETag"]
    since = {"If-Modified-Since": before.headers["Last-Modified"]}
    assert house.get("demo-south/topics/mesotherapy", headers=since).status_code == 200
