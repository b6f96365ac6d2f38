"""One unit of writing: a transaction, who writes, and the instant it counts from."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from api.db import Database
from api.errors import CmsError, conflict, invalid_content
from api.models import ApiKey, AuditEntry, Category, Clinic, Entry, Media, Person, Publication
from api.rules.permissions import Actor, needed
from api.services import audit
from api.services.actors import actor_of
from api.services.outbox import copies
from api.services.processes import purges
from api.services.rows import connection_of, told

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_IDENTIFIED = {"cln": Clinic, "cat": Category, "prs": Person, "key": ApiKey, "med": Media}

_TAKEN = {
    ("slug",): {"code": "slug_taken", "pointer": "/slug",
             "detail": "Another text of this kind already has this slug in this language; take another one."},
    ("external_key",): {"code": "external_key_taken", "pointer": "/external_key",
                     "detail": "Another entry of this kind already has this external key; read it by that key."},
    ("variants.entry_id", "variants_entry_id"): {"code": "locale_taken", "pointer": "/locale",
                 "detail": "This entry has a text in this language already; change that one."},
}  # fmt: skip
"""What is unique, by words of the databases' own complaints, and what to do about it."""


class Unsure(OperationalError):
    """The database was lost while it committed: all of what was written is there, or none of it."""


@dataclass
class Work:
    """What a verb needs: the session it writes with, and for whom. Several verbs may share one.

    Delivery reads go through api/queries and hold no transaction; the desk reads with `looking`.
    """

    database: Database
    session: Session
    actor: Actor
    announced: dict[str, str] = field(default_factory=dict)
    """Ids of entries (id -> type) that this work is still going to create; texts may refer to them already."""
    endings: dict[str, Callable[[], None]] = field(default_factory=dict)
    """What is to be done once before the commit, by name."""
    rewriting: dict[str, Entry] = field(default_factory=dict)
    """Entries (by id) whose published rows are rewritten before the commit, once however many verbs ask for it."""
    purging: dict[str, bool] = field(default_factory=dict)
    """Tags whose stored replies this work makes old, and whether they were taken down."""
    purged: int | None = None
    """The purge clock of this work, once it ticked."""
    taken_down: bool = False
    """Whether something was taken down, so that whoever keeps replies has to confirm."""
    numbered: Publication | None = None
    """The newest publication that this work made."""
    note: str | None = None
    """What the actor said beside the move that is being made; it stands in the lines of the log."""
    _now: dt.datetime | None = None
    _last: audit.Line | None = field(default=None, repr=False)

    @property
    def locked(self) -> bool:
        return self._now is not None

    def now(self) -> dt.datetime:
        """The instant of this work. The first call takes the house lock, so verbs ask after their checks."""
        if self._now is None:
            self.session.flush()
            self._now = self.database.house_lock(self.session)
        return self._now

    def flush(self) -> None:
        """Send what was changed so far, so that what follows reads it."""
        self.session.flush()

    def purge(self, tags: Iterable[str], *, hard: bool = False) -> None:
        """Have stored replies with these tags forgotten at the commit; `hard` where something was taken down."""
        for tag in tags:
            self.purging[tag] = hard or self.purging.get(tag, False)

    def check(self, act: str, scope: str) -> None:
        """Raise forbidden unless the actor's roles allow the act in that scope."""
        if not self.actor.may(act, scope):
            raise CmsError("forbidden", f"This takes {needed(act, scope)}.")

    def log(self, verb: str, subject: str, **details: Any) -> None:
        """Write one line of the audit log, chained to the one before it."""
        now, connection = self.now(), connection_of(self.session)
        details |= {"note": self.note} if self.note else {}
        before = self._last or audit.head(connection)
        self._last = audit.line(before, now, self.actor, verb, subject, details)
        audit.write(connection, self._last)

    def last_logged(self, verb: str) -> dict[str, Any]:
        """The details of the newest audit line of a verb, {} if there is none."""
        asked = select(AuditEntry.details).where(AuditEntry.verb == verb).order_by(AuditEntry.number.desc()).limit(1)
        return self.session.scalar(asked) or {}

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """A part of this work that may fail by itself: what it did is undone, the rest stands."""
        try:
            with self.session.begin_nested():
                self.session.connection()  # The savepoint is set by whoever first asks for this.
                yield
        except BaseException:
            self._last = None  # The chain goes on from what is left.
            raise

    def new_id(self, prefix: str, stable: str | None = None) -> str:
        """An opaque id; the same on every installation where a stable name is given and its id still free."""
        if stable is not None:
            made = stable_id(prefix, stable)
            if self.session.get(_IDENTIFIED.get(prefix, Entry), made) is None:
                return made
        return f"{prefix}_{_spelled(secrets.randbits(40))}"


@contextmanager
def writing(database: Database, actor: Actor) -> Iterator[Work]:
    """Open a unit of work; commits at the end. A constraint that another writer won becomes a 409.

    Raises Unsure where the database was lost while it committed; lost before that, nothing is written.
    """
    committing = False
    try:
        with database.transaction() as session:
            work = Work(database, session, actor)
            yield work
            for ending in work.endings.values():
                ending()
            _keep_word(work)
            _purge(work)
            require_standing(work)
            committing = True
        committing = False
        if work.purged:
            for follow in database.followers:
                follow()
    except StaleDataError as error:
        raise CmsError("stale", "Somebody else changed this first; read it again.") from error
    except IntegrityError as error:
        raise conflict([{"move": "save", **_taken(str(getattr(error, "orig", "")))}]) from error
    except DBAPIError as error:
        if committing and error.connection_invalidated:
            raise Unsure(error.statement, None, error.orig or error, connection_invalidated=True) from error
        raise


def _taken(told: str) -> dict[str, str]:
    """What a constraint that another writer won says to whoever lost."""
    constraint = told.partition("\n")[0]  # What follows repeats the values, which may say anything.
    for names, taken in _TAKEN.items():
        if any(each in constraint for each in names):
            return taken
    return {"code": "taken", "detail": "Somebody else saved the same thing first; read it again."}


def _purge(work: Work) -> None:
    """One line of the purge log for all that this work made old; another where part of it was taken down."""
    for hard in (False, True):
        if tags := [tag for tag, taken in work.purging.items() if taken is hard]:
            work.taken_down = hard
            work.purged = purges.tick(work.database, work.session, work.now(), tags, hard=hard)
            copies.owe(work.database, work.session, work.now(), work.purged, tags, hard=hard)


@contextmanager
def looking(database: Database, actor: Actor) -> Iterator[Work]:
    """The house as those who write see it, with drafts; nothing can be written."""
    with database.reading() as connection, Session(connection, expire_on_commit=False, autoflush=False) as session:
        yield Work(database, session, actor)


def require_standing(work: Work) -> None:
    """Refuse to commit for a key that has been revoked, or roles that were taken away, since the request came in.

    The house lock is held by now and a revocation takes it too: nothing is committed after one was acknowledged.
    """
    actor = work.actor
    if actor.key_id is None or not work.locked:
        return
    there = actor_of(told(work.session), actor.key_id, work.now())
    if there is None:
        raise CmsError("unauthorized", "This key was revoked while the request ran; nothing was written.")
    if not actor.roles <= there.roles:
        raise CmsError("forbidden", "Your roles were changed while the request ran; nothing was written.")


def _keep_word(work: Work) -> None:
    """Refuse to commit references to entries that were announced and never came."""
    if work.announced:
        there = set(work.session.scalars(select(Entry.id).where(Entry.id.in_(work.announced))))
        if missing := sorted(set(work.announced) - there):
            detail = f"There is no entry {', '.join(missing)}."
            raise invalid_content([{"pointer": "", "code": "unknown_reference", "detail": detail}])


def stable_id(prefix: str, name: str) -> str:
    """The id that a name gives, the same on every installation."""
    return f"{prefix}_{_spelled(int.from_bytes(hashlib.sha256(f'{prefix}:{name}'.encode()).digest()[:5]))}"


def _spelled(number: int) -> str:
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(35, -1, -5))
