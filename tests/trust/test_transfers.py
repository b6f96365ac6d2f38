"""Files of strangers: archives, tables, XML and pages that mean harm (UP10, IN11 to IN16, IN19 of the trust list)."""

from __future__ import annotations

import base64
import contextlib
import gzip
import hashlib
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from api.models import AuditEntry, Entry, Review
from api.rules.headings import aspect_of, opens_questions
from api.services.transfers.articles import wordpress
from api.services.transfers.articles.markup import LONGEST, cleaned, without_shortcodes
from api.services.transfers.articles.proposal import Article, proposed
from api.services.transfers.columns import BadLine
from api.services.transfers.names import by_page
from schemas.cells import cells, changes, quoted, unquoted
from schemas.content import content_type
from schemas.rich_text import faults, to_html
from tests.builders import a_section, a_topic, clinic_id, entry_id
from tests.conftest import House
from tests.growth import grows_in_proportion
from tests.managing import Desk
from tests.transferring import CSV, HTML, WXR, brought_in, given_out, lines, rows, sent

pytestmark = pytest.mark.either
NORTH = "editor@demo-north"
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "'=1", "''=1")
LITERAL = ("{{7*7}}", "{0.__class__}", "%s %(x)s", "${7*7}", "#{7*7}", "<%= 7*7 %>", "{% x %}")


@pytest.fixture
def desk(shared_house: House) -> Desk:
    return Desk(shared_house)


def an_archive(desk: Desk, *lines_of_it: Any) -> bytes:
    """An archive as somebody hostile would write it: its end fits it."""
    counts: dict[str, int] = {}
    for each in lines_of_it:
        counts[each["record"]] = counts.get(each["record"], 0) + 1
    head = {"record": "manifest", "format": "clinic-cms/1", "complete": True, "counts": counts}
    body = lines(head, *lines_of_it)
    digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
    return body + lines({"record": "end", "lines": len(lines_of_it) + 2, "digest": digest})


def a_text(clinic: str | None, scope: str, id_: str, slug: str, **entry: Any) -> list[Any]:
    """An entry that was published and approved where it comes from."""
    review = {"kind": "medical", "decision": "approved", "reviewer_id": "prs_evil"}
    return [
        {"record": "entry", "id": id_, "type": "topic", "scope": scope, "clinic": clinic, **entry},
        {"record": "text", "locale": "en", "scope": scope, "clinic": clinic, "live_revision": 1, "newest": 1},
        {"record": "revision", "number": 1, "state": "approved", "slug": slug, "document": a_topic(),
         "reviews": [review]},
        {"record": "transition", "move": "publish", "at": "2020-01-01T00:00:00Z", "revision": 1, "effective": True},
    ]  # fmt: skip


def test_up10_what_was_approved_and_live_elsewhere_comes_in_as_a_draft(desk: Desk) -> None:
    with desk.house.database.reading() as connection:
        before = connection.scalar(select(func.count(Review.id)))
    done = brought_in(desk, NORTH, an_archive(desk, *a_text("demo-north", "cln_x", "top_aaaaaaaa", "up10-approved")))
    [row] = rows(desk, NORTH, done)
    text = desk.done(NORTH, "GET", f"/entries/topic/{row['id']}")
    assert (text["state"], text["live_revision"], text["clinic"]) == ("draft", None, "demo-north")
    assert row["id"] != "top_aaaaaaaa" and done["left_out"] == {"transition": 1}
    assert desk.house.get("demo-north/topics/up10-approved").status_code == 404
    with desk.house.database.reading() as connection:
        assert connection.scalar(select(func.count(Review.id))) == before


def test_up10_a_foreign_clinic_is_as_if_it_never_was_and_foreign_ids_are_not_touched(desk: Desk) -> None:
    database = desk.house.database
    theirs, ours = entry_id(database, "mesotherapy"), clinic_id(database, "demo-south")
    body = an_archive(
        desk,
        *a_text("demo-south", ours, "top_bbbbbbbb", "up10-south"),
        *a_text("no-clinic", "cln_00000000", "top_cccccccc", "up10-none"),
        *a_text(None, "library", "top_dddddddd", "up10-library"),
        *a_text("demo-north", ours, theirs, "up10-north"),
    )
    done = brought_in(desk, NORTH, body)
    told = {row["slug"]: row for row in rows(desk, NORTH, done)}
    said = [told[slug]["faults"][0] for slug in ("up10-south", "up10-none")]
    assert [each["code"] for each in said] == ["unknown_reference"] * 2
    assert said[0]["detail"].replace("demo-south", "X") == said[1]["detail"].replace("no-clinic", "X")
    assert told["up10-library"]["faults"] and told["up10-north"]["faults"] == []
    assert done["state"] == "refused"
    skipped = brought_in(desk, NORTH, body, refused="skip")
    assert skipped["counts"]["create"] == 1
    own = {row["slug"]: row for row in rows(desk, NORTH, skipped)}["up10-north"]["id"]
    with database.reading() as connection:
        assert own != theirs
        assert connection.execute(select(Entry.scope).where(Entry.id == theirs)).scalar_one() == "library"
        assert connection.execute(select(Entry.scope).where(Entry.id == own)).scalar_one() != ours


def test_up10_packed_files_are_not_unpacked_and_no_name_in_a_file_names_a_file(desk: Desk) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("../../../../tmp/up10-slipped", "x")
    bomb = gzip.compress(b"\0" * 10_000_000)
    for body in (packed.getvalue(), bomb):
        done = brought_in(desk, NORTH, body)
        assert (done["state"], done["problem"]["code"]) == ("refused", "malformed")
    slip = {"type": "topic", "clinic": "demo-north", "locale": "en", "slug": "up10-slip", "external_key": "../../up10"}
    brought_in(desk, NORTH, lines({**slip, "document": a_topic()}), source="../../up10")
    folder = desk.house.database.folder
    assert folder is not None and [each.name for each in folder.rglob("*up10*")] == []
    assert not (folder.parent / "up10").exists() and not Path("/tmp/up10-slipped").exists()
    head = {"Authorization": f"Bearer {desk.key(NORTH)}", "Content-Encoding": "gzip"}
    ask = {"data": bomb, "content_type": "application/x-ndjson", "headers": head}
    assert desk.house.client.post("/v1/manage/imports?mode=apply", **ask).status_code == 415  # type: ignore[arg-type]


def test_up10_deep_long_and_broken_lines_are_faults_of_their_row(desk: Desk) -> None:
    deep = b'{"document":' + b'{"a":' * 100 + b"1" + b"}" * 101
    body = deep + b"\n" + b"[1]\n" + b'{"type":"topic","slug":"\\u0000"}\n' + b'{"type":NaN}\n'
    done = brought_in(desk, NORTH, body)
    assert done["counts"]["refused"] == 4
    assert {row["faults"][0]["code"] for row in rows(desk, NORTH, done)} == {"malformed"}


@pytest.mark.parametrize("address", ["http://[fe80/x", "https://[::zz]/x", "http://x\u2100y/"])
def test_up10_addresses_that_are_none_are_words_of_their_row(desk: Desk, address: str) -> None:
    page = f"""<html><head><link rel="canonical" href="{address}"></head><body><h1>An address that is none</h1>
    <p>A page with <a href="{address}">a link</a> to it. {"More words. " * 20}</p></body></html>"""
    done = brought_in(desk, NORTH, page.encode(), HTML, clinic="demo-north", locale="en")
    assert (done["state"], done["counts"]["refused"], done["counts"]["failed"]) == ("done", 0, 0), done
    assert [each["address"] for each in rows(desk, NORTH, done)] == [None]


def test_in11_no_payload_of_a_page_is_more_than_words_afterwards() -> None:
    payloads = (
        "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>",
        "&lt;script&gt;x&lt;/script&gt;", '<a href="javascript:alert(1)">x</a>', "<b onclick=x>x</b>",
        '<a href="data:text/html,<script>x</script>">x</a>', "[x](javascript:alert(1))", "![x](x)", "`<script>`",
        "<iframe srcdoc='<script>x</script>'></iframe>", '<a href="https://a.example/)[x](javascript:y)">x</a>',
        "<math><mtext><script>x</script></mtext></math>", "<![CDATA[<script>x</script>]]>", "<p>\\</p><script>",
        "<style>@import 'x'</style>", "&#60;img src=x onerror=y&#62;",
    )  # fmt: skip
    for payload in payloads:
        page = f"<h1>{payload}</h1><h2>Risks</h2><p>Words {payload} words</p><table><tr><td>{payload}</td></tr></table>"
        for row in proposed(Article(1, "k", payload, "s", "en", None), cleaned(page, "https://a.example/b")):
            assert row.document is not None
            for section in row.document["sections"]:
                html = to_html(section["body"])
                assert faults(section["body"]) == [], payload
                for bad in ("<script", "<img", "<svg", "<iframe", "<style", 'href="javascript', 'href="data', "<math"):
                    assert bad not in html.lower(), (payload, html)


HOSTILE = (
    "how do ", "how long does ", "-", "[", "[a", "<", "<!--", "{", "&", "](", "a@", "[gallery ", "[/a]", "\n\n", "<a ",
)  # fmt: skip


@pytest.mark.parametrize("part", HOSTILE)
def test_in13_hostile_texts_take_no_longer_than_others(part: str) -> None:
    def recognised(size: int) -> None:
        text = part * (size // len(part))
        aspect_of(text)
        opens_questions(text)
        unquoted(quoted(text))
        without_shortcodes(text)
        by_page(f"https://a.example/{text}")

    def taken_apart(size: int) -> None:
        text = part * (size // len(part))
        with contextlib.suppress(BadLine):
            list(proposed(Article(1, "k", text, "s", "en", None), cleaned(text)))

    assert grows_in_proportion(recognised, 10_000)
    assert grows_in_proportion(taken_apart, 10_000)


def test_in13_an_article_of_too_much_is_refused_before_it_is_taken_apart() -> None:
    for text in ("a" * (LONGEST + 1), "<p>x</p>" * 10_001, "<b>" * 100):
        with pytest.raises(BadLine):
            cleaned(text)


def test_in14_what_looks_like_a_template_means_itself(desk: Desk) -> None:
    page = f"<h1>Templates</h1><p>{' '.join(each.replace('<', '&lt;') for each in LITERAL)}</p>"
    done = brought_in(desk, NORTH, page.encode(), HTML, clinic="demo-north", locale="en")
    [row] = rows(desk, NORTH, done)
    body = desk.done(NORTH, "GET", f"/entries/topic/{row['id']}")["document"]["sections"][0]["body"]
    shown = to_html(body)
    assert "49" not in shown and "{ {7*7}}" in shown and "{0.__class__}" in shown and "${7*7}" in shown
    stored = {"type": "topic", "clinic": "demo-north", "locale": "en", "slug": "in14", "external_key": LITERAL[1],
              "document": a_topic(title=LITERAL[2], summary=LITERAL[3])}  # fmt: skip
    done = brought_in(desk, NORTH, lines(stored), source=LITERAL[0])
    [row] = rows(desk, NORTH, done)
    assert (row["external_key"], row["title"], done["source"]) == (LITERAL[1], LITERAL[2], LITERAL[0])


def test_in15_line_ends_in_names_split_neither_headers_nor_the_log(desk: Desk) -> None:
    for name, value in (("source", "a\r\nX-Evil: 1"), ("clinic", "a\nb"), ("faq_category", "a\rb")):
        reply = sent(desk, NORTH, lines({}), **{name: value})
        assert reply.status_code in (202, 400, 404) and "X-Evil" not in reply.headers
    reply = given_out(desk, NORTH, format="csv", columns=["a\r\nX-Evil: 1"])
    assert "X-Evil" not in reply.headers and "\n" not in reply.headers["Content-Disposition"]
    assert reply.headers["Content-Disposition"].startswith("attachment; filename=exp_")
    with desk.house.database.reading() as connection:
        said = connection.execute(select(AuditEntry.verb).where(AuditEntry.verb.contains("Evil"))).all()
    assert said == []


@pytest.mark.parametrize("text", FORMULAS)
def test_in16_no_cell_is_a_formula_and_each_comes_back_as_it_was(text: str) -> None:
    assert quoted(text)[0] == "'" and unquoted(quoted(text)) == text


def test_in16_tables_quote_what_a_spreadsheet_would_run(desk: Desk) -> None:
    document = a_topic(title="=HYPERLINK(1)", summary="+1", sections=[a_section("overview", "- a list\n- of two")])
    row = {"type": "topic", "clinic": "demo-north", "locale": "en", "slug": "in16", "external_key": "@key"}
    brought_in(desk, NORTH, lines({**row, "document": document}))
    table = given_out(desk, NORTH, format="csv", clinic="demo-north", type="topic").data
    line = next(each for each in table.decode().splitlines() if ",in16," in each)
    assert "'=HYPERLINK(1)" in line and "'+1" in line and "'@key" in line and "'- a list" in line
    again = brought_in(desk, NORTH, table, CSV)
    assert again["counts"]["update"] == 0 and again["counts"]["refused"] == 0, rows(desk, NORTH, again)


def test_in16_what_a_table_holds_is_the_same_on_the_way_back() -> None:
    kind = content_type("topic")
    desk_document = {**a_topic(), "facts": [{"key": "price", "label": "Price", "text": "-", "depends_on": ["a", "b"]}]}
    loaded = kind.loading.load(desk_document)
    said = cells(kind, loaded)
    patch, wrong = changes(kind, {name: unquoted(quoted(text)) for name, text in said.items()})
    assert wrong == [] and patch["facts"]["price"]["depends_on"] == ["a", "b"]


XXE = """<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<rss><channel><item><title>&x;</title></item></channel></rss>"""
LAUGHS = (
    "<!DOCTYPE l [<!ENTITY a 'ha'>"
    + "".join(f"<!ENTITY a{n} '&a{n - 1 or ''};&a{n - 1 or ''};'>" for n in range(1, 30))
    + "]><rss><channel><item><title>&a29;</title></item></channel></rss>"
)
EXTERNAL = '<!DOCTYPE rss SYSTEM "http://127.0.0.1:9/x.dtd"><rss><channel/></rss>'


@pytest.mark.parametrize("text", [XXE, LAUGHS, EXTERNAL, "<rss>" * 100, "<html/>", "no xml", "<rss><channel>"])
def test_in19_entities_document_types_and_broken_xml_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "export.xml").write_text(text)
    with pytest.raises(BadLine):
        list(wordpress.read(tmp_path / "export.xml", {"locale": "en"}).rows)


def test_in19_an_import_of_such_a_file_writes_nothing_and_tells_nothing(desk: Desk) -> None:
    done = brought_in(desk, NORTH, XXE.encode(), WXR, clinic="demo-north", locale="en")
    assert done["state"] == "refused" and done["counts"]["create"] == 0
    assert "root:" not in str(done)


def test_uploads_are_bounded_typed_and_for_those_who_may(desk: Desk) -> None:
    config = desk.house.app.extensions["config"]
    large = {"CONTENT_LENGTH": str(config.import_megabytes * 1_000_000 + 1)}
    ask = {"content_type": "text/csv", "headers": {"Authorization": f"Bearer {desk.key(NORTH)}"}, "data": b"x"}
    asked: Any = {**ask, "environ_overrides": large}
    assert desk.house.client.post("/v1/manage/imports?mode=apply", **asked).status_code == 413
    assert sent(desk, NORTH, b"x", "application/zip").status_code == 415
    assert sent(desk, NORTH, b"").status_code == 400
    assert sent(desk, NORTH, b"{}", mode="now").status_code == 400
    assert sent(desk, None, b"{}").status_code == 401
    assert sent(desk, "publisher@demo-north", b"{}", clinic="demo-north").status_code == 403
    assert sent(desk, NORTH, b"{}", clinic="demo-south").status_code == 404
    assert desk.ask(NORTH, "POST", "/exports", {"complete": True}).status_code == 403
    assert desk.ask("admin", "POST", "/exports", {"complete": True, "type": "faq"}).status_code == 422


def test_a_clinics_export_holds_no_other_clinics_words_and_no_people(desk: Desk) -> None:
    own = desk.create("secret-south", a_topic(summary="Only south."), name="author@demo-south", clinic="demo-south")
    assert own
    told = given_out(desk, NORTH).data.decode()
    assert "Only south." not in told and "@test.invalid" not in told and '"record":"person"' not in told
    assert '"complete":false' in told and base64.b64encode(desk.key(NORTH).encode()).decode() not in told
