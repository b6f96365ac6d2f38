"""What may have been meant: near words, not merely alike ones."""

from __future__ import annotations

from schemas.meant import meant


def test_a_long_word_is_meant_by_one_that_is_a_few_letters_off_and_not_by_one_with_other_words_in_it() -> None:
    known = ["redness-on-the-hands-a-first-reading", "redness-on-the-forehead-a-first-reading"]
    assert meant("redness-on-the-forhaed-a-first-reading", known) == known[1]
    assert meant("redness-on-the-cheeks-a-first-reading", known) is None
    assert meant("mesother", ["mesotherapy"]) == "mesotherapy"
