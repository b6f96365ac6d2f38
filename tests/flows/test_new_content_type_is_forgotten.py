"""What the tests of a new content type know is forgotten after them, which their own file cannot see."""

from __future__ import annotations

from schemas import content
from tests.conftest import House


def test_what_the_tests_know_is_forgotten_after_them(library: House) -> None:
    assert "bulletin" not in {each.name for each in content.CONTENT_TYPES}
    assert library.get("demo-south/bulletins").status_code == 404
