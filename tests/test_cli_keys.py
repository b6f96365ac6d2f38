"""Keys and clinics at the terminal: what scripts of an operator type, and what comes of it."""

from __future__ import annotations

import json
import sqlite3
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


def asked(house: House, path: str, key: str) -> tuple[int, object]:
    reply = house.client.get(f"/v1/manage{path}", headers={"Authorization": f"Bearer {key}"})
    return reply.status_code, reply.json.get("data")


def test_a_manage_key_acts_for_somebody_who_was_invited(seeded: Terminal, open_house: House) -> None:
    seeded.type("people", "invite", "Ada@b.example", "--role", "editor", "--role", "publisher")
    made = seeded.type("keys", "create", "--kind", "manage", "--name", "ci", "--as", "ada@B.example", "--json")
    assert made.code == 0 and set(made.json) == {"id", "key"} and made.json["key"].startswith("ck_mng_")
    status, me = asked(open_house, "/me", made.json["key"])
    assert status == 200 and me["person"]["email"] == "ada@b.example"
    assert [each["role"] for each in me["roles"]] == ["editor", "publisher"]
    narrow = ("--clinic", "demo-south", "--as", "ada@b.example", "--json")
    made = seeded.type("keys", "create", "--kind", "manage", "--name", "ci", *narrow).json
    assert {each["clinic"] for each in asked(open_house, "/me", made["key"])[1]["roles"]} == {"demo-south"}


def test_a_manage_key_for_nobody_is_a_service(seeded: Terminal, open_house: House) -> None:
    made = seeded.type("keys", "create", "--kind", "manage", "--name", "ci", "--json").json
    status, me = asked(open_house, "/me", made["key"])
    assert (status, me["person"], me["roles"]) == (200, None, [{"role": "service", "clinic": None}])
    assert seeded.type("keys", "revoke", made["id"]).code == 0
    assert asked(open_house, "/me", made["key"])[0] == 401


def test_a_preview_key_names_its_clinics_and_its_end(seeded: Terminal) -> None:
    words = ("--kind", "preview", "--name", "p", "--clinic", "demo-south", "--clinic", "demo-north")
    assert seeded.type("keys", "create", *words, "--expires-at", "2999-01-01T00:00:00Z").out.startswith("ck_pre_")
    listed = seeded.type("keys", "list", "--json").json[0]
    assert listed["clinics"] == ["demo-south", "demo-north"] and listed["expires_at"] == "2999-01-01T00:00:00Z"


def test_keys_and_partners_are_listed_while_somebody_else_writes(seeded: Terminal, data: Path) -> None:
    writer = sqlite3.connect(data / "clinic-cms.sqlite", isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    for what in ("keys", "partners"):
        assert (seeded.type(what, "list", "--json").code, seeded.type(what, "list").code) == (0, 0), what
    writer.close()


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("--kind", "server", "--name", "a"), "/clinics"),
        (("--kind", "manage", "--name", "a", "--as", "nobody@b.example"), "nobody@b.example"),
        (("--kind", "server", "--name", "a", "--clinic", "demo-south", "--as", "reviewer@demo.invalid"), "/person"),
        (("--kind", "manage", "--name", "a", "--expires-at", "tomorrow"), "/expires_at"),
        (("--kind", "manage", "--name", "a", "--expires-at", "2001-01-01T00:00:00Z"), "/expires_at"),
        (("--kind", "browser", "--name", "a", "--clinic", "demo-south", "--origin", "no"), "/origins/0"),
    ],
)
def test_a_key_that_makes_no_sense_is_refused_by_name(seeded: Terminal, words: tuple[str, ...], named: str) -> None:
    said = seeded.type("keys", "create", *words)
    assert said.code == 1 and named in said.err and "Traceback" not in said.err


def test_a_clinic_is_made_by_a_line_or_by_a_file(seeded: Terminal, open_house: House, tmp_path: Path) -> None:
    line = ("--name", "Clínica Sur", "--locale", "es", "--locale", "en", "--time-zone", "Europe/Madrid")
    made = seeded.type("clinics", "create", "sur", *line, "--json")
    assert made.code == 0 and made.json["slug"] == "sur"
    shown = open_house.data("sur")["data"]
    assert (shown["name"], [each["code"] for each in shown["locales"]]) == ("Clínica Sur", ["es", "en"])
    profile = {"name": {"en": "Filed"}, "time_zone": "UTC", "default_locale": "en", "locales": [{"code": "en"}]}
    (tmp_path / "clinic.json").write_text(json.dumps(profile))
    toml = 'time_zone = "UTC"\ndefault_locale = "en"\nname = {en = "Toml"}\nlocales = [{code = "en"}]\n'
    (tmp_path / "clinic.toml").write_text(toml)
    for name, told in (("json", "Filed"), ("toml", "Toml")):
        assert seeded.type("clinics", "create", name, "--file", str(tmp_path / f"clinic.{name}")).code == 0
        assert open_house.data(name)["data"]["name"] == told


def test_a_clinic_that_is_there_or_makes_no_sense_is_refused(seeded: Terminal, tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text("[1]")
    (tmp_path / "bad.toml").write_text("= 1")
    for words, code, named in (
        (("demo-south", "--name", "A"), 1, "demo-south"), (("Upper Case", "--name", "A"), 1, "/slug"),
        (("new", "--name", "A", "--time-zone", "Mars"), 1, "/time_zone"), (("new",), 2, "--name"),
        (("new", "--file", str(tmp_path / "bad.json")), 2, "profile"),
        (("new", "--file", str(tmp_path / "bad.toml")), 2, "read"),
    ):  # fmt: skip
        said = seeded.type("clinics", "create", *words)
        assert said.code == code and named in said.err and "Traceback" not in said.err, words
