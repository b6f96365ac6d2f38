"""The command: what an operator types, what it says, and with which exit code."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from api import cli, server, worker
from api.config import SETTINGS, from_env
from api.errors import NotReady
from seed import commands
from tests.conftest import config, opened
from tests.engines import fresh_postgres_database
from tests.processes import free_port


@dataclass
class Said:
    """What one run of the command left: its exit code, and what it said where."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Terminal:
    """A terminal in which `clinic-cms` stands, with an environment of its own."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.capsys, self.monkeypatch = capsys, monkeypatch

    def type(self, *words: str) -> Said:
        self.capsys.readouterr()
        self.monkeypatch.setattr(sys, "argv", ["clinic-cms", *words])
        try:
            cli.main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        return Said(code, *self.capsys.readouterr())


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of its own; nothing else of the environment is a setting."""
    for name in [each for each in os.environ if each in SETTINGS or each.startswith("CLINIC_CMS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CLINIC_CMS_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, data: Path) -> Terminal:
    return Terminal(capsys, monkeypatch)


@pytest.fixture
def seeded(terminal: Terminal, data: Path, sqlite_today: Path) -> Terminal:
    """The terminal of a house that is seeded already."""
    data.mkdir()
    (data / "media").symlink_to(os.environ["TESTS_MEDIA"])
    (data / "clinic-cms.sqlite").write_bytes(sqlite_today.read_bytes())
    return terminal


COMMANDS = (
    "serve", "migrate", "seed", "reindex", "openapi", "keys", "people", "partners", "media", "lint", "backup",
    "restore",
)  # fmt: skip


def test_help_lists_every_command(terminal: Terminal) -> None:
    said = terminal.type("--help")
    assert said.code == 0 and all(f"  {name} " in said.out for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(terminal: Terminal, name: str) -> None:
    said = terminal.type(name, "--help")
    assert said.code == 0 and f"clinic-cms {name}" in said.out


def test_an_unknown_command_is_a_misuse(terminal: Terminal) -> None:
    said = terminal.type("serv")
    assert said.code == 2 and "serv" in said.err and "Traceback" not in said.err


def test_an_empty_folder_becomes_a_seeded_house(terminal: Terminal, data: Path) -> None:
    assert "was empty" in terminal.type("migrate").out
    assert terminal.type("migrate").out.endswith(".\n") and "was" not in terminal.type("migrate").out
    assert terminal.type("seed").out == "The demo library is loaded.\n"
    assert terminal.type("seed").out == "The demo library is as its files say.\n"
    house = next(opened(f"sqlite:///{data / 'clinic-cms.sqlite'}", data))
    house.database.clock.frozen_at = time.time()
    assert house.get("demo-south/topics/mesotherapy").status_code == 200
    house.database.close()


def test_an_unmigrated_house_says_which_command_to_run(terminal: Terminal) -> None:
    for words in (("seed",), ("reindex",), ("keys", "list"), ("people", "invite", "a@b.example", "--role", "editor")):
        said = terminal.type(*words)
        assert (said.code, said.out) == (1, "")
        assert said.err.strip().endswith("Run: clinic-cms migrate")


def test_generated_topics_are_added_and_everything_removed(seeded: Terminal) -> None:
    assert seeded.type("seed", "--scale", "2").out == "Added 2 generated topics.\n"
    assert seeded.type("seed", "--scale", "0").code == 2
    assert seeded.type("seed", "--remove").out.startswith("Removed ")
    assert seeded.type("seed", "--remove").out == "Removed 0 entries.\n"


def test_a_reindex_tells_how_much_it_rebuilt(seeded: Terminal) -> None:
    said = seeded.type("reindex")
    assert said.code == 0 and said.out.startswith("Rebuilt ") and said.out.endswith(" entries.\n")


def test_a_key_is_shown_once_listed_without_itself_and_revoked(seeded: Terminal, data: Path) -> None:
    wanted = ("--kind", "server", "--name", "site", "--clinic", "demo-private")
    made = seeded.type("keys", "create", *wanted, "--json").json
    assert set(made) == {"id", "key"} and made["key"].startswith("ck_sec_")
    listed = seeded.type("keys", "list", "--json")
    assert made["key"] not in listed.out
    assert [(each["id"], each["state"], each["name"]) for each in listed.json] == [(made["id"], "active", "site")]
    house = next(opened(f"sqlite:///{data / 'clinic-cms.sqlite'}", data))
    bearer = {"Authorization": f"Bearer {made['key']}"}
    assert house.get("demo-private/topics", headers=bearer).status_code == 200
    assert seeded.type("keys", "revoke", made["id"]).code == 0
    assert house.get("demo-private/topics", headers=bearer).status_code == 401
    house.database.close()
    assert seeded.type("keys", "list", "--json").json[0]["state"] == "revoked"
    assert made["id"] in seeded.type("keys", "list").out


def test_a_key_for_people_to_read_says_how_to_revoke_it(seeded: Terminal) -> None:
    said = seeded.type("keys", "create", "--kind", "browser", "--name", "a", "--clinic", "demo-south")
    assert "ck_pub_" in said.out and "clinic-cms keys revoke key_" in said.out


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("keys", "revoke", "key_none"), "key_none"),
        (("keys", "create", "--kind", "server", "--name", "a", "--clinic", "nowhere"), "nowhere"),
        (("people", "invite", "a@b.example", "--role", "editor", "--clinic", "nowhere"), "nowhere"),
        (("people", "invite", "no-address", "--role", "editor"), "/email"),
    ],
)
def test_what_is_not_there_is_named_without_a_traceback(seeded: Terminal, words: tuple[str, ...], named: str) -> None:
    said = seeded.type(*words)
    assert said.code == 1 and named in said.err and "Traceback" not in said.err


def test_people_are_invited_with_roles_and_may_be_given_more(seeded: Terminal) -> None:
    first = seeded.type("people", "invite", "a@b.example", "--role", "editor", "--role", "publisher")
    more = seeded.type("people", "invite", "a@b.example", "--role", "admin", "--clinic", "demo-north")
    assert first.code == more.code == 0 and first.out == more.out
    assert seeded.type("people", "invite", "a@b.example", "--role", "king").code == 2


def test_an_unknown_setting_is_named(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLINIC_CMS_PROT", "1")
    said = terminal.type("migrate")
    assert said.code == 1 and "CLINIC_CMS_PROT" in said.err and "CLINIC_CMS_HOST" in said.err


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "80a"), ("PORT", "70000"), ("DATABASE_URL", "mysql://x"), ("REDIS_URL", "http://x"),
        ("CLINIC_CMS_SEED", "some"), ("CLINIC_CMS_TRUSTED_PROXIES", "-1"), ("CLINIC_CMS_PUBLIC_URL", "api.example"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_named(terminal: Terminal, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    said = terminal.type("migrate")
    assert said.code == 1 and name in said.err and "Traceback" not in said.err


def test_all_wrong_settings_are_named_at_once() -> None:
    with pytest.raises(NotReady) as error:
        from_env({"PORT": "x", "CLINIC_CMS_SEED": "y", "CLINIC_CMS_HOST": "0.0.0.0"})
    assert all(name in str(error.value) for name in ("PORT", "CLINIC_CMS_SEED", "CLINIC_CMS_PUBLIC_URL"))


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many workers each start asked for; nothing is served, on a port that nothing else on the machine has."""
    monkeypatch.setenv("PORT", str(free_port()))
    started: list[int] = []
    monkeypatch.setattr(server, "run", lambda _, workers, *more, **said: started.append(workers))
    monkeypatch.setattr(server, "tidy_environment", lambda: None)
    monkeypatch.setattr(worker, "as_child", contextlib.nullcontext)
    return started


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """How often the demo was loaded; nothing is."""
    loads: list[bool] = []
    monkeypatch.setattr(commands, "load", lambda _: loads.append(True))
    return loads


def test_serve_sets_up_sqlite_by_itself_and_prints_the_addresses(
    terminal: Terminal, data: Path, served: list, loaded: list
) -> None:
    said = terminal.type("serve", "--workers", "2")
    assert (said.code, served, loaded) == (0, [2], [True])
    assert f"http://127.0.0.1:{os.environ['PORT']}/docs" in said.out and (data / "secret").stat().st_mode & 0o077 == 0


def test_serve_without_seed_leaves_the_house_empty(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, served: list, loaded: list
) -> None:
    monkeypatch.setenv("CLINIC_CMS_SEED", "none")
    assert terminal.type("serve").code == 0 and served == [1] and loaded == []
    assert terminal.type("reindex").out == "Rebuilt 0 entries.\n"


def test_unmigrated_postgresql_stops_the_start_and_says_which_command_to_run(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, postgres_url: str, tmp_path: Path, served: list
) -> None:
    monkeypatch.setenv("DATABASE_URL", fresh_postgres_database(postgres_url))
    config("sqlite:///x", tmp_path)
    monkeypatch.setenv("CLINIC_CMS_SECRET_FILE", str(tmp_path / "secret"))
    said = terminal.type("serve")
    assert said.code == 1 and "Run: clinic-cms migrate" in said.err and served == []
    assert terminal.type("migrate").code == 0
    assert terminal.type("serve").code == 0 and served == [1]


@pytest.mark.parametrize("secret", [None, "missing", "short"])
def test_postgresql_without_a_good_secret_stops_the_start(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, served: list, secret: str | None
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@localhost:1/none")
    (tmp_path / "short").write_text("short")
    if secret:
        monkeypatch.setenv("CLINIC_CMS_SECRET_FILE", str(tmp_path / secret))
    said = terminal.type("serve")
    assert said.code == 1 and "CLINIC_CMS_SECRET_FILE" in said.err and served == []
    assert "Traceback" not in said.err


@pytest.mark.parametrize(("seed", "named"), [("demo", True), ("none", False)])
def test_the_start_names_a_topic_of_the_demo_only_where_there_is_one(
    capsys: pytest.CaptureFixture[str], seed: str, named: bool
) -> None:
    server.announce(from_env({"CLINIC_CMS_SEED": seed}))
    assert ("mesotherapy" in capsys.readouterr().out) is named
