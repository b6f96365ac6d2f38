"""Texts that change at one instant, read all around it: who sees the new state too early, or the old one too late."""

from __future__ import annotations

import datetime as dt
import threading
import time
from dataclasses import dataclass, field

from api.db import Database
from api.models import Variant
from tests.builders import approve_text, create, move, publish_text, revise
from tests.prove.asking import Reply
from tests.prove.crowd import Crowd, Verdict
from tests.prove.fleet import Fleet
from tests.prove.ledger import words
from tests.prove.moving import document
from tests.prove.pauses import Pauses, noting

GRACE = 0.05
BEFORE, AFTER = 8.0, 3.0
"""Seconds of reading on both sides of the instant."""
CLINIC = "demo-south"


@dataclass
class Around:
    """What was seen on one way to the house."""

    early: list[str] = field(default_factory=list)
    late: list[tuple[str, float]] = field(default_factory=list)
    """Old states by how many seconds after the instant their reads began."""
    odd: list[str] = field(default_factory=list)
    last_old: float = -99.0
    first_new: float = 99.0
    edge: dict[str, int] = field(default_factory=dict)
    old_near: int = 0
    """Old states in the last second before the instant."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def line(self, crowd: Crowd) -> str:
        return (
            f"{crowd.asked} reads {dict(crowd.statuses)}, {len(self.early)} early, {len(self.late)} late; old until "
            f"{self.last_old * 1000:+.0f} ms, new from {self.first_new * 1000:+.0f} ms {self.edge or ''}"
        )


@dataclass
class Plan:
    """Addresses, and what they say before and after: a state of their text, or None for a 404."""

    at: int
    states: dict[str, tuple[int | None, int | None]]


def planned(database: Database, count: int, lead: float) -> Plan:
    """So many texts, of five three are replaced, one begins and one ends at the same whole second."""
    texts: list[tuple[str, Variant, int]] = []
    for number in range(count):
        name, kind = f"k{number}", number % 5
        text = create(database, name, document(name, 1))
        if kind != 4:
            approve_text(database, text)
        if kind < 3:
            move(database, "publish", text, "publisher")
            revise(database, text, document(name, 2))
            approve_text(database, text)
        texts.append((name, text, kind))
    at = int(time.time() + lead + count / 4) + 1
    when = dt.datetime.fromtimestamp(at, dt.UTC)
    for _, text, kind in texts:
        if kind == 4:
            publish_text(database, text, until=when)
        else:
            move(database, "publish", text, "publisher", at=when)
    states = {name: ((1, 2), (1, 2), (1, 2), (None, 1), (1, None))[kind] for name, _, kind in texts}
    return Plan(at, states)


def run(
    fleet: Fleet, plan: Plan, ways: dict[str, list[int]], readers: int
) -> tuple[dict[str, Around], list[str], Pauses]:
    """Read on every way, from some seconds before the instant until some after; what was seen, line by line too."""
    found = {way: Around() for way in ways}
    addresses = [f"/v1/clinics/{CLINIC}/topics/{name}?locale=en" for name in plan.states]
    crowds = {way: Crowd(ports, addresses, _judge(plan, found[way]), readers) for way, ports in ways.items()}
    assert time.time() < plan.at - 1.5, "the machine was too slow to be ready in time"
    time.sleep(max(0.0, plan.at - BEFORE - time.time()))
    with noting() as pauses:
        threads = [threading.Thread(target=_read, args=(each, plan)) for each in crowds.values()]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    for way, crowd in crowds.items():
        found[way].odd += crowd.failed
    return found, [f"{way}: {found[way].line(crowds[way])}" for way in ways], pauses


def _read(crowd: Crowd, plan: Plan) -> None:
    with crowd.reading():
        time.sleep(max(0.0, plan.at + AFTER - time.time()))


def _judge(plan: Plan, around: Around) -> Verdict:
    def judge(address: str, reply: Reply) -> None:
        name = address.rpartition("/")[2].partition("?")[0]
        before, after = plan.states[name]
        said = words(reply.body).get(f"{name}b", {None}) if reply.status == 200 else {None}
        began, ended = reply.sent_at - plan.at, reply.sent_at + (reply.ended - reply.began) - plan.at
        edge = reply.head.get("x-edge")
        with around.lock:
            if edge:
                around.edge[edge] = around.edge.get(edge, 0) + 1
            if reply.status not in (200, 404) or not said <= {before, after} or len(said) != 1:
                around.odd.append(f"{address}: {reply.status} {said}")
            elif said == {after}:
                around.first_new = min(around.first_new, ended)
                if ended < 0:
                    around.early.append(f"{address}: {ended:.3f} s {edge or reply.kept}")
            else:
                around.last_old = max(around.last_old, began)
                around.old_near += -1.2 < began < -0.8
                if began > GRACE:
                    around.late.append((f"{address}: {reply.status} {edge or reply.kept}", began))

    return judge
