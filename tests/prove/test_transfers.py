"""Ten thousand entries go from one house into an empty one, on the other database and back, the same to the byte."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest

from api.rules.digests import clinical_digest, digest
from schemas.content import content_type
from seed import files
from seed.scale import generated
from tests.conftest import SECRET, config
from tests.engines import fresh_postgres_database, postgres
from tests.prove.lasting import times

AT = "2026-11-01T08:00:00Z"


@dataclass
class Run:
    """One command: what it printed, how long it took by the clock and of a processor, and the most memory it held."""

    told: Any
    seconds: float
    processor: float
    megabytes: float


def archive(path: Path, count: int) -> None:
    """A house of so many live topics in two languages, written as another house would have written it."""
    counts: dict[str, int] = {}
    made, lines, number = hashlib.sha256(), 1, 0
    body = path.with_suffix(".body")
    with body.open("wb") as out:
        for line in _house():
            counts[line["record"]] = counts.get(line["record"], 0) + 1
            out.write(orjson.dumps(line) + b"\n")
        for topic in generated(count):
            for line in _entry(topic, number):
                counts[line["record"]] = counts.get(line["record"], 0) + 1
                number += line["record"] == "transition"
                out.write(orjson.dumps(line) + b"\n")
    head = {"record": "manifest", "format": "clinic-cms/1", "product": "0", "complete": True, "counts": counts}
    with path.open("wb") as out, body.open("rb") as lines_of_it:
        for line in (orjson.dumps(head) + b"\n", *lines_of_it):
            made.update(line)
            out.write(line)
            lines += 1
        out.write(orjson.dumps({"record": "end", "lines": lines, "digest": f"sha256:{made.hexdigest()}"}) + b"\n")
    body.unlink()


def _house() -> Iterator[dict[str, Any]]:
    """The categories that generated topics carry."""
    for number, row in enumerate(files.categories()):
        texts = [{"locale": locale, "description": None, **words} for locale, words in row["texts"].items()]
        about = {name: row[name] for name in ("key", "group", "position")}
        yield {"record": "category", "id": f"cat_{number:08}", "scope": "library", "clinic": None, "parent_id": None,
               "revision": 1, "created_at": AT, "updated_at": AT, "texts": texts, **about}  # fmt: skip


def _entry(topic: Any, number: int) -> Iterator[dict[str, Any]]:
    """A topic whose texts were approved and went live."""
    kind = content_type("topic")
    entry = f"top_{int(topic.key.rpartition('-')[2]):08}"
    yield {"record": "entry", "id": entry, "type": "topic", "scope": "library", "external_key": topic.key,
           "clinic": None, "first_locale": "en", "created_at": AT,
           "created_by": None, "archived_at": None, "keys": []}  # fmt: skip
    for more, (locale, (slug, document)) in enumerate(topic.texts.items(), 1):
        loaded = kind.loading.load(document)
        digests = {"digest": digest(slug, loaded), "clinical_digest": clinical_digest(kind, loaded)}
        review = {"kind": "medical", "decision": "approved", "reviewer_id": None, "at": AT, "due_on": "2027-11-01",
                  "comments": [], "revoked_at": None, **digests}  # fmt: skip
        yield {"record": "text", "locale": locale, "scope": "library", "clinic": None, "version": 4, "live_revision": 1,
               "withdrawn_at": None, "pinned": None, "created_at": AT, "newest": 1}  # fmt: skip
        yield {"record": "revision", "number": 1, "state": "approved", "slug": slug, "document": loaded,
               "base_revision": None, "note": None, "created_at": AT, "created_by": None, "reviews": [review],
               "waivers": [], **digests}  # fmt: skip
        numbered = {"number": number + more, "at": AT, "kind": "publish", "scope": "library",
                    "tags": [f"e:{entry}", "l:library:topic"]}  # fmt: skip
        yield {"record": "transition", "move": "publish", "at": AT, "revision": 1, "reason": None, "severity": None,
               "replacement_id": None, "created_at": AT, "created_by": None, "effective": True,
               "publication": numbered, "recall": None, "acks": []}  # fmt: skip
    for locale, (slug, _) in topic.texts.items():
        yield {"record": "slug", "scope": "library", "locale": locale, "slug": slug, "former": False, "since": AT}


def command(url: str, folder: Path, *words: str) -> Run:
    """Run a command in a process of its own."""
    env = {**os.environ, "DATABASE_URL": url, "CLINIC_CMS_DATA": str(folder),
           "CLINIC_CMS_SECRET_FILE": str(folder / "secret")}  # fmt: skip
    began = time.monotonic()
    told = (folder / "told").open("w+b")
    running = subprocess.Popen([sys.executable, "-m", "api.cli", *words], env=env, stdout=told)
    most = 0.0
    while not (ended := os.wait4(running.pid, os.WNOHANG))[0]:
        with contextlib.suppress(OSError, StopIteration, IndexError):
            status = Path(f"/proc/{running.pid}/status").read_text()
            most = max(most, next(int(each.split()[1]) for each in status.splitlines() if "VmHWM" in each) / 1_024)
        time.sleep(0.05)
    seconds = time.monotonic() - began
    running.returncode = os.waitstatus_to_exitcode(ended[1])
    with told:
        told.seek(0)
        said = told.read().decode()
    assert running.returncode == 0, said
    used = ended[2].ru_utime + ended[2].ru_stime
    return Run(json.loads(said) if said.startswith("{") else said, seconds, used, most)


def a_house(folder: Path, name: str, stack: contextlib.ExitStack) -> tuple[str, Path]:
    """(address of an empty database, its data folder)."""
    there = folder / name
    there.mkdir()
    (there / "secret").write_text(SECRET)
    url = f"sqlite:///{there / 'house.sqlite'}"
    if name == "postgresql":
        url = fresh_postgres_database(stack.enter_context(postgres(durable=True)))
    config(url, there)
    command(url, there, "migrate")
    return url, there


@pytest.mark.parametrize("count", [times("ENTRIES", 10_000) // 10, times("ENTRIES", 10_000)])
def test_a_large_house_goes_to_the_other_database_and_back(tmp_path: Path, count: int) -> None:
    archive(tmp_path / "made.ndjson", count)
    source, digests, told = tmp_path / "made.ndjson", [], []
    with contextlib.ExitStack() as stack:
        for number, name in enumerate(("sqlite", "postgresql", "back")):
            url, folder = a_house(tmp_path, name, stack)
            taken = command(url, folder, "import", str(source), "--restore", "--json")
            out = tmp_path / f"out-{number}.ndjson"
            given = command(url, folder, "export", str(out), "--json")
            digests.append(content(out))
            for what, run in (("import", taken), ("export", given)):
                told.append(f"{what} {name}: {count / run.seconds:,.0f} entries a second, by processor time "
                            f"{count / run.processor:,.0f}, {run.megabytes:.0f} MB at most")  # fmt: skip
            source = out
    size = source.stat().st_size / 1e6
    print(f"\n{count} entries in two languages ({size:.0f} MB): " + "; ".join(told))
    assert len(set(digests)) == 1


def content(path: Path) -> str:
    """The digest of all lines but the first and the last, which say when the file was made."""
    made, before = hashlib.sha256(), b""
    with path.open("rb") as file:
        next(file)
        for line in file:
            made.update(before)
            before = line
    return made.hexdigest()
