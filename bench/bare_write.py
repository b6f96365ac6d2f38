"""The reference of writing: a RESTX route that runs the statements of one PATCH in one durable transaction, no more."""

from __future__ import annotations

import itertools
import json
import os
import sqlite3
import threading
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask, Response, request
from flask_restx import Api, Resource
from psycopg.types.json import Json
from sqlalchemy.engine import make_url

RECORDED: list[tuple[str, Any]] = json.loads(Path(os.environ["BENCH_STATEMENTS"]).read_text(encoding="utf-8"))
BODY = Path(os.environ["BENCH_BODY"]).read_bytes()
URL = make_url(os.environ["DATABASE_URL"])
COUNTED = {
    "INSERT INTO revisions": ("number",),
    "INSERT INTO audit": ("number",),
    "UPDATE variants": ("next", "seen"),
}
"""What goes up by one with every request; the rest of a statement stays as it was recorded."""

app = Flask("bare_write")
api = Api(app, doc=False, add_specs=False)
_count, _turn, _own = itertools.count(1), threading.Lock(), threading.local()


def _connection() -> Any:
    if not hasattr(_own, "connection"):
        if URL.drivername.startswith("sqlite"):
            made: Any = sqlite3.connect(str(URL.database), isolation_level=None)
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
                made.execute(f"PRAGMA {pragma}")
        else:
            made = psycopg.connect(URL.set(drivername="postgresql").render_as_string(hide_password=False))
        _own.connection = made
    return _own.connection


def _values(statement: str, recorded: Any, number: int) -> Any:
    """The recorded parameters, with what must differ from request to request counted up."""
    counted = next((names for start, names in COUNTED.items() if statement.startswith(start)), ())
    if isinstance(recorded, dict):
        made = {name: Json(each["json"]) if isinstance(each, dict) else each for name, each in recorded.items()}
        return {name: value + number if name in counted else value for name, value in made.items()}
    values = list(recorded)
    for place in _places(statement, counted):
        values[place] += number
    return values


def _places(statement: str, counted: tuple[str, ...]) -> list[int]:
    if not counted:
        return []
    if statement.startswith("UPDATE"):
        return [0, 2]
    columns = statement.partition("(")[2].partition(")")[0].split(", ")
    return [columns.index(counted[0])]


@api.route("/readyz")
class Ready(Resource):
    """Whether the process answers."""

    def get(self) -> Response:
        return Response(b"{}", content_type="application/json")


@api.route("/v1/manage/entries/<type>/<id>")
class BareWrite(Resource):
    """One PATCH, without anything that makes it one."""

    def patch(self, type: str, id: str) -> Response:
        request.get_json()
        connection, sqlite = _connection(), URL.drivername.startswith("sqlite")
        with _turn:
            number = next(_count)
            if sqlite:
                connection.execute("BEGIN IMMEDIATE")
            for statement, recorded in RECORDED:
                found = connection.execute(statement, _values(statement, recorded, number))
                if found.description:
                    found.fetchall()
            connection.execute("COMMIT") if sqlite else connection.commit()
        return Response(BODY, content_type="application/json", headers={"ETag": f'"x-{number}"'})
