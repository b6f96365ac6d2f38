"""The front of public delivery: answers from what is kept, ahead of routing, and asks the application for the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from time import monotonic
from typing import Any

from api.cache.coherence import Coherence
from api.cache.counters import Counters
from api.cache.encodings import chosen
from api.cache.flights import Busy, Flights, stay
from api.cache.keys import Key, key_of, searches, wants
from api.cache.stored import NAME, Head, known, told
from api.cache.tier import Tier
from api.errors import REFUSED
from api.front.fetching import Fetching, Outcome
from api.front.holding import Crowded, Holding
from api.front.limits import FREE, Caller, Limits
from api.front.loading import Application, Environ, StartResponse

ALIASES_AT_MOST = 20_000
"""Other spellings of a key that are remembered."""
LONGEST_ALIAS = 500
"""Characters of a query; what is longer is read anew each time."""
SEARCH_COST = 5
"""A search counts as so many requests."""
NOT_COUNTED = ("hit_redis", "stale")
"""What a read becomes that asks the application for nothing of its own."""
READS = ("GET", "HEAD", "OPTIONS")
"""Methods that change nothing."""
BYPASS = ("Cache-Status", f"{NAME}; fwd=bypass")


class Front:
    """`answer` is a WSGI application around the application. A hit is one look into a dict, and two at the clock."""

    def __init__(
        self,
        application: Application,
        tier: Tier,
        coherence: Coherence,
        fetching: Fetching,
        flights: Flights,
        limits: Limits,
        counters: Counters,
        now: Callable[[], float],
        start: Callable[[], None],
    ) -> None:
        self._application, self._tier, self._coherence = application, tier, coherence
        self._fetching, self._flights, self._limits = fetching, flights, limits
        self._now, self._start = now, start
        self._entries = tier.entries
        self._aliases: dict[tuple[str, str], Key] = {}
        self._holding = Holding()
        self._counters = counters
        self._hits = counters.by_name["hit"].up
        self._not_modified = counters.by_name["not_modified"].up
        self.slowly: Application = self._slowly

    def answer(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        key = (environ["PATH_INFO"], environ["QUERY_STRING"])
        entry = self._entries.get(key)
        if entry is None and key in self._aliases:
            entry = self._entries.get(self._aliases[key])
        if (
            entry is not None
            and self._now() < entry.fresh_until
            and monotonic() < self._coherence.readable_until
            and "HTTP_AUTHORIZATION" not in environ
            and "HTTP_X_MIN_PUBLICATION" not in environ
        ):
            method = environ["REQUEST_METHOD"]
            if method == "GET" or method == "HEAD":
                encoding = chosen(environ.get("HTTP_ACCEPT_ENCODING", ""))
                variant = entry.variants.get(encoding) or self._tier.variant(entry, encoding)
                entry.hits += 1
                if ("HTTP_IF_NONE_MATCH" in environ or "HTTP_IF_MODIFIED_SINCE" in environ) and known(
                    environ, variant.etag, entry.modified
                ):
                    next(self._not_modified)
                    start_response("304 NOT MODIFIED", variant.head_304)
                    return []
                next(self._hits)
                start_response("200 OK", variant.head)
                return variant.body if method == "GET" else []
        return self.slowly(environ, start_response)

    def _slowly(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        self._start()
        caller = self._limits.caller(environ)
        found = key_of(environ["PATH_INFO"], environ["QUERY_STRING"]) if wants(environ) and not caller.refused else None
        if found is None or self._fetching.never_kept(found[0]):
            return self._pass(environ, start_response, caller)
        key, named = found
        wanted = (environ.get("HTTP_X_MIN_PUBLICATION"), named)
        if not all(self._new_enough(each) for each in wanted if each is not None):
            return self._pass(environ, start_response, caller)
        outcome = self._at_hand(key)
        if outcome is None:
            cost = SEARCH_COST if searches(key) else 1
            if (seconds := caller.over(cost)) is not None:
                return self._refuse(environ, start_response, caller, "rate_limited", seconds)
            outcome = self._fetching.fetch(key, environ)
            if outcome.counted in NOT_COUNTED:
                caller.give_back(cost)
        if outcome.busy:
            return self._refuse(environ, start_response, caller, "unavailable", 1)
        if named is None and outcome.entry is not None and not outcome.entry.absent:
            self._remember(environ, key)
        return self._give(environ, start_response, outcome, caller.head())

    def _at_hand(self, key: Key) -> Outcome | None:
        """What the process keeps and may give, though not by the short way: for a key, or shortly before a change."""
        entry, now = self._entries.get(key), self._now()
        if entry is None or not self._coherence.look() or now >= entry.soft or not entry.holds(now):
            return None
        entry.hits += 1
        return Outcome(entry, "hit; detail=process")

    def _give(self, environ: Environ, start_response: StartResponse, outcome: Outcome, more: Head) -> Iterable[bytes]:
        status = ("Cache-Status", f"{NAME}; {outcome.how}")
        bodiless = environ["REQUEST_METHOD"] == "HEAD"
        entry = outcome.entry
        if entry is None:
            loaded = outcome.loaded
            assert loaded is not None
            start_response(loaded.status, [*loaded.head, status, *more])
            return [] if bodiless else [loaded.body]
        self._counters.add(outcome.counted)
        now = self._now()
        if entry.absent:
            head, body = entry.problem(now, status)
            start_response(entry.status, [*head, *more])
            return [] if bodiless else [body]
        variant = self._tier.variant(entry, chosen(environ.get("HTTP_ACCEPT_ENCODING", "")))
        unchanged = known(environ, variant.etag, entry.modified)
        head = told(variant.head_304 if unchanged else variant.head, now, entry, status, emergency=outcome.stale)
        start_response("304 NOT MODIFIED" if unchanged else entry.status, head + more)
        return [] if bodiless or unchanged else variant.body

    def _pass(self, environ: Environ, start_response: StartResponse, caller: Caller) -> Iterable[bytes]:
        """What is not kept: to the application as it stands, within the limits."""
        if (seconds := caller.over(1)) is not None:
            return self._refuse(environ, start_response, caller, "rate_limited", seconds)
        more = caller.head()
        if wants(environ):
            self._counters.add("bypass")
            more = [*more, BYPASS]
        told: list[Any] = []

        def started(*said: Any) -> None:
            told[:] = said

        # What operators ask is answered however busy it is.
        writes = environ["REQUEST_METHOD"] not in READS
        turn = nullcontext(stay) if environ["PATH_INFO"] in FREE else self._flights.passing(writes=writes)
        try:
            with turn as aside, self._holding.coming(environ, aside, keyed=caller.keyed):
                parts = self._application(environ, started)
        except Busy:
            return self._refuse(environ, start_response, caller, "unavailable", 1)
        status, head, *failed = told
        try:
            bodiless = environ["REQUEST_METHOD"] == "HEAD" or status[:3] in ("204", "304")
            parts = self._holding.going(parts, 0 if bodiless else _length(head), keyed=caller.keyed)
        except Crowded:
            return self._refuse(environ, start_response, caller, "unavailable", 1)
        start_response(status, [*head, *more], *failed)
        return parts

    def _refuse(
        self, environ: Environ, start_response: StartResponse, caller: Caller, code: str, seconds: int
    ) -> Iterable[bytes]:
        """A problem document like every other: the application makes it."""
        self._counters.add("refused")
        environ[REFUSED] = (code, seconds)
        more = caller.head(always=code == "rate_limited")
        return self._application(environ, _adding(start_response, more))

    def _remember(self, environ: Environ, key: Key) -> None:
        """Another spelling of a key, so that the next request with it is short."""
        raw = (environ["PATH_INFO"], environ["QUERY_STRING"])
        if raw != key and len(raw[1]) <= LONGEST_ALIAS:
            if len(self._aliases) >= ALIASES_AT_MOST:
                self._aliases.clear()
            self._aliases[raw] = key

    def _new_enough(self, wanted: str) -> bool:
        """Whether what is kept was told of a publication; the log is read at once where it was not yet."""
        if not (wanted.isascii() and wanted.isdigit() and len(wanted) < 19):
            return False
        number = int(wanted)
        if self._coherence.publication < number:
            self._coherence.look(anew=True)
        return self._coherence.publication >= number


def _length(head: Head) -> int | None:
    """The Content-Length of a reply, if it says one."""
    said = next((value for name, value in head if name.lower() == "content-length"), "")
    return int(said) if said.isdigit() else None


def _adding(start_response: StartResponse, more: Head) -> StartResponse:
    def started(status: str, head: Head, exc_info: Any = None) -> Any:
        whole = [*head, *more]
        return start_response(status, whole, exc_info) if exc_info else start_response(status, whole)

    return started
