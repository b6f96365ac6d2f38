"""What stands where an embed can't: words that say what to change."""

from __future__ import annotations

from tests.conftest import House


def test_a_notice_names_every_parameter_at_fault_and_what_is_allowed(library: House) -> None:
    reply = library.get("/embed/demo-south/topics/mesotherapy.html?heading_level=9&theme=%3Cb%3E")
    assert reply.status_code == 400 and reply.mimetype == "text/html"
    assert "heading_level: 9 is not between 1 and 6." in reply.text
    assert "theme: " in reply.text and "see errors" not in reply.text and "<b>" not in reply.text


def test_a_notice_for_a_page_that_is_not_there_says_so(library: House) -> None:
    reply = library.get("/embed/demo-south/topics/nope")
    assert reply.status_code == 404 and "No topic is published under this slug." in reply.text
    assert "Did you mean" not in reply.text


def test_a_notice_for_a_misspelt_page_names_the_one_that_may_have_been_meant(library: House) -> None:
    for suffix in ("", ".html", "/modules/risks"):
        reply = library.get(f"/embed/demo-south/topics/mesoterapy{suffix}")
        assert reply.status_code == 404 and "Did you mean mesotherapy?" in reply.text


def test_a_fragment_that_there_is_not_is_answered_with_a_fragment(library: House) -> None:
    for path in ("demo-south/faqs/does-mesotherapy-hurt/answer", "demo-south/pages/home", "demo-south/topics/a/b/c"):
        part, whole = (library.get(f"/embed/{path}{suffix}") for suffix in (".html", ""))
        assert (part.status_code, whole.status_code) == (404, 404)
        assert part.text.startswith("<article") and not {"<script", "<!doctype", "<link"} & set(part.text.split())
        assert whole.text.startswith("<!doctype html>") and "There is no such embed." in part.text
