"""Imports and exports are begun here: their rows in the database, and the promise that the worker goes on."""

from __future__ import annotations

import datetime as dt
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from api.errors import CmsError, conflict, invalid_content
from api.models import LIBRARY, Category, Promise, Transfer
from api.rules.permissions import OPERATOR
from api.services import lookup
from api.services.transfers import folder, jobs
from api.services.work import Work

AT_ONCE = 5
"""How many transfers of one actor may be under way."""
KEPT = dt.timedelta(days=30)
"""How long a transfer is remembered after its end, with its rows and its file."""
ABANDONED = dt.timedelta(hours=1)
ORPHANED_SECONDS = 86_400


@dataclass(frozen=True)
class Upload:
    """A file that came in, whole, below the data folder; `digest` is of its bytes."""

    path: Path
    size: int
    digest: str
    media_type: str


def take_in(work: Work, upload: Upload, form: str, asked: dict[str, Any], mode: str, *, owed: bool = True) -> Transfer:
    """An import of a file that was received. Raises not_found, forbidden, conflict (too_many)."""
    scope = lookup.scope(work, asked.get("clinic"))
    if not any(work.actor.may("create", each) for each in (scope, *(where for _, where in work.actor.roles))):
        work.check("create", scope)
    asked = {name: value for name, value in asked.items() if value is not None}
    asked.setdefault("faq_category", _faq_category(work, scope))
    made = _made(work, "import", mode, form, jobs.READ, asked)
    made.bytes, made.digest = upload.size, upload.digest
    place = folder.file_of(work.database, made.id, "import")
    place.parent.mkdir(parents=True)
    upload.path.rename(place)
    work.log("import", made.id, mode=mode, format=form, bytes=upload.size, digest=upload.digest)
    return _owed(work, made) if owed else made


def give_out(work: Work, form: str, asked: dict[str, Any], *, owed: bool = True) -> Transfer:
    """An export of what the actor may see. Raises not_found, forbidden, invalid_content, conflict (too_many)."""
    asked = {name: value for name, value in asked.items() if value not in (None, [])}
    if asked.get("clinic") is not None:
        asked["scope"] = lookup.own_clinic(work, asked["clinic"]).id
    if not work.actor.roles:
        raise CmsError("forbidden", "You hold no role anywhere, so there is nothing for you to export.")
    if asked.get("complete"):
        _check_complete(work, form, asked)
    if asked.get("columns") and form != "csv":
        told = "Columns belong to a table: ask for the format csv."
        raise invalid_content([{"pointer": "/columns", "code": "not_allowed", "detail": told}])
    made = _made(work, "export", "export", form, jobs.WRITE, asked)
    work.log("export", made.id, format=form, **{name: asked[name] for name in asked if name != "scope"})
    return _owed(work, made) if owed else made


def forget(upload: Upload) -> None:
    """Remove a file that nothing came of."""
    upload.path.unlink(missing_ok=True)


def _check_complete(work: Work, form: str, asked: dict[str, Any]) -> None:
    """All that there is, people and drafts of every clinic too: for whoever minds the whole house."""
    work.check("people", LIBRARY)
    narrowed = sorted({"clinic", "type", "locale", "state", "columns"} & set(asked))
    if form != "ndjson" or narrowed:
        told = "A complete export has the format ndjson and no filters."
        pointer = f"/{narrowed[0]}" if narrowed else "/format"
        raise invalid_content([{"pointer": pointer, "code": "not_allowed", "detail": told}])


def _made(work: Work, direction: str, mode: str, form: str, phase: str, asked: dict[str, Any]) -> Transfer:
    now = work.now()
    _tidy(work)
    mine = select(func.count()).where(Transfer.actor_id == work.actor.id, Transfer.state.not_in(jobs.ENDED))
    if work.actor == OPERATOR:
        _end_abandoned(work)
    elif (work.session.scalar(mine) or 0) >= AT_ONCE:
        told = f"{AT_ONCE} of your imports and exports are under way; wait until one has ended."
        raise conflict([{"move": direction, "code": "too_many", "pointer": "", "detail": told}])
    who = work.actor
    made = Transfer(
        id=work.new_id(direction[:3]), direction=direction, mode=mode, format=form, state="queued", phase=phase,
        asked=asked, actor={"id": who.id, "key_id": who.key_id}, actor_id=who.id, counts={}, place={"row": 0},
        bytes=0, done=0, total=None, digest=None, problem=None, created_at=now, updated_at=now, finished_at=None,
    )  # fmt: skip
    work.session.add(made)
    work.flush()
    return made


def _owed(work: Work, made: Transfer) -> Transfer:
    now = work.now()
    subject = f"transfer:{made.id}"
    work.session.add(Promise(kind="transfer", subject=subject, payload={}, created_at=now, due_at=now))
    return made


def _end_abandoned(work: Work) -> None:
    """What the command line began and was cut off in: nobody goes on with that."""
    late = work.now() - ABANDONED
    asked = select(Transfer).where(
        Transfer.actor_id == OPERATOR.id, Transfer.state.not_in(jobs.ENDED), Transfer.updated_at < late
    )
    for each in work.session.scalars(asked):
        jobs.end(work, each, "failed", "cut_off", "The command that began this was ended before it was done.")
        folder.remove(work.database, each.id)


def _faq_category(work: Work, scope: str) -> str | None:
    """Where questions of articles go unless told otherwise: the first category there is for them."""
    asked = select(Category.key).where(Category.group == "faq", Category.scope.in_({LIBRARY, scope}))
    return work.session.scalar(asked.order_by(Category.position, Category.id).limit(1))


def _tidy(work: Work) -> None:
    """Forget transfers that ended long ago, and files that never belonged to one."""
    ended = select(Transfer).where(Transfer.finished_at < work.now() - KEPT)
    for old in work.session.scalars(ended.limit(20)):
        folder.remove(work.database, old.id)
        work.session.delete(old)
    place = folder.root(work.database)
    late = time.time() - ORPHANED_SECONDS
    there = [each for each in place.iterdir() if each.stat().st_mtime < late] if place.exists() else []
    known = set(work.session.scalars(select(Transfer.id).where(Transfer.id.in_([each.name for each in there]))))
    for each in there:
        if each.name not in known:
            shutil.rmtree(each, ignore_errors=True) if each.is_dir() else each.unlink(missing_ok=True)
