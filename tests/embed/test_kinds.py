"""Every kind of embed, as a page for a frame and as a fragment, for the seeded library."""

from __future__ import annotations

import re

import pytest

from tests.builders import a_live_topic, a_section, a_topic
from tests.conftest import House
from tests.pages.conftest import Addresses

pytestmark = pytest.mark.either

TEXTS = {
    "topics/mesotherapy": "Mesotherapy for acne scars",
    "topics/mesotherapy/modules/results": "Mesotherapy for acne scars",
    "faqs?topic=mesotherapy": "Does mesotherapy hurt?",
    "faqs/does-mesotherapy-hurt": "Does mesotherapy hurt?",
    "guides/choosing-a-provider": "choose",
    "guides/choosing-a-provider/questions": "checkbox",
    "terms/collagen": "Collagen",
}


def address(text: str, *, fragment: bool) -> str:
    path, mark, query = text.partition("?")
    return f"/embed/demo-south/{path}{'.html' if fragment else ''}{mark}{query}"


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("fragment", [False, True])
def test_every_kind_shows_its_text(library: House, text: str, fragment: bool) -> None:
    reply = library.get(address(text, fragment=fragment))
    assert reply.status_code == 200, reply.text
    assert reply.content_type == "text/html; charset=utf-8"
    assert TEXTS[text] in reply.text and "Fragment object" not in reply.text
    assert reply.text.startswith("<article" if fragment else "<!doctype html>")
    assert len(re.findall("<h1", reply.text)) == (0 if fragment else 1)
    if fragment:
        assert not re.search(r"<(script|style|link)\b| style=| on\w+=", reply.text)


@pytest.mark.parametrize("text", [each for each in TEXTS if "results" in each])
def test_who_shows_what_a_treatment_promises_shows_its_risks_beside_it(library: House, text: str) -> None:
    told = library.get(address(text, fragment=True)).text
    assert re.findall(r'data-aspect="([a-z-]+)"', told) == ["results", "risks"]


def test_pictures_and_facts_stand_aside_and_leave_no_gap_where_there_are_none(house: House) -> None:
    a_live_topic(house.database, "bare", a_topic())
    assert "clinic-embed-columns" not in house.get("/embed/demo-south/topics/bare.html").text
    a_live_topic(house.database, "told", a_topic(facts=[{"key": "price", "label": "Price", "text": "Ask."}]))
    told = house.get("/embed/demo-south/topics/told.html").text
    assert "clinic-embed-columns" in told and told.count("<div") == told.count("</div>")


def test_risks_alone_stand_once(house: House) -> None:
    a_live_topic(house.database, "risky", a_topic(sections=[a_section("overview"), a_section("risks")]))
    for aspect, shown in (("risks", ["risks"]), ("overview", ["overview", "risks"])):
        told = house.get(f"/embed/demo-south/topics/risky/modules/{aspect}.html").text
        assert re.findall(r'data-aspect="([a-z-]+)"', told) == shown


@pytest.mark.parametrize(("query", "risks"), [
    ("topic=mesotherapy", ["Risks and concerns"]),
    ("category=results", ["Risks and concerns · Mesotherapy for acne scars",
                          "Risks and concerns · Mesotherapy with microneedling for acne scars"]),
    ("category=aftercare", ["Risks and concerns · Mesotherapy with microneedling for acne scars"]),
    ("category=results&topic=mesotherapy", ["Risks and concerns"]), ("category=choosing&topic=mesotherapy", []),
])  # fmt: skip
def test_questions_on_a_treatment_end_with_its_risks(library: House, query: str, risks: list[str]) -> None:
    told = library.get(f"/embed/demo-south/faqs.html?{query}").text
    assert re.findall(r'<details data-aspect="risks">\n<summary><h3>(.*?)</h3>', told) == risks


def test_one_question_stands_with_the_risks_of_what_it_is_asked_about(library: House) -> None:
    told = library.get("/embed/demo-south/faqs/does-mesotherapy-hurt.html").text
    assert "<h2>Does mesotherapy hurt?</h2>" in told and told.count("Sample review") == 1
    assert re.findall(r"<summary><h3>(.*?)</h3>", told) == ["Risks and concerns · Mesotherapy for acne scars"]
    source = '<a href="https://south.example/faq#does-mesotherapy-hurt" target="_blank" rel="noopener">'
    assert source in told and re.search(r'<article [^>]*data-type="faq" data-id="faq_', told)
    myth = library.get("/embed/demo-south/faqs/one-session-is-enough").text
    assert '<dl class="clinic-embed-myth">' in myth and "<dt>Fact</dt>" in myth


def test_a_review_that_all_answers_share_is_told_once(library: House) -> None:
    told = library.get("/embed/demo-south/faqs.html?topic=mesotherapy").text
    assert told.count("<details") == 3 and told.count("Sample review") == 1


@pytest.mark.parametrize("text", TEXTS)
def test_links_lead_out_of_the_page_to_the_clinics_own_site(library: House, text: str) -> None:
    told = library.get(address(text, fragment=True)).text
    for link in re.findall(r"<a [^>]*>", told):
        assert re.search(r'href="https?://', link) and 'target="_blank"' in link and "noopener" in link, link
    assert told.count("<a ") == told.count("opens in a new window") > 0
    assert all(each.startswith("https://") for each in Addresses(told).found)


def test_a_link_between_texts_is_a_whole_address_of_the_clinics_site(library: House) -> None:
    told = "".join(library.get(f"/embed/demo-south/topics/{slug}.html").text for slug in ("mesotherapy", "acne-scars"))
    assert re.search(r'<a href="https://south\.example/(guides|treatments|conditions)/[a-z-]+" target="_blank"', told)


def test_terms_stand_in_the_head_and_in_the_page_alike(library: House) -> None:
    reply = library.get("/embed/demo-south/topics/mesotherapy")
    assert reply.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert '<meta name="robots" content="noindex, nofollow">' in reply.text
    links = reply.headers.getlist("Link")
    assert '<https://south.example/treatments/mesotherapy>; rel="canonical"' in links
    assert any('rel="alternate"; type="application/json+oembed"' in each for each in links)
    named = "rel=\"author\"; title*=UTF-8''From%20Demo%20Clinic%20South"
    assert f"<https://south.example/treatments/mesotherapy>; {named}" in links
    assert 'data-indexing="noindex"' in reply.text and "From Demo Clinic South" in reply.text


@pytest.mark.parametrize(("query", "page"), [("locale=en&topic=mesotherapy", "/faq"), ("locale=es", "/es/preguntas")])
def test_questions_name_the_page_of_questions_as_their_source(library: House, query: str, page: str) -> None:
    reply = library.get(f"/embed/demo-south/faqs?{query}")
    assert f'<https://south.example{page}>; rel="canonical"' in reply.headers.getlist("Link")
    assert f'<a href="https://south.example{page}" target="_blank" rel="noopener">' in reply.text
    told = library.get(f"/oembed?url=https%3A%2F%2Fsouth.example{page}").json
    assert told["canonical"] == f"https://south.example{page}"


@pytest.mark.parametrize("query", ["utm_source=x&wpsecret=1", "theme=dark", "locale=es", "heading_level=4"])
def test_an_embed_takes_what_it_knows_and_passes_over_the_rest(library: House, query: str) -> None:
    reply = library.get(f"/embed/demo-south/topics/mesotherapy.html?{query}")
    assert reply.status_code == 200
    wanted = {"theme=dark": 'data-theme="dark"', "locale=es": 'lang="es"', "heading_level=4": "<h4>"}
    assert wanted.get(query, "<h2>") in reply.text


BAD = ["theme=pink", "heading_level=9", "origin=*", "origin=https://a.example;x", "origin=null", "locale=%00"]


@pytest.mark.parametrize("query", BAD)
def test_a_bad_value_is_refused_in_words(library: House, query: str) -> None:
    reply = library.get(f"/embed/demo-south/topics/mesotherapy?{query}")
    assert reply.status_code == 400
    assert reply.mimetype == "text/html" and "can&#39;t be shown" in reply.text
