"""Readers that fill the cache while a writer makes old what they read: forced, one after the other (CA14)."""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy import select

from api.front.loading import Application, Environ, StartResponse
from api.models import Clinic
from api.rules.permissions import OPERATOR
from api.services.house import house as verbs
from api.services.work import writing
from tests.conftest import House
from tests.fronted import Fronted, wait_until

READ = "demo-south?locale=en"


class Gate:
    """Around the application: a load of READ stops before or after its look into the database, and is let go."""

    def __init__(self, there: Fronted) -> None:
        self.stopped, self.go = threading.Event(), threading.Event()
        self.where: str | None = None
        there.holds(self._wrapped)

    def _wrapped(self, application: Application) -> Application:
        def call(environ: Environ, start_response: StartResponse) -> Any:
            where, self.where = self.where, None
            if where == "before":
                self._stop()
            made = list(application(environ, start_response))
            if where == "after":
                self._stop()
            return made

        return call

    def _stop(self) -> None:
        self.stopped.set()
        assert self.go.wait(60)


def rename(house: House, name: str) -> None:
    """A publication that READ shows."""
    with writing(house.database, OPERATOR) as work:
        clinic = work.session.scalars(select(Clinic).where(Clinic.slug == "demo-south")).one()
        verbs.put_clinic(work, clinic, {**clinic.document, "name": {"en": name, "es": name}})


def race(reader: Fronted, writer: Fronted, rounds: int, others: tuple[Fronted, ...] = ()) -> int:
    """Force so many fills with a publish in between; returns how many replies stayed old."""
    gate, stale = Gate(reader), 0
    chance = random.Random(14)
    with ThreadPoolExecutor(1) as pool:
        for number in range(rounds):
            gate.stopped.clear()
            gate.go.clear()
            gate.where = chance.choice(("before", "after"))
            reader.forget(READ)
            late = pool.submit(reader.app.test_client().get, f"/v1/clinics/{READ}")
            assert gate.stopped.wait(60)
            rename(writer, f"Name {number}")
            if chance.random() < 0.5:
                reader.followed()
            gate.go.set()
            assert late.result().status_code == 200
            for each in (reader, writer, *others):
                each.followed()
                stale += each.data(READ)["data"]["name"] != f"Name {number}"
    return stale


def settled(there: Fronted) -> None:
    wait_until(lambda: not there.built.refreshing._in_line)
