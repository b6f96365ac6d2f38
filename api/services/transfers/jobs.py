"""Imports and exports as jobs: many small transactions, each of which leaves its place, so that another can go on."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from api.db import Database
from api.models import Transfer, TransferRow
from api.rules.permissions import OPERATOR, Actor
from api.services.actors import actor_of
from api.services.outbox.promises import WORKER
from api.services.processes.statistics import count_anew
from api.services.rows import told
from api.services.transfers import applying, checking, folder, formats, outgoing, staging
from api.services.transfers.columns import BadLine
from api.services.transfers.incoming import Reading
from api.services.work import Work, writing

ENDED = ("done", "refused", "failed")
READ, CHECK, APPLY, WRITE = "read", "check", "apply", "write"
AT_ONCE = {READ: 50, CHECK: 25, APPLY: 10}
"""Rows of one transaction: so few that nobody who writes waits long for it."""
MOST_ROWS = 100_000
SAID_OFTEN = 100
"""Entries of an export after which it says how far it is."""


def run(database: Database, transfer_id: str, alone: Callable[[], bool] = lambda: True) -> Iterator[Transfer]:
    """Go on with a transfer to its end, giving it after every step. `alone` says whether it is still ours.

    Whatever was done stays done: begun again, by this process or another, it goes on from the step before.
    """
    reading: Reading | None = None
    rows: Iterator[tuple[int, Any]] = iter(())
    while True:
        # A stranger's file is read while nobody waits for the database.
        batch = _next(rows) if reading is not None else []
        with writing(database, WORKER) as work:
            transfer = work.session.get(Transfer, transfer_id)
            if transfer is None or transfer.state in ENDED:
                return
            if (actor := _actor(work, transfer)) is None:
                end(work, transfer, "failed", "unauthorized", "The key that began this was revoked; nothing goes on.")
            else:
                work.actor = actor
                transfer.state, transfer.updated_at, transfer.problem = "running", work.now(), None
                if transfer.phase == READ and reading is None:
                    reading, rows = _opened(work, transfer)
                elif transfer.phase == READ and reading is not None:
                    _read(work, transfer, reading, batch)
                elif transfer.phase in (CHECK, APPLY):
                    _through(work, transfer)
                elif transfer.phase == WRITE:
                    transfer.done = 0
        if transfer.phase != READ:
            reading = None
        if transfer.direction == "import" and transfer.state in ENDED:
            folder.remove(database, transfer.id)
            count_anew(database)
        yield transfer
        if transfer.phase == WRITE and transfer.state not in ENDED:
            yield from _write(database, transfer_id, alone)


def _actor(work: Work, transfer: Transfer) -> Actor | None:
    """Who asked, with the roles of today; None where they may do nothing any more."""
    said = transfer.actor
    if said["key_id"] is None:
        return OPERATOR if said["id"] == OPERATOR.id else None
    return actor_of(told(work.session), said["key_id"], work.now())


def _opened(work: Work, transfer: Transfer) -> tuple[Reading | None, Iterator[tuple[int, Any]]]:
    """The file from the place on that was reached."""
    path = folder.file_of(work.database, transfer.id, "import")
    if not path.exists():
        detail = "The file is not on this machine: api and worker must share the data folder."
        end(work, transfer, "failed", "not_found", detail)
        return None, iter(())
    try:
        reading = formats.read(transfer.format, path, transfer.asked)
    except BadLine as error:
        end(work, transfer, "refused", "malformed", str(error))
        return None, iter(())
    numbered = enumerate(reading.rows, 1)
    return reading, itertools.dropwhile(lambda each: each[0] <= transfer.done, numbered)


def _next(rows: Iterator[tuple[int, Any]]) -> list[tuple[int, Any]] | BadLine:
    """The next rows of the file, or why it can't be read on."""
    try:
        return list(itertools.islice(rows, AT_ONCE[READ]))
    except BadLine as error:
        return error


def _read(work: Work, transfer: Transfer, reading: Reading, batch: list[tuple[int, Any]] | BadLine) -> None:
    if isinstance(batch, BadLine):
        end(work, transfer, "refused", "malformed", str(batch))
        return
    if batch and batch[0][0] != transfer.done + 1:
        raise Overtaken
    for number, row in batch:
        staging.stage(work, transfer, number, row)
        work.flush()
    transfer.done += len(batch)
    if transfer.done > MOST_ROWS:
        end(work, transfer, "refused", "too_large", f"An import has at most {MOST_ROWS} texts; send several.")
    elif len(batch) < AT_ONCE[READ]:
        left = {name: count for name, count in sorted(reading.left_out.items()) if count}
        transfer.total, transfer.counts = transfer.done, {**transfer.counts, "left_out": left}
        if not transfer.total:
            end(work, transfer, "refused", "empty", "The file holds no text.")
        _begin(transfer, CHECK)


def _begin(transfer: Transfer, phase: str) -> None:
    transfer.phase, transfer.done, transfer.place = phase, 0, {"row": 0}


def _through(work: Work, transfer: Transfer) -> None:
    """The next rows of a phase that goes through all of them."""
    verb = {CHECK: checking.check, APPLY: applying.apply}[transfer.phase]
    asked = select(TransferRow).where(TransferRow.transfer_id == transfer.id, TransferRow.row > transfer.place["row"])
    batch = list(work.session.scalars(asked.order_by(TransferRow.row).limit(AT_ONCE[transfer.phase])))
    wanted = ("read",) if transfer.phase == CHECK else (staging.CREATE, staging.UPDATE)
    for row in batch:
        if row.action in wanted:
            verb(work, transfer, row)
            work.flush()
    if batch:
        transfer.done, transfer.place = transfer.done + len(batch), {"row": batch[-1].row}
    if len(batch) < AT_ONCE[transfer.phase]:
        _through_with(work, transfer)


def _through_with(work: Work, transfer: Transfer) -> None:
    transfer.counts = {**transfer.counts, **_counted(work, transfer)}
    if transfer.phase == APPLY or transfer.mode == "dry_run":
        end(work, transfer, "done")
    elif transfer.counts[staging.REFUSED] and transfer.asked.get("refused") != "skip":
        detail = "Some rows have faults, so nothing was written: see the rows that are refused."
        end(work, transfer, "refused", "invalid_content", detail)
    else:
        _begin(transfer, APPLY)


def _counted(work: Work, transfer: Transfer) -> dict[str, int]:
    asked = select(TransferRow.action, func.count()).where(TransferRow.transfer_id == transfer.id)
    found = Counter(dict(work.session.execute(asked.group_by(TransferRow.action)).all()))
    return {name: found[name] for name in staging.ACTIONS}


def end(work: Work, transfer: Transfer, state: str, code: str = "", detail: str = "") -> None:
    """Settle what became of a transfer."""
    transfer.state, transfer.finished_at = state, work.now()
    transfer.problem = {"code": code, "detail": detail} if code else None
    counted = {name: count for name, count in transfer.counts.items() if isinstance(count, int)}
    work.log(f"{transfer.direction}_{state}", transfer.id, mode=transfer.mode, **counted)


def _write(database: Database, transfer_id: str, alone: Callable[[], bool]) -> Iterator[Transfer]:
    """An export's file, made as of one instant; it lies there whole or not at all."""
    with database.reading() as connection:
        row = connection.execute(select(Transfer.__table__).where(Transfer.id == transfer_id)).one()
    path = folder.file_of(database, transfer_id, "export")
    written = 0

    def seen(entries: int) -> None:
        nonlocal written
        written += entries
        if written % SAID_OFTEN < entries and not alone():
            raise Overtaken

    made = outgoing.write(database, Path(path), row.format, row.asked, row.actor, seen)
    with writing(database, WORKER) as work:
        transfer = work.session.get_one(Transfer, transfer_id)
        transfer.done = transfer.total = made.rows
        transfer.counts, transfer.digest, transfer.bytes = made.counts, made.digest, path.stat().st_size
        end(work, transfer, "done")
    yield transfer


class Overtaken(Exception):
    """Another worker has this job now."""


def stumbled(database: Database, transfer_id: str, *, last: bool) -> None:
    """Something here went wrong: it is tried again, or with `last` given up."""
    with writing(database, WORKER) as work:
        transfer = work.session.get(Transfer, transfer_id)
        if transfer is None or transfer.state in ENDED:
            return
        if last:
            end(work, transfer, "failed", "internal", "Something broke here, again and again; see the worker's log.")
        else:
            told = "Something went wrong here; it is tried again by itself."
            transfer.problem, transfer.updated_at = {"code": "internal", "detail": told}, work.now()
