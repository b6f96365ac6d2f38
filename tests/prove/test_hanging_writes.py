"""Editors at work while PostgreSQL hangs: readers go on, writers are told what became of it, nothing is half."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import select

from api.models import Slug
from tests.builders import a_topic
from tests.prove import faulty
from tests.prove.asking import Line, Reply
from tests.prove.breaking import breakable_postgres
from tests.prove.crowd import Crowd
from tests.prove.fleet import fleet
from tests.prove.lasting import a_key, lasting, times, whole

LONGEST = 40.0
"""Seconds that an editor's own client waits: longer than anything the service allows itself."""


@dataclass
class Editors:
    """Each writes one text after the other, and sends again with the same key what was not done."""

    port: int
    secret: str
    slowest: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    details: Counter[str] = field(default_factory=Counter)
    impolite: list[str] = field(default_factory=list)
    made: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @contextlib.contextmanager
    def writing(self, editors: int) -> Iterator[None]:
        threads = [threading.Thread(target=self._run, args=(number,)) for number in range(editors)]
        for each in threads:
            each.start()
        try:
            yield
        finally:
            self.stop.set()
            for each in threads:
                each.join(2 * LONGEST)

    def _run(self, number: int) -> None:
        line, count = Line(self.port, LONGEST), 0
        while not self.stop.is_set():
            count += 1
            self._one(line, f"w{number}-{count}")

    def _one(self, line: Line, slug: str) -> None:
        body = {"locale": "en", "slug": slug, "document": a_topic()}
        head = {"Authorization": f"Bearer {self.secret}", "Idempotency_Key": slug}
        while True:
            try:
                reply = line.ask("POST", "/v1/manage/entries/topic", body, **head)
            except OSError as error:
                self.impolite.append(f"{slug}: {error!r}")
                return
            self._note(slug, reply)
            if reply.status not in (409, 503):
                return
            time.sleep(float(reply.head.get("retry-after", "1")))

    def _note(self, slug: str, reply: Reply) -> None:
        with self.lock:
            self.statuses[reply.status] += 1
            self.slowest = max(self.slowest, reply.ended - reply.began)
            if reply.status == 201:
                self.made.append(slug)
                return
            self.details[str(reply.json().get("detail"))[:60]] += 1
            if reply.status not in (409, 503) or "retry-after" not in reply.head:
                self.impolite.append(f"{slug}: {reply.status} {reply.body[:300]!r}")


def test_editors_hold_up_no_reader_while_postgresql_hangs(tmp_path: Path, sqlite_seeded: Path) -> None:
    with contextlib.ExitStack() as stack:
        house = stack.enter_context(lasting("postgresql", tmp_path, sqlite_seeded))
        database = stack.enter_context(breakable_postgres(house.env["DATABASE_URL"]))
        running = stack.enter_context(fleet(house, servers=1, workers=1))
        editors = Editors(running.ports[0], a_key(house, "author"))
        known = faulty.right(running)
        steady = Crowd(running.ports, list(known), lambda *_: None, 3, warm=True)
        with steady.reading(), editors.writing(times("EDITORS", 12)):
            time.sleep(2)
            database.hang()
            time.sleep(times("FAULT_SECONDS", 5) * 4)
            hung = steady.asked, steady.slowest, dict(steady.statuses)
            database.go_on()
            time.sleep(5)
        print(
            f"\nPostgreSQL hung under {times('EDITORS', 12)} editors: {hung[0]} reads of kept addresses {hung[2]}, "
            f"slowest {hung[1] * 1000:.0f} ms; writes {dict(editors.statuses)}, slowest {editors.slowest:.1f} s, "
            f"{dict(editors.details)}; {steady.asked} reads in all, slowest {steady.slowest * 1000:.0f} ms"
        )
        assert set(steady.statuses) == {200}, steady.errors
        assert steady.failed == [] and editors.impolite == []
        assert steady.slowest < 5, "what is kept waits for no writer"
        assert editors.slowest < 25
        with house.database.reading() as connection:
            there = Counter(connection.scalars(select(Slug.slug).where(Slug.slug.like("w%-%"))))
        assert set(editors.made) <= set(there) and set(there.values()) <= {1}, "each is there once"
        whole(house)


if __name__ == "__main__":
    pytest.main([__file__, "-q", "-s", "-m", "long or not long"])
