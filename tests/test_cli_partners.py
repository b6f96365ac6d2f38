"""Partners at the terminal: made with the line to paste, listed, given a key, ended."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import House, opened
from tests.test_cli import Terminal, data, seeded, terminal

__all__ = ("data", "seeded", "terminal")


@pytest.fixture
def open_house(seeded: Terminal, data: Path) -> Iterator[House]:
    """The house that the terminal stands in, to be asked over HTTP."""
    yield from opened(f"sqlite:///{data / 'clinic-cms.sqlite'}", data)


def test_a_partner_is_made_listed_given_a_key_and_ended(seeded: Terminal, open_house: House) -> None:
    narrow = ("--origin", "https://a.example", "--clinic", "demo-south", "--type", "guide", "--locale", "en")
    terms = ("--indexing", "canonical", "--no-attribution", "--json")
    made = seeded.type("partners", "create", "Skin directory", *narrow, *terms)
    assert made.code == 0 and set(made.json) == {"id", "snippet"}
    assert 'type="guide" slug="choosing-a-provider"' in made.json["snippet"]
    plain = seeded.type("partners", "create", "Everybody").out.splitlines()
    assert plain[0].startswith("ptn_") and plain[1].startswith('<script async src="http://127.0.0.1:8000/embed.js">')
    listed = {each["id"]: each for each in seeded.type("partners", "list", "--json").json}
    known, wide = listed[made.json["id"]], listed[plain[0]]
    assert (known["id"], known["indexing"], known["attribution"]["required"]) == (made.json["id"], "canonical", False)
    assert (known["origins"], known["clinics"], known["locales"]) == (["https://a.example"], ["demo-south"], ["en"])
    assert f"{wide['id']}  active  Everybody: every clinic" in seeded.type("partners", "list").out
    key = seeded.type("keys", "create", "--kind", "partner", "--name", "theirs", "--partner", known["id"], "--json")
    headers = {"Authorization": f"Bearer {key.json['key']}"}
    me = open_house.client.get("/v1/partners/me", headers=headers)
    assert (me.status_code, me.json["data"]["id"]) == (200, known["id"])
    assert seeded.type("partners", "end", known["id"]).out == f"{known['id']} has ended.\n"
    assert open_house.client.get("/v1/partners/me", headers=headers).status_code == 401
    states = {each["id"]: each["state"] for each in seeded.type("partners", "list", "--json").json}
    assert states == {wide["id"]: "active", known["id"]: "ended"}


@pytest.mark.parametrize(
    ("words", "code", "named"),
    [
        (("partners", "create", "A", "--origin", "https://a.example;x"), 1, "/origins/0"),
        (("partners", "create", "A", "--clinic", "nowhere"), 1, "/clinics"),
        (("partners", "create", "A", "--topic", "top_none"), 1, "/topics"),
        (("partners", "create", "A", "--type", "page"), 2, "page"), (("partners", "create"), 2, "NAME"),
        (("partners", "end", "ptn_none"), 1, "no such partner"),
        (("keys", "create", "--kind", "partner", "--name", "a"), 1, "/partner"),
        (("keys", "create", "--kind", "partner", "--name", "a", "--partner", "ptn_none"), 1, "/partner"),
        (("keys", "create", "--kind", "manage", "--name", "a", "--partner", "ptn_none"), 1, "/partner"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(
    seeded: Terminal, words: tuple[str, ...], code: int, named: str
) -> None:
    said = seeded.type(*words)
    assert said.code == code and named in said.err and "Traceback" not in said.err
