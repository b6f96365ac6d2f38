"""What a walk says in each text, and which of it may be read at a clinic: a second account beside the house's own."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

CANARY = re.compile(r"kw(?:[bdfglmnprst][aeiou]){4}")
Plan = tuple[int, str | None]
"""(seconds after NOW, what is said from then on, or nothing)."""


def canaries() -> Iterator[str]:
    """Words that no other text holds, one after the other; two of them are never within one letter of each other."""
    for letters in itertools.product("bdfglmnprst", "aeiou", "bdfglmnprst", "aeiou"):
        yield "kw" + "".join(letters[:2]) * 2 + "".join(letters[2:]) * 2


@dataclass(eq=False)
class Said:
    """One variant: what its newest revision says and what is live, each by its canary."""

    written: str
    live: str | None = None
    planned: list[Plan] = field(default_factory=list)

    def publish(self, at: int | None = None, until: int | None = None) -> None:
        if at is None:
            self.live = self.written
        else:
            self.planned.append((at, self.written))
        if until is not None:
            ahead = [each for each in self.planned if each[0] > (at or 0)]
            over = min((each[0] for each in ahead if each[1] is not None), default=None)
            moved = [each for each in ahead if each[1] is None and (over is None or each[0] <= over)]
            self.planned = [*(each for each in self.planned if each not in moved), (until, None)]

    def end(self, *, for_good: bool = False) -> None:
        """It shows no more; what is planned comes nevertheless, unless the end is one `for_good`."""
        self.live, self.planned = None, [] if for_good else self.planned

    def tick(self, now: int) -> None:
        """Let come what was planned."""
        for _, canary in sorted((each for each in self.planned if each[0] <= now), key=_in_order):
            self.live = canary
        self.planned = [each for each in self.planned if each[0] > now]


def _in_order(plan: Plan) -> tuple[int, bool]:
    """What takes over in the second of an end has the last word."""
    return plan[0], plan[1] is not None


@dataclass(eq=False)
class Text(Said):
    """A text of the library or of a clinic in one language, and what clinics make of it."""

    path: str = ""
    kind: str = "topic"
    locale: str = "en"
    clinic: str | None = None
    slug: str = ""
    overlays: dict[str, Said] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    pinned: dict[str, str] = field(default_factory=dict)
    """Clinic -> what the library said when the clinic stayed with it."""

    @property
    def id(self) -> str:
        return self.path.rpartition("/")[2]

    def shown_at(self, clinic: str) -> set[str]:
        """What of it may be read at a clinic now."""
        if self.live is None or clinic in self.hidden or self.clinic not in (None, clinic):
            return set()
        over = self.overlays.get(clinic)
        laid = {over.live} if over is not None and over.live else set()
        return {self.pinned.get(clinic, self.live)} | laid
