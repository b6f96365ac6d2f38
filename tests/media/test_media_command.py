"""`clinic-cms media` and what the doctor says of files."""

from __future__ import annotations

import os
import time
from pathlib import Path

from tests.test_cli import Terminal, data, seeded, terminal

__all__ = ("data", "seeded", "terminal")


def own_files(data: Path) -> Path:
    """A place of its own for files, with nothing in it."""
    (data / "media").unlink()
    (data / "media").mkdir()
    return data / "media"


def test_what_is_whole_is_said_to_be(seeded: Terminal) -> None:
    assert seeded.type("media", "check").out == "0 addresses have no files.\n"
    told = {each["what"]: each["state"] for each in seeded.type("doctor", "--json").json["findings"]}
    assert (told["media"], told["files"]) == ("ok", "ok")


def test_what_is_missing_and_what_nobody_needs_is_told_and_swept(seeded: Terminal, data: Path) -> None:
    place = own_files(data)
    lost = seeded.type("media", "check", "--json")
    assert lost.code == 1 and len(lost.json["missing"]) == 1
    told = {each["what"]: each for each in seeded.type("doctor", "--json").json["findings"]}
    assert told["files"]["state"] == "fail" and lost.json["missing"][0] in told["files"]["seen"]
    orphan = place / "ab" / ("ab" + "0" * 30)
    orphan.mkdir(parents=True)
    (orphan / "480.webp").write_bytes(b"x")
    assert seeded.type("media", "sweep", "--json").json == {"retired": 0, "orphans": 0}
    os.utime(orphan, (time.time() - 7_200,) * 2)
    assert "and of 1 that" in seeded.type("media", "sweep", "--dry-run").out and orphan.exists()
    assert seeded.type("media", "sweep", "--json").json == {"retired": 0, "orphans": 1}
    assert not orphan.exists()


def test_a_place_that_cannot_be_used_is_named(seeded: Terminal, data: Path) -> None:
    (data / "media").unlink()
    (data / "media").write_text("a file, and no folder")
    told = {each["what"]: each for each in seeded.type("doctor", "--json").json["findings"]}
    assert told["media"]["state"] == "fail" and "CLINIC_CMS_MEDIA" in told["media"]["advice"]
