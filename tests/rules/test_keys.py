"""Keys: their shape tells the kind, a checksum tells a typo, and only a digest is kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.rules import keys

PREFIXES = {"browser": "ck_pub_", "server": "ck_sec_", "preview": "ck_pre_", "manage": "ck_mng_", "partner": "ck_par_"}


@pytest.mark.parametrize("kind", keys.KINDS)
def test_a_key_says_its_kind_and_is_well_formed(kind: str) -> None:
    made = keys.make(kind)
    assert made.startswith(PREFIXES[kind]) and keys.well_formed(made)


def test_no_two_keys_are_alike() -> None:
    assert len({keys.make("server") for _ in range(200)}) == 200


@given(st.integers(0, 44), st.sampled_from("0aZ-é\n "))
def test_one_wrong_character_is_noticed(place: int, wrong: str) -> None:
    made = keys.make("server")
    changed = made[:place] + wrong + made[place + 1 :]
    assert keys.well_formed(changed) == (changed == made)


@pytest.mark.parametrize("text", ["", "ck_sec_", "ck_xxx_" + "a" * 38, "x" * 10_000])
def test_what_is_no_key_is_told_without_the_database(text: str) -> None:
    assert not keys.well_formed(text)


def test_a_line_break_at_the_end_makes_it_another_text() -> None:
    assert not keys.well_formed(keys.make("server") + "\n")


def test_the_hint_is_short_and_the_digest_says_nothing_of_the_key() -> None:
    made = keys.make("server")
    assert made.startswith(keys.hint(made)) and len(keys.hint(made)) == 15
    assert made[7:] not in keys.digest(made) and len(keys.digest(made)) == 64
