"""Houses that last: a seeded SQLite file and a PostgreSQL that is as durable as in production, for real processes."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from api.db import Database, connect
from api.models import LIBRARY, AuditEntry, Publication
from api.rules.permissions import OPERATOR
from api.services import audit
from api.services.house import house, keys
from api.services.work import looking, writing
from tests.conftest import SECRET, config, today, with_seed
from tests.engines import fresh_postgres_database, postgres
from tests.processes import free_port, installed

KINDS = ("sqlite", "postgresql")


@dataclass
class Lasting:
    """A house in the real time: its database as this process has it, and the environment of its commands."""

    kind: str
    database: Database
    env: dict[str, str]
    folder: Path


def times(name: str, usual: int) -> int:
    """How often a long run repeats: PROVE_CYCLES=5 and such make it short."""
    return int(os.environ.get(f"PROVE_{name}", usual))


@contextlib.contextmanager
def lasting(kind: str, folder: Path, seeded: Path) -> Iterator[Lasting]:
    """A house with the demo library on one of KINDS; PostgreSQL on a server of its own with fsync on."""
    with contextlib.ExitStack() as stack:
        if kind == "sqlite":
            (folder / "data").mkdir()
            shutil.copy(seeded, folder / "data" / "clinic-cms.sqlite")
            url = f"sqlite:///{folder / 'data' / 'clinic-cms.sqlite'}"
        else:
            url = fresh_postgres_database(stack.enter_context(postgres(durable=True)))
            with_seed(config(url, folder), today())
        (folder / "secret").write_text(SECRET)
        env = installed(folder / "bin") | {
            "DATABASE_URL": url, "CLINIC_CMS_DATA": str(folder / "data"), "PORT": str(free_port()),
            "CLINIC_CMS_SEED": "none", "CLINIC_CMS_SECRET_FILE": str(folder / "secret"),
        }  # fmt: skip
        database = connect(config(url, folder))
        stack.callback(database.close)
        yield Lasting(kind, database, env, folder)


def a_key(lasting_house: Lasting, role: str) -> str:
    """A key of somebody with one role in the house."""
    with writing(lasting_house.database, OPERATOR) as work:
        person = house.invite(work, {"email": f"{role}@prove.invalid"}, [(role, LIBRARY)])
        return keys.create(work, "manage", role, clinics=[], person_id=person.id)[1]


def whole(lasting_house: Lasting) -> None:
    """Fail unless the audit verifies, publications have no gap, and SQLite finds its file whole."""
    with looking(lasting_house.database, OPERATOR) as work:
        assert audit.verify(work.session) is None
        numbers = list(work.session.scalars(select(Publication.number).order_by(Publication.number)))
        assert numbers == list(range(1, len(numbers) + 1))
        lines: Any = work.session.scalars(select(AuditEntry.number).order_by(AuditEntry.number)).all()
        assert list(lines) == list(range(1, len(lines) + 1))
        if lasting_house.kind == "sqlite":
            assert work.session.connection().exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
            assert work.session.connection().exec_driver_sql("PRAGMA foreign_key_check").all() == []
