"""Imports and exports as jobs: each text once, whoever was killed; found again by key; nothing before all is sound."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from sqlalchemy import select

from api.errors import CmsError
from api.models import AuditEntry, Revision, Variant
from api.services.transfers import folder, jobs
from api.worker import Worker
from tests.builders import a_section, a_topic
from tests.conftest import House
from tests.managing import Desk
from tests.transferring import CSV, MARKDOWN, brought_in, given_out, lines, rows, sent

EDITOR = "editor@demo-south"


@pytest.fixture
def desk(shared_house: House) -> Desk:
    return Desk(shared_house)


@pytest.fixture
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps so small that a dozen rows take many."""
    for phase, rows_of_a_step in (("read", 5), ("check", 4), ("apply", 3)):
        monkeypatch.setitem(jobs.AT_ONCE, phase, rows_of_a_step)


def topics(start: str, count: int, **more: Any) -> bytes:
    """So many topics of the clinic, each with a key."""
    return lines(*(
        {"type": "topic", "clinic": "demo-south", "locale": "en", "slug": f"{start}-{number}",
         "external_key": f"{start}-{number}", "document": a_topic(title=f"{start} {number}"), **more}
        for number in range(count)
    ))  # fmt: skip


def drafts(desk: Desk, start: str) -> list[Any]:
    return desk.done(EDITOR, "GET", f"/entries/topic?filter[clinic]=demo-south&page[size]=100&q={start}")


def revisions(desk: Desk, entry: str) -> int:
    with desk.house.database.reading() as connection:
        asked = select(Revision.id).join(Variant, Variant.id == Revision.variant_id).where(Variant.entry_id == entry)
        return len(connection.execute(asked).all())


def test_an_import_that_was_cut_off_goes_on_where_it_was_and_writes_nothing_twice(
    desk: Desk, few_at_once: None
) -> None:
    begun = sent(desk, EDITOR, topics("cutoff", 12)).json["data"]["id"]
    for steps in (2, 3, 3):
        with contextlib.closing(jobs.run(desk.house.database, begun)) as running:
            for _ in range(steps):
                next(running)
    Worker(desk.house.database).once()
    done = desk.done(EDITOR, "GET", f"/imports/{begun}")
    assert (done["state"], done["counts"]["create"]) == ("done", 12)
    found = drafts(desk, "cutoff")
    assert len(found) == 12 and {each["state"] for each in found} == {"draft"}
    assert {each["revision"] for each in found} == {1}
    assert not folder.file_of(desk.house.database, begun, "import").exists()


def test_two_workers_on_one_import_write_each_text_once(desk: Desk, few_at_once: None) -> None:
    begun = sent(desk, EDITOR, topics("pair", 12)).json["data"]["id"]
    both = [jobs.run(desk.house.database, begun) for _ in range(2)]
    while both:
        for each in list(both):
            try:
                next(each)
            except (StopIteration, CmsError, jobs.Overtaken):
                both.remove(each)
    Worker(desk.house.database).once()
    assert desk.done(EDITOR, "GET", f"/imports/{begun}")["state"] == "done"
    assert len(drafts(desk, "pair")) == 12


def test_the_same_key_of_the_same_source_is_the_same_entry_and_of_another_source_another(desk: Desk) -> None:
    first = brought_in(desk, EDITOR, topics("keyed", 1), source="crm")
    again = brought_in(desk, EDITOR, topics("keyed", 1, slug="keyed-0"), source="crm")
    assert (first["counts"]["create"], again["counts"]["unchanged"]) == (1, 1)
    changed = lines({"type": "topic", "clinic": "demo-south", "locale": "en", "external_key": "keyed-0",
                     "patch": {"sections": {"risks": a_section("risks", "Redness.")}}})  # fmt: skip
    done = brought_in(desk, EDITOR, changed, source="crm")
    [row] = rows(desk, EDITOR, done)
    assert (row["action"], row["slug"], revisions(desk, row["id"])) == ("update", "keyed-0", 2)
    other = brought_in(desk, EDITOR, topics("keyed", 1, slug="keyed-other"), source="erp")
    assert other["counts"]["create"] == 1 and len(drafts(desk, "keyed")) == 2


def test_one_bad_row_stops_all_and_is_told_to_the_field_unless_it_may_be_skipped(desk: Desk) -> None:
    bad = {"type": "topic", "clinic": "demo-south", "locale": "en", "slug": "bad-x",
           "document": a_topic(sections=[a_section("overview", "<b>loud</b>")])}  # fmt: skip
    body = topics("good", 2) + lines(bad) + b"not json\n" + lines({"type": "poem", "shell": 1})
    done = brought_in(desk, EDITOR, body)
    assert (done["state"], done["problem"]["code"], done["counts"]["refused"]) == ("refused", "invalid_content", 3)
    wrong = rows(desk, EDITOR, done, action="refused")
    told = {(row["line"], each["pointer"]) for row in wrong for each in row["faults"]}
    assert {(3, "/document/sections/overview/body"), (4, ""), (5, "/shell"), (5, "/type"), (5, "/locale")} <= told
    assert drafts(desk, "good") == []
    skipped = brought_in(desk, EDITOR, body, refused="skip")
    assert (skipped["state"], skipped["counts"]["create"]) == ("done", 2) and len(drafts(desk, "good")) == 2


def test_all_that_is_wrong_with_a_row_is_told_at_once_and_no_more(desk: Desk) -> None:
    bad = {"type": "topic", "clinic": "demo-south", "locale": "en", "slug": "Bad Slug",
           "document": a_topic(title="", faqs=[{"type": "faq", "external_key": "q-99"}])}  # fmt: skip
    done = brought_in(desk, EDITOR, lines(bad) + b"{half a line\n" + lines({"document": {}}), mode="dry_run")
    told = [[(each["code"], each["pointer"]) for each in row["faults"]] for row in rows(desk, EDITOR, done)]
    assert told[0] == [
        ("unknown_reference", "/document/faqs/0"), ("invalid", "/slug"), ("invalid", "/document/title")
    ]  # fmt: skip
    assert told[1:] == [[("malformed", "")], [("required", "/type"), ("required", "/clinic"), ("required", "/locale")]]
    detail = rows(desk, EDITOR, done)[0]["faults"][0]["detail"]
    assert detail == "Neither this file nor this house has a faq with the key q-99."


def test_texts_of_one_import_may_refer_to_each_other_by_key_in_any_order(desk: Desk) -> None:
    refs = [{"type": "faq", "external_key": "ref-q"}]
    body = lines(
        {"type": "topic", "clinic": "demo-south", "locale": "en", "slug": "ref-t", "external_key": "ref-t",
         "document": a_topic(faqs=refs, sections=[a_section("overview", "See [this](entry:faq/ref-q).")])},
        {"type": "faq", "clinic": "demo-south", "locale": "en", "slug": "ref-q", "external_key": "ref-q",
         "document": {"question": "Is it light?", "answer": "It [is](entry:topic/ref-t).", "category": "basics"}},
    )  # fmt: skip
    done = brought_in(desk, EDITOR, body)
    assert done["counts"]["create"] == 2, rows(desk, EDITOR, done)
    topic, faq = rows(desk, EDITOR, done)
    said = desk.done(EDITOR, "GET", f"/entries/topic/{topic['id']}")["document"]
    assert said["faqs"] == [{"type": "faq", "id": faq["id"]}]
    assert said["sections"][0]["body"] == f"See [this](entry:{faq['id']})."


def test_a_table_goes_out_is_edited_and_comes_back_and_nobodys_words_are_lost(desk: Desk) -> None:
    brought_in(desk, EDITOR, topics("sheet", 2))
    asked = {"format": "csv", "clinic": "demo-south", "type": "topic", "columns": ["title", "summary"]}
    file = given_out(desk, EDITOR, **asked)
    assert file.headers["Content-Type"].startswith("text/csv") and "attachment" in file.headers["Content-Disposition"]
    table = file.data.decode("utf-8-sig")
    mine = "\r\n".join(each for each in table.splitlines() if "sheet-0" in each or each.startswith("type,"))
    edited = mine.replace("What light may do for skin.", "=1+1 is a sum.").encode()
    done = brought_in(desk, EDITOR, edited, CSV)
    assert done["counts"]["update"] == 1, rows(desk, EDITOR, done)
    late = brought_in(desk, EDITOR, mine.replace("for skin.", "for hair.").encode(), CSV)
    [row] = rows(desk, EDITOR, late)
    assert [each["code"] for each in row["faults"]] == ["stale"]
    assert "'=1+1 is a sum." in given_out(desk, EDITOR, **asked).data.decode()


def test_a_revoked_key_stops_what_it_began(desk: Desk) -> None:
    key = desk.done("admin", "POST", "/keys", {"kind": "manage", "name": "robot", "clinics": ["demo-south"]})
    desk.secrets["robot"] = key["key"]
    begun = sent(desk, "robot", topics("robot", 3)).json["data"]["id"]
    running = jobs.run(desk.house.database, begun)
    next(running)
    desk.done("admin", "DELETE", f"/keys/{key['id']}", If_Match="*")
    for _ in running:
        pass
    done = desk.done("admin", "GET", f"/imports/{begun}")
    assert (done["state"], done["problem"]["code"]) == ("failed", "unauthorized") and drafts(desk, "robot") == []


def test_another_persons_import_is_as_if_it_never_was_but_for_an_admin(desk: Desk) -> None:
    done = brought_in(desk, EDITOR, topics("mine", 1))
    for path in (f"/imports/{done['id']}", f"/imports/{done['id']}/rows"):
        assert desk.ask("editor@demo-north", "GET", path).status_code == 404
        assert desk.ask("admin", "GET", path).status_code == 200
    assert desk.ask(EDITOR, "GET", f"/exports/{done['id']}").status_code == 404
    assert done["id"] not in str(desk.done("editor@demo-north", "GET", "/imports"))


def test_the_same_request_again_begins_no_second_import(desk: Desk) -> None:
    head = {"Authorization": f"Bearer {desk.key(EDITOR)}", "Idempotency-Key": "import-once"}

    def ask(body: bytes) -> Any:
        path = "/v1/manage/imports?mode=dry_run"
        return desk.house.client.post(path, data=body, content_type="application/x-ndjson", headers=head)

    first, again, other = ask(topics("once", 1)), ask(topics("once", 1)), ask(topics("once", 2))
    assert first.json["data"]["id"] == again.json["data"]["id"] and again.headers["Idempotency-Replayed"] == "true"
    assert (other.status_code, other.json["code"]) == (422, "key_reused")


def test_an_article_in_markdown_brings_its_head_along(desk: Desk) -> None:
    head = "---\ntitle: Warm light\nslug: warm-light\nlocale: es\n---\n"
    text = head + "# Luz cálida\n\nUna luz.\n\n## ¿Cómo funciona?\n\nCalienta.\n\n## Cuidados posteriores\n\nNada.\n"
    done = brought_in(desk, EDITOR, text.encode(), MARKDOWN, clinic="demo-south")
    [row] = rows(desk, EDITOR, done)
    assert (row["slug"], row["locale"], row["title"]) == ("warm-light", "es", "Luz cálida")
    said = desk.done(EDITOR, "GET", f"/entries/topic/{row['id']}")["document"]
    assert [each["aspect"] for each in said["sections"]] == ["overview", "how-it-works", "aftercare"]


def test_who_brought_what_in_is_on_record(desk: Desk) -> None:
    done = brought_in(desk, EDITOR, topics("logged", 1))
    with desk.house.database.reading() as connection:
        asked = select(AuditEntry.verb, AuditEntry.actor).where(AuditEntry.subject == done["id"])
        found = connection.execute(asked.order_by(AuditEntry.number)).all()
    assert [each.verb for each in found] == ["import", "import_done"]
    assert {each.actor for each in found} == {done["created_by"]}
