"""`clinic-cms export` and `clinic-cms import`: what an operator types, sees, and gets as exit code."""

from __future__ import annotations

import json
import os
from pathlib import Path

from tests.builders import a_topic
from tests.test_cli import Terminal, data, seeded, terminal
from tests.transferring import lines

__all__ = ("data", "seeded", "terminal")


def test_a_house_goes_out_and_its_table_is_edited_and_comes_back(seeded: Terminal, tmp_path: Path) -> None:
    whole, table = tmp_path / "house.ndjson", tmp_path / "words.csv"
    made = seeded.type("export", str(whole), "--json")
    assert made.code == 0 and made.json["complete"] is True and made.json["counts"]["entry"] == 51
    assert os.stat(whole).st_mode & 0o077 == 0
    assert seeded.type("export", str(whole)).code == 2
    told = seeded.type("export", str(whole), "--force").out
    assert "Their files are not in it: keep " in told
    assert seeded.type("import", str(whole), "--restore").code == 1
    assert seeded.type("export", str(table), "--type", "term", "--column", "title").code == 0
    assert table.read_text(encoding="utf-8-sig").splitlines()[0].endswith("state,revision,title")
    part = tmp_path / "part.ndjson"
    assert seeded.type("export", str(part), "--type", "term", "--locale", "en").code == 0
    dry = seeded.type("import", str(part), "--dry-run", "--json")
    assert (dry.code, dry.json["counts"]["unchanged"]) == (0, 19)
    table.write_text(table.read_text(encoding="utf-8-sig").replace("Collagen", "Collagen fibre"), encoding="utf-8")
    done = seeded.type("import", str(table))
    assert done.code == 0 and "1 update" in done.out


def test_what_is_refused_is_told_by_line_and_field_with_exit_code_1(seeded: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "texts.ndjson"
    good = {"type": "topic", "locale": "en", "slug": "good-light", "document": a_topic()}
    file.write_bytes(lines(good, {**good, "slug": "Bad Slug"}))
    said = seeded.type("import", str(file))
    assert said.code == 1 and "line 2 topic" in said.out and "/slug" in said.out
    told = seeded.type("import", str(file), "--json")
    assert told.code == 1 and told.json["counts"]["refused"] == 1
    assert [each["line"] for each in told.json["rows"]] == [2]
    skipped = seeded.type("import", str(file), "--skip-refused", "--json")
    assert skipped.code == 1 and json.loads(skipped.out)["counts"]["create"] == 1
    assert seeded.type("import", str(tmp_path / "nothing.ndjson")).code == 2
    (tmp_path / "strange.bin").write_bytes(b"x")
    assert seeded.type("import", str(tmp_path / "strange.bin")).code == 2


def test_a_table_needs_no_column_for_a_language_that_the_command_names(seeded: Terminal, tmp_path: Path) -> None:
    # The option was there, and a table that relied on it was refused.
    table = tmp_path / "faqs.csv"
    table.write_text("type,slug,question,answer,category\nfaq,is-it-dear,Is it dear?,It depends.,basics\n")
    assert seeded.type("import", str(table), "--locale", "en", "--dry-run", "--json").json["counts"]["create"] == 1
    unsaid = seeded.type("import", str(table), "--dry-run")
    assert unsaid.code == 1 and "/locale: Name the language" in unsaid.out
    table.write_text("question,answer\nIs it dear?,It depends.\n")
    nameless = seeded.type("import", str(table), "--locale", "en")
    assert nameless.code == 1 and "one named type is missing (topic, faq, guide, term" in nameless.out


def test_the_table_that_the_page_of_import_shows_is_taken(seeded: Terminal, tmp_path: Path) -> None:
    page = (Path(__file__).parent.parent / "docs" / "import-export.md").read_text(encoding="utf-8")
    (tmp_path / "own.csv").write_text(page.split("```csv\n")[1].split("```")[0], encoding="utf-8")
    done = seeded.type("import", str(tmp_path / "own.csv"), "--json")
    assert (done.code, done.json["counts"]["create"]) == (0, 2), done.out
