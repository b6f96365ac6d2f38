"""What `clinic-cms doctor` looks at: one function a question, each with what to do about a bad answer."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product

from sqlalchemy.exc import SQLAlchemyError

from api.cache import redis_tier
from api.config import Config
from api.db import Database
from api.errors import NotReady
from api.media.store import at
from api.migrate import head, require_current
from api.rules.claims import packs
from api.rules.permissions import OPERATOR
from api.services.house import trail
from api.services.media import media_sweeping
from api.services.outbox import outbox_state
from api.services.processes import checkup
from api.services.work import Work, looking

OK, WARN, FAIL = "ok", "warn", "fail"
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Finding:
    """One line: what was looked at, how it is (ok, warn, fail), what was seen, and what to do."""

    what: str
    state: str
    seen: str
    advice: str = ""


def findings(config: Config, database: Database, audit: bool) -> Iterator[Finding]:
    """All of them in order. Without its database, or its tables, the house can't be asked."""
    yield from (secret(config), redis(config), edges(config), disk(config), media(config), claims())
    try:
        told = checkup.version(database)
        yield Finding("database", OK, told)
        require_current(database)
        yield Finding("migrations", OK, f"at {head()}")
        yield clock(checkup.ahead(database), database.sqlite)
    except SQLAlchemyError as error:
        said = (str(getattr(error, "orig", None) or error).strip().splitlines() or ["no reason given"])[0]
        yield Finding("database", FAIL, said, "Start it, or correct DATABASE_URL. Readers get what is kept.")
        return
    except NotReady as error:
        yield Finding("migrations", FAIL, str(error).split(" Run:")[0], "Run: clinic-cms migrate")
        return
    with looking(database, OPERATOR) as work:
        asked: list[Callable[[Work], Finding]] = [files, outbox, set_aside, workers, listeners, purge_log]
        yield from (each(work) for each in [*asked, chain] if audit or each is not chain)


def secret(config: Config) -> Finding:
    path = config.secret_file or config.data / "secret"
    if config.sqlite and config.secret_file is None and not path.exists():
        return Finding("secret", OK, "none yet; the first start makes it")
    try:
        config.secret()
        mode = stat.S_IMODE(path.stat().st_mode)
    except (NotReady, OSError) as error:
        return Finding("secret", FAIL, str(error), "Make it: openssl rand -hex 32 > FILE; chmod 600 FILE.")
    told = f"{path}, mode {mode:03o}"
    if mode & 0o037:
        return Finding("secret", WARN, told, f"Others may read or change it: chmod 600 {path}")
    return Finding("secret", OK, told)


def redis(config: Config) -> Finding:
    if not config.redis_url:
        return Finding("redis", OK, "not used: each process keeps its own")
    about = redis_tier.about(config.redis_url)
    if about is None:
        return Finding("redis", WARN, "lost", "Start it, or correct REDIS_URL. Readers notice nothing.")
    policy, most = about.get("maxmemory_policy", "not told"), int(about.get("maxmemory", 0))
    told = f"version {about['version']}, maxmemory {most // MEGABYTE} MB, {policy}"
    if not most:
        return Finding("redis", WARN, told, "It grows without bound: set maxmemory, and maxmemory-policy allkeys-lru.")
    if not str(policy).startswith("allkeys-"):
        return Finding("redis", WARN, told, "Full, it takes nothing new: set maxmemory-policy allkeys-lru.")
    return Finding("redis", OK, told)


def edges(config: Config) -> Finding:
    told = ", ".join(config.edge) or "none"
    if not any(each.startswith(("fastly:", "cloudflare:")) for each in config.edge):
        return Finding("edges", OK, told)
    try:
        config.edge_token()
    except NotReady as error:
        return Finding("edges", FAIL, str(error), "They are told nothing until the file holds the token.")
    return Finding("edges", OK, told)


def disk(config: Config) -> Finding:
    folder = next(each for each in (config.data, *config.data.parents) if each.exists())
    free = shutil.disk_usage(folder).free
    told = f"{free // MEGABYTE} MB free in {config.data}"
    if free < 100 * MEGABYTE and config.sqlite:
        return Finding("disk", FAIL, told, "Make room: SQLite can't write without it.")
    if free < 1_000 * MEGABYTE:
        return Finding("disk", WARN, told, "Make room.")
    return Finding("disk", OK, told)


def media(config: Config) -> Finding:
    place = config.media
    told = str(place.folder) if place.bucket is None else f"bucket {place.bucket} at {place.endpoint or 'Amazon'}"
    try:
        at(place).has("0" * 32)
        if place.bucket is None and place.folder.exists() and not os.access(place.folder, os.W_OK | os.X_OK):
            advice = "Correct CLINIC_CMS_MEDIA, or let the service's user write there."
            return Finding("media", FAIL, f"{told}: can't be written to", advice)
    except (OSError, NotReady) as error:
        return Finding("media", FAIL, f"{told}: {error}"[:300], "Pictures are not shown: correct CLINIC_CMS_MEDIA….")
    return Finding("media", OK, told)


def files(work: Work) -> Finding:
    """Whether the bytes are there of what is in use; of some of them, lest a large library take minutes."""
    try:
        lost = media_sweeping.missing(work.database, 200)
    except (OSError, NotReady):
        return Finding("files", WARN, "not looked at", "First let the place of CLINIC_CMS_MEDIA be reached.")
    if not lost:
        return Finding("files", OK, "of what was looked at none is missing")
    return Finding("files", FAIL, f"{len(lost)} are missing, such as {lost[0]}", "Bring them back from a backup.")


def claims() -> Finding:
    """Whether the rules of the claims check can be read, all of them in each language."""
    try:
        for jurisdiction, code in product(packs.jurisdictions(), packs.languages()):
            packs.pack(jurisdiction, code)
    except packs.BadPack as error:
        return Finding("claims", FAIL, str(error), "Correct the rule (docs/claims.md); until then nothing is checked.")
    rules = sum(len(packs.rules(each)) for each in packs.jurisdictions())
    told = f"{rules} rules for {', '.join(packs.jurisdictions())} in {', '.join(packs.languages())}"
    return Finding("claims", OK, told)


def clock(ahead: float, sqlite: bool) -> Finding:
    told = "the same clock" if sqlite else f"the database is {abs(ahead):.2f} s {'ahead' if ahead > 0 else 'behind'}"
    if abs(ahead) < 1:
        return Finding("clock", OK, told)
    advice = "What is planned shows by this machine's clock and is numbered by the other: let both follow NTP."
    return Finding("clock", FAIL if abs(ahead) > 60 else WARN, told, advice)


def outbox(work: Work) -> Finding:
    told = outbox_state.state(work)
    seen = f"{told['owed']} owed, {told['due']} due, the oldest for {told['lag']} s"
    if told["lag"] < 60:
        return Finding("outbox", OK, seen)
    advice = "Start a worker: clinic-cms worker. If one runs, its log says why it does not get on."
    return Finding("outbox", FAIL if told["lag"] > 900 else WARN, seen, advice)


def set_aside(work: Work) -> Finding:
    rows = outbox_state.state(work)["set_aside"]
    if not rows:
        return Finding("set aside", OK, "no promise")
    first = rows[0]
    seen = f"{outbox_state.aside(work)}; the newest: {first['kind']} {first['subject']}, {first['last_error']}"
    return Finding("set aside", WARN, seen, "Remove the cause, then POST /v1/manage/worker/promises/{id}/retry.")


def workers(work: Work) -> Finding:
    count = checkup.alive(work)
    if count:
        return Finding("workers", OK, f"{count} alive")
    return Finding("workers", WARN, "no sign within 30 s", "Start one: clinic-cms worker, or clinic-cms serve.")


def listeners(work: Work) -> Finding:
    found = checkup.listeners(work)
    late = [each for each in found if each.behind or each.seconds > 15]
    seen = f"{len(found)} processes keep replies"
    if not late:
        return Finding("listeners", OK, f"{seen}, all up to date")
    named = ", ".join(f"{each.id} ({each.behind} lines behind, seen {each.seconds} s ago)" for each in late[:3])
    advice = "Cut off or dead: withdrawals wait 1 s for it. It is forgotten a day after its last sign."
    return Finding("listeners", WARN, f"{seen}; late: {named}", advice)


def purge_log(work: Work) -> Finding:
    told = checkup.purge_clock(work)
    last = f", the last at {told['at']}" if told["at"] else ""
    return Finding("purge log", OK, f"clock {told['clock']}, {told['lines']} lines{last}")


def chain(work: Work) -> Finding:
    told = trail.verified(work)
    if told["whole"]:
        return Finding("audit", OK, f"{told['lines']} lines, whole")
    advice = "Somebody changed the log beneath the service: compare it with a backup."
    return Finding("audit", FAIL, f"line {told['first_fault']} does not follow from the one before", advice)
