"""A house under load whose servers are broken: what readers of kept addresses, of others and of moved texts see."""

from __future__ import annotations

import contextlib
import itertools
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from api.app import create_app
from tests.conftest import config
from tests.prove import coherent
from tests.prove.asking import Reply
from tests.prove.crowd import Crowd
from tests.prove.fleet import Fleet
from tests.prove.ledger import Ledger, Old
from tests.prove.moving import Mover
from tests.prove.pauses import Pauses, noting

STEADY = (
    "demo-south/topics/mesotherapy?locale=en", "demo-south/topics/mesotherapy?locale=en&format=markdown",
    "demo-south/faqs?locale=en&page[size]=20", "demo-south?locale=en", "demo-north/topics/mesotherapy?locale=en",
    "demo-north/faqs?locale=en", "demo-north/navigation?locale=en",
)  # fmt: skip
"""Addresses whose bytes no move of a run changes; they are known from the start."""
MOVES = ("publish", "overlay", "withdraw", "publish")


@dataclass
class Watched:
    """Three crowds: `steady` reads kept addresses, `cold` others, `moved` those that moves make old."""

    fleet: Fleet
    mover: Mover
    steady: Crowd
    cold: Crowd
    moved: Crowd
    pauses: Pauses
    wrong: list[str]
    refused: list[str] = field(default_factory=list)
    moves: int = 0

    @property
    def unexcused(self) -> list[Old]:
        return [each for each in self.mover.ledger.old if not each.excused(self.pauses)]

    def line(self) -> str:
        ledger = self.mover.ledger
        return (
            f"{self.steady.asked} reads of kept addresses {dict(self.steady.statuses)}, slowest "
            f"{self.steady.slowest * 1000:.0f} ms, {self.steady.retried} sent again, "
            f"{self.steady.turned_away} turned away, {len(self.wrong)} with a wrong byte; "
            f"others {dict(self.cold.statuses)}, slowest {self.cold.slowest * 1000:.0f} ms; {self.moves} moves, "
            f"moved texts {dict(self.moved.statuses)}, slowest {self.moved.slowest * 1000:.0f} ms: "
            f"{len(ledger.old)} old ({len(self.unexcused)} not by a pause of "
            f"the machine, its longest {self.pauses.longest * 1000:.0f} ms), at most {ledger.late * 1000:.0f} ms behind"
        )

    def holds(self, *, lost: bool = False) -> None:
        """Fail unless readers saw nothing of the fault; `lost` allows 503 with Retry-After where nothing was kept."""
        assert set(self.steady.statuses) == {200}, self.steady.errors
        failed = self.steady.failed + self.cold.failed + self.moved.failed
        assert failed == [], (len(failed), failed[:6])
        assert self.wrong == []
        assert self.refused == []
        assert set(self.cold.statuses) <= ({200, 503} if lost else {200})
        assert set(self.moved.statuses) <= ({200, 410, 503} if lost else {200, 410})
        assert self.mover.ledger.impossible == []
        assert self.unexcused == [], "\n".join(map(str, self.unexcused))


def right(fleet: Fleet) -> dict[str, bytes]:
    """The bytes of every steady address, from an application that keeps nothing."""
    settings = config(fleet.house.env["DATABASE_URL"], fleet.house.folder)
    client = create_app(settings, fleet.house.database, front=False).test_client()
    return {f"/v1/clinics/{each}": client.get(f"/v1/clinics/{each}").data for each in STEADY}


@contextlib.contextmanager
def watched(fleet: Fleet, texts: int = 4, readers: int = 4, *, elsewhere: bool = False) -> Iterator[Watched]:
    """Read all the while; what was read is warm in every tier before the block begins."""
    ledger, known = Ledger(), right(fleet)
    mover = Mover(fleet.house, fleet.ports[0], ledger)
    names = [f"k{number}" for number in range(texts)]
    for name in names:
        mover.create(name)
    wrong: list[str] = []
    refused: list[str] = []

    def same(address: str, reply: Reply) -> None:
        if reply.status == 200 and reply.body != known[address]:
            wrong.append(address)

    def polite(address: str, reply: Reply) -> None:
        if reply.status == 503 and "retry-after" not in reply.head:
            refused.append(f"{address}: 503 without Retry-After")

    cold = [f"/v1/clinics/demo-south/search?locale=en&q=word{number}" for number in range(100_000)]
    judge = coherent.verdict(ledger, names)
    with contextlib.ExitStack() as stack:
        crowds = (
            Crowd(fleet.ports, list(known), same, readers, warm=True),
            Crowd(fleet.ports, cold, polite, 2, pause=0.02),
            Crowd(fleet.ports, coherent.addresses(names), judge, readers),
        )
        for each in crowds:
            each.elsewhere = elsewhere
            stack.enter_context(each.reading())
        pauses = stack.enter_context(noting())
        time.sleep(2)
        yield Watched(fleet, mover, *crowds, pauses, wrong, refused)


@contextlib.contextmanager
def moving(seen: Watched) -> Iterator[None]:
    """Make moves for as long as the block lasts, one after the other. What fails there fails here."""
    stop, failed = threading.Event(), []

    def run() -> None:
        try:
            for name, move in itertools.cycle((name, move) for move in MOVES for name in list(seen.mover.texts)):
                if stop.is_set():
                    return
                getattr(seen.mover, move)(name)
                seen.moves += 1
        except Exception as error:
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(60)
    if failed:
        raise failed[0]
