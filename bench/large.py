"""How long large moves take: an entry that 200 clinics overlay, a release of 500, a list of 100,000."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import insert, select

from api.app import create_app
from api.config import from_env
from api.db import Database
from api.models import LIBRARY, Clinic, Entry, Revision, Variant
from api.rules.permissions import OPERATOR, Actor
from api.services.house import house, keys
from api.services.moves import publishing, reviewing
from api.services.overlays import overlays
from api.services.texts import entries
from api.services.work import Work, writing
from bench.reading import Figure
from bench.writing import DOCUMENT, opened

EVERYONE = frozenset((role, LIBRARY) for role in ("author", "editor", "medical_reviewer", "publisher", "admin"))
ROUNDS = 5


def large_moves(
    label: str, env: Mapping[str, str], clinics: int = 200, texts: int = 500, listed: int = 100_000
) -> list[Figure]:
    """Each figure is a time in milliseconds, over HTTP in this process, on a durable database; nothing beside it."""
    database = opened(env)
    people = _people(database)
    client = create_app(from_env(env), database, front=False).test_client()
    headers = {"Authorization": f"Bearer {people['key']}"}

    def ask(method: str, path: str, body: Any = None, **more: str) -> Any:
        reply = client.open(f"/v1/manage{path}", method=method, json=body, headers={**headers, **more})
        if reply.status_code >= 300:
            raise SystemExit(f"{method} {path}: {reply.text}")
        return reply

    found = [
        _figure(f"publish an entry that {clinics} clinics overlay, {label}", _overlaid(database, people, clinics, ask)),
        _figure(f"release of {texts} entries, {label}", [_released(database, people, texts, ask)]),
    ]
    _fill(database, listed)
    asked = "/entries/term?page[size]=100"
    first = [_timed(lambda: ask("GET", asked)) for _ in range(ROUNDS)]
    narrow = [_timed(lambda: ask("GET", f"{asked}&q=word 99999")) for _ in range(ROUNDS)]
    found.append(_figure(f"first 100 of {listed} texts in the manage API, {label}", first))
    found.append(_figure(f"one of {listed} texts found by words of its title, {label}", narrow))
    database.close()
    return found


def _figure(name: str, times: list[float]) -> Figure:
    told = f"{statistics.median(times):.0f} ms ({min(times):.0f} to {max(times):.0f})"
    return Figure(name, [each / 1e3 for each in times], "printed (s)", told)


def _timed(verb: Callable[[], Any]) -> float:
    start = time.perf_counter()
    verb()
    return (time.perf_counter() - start) * 1e3


def _people(database: Database) -> dict[str, Any]:
    """An author, and somebody else who holds every role, with the second one's key."""
    with writing(database, OPERATOR) as work:
        author = house.invite(work, {"email": "writes@test.invalid"}, [("author", LIBRARY)])
        other = house.invite(work, {"email": "moves@test.invalid"}, sorted(EVERYONE))
        _, key = keys.create(work, "manage", "moves", clinics=[], person_id=other.id)
    return {"author": Actor(author.id, author.id, frozenset({("author", LIBRARY), ("editor", LIBRARY)})),
            "other": Actor(other.id, other.id, EVERYONE), "key": key}  # fmt: skip


def _as(work: Work, actor: Actor) -> Work:
    """The same work, in another's name."""
    work.actor = actor
    return work


def _approved(work: Work, people: Mapping[str, Any], variant: Variant) -> None:
    reviewing.submit(_as(work, people["author"]), variant)
    reviewing.approve(_as(work, people["other"]), variant)


def _overlaid(database: Database, people: Mapping[str, Any], clinics: int, ask: Callable[..., Any]) -> list[float]:
    """Publish new words of one topic again and again, under the live overlays of so many clinics."""
    with writing(database, people["other"]) as work:
        topic = entries.create(_as(work, people["author"]), "topic", "en", "under-many", DOCUMENT)
        _approved(work, people, topic)
        publishing.publish(work, topic)
        profile = work.session.scalars(select(Clinic).where(Clinic.slug == "demo-south")).one().document
        for number in range(clinics):
            clinic = house.save_clinic(work, {**profile, "slug": f"bench-{number}", "name": {"en": f"Bench {number}"}})
            patch = {"summary": f"In the words of clinic {number}."}
            own = overlays.overlay(_as(work, people["author"]), topic.entry, clinic.id, "en", patch)
            _approved(work, people, own)
            publishing.publish(work, own)
        path = f"/entries/topic/{topic.entry_id}"
    times = []
    for number in range(ROUNDS):
        with writing(database, people["author"]) as work:
            text = work.session.get_one(Variant, topic.id)
            entries.patch(work, text, None, {"seo": {"title": f"Round {number}"}})
            _approved(work, people, text)
        tag = ask("GET", path).headers["ETag"]
        times.append(_timed(lambda at=tag: ask("POST", f"{path}/moves/publish", {}, **{"If-Match": at})))  # type: ignore[misc]
    return times


def _released(database: Database, people: Mapping[str, Any], texts: int, ask: Callable[..., Any]) -> float:
    """Release so many approved terms at once."""
    with writing(database, people["author"]) as work:
        made = []
        for number in range(texts):
            term = {"title": f"Released word {number}", "summary": "A word that goes live with others."}
            made.append(entries.create(_as(work, people["author"]), "term", "en", f"released-word-{number}", term))
            _approved(work, people, made[-1])
    items = [{"type": "term", "id": each.entry_id, "locale": "en"} for each in made]
    release = ask("POST", "/releases", {"title": "Bench", "clinic": None, "items": items})
    path, tag = f"/releases/{release.json['data']['id']}", release.headers["ETag"]
    return _timed(lambda: ask("POST", f"{path}/moves/publish", {}, **{"If-Match": tag}))


def _fill(database: Database, count: int) -> None:
    """So many drafts of terms, put straight into the tables."""
    with database.transaction() as session:
        now = database.instant()
        first = (session.scalar(select(Variant.id).order_by(Variant.id.desc()).limit(1)) or 0) + 1
        numbers = range(count)
        ids = [f"trm_bench{number:06d}" for number in numbers]
        entry = {"type": "term", "scope": LIBRARY, "first_locale": "en", "created_at": now}
        session.execute(insert(Entry), [{"id": each, **entry} for each in ids])
        variant = {"locale": "en", "scope": LIBRARY, "version": 1, "created_at": now}
        session.execute(insert(Variant), [{"id": first + n, "entry_id": ids[n], **variant} for n in numbers])
        draft = {"number": 1, "state": "draft", "digest": "", "clinical_digest": "", "created_at": now}
        session.execute(insert(Revision), [
            {"variant_id": first + n, "slug": f"word-{n}", "document": {"title": f"word {n}"}, **draft} for n in numbers
        ])  # fmt: skip
