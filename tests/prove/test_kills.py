"""Kill -9 of the server during steady writes: no acknowledged write lost, no half write, back by itself."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from api.models import AuditEntry, Entry, IdempotentReply, Revision, Slug, Variant
from tests.builders import a_topic
from tests.processes import Served, serving
from tests.prove.lasting import KINDS, Lasting, a_key, lasting, times, whole

WRITERS = 4
LEAST = 10
"""Writes acknowledged between one kill and the next."""
COMMANDS = {"sqlite": ["clinic-cms", "serve"], "postgresql": ["clinic-cms", "serve", "--workers", "2"]}


@pytest.fixture(params=KINDS)
def house(request: pytest.FixtureRequest, tmp_path: Path, sqlite_today: Path) -> Iterator[Lasting]:
    with lasting(request.param, tmp_path, sqlite_today) as made:
        yield made


@dataclass
class Writer:
    """Creates drafts and edits them, each request again and again until it is answered."""

    number: int
    address: str
    key: str
    stop: threading.Event
    acknowledged: dict[str, int] = field(default_factory=dict)
    """Entry id -> the last revision that was acknowledged."""
    slugs: dict[str, str] = field(default_factory=dict)
    made: int = 0
    """Writes that were acknowledged."""
    again: int = 0
    wrong: list[str] = field(default_factory=list)

    def run(self) -> None:
        count = 0
        while not self.stop.is_set() and not self.wrong:
            slug = f"kept-{self.number}-{count}"
            made = self.sent("POST", "/entries/topic", {"locale": "en", "slug": slug, "document": a_topic()}, slug)
            if made is None:
                return
            entry_id = made["data"]["id"]
            self.acknowledged[entry_id], self.slugs[entry_id] = 1, slug
            self.made += 1
            for _ in range(3):
                self.edit(entry_id)
            count += 1

    def edit(self, entry_id: str) -> None:
        """One more revision; where the answer was lost, a look tells whether it was made."""
        before = self.acknowledged[entry_id]
        there = self.sent("GET", f"/entries/topic/{entry_id}")
        if there is None:
            return
        self._expect(there["data"]["revision"]["number"] == before, f"{entry_id} lost revision {before}")
        body = {"document": {"summary": f"Revision {before + 1}."}}
        made = self.sent("PATCH", f"/entries/topic/{entry_id}", body, tag=there["etag"])
        if made is None:
            return
        if made["status"] == 412:
            made = self.sent("GET", f"/entries/topic/{entry_id}")
        if made is not None:
            number, words = made["data"]["revision"]["number"], made["data"]["document"]["summary"]
            self._expect((number, words) == (before + 1, f"Revision {before + 1}."), f"{entry_id}: {number} {words}")
            self.acknowledged[entry_id] = number
            self.made += 1

    def sent(self, method: str, path: str, body: Any = None, key: str = "", tag: str = "") -> dict[str, Any] | None:
        """The answer, whenever it comes; None where the run ended first."""
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        headers |= {"Idempotency-Key": key} if key else {}
        headers |= {"If-Match": tag} if tag else {}
        data = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(f"{self.address}/v1/manage{path}", data, headers, method=method)
        while True:
            try:
                with urllib.request.urlopen(asked, timeout=10) as reply:
                    return {**json.load(reply), "etag": reply.headers["ETag"], "status": reply.status}
            except urllib.error.HTTPError as refused:
                with refused:
                    told = refused.read().decode(errors="replace")
                if refused.code == 412:
                    return {"status": 412}
                if refused.code not in (409, 503):
                    self.wrong.append(f"{method} {path}: {refused.code} {told[:300]}")
                    return None
            except (OSError, ValueError, EOFError, HTTPException):
                pass
            self.again += 1
            if self.stop.wait(random.uniform(0.02, 0.1)):
                return None

    def _expect(self, true: bool, told: str) -> None:
        if not true:
            self.wrong.append(told)


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    with contextlib.suppress(OSError):
        return [int(each) for task in Path(f"/proc/{pid}/task").iterdir()
                for each in (task / "children").read_text().split()]  # fmt: skip
    return []


def kill_one(served: Served) -> None:
    """SIGKILL a process that the server started; it brings another by itself."""
    if found := children(served.process.pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(random.choice(found), signal.SIGKILL)


def seconds_until_back(served: Served) -> float:
    """How long until it answers again, with nobody's help."""
    began = time.monotonic()
    while time.monotonic() - began < 60:
        with contextlib.suppress(OSError, ValueError, HTTPException):
            if served.get("/readyz?for=write")[0] == 200:
                return time.monotonic() - began
        time.sleep(0.02)
    raise AssertionError(f"it did not come back:\n{served.log.read_text()}")


def written_for_a_while(writers: list[Writer]) -> None:
    """Until some more writes were acknowledged: what is killed is always at work."""
    before, give_up = acknowledged(writers), time.monotonic() + 20
    while acknowledged(writers) < before + LEAST and time.monotonic() < give_up:
        time.sleep(0.01)
    time.sleep(random.uniform(0.0, 0.3))


def acknowledged(writers: list[Writer]) -> int:
    return sum(each.made for each in writers)


def killed(house: Lasting, writers: list[Writer], cycles: int) -> list[float]:
    """Kill by turns one process of a server and the whole of it; the seconds until each was back.

    A process that dies is started again by its server; a server that dies, by whatever started it.
    """
    waits: list[float] = []
    while len(waits) < cycles:
        with serving(COMMANDS[house.kind], house.env, house.folder / f"serve-{len(waits)}.log") as served:
            started = seconds_until_back(served)
            waits += [started] if waits else []
            written_for_a_while(writers)
            if len(waits) < cycles:
                kill_one(served)
                time.sleep(0.05)
                waits.append(seconds_until_back(served))
            written_for_a_while(writers)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(served.process.pid, signal.SIGKILL)
    return waits


def test_no_acknowledged_write_is_lost_and_none_is_half(house: Lasting) -> None:
    cycles, key = times("CYCLES", 100), a_key(house, "author")
    stop, began = threading.Event(), time.monotonic()
    writers = [Writer(each, f"http://127.0.0.1:{house.env['PORT']}", key, stop) for each in range(WRITERS)]
    threads = [threading.Thread(target=each.run) for each in writers]
    for thread in threads:
        thread.start()
    try:
        waits = killed(house, writers, cycles)
        with serving(COMMANDS[house.kind], house.env, house.folder / "last.log") as served:
            seconds_until_back(served)
            time.sleep(1)
            stop.set()
            for thread in threads:
                thread.join(30)
    finally:
        stop.set()
    print(
        f"\nkill -9, {house.kind}: {len(waits)} kills in {time.monotonic() - began:.0f} s, back after "
        f"{sorted(waits)[len(waits) // 2]:.1f} s (median), {max(waits):.1f} s (longest); {acknowledged(writers)} "
        f"writes acknowledged, {sum(each.again for each in writers)} requests sent again"
    )
    assert [wrong for each in writers for wrong in each.wrong] == []
    assert acknowledged(writers) > cycles * LEAST
    for each in writers:
        found(house, each)
    whole(house)


def found(house: Lasting, writer: Writer) -> None:
    """Everything acknowledged is there, once and whole; what was not may be there, whole too."""
    with house.database.reading() as connection:
        rows = connection.execute(
            select(Entry.id, Slug.slug, func.count(Revision.id), func.max(Revision.number))
            .join(Slug, Slug.entry_id == Entry.id)
            .join(Variant, Variant.entry_id == Entry.id)
            .join(Revision, Revision.variant_id == Variant.id)
            .where(Slug.slug.startswith(f"kept-{writer.number}-", autoescape=True))
            .group_by(Entry.id, Slug.slug)
        ).all()
        counted = select(AuditEntry.subject, func.count(AuditEntry.number)).group_by(AuditEntry.subject)
        lines = {row[0]: row[1] for row in connection.execute(counted)}
        kept = connection.execute(select(IdempotentReply.key, IdempotentReply.status))
        replies = {row.key: row.status for row in kept}
    there = {entry_id: (slug, count, last) for entry_id, slug, count, last in rows}
    assert len({slug for slug, _, _ in there.values()}) == len(there) <= len(writer.acknowledged) + 1
    for entry_id, revision in writer.acknowledged.items():
        slug, count, last = there[entry_id]
        assert slug == writer.slugs[entry_id] and count == last and last - revision in (0, 1)
        assert replies[slug] == 201
    assert [entry_id for entry_id, (_, _, last) in there.items() if lines[entry_id] != last] == []
