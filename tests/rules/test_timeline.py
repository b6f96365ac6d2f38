"""The timeline: what is visible where, from when, until when, whatever happened in whatever order."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from api.rules.timeline import FOREVER, LIBRARY, Event, History, Span, timeline

CLINIC = "cln_1"
BASE_MOVES = ("publish", "unpublish", "withdraw", "recall", "expire")
OVERLAY_MOVES = ("publish", "unpublish", "withdraw", "pin", "follow")


def spans(*histories: History) -> list[tuple[str, str, int, int, str, int | None, int | None]]:
    return [
        (each.scope, each.locale, each.visible_from, each.visible_until, each.state, each.revision,
         each.overlay_revision)
        for each in timeline(list(histories))
    ]  # fmt: skip


def base(*events: tuple[int, str, int | None], locale: str = "en") -> History:
    return _history(LIBRARY, locale, False, events)


def overlay(*events: tuple[int, str, int | None], locale: str = "en") -> History:
    return _history(CLINIC, locale, True, events)


def _history(scope: str, locale: str, is_overlay: bool, events: tuple[tuple[int, str, int | None], ...]) -> History:
    numbered = tuple(Event(at, move, revision, number) for number, (at, move, revision) in enumerate(events, 1))
    return History(scope, locale, is_overlay, numbered)


def live(visible_from: int, until: int, revision: int, scope: str = LIBRARY, patch: int | None = None) -> tuple:
    return (scope, "en", visible_from, until, "live", revision, patch)


def gone(visible_from: int, until: int = FOREVER, scope: str = LIBRARY) -> tuple:
    return (scope, "en", visible_from, until, "gone", None, None)


def test_a_text_that_was_never_published_is_nowhere() -> None:
    assert spans(base()) == []


def test_a_publish_lasts_until_the_next_one_takes_over() -> None:
    assert spans(base((10, "publish", 1), (20, "publish", 2))) == [live(10, 20, 1), live(20, FOREVER, 2)]


def test_publishing_the_same_revision_again_starts_nothing_new() -> None:
    assert spans(base((10, "publish", 1), (20, "publish", 1))) == [live(10, FOREVER, 1)]


def test_an_unpublish_leaves_nothing_and_a_withdrawal_leaves_a_marker() -> None:
    assert spans(base((10, "publish", 1), (20, "unpublish", None))) == [live(10, 20, 1)]
    assert spans(base((10, "publish", 1), (20, "withdraw", None))) == [live(10, 20, 1), gone(20)]


def test_the_same_second_leaves_the_last_word() -> None:
    assert spans(base((10, "publish", 1), (10, "publish", 2))) == [live(10, FOREVER, 2)]
    assert spans(base((10, "publish", 1), (10, "unpublish", None))) == []


def test_a_hide_covers_every_language_until_it_is_shown_again() -> None:
    hidden = overlay((15, "hide", None), (30, "show", None), locale="*")
    assert spans(base((10, "publish", 1)), hidden) == [
        (CLINIC, "*", 15, 30, "hidden", None, None), live(10, FOREVER, 1)
    ]  # fmt: skip


def test_an_overlay_follows_each_new_base_at_once() -> None:
    library = base((10, "publish", 1), (30, "publish", 2))
    mine = [each for each in spans(library, overlay((20, "publish", 1))) if each[0] == CLINIC]
    assert mine == [live(20, 30, 1, CLINIC, 1), live(30, FOREVER, 2, CLINIC, 1)]


def test_a_pin_holds_its_base_until_the_clinic_follows_again() -> None:
    library = base((10, "publish", 1), (30, "publish", 2))
    held = overlay((20, "pin", 1), (40, "follow", None))
    assert [each for each in spans(library, held) if each[0] == CLINIC] == [live(30, 40, 1, CLINIC)]


def test_a_withdrawn_base_goes_in_every_clinic_and_a_pin_never_brings_it_back() -> None:
    library = base((10, "publish", 1), (30, "withdraw", None), (50, "publish", 2))
    held = overlay((20, "publish", 7), (21, "pin", 1))
    mine = [each for each in spans(library, held) if each[0] == CLINIC]
    assert mine == [live(20, 30, 1, CLINIC, 7), live(50, FOREVER, 2, CLINIC, 7)]


def test_a_withdrawn_overlay_is_gone_at_its_clinic_alone() -> None:
    found = spans(base((10, "publish", 1)), overlay((20, "publish", 1), (30, "withdraw", None)))
    assert found == [live(20, 30, 1, CLINIC, 1), gone(30, scope=CLINIC), live(10, FOREVER, 1)]


def test_an_overlay_of_another_language_sees_only_its_own_base() -> None:
    assert spans(base((10, "publish", 1)), overlay((20, "publish", 1), locale="es")) == [live(10, FOREVER, 1)]


def _events(moves: tuple[str, ...]) -> st.SearchStrategy[tuple[Event, ...]]:
    one = st.tuples(st.integers(0, 12), st.sampled_from(moves), st.integers(1, 3))
    return st.lists(one, max_size=8).map(_in_order)


def _in_order(drawn: list[tuple[int, str, int]]) -> tuple[Event, ...]:
    numbered = [Event(at, move, revision, number) for number, (at, move, revision) in enumerate(drawn, 1)]
    return tuple(sorted(numbered, key=lambda each: (each.at, each.id)))


some_histories = st.builds(
    lambda en, es, own, hidden: [
        History(LIBRARY, "en", False, en), History(LIBRARY, "es", False, es),
        History(CLINIC, "en", True, own), History(CLINIC, "*", True, hidden),
    ],
    _events(BASE_MOVES), _events(BASE_MOVES), _events(OVERLAY_MOVES), _events(("hide", "show")),
)  # fmt: skip


def _by_place(found: list[Span]) -> dict[tuple[str, str], list[Span]]:
    places: dict[tuple[str, str], list[Span]] = {}
    for span in found:
        places.setdefault((span.scope, span.locale), []).append(span)
    return places


@given(some_histories)
def test_spans_of_one_place_are_half_open_and_never_overlap(histories: list[History]) -> None:
    for mine in _by_place(timeline(histories)).values():
        assert all(span.visible_from < span.visible_until <= FOREVER for span in mine)
        assert all(one.visible_until <= other.visible_from for one, other in pairwise(mine))


@given(some_histories, st.integers(0, 13))
def test_at_any_second_the_last_word_said_until_then_holds(histories: list[History], now: int) -> None:
    library = histories[0]
    said = [each for each in library.events if each.at <= now]
    found = [
        span for span in timeline(histories)
        if (span.scope, span.locale) == (LIBRARY, "en") and span.visible_from <= now < span.visible_until
    ]  # fmt: skip
    if not said or said[-1].move == "unpublish":
        assert found == []
    elif said[-1].move == "publish":
        assert [(span.state, span.revision) for span in found] == [("live", said[-1].revision)]
    else:
        assert [(span.state, span.by) for span in found] == [("gone", said[-1].id)]


@given(some_histories, st.integers(0, 13))
def test_where_the_base_is_not_live_no_clinic_shows_it(histories: list[History], now: int) -> None:
    in_force = [each for each in timeline(histories) if each.visible_from <= now < each.visible_until]
    shown = {each.scope for each in in_force if each.state == "live" and each.locale == "en"}
    assert shown in (set(), {LIBRARY}, {LIBRARY, CLINIC})


@given(some_histories)
def test_the_timeline_does_not_depend_on_the_order_of_variants(histories: list[History]) -> None:
    assert timeline(histories) == timeline(histories[::-1])
