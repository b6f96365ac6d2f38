"""The coherence run: moves over the management API while a crowd reads on every server; no read may be old."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from tests.prove.asking import Reply
from tests.prove.crowd import Crowd, Verdict
from tests.prove.fleet import Fleet
from tests.prove.ledger import Ledger, Old, words
from tests.prove.moving import OVER, Mover
from tests.prove.pauses import Pauses, noting

TEXTS = 8
CLINICS = (OVER, "demo-north")
CYCLE = ("publish", "overlay", "withdraw", "publish")
"""Each text goes through these again and again."""


@dataclass
class Told:
    """What a run found."""

    ledger: Ledger
    crowd: Crowd
    mover: Mover
    moves: int
    pauses: Pauses

    @property
    def unexcused(self) -> list[Old]:
        return [each for each in self.ledger.old if not each.excused(self.pauses)]

    def line(self) -> str:
        took = sorted(self.mover.took)
        return (
            f"{self.moves} moves, {self.crowd.asked} reads with {self.ledger.reads} verdicts: {len(self.ledger.old)} "
            f"old, {len(self.unexcused)} not by a pause of the machine (its longest {self.pauses.longest * 1000:.0f} "
            f"ms), at most {self.ledger.late * 1000:.1f} ms behind; a move took {took[len(took) // 2] * 1000:.0f} ms "
            f"(median), {took[-1] * 1000:.0f} ms (longest), {self.mover.unconfirmed} unconfirmed; "
            f"replies {dict(self.crowd.statuses)}, {self.crowd.retried} requests sent again"
        )

    def holds(self) -> None:
        """Fail unless every read was right."""
        assert self.crowd.failed == []
        assert self.ledger.impossible == []
        assert self.unexcused == [], "\n".join(map(str, self.unexcused))
        assert set(self.crowd.statuses) <= {200, 410}, self.crowd.errors


def addresses(names: list[str]) -> list[str]:
    """Items, one section, lists and searches of both clinics."""
    found = []
    for clinic in CLINICS:
        here = f"/v1/clinics/{clinic}"
        for name in names:
            found += [f"{here}/topics/{name}?locale=en", f"{here}/topics/{name}?locale=en&format=markdown"]
            found += [f"{here}/topics/{name}/modules/overview?locale=en"]
        found += [f"{here}/topics?locale=en&sort=-published_at&page[size]=20", f"{here}/search?locale=en&q=short"]
    return found


def verdict(ledger: Ledger, names: list[str]) -> Verdict:
    """Reads every state that a reply tells, and what it does not tell where it should."""

    def judge(address: str, reply: Reply) -> None:
        if reply.status not in (200, 410):
            return
        said = words(reply.body)
        for name, numbers in said.items():
            for number in numbers:
                ledger.judge(name, number, reply.began, reply.ended, address)
        named = address.partition("/topics/")[2].partition("?")[0].partition("/")[0]
        listed = names if "/topics?" in address else [named] if named else []
        for each in listed:
            if reply.status == 410 or not any(f"{each}{kind}" in said for kind in "bo"):
                ledger.judge(f"{each}b", None, reply.began, reply.ended, address)

    return judge


def run(fleet: Fleet, moves: int, readers: int = 8) -> Told:
    """Make so many moves in turn on the servers while readers read on all of them."""
    ledger = Ledger()
    mover = Mover(fleet.house, fleet.ports[0], ledger)
    names = [f"k{number}" for number in range(TEXTS)]
    for name in names:
        mover.create(name)
    mover.took.clear()
    crowd = Crowd(fleet.ports, addresses(names), verdict(ledger, names), readers)
    turns = itertools.cycle((name, move) for move in CYCLE for name in names)
    with noting() as pauses, crowd.reading():
        for (name, move), mover.port in zip(itertools.islice(turns, moves), itertools.cycle(fleet.ports), strict=False):
            getattr(mover, move)(name)
    return Told(ledger, crowd, mover, moves, pauses)
