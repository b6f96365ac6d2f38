"""An article of a clinic's blog, as WordPress exports it and as a page, becomes drafts, is mended, and goes live."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import House
from tests.managing import Desk
from tests.transferring import HTML, WXR, brought_in, rows

pytestmark = pytest.mark.either
BLOG = Path(__file__).parent / "blog"
AUTHOR, EDITOR, DOCTOR, PUBLISHER = (
    f"{role}@demo-south" for role in ("author", "editor", "medical_reviewer", "publisher")
)
MENDED = {
    "overview": "Light therapy shines light on the skin. Results differ between people, and they are not permanent.",
    "risks": "Redness and irritation can follow. Ask what else can happen, and what it would mean for you.",
}


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def test_a_blog_comes_in_is_mended_where_it_promises_too_much_and_goes_live(house: House, desk: Desk) -> None:
    article = (BLOG / "clinic-blog.xml").read_bytes()
    dry = brought_in(desk, AUTHOR, article, WXR, clinic="demo-south", mode="dry_run")
    assert (dry["state"], dry["counts"]["create"], dry["left_out"]) == ("done", 4, {"attachment": 1, "comment": 1})
    assert desk.done(AUTHOR, "GET", "/entries/topic?filter[clinic]=demo-south") == []
    done = brought_in(desk, AUTHOR, article, WXR, clinic="demo-south")
    assert (done["state"], done["counts"]["create"], done["counts"]["refused"]) == ("done", 4, 0)
    said = {each["slug"]: each for each in rows(desk, AUTHOR, done)}
    told = " ".join(said["light-therapy"]["notes"])
    for left in ("lamp.jpg “The lamp we use”", "scripts (1)", "[contact-form-7]", "“Our opening hours” fits no aspect"):
        assert left in told
    moved = said["light-therapy"]["redirect"]
    assert moved == {"clinic": "demo-south", "from": "/2024/05/light-therapy/", "status": 301, "to": moved["to"]}
    topic = f"/entries/topic/{said['light-therapy']['id']}"
    text = desk.done(AUTHOR, "GET", topic)
    bodies = {each["aspect"]: each["body"] for each in text["document"]["sections"]}
    assert list(bodies) == ["overview", "how-it-works", "suitability", "risks", "alternatives"]
    assert (text["state"], text["clinic"]) == ("draft", "demo-south")
    assert f"[looking after your skin](entry:{said['looking-after-your-skin']['id']})" in bodies["how-it-works"]
    mend(desk, topic, bodies)
    for slug, path in ((slug, f"/entries/{row['type']}/{row['id']}") for slug, row in said.items()):
        live(desk, path)
        kind = {"topic": "topics", "faq": "faqs"}[said[slug]["type"]]
        assert house.get(f"demo-south/{kind}/{slug}").status_code == 200
    page = house.data("demo-south/topics/light-therapy?include=faqs")
    assert {each["slug"] for each in page["included"]} == {"does-light-therapy-hurt", "may-i-drive-home"}
    assert "not permanent" in str(page["data"]["sections"]) and "risk-free" not in str(page)
    assert desk.done(EDITOR, "POST", "/redirects", moved)["to"] == moved["to"]


def test_the_same_article_as_a_page_makes_the_same_proposal(house: House, desk: Desk) -> None:
    page = (BLOG / "light-therapy.html").read_bytes()
    done = brought_in(desk, AUTHOR, page, HTML, clinic="demo-south")
    assert (done["state"], done["counts"]["create"]) == ("done", 3)
    *questions, topic = rows(desk, AUTHOR, done)
    assert [each["slug"] for each in questions] == ["does-light-therapy-hurt", "may-i-drive-home"]
    text = desk.done(AUTHOR, "GET", f"/entries/topic/{topic['id']}")
    assert text["document"]["summary"] == "What light therapy is, what happens, and what to ask first."
    assert [each["id"] for each in text["document"]["faqs"]] == [each["id"] for each in questions]
    assert [each["aspect"] for each in text["document"]["sections"]] == [
        "overview", "how-it-works", "suitability", "risks", "alternatives"
    ]  # fmt: skip
    again = brought_in(desk, AUTHOR, page, HTML, clinic="demo-south")
    assert (again["counts"]["unchanged"], again["counts"]["create"]) == (3, 0)


def mend(desk: Desk, topic: str, bodies: dict[str, Any]) -> None:
    """Write anew what the claims check names; without it, what is known to promise too much."""
    named = set(MENDED)
    if holds_claims(desk):
        refused = desk.ask(AUTHOR, "POST", f"{topic}/moves/submit", {})
        blockers = [each for each in refused.json["blockers"] if each["code"] == "claims"]
        assert refused.status_code == 409 and blockers
        told = " ".join(f"{each['pointer']} {each['detail']}" for each in blockers)
        named = {aspect for aspect, body in bodies.items() if findings(desk, body)}
        assert named == {"overview", "risks"} and all(aspect in told for aspect in named)
        assert findings(desk, " ".join(MENDED.values())) == []
    changed = {aspect: {"body": MENDED[aspect]} for aspect in named}
    desk.done(AUTHOR, "PATCH", topic, {"document": {"sections": changed}})


def holds_claims(desk: Desk) -> bool:
    """Whether texts are held to what medical marketing must not say."""
    return any(rule.rule == "/v1/manage/lint" for rule in desk.house.app.url_map.iter_rules())


def findings(desk: Desk, text: str) -> list[Any]:
    """What stands against a text."""
    said = desk.done(AUTHOR, "POST", "/lint", {"locale": "en", "text": text})["findings"]
    return [each for each in said if each["severity"] == "block"]


def live(desk: Desk, path: str) -> None:
    """Submit, approve and publish a text of the clinic."""
    desk.done(AUTHOR, "GET", path)
    desk.move(AUTHOR, path, "submit")
    desk.move(DOCTOR, path, "approve")
    desk.move(PUBLISHER, path, "publish")
