"""The claims check at the terminal: files and the whole library, with an exit code that scripts can use."""

from __future__ import annotations

from pathlib import Path

from tests.builders import a_topic, create
from tests.conftest import NOW, config, connected
from tests.test_cli import Terminal, data, seeded, terminal

__all__ = ("data", "seeded", "terminal")


def test_files_are_read_and_a_claim_ends_with_1(terminal: Terminal, tmp_path: Path) -> None:
    fine, bad = tmp_path / "fine.md", tmp_path / "bad.md"
    fine.write_text("Results are not permanent.\n")
    bad.write_text("# Peel\n\nResults are permanent.\n")
    assert (terminal.type("lint", str(fine)).code, terminal.type("lint", str(fine)).out) == (0, "")
    said = terminal.type("lint", str(fine), str(bad))
    assert said.code == 1 and f"{bad}:3" in said.out and "“permanent”" in said.out
    told = terminal.type("lint", "--json", "--locale", "en", str(bad)).json
    assert [(each["id"], each["line"], each["start"]) for each in told] == [("permanent-result", 3, 20)]
    assert terminal.type("lint", "--jurisdiction", "mars", str(bad)).code == 2
    assert terminal.type("lint", "--locale", "fr", str(bad)).code == 2
    (tmp_path / "noise").write_bytes(b"\xff\xfe\x00")
    assert terminal.type("lint", str(tmp_path / "noise")).code == 2


def test_the_demo_library_passes_and_a_draft_with_a_claim_is_named(seeded: Terminal, data: Path) -> None:
    for jurisdiction in ("general", "us", "au", "eu"):
        assert seeded.type("lint", "--jurisdiction", jurisdiction).code == 0, jurisdiction
    database = connected(config(f"sqlite:///{data / 'clinic-cms.sqlite'}", data), "lint")
    database.clock.frozen_at = NOW
    made = create(database, "claimed", a_topic(summary="A permanent glow."))
    said = seeded.type("lint")
    assert said.code == 1 and f"topic/{made.entry_id} en /document/summary 2-11 “permanent”" in said.out
    told = seeded.type("lint", "--json", "--locale", "en").json
    assert [each["entry"] for each in told if each["severity"] == "block"] == [made.entry_id]
    assert seeded.type("lint", "--locale", "es").code == 0
    database.close()
