"""`clinic-cms backup` and `clinic-cms restore`: what an operator types and is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.test_cli import Terminal, data, seeded, terminal

__all__ = ("data", "seeded", "terminal")


def test_a_drill_backup_loss_restore(seeded: Terminal, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, host = data.parent / "house.backup", data.parent / "host"
    made = seeded.type("backup", str(file), "--json")
    assert made.code == 0 and made.json["bytes"] == file.stat().st_size and made.json["tables"]["entries"] > 20
    again = seeded.type("backup", str(file))
    assert again.code == 1 and "replaces no file" in again.err
    checked = seeded.type("restore", str(file), "--check")
    assert checked.code == 0 and made.json["sha256"] in checked.out
    monkeypatch.setenv("CLINIC_CMS_DATA", str(host))
    host.mkdir()
    restored = seeded.type("restore", str(file))
    assert restored.code == 0 and restored.out.startswith("Restored as of ")
    full = seeded.type("restore", str(file))
    assert full.code == 1 and "Nothing was changed; --replace puts" in full.err and "Traceback" not in full.err
    replaced = seeded.type("restore", str(file), "--replace", "--json")
    assert replaced.code == 0 and Path(replaced.json["kept"][0]).exists()
    doctor = seeded.type("doctor", "--audit", "--json")
    states = {each["what"]: each["state"] for each in doctor.json["findings"]}
    assert doctor.code == 0 and states["audit"] == states["migrations"] == states["outbox"] == "ok"


def test_a_sealed_backup_asks_for_its_passphrase_and_keeps_keys(seeded: Terminal, data: Path) -> None:
    file, phrase = data.parent / "sealed.backup", data.parent / "phrase"
    phrase.write_text("correct horse battery staple\n")
    assert seeded.type("keys", "create", "--kind", "server", "--name", "site", "--clinic", "demo-south").code == 0
    said = seeded.type("backup", str(file), "--passphrase-file", str(phrase))
    assert said.code == 0 and "not sealed" not in said.err
    assert "--passphrase-file" in seeded.type("restore", str(file), "--check").err
    opened = seeded.type("restore", str(file), "--check", "--json", "--passphrase-file", str(phrase))
    assert opened.json["keys"]
    assert seeded.type("backup", str(file) + "2", "--passphrase-file", str(data)).code != 0
