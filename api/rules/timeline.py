"""The timeline of an entry: from its variants and transitions, what is visible where, from when, until when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

FOREVER = 253402300799
LIBRARY = "library"
ENDS = {"unpublish": None, "withdraw": "gone", "recall": "gone", "expire": "gone"}


@dataclass(frozen=True)
class Event:
    """One transition: publish, unpublish, withdraw, recall, expire, hide, show, pin or follow, at epoch seconds."""

    at: int
    move: str
    revision: int | None = None
    id: int = 0


@dataclass(frozen=True)
class History:
    """A variant as far as the timeline needs it; `overlay` of a clinic on a library entry. Events in order."""

    scope: str
    locale: str
    overlay: bool
    events: tuple[Event, ...] = ()


@dataclass(frozen=True)
class Span:
    """One stretch of visibility, half-open. `revision` is the base's; `by` the transition that made a marker."""

    scope: str
    locale: str
    visible_from: int
    visible_until: int
    state: str
    revision: int | None = None
    overlay_revision: int | None = None
    by: int | None = None


def timeline(histories: list[History]) -> list[Span]:
    """Every span of an entry, past and planned, in order of scope, locale and time."""
    bases = {history.locale: history for history in histories if not history.overlay}
    spans: list[Span] = []
    for history in sorted(histories, key=lambda each: (each.scope, each.locale)):
        instants = sorted({event.at for event in (*history.events, *_events_of(bases.get(history.locale)))})
        base = bases.get(history.locale) if history.overlay else None
        states = [(at, _state(history, base, at)) for at in instants]
        spans += _joined(states)
    return spans


def cut(span: Span, at: int | None) -> list[Span]:
    """A span in two, if an instant lies within it: what it shows changes there, though nothing is published."""
    if at is None or not span.visible_from < at < span.visible_until:
        return [span]
    return [replace(span, visible_until=at), replace(span, visible_from=at)]


def pinned(history: History, base: History, at: int) -> int | None:
    """The base revision that an overlay holds on to at an instant, None where it follows the library."""
    held = _held(history, base, at)
    return held.revision if held else None


def _events_of(history: History | None) -> tuple[Event, ...]:
    return history.events if history else ()


def _state(history: History, base: History | None, at: int) -> Span | None:
    if history.locale == "*":
        hidden = _last(history, at, ("hide", "show"))
        return _marker(history, "hidden", hidden) if hidden and hidden.move == "hide" else None
    if history.overlay:
        return _overlaid(history, base, at)
    last = _last(history, at, ("publish", *ENDS))
    if last is None:
        return None
    if last.move == "publish":
        return Span(history.scope, history.locale, 0, 0, "live", last.revision)
    return _marker(history, "gone", last) if ENDS[last.move] else None


def _overlaid(history: History, base: History | None, at: int) -> Span | None:
    below = _state(base, None, at) if base else None
    if below is None or below.state != "live":
        return None
    said = _last(history, at, ("publish", *ENDS))
    if said and ENDS.get(said.move):
        return _marker(history, "gone", said)
    held = _held(history, base, at)
    revision = held.revision if held else below.revision
    patch = said.revision if said and said.move == "publish" else None
    if patch is None and revision == below.revision:
        return None
    return Span(history.scope, history.locale, 0, 0, "live", revision, patch)


def _held(history: History, base: History | None, at: int) -> Event | None:
    """The pin in force. A withdrawal of the base ends it: what was withdrawn never comes back by a pin."""
    held = _last(history, at, ("pin", "follow"))
    lost = _last(base, at, tuple(move for move, state in ENDS.items() if state)) if base else None
    kept = held and held.move == "pin" and not (lost and (lost.at, lost.id) > (held.at, held.id))
    return held if kept else None


def _last(history: History, at: int, moves: tuple[str, ...]) -> Event | None:
    return next((each for each in reversed(history.events) if each.at <= at and each.move in moves), None)


def _marker(history: History, state: str, event: Event) -> Span:
    return Span(history.scope, history.locale, 0, 0, state, by=event.id)


def _joined(states: list[tuple[int, Span | None]]) -> Iterator[Span]:
    """Equal neighbours become one span; a change at the same second leaves only the last word."""
    open_span: Span | None = None
    for at, state in states:
        if open_span is not None:
            if state == replace(open_span, visible_from=0, visible_until=0):
                continue
            yield replace(open_span, visible_until=at)
        open_span = replace(state, visible_from=at) if state else None
    if open_span is not None:
        yield replace(open_span, visible_until=FOREVER)
