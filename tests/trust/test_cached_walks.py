"""Kept replies on a walk through the house: whatever moves, each says what it would say made anew, and no more."""

from __future__ import annotations

from random import Random

import pytest

from tests.fronted import Fronted, Processes, Told
from tests.walking import comparing, moves_of_texts, moves_of_the_house
from tests.walking.walk import Walk, synonym

MOVES = (*moves_of_texts.MOVES, *moves_of_the_house.MOVES)
STEPS, SHARE = 14, 0.3
"""Moves of one walk, and how many of all addresses are looked at after each; after the last it is all of them."""


def begin(there: Fronted, seed: int) -> Walk:
    """A house with a few texts that lead to each other; two of them are not there yet."""
    walk = Walk(there, Random(seed))
    for kind, slug in (("term", "amber"), ("faq", "amber"), ("topic", "amber"), ("guide", "amber"), ("topic", "basalt"),
                       ("topic", "cedar"), ("guide", "basalt")):  # fmt: skip
        assert walk.create(kind, slug=slug) is not None
    for text in walk.texts[:5]:
        assert walk.write(text) and walk.publish(text)
    return walk


def step(there: Fronted, walk: Walk, share: float) -> None:
    """One move, of which every reply that was kept before is to know."""
    asked = [each for each in walk.known.addresses() if walk.random.random() < share]
    before, began = comparing.warmed(there, asked), walk.now
    moved(walk)
    after = looked_at(there, walk, asked)
    if walk.now > began:
        assert comparing.surprised(before, after, walk.now - began) == []


def moved(walk: Walk) -> None:
    """Something that the house allows, whatever had to be tried before."""
    before = walk.allowed, walk.now
    while (walk.allowed, walk.now) == before:
        move = walk.random.choice(MOVES)
        walk.done.append(move.__name__)
        move(walk)


def looked_at(there: Fronted, walk: Walk, asked: list[str]) -> dict[str, Told]:
    may = walk.may_show()
    walk.known.words = wanted(walk, may["demo-south"])
    found = comparing.compared(there, asked)
    assert comparing.shown_too_much(found, may) == [], walk.texts
    return found


def wanted(walk: Walk, shown: set[str]) -> set[str]:
    """Words to be looked for: of texts that show and of those that do not, these misspelt as well, and other words."""
    written = {each.written for text in walk.texts for each in (text, *text.overlays.values()) if each.written}
    secret = sorted(written - shown)[-3:]
    terms = sorted(text.written for text in walk.texts if text.kind == "term")[:3]
    misspelt = {f"{each[:-2]}{each[-1]}" for each in secret}
    return {*secret, *misspelt, *map(synonym, terms), *sorted(shown)[:2]}


def checked(there: Fronted, walk: Walk) -> None:
    """Everything beside everything else."""
    everything = list(walk.known.addresses())
    looked_at(there, walk, everything)
    comparing.agree(there.plain)
    for word in sorted(walk.known.words):
        for clinic in set(comparing.CLINICS) - walk.private:
            comparing.searched(there.plain, clinic, "en", word)


def walked(there: Fronted, seed: int, steps: int, share: float) -> Walk:
    walk = begin(there, seed)
    try:
        for number in range(steps):
            step(there, walk, share)
            if number % 20 == 19 or number == steps - 1:
                checked(there, walk)
    except AssertionError as error:
        error.add_note(f"seed {seed}, after {walk.done}")
        raise
    return walk


@pytest.mark.either
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_whatever_moves_a_kept_reply_says_what_it_would_say_made_anew_and_nothing_secret(
    running: Processes, seed: int
) -> None:
    walk = walked(running.start(), seed, STEPS, SHARE)
    assert walk.refused < walk.allowed, "a walk that is refused everything proves nothing"
