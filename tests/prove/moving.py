"""The desk of a long run: texts that say which state they are in, moved over the management API."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from api.models import LIBRARY, Clinic
from api.rules.permissions import OPERATOR
from api.services.house import house as verbs
from api.services.house import keys
from api.services.work import writing
from tests.builders import a_topic
from tests.prove.asking import Line, Reply
from tests.prove.lasting import Lasting
from tests.prove.ledger import Ledger, word

OVER = "demo-south"
"""The clinic with words of its own; demo-north has none."""
PEOPLE = {
    "author": ("author", None), "editor": ("editor", None), "reviewer": ("medical_reviewer", None),
    "publisher": ("publisher", None),
    "own": ("editor", OVER), "other": ("editor", OVER), "chief": ("publisher", OVER),
}  # fmt: skip


@dataclass
class Mover:
    """Makes moves on the server at a port, which may change, and keeps the ledger."""

    house: Lasting
    port: int
    ledger: Ledger
    keys: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    """Name -> path of the entry."""
    gone: set[str] = field(default_factory=set)
    unconfirmed: int = 0
    took: list[float] = field(default_factory=list)
    """Seconds that each counted move took."""

    def __post_init__(self) -> None:
        self._lines: dict[int, Line] = {}
        with writing(self.house.database, OPERATOR) as work:
            for name, (role, clinic) in PEOPLE.items():
                asked = select(Clinic.id).where(Clinic.slug == clinic)
                scope = LIBRARY if clinic is None else work.session.scalars(asked).one()
                person = verbs.invite(work, {"email": f"{name}@prove.invalid"}, [(role, scope)])
                self.keys[name] = keys.create(work, "manage", name, clinics=[], person_id=person.id)[1]

    def ask(self, who: str, method: str, path: str, body: Any = None) -> Reply:
        """A request that must succeed."""
        head = {"Authorization": f"Bearer {self.keys[who]}", "If_Match": "*"}
        reply = self._lines.setdefault(self.port, Line(self.port)).ask(method, f"/v1/manage{path}", body, **head)
        assert reply.status < 300, f"{method} {path}: {reply.status} {reply.body[:500]!r}"
        return reply

    def create(self, name: str) -> None:
        """A live text in its first state, and the clinic's words over it."""
        at = time.monotonic()
        body = {"locale": "en", "slug": name, "document": document(name, self.ledger.begin(f"{name}b", at))}
        self.texts[name] = f"/entries/topic/{self.ask('author', 'POST', '/entries/topic', body).json()['data']['id']}"
        self._through(name)
        self._counted(f"{name}b", "publisher", f"{self.texts[name]}/moves/publish")
        self.overlay(name)

    def publish(self, name: str) -> None:
        """The next state of the base."""
        path = self.texts[name]
        if name in self.gone:
            self.ask("editor", "POST", f"{path}/moves/restore", {})
        number = self.ledger.begin(f"{name}b", time.monotonic())
        self.ask("author", "PATCH", path, {"document": changes(name, number)})
        self._through(name)
        self._counted(f"{name}b", "publisher", f"{path}/moves/publish")
        self.gone.discard(name)

    def withdraw(self, name: str) -> None:
        self.ledger.begin(f"{name}b", time.monotonic(), gone=True)
        self._counted(f"{name}b", "publisher", f"{self.texts[name]}/moves/withdraw", {"reason": "prove"}, taken=True)
        self.gone.add(name)

    def overlay(self, name: str) -> None:
        """The next words of the clinic."""
        path = f"{self.texts[name]}/overlays/{OVER}"
        number = self.ledger.begin(f"{name}o", time.monotonic())
        self.ask("own", "PUT", path, {"document": {"summary": f"We say {word(f'{name}o', number)} of it."}})
        self.ask("own", "POST", f"{path}/moves/submit", {})
        self.ask("other", "POST", f"{path}/moves/approve", {})
        self._counted(f"{name}o", "chief", f"{path}/moves/publish")

    def _through(self, name: str) -> None:
        path = self.texts[name]
        self.ask("author", "POST", f"{path}/moves/submit", {})
        self.ask("reviewer", "POST", f"{path}/moves/approve", {})

    def _counted(self, name: str, who: str, path: str, body: Any = None, *, taken: bool = False) -> None:
        reply = self.ask(who, "POST", path, body or {})
        missing = reply.json().get("meta", {}).get("unconfirmed")
        self.unconfirmed += bool(missing)
        self.ledger.done(name, reply.ended, sure=taken and not missing)
        self.took.append(reply.ended - reply.began)


def document(name: str, number: int) -> dict[str, Any]:
    return a_topic(title=f"About {name}") | changes(name, number, first=True)


def changes(name: str, number: int, *, first: bool = False) -> dict[str, Any]:
    """What a state of the base says, in its card and in its text."""
    said = word(f"{name}b", number)
    body = {"body": f"It is {said} now."}
    section = [{"aspect": "overview", "title": "Overview", "standalone": True, **body}] if first else {"overview": body}
    return {"summary": f"In short {said}.", "sections": section}
