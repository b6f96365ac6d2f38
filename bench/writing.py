"""Figures of writing: a PATCH beside the same statements alone, and how long large moves take."""

from __future__ import annotations

import http.client
import json
import re
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event

from api.app import create_app
from api.config import from_env
from api.db import Database, connect
from api.migrate import migrate
from api.queries import prepared
from api.rules.permissions import OPERATOR
from api.services.house import house, keys
from api.services.work import writing
from bench import libraries
from bench.reading import Figure
from bench.servers import UNLIMITED, Server, serving

DOCUMENT = {
    "kind": "treatment", "title": "Bench", "summary": "A draft that is patched again and again.",
    "sections": [{"aspect": "overview", "title": "What it is", "body": "Words. " * 200, "standalone": True}],
}  # fmt: skip


@dataclass(frozen=True)
class Draft:
    """A draft to patch: its address, the key that may, and the tag to begin with."""

    path: str
    key: str
    etag: str


@contextmanager
def small_sqlite() -> Iterator[dict[str, str]]:
    """A copy of the small library, to be written into."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(libraries.on_sqlite_folder(100), folder, dirs_exist_ok=True)
        yield {"DATABASE_URL": f"sqlite:///{folder}/library.sqlite", "CLINIC_CMS_DATA": folder}


def beside_bare_write(
    label: str, env: Mapping[str, str], twin_of: Callable[[Mapping[str, str]], Mapping[str, str]], rounds: int,
    seconds: float,
) -> Figure:  # fmt: skip
    """PATCH of a draft over HTTP, beside a bare RESTX route with its statements in one durable transaction.

    `twin_of` copies the database for the reference; the ratio is of the median time a request takes.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        draft, statements, body = _record(env)
        (folder / "statements").write_text(json.dumps(statements), encoding="utf-8")
        (folder / "body").write_bytes(body)
        told = {**twin_of(env), "BENCH_STATEMENTS": str(folder / "statements"), "BENCH_BODY": str(folder / "body")}
        ours = stack.enter_context(serving("wsgi:app", {**UNLIMITED, **env}, "/readyz"))
        bare = stack.enter_context(serving("bench.bare_write:app", told, "/readyz"))
        pairs = []
        for _ in range(rounds):
            reference, _tag = _patch(bare, draft, seconds)
            mine, tag = _patch(ours, draft, seconds)
            draft = Draft(draft.path, draft.key, tag)
            pairs.append((reference, mine))
    ratios = [reference / mine for reference, mine in pairs]
    here, there = (statistics.median(each[place] for each in pairs) for place in (1, 0))
    told_so = f"p50 {here:.2f} ms beside {there:.2f} ms; {len(statements)} statements"
    name = f"bare RESTX with the same statements / PATCH of a draft, p50, {label}"
    return Figure(name, ratios, "at least 0.40", told_so)


def copied(env: Mapping[str, str]) -> dict[str, str]:
    """A copy of a SQLite database that nobody has open, beside it."""
    database = env["DATABASE_URL"].removeprefix("sqlite:///")
    shutil.copy(database, f"{database}.twin")
    return {**env, "DATABASE_URL": f"sqlite:///{database}.twin"}


def _prepare(env: Mapping[str, str]) -> Draft:
    """A draft and the key of its author."""
    database = connect(from_env(env))
    migrate(database)
    with writing(database, OPERATOR) as work:
        person = house.invite(work, {"email": "bench@test.invalid"}, [("author", "library")])
        _, key = keys.create(work, "manage", "bench", clinics=[], person_id=person.id)
    client = create_app(from_env(env), database, front=False).test_client()
    body = {"locale": "en", "slug": "bench-draft", "external_key": "bench-draft", "document": DOCUMENT}
    made = client.post("/v1/manage/entries/topic", json=body, headers={"Authorization": f"Bearer {key}"})
    database.close()
    return Draft(f"/v1/manage/entries/topic/{made.json['data']['id']}", key, made.headers["ETag"])


def _record(env: Mapping[str, str]) -> tuple[Draft, list[tuple[str, Any]], bytes]:
    """(the draft, every statement of one PATCH with its parameters, the reply's body)."""
    draft = _prepare(env)
    database = connect(from_env(env))
    found: list[tuple[str, Any]] = []

    def heard(_c: Any, _cursor: Any, statement: str, parameters: Any, _x: Any, _m: bool) -> None:
        if not statement.startswith("BEGIN"):
            found.append((statement, _plain(parameters)))

    def drive(connection: Connection, sql: str, names: tuple[str, ...], params: Mapping[str, Any]) -> Any:
        if names:
            found.append((sql, [params[name] for name in names]))
        else:
            found.append((sql, _plain({name: params[name] for name in re.findall(r"%\((\w+)\)s", sql)})))
        return straight[0](connection, sql, names, params)

    def run(connection: Connection, sql: str, values: list[Any], row: Any) -> list[Any]:
        found.append((re.sub(r"\$[0-9]+", "%s", sql), list(values)))
        return straight[1](connection, sql, values, row)

    for engine in (database.reader, database.writer):
        event.listen(engine, "before_cursor_execute", heard)
    client = create_app(from_env(env), database, front=False).test_client()
    headers = {"Authorization": f"Bearer {draft.key}", "If-Match": draft.etag}
    straight = prepared.drive, prepared.run
    prepared.drive, prepared.run = drive, run
    try:
        reply = client.patch(draft.path, json={"document": {"summary": "Recorded."}}, headers=headers)
    finally:
        prepared.drive, prepared.run = straight
        database.close()
    return Draft(draft.path, draft.key, reply.headers["ETag"]), found, reply.data


def _plain(parameters: Any) -> Any:
    if isinstance(parameters, Mapping):
        return {name: {"json": each.obj} if hasattr(each, "obj") else each for name, each in parameters.items()}
    return list(parameters)


def _patch(server: Server, draft: Draft, seconds: float) -> tuple[float, str]:
    """(the median milliseconds of a PATCH, the last tag) of one client on one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    times: list[float] = []
    tag, start = draft.etag, time.perf_counter()
    while (now := time.perf_counter()) - start < seconds:
        body = json.dumps({"document": {"summary": f"Patched {len(times)}."}})
        head = {"Authorization": f"Bearer {draft.key}", "If-Match": tag, "Content-Type": "application/json"}
        connection.request("PATCH", draft.path, body, head)
        reply = connection.getresponse()
        reply.read()
        if reply.status != 200:
            raise SystemExit(f"PATCH was answered with {reply.status}")
        tag = reply.headers["ETag"]
        times.append(time.perf_counter() - now)
    connection.close()
    return statistics.median(times) * 1e3, tag


def opened(env: Mapping[str, str]) -> Database:
    """The database of a library, at this version's tables."""
    database = connect(from_env(env))
    migrate(database)
    return database
