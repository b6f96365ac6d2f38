"""The desk over HTTP: people with keys, and requests in their names."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from werkzeug.test import TestResponse

from api.models import LIBRARY
from api.rules.permissions import OPERATOR
from api.services import lookup
from api.services.house import house as verbs
from api.services.house import keys
from api.services.work import writing
from tests.builders import a_topic
from tests.conftest import House

WITH_TAG = ("PUT", "PATCH", "DELETE")


@dataclass
class Desk:
    """Requests to /v1/manage. A name is a role in the library (`editor`), or one at a clinic (`editor@demo-south`)."""

    house: House
    secrets: dict[str, str] = field(default_factory=dict)
    etags: dict[str, str] = field(default_factory=dict)
    """The last ETag seen of each address of a text, sent as If-Match unless the test gives one."""

    def key(self, name: str) -> str:
        """The key of somebody with that role; the same name is the same person."""
        if name not in self.secrets:
            role, _, clinic = name.partition("@")
            role = role.partition(":")[0]
            with writing(self.house.database, OPERATOR) as work:
                scope = lookup.clinic(work, clinic).id if clinic else LIBRARY
                email = f"{name.replace('@', '.').replace(':', '.')}@test.invalid"
                person = verbs.invite(work, {"email": email}, [(role, scope)])
                self.secrets[name] = keys.create(work, "manage", name, clinics=[], person_id=person.id)[1]
        return self.secrets[name]

    def ask(self, name: str | None, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """One request; `If_Match="…"` and such become headers, and an address read before brings its tag along."""
        sent = {each.replace("_", "-"): value for each, value in headers.items()}
        if name is not None:
            sent.setdefault("Authorization", f"Bearer {self.key(name)}")
        where = path.split("?")[0].split("/moves/")[0] + _locale(path, body)
        if (method in WITH_TAG or "/moves/" in path) and "If-Match" not in sent and where in self.etags:
            sent["If-Match"] = self.etags[where]
        more = {"json": body} if body is not None else {}
        reply = self.house.client.open(f"/v1/manage{path}", method=method, headers=sent, **more)
        if reply.status_code < 300 and "ETag" in reply.headers and "at=" not in path:
            self.etags[where] = reply.headers["ETag"]
        return reply

    def done(self, name: str, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The `data` of a reply that must succeed."""
        reply = self.ask(name, method, path, body, **headers)
        assert reply.status_code < 300, reply.text
        return reply.json["data"]

    def create(self, slug: str, document: Any = None, name: str = "author", kind: str = "topic", **more: Any) -> str:
        """A draft in English; returns the path of its entry."""
        body = {"locale": "en", "slug": slug, "document": document or a_topic(), **more}
        reply = self.ask(name, "POST", f"/entries/{kind}", body)
        assert reply.status_code == 201, reply.text
        path = f"/entries/{kind}/{reply.json['data']['id']}"
        self.etags[path] = reply.headers["ETag"]
        return path

    def move(self, name: str, path: str, move: str, **said: Any) -> Any:
        """Make a move that must succeed; returns `data`."""
        return self.done(name, "POST", f"{path}/moves/{move}", said)

    def publish(self, path: str, **said: Any) -> Any:
        """Submit, approve and publish, each by whose turn it is."""
        locale = {each: said[each] for each in ("locale",) if each in said}
        state = self.move("author", path, "submit", **locale)["state"]
        self.move("medical_reviewer" if state == "medical_review" else "editor", path, "approve", **locale)
        return self.move("publisher", path, "publish", **said)


def _locale(path: str, body: Any) -> str:
    said = body.get("locale") if isinstance(body, dict) and "/moves/" in path else None
    asked = path.partition("locale=")[2].partition("&")[0]
    locale = said or asked
    return "" if locale in ("", "en", "*", None) else f"?locale={locale}"
